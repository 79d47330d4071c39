"""Claims, rows, results, stores over one journal, and other processes on it, for the tests of `enrichcore.store`."""

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import pytest

from enrichcore.model import Billed, Outcome
from enrichcore.store import Claim, Row, Store, StoredResult
from enrichcore.store.cipher import Cipher
from enrichcore.store.memory import MemoryStore
from enrichcore.store.memory_tables import Tables
from enrichcore.store.postgres import PostgresStore
from enrichcore.store.sqlite import SqliteStore
from tests.store.postgres_server import PostgresServer, binaries

NOW = 1_790_000_000.0
DAY = 86_400.0


@pytest.fixture
def journal_path(tmp_path: Path) -> Path:
    """Where a journal may be made."""
    return tmp_path / "journal.db"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer | None]:
    """A real Postgres server for the session, None where the system has none."""
    if binaries() is None or not all(map(importlib.util.find_spec, ("asyncpg", "cryptography"))):
        yield None
        return
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
def postgres(postgres_server: PostgresServer | None, require: Callable[[str], NoReturn]) -> PostgresServer:
    """The Postgres server of the session."""
    if postgres_server is None:
        require("needs Postgres (initdb and postgres on PATH or in /usr/lib/postgresql), asyncpg and cryptography")
    return postgres_server


@pytest.fixture
def postgres_store(postgres: PostgresServer) -> Callable[..., PostgresStore]:
    """Makes stores over one journal in Postgres, which is empty at first."""
    postgres.empty("journal")
    facts: dict[str, Any] = {"schema": "journal", "cipher": Cipher([bytes(range(32))])}
    return lambda url=postgres.url, **more: PostgresStore(url, **{**facts, **more})


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def new_store(request: pytest.FixtureRequest, journal_path: Path) -> Callable[[], Store]:
    """Makes stores over one journal: each of them, once opened, is another owner."""
    if request.param == "postgres":
        make: Callable[[], Store] = request.getfixturevalue("postgres_store")
        return make
    if request.param == "memory":
        tables = Tables()
        return lambda: MemoryStore(tables=tables)
    return lambda: SqliteStore(journal_path)


@pytest.fixture
def opened() -> Callable[..., AbstractAsyncContextManager[Any]]:
    """Opens a store for the length of a block."""

    @contextlib.asynccontextmanager
    async def block(store: Store, now: float = NOW) -> AsyncIterator[Store]:
        await store.open(now)
        try:
            yield store
        finally:
            await store.aclose()

    return block


@pytest.fixture
def claim() -> Callable[..., Claim]:
    """Makes a claim: hits count for 90 days, misses for 14."""

    def make(key: bytes = b"question-1", *, now: float = NOW, **more: Any) -> Claim:
        facts: dict[str, Any] = {
            "tenant": "default",
            "record": b"record-1",
            "provider": "acme",
            "method": "email",
            "hits_since": now - 90 * DAY,
            "misses_since": now - 14 * DAY,
        }
        return Claim(key=key, now=now, **{**facts, **more})

    return make


@pytest.fixture
def settled() -> Callable[..., Row]:
    """Makes the settled row of an attempt; by default a hit that cost five credits."""

    def make(attempt: int, key: bytes = b"question-1", *, at: float = NOW, **more: Any) -> Row:
        facts: dict[str, Any] = {
            "tenant": "default",
            "record": b"record-1",
            "provider": "acme",
            "method": "email",
            "owner": attempt >> 32,
            "started_at": at,
            "settled_at": at,
            "outcome": Outcome.HIT,
            "billed": Billed.YES,
            "credits": Decimal(5),
            "cost": Decimal("0.25"),
            "duration_ms": 12.5,
            "tries": 1,
            "payload": b"\x00answer",
        }
        return Row(id=attempt, key=key, **{**facts, **more})

    return make


@pytest.fixture
def finished() -> Callable[..., StoredResult]:
    """Makes a finished result."""

    def make(status: str = "found", *, record: bytes = b"record-1", at: float = NOW, **more: Any) -> StoredResult:
        facts: dict[str, Any] = {
            "tenant": "default",
            "fingerprint": b"who",
            "plan": b"how",
            "fresh_until": at + DAY,
            "payload": f"{status} at {at}".encode(),
        }
        return StoredResult(record=record, status=status, finished_at=at, **{**facts, **more})

    return make


@pytest.fixture
def process() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts Python programs that talk over pipes; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(program: str, *arguments: object) -> "subprocess.Popen[str]":
        child = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(program), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        started.append(child)
        return child

    yield start
    for child in started:
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
        child.communicate()
