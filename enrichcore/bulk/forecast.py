"""What the calls before a file may cost, and how long they take: pure arithmetic over what a plan has seen."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

import attrs

from enrichcore.engine.budgets import expected
from enrichcore.engine.plan import Plan, Step
from enrichcore.model import Method
from enrichcore.model.price import Per

ENOUGH: Final = 30
"""Answers of one provider by one method from which its rates follow; with fewer anything is possible."""
_ZERO, _ONE = Decimal(0), Decimal(1)
_ANY: Final = (_ZERO, _ONE)

Range = tuple[Decimal, Decimal]
"""From and to."""
Calls = tuple[int, ...]
"""The steps that a row has before it, by index; one that an answer may make possible is `~index`."""


@attrs.define
class Seen:
    """What the rows of a file are. Each row is counted once; `calls` holds those that somebody may be asked about."""

    rows: int = 0
    known: int = 0
    """Rows that have a phone already."""
    left_out: int = 0
    """Rows that the caller does not want looked up."""
    unusable: int = 0
    duplicates: int = 0
    suppressed: int = 0
    answered: int = 0
    in_doubt: int = 0
    """Nobody is left to ask, but an earlier call may have been billed and its answer was lost."""
    nobody: int = 0
    """No provider can be asked with what the row has."""
    to_ask: int = 0
    methods: Counter[Method] = attrs.field(factory=Counter)
    calls: Counter[Calls] = attrs.field(factory=Counter)


@attrs.frozen
class Shares:
    """Which shares of one provider's answers by one method are accepted and are billed, from and to."""

    answers: int = 0
    hit: Range = _ANY
    billed: Range = _ANY


UNKNOWN: Final = Shares()


@attrs.frozen
class Limit:
    """At most so many calls in any `seconds` seconds, of which `used` are gone already; `text` as it was declared."""

    text: str
    calls: int
    seconds: float
    used: int = 0


@attrs.define
class Part:
    """What one provider would contribute. `cost` is None where a credit has no price in money."""

    calls: Range = (_ZERO, _ZERO)
    credits: Range = (_ZERO, _ZERO)
    cost: Range | None = (_ZERO, _ZERO)
    answers: int = 0
    """The fewest answers that stand behind the shares of any of its methods."""
    seconds: tuple[float, float] = (0.0, 0.0)
    brake: str | None = None
    """The rate that makes it last so long."""


@attrs.define
class Forecast:
    """What a file may come to, in money and in time. `ceiling` is never passed, whatever the vendors answer."""

    cost: Range = (_ZERO, _ZERO)
    ceiling: Decimal = _ZERO
    unpriced: list[str] = attrs.field(factory=list)
    """Providers that would bill credits without a price in money: not in the amounts."""
    guessed: list[str] = attrs.field(factory=list)
    """Paid providers of which the journal knows too little for a share."""
    providers: dict[str, Part] = attrs.field(factory=dict)
    seconds: tuple[float, float] = (0.0, 0.0)
    brake: str | None = None
    """The provider whose rate decides; None when it is the answers themselves, at the given concurrency."""


def forecast(
    seen: Seen,
    plan: Plan,
    known: Mapping[tuple[str, str], Shares],
    *,
    record_limit: Decimal | None = None,
    concurrency: int = 200,
    limits: Mapping[str, Iterable[Limit]] | None = None,
) -> Forecast:
    """What the calls of all rows may cost, and how long they take; `limits` are the rates of each provider."""
    made = Forecast()
    steps = [_Unit.of(step, known.get((step.name, step.by), UNKNOWN)) for step in plan.steps]
    for calls, count in seen.calls.items():
        row = [(steps[index if index >= 0 else ~index], index < 0) for index in calls]
        low, high, worst = _row_cost(row)
        if record_limit is not None:
            high, worst = min(high, record_limit), min(worst, record_limit)
        made.cost = made.cost[0] + count * min(low, worst), made.cost[1] + count * high
        made.ceiling += count * worst
        _count_calls(row, count, made)
    for name, part in made.providers.items():
        member = plan.members[name]
        part.seconds, part.brake = _paced((limits or {}).get(name, ()), part.calls)
        if member.price.paid and part.calls[1]:
            if member.worst is None:
                made.unpriced.append(name)
            if part.answers < ENOUGH and member.price.per is not Per.ATTEMPT:
                made.guessed.append(name)
    _last(made, plan, min(concurrency, max(seen.to_ask, 1)))
    return made


