"""The journal of a desk as the test reads it, in a SQLite file or on a Postgres server: from outside, row by row."""

import asyncio
import importlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import attrs

from enrichcore.model import Billed
from tests.store.postgres_server import PostgresServer

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SECRET = "the secret of the proofs, which is no secret"
_BILLED = (Billed.NO, Billed.YES, Billed.UNKNOWN)
_COLUMNS = (
    "id, record, provider, outcome, billed, cost, charged, reserved, scopes, payload IS NOT NULL, "
    "started_at, settled_at, owner"
)


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _billed(number: int) -> Billed:
    return _BILLED[number]


def _scopes(text: str | None) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


@attrs.frozen
class Entry:
    """What the journal says of one attempt; `outcome` is None while the intent is open. Amounts are in billionths."""

    id: int
    record: bytes
    provider: str
    outcome: int | None
    billed: Billed = attrs.field(converter=_billed)
    cost: Decimal | None = attrs.field(converter=_money)
    charged: int
    reserved: int
    scopes: tuple[str, ...] = attrs.field(converter=_scopes)
    answered: bool = attrs.field(converter=bool)
    started_at: float
    settled_at: float | None
    owner: int


class Journal(Protocol):
    """Reads what is durable; nothing of it goes through the engine."""

    kind: str
    url: str
    environment: Mapping[str, str]

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query with `?` for each parameter; none while there is no journal yet."""
        ...

    def close(self) -> None:
        """Give back what the reader holds."""
        ...


class SqliteJournal:
    """A file."""

    kind = "sqlite"

    def __init__(self, path: Path, *, key: str | None = None) -> None:
        self.path = path
        self.url = f"sqlite:///{path.as_posix()}"
        self.environment: Mapping[str, str] = {} if key is None else {"ENRICHCORE_STORE_KEY": key}

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        with closing(sqlite3.connect(self.path)) as connection:
            try:
                return connection.execute(statement, parameters).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):  # it is being made
                    return []
                raise

    def close(self) -> None:
        pass


class PostgresJournal:
    """A schema of a server, read over a connection that is made anew when the server was killed."""

    kind = "postgres"
    environment: Mapping[str, str] = {"ENRICHCORE_STORE_KEY": KEY, "ENRICHCORE_SECRET": SECRET}

    def __init__(self, server: PostgresServer, schema: str) -> None:
        self.server = server
        self.schema = schema
        self.url = f"{server.url}?schema={schema}"
        self._runner = asyncio.Runner()
        self._connection: Any = None

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self._runner.run(self._query(statement, parameters))

    async def _query(self, statement: str, parameters: tuple[object, ...]) -> list[tuple[Any, ...]]:
        asyncpg: Any = importlib.import_module("asyncpg")
        names = ("PostgresConnectionError", "OperatorInterventionError", "InterfaceError", "InternalClientError")
        lost = (OSError, *(getattr(asyncpg, name) for name in names))
        for number in range(1, len(parameters) + 1):
            statement = statement.replace("?", f"${number}", 1)
        for _ in range(400):
            try:
                if self._connection is None:
                    self._connection = await asyncpg.connect(self.server.url)
                    await self._connection.execute(f"SET search_path = {self.schema}")
                return [tuple(row) for row in await self._connection.fetch(statement, *parameters)]
            except asyncpg.UndefinedTableError:
                return []  # it is being made
            except lost:
                if self._connection is not None:
                    self._connection.terminate()
                    self._connection = None
                await asyncio.sleep(0.05)
        raise AssertionError("the Postgres server does not come back")

    def close(self) -> None:
        if self._connection is not None:
            self._runner.run(self._connection.close(timeout=5))
        self._runner.close()


def attempts(journal: Journal) -> list[Entry]:
    """Every attempt."""
    return [Entry(*columns) for columns in journal.query(f"SELECT {_COLUMNS} FROM attempts ORDER BY id")]


def owner_of(journal: Journal, pid: int) -> int | None:
    """The owner id under which a process has the journal open."""
    found = journal.query("SELECT id FROM owners WHERE pid = ?", pid)
    return found[0][0] if found else None


def has_written(journal: Journal, owner: int) -> bool:
    """Whether an attempt of this owner is durable: its ids begin with that of the owner."""
    return bool(
        journal.query("SELECT 1 FROM attempts WHERE id BETWEEN ? AND ? LIMIT 1", owner << 32, (owner + 1) << 32)
    )


def open_intents(journal: Journal, owner: int) -> int:
    """How many calls of this owner are in flight, as far as anybody can know after its death."""
    counted = journal.query("SELECT count(*) FROM attempts WHERE owner = ? AND outcome IS NULL", owner)
    return counted[0][0] if counted else 0


def spending(journal: Journal) -> dict[str, tuple[int, int]]:
    """What is spent and what is reserved in each budget."""
    return {scope: (spent, held) for scope, spent, held in journal.query("SELECT scope, spent, reserved FROM budgets")}
