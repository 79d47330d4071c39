"""The reading side of the SQLite journal: what is committed, read in place on a connection of its own."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Any, Final

from enrichcore.store import many, owner, rows, sql
from enrichcore.store.protocol import Expiry, Row, SharedNumber, StoredResult, StoredState
from enrichcore.store.schema import connect
from enrichcore.store.sealing import Sealing
from enrichcore.store.trouble import explain

_PAGE: Final = 500
"""Attempts read at once where there may be millions: a few milliseconds for the loop."""
_LONG_PAGE: Final = 5000
"""Short entries read at once."""
_BEFORE_ALL: Final = ("", -1)


class Reader:
    """One reading connection. Each read is a transaction of its own and over when it returns."""

    def __init__(self, path: Path, sealing: Sealing) -> None:
        self._path = path
        self._sealing = sealing
        self._connection = connect(path)

    def close(self) -> None:
        """End the connection."""
        with self._connection.lock:
            self._connection.close()

    def read(self, query: str, parameters: Sequence[Any] = ()) -> list[rows.Columns]:
        """All rows of a query."""
        try:
            with self._connection.lock:
                return self._connection.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise explain(self._path, error) from error

    def attempts(self, query: str, *parameters: Any) -> list[Row]:
        """The attempts of a query, opened."""
        return [self._sealing.opened(rows.attempt(columns)) for columns in self.read(query, parameters)]

    def result(self, tenant: str, record: bytes) -> tuple[StoredResult | None, StoredResult] | None:
        """The definite and the last result of a record."""
        found = self.read(sql.LOAD_RESULT, (tenant, record))
        if not found:
            return None
        width = len(rows.RESULT)
        known, last = (
            None if half[0] is None else self._sealing.opened_result(rows.result(tenant, record, half))
            for half in (found[0][:width], found[0][width:])
        )
        last = last or known
        assert last is not None
        return known, last

    def in_doubt(self, tenant: str, now: float) -> list[Row]:
        """Attempts whose billing is unknown, oldest first."""
        owners = [owner.Owner(*columns) for columns in self.read(sql.OWNERS)]
        living = {known.id for known in owners if owner.lives(known, now)}
        orphans = [row for row in self.attempts(sql.OPEN, tenant) if row.owner not in living]
        found = self.attempts(sql.UNKNOWN, tenant) + orphans
        return sorted(found, key=lambda row: (row.started_at, row.id))

    def states(self) -> list[StoredState]:
        """Provider states that outlive the process."""
        return [rows.state(columns) for columns in self.read(sql.STATES)]

    def shared_numbers(self, tenant: str, after: int) -> list[SharedNumber]:
        """The numbers that are shared, by mark."""
        return [rows.shared_number(columns) for columns in self.read(sql.SHARED_AFTER, (tenant, after))]

    def spending(self, tenant: str, scopes: Collection[str]) -> dict[str, tuple[int, int]]:
        """What is spent and what is reserved in each budget."""
        try:
            with self._connection.lock:
                found = many.select_in(self._connection, sql.BUDGETS, list(scopes), sql.OF_TENANT, tenant)
        except sqlite3.Error as error:
            raise explain(self._path, error) from error
        return {scope: (spent, reserved) for scope, spent, reserved in found}

    async def ledger(self, tenant: str | None, since: float, until: float) -> AsyncIterator[Row]:
        """All attempts started in a time, oldest first, page by page; without payloads and jobs, so without a key."""
        after: tuple[Any, ...] = (since, *_BEFORE_ALL)
        while True:
            page = [rows.attempt(columns) for columns in self.read(sql.LEDGER, (until, *after, tenant, _PAGE))]
            for row in page:
                yield row
            if len(page) < _PAGE:
                return
            after = (page[-1].started_at, page[-1].provider, page[-1].id)
            await asyncio.sleep(0)

    async def suppressed(self, tenant: str) -> list[tuple[bytes, str]]:
        """The whole suppression list of a tenant."""
        found: list[rows.Columns] = []
        after = b""
        while page := self.read(sql.SUPPRESSED, (tenant, after, _LONG_PAGE)):
            found += page
            after = page[-1][0]
            await asyncio.sleep(0)
        return [(hashed, kind) for hashed, kind in found]

    async def expired(self, tenant: str, rules: Sequence[Expiry]) -> AsyncIterator[list[tuple[int, float]]]:
        """Attempts of which something is kept for too long, page by page: each with the moment when it was settled."""
        if not rules:
            return
        times = [time for rule in rules for time in (rule.provider, rule.misses_before, rule.hits_before)]
        latest = max(max(rule.hits_before, rule.misses_before) for rule in rules)
        after: tuple[Any, ...] = (float("-inf"), *_BEFORE_ALL)
        end: tuple[Any, ...] = after
        while end != (latest, *_BEFORE_ALL):
            found = self.read(sql.END_OF_PAGE, (latest, *after, _LONG_PAGE))
            end = found[0] if found else (latest, *_BEFORE_ALL)
            old = self.read(sql.expired(len(rules)), (latest, *after, *end, tenant, *times))
            for begin in range(0, len(old), _PAGE):
                yield old[begin : begin + _PAGE]
            after = end
            await asyncio.sleep(0)

    async def stale_results(self, tenant: str, before: float) -> AsyncIterator[list[bytes]]:
        """Records whose results have not been fresh since a moment, page by page."""
        after = b""
        while page := self.read(sql.STALE_RESULTS, (before, tenant, after, _PAGE)):
            yield [record for record, stale in page if stale]
            after = page[-1][0]
            await asyncio.sleep(0)
