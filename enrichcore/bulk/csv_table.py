"""CSV: sniffed delimiter, any width of quoting, broken rows kept as they are."""

import csv
import re
from collections.abc import Generator, Sequence
from typing import Final

import attrs

from enrichcore.bulk.columns import NEEDED, Reading, columns_of, map_columns, result_names
from enrichcore.bulk.mapping import mapping_notes, moved_note, refuse_unusable
from enrichcore.bulk.output import Output
from enrichcore.bulk.source import Source
from enrichcore.bulk.table import Lines, Row, Values, to_bytes
from enrichcore.errors import ConfigError

DELIMITERS: Final = (",", ";", "\t", "|")
MAX_CELL: Final = 64 * 1024 * 1024
"""Characters of one cell; more means that a quote was left open."""
_MANY_LINES: Final = 20
_HINT: Final = re.compile(r'"?sep=([^"\s\w]|\t)"?(?:\r\n|\r|\n)', re.IGNORECASE | re.ASCII)
"""The line by which Excel is told the delimiter; it is no part of the table."""


class CsvTable:
    """A CSV file with a header.

    Raises:
        ConfigError: the file is empty or none of its columns can be used.
    """

    def __init__(self, source: Source, reading: Reading | None = None) -> None:
        csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))
        self._source = source
        self._reading = how = reading or Reading()
        self.notes: list[str] = []
        self.blank = 0
        found = read_header(source)
        self.delimiter, self.header, self.line_end = found.delimiter, found.names, found.line_end
        self._hint = found.hint
        self.names: tuple[str, ...] | None = tuple(self.header)
        names = tuple(self.header)
        self.columns = columns_of(names, how.given)
        refuse_unusable(source.name, names, self.columns, how)
        derived = how.namespace is not None or self._some_lack_an_id()
        self._names = result_names(names, with_record_id=derived, prefix=how.prefix)
        self._writer = csv.writer(_Line(), delimiter=self.delimiter)
        self.notes += mapping_notes(names, self.columns)
        if "record_id" in self.columns.places and "record_id" in self._names and how.namespace is None:
            self.notes.append(f"some rows have no id: those derived for them are in {self._names['record_id']}")
        self.notes += moved_note(self._names, how.prefix, "columns")

    def rows(self) -> Generator[Row]:
        """Every row after the header; blank lines are passed over."""
        width, columns, names = len(self.header), self.columns, tuple(self.header)
        namespace, counts_phones = self._reading.namespace, bool(self.columns.phones)
        text = self._source.text()
        if self._hint:
            next(text)
        reader = csv.reader(text, delimiter=self.delimiter)
        try:
            header_seen = False
            while True:
                text.begin()
                first = text.line + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    fault = f"line {first}: not readable as CSV ({error}); is a quote left open?"
                    yield Row(contact={}, cells=[text.raw()], line=first, fault=fault)
                    continue
                if not header_seen:
                    header_seen = bool(cells)
                elif not cells:
                    self.blank += 1
                elif len(cells) == width:
                    yield Row(
                        contact=columns.contact(cells, namespace),
                        cells=cells,
                        line=first,
                        keys=names,
                        values=cells,
                        phone=counts_phones and columns.has_phone(cells),
                    )
                else:
                    yield Row(contact={}, cells=cells, line=first, fault=_ragged(width, len(cells), first, text.line))
        finally:
            text.release()

    def _some_lack_an_id(self) -> bool:
        """Whether the id derived for some row needs a column, so that `explain` can be asked for it."""
        place = self.columns.places.get("record_id")
        if place is None:
            return True
        rows = self.rows()
        lacking = any(
            not row.cells[place].strip() and any(value.strip() for value in row.contact.values())
            for row in rows
            if row.fault is None
        )
        rows.close()
        self.blank = 0
        return lacking

    def head(self) -> bytes:
        """The header with the names of the result columns."""
        return to_bytes(self._hint) + self._line([*self.header, *self._names.values()])

    def line(self, row: Row, values: Values) -> bytes:
        """The cells as they were, the results in their columns, and then whatever cells a ragged row has too many."""
        width = len(self.header)
        cells = list(row.cells[:width])
        cells += [""] * (width - len(cells))
        results = [values.get(column) or "" for column in self._names]
        return self._line([*cells, *results, *row.cells[width:]])

    def writer(self, output: Output) -> Lines:
        """What writes the same kind of CSV."""
        return Lines(self, output)

    def _line(self, cells: Sequence[str]) -> bytes:
        # The writer's own line end is always \r\n, so that it quotes both characters; ours replaces it.
        line: str = self._writer.writerow(cells)
        return to_bytes(line.removesuffix("\r\n") + self.line_end)


class _Line:
    """A file that hands back what is written to it: `writerow` returns the line."""

    def write(self, text: str) -> str:
        return text


@attrs.frozen
class Header:
    """The first line of a CSV file, and before it what Excel says of the delimiter, as it is written there."""

    delimiter: str
    names: list[str]
    line_end: str
    hint: str = ""


def read_header(source: Source) -> Header:
    """The header: under the delimiter that a line `sep=;` names, else under that that fits most columns."""
    text = source.text()
    first = next(text, "")
    text.release()
    said = _HINT.fullmatch(first)
    hint = first if said is not None else ""
    best: tuple[tuple[int, int], Header] | None = None
    for delimiter in DELIMITERS if said is None else (said[1],):
        text = source.text()
        try:
            if hint:
                next(text)
                text.begin()
            for cells in csv.reader(text, delimiter=delimiter):
                if cells:
                    score = (len(map_columns(tuple(cells))), len(cells))
                    if best is None or score > best[0]:
                        best = (score, Header(delimiter, cells, text.line_end, hint))
                    break
        except csv.Error as error:
            raise ConfigError(f"{source.name}: the header cannot be read as CSV: {error}") from None
        finally:
            text.release()
    if best is None:
        raise ConfigError(f"{source.name} is empty: expected a header line with columns such as {NEEDED}")
    return best[1]


def _ragged(expected: int, got: int, first: int, last: int) -> str:
    reason = f"line {first}: expected {expected} cells as in the header, got {got}"
    if last - first >= _MANY_LINES:
        reason += f"; the row runs to line {last}: is a quote left open?"
    return reason
