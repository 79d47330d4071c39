"""One thread that does one thing after another, so that the loop never waits for a disk."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from enrichcore.errors import StoreError

T = TypeVar("T")

_Work = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[..., Any], tuple[Any, ...]]


class WriterThread:
    """Runs functions in its own thread, in the order in which they come."""

    def __init__(self, name: str) -> None:
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._closed = False
        # A daemon: a program that ends without closing its store must still end.
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """The result of `function(*args)`. It is seen through to its end; a cancellation meanwhile is raised then."""
        done = self._begin(function, args)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await self._end_of(done)
            raise

    async def run_regardless(self, function: Callable[..., T], *args: Any) -> T:
        """The result of `function(*args)`, for a task that others wait for: a cancellation is not obeyed."""
        done = self._begin(function, args)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await self._end_of(done)
        return done.result()

    async def _end_of(self, done: "asyncio.Future[T]") -> None:
        while not done.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([done])

    def _begin(self, function: Callable[..., T], args: tuple[Any, ...]) -> "asyncio.Future[T]":
        if self._closed:
            raise StoreError("the journal was closed while something was still to be written")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._queue.put((loop, done, function, args))
        return done

    def close(self) -> None:
        """End the thread after what is queued."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            loop, done, function, args = work
            result: Any = None
            failure: BaseException | None = None
            try:
                result = function(*args)
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits
                failure = error
            with contextlib.suppress(RuntimeError):  # the loop may be gone; then nobody waits
                loop.call_soon_threadsafe(_finish, done, result, failure)
            del work, done, args, result, failure


def _finish(done: "asyncio.Future[Any]", result: Any, failure: BaseException | None) -> None:
    if done.done():
        return
    if failure is not None:
        done.set_exception(failure)
    else:
        done.set_result(result)
