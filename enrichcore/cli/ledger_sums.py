"""The lines of the ledger and what they add up to. Nothing in them is personal."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from enrichcore.bulk.columns import neutral
from enrichcore.bulk.csv_table import _Line
from enrichcore.cli.render import cents, clean, count, table
from enrichcore.model import Billed, Outcome
from enrichcore.model.money import amount

if TYPE_CHECKING:
    from enrichcore.store import Row

COLUMNS: Final = (
    "attempt", "tenant", "started_at", "provider", "method", "outcome", "reason", "billed", "credits", "cost",
    "currency", "reserved", "duration_ms", "tries",
)  # fmt: skip
_ZERO: Final = Decimal(0)
_ALL: Final = "sum"
SHOWN: Final = (Outcome.HIT, Outcome.MISS, Outcome.REJECTED, Outcome.ERROR)
"""The outcomes of calls that were made."""


def cost_of(row: "Row") -> Decimal | None:
    """What a settled attempt has cost; one in doubt, what it may have cost; None where a credit has no price."""
    if row.billed is Billed.UNKNOWN and row.charged:
        return amount(row.charged)  # what budgets count it for
    return row.cost


def fields(row: "Row", currency: str) -> dict[str, Any]:
    """One attempt as plain values: amounts as decimal text, times as ISO 8601 in UTC.

    An attempt that is under way, or was when its process died, has no outcome yet, and nobody knows its cost.
    """
    is_open = row.outcome is None
    cost = None if is_open else cost_of(row)
    values = (
        f"{row.id:016x}",
        row.tenant,
        datetime.fromtimestamp(row.started_at, UTC).isoformat(timespec="milliseconds"),
        row.provider,
        row.method,
        None if row.outcome is None else row.outcome.value,
        row.reason,
        Billed.UNKNOWN.value if is_open else row.billed.value,
        format(row.credits, "f"),
        None if cost is None else cents(cost),
        currency,
        cents(amount(row.reserved)) if is_open else cents(_ZERO),
        round(row.duration_ms, 3),
        row.tries,
    )
    return dict(zip(COLUMNS, values, strict=True))


def as_json_line(row: "Row", currency: str) -> bytes:
    """One attempt as a line of JSON."""
    return json.dumps(fields(row, currency)).encode() + b"\n"


def csv_head() -> bytes:
    """The header of the CSV."""
    return _csv(COLUMNS)


def as_csv(row: "Row", currency: str) -> bytes:
    """One attempt as a line of CSV; text that a spreadsheet would run as a formula is made harmless."""
    values = fields(row, currency).values()
    return _csv(["" if v is None else neutral(v) if isinstance(v, str) else v for v in values])


def _csv(cells: Any) -> bytes:
    line: str = csv.writer(_Line(), lineterminator="\n").writerow(cells)
    return line.encode("utf-8", "replace")


@attrs.define
class Sum:
    """What some attempts add up to. `doubt` is the part of `cost` of which nobody knows whether it was billed."""

    attempts: int = 0
    outcomes: dict[Outcome, int] = attrs.field(factory=lambda: dict.fromkeys(Outcome, 0))
    billed: int = 0
    unknown: int = 0
    credits: Decimal = _ZERO
    cost: Decimal = _ZERO
    doubt: Decimal = _ZERO
    unpriced: bool = False
    open: int = 0
    reserved: Decimal = _ZERO

    def add(self, row: "Row") -> None:
        """Count one attempt; one that was taken back before anything was sent is none."""
        if row.outcome is Outcome.SKIPPED:
            return
        self.attempts += 1
        if row.outcome is None:
            self.open += 1
            self.reserved += amount(row.reserved)
            return
        self.outcomes[row.outcome] += 1
        self.billed += row.billed is Billed.YES
        self.unknown += row.billed is Billed.UNKNOWN
        self.credits += row.credits
        cost = cost_of(row)
        if cost is None:
            self.unpriced = True
            return
        self.cost += cost
        if row.billed is Billed.UNKNOWN:
            self.doubt += cost


@attrs.define
class Sums:
    """The sums by month, provider and tenant, and over all."""

    lines: dict[tuple[str, str, str], Sum] = attrs.field(factory=dict)
    total: Sum = attrs.field(factory=Sum)

    def add(self, row: "Row") -> None:
        """Count one attempt."""
        month = f"{datetime.fromtimestamp(row.started_at, UTC):%Y-%m}"
        self.lines.setdefault((month, row.provider, row.tenant), Sum()).add(row)
        self.total.add(row)


def sums_table(sums: Sums, currency: str, *, tenants: bool = False) -> str:
    """The sums in columns; an asterisk marks credits that have no price."""
    heads = (
        "month", "provider", "tenant", "attempts", "hits", "misses", "rejected", "errors", "billed", "in doubt",
        "credits", f"cost in {currency}",
    )  # fmt: skip

    def rows() -> Iterator[tuple[object, ...]]:
        for key, each in sorted(sums.lines.items()):
            yield (*key, *_cells(each))
        yield (_ALL, "", "", *_cells(sums.total))

    keep = [i for i, head in enumerate(heads) if tenants or head != "tenant"]
    return table([heads[i] for i in keep], [[row[i] for i in keep] for row in rows()])


def _cells(each: Sum) -> tuple[str, ...]:
    counts = (each.attempts, *(each.outcomes[outcome] for outcome in SHOWN), each.billed, each.unknown + each.open)
    return (*(f"{n:,}" for n in counts), format(each.credits, ",f"), cents(each.cost) + "*" * each.unpriced)


def footnotes(sums: Sums, currency: str) -> list[str]:
    """What the sums do not say by themselves."""
    told = []
    total = sums.total
    if total.unknown:
        told.append(
            f"{cents(total.doubt)} {currency} of this is in doubt and counts as spent "
            f"({count(total.unknown, 'attempt')}): `enrichcore ledger --in-doubt`"
        )
    if total.open:
        told.append(
            f"{count(total.open, 'attempt')} under way or left behind by a crash, not in the cost; "
            f"{cents(total.reserved)} {currency} reserved"
        )
    if total.unpriced:
        names = sorted({provider for (_, provider, _), each in sums.lines.items() if each.unpriced})
        where = ", ".join(f"[providers.{name}]" for name in names)
        told.append(f"* and what has no price in money: set credit_price under {where}")
    return [clean(text) for text in told]
