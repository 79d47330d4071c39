"""Import of a suppression list from CSV: what each row lists, and why a row lists nothing."""

import csv
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Final

import attrs

from enrichcore.bulk.columns import ALIASES, fold
from enrichcore.bulk.csv_table import MAX_CELL, read_header
from enrichcore.bulk.source import Source
from enrichcore.engine.keys import Keyer
from enrichcore.engine.suppression import Entry, Kind
from enrichcore.engine.suppression_index import SuppressionIndex
from enrichcore.errors import ConfigError, InvalidContact
from enrichcore.identity import clean_domain
from enrichcore.identity.mail_hosts import FREE_MAIL
from enrichcore.identity.text import is_placeholder

MAX_FAULTS: Final = 1000
"""Faults that a report lists; all are counted."""
BATCH: Final = 1000
_MANY_LINES: Final = 20
NEEDED: Final = "email, phone, linkedin, domain, or first_name + last_name + domain"

_NAMES: Final[dict[str, tuple[str, ...]]] = {
    Kind.EMAIL: ("email", "email2", "email3", "personalemail", "secondaryemail", *ALIASES["email"]),
    Kind.PHONE: (
        "phone", "phonenumber", "phone1", "phone2", "mobile", "mobilephone", "mobilenumber", "cell", "cellphone", "tel",
        "telephone", "workphone", "directphone", "directdial", "homephone", "e164",
    ),
    Kind.LINKEDIN_ID: ("linkedinid", *ALIASES["linkedin_id"]),
    Kind.DOMAIN: ("domain", *ALIASES["domain"]),
    "first_name": ("firstname", *ALIASES["first_name"]),
    "last_name": ("lastname", *ALIASES["last_name"]),
}  # fmt: skip
"""What columns are called, folded. Every column of a kind is read, not only the first."""
_ALONE: Final = (Kind.EMAIL, Kind.PHONE, Kind.LINKEDIN_ID)
_PARTS: Final = ("first_name", "last_name")


@attrs.frozen
class RowFault:
    """A value that could not be listed. Nothing of the value is in it."""

    line: int
    column: str | None
    """The kind of column; None where the row as a whole cannot be read."""
    reason: str

    def __str__(self) -> str:
        """As a line for people."""
        return f"line {self.line}{'' if self.column is None else f', {self.column}'}: {self.reason}"


