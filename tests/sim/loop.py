"""An event loop whose clock jumps to the next timer, and whose ready callbacks run in an order that a seed decides.

Nothing waits for real: with nothing ready, the time of the next timer is now. Every callback costs one virtual
microsecond, so that a loop that only spins still lets time pass. Handles of a process that was killed are never run
again, as after a `kill -9`: no `finally` block of it sees the light of day.
"""

import asyncio
import contextvars
import heapq
import random
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, TypeVarTuple

Ts = TypeVarTuple("Ts")
T = TypeVar("T")

STEP = 1e-6
"""Virtual seconds that one callback takes."""


class Mortal(Protocol):
    """What a callback belongs to."""

    dead: bool


OWNER: contextvars.ContextVar[Mortal | None] = contextvars.ContextVar("sim_owner", default=None)
"""The process that a task or a callback belongs to; None is the world outside."""


class Stuck(Exception):
    """The simulation cannot go on: nothing will ever happen, or it takes more steps than it is worth."""


def _nothing() -> None:
    """In the place of what is not called any more."""


class Turn(asyncio.Handle):
    """A callback that is ready. It has no debug mode and takes no weak references, so that it costs little."""

    __slots__ = ()

    def __init__(self, callback: Callable[..., object], args: Any, context: contextvars.Context | None) -> None:
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._context = contextvars.copy_context() if context is None else context
        self._repr = None
        self._source_traceback = None

    def cancel(self) -> None:
        """It will not be called."""
        self._cancelled = True
        self._callback, self._args = _nothing, ()


class Timer(asyncio.TimerHandle):
    """A callback that waits for its time, as cheap as a `Turn`."""

    __slots__ = ()

    def __init__(
        self, when: float, callback: Callable[..., object], args: Any, context: contextvars.Context | None
    ) -> None:
        self._when = when
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._context = contextvars.copy_context() if context is None else context
        self._repr = None
        self._source_traceback = None

    def cancel(self) -> None:
        """It will not be called; it is dropped when its time comes."""
        self._cancelled = True
        self._callback, self._args = _nothing, ()


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks in virtual time. `fifo` keeps the order in which they became ready, as asyncio itself does."""

    def __init__(self, rng: random.Random, *, fifo: bool = False, most_steps: int = 1_000_000) -> None:
        super().__init__()
        self._now = 0.0
        self._rng = rng
        self._fifo = fifo
        self._most_steps = most_steps
        self._waiting: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._timer_count = 0
        self.tasks: list[tuple[Mortal | None, asyncio.Task[Any]]] = []
        self.steps = 0
        self.on_step: Callable[[contextvars.Context], None] | None = None
        """Told after every step in which context it was done."""
        self._frozen: list[asyncio.Handle] = []
        self._reaping = False
        self.slow_callback_duration = float("inf")

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """Make a callback ready."""
        if self.is_closed():
            raise RuntimeError("this loop is closed")
        handle = Turn(callback, args, context)
        self._waiting.append(handle)
        return handle

    def call_soon_threadsafe(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """Make a callback ready; there is one thread only."""
        return self.call_soon(callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Make a callback ready at a virtual time."""
        if self.is_closed():
            raise RuntimeError("this loop is closed")
        timer = Timer(when, callback, args, context)
        self._timer_count += 1
        heapq.heappush(self._timers, (when, self._timer_count, timer))
        return timer

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Make a callback ready after so many virtual seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def create_task(self, coro: Any, *, name: object = "", context: contextvars.Context | None = None) -> Any:
        """Start a task, and remember whose it is."""
        task = asyncio.Task(coro, loop=self, name=str(name), context=context)
        self.tasks.append((OWNER.get() if context is None else context.get(OWNER), task))
        return task

    def reap(self) -> None:
        """Let what dead processes left behind run after all, so that it can be cleared away."""
        self._reaping = True
        self.steps = 0
        self._waiting += self._frozen
        self._frozen.clear()

    def _run_once(self) -> None:
        """Run until somebody stops the loop."""
        waiting, timers, random_, pop = self._waiting, self._timers, self._rng.random, heapq.heappop
        owner_of, fifo = OWNER, self._fifo
        while not self._stopping:  # type: ignore[attr-defined]
            if self.steps >= self._most_steps:
                raise Stuck(f"more than {self._most_steps:,} steps by virtual second {self._now:.3f}")
            if not waiting:
                while timers and timers[0][2]._cancelled:
                    pop(timers)
                if not timers:
                    raise Stuck("nothing is ready and nothing ever will be")
                self._now = max(self._now, timers[0][0])
            while timers and timers[0][0] <= self._now:
                timer = pop(timers)[2]
                if not timer._cancelled:
                    waiting.append(timer)
            if not waiting:
                continue
            if fifo or len(waiting) == 1:
                handle = waiting.pop(0)
            else:
                index = int(random_() * len(waiting))
                handle = waiting[index]
                waiting[index] = waiting[-1]
                waiting.pop()
            if handle._cancelled:
                continue
            context: contextvars.Context = handle._context  # type: ignore[attr-defined]
            owner = context.get(owner_of)
            if owner is not None and owner.dead and not self._reaping:
                self._frozen.append(handle)
                continue
            self._now += STEP
            self.steps += 1
            try:
                context.run(handle._callback, *handle._args)  # type: ignore[attr-defined]
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001 - as asyncio does
                self.call_exception_handler({"message": "Exception in a callback", "exception": error})
            if self.on_step is not None:
                self.on_step(context)


def run(loop: VirtualLoop, work: Any) -> Any:
    """The result of a coroutine, run to its end on `loop`."""
    asyncio.set_event_loop(None)
    return loop.run_until_complete(work)
