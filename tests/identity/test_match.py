"""The person match: who is accepted, on what evidence, and what vetoes."""

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichcore.identity import Match, Traits, match_person

ADA = Traits(
    first_name="Ada",
    last_name="Lovelace",
    company="Engines Ltd",
    domain="engines.example",
    email="ada@engines.example",
    linkedin_id="ada-lovelace",
    country="GB",
)
BY_NAME = Traits(first_name="Ada", last_name="Lovelace", company="Engines Ltd")


def _named(first: str, last: str, said: str, **more: Any) -> Match:
    """Match a whole name, with the company said back so that only the name decides."""
    sent = Traits(first_name=first, last_name=last, company="Engines")
    return match_person(method="name", sent=sent, said=Traits(name=said, company="engines", **more))


@pytest.mark.parametrize("method", ["name", "linkedin", "email"])
def test_a_silent_vendor_is_believed_by_the_key(method: str) -> None:
    """Nothing said about the person: the key of the lookup is the evidence."""
    assert match_person(method=method, sent=ADA, said=Traits()) == Match(
        accepted=True, score=0.7, evidence=(f"keyed_by_{method}",), reason=None
    )


@pytest.mark.parametrize(
    ("said", "evidence"),
    [
        (Traits(linkedin_id="linkedin.com/in/Ada-Lovelace/"), ("linkedin_id",)),
        (Traits(email="ADA@engines.example"), ("email",)),
        (Traits(name="ada lovelace", linkedin_id="ada-lovelace"), ("linkedin_id", "name")),
        (Traits(name="A. Lovelace", email="ada@engines.example"), ("email", "name_partial")),
        (
            Traits(name="ada lovelace", company="engines", domain="www.engines.example", country="United Kingdom"),
            ("name", "company", "domain", "country", "keyed_by_name"),
        ),
        (Traits(name="Ada Lovelace", company="ENGINES, INC."), ("name", "company", "keyed_by_name")),
        (Traits(name="Ada Lovelace", domain="uk.engines.example"), ("name", "domain", "keyed_by_name")),
        (Traits(name="Ada Lovelace"), ("name", "keyed_by_name")),
        (Traits(company="Engines"), ("company", "keyed_by_name")),
    ],
)
def test_what_speaks_for_the_person_is_named(said: Traits, evidence: tuple[str, ...]) -> None:
    """A strong id or the name with its company is accepted, and each piece of evidence has its word."""
    match = match_person(method="name", sent=ADA, said=said)
    assert match.accepted
    assert match.evidence == evidence
    assert match.reason is None


@pytest.mark.parametrize(
    ("method", "said", "reason"),
    [
        ("name", Traits(name="Grace Hopper"), "other_person"),
        ("linkedin", Traits(name="Grace Hopper"), "other_person"),
        ("email", Traits(name="Grace Hopper", email="ada@engines.example"), "other_person"),
        ("linkedin", Traits(name="Grace Hopper", linkedin_id="ada-lovelace"), "other_person"),
        ("name", Traits(name="Ada Hopper", company="Engines"), "other_person"),
        ("name", Traits(name="Byron Lovelace", company="Engines"), "other_person"),
        ("email", Traits(name="Byron Lovelace", email="ada@engines.example"), "other_person"),
        ("name", Traits(name="Ada Lovelace", company="Looms"), "other_company"),
        ("name", Traits(name="Ada Lovelace", domain="looms.example"), "other_company"),
        ("linkedin", Traits(company="Looms"), "other_company"),
        ("linkedin", Traits(linkedin_id="ada-lovelace-2"), "other_person"),
        ("name", Traits(name="Ada Lovelace", linkedin_id="ada-lovelace-2"), "other_person"),
        ("email", Traits(name="Ada Lovelace", email="ada@looms.example", company="Looms"), "other_person"),
        (
            "linkedin",
            Traits(name="Ada Lovelace", company="Looms", linkedin_id="ada-lovelace", email="ada@looms.example"),
            "other_person",
        ),
    ],
)
def test_a_contradiction_vetoes(method: str, said: Traits, reason: str) -> None:
    """Another name, another company for a lookup by company, another strong id with another company."""
    match = match_person(method=method, sent=ADA, said=said)
    assert not match.accepted
    assert match.reason == reason
    assert match.score < 0.5


def test_a_married_name_needs_a_strong_id() -> None:
    """The same first and another last name is one person only with the same LinkedIn id or email."""
    said = Traits(name="Ada King", linkedin_id="ada-lovelace")
    assert match_person(method="linkedin", sent=ADA, said=said).evidence == ("linkedin_id", "name_partial")
    assert not match_person(method="linkedin", sent=ADA, said=Traits(name="Ada King")).accepted


