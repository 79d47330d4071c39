"""The journal's tables in SQLite, their version, and the checks before a file is trusted."""

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import Final

from enrichcore.errors import StoreError
from enrichcore.store.forks import Connection
from enrichcore.store.trouble import cannot_create, explain

APPLICATION_ID: Final = 0x656E7263
"""Marks a SQLite file as a journal of enrichcore ("enrc")."""
BUSY_MS: Final = 5_000
"""Milliseconds for which a connection waits for a lock before it gives up."""

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE owners (
        id INTEGER PRIMARY KEY,
        host TEXT NOT NULL,
        pid INTEGER NOT NULL,
        started TEXT,
        heartbeat REAL NOT NULL
    );
    CREATE TABLE attempts (
        id INTEGER PRIMARY KEY,
        key BLOB NOT NULL,
        tenant TEXT NOT NULL,
        record BLOB NOT NULL,
        provider TEXT NOT NULL,
        method TEXT NOT NULL,
        owner INTEGER NOT NULL,
        started_at REAL NOT NULL,
        settled_at REAL,
        outcome INTEGER,
        reason TEXT,
        billed INTEGER NOT NULL DEFAULT 0,
        credits TEXT NOT NULL DEFAULT '0',
        cost TEXT DEFAULT '0',
        duration_ms REAL NOT NULL DEFAULT 0,
        tries INTEGER NOT NULL DEFAULT 0,
        job TEXT,
        payload BLOB
    );
    CREATE UNIQUE INDEX attempts_open ON attempts (key) WHERE outcome IS NULL;
    CREATE INDEX attempts_key ON attempts (key);
    CREATE INDEX attempts_started ON attempts (started_at, provider);
    CREATE INDEX attempts_unknown ON attempts (tenant) WHERE billed = 2;
    CREATE TABLE results (
        tenant TEXT NOT NULL,
        record BLOB NOT NULL,
        known_fingerprint BLOB, known_plan BLOB, known_status TEXT,
        known_finished_at REAL, known_fresh_until REAL, known_payload BLOB,
        last_fingerprint BLOB, last_plan BLOB, last_status TEXT,
        last_finished_at REAL, last_fresh_until REAL, last_payload BLOB,
        PRIMARY KEY (tenant, record)
    );
    CREATE TABLE states (
        provider TEXT NOT NULL,
        credential BLOB NOT NULL,
        state TEXT NOT NULL,
        since REAL NOT NULL,
        until REAL,
        reason TEXT,
        PRIMARY KEY (provider, credential)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE numbers (
        phone INTEGER NOT NULL,
        person INTEGER NOT NULL,
        tenant TEXT NOT NULL,
        seen_at REAL NOT NULL,
        PRIMARY KEY (phone, person, tenant)
    ) WITHOUT ROWID;
    CREATE TABLE shared (
        mark INTEGER PRIMARY KEY AUTOINCREMENT,
        tenant TEXT NOT NULL,
        phone INTEGER NOT NULL,
        people INTEGER NOT NULL,
        company INTEGER NOT NULL,
        since REAL NOT NULL,
        UNIQUE (tenant, phone)
    );
    """,
    """
    ALTER TABLE attempts ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE attempts ADD COLUMN charged INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE attempts ADD COLUMN scopes TEXT;
    ALTER TABLE attempts ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX attempts_record ON attempts (record);
    CREATE INDEX results_identity ON results (known_finished_at, known_fingerprint, last_fingerprint);
    CREATE TABLE budgets (
        tenant TEXT NOT NULL,
        scope TEXT NOT NULL,
        spent INTEGER NOT NULL,
        reserved INTEGER NOT NULL,
        PRIMARY KEY (tenant, scope)
    ) WITHOUT ROWID;
    CREATE TABLE suppressed (
        tenant TEXT NOT NULL,
        hash BLOB NOT NULL,
        kind TEXT NOT NULL,
        added_at REAL NOT NULL,
        PRIMARY KEY (tenant, hash)
    ) WITHOUT ROWID;
    CREATE TABLE forgotten (
        record BLOB NOT NULL,
        tenant TEXT NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY (record, tenant)
    ) WITHOUT ROWID;
    CREATE TABLE rates (
        provider TEXT NOT NULL,
        credential BLOB NOT NULL,
        seconds REAL NOT NULL,
        began REAL NOT NULL,
        used INTEGER NOT NULL,
        PRIMARY KEY (provider, credential, seconds)
    ) WITHOUT ROWID;
    INSERT INTO meta (name, value) VALUES ('epoch', 0);
    """,
    """
    CREATE TABLE accounts (
        tenant TEXT PRIMARY KEY,
        credits INTEGER,
        rate REAL,
        concurrency INTEGER
    ) WITHOUT ROWID;
    CREATE TABLE api_keys (
        id TEXT PRIMARY KEY,
        tenant TEXT NOT NULL,
        digest BLOB NOT NULL,
        attempts INTEGER NOT NULL,
        created_at REAL NOT NULL,
        expires_at REAL,
        revoked_at REAL
    ) WITHOUT ROWID;
    CREATE INDEX api_keys_tenant ON api_keys (tenant);
    CREATE TABLE holds (
        tenant TEXT NOT NULL,
        owner INTEGER NOT NULL,
        credits INTEGER NOT NULL,
        PRIMARY KEY (tenant, owner)
    ) WITHOUT ROWID;
    """,
)
"""One script a version, applied in order; a file's `user_version` counts how many it has seen."""

_SETTINGS: Final = (
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "synchronous = FULL",
    "cache_size = -16000",
    "secure_delete = ON",  # what is deleted is overwritten
    "temp_store = MEMORY",  # nothing of a person goes into a temporary file
)
_LONGEST_START = 10.0
_OLDEST_SQLITE = (3, 24, 0)


def connect(path: Path) -> Connection:
    """A connection to an existing journal, in autocommit mode; it may be used by one thread at a time."""
    connection = sqlite3.connect(
        path.absolute().as_uri() + "?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        timeout=BUSY_MS / 1000,
        factory=Connection,
    )
    try:
        for pragma in _SETTINGS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(path: Path) -> None:
    """Make sure that `path` is a journal of this version: create it, bring an older one up to date, or refuse.

    Raises:
        StoreError: the file is foreign, damaged, from a newer version, locked, or cannot be created.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(f"SQLite 3.24 or newer is needed, this Python has {sqlite3.sqlite_version}; update Python")
    _create_file(path)
    try:
        with contextlib.closing(connect(path)) as connection, connection.lock:
            connection.execute("BEGIN")  # one moment of a file that another process may be creating right now
            _check_identity(path, connection)
            connection.execute("COMMIT")
            _migrate(path, connection)
            _patiently(connection, "PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise explain(path, error) from error


def _create_file(path: Path) -> None:
    """An empty file that only its owner may read, unless there is one.

    A file that exists is left to SQLite: to open and close it here would drop the locks that this process holds on it
    (fcntl(2)), and the next process that is done with the journal would take its write-ahead log away.
    """
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise cannot_create(path, error) from error


def _check_identity(path: Path, connection: sqlite3.Connection) -> None:
    mark = _number(connection, "PRAGMA application_id")
    tables = _number(connection, "SELECT count(*) FROM sqlite_master")
    if mark != APPLICATION_ID and (mark != 0 or tables > 0):
        raise StoreError(
            f"the journal {path} is a database of another application (application_id {mark:#010x}, "
            f"{tables} tables and indexes); nothing was changed in it; name another file"
        )
    version = _number(connection, "PRAGMA user_version")
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the journal {path} has schema version {version}, this enrichcore knows versions up to {len(MIGRATIONS)}; "
            "update enrichcore, or name another file"
        )


def _migrate(path: Path, connection: sqlite3.Connection) -> None:
    if _number(connection, "PRAGMA user_version") == len(MIGRATIONS):
        return
    _patiently(connection, "BEGIN IMMEDIATE")
    try:
        _check_identity(path, connection)  # another process may have been faster
        for number in range(_number(connection, "PRAGMA user_version"), len(MIGRATIONS)):
            for statement in MIGRATIONS[number].split(";"):
                if statement.strip():
                    connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Changing the journal mode does not wait for locks by itself."""
    until = time.monotonic() + _LONGEST_START
    while True:
        try:
            connection.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
