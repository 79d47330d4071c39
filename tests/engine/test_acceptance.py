"""What is accepted as this person's number: the person first, then the number, then what the caller wants."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichcore.engine.acceptance import KnownNumbers, Verdict, judge
from enrichcore.engine.gates import REASONS
from enrichcore.identity import rules
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
    answer: Answer,
    *,
    method: Method = Method.EMAIL,
    fields: dict[str, Any] | None = None,
    known: KnownNumbers | None = None,
    **policy: Any,
) -> Verdict:
    subject = Subject.of(Contact(record_id="1", **(ADA if fields is None else fields)))
    return judge(answer, subject, subject.queries[method], Acceptance(**({"allow_fictional": True} | policy)), known)


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
        ({"countries": ["gb"]}, Number("+80012345699"), None, "company_line"),
        ({"countries": ["gb"], "company_lines": True}, Number("+80012345699"), None, "country_not_wanted"),
        ({"refused_countries": ["us"]}, Number(US), None, "country_not_wanted"),
        ({"refused_countries": ["us"]}, Number(UK_MOBILE), UK_MOBILE, None),
        ({"refused_countries": ["us"], "countries": ["gb"]}, Number(UK_MOBILE), UK_MOBILE, None),
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


@pytest.mark.parametrize(
    ("method", "least", "reason"),
    [
        (Method.EMAIL, {"email": 0.9}, "low_match_score"),
        (Method.EMAIL, {"name": 0.9, "linkedin": 0.9}, None),
        (Method.NAME, {"name": 0.71}, "low_match_score"),
        (Method.NAME, {"name": 0.7}, None),
    ],
)
def test_a_method_has_its_own_least_score(method: Method, least: dict[str, float], reason: str | None) -> None:
    for answer in (Hit(Number(US)), Miss()):
        assert verdict_on(answer, method=method, min_scores=least).reason == reason
    assert verdict_on(Hit(Number(US)), method=method, min_score=1, min_scores={method.value: 0.5}).phone == US


# --- the plan's answer and the vendor's claim ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "kind", "line", "plan", "claimed"),
    [
        (US, "mobile", "mobile", "unknown", "mobile"),
        (US, None, "unknown", "unknown", None),
        (UK_LANDLINE, "mobile", "landline", "landline", "mobile"),
        (UK_MOBILE, "landline", "mobile", "mobile", "landline"),
        (UK_MOBILE, "work", "mobile", "mobile", "unknown"),
    ],
)
def test_the_plans_answer_and_the_vendors_claim_are_both_kept(
    lab: "Lab", number: str, kind: str | None, line: str, plan: str, claimed: str | None
) -> None:
    """On the verdict, the attempt and the result; and the same when it comes from the journal."""
    vendor = lab.by_email({lab.EMAIL: Hit(Number(number, type=kind))})
    asked = lab.contact(email=lab.EMAIL)
    first, stored = (lab.enrich(vendor, contact=asked) for _ in range(2))
    other = lab.enrich(vendor, contact=asked, acceptance=Acceptance(allow_fictional=True, min_score=0.1))
    for told in (first, first.attempts[0], stored, stored.attempts[0], other, other.attempts[0]):
        assert (told.line_type, told.plan_line_type, told.claimed_line_type) == (line, plan, claimed)


# --- what is refused and told -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "numbers", "refused", "reason"),
    [
        ({"countries": ["FR"]}, [Number(US)], US, "country_not_wanted"),
        ({"refused_countries": ["US"]}, [Number(US)], US, "country_not_wanted"),
        ({"line_types": ["voip"]}, [Number(US)], US, "line_type_not_wanted"),
        ({"min_score": 0.9}, [Number(US)], US, "low_match_score"),
        ({"min_scores": {"email": 0.9}}, [Number(US)], US, "low_match_score"),
        ({}, [Number(US, company_line=True)], US, "company_line"),
        ({}, [Number(TOLL_FREE)], TOLL_FREE, "company_line"),
        ({"countries": ["FR"]}, [Number("nonsense"), Number(US), Number(UK_MOBILE)], US, "country_not_wanted"),
        ({"countries": ["FR"]}, [Number(US), Number(UK_MOBILE, type="mobile")], UK_MOBILE, "country_not_wanted"),
        ({"countries": ["FR"]}, [Number(UK_LANDLINE, company_line=True), Number(US)], US, "country_not_wanted"),
        ({"countries": ["FR"], "allow_fictional": False}, [Number(US)], None, None),
        ({"min_score": 0.9}, [Number("+376912345")], None, None),
        ({"min_score": 0.9}, [Number("+12022222222")], None, None),
        ({"min_score": 0.9}, [Number("+491802123459")], None, None),
        ({"min_score": 0.9}, [Number("+1 202 *** **43"), Number("020 7946 0123"), Number(None)], None, None),
    ],
)
def test_only_a_real_number_that_the_policy_refuses_is_reported(
    policy: dict[str, Any], numbers: list[Number], refused: str | None, reason: str | None
) -> None:
    """Never a number for fiction, a placeholder, a premium line, or what cannot be read."""
    verdict = verdict_on(Hit(*numbers), **policy)
    assert (verdict.phone, verdict.refused_phone, verdict.refused_reason) == (None, refused, reason)
    assert verdict.reason is not None


@pytest.mark.parametrize("policy", [{}, {"countries": ["FR"]}, {"min_score": 1}])
def test_another_persons_number_is_never_reported(policy: dict[str, Any]) -> None:
    verdict = verdict_on(Hit(Number(US), person=Person(name="Grace Hopper")), **policy)
    assert (verdict.phone, verdict.refused_phone, verdict.same_person) == (None, None, False)


def test_of_the_refused_numbers_of_an_answer_the_best_is_reported() -> None:
    """The one of the person's country scores more than the one before it."""
    verdict = verdict_on(
        Hit(Number(US), Number(UK_LANDLINE), Number(UK_MOBILE)), fields={**ADA, "country": "GB"}, countries=["FR"]
    )
    assert (verdict.refused_phone, verdict.score) == (UK_LANDLINE, 0.72)
    assert verdict.evidence == ("keyed_by_email", "number_country")


