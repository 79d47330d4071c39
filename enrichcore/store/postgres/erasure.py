"""Suppression, forgetting and expiry, each inside a transaction of its own."""

import secrets
from collections.abc import Collection, Sequence
from typing import Final

import attrs

from enrichcore.store.budgeting import FORGOTTEN
from enrichcore.store.judge import given_up
from enrichcore.store.owner import Owner, lives
from enrichcore.store.postgres.budgets import Budgets
from enrichcore.store.postgres.columns import LAST_TAG, MISS, Columns, Scribe, given_up_columns, transposed
from enrichcore.store.postgres.server import Connection
from enrichcore.store.postgres.sql import Statements
from enrichcore.store.protocol import QUESTION, Expiry, Forgotten
from enrichcore.store.rows import SKIPPED

_TOMBSTONE: Final = 86_400.0
"""Seconds for which a forgotten record is kept from being brought back by what began before."""
GRACE: Final = 7 * 86_400.0
"""Seconds for which a result is kept after it was no longer fresh."""


async def suppress(
    connection: Connection, sql: Statements, tenant: str, entries: Sequence[tuple[bytes, str]], now: float
) -> int:
    """Add to the suppression list; how many are new."""
    kinds = dict(reversed(entries))
    hashes = sorted(kinds)
    new = await connection.fetch(sql.suppress, tenant, hashes, [kinds[hash_] for hash_ in hashes], now)
    await connection.execute(sql.bump)
    return len(new)


async def unsuppress(connection: Connection, sql: Statements, tenant: str, hashes: Collection[bytes]) -> int:
    """Take off the suppression list; how many were on it."""
    gone = await connection.fetch(sql.unsuppress, tenant, sorted(set(hashes)))
    await connection.execute(sql.bump)
    return len(gone)


async def forget(
    connection: Connection,
    sql: Statements,
    tenant: str,
    records: Collection[bytes],
    questions: Collection[bytes],
    people: Collection[int],
    now: float,
) -> Forgotten:
    """Erase a person: the amounts stay, the link to them goes."""
    low = [question[:QUESTION] for question in sorted(set(questions))]
    high = [question + LAST_TAG for question in low]
    found = await connection.fetch(sql.records_of, tenant, low, high)
    # A record that was answered from what was bought for another has no attempt of its own.
    told = await _answered(connection, sql, tenant, low) if low else []
    every = sorted({*records, *(row[0] for row in found), *(row[0] for row in told)})
    attempts = await connection.fetch(sql.to_forget, tenant, every, low, high)
    if attempts:
        await _forget_attempts(connection, sql, tenant, attempts)
    results = await connection.fetch(sql.drop_results, tenant, every)
    numbers = await connection.fetch(sql.drop_numbers, tenant, sorted(set(people)))
    await connection.execute(sql.purge_tombstones, now - _TOMBSTONE)
    if every or low:
        await connection.execute(sql.bury, tenant, sorted({*every, *low}), now)
    await connection.execute(sql.bump)
    recipients = {row[1] for row in attempts if row[2] != SKIPPED}
    return Forgotten(
        attempts=len(attempts), results=len(results), numbers=len(numbers), recipients=tuple(sorted(recipients))
    )


async def _answered(connection: Connection, sql: Statements, tenant: str, questions: list[bytes]) -> list[Columns]:
    """Records whose results are about one of these questions: the index by questions can only be read as a bitmap."""
    await connection.execute("SET LOCAL enable_bitmapscan = on")
    found: list[Columns] = await connection.fetch(sql.results_of, tenant, questions)
    await connection.execute("SET LOCAL enable_bitmapscan = off")
    return found


async def _forget_attempts(connection: Connection, sql: Statements, tenant: str, attempts: list[Columns]) -> None:
    budgets = Budgets(connection, sql)
    named = {scope for row in attempts if row[3] for scope in row[3].split("\n") if scope == _scope(row[5])}
    if named:
        await budgets.hold((tenant, scope) for scope in (*named, FORGOTTEN))
        budgets.fold(tenant, named, FORGOTTEN)
        await budgets.save()
    rows = [
        (
            attempt,
            secrets.token_bytes(len(key)),
            secrets.token_bytes(len(record)),
            scopes and "\n".join(FORGOTTEN if scope == _scope(record) else scope for scope in scopes.split("\n")),
        )
        for attempt, _, _, scopes, key, record in attempts
    ]
    await connection.execute(sql.forget, *transposed(rows))


def _scope(record: bytes) -> str:
    return f"record:{record.hex()}"


async def expire_attempts(connection: Connection, sql: Statements, tenant: str, rule: Expiry, limit: int) -> int:
    """Remove payloads and jobs of attempts that were settled too long ago, at most so many; how many they were."""
    gone = await connection.fetch(
        sql.expire_attempts, tenant, rule.provider, rule.hits_before, rule.misses_before, limit, MISS
    )
    return len(gone)


async def give_up(connection: Connection, sql: Statements, scribe: Scribe, tenant: str, now: float) -> None:
    """Settle the intents of erased people whose owner is dead: nobody can ask those questions again and find them."""
    alive = {row[0] for row in await connection.fetch(sql.owners) if lives(Owner(*tuple(row)[:5]), row[5])}
    found = [scribe.sealed(columns) for columns in await connection.fetch(sql.open_and_erased, tenant)]
    orphans = [row for row in found if row.owner not in alive]
    if not orphans:
        return
    budgets = Budgets(connection, sql)
    await budgets.hold((tenant, scope) for row in orphans for scope in row.scopes)
    for row in orphans:
        budgets.move(tenant, row.scopes, spent=row.reserved, reserved=-row.reserved)
    await budgets.save()
    settled = [attrs.evolve(given_up(row, now), charged=row.reserved) for row in orphans]
    await connection.execute(sql.given_up, *transposed([given_up_columns(row) for row in settled]))


async def expire_results(connection: Connection, sql: Statements, tenant: str, now: float, limit: int) -> int:
    """Remove results that have long not been fresh, at most so many; how many they were."""
    return len(await connection.fetch(sql.expire_results, tenant, now - GRACE, limit))
