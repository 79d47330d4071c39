"""What is known is not asked: one call a question, whoever asks, in however many processes."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.engine.channel import moment
from enrichcore.engine.retry import MAX_TRIES
from enrichcore.model import (
    Acceptance,
    Billed,
    Contact,
    Outcome,
    PhoneResult,
    Price,
)

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

DAY = 86_400.0

HIT, REPEATS, ATTEMPT = Price.per_hit(2), Price.per_hit(2, repeats_free_days=30), Price.per_attempt(2)


def ada(lab: "Lab", record_id: str = "1") -> Contact:
    return lab.contact(record_id=record_id, email=lab.EMAIL)


# --- what is known is not asked ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["+12025550143", None, "nonsense"])
def test_an_answer_is_not_bought_twice(lab: "Lab", answer: str | None) -> None:
    vendor = lab.by_email({lab.EMAIL: answer})
    told = [lab.enrich(vendor, contact=ada(lab, record)).attempts[0] for record in "123"]
    assert len(vendor.calls) == 1
    assert {attempt.outcome for attempt in told} == {told[0].outcome}
    assert [attempt.cached for attempt in told] == [False, True, True]


@pytest.mark.parametrize(
    ("error", "calls"),
    [(errors.Unsent(), 2 * MAX_TRIES), (errors.RequestRefused(), 2), (errors.Unreadable(), 1), (errors.MaybeSent(), 1)],
    ids=lambda value: getattr(value, "code", value),
)
def test_an_error_is_never_an_answer_but_a_bill_blocks(lab: "Lab", error: errors.ProviderError, calls: int) -> None:
    vendor = lab.by_email(lab.script(error))
    lab.enrich(vendor, contact=ada(lab))
    again = lab.enrich(vendor, contact=ada(lab))
    assert again.status == "incomplete"
    assert len(vendor.calls) == calls


def test_a_billed_error_blocks_as_long_as_a_miss_would(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.Unreadable(), lab.PHONE))
    lab.enrich(vendor, contact=ada(lab))
    lab.runtime.skew += 13.9 * DAY
    blocked = lab.enrich(vendor, contact=ada(lab))
    assert (lab.story(blocked), blocked.attempts[0].cached) == (["paid/email error unreadable"], True)
    lab.runtime.skew += 0.2 * DAY
    assert lab.enrich(vendor, contact=ada(lab)).found


def test_a_bill_in_doubt_blocks_even_a_refresh_for_a_day(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.MaybeSent(), lab.PHONE))
    lab.enrich(vendor, contact=ada(lab))
    assert lab.story(lab.enrich(vendor, contact=ada(lab), refresh=True)) == ["paid/email skipped in_doubt"]
    lab.runtime.skew += DAY
    assert lab.enrich(vendor, contact=ada(lab), refresh=True).found


@pytest.mark.parametrize(("answer", "days"), [("+12025550143", 90), (None, 14)])
def test_an_answer_lives_as_long_as_its_outcome(lab: "Lab", answer: str | None, days: int) -> None:
    vendor = lab.by_email({lab.EMAIL: answer})
    lab.enrich(vendor, contact=ada(lab))
    lab.runtime.skew += days * DAY - 3600
    lab.enrich(vendor, contact=ada(lab, "2"))
    assert len(vendor.calls) == 1
    lab.runtime.skew += 3600
    lab.enrich(vendor, contact=ada(lab, "3"))
    assert len(vendor.calls) == 2


def test_refresh_asks_again_whatever_is_known(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(lab.PHONE, lab.OTHER_PHONE))
    assert lab.enrich(vendor, contact=ada(lab)).phone == lab.PHONE
    assert lab.enrich(vendor, contact=ada(lab), refresh=True).phone == lab.OTHER_PHONE
    assert lab.enrich(vendor, contact=ada(lab, "2")).phone == lab.OTHER_PHONE, "the newest answer stands"
    assert len(vendor.calls) == 2


def test_a_hint_that_arrives_later_does_not_make_a_new_person(lab: "Lab") -> None:
    vendor = lab.paid({"Ada Lovelace": lab.PHONE, lab.EMAIL: lab.PHONE, "ada-l": lab.PHONE})
    base: list[dict[str, str]] = [
        {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd"},
        {"email": lab.EMAIL},
        {"linkedin_id": "ada-l"},
    ]
    hints = {"country": "US", "domain": "engines.example"}
    for number, fields in enumerate(base):
        lab.enrich(vendor, contact=lab.contact(record_id=f"a{number}", **fields))
        lab.enrich(vendor, contact=lab.contact(record_id=f"b{number}", **fields, **hints))
        spelt = {name: value.upper() for name, value in fields.items()}
        lab.enrich(vendor, contact=lab.contact(record_id=f"c{number}", **spelt))
    assert len(vendor.calls) == 3


def test_another_version_of_a_providers_answers_is_another_question(lab: "Lab") -> None:
    for version in ("1", "2"):
        vendor = lab.by_email({lab.EMAIL: lab.PHONE}, answer_version=version)
        lab.enrich(vendor, contact=ada(lab, version))
        assert len(vendor.calls) == 1


def test_a_known_answer_is_used_however_the_provider_fares(lab: "Lab") -> None:
    """Answers bought earlier are free: no deadline, rate limit, breaker or empty account stands before them."""
    vendor = lab.by_email({lab.EMAIL: lab.PHONE}, rate=["1/day"])
    lab.enrich(vendor, contact=ada(lab))

    async def work() -> PhoneResult:
        async with lab.engine(vendor) as engine:
            engine.channels["paid"].health.suspend("key_refused")
            return await engine.enrich_phone(ada(lab, "2"), deadline=0.01)

    assert lab.play(work).found


def test_another_policy_judges_a_known_answer_again(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    refused = lab.enrich(vendor, contact=ada(lab), acceptance=Acceptance())
    assert lab.story(refused) == ["paid/email rejected fictional"]
    assert lab.enrich(vendor, contact=ada(lab, "2")).found
    assert len(vendor.calls) == 1


# --- single flight ----------------------------------------------------------------------------------------------------


def test_many_callers_at_once_make_one_call(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(2.0, lab.PHONE))

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor) as engine:
            return await asyncio.gather(*(engine.enrich_phone(ada(lab, str(number))) for number in range(50)))

    results = lab.play(work)
    assert all(result.found for result in results)
    assert len(vendor.calls) == 1
    assert sum(result.attempts[0].billed is Billed.YES for result in results) == 1


def test_when_the_first_caller_fails_the_next_one_asks(lab: "Lab") -> None:
    async def later(_: Any) -> Any:
        await asyncio.sleep(1)
        if len(vendor.calls) == 1:
            raise errors.RequestRefused
        return lab.PHONE

    vendor = lab.by_email(later)

    async def work() -> list[str]:
        async with lab.engine(vendor) as engine:
            asked = (engine.enrich_phone(ada(lab, str(number))) for number in range(5))
            return [result.status for result in await asyncio.gather(*asked)]

    assert lab.play(work) == ["incomplete", "found", "found", "found", "found"]
    assert len(vendor.calls) == 2


def test_a_caller_with_less_time_does_not_wait_longer_than_its_deadline(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(10.0, lab.PHONE))

    async def work() -> tuple[PhoneResult, PhoneResult]:
        async with lab.engine(vendor) as engine:
            return await asyncio.gather(
                engine.enrich_phone(ada(lab, "1"), deadline=60), engine.enrich_phone(ada(lab, "2"), deadline=3)
            )

    long, short = lab.play(work)
    assert long.found
    assert (short.reason, short.processing_time_ms) == ("in_flight", 3_000)
    assert short.retry_at is not None


def test_two_processes_make_one_call(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(2.0, lab.PHONE))

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor) as one, lab.engine(vendor) as two:
            first = asyncio.create_task(one.enrich_phone(ada(lab, "1")))
            await asyncio.sleep(1)
            return [await two.enrich_phone(ada(lab, "2")), await first]

    second, first = lab.play(work)
    assert (first.attempts[0].cached, second.attempts[0].cached) == (False, True)
    assert (first.found, second.found, len(vendor.calls)) == (True, True, 1)


def test_a_call_of_another_process_is_waited_for_only_while_one_of_our_own_would_fit(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(30.0, lab.PHONE), typical=2.0)

    async def work() -> PhoneResult:
        async with lab.engine(vendor) as one, lab.engine(vendor) as two:
            first = asyncio.create_task(one.enrich_phone(ada(lab, "1")))
            await asyncio.sleep(1)
            result = await two.enrich_phone(ada(lab, "2"), deadline=8)
            await first
            return result

    result = lab.play(work)
    assert (result.reason, len(vendor.calls)) == ("in_flight", 1)
    assert 5_000 <= result.processing_time_ms <= 6_000


def test_when_the_other_process_fails_we_ask(lab: "Lab") -> None:
    async def refuse_first(_: Any) -> Any:
        await asyncio.sleep(2)
        if len(vendor.calls) == 1:
            raise errors.RequestRefused
        return lab.PHONE

    vendor = lab.by_email(refuse_first)

    async def work() -> list[str]:
        async with lab.engine(vendor) as one, lab.engine(vendor) as two:
            first = asyncio.create_task(one.enrich_phone(ada(lab, "1")))
            await asyncio.sleep(1)
            return [(await two.enrich_phone(ada(lab, "2"))).status, (await first).status]

    assert lab.play(work) == ["found", "incomplete"]


# --- orphaned intents -------------------------------------------------------------------------------------------------


def orphan(lab: "Lab", vendor: Any) -> None:
    """A process dies in the middle of its call."""

    async def crash() -> None:
        engine = lab.engine(vendor)
        async with engine:
            task = asyncio.create_task(engine.enrich_phone(ada(lab)))
            await asyncio.sleep(1)
            await engine.aclose(force=True)
            await asyncio.gather(task, return_exceptions=True)

    lab.play(crash)
    [row] = lab.rows()
    assert row.outcome is None


def test_an_orphaned_intent_is_held_in_doubt(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(30.0, lab.PHONE))
    orphan(lab, vendor)
    result = lab.enrich(vendor, contact=ada(lab))
    assert lab.story(result) == ["paid/email skipped in_doubt"]
    assert result.retry_at is not None
    assert abs(result.retry_at - moment(lab.WALL + 120 + DAY)) < timedelta(seconds=2)
    [row] = lab.rows()
    assert (row.outcome, row.billed, len(vendor.calls)) == (Outcome.ERROR, Billed.UNKNOWN, 1)


def test_an_orphaned_intent_is_repeated_where_the_vendor_makes_repeats_free(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(lab.slow(10.0, lab.PHONE)), price=REPEATS)
    orphan(lab, vendor)
    assert lab.enrich(vendor, contact=ada(lab)).found
    *doubts, row = lab.rows()
    assert (row.outcome, row.billed, len(vendor.calls)) == (Outcome.HIT, Billed.YES, 2)
    assert all(doubt.billed is Billed.UNKNOWN for doubt in doubts)
