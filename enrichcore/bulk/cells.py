"""Cells that are more than text: what they are as text, and tables of them written as CSV."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from enrichcore.bulk.columns import Reading, columns_of, result_names
from enrichcore.bulk.mapping import mapping_notes, moved_note, refuse_unusable
from enrichcore.bulk.output import Output
from enrichcore.bulk.table import Row, Values, to_bytes


def as_text(value: Any) -> str:
    """A cell as text: whole numbers without a point, times as ISO 8601, nothing for an empty cell."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 - exact
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat() if isinstance(value, date | time) else str(value)


class CellTable:
    """What tables with a header and typed cells have in common."""

    def __init__(self, name: str, names: tuple[str, ...], reading: Reading | None) -> None:
        self._reading = how = reading or Reading()
        self.names: tuple[str, ...] | None = names
        self.header = names
        self.notes: list[str] = []
        self.blank = 0
        self.columns = columns_of(names, how.given)
        refuse_unusable(name, names, self.columns, how)
        place = self.columns.places.get("record_id")
        derived = how.namespace is not None or place is None or self._lacks(place)
        self.blank = 0
        self.results = result_names(names, with_record_id=derived, prefix=how.prefix)
        self.notes += mapping_notes(names, self.columns)
        self.notes += moved_note(self.results, how.prefix, "columns")

    def lines(self) -> Iterator[tuple[int, list[Any], Any]]:
        """Number, cells and what a writer needs, of every row; empty without a file."""
        return iter(())

    def rows(self) -> Iterator[Row]:
        """Every row, in order, read lazily."""
        columns, names, namespace = self.columns, self.header, self._reading.namespace
        for line, cells, kept in self.lines():
            values = [as_text(cell) for cell in cells]
            yield Row(
                contact=columns.contact(values, namespace),
                cells=values if kept is None else kept,
                line=line,
                keys=names,
                values=values,
                phone=columns.has_phone(values),
            )

    def _lacks(self, place: int) -> bool:
        """Whether some row has no id."""
        return any(not as_text(cells[place]).strip() for _, cells, _ in self.lines())


class CsvOf:
    """Writes a table of cells as CSV."""

    def __init__(self, table: CellTable, output: Output) -> None:
        self._table, self._output = table, output
        self._writer = csv.writer(_Line(), lineterminator="\n")
        self._add([*table.header, *table.results.values()])

    def write(self, row: Row, values: Values) -> None:
        """Write a row at once."""
        self._add([*row.values, *(values.get(column) or "" for column in self._table.results)])

    def close(self) -> None:
        """Nothing is held back."""

    def _add(self, cells: Iterable[str]) -> None:
        line: str = self._writer.writerow(cells)
        self._output.write(to_bytes(line))


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text
