"""What is accepted as this person's number: the person first, then the number, then what the caller wants."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichcore.engine.acceptance import Verdict, judge
from enrichcore.model import Acceptance, Answer, Contact, Hit, LineType, Method, Miss, Number, Person, Subject

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

US, UK_MOBILE, UK_LANDLINE, TOLL_FREE = "+12025550143", "+447700900123", "+442079460123", "+18005550143"
ADA: dict[str, Any] = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company": "Engines Ltd",
    "email": "ada@engines.example",
}


def verdict_on(
    answer: Answer, *, method: Method = Method.EMAIL, fields: dict[str, Any] | None = None, **policy: Any
) -> Verdict:
    subject = Subject.of(Contact(record_id="1", **(ADA if fields is None else fields)))
    return judge(answer, subject, subject.queries[method], Acceptance(**({"allow_fictional": True} | policy)))


@pytest.mark.parametrize(
    ("policy", "number", "phone", "reason"),
    [
        ({}, Number(US), US, None),
        ({"allow_fictional": False}, Number(US), None, "fictional"),
        ({"allow_fictional": False}, Number("+12022222222"), None, "placeholder"),
        ({}, Number("+19005550143"), None, "premium"),
        ({}, Number("call me"), None, "unparsable"),
        ({}, Number(None), None, "not_text"),
        ({}, Number(12025550143), None, "not_text"),
        ({}, Number("(202) 555-0143"), None, "ambiguous_region"),
        ({}, Number("(202) 555-0143", country="US"), US, None),
        ({}, Number("(202) 555-0143", country="United States"), US, None),
        ({}, Number(US, company_line=True), None, "company_line"),
        ({}, Number(TOLL_FREE), None, "company_line"),
        ({"company_lines": True}, Number(TOLL_FREE), TOLL_FREE, None),
        ({"company_lines": True}, Number(US, company_line=True), US, None),
        ({"countries": ["gb"]}, Number(US), None, "country_not_wanted"),
        ({"countries": ["gb"]}, Number(UK_MOBILE), UK_MOBILE, None),
        ({"line_types": ["mobile"]}, Number(UK_MOBILE), UK_MOBILE, None),
        ({"line_types": ["mobile"]}, Number(UK_LANDLINE), None, "line_type_not_wanted"),
        ({"line_types": ["mobile"]}, Number(US, type="landline"), None, "line_type_not_wanted"),
        ({"line_types": ["mobile"]}, Number(US), US, None),
        ({"line_types": ["landline"]}, Number(US), US, None),
        ({"line_types": ["unknown"]}, Number(US), US, None),
        ({"line_types": ["voip"]}, Number(US), None, "line_type_not_wanted"),
        ({"line_types": []}, Number(US), None, "line_type_not_wanted"),
    ],
)
def test_a_number_passes_the_phone_gates_and_then_the_policy(
    policy: dict[str, Any], number: Number, phone: str | None, reason: str | None
) -> None:
    verdict = verdict_on(Hit(number), **policy)
    assert (verdict.phone, verdict.reason) == (phone, reason)


def test_north_american_lines_are_not_guessed() -> None:
    assert verdict_on(Hit(Number(US))).line_type is LineType.UNKNOWN
    assert verdict_on(Hit(Number(US, type="Mobile"))).line_type is LineType.MOBILE


@pytest.mark.parametrize(
    ("numbers", "phone"),
    [
        ([Number(US), Number(UK_MOBILE)], US),
        ([Number(US), Number(UK_MOBILE, type="mobile")], UK_MOBILE),
        ([Number(US), Number("+12025550155", type="Cell phone")], "+12025550155"),
        ([Number(US, company_line=True), Number(UK_LANDLINE)], UK_LANDLINE),
        ([Number("nonsense", type="mobile"), Number(US)], US),
    ],
)
def test_the_best_acceptable_number_is_taken_in_the_vendors_order(numbers: list[Number], phone: str) -> None:
    assert verdict_on(Hit(*numbers)).phone == phone


def test_of_several_refusals_the_first_is_told() -> None:
    assert verdict_on(Hit(Number("nonsense"), Number(US)), countries=["GB"]).reason == "unparsable"


def test_extension_and_do_not_call_come_with_the_number() -> None:
    verdict = verdict_on(Hit(Number("+1 202 555 0143 ext. 12", do_not_call=True)))
    assert (verdict.phone, verdict.extension, verdict.do_not_call) == (US, "12", True)


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (Person(name="Grace Hopper"), "other_person"),
        (Person(company="Looms Inc", domain="looms.example"), "other_company"),
        (Person(name="Grace Hopper", email="ada@engines.example"), "other_person"),
    ],
)
def test_somebody_elses_number_is_refused_before_it_is_read(person: Person, reason: str) -> None:
    verdict = verdict_on(Hit(Number(US), person=person))
    assert (verdict.phone, verdict.reason, verdict.same_person) == (None, reason, False)


def test_a_miss_about_somebody_else_is_known_as_such() -> None:
    assert verdict_on(Miss(Person(name="Grace Hopper"))).same_person is False
    assert verdict_on(Miss(Person(name="Ada Lovelace"))).same_person is True


def test_an_answer_that_names_nobody_stands_on_its_key() -> None:
    verdict = verdict_on(Hit(Number(US)))
    assert (verdict.score, verdict.evidence, verdict.same_person) == (0.7, ("keyed_by_email",), True)


def test_evidence_of_the_same_person_raises_the_score_and_is_named() -> None:
    verdict = verdict_on(Hit(Number(US), person=Person(name="Ada Lovelace", company="Engines")))
    assert verdict.score is not None
    assert verdict.score > 0.7
    assert {"name", "company"} <= set(verdict.evidence)


@pytest.mark.parametrize("answer", [Hit(Number(US)), Miss()])
def test_the_least_match_score_is_the_callers_choice(answer: Answer) -> None:
    verdict = verdict_on(answer, min_score=0.9)
    assert (verdict.phone, verdict.reason, verdict.same_person) == (None, "low_match_score", True)
    assert verdict_on(answer, min_score=0.7).reason is None


def test_regions_for_a_national_form_come_from_the_number_then_the_person_then_the_contact() -> None:
    national = "020 7946 0123"
    assert verdict_on(Hit(Number(national, country="GB"))).phone == UK_LANDLINE
    assert verdict_on(Hit(Number(national)), fields={**ADA, "country": "GB"}).phone == UK_LANDLINE
    assert verdict_on(Hit(Number(national), person=Person(country="United Kingdom"))).phone == UK_LANDLINE


anything = st.none() | st.text(max_size=40) | st.integers() | st.booleans() | st.floats()


@given(raw=anything, kind=st.none() | st.text(max_size=20), country=st.none() | st.text(max_size=20), person=st.text())
def test_whatever_a_vendor_writes_is_judged_and_never_raises(
    raw: Any, kind: str | None, country: str | None, person: str
) -> None:
    answer = Hit(
        Number(raw, type=kind, country=country), Number(raw), person=Person(name=person, email=person, country=person)
    )
    verdict = verdict_on(answer)
    assert (verdict.phone is None) == (verdict.reason is not None)


def test_learned_values_are_no_evidence(lab: "Lab") -> None:
    """The first answer teaches an email; the second claims another person by that email, and is refused."""
    first = lab.free({"Ada Lovelace": Miss(Person(name="Ada Lovelace", email="taught@engines.example"))}, name="a")
    second = lab.free(
        {"taught@engines.example": Hit(Number(US), person=Person(name="Grace Hopper", email="taught@engines.example"))},
        name="b",
        methods=["email"],
    )
    asked = lab.contact(first_name="Ada", last_name="Lovelace", company="Engines Ltd")
    result = lab.enrich(first, second, contact=asked)
    assert "b/email rejected other_person" in lab.story(result)
