"""Credits inside a transaction of the SQLite journal: what is set aside, and what is spent of it."""

import sqlite3
import time
from typing import Any, Final

from enrichcore.store import ops, sql
from enrichcore.store.owner import Owner, lives

ACCOUNT: Final = "SELECT tenant, credits, rate, concurrency FROM accounts WHERE tenant = ?"
HOLDS: Final = "SELECT owner, credits FROM holds WHERE tenant = ?"
_HOLD: Final = (
    "INSERT INTO holds (tenant, owner, credits) VALUES (?, ?, ?) "
    "ON CONFLICT (tenant, owner) DO UPDATE SET credits = credits + excluded.credits"
)
_FREE: Final = "UPDATE holds SET credits = max(credits - ?3, 0) WHERE tenant = ?1 AND owner = ?2"
_DROP: Final = "DELETE FROM holds WHERE tenant = ? AND owner = ?"
_PAY: Final = "UPDATE accounts SET credits = credits - ? WHERE tenant = ?"


def reserve(connection: sqlite3.Connection, op: ops.Reserve) -> int | None:
    """Set credits aside; how many there are when these are too few. What the dead hold is given back first."""
    found = connection.execute(ACCOUNT, (op.tenant,)).fetchall()
    if not found:
        return 0
    balance: int | None = found[0][1]
    if balance is not None:
        left = balance - _held(connection.execute(HOLDS, (op.tenant,)).fetchall())
        if left < op.credits:
            left = balance - _held(_living(connection, op.tenant))
        if left < op.credits:
            return max(left, 0)
    connection.execute(_HOLD, (op.tenant, op.owner, op.credits))
    return None


def spend(connection: sqlite3.Connection, op: ops.Spend) -> None:
    """End a reservation."""
    connection.execute(_FREE, (op.tenant, op.owner, op.credits))
    if op.spent:
        connection.execute(_PAY, (op.spent, op.tenant))


def _held(holds: list[tuple[int, int]]) -> int:
    return sum(credits for _, credits in holds)


def _living(connection: sqlite3.Connection, tenant: str) -> list[tuple[int, int]]:
    """What living owners hold; what others held is dropped."""
    alive = living(connection.execute(sql.OWNERS).fetchall())
    kept = []
    for owner, credits in connection.execute(HOLDS, (tenant,)).fetchall():
        if owner in alive:
            kept.append((owner, credits))
        else:
            connection.execute(_DROP, (tenant, owner))
    return kept


def living(columns: list[Any]) -> set[int]:
    """Which owners live, by their rows."""
    now = time.time()
    return {row[0] for row in columns if lives(Owner(*row), now)}
