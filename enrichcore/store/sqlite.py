"""SqliteStore: the journal in one file, durable at every commit, shared by the processes of one machine."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path
from typing import Any

from enrichcore.errors import StoreError
from enrichcore.store import ops, owner, rows, sql
from enrichcore.store.cipher import Cipher
from enrichcore.store.currency import keep
from enrichcore.store.group_commit import GroupCommit
from enrichcore.store.journal import Journal
from enrichcore.store.judge import newest_blocking
from enrichcore.store.looks import Looks
from enrichcore.store.protocol import (
    Claim,
    ClaimAnswer,
    Granted,
    InFlight,
    Known,
    Row,
    SharedNumber,
    StoredResult,
    StoredState,
    TakenOver,
)
from enrichcore.store.queued import Queued
from enrichcore.store.reading import Reader
from enrichcore.store.schema import prepare
from enrichcore.store.sealing import Sealing
from enrichcore.store.sqlite_accounts import SqliteAccounts
from enrichcore.store.sqlite_parts import Opened
from enrichcore.store.sqlite_privacy import SqlitePrivacy
from enrichcore.store.trouble import explain
from enrichcore.store.writer import WriterThread


class SqliteStore(SqlitePrivacy, SqliteAccounts):
    """A journal in the SQLite file `path`, created when missing (0600, its folder 0700).

    Writes are committed in groups by one thread; reads are done in place on a connection of their own and see what
    is committed, and of what is queued the attempts and results.

    Args:
        path: the file.
        cipher: encrypts what vendors answered, results and the ids of vendors' jobs; None leaves them as they are.
    """

    durable = True

    def __init__(self, path: Path | str, *, cipher: Cipher | None = None) -> None:
        super().__init__(Path(path))
        self.owner = 0
        self._sealing = Sealing(cipher)
        self._next = 0

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
            reader = Reader(self.path, self._sealing)
        except BaseException as error:
            for journal in made:
                await thread.run(journal.close)
            thread.close()
            if isinstance(error, sqlite3.Error):
                raise explain(self.path, error) from error
            raise
        self.owner = me.id
        self._next = me.id << 32
        self._queued = Queued()  # what an earlier opening lost is not known
        group = GroupCommit(self._commit, abandoned=self._abandoned)
        self._looks = Looks(reader, self._queued, group)
        self._open = Opened(thread, made[0], reader, group)

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
                parts.reader.close()
                try:
                    await parts.thread.run(parts.journal.close)
                finally:
                    parts.thread.close()

    async def keep_currency(self, currency: str) -> str:
        """The currency of all amounts."""
        if self._reader.read(sql.CURRENCY) == [(currency.encode(),)]:
            return currency
        kept: str = await self._do(ops.Within(lambda connection: keep(connection, currency, self.owner)))
        return kept

    async def heartbeat(self, now: float) -> None:
        """Say that this owner lives; what is noted of numbers is written with it."""
        self._queue_numbers()
        await self._do(ops.Beat(owner.this_owner(self.owner, now)))

    # --- the two verbs --------------------------------------------------------------------------------------------

    async def known(self, claim: Claim) -> Row | None:
        """The settled attempt that `claim` would answer with."""
        found, pending = self._reader.attempts(sql.SETTLED_BY_KEY, claim.key), self._queued.row(claim.key)
        if pending is not None:
            found.append(pending)
        return newest_blocking(claim, found) if found else None

    def unheard(self, tenant: str, record: bytes, keys: Collection[bytes]) -> asyncio.Future[bool]:
        """Whether nothing is stored or queued of a record and of these questions: one look that spares several.

        Who comes together looks together, and after a big batch that is being written.
        """
        return self._looks.look(tenant, record, keys)

    async def claim(self, claim: Claim) -> ClaimAnswer:
        """Freshness, lease, suppression, budgets and intent in one transaction."""
        self._next = number = self._next + 1
        answer: ClaimAnswer = await self._do(ops.Take(claim, number))
        if isinstance(answer, (Known, InFlight, TakenOver)):
            try:
                self._sealing.opened(answer.row)
            except StoreError:
                if isinstance(answer, TakenOver):
                    await self.release(answer.row.id)
                raise
        return answer

    def settle(self, row: Row) -> asyncio.Future[None]:
        """Close the intent `row.id`; the first definite outcome stands. It is queued at once."""
        return self._opened().submit(self._put(row, intent=True))

    def _put(self, row: Row, *, intent: bool) -> ops.Put:
        job = self._sealing.job(row.tenant, row.id, row.job)
        return ops.Put(row, rows.settled_columns(row, self._sealing.payload(row), job), intent)

    async def note_job(self, attempt: int, job: str) -> None:
        """Keep a vendor's job id on an open intent."""
        stored: str | bytes | None = job
        if not self._sealing.plain:
            tenant = self._reader.read(sql.TENANT, (attempt,))
            stored = self._sealing.job(tenant[0][0], attempt, job) if tenant else None
        if stored is not None:
            await self._do(ops.NoteJob(attempt, stored))

    async def release(self, attempt: int) -> None:
        """Leave an open intent to whoever asks next."""
        await self._do(ops.Release(attempt))

    def withdraw(self, attempt: int) -> None:
        """Queue to take back an intent under which nothing was sent, and what it had reserved."""
        self._opened().put(ops.Withdraw(attempt))

    # --- queued without waiting -----------------------------------------------------------------------------------

    def record(self, row: Row) -> None:
        """Queue a settled attempt that had no intent."""
        group = self._opened()
        if group.failure is None:
            group.put(self._put(row, intent=False))
            self._queued.add_row(row)

    def save_result(self, result: StoredResult) -> None:
        """Queue a result; an incomplete one never replaces a definite one."""
        group = self._opened()
        if group.failure is None:
            # Written here, so that what cannot be written fails its own run and no batch.
            group.put(ops.SaveResult(result, self._sealing.result(result)))
            self._queued.add_result(result)

    def save_state(self, state: StoredState) -> None:
        """Queue a provider state; `closed` forgets it."""
        self._opened().put(ops.SaveState(state))

    def note_number(
        self, tenant: str, phone: int, person: int | None, now: float, limit: int, told: Callable[[SharedNumber], None]
    ) -> None:
        """Note for whom a number was given; `told` hears after the commit of one that is shared.

        Numbers lie all over their table, so that each would dirty a page in each commit: many are written at once.
        """
        group = self._opened()
        if group.failure is None and self._queued.note(tenant, phone, person, now, limit, told):
            self._queue_numbers()

    # --- reading --------------------------------------------------------------------------------------------------

    async def load_result(self, tenant: str, record: bytes) -> StoredResult | None:
        """The last definite result of a record, else its last incomplete one."""
        pending = self._queued.result(tenant, record)
        if pending is not None and pending.known is not None:
            return pending.known
        stored = self._reader.result(tenant, record)
        if stored is not None and stored[0] is not None:
            return stored[0]
        if pending is not None:
            return pending.last
        return None if stored is None else stored[1]

    async def last_result(self, tenant: str, record: bytes) -> StoredResult | None:
        """The last finished enrichment of a record, definite or not."""
        pending = self._queued.result(tenant, record)
        if pending is not None:
            return pending.last
        stored = self._reader.result(tenant, record)
        return None if stored is None else stored[1]

    async def in_doubt(self, tenant: str, now: float) -> list[Row]:
        """Attempts whose billing is unknown, oldest first."""
        return self._reader.in_doubt(tenant, now)

    async def calls_since(self, provider: str, since: float) -> list[float]:
        """When calls of `provider` started, oldest first."""
        return [columns[0] for columns in self._reader.read(sql.CALLS, (since, provider))]

    async def load_states(self) -> list[StoredState]:
        """Provider states that outlive the process."""
        return self._reader.states()

    async def shared_numbers(self, tenant: str, after: int = 0) -> list[SharedNumber]:
        """The numbers that are shared, by mark."""
        return self._reader.shared_numbers(tenant, after)

    async def spending(self, tenant: str, scopes: Collection[str]) -> dict[str, tuple[int, int]]:
        """What is spent and what is reserved in each budget."""
        return self._reader.spending(tenant, scopes)

    def ledger(self, tenant: str | None, *, since: float = 0.0, until: float = float("inf")) -> AsyncIterator[Row]:
        """All attempts started in a time, oldest first, without their payloads and jobs; it needs no key."""
        return self._reader.ledger(tenant, since, until)

    # --- limits that processes share ------------------------------------------------------------------------------

    async def lease_rate(
        self, provider: str, credential: bytes, calls: int, seconds: float, want: int, now: float
    ) -> tuple[int, float]:
        """Take up to `want` of the calls of a window that all processes share."""
        granted: tuple[int, float] = await self._do(ops.Lease(provider, credential, calls, seconds, want, now))
        return granted

    # --- writing --------------------------------------------------------------------------------------------------

    async def _commit(self, batch: list[ops.Op]) -> list[Any]:
        parts = self._parts()
        self._queued.going()
        results = await parts.thread.run_regardless(parts.journal.commit, batch)
        self._queued.written(batch)
        return results

    def _abandoned(self, op: ops.Op, result: Any) -> None:
        """Nobody waits for this claim or reservation any more, so nothing will come of it: do not leave it open."""
        if self._open is None:
            return
        group = self._open.group
        if isinstance(result, Granted):
            group.put(ops.Withdraw(result.id))
        elif isinstance(result, TakenOver):
            group.put(ops.Release(result.row.id))
        elif isinstance(op, ops.Reserve) and result is None:
            group.put(ops.Spend(op.tenant, op.owner, op.credits, 0))
