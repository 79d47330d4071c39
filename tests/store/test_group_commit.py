"""How single operations become commits."""

import asyncio
from typing import Any

import pytest

from enrichcore.errors import StoreError
from enrichcore.store.group_commit import BIG, MANY, GroupCommit


class Disk:
    """A commit that takes a few turns of the loop and fails where it is told to."""

    def __init__(self, *, turns: int = 3) -> None:
        self.batches: list[list[str]] = []
        self.fails_at: int | None = None
        self.refuses: set[str] = set()
        self._turns = turns

    async def commit(self, batch: list[str]) -> list[Any]:
        for _ in range(self._turns):
            await asyncio.sleep(0)
        if self.fails_at == len(self.batches):
            self.fails_at = None
            raise StoreError("the disk is full")
        self.batches.append(batch)
        return [StoreError(f"{op} is refused") if op in self.refuses else op.upper() for op in batch]


def test_a_group_is_what_queued_during_the_last_commit() -> None:
    """The first operation goes at once; what comes while it is written goes together next, in order."""

    async def scenario() -> list[list[str]]:
        disk = Disk()
        group = GroupCommit(disk.commit)
        first = asyncio.create_task(group.do("a"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        group.put("b")
        others = [asyncio.create_task(group.do(op)) for op in "cd"]
        await asyncio.sleep(0)
        group.put("e")
        assert await first == "A"
        assert await asyncio.gather(*others) == ["C", "D"]
        await group.flush()
        return disk.batches

    assert asyncio.run(scenario()) == [["a"], ["b", "c", "d", "e"]]


def test_a_failed_commit_fails_its_whole_batch_and_no_other() -> None:
    """Every waiter of the batch gets its own exception; the next batch is tried."""

    async def scenario() -> None:
        disk = Disk()
        disk.fails_at = 0
        group = GroupCommit(disk.commit)
        results = await asyncio.gather(group.do("a"), group.do("b"), return_exceptions=True)
        assert [str(result) for result in results] == ["the disk is full"] * 2
        assert all(isinstance(result, StoreError) for result in results)
        assert results[0] is not results[1]
        assert await group.do("c") == "C"
        await group.flush()

    asyncio.run(scenario())


def test_a_refused_operation_fails_alone() -> None:
    """One bad operation does not poison those that were committed with it."""

    async def scenario() -> None:
        disk = Disk()
        disk.refuses = {"b"}
        group = GroupCommit(disk.commit)
        results = await asyncio.gather(*(group.do(op) for op in "abc"), return_exceptions=True)
        assert results[0::2] == ["A", "C"]
        assert isinstance(results[1], StoreError)
        assert disk.batches == [["a", "b", "c"]]

    asyncio.run(scenario())


@pytest.mark.parametrize("whole_batch", [True, False])
def test_a_lost_queued_write_stops_everything(*, whole_batch: bool) -> None:
    """Nobody waited for it, so everybody after it hears of it: those that queue now, later ones, and `flush`."""

    async def scenario() -> None:
        disk = Disk()
        if whole_batch:
            disk.fails_at = 0
        else:
            disk.refuses = {"lost"}
        group = GroupCommit(disk.commit)
        group.put("lost")
        with pytest.raises(StoreError, match="queued write was lost"):
            await group.flush()
        with pytest.raises(StoreError, match="queued write was lost"):
            await group.do("later")
        group.put("dropped")
        with pytest.raises(StoreError, match="queued write was lost"):
            await group.flush()
        assert disk.batches == ([] if whole_batch else [["lost"]])

    asyncio.run(scenario())


@pytest.mark.parametrize("turns", range(8))
def test_an_operation_outlives_its_caller(turns: int) -> None:
    """A caller that is cancelled takes nothing back; the owner of the group is told what came of it."""

    async def scenario() -> None:
        disk = Disk()
        told: list[tuple[str, Any]] = []
        group = GroupCommit(disk.commit, abandoned=lambda op, result: told.append((op, result)))
        task = asyncio.create_task(group.do("a"))
        await asyncio.sleep(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled = task.cancel()
        await asyncio.wait([task])
        await group.flush()
        assert disk.batches == [["a"]]
        assert bool(told) is (cancelled and task.cancelled())
        assert told in ([], [("a", "A")])

    asyncio.run(scenario())


def test_waiters_hear_when_the_commit_is_cancelled() -> None:
    """A commit that is torn down leaves nobody waiting for ever."""

    async def scenario() -> None:
        async def commit(batch: list[str]) -> list[Any]:
            raise asyncio.CancelledError

        group = GroupCommit(commit)
        with pytest.raises(StoreError, match="closed during a write"):
            await group.do("a")

    asyncio.run(scenario())


def test_a_fault_of_the_commit_reaches_the_callers() -> None:
    """An exception that nobody foresaw is not swallowed."""

    async def scenario() -> None:
        async def commit(batch: list[str]) -> list[Any]:
            raise ZeroDivisionError

        group = GroupCommit(commit)
        with pytest.raises(ZeroDivisionError):
            await group.do("a")

    asyncio.run(scenario())


def test_what_nobody_waits_for_is_collected_until_somebody_waits() -> None:
    async def scenario() -> list[list[str]]:
        disk = Disk()
        group = GroupCommit(disk.commit)
        group.put("a")
        for _ in range(10):
            await asyncio.sleep(0)
        group.put("b")
        assert disk.batches == []
        assert await group.do("c") == "C"
        return disk.batches

    assert asyncio.run(scenario()) == [["a", "b", "c"]]


def test_what_nobody_waits_for_is_written_after_a_moment() -> None:
    async def scenario() -> list[list[str]]:
        disk = Disk()
        group = GroupCommit(disk.commit)
        group.put("a")
        while not disk.batches:  # noqa: ASYNC110 - the disk tells nobody
            await asyncio.sleep(0.001)
        return disk.batches

    assert asyncio.run(asyncio.wait_for(scenario(), 10)) == [["a"]]


def test_many_operations_that_nobody_waits_for_are_written_at_once() -> None:
    async def scenario() -> list[int]:
        disk = Disk()
        group = GroupCommit(disk.commit)
        for _ in range(MANY):
            group.put("a")
        for _ in range(10):
            await asyncio.sleep(0)
        return [len(batch) for batch in disk.batches]

    assert asyncio.run(scenario()) == [MANY]


@pytest.mark.parametrize(("ops", "full"), [(BIG - 2, False), (BIG - 1, True)])
def test_there_is_room_again_after_a_big_batch(ops: int, *, full: bool) -> None:
    async def scenario() -> None:
        disk = Disk(turns=10)
        group = GroupCommit(disk.commit)
        assert not group.is_full
        for _ in range(ops):
            group.put("a")
        last = group.submit("b")
        for _ in range(4):
            await asyncio.sleep(0)
        assert group.is_full is full
        room = group.room()
        assert not room.done()
        await last
        await room
        assert not group.is_full

    asyncio.run(scenario())


def test_there_is_room_again_after_a_batch_that_failed() -> None:
    async def scenario() -> None:
        disk = Disk()
        disk.fails_at = 0
        group = GroupCommit(disk.commit)
        for _ in range(MANY):
            group.put("a")
        await group.room()
        assert not group.is_full
        with pytest.raises(StoreError, match="a queued write was lost"):
            await group.flush()

    asyncio.run(scenario())
