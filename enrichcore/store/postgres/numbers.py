"""Counting, inside a transaction that holds the lock of the numbers, for how many people a number was given.

The lock makes two that each bring one person more see each other, and marks grow in the order of the commits.
"""

from enrichcore.store.postgres import ops
from enrichcore.store.postgres.columns import transposed
from enrichcore.store.postgres.server import Connection
from enrichcore.store.postgres.sql import Statements
from enrichcore.store.protocol import SharedNumber

Phone = tuple[str, int]


async def note_numbers(connection: Connection, sql: Statements, op: ops.NoteNumbers) -> None:
    """Write down who was given what; `op.shared` are the numbers of it that are shared now."""
    op.shared = []
    latest = {(tenant, phone): now for tenant, phone, _, now in op.people}
    lines = {(tenant, phone): now for tenant, phone, now in op.lines}
    crowded: dict[Phone, int] = {}
    if op.people:
        people = sorted({(tenant, phone, person): now for tenant, phone, person, now in op.people}.items())
        await connection.execute(sql.note_numbers, *transposed([(*key, now) for key, now in people]))
        found = await connection.fetch(sql.crowded, *transposed(list(latest)), op.limit)
        crowded = {(row[0], row[1]): row[2] for row in found}
    if not crowded and not lines:
        return
    stored = await connection.fetch(sql.shared, *transposed(list({*crowded, *lines})))
    shared = {(row[0], row[1]): SharedNumber(row[2], row[1], row[3], row[4]) for row in stored}
    for key, count in crowded.items():
        before = shared.get(key)
        if before is None or before.people <= op.limit:
            company = before is not None and before.company
            shared[key] = await _share(connection, sql, key, count, latest[key], company=company)
        op.shared.append(shared[key])
    for key, now in lines.items():
        before = shared.get(key)
        if before is None or not before.company:
            people_ = 0 if before is None else before.people
            shared[key] = await _share(connection, sql, key, people_, now, company=True)
        op.shared.append(shared[key])


async def _share(
    connection: Connection, sql: Statements, key: Phone, people: int, now: float, *, company: bool
) -> SharedNumber:
    row = await connection.fetchrow(sql.share, *key, people, company, now)
    return SharedNumber(row[0], key[1], people, company)
