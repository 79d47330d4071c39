"""How attempts are told: outcome, what it cost, and when asking again makes sense."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.engine.channel import moment
from enrichcore.engine.story import charge
from enrichcore.model import Answer, Billed, Hit, Job, Miss, Number, Outcome, Person, Price
from enrichcore.plugins import Poll

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

DAY = 86_400.0
HIT, MISS = Hit(Number("+12025550143")), Miss()
MISS_KNOWN = Miss(Person(name="Ada"))


@pytest.mark.parametrize(
    ("price", "answer", "credits"),
    [
        (Price.per_hit(3), HIT, 3),
        (Price.per_hit(3), MISS, 0),
        (Price.per_hit(3), MISS_KNOWN, 0),
        (Price.per_match(3), HIT, 3),
        (Price.per_match(3), MISS_KNOWN, 3),
        (Price.per_match(3), MISS, 0),
        (Price.per_attempt(3), MISS, 3),
        (Price.per_attempt(3), HIT, 3),
        (Price.per_hit(3), Hit(Number("x"), credits=Decimal(7)), 7),
        (Price.per_attempt(3), Miss(credits=Decimal(0)), 0),
    ],
)
def test_an_answer_costs_what_the_vendor_says_else_the_declared_price(
    price: Price, answer: Answer, credits: int
) -> None:
    assert charge(price, answer) == credits


def one_attempt(lab: "Lab", vendor: Any, **options: Any) -> Any:
    result = lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL), **options)
    [attempt] = result.attempts
    return attempt


def test_a_hit_tells_number_cost_evidence_and_time(lab: "Lab") -> None:
    attempt = one_attempt(lab, lab.by_email(lab.slow(0.25, lab.PHONE)), settings={"paid": {"credit_price": "0.05"}})
    assert (attempt.outcome, attempt.phone, attempt.billed) == (Outcome.HIT, lab.PHONE, Billed.YES)
    assert (attempt.credits, attempt.cost) == (Decimal(2), Decimal("0.10"))
    assert (attempt.match_score, attempt.evidence) == (0.7, ("keyed_by_email",))
    assert (attempt.tries, attempt.cached, attempt.duration_ms) == (1, False, pytest.approx(250))
    assert attempt.started_at == moment(lab.WALL + 60)
    assert attempt.id == lab.rows()[0].id


def test_without_a_price_in_money_the_cost_is_unknown(lab: "Lab") -> None:
    attempt = one_attempt(lab, lab.by_email({lab.EMAIL: lab.PHONE}))
    assert (attempt.credits, attempt.cost) == (Decimal(2), None)


def test_an_earlier_answer_costs_nothing_now(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    one_attempt(lab, vendor)
    other = lab.contact(record_id="2", email=lab.EMAIL)
    [attempt] = lab.enrich(vendor, contact=other).attempts
    assert (attempt.outcome, attempt.cached, attempt.billed) == (Outcome.HIT, True, Billed.NO)
    assert (attempt.credits, attempt.cost, attempt.tries, attempt.duration_ms) == (Decimal(0), Decimal(0), 0, 0.0)
    assert attempt.started_at == moment(lab.WALL + 60), "it still says when the answer was given"


RETRY_AT: list[tuple[Any, float | None]] = [
    (errors.MaybeSent(), DAY),
    (errors.Unreadable(), 14 * DAY),
    (errors.RateLimited(retry_after=120.0), 120.0),
    (errors.OutOfCredits(), 60.0),
    (errors.KeyRefused(), None),
    (errors.RequestRefused(), 0.0),
]


@pytest.mark.parametrize(("error", "after"), RETRY_AT, ids=lambda value: getattr(value, "code", value))
def test_an_error_says_when_asking_again_makes_sense(lab: "Lab", error: Any, after: float | None) -> None:
    """None where it takes a person."""
    result = lab.enrich(lab.by_email(lab.script(error)), contact=lab.contact(email=lab.EMAIL))
    expected = None if after is None else moment(lab.WALL + 60 + after)
    assert (result.status, result.reason) == ("incomplete", error.code)
    assert (result.retry_at, result.attempts[0].retry_at) == (expected, expected)


def test_an_error_shows_its_message(lab: "Lab") -> None:
    attempt = one_attempt(lab, lab.by_email(lab.script(errors.RequestRefused("the vendor answered with status 422"))))
    assert attempt.detail == "the vendor answered with status 422"


def test_a_pending_job_says_so_and_when_to_come_again(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(Job("j1")), poll=Poll(first=60.0, every=90.0))
    attempt = one_attempt(lab, vendor, deadline=8)
    assert (attempt.outcome, attempt.reason, attempt.billed) == (Outcome.ERROR, "pending", Billed.UNKNOWN)
    assert attempt.retry_at == moment(lab.WALL + 60 + 90)
    assert "without paying again" in attempt.detail


def test_a_free_vendors_pending_job_promises_nothing(lab: "Lab") -> None:
    vendor = lab.free(lab.script(Job("j1")), methods=["email"], poll=Poll(first=60.0))
    attempt = one_attempt(lab, vendor, deadline=8)
    assert (attempt.reason, attempt.billed) == ("pending", Billed.NO)
    assert attempt.detail.endswith("the next call asks again")


def test_in_doubt_becomes_unresolved_after_a_day_without_a_time_to_retry(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.MaybeSent(), lab.PHONE))
    one_attempt(lab, vendor)
    doubt = one_attempt(lab, vendor)
    assert (doubt.outcome, doubt.reason, doubt.cached) == (Outcome.SKIPPED, "in_doubt", True)
    assert doubt.retry_at == moment(lab.WALL + 60 + DAY)
    lab.runtime.skew += DAY
    result = lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL))
    assert (result.status, result.reason, result.retry_at) == ("incomplete", "unresolved", None)
    lab.runtime.skew += 13 * DAY
    assert one_attempt(lab, vendor).outcome is Outcome.HIT, "after the lifetime of a miss it may be asked again"
    assert len(vendor.calls) == 2


def test_a_skip_for_the_providers_state_says_when_that_ends(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.OutOfCredits()))
    one_attempt(lab, vendor)
    parked = one_attempt(lab, vendor)
    assert (parked.reason, parked.retry_at) == ("parked", moment(lab.WALL + 120 + 60))


def test_our_own_rate_limit_says_when_it_ends(lab: "Lab") -> None:
    vendor = lab.by_email({}, rate=["1/h"])
    lab.enrich(vendor, contact=lab.contact(email="other@engines.example"))
    result = lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL), deadline=8)
    assert result.reason == "paced"
    assert result.retry_at is not None
    assert abs(result.retry_at - moment(lab.WALL + 60 + 3600)) < timedelta(seconds=1)


@pytest.mark.parametrize(("deadline", "reason"), [(1.0, "no_time")])
def test_a_caller_without_time_may_ask_again_at_once(lab: "Lab", deadline: float, reason: str) -> None:
    result = lab.enrich(lab.by_email({}, typical=5.0), contact=lab.contact(email=lab.EMAIL), deadline=deadline)
    assert (result.status, result.reason) == ("incomplete", reason)
    assert result.retry_at == moment(lab.WALL + 60)
