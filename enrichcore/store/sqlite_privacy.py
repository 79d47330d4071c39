"""The part of SqliteStore that is for people: the suppression list, erasure, and the end of what was kept."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Final

from enrichcore.errors import StoreError
from enrichcore.store import ops, sql
from enrichcore.store.erasing import GRACE
from enrichcore.store.protocol import Expiry, Forgotten
from enrichcore.store.sqlite_parts import SqliteParts

_ENTRIES: Final = 5000
"""Entries of a suppression list that are written at once."""
_PATIENCE: Final = 5.0
"""Seconds for which an erasure waits for other processes to look away."""
_PAUSE: Final = 0.01


class SqlitePrivacy(SqliteParts):
    """The suppression list, erasure and expiry."""

    async def suppress(self, tenant: str, entries: Sequence[tuple[bytes, str]], now: float) -> int:
        """Put hashes on the suppression list; a long one is written in parts."""
        new = 0
        for begin in range(0, max(len(entries), 1), _ENTRIES):
            new += await self._do(ops.Suppress(tenant, entries[begin : begin + _ENTRIES], now))
        return new

    async def unsuppress(self, tenant: str, hashes: Collection[bytes]) -> int:
        """Take hashes off the suppression list."""
        gone: int = await self._do(ops.Unsuppress(tenant, hashes))
        return gone

    async def forget(
        self, tenant: str, records: Collection[bytes], questions: Collection[bytes], people: Collection[int], now: float
    ) -> Forgotten:
        """Erase a person, from every byte of the file and of its write-ahead log.

        Raises:
            StoreError: it cannot be written. When another process keeps an old state of the file, nothing is erased
                yet; if one begins to do so meanwhile, the message says what was done.
        """
        journal = self._parts().journal
        self._queue_numbers()
        await self._patiently(journal.empty_log)
        forgotten: Forgotten = await self._do(ops.Forget(tenant, records, questions, people, now))
        try:
            await self._patiently(journal.clear)
        except StoreError as error:
            told = ", ".join(forgotten.recipients) or "nobody"
            raise StoreError(f"the person was erased (who had been sent the data: {told}), but {error}") from error
        return forgotten

    async def _patiently(self, work: Callable[[], bool]) -> None:
        """Let the writer do `work` until it succeeds; others write between two tries."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        while not await self._parts().thread.run(work):
            if loop.time() >= until:
                raise StoreError(
                    f"the write-ahead log of the journal {self.path} cannot be emptied, because another process reads "
                    "an old state of it: end that process (a backup, a database browser), and run again"
                )
            await asyncio.sleep(_PAUSE)

    async def expire(self, tenant: str, rules: Sequence[Expiry], now: float) -> int:
        """Delete answers and results whose time is over, a few hundred in each commit."""
        done = 0
        async for old in self._reader.expired(tenant, rules):
            done += await self._do(ops.Expire(tenant, attempts=old))
        stale = now - GRACE
        async for records in self._reader.stale_results(tenant, stale):
            if records:
                done += await self._do(ops.Expire(tenant, records=records, stale=stale))
        await self._do(ops.Expire(tenant, now=now))
        return done

    async def suppressed(self, tenant: str) -> list[tuple[bytes, str]]:
        """The whole suppression list of a tenant."""
        return await self._reader.suppressed(tenant)

    async def epoch(self) -> int:
        """A number that grows with every suppression, removal from the list and erasure."""
        epoch: int = self._reader.read(sql.EPOCH)[0][0]
        return epoch
