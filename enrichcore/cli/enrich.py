"""`enrichcore enrich`: a file in, a file out."""

import hashlib
import os
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import click

from enrichcore.cli import exits
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
    store_of,
)
from enrichcore.cli.progress import show_progress
from enrichcore.cli.rows import FORMATS, to_retry, which_rows
from enrichcore.runtime import Runtime

if TYPE_CHECKING:
    from enrichcore.bulk import FileRun, Report
    from enrichcore.cli.budgets import Standing
    from enrichcore.cli.progress import Progress
    from enrichcore.cli.runs import Entry, How
    from enrichcore.engine.core import AsyncEngine
    from enrichcore.engine.enricher import Enricher
    from enrichcore.store import Row

_MANY = 3
"""Reasons that are worth a place in the summary."""


@click.command()
@click.argument("source", metavar="IN")
@click.option("--out", required=True, metavar="OUT", help="File to write; - is standard output.")
@click.option("--concurrency", type=click.IntRange(1, 10_000), default=200, show_default=True, metavar="N")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format, whatever the names say.")
@click.option("--prefix", default="", metavar="TEXT", help="Put this before the names of the result columns.")
@click.option("--refresh", is_flag=True, help="Ask again, whatever is known.")
@click.option("--max-age", metavar="AGE", help="Use no stored answer older than this, such as 30d or 12h.")
@to_retry
@click.option(
    "--when-paced",
    type=click.Choice(["wait", "skip"]),
    default="wait",
    show_default=True,
    help="Wait for a provider that asks to slow down, or skip it for the next one.",
)
@click.option(
    "--when-parked",
    type=click.Choice(["continue", "pause"]),
    default="continue",
    show_default=True,
    help="Go on without a provider that is out of credits, or pause until it has some.",
)
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Ask only this one (repeatable).")
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Let the workers of this Dask scheduler do it, with their own keys; IN may be a folder or a pattern.",
)
@click.option("--dry-run", is_flag=True, help="Say what it would come to, like `enrichcore plan`; ask nobody.")
@click.option("--yes", is_flag=True, help="Spend without a limit and without a question.")
@show_progress
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
    out: str,
    concurrency: int,
    format_: str | None,
    prefix: str,
    refresh: bool,
    max_age: str | None,
    retry: tuple[str, ...],
    when_paced: str,
    when_parked: str,
    providers: tuple[str, ...],
    budget: str | None,
    record_budget: str | None,
    dask: str | None,
    dry_run: bool,
    yes: bool,
    shown: str | None,
    tenant: str,
    **rows: Any,
) -> None:
    """Find phone numbers for every row of a CSV, JSONL, Parquet or XLSX file.

    Every row of IN is written to OUT once and in order, unchanged, with phone, status, reason, provider, method,
    line_type, cost, cached, found_at and do_not_call added (and record_id, where IN has none). OUT is in the format of
    IN; a Parquet file may be written as .csv too, a workbook is written as CSV or as .parquet. OUT appears when it is
    complete. Run the same command again to continue: what is known is never asked twice.

    Columns are found by name: first_name, last_name (or full_name), company, domain, email, linkedin_id, record_id,
    country, phone and their usual spellings. Rows that have a phone already are not looked up. IN may be - for
    standard input.

    IN and OUT may be URLs, such as s3://bucket/contacts.csv, where the extra `files` is installed.

    Providers that cost money need a limit: --budget, or one of [budget] in the configuration. Without any the plan is
    shown and you are asked; where nobody can be asked, --yes is needed. What is spent counts for OUT: the same command
    again goes on within what is left of --budget.

    The run waits for providers that are paced or failing, and says so, when nobody else can be asked about a row.

    Exit code 3: done, but some rows are incomplete, for instance because a budget is used up.
    """
    from enrichcore.bulk import FileRun
    from enrichcore.bulk.pulse import Pulse
    from enrichcore.bulk.source import STDIN
    from enrichcore.cli import consent, interrupt, runs
    from enrichcore.cli.budgets import go_on, standings, told
    from enrichcore.cli.plan import Wish, show, view_of
    from enrichcore.cli.progress import Progress, show_cursor
    from enrichcore.cli.render import doubts, summary
    from enrichcore.cli.rows import choice_of, left_out, reading_of
    from enrichcore.model import SkipReason

    options = ctx.ensure_object(Globals)
    options.json_notes = shown == "json"
    limits = limited(options, budget, record_budget)
    output = path_of(out)
    wish = Wish(source, out, format_, providers, limits, tenant, concurrency, refresh, max_age, retry, rows)
    if dry_run:
        show(options, wish)
        return
    began = Runtime.monotonic()
    reading, choice = reading_of(rows, prefix), choice_of(rows)
    if dask is not None:
        from enrichcore.cli.enrich_dask import Order, carry_out

        job = Order(
            source=source,
            out=out,
            address=dask,
            format=format_,  # type: ignore[arg-type]
            reading=reading,
            choice=choice,
            config=options.config,
            tenant=tenant,
            providers=providers,
            budget=budget,
            record_budget=record_budget,
            options={
                "concurrency": concurrency,
                "refresh": refresh,
                "max_age": max_age,
                "retry": retry,
                "when_paced": when_paced,
                "when_parked": when_parked,
            },
        )
        carry_out(ctx, options, job, yes=yes, shown=shown)
        return
    with FileRun(source, out, format=format_, reading=reading, choice=choice) as run:  # type: ignore[arg-type]
        engine = make_engine(options, providers=providers, say_store=True, budget=limits)
        currency = engine.budget.currency
        for line in run.notes:
            note(line)
        pulse = Pulse(total=None, clock=Runtime.monotonic, passed_over=lambda: run.passed_over)
        asks = not yes and bool(payable := consent.payable(engine))
        if asks:
            planner = make_engine(options, providers=providers, budget=limits)  # an engine is opened once
            view = drive(view_of(planner, options, wish, run.table, choice))
            consent.ask(ctx, view, payable, from_stdin=source == STDIN)
            pulse.total = view.seen.rows
        progress = Progress(source, pulse, shown)
        if pulse.total is None and progress.wants_total:
            pulse.total = run.count()
        with progress:

            async def work() -> "_Came":
                async with engine:
                    if not asks:  # else it was said with the plan
                        say_broken(engine, options, providers)
                    say_unavailable(engine)
                    who = engine.for_tenant(tenant)
                    name = await run_name(who, output)
                    pulse.currency = currency
                    for each in await standings(who, engine.budget, name, Runtime.wall()):
                        if each.scope.startswith("run:"):
                            pulse.limit, pulse.before = each.limit, each.spent
                    how = how_of(engine, who, rows, prefix, retry, refresh=refresh)
                    place: dict[str, Any] = {"out": output, "store": store_of(options), "tenant": tenant}
                    for change in runs.changes(runs.known(**place), source, how):
                        note(change)
                    entry = runs.begin(source=source, owner=engine.owner, how=how, **place)
                    async with progress.watching(lambda: states(engine)):
                        report = await run.enrich(
                            who,
                            concurrency=concurrency,
                            refresh=refresh,
                            max_age=max_age,
                            retry=retry,
                            since=None if entry is None else entry.began,
                            when_paced=when_paced,
                            when_parked=when_parked,
                            run_id=name,
                            began=entry.began if entry is not None and entry.continued else None,
                            on_waiting=progress.waiting,
                            on_done=pulse.add,
                        )
                    runs.end(entry, report, currency)
                    standing = await standings(who, engine.budget, name, Runtime.wall())
                    return _Came(
                        report, await who.in_doubt(), stopped_accounts(engine), standing, cheapest(engine), entry
                    )

            def stop() -> bool:
                if run.finished:  # what is left is to close the store, and that must not be cut short
                    return False
                note("stopping: the calls under way are finished and stored (Ctrl-C again leaves at once)")
                return True

            def leave() -> None:
                run.output.discard()
                show_cursor()

            try:
                came = interrupt.run(work(), on_first=stop, on_second=leave)
            except interrupt.Interrupted as end:
                stopped(run, progress)
                ctx.exit(end.code)
    report = came.report
    note("")
    note(summary(report, Runtime.monotonic() - began, currency))
    if (unasked := left_out(report)) is not None:
        note(unasked)
    if choice.sample is not None:
        note(f"a sample: `enrichcore plan {source}` now goes by what it came to")
    for each in came.standing:
        note(told(each, currency))
    if came.in_doubt:
        note("")
        note(doubts(came.in_doubt))
    note(f"\nwrote {run.output.name}")
    if came.entry is not None and runs.mark_of(source) != came.entry.mark:
        note(f"{source} has changed while it was read: run the same command again for what is new in it")
    for line in came.accounts:
        note(line)
    if report.unfinished:
        over = go_on(report, came.standing, currency, came.cheapest)
        if over is not None:
            note(over)
        if report.unfinished > report.incomplete_because[SkipReason.OVER_BUDGET]:
            note(continue_with(report))
        ctx.exit(exits.INCOMPLETE)


