"""Admission: how many lookups run, how many wait, and whose turn it is. One tenant's flood is that tenant's own."""

import asyncio
from collections import Counter, deque

from enrichcore.runtime import Runtime
from enrichcore.service.refusal import Refusal, too_many

_SHARE = 4
"""One part in so many of the places is kept from whoever already holds all the others."""
_USUAL = 1.0
"""Seconds that a lookup is taken to last until some have been seen."""
_LONGEST = 60.0
_WEIGHT = 0.1


class Admission:
    """Places for lookups in one process. Who waits gets one by fairness: the tenant that holds fewest comes first."""

    def __init__(self, *, concurrency: int, queue: int, runtime: Runtime) -> None:
        self._places = concurrency
        self._most = concurrency - concurrency // _SHARE
        self._queue = queue
        self._runtime = runtime
        self._held: Counter[str] = Counter()
        self._running = 0
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._waiters = 0
        self._seconds = _USUAL
        self.shed = 0
        """How many were refused because there was no room."""

    @property
    def load(self) -> tuple[int, int]:
        """How many run, and how many wait."""
        return self._running, self._waiters

    def check(self, tenant: str) -> None:
        """Refuse early what would be refused later.

        Raises:
            Refusal: everything is full, and this tenant has its share of it.
        """
        if self._waiters >= self._queue and not self._may_run(tenant) and self._longest(tenant) is None:
            raise self._overloaded()

    async def enter(self, tenant: str, *, within: float) -> None:
        """Take a place, or wait for one for so many seconds.

        Raises:
            Refusal: too many wait already, or the time is over.
        """
        if self._may_run(tenant) and tenant not in self._waiting:
            self._take(tenant)
            return
        self.check(tenant)
        if self._waiters >= self._queue and (longest := self._longest(tenant)) is not None:
            last = self._waiting[longest][-1]
            self._remove(longest, last)
            if not last.done():
                last.set_exception(self._overloaded())
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(waiter)
        self._waiters += 1
        try:
            async with asyncio.timeout(within):
                await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._give_back(tenant)  # the place came in the same moment
            else:
                self._remove(tenant, waiter)
            if isinstance(error, TimeoutError):
                raise self._overloaded() from None
            raise

    def leave(self, tenant: str, seconds: float) -> None:
        """Give a place back that was held for so many seconds."""
        self._seconds += _WEIGHT * (seconds - self._seconds)
        self._give_back(tenant)

    def _give_back(self, tenant: str) -> None:
        self._running -= 1
        self._held[tenant] -= 1
        if not self._held[tenant]:
            del self._held[tenant]
        while (heir := self._next()) is not None:
            waiter = self._waiting[heir][0]
            self._remove(heir, waiter)
            if heir in self._waiting:  # of those who hold equally few, the next one has its turn first
                self._waiting[heir] = self._waiting.pop(heir)
            if not waiter.done():  # else its time was over in the same moment
                self._take(heir)
                waiter.set_result(None)

    def _take(self, tenant: str) -> None:
        self._running += 1
        self._held[tenant] += 1

    def _may_run(self, tenant: str) -> bool:
        return self._running < self._places and self._held[tenant] < self._most

    def _next(self) -> str | None:
        """Whose turn it is, of those who wait."""
        able = [tenant for tenant in self._waiting if self._may_run(tenant)]
        return min(able, key=self._held.__getitem__, default=None)

    def _longest(self, tenant: str) -> str | None:
        """Whoever has more than one waiting beyond what `tenant` has, and so gives way to it."""
        longest = max(self._waiting, key=lambda name: len(self._waiting[name]), default=None)
        mine = len(self._waiting.get(tenant, ()))
        return longest if longest is not None and len(self._waiting[longest]) > mine + 1 else None

    def _remove(self, tenant: str, waiter: asyncio.Future[None]) -> None:
        line = self._waiting.get(tenant)
        if line is not None and waiter in line:
            line.remove(waiter)
            self._waiters -= 1
            if not line:
                del self._waiting[tenant]

    def _overloaded(self) -> Refusal:
        self.shed += 1
        wait = min((self._waiters + 1) * self._seconds / self._places, _LONGEST)
        wait *= 1 + self._runtime.rng.random()  # so that those who were refused together do not come back together
        return too_many("overloaded", "Too many requests are being worked on: try again later.", wait)
