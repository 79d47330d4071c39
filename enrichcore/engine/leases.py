"""Leases: rate limits that several processes share, in blocks of calls taken from the store.

Each process keeps its own `Limiter`, which spreads its calls exactly. Beside it the processes of one credential share
what a window holds: a block of calls is leased at a time, so that the store is asked once for many.
"""

from collections.abc import Iterable

import attrs

from enrichcore.plugins import Rate
from enrichcore.store import Store

SHARE = 0.1
"""The part of a window that is leased at a time: what a process has leased and does not use is lost to the others."""


@attrs.define(eq=False)
class _Window:
    calls: int
    seconds: float
    left: int = 0
    ends: float = 0.0
    """When the window is over, in wall seconds: what is left of a block is worth nothing then."""


class Leases:
    """The calls that one process has leased for one credential."""

    def __init__(self, store: Store, provider: str, credential: bytes, rates: Iterable[Rate]) -> None:
        self._store = store
        self._provider = provider
        self._credential = credential
        self._windows = [_Window(rate.calls, rate.seconds) for rate in rates]

    async def take(self, wall: float) -> float:
        """Take one call of every window; else the seconds until the one that is used up ends, and nothing is taken.

        Raises:
            StoreError: the store cannot be asked.
        """
        # Looked at anew after every question to the store: other calls of this process have taken some meanwhile.
        while (window := self._used_up(wall)) is not None:
            want = max(1, int(window.calls * SHARE))
            granted, left = await self._store.lease_rate(
                self._provider, self._credential, window.calls, window.seconds, want, wall
            )
            if not granted:
                return max(left, 0.001)
            window.left = granted + (window.left if wall < window.ends else 0)
            window.ends = wall + left
        for window in self._windows:
            window.left -= 1
        return 0.0

    def _used_up(self, wall: float) -> _Window | None:
        return next((window for window in self._windows if window.left < 1 or wall >= window.ends), None)
