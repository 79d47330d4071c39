"""Names: what is shown and what is compared."""

import pytest

from enrichcore.identity import clean_name, name_key


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada \t  King ", "Ada King"),
        ("Ada\x00\x07", "Ada"),
        ("Jose\u0301", "Jos\u00e9"),
        ("\u202eAda\u202c", "Ada"),
        ("A\u200bda", "Ada"),
        ("Ada \U0001f680\ufe0f", "Ada"),
        ("\U0001f469\u200d\U0001f4bb Ada", "Ada"),
        ("\u05d3\u05d5\u05d3", "\u05d3\u05d5\u05d3"),
        ("\u0645\u062d\u0645\u062f", "\u0645\u062d\u0645\u062f"),
        ("\u738b\u4f1f", "\u738b\u4f1f"),
        ("O'Brien", "O'Brien"),
        ("J.", "J."),
    ],
)
def test_a_name_is_tidied(text: str, shown: str) -> None:
    """Controls, hidden marks and emoji go, letters of every script stay."""
    assert clean_name(text) == shown


@pytest.mark.parametrize("text", ["n/a", "N/A", "#N/A", "-", "--", "", "  ", "null", "NULL", "none", "nan", "NaN"])
def test_a_placeholder_is_no_name(text: str) -> None:
    """What programs and people type for nothing is nothing."""
    assert clean_name(text) is None


@pytest.mark.parametrize("text", ["Unknown", "(blank)", "test", "First Name", "123", "\u00bd", "\U0001f680", "?"])
def test_text_that_names_nobody_is_no_name(text: str) -> None:
    """Neither do form labels, digits and pictures name anyone."""
    assert clean_name(text) is None


@pytest.mark.parametrize("name", ["Null", "None", "Nan", "Test", "Na", "Nil", "An", "Ng", "\u674e"])
def test_surnames_that_look_like_placeholders_are_kept(name: str) -> None:
    """People are called Null and None, with a capital."""
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "ADA"),
        ("Jos\u00e9", "jose"),
        ("Fran\u00e7ois", "Francois"),
        ("O'Brien", "O\u2019Brien"),
        ("Jean-Luc", "jean luc"),
        ("J.", "j"),
        ("S\u00f8ren", "Soren"),
        ("\u0141ukasz", "Lukasz"),
        ("Stra\u00dfe", "STRASSE"),
        ("\u0130pek", "Ipek"),
        ("\uff21\uff44\uff41", "Ada"),
        ("\ufb01ona", "Fiona"),
        ("\u05d3\u05b8\u05d5\u05b4\u05d3", "\u05d3\u05d5\u05d3"),
        ("\u0645\u064f\u062d\u064e\u0645\u0651\u062f", "\u0645\u062d\u0645\u062f"),
        ("A\u200dda", "Ada"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    """Case, accents, punctuation, width and optional vowel signs are not compared."""
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "Ida"),
        ("\u0e01\u0e34", "\u0e01\u0e38"),
        ("\u0915\u093f", "\u0915\u0941"),
        ("\u30ab", "\u30ac"),
        ("\uac00", "\uac01"),
        ("\u738b\u4f1f", "\u738b\u4f73"),
    ],
)
def test_other_names_have_other_keys(one: str, other: str) -> None:
    """Vowel signs and voicing marks make another name, so they are kept."""
    assert name_key(one) != name_key(other)
