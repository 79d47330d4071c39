"""One statement for many rows: each step of a statement gives the interpreter lock away and has to win it back."""

import functools
import itertools
import sqlite3
from collections.abc import Sequence
from typing import Final

from enrichcore.store.rows import Columns
from enrichcore.store.sql import Many

# Rows a statement: few sizes, so that prepared statements are used again; 48 x 20 columns keep below the limit of 999
# parameters that SQLite had before 3.32.
_SIZES: Final = (48, 12, 3, 1)


def insert(connection: sqlite3.Connection, statement: Many, rows: Sequence[Columns]) -> None:
    """Run `statement` over all rows, in their order."""
    at, left = 0, len(rows)
    while left:
        size = next(size for size in _SIZES if size <= left)
        chunk = rows[at : at + size]
        connection.execute(_values(statement, size), tuple(itertools.chain.from_iterable(chunk)))
        at += size
        left -= size


def select_in(
    connection: sqlite3.Connection, head: str, values: Sequence[object], tail: str = "", *more: object
) -> list[Columns]:
    """All rows of `head IN (...) tail`, where `more` are the parameters of `tail`."""
    found: list[Columns] = []
    at, left = 0, len(values)
    while left > 0:
        size = min((size for size in _SIZES if size >= left), default=_SIZES[0])
        chunk = list(values[at : at + size])
        chunk += chunk[-1:] * (size - len(chunk))
        found += connection.execute(_in(head, size, tail), (*chunk, *more)).fetchall()
        at += size
        left -= size
    return found


@functools.cache
def _values(statement: Many, size: int) -> str:
    head, width, tail = statement
    row = f"({', '.join('?' * width)})"
    return f"{head} VALUES {', '.join([row] * size)} {tail}"


@functools.cache
def _in(head: str, size: int, tail: str) -> str:
    return f"{head} IN ({', '.join('?' * size)}) {tail}"
