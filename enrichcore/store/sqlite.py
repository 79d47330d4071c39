"""SqliteStore: the journal in one file, durable at every commit, shared by the processes of one machine."""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from enrichcore.errors import StoreError
from enrichcore.store import ops, owner, rows, sql
from enrichcore.store.forks import Connection
from enrichcore.store.group_commit import GroupCommit
from enrichcore.store.journal import Journal
from enrichcore.store.judge import newest_blocking
from enrichcore.store.protocol import (
    QUESTION,
    Claim,
    ClaimAnswer,
    Granted,
    Row,
    SharedNumber,
    StoredResult,
    StoredState,
    TakenOver,
)
from enrichcore.store.results import definite
from enrichcore.store.schema import connect, prepare
from enrichcore.store.trouble import explain
from enrichcore.store.writer import WriterThread

_MANY: Final = 1000
"""How many notes of numbers are written at once; fewer with a heartbeat, and at the end."""
_LAST_TAG = b"\xff" * 9
"""Sorts behind whatever a key has after its question."""


@attrs.define(eq=False)
class _Pending:
    """Results of one record that are queued: `known` the newest definite one, `last` the newest; `op` the last."""

    known: StoredResult | None
    last: StoredResult
    op: ops.SaveResult


@attrs.frozen
class _Open:
    """What an open store holds."""

    thread: WriterThread
    journal: Journal
    reader: Connection
    group: GroupCommit[ops.Op]


