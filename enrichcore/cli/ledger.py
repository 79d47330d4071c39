"""`enrichcore ledger`: what was spent, attempt by attempt, and what is still in doubt."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import click

from enrichcore.cli.options import Globals, common, confirmed, drive, for_tenant, load, make_reader, note
from enrichcore.runtime import Runtime

if TYPE_CHECKING:
    from enrichcore.store import Row

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DECEMBER: Final = 12
_WORDS: Final = ("billed", "not-billed")


def _moment(*, end: bool) -> Callable[[click.Context, click.Parameter, str | None], float | None]:
    """Reads a month, a day or a moment in UTC as wall seconds: its beginning, or with `end` the end of it."""

    def read(ctx: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
        if text is None:
            return None
        try:
            return _time(text.strip(), end=end).timestamp()
        except (ValueError, OverflowError):
            raise click.BadParameter(
                f"expected a date such as 2026-11-01, 2026-11 or 2026-11-01T09:30, got {text!r}", ctx, parameter
            ) from None

    return read


def _time(text: str, *, end: bool) -> datetime:
    if month := _MONTH.fullmatch(text):
        year, number = int(month[1]), int(month[2])
        start = datetime(year, number, 1, tzinfo=UTC)
        return start.replace(year=year + number // _DECEMBER, month=number % _DECEMBER + 1) if end else start
    read = datetime.fromisoformat(text)
    moment = read if read.tzinfo is not None else read.replace(tzinfo=UTC)
    return moment + timedelta(days=1) if end and _DAY.fullmatch(text) else moment


@click.command(short_help="Show what was spent, and what is in doubt.")
@click.option("--since", callback=_moment(end=False), metavar="DATE", help="From 2026-11-01 or 2026-11 on, in UTC.")
@click.option("--until", callback=_moment(end=True), metavar="DATE", help="Up to the end of that day or month, in UTC.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Only this one (repeatable).")
@click.option("--csv", "csv_to", metavar="FILE", help="Write every attempt as a line of CSV; - is standard output.")
@click.option("--json", "as_json", is_flag=True, help="Print every attempt as a line of JSON.")
@click.option("--in-doubt", is_flag=True, help="List the attempts of which nobody knows whether they were billed.")
@click.option(
    "--settle",
    type=(str, click.Choice(_WORDS)),
    metavar="ATTEMPT billed|not-billed",
    help="Say what the vendor's invoice says of an attempt in doubt.",
)
@click.option("--all-tenants", is_flag=True, help="Of everybody in the store, not of one tenant.")
@click.option("--yes", is_flag=True, help="Ask no questions.")
@for_tenant
@common
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    since: float | None,
    until: float | None,
    providers: tuple[str, ...],
    csv_to: str | None,
    as_json: bool,
    in_doubt: bool,
    settle: tuple[str, str] | None,
    all_tenants: bool,
    yes: bool,
    tenant: str,
) -> None:
    """Show what was asked and spent, by month and provider, and the sum.

    The lines that --csv and --json export hold ids, times and amounts, and nothing personal. What is in doubt counts
    as spent until somebody knows better. The sums equal those of the budgets to the last digit; `enrichcore store
    check` says if they do not.
    """
    options = ctx.ensure_object(Globals)
    if sum(map(bool, (csv_to, as_json, in_doubt, settle))) > 1:
        raise click.UsageError("--csv, --json, --in-doubt and --settle exclude each other", ctx)
    if settle is not None:
        _settle(ctx, options, tenant, _attempt(ctx, settle[0]), billed=settle[1] == _WORDS[0], yes=yes)
    elif in_doubt:
        _list_doubts(options, tenant, providers)
    else:
        window = (since or 0.0, float("inf") if until is None else until)
        _show(options, tenant, window, providers, csv_to, as_json=as_json, all_tenants=all_tenants)


def _show(
    options: Globals,
    tenant: str,
    window: tuple[float, float],
    providers: tuple[str, ...],
    csv_to: str | None,
    *,
    as_json: bool,
    all_tenants: bool,
) -> None:
    import contextlib

    from enrichcore.bulk.output import STDOUT, Output
    from enrichcore.cli.budgets import standings, told
    from enrichcore.cli.ledger_sums import Sums, as_csv, as_json_line, csv_head, footnotes, sums_table

    config = load(options)
    sums = Sums()
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(Output(csv_to or STDOUT)) if csv_to or as_json else None
        line = as_json_line if as_json else as_csv

        async def read() -> list[str]:
            async with make_reader(options) as engine:
                who = engine.for_tenant(tenant)
                if out is not None and not as_json:
                    out.write(csv_head())
                async for row in who.ledger(since=window[0], until=window[1], everyone=all_tenants):
                    if providers and row.provider not in providers:
                        continue
                    sums.add(row)
                    if out is not None:
                        out.write(line(row, config.currency))
                stand = await standings(who, config.budget, None, Runtime.wall())
                return [told(each, config.currency) for each in stand]

        budgets = drive(read())
        if out is not None:
            out.commit()
    if out is not None and (as_json or csv_to == STDOUT):
        return
    if not sums.lines:
        click.echo("the journal holds no attempts" + (" of that time" if window != (0.0, float("inf")) else ""))
    else:
        click.echo(sums_table(sums, config.currency, tenants=all_tenants))
    for text in [*footnotes(sums, config.currency), *budgets]:
        click.echo(text)
    if out is not None:
        note(f"wrote {out.name}")


def _list_doubts(options: Globals, tenant: str, providers: tuple[str, ...]) -> None:

    from enrichcore.cli.ledger_doubts import doubts_table
    from enrichcore.cli.options import installed

    async def read() -> "list[Row]":
        async with make_reader(options) as engine:
            return await engine.for_tenant(tenant).in_doubt()

    rows = [row for row in drive(read()) if not providers or row.provider in providers]
    if not rows:
        click.echo("nothing is in doubt")
        return
    click.echo(doubts_table(rows, load(options), installed(), Runtime.wall()))
    click.echo(
        "\nCompare with the vendor's invoice, by provider and time. Then say what it says: "
        "`enrichcore ledger --settle ATTEMPT billed` or `not-billed`"
    )


def _attempt(ctx: click.Context, text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        raise click.UsageError(
            f"--settle: expected the id of an attempt as --in-doubt shows it, got {text!r}", ctx
        ) from None


def _settle(ctx: click.Context, options: Globals, tenant: str, attempt: int, *, billed: bool, yes: bool) -> None:

    from enrichcore.cli.ledger_doubts import doubts_table
    from enrichcore.cli.options import installed
    from enrichcore.cli.render import money
    from enrichcore.errors import ConfigError

    config = load(options)

    async def find() -> "Row | None":
        async with make_reader(options) as engine:
            return next((row for row in await engine.for_tenant(tenant).in_doubt() if row.id == attempt), None)

    async def decide() -> "Row":
        async with make_reader(options) as engine:
            return await engine.for_tenant(tenant).decide(attempt, billed=billed)

    row = drive(find())
    if row is None:
        raise ConfigError(f"no attempt {attempt:016x} is in doubt; `enrichcore ledger --in-doubt` lists those")
    if not yes:
        note(doubts_table([row], config, installed(), Runtime.wall()))
        confirmed(ctx, f"Settle it as {'billed' if billed else 'not billed'}, for good?", yes=False)
    settled = drive(decide())
    if billed:
        click.echo(f"settled: {settled.provider} has billed it, {money(settled.cost, config.currency)}")
    else:
        click.echo(
            f"settled: {settled.provider} has not billed it; what it had reserved is free, and it may be asked again"
        )
