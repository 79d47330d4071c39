"""The person match: who is accepted, on what evidence, and what vetoes."""

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichcore.identity import Match, Traits, match_person
from enrichcore.identity.judge import EVIDENCE
from enrichcore.identity.rules import ADJUSTMENTS, REASONS, RULES

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
        (Traits(email="ADA@engines.example"), ("email", "domain")),
        (Traits(name="ada lovelace", linkedin_id="ada-lovelace"), ("linkedin_id", "name")),
        (Traits(name="A. Lovelace", email="ada@engines.example"), ("email", "name_partial", "domain")),
        (
            Traits(name="ada lovelace", company="engines", domain="www.engines.example", country="United Kingdom"),
            ("name", "company", "domain", "country", "keyed_by_name"),
        ),
        (Traits(name="Ada Lovelace", company="ENGINES, INC."), ("name", "company", "keyed_by_name")),
        (Traits(name="Ada Lovelace", domain="uk.engines.example"), ("name", "domain", "keyed_by_name")),
        (Traits(country="GB"), ("country", "keyed_by_name")),
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
        ("linkedin", Traits(linkedin_id="ada-lovelace-2"), "other_profile"),
        ("name", Traits(name="Ada Lovelace", linkedin_id="ada-lovelace-2"), "other_profile"),
        ("name", Traits(name="Ada Lovelace", company="Engines", linkedin_id="ada-lovelace-2"), "other_profile"),
        ("email", Traits(name="Ada Lovelace", email="ada@looms.example", company="Looms"), "other_mailbox"),
        ("email", Traits(name="Ada Lovelace", email="ada2@engines.example", company="Engines"), "other_mailbox"),
        ("name", Traits(name="Ada Lovelace"), "name_only"),
        ("name", Traits(name="Ada Lovelace", country="GB", title="Manager"), "name_only"),
        ("name", Traits(name="Lovelace", company="Engines"), "name_only"),
        ("name", Traits(company="Engines"), "no_name"),
        ("name", Traits(company="Engines", email="info@engines.example"), "not_a_person"),
        ("email", Traits(company="Engines", title="Reception"), "not_a_person"),
        ("name", Traits(name="Office of Ada Lovelace", company="Engines"), "not_a_person"),
        ("name", Traits(name="Ada Lovelace", company="Engines", country="FR"), "other_country"),
        ("name", Traits(name="Ada Lovelace", company="Engines", domain="looms.example"), "other_company"),
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
    """A vendor may say the private address of the person whose work address was sent, or an alias of it."""
    said = Traits(name="Ada Lovelace", company="Engines", email="ada.l@gmail.com")
    assert match_person(method="email", sent=ADA, said=said).accepted
    alias = Traits(name="Ada Lovelace", company="Engines", email="a.lovelace@engines.example")
    assert match_person(method="email", sent=ADA, said=alias).accepted


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
        ("International Business Looms", "IBL", False),
        ("Engines Group", "Engines", True),
        ("Engines Group", "Engines Holding", False),
        ("Engines", "Engines Research", False),
        ("Engines", "Engines France SAS", True),
        ("Engines", "SARL Engines", True),
        ("SIA Partners", "Partners", True),
        ("Engines", "Looms Ltd, trading as Engines", True),
        ("Engines", "Engines (Looms SRL)", True),
        ("Looms Holding Bermuda", "Looms Holding France", False),
        ("Smith & Daughters", "Smith and Daughters", True),
        ("Engines", "Looms", False),
        ("Delta Engines", "Delta Looms", False),
    ],
)
def test_companies_by_other_names(one: str, other: str, *, accepted: bool) -> None:
    """Legal form, group words, countries and trade names are the same company; acronyms and departments may not be."""
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
        ("J\u00fcrgen", "M\u00fcller", "Juergen Mueller"),
        ("Ada", "Lovelace", "\u2b50 Ada Lovelace | Hiring (she/her)"),
        ("Ada", "Lovelace", "\U0001d5d4\U0001d5f1\U0001d5ee Lovelace"),
        ("Wouter", "van't Hof", "Wouter van 't Hof"),
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
        ("Sergey", "Ivanov", "Sergei Ivanov"),
        ("Anna", "Ivanova", "Anna Ivanov"),
        ("Mohammed", "Ali", "Muhammad Ali"),
        ("John Edgar", "Babbage", "Edgar Babbage"),
        (
            "Mikhail",
            "Tverskoy",
            "\u0422\u0432\u0435\u0440\u0441\u043a\u043e\u0439 \u041c\u0438\u0445\u0430\u0438\u043b",
        ),
        ("Chema", "Go\u00f1i Larralde", "Jos\u00e9 Mar\u00eda Go\u00f1i"),
        ("Khalid", "Al-Harthi", "Khaled Elharthi"),
        ("Elena", "Nov\u00e1k", "Elena Nov\u00e1kov\u00e1"),
        ("PJ", "Hollis", "Peter James Hollis"),
        ("Sunita", "Bhosale", "Sunita Kulkarni (n\u00e9e Bhosale)"),
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
        ("Mar\u00eda", "L\u00f3pez Cano", "Mar\u00eda L\u00f3pez Vidal"),
        ("Ivan Sergeyevich", "Belov", "Ivan Andreyevich Belov"),
        ("Robert A.", "Hennessy", "Robert J. Hennessy"),
        ("Van Minh", "Nguyen", "Nguyen Thi Minh"),
        ("Ahmed", "bin Saleh Al-Balushi", "Ahmed bin Omar Al-Balushi"),
        ("James", "Thomas", "Thomas James"),
        ("Tom", "Meier", "Tom Meyer"),
        ("Amy", "Chen", "Amy Cheng"),
        ("Bill", "Trask", "Robert Trask"),
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
    assert match.reason == (None if accepted else "other_generation")


