"""FrozenClock: time that stands still while anything can run, and jumps to the next timer when all wait."""

import asyncio
import concurrent.futures
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from enrichcore.runtime import Runtime

T = TypeVar("T")

START: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
PATIENCE: Final = 5.0
"""Real seconds to wait for a thread before the wait counts as endless."""
_real = Runtime.monotonic


class Stuck(Exception):
    """Everything waits for something that will never happen."""


class FrozenClock(Runtime):
    """A `Runtime` for tests: an hour passes at once, and only when everything waits for it to pass.

    Give it to an engine as `runtime=` and run the test with `run`, together with a `ScriptedTransport`: timeouts,
    back-off, rate limits and polls take no time. While a thread works or a socket is open, real time passes, so a
    `VendorServer` can be used too, but gains nothing.
    """

    def __init__(self, *, start: datetime = START, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.now = 0.0
        self._start = start.timestamp()

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self.now

    def wall(self) -> float:
        """Seconds since 1970."""
        return self._start + self.now

    def advance(self, seconds: float) -> None:
        """Let time pass between two runs."""
        self.now += seconds

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, run to its end on an event loop that keeps this clock's time.

        Raises:
            Stuck: it waits for something that will never happen.
        """
        with asyncio.Runner(loop_factory=lambda: _Loop(self)) as runner:
            return runner.run(work)


class HastyClock(Runtime):
    """Real time for real sockets, in which sleeping is quick: most of a sleep is skipped while nobody `works`.

    While a request is under way time is real, or else it would seem to take minutes.
    """

    LONGEST: Final = 0.003

    def __init__(self) -> None:
        super().__init__(seed=1)
        self.works = 0
        self._skipped = 0.0

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps back."""
        return _real() + self._skipped

    def wall(self) -> float:
        """Seconds since 1970."""
        return START.timestamp() + self.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        end = self.monotonic() + seconds
        while (left := end - self.monotonic()) > 0:
            await asyncio.sleep(min(left, self.LONGEST))
            if not self.works:
                self._skipped += max(end - self.monotonic(), 0.0)


class _Selector(selectors.DefaultSelector):
    """Where a real one would wait, time passes; it waits for threads and sockets only."""

    loop: "_Loop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        clock = self.loop.clock
        if self.loop.threads or len(self.get_map()) > 1:  # the loop's own wake-up pipe is one of them
            began = _real()
            events = super().select(PATIENCE if timeout is None else timeout)
            clock.now += _real() - began
            return events
        events = super().select(0 if timeout is not None else PATIENCE)
        if events or (timeout is not None and timeout <= 0):
            return events
        if timeout is None:
            raise Stuck("everything waits, and nothing will ever happen: is there a task that nobody wakes?")
        clock.now += timeout
        return events


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: FrozenClock) -> None:
        self.clock = clock
        self.threads = 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.clock.now

    def run_in_executor(  # type: ignore[override]  # a loop's own types are wider than anybody needs
        self, executor: concurrent.futures.Executor | None, function: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        self.threads += 1
        future = super().run_in_executor(executor, function, *args)
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _future: object) -> None:
        self.threads -= 1
