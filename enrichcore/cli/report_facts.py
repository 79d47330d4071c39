"""What a report tells: what the run wrote down of its rows, and its calls as the journal has them."""

import math
from array import array
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from enrichcore.cli.ledger_sums import Sum
from enrichcore.cli.runs import Entry
from enrichcore.model import Outcome

if TYPE_CHECKING:
    from enrichcore.bulk import Report
    from enrichcore.engine.enricher import Enricher
    from enrichcore.store import Row

PERCENTILES: Final = (50, 90, 95, 99, 100)


def _durations() -> "array[float]":
    return array("d")


@attrs.define
class Called:
    """The calls of one provider: what they add up to, why they were in vain, and how long they took, in ms."""

    sum: Sum = attrs.field(factory=Sum)
    rejects: Counter[str] = attrs.field(factory=Counter)
    errors: Counter[str] = attrs.field(factory=Counter)
    took: "array[float]" = attrs.field(factory=_durations)

    def add(self, row: "Row") -> None:
        """Count one attempt."""
        self.sum.add(row)
        if row.outcome is Outcome.REJECTED:
            self.rejects[row.reason or "unknown"] += 1
        elif row.outcome is Outcome.ERROR:
            self.errors[row.reason or "unknown"] += 1
        if row.outcome is not None and row.outcome is not Outcome.SKIPPED and row.tries:
            self.took.append(row.duration_ms)

    @property
    def hits(self) -> int:
        """Numbers that were accepted."""
        return self.sum.outcomes[Outcome.HIT]

    @property
    def each(self) -> Decimal | None:
        """What an accepted number cost, with all that was paid for nothing; None without one, or without a price."""
        return None if not self.hits or self.sum.unpriced else self.sum.cost / self.hits

    def percentiles(self) -> dict[int, float]:
        """The nearest ranks of how long the calls took; nothing without a call."""
        took = sorted(self.took)
        return {p: took[max(math.ceil(len(took) * p / 100), 1) - 1] for p in PERCENTILES} if took else {}


@attrs.frozen
class Facts:
    """What is told of one run. `report` is None until a command of the run was through."""

    entry: Entry
    state: str
    report: "Report | None"
    calls: dict[str, Called]
    total: Called
    currency: str

    @property
    def providers(self) -> list[str]:
        """Who takes part, in the order of the cascade."""
        told = [] if self.report is None else list(self.report.stories.reached)
        return [*told, *(name for name in self.calls if name not in told)]

    @property
    def looked_up(self) -> int:
        """Rows about which somebody could be asked."""
        return 0 if self.report is None else self.report.rows - self.report.left_out.total()


async def gather(who: "Enricher", entry: Entry, state: str, currency: str) -> Facts:
    """Read the calls of a run out of the journal."""
    from enrichcore.bulk import Report

    owners = frozenset(entry.owners)
    calls: dict[str, Called] = {}
    total = Called()
    async for row in who.ledger(since=entry.began, until=math.inf if entry.ended is None else entry.ended):
        if row.owner in owners:
            calls.setdefault(row.provider, Called()).add(row)
            total.add(row)
    report = None if entry.came is None else Report.from_dict(entry.came)
    return Facts(entry, state, report, calls, total, entry.currency or currency)


def share(part: int, whole: int) -> str:
    """`12.5%`, or a dash of nothing."""
    return "-" if not whole else f"{part / whole:.1%}"


def largest(counted: Iterable[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    """The largest ones, by number and name."""
    return sorted(counted, key=lambda item: (-item[1], item[0]))[:most]
