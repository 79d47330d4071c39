"""Counting, inside a transaction of the SQLite journal, for how many people a number was given."""

import sqlite3

from enrichcore.store import erasing, many, ops, rows, sql
from enrichcore.store.protocol import SharedNumber


def note(connection: sqlite3.Connection, op: ops.NoteNumbers, *, marks: bool) -> None:
    """Write down who was given what; `op.shared` are the numbers of it that are shared now.

    `marks`: somebody was erased lately.
    """
    op.shared = []
    people = _not_erased(connection, op.people) if marks and op.people else list(op.people)
    if people:
        people.sort()  # as they lie in the table
        many.insert(connection, sql.NUMBERS, people)
        head, tail = sql.CROWDED
        phones = [columns[0] for columns in people]
        crowded = {columns[0] for columns in many.select_in(connection, head, phones, tail, op.limit)}
        if crowded:
            latest = {(tenant, phone): now for phone, _, tenant, now in people if phone in crowded}
            for (tenant, phone), now in latest.items():
                count = connection.execute(sql.PEOPLE, (phone, tenant)).fetchall()[0][0]
                if count > op.limit:
                    op.shared.append(_share(connection, tenant, phone, now, people=count, limit=op.limit))
    op.shared += [_share(connection, tenant, phone, now, company=True) for phone, tenant, now in op.lines]


def _not_erased(
    connection: sqlite3.Connection, people: list[tuple[int, int, str, float]]
) -> list[tuple[int, int, str, float]]:
    """All but those about people who were erased lately, whenever they were noted: nobody misses one more."""
    erased = erasing.tombstones(connection, ([(tenant, erasing.person_key(who))] for _, who, tenant, _ in people))
    return [note for note in people if (note[2], erasing.person_key(note[1])) not in erased] if erased else people


def _share(
    connection: sqlite3.Connection,
    tenant: str,
    phone: int,
    now: float,
    *,
    people: int = 0,
    limit: int = 0,
    company: bool = False,
) -> SharedNumber:
    """What is known of a number from now on; a row that says as much already stays as it is."""
    found = connection.execute(sql.SHARED, (tenant, phone)).fetchall()
    if found:
        before = rows.shared_number(found[0])
        if before.company if company else before.people > limit:
            return before
        people, company = max(people, before.people), company or before.company
    mark = connection.execute(sql.SHARE, (tenant, phone, people, company, now)).lastrowid
    assert mark is not None
    return SharedNumber(mark, phone, people, company)
