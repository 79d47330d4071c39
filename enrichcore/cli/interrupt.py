"""Ctrl-C: once stops after the calls in flight, twice leaves at once."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, TypeVar

from enrichcore.cli import exits
from enrichcore.cli.options import drive

T = TypeVar("T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(Exception):
    """A person or the system asked for an end; the calls in flight were finished and stored."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = exits.INTERRUPTED if number == signal.SIGINT else 128 + number


def run(work: Coroutine[Any, Any, T], *, on_first: Callable[[], bool], on_second: Callable[[], None]) -> T:
    """The result of `work`. The first signal cancels it and waits for it; the second one ends the process at once.

    `on_first` says whether there is anything left to cancel.

    Raises:
        Interrupted: a signal came, and `work` has ended since.
    """
    received: list[int] = []

    async def watched() -> T:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None

        def stop(number: int, _frame: FrameType | None) -> None:
            received.append(number)
            if len(received) == 1:
                if on_first():
                    loop.call_soon_threadsafe(task.cancel)
            else:
                on_second()
                os._exit(exits.INTERRUPTED if number == signal.SIGINT else 128 + number)

        here = threading.current_thread() is threading.main_thread()  # the only one that may set handlers
        before = {number: signal.signal(number, stop) for number in _SIGNALS if here}
        try:
            return await work
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    try:
        return drive(watched())
    except asyncio.CancelledError:
        if received:
            raise Interrupted(received[0]) from None
        raise
