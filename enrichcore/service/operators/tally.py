"""Tally: what one process has asked, heard and paid since its start. It counts, and keeps nothing of whom it was about.

It hears of it by the hooks that any plugin may have. What it keeps is bounded by the providers that take part: every
other part of a key is a word from a closed list.
"""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Final

import attrs

from enrichcore.errors import PROVIDER_ERRORS
from enrichcore.model import Attempt, Outcome, PhoneResult
from enrichcore.model.attempt import TEMPORARY_SKIPS, ZERO
from enrichcore.plugins import hookimpl
from enrichcore.service.operators.buckets import Buckets

OTHER: Final = "other"
"""Where a plugin says a word of its own, of which there could be any number."""
_REASONS: Final = frozenset({"pending", *(kind.code for kind in PROVIDER_ERRORS)})
_SKIPPED, _ERROR, _HIT = Outcome.SKIPPED, Outcome.ERROR, Outcome.HIT
_PROVIDERS: Final = 1000
"""More than anybody has installed; what comes beyond is counted as one."""


@attrs.define
class Filled:
    """What one provider has answered by one method: attempts that were made, and those that brought the number."""

    asked: int = 0
    hits: int = 0
    errors: int = 0

    @property
    def rate(self) -> float | None:
        """Hits per contact tried, 0 to 1; None when nobody was tried."""
        return self.hits / self.asked if self.asked else None


class Tally:
    """Counts of attempts and enrichments. Add it to an engine that is not open yet: `engine.registry.add(tally)`."""

    def __init__(self) -> None:
        self.attempts: Counter[tuple[str, str, str, str]] = Counter()
        """Attempts that were made, by provider, method, outcome and whether they were billed."""
        self.stored: Counter[tuple[str, str]] = Counter()
        """Answers that had been bought before, by provider and method."""
        self.errors: Counter[tuple[str, str]] = Counter()
        self.skips: Counter[tuple[str, str]] = Counter()
        """Providers that could have answered and were not asked, by reason."""
        self.seconds: defaultdict[str, Buckets] = defaultdict(Buckets)
        self.credits: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.cost: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.unpriced: Counter[str] = Counter()
        """Attempts that spent credits whose price nobody knows."""
        self.enrichments: Counter[tuple[str, bool]] = Counter()
        """Enrichments by status, and whether the answer was there before."""
        self._names: set[str] = set()

    @hookimpl
    def enrichcore_attempt_finished(self, attempt: Attempt) -> None:
        """Count one attempt."""
        outcome = attempt.outcome
        if outcome is _SKIPPED:
            if attempt.reason in TEMPORARY_SKIPS:
                self.skips[self._name(attempt.provider), str(attempt.reason)] += 1
            return
        name, method = self._name(attempt.provider), attempt.method.value
        if attempt.cached:
            self.stored[name, method] += 1
            return
        self.attempts[name, method, outcome.value, attempt.billed.value] += 1
        self.seconds[name].add(attempt.duration_ms / 1000)
        if outcome is _ERROR:
            self.errors[name, attempt.reason if attempt.reason in _REASONS else OTHER] += 1
        if attempt.credits is not ZERO:
            self.credits[name] += attempt.credits
        if attempt.cost is None:
            self.unpriced[name] += 1
        elif attempt.cost is not ZERO:
            self.cost[name] += attempt.cost

    @hookimpl
    def enrichcore_enrichment_finished(self, result: PhoneResult) -> None:
        """Count one enrichment."""
        self.enrichments[result.status.value, result.cached] += 1

    def filled(self) -> dict[tuple[str, str], Filled]:
        """What every provider has answered by each method by which it was asked."""
        found: defaultdict[tuple[str, str], Filled] = defaultdict(Filled)
        for (name, method, outcome, _), count in self.attempts.items():
            one = found[name, method]
            one.asked += count
            one.hits += count if outcome == _HIT else 0
            one.errors += count if outcome == _ERROR else 0
        return dict(found)

    def _name(self, provider: str) -> str:
        if provider not in self._names:
            if len(self._names) >= _PROVIDERS:
                return OTHER
            self._names.add(provider)
        return provider
