"""What holds for every text whatsoever."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrichcore.identity import (
    clean_company,
    clean_country,
    clean_domain,
    clean_email,
    clean_linkedin,
    clean_name,
    company_key,
    email_key,
    name_key,
)

CLEANERS = (clean_name, clean_company, clean_domain, clean_email, clean_linkedin, clean_country)
KEYS = (name_key, company_key, email_key)
quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("clean", CLEANERS, ids=lambda f: f.__name__)
def test_cleaning_is_idempotent(clean: Callable[[str], str | None], any_text: st.SearchStrategy[str]) -> None:
    """What a cleaner returns, it returns again, and it never raises."""

    @quick
    @given(any_text)
    def holds(text: str) -> None:
        once = clean(text)
        assert once is None or (once != "" and clean(once) == once)

    holds()


@pytest.mark.parametrize("key", KEYS, ids=lambda f: f.__name__)
def test_keys_are_idempotent(key: Callable[[str], str], any_text: st.SearchStrategy[str]) -> None:
    """The key of a key is the key."""

    @quick
    @given(any_text)
    def holds(text: str) -> None:
        assert key(key(text)) == key(text)

    holds()


@pytest.mark.parametrize("f", [*CLEANERS, *KEYS], ids=lambda f: f.__name__)
def test_canonically_equal_text_is_one_text(
    f: Callable[[str], Any], any_text: st.SearchStrategy[str], spellings: Callable[[str], tuple[str, str]]
) -> None:
    """Composed and decomposed spellings give the same form and the same key."""

    @quick
    @given(any_text)
    def holds(text: str) -> None:
        composed, decomposed = spellings(text)
        assert f(composed) == f(decomposed)

    holds()


@pytest.mark.parametrize("clean", [clean_name, clean_company], ids=lambda f: f.__name__)
def test_what_is_shown_is_tidy(clean: Callable[[str], str | None], any_text: st.SearchStrategy[str]) -> None:
    """Shown text is NFC, printable, without hidden marks and with single spaces only."""

    @quick
    @given(any_text)
    def holds(text: str) -> None:
        shown = clean(text)
        if shown is not None:
            assert unicodedata.is_normalized("NFC", shown)
            assert shown.isprintable()
            assert shown == " ".join(shown.split())

    holds()


@pytest.mark.parametrize(
    ("f", "text", "answer"),
    [
        (clean_domain, "www.www.engines.example", "engines.example"),
        (clean_linkedin, "NoNE", None),
        (company_key, "a&\u682a\u5f0f\u4f1a\u793e", "a"),
    ],
)
def test_once_found_not_idempotent(f: Callable[[str], str | None], text: str, answer: str | None) -> None:
    """Texts that long random runs found: a first pass left something that a second one changed."""
    assert f(text) == answer


def test_a_company_is_never_keyed_to_nothing(any_text: st.SearchStrategy[str]) -> None:
    """Dropping legal forms leaves something of every name that has a key."""

    @quick
    @given(any_text)
    def holds(text: str) -> None:
        assert company_key(text) or not name_key(text)

    holds()


def test_lone_surrogates_raise_nothing() -> None:
    """Text that no encoding can carry is dealt with like any other."""
    for f in (*CLEANERS, *KEYS):
        f("a\ud800b")
        f("\udfff")
        f("x@\ud800.example")