def test_father_and_son_are_two_even_with_one_email() -> None:
    """A shared strong id does not outweigh a contradicting generation."""
    sent = Traits(first_name="Charles", last_name="Babbage Jr", email="babbage@engines.example")
    said = Traits(name="Charles Babbage Sr", email="babbage@engines.example")
    assert not match_person(method="email", sent=sent, said=said).accepted


def test_initials_alone_say_nothing() -> None:
    """A. L. is no evidence for Ada Lovelace, and G. H. is evidence against her."""
    assert _named("Ada", "Lovelace", "A. L.").reason == "name_only"
    assert _named("Ada", "Lovelace", "G. H.").reason == "other_person"


def test_names_said_in_parts_are_compared_in_parts() -> None:
    """First and last name count as such, and may come swapped; one of them alone is no name."""
    for first, last, accepted in (("ada", "lovelace", True), ("Lovelace", "Ada", True), ("Grace", "Hopper", False)):
        said = Traits(first_name=first, last_name=last, company="Engines")
        assert match_person(method="name", sent=BY_NAME, said=said).accepted is accepted
    thin = match_person(method="name", sent=BY_NAME, said=Traits(last_name="Lovelace", company="Engines"))
    assert (thin.evidence, thin.reason) == (("name_partial", "company"), "name_only")