def test_a_new_job_does_not_break_a_strong_id() -> None:
    """People change companies and keep their profile; the score says so."""
    moved = match_person(
        method="linkedin", sent=ADA, said=Traits(name="Ada Lovelace", company="Looms", linkedin_id="ada-lovelace")
    )
    stayed = match_person(
        method="linkedin", sent=ADA, said=Traits(name="Ada Lovelace", company="Engines", linkedin_id="ada-lovelace")
    )
    assert moved.accepted
    assert moved.score < stayed.score


def test_a_second_address_is_no_contradiction() -> None:
    """A vendor may say the private address of the person whose work address was sent."""
    said = Traits(name="Ada Lovelace", company="Engines", email="ada.l@gmail.com")
    assert match_person(method="email", sent=ADA, said=said).accepted


def test_sharing_a_free_mail_host_is_no_evidence() -> None:
    """gmail.com employs few of those who write from it."""
    sent = Traits(first_name="Ada", last_name="Lovelace", domain="gmail.com")
    match = match_person(method="name", sent=sent, said=Traits(name="Ada Lovelace", domain="gmail.com"))
    assert "domain" not in match.evidence


def test_a_company_name_is_held_against_a_domain() -> None:
    """Where one side has a name and the other a domain, the domain's own label is compared."""
    sent = Traits(first_name="Ada", last_name="Lovelace", domain="engines.example")
    assert match_person(method="name", sent=sent, said=Traits(name="Ada Lovelace", company="Engines Ltd")).evidence == (
        "name",
        "domain",
        "keyed_by_name",
    )


@pytest.mark.parametrize(
    ("one", "other", "accepted"),
    [
        ("Engines Ltd", "ENGINES GmbH", True),
        ("International Business Looms", "IBL", True),
        ("Engines Group", "Engines", True),
        ("Engines", "Engines Research", True),
        ("Smith & Daughters", "Smith and Daughters", True),
        ("Engines", "Looms", False),
        ("Delta Engines", "Delta Looms", False),
    ],
)
def test_companies_by_other_names(one: str, other: str, *, accepted: bool) -> None:
    """Legal form, group words, acronyms and departments are no contradiction; another name is."""
    sent = Traits(first_name="Ada", last_name="Lovelace", company=one)
    assert match_person(method="name", sent=sent, said=Traits(name="Ada Lovelace", company=other)).accepted is accepted


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("Ada", "Lovelace", "ada lovelace"),
        ("Ada", "Lovelace", "LOVELACE ADA"),
        ("Ada", "Lovelace", "Lovelace, Ada"),
        ("Ada", "Lovelace", "Dr. Ada Lovelace, PhD"),
        ("Ada", "Lovelace", "Ada Augusta Lovelace"),
        ("Jos\u00e9", "Garc\u00eda", "jose garcia"),
        ("Ludwig", "van Beethoven", "Ludwig Beethoven"),
        ("Mar\u00eda", "de la Cruz", "Maria Delacruz"),
        ("Sean", "O'Brien", "sean obrien"),
        ("\u4f1f", "\u738b", "\u738b\u4f1f"),
        ("Jean-Luc", "Dupont", "Jean Luc Dupont"),
        ("Ivan", "Sidorov", "Ivan Petrovich Sidorov"),
    ],
)
def test_one_name_written_otherwise(first: str, last: str, said: str) -> None:
    """Case, order, titles, middle names, particles and accents leave it the same name."""
    match = _named(first, last, said)
    assert match.accepted
    assert "name" in match.evidence


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("Robert", "Babbage", "Bob Babbage"),
        ("Bill", "Babbage", "William Babbage"),
        ("Ada", "Lovelace", "A. Lovelace"),
        ("Ada", "Lovelace", "Ada L."),
        ("J.", "Babbage", "John Babbage"),
        ("Gabriel", "Garc\u00eda M\u00e1rquez", "Gabriel Garc\u00eda"),
        ("Anna", "Smith-Jones", "Anna Jones"),
        ("J\u00fcrgen", "M\u00fcller", "Juergen Mueller"),
        ("Sergey", "Ivanov", "Sergei Ivanov"),
        ("Anna", "Ivanova", "Anna Ivanov"),
        ("Mohammed", "Ali", "Muhammad Ali"),
        ("John Edgar", "Babbage", "Edgar Babbage"),
        ("Ada", "Lovelace", "Lovelace"),
        ("Ada", "Lovelace", "ada"),
    ],
)
def test_a_name_that_fits_in_part(first: str, last: str, said: str) -> None:
    """Nicknames, initials, one of two surnames and transliterations fit, and count for less."""
    match = _named(first, last, said)
    assert match.accepted
    assert "name_partial" in match.evidence
    assert match.score < _named("Ada", "Lovelace", "Ada Lovelace").score


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("Maria", "Rossi", "Mario Rossi"),
        ("Daniel", "Weber", "Daniela Weber"),
        ("Julia", "Weber", "Julian Weber"),
        ("Gabriel", "Garc\u00eda L\u00f3pez", "Gabriel Garc\u00eda Ruiz"),
        ("Ada", "Lovelace", "B. Lovelace"),
        ("Ada", "Lovelace", "Grace Lovelace"),
        ("Anna", "Hansen", "Anna Hanson"),
        ("\u4f1f", "\u738b", "\u738b\u4f73"),
        ("Ada", "Lovelace", "Hopper"),
    ],
)
def test_a_name_that_is_someone_elses(first: str, last: str, said: str) -> None:
    """One letter makes a sister, a cousin or a stranger."""
    match = _named(first, last, said)
    assert not match.accepted
    assert match.reason == "other_person"


