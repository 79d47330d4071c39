"""What a file format must be able to do: give rows, and write a row with its result."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import attrs

from enrichcore.model import PhoneResult


@attrs.frozen(kw_only=True, repr=False)
class Row:
    """One row as it was read. `fault` says why it cannot be looked up; its contact is empty then."""

    contact: Mapping[str, Any]
    cells: Sequence[str]
    line: int
    keys: tuple[str, ...] = ()
    """The keys of a JSON object."""
    fault: str | None = None


class Table(Protocol):
    """A file in one format."""

    notes: list[str]
    """What a person should know about columns, before anything is asked."""
    blank: int
    """Blank lines that were passed over."""

    def rows(self) -> Iterator[Row]:
        """Every row, in order, read lazily."""
        ...

    def head(self) -> bytes:
        """What precedes the rows in the output."""
        ...

    def line(self, row: Row, result: PhoneResult) -> bytes:
        """The row with its result, as it goes to the output."""
        ...


def to_bytes(text: str) -> bytes:
    """`text` as UTF-8, with bytes that could not be decoded as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
