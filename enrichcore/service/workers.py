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
    seat: int


class Workers:
    """Processes that share a listening socket, of which each is told the number of its descriptor.

    They notice the end of this one, however it comes, by the end of their standard input, and drain then.

    Args:
        command: what the worker in a seat runs, counted from 0.
        sockets: for every seat, the sockets that its worker gets; whoever takes the place of one that died gets them.
    """

    def __init__(self, command: Callable[[int], Sequence[str]], sockets: Sequence[Sequence[socket.socket]]) -> None:
        if os.name != "posix":
            raise ConfigError("several workers need a system where processes share a socket; here, use --workers 1")
        self._command = command
        self._sockets = sockets
        self._running: list[_Worker] = []
        self._not_before = 0.0
        self._signals = 0

    def run(self, started: Callable[[], object] = bool) -> int:
        """Run them until they are told to end; the exit code of the whole. It is the last that this process does."""
        for sig in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sig, self._pass_on)
        for _ in self._sockets:
            self._start()
        started()
        code = 0
        while self._running:
            time.sleep(_LOOK)
            if self._signals:  # so that nobody hangs in the queue of a socket from which the workers take no more
                for sockets in self._sockets:
                    for one in sockets:
                        one.close()
            code = self._look_after() or code
        return code

    def _pass_on(self, sig: int, _frame: FrameType | None) -> None:
        self._signals += 1
        for worker in list(self._running):
            worker.process.send_signal(sig)  # the second one makes them leave at once

    def _start(self) -> None:
        seat = min(set(range(len(self._sockets))) - {worker.seat for worker in self._running})
        process = subprocess.Popen(  # noqa: S603 - this very program
            self._command(seat),
            stdin=subprocess.PIPE,
            pass_fds=[one.fileno() for one in self._sockets[seat]],
            start_new_session=True,  # Ctrl-C reaches them through us, once
        )
        self._running.append(_Worker(process, time.monotonic(), seat))

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
        while (
            not self._signals
            and len(self._running) < len(self._sockets)
            and (now >= self._not_before or not self._running)
        ):
            if now < self._not_before:
                time.sleep(self._not_before - now)
                now = self._not_before
            self._start()
        return code
