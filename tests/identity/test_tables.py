"""The tables of names, forms and hosts: facts that hold for every line, so that a slip of the pen is seen."""

import unicodedata

import pytest

from enrichcore.identity import Match, Traits, clean_company, clean_country, clean_domain, clean_name, company_key
from enrichcore.identity.country_names import ALIASES, COUNTRIES
from enrichcore.identity.legal_forms import AT_THE_END, AT_THE_START, JOINED
from enrichcore.identity.mail_hosts import FREE_MAIL, GMAIL, PLUS
from enrichcore.identity.nicknames import FAMILIES, same_name
from enrichcore.identity.text import ANY_CASE, EXACT, is_placeholder, tidy

ENTRIES = [entry.split(" ", 2) for entry in COUNTRIES.strip().replace("\n", "|").split("|")]


def test_there_are_249_countries_and_kosovo_with_three_names_each_and_none_twice() -> None:
    assert len(ENTRIES) == 250
    for column in zip(*ENTRIES, strict=True):
        assert len(set(column)) == 250
    assert all(len(two) == 2 and len(three) == 3 and name for two, three, name in ENTRIES)


@pytest.mark.parametrize("case", [str.upper, str.lower, str.title, lambda text: f" {text} "])
def test_every_country_is_found_by_each_of_its_names_in_any_case(case: object) -> None:
    for names in ENTRIES:
        for name in names:
            assert clean_country(case(name)) == names[0], name  # type: ignore[operator]


def test_every_other_name_leads_to_one_country() -> None:
    codes = {two for two, _, _ in ENTRIES}
    for code, names in ALIASES.items():
        assert code in codes
        for name in names:
            assert clean_country(name) == code, name


def test_given_names_stand_for_each_other_both_ways_and_not_for_themselves_alone() -> None:
    sizes: dict[int, int] = {}
    for families in FAMILIES.values():
        for number in families:
            sizes[number] = sizes.get(number, 0) + 1
    assert min(sizes.values()) >= 2
    assert same_name("robert", "bob")
    assert same_name("bob", "robert")
    assert not same_name("robert", "william")
    assert not same_name("nobody", "nobody")


def test_given_names_are_in_comparison_form() -> None:
    for name in FAMILIES:
        assert name.isascii()
        assert name.isalpha()
        assert name == name.lower()


@pytest.mark.parametrize("form", AT_THE_END)
def test_a_legal_form_after_a_name_makes_no_new_company(form: str) -> None:
    assert company_key(f"Engines {form}") == company_key("Engines")


@pytest.mark.parametrize("form", AT_THE_START)
def test_a_legal_form_before_a_name_makes_no_new_company(form: str) -> None:
    assert company_key(f"{form} Engines") == company_key("Engines")


@pytest.mark.parametrize("form", JOINED)
def test_a_form_without_a_space_makes_no_new_company(form: str) -> None:
    assert company_key(f"機関{form}") == company_key(f"{form}機関") == company_key("機関")


def test_a_company_that_is_nothing_but_a_form_keeps_its_name() -> None:
    assert clean_company("SAS") == "SAS"
    assert company_key("SAS") != company_key("AG")


def test_mail_hosts_are_domains_and_the_lists_lie_in_each_other() -> None:
    assert GMAIL < PLUS < FREE_MAIL
    assert all(clean_domain(host) == host for host in FREE_MAIL)


@pytest.mark.parametrize("text", sorted(ANY_CASE | EXACT))
def test_a_placeholder_is_no_name_and_no_company(text: str) -> None:
    assert is_placeholder(text)
    assert clean_name(text) is None
    assert clean_company(text) is None


@pytest.mark.parametrize("text", ["Null", "None", "Nan", "Test", "Unknown Worlds", "x" * 1000, ""])
def test_names_of_people_are_no_placeholders(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("A\u0301da", "\u00c1da"),
        ("\u200bAda\ufeff", "Ada"),
        ("\u202eAda\u202c", "Ada"),
        ("Ada\0\x07", "Ada"),
        ("Ada 🦊 👩\u200d🔧", "Ada"),
        ("\u05d0\u05d3\u05d4", "\u05d0\u05d3\u05d4"),
        ("Ada\u00a0\u2003Lovelace", "Ada Lovelace"),
        ("©Ada™", "Ada"),
        ("🦊", ""),
        ("", ""),
    ],
)
def test_text_is_tidied_once_and_for_all(text: str, tidied: str) -> None:
    assert tidy(text) == tidied
    assert tidy(tidied) == tidied
    assert unicodedata.is_normalized("NFC", tidied)


def test_traits_show_their_fields_and_never_their_values() -> None:
    assert repr(Traits(name="Ada", email="ada@engines.example")) == "Traits(name, email)"
    assert Match(accepted=True, score=1.0).evidence == ()


@pytest.mark.parametrize(
    "text", ["xn--\u00fc.example", "xn--zzzz.example", "xn--mller-kva-.example", "ab--cd.example", "xn--.example"]
)
def test_an_encoded_label_that_decodes_to_nothing_is_no_domain(text: str) -> None:
    assert clean_domain(text) is None
