"""Several processes on one port: started, told to end together, and started anew when one of them dies."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final

import attrs

from enrichcore.errors import ConfigError

_LOOK: Final = 0.1
"""Seconds between two looks at who still runs."""
_SOON: Final = 5.0
"""A worker that ends sooner than so many seconds after its start has no luck: it is started again more slowly."""
_EARLY: Final = {128 + signal.SIGINT, 128 + signal.SIGTERM}
"""How a worker ends that is told to before it can drain: it had not begun."""
_USAGE: Final = 2
"""The exit code of a worker whom the configuration keeps from starting."""


@attrs.define(eq=False)
class _Worker:
    process: "subprocess.Popen[bytes]"
    started: float


class Workers:
    """Processes that share a listening socket, of which each gets the number of its descriptor.

    They notice the end of this one, however it comes, by the end of their standard input, and drain then.

    Args:
        command: what a worker runs; the descriptor's number is added.
        listener: the socket.
        count: how many.
    """

    def __init__(self, command: Sequence[str], listener: socket.socket, count: int) -> None:
        if os.name != "posix":
            raise ConfigError("several workers need a system where processes share a socket; here, use --workers 1")
        self._command = [*command, str(listener.fileno())]
        self._listener = listener
        self._count = count
        self._running: list[_Worker] = []
        self._not_before = 0.0
        self._signals = 0

    def run(self, started: Callable[[], object] = bool) -> int:
        """Run them until they are told to end; the exit code of the whole. It is the last that this process does."""
        for sig in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sig, self._pass_on)
        for _ in range(self._count):
            self._start()
        started()
        code = 0
        while self._running:
            time.sleep(_LOOK)
            code = self._look_after() or code
        return code

    def _pass_on(self, sig: int, _frame: FrameType | None) -> None:
        self._signals += 1
        for worker in list(self._running):
            worker.process.send_signal(sig)  # the second one makes them leave at once

    def _start(self) -> None:
        process = subprocess.Popen(  # noqa: S603 - this very program
            self._command,
            stdin=subprocess.PIPE,
            pass_fds=[self._listener.fileno()],
            start_new_session=True,  # Ctrl-C reaches them through us, once
        )
        self._running.append(_Worker(process, time.monotonic()))

    def _look_after(self) -> int:
        """Clear away who has ended and start others in their place; what the end of one means for the whole."""
        now, code = time.monotonic(), 0
        for worker in list(self._running):
            ended = worker.process.poll()
            if ended is None:
                continue
            self._running.remove(worker)
            if worker.process.stdin is not None:
                worker.process.stdin.close()
            if now - worker.started < _SOON:
                self._not_before = now + 1.0
            if ended == _USAGE and not self._signals:
                self._pass_on(signal.SIGTERM, None)
            if ended < 0:
                ended = 128 - ended
            if ended and self._signals and not (self._signals == 1 and ended in _EARLY):
                code = ended
        while not self._signals and len(self._running) < self._count and (now >= self._not_before or not self._running):
            if now < self._not_before:
                time.sleep(self._not_before - now)
                now = self._not_before
            self._start()
        return code
