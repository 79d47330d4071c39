"""The verbs that change what may be kept, and what may be asked."""

from collections.abc import Collection, Sequence
from typing import Final

from enrichcore.store.postgres import erasure, ops
from enrichcore.store.postgres.parts import Parts
from enrichcore.store.postgres.server import Connection
from enrichcore.store.protocol import Expiry, Forgotten

_CHUNK: Final = 500
"""Rows that expire in one transaction, so that others get their turn."""


class Erasing(Parts):
    """Suppression, erasure, retention and shared rates."""

    async def suppress(self, tenant: str, entries: Sequence[tuple[bytes, str]], now: float) -> int:
        """Add (hash, kind) to the suppression list; how many are new. No batch is under way meanwhile."""
        return int(await self._apart(lambda c: erasure.suppress(c, self._sql, tenant, entries, now)))

    async def unsuppress(self, tenant: str, hashes: Collection[bytes]) -> int:
        """Take hashes off the suppression list; how many were on it."""
        return int(await self._apart(lambda c: erasure.unsuppress(c, self._sql, tenant, hashes)))

    async def forget(
        self,
        tenant: str,
        records: Collection[bytes],
        questions: Collection[bytes],
        people: Collection[int],
        now: float,
    ) -> Forgotten:
        """Erase a person: the amounts stay, the link to them goes."""
        self._queue_numbers()
        told: Forgotten = await self._apart(
            lambda c: erasure.forget(c, self._sql, tenant, records, questions, people, now)
        )
        return told

    async def expire(self, tenant: str, rules: Sequence[Expiry], now: float) -> int:
        """Remove what was kept for long enough, in chunks; how many payloads and results it was."""

        async def chunk(connection: Connection) -> int:
            gone = 0
            for rule in rules:
                gone += await erasure.expire_attempts(connection, self._sql, tenant, rule, _CHUNK)
            return gone + await erasure.expire_results(connection, self._sql, tenant, now, _CHUNK)

        await self._apart(lambda c: erasure.give_up(c, self._sql, self._scribe, tenant, now), alone=False)
        total = 0
        while gone := await self._apart(chunk, alone=False):
            total += gone
        return total

    async def lease_rate(
        self, provider: str, credential: bytes, calls: int, seconds: float, want: int, now: float
    ) -> tuple[int, float]:
        """Take up to `want` calls of a window that all processes share; how many, and the seconds until it ends."""
        lease = ops.Lease(provider, credential, calls, seconds, want, now)
        granted: tuple[int, float] = await self._opened().group.do(lease)
        return granted
