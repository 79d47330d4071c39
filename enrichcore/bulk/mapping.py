"""What is said of a file's columns, and why some files are refused for theirs."""

from collections.abc import Mapping, Sequence
from typing import Final

from enrichcore.bulk.aliases import FULL_NAME
from enrichcore.bulk.columns import NEEDED, Columns, Reading, fold, is_usable, unknown_columns
from enrichcore.bulk.names import need_parser
from enrichcore.errors import ConfigError

_MANY: Final = 40
_LONG: Final = 60


def shown(name: str) -> str:
    """A column's name short enough for a message."""
    return name if len(name) <= _LONG else name[:_LONG] + "…"


def listed(names: Sequence[str]) -> str:
    """The names of columns, as many as a person can read."""
    more = f" and {len(names) - _MANY:,} more" if len(names) > _MANY else ""
    return ", ".join(repr(shown(name)) for name in names[:_MANY]) + more


def refuse_unknown(source: str, names: Sequence[str], reading: Reading) -> None:
    """Refuse a mapping to columns that are not there.

    Raises:
        ConfigError: a column was named that the file does not have.
    """
    lost = unknown_columns(names, reading.given)
    if lost:
        raise ConfigError(f"{source} has no column {listed(lost)}; the columns are {listed(names)}")


def refuse_unusable(source: str, names: Sequence[str], columns: Columns, reading: Reading) -> None:
    """Refuse a file whose columns say nothing that anybody could be asked by.

    Raises:
        ConfigError: a column was named that is not there, or those that are there do not suffice.
    """
    refuse_unknown(source, names, reading)
    if not columns.usable:
        raise ConfigError(
            f"{source}: no usable columns. A contact needs {NEEDED}; the columns are {listed(names)}. Say which is "
            "which with --map, as --map company=Customer (full_name is a field too: it is split)"
        )
    if columns.full_name is not None and not is_usable(columns.places):
        need_parser()


def mapping_notes(names: Sequence[str], columns: Columns) -> list[str]:
    """How the columns are read, where that is not what they are called."""
    places = dict(columns.places)
    if columns.full_name is not None:
        places[FULL_NAME] = columns.full_name
    notes = []
    if any(names[index] != field for field, index in places.items()):
        read = ", ".join(f"{shown(names[index])} → {field}" for field, index in places.items() if names[index] != field)
        notes.append(f"columns read as: {read}")
    if columns.phones:
        phones = ", ".join(shown(names[index]) for index in columns.phones)
        notes.append(f"rows with a number in {phones} have a phone already: they are not looked up (--include-known)")
    folded = [fold(name) for name in names]
    twice = [shown(names[i]) for i in places.values() if folded.count(folded[i]) > 1]
    if twice:
        notes.append(f"more than one column is called {', '.join(twice)}: the first is read")
    return notes


def moved_note(results: Mapping[str, str], prefix: str, what: str) -> list[str]:
    """Which result columns are called otherwise, because the input has their names."""
    moved = [
        f"{column} → {name}" for column, name in results.items() if name != prefix + column and column != "record_id"
    ]
    return [f"the input has these {what} already, so the results are called: {', '.join(moved)}"] if moved else []
