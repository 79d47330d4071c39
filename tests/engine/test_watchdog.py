"""The watchdog: heartbeats, clocks that jump, plugins that ignore their cancellation, plugins that block the loop."""

import asyncio
import contextlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.engine.breaker import CONSECUTIVE
from enrichcore.engine.watchdog import GRACE, HEARTBEAT
from enrichcore.model import Billed, Outcome, PhoneResult

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

DAY = 86_400.0


class Deaf:
    """A hook that ignores its cancellation, `ignores` seconds long, and then answers."""

    def __init__(self, ignores: float, answer: Any = None) -> None:
        self.until: float | None = None
        self.ignores = ignores
        self.answer = answer
        self.cancellations = 0

    async def __call__(self, _: Any) -> Any:
        loop = asyncio.get_running_loop()
        end = loop.time() + self.ignores
        while loop.time() < end:
            try:
                await asyncio.sleep(end - loop.time())
            except asyncio.CancelledError:
                self.cancellations += 1
        return self.answer


def test_owners_heartbeat_as_long_as_they_live(lab: "Lab") -> None:
    store = lab.store()

    async def work() -> None:
        async with lab.engine(lab.free({}), store=store):
            await asyncio.sleep(10 * HEARTBEAT + 2)

    lab.play(work)
    assert store.operations.count("heartbeat") in (9, 10)


def test_a_heartbeat_that_fails_is_tried_again(lab: "Lab") -> None:
    store = lab.store()

    async def work() -> None:
        async with lab.engine(lab.free({}), store=store):
            store.fail_at = "heartbeat"
            await asyncio.sleep(10 * HEARTBEAT)

    lab.play(work)
    assert store.operations.count("heartbeat") >= 8


# --- a plugin that ignores its cancellation ---------------------------------------------------------------------------


def test_a_plugin_that_swallows_its_cancellation_is_left_behind_and_its_provider_suspended(lab: "Lab") -> None:
    vendor = lab.by_email(Deaf(3600.0), timeout=10.0, name="deaf")
    backup = lab.by_email({lab.EMAIL: lab.PHONE}, name="z")

    async def work() -> tuple[PhoneResult, PhoneResult, str]:
        async with lab.engine(vendor, backup) as engine:
            first = await engine.enrich_phone(lab.contact(email=lab.EMAIL), deadline=None)
            second = await engine.enrich_phone(lab.contact(record_id="2", email="p2@engines.example"))
            return first, second, engine.channels["deaf"].health.state

    first, second, state = lab.play(work)
    assert (first.status, first.reason) == ("incomplete", "plugin_fault")
    assert 10.0 + GRACE <= first.processing_time_ms / 1000 <= 10.0 + GRACE + 2
    assert lab.story(first) == ["deaf/email error plugin_fault", "z/email skipped stopped"]
    assert "left behind" in str(first.attempts[0].detail)
    assert (first.attempts[0].billed, str(first.attempts[0].credits)) == (Billed.UNKNOWN, "2")
    assert lab.story(second) == ["deaf/email skipped suspended", "z/email miss"]
    assert state == "suspended"


def test_what_is_left_behind_is_told_and_can_be_explained(lab: "Lab") -> None:
    async def work() -> PhoneResult | None:
        async with lab.engine(lab.by_email(Deaf(3600.0), timeout=10.0)) as engine:
            await engine.enrich_phone(lab.contact(email=lab.EMAIL), deadline=None)
            return await engine.explain("1")

    explained = lab.play(work)
    assert explained is not None
    assert explained.reason == "plugin_fault"
    assert [(attempt.outcome, attempt.reason) for attempt in lab.told] == [("error", "plugin_fault")]


def test_others_who_wait_for_the_same_answer_go_on(lab: "Lab") -> None:
    vendor = lab.by_email(Deaf(3600.0), timeout=10.0)

    async def work() -> list[str | None]:
        async with lab.engine(vendor) as engine:
            asked = [
                engine.enrich_phone(lab.contact(record_id=str(n), email=lab.EMAIL), deadline=None) for n in range(4)
            ]
            return [result.reason for result in await asyncio.gather(*asked)]

    assert lab.play(work) == ["plugin_fault", "suspended", "suspended", "suspended"]
    assert len(vendor.calls) == 1


def test_in_bulk_the_other_rows_go_on(lab: "Lab") -> None:
    deaf = Deaf(3600.0)

    async def sometimes(query: Any) -> Any:
        return await deaf(query) if query.email.startswith("p3@") else lab.PHONE

    results = lab.bulk(lab.by_email(sometimes, timeout=10.0), rows=lab.people(6), concurrency=1, ordered=True)
    assert [result.record_id for result in results] == list("012345")
    assert [result.reason for result in results] == [None, None, None, "plugin_fault", "suspended", "suspended"]


def test_an_answer_that_comes_after_all_is_stored_and_nobody_else_is_asked(lab: "Lab") -> None:
    late, backup = lab.by_email(Deaf(60.0), timeout=10.0), lab.by_email({lab.EMAIL: lab.PHONE}, name="z")

    async def work() -> PhoneResult:
        async with lab.engine(late, backup) as engine:
            first = await engine.enrich_phone(lab.contact(email=lab.EMAIL), deadline=None)
            assert first.reason == "plugin_fault"
            await asyncio.sleep(60)
            assert backup.calls == []
            return await engine.enrich_phone(lab.contact(record_id="2", email=lab.EMAIL))

    again = lab.play(work)
    assert lab.story(again) == ["paid/email miss", "z/email hit"]
    assert [attempt.cached for attempt in again.attempts] == [True, False]
    assert (len(late.calls), len(backup.calls)) == (1, 1)
    assert {(row.provider, row.outcome) for row in lab.rows()} == {("paid", Outcome.MISS), ("z", Outcome.HIT)}


