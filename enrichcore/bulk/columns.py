"""Which column of a file is which field of a contact, and what the result columns are called."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import attrs

from enrichcore.bulk.aliases import ALIASES, FULL_NAME, PHONE, PHONES
from enrichcore.bulk.names import split_name
from enrichcore.errors import ConfigError
from enrichcore.model import PhoneResult, Status
from enrichcore.model.contact import FIELDS

__all__ = ["ALIASES", "NEEDED", "RESULT_COLUMNS", "Columns", "Reading", "columns_of", "map_columns"]

NEEDED: Final = "first_name + last_name + (company or domain), or linkedin_id, or email"
"""The combinations of which a contact needs one."""

RESULT_COLUMNS: Final = (
    "phone", "status", "reason", "provider", "method", "line_type", "cost", "cached", "found_at", "do_not_call",
)  # fmt: skip
"""What is appended to every row; `record_id` follows when the input has no such column."""

SKIPPED: Final = "skipped"
"""The status of a row that was not looked up."""
FALLBACK_PREFIX: Final = "enrichcore_"
TARGETS: Final = (*FIELDS, FULL_NAME, PHONE)
"""What a column can be said to be."""
TRUE_OR_FALSE: Final = frozenset({"cached", "do_not_call"})
_LEAST_DIGITS: Final = 6
_OWN: Final = frozenset({"phone", "status", "method", "line_type", "cost", "cached", "found_at", "do_not_call"})
"""Result columns with words and numbers of our own, which are no formulas; a phone's plus sign must stay."""


@attrs.frozen(kw_only=True)
class Reading:
    """How a file is to be read.

    `given` says which column is which field, instead of what its name says: pairs of field and column, an empty column
    for a field that no column is. `namespace` goes before the ids of the file, so that those of two systems never
    meet. `prefix` goes before the names of the result columns.

    Raises:
        ConfigError: there is no such field, or one has two columns.
    """

    given: tuple[tuple[str, str], ...] = ()
    namespace: str | None = None
    prefix: str = ""

    def __attrs_post_init__(self) -> None:
        """Check the fields."""
        fields = [field for field, _ in self.given]
        for field in fields:
            if field not in TARGETS:
                raise ConfigError(f"there is no field {field!r} to map a column to: expected {', '.join(TARGETS)}")
            if field != PHONE and fields.count(field) > 1:
                raise ConfigError(f"{field} is mapped twice: a field has one column")


@attrs.frozen
class Columns:
    """The columns of one header: where each field of a contact is, the whole name, and the phones that are known."""

    places: Mapping[str, int]
    full_name: int | None
    phones: tuple[int, ...]

    @property
    def usable(self) -> bool:
        """Whether contacts with these columns can be looked up by at least one method."""
        return is_usable({*self.places, *(() if self.full_name is None else ("first_name", "last_name"))})

    def contact(self, values: Sequence[Any], namespace: str | None = None) -> dict[str, Any]:
        """The contact in a row; a whole name is split where the row has no first and no last name."""
        contact = {field: values[index] for field, index in self.places.items()}
        if self.full_name is not None and not contact.get("first_name") and not contact.get("last_name"):
            name = values[self.full_name]
            if isinstance(name, str) and name.strip():
                contact["first_name"], contact["last_name"] = split_name(name)
        if namespace and (own := contact.get("record_id")) is not None and (text := str(own).strip()):
            contact["record_id"] = f"{namespace}:{text}"
        return contact

    def has_phone(self, values: Sequence[Any]) -> bool:
        """Whether the row has a number of the person already: six digits or more in one of the phone columns."""
        return any(sum(map(str.isdigit, str(values[i]))) >= _LEAST_DIGITS for i in self.phones if values[i])


def fold(name: str) -> str:
    """A column's name without case, accents, spaces and punctuation: `Prénom`, `prenom` and `PRENOM` are one."""
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if c.isalnum())


