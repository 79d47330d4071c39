"""Closing: the calls under way are finished and stored, unless it is by force; and what a failed journal means."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.errors import EngineClosed, StoreError
from enrichcore.model import Billed, Contact, Outcome, PhoneResult

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


def ada(lab: "Lab", record_id: str = "1", **more: str) -> Contact:
    return lab.contact(record_id=record_id, email=lab.EMAIL, **more)


# --- closing ----------------------------------------------------------------------------------------------------------


def test_closing_lets_the_call_under_way_finish_and_starts_no_other(lab: "Lab") -> None:
    first, second = lab.by_email(lab.slow(5.0), name="a"), lab.by_email({}, name="b")

    async def work() -> PhoneResult:
        engine = lab.engine(first, second)
        async with engine:
            task = asyncio.create_task(engine.enrich_phone(ada(lab)))
            await asyncio.sleep(1)
        return await task

    result = lab.play(work)
    assert lab.story(result) == ["a/email miss", "b/email skipped stopped"]
    assert (result.status, result.reason) == ("incomplete", "stopped")
    assert [row.outcome for row in lab.rows()] == [Outcome.MISS]


@pytest.mark.parametrize("waits", ["rate", "pace", "retry", "other process", "the same answer"])
def test_closing_does_not_wait_for_what_a_run_waits_for(lab: "Lab", waits: str) -> None:
    answers: Any = {}
    facts: dict[str, Any] = {"rate": ["1/h"]} if waits == "rate" else {}
    if waits == "pace":
        answers = lab.script(errors.RateLimited(retry_after=1800.0))
    elif waits == "retry":
        answers = lab.script(errors.Unsent())
    elif waits in ("other process", "the same answer"):
        answers = lab.slow(15.0)
    vendor = lab.by_email(answers, **facts)

    async def work() -> float:
        engine, other = lab.engine(vendor), lab.engine(vendor)
        async with other, engine:
            tasks = []
            if waits == "rate":
                await engine.enrich_phone(lab.contact(record_id="0", email="p0@engines.example"))
            elif waits == "other process":
                tasks.append(asyncio.create_task(other.enrich_phone(ada(lab, "9"))))
            elif waits == "the same answer":
                tasks.append(asyncio.create_task(engine.enrich_phone(ada(lab, "9"))))
            await asyncio.sleep(0.1)
            tasks.append(asyncio.create_task(engine.enrich_phone(ada(lab), deadline=7200)))
            await asyncio.sleep(0.1)
            await engine.aclose()
            at = lab.now()
            results = await asyncio.gather(*tasks)
            assert results[-1].status in ("incomplete", "not_found")
            return at

    assert lab.play(work) <= (16.0 if waits == "the same answer" else 2.5)


def test_a_forced_close_cancels_the_call_and_leaves_its_intent_to_the_next_process(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(15.0, lab.PHONE))

    async def work() -> float:
        engine = lab.engine(vendor)
        async with engine:
            task = asyncio.create_task(engine.enrich_phone(ada(lab)))
            await asyncio.sleep(1)
            await engine.aclose(force=True)
            with pytest.raises(EngineClosed, match="closed by force"):
                await task
        return lab.now()

    assert lab.play(work) == pytest.approx(1.0)
    assert [row.outcome for row in lab.rows()] == [None]
    again = lab.enrich(vendor, contact=ada(lab))
    assert lab.story(again) == ["paid/email skipped in_doubt"]
    assert len(vendor.calls) == 1


def test_force_may_come_after_patience(lab: "Lab") -> None:
    """A second Ctrl-C: the close that waits is told to wait no longer."""

    async def work() -> float:
        engine = lab.engine(lab.by_email(lab.slow(15.0)))
        async with engine:
            task = asyncio.create_task(engine.enrich_phone(ada(lab)))
            await asyncio.sleep(1)
            closing = asyncio.create_task(engine.aclose())
            await asyncio.sleep(1)
            assert not closing.done()
            await engine.aclose(force=True)
            await closing
            await asyncio.gather(task, return_exceptions=True)
        return lab.now()

    assert lab.play(work) < 3.5


def test_a_close_that_is_cancelled_is_seen_through(lab: "Lab") -> None:
    """It holds paid answers that are not stored yet."""
    vendor = lab.by_email(lab.slow(15.0, lab.PHONE))

    async def work() -> float:
        engine = lab.engine(vendor)
        await engine.__aenter__()
        task = asyncio.create_task(engine.enrich_phone(ada(lab)))
        await asyncio.sleep(1)
        closing = asyncio.create_task(engine.aclose())
        await asyncio.sleep(1)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert lab.tables.owners == set(), "it says that it was cancelled when it is done"
        await task
        return lab.now()

    assert lab.play(work) >= 15
    assert [row.outcome for row in lab.rows()] == [Outcome.HIT]


def test_closing_during_a_bulk_run_ends_it_and_says_so(lab: "Lab") -> None:
    """The rows that were not begun must not come out as incomplete ones, one and all."""
    vendor = lab.by_email(lab.slow(5.0, lab.PHONE))

    async def work() -> list[PhoneResult]:
        engine = lab.engine(vendor)
        out: list[PhoneResult] = []

        async def consume() -> None:
            with pytest.raises(EngineClosed, match="run it again to continue"):  # noqa: PT012 - as said below
                async for result in engine.enrich_phones(lab.people(1000), concurrency=4):
                    out.append(result)  # noqa: PERF401 - what came before the error counts

        async with engine:
            consumer = asyncio.create_task(consume())
            await asyncio.sleep(12)
        await consumer
        return out

    results = lab.play(work)
    assert len(results) == len(vendor.calls) == 12
    assert all(result.found for result in results)


def test_closing_serves_a_lookup_that_has_joined_a_bulk_run(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(5.0), name="a")

    async def work() -> list[str]:
        engine = lab.engine(vendor, lab.by_email({}, name="b"), store=lab.store())
        statuses: list[str] = []

        async def bulk() -> None:
            statuses.extend([result.status async for result in engine.enrich_phones([ada(lab)])])

        async with engine:
            running = asyncio.create_task(bulk())
            await asyncio.sleep(1)
            lookup = asyncio.create_task(engine.enrich_phone(ada(lab)))
            await asyncio.sleep(1)
        await running
        return [*statuses, (await lookup).status]

    assert lab.play(work) == ["incomplete", "incomplete"]
    assert len(vendor.calls) == 1


def test_closing_while_nobody_reads_the_results_does_not_hang(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(1.0, lab.PHONE))

    async def work() -> float:
        engine = lab.engine(vendor)
        async with engine:
            results: Any = engine.enrich_phones(lab.people(1000), concurrency=2)
            await anext(results)
            await asyncio.sleep(60)
            await engine.aclose()
            at = lab.now()
            await results.aclose()
        return at

    assert lab.play(work) <= 63


# --- when the journal fails -------------------------------------------------------------------------------------------


def test_every_caller_hears_that_the_journal_has_failed(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(5.0, lab.PHONE))
    store = lab.store()

    async def work() -> None:
        async with lab.engine(vendor, store=store) as engine:
            tasks = [asyncio.create_task(engine.enrich_phone(ada(lab, record))) for record in ("1", "1", "2")]
            await asyncio.sleep(1)
            store.fail_at = "settle"
            *same, other = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(done) for done in same] == [StoreError, StoreError]
            assert isinstance(other, PhoneResult)
            assert other.status == "incomplete", "it waited for that answer, which nobody can trust to be written down"
            with pytest.raises(StoreError):
                await engine.enrich_phone(ada(lab, "3"))

    lab.play(work)
    assert len(vendor.calls) == 1


def test_an_answer_from_memory_needs_no_journal_and_a_failed_one_ends_even_that(lab: "Lab") -> None:
    store = lab.store()

    async def work() -> list[bool]:
        async with lab.engine(lab.by_email({lab.EMAIL: lab.PHONE}), store=store) as engine:
            await engine.enrich_phone(ada(lab))
            store.fail_at = "claim"
            cached = await engine.enrich_phone(ada(lab))
            with pytest.raises(StoreError):
                await engine.enrich_phone(lab.contact(record_id="2", email="p2@engines.example"))
            with pytest.raises(StoreError):
                await engine.enrich_phone(ada(lab))
            return [cached.cached]

    assert lab.play(work) == [True]
    assert {row.billed for row in lab.rows()} == {Billed.YES}
