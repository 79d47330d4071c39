"""The pool of a bulk run: every row once, in constant memory, and an end that loses nothing."""

import asyncio
import itertools
import random
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.engine.pool import Pool
from enrichcore.errors import EngineClosed, StoreError
from enrichcore.model import PhoneResult, Status

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

Work = Callable[[int], Any]


async def asynchronously(items: Iterable[Any], pause: float = 0.0) -> AsyncIterator[Any]:
    for item in items:
        if pause:
            await asyncio.sleep(pause)
        yield item


def pool_of(items: Any, work: Work, *, concurrency: int = 3, ordered: bool = False) -> Pool:
    """A pool in which a row is a number and `work(number)` says how many seconds it takes."""

    async def enrich(index: int, item: Any, pool: Pool) -> PhoneResult:
        seconds = work(item)
        if seconds:
            await asyncio.sleep(seconds)
        return PhoneResult(record_id=str(item), status=Status.NOT_FOUND)

    return Pool(items, enrich, concurrency=concurrency, ordered=ordered)


def numbers(lab: "Lab", pool: Callable[[], Pool]) -> list[int]:
    async def work() -> list[int]:
        return [int(result.record_id) async for result in pool().results()]

    return lab.play(work)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
@pytest.mark.parametrize("source", ["list", "generator", "asynchronous", "slow"])
def test_every_row_comes_out_once(lab: "Lab", ordered: bool, count: int, source: str) -> None:
    rng = random.Random(count)
    sources: dict[str, Callable[[], Any]] = {
        "list": lambda: list(range(count)),
        "generator": lambda: iter(range(count)),
        "asynchronous": lambda: asynchronously(range(count)),
        "slow": lambda: asynchronously(range(count), 0.05),
    }
    out = numbers(lab, lambda: pool_of(sources[source](), lambda _: rng.random(), ordered=ordered))
    assert sorted(out) == list(range(count))
    if ordered:
        assert out == list(range(count))


def test_by_default_results_come_as_they_are_ready(lab: "Lab") -> None:
    assert numbers(lab, lambda: pool_of([3, 1, 2], float)) == [1, 2, 3]


def test_no_more_rows_are_under_way_than_places(lab: "Lab") -> None:
    under_way, most = 0, 0

    async def enrich(index: int, item: Any, pool: Pool) -> PhoneResult:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(1)
        under_way -= 1
        return PhoneResult(record_id=str(item), status=Status.NOT_FOUND)

    assert len(numbers(lab, lambda: Pool(range(40), enrich, concurrency=7, ordered=False))) == 40
    assert most == 7


@pytest.mark.parametrize("ordered", [False, True])
def test_the_input_is_read_no_further_than_the_window(lab: "Lab", ordered: bool) -> None:
    """Memory is constant: a reader that pauses holds up the whole pool."""
    taken = 0

    def endless() -> Iterator[int]:
        nonlocal taken
        for number in itertools.count():
            taken = number + 1
            yield number

    async def work() -> None:
        results = pool_of(endless(), lambda _: 0, concurrency=4, ordered=ordered).results()
        await anext(results)
        for _ in range(50):
            await asyncio.sleep(0.1)
        assert taken <= 1 + 4 * 4 + 4, "what is queued and what is under way"
        await results.aclose()  # type: ignore[attr-defined]

    lab.play(work)


def test_in_order_a_slow_row_holds_up_a_bounded_number_of_others(lab: "Lab") -> None:
    taken = 0

    def rows() -> Iterator[int]:
        nonlocal taken
        for number in range(5000):
            taken = number + 1
            yield number

    async def work() -> None:
        results = pool_of(rows(), lambda n: 100 if n == 0 else 0, concurrency=4, ordered=True).results()
        first = asyncio.ensure_future(anext(results))
        await asyncio.sleep(50)
        assert taken == 1000
        await first
        assert len([None async for _ in results]) == 4999

    lab.play(work)


def test_a_result_that_was_given_is_not_kept(lab: "Lab") -> None:
    class Row:
        pass

    async def enrich(index: int, item: Any, pool: Pool) -> PhoneResult:
        return PhoneResult(record_id=str(index), status=Status.NOT_FOUND)

    async def work() -> int:
        alive: weakref.WeakSet[Row] = weakref.WeakSet()
        most = 0

        def rows() -> Iterator[Row]:
            for _ in range(2000):
                row = Row()
                alive.add(row)
                yield row

        async for _ in Pool(rows(), enrich, concurrency=4, ordered=True).results():
            most = max(most, len(alive))
        return most

    assert lab.play(work) < 50


# --- what goes wrong --------------------------------------------------------------------------------------------------


def failing(after: int) -> Iterator[int]:
    yield from range(after)
    raise OSError("the file is gone")


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("kind", ["plain", "asynchronous"])
def test_an_input_that_fails_ends_the_run_with_its_error_after_what_was_ready(
    lab: "Lab", ordered: bool, kind: str
) -> None:
    done: list[str] = []

    async def work() -> None:
        items: Any = failing(10) if kind == "plain" else asynchronously(failing(10))
        with pytest.raises(OSError, match="the file is gone"):  # noqa: PT012 - what came before the error counts
            async for result in pool_of(items, lambda _: 0, concurrency=2, ordered=ordered).results():
                done.append(result.record_id)  # noqa: PERF401 - likewise

    lab.play(work)
    assert len(done) >= 8