@attrs.frozen
class _Unit:
    """One step as a cost: what one call bills and how often it ends the row, each from and to."""

    name: str
    shares: Shares
    credits: Range
    cost: Range | None
    worst: Decimal

    @classmethod
    def of(cls, step: Step, known: Shares) -> "_Unit":
        member = step.member
        price = member.price
        cost = expected(price, member.credit_price, known.billed, known.billed)
        billed = (_ONE, _ONE) if price.per is Per.ATTEMPT else known.billed if price.paid else (_ZERO, _ZERO)
        credits_ = (price.credits * billed[0], price.credits * billed[1])
        return cls(step.name, known, credits_, cost, member.worst or _ZERO)


def _row_cost(row: list[tuple[_Unit, bool]]) -> tuple[Decimal, Decimal, Decimal]:
    """What one row costs on average, from and to, and at most.

    Backwards: a call costs what it bills, and what comes behind it as often as it does not end the row.
    """
    low = high = worst = _ZERO
    for unit, optional in reversed(row):
        bill = unit.cost or (_ZERO, _ZERO)
        least = bill[0] + (_ONE - unit.shares.hit[1]) * low
        most = bill[1] + (_ONE - unit.shares.hit[0]) * high
        low = min(low, least) if optional else least
        high = max(high, most) if optional else most
        worst += unit.worst
    return low, min(high, worst), worst


def _count_calls(row: list[tuple[_Unit, bool]], count: int, made: Forecast) -> None:
    """Add the calls of `count` equal rows to their providers."""
    least = most = Decimal(count)
    for unit, optional in row:
        part = made.providers.get(unit.name)
        if part is None:
            part = made.providers[unit.name] = Part(answers=unit.shares.answers)
        surely = _ZERO if optional else least
        part.answers = min(part.answers, unit.shares.answers)
        part.calls = part.calls[0] + surely, part.calls[1] + most
        part.credits = part.credits[0] + surely * unit.credits[0], part.credits[1] + most * unit.credits[1]
        if unit.cost is None or part.cost is None:
            part.cost = None
        else:
            part.cost = part.cost[0] + surely * unit.cost[0], part.cost[1] + most * unit.cost[1]
        least *= _ONE - unit.shares.hit[1]
        most *= _ONE if optional else _ONE - unit.shares.hit[0]


def _paced(limits: Iterable[Limit], calls: Range) -> tuple[tuple[float, float], str | None]:
    """How many seconds the rates of a provider stretch its calls over, and which rate does."""
    spans: list[tuple[float, float, str | None]] = [(0.0, 0.0, None)]
    for limit in limits:
        low, high = (_span(limit, math.ceil(n)) for n in calls)
        spans.append((high, low, limit.text))
    high, low, brake = max(spans, key=lambda span: span[:2])
    return (low, high), brake if high else None


def _span(limit: Limit, calls: int) -> float:
    """Seconds until the last of so many calls may start."""
    return max((calls + limit.used - 1) // limit.calls, 0) * limit.seconds if calls else 0.0


def _last(made: Forecast, plan: Plan, workers: int) -> None:
    """How long the whole file takes: as long as the provider that is stretched the most, or as the answers take."""
    answers = [0.0, 0.0]
    for name, part in made.providers.items():
        member = plan.members[name]
        remote = member.plugin is not None and (member.price.paid or member.base_url is not None)
        typical = member.plugin.provider.typical if member.plugin is not None and remote else 0.0
        answers = [seconds + float(n) * typical / workers for seconds, n in zip(answers, part.calls, strict=True)]
    slowest = max(made.providers.items(), key=lambda item: item[1].seconds[::-1], default=None)
    made.seconds = answers[0], answers[1]
    if slowest is not None and slowest[1].seconds[1] > answers[1]:
        made.brake = slowest[0]
        made.seconds = max(slowest[1].seconds[0], answers[0]), slowest[1].seconds[1]
