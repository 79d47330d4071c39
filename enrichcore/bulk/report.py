"""What a run came to: counts, costs and who found what."""

from collections import Counter
from datetime import datetime
from decimal import Decimal

import attrs

from enrichcore.model import Method, Outcome, PhoneResult, SkipReason, Status
from enrichcore.model.attempt import TEMPORARY_SKIPS, ZERO


@attrs.define
class Tally:
    """What one provider did: lookups it was asked for, numbers accepted, credits and money spent.

    `known` counts answers that were already stored, `errors` calls that brought no answer, by error code. `cost` is
    None once a credit without a price was spent.
    """

    asked: int = 0
    known: int = 0
    hits: int = 0
    errors: Counter[str] = attrs.field(factory=Counter)
    credits: Decimal = ZERO
    cost: Decimal | None = ZERO


@attrs.define
class Report:
    """The sums over all rows of a run, in constant memory."""

    status: Counter[Status] = attrs.field(factory=Counter)
    providers: dict[str, Tally] = attrs.field(factory=dict)
    methods: Counter[Method] = attrs.field(factory=Counter)
    incomplete_because: Counter[str] = attrs.field(factory=Counter)
    unresolved: int = 0
    """Incomplete rows whose only open end is an attempt that stays unresolved: running again changes nothing."""
    cost: Decimal = ZERO
    unpriced: bool = False
    """Whether credits were spent whose price in money is not known."""
    retry_at: datetime | None = None
    left_out: Counter[str] = attrs.field(factory=Counter)
    """Rows that were not looked up, by the reason."""
    blank: int = 0

    @property
    def rows(self) -> int:
        """All rows, those that were not looked up among them."""
        return self.status.total() + self.left_out.total()

    @property
    def found(self) -> int:
        """Rows with a number."""
        return self.status[Status.FOUND]

    @property
    def unfinished(self) -> int:
        """Incomplete rows that another run may finish: the ones that make exit code 3."""
        return self.status[Status.INCOMPLETE] - self.unresolved

    @property
    def fill_rate(self) -> float | None:
        """Numbers found per contact tried, 0 to 1; None when no contact was tried."""
        tried = self.found + self.status[Status.NOT_FOUND] + self.status[Status.INCOMPLETE]
        return self.found / tried if tried else None

    def add(self, result: PhoneResult) -> None:
        """Count one row."""
        self.status[result.status] += 1
        if result.cost is None:
            self.unpriced = True
        for attempt in result.attempts:
            tally = self.providers.setdefault(attempt.provider, Tally())
            if attempt.outcome is Outcome.SKIPPED:
                continue
            if attempt.cached:
                tally.known += 1
            else:
                tally.asked += 1
                if attempt.outcome is Outcome.ERROR:
                    tally.errors[attempt.reason or "unknown"] += 1
            tally.credits += attempt.credits
            if attempt.cost is None:
                tally.cost = None
            else:
                self.cost += attempt.cost
                tally.cost = None if tally.cost is None else tally.cost + attempt.cost
        if result.status is Status.FOUND:
            if result.provider is not None:
                self.providers.setdefault(result.provider, Tally()).hits += 1
            if result.method is not None:
                self.methods[result.method] += 1
        elif result.status is Status.INCOMPLETE:
            self._add_incomplete(result)

    def _add_incomplete(self, result: PhoneResult) -> None:
        self.incomplete_because[(result.reason or "unknown").split(":", 1)[0]] += 1
        if result.retry_at is not None and (self.retry_at is None or result.retry_at < self.retry_at):
            self.retry_at = result.retry_at
        if is_only_unresolved(result):
            self.unresolved += 1


def is_only_unresolved(result: PhoneResult) -> bool:
    """Whether an incomplete result waits for nothing but attempts whose billing was never resolved."""
    ends = [
        a.reason
        for a in result.attempts
        if a.outcome is Outcome.ERROR or (a.outcome is Outcome.SKIPPED and a.reason in TEMPORARY_SKIPS)
    ]
    return bool(ends) and all(reason == SkipReason.UNRESOLVED for reason in ends)
