"""PostgresStore: the journal in a Postgres server, durable at every commit, shared by processes of many machines."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, Final

import attrs

from enrichcore.errors import ConfigError, StoreError
from enrichcore.store import owner
from enrichcore.store.cipher import PLAIN, SETTING, VARIABLE, Cipher
from enrichcore.store.group_commit import GroupCommit
from enrichcore.store.judge import RELEASED, newest_blocking
from enrichcore.store.postgres import ops
from enrichcore.store.postgres.accounting import Accounting
from enrichcore.store.postgres.checking import Checking
from enrichcore.store.postgres.columns import Scribe
from enrichcore.store.postgres.erasing import Erasing
from enrichcore.store.postgres.link import PATIENCE, Link
from enrichcore.store.postgres.looking import Looking
from enrichcore.store.postgres.parts import Opened
from enrichcore.store.postgres.reading import Reading
from enrichcore.store.postgres.schema import prepare, quoted
from enrichcore.store.postgres.server import Connection, OwnConnection, PoolConnections, Source, asyncpg, read_url
from enrichcore.store.postgres.sql import Statements
from enrichcore.store.postgres.writer import Writer
from enrichcore.store.protocol import (
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

_MANY: Final = 1000
"""How many notes of numbers are written at once; fewer with a heartbeat, and at the end."""
_LOST_FOR_GOOD: Final = 86_400.0
"""Seconds without a heartbeat after which an owner is struck off, wherever it ran."""


@attrs.define(eq=False)
class _Pending:
    """Results of one record that are queued: `known` the newest definite one, `last` the newest; `op` the last."""

    known: StoredResult | None
    last: StoredResult
    op: ops.SaveResult


class PostgresStore(Reading, Erasing, Checking, Accounting):
    """A journal in the schema `schema` of a Postgres server, created when missing unless `migrate` is false.

    Writes are committed in groups, and so are reads. While the server is away, operations wait up to `patience`
    seconds for it; what was under way is then looked up and done if it was not, never twice.

    Args:
        server: a URL (`postgresql://user@host:port/database`), or a pool of asyncpg that the application made, keeps
            and closes. In a URL, `?schema=`, `?migrate=false` and `?pgbouncer=true` say the same as the arguments.
        schema: where the tables are; several journals may share a database.
        migrate: whether tables may be created and altered.
        pgbouncer: whether a pooler gives each transaction another session, so that no statement is prepared ahead;
            None finds it out. A pool of the application behind one must be made with `statement_cache_size=0`.
        cipher: encrypts what is a person's.
        allow_plain: do without a cipher, and leave persons' data readable for whoever administers the server.
        patience: seconds.

    Raises:
        ConfigError: the URL or the schema's name is none, asyncpg is missing, or there is no cipher.
    """

    durable = True

    def __init__(
        self,
        server: Any,
        *,
        schema: str = "enrichcore",
        migrate: bool = True,
        pgbouncer: bool | None = None,
        cipher: Cipher | None = None,
        allow_plain: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self._make_source: Callable[[], Source]
        if isinstance(server, str):
            address = read_url(server)
            schema = address.options.get("schema", schema)
            migrate = address.flag("migrate", default=migrate) is True
            pooled = address.flag("pgbouncer", default=pgbouncer)
            self.name = address.name
            self._make_source = lambda: OwnConnection(address, pooled=pooled)
            asyncpg()
        else:
            self.name = PoolConnections.name
            self._make_source = lambda: PoolConnections(server)
        if cipher is None and not allow_plain:
            raise ConfigError(
                f"store: {self.name} would hold persons' data that its administrators can read: give keys to encrypt "
                f"it with in {VARIABLE} or {SETTING}, or pass `allow_plain=True` to PostgresStore"
            )
        quoted(schema)
        self.schema = schema
        self.owner = 0
        self._migrate = migrate
        self._patience = patience
        self._sql = Statements(schema)
        self._scribe = Scribe(PLAIN if cipher is None else cipher)
        self._next = 0
        self._open: Opened | None = None
        self._results: dict[tuple[str, bytes], _Pending] = {}
        self._rows: dict[bytes, ops.Put] = {}
        self._numbers = []

    # --- life -----------------------------------------------------------------------------------------------------

    @property
    def writes_waiting(self) -> int:
        """How many operations are queued for the next commit."""
        return 0 if self._open is None else self._open.group.waiting

    def next_id(self) -> int:
        """A fresh attempt id."""
        self._next += 1
        return self._next

    async def open(self, now: float) -> None:
        """Create or check the tables and register as an owner."""
        if self._open is not None:
            raise StoreError(f"the journal at {self.name} is open already; make one store object for each opening")
        writer = Link(self._make_source(), patience=self._patience)
        reader = Link(self._make_source(), patience=self._patience)
        try:
            await writer.write(self._prepare)
            me = await writer.write(lambda connection: self._register(connection, now))
        except BaseException:
            await writer.close()
            raise
        reader.was_up = True
        self.owner = me.id
        self._next = me.id << 32
        self._results.clear()  # what an earlier opening lost is not known
        self._rows.clear()
        self._numbers.clear()
        batches = Writer(writer, self._sql, self._scribe, self.schema, me)
        group = GroupCommit(self._commit, abandoned=self._abandoned)
        self._open = Opened(reader, writer, batches, Looking(reader, self._sql), group)

    async def migrate(self) -> None:
        """Create the tables or bring them up to date, whatever `migrate` says; for a store that is not open."""
        writer = Link(self._make_source(), patience=self._patience)
        try:
            await writer.write(lambda c: prepare(c, self.name, self.schema, migrate=True))
        finally:
            await writer.close()

    async def aclose(self) -> None:
        """Flush and close; our own open intents become orphans.

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
                owner.closed(self.owner)
                try:
                    if parts.group.failure is None:
                        await parts.writer.write(lambda c: c.execute(self._sql.strike_off, [self.owner]))
                finally:
                    await parts.reader.close()
                    await parts.writer.close()

    async def heartbeat(self, now: float) -> None:  # noqa: ARG002 - the server's clock decides
        """Say that this owner lives; what is noted of numbers is written with it.

        Raises:
            StoreError: also at once while the server is away: others are waiting for it already.
        """
        self._queue_numbers()
        parts = self._opened()
        if parts.writer.away_since is not None:
            raise StoreError(f"the journal at {self.name} is away; waiting for it to come back")
        await parts.group.do(ops.Beat())

    async def same_secret(self, check: bytes) -> bool:
        """Whether the journal was made with the secret whose hash is `check`; an empty one keeps it from now on."""

        async def work(connection: Connection) -> bool:
            await connection.execute(f"LOCK TABLE {quoted(self.schema)}.meta IN SHARE ROW EXCLUSIVE MODE")
            found = await connection.fetchrow(self._sql.meta, "key_check")
            if found is not None and found[0] == check:
                return True
            if found is not None and (await connection.fetchrow(self._sql.has_rows))[0]:
                return False
            await connection.execute(self._sql.save_meta, "key_check", check)
            return True

        return await self._opened().writer.write(work)

    async def keep_currency(self, currency: str) -> str:
        """The currency of all amounts."""
        if [row[0] for row in await self._read(self._sql.meta, "currency")] == [currency.encode()]:
            return currency

        async def work(connection: Connection) -> str:
            await connection.execute(f"LOCK TABLE {quoted(self.schema)}.meta IN SHARE ROW EXCLUSIVE MODE")
            found = await connection.fetchrow(self._sql.meta, "currency")
            kept: str = currency if found is None else found[0].decode()
            if kept != currency:
                others = [row for row in await connection.fetch(self._sql.owners) if row[0] != self.owner]
                living = any(owner.lives(owner.Owner(*tuple(row)[:5]), row[5]) for row in others)
                if living or (await connection.fetchrow(self._sql.booked))[0]:
                    return kept
            await connection.execute(self._sql.save_meta, "currency", currency.encode())
            return currency

        return await self._opened().writer.write(work)

    async def _prepare(self, connection: Connection) -> None:
        await prepare(connection, self.name, self.schema, migrate=self._migrate)

    async def _register(self, connection: Connection, now: float) -> owner.Owner:
        """A new owner id for this process; owners that died are struck off."""
        here = owner.this_owner(RELEASED, now).host
        dead = []
        for *columns, clock in await connection.fetch(self._sql.owners):
            known = owner.Owner(*columns)
            # On another machine it may live and be cut off: then it finds its row again, and what it has committed.
            seen_dead = known.host == here and known.started is not None and not owner.lives(known, clock)
            if seen_dead or clock - known.heartbeat > _LOST_FOR_GOOD:
                dead.append(known.id)
        if dead:
            await connection.execute(self._sql.strike_off, dead)
        while True:
            number = secrets.randbits(31)
            if number != RELEASED and await connection.fetchrow(self._sql.id_used, number) is None:
                break
        me = owner.this_owner(number, now)
        owner.opened(number)  # before others can see the row: they would strike off an owner that nobody here holds
        await connection.execute(self._sql.register, me.id, me.host, me.pid, me.started)
        return me

    # --- the two verbs --------------------------------------------------------------------------------------------

    async def known(self, claim: Claim) -> Row | None:
        """The settled attempt that `claim` would answer with."""
        pending = self._rows.get(claim.key)
        stored = await self._opened().looking.attempts(claim.key)
        if not stored and pending is None:
            return None
        found = [self._scribe.sealed(columns) for columns in stored]
        if pending is not None:
            found.append(pending.row)
        row = newest_blocking(claim, found)
        return row if row is None or (pending is not None and row is pending.row) else self._scribe.opened(row)

    async def claim(self, claim: Claim) -> ClaimAnswer:
        """Freshness, lease, suppression, budgets and intent in one transaction."""
        self._next = number = self._next + 1
        answer: ClaimAnswer = await self._opened().group.do(ops.Take(claim, number))
        return answer

    def settle(self, row: Row) -> asyncio.Future[None]:
        """Close the intent `row.id`; the first definite outcome stands. It is queued at once."""
        return self._opened().group.submit(ops.Put(attrs.evolve(row)))

    async def note_job(self, attempt: int, job: str) -> None:
        """Keep a vendor's job id on an open intent."""
        await self._opened().group.do(ops.NoteJob(attempt, job))

    async def release(self, attempt: int) -> None:
        """Leave an open intent to whoever asks next."""
        await self._opened().group.do(ops.Release(attempt))

    # --- queued without waiting -----------------------------------------------------------------------------------

    def record(self, row: Row) -> None:
        """Queue a settled attempt that had no intent."""
        group = self._opened().group
        if group.failure is None:
            self._rows[row.key] = op = ops.Put(attrs.evolve(row))
            group.put(op)

    def save_result(self, result: StoredResult) -> None:
        """Queue a result; an incomplete one never replaces a definite one."""
        group = self._opened().group
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
        self._opened().group.put(ops.SaveState(state))

    def note_number(
        self, tenant: str, phone: int, person: int | None, now: float, limit: int, told: Callable[[SharedNumber], None]
    ) -> None:
        """Note for whom a number was given; `told` hears after the commit of one that is shared."""
        op = self._numbers[-1] if self._numbers else None
        if op is None or op.told is not told or op.limit != limit:
            if self._opened().group.failure is not None:
                return
            op = ops.NoteNumbers(limit, told)
            self._numbers.append(op)
        if person is None:
            op.lines.append((tenant, phone, now))
        else:
            op.people.append((tenant, phone, person, now))
        if len(op.people) + len(op.lines) >= _MANY:
            self._queue_numbers()

    # --- reading --------------------------------------------------------------------------------------------------

    async def load_result(self, tenant: str, record: bytes) -> StoredResult | None:
        """The last definite result of a record, else its last incomplete one."""
        pending = self._results.get((tenant, record))
        if pending is not None and pending.known is not None:
            return pending.known
        stored = await self._load(tenant, record)
        if stored is not None and stored[0] is not None:
            return self._scribe.opened_result(stored[0])
        if pending is not None:
            return pending.last
        return None if stored is None or stored[1] is None else self._scribe.opened_result(stored[1])

    async def last_result(self, tenant: str, record: bytes) -> StoredResult | None:
        """The last finished enrichment of a record, definite or not."""
        pending = self._results.get((tenant, record))
        if pending is not None:
            return pending.last
        stored = await self._load(tenant, record)
        return None if stored is None or stored[1] is None else self._scribe.opened_result(stored[1])

    async def _load(self, tenant: str, record: bytes) -> tuple[StoredResult | None, StoredResult | None] | None:
        columns = await self._opened().looking.results(tenant, record)
        return None if columns is None else self._scribe.halves(columns)

    # --- writing --------------------------------------------------------------------------------------------------

    async def _commit(self, batch: list[ops.Op]) -> list[Any]:
        results = await self._opened().batches.commit(batch)
        for op in batch:
            if isinstance(op, ops.Put):
                if self._rows.get(op.row.key) is op:
                    del self._rows[op.row.key]
            elif isinstance(op, ops.SaveResult):
                key = (op.result.tenant, op.result.record)
                if self._results[key].op is op:
                    del self._results[key]
            elif isinstance(op, ops.NoteNumbers):
                for shared in op.shared:
                    op.told(shared)
        return results

    def _abandoned(self, op: ops.Op, result: Any) -> None:
        """Nobody waits for this claim or reservation any more, so nothing will come of it: do not leave it open."""
        if self._open is None:
            return
        if isinstance(op, ops.Reserve) and result is None:
            self._open.group.put(ops.Spend(op.tenant, op.credits, 0))
        if not isinstance(op, ops.Take):
            return
        if isinstance(result, Granted):
            self._open.group.put(ops.Withdraw(result.id, op.claim.key))
        elif isinstance(result, TakenOver):
            self._open.group.put(ops.Release(result.row.id))
