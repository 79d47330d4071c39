"""What a run came to: counts, costs and who found what."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

import attrs

from enrichcore.bulk.stories import Stories
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

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: amounts as decimal text."""
        amounts = {"credits": str(self.credits), "cost": None if self.cost is None else str(self.cost)}
        return {"asked": self.asked, "known": self.known, "hits": self.hits, "errors": dict(self.errors)} | amounts

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """What `to_dict` gave."""
        cost = values["cost"]
        amounts = {"credits": Decimal(values["credits"]), "cost": None if cost is None else Decimal(cost)}
        return cls(**{**values, "errors": Counter(values["errors"]), **amounts})

    def merge(self, other: "Tally") -> None:
        """Add what another part of the run came to."""
        self.asked += other.asked
        self.known += other.known
        self.hits += other.hits
        self.errors.update(other.errors)
        self.credits += other.credits
        self.cost = None if self.cost is None or other.cost is None else self.cost + other.cost


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
    stories: Stories = attrs.field(factory=Stories)
    """What became of the rows, provider by provider."""

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

    def add(self, result: PhoneResult, country: str | None = None) -> None:
        """Count one row, of a person in a country."""
        self.status[result.status] += 1
        self.stories.add(result, country)
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

    def merge(self, other: "Report") -> None:
        """Add what another part of the run came to."""
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))
        for name, tally in other.providers.items():
            self.providers.setdefault(name, Tally()).merge(tally)
        self.unresolved += other.unresolved
        self.blank += other.blank
        self.cost += other.cost
        self.unpriced |= other.unpriced
        self.retry_at = min((at for at in (self.retry_at, other.retry_at) if at is not None), default=None)
        self.stories.merge(other.stories)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: amounts as decimal text, times as ISO 8601."""
        counts = {name: {str(key): n for key, n in getattr(self, name).items()} for name in _COUNTERS}
        return {
            **counts,
            "providers": {name: tally.to_dict() for name, tally in self.providers.items()},
            "unresolved": self.unresolved,
            "blank": self.blank,
            "cost": str(self.cost),
            "unpriced": self.unpriced,
            "retry_at": None if self.retry_at is None else self.retry_at.isoformat(),
            "stories": self.stories.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """What `to_dict` gave."""
        at = values["retry_at"]
        return cls(
            status=Counter({Status(key): n for key, n in values["status"].items()}),
            methods=Counter({Method(key): n for key, n in values["methods"].items()}),
            incomplete_because=Counter(values["incomplete_because"]),
            left_out=Counter(values["left_out"]),
            providers={name: Tally.from_dict(tally) for name, tally in values["providers"].items()},
            unresolved=values["unresolved"],
            blank=values["blank"],
            cost=Decimal(values["cost"]),
            unpriced=values["unpriced"],
            retry_at=None if at is None else datetime.fromisoformat(at),
            stories=Stories.from_dict(values["stories"]),
        )

    def _add_incomplete(self, result: PhoneResult) -> None:
        self.incomplete_because[(result.reason or "unknown").split(":", 1)[0]] += 1
        if result.retry_at is not None and (self.retry_at is None or result.retry_at < self.retry_at):
            self.retry_at = result.retry_at
        if is_only_unresolved(result):
            self.unresolved += 1


_COUNTERS = ("status", "methods", "incomplete_because", "left_out")


def is_only_unresolved(result: PhoneResult) -> bool:
    """Whether an incomplete result waits for nothing but attempts whose billing was never resolved."""
    ends = [
        a.reason
        for a in result.attempts
        if a.outcome is Outcome.ERROR or (a.outcome is Outcome.SKIPPED and a.reason in TEMPORARY_SKIPS)
    ]
    return bool(ends) and all(reason == SkipReason.UNRESOLVED for reason in ends)
