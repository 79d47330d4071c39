"""Reads that come together go to the server together: what a single one costs there is mostly the way."""

from typing import Any

import attrs

from enrichcore.store.group_commit import GroupCommit
from enrichcore.store.postgres.columns import transposed
from enrichcore.store.postgres.link import Link
from enrichcore.store.postgres.server import Connection
from enrichcore.store.postgres.sql import Statements


@attrs.frozen(eq=False)
class Glance:
    """The settled attempts at one key."""

    key: bytes


@attrs.frozen(eq=False)
class Load:
    """The results of one record."""

    tenant: str
    record: bytes


class Looking:
    """Answers glances and loads in groups: a group is what was asked while the last one was under way."""

    def __init__(self, link: Link, sql: Statements) -> None:
        self._link = link
        self._sql = sql
        self._group: GroupCommit[Glance | Load] = GroupCommit(self._look)

    async def attempts(self, key: bytes) -> list[Any]:
        """The columns of the settled attempts at a key."""
        found: list[Any] = await self._group.do(Glance(key))
        return found

    async def results(self, tenant: str, record: bytes) -> Any:
        """The columns of the results of a record, None when there are none."""
        return await self._group.do(Load(tenant, record))

    async def _look(self, batch: list[Glance | Load]) -> list[Any]:
        keys = {ask.key for ask in batch if isinstance(ask, Glance)}
        records = {(ask.tenant, ask.record) for ask in batch if isinstance(ask, Load)}

        async def work(connection: Connection) -> list[Any]:
            attempts: dict[bytes, list[Any]] = {}
            results: dict[tuple[str, bytes], Any] = {}
            if keys:
                for columns in await connection.fetch(self._sql.settled_by_keys, list(keys)):
                    attempts.setdefault(columns[1], []).append(columns)
            if records:
                for columns in await connection.fetch(self._sql.load_results, *transposed(list(records))):
                    results[columns[0], columns[1]] = columns
            return [
                attempts.get(ask.key, []) if isinstance(ask, Glance) else results.get((ask.tenant, ask.record))
                for ask in batch
            ]

        return await self._link.read(work)
