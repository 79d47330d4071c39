"""Making sure that no byte of what was deleted stays in a SQLite journal, nor in its write-ahead log."""

import sqlite3
from pathlib import Path

from enrichcore.store import sql
from enrichcore.store.sweeping import sweep


def clear(connection: sqlite3.Connection, path: Path) -> bool:
    """Empty the write-ahead log, then overwrite what rows that were moved have left behind.

    False when another connection reads an older state or writes in between: then nothing is promised.

    Raises:
        sqlite3.Error: the file cannot be read or written.
        OSError: likewise.
    """
    if not empty_log(connection):
        return False
    swept = _sweep(connection, path.resolve())
    if swept is None:
        connection.execute("VACUUM")
        return empty_log(connection)
    return swept


def empty_log(connection: sqlite3.Connection) -> bool:
    """Bring what is in the write-ahead log into the file; False when another connection keeps an older state."""
    return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]


def _sweep(connection: sqlite3.Connection, path: Path) -> bool | None:
    """Whether the file was swept; None when it cannot be."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    try:
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            connection.execute("ROLLBACK")
            return False  # somebody has written meanwhile: a checkpoint might now write into the file
        swept = sweep(path)
        # No connection may write a page back as it was: this one drops its pages, and a commit makes the others do so.
        connection.execute("PRAGMA shrink_memory")
        connection.execute(sql.NEW_EPOCH)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return swept or None
