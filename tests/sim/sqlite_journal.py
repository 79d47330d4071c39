"""The real SqliteStore of one process: its writer is no thread here, and what it commits takes virtual time."""

import contextvars
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from enrichcore.store import Claim, Row, StoredResult, journal, ops, owner, rows, sql, sqlite
from tests.sim.history import History
from tests.sim.loop import OWNER
from tests.sim.mishap import Mishap, Trouble

if TYPE_CHECKING:
    from tests.sim.process import Process

T = TypeVar("T")


class SqliteLedger:
    """The journal of all processes, in one SQLite file."""

    def __init__(self, history: History, folder: Path) -> None:
        self._history = history
        self._path = folder / "journal.db"
        self._stores: list[SimSqlite] = []
        self._reader: sqlite3.Connection | None = None

    def store(self, process: "Process", *, latency: float | None, trouble: Trouble | None) -> "SimSqlite":
        """A store for one process."""
        store = SimSqlite(self._path, Mishap(self._history, process, trouble, latency or 0.0), self)
        self._stores.append(store)
        return store

    def intent(self, key: bytes, owner: int, provider: str) -> int | None:
        """The open intent of an owner for a question, or one of somebody who was forgotten meanwhile."""
        found = self._read(
            "SELECT id FROM attempts WHERE outcome IS NULL AND owner = ? "
            "AND (key = ? OR forgotten = 1 AND provider = ?) ORDER BY key <> ?", owner, key, provider, key,
        )  # fmt: skip
        return found[0][0] if found else None

    def open_ids(self) -> set[int]:
        """All open intents."""
        return {columns[0] for columns in self._read("SELECT id FROM attempts WHERE outcome IS NULL")}

    def settled(self) -> list[Row]:
        """All settled attempts."""
        found = self._read(f"SELECT {rows.ATTEMPT} FROM attempts WHERE outcome IS NOT NULL ORDER BY started_at, id")
        return [rows.attempt(columns) for columns in found]

    def open_rows(self) -> list[Row]:
        """All open intents as rows."""
        found = self._read(f"SELECT {rows.ATTEMPT} FROM attempts WHERE outcome IS NULL ORDER BY id")
        return [rows.attempt(columns) for columns in found]

    def results(self) -> list[StoredResult]:
        """Everything that is kept as a result."""
        kept = []
        for half in ("known", "last"):
            names = ", ".join(f"{half}_{name}" for name in rows.RESULT)
            found = self._read(f"SELECT tenant, record, {names} FROM results WHERE {half}_status IS NOT NULL")
            kept += [rows.result(columns[0], columns[1], columns[2:]) for columns in found]
        return kept

    def people(self, tenant: str) -> set[int]:
        """The hashes of all people for whom numbers are counted."""
        return {columns[0] for columns in self._read("SELECT person FROM numbers WHERE tenant = ?", tenant)}

    def budget(self, tenant: str, scope: str) -> tuple[int, int]:
        """What is spent and what is reserved in one budget."""
        return self.budgets().get((tenant, scope), (0, 0))

    def budgets(self) -> dict[tuple[str, str], tuple[int, int]]:
        """What is spent and what is reserved, by tenant and scope."""
        found = self._read(f"SELECT {rows.BUDGET} FROM budgets")
        return {(tenant, scope): (spent, reserved) for tenant, scope, spent, reserved in found}

    def rate(self, provider: str, credential: bytes, seconds: float) -> tuple[float, int]:
        """When the window of a rate began, in wall seconds, and how many of its calls are taken."""
        found: list[tuple[float, int]] = self._read(
            "SELECT began, used FROM rates WHERE provider = ? AND credential = ? AND seconds = ?",
            provider, credential, seconds,
        )  # fmt: skip
        return found[0]

    def known(self, tenant: str, record: bytes) -> bytes | None:
        """The definite result that is kept for a record."""
        found = self._read("SELECT known_payload FROM results WHERE tenant = ? AND record = ?", tenant, record)
        payload: bytes | None = found[0][0] if found else None
        return payload

    def bury(self, dead: int, after: float) -> None:
        """After so many seconds nobody takes a dead owner for alive any more."""
        self._history.loop.call_later(after, owner.closed, dead, context=contextvars.Context())

    def lost(self, tenant: str) -> list[Row]:
        """What dead owners left open of people who were erased."""
        found = self._read(sql.OPEN_AND_ERASED, tenant)
        owners = {columns[0] for columns in self._read(sql.OWNERS) if owner.lives(owner.Owner(*columns), 0)}
        return [row for row in map(rows.attempt, found) if row.owner not in owners]

    def close(self) -> None:
        """Close what dead processes have left open."""
        if self._reader is not None:
            self._reader.close()
        for store in self._stores:
            store.abandon()

    def _read(self, query: str, *parameters: object) -> list[Any]:
        if self._reader is None:
            self._reader = sqlite3.connect(self._path)
        return self._reader.execute(query, parameters).fetchall()


