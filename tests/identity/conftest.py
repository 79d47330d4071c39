"""Strategies shared by the identity tests: text that hurts, and canonically equal spellings of one text."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import strategies as st

_NASTY = st.sampled_from([
    *"aZ09 .,-@/%+&()'\t\n",
    "\u00e9", "e\u0301", "\u0130", "\u0131", "\u00df", "\u1e9e", "\u03a3", "\u03c2", "\u00f8", "\u0142", "\u200d",
    "\u200b", "\u202e", "\u00a0", "\u3000", "\ufe0f", "\U0001f680", "\u20e3", "\uac00", "\u1100", "\u1161",
    "\u30ac", "\u30ab\u3099", "\u0e01\u0e34", "\u0915\u093f", "\u05d0\u05b7", "\ufb01", "\u2126", "\u0345",
    "\u0390", "\u1fb3", "\u00bd", "\u00b2", "\ufdfa", "\u4e2d", "\u682a\u5f0f\u4f1a\u793e", "Ltd", "GmbH",
    "\u041e\u041e\u041e", "linkedin.com/in/", "https://", "www.", ".example", "%C3%A9", "%25",
    "xn--", "@gmail.com", "n/a",
])  # fmt: skip


@pytest.fixture(scope="session")
def any_text() -> st.SearchStrategy[str]:
    """Any text without surrogates, with a taste for what breaks normalising."""
    nasty = st.lists(_NASTY, max_size=12).map("".join)
    return st.one_of(nasty, st.text(st.characters(exclude_categories=["Cs"]), max_size=40))


@pytest.fixture(scope="session")
def spellings() -> Callable[[str], tuple[str, str]]:
    """The composed and the decomposed spelling of a text: canonically equal."""

    def both(text: str) -> tuple[str, str]:
        return unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)

    return both


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a measured figure where the reader of a test run sees it."""

    def line(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}")

    return line