@pytest.mark.parametrize(
    ("last", "said", "accepted"),
    [
        ("Babbage Jr", "Charles Babbage Sr.", False),
        ("Babbage Jr", "Charles Babbage III", False),
        ("Babbage, Jr.", "Charles Babbage II", True),
        ("Babbage Jr", "Charles Babbage", True),
        ("Babbage", "Charles Babbage Sr", True),
        ("Babbage III", "charles babbage iii", True),
    ],
)
def test_father_and_son_are_two(last: str, said: str, *, accepted: bool) -> None:
    """Two different generations contradict; a missing one says nothing; II is a junior."""
    match = _named("Charles", last, said)
    assert match.accepted is accepted
    assert match.reason == (None if accepted else "other_person")


def test_father_and_son_are_two_even_with_one_email() -> None:
    """A shared strong id does not outweigh a contradicting generation."""
    sent = Traits(first_name="Charles", last_name="Babbage Jr", email="babbage@engines.example")
    said = Traits(name="Charles Babbage Sr", email="babbage@engines.example")
    assert not match_person(method="email", sent=sent, said=said).accepted


def test_initials_alone_say_nothing() -> None:
    """A. L. is no evidence for Ada Lovelace, and G. H. is evidence against her."""
    assert _named("Ada", "Lovelace", "A. L.").evidence == ("company", "keyed_by_name")
    assert not _named("Ada", "Lovelace", "G. H.").accepted


def test_names_said_in_parts_are_compared_in_parts() -> None:
    """First and last name count as such, and may come swapped."""
    assert match_person(method="name", sent=BY_NAME, said=Traits(first_name="ada", last_name="lovelace")).accepted
    assert match_person(method="name", sent=BY_NAME, said=Traits(first_name="Lovelace", last_name="Ada")).accepted
    assert not match_person(method="name", sent=BY_NAME, said=Traits(first_name="Grace", last_name="Hopper")).accepted
    assert match_person(method="name", sent=BY_NAME, said=Traits(last_name="Lovelace")).evidence == (
        "name_partial",
        "keyed_by_name",
    )


def test_a_country_weighs_little() -> None:
    """Another country lowers the score and vetoes nothing."""
    scores = [
        match_person(
            method="name", sent=ADA, said=Traits(name="Ada Lovelace", company="Engines", country=country)
        ).score
        for country in ("GB", "nowhere", "FR")
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_an_unknown_method_is_an_error() -> None:
    """A misspelt method is the caller's fault and is not matched as something else."""
    with pytest.raises(KeyError):
        match_person(method="fax", sent=ADA, said=Traits())


def test_traits_do_not_show_the_person() -> None:
    """A repr ends up in logs."""
    assert "Ada" not in repr(ADA)
    assert "first_name" in repr(ADA)


EVIDENCE = {
    "email", "linkedin_id", "name", "name_partial", "company", "domain", "country", "keyed_by_name",
    "keyed_by_linkedin", "keyed_by_email",
}  # fmt: skip
_VALUES = st.none() | st.sampled_from(
    ["Ada", "Lovelace", "ada lovelace", "Jr", "", " ", ",", "Engines", "engines.example", "ada@engines.example", "GB"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)  # fmt: skip
_TRAITS = st.builds(Traits, **{a.name: _VALUES for a in attrs.fields(Traits)})


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["name", "linkedin", "email"]), _TRAITS, _TRAITS)
def test_any_two_people_can_be_compared(method: str, sent: Traits, said: Traits) -> None:
    """No text raises; the score is 0 to 1; the words are the known ones; a refusal has a reason and only a refusal."""
    match = match_person(method=method, sent=sent, said=said)
    assert 0.0 <= match.score <= 1.0
    assert set(match.evidence) <= EVIDENCE
    assert (match.reason is None) is match.accepted
    assert match.reason in {None, "other_person", "other_company"}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["name", "linkedin", "email"]), _TRAITS)
def test_everyone_is_themselves(method: str, traits: Traits) -> None:
    """Said back exactly, a person is accepted (one whose whole name is not another than its parts)."""
    person = attrs.evolve(traits, name=None)
    assert match_person(method=method, sent=person, said=person).accepted