@attrs.frozen
class _Came:
    """What a run came to."""

    report: "Report"
    in_doubt: "list[Row]"
    accounts: list[str]
    standing: "list[Standing]"
    cheapest: Decimal
    entry: "Entry | None"


def path_of(out: str | None) -> str | None:
    """Where an output will be, the same from every folder; None for a pipe."""
    from enrichcore.bulk import remote
    from enrichcore.bulk.output import STDOUT

    if out is None or out == STDOUT:
        return None
    return out if remote.is_remote(out) else os.path.realpath(remote.local(out))


async def run_name(who: "Enricher", path: str | None) -> str:
    """What the spending on an output counts in: the same for every run that writes it, another one for each pipe."""
    return who.run_id if path is None else await who.run_of(path)


def how_of(
    engine: "AsyncEngine",
    who: "Enricher",
    rows: Mapping[str, Any],
    prefix: str,
    retry: tuple[str, ...],
    *,
    refresh: bool,
) -> "How":
    """What decides whom a run asks, to be compared with the run before."""
    from enrichcore.cli.runs import How
    from enrichcore.engine.plan import policy_mark

    def mark(value: object) -> str:
        return hashlib.sha256(repr(value).encode()).hexdigest()[:16]

    again = sorted({*retry, *(("everything",) if refresh else ())} - {"incomplete"})
    return How(
        policy=mark(policy_mark(who.acceptance)),
        providers=tuple(sorted({step.name for step in engine.plan.steps if step.member.skip is None})),
        rows=mark((sorted(rows.items()), prefix)),
        again=" ".join(again),
    )


