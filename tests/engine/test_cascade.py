"""The cascade: who is asked after whom, what is learned on the way, and what the end of it is called."""

from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.engine.breaker import CONSECUTIVE
from enrichcore.errors import ResultErrors
from enrichcore.model import (
    EmailQuery,
    Hit,
    Miss,
    NameQuery,
    Number,
    Person,
    PhoneResult,
    Price,
    Status,
)

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

ADA = {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd"}
SAME = Person(name="Ada Lovelace")


def asked(lab: "Lab", *providers: Any, **fields: str) -> list[str]:
    """The attempts that were made, without the skips."""
    result = lab.enrich(*providers, contact=lab.contact(**(fields or lab.ADA)))
    return [line for line in lab.story(result) if " skipped" not in line]


# --- the order --------------------------------------------------------------------------------------------------------


def test_name_then_linkedin_then_email_each_provider_in_turn(lab: "Lab") -> None:
    assert asked(lab, lab.free({}, name="a"), lab.free({}, name="b")) == [
        "a/name miss", "b/name miss", "a/linkedin miss", "b/linkedin miss", "a/email miss", "b/email miss",
    ]  # fmt: skip


def test_own_directories_are_asked_by_all_methods_before_any_vendor(lab: "Lab") -> None:
    crm = lab.free({lab.EMAIL: lab.PHONE}, name="crm", first_party=True)
    vendor = lab.paid({"Ada Lovelace": lab.OTHER_PHONE})
    assert asked(lab, vendor, crm) == ["crm/name miss", "crm/linkedin miss", "crm/email hit"]
    assert vendor.calls == []


def test_free_before_paid_cheap_before_dear(lab: "Lab") -> None:
    dear = lab.paid({}, name="a", price=Price.per_hit(9), methods=["email"])
    cheap = lab.paid({}, name="b", price=Price.per_hit(1), methods=["email"])
    free = lab.free({}, name="c", methods=["email"])
    assert asked(lab, dear, cheap, free) == ["c/email miss", "b/email miss", "a/email miss"]


def test_an_accepted_number_ends_it(lab: "Lab") -> None:
    first = lab.free({"Ada Lovelace": lab.PHONE}, name="a")
    second = lab.free({}, name="b")
    result = lab.enrich(first, second)
    assert (result.status, result.phone, result.provider, result.method) == ("found", lab.PHONE, "a", "name")
    assert lab.story(result)[0] == "a/name hit"
    assert {line.split(" ", 1)[1] for line in lab.story(result)[1:]} == {"skipped not_reached"}
    assert second.calls == []


def test_a_method_without_data_is_not_tried(lab: "Lab") -> None:
    assert asked(lab, lab.free({}), email=lab.EMAIL) == ["free/email miss"]
    assert asked(lab, lab.free({}), linkedin_id="https://www.linkedin.com/in/ada-l") == ["free/linkedin miss"]
    assert asked(lab, lab.free({}), **ADA) == ["free/name miss"]


# --- learned values ---------------------------------------------------------------------------------------------------


def test_what_an_answer_teaches_makes_later_methods_possible(lab: "Lab") -> None:
    """An email that yields a LinkedIn id reaches the LinkedIn-only vendors."""
    teacher = lab.free({lab.EMAIL: Miss(Person(name="Ada Lovelace", linkedin_id="ada-l"))}, name="a", methods=["email"])
    linkedin_only = lab.free({"ada-l": lab.PHONE}, name="z", methods=["linkedin"])
    contact = lab.contact(first_name="Ada", last_name="Lovelace", email=lab.EMAIL)
    result = lab.enrich(linkedin_only, teacher, contact=contact)
    assert lab.story(result) == ["a/email miss", "z/linkedin hit"]
    assert (result.found, result.linkedin_id, result.provider) == (True, "ada-l", "z")


def test_after_each_answer_the_first_untried_step_that_now_has_its_data_is_next(lab: "Lab") -> None:
    """The directory that lacked a LinkedIn id comes before the vendors that never lacked anything."""
    crm = lab.free({"ada-l": lab.PHONE}, name="crm", methods=["linkedin"], first_party=True)
    said = Miss(Person(name="Ada Lovelace", company="Engines", linkedin_id="ada-l"))
    teacher = lab.free({"Ada Lovelace": said}, name="a")
    other = lab.free({"Ada Lovelace": lab.OTHER_PHONE}, name="b")
    assert asked(lab, crm, teacher, other, **ADA) == ["a/name miss", "crm/linkedin hit"]
    assert other.calls == []


def test_a_learned_email_and_a_learned_domain_are_used(lab: "Lab") -> None:
    said = Miss(Person(name="Ada Lovelace", email=lab.EMAIL, domain="engines.example"))
    teacher = lab.free({"Ada Lovelace": said}, name="a", methods=["name"])
    by_email = lab.free({}, name="b", methods=["email"])
    by_domain = lab.free({}, name="c", methods=["name"], requires={"name": {"domain"}})
    assert asked(lab, teacher, by_email, by_domain, **ADA) == ["a/name miss", "c/name miss", "b/email miss"]
    [query] = by_domain.calls
    assert isinstance(query, NameQuery)
    assert (query.domain, query.company) == ("engines.example", "Engines Ltd")
    [query] = by_email.calls
    assert isinstance(query, EmailQuery)
    assert query.email == lab.EMAIL


def test_what_the_caller_sent_is_never_replaced_by_what_was_learned(lab: "Lab") -> None:
    said = Miss(Person(name="Ada Lovelace", company="Engines", email="x@engines.example"))
    teacher = lab.free({"Ada Lovelace": said}, name="a", methods=["name"])
    taught = lab.free({}, name="b", methods=["linkedin", "email"])
    result = lab.enrich(teacher, taught)
    assert result.attempts[0].evidence == ("name", "company", "domain", "keyed_by_name"), (
        "the answer itself is believed"
    )
    assert (result.email, result.linkedin_id) == (lab.EMAIL, "ada-l")
    keys = [q.email if isinstance(q, EmailQuery) else getattr(q, "linkedin_id", "") for q in taught.calls]
    assert keys == ["ada-l", lab.EMAIL]


@pytest.mark.parametrize(
    "said",
    [
        Miss(Person(name="Grace Hopper", linkedin_id="grace")),
        Hit(Number("+12025550143"), person=Person(name="Grace Hopper", linkedin_id="grace")),
    ],
)
def test_an_answer_about_somebody_else_teaches_nothing(lab: "Lab", said: Any) -> None:
    teacher = lab.free({lab.EMAIL: said}, name="a", methods=["email"])
    linkedin_only = lab.free({"grace": lab.PHONE}, name="b", methods=["linkedin"])
    contact = lab.contact(first_name="Ada", last_name="Lovelace", email=lab.EMAIL)
    result = lab.enrich(teacher, linkedin_only, contact=contact)
    assert (result.status, result.linkedin_id, linkedin_only.calls) == ("not_found", None, [])


def test_what_is_learned_with_the_number_is_echoed(lab: "Lab") -> None:
    said = Hit(Number(lab.PHONE), person=Person(name="Ada Lovelace", linkedin_id="ada-l", email=lab.EMAIL))
    result = lab.enrich(lab.free({"Ada Lovelace": said}), contact=lab.contact(**ADA))
    assert (result.found, result.linkedin_id, result.email) == (True, "ada-l", lab.EMAIL)


def test_a_rejected_number_of_the_right_person_still_teaches(lab: "Lab") -> None:
    said = Hit(Number("nonsense"), person=Person(name="Ada Lovelace", linkedin_id="ada-l"))
    teacher = lab.free({lab.EMAIL: said}, name="a", methods=["email"])
    linkedin_only = lab.free({"ada-l": lab.PHONE}, name="b", methods=["linkedin"])
    contact = lab.contact(first_name="Ada", last_name="Lovelace", email=lab.EMAIL)
    assert lab.story(lab.enrich(teacher, linkedin_only, contact=contact)) == [
        "a/email rejected unparsable", "b/linkedin hit",
    ]  # fmt: skip


def test_learned_values_work_from_known_answers_as_well(lab: "Lab") -> None:
    teacher = lab.by_email({lab.EMAIL: Miss(Person(linkedin_id="ada-l"))}, name="a")
    contact = lab.contact(email=lab.EMAIL)
    lab.enrich(teacher, contact=contact)
    linkedin_only = lab.paid({"ada-l": lab.PHONE}, name="b", methods=["linkedin"])
    result = lab.enrich(teacher, linkedin_only, contact=contact)
    assert lab.story(result) == ["a/email miss", "b/linkedin hit"]
    assert (len(teacher.calls), result.attempts[0].cached) == (1, True)


@pytest.mark.parametrize("garbage", ["not an email", "@", "", "x" * 400])
def test_what_cannot_be_an_email_or_a_profile_is_not_learned(lab: "Lab", garbage: str) -> None:
    said = Miss(Person(name="Ada Lovelace", email=garbage, domain=garbage))
    teacher = lab.free({"Ada Lovelace": said}, name="a", methods=["name"])
    by_email = lab.free({}, name="b", methods=["email"])
    result = lab.enrich(teacher, by_email, contact=lab.contact(**ADA))
    assert (result.email, by_email.calls) == (None, [])


# --- what the end is called -------------------------------------------------------------------------------------------

OUTAGES: list[tuple[Any, str]] = [
    (errors.Unsent(), "unsent"),
    (errors.MaybeSent(), "maybe_sent"),
    (errors.RateLimited(retry_after=3600.0), "rate_limited"),
    (errors.OutOfCredits(), "out_of_credits"),
    (errors.KeyRefused(), "key_refused"),
    (errors.ServerError(), "server_error"),
    (errors.RequestRefused(), "request_refused"),
    (errors.Unreadable(), "unreadable"),
    (errors.JobFailed(), "job_failed"),
    (RuntimeError("bug"), "plugin_fault"),
]


@pytest.mark.parametrize(("error", "reason"), OUTAGES, ids=[reason for _, reason in OUTAGES])
@pytest.mark.parametrize("position", ["first", "last"])
def test_an_error_is_never_a_miss(lab: "Lab", error: Any, reason: str, position: str) -> None:
    names = ("a", "b") if position == "first" else ("b", "a")
    failing = lab.by_email(lab.script(error), name=names[0])
    missing = lab.by_email({}, name=names[1])
    result = lab.enrich(failing, missing, contact=lab.contact(email=lab.EMAIL))
    assert (result.status, result.reason, result.found) == (Status.INCOMPLETE, reason, False)
    assert result.retry_at is not None or reason == "key_refused", "a refused key takes a person, not time"
    with pytest.raises(ResultErrors, match=reason):
        result.raise_for_errors()


def test_when_everybody_has_answered_it_is_not_found(lab: "Lab") -> None:
    result = lab.enrich(lab.free({}, name="a"), lab.free({}, name="b"))
    assert (result.status, result.reason, result.retry_at, result.phone) == ("not_found", None, None, None)
    result.raise_for_errors()


def test_a_refusal_is_the_reason_of_a_miss(lab: "Lab") -> None:
    result = lab.enrich(lab.by_email({lab.EMAIL: "nonsense"}), lab.free({}), contact=lab.contact(email=lab.EMAIL))
    assert (result.status, result.reason) == ("not_found", "refused: unparsable")


def test_a_number_counts_however_many_others_failed(lab: "Lab") -> None:
    failing = lab.by_email(lab.script(errors.ServerError()), name="a")
    result = lab.enrich(failing, lab.by_email({lab.EMAIL: lab.PHONE}, name="b"), contact=lab.contact(email=lab.EMAIL))
    assert (result.status, result.reason, result.retry_at) == ("found", None, None)


@pytest.mark.parametrize("state", ["parked", "suspended", "open", "paced"])
def test_a_temporary_skip_makes_it_incomplete(lab: "Lab", state: str) -> None:
    async def work() -> PhoneResult:
        async with lab.engine(lab.by_email({}, name="a"), lab.by_email({}, name="b")) as engine:
            health, now = engine.channels["a"].health, lab.runtime.monotonic()
            match state:
                case "parked":
                    health.park(now)
                case "suspended":
                    health.suspend("key_refused")
                case "paced":
                    health.pace(now + 3600)
                case _:
                    for _ in range(CONSECUTIVE):
                        health.failed(now, now)
            return await engine.enrich_phone(lab.contact(email=lab.EMAIL))

    result = lab.play(work)
    assert lab.story(result) == [f"a/email skipped {state}", "b/email miss"]
    assert (result.status, result.reason) == ("incomplete", state)
    assert (result.retry_at is None) == (state == "suspended")


def nobody(lab: "Lab", kind: str) -> Any:
    match kind:
        case "other method":
            return lab.free({}, methods=["linkedin"])
        case "requires more":
            return lab.free({}, requires={"email": {"first_name"}})
        case "other country":
            return lab.free({}, countries={"GB"}, methods=["email"])
        case "no key":
            return lab.paid({}, key_env="NO_SUCH_KEY")
    raise LookupError(kind)


@pytest.mark.parametrize("kind", ["other method", "requires more", "other country", "no key"])
def test_nothing_applicable_is_not_found_with_that_reason_and_not_cached(lab: "Lab", kind: str) -> None:
    contact = lab.contact(email=lab.EMAIL, country="US")
    result = lab.enrich(nobody(lab, kind), contact=contact)
    assert (result.status, result.reason, result.retry_at) == ("not_found", "no_applicable_provider", None)
    assert (lab.tables.results, lab.rows()) == ({}, [])
    again = lab.enrich(nobody(lab, kind), lab.free({lab.EMAIL: lab.PHONE}, name="new"), contact=contact)
    assert again.found


@pytest.mark.parametrize("how", ["offline", "failed to start"])
@pytest.mark.parametrize("applicable", [True, False])
def test_who_could_have_answered_and_was_not_there_makes_it_incomplete(lab: "Lab", how: str, applicable: bool) -> None:
    """Who could not have answered does not: nobody misses that answer."""
    vendor = lab.Remote()

    async def setup() -> None:
        raise RuntimeError("no")

    if how == "failed to start":
        vars(vendor)["setup"] = setup
    contact = lab.contact(email=lab.EMAIL) if applicable else lab.contact(linkedin_id="ada-l")
    result = lab.enrich(vendor, lab.free({}), contact=contact, offline=how == "offline")
    assert result.status == ("incomplete" if applicable else "not_found")


def test_too_little_data_is_invalid_and_says_what_each_method_lacks(lab: "Lab") -> None:
    result = lab.enrich(lab.free({}), contact=lab.contact(first_name="Ada", email="not an email"))
    assert result.status == "invalid"
    assert result.reason is not None
    assert result.reason.startswith("insufficient_data: name method lacks last_name, company or domain; LinkedIn")
    assert result.ignored == ("email",)


def test_cost_adds_up_over_all_attempts(lab: "Lab") -> None:
    settings = {name: {"credit_price": "0.10"} for name in "abc"}
    result = lab.enrich(
        lab.by_email(lab.script(errors.Unreadable()), name="a"),
        lab.by_email({}, name="b", price=Price.per_attempt(3)),
        lab.by_email({lab.EMAIL: lab.PHONE}, name="c", price=Price.per_hit(5)),
        contact=lab.contact(email=lab.EMAIL),
        settings=settings,
    )
    assert [str(attempt.cost) for attempt in result.attempts] == ["0.20", "0.30", "0.50"]
    assert str(result.cost) == "1.00"
