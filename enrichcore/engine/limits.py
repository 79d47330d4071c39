"""Limiter: keeps one provider within all its declared rates, exactly, in any window.

A call is granted a start time. With a rate of N calls in T seconds the k-th call may not start before T seconds after
the (k-N)-th one, so no window of T seconds ever holds more than N starts, whatever the vendor's window boundaries are.
"""

from collections import deque
from collections.abc import Iterable

from enrichcore.plugins.rate import Rate

_MOST_ENTRIES = 10_000


class _Window:
    """One rate: the start times of its last N calls, in blocks when N is large (a block counts as its last call)."""

    def __init__(self, rate: Rate) -> None:
        self.seconds = rate.seconds
        self.block = -(-rate.calls // _MOST_ENTRIES)
        self.blocks = max(1, rate.calls // self.block)
        self.starts: deque[float] = deque(maxlen=self.blocks)
        self.in_block = 0

    def earliest(self, now: float, calls: int = 1) -> float:
        joins = self.block - self.in_block if 0 < self.in_block < self.block else 0
        if joins:
            now = max(now, self.starts[-1])  # a block that is to begin later cannot be gone on with earlier
        new = -(-max(calls - joins, 0) // self.block)
        over = min(len(self.starts) + new - self.blocks, len(self.starts))
        return now if over <= 0 else max(now, self.starts[over - 1] + self.seconds)

    def take(self, start: float) -> None:
        if 0 < self.in_block < self.block:
            self.starts[-1] = max(self.starts[-1], start)
            self.in_block += 1
        else:
            self.starts.append(start)
            self.in_block = 1


class Limiter:
    """Grants start times for calls of one provider. Times are monotonic seconds."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._windows = [_Window(rate) for rate in rates]
        self.limits = bool(self._windows)
        """Whether there is any limit."""

    def seed(self, starts: Iterable[float]) -> None:
        """Remember calls of an earlier process, oldest first."""
        for start in starts:
            for window in self._windows:
                window.take(start)

    @property
    def longest(self) -> float:
        """The longest window in seconds, 0 without any."""
        return max((w.seconds for w in self._windows), default=0.0)

    def next_start(self, now: float, calls: int = 1) -> float:
        """When the next call, or so many at once, could start, without taking that place."""
        return max((w.earliest(now, calls) for w in self._windows), default=now)

    def take(self, now: float, *, latest: float | None = None, calls: int = 1) -> float | None:
        """The start time of the next call, now taken; None when it would lie after `latest` (nothing is taken).

        So many `calls` at once start together; they are at most those of the smallest rate.
        """
        if not self._windows:
            return now
        start = self.next_start(now, calls)
        if latest is not None and start > latest:
            return None
        for window in self._windows:
            for _ in range(calls):
                window.take(start)
        return start
