"""The result columns as Arrow has them: text, but for money, yes and no, and times."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from enrichcore.bulk.table import Values

_TYPES: Final[dict[str, Any]] = {
    "cost": pa.decimal128(38, 9),
    "cached": pa.bool_(),
    "do_not_call": pa.bool_(),
    "found_at": pa.timestamp("us", "UTC"),
}
"""Result columns that are not text."""
_BILLIONTH: Final = Decimal("1e-9")


def fields(results: Mapping[str, str]) -> list[Any]:
    """A field for each result column, which `results` gives the names of."""
    return [pa.field(name, _TYPES.get(column, pa.string())) for column, name in results.items()]


def arrays(results: Mapping[str, str], rows: Sequence[Values]) -> list[Any]:
    """The result columns of some rows."""
    return [
        pa.array([_value(column, values.get(column)) for values in rows], _TYPES.get(column, pa.string()))
        for column in results
    ]


def _value(column: str, text: str | None) -> Any:
    if text is None:
        return None
    if column in ("cached", "do_not_call"):
        return text == "yes"
    if column == "cost":
        return Decimal(text).quantize(_BILLIONTH)
    return datetime.fromisoformat(text) if column == "found_at" else text
