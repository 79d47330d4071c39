"""What is particular to MemoryStore."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from enrichcore.store import Claim, Granted, Known, Row, StoredResult
from enrichcore.store.memory import MemoryStore, Tables

MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MakeResult = Callable[..., StoredResult]

NOW = 1_790_000_000.0


def test_the_oldest_attempts_and_results_are_dropped(claim: MakeClaim, settled: MakeRow, finished: MakeResult) -> None:
    """A bound of 100 keeps at most 100 attempts and results, and those are the newest."""

    async def scenario() -> None:
        tables = Tables()
        store = MemoryStore(rows=100, tables=tables)
        await store.open(NOW)
        for number in range(1000):
            key = b"%d" % number
            answer = await store.claim(claim(key))
            assert isinstance(answer, Granted)
            await store.settle(settled(answer.id, key))
            store.save_result(finished(record=key))
            assert tables.settled.count == len(list(tables.settled)) <= 100
            assert len(tables.results) <= 100
        for number in range(920, 1000):
            assert isinstance(await store.claim(claim(b"%d" % number)), Known)
            assert await store.load_result("default", b"%d" % number) is not None
        assert await store.known(claim(b"899")) is None
        assert await store.load_result("default", b"899") is None

    asyncio.run(scenario())


def test_nothing_suspends(claim: MakeClaim, settled: MakeRow, finished: MakeResult) -> None:
    """Every method ends at its first step, without a loop."""

    def done(work: Coroutine[Any, Any, Any]) -> Any:
        with pytest.raises(StopIteration) as stop:
            work.send(None)
        return stop.value.value

    store = MemoryStore()
    done(store.open(NOW))
    answer = done(store.claim(claim()))
    done(store.note_job(answer.id, "job-7"))
    done(store.release(answer.id))
    done(store.settle(settled(answer.id)))
    store.save_result(finished())
    store.note_number("default", 7, 1, NOW, 3, lambda _: None)
    done(store.heartbeat(NOW))
    assert done(store.known(claim())).id == answer.id
    assert done(store.load_result("default", b"record-1")) is done(store.last_result("default", b"record-1"))
    assert (done(store.in_doubt("default", NOW)), done(store.load_states())) == ([], [])
    assert done(store.calls_since("acme", 0)) == [NOW]
    assert done(store.shared_numbers("default")) == []
    done(store.aclose())


def test_the_oldest_numbers_are_dropped() -> None:
    """A bound of 100 keeps at most 100 numbers that are counted and 100 that are shared, the newest of each."""

    async def scenario() -> None:
        tables = Tables()
        store = MemoryStore(rows=100, tables=tables)
        await store.open(NOW)
        for number in range(1000):
            store.note_number("default", number, 1, NOW, 3, lambda _: None)
            store.note_number("default", -number, None, NOW, 3, lambda _: None)
            assert len(tables.numbers.people) <= 100
            assert len(tables.numbers.shared) <= 100
        assert {phone for _, phone in tables.numbers.people} >= set(range(920, 1000))
        assert {s.phone for s in await store.shared_numbers("default")} >= set(range(-999, -919))

    asyncio.run(scenario())


def test_a_chosen_owner_gives_the_same_ids_each_time(claim: MakeClaim) -> None:
    """A replay sees the attempt ids of the first run, also after a reopening."""

    async def scenario() -> list[int]:
        store = MemoryStore(owner=7)
        ids = []
        for key in (b"a", b"b"):
            await store.open(NOW)
            answer = await store.claim(claim(key))
            assert isinstance(answer, Granted)
            ids.append(answer.id)
            await store.aclose()
        return ids

    assert asyncio.run(scenario()) == asyncio.run(scenario()) == [(7 << 32) + 1, (8 << 32) + 1]
