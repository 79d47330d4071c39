"""What a file format must be able to do: give rows, and write a row with its result."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import attrs

from enrichcore.bulk.output import Output

Values = Mapping[str, str | None]
"""The result columns of one row, by their own names."""


@attrs.frozen(kw_only=True, repr=False)
class Row:
    """One row as it was read. `fault` says why it cannot be looked up; its contact is empty then."""

    contact: Mapping[str, Any]
    cells: Sequence[Any]
    line: int
    keys: tuple[str, ...] = ()
    """The names of the columns, or the keys of a JSON object."""
    values: Sequence[Any] = ()
    """What stands under `keys`."""
    phone: bool = False
    """Whether the row has a phone of the person already."""
    fault: str | None = None


class Writer(Protocol):
    """Writes rows with their results, in the order of the input."""

    def write(self, row: Row, values: Values) -> None:
        """Add a row."""
        ...

    def close(self) -> None:
        """Write whatever is still held back."""
        ...


class Table(Protocol):
    """A file in one format."""

    notes: list[str]
    """What a person should know about columns, before anything is asked."""
    blank: int
    """Blank lines that were passed over."""
    names: tuple[str, ...] | None
    """The columns, where all rows have the same."""

    def rows(self) -> Iterator[Row]:
        """Every row, in order, read lazily."""
        ...

    def writer(self, output: Output) -> Writer:
        """What writes an output in the format of the table."""
        ...


class LineTable(Protocol):
    """A table that is written line by line."""

    def head(self) -> bytes:
        """What precedes the rows in the output."""
        ...

    def line(self, row: Row, values: Values) -> bytes:
        """The row with its result, as it goes to the output."""
        ...


class Lines:
    """Writes a table line by line."""

    def __init__(self, table: LineTable, output: Output) -> None:
        self._table, self._output = table, output
        output.write(table.head())

    def write(self, row: Row, values: Values) -> None:
        """Write a row at once."""
        self._output.write(self._table.line(row, values))

    def close(self) -> None:
        """Nothing is held back."""


def to_bytes(text: str) -> bytes:
    """`text` as UTF-8, with bytes that could not be decoded as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
