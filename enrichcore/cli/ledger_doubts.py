"""The attempts in doubt, with what they may have cost and what will become of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from enrichcore.cli.ledger_sums import cost_of
from enrichcore.cli.render import duration, money, table
from enrichcore.engine.budgets import worst_case
from enrichcore.engine.channel import Channel
from enrichcore.engine.story import IN_DOUBT_FOR
from enrichcore.model.money import amount

if TYPE_CHECKING:
    from enrichcore.config import Config
    from enrichcore.plugins import Provider
    from enrichcore.plugins.registry import Registry
    from enrichcore.store import Row


def doubts_table(rows: "Sequence[Row]", config: "Config", registry: "Registry", wall: float) -> str:
    """One line for each: what it may have cost, how old it is, and what the next run does about it."""
    lines = []
    for row in rows:
        plugin = registry.plugins.get(row.provider)
        provider = None if plugin is None else plugin.provider
        lines.append(
            (
                f"{row.id:016x}",
                row.provider,
                row.method,
                f"{datetime.fromtimestamp(row.started_at, UTC):%Y-%m-%d %H:%M:%S}",
                duration(max(wall - row.started_at, 0)),
                money(_amount(row, config, provider), config.currency),
                becomes(row, provider, wall),
            )
        )
    return table(("attempt", "provider", "method", "started (UTC)", "age", "at most", "what happens"), lines)


def _amount(row: "Row", config: "Config", provider: "Provider | None") -> Decimal | None:
    """What an attempt may have cost: what is charged or reserved for it, else the worst case of its provider."""
    if row.charged or row.reserved:
        return amount(row.charged or row.reserved)
    if row.settled_at is not None and row.credits:
        return cost_of(row)
    if provider is None:
        return None
    settings = config.for_provider(row.provider)
    price = provider.price if settings.price is None else attrs.evolve(provider.price, credits=settings.price)
    return worst_case(price, settings.credit_price)


def becomes(row: "Row", provider: "Provider | None", wall: float) -> str:
    """What the next run that asks the same does about an attempt in doubt."""
    if row.outcome is None and row.job is not None:
        return "polled: the vendor's job is asked for the answer that was paid for"
    if provider is not None and provider.price.repeats_free_days > 0:
        return "asked again: this vendor makes repeats free"
    since = row.settled_at or row.started_at
    if wall - since < IN_DOUBT_FOR:
        return f"held until {_day(since + IN_DOUBT_FOR)} UTC, then unresolved"
    miss_lifetime = IN_DOUBT_FOR if provider is None else Channel.lifetimes(provider)[1]
    until = since + max(miss_lifetime, IN_DOUBT_FOR)
    return f"unresolved: not asked again before {_day(until)} UTC" if wall < until else "unresolved: may be asked again"


def _day(wall: float) -> str:
    return f"{datetime.fromtimestamp(wall, UTC):%Y-%m-%d %H:%M}"
