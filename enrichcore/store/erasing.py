"""Erasing people and what has expired, inside a transaction of the SQLite journal."""

import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from enrichcore.store import many, ops, rows, sql
from enrichcore.store.balance import Balance
from enrichcore.store.budgeting import FORGOTTEN
from enrichcore.store.judge import given_up
from enrichcore.store.owner import Owner, lives
from enrichcore.store.protocol import QUESTION, Forgotten, Row, StoredResult

DAY: Final = 86_400.0
GRACE: Final = 7 * DAY
"""Seconds for which a result is kept after it is no longer fresh."""
LAST_TAG: Final = b"\xff" * 9
"""Sorts behind whatever a key has after its question."""
_AT_ONCE: Final = 16
"""Questions for which all results are looked through at once."""


def forget(connection: sqlite3.Connection, op: ops.Forget) -> Forgotten:
    """Erase records, and every record that an attempt at one of the questions names."""
    tenant = op.tenant
    records = set(op.records)
    for question in op.questions:
        found = connection.execute(sql.ASKED, (question, question + LAST_TAG, tenant)).fetchall()
        records |= {columns[0] for columns in found}
    records |= _answered(connection, tenant, sorted(op.questions))
    ordered = sorted(records)
    attempts = many.select_in(connection, f"{sql.PERSONAL} record", ordered, sql.OF_TENANT, tenant)
    _erase(connection, attempts)
    _fold(connection, tenant, ordered)
    dropped = connection.executemany(sql.DROP_RESULT, [(tenant, record) for record in ordered]).rowcount
    people = sorted(op.people)
    numbers = connection.executemany(sql.DROP_PERSON, [(person, tenant) for person in people]).rowcount
    end_marks(connection, op.now)
    marks = [*ordered, *op.questions, *map(person_key, people)]
    connection.executemany(sql.TOMBSTONE, [(mark, tenant, op.now) for mark in marks])
    connection.execute(sql.NEW_EPOCH)
    return Forgotten(
        attempts=len(attempts),
        results=max(dropped, 0),
        numbers=max(numbers, 0),
        recipients=tuple(sorted({columns[4] for columns in attempts if columns[5] != rows.SKIPPED})),
    )


def person_key(person: int) -> bytes:
    """A person as the table of erased records has them; a record's key is longer."""
    return person.to_bytes(8, "big", signed=True)


def end_marks(connection: sqlite3.Connection, now: float) -> None:
    """What began before an erasure has ended after a day."""
    connection.execute(sql.OLD_TOMBSTONES, (now - DAY,))


def tombstones(
    connection: sqlite3.Connection, names: Iterable[Iterable[tuple[str, bytes]]]
) -> dict[tuple[str, bytes], float]:
    """When those of these records, questions and people were erased that were, by tenant and name."""
    keys = sorted({key for one in names for _, key in one})
    found = many.select_in(connection, sql.ERASED, keys)
    return {(tenant, key): at for tenant, key, at in found}


def names_of(row: Row) -> list[tuple[str, bytes]]:
    """By what an attempt is known to be about somebody: record and question."""
    return [(row.tenant, row.record), (row.tenant, row.key[:QUESTION])]


def names_of_result(result: StoredResult) -> list[tuple[str, bytes]]:
    """By what a result is known to be about somebody: record, and the questions that its identity is made of."""
    parts = (result.fingerprint[at : at + QUESTION] for at in range(0, len(result.fingerprint), QUESTION))
    return [(result.tenant, name) for name in (result.record, *parts)]


def is_late(started_at: float, names: Iterable[tuple[str, bytes]], erased: dict[tuple[str, bytes], float]) -> bool:
    """Whether what began then is about somebody who was erased since."""
    return any(started_at <= erased.get(name, float("-inf")) for name in names)


def erase_again(connection: sqlite3.Connection, puts: Sequence[ops.Put], balance: Balance) -> None:
    """Take the person out of attempts that were written a moment ago."""
    attempts = many.select_in(connection, f"{sql.PERSONAL} id", [put.row.id for put in puts])
    _erase(connection, attempts)
    for _, _, tenant, record, _, _, scopes, charged in attempts:
        if scopes is not None and _scope(record) in rows.split(scopes):
            balance.add(tenant, [_scope(record)], spent=-charged)
            balance.add(tenant, [FORGOTTEN], spent=charged)


def empty(connection: sqlite3.Connection, op: ops.Expire) -> int:
    """Delete the answers of attempts that are still as old as they were, and results that are still stale."""
    before = connection.total_changes
    connection.executemany(sql.EMPTY, op.attempts)
    connection.executemany(sql.DROP_STALE, [(op.tenant, record, op.stale) for record in op.records])
    done = connection.total_changes - before
    end_marks(connection, op.now)
    if op.now:
        _give_up(connection, op.tenant, op.now)
    return done


def _give_up(connection: sqlite3.Connection, tenant: str, now: float) -> None:
    """Settle the intents of erased people whose owner is dead: nobody can ask those questions again and find them."""
    alive = {columns[0] for columns in connection.execute(sql.OWNERS) if lives(Owner(*columns), now)}
    found = [rows.attempt(columns) for columns in connection.execute(sql.OPEN_AND_ERASED, (tenant,))]
    balance = Balance(connection)
    for row in found:
        if row.owner not in alive:
            settled = given_up(row, now)
            spent = row.reserved if row.scopes else 0
            balance.add(tenant, row.scopes, spent=spent, reserved=-spent)
            many.insert(connection, sql.PUT, [rows.settled_columns(settled, None, None, spent)])
    balance.write()


def _answered(connection: sqlite3.Connection, tenant: str, questions: Sequence[bytes]) -> set[bytes]:
    """Records whose results are about one of these questions: they may have been answered without an attempt."""
    found: set[bytes] = set()
    for begin in range(0, len(questions), _AT_ONCE):
        some = questions[begin : begin + _AT_ONCE]
        both = [question for question in some for _ in ("known", "last")]
        found |= {columns[0] for columns in connection.execute(sql.answered(len(some)), (*both, tenant))}
    return found


def _erase(connection: sqlite3.Connection, attempts: Iterable[rows.Columns]) -> None:
    """Attempts keep what was asked when and for how much, and lose what says about whom."""
    erased = []
    for number, key, _, record, _, _, scopes, *_ in attempts:
        if scopes is not None:
            own = _scope(record)
            scopes = rows.joined(FORGOTTEN if scope == own else scope for scope in rows.split(scopes))  # noqa: PLW2901
        erased.append((secrets.token_bytes(len(key)), secrets.token_bytes(len(record)), scopes, number))
    connection.executemany(sql.ERASE, erased)


def _fold(connection: sqlite3.Connection, tenant: str, records: Sequence[bytes]) -> None:
    """Add what is known of the spending on records to that on all erased ones."""
    own = [_scope(record) for record in records]
    spending = many.select_in(connection, sql.BUDGETS, own, sql.OF_TENANT, tenant)
    moved = [(tenant, FORGOTTEN, spent, reserved) for _, spent, reserved in spending if spent or reserved]
    many.insert(connection, sql.SPEND, moved)
    connection.executemany(sql.CLOSE_BUDGET, [(tenant, scope) for scope, _, _ in spending])


def _scope(record: bytes) -> str:
    return f"record:{record.hex()}"
