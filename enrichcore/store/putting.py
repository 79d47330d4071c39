"""Writing settled attempts and results inside a transaction of the SQLite journal."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from enrichcore.store import erasing, many, ops, rows, sql
from enrichcore.store.balance import Balance
from enrichcore.store.results import definite

_NOTHING: Final = (None,) * len(rows.RESULT)


def put(
    connection: sqlite3.Connection, puts: Sequence[ops.Put], balance: Balance, free: int | None, *, marks: bool
) -> None:
    """Write settled attempts; `free` is an owner whose intents are known to count in no budget.

    `marks`: somebody was erased lately.
    """
    columns = [one.columns for one in puts]
    paid = [at for at, one in enumerate(puts) if one.intent and one.row.id >> 32 != free]
    if paid:
        for at, charged in balance.settle([puts[at] for at in paid]).items():
            columns[paid[at]] = rows.charged_with(columns[paid[at]], charged)
    late: list[ops.Put] = []
    erased = erasing.tombstones(connection, (erasing.names_of(one.row) for one in puts)) if marks else {}
    if erased:
        late = [one for one in puts if erasing.is_late(one.row.started_at, erasing.names_of(one.row), erased)]
        columns = [rows.anonymous(c) if one in late else c for one, c in zip(puts, columns, strict=True)]
    many.insert(connection, sql.PUT, columns)
    if late:
        erasing.erase_again(connection, late, balance)


def save(connection: sqlite3.Connection, saves: Sequence[ops.SaveResult], *, marks: bool) -> None:
    """Write results, but none of a run that had begun before its record was erased; `marks`: somebody was lately."""
    if marks:
        erased = erasing.tombstones(connection, (erasing.names_of_result(save.result) for save in saves))
        saves = [save for save in saves if not _is_late(save, erased)]
    many.insert(connection, sql.RESULT, [_columns(save) for save in saves])


def _is_late(save: ops.SaveResult, erased: dict[tuple[str, bytes], float]) -> bool:
    return erasing.is_late(save.result.started_at, erasing.names_of_result(save.result), erased)


def _columns(save: ops.SaveResult) -> rows.Columns:
    """A definite result is the known one and, with `last` empty, also the last one."""
    columns = rows.result_columns(save.result, save.payload)
    if definite(save.result):
        return columns + _NOTHING
    return columns[:2] + _NOTHING + columns[2:]
