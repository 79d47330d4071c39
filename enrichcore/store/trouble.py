"""What SQLite's errors mean for the person who has to act on them: file, cause and way out."""

import errno
import sqlite3
from pathlib import Path

from enrichcore.errors import StoreError

_CAUSES = {
    sqlite3.SQLITE_BUSY: ("is locked by another process", "let that process finish, or stop it, and run again"),
    sqlite3.SQLITE_LOCKED: ("is locked by another process", "let that process finish, or stop it, and run again"),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk or quota is full", "free some space and run again"),
    sqlite3.SQLITE_IOERR: (
        "could not be read or written",
        "check the disk's free space, quota and health, then run again",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        "check that its folder exists and that you may write in it (SQLite keeps -wal and -shm files beside it)",
    ),
    sqlite3.SQLITE_READONLY: ("is read-only", "give yourself the right to write the file and its folder"),
    sqlite3.SQLITE_PERM: ("is not accessible", "give yourself the right to read and write it"),
    sqlite3.SQLITE_AUTH: ("is not accessible", "give yourself the right to read and write it"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "restore it from a backup, or move it away to begin anew"),
    sqlite3.SQLITE_NOTADB: ("is not a SQLite database", "name another file, or move this one away"),
    sqlite3.SQLITE_NOMEM: ("could not be read: memory is exhausted", "give the process more memory"),
}


def explain(path: Path, error: sqlite3.Error) -> StoreError:
    """The `StoreError` for an error of SQLite; nothing more may be bought until it is solved."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    cause, way_out = _CAUSES.get(primary, ("failed", "see the cause")) if primary is not None else ("failed", "")
    text = f"the journal {path} {cause} ({name}: {error})"
    return StoreError(f"{text}; {way_out}" if way_out else text)


def cannot_create(path: Path, error: OSError) -> StoreError:
    """The `StoreError` for a journal file or folder that cannot be made."""
    way_out = "free some space" if error.errno == errno.ENOSPC else "name another place, or correct its rights"
    return StoreError(f"the journal {path} cannot be created ({error.strerror or error}); {way_out}")
