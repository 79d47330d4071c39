"""What holds for every text whatsoever."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrichcore.identity import (
    Traits,
    clean_company,
    clean_country,
    clean_domain,
    clean_email,
    clean_linkedin,
    clean_name,
    company_key,
    email_key,
    match_person,
    name_key,
)
from enrichcore.identity.text import _ordered

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
        (company_key, "a \u682a\u5f0f\u4f1a\u793e+", "a"),
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


def test_what_has_a_name_has_a_key(any_text: st.SearchStrategy[str]) -> None:
    """No two people share the empty key: whatever is a name, a company or an address is keyed to something."""

    @quick
    @given(any_text)
    def holds(text: str) -> None:
        for clean, key in ((clean_name, name_key), (clean_company, company_key), (clean_email, email_key)):
            shown = clean(text)
            assert shown is None or key(shown)

    holds()


def test_normalising_long_text_is_normalising(any_text: st.SearchStrategy[str]) -> None:
    """The linear way gives what Python gives, for every form."""

    @quick
    @given(any_text, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
    def holds(text: str, form: Any) -> None:
        assert unicodedata.normalize(form, _ordered(text)) == unicodedata.normalize(form, text)

    holds()


def test_equal_people_match_whatever_the_spelling(
    any_text: st.SearchStrategy[str], spellings: Callable[[str], tuple[str, str]]
) -> None:
    """Composed and decomposed spellings of one person are judged alike."""

    @quick
    @given(any_text, any_text)
    def holds(name: str, company: str) -> None:
        sent = Traits(first_name="Ada", last_name="Lovelace", company=company)
        verdicts = [
            match_person(method="name", sent=sent, said=Traits(name=f"Ada {a}", company=b))
            for a, b in zip(spellings(name), spellings(company), strict=True)
        ]
        assert verdicts[0] == verdicts[1]

    holds()
