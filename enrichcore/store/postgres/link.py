"""Transactions that outlive the server's restarts: what was lost is tried again, what was done is not done twice."""

import asyncio
import os
import random
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from enrichcore.errors import EnrichcoreError, StoreError
from enrichcore.store.postgres.server import DURABLE, SETTINGS, Connection, Source
from enrichcore.store.postgres.trouble import Kind, explain, kind_of, not_the_servers

T = TypeVar("T")
Work = Callable[[Connection], Awaitable[T]]

PATIENCE: Final = 30.0
"""Seconds for which operations wait for a server that is away, before they fail."""
OPENING: Final = 5.0
"""The same while a store is being opened: a wrong address should be told soon."""
_TRY: Final = 20.0
"""Seconds that one transaction may take."""
_BACKOFF: Final = (0.02, 1.0)
"""First and longest pause between two tries, in seconds; each is twice the one before, less up to half by chance."""
_CLASHES: Final = 12
"""How often a transaction is done again because others were in its way."""

_WRITE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_POOLED: Final = "".join(f"; SET LOCAL {setting}" for setting in SETTINGS)
"""What a session of ours is told once, each transaction in another's has to be told anew."""


class Link:
    """One lane to the server: transactions one after another. Everything belongs to one loop and one process."""

    def __init__(self, source: Source, *, patience: float = PATIENCE) -> None:
        self._source = source
        self._patience = patience
        self._lock = asyncio.Lock()
        self.was_up = False
        """Whether this store has spoken with the server before; a new one is less patient."""
        self._pid = os.getpid()
        self.away_since: float | None = None
        """Since when the server has been away, on the monotonic clock; None while it is there."""

    @property
    def name(self) -> str:
        """The server as it may be shown."""
        return self._source.name

    async def write(self, work: Work[T], *, obey: bool = True, longest: float = _TRY) -> T:
        """The result of `work` in a transaction that is durable when this returns.

        `work` is done again when the connection or the server was lost, also when it is unknown whether the
        transaction was committed: it must look for that first. Unless it is to `obey`, a cancellation is treated as
        a lost connection, for a task that others wait for.
        """
        pooled = f"{_WRITE}{_POOLED}; {DURABLE.format(local=True)}"
        return await self._repeat(
            lambda c: _transaction(c, pooled if self._source.pooled else _WRITE, work), obey, longest
        )

    async def read(self, work: Work[T]) -> T:
        """The result of `work`, which only reads."""

        async def look(connection: Connection) -> T:
            if self._source.pooled:
                return await _transaction(connection, _READ + _POOLED, work)
            return await work(connection)

        return await self._repeat(look, True, _TRY)

    async def close(self) -> None:
        """Give up the connection."""
        await self._source.close()

    async def _repeat(self, work: Work[T], obey: bool, longest: float) -> T:
        clashes, pause = 0, _BACKOFF[0]
        async with self._lock:
            while True:
                if os.getpid() != self._pid:
                    raise StoreError(
                        f"the journal at {self.name} was opened by the process that this one was forked from; a "
                        "connection cannot be shared across a fork: make a new store in each process"
                    )
                problem: BaseException
                try:
                    result = await self._once(work, longest)
                except EnrichcoreError:
                    raise
                except asyncio.CancelledError as error:
                    if obey:
                        raise
                    task = asyncio.current_task()
                    if task is not None:
                        task.uncancel()
                    kind, problem = Kind.LOST, error
                except Exception as error:  # noqa: BLE001 - sorted by what it means
                    kind, problem = kind_of(error), error
                else:
                    self.was_up, self.away_since = True, None
                    return result
                if kind is Kind.UNPREPARED and not self._source.pooled:
                    self._source.pooled = True
                elif kind is Kind.CLASH:
                    clashes += 1
                    if clashes > _CLASHES:
                        raise explain(self.name, problem) from problem
                    await self._pause(random.uniform(0, 0.005 * 2 ** min(clashes, 6)), obey)  # noqa: S311 - spreads the tries
                elif kind is Kind.LOST:
                    self._bear(problem)
                    await self._pause(random.uniform(pause / 2, pause), obey)  # noqa: S311 - likewise
                    pause = min(pause * 2, _BACKOFF[1])
                elif kind is Kind.REFUSED or not_the_servers(problem):
                    raise problem
                else:
                    raise explain(self.name, problem) from problem

    async def _once(self, work: Work[T], longest: float) -> T:
        async with asyncio.timeout(longest):
            connection = await self._source.take()
            try:
                result = await work(connection)
            except BaseException as error:
                refused = not isinstance(error, asyncio.CancelledError) and kind_of(error) in {Kind.REFUSED, Kind.CLASH}
                await self._source.give(connection, broken=not refused)
                raise
            await self._source.give(connection, broken=False)
            return result

    def _bear(self, problem: BaseException) -> None:
        """Wait for the server to come back, but not for ever.

        Raises:
            StoreError: it has been away for too long.
        """
        now = time.monotonic()
        if self.away_since is None:
            self.away_since = now
        patience = self._patience if self.was_up else min(self._patience, OPENING)
        hopeless = not self.was_up and isinstance(problem, socket.gaierror | ssl.SSLError)
        if hopeless or now - self.away_since >= patience:
            self.away_since = None  # whoever asks next waits anew
            raise explain(self.name, problem) from problem

    async def _pause(self, seconds: float, obey: bool) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            if obey:
                raise


async def _transaction(connection: Connection, begin: str, work: Work[T]) -> T:
    await connection.execute(begin)
    try:
        result = await work(connection)
    except Exception as error:
        if kind_of(error) is not Kind.LOST and not connection.is_closed():
            await connection.execute("ROLLBACK")
        raise
    await connection.execute("COMMIT")
    return result