@attrs.define
class ImportReport:
    """What became of every row: `imported`, a `duplicates` row (all of it was listed before), or `broken`.

    What can be read of a broken row is listed all the same. `entries` are the hashes that are new; `blank` the empty
    lines; `beside` the domains that stood beside a person and are therefore not listed as a whole.
    """

    imported: int = 0
    duplicates: int = 0
    broken: int = 0
    blank: int = 0
    entries: int = 0
    beside: int = 0
    faults: list[RowFault] = attrs.Factory(list)
    """The first `MAX_FAULTS` of them."""
    more_faults: int = 0

    @property
    def rows(self) -> int:
        """All rows but the blank ones."""
        return self.imported + self.duplicates + self.broken

    def sentences(self) -> tuple[str, ...]:
        """The report for people, a line each."""
        told = [
            f"{self.rows:,} rows: {self.imported:,} imported, {self.duplicates:,} listed before, {self.broken:,} broken"
        ]
        if self.beside:
            told.append(
                f"{self.beside:,} rows have a domain beside a person: the person is listed there, not everybody; "
                "to list a whole domain, put it into a row of its own"
            )
        told += map(str, self.faults)
        if self.more_faults:
            told.append(f"and {self.more_faults:,} faults more")
        return tuple(told)

    def fault(self, line: int, column: str | None, reason: str) -> None:
        """Count a fault, and list it while there is room."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(RowFault(line, column, reason))
        else:
            self.more_faults += 1


class SuppressionFile:
    """A CSV file of people and companies that must not be looked up.

    Columns are known by the names that they have in the exports of CRMs. Each email, phone number and LinkedIn id of a
    row is listed. A domain that is the only value of its row lists everybody at it; beside anything of a person it says
    where that person works, and is listed together with the name. One column without a header is read when its first
    value is an email or a phone number; all the others must be as well.

    Raises:
        ConfigError: the file is empty or none of its columns is known. No word of the file is in the message.
    """

    def __init__(self, source: Source) -> None:
        csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))
        self._source = source
        self.report = ImportReport()
        """Of the last `batches`; complete once they are all taken."""
        if not source.head().strip():
            raise ConfigError(f"{source.name} is empty: expected a header line with columns such as {NEEDED}")
        self._read_as = read_header(source)
        header = self._read_as.names
        self._width = len(header)
        self.columns = _columns(header)
        """Which columns are read, by kind."""
        useful = any(self.columns[kind] for kind in (*_ALONE, Kind.DOMAIN))
        self.headless = not useful and self._width == 1 and _is_one(header[0])
        """Whether the first line is a value."""
        if not useful and not self.headless:
            raise ConfigError(
                f"{source.name}: none of the {self._width:,} columns of its first line is known. A suppression list "
                f"needs a header with {NEEDED}, or one column of nothing but emails and phone numbers with their "
                "country codes"
            )

    def batches(self, keyer: Keyer, known: SuppressionIndex) -> Generator[list[tuple[bytes, str]]]:
        """What is to be added to the list, in batches for `Store.suppress`: hashes, each with its kind.

        `known` is the list as it is; it is not changed. Broken rows stop nothing: they are in `report`.
        """
        self.report = report = ImportReport()
        seen = SuppressionIndex()
        seen.load(())
        batch: list[tuple[bytes, str]] = []
        for line, cells, fault in self._rows():
            if fault is not None:
                report.broken += 1
                report.fault(line, None, fault)
                continue
            found = _Found()
            if cells:
                self._read(cells, found)
            if not found.entries and not found.faults:
                report.blank += 1
                continue
            report.beside += found.beside
            fresh = {
                pair: None
                for entry in found.entries
                for pair in entry.hashes(keyer)
                if pair[0] not in known and pair[0] not in seen
            }
            seen.add(digest for digest, _ in fresh)
            batch += fresh
            report.entries += len(fresh)
            for column, reason in found.faults:
                report.fault(line, column, reason)
            if found.faults:
                report.broken += 1
            elif fresh:
                report.imported += 1
            else:
                report.duplicates += 1
            if len(batch) >= BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _rows(self) -> Iterator[tuple[int, list[str], str | None]]:
        """Line, cells and what is wrong with them as a whole, of each row behind the header."""
        text = self._source.text()
        if self._read_as.hint:
            next(text)
        reader = csv.reader(text, delimiter=self._read_as.delimiter)
        header = not self.headless
        try:
            while True:
                text.begin()
                first = text.line + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    yield first, [], "not readable as CSV; is a quote left open?"
                    continue
                if header:
                    header = not cells
                elif not cells or len(cells) == self._width:
                    yield first, cells, None
                else:
                    yield first, [], _ragged(self._width, len(cells), text.line - first)
        finally:
            text.release()

    def _read(self, cells: Sequence[str], found: "_Found") -> None:
        """What a row lists."""
        if self.headless:
            for cell in filter(str.strip, cells):
                found.take(_kind_of_one(cell), cell)
            return
        values = {kind: [cells[i] for i in places if _is_filled(cells[i])] for kind, places in self.columns.items()}
        for kind in _ALONE:
            for value in values[kind]:
                found.take(kind, value)
        alone = any(values[kind] for kind in _ALONE)
        names = [name for part in _PARTS for name in values[part][:1]]
        domains = values[Kind.DOMAIN]
        if not alone and not names:
            for domain in domains:
                found.take(Kind.DOMAIN, domain)
            if not domains and any(map(str.strip, cells)):
                found.faults.append((None, "none of the known columns has a value"))
            return
        found.beside = bool(domains)
        if alone:  # what a name needs may be missing then: the person is listed already
            domains = [domain for domain in domains if clean_domain(domain) not in FREE_MAIL]
        if len(names) == len(_PARTS) and domains:
            for domain in domains:
                found.take_name(" ".join(names), domain)
        elif not alone:
            found.faults.append((Kind.NAME_AND_DOMAIN, "expected first_name, last_name and domain, got a part of them"))


class _Found:
    """What one row lists, and for each value that it cannot list the kind of column and the reason."""

    __slots__ = ("beside", "entries", "faults")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.faults: list[tuple[str | None, str]] = []
        self.beside = False

    def take(self, kind: str, value: str) -> None:
        self._take(kind, lambda: Entry(kind, value))

    def take_name(self, name: str, domain: str) -> None:
        self._take(Kind.NAME_AND_DOMAIN, lambda: Entry.named(name, domain))

    def _take(self, kind: str, make: Callable[[], Entry]) -> None:
        try:
            self.entries.append(make())
        except InvalidContact as error:
            self.faults.append((kind, f"expected {error.expected}, got {error.got}"))


def _columns(header: Sequence[str]) -> dict[str, list[int]]:
    """The columns of each kind, in the order of the file."""
    folded = [fold(name) for name in header]
    return {kind: [i for i, name in enumerate(folded) if name in names] for kind, names in _NAMES.items()}


def _is_filled(cell: str) -> bool:
    text = cell.strip()
    return text != "" and not is_placeholder(text)


def _kind_of_one(value: str) -> str:
    return Kind.EMAIL if "@" in value else Kind.PHONE


def _is_one(value: str) -> bool:
    """Whether the only value of a line is an email or a phone number, and so no name of a column."""
    try:
        Entry(_kind_of_one(value), value)
    except InvalidContact:
        return False
    return True


def _ragged(expected: int, got: int, lines: int) -> str:
    reason = f"expected {expected:,} cells as in the header, got {got:,}"
    return reason + (f"; the row has {lines + 1:,} lines: is a quote left open?" if lines >= _MANY_LINES else "")
