"""The index: one SQLite file that finds a person by key without the source, built once and never changed."""

import contextlib
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Self

import attrs

from enrichcore.errors import ConfigError
from enrichcore_directory.entry import Entry
from enrichcore_directory.files import Rows

FORMAT: Final = "1"
"""Changes whenever the tables, the keys or the reading of rows change: an older index is built again."""
_BATCH = 2000
_MOST_ROWS = 100
_STALE = 24 * 3600
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE person (
    id INTEGER PRIMARY KEY, name TEXT, company TEXT, domain TEXT, title TEXT, country TEXT, email TEXT,
    linkedin_id TEXT, do_not_call INTEGER, phones TEXT
);
CREATE TABLE found (key INTEGER, id INTEGER, PRIMARY KEY (key, id)) WITHOUT ROWID;
CREATE TEMP TABLE unsorted (key INTEGER, id INTEGER);
"""
# Little cache, and sorting through a temporary file: a million people must not need a million people's memory.
_BUILDING = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=FILE;
PRAGMA cache_size=-8000; PRAGMA temp.cache_size=-4000;
"""
_FIND = (
    "SELECT p.name, p.company, p.domain, p.title, p.country, p.email, p.linkedin_id, p.do_not_call, p.phones "  # noqa: S608 - a constant
    f"FROM found f JOIN person p ON p.id = f.id WHERE f.key = ? ORDER BY f.id LIMIT {_MOST_ROWS}"
)


@attrs.frozen(repr=False)
class Known:
    """A person as the index gives it back. `phones` are (number, role), mobiles first."""

    name: str | None
    company: str | None
    domain: str | None
    title: str | None
    country: str | None
    email: str | None
    linkedin_id: str | None
    do_not_call: int | None
    phones: tuple[tuple[str, str], ...]


class Index:
    """A finished index, open for reading. `meta` says what it was made from."""

    def __init__(self, connection: sqlite3.Connection, own_file: Path | None = None) -> None:
        self.meta: Mapping[str, str] = dict(connection.execute("SELECT key, value FROM meta"))
        self._connection = connection
        self._own_file = own_file

    @classmethod
    def open(cls, path: Path, own_file: Path | None = None) -> Self | None:
        """The index in this file; None if there is none that can be used."""
        # Nobody writes to a finished index, so SQLite need not look for locks and changes at every query.
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        except sqlite3.Error:
            return None
        try:
            found = cls(connection, own_file)
        except (sqlite3.Error, ValueError):
            connection.close()
            return None
        if found.meta.get("format") != FORMAT:
            connection.close()
            return None
        return found

    def find(self, key: int) -> list[Known]:
        """Everybody under this key, in the order of the source, at most a hundred."""
        found = []
        for name, company, domain, title, country, email, linkedin, refuses, phones in self._connection.execute(
            _FIND, (key,)
        ):
            numbers = tuple((number, role) for number, role in json.loads(phones)) if phones else ()
            found.append(Known(name, company, domain, title, country, email, linkedin, refuses, numbers))
        return found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
        if self._own_file is not None:
            self._own_file.unlink(missing_ok=True)


def build(path: Path | None, rows: Rows, source: str, finish: Callable[[], Mapping[str, str]]) -> Index:
    """Build an index in memory (no `path`) or in a file that appears when it is whole, and open it.

    `finish` says what the rows were, once all were read. Two processes that build the same index do not disturb each
    other: each has a file of its own, and the last to rename it wins.

    Raises:
        ConfigError: no row of the source can be used, or the index cannot be written.
    """
    if path is None:
        memory = sqlite3.connect(":memory:", check_same_thread=False)
        try:
            _fill(memory, rows, source, finish)
            return Index(memory)
        except BaseException:
            memory.close()
            raise
    try:
        temporary = _new_file(path)
        try:
            with contextlib.closing(sqlite3.connect(temporary)) as connection:
                connection.executescript(_BUILDING)
                _fill(connection, rows, source, finish)
            return _publish(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except (sqlite3.Error, OSError) as error:
        raise ConfigError(
            f"[providers.directory] cannot write the index {path}: {error}; name another place with index = …"
        ) from None


def _fill(connection: sqlite3.Connection, rows: Rows, source: str, finish: Callable[[], Mapping[str, str]]) -> None:
    connection.executescript(_TABLES)
    batch: list[Entry] = []
    count = skipped = 0
    first_reason = ""
    with contextlib.closing(rows):
        for row in rows:
            if isinstance(row, str):
                skipped += 1
                first_reason = first_reason or row
                continue
            batch.append(row)
            if len(batch) == _BATCH:
                _write(connection, batch, count)
                count += len(batch)
                batch.clear()
    _write(connection, batch, count)
    count += len(batch)
    if not count:
        raise ConfigError(f"{source}: nobody in it can be used; {first_reason or 'there is nothing after the header'}")
    connection.execute("INSERT INTO found SELECT key, id FROM unsorted ORDER BY key, id")
    connection.execute("DROP TABLE unsorted")
    meta = {"format": FORMAT, "rows": str(count), "skipped": str(skipped), "first_skipped": first_reason, **finish()}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    connection.commit()


def _write(connection: sqlite3.Connection, batch: list[Entry], start: int) -> None:
    connection.executemany(
        "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                number, e.name, e.company, e.domain, e.title, e.country, e.email, e.linkedin_id, e.do_not_call,
                json.dumps(e.phones, ensure_ascii=False) if e.phones else None,
            )
            for number, e in enumerate(batch, start)
        ],
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO unsorted VALUES (?, ?)", [(key, number) for number, e in enumerate(batch, start) for key in e.keys]
    )


def _new_file(path: Path) -> Path:
    """A private file beside `path`; what a process that was killed left there a day ago is removed."""
    for left in path.parent.glob(f"{path.name}.*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE:
                left.unlink()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".tmp")
    os.close(handle)
    return Path(name)


def _publish(temporary: Path, path: Path) -> Index:
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    own: Path | None = None
    try:
        temporary.replace(path)
    except PermissionError:
        # Windows does not replace a file that another process reads: this process keeps its own copy.
        path = own = temporary
    index = Index.open(path, own)
    if index is None:
        raise OSError("it could not be read back")
    return index