def test_a_free_plugin_that_is_left_behind_costs_nothing(lab: "Lab") -> None:
    async def work() -> PhoneResult:
        async with lab.engine(lab.free(Deaf(3600.0), methods=["email"], timeout=10.0)) as engine:
            return await engine.enrich_phone(lab.contact(email=lab.EMAIL), deadline=None)

    result = lab.play(work)
    assert (result.attempts[0].billed, result.cost) == (Billed.NO, Decimal(0))


def test_closing_does_not_wait_for_a_plugin_for_ever(lab: "Lab") -> None:
    async def work() -> float:
        engine = lab.engine(lab.by_email(Deaf(7200.0), timeout=10.0))
        async with engine:
            task = asyncio.create_task(engine.enrich_phone(lab.contact(email=lab.EMAIL), deadline=None))
            await asyncio.sleep(1)
            await engine.aclose()
            with contextlib.suppress(errors.EngineClosed):
                await task
        return lab.now()

    assert lab.play(work) <= 10.0 + GRACE + 3


# --- clocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [-8 * 3600.0, 8 * 3600.0])
def test_after_a_jump_of_the_clocks_failures_of_calls_from_before_open_no_breaker(lab: "Lab", jump: float) -> None:
    """A laptop slept: its connections are gone, and no vendor is to blame."""

    async def lost(_: Any) -> Any:
        await asyncio.sleep(5)
        raise errors.MaybeSent

    async def work() -> str:
        async with lab.engine(lab.by_email(lost)) as engine:
            asked = [asyncio.create_task(engine.enrich_phone(row, deadline=6)) for row in lab.people(3 * CONSECUTIVE)]
            await asyncio.sleep(2)
            lab.runtime.skew += jump
            await asyncio.gather(*asked)
            return engine.channels["paid"].health.state

    assert lab.play(work) == "closed"


def test_after_a_jump_idle_connections_are_forgotten_once(lab: "Lab") -> None:
    """What looked alive before the sleep is dead by now, and a request through it might be paid for in vain."""
    wires = lab.Wires((200, b"null"))

    async def work() -> int:
        async with lab.engine(lab.Remote(), transport=wires):
            await asyncio.sleep(3)
            assert wires.forgotten == 0
            lab.runtime.skew += 3600
            await asyncio.sleep(10)
        return wires.forgotten

    assert lab.play(work) == 1


def test_without_a_jump_the_same_failures_open_it(lab: "Lab") -> None:
    async def lost(_: Any) -> Any:
        await asyncio.sleep(5)
        raise errors.MaybeSent

    async def work() -> str:
        async with lab.engine(lab.by_email(lost)) as engine:
            asked = [asyncio.create_task(engine.enrich_phone(row, deadline=6)) for row in lab.people(3 * CONSECUTIVE)]
            await asyncio.gather(*asked)
            return engine.channels["paid"].health.state

    assert lab.play(work) == "open"


@pytest.mark.parametrize("jump", [-8 * 3600.0, 8 * 3600.0])
def test_a_jump_moves_no_deadline(lab: "Lab", jump: float) -> None:
    async def work() -> PhoneResult:
        async with lab.engine(lab.by_email(lab.slow(100.0), timeout=200.0)) as engine:
            task = asyncio.create_task(engine.enrich_phone(lab.contact(email=lab.EMAIL), deadline=30))
            await asyncio.sleep(1)
            lab.runtime.skew += jump
            return await task

    assert lab.play(work).processing_time_ms == 30_000


# --- a plugin that blocks the loop ------------------------------------------------------------------------------------


def test_a_plugin_that_blocks_the_loop_costs_the_others_their_time_and_not_their_good_name(lab: "Lab") -> None:
    """No call could get its answer meanwhile; the row of the one that blocked has its answer, and all go on."""
    vendor = lab.by_email(lab.slow(10.0, lab.PHONE), timeout=60.0, name="slow")

    def blocks(_: Any) -> str:
        loop: Any = asyncio.get_running_loop()
        loop.now += 100.0  # as if it had computed that long
        return lab.OTHER_PHONE

    rude = lab.paid({"ada-l": blocks}, methods=["linkedin"], name="rude")

    async def work() -> tuple[list[Any], list[str]]:
        async with lab.engine(vendor, rude) as engine:
            waiting = [
                asyncio.create_task(engine.enrich_phone(row, deadline=None)) for row in lab.people(2 * CONSECUTIVE)
            ]
            await asyncio.sleep(2)
            blocked = await engine.enrich_phone(lab.contact(linkedin_id="ada-l"), deadline=None)
            results = [blocked, *await asyncio.gather(*waiting)]
            await asyncio.sleep(10)
            assert (await engine.enrich_phone(lab.contact(record_id="x", email="x@engines.example"))).found
            return results, [channel.health.state for channel in engine.channels.values()]

    results, states = lab.play(work)
    assert results[0].phone == lab.OTHER_PHONE
    assert {result.reason for result in results[1:]} <= {None, "maybe_sent"}
    assert states == ["closed", "closed"]
