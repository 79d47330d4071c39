"""Rate limits that processes share: a window holds what the vendor allows, however many ask."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.engine.leases import Leases
from enrichcore.model import PhoneResult, SkipReason, Status
from enrichcore.plugins import Rate
from enrichcore.store.memory import MemoryStore

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


def leases(store: MemoryStore, *rates: str) -> Leases:
    return Leases(store, "acme", b"credential", [Rate.parse(rate) for rate in rates])


def test_all_processes_together_start_what_a_window_holds() -> None:
    async def work() -> list[int]:
        store = MemoryStore()
        processes = [leases(store, "20/min") for _ in range(3)]
        taken = [0, 0]
        for window, now in enumerate((1000.0, 1061.0)):
            for _ in range(20):
                for process in processes:
                    if await process.take(now) == 0:
                        taken[window] += 1
        return taken

    assert asyncio.run(work()) == [20, 20]


def test_a_block_is_leased_once_for_many_calls() -> None:
    class Counting(MemoryStore):
        asked = 0

        async def lease_rate(self, *args: Any) -> tuple[int, float]:
            self.asked += 1
            return await super().lease_rate(*args)

    async def work() -> int:
        store = Counting()
        process = leases(store, "100/min")
        for _ in range(100):
            assert await process.take(1000.0) == 0
        return store.asked

    assert asyncio.run(work()) == 10


def test_what_is_left_of_a_block_is_worth_nothing_in_the_next_window() -> None:
    async def work() -> None:
        store = MemoryStore()
        first, second = leases(store, "10/s"), leases(store, "10/s")
        assert await first.take(1000.0) == 0  # leases one of ten
        taken = [await second.take(1001.5) for _ in range(10)]
        assert taken == [0] * 10
        assert await first.take(1001.6) == pytest.approx(0.9)

    asyncio.run(work())


def test_the_narrowest_window_decides() -> None:
    async def work() -> tuple[float, float]:
        process = leases(MemoryStore(), "100/s", "2/min")
        assert [await process.take(1000.0) for _ in range(2)] == [0, 0]
        return await process.take(1000.5), await process.take(1061.0)

    assert asyncio.run(work()) == (59.5, 0)


def test_a_clock_that_was_set_back_opens_a_new_window() -> None:
    async def work() -> float:
        process = leases(MemoryStore(), "1/min")
        assert await process.take(5000.0) == 0
        return await process.take(1000.0)

    assert asyncio.run(work()) == 0


class Scripted(MemoryStore):
    """Grants what it is told to, for so many seconds."""

    def __init__(self, *answers: tuple[int, float]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.wanted: list[int] = []

    async def lease_rate(self, *args: Any) -> tuple[int, float]:
        self.wanted.append(args[4])
        return self.answers.pop(0)


@pytest.mark.parametrize(("rate", "want"), [("1/s", 1), ("9/s", 1), ("10/s", 1), ("29/s", 2), ("100/s", 10)])
def test_a_tenth_of_a_window_is_leased_at_a_time(rate: str, want: int) -> None:
    """And one call where a tenth is less."""
    store = Scripted((want, 1.0))
    assert asyncio.run(leases(store, rate).take(1000.0)) == 0
    assert store.wanted == [want]


def test_a_block_is_worth_something_until_its_window_ends() -> None:
    """To the moment: at the end a new one is leased, and what was left is not added to it."""
    store = Scripted((5, 2.0), (1, 1.0), (0, 0.25))

    async def work() -> list[float]:
        process = leases(store, "50/min")
        return [await process.take(now) for now in (1000.0, 1001.999, 1002.0, 1002.5)]

    assert asyncio.run(work()) == [0, 0, 0, 0.25]
    assert len(store.wanted) == 3


def test_the_end_of_a_block_is_not_before_the_first_call_of_all() -> None:
    """A new process has leased nothing, at whatever time."""
    store = Scripted((1, 5.0), (0, 0.0))

    async def work() -> list[float]:
        process = leases(store, "1/min")
        return [await process.take(now) for now in (0.5, 0.6)]

    assert asyncio.run(work()) == [0, 0.001]


def test_what_two_calls_have_leased_at_once_is_added_up() -> None:
    """Both asked because there was nothing; neither block is lost."""
    asked = asyncio.Event()

    class Slow(Scripted):
        async def lease_rate(self, *args: Any) -> tuple[int, float]:
            if len(self.answers) == 2:
                self.wanted.append(args[4])
                mine = self.answers.pop(0)
                await asked.wait()
                return mine
            asked.set()
            return await super().lease_rate(*args)

    store = Slow((2, 10.0), (3, 10.0))

    async def work() -> list[float]:
        process = leases(store, "30/min")
        first = asyncio.create_task(process.take(1000.0))
        await asyncio.sleep(0)
        return [await process.take(1000.0), await first, *[await process.take(1001.0) for _ in range(3)]]

    assert asyncio.run(work()) == [0] * 5
    assert len(store.wanted) == 2


class Durable(MemoryStore):
    """What processes share."""

    durable = True


def test_two_engines_keep_a_vendors_limit_together(lab: "Lab") -> None:
    """Six calls a minute for both: in the first minute they start six, whoever of them."""
    vendor = lab.by_email(lambda _: None, rate=["6/min"])

    async def work() -> int:
        stores = [Durable(tables=lab.tables) for _ in range(2)]
        async with lab.engine(vendor, store=stores[0]) as a, lab.engine(vendor, store=stores[1]) as b:
            people = lab.people(20)

            async def run(engine: Any, rows: Any) -> None:
                async for _ in engine.enrich_phones(rows, concurrency=5):
                    pass

            both = [asyncio.ensure_future(run(a, people[:10])), asyncio.ensure_future(run(b, people[10:]))]
            await asyncio.sleep(55)
            early = len(vendor.calls)
            await asyncio.gather(*both)
            return early

    assert lab.play(work) <= 6
    assert len(vendor.calls) == 20


def test_a_lookup_does_not_wait_for_a_window_beyond_its_deadline(lab: "Lab") -> None:
    vendor = lab.by_email(lambda _: None, rate=["1/min"])

    async def work() -> list[PhoneResult]:
        store = Durable(tables=lab.tables)
        async with lab.engine(vendor, store=store) as engine:
            await store.lease_rate("paid", engine.channels["paid"].credential, 1, 60.0, 1, lab.runtime.wall())
            return [await engine.enrich_phone(lab.people(1)[0], deadline=5)]

    [late] = lab.play(work)
    assert (late.status, late.reason) == (Status.INCOMPLETE, SkipReason.PACED)
    assert not vendor.calls
