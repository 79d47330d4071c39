"""Regions of a number in national form: one for each independent signal, and how a number's country fits a person's."""

from collections.abc import Callable, Iterable

import attrs

from enrichcore.identity import clean_country, clean_domain
from enrichcore.identity.domain_country import domain_country
from enrichcore.identity.email_class import is_personal_host
from enrichcore.model import Number, Person, Query, Subject
from enrichcore.phone import in_plan_of


@attrs.frozen
class Signal:
    """Something that says of which country a national form is."""

    says: str
    regions: Callable[[Number, Person, Query, Subject], Iterable[str | None]] = attrs.field(repr=False)
    """What it says. Two sources of one kind that say the same are one signal."""


SIGNALS: tuple[Signal, ...] = (
    Signal(
        "the country that the caller sent",
        lambda _number, _said, query, subject: (clean_country(query.country), subject.country),
    ),
    Signal(
        "the country that the vendor gives for the number",
        lambda number, _said, _query, _subject: (clean_country(number.country),),
    ),
    Signal(
        "the country that the vendor gives for the person",
        lambda _number, said, _query, _subject: (clean_country(said.country),),
    ),
    Signal(
        "the country-code domain of the company or of a mailbox there, as the caller or the vendor says it",
        lambda _number, said, _query, subject: (
            domain_country(subject.domain),
            _mailbox_country(subject.email),
            domain_country(clean_domain(said.domain)),
            _mailbox_country(said.email),
        ),
    ),
)
"""The most trusted first. The vendor's answer has no field for the country of a company."""


def regions(number: Number, said: Person, query: Query, subject: Subject) -> tuple[str, ...]:
    """Candidate regions for a national form, one for each signal, so that those which agree count."""
    found: list[str] = []
    for signal in SIGNALS:
        found += dict.fromkeys(r for r in signal.regions(number, said, query, subject) if r is not None)
    return tuple(found)


def _mailbox_country(email: object) -> str | None:
    """The country that a company's mailbox says; personal mail is read everywhere."""
    if not isinstance(email, str):
        return None
    host = email.strip().rpartition("@")[2].lower()
    found = domain_country(host)
    return None if found is None or is_personal_host(host) else found


@attrs.frozen
class RegionFit:
    """How the country of a number fits the person's, and what that does to the match score."""

    word: str
    """The word in the evidence. Stable."""
    says: str
    by: float
    holds: Callable[[str, str, tuple[str, ...]], bool] = attrs.field(repr=False)
    """By the number, its country and the countries that are known of the person."""


REGION_FITS: tuple[RegionFit, ...] = (
    RegionFit(
        "number_country",
        "the number is of the person's country, by what the caller or the vendor says",
        0.02,
        lambda _phone, country, homes: country in homes,
    ),
    RegionFit(
        "other_number_country",
        "the number is of a country with another country code than the person's",
        -0.05,
        lambda phone, _country, homes: not any(in_plan_of(phone, home) for home in homes),
    ),
)
"""The first that holds counts. Countries that share a country code (Canada and the United States) say nothing."""


def home_countries(subject: Subject, said: Person | None) -> tuple[str, ...]:
    """The countries that are known of the person: the caller's word, then the vendor's."""
    mine, theirs = subject.country, None if said is None or said.country is None else clean_country(said.country)
    if mine is None:
        return () if theirs is None else (theirs,)
    return (mine,) if theirs is None or theirs == mine else (mine, theirs)


def region_fit(phone: str, country: str | None, homes: tuple[str, ...]) -> RegionFit | None:
    """The row of `REGION_FITS` that holds; None where nothing is known, or nothing speaks for or against."""
    if country is None or not homes:
        return None
    return next((fit for fit in REGION_FITS if fit.holds(phone, country, homes)), None)
