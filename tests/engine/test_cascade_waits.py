"""How a cascade waits, and how it stops: callers who leave, and bulk runs without a callable provider."""

import asyncio
from typing import TYPE_CHECKING, Any

from enrichcore import errors
from enrichcore.engine.breaker import CONSECUTIVE
from enrichcore.model import (
    Contact,
    LinkedInQuery,
    PhoneResult,
    Price,
)

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


# --- a caller who leaves ----------------------------------------------------------------------------------------------


def test_after_a_stop_the_call_under_way_is_finished_and_no_other_is_started(lab: "Lab") -> None:
    first, second = lab.by_email(lab.slow(5.0), name="a"), lab.by_email({}, name="b")

    async def work() -> None:
        engine = lab.engine(first, second)
        async with engine:
            task = asyncio.create_task(engine.enrich_phone(lab.contact(email=lab.EMAIL)))
            await asyncio.sleep(1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        explained = lab.tables.results
        assert len(explained) == 1

    lab.play(work)
    assert (len(first.calls), len(second.calls)) == (1, 0)
    [row] = lab.rows()
    assert (row.provider, row.outcome) == ("a", "miss")


def test_an_answer_that_ends_it_is_taken_even_after_a_stop(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(5.0, lab.PHONE))

    async def work() -> PhoneResult | None:
        engine = lab.engine(vendor)
        async with engine:
            task = asyncio.create_task(engine.enrich_phone(lab.contact(email=lab.EMAIL)))
            await asyncio.sleep(1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await asyncio.sleep(10)
            return await engine.explain("1")

    result = lab.play(work)
    assert result is not None
    assert (result.status, result.phone) == ("found", lab.PHONE)


# --- a bulk run waits -------------------------------------------------------------------------------------------------


def test_in_bulk_a_run_without_a_callable_provider_waits_and_says_so(lab: "Lab") -> None:
    """An outage must not rush the rows through as incomplete."""
    said: list[tuple[str, str, float]] = []
    down_until = 120.0

    def unreliable(_: Any) -> str:
        if lab.now() < down_until:
            raise errors.Unsent
        return lab.PHONE

    results = lab.bulk(
        lab.by_email(unreliable), rows=lab.people(500), concurrency=5, on_waiting=lambda *word: said.append(word)
    )
    assert len(results) == 500
    lost = [result.reason for result in results if not result.found]
    assert len(lost) < 20, "only those whose call met the outage itself"
    assert set(lost) <= {"unsent"}
    assert ("paid", "open") in {word[:2] for word in said}
    assert len(lab.told) < 500 + 40, "that a row still waits is no news"


def test_in_bulk_one_probe_is_made_while_the_others_wait(lab: "Lab") -> None:
    """A probe that takes its time must not make those who wait for it spin."""
    under_way = most = 0

    async def hanging(_: Any) -> str:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(2.5)
        under_way -= 1
        return lab.PHONE

    async def work() -> list[bool]:
        async with lab.engine(lab.by_email(hanging)) as engine:
            health, now = engine.channels["paid"].health, lab.runtime.monotonic()
            for _ in range(CONSECUTIVE):
                health.failed(now, now)
            rows = engine.enrich_phones(lab.people(4), concurrency=4)
            results = []
            async for result in rows:
                results.append(result.found)
                if len(results) == 1:
                    assert most == 1
            return results

    assert lab.play(work) == [True] * 4


def test_in_bulk_a_record_that_some_vendor_has_answered_does_not_wait(lab: "Lab") -> None:
    async def work() -> list[PhoneResult]:
        async with lab.engine(lab.by_email({}, name="a"), lab.by_email({}, name="b")) as engine:
            health, now = engine.channels["b"].health, lab.runtime.monotonic()
            for _ in range(CONSECUTIVE):
                health.failed(now, now)
            results = [result async for result in engine.enrich_phones(lab.people(3))]
            assert lab.now() == 0
            return results

    for result in lab.play(work):
        assert lab.story(result) == ["a/email miss", "b/email skipped open"]
        assert result.status == "incomplete"


def test_in_bulk_an_answer_of_the_own_directory_is_no_reason_not_to_wait(lab: "Lab") -> None:
    crm = lab.free({}, name="crm", methods=["email"], first_party=True)

    async def work() -> list[PhoneResult]:
        async with lab.engine(crm, lab.by_email(lambda _: lab.PHONE)) as engine:
            health, now = engine.channels["paid"].health, lab.runtime.monotonic()
            for _ in range(CONSECUTIVE):
                health.failed(now, now)
            return [result async for result in engine.enrich_phones(lab.people(3))]

    assert [result.found for result in lab.play(work)] == [True] * 3


def test_in_bulk_a_deadline_ends_the_wait(lab: "Lab") -> None:
    async def work() -> list[PhoneResult]:
        async with lab.engine(lab.by_email({})) as engine:
            health, now = engine.channels["paid"].health, lab.runtime.monotonic()
            for _ in range(CONSECUTIVE):
                health.failed(now, now)
            return [result async for result in engine.enrich_phones(lab.people(2), deadline=3)]

    assert [(r.status, r.reason) for r in lab.play(work)] == [("incomplete", "open")] * 2


def test_a_lookup_does_not_wait_for_an_open_provider(lab: "Lab") -> None:
    async def work() -> PhoneResult:
        async with lab.engine(lab.by_email({})) as engine:
            health, now = engine.channels["paid"].health, lab.runtime.monotonic()
            for _ in range(CONSECUTIVE):
                health.failed(now, now)
            return await engine.enrich_phone(lab.contact(email=lab.EMAIL))

    result = lab.play(work)
    assert (result.reason, result.processing_time_ms) == ("open", 0)


def test_in_bulk_a_429_makes_the_run_wait(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.RateLimited(retry_after=1800.0), lab.PHONE))
    said: list[tuple[str, str, float]] = []
    backup = lab.by_email({}, name="z", price=Price.per_hit(50))
    results = lab.bulk(vendor, backup, rows=lab.people(3), on_waiting=lambda *word: said.append(word))
    assert [result.found for result in results] == [True] * 3
    assert backup.calls == []
    assert {word[:2] for word in said} == {("paid", "paced")}


def test_linkedin_query_carries_the_slug_whatever_form_was_sent(lab: "Lab") -> None:
    vendor = lab.free({})
    lab.enrich(vendor, contact=Contact(record_id="1", linkedin_id="https://uk.linkedin.com/in/Ada-L/?trk=x"))
    [query] = vendor.calls
    assert isinstance(query, LinkedInQuery)
    assert (query.linkedin_id, query.url) == ("ada-l", "https://www.linkedin.com/in/ada-l")
