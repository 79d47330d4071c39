"""The real clocks, randomness and threads; everything else in the core receives them from here.

A test or a simulator passes another `Runtime` and so decides what time it is and which way every coin falls.
"""

import asyncio
import concurrent.futures
import functools
import random
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Runtime:
    """What the engine knows of the outside world: two clocks, sleep, random numbers and a thread pool."""

    # The clocks themselves, not functions around them: an enrichment looks at them twenty times.
    monotonic: Callable[[], float] = staticmethod(time.monotonic)
    """Seconds on a clock that never jumps: deadlines, pacing, cool-downs."""
    wall: Callable[[], float] = staticmethod(time.time)
    """Seconds since 1970 in UTC: what is stored and shown."""

    def __init__(self, *, seed: int | None = None, threads: int = 8) -> None:
        self.rng: random.Random = random.Random(seed) if seed is not None else random.SystemRandom()  # noqa: S311 - a seed is for replays
        self._threads = threads
        self._executor: concurrent.futures.ThreadPoolExecutor | None = None

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        await asyncio.sleep(seconds)

    async def run_blocking(self, function: Callable[..., T], *args: object) -> T:
        """The result of `function(*args)`, called in a worker thread so that the loop goes on."""
        if self._executor is None:
            self._executor = concurrent.futures.ThreadPoolExecutor(self._threads, thread_name_prefix="enrichcore")
        return await asyncio.get_running_loop().run_in_executor(self._executor, functools.partial(function, *args))

    def close(self) -> None:
        """Release the threads; a blocking call that still runs is left to finish by itself."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