@pytest.mark.parametrize("error", [StoreError("disk full"), EngineClosed("closed"), RuntimeError("bug")])
def test_a_row_that_raises_ends_the_run_and_the_others_finish_their_call(lab: "Lab", error: Exception) -> None:
    finished: list[int] = []

    async def enrich(index: int, item: Any, pool: Pool) -> PhoneResult:
        await asyncio.sleep(1)
        if item == 2:
            raise error
        await asyncio.sleep(1)
        finished.append(item)
        return PhoneResult(record_id=str(item), status=Status.NOT_FOUND)

    async def work() -> None:
        with pytest.raises(type(error)):
            async for _ in Pool(range(100), enrich, concurrency=4, ordered=False).results():
                pass

    lab.play(work)
    assert sorted(finished) == [0, 1, 3]


@pytest.mark.parametrize("ordered", [False, True])
def test_a_reader_who_leaves_stops_the_input_and_waits_for_calls_under_way(lab: "Lab", ordered: bool) -> None:
    begun: list[int] = []
    ended: list[int] = []

    async def enrich(index: int, item: Any, pool: Pool) -> PhoneResult:
        begun.append(item)
        await asyncio.sleep(1 + item)
        ended.append(item)
        return PhoneResult(record_id=str(item), status=Status.NOT_FOUND)

    async def work() -> None:
        results = Pool(itertools.count(), enrich, concurrency=3, ordered=ordered).results()
        await anext(results)
        await results.aclose()  # type: ignore[attr-defined]
        assert sorted(begun) == sorted(ended)

    lab.play(work)
    assert len(begun) <= 4


def test_a_reader_who_leaves_is_not_held_up_by_an_input_that_never_comes(lab: "Lab") -> None:
    """Rows may come from a queue that nobody fills any more."""

    async def rows() -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()

    async def work() -> int:
        results = pool_of(rows(), lambda _: 0).results()
        first = await anext(results)
        await results.aclose()  # type: ignore[attr-defined]
        return int(first.record_id)

    assert lab.play(work) == 1


def test_a_row_whose_worker_never_comes_back_is_reported_and_its_place_filled(lab: "Lab") -> None:
    stuck: asyncio.Future[None]

    async def enrich(index: int, item: Any, pool: Pool) -> PhoneResult:
        nonlocal stuck
        if item == 3:
            stuck = asyncio.get_running_loop().create_future()
            me = asyncio.current_task()
            given_up = PhoneResult(record_id="3", status=Status.INCOMPLETE, reason="plugin_fault")
            asyncio.get_running_loop().call_later(5, pool.abandon, index, given_up, me)
            await stuck
        return PhoneResult(record_id=str(item), status=Status.NOT_FOUND)

    async def work() -> list[str]:
        pool = Pool(range(10), enrich, concurrency=1, ordered=True)
        out = [result.record_id async for result in pool.results()]
        stuck.cancel()
        return out

    assert lab.play(work) == [str(number) for number in range(10)]


def test_what_is_announced_to_a_full_queue_is_not_lost_at_the_end(lab: "Lab") -> None:
    """A row is given up while the reader pauses; the last worker leaves right after it has gone on."""
    release: asyncio.Event
    stuck: asyncio.Future[None]

    async def enrich(index: int, item: Any, pool: Pool) -> PhoneResult:
        nonlocal stuck
        if item == 0:
            stuck = asyncio.get_running_loop().create_future()
            me = asyncio.current_task()
            given_up = PhoneResult(record_id="0", status=Status.INCOMPLETE)
            asyncio.get_running_loop().call_later(5, pool.abandon, index, given_up, me)
            await stuck
        if item == 10:
            await release.wait()
        return PhoneResult(record_id=str(item), status=Status.NOT_FOUND)

    async def work() -> list[str]:
        nonlocal release
        release = asyncio.Event()
        results = Pool(range(11), enrich, concurrency=2, ordered=False).results()
        out = [(await anext(results)).record_id]
        await asyncio.sleep(10)
        out += [(await anext(results)).record_id for _ in range(3)]
        release.set()
        await asyncio.sleep(1)
        out += [result.record_id async for result in results]
        stuck.cancel()
        return out

    assert sorted(map(int, lab.play(work))) == list(range(11))


# --- parking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_parked_row_gives_its_place_to_another_and_takes_one_again(lab: "Lab", concurrency: int) -> None:
    active, most = 0, 0

    async def enrich(index: int, item: Any, pool: Pool) -> PhoneResult:
        nonlocal active, most
        active += 1
        most = max(most, active)
        await asyncio.sleep(0.1)
        for _ in range(3):
            active -= 1
            async with pool.parked():
                await asyncio.sleep(10)
            active += 1
        await asyncio.sleep(0.1)
        active -= 1
        return PhoneResult(record_id=str(item), status=Status.NOT_FOUND)

    pool: list[Pool] = []

    def make() -> Pool:
        pool.append(Pool(range(60), enrich, concurrency=concurrency, ordered=True))
        return pool[0]

    assert numbers(lab, make) == list(range(60))
    assert pool[0]._parked == 0
    assert not pool[0]._workers


def test_parked_rows_are_bounded_too(lab: "Lab", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enrichcore.engine.pool.MOST_PARKED", 20)
    parked, most = 0, 0

    async def enrich(index: int, item: Any, pool: Pool) -> PhoneResult:
        nonlocal parked, most
        async with pool.parked():
            parked += 1
            most = max(most, parked)
            await asyncio.sleep(10)
            parked -= 1
        return PhoneResult(record_id=str(item), status=Status.NOT_FOUND)

    assert len(numbers(lab, lambda: Pool(range(200), enrich, concurrency=2, ordered=False))) == 200
    assert most == 22
