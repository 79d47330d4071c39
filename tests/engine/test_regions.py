"""The region of a number in national form: which signals there are, in what order, and what counts as one."""

from typing import Any

import pytest

from enrichcore.engine.regions import REGION_FITS, SIGNALS, home_countries, region_fit, regions
from enrichcore.model import Contact, Method, Number, Person, Subject

ADA: dict[str, Any] = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company": "Engines",
    "email": "ada@engines.example",
}


def signals(sent: dict[str, Any], said: Person, number: Number | None = None) -> tuple[str, ...]:
    subject = Subject.of(Contact(record_id="1", **(ADA | sent)))
    return regions(number or Number("20 7946 0123"), said, subject.queries[Method.EMAIL], subject)


def test_the_signals_come_in_order_the_most_trusted_first() -> None:
    told = signals({"country": "FR", "domain": "engines.it"}, Person(country="Spain"), Number("1", country="Germany"))
    assert told == ("FR", "DE", "ES", "IT")
    assert len(SIGNALS) == 4


def test_every_signal_counts_so_that_those_which_agree_are_counted() -> None:
    said = Person(country="GB", domain="https://www.engines.co.uk/about", email="ada@engines.uk")
    told = signals({"country": "GB", "domain": "engines.co.uk"}, said, Number("1", country="UK"))
    assert told == ("GB", "GB", "GB", "GB"), "the domains of one kind that agree are one signal"


@pytest.mark.parametrize(
    ("sent", "said", "found"),
    [
        ({}, Person(), ()),
        ({"country": "GB"}, Person(), ("GB",)),
        ({"email": "ada@engines.de"}, Person(), ("DE",)),
        ({"email": "ada@engines.de"}, Person(email="ada@engines.de"), ("DE",)),
        ({"email": "ada@engines.de"}, Person(domain="engines.fr"), ("DE", "FR")),
        ({"domain": "engines.io"}, Person(email="ada@engines.ai", domain="engines.co"), ()),
        ({"email": "ada@yahoo.de"}, Person(email="ada@gmx.de"), ()),
        ({}, Person(country="nowhere", domain="not a domain", email="@"), ()),
        ({}, Person(country=7, domain=[], email=1.5), ()),  # type: ignore[arg-type]  # a vendor's JSON
    ],
)
def test_domains_of_companies_are_a_signal_and_generic_ones_and_personal_mail_are_not(
    sent: dict[str, Any], said: Person, found: tuple[str, ...]
) -> None:
    assert signals(sent, said) == found


@pytest.mark.parametrize(
    ("mine", "theirs", "homes"),
    [
        (None, None, ()),
        ("GB", None, ("GB",)),
        (None, "United Kingdom", ("GB",)),
        ("GB", "uk", ("GB",)),
        ("GB", "FR", ("GB", "FR")),
        ("GB", "nowhere", ("GB",)),
        (None, "nowhere", ()),
    ],
)
def test_the_countries_of_a_person_are_what_the_caller_and_the_vendor_say(
    mine: str | None, theirs: str | None, homes: tuple[str, ...]
) -> None:
    subject = Subject.of(Contact(record_id="1", **ADA, country=mine))
    assert home_countries(subject, Person(country=theirs)) == homes
    assert home_countries(subject, None) == (() if mine is None else (mine,))


@pytest.mark.parametrize(
    ("phone", "country", "homes", "word"),
    [
        ("+447700900123", "GB", (), None),
        ("+447700900123", "GB", ("GB",), "number_country"),
        ("+447700900123", "GB", ("FR", "GB"), "number_country"),
        ("+447700900123", "GB", ("FR",), "other_number_country"),
        ("+447700900123", "GB", ("JE",), None),
        ("+12025550143", "US", ("CA",), None),
        ("+80012345678", None, ("GB",), None),
    ],
)
def test_a_number_of_the_persons_country_is_worth_more_and_another_less(
    phone: str, country: str | None, homes: tuple[str, ...], word: str | None
) -> None:
    """Countries with one country code between them say neither."""
    fit = region_fit(phone, country, homes)
    assert (fit and fit.word) == word


def test_agreement_raises_and_disagreement_lowers() -> None:
    assert {fit.word: fit.by > 0 for fit in REGION_FITS} == {"number_country": True, "other_number_country": False}