def states(engine: "AsyncEngine") -> dict[str, str]:
    """In which state each provider is that takes part and can be asked."""
    return {name: channel.health.state.value for name, channel in engine.channels.items()}


def cheapest(engine: "AsyncEngine") -> Decimal:
    """What the cheapest paid call may cost at most."""
    worst = [step.member.worst for step in engine.plan.steps if step.paid and step.member.skip is None]
    return min((each for each in worst if each is not None), default=Decimal(0))


def say_unavailable(engine: "AsyncEngine") -> None:
    """Name every provider that takes part but cannot be asked, and refuse to start when that is all of them.

    Raises:
        ConfigError: nobody can be asked, so every row would come out empty.
    """
    from enrichcore.cli.lookup import nobody
    from enrichcore.errors import ConfigError

    members = engine.plan.members
    if not any(step.member.skip is None for step in engine.plan.steps):
        raise ConfigError(nobody(members))
    for member in members.values():
        if member.skip is not None:
            note(f"{member.name} is not asked: {member.detail or member.skip}")


def stopped_accounts(engine: "AsyncEngine") -> list[str]:
    """A sentence for each provider that ran out of credits, refused its key or hung, with what brings it back."""
    from enrichcore.engine.breaker import State

    lines = []
    for name, channel in engine.channels.items():
        health = channel.health
        if health.state in (State.PARKED, State.SUSPENDED):
            advice = f"mend its account, then `enrichcore providers resume {name}`"
            if health.reason == "plugin_fault":
                advice = "its code ignored its timeout and was not asked again in this run; fix or uninstall the plugin"
            lines.append(f"{name} is {health.state.value} ({health.reason}): {advice}")
    return lines


def stopped(run: "FileRun", progress: "Progress") -> None:
    """Say how to go on after an interruption."""
    progress.stop()
    from enrichcore.cli.render import count

    done = f"{count(run.report.rows, 'row')} done; " if run.report.rows else ""
    note(
        f"stopped. {done}every answer is in the store and {run.output.name} was not touched. "
        "Run the same command again to continue: nothing is asked twice"
    )


def continue_with(report: "Report") -> str:
    """What is incomplete, and when the same command can finish it."""
    from enrichcore.cli.render import count

    reasons = ", ".join(f"{reason} {count:,}" for reason, count in report.incomplete_because.most_common(_MANY))
    when = f" after {report.retry_at:%Y-%m-%d %H:%M:%S} UTC" if report.retry_at is not None else ""
    return f"{count(report.unfinished, 'row')} incomplete ({reasons}): run the same command again{when} to continue"
