"""Which rows of a file are looked up, and in a word why the others are not."""

import hashlib
import heapq
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

import attrs

from enrichcore.bulk.columns import fold
from enrichcore.bulk.mapping import listed
from enrichcore.bulk.table import Row
from enrichcore.errors import ConfigError
from enrichcore.identity import clean_country

KNOWN: Final = "has a phone already"
WHERE: Final = "left out by --where"
COUNTRY: Final = "left out by --skip-country"
LIMIT: Final = "left out by --limit"
SAMPLE: Final = "left out by --sample"

_FORM = re.compile(r"\s*(.+?)\s*(!=|>=|<=|=|>|<|~)\s*(.*?)\s*", re.DOTALL)

Gate = Callable[[Row], str | None]
"""Why a row is not looked up; None where it is."""


def _countries(names: Iterable[str]) -> frozenset[str]:
    read = {name: clean_country(name) for name in names}
    for name, code in read.items():
        if code is None:
            raise ConfigError(f"{name!r} is no country: expected an ISO code or an English name, such as DE or Germany")
    return frozenset(code for code in read.values() if code is not None)


@attrs.frozen
class Condition:
    """`COLUMN=VALUE`, or with `!=`, `<`, `<=`, `>`, `>=`, or `~` for "contains"; an empty value is an empty cell.

    Text is compared without regard to case, numbers as numbers; dates that begin with the year are in order as text.
    """

    column: str
    operator: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Condition":
        """Read a condition.

        Raises:
            ConfigError: it has another form.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise ConfigError(f"expected a condition such as segment=Gold, employees>=50 or title~sales, got {text!r}")
        return cls(found[1], found[2], found[3])

    def holds(self, row: Row) -> bool:
        """Whether the row meets it; a row without the column has an empty cell there."""
        place = place_of(row.keys, self.column)
        value = None if place is None else row.values[place]
        cell = "" if value is None else str(value).strip()
        if self.operator == "~":
            return self.value.casefold() in cell.casefold()
        if self.operator not in ("=", "!=") and not cell:
            return False
        left, right = _comparable(cell, self.value)
        match self.operator:
            case "=":
                return bool(left == right)
            case "!=":
                return bool(left != right)
            case "<":
                return bool(left < right)
            case "<=":
                return bool(left <= right)
            case ">":
                return bool(left > right)
            case _:
                return bool(left >= right)


@attrs.frozen(kw_only=True)
class Choice:
    """Which rows are looked up: all but those with a phone, unless something else is said.

    Every condition of `where` must hold. `limit` takes the first rows that are left, `sample` some at random, the same
    ones each time.

    Raises:
        ConfigError: a country is none, or a number is below 1.
    """

    where: tuple[Condition, ...] = ()
    skip_countries: frozenset[str] = attrs.field(default=frozenset(), converter=_countries)
    include_known: bool = False
    limit: int | None = None
    sample: int | None = None
    sort_by: str | None = None
    """The column by which the rows are taken; with a minus sign before it, the highest first."""

    def __attrs_post_init__(self) -> None:
        """Check the numbers."""
        for name in ("limit", "sample"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name} must be 1 or more, got {value}")

    def check(self, source: str, names: Sequence[str] | None) -> None:
        """Refuse columns that are not there.

        Raises:
            ConfigError: a condition or the order names a column that the file does not have.
        """
        if names is None:
            return
        wanted = [condition.column for condition in self.where]
        if self.sort_by is not None:
            wanted.append(self.sort_by.removeprefix("-"))
        lost = [column for column in wanted if place_of(tuple(names), column) is None]
        if lost:
            raise ConfigError(f"{source} has no column {listed(lost)}; the columns are {listed(names)}")

    def left_out(self, row: Row) -> str | None:
        """Why a row is not looked up, whatever the others are; a row that cannot be read is nobody's choice."""
        if row.fault is not None:
            return None
        if row.phone and not self.include_known:
            return KNOWN
        if not all(condition.holds(row) for condition in self.where):
            return WHERE
        if self.skip_countries and _country(row) in self.skip_countries:
            return COUNTRY
        return None

    def gate(self, rows: Callable[[], Iterable[Row]]) -> Gate:
        """What decides row by row; with `sample`, the rows are read once beforehand."""
        chosen = None if self.sample is None else self._drawn(rows(), self.sample)
        taken = 0

        def decide(row: Row) -> str | None:
            nonlocal taken
            left = self.left_out(row)
            if left is not None or row.fault is not None:
                return left
            if chosen is not None and row.line not in chosen:
                return SAMPLE
            if self.limit is not None and taken >= self.limit:
                return LIMIT
            taken += 1
            return None

        return decide

    def _drawn(self, rows: Iterable[Row], size: int) -> frozenset[int]:
        """Lines drawn from those that could be looked up: the lowest of their hashes."""
        eligible = (row.line for row in rows if row.fault is None and self.left_out(row) is None)
        return frozenset(line for _, line in heapq.nsmallest(size, ((_lot(line), line) for line in eligible)))


def _lot(line: int) -> bytes:
    return hashlib.blake2b(line.to_bytes(8, "big"), digest_size=8).digest()


def place_of(names: tuple[str, ...], column: str) -> int | None:
    """Where a column is: by its name as it is written, else without case and punctuation."""
    if column in names:
        return names.index(column)
    return _folded(names).get(fold(column))


@lru_cache(maxsize=64)
def _folded(names: tuple[str, ...]) -> dict[str, int]:
    return {fold(name): index for index, name in reversed(list(enumerate(names)))}


def _comparable(left: str, right: str) -> tuple[Any, Any]:
    first, second = number(left), number(right)
    return (left.casefold(), right.casefold()) if first is None or second is None else (first, second)


def number(text: str) -> Decimal | None:
    """A number with or without separators of thousands; None where the text is none."""
    try:
        read = Decimal(text.replace(",", "").replace("_", "x"))
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def _country(row: Row) -> str | None:
    given = row.contact.get("country")
    return clean_country(given) if isinstance(given, str) else None
