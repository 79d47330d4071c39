"""What became of the rows of a run, provider by provider: the cascade, shares by method and country, who added what.

Nothing personal is kept. A story is counted with all others that are the same, and what is held never grows with a
file.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import attrs

from enrichcore.identity.country import clean_country
from enrichcore.identity.domain_country import domain_country
from enrichcore.model import Outcome, PhoneResult, SkipReason, Status
from enrichcore.model.attempt import TEMPORARY_SKIPS

Table = defaultdict[str, Counter[str]]
Story = tuple[Any, ...]

TRIED, FOUND = "tried", "found"
NO_COUNTRY: Final = "not said"
_TRIED: Final = (Status.FOUND, Status.NOT_FOUND, Status.INCOMPLETE)
_MOST: Final = 2_000
"""Different stories that are held before they are added up."""
_WORTH: Final = (Outcome.HIT, Outcome.REJECTED, Outcome.ERROR, Outcome.MISS)
"""What counts for a row that one provider was asked about by several methods: the first of these."""


def _table() -> Table:
    return defaultdict(Counter)


@attrs.define
class Stories:
    """The sums. Each row counts once for each provider, however many methods it was asked by.

    `reached` counts rows by provider and outcome, `skipped` those that never came to a provider, by the reason.
    `accepted` are the rows with a number of the provider: `rescued` of them after every other provider that was asked
    had nothing, `first` with nobody else asked. `both` counts rows about which two providers were asked, the one that
    stands first in the cascade first, and `after` those of them for which only the later one had the number. `ends`
    are the open ends of incomplete rows.
    """

    reached: Table = attrs.field(factory=_table)
    skipped: Table = attrs.field(factory=_table)
    accepted: Counter[str] = attrs.field(factory=Counter)
    rescued: Counter[str] = attrs.field(factory=Counter)
    first: Counter[str] = attrs.field(factory=Counter)
    both: Table = attrs.field(factory=_table)
    after: Table = attrs.field(factory=_table)
    methods: Table = attrs.field(factory=_table)
    countries: Table = attrs.field(factory=_table)
    ends: Table = attrs.field(factory=_table)
    _waiting: Counter[Story] = attrs.field(factory=Counter, eq=False, repr=False)

    def add(self, result: PhoneResult, country: str | None) -> None:
        """Count a row that was looked up."""
        self._waiting[
            result.status,
            result.provider,
            result.method,
            country,
            tuple([(a.provider, a.method, a.outcome, a.reason) for a in result.attempts]),
        ] += 1
        if len(self._waiting) >= _MOST:
            self.close()

    def close(self) -> "Stories":
        """Add up what waits."""
        for (status, finder, method, country, attempts), rows in self._waiting.items():
            if status in _TRIED:
                self._add(status, finder, method, country or NO_COUNTRY, attempts, rows)
        self._waiting.clear()
        return self

    def merge(self, other: "Stories") -> None:
        """Add the sums of another part of the run."""
        self.close()
        other.close()
        for name in _TABLES:
            mine = getattr(self, name)
            for key, counted in getattr(other, name).items():
                mine[key].update(counted)
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        self.close()
        plain: dict[str, Any] = {name: {k: dict(v) for k, v in getattr(self, name).items()} for name in _TABLES}
        return plain | {name: dict(getattr(self, name)) for name in _COUNTERS}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Stories":
        """What `to_dict` gave."""
        made = cls()
        for name in _TABLES:
            getattr(made, name).update({key: Counter(counted) for key, counted in values[name].items()})
        for name in _COUNTERS:
            getattr(made, name).update(values[name])
        return made

    def _add(
        self, status: Status, finder: str | None, method: str | None, country: str, attempts: Story, rows: int
    ) -> None:
        found = status is Status.FOUND
        self.countries[country].update({TRIED: rows, FOUND: rows * found})
        for each in {by for _, by, outcome, _ in attempts if outcome is not Outcome.SKIPPED}:
            self.methods[str(each)].update({TRIED: rows, FOUND: rows * (found and each == method)})
        ends: dict[str, list[tuple[Outcome, str | None]]] = {}
        for name, _, outcome, reason in attempts:
            ends.setdefault(name, []).append((outcome, reason))
        asked = []
        for name, each in ends.items():
            outcome = next((o for o in _WORTH if any(o is other for other, _ in each)), None)
            if outcome is None:
                self.skipped[name][_why(reason for _, reason in each)] += rows
                self.reached[name].update({})  # it keeps its place in the cascade
            else:
                self.reached[name][outcome.value] += rows
                asked.append((name, outcome))
            if status is Status.INCOMPLETE:
                self._add_ends(name, each, rows)
        if found and finder is not None:
            self.accepted[finder] += rows
            others = [outcome for name, outcome in asked if name != finder]
            if not others:
                self.first[finder] += rows
            elif Outcome.HIT not in others:
                self.rescued[finder] += rows
        for place, (earlier, had) in enumerate(asked):
            for later, has in asked[place + 1 :]:
                self.both[earlier][later] += rows
                if had is not Outcome.HIT and has is Outcome.HIT:
                    self.after[earlier][later] += rows

    def _add_ends(self, name: str, each: Iterable[tuple[Outcome, str | None]], rows: int) -> None:
        open_ = {
            reason or "unknown"
            for outcome, reason in each
            if outcome is Outcome.ERROR or (outcome is Outcome.SKIPPED and reason in TEMPORARY_SKIPS)
        }
        for reason in open_:
            self.ends[name][str(reason)] += rows


_TABLES: Final = ("reached", "skipped", "both", "after", "methods", "countries", "ends")
_COUNTERS: Final = ("accepted", "rescued", "first")


def _why(reasons: Iterable[str | None]) -> str:
    """The reason that says most: a passing one before those that are so by nature."""
    given = [reason or "unknown" for reason in reasons]
    best = next((r for r in given if r in TEMPORARY_SKIPS), None)
    best = best or next((r for r in given if r != SkipReason.NOT_APPLICABLE), given[0])
    return str(best)


def country_of(contact: Mapping[str, Any]) -> str | None:
    """The country of a row: the one that it names, else that of its company's domain or of its email."""
    return _country(*(_text(contact.get(field)) for field in ("country", "domain", "email")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _country(country: str, domain: str, email: str) -> str | None:
    named = _named(country) if country else None
    if named is not None:
        return named
    label = (domain or email).rpartition(".")[2].strip().lower()
    return _behind(label) if label else None


@lru_cache(maxsize=1024)
def _named(country: str) -> str | None:
    return clean_country(country)


@lru_cache(maxsize=1024)
def _behind(label: str) -> str | None:
    return domain_country(f"x.{label}") if label.isalpha() else None