def test_an_accepted_number_leaves_nothing_refused() -> None:
    verdict = verdict_on(Hit(Number(US, type="mobile"), Number(UK_LANDLINE)), countries=["GB"])
    assert (verdict.phone, verdict.reason) == (UK_LANDLINE, None)
    assert (verdict.refused_phone, verdict.refused_reason) == (None, None)


def test_a_repr_shows_no_number() -> None:
    for verdict in (
        verdict_on(Hit(Number(US))),
        verdict_on(Hit(Number(US)), countries=["FR"]),
        verdict_on(Hit(Number(US, company_line=True))),
    ):
        assert "2025550143" not in repr(verdict)


# --- the country of the number ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs", "number", "score", "word"),
    [
        (None, None, US, 0.97, None),
        ("US", None, US, 0.99, "number_country"),
        (None, "US", US, 0.99, "number_country"),
        ("GB", None, US, 0.92, "other_number_country"),
        ("CA", None, US, 0.97, None),
    ],
)
def test_the_country_of_a_number_moves_the_score_and_is_in_the_evidence(
    mine: str | None, theirs: str | None, number: str, score: float, word: str | None
) -> None:
    person = Person(name="Ada Lovelace", email=ADA["email"], country=theirs)
    verdict = verdict_on(Hit(Number(number), person=person), fields={**ADA, "country": mine})
    assert (verdict.phone, verdict.score) == (number, score)
    assert [w for w in verdict.evidence if w.endswith("number_country")] == ([] if word is None else [word])


def test_a_score_stays_between_zero_and_one() -> None:
    person = Person(name="Ada Lovelace", email=ADA["email"], linkedin_id="ada-l", country="US")
    verdict = verdict_on(Hit(Number(US), person=person), fields={**ADA, "linkedin_id": "ada-l", "country": "US"})
    assert verdict.score == 1.0


def test_a_number_of_another_country_may_fall_below_the_least_score() -> None:
    fields = {**ADA, "country": "GB"}
    assert verdict_on(Hit(Number(US)), fields=fields, min_score=0.7).reason == "low_match_score"
    assert verdict_on(Hit(Number(UK_MOBILE)), fields=fields, min_score=0.7).phone == UK_MOBILE


@pytest.mark.parametrize(
    ("country", "numbers", "phone"),
    [
        ("GB", [Number(US), Number(UK_LANDLINE)], UK_LANDLINE),
        ("US", [Number(US), Number(UK_LANDLINE)], US),
        ("FR", [Number(US), Number(UK_LANDLINE)], US),
        ("CA", [Number(UK_LANDLINE), Number(US)], US),
        (None, [Number(US), Number(UK_LANDLINE)], US),
        ("GB", [Number(UK_LANDLINE), Number(US, type="mobile")], US),
        ("GB", [Number(UK_LANDLINE, company_line=True), Number(US)], US),
    ],
)
def test_of_equal_numbers_the_one_of_the_persons_country_is_taken(
    country: str | None, numbers: list[Number], phone: str
) -> None:
    """A mobile still comes before it, and a company line after all."""
    verdict = verdict_on(Hit(*numbers), fields={**ADA, "country": country}, company_lines=True)
    assert verdict.phone == phone


# --- numbers known to be shared -----------------------------------------------------------------------------------


class Known:
    """What is remembered of numbers, and which were asked about."""

    def __init__(self, **refused: str) -> None:
        self.refused = {f"+{digits[1:]}": reason for digits, reason in refused.items()}
        self.asked: list[str] = []

    def refuses(self, phone: str) -> str | None:
        """The reason, if there is one."""
        self.asked.append(phone)
        return self.refused.get(phone)


def known(phone: str, reason: str) -> Known:
    return Known(**{f"n{phone[1:]}": reason})


