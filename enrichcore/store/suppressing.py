"""The suppression list and the epoch inside a transaction of the SQLite journal."""

import sqlite3
from collections.abc import Iterable

from enrichcore.store import many, ops, sql
from enrichcore.store.protocol import Claim


def listed(connection: sqlite3.Connection, claims: Iterable[Claim]) -> set[tuple[str, bytes]]:
    """Which of the hashes that these claims carry are on the list, each with its tenant."""
    wanted: dict[str, dict[bytes, None]] = {}
    for claim in claims:
        if claim.suppression:
            wanted.setdefault(claim.tenant, {}).update(dict.fromkeys(claim.suppression))
    return {
        (tenant, columns[0])
        for tenant, hashes in wanted.items()
        for columns in many.select_in(connection, sql.LISTED, list(hashes), sql.OF_TENANT, tenant)
    }


def suppress(connection: sqlite3.Connection, op: ops.Suppress) -> int:
    """Put hashes on the list; how many are new."""
    before = connection.total_changes
    # In the order of the table: a long list then touches each page once.
    many.insert(connection, sql.SUPPRESS, [(op.tenant, *entry, op.now) for entry in sorted(op.entries)])
    new = connection.total_changes - before
    connection.execute(sql.NEW_EPOCH)
    return new


def unsuppress(connection: sqlite3.Connection, op: ops.Unsuppress) -> int:
    """Take hashes off the list; how many were on it."""
    gone = connection.executemany(sql.UNSUPPRESS, [(op.tenant, hashed) for hashed in sorted(op.hashes)]).rowcount
    connection.execute(sql.NEW_EPOCH)
    return max(gone, 0)
