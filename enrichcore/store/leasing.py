"""Calls that processes share, inside a transaction of the SQLite journal."""

import sqlite3

from enrichcore.store import ops, sql


def lease(connection: sqlite3.Connection, op: ops.Lease) -> tuple[int, float]:
    """How many calls of the present window are granted, and the seconds until it ends."""
    key = (op.provider, op.credential, op.seconds)
    found = connection.execute(sql.RATE, key).fetchall()
    began, used = found[0] if found else (op.now, 0)
    if not began - op.seconds <= op.now < began + op.seconds:  # over, or the clock was set back by more than a little
        began, used = op.now, 0
    granted = max(min(op.want, op.calls - used), 0)
    connection.execute(sql.SAVE_RATE, (*key, began, used + granted))
    return granted, began + op.seconds - op.now
