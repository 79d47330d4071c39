"""A plan in lines that a person can act on, and as plain values."""

import math
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any, Final

from enrichcore.cli.budgets import Standing, told
from enrichcore.cli.render import cents, count, duration, table
from enrichcore.model import Method

if TYPE_CHECKING:
    from enrichcore.bulk.forecast import Part, Range
    from enrichcore.cli.plan import View

_CENT: Final = Decimal("0.01")
_ONE: Final = Decimal(1)
_WORDS: Final = {Method.NAME: "by name", Method.LINKEDIN: "by LinkedIn", Method.EMAIL: "by email"}
_KINDS: Final = (
    ("known", "with a phone already"),
    ("left_out", "left out"),
    ("duplicates", "duplicates"),
    ("answered", "answered already, free"),
    ("suppressed", "suppressed"),
    ("in_doubt", "in doubt"),
    ("unusable", "unusable"),
    ("nobody", "that no provider can be asked about"),
)


def lines(view: "View") -> Iterator[str]:
    """The plan for people."""
    seen, made = view.seen, view.forecast
    counts = [(getattr(seen, name), words) for name, words in _KINDS]
    kinds = [f"{n:,} {words.removesuffix('s') if n == 1 else words}" for n, words in counts if n]
    yield " · ".join([f"{view.name}: {count(seen.rows, 'row')}", *kinds, f"{seen.to_ask:,} to look up"])
    if seen.methods:
        yield "  " + " · ".join(f"{seen.methods[m]:,} {words}" for m, words in _WORDS.items() if seen.methods[m])
    yield ""
    yield _cost(view)
    if made.guessed:
        yield f"  too few answers of {', '.join(sorted(made.guessed))} in the journal to expect anything narrower"
    if made.unpriced:
        yield f"  not in it: credits of {', '.join(sorted(made.unpriced))}, which have no credit_price"
    for each in view.standing:
        yield f"{told(each, view.currency)}; {_covers(view, each)}"
    if view.record_limit is not None:
        yield f"budget of one record: limit {cents(view.record_limit)} {view.currency}, counted in the amounts above"
    if seen.to_ask:
        yield _time(view)
    if view.probes:
        yield ""
        heads = ("provider", "price", "calls", "credits", f"cost in {view.currency}", "account")
        rows = [_row(name, view) for name in view.probes]
        yield table(heads, rows)


def _cost(view: "View") -> str:
    low, high, ceiling = _cents_down(view.forecast.cost[0]), _cents_up(view.forecast.cost[1]), view.forecast.ceiling
    never = cents(ceiling)
    for each in view.standing:  # a window that is over is followed by another, so only a run's limit is the end
        if each.scope.startswith("run:") and each.left < ceiling:
            never = f"{cents(max(each.left, Decimal(0)))} (what is left for this run; {never} without a limit)"
    return f"expected cost in {view.currency}: {_between(cents(low), cents(high))}, never more than {never}"


def _covered(view: "View", each: Standing) -> tuple[int, int]:
    """How many rows a budget covers, at the worst and at the best that is expected."""
    cost, ceiling = view.forecast.cost, view.forecast.ceiling
    if each.scope.startswith("provider:"):
        part = view.forecast.providers.get(each.scope.split(":", 2)[1])
        cost = (Decimal(0), Decimal(0)) if part is None or part.cost is None else part.cost
        ceiling = cost[1]
    rows, left = view.seen.to_ask, max(each.left, Decimal(0))
    if left >= min(cost[1], ceiling):
        return rows, rows
    return int(rows * left / cost[1]), rows if left >= cost[0] else int(rows * left / cost[0])


def _covers(view: "View", each: Standing) -> str:
    """How much of the run a budget covers, in words."""
    rows = view.seen.to_ask
    least, most = _covered(view, each)
    if each.left >= view.forecast.ceiling:
        return "it covers the worst case"
    if least == rows:
        return "it covers what is expected"
    if each.left <= 0:
        return "nothing is left of it"
    may = "may be" if most == rows else "is"
    return f"it {may} used up before the end, after {_between(f'{least:,}', f'{most:,}')} rows"


def _time(view: "View") -> str:
    low, high = view.forecast.seconds
    span = _between(duration(low), duration(high))
    brake = view.forecast.brake
    if brake is None:
        return f"time {span}: the answers themselves decide; more --concurrency makes it shorter"
    return f"time {span}: the rate of {brake} ({view.forecast.providers[brake].brake}) decides"


def _row(name: str, view: "View") -> tuple[str, ...]:
    part = view.forecast.providers.get(name)
    probe = view.probes[name]
    account = probe.text if probe.fine else f"NOT READY: {probe.text}"
    if part is None:
        return name, view.prices[name], "-", "-", "-", account
    if probe.fine and probe.credits is not None and probe.credits < part.credits[1]:
        enough = "may not be enough" if probe.credits >= part.credits[0] else "are not enough"
        account += f", which {enough}"
    cost = "-" if part.cost is None else _between(cents(_cents_down(part.cost[0])), cents(_cents_up(part.cost[1])))
    return name, view.prices[name], _whole(part.calls), _whole(part.credits), cost, account


def _whole(span: "Range") -> str:
    low, high = span[0].quantize(_ONE, ROUND_FLOOR), span[1].quantize(_ONE, ROUND_CEILING)
    return _between(f"{low:,}", f"{high:,}")


def _between(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _cents_down(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_FLOOR)


def _cents_up(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_CEILING)


def as_dict(view: "View") -> dict[str, Any]:
    """The plan as plain values: amounts as decimal text, spans as two values."""
    seen, made = view.seen, view.forecast
    return {
        "rows": seen.rows,
        **{name: getattr(seen, name) for name, _ in _KINDS},
        "to_look_up": seen.to_ask,
        "by_method": {method.value: seen.methods[method] for method in Method},
        "currency": view.currency,
        "cost": {
            "expected": _span(made.cost),
            "ceiling": cents(made.ceiling),
            "without_price": sorted(made.unpriced),
            "without_history": sorted(made.guessed),
        },
        "budgets": [
            {
                "scope": "run" if each.scope.startswith("run:") else each.scope,
                "spent": cents(each.spent),
                "reserved": cents(each.reserved),
                "limit": cents(each.limit),
                "rows_covered": list(_covered(view, each)),
            }
            for each in view.standing
        ],
        "seconds": list(made.seconds),
        "brake": None if made.brake is None else {"provider": made.brake, "rate": made.providers[made.brake].brake},
        "providers": [_provider(name, view) for name in view.probes],
    }


def _provider(name: str, view: "View") -> dict[str, Any]:
    probe = view.probes[name]
    part: Part | None = view.forecast.providers.get(name)
    return {
        "name": name,
        "ready": probe.fine,
        "account": probe.text,
        "credits_left": None if probe.credits is None else format(probe.credits, "f"),
        "price": view.prices[name],
        "calls": None if part is None else [int(part.calls[0]), math.ceil(part.calls[1])],
        "credits": None if part is None else _span(part.credits),
        "cost": None if part is None or part.cost is None else _span(part.cost),
        "answers_known": 0 if part is None else part.answers,
    }


def _span(span: "Range") -> list[str]:
    return [cents(_cents_down(span[0])), cents(_cents_up(span[1]))]
