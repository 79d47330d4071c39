"""The writing side of the Postgres journal: batches, each in one durable transaction that is done once."""

from typing import Any

import attrs

from enrichcore.errors import StoreError
from enrichcore.store.owner import Owner
from enrichcore.store.postgres import ops
from enrichcore.store.postgres.batch import Batch
from enrichcore.store.postgres.columns import Scribe
from enrichcore.store.postgres.link import Link
from enrichcore.store.postgres.schema import lock_key
from enrichcore.store.postgres.server import Connection
from enrichcore.store.postgres.sql import Statements
from enrichcore.store.postgres.trouble import Kind, kind_of, refused
from enrichcore.store.protocol import TakenOver


@attrs.define(eq=False)
class _Try:
    """A transaction that may have to be done again. `results` are those of the last time."""

    number: int
    part: list[ops.Op]
    results: list[Any] | None = None


class Writer:
    """Commits batches for one owner.

    Each transaction has a number, which it writes into the owner's row before anything else. When the connection is
    lost during the commit, the next try finds its own number there, or not: so it knows what became of it, on whatever
    server it ends up.
    """

    def __init__(self, link: Link, sql: Statements, scribe: Scribe, schema: str, me: Owner) -> None:
        self._link = link
        self._sql = sql
        self._scribe = scribe
        self._me = me
        self._gate = lock_key(schema, "gate")
        self._numbers_lock = lock_key(schema, "numbers")
        self._number = 0
        self._undo: list[ops.Op] = []
        """What to take back of transactions of which nobody knows whether they were committed."""

    async def commit(self, batch: list[ops.Op]) -> list[Any]:
        """Carry out a batch: one result an operation, an exception for a bad one."""
        undo, self._undo = self._undo, []
        results: dict[int, Any] = {}
        failure: StoreError | None = None
        for part in ops.segments([*undo, *batch]):
            if failure is None:
                try:
                    outcomes = await self._carry_out(part)
                except StoreError as error:
                    failure = error
            if failure is not None:
                outcomes = [failure] * len(part)
            results.update(zip(map(id, part), outcomes, strict=True))
        if failure is not None:
            self._undo += undo  # to do it twice does no harm
        return [results[id(op)] for op in batch]

    async def _carry_out(self, part: list[ops.Op]) -> list[Any]:
        try:
            return await self._together(part)
        except StoreError:
            raise
        except Exception as error:
            if kind_of(error) is not Kind.REFUSED:
                raise
            if len(part) == 1:
                return [refused(self._link.name, type(part[0]).__name__, error)]
        outcomes: list[Any] = []
        for op in part:
            try:
                outcomes += await self._carry_out([op])
            except StoreError as error:
                return [*outcomes, *[error] * (len(part) - len(outcomes))]
        return outcomes

    async def _together(self, part: list[ops.Op]) -> list[Any]:
        self._number += 1
        current = _Try(self._number, part)
        try:
            return await self._link.write(lambda connection: self._work(connection, current), obey=False)
        except StoreError:
            self._remember(current)
            raise

    async def _work(self, connection: Connection, current: _Try) -> list[Any]:
        me, first = self._me, current.part[0]
        apart = first if isinstance(first, ops.Apart) else None
        begin = self._sql.begin_alone if apart is not None and apart.alone else self._sql.begin_together
        found = await connection.fetchrow(begin, me.id, me.host, me.pid, me.started, current.number, self._gate)
        if not found[0]:  # it was committed, only its acknowledgement was lost
            assert current.results is not None
            return current.results
        if apart is not None:
            current.results = [await apart.work(connection)]
        else:
            batch = Batch(connection, self._sql, self._scribe, me.id, self._numbers_lock)
            current.results = await batch.carry_out(current.part)
        return current.results

    def _remember(self, current: _Try) -> None:
        """Callers are told that nothing was granted: should it have been, that is taken back with the next batch."""
        for op in current.part:
            if isinstance(op, ops.Take):
                self._undo.append(ops.Withdraw(op.id, op.claim.key))
        self._undo += [ops.Release(r.row.id) for r in current.results or () if isinstance(r, TakenOver)]