@lru_cache(maxsize=512)
def columns_of(names: tuple[str, ...], given: tuple[tuple[str, str], ...] = ()) -> Columns:
    """What each column is: as `given` says, else by its name; a field's own name wins over its aliases.

    A column that is given is nothing else.
    """
    places: dict[str, int] = {}
    for index, name in enumerate(names):
        places.setdefault(fold(name), index)
    told = {field: _place(names, places, column) for field, column in given if field != PHONE}
    phones = {_place(names, places, column) for field, column in given if field == PHONE}
    taken = {index for index in (*told.values(), *phones) if index is not None}
    found: dict[str, int] = {}
    for field in (*FIELDS, FULL_NAME):
        if field in told:
            chosen = told[field]
        else:
            wanted = (fold(field), *ALIASES[field])
            chosen = next((places[name] for name in wanted if name in places and places[name] not in taken), None)
        if chosen is not None:
            found[field] = chosen
    if not phones:
        phones = {i for i, name in enumerate(names) if fold(name) in PHONES and i not in taken}
    full_name = found.pop(FULL_NAME, None)
    if {"first_name", "last_name"} <= found.keys() and FULL_NAME not in told:
        full_name = None
    return Columns(found, full_name, tuple(sorted(index for index in phones if index is not None)))


def _place(names: tuple[str, ...], places: Mapping[str, int], column: str) -> int | None:
    """Where a column that was named is; None where there is none of that name."""
    return names.index(column) if column in names else places.get(fold(column)) if fold(column) else None


def map_columns(names: tuple[str, ...]) -> Mapping[str, int]:
    """The index of the column for each contact field that has one; a field's own name wins over its aliases."""
    return columns_of(names).places


def unknown_columns(names: Sequence[str], given: Iterable[tuple[str, str]]) -> list[str]:
    """The columns that were named and that are not there."""
    there = set(names) | {fold(name) for name in names}
    return [column for _, column in given if column and column not in there and fold(column) not in there]


def is_usable(fields: Collection[str]) -> bool:
    """Whether contacts with these fields can be looked up by at least one method."""
    by_name = {"first_name", "last_name"} <= set(fields) and ("company" in fields or "domain" in fields)
    return by_name or "email" in fields or "linkedin_id" in fields


@lru_cache(maxsize=512)
def result_names(taken: tuple[str, ...], *, with_record_id: bool, prefix: str) -> Mapping[str, str]:
    """The name of each result column: with `prefix`, and with `enrichcore_` before a name that the input has."""
    wanted = (*RESULT_COLUMNS, "record_id") if with_record_id else RESULT_COLUMNS
    names: dict[str, str] = {}
    used = {name.casefold() for name in taken}  # to what imports a file, `Phone` and `phone` are one column
    for column in wanted:
        name = prefix + column
        while name.casefold() in used:
            name = FALLBACK_PREFIX + name
        used.add(name.casefold())
        names[column] = name
    return names


def result_values(result: PhoneResult, left_out: str | None = None) -> dict[str, str | None]:
    """The values of the result columns; text that a spreadsheet would run as a formula is made harmless.

    A row that was `left_out` was not looked up, for that reason.
    """
    if left_out is not None:
        return {"status": SKIPPED, "reason": left_out}
    values = {}
    for column in RESULT_COLUMNS:
        value = _text(getattr(result, column))
        values[column] = value if column in _OWN else neutral(value)
    # An invalid contact is not stored, so there is no id under which it could be explained.
    values["record_id"] = None if result.status is Status.INVALID else neutral(result.record_id)
    return values


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else str(value)


def neutral(text: str | None) -> str | None:
    """`text` so that no spreadsheet takes it for a formula: an apostrophe before `=`, `+`, `-`, `@`, tab and return."""
    return "'" + text if text is not None and text[:1] in tuple("=+-@\t\r\n") else text


def contact_of(names: Sequence[str], values: Mapping[str, Any], reading: Reading | None = None) -> dict[str, Any]:
    """The contact in an object whose keys are spelt in any known way; a whole number as record_id becomes text."""
    how = reading or Reading()
    contact = columns_of(tuple(names), how.given).contact([values[name] for name in names], how.namespace)
    record_id = contact.get("record_id")
    if isinstance(record_id, int) and not isinstance(record_id, bool):
        contact["record_id"] = str(record_id)
    return contact