def test_a_country_weighs_little_beside_an_id() -> None:
    """Another country lowers the score of an id that is the same, and vetoes nothing."""
    scores = [
        match_person(
            method="email", sent=ADA, said=Traits(name="A. Lovelace", email="ada@engines.example", country=country)
        ).score
        for country in ("GB", "nowhere", "FR")
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_a_slip_of_the_pen_is_forgiven_only_where_an_id_is_the_same() -> None:
    """Lovelaec at the same mailbox is she; at the same company she may be another."""
    said = Traits(name="Ada Lovelaec", company="Engines", email="ada@engines.example")
    assert match_person(method="email", sent=ADA, said=said).accepted
    assert not match_person(method="name", sent=BY_NAME, said=attrs.evolve(said, email=None)).accepted


@pytest.mark.parametrize(
    ("first", "other"),
    [("Martin", "Martina"), ("Andr\u00e9", "Andrea"), ("Emil", "Emily"), ("Marta", "Maria"), ("Jon", "Joan")],
)
def test_a_mailbox_of_a_family_does_not_make_two_people_one(first: str, other: str) -> None:
    """Two given names are two people, however alike, even where the mailbox is the same."""
    sent = Traits(first_name=first, last_name="Weber", email="weber@looms.example")
    said = Traits(name=f"{other} Weber", email="weber@looms.example")
    assert match_person(method="email", sent=sent, said=said).reason == "other_person"


def test_a_mailbox_that_spells_the_name_stands_for_it() -> None:
    """A record without a name is the person's where its mailbox spells the name at the company that was asked for."""
    sent = Traits(first_name="Ada", last_name="Lovelace", company="Engines", domain="engines.example")
    said = Traits(company="Engines", email="a.lovelace@engines.example")
    assert match_person(method="name", sent=sent, said=said).evidence == ("company", "domain", "keyed_by_name")
    said = Traits(company="Engines", email="g.hopper@engines.example")
    assert match_person(method="name", sent=sent, said=said).reason == "no_name"


def test_a_mailbox_passed_on_to_a_namesake_by_first_name_is_not_believed() -> None:
    """Another surname needs a mailbox that spells the old one."""
    for mailbox, accepted in (("tom@looms.example", False), ("tom.weber@looms.example", True)):
        sent = Traits(first_name="Tom", last_name="Weber", email=mailbox)
        assert match_person(method="email", sent=sent, said=Traits(name="Tom Vu", email=mailbox)).accepted is accepted


def test_an_id_that_spells_another_name_is_not_that_persons() -> None:
    """Where the caller sent no name, the mailbox speaks for one."""
    sent = Traits(email="gustavo.anzo@looms.example")
    for name, accepted in (("Gustavo Anzo", True), ("Maria Lopez", False)):
        said = Traits(name=name, email="gustavo.anzo@looms.example")
        assert match_person(method="email", sent=sent, said=said).accepted is accepted


def test_names_in_other_scripts_are_read_where_letters_tell() -> None:
    """A kanji name says nothing against a Latin one beside the same id, and nothing for it beside a company."""
    sent = Traits(first_name="Takeshi", last_name="Yamada", company="Looms", linkedin_id="takeshi-y")
    kanji = Traits(name="\u5c71\u7530 \u6b66", company="Looms")
    assert match_person(method="name", sent=sent, said=kanji).reason == "name_only"
    assert match_person(method="name", sent=sent, said=attrs.evolve(kanji, linkedin_id="takeshi-y")).accepted
    other = Traits(name="\u041f\u0451\u0442\u0440 \u0418\u0432\u0430\u043d\u043e\u0432", linkedin_id="takeshi-y")
    assert match_person(method="linkedin", sent=sent, said=other).reason == "other_person"


def test_an_old_public_address_is_a_sign_and_no_proof() -> None:
    """`/pub/` addresses became slugs that many have changed since."""
    sent = Traits(first_name="Ada", last_name="Lovelace", company="Engines", linkedin_id="ada-lovelace-67834512")
    said = Traits(name="Ada Lovelace", linkedin_id="https://uk.linkedin.com/pub/ada-lovelace/12/345/678")
    assert match_person(method="name", sent=sent, said=said).reason == "name_only"
    with_company = match_person(method="name", sent=sent, said=attrs.evolve(said, company="Engines"))
    assert with_company.evidence == ("linkedin_alias", "name", "company", "keyed_by_name")


def test_a_member_id_is_not_held_against_a_slug() -> None:
    """They are two kinds of id, and one person has both."""
    sent = attrs.evolve(ADA, linkedin_id="ACoAAABcDeFgHiJkLmNoPqRsTuVwXyZ0123")
    said = Traits(name="Ada Lovelace", company="Engines", linkedin_id="ada-lovelace")
    assert match_person(method="name", sent=sent, said=said).accepted


def test_an_unknown_method_is_an_error() -> None:
    """A misspelt method is the caller's fault and is not matched as something else."""
    with pytest.raises(KeyError):
        match_person(method="fax", sent=ADA, said=Traits())


def test_traits_do_not_show_the_person() -> None:
    """A repr ends up in logs."""
    assert "Ada" not in repr(ADA)
    assert "first_name" in repr(ADA)


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
    assert set(match.evidence) <= set(EVIDENCE)
    assert (match.reason is None) is match.accepted
    assert match.reason in {None, *REASONS}


@settings(max_examples=200, deadline=None)
@given(_TRAITS)
def test_everyone_is_themselves(traits: Traits) -> None:
    """Said back exactly, a person with a name and an id or a company is accepted."""
    person = attrs.evolve(
        traits, name=None, first_name="Ada", last_name="Lovelace", company="Engines", domain=None, title=None
    )
    assert match_person(method="name", sent=person, said=person).accepted


def test_the_decision_table_is_whole() -> None:
    """Each row has a stable word and a sentence; refusals are worth less than acceptances; the last always holds."""
    for rule in RULES:
        assert rule.word.replace("_", "").isalpha()
        assert rule.says[0].islower()
        assert not rule.says.endswith(".")
        assert (rule.score >= 0.7) is rule.accepts
    assert RULES[-1].word == "name_only"
    assert all(-0.2 <= adjustment.by <= 0.1 for adjustment in ADJUSTMENTS)
    assert REASONS == (
        "not_a_person", "other_generation", "other_person", "other_profile", "other_mailbox", "other_company",
        "other_country", "no_name", "name_only",
    )  # fmt: skip
