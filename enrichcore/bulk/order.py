"""Rows taken in another order than the file's, in constant memory: a temporary table keeps what waits."""

import json
import pickle
import sqlite3
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Final, Self

import attrs

from enrichcore.bulk.choice import number, place_of
from enrichcore.bulk.table import Row, Values

_EMPTY: Final = 2
"""Rows without a value come last, whichever way the others go."""


class Order:
    """Gives the rows of a file by the value of one column, and their results back in the order of the file."""

    def __init__(self, rows: Iterable[Row], column: str) -> None:
        self._file = sqlite3.connect("")  # a file of SQLite's own, which is gone when it is closed
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute(
            "CREATE TABLE rows (n INTEGER PRIMARY KEY, kind INTEGER, x REAL, t TEXT, row BLOB, told TEXT)"
        )
        name, self._down = column.removeprefix("-"), column.startswith("-")
        self._file.executemany(
            "INSERT INTO rows (n, kind, x, t, row) VALUES (?, ?, ?, ?, ?)",
            ((n, *_key(row, name), pickle.dumps(_plain(row))) for n, row in enumerate(rows)),
        )
        self._at: list[int] = []

    def __enter__(self) -> Self:
        """The rows, ready to be taken."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget them."""
        self._file.close()

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Place in the file and row, in the order that was asked for."""
        way = "DESC" if self._down else "ASC"
        for n, row in self._file.execute(f"SELECT n, row FROM rows ORDER BY kind, x {way}, t {way}, n"):  # noqa: S608 - two constants
            yield n, pickle.loads(row)  # noqa: S301 - written above, by this process, to a file without a name

    def keep(self, n: int, values: Values) -> None:
        """Keep the results of a row."""
        self._file.execute("UPDATE rows SET told = ? WHERE n = ?", (json.dumps(dict(values)), n))

    def told(self) -> Iterator[Values]:
        """The results of every row, in the order of the file."""
        for (told,) in self._file.execute("SELECT told FROM rows ORDER BY n"):
            yield json.loads(told)


def _plain(row: Row) -> Row:
    """The row as it can be kept: what belongs to its writer is read again."""
    return attrs.evolve(row, cells=(), contact=dict(row.contact))


def _key(row: Row, column: str) -> tuple[int, float | None, str | None]:
    place = None if row.fault is not None else place_of(row.keys, column)
    value = "" if place is None else str("" if row.values[place] is None else row.values[place]).strip()
    if not value:
        return _EMPTY, None, None
    read = number(value)
    return (1, None, value.casefold()) if read is None else (0, float(read), None)