def test_a_number_that_is_known_to_be_shared_is_refused_and_the_next_one_tried() -> None:
    shared = known(US, "shared_number")
    verdict = verdict_on(Hit(Number(US), Number(UK_LANDLINE)), known=shared)
    assert (verdict.phone, verdict.reason, shared.asked) == (UK_LANDLINE, None, [US, UK_LANDLINE])
    alone = verdict_on(Hit(Number(US)), known=shared)
    assert (alone.phone, alone.reason) == (None, "shared_number")
    assert (alone.refused_phone, alone.refused_reason) == (US, "shared_number")


def test_only_the_number_that_would_be_taken_is_asked_about() -> None:
    nothing = Known()
    numbers = [Number("nonsense"), Number(US), Number(UK_LANDLINE, company_line=True), Number(UK_MOBILE), Number(US)]
    assert verdict_on(Hit(*numbers), known=nothing, countries=["GB"]).phone == UK_MOBILE
    assert nothing.asked == [UK_MOBILE]
    verdict_on(Hit(Number(US), person=Person(name="Grace Hopper")), known=nothing)
    assert nothing.asked == [UK_MOBILE]


def test_of_equal_numbers_the_next_best_is_tried_when_the_best_is_shared() -> None:
    shared = known(UK_LANDLINE, "shared_number")
    verdict = verdict_on(Hit(Number(US), Number(UK_LANDLINE)), fields={**ADA, "country": "GB"}, known=shared)
    assert (verdict.phone, shared.asked) == (US, [UK_LANDLINE, US])
    assert "other_number_country" in verdict.evidence


def test_a_switchboard_known_from_elsewhere_counts_where_switchboards_do() -> None:
    assert verdict_on(Hit(Number(US)), known=known(US, "company_line")).reason == "company_line"
    assert verdict_on(Hit(Number(US)), known=known(US, "company_line"), company_lines=True).phone == US
    assert verdict_on(Hit(Number(US)), known=known(US, "shared_number"), company_lines=True).phone is None


@pytest.mark.parametrize("again", [US, "+1 (202) 555-0143", "001 202 555 0143", "+1 202 555 0143 ext. 7"])
@pytest.mark.parametrize("first", [False, True])
def test_a_switchboard_is_not_the_persons_number_when_it_stands_there_twice(again: str, *, first: bool) -> None:
    """Whatever the order and the written form."""
    numbers = [Number(US, company_line=True), Number(again, type="mobile")]
    verdict = verdict_on(Hit(*(numbers if first else numbers[::-1])))
    assert (verdict.phone, verdict.reason, verdict.company_phones) == (None, "company_line", (US,))
    assert verdict_on(Hit(*numbers), company_lines=True).phone == US
    beside = verdict_on(Hit(*numbers, Number(UK_MOBILE)))
    assert (beside.phone, beside.company_phones) == (UK_MOBILE, (US,))


@pytest.mark.parametrize(
    ("numbers", "company"),
    [
        ([Number(US)], ()),
        ([Number(US, company_line=True)], (US,)),
        ([Number(US, company_line=True), Number(US, company_line=True)], (US,)),
        ([Number(US, company_line=True), Number(UK_LANDLINE, company_line=True)], (US, UK_LANDLINE)),
        ([Number("nonsense", company_line=True), Number(US)], ()),
        ([Number(TOLL_FREE)], ()),
    ],
)
def test_the_verdict_names_the_numbers_that_are_marked_as_the_companys(
    numbers: list[Number], company: tuple[str, ...]
) -> None:
    assert verdict_on(Hit(*numbers)).company_phones == company
    assert verdict_on(Hit(*numbers), company_lines=True).company_phones == company


# --- the region of a national form --------------------------------------------------------------------------------


def test_regions_for_a_national_form_come_from_the_caller_the_number_the_person_and_the_domain() -> None:
    national = "020 7946 0123"
    assert verdict_on(Hit(Number(national, country="GB"))).phone == UK_LANDLINE
    assert verdict_on(Hit(Number(national)), fields={**ADA, "country": "GB"}).phone == UK_LANDLINE
    assert verdict_on(Hit(Number(national)), fields={**ADA, "domain": "engines.co.uk"}).phone == UK_LANDLINE
    assert verdict_on(Hit(Number(national)), fields={**ADA, "domain": "engines.io"}).reason == "ambiguous_region"
    assert verdict_on(Hit(Number(national), person=Person(country="United Kingdom"))).phone == UK_LANDLINE


def test_two_signals_that_agree_decide_against_a_third() -> None:
    """`030 23125123` is a number in Germany and in Italy."""
    number, berlin, italian = "030 23125123", "+493023125123", "+3903023125123"
    between = {**ADA, "domain": "engines.it"}
    assert verdict_on(Hit(Number(number, country="DE")), fields=between).reason == "ambiguous_region"
    both = Person(name="Ada Lovelace", email=ADA["email"], country="Germany")
    assert verdict_on(Hit(Number(number, country="DE"), person=both), fields=between).phone == berlin
    assert verdict_on(Hit(Number(number, country="DE")), fields={**between, "country": "IT"}).phone == italian


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
    assert verdict.reason in {None, *REASONS, *rules.REASONS}


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
