"""What one batch of operations does, inside its transaction.

Locks are taken in an order that all processes keep, so that no two wait for each other: questions by key, attempts by
id, budgets by name, then what is written without being judged. A question is locked by its intent: the unique index on
open intents makes a second one wait for the first one's transaction.
"""

import secrets
from collections.abc import Iterable
from typing import Any, cast

import attrs

from enrichcore.errors import StoreError
from enrichcore.store.budgeting import charge
from enrichcore.store.judge import RELEASED, after_repeat, given_up, is_repeat, may_settle
from enrichcore.store.owner import Owner, lives
from enrichcore.store.postgres import accounts, ops, rates
from enrichcore.store.postgres.budgets import Budgets
from enrichcore.store.postgres.columns import NOTHING, Columns, Scribe, state_columns, transposed
from enrichcore.store.postgres.numbers import note_numbers
from enrichcore.store.postgres.server import Connection
from enrichcore.store.postgres.sql import Statements
from enrichcore.store.postgres.taking import Taking
from enrichcore.store.protocol import QUESTION, ClaimAnswer, InFlight, Known, Row, StoredResult, TakenOver
from enrichcore.store.results import definite


class Batch:
    """One batch. Every method belongs to its transaction; nothing is kept when that is undone."""

    def __init__(self, connection: Connection, sql: Statements, scribe: Scribe, owner: int, numbers_lock: int) -> None:
        self._connection = connection
        self._sql = sql
        self._scribe = scribe
        self._owner = owner
        self._numbers_lock = numbers_lock
        self._budgets = Budgets(connection, sql)
        self._rows: dict[int, Row] = {}
        """The attempts that the batch may change, locked, as they are now."""
        self._opened: dict[int, Row] = {}
        self._tombstones: dict[tuple[str, bytes], float] = {}

    async def carry_out(self, batch: list[ops.Op]) -> list[Any]:
        """Do everything; one result an operation, an exception for one that failed alone."""
        by: dict[type, list[Any]] = {}
        for op in batch:
            by.setdefault(type(op), []).append(op)
        results: dict[int, Any] = {}
        takes: list[ops.Take] = by.get(ops.Take, [])
        puts: list[ops.Put] = by.get(ops.Put, [])
        withdrawn: list[ops.Withdraw] = by.get(ops.Withdraw, [])
        taking = Taking(self._connection, self._sql, self._scribe, self._owner, self._budgets)
        if takes:
            await taking.look(takes)
            await self._find_orphans(taking)
        await self._lock(taking, by)
        if takes:
            taking.replace(self._rows)
            await taking.find_suppressed(takes)
        await self._budgets.hold(
            [
                *((take.claim.tenant, scope) for take in takes for scope, _ in take.claim.budgets),
                *((row.tenant, scope) for row in self._rows.values() for scope in row.scopes),
            ]
        )
        for take in takes:
            results[id(take)] = taking.judge(take)
        await taking.write()
        await self._note_jobs(by.get(ops.NoteJob, []))
        await self._settle(puts)
        await self._withdraw(withdrawn)
        releases: list[ops.Release] = by.get(ops.Release, [])
        if releases:
            await self._execute(self._sql.take_over, [(release.id, RELEASED) for release in releases])
        await self._budgets.save()
        await self._save_results(by.get(ops.SaveResult, []))
        await self._save_states(by.get(ops.SaveState, []))
        for lease in sorted(by.get(ops.Lease, []), key=rates.in_order):
            results[id(lease)] = await rates.lease(self._connection, self._sql, lease)
        results.update(
            await accounts.move(
                self._connection, self._sql, self._owner, by.get(ops.Spend, []), by.get(ops.Reserve, [])
            )
        )
        if ops.NoteNumbers in by:
            await self._connection.fetchrow(self._sql.lock, self._numbers_lock)
            for noted in by[ops.NoteNumbers]:
                await note_numbers(self._connection, self._sql, noted)
        return [self._answer(results.get(id(op))) for op in batch]

    # --- attempts -------------------------------------------------------------------------------------------------

    async def _find_orphans(self, taking: Taking) -> None:
        others = {row.owner for row in taking.open_elsewhere()}
        if others:
            found = await self._connection.fetch(self._sql.owners_of, sorted(others))
            living = {row[0] for row in found if lives(Owner(*tuple(row)[:5]), row[5])}
            taking.orphans_of(others - living)

    async def _lock(self, taking: Taking, by: dict[type, list[Any]]) -> None:
        wanted = {put.row.id for put in by.get(ops.Put, ())} | taking.orphans | taking.doubts
        wanted.update(op.id for kind in (ops.Withdraw, ops.NoteJob, ops.Release) for op in by.get(kind, ()))
        if wanted:
            for columns in await self._connection.fetch(self._sql.for_update, sorted(wanted)):
                self._rows[columns[0]] = self._scribe.sealed(columns)
        records = {
            (put.row.tenant, name)
            for put in by.get(ops.Put, ())
            if put.row.id not in self._rows
            for name in (put.row.record, put.row.key[:QUESTION])
        }
        records.update(
            (save.result.tenant, name) for save in by.get(ops.SaveResult, ()) for name in _names(save.result)
        )
        if records:
            found = await self._connection.fetch(self._sql.tombstones, *transposed(list(records)))
            self._tombstones = {(row[0], row[1]): row[2] for row in found}

    async def _note_jobs(self, notes: list[ops.NoteJob]) -> None:
        jobs = {note.id: note.job for note in notes if note.id in self._rows}
        if jobs:
            await self._execute(
                self._sql.note_jobs,
                [(id_, self._scribe.seal_job(self._rows[id_].tenant, id_, job)) for id_, job in jobs.items()],
            )

    async def _settle(self, puts: list[ops.Put]) -> None:
        """The first definite outcome stands, a doubt gives way to knowledge, and budgets follow."""
        written: dict[int, Columns] = {}
        for put in puts:
            stored = self._rows.get(put.row.id)
            if stored is None:
                row = self._recorded(put.row)
            elif may_settle(stored):
                row = self._outcome(put.row, stored)
            else:
                continue
            self._rows[row.id] = row
            written[row.id] = self._scribe.attempt_columns(row)
        if written:
            await self._execute(self._sql.puts, [written[id_] for id_ in sorted(written)])

    def _outcome(self, row: Row, stored: Row) -> Row:
        """`row` as what becomes of `stored`; the budgets are told."""
        if is_repeat(stored):
            row = after_repeat(row)
        charged = charge(row, stored.reserved) if stored.scopes else 0
        released = stored.reserved if stored.outcome is None else 0
        self._budgets.move(stored.tenant, stored.scopes, spent=charged - stored.charged, reserved=-released)
        return attrs.evolve(
            row,
            tenant=stored.tenant,
            key=stored.key,
            record=stored.record,
            reserved=stored.reserved,
            charged=charged,
            scopes=stored.scopes,
            forgotten=stored.forgotten,
            job=None if stored.forgotten else row.job,
            payload=None if stored.forgotten else row.payload,
        )

    def _buried(self, tenant: str, names: Iterable[bytes]) -> float:
        """When a person was erased, by a record or a question of theirs; long ago if they never were."""
        return max(self._tombstones.get((tenant, name), float("-inf")) for name in names)

    def _recorded(self, row: Row) -> Row:
        """A row that had no intent: it touches no budget, and brings nobody back who was forgotten."""
        row = attrs.evolve(row, reserved=0, charged=0, scopes=(), forgotten=False)
        if row.started_at <= self._buried(row.tenant, (row.record, row.key[:QUESTION])):
            row.key, row.record = secrets.token_bytes(len(row.key)), secrets.token_bytes(len(row.record))
            row.job = row.payload = None
            row.forgotten = True
        return row

    async def _withdraw(self, withdrawn: list[ops.Withdraw]) -> None:
        gone = []
        back = []
        for op in withdrawn:
            row = self._rows.get(op.id)
            if row is not None and is_repeat(row):
                back.append(ops.Put(given_up(row, row.started_at)))
            elif row is not None and row.outcome is None:
                self._budgets.move(row.tenant, row.scopes, reserved=-row.reserved)
                del self._rows[op.id]
                gone.append(op.id)
        if gone:
            await self._connection.execute(self._sql.delete_intents, gone)
        await self._settle(back)

    # --- what is written without being judged ---------------------------------------------------------------------

    async def _save_results(self, saves: list[ops.SaveResult]) -> None:
        halves: dict[tuple[str, bytes], tuple[Columns, Columns]] = {}
        for save in saves:
            result = save.result
            key = (result.tenant, result.record)
            if result.started_at <= self._buried(result.tenant, _names(result)):
                continue
            half = self._scribe.half(result)
            if definite(result):
                halves[key] = (half, NOTHING)
            else:
                halves[key] = (halves[key][0] if key in halves else NOTHING, half)
        if halves:
            await self._execute(
                self._sql.save_results, [(*key, *halves[key][0], *halves[key][1]) for key in sorted(halves)]
            )

    async def _save_states(self, saves: list[ops.SaveState]) -> None:
        states = {(save.state.provider, save.state.credential): save.state for save in saves}
        closed = sorted(key for key, state in states.items() if state.state == "closed")
        kept = sorted(key for key, state in states.items() if state.state != "closed")
        if closed:
            await self._execute(self._sql.forget_states, cast("list[Columns]", closed))
        if kept:
            await self._execute(self._sql.save_states, [state_columns(states[key]) for key in kept])

    async def _execute(self, statement: str, rows: list[Columns]) -> None:
        await self._connection.execute(statement, *transposed(rows))

    # --- answers --------------------------------------------------------------------------------------------------

    def _answer(self, answer: Any) -> Any:
        """The answer with its row in clear; what cannot be opened fails this one claim."""
        if not isinstance(answer, Known | InFlight | TakenOver):
            return answer
        row = answer.row
        try:
            opened = self._opened.get(row.id)
            if opened is None:
                opened = self._opened[row.id] = self._scribe.opened(row)
        except StoreError as error:
            return error
        found: ClaimAnswer = type(answer)(opened)
        return found


def _names(result: StoredResult) -> list[bytes]:
    """All by which a result is somebody's: its record, and the questions of its identity."""
    identity = result.fingerprint
    return [result.record, *(identity[at : at + QUESTION] for at in range(0, len(identity), QUESTION))]