class SimSqlite(sqlite.SqliteStore):
    """SqliteStore with a mishap of its own."""

    def __init__(self, path: Path, mishap: Mishap, ledger: SqliteLedger) -> None:
        super().__init__(path)
        self.mishap = mishap
        self._ledger = ledger
        self._recorded: set[int] = set()

    def record(self, row: Row) -> None:
        self._recorded.add(row.id)
        self.mishap.history.row(self.mishap.process, row)
        super().record(row)

    async def known(self, claim: Claim) -> Row | None:
        await self._look()
        return await super().known(claim)

    async def load_result(self, tenant: str, record: bytes) -> StoredResult | None:
        await self._look()
        return await super().load_result(tenant, record)

    async def _look(self) -> None:
        if self.mishap.next() is not None:
            await self.mishap.die("read")

    async def commit(self, work: Callable[[list[ops.Op]], T], batch: list[ops.Op]) -> T:
        """One commit of the journal, as the writer carries it out."""
        mishap = self.mishap
        await mishap.wait()
        deaths = {death: type(op).__name__ for op in batch if (death := mishap.next()) is not None}
        if "before" in deaths:
            await mishap.die(deaths["before"])
        answers = work(batch)
        for op in batch:
            if isinstance(op, ops.Put) and op.row.id not in self._recorded:
                mishap.history.row(mishap.process, op.row)
                mishap.history.wrote(mishap.process, "settle", op.row)
            elif isinstance(op, ops.Take) and op.answer is not None:
                mishap.history.answered_claim(mishap.process, op.answer)
                mishap.history.wrote(mishap.process, "claim", op.claim, op.answer)
            elif isinstance(op, ops.SaveResult):
                if self._ledger.known(op.result.tenant, op.result.record) == op.result.written():
                    mishap.history.saved(op.result)
            elif isinstance(op, ops.Lease):
                what = (op.provider, op.credential, op.calls, op.seconds, op.want, op.now)
                mishap.history.wrote(mishap.process, "lease_rate", what, op.answer)
            elif isinstance(op, ops.Withdraw):
                mishap.history.wrote(mishap.process, "withdraw", op.id)
            elif isinstance(op, ops.Expire):
                if op.now:
                    mishap.history.wrote(mishap.process, "expire", op.tenant, op.answer)
            elif isinstance(op, ops.Suppress | ops.Unsuppress | ops.Forget):
                mishap.history.wrote(mishap.process, type(op).__name__.lower(), op, op.answer)
        if "after" in deaths:
            await mishap.die(deaths["after"])
        await mishap.wait()
        return answers

    def abandon(self) -> None:
        """Close the connections, as the end of a process does."""
        if self._open is not None:
            owner.closed(self.owner)
            self._open.reader.close()
            self._open.journal._connection.close()
            self._open = None


class _Writer:
    """In the place of the writer's thread: the work is done in the loop, in virtual time."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        return function(*args)

    async def run_regardless(self, function: Callable[..., T], *args: Any) -> T:
        process: Any = OWNER.get()
        store: SimSqlite = process.store
        return await store.commit(function, *args)

    def close(self) -> None:
        """There is no thread to end."""


@contextmanager
def without_threads() -> Iterator[None]:
    """SqliteStores opened inside have no thread and leave no real time to other processes."""
    settings: tuple[tuple[Any, str, Any], ...] = ((sqlite, "WriterThread", _Writer), (journal, "_YIELD", 0.0))
    before = [getattr(module, name) for module, name, _ in settings]
    for module, name, value in settings:
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(settings, before, strict=True):
            setattr(module, name, value)
