"""The pool of a bulk run: a bounded number of records at once, in constant memory, whatever the length of the input."""

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from enrichcore.engine.run import Run
from enrichcore.errors import EngineClosed
from enrichcore.model import PhoneResult

Enrich = Callable[[int, Any, "Pool"], Awaitable[PhoneResult]]

MOST_PARKED = 2_000
"""Records that may wait for vendors' jobs at once beyond the pool's own places."""


class Pool:
    """Workers over an iterator. A record that waits for a vendor's job gives its place to another."""

    def __init__(
        self,
        items: Iterable[Any] | AsyncIterable[Any],
        enrich: Enrich,
        *,
        concurrency: int,
        ordered: bool,
        on_waiting: Callable[[str, str, float], None] | None = None,
        on_done: Callable[[PhoneResult], object] | None = None,
    ) -> None:
        self._next = _reader(items)
        self._enrich = enrich
        self._concurrency = concurrency
        self._ordered = ordered
        self._on_waiting = on_waiting
        self._on_done = on_done
        self._window = max(1000, concurrency * 10)
        # What an `asyncio.Queue` does, at a third of its price; and whoever may not wait finds it never full.
        self._results: deque[tuple[int, PhoneResult] | BaseException | None] = deque()
        self._most = concurrency * 4
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._space = asyncio.Event()
        self._taken = self._given = 0
        self._exhausted = self._stopped = self._torn = False
        self._surplus = 0
        self._parked = 0
        self._workers: set[asyncio.Task[None]] = set()
        self._reading = asyncio.Lock()
        self._reader: asyncio.Task[Any] | None = None
        self.runs: set[Run] = set()

    async def results(self) -> AsyncIterator[PhoneResult]:
        """Results in completion order, or in input order when the pool is ordered."""
        for _ in range(self._concurrency):
            self._hire()
        early: dict[int, PhoneResult] = {}
        try:
            while True:
                while not self._results:
                    self._filled.clear()
                    await self._filled.wait()
                item = self._results.popleft()
                if len(self._results) * 2 <= self._most and not self._room.is_set():
                    self._room.set()  # not at every place that gets free: all who wait would wake for one of them
                if item is None:
                    return
                if isinstance(item, BaseException):
                    raise item
                index, result = item
                if not self._ordered:
                    self._give()
                    yield result
                    continue
                early[index] = result
                while (ready := early.pop(self._given, None)) is not None:
                    self._give()
                    yield ready
        finally:
            await self.stop()

    def _give(self) -> None:
        self._given += 1
        if not self._space.is_set():
            self._space.set()

    async def stop(self) -> None:
        """Take no further record; let those under way finish their call, and wait for that."""
        self._exhausted = self._stopped = True
        self._space.set()
        self._most = sys.maxsize
        self._room.set()
        for run in self.runs:
            run.stop = True
        if self._reader is not None:
            self._reader.cancel()  # nobody wants the row that it waits for
        while self._workers:
            await asyncio.wait(self._workers, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)

    def abandon(self, index: int, result: PhoneResult, task: asyncio.Task[Any] | None) -> None:
        """Report a record whose provider never came back, and replace the worker that is stuck with it."""
        self._workers.discard(task)
        if task is not None:
            task.remove_done_callback(self._left)
        self._done(index, result)
        self._hire()

    def _hire(self) -> None:
        task = asyncio.get_running_loop().create_task(self._work())
        self._workers.add(task)
        task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._workers.discard(task)
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or self._torn:
            error = None if self._stopped else _torn()
        if error is not None:
            self._exhausted = True
            self._announce(error)
        elif not self._workers:
            self._announce(None)

    def _announce(self, word: tuple[int, PhoneResult] | BaseException | None) -> None:
        self._results.append(word)
        if not self._filled.is_set():
            self._filled.set()

    async def _work(self) -> None:
        while not self._exhausted:
            if self._surplus:
                self._surplus -= 1
                return
            while self._ordered and self._taken - self._given >= self._window and not self._exhausted:
                self._space.clear()
                await self._space.wait()
            if isinstance(self._next, _Async):
                async with self._reading:
                    found, item, index = await self._take_async()
            else:
                found, item, index = self._take()
            if not found:
                return
            try:
                result = await self._enrich(index, item, self)
            except (EngineClosed, GeneratorExit):
                self._torn = True  # a coroutine that is closed from outside keeps its exception to itself
                raise
            while len(self._results) >= self._most:
                self._room.clear()
                await self._room.wait()
            self._done(index, result)

    def _done(self, index: int, result: PhoneResult) -> None:
        if self._on_done is not None:
            self._on_done(result)
        self._announce((index, result))

    def _take(self) -> tuple[bool, Any, int]:
        try:
            item = next(self._next)
        except StopIteration:
            self._exhausted = True
            return False, None, 0
        self._taken += 1
        return True, item, self._taken - 1

    async def _take_async(self) -> tuple[bool, Any, int]:
        if self._exhausted:
            return False, None, 0
        self._reader = asyncio.current_task()
        try:
            item = await anext(self._next.iterator)
        except StopAsyncIteration:
            self._exhausted = True
            return False, None, 0
        finally:
            self._reader = None
        self._taken += 1
        return True, item, self._taken - 1

    @asynccontextmanager
    async def parked(self) -> AsyncIterator[None]:
        """Inside, this record holds no place: another worker takes the next one."""
        extra = self._parked < MOST_PARKED and not self._exhausted
        self._parked += 1
        if extra:
            self._hire()
        try:
            yield
        finally:
            self._parked -= 1
            if extra:
                self._surplus += 1

    def waiting(self, provider: str, reason: str, seconds: float) -> None:
        """Pass on that the run waits, and for whom."""
        if self._on_waiting is not None:
            self._on_waiting(provider, reason, seconds)


def _torn() -> EngineClosed:
    """What a run hears whose worker was cancelled with its record: the rest of the rows has no answer."""
    return EngineClosed("the engine was closed by force during this run; run it again to continue")


class _Async:
    """Marks an input that has to be awaited."""

    def __init__(self, items: AsyncIterable[Any]) -> None:
        self.iterator = aiter(items)


def _reader(items: Iterable[Any] | AsyncIterable[Any]) -> Any:
    return _Async(items) if isinstance(items, AsyncIterable) else iter(items)