class SqliteStore:
    """A journal in the SQLite file `path`, created when missing (0600, its folder 0700).

    Writes are committed in groups by one thread; reads are done in place on a connection of their own and see what
    is committed, and of what is queued the attempts and results.
    """

    durable = True

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.owner = 0
        self._next = 0
        self._open: _Open | None = None
        self._results: dict[tuple[str, bytes], _Pending] = {}
        self._rows: dict[bytes, ops.Put] = {}
        self._numbers: list[ops.NoteNumbers] = []
        """What is noted of numbers and not queued yet, by limit and listener."""

    # --- life -----------------------------------------------------------------------------------------------------

    def next_id(self) -> int:
        """A fresh attempt id."""
        self._next += 1
        return self._next

    async def open(self, now: float) -> None:
        """Create or check the file and register as an owner."""
        if self._open is not None:
            raise StoreError(f"the journal {self.path} is open already; make one store object for each opening")
        thread = WriterThread("enrichcore-journal")
        made: list[Journal] = []
        try:
            me = await thread.run(self._start, now, made)
            reader = connect(self.path)
        except BaseException as error:
            for journal in made:
                await thread.run(journal.close)
            thread.close()
            if isinstance(error, sqlite3.Error):
                raise explain(self.path, error) from error
            raise
        self.owner = me.id
        self._next = me.id << 32
        self._results.clear()  # what an earlier opening lost is not known
        self._rows.clear()
        self._numbers.clear()
        self._open = _Open(thread, made[0], reader, GroupCommit(self._commit, abandoned=self._abandoned))

    def _start(self, now: float, made: list[Journal]) -> owner.Owner:
        prepare(self.path)
        made.append(Journal(self.path))
        return made[0].register(now)

    async def aclose(self) -> None:
        """Flush and close.

        Raises:
            StoreError: something queued could not be written.
        """
        parts = self._open
        if parts is None:
            return
        self._queue_numbers()
        try:
            await parts.group.flush()
        finally:
            if self._open is parts:
                self._open = None
                with parts.reader.lock:
                    parts.reader.close()
                try:
                    await parts.thread.run(parts.journal.close)
                finally:
                    parts.thread.close()

    async def heartbeat(self, now: float) -> None:
        """Say that this owner lives; what is noted of numbers is written with it."""
        self._queue_numbers()
        await self._do(ops.Beat(owner.this_owner(self.owner, now)))

    # --- the two verbs --------------------------------------------------------------------------------------------

    async def known(self, claim: Claim) -> Row | None:
        """The settled attempt that `claim` would answer with."""
        stored, pending = self._read(sql.SETTLED_BY_KEY, (claim.key,)), self._rows.get(claim.key)
        if not stored and pending is None:
            return None
        found = [rows.attempt(columns) for columns in stored]
        if pending is not None:
            found.append(pending.row)
        return newest_blocking(claim, found)

    def unheard(self, tenant: str, record: bytes, keys: Collection[bytes]) -> bool:
        """Whether nothing is stored or queued of a record and of these questions: one look that spares several."""
        if (tenant, record) in self._results or not self._rows.keys().isdisjoint(keys):
            return False
        ranges = [end for q in {key[:QUESTION] for key in keys} for end in (q, q + _LAST_TAG)]
        return not self._read(sql.anything(len(ranges) // 2), (tenant, record, *ranges))[0][0]

    async def claim(self, claim: Claim) -> ClaimAnswer:
        """Freshness, lease and intent in one transaction."""
        self._next = number = self._next + 1
        answer: ClaimAnswer = await self._do(ops.Take(claim, number))
        return answer

    async def settle(self, row: Row) -> None:
        """Close the intent `row.id`; the first definite outcome stands."""
        await self._do(ops.Put(row, rows.attempt_columns(row)))

    async def note_job(self, attempt: int, job: str) -> None:
        """Keep a vendor's job id on an open intent."""
        await self._do(ops.NoteJob(attempt, job))

    async def release(self, attempt: int) -> None:
        """Leave an open intent to whoever asks next."""
        await self._do(ops.Release(attempt))

    # --- queued without waiting -----------------------------------------------------------------------------------

    def record(self, row: Row) -> None:
        """Queue a settled attempt that had no intent."""
        parts = self._open
        if parts is None:
            raise self._not_open()
        if parts.group.failure is None:
            self._rows[row.key] = op = ops.Put(row, rows.attempt_columns(row))
            parts.group.put(op)

    def save_result(self, result: StoredResult) -> None:
        """Queue a result; an incomplete one never replaces a definite one."""
        group = self._opened()
        if group.failure is None:
            result.written()  # here, so that what cannot be written fails its own run and no batch
            op = ops.SaveResult(result)
            key = (result.tenant, result.record)
            known = result if definite(result) else None
            before = self._results.get(key)
            if known is None and before is not None:
                known = before.known
            self._results[key] = _Pending(known, result, op)
            group.put(op)

    def save_state(self, state: StoredState) -> None:
        """Queue a provider state; `closed` forgets it."""
        self._opened().put(ops.SaveState(state))

    def note_number(
        self, tenant: str, phone: int, person: int | None, now: float, limit: int, told: Callable[[SharedNumber], None]
    ) -> None:
        """Note for whom a number was given; `told` hears after the commit of one that is shared.

        Numbers lie all over their table, so that each would dirty a page in each commit: many are written at once.
        """
        op = self._numbers[-1] if self._numbers else None
        if op is None or op.told is not told or op.limit != limit:
            if self._opened().failure is not None:
                return
            op = ops.NoteNumbers(limit, told)
            self._numbers.append(op)
        if person is None:
            op.lines.append((phone, tenant, now))
        else:
            op.people.append((phone, person, tenant, now))
        if len(op.people) + len(op.lines) >= _MANY:
            self._queue_numbers()

    def _queue_numbers(self) -> None:
        noted, self._numbers = self._numbers, []
        for op in noted:
            self._opened().put(op)

    # --- reading --------------------------------------------------------------------------------------------------

    async def load_result(self, tenant: str, record: bytes) -> StoredResult | None:
        """The last definite result of a record, else its last incomplete one."""
        pending = self._results.get((tenant, record))
        if pending is not None and pending.known is not None:
            return pending.known
        stored = self._load(tenant, record)
        if stored is not None and stored[0] is not None:
            return stored[0]
        if pending is not None:
            return pending.last
        return None if stored is None else stored[1]

    async def last_result(self, tenant: str, record: bytes) -> StoredResult | None:
        """The last finished enrichment of a record, definite or not."""
        pending = self._results.get((tenant, record))
        if pending is not None:
            return pending.last
        stored = self._load(tenant, record)
        return None if stored is None else stored[1]

    async def in_doubt(self, tenant: str, now: float) -> list[Row]:
        """Attempts whose billing is unknown, oldest first."""
        owners = [owner.Owner(*columns) for columns in self._read(sql.OWNERS, ())]
        living = {known.id for known in owners if owner.lives(known, now)}
        unknown = [rows.attempt(columns) for columns in self._read(sql.UNKNOWN, (tenant,))]
        orphans = [rows.attempt(columns) for columns in self._read(sql.OPEN, (tenant,))]
        found = unknown + [row for row in orphans if row.owner not in living]
        return sorted(found, key=lambda row: (row.started_at, row.id))

    async def calls_since(self, provider: str, since: float) -> list[float]:
        """When calls of `provider` started, oldest first."""
        return [columns[0] for columns in self._read(sql.CALLS, (since, provider))]

    async def load_states(self) -> list[StoredState]:
        """Provider states that outlive the process."""
        return [rows.state(columns) for columns in self._read(sql.STATES, ())]

    async def shared_numbers(self, tenant: str, after: int = 0) -> list[SharedNumber]:
        """The numbers that are shared, by mark."""
        return [rows.shared_number(columns) for columns in self._read(sql.SHARED_AFTER, (tenant, after))]

    def _load(self, tenant: str, record: bytes) -> tuple[StoredResult | None, StoredResult | None] | None:
        """The definite and the last result of a record, as far as committed."""
        found = self._read(sql.LOAD_RESULT, (tenant, record))
        if not found:
            return None
        width = len(rows.RESULT)
        known, last = (
            None if half[0] is None else rows.result(tenant, record, half)
            for half in (found[0][:width], found[0][width:])
        )
        return known, last or known

    def _read(self, query: str, parameters: Sequence[Any]) -> list[rows.Columns]:
        if self._open is None:
            raise self._not_open()
        try:
            with self._open.reader.lock:
                return self._open.reader.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise explain(self.path, error) from error

    # --- writing --------------------------------------------------------------------------------------------------

    def _opened(self) -> GroupCommit[ops.Op]:
        if self._open is None:
            raise self._not_open()
        return self._open.group

    async def _do(self, op: ops.Op) -> Any:
        return await self._opened().do(op)

    async def _commit(self, batch: list[ops.Op]) -> list[Any]:
        if self._open is None:
            raise self._not_open()
        results = await self._open.thread.run_regardless(self._open.journal.commit, batch)
        queued = self._rows
        for op in batch:
            if isinstance(op, ops.Put):
                if queued.get(op.row.key) is op:
                    del queued[op.row.key]
            elif isinstance(op, ops.SaveResult):
                key = (op.result.tenant, op.result.record)
                if self._results[key].op is op:
                    del self._results[key]
            elif isinstance(op, ops.NoteNumbers):
                for shared in op.shared:
                    op.told(shared)
        return results

    def _abandoned(self, _op: ops.Op, result: Any) -> None:
        """Nobody waits for this claim any more, so nothing will be sent under it: do not leave it open."""
        if self._open is None:
            return
        group = self._open.group
        if isinstance(result, Granted):
            group.put(ops.Withdraw(result.id))
        elif isinstance(result, TakenOver):
            group.put(ops.Release(result.row.id))

    def _not_open(self) -> StoreError:
        return StoreError(f"the journal {self.path} is not open: `await store.open(now)` first")
