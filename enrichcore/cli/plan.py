"""`enrichcore plan`: what a file would cost and how long it would take, before anybody is asked."""

import asyncio
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import click

from enrichcore.cli.options import (
    Globals,
    budget_limits,
    common,
    drive,
    for_tenant,
    limited,
    make_engine,
    note,
    say_broken,
)
from enrichcore.cli.rows import FORMATS, to_retry, which_rows
from enrichcore.runtime import Runtime

if TYPE_CHECKING:
    from enrichcore.bulk import Choice
    from enrichcore.bulk.forecast import Forecast, Limit, Seen
    from enrichcore.bulk.table import Table
    from enrichcore.cli.budgets import Standing
    from enrichcore.cli.providers_doctor import Probe
    from enrichcore.engine.core import AsyncEngine
    from enrichcore.engine.foresight import Foresight
    from enrichcore.model import Budget


@attrs.frozen
class Wish:
    """What a run is asked for: the options of `enrich` as far as they change what it costs."""

    source: str
    out: str | None
    format: str | None
    providers: tuple[str, ...]
    budget: "Budget | None"
    tenant: str
    concurrency: int
    refresh: bool
    max_age: str | None
    retry: tuple[str, ...]
    rows: Mapping[str, Any]


@click.command(short_help="Say what a file would cost, before anybody is asked.")
@click.argument("source", metavar="IN")
@click.option("--out", metavar="OUT", help="The output of the run, to count what it has spent already.")
@click.option("--concurrency", type=click.IntRange(1, 10_000), default=200, show_default=True, metavar="N")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format, whatever the names say.")
@click.option("--refresh", is_flag=True, help="As if everything were asked again.")
@click.option("--max-age", metavar="AGE", help="As if stored answers older than this did not count, such as 30d.")
@to_retry
@click.option(
    "--provider", "providers", multiple=True, metavar="NAME", help="As if only this one took part (repeatable)."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@which_rows
@budget_limits
@for_tenant
@common
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    source: str,
    out: str | None,
    concurrency: int,
    format_: str | None,
    refresh: bool,
    max_age: str | None,
    retry: tuple[str, ...],
    providers: tuple[str, ...],
    as_json: bool,
    budget: str | None,
    record_budget: str | None,
    tenant: str,
    **rows: Any,
) -> None:
    """Say what `enrich` would do with IN: which rows are known, who would be asked, the cost, the time.

    No lookup is made. Vendors are asked for the balance, where that is free. The expected cost follows from the
    journal's own rates where a provider has given 30 answers or more in the last 90 days; else it reaches from nothing
    to the worst case. More than the ceiling is never spent.
    """
    options = ctx.ensure_object(Globals)
    limits = limited(options, budget, record_budget)
    wish = Wish(source, out, format_, providers, limits, tenant, concurrency, refresh, max_age, retry, rows)
    show(options, wish, as_json=as_json)


def show(options: Globals, wish: Wish, *, as_json: bool = False) -> None:
    """Print the plan of a run."""
    from enrichcore.bulk.source import Source
    from enrichcore.bulk.tables import open_table
    from enrichcore.cli.plan_text import as_dict, lines
    from enrichcore.cli.rows import choice_of, reading_of

    with Source.open(wish.source) as source:
        choice = choice_of(wish.rows)
        table = open_table(source, wish.format, reading_of(wish.rows))  # type: ignore[arg-type]
        choice.check(source.name, table.names)
        engine = make_engine(options, providers=wish.providers, say_store=True, budget=wish.budget)
        for line in [*source.notes, *table.notes]:
            note(line)
        view = drive(view_of(engine, options, wish, table, choice))
    if as_json:
        click.echo(json.dumps(as_dict(view), indent=2))
        return
    for line in lines(view):
        click.echo(line)


@attrs.frozen
class View:
    """Everything that a plan shows."""

    name: str
    seen: "Seen"
    forecast: "Forecast"
    standing: "list[Standing]"
    probes: "dict[str, Probe]"
    prices: dict[str, str]
    currency: str
    record_limit: Decimal | None


async def view_of(engine: "AsyncEngine", options: Globals, wish: Wish, table: "Table", choice: "Choice") -> View:
    """What a run would do with a table; the engine is opened for it, and closed."""
    from enrichcore.bulk.forecast import forecast
    from enrichcore.bulk.plan import look, shares
    from enrichcore.cli.budgets import standings
    from enrichcore.cli.enrich import path_of, run_name
    from enrichcore.cli.providers_list import price
    from enrichcore.engine.foresight import Foresight

    async with engine:
        say_broken(engine, options, wish.providers)
        who = engine.for_tenant(wish.tenant)
        run = await run_name(who, path_of(wish.out))
        now = Runtime.wall()
        foresight = await Foresight.of(who, max_age=wish.max_age, refresh=wish.refresh, retry=wish.retry)
        seen = await look(foresight, table.rows(), choice.gate(table.rows))
        record = engine.budget.record
        made = forecast(
            seen,
            engine.plan,
            await shares(who, now),
            record_limit=record,
            concurrency=wish.concurrency,
            limits=await _limits(foresight),
        )
        standing = await standings(who, engine.budget, run, now)
        probes = await _probes(engine)
        prices = {name: price(member.price) for name, member in engine.plan.members.items()}
        return View(wish.source, seen, made, standing, probes, prices, engine.budget.currency, record)


async def _limits(foresight: "Foresight") -> "dict[str, list[Limit]]":
    from enrichcore.bulk.forecast import Limit

    made = await foresight.calls_made()
    return {
        name: [Limit(text, rate.calls, rate.seconds, used) for text, rate, used in rates]
        for name, rates in made.items()
    }


async def _probes(engine: "AsyncEngine") -> "dict[str, Probe]":
    """What a free question to each vendor says, all asked at once."""
    from enrichcore.cli.providers_doctor import Probe, probe

    members = engine.plan.members.values()
    channels = {m.name: engine.channels[m.name] for m in members if m.skip is None and m.name in engine.channels}
    found = dict(zip(channels, await asyncio.gather(*map(probe, channels.values())), strict=True))
    lacking = {m.name: Probe(fine=False, text=m.detail or str(m.skip)) for m in members if m.name not in found}
    return found | lacking
