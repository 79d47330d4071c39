"""Reads that are rare, so that each is a query of its own."""

from collections.abc import AsyncIterator, Collection
from typing import Final

from enrichcore.store import owner
from enrichcore.store.postgres.columns import state
from enrichcore.store.postgres.parts import Parts
from enrichcore.store.protocol import Row, SharedNumber, StoredState

_PAGE: Final = 1000
"""Rows of the ledger that are read at once."""


class Reading(Parts):
    """What is read for people, at the start, and now and then."""

    async def in_doubt(self, tenant: str, now: float) -> list[Row]:  # noqa: ARG002 - the server's clock decides
        """Attempts whose billing is unknown, oldest first."""
        owners = await self._read(self._sql.owners)
        living = {row[0] for row in owners if owner.lives(owner.Owner(*tuple(row)[:5]), row[5])}
        unknown = [self._scribe.sealed(columns) for columns in await self._read(self._sql.unknown, tenant)]
        orphans = [self._scribe.sealed(columns) for columns in await self._read(self._sql.open, tenant)]
        found = unknown + [row for row in orphans if row.owner not in living]
        return [self._scribe.opened(row) for row in sorted(found, key=lambda row: (row.started_at, row.id))]

    async def calls_since(self, provider: str, since: float) -> list[float]:
        """When calls of `provider` started, oldest first."""
        return [columns[0] for columns in await self._read(self._sql.calls, since, provider)]

    async def load_states(self) -> list[StoredState]:
        """Provider states that outlive the process."""
        return [state(columns) for columns in await self._read(self._sql.states)]

    async def shared_numbers(self, tenant: str, after: int = 0) -> list[SharedNumber]:
        """The numbers that are shared, by mark."""
        return [SharedNumber(*tuple(columns)) for columns in await self._read(self._sql.shared_after, tenant, after)]

    async def spending(self, tenant: str, scopes: Collection[str]) -> dict[str, tuple[int, int]]:
        """What is spent and reserved in each scope, in nano; unknown scopes are absent."""
        return {row[0]: (row[1], row[2]) for row in await self._read(self._sql.spending, tenant, list(scopes))}

    async def ledger(
        self, tenant: str | None, *, since: float = 0.0, until: float = float("inf")
    ) -> AsyncIterator[Row]:
        """All attempts started in a time, oldest first, without their payloads."""
        after, last = float("-inf"), 0
        while True:
            page = await self._read(self._sql.ledger, after, last, since, until, tenant, _PAGE)
            for columns in page:
                yield self._scribe.opened(self._scribe.sealed(columns))
            if len(page) < _PAGE:
                return
            after, last = page[-1][7], page[-1][0]

    async def suppressed(self, tenant: str) -> list[tuple[bytes, str]]:
        """The whole suppression list of a tenant: hashes and kinds."""
        return [(row[0], row[1]) for row in await self._read(self._sql.suppressed, tenant)]

    async def epoch(self) -> int:
        """A number that grows whenever something was suppressed, unsuppressed or forgotten, by any process."""
        number: int = (await self._read(self._sql.epoch))[0][0]
        return number
