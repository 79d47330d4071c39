"""Where budgets stand, in sentences."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from enrichcore.bulk import Report
    from enrichcore.engine.enricher import Enricher
    from enrichcore.model import Budget

NOTHING: Final = (Decimal(0), Decimal(0))


@attrs.frozen
class Standing:
    """How far one budget is used up, in money."""

    scope: str
    spent: Decimal
    reserved: Decimal
    limit: Decimal

    @property
    def left(self) -> Decimal:
        """What may still be spent."""
        return self.limit - self.spent - self.reserved


async def standings(who: "Enricher", budget: "Budget", run: str | None, wall: float) -> list[Standing]:
    """Every limit that counts now, those of single records apart; those of a run only when `run` names one."""
    from enrichcore.engine.budgets import Budgets
    from enrichcore.model.money import amount

    limits = {
        scope: amount(limit)
        for scope, limit in Budgets(budget).limits(run or "", wall)
        if run is not None or not scope.endswith("run:")
    }
    spending = await who.spending(list(limits))
    return [Standing(scope, *spending.get(scope, NOTHING), limit) for scope, limit in limits.items()]


def told(standing: Standing, currency: str) -> str:
    """One budget in a line."""
    from enrichcore.cli.render import cents

    reserved = f", {cents(standing.reserved)} reserved" if standing.reserved else ""
    return (
        f"budget of {named(standing.scope)}: {cents(standing.spent)} {currency} spent{reserved}, "
        f"limit {cents(standing.limit)}"
    )


def named(scope: str) -> str:
    """What a budget is for, in words."""
    kind, _, rest = scope.partition(":")
    if kind == "provider":
        name, _, window = rest.partition(":")
        return f"{name} in {named(window)}"
    if kind == "run":
        return "this run"
    if kind == "record":
        return "one record"
    return f"{rest.replace('T', ' ')}{':00' if kind == 'hour' else ''} (UTC)"


def go_on(report: "Report", standing: Iterable[Standing], currency: str, cheapest: Decimal) -> str | None:
    """How a run whose budget is exhausted can go on, as a sentence; None when no row was over budget.

    `cheapest` is what the cheapest paid call may cost: less than that left is nothing left.
    """
    from enrichcore.cli.render import cents, count
    from enrichcore.engine.budgets import free_at
    from enrichcore.model import SkipReason

    rows = report.incomplete_because[SkipReason.OVER_BUDGET]
    if not rows:
        return None
    used_up = [each for each in standing if each.left < cheapest]
    if not used_up:
        return (
            f"{count(rows, 'row')} over budget: the next call could cost more than is left for it; "
            "raise the limit and run the same command again"
        )
    ways = []
    for each in used_up:
        over = free_at(each.scope)
        later = "" if over is None else f", or wait until {datetime.fromtimestamp(over, UTC):%Y-%m-%d %H:%M} UTC"
        limit = "--budget" if each.scope.startswith("run:") else "that limit"
        ways.append(f"the {cents(each.limit)} {currency} of {named(each.scope)} are used up: raise {limit}{later}")
    return (
        f"{count(rows, 'row')} over budget; {'; '.join(ways)}. Then run the same command again: "
        "what is known is not bought again"
    )
