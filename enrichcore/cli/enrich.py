"""`enrichcore enrich`: a file in, a file out."""

import time
from typing import TYPE_CHECKING

import click

from enrichcore.cli import exits
from enrichcore.cli.options import Globals, common, is_terminal, load, make_engine, note, say_broken

if TYPE_CHECKING:
    from enrichcore.bulk import FileRun, Report
    from enrichcore.cli.progress import Bar
    from enrichcore.engine.core import AsyncEngine
    from enrichcore.store import Row

_MANY = 3
"""Reasons that are worth a place in the summary."""


@click.command()
@click.argument("source", metavar="IN")
@click.option("--out", required=True, metavar="OUT", help="File to write, in the format of IN; - is standard output.")
@click.option("--concurrency", type=click.IntRange(1, 10_000), default=200, show_default=True, metavar="N")
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), help="Format, whatever the names say.")
@click.option("--prefix", default="", metavar="TEXT", help="Put this before the names of the result columns.")
@click.option("--refresh", is_flag=True, help="Ask again, whatever is known.")
@click.option("--max-age", metavar="AGE", help="Use no stored answer older than this, such as 30d or 12h.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Ask only this one (repeatable).")
@click.option("--yes", is_flag=True, help="Ask no questions.")
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
    providers: tuple[str, ...],
    yes: bool,  # noqa: ARG001 - there is no question yet that it could answer
) -> None:
    """Find phone numbers for every row of a CSV or JSONL file.

    Every row of IN is written to OUT once and in order, unchanged, with status, phone, provider, method and reason
    added (and record_id, where IN has none). OUT appears when it is complete. Run the same command again to continue:
    what is known is never asked twice.

    Columns are found by name: first_name, last_name, company, domain, email, linkedin_id, record_id, country and
    their usual spellings. IN may be - for standard input.

    Exit code 3: done, but some rows are incomplete.
    """
    from enrichcore.bulk import FileRun
    from enrichcore.cli import interrupt
    from enrichcore.cli.progress import Bar, show_cursor
    from enrichcore.cli.render import doubts, summary

    options = ctx.ensure_object(Globals)
    began = time.monotonic()
    with FileRun(source, out, format=format_, prefix=prefix) as run:  # type: ignore[arg-type]
        currency = load(options).currency
        engine = make_engine(options, providers=providers, say_store=True)
        for line in run.notes:
            note(line)
        with Bar(source, run.count() if is_terminal() else None) as bar:

            async def work() -> "tuple[Report, list[Row], list[str]]":
                async with engine:
                    say_broken(engine, options, providers)
                    say_unavailable(engine)
                    report = await run.enrich(
                        engine,
                        concurrency=concurrency,
                        refresh=refresh,
                        max_age=max_age,
                        on_result=bar.row,
                        on_waiting=bar.waiting,
                    )
                    return report, await engine.in_doubt(), stopped_accounts(engine)

            def stop() -> bool:
                if run.finished:  # what is left is to close the store, and that must not be cut short
                    return False
                note("stopping: the calls under way are finished and stored (Ctrl-C again leaves at once)")
                return True

            def leave() -> None:
                run.output.discard()
                show_cursor()

            try:
                report, in_doubt, accounts = interrupt.run(work(), on_first=stop, on_second=leave)
            except interrupt.Interrupted as end:
                _stopped(run, bar)
                ctx.exit(end.code)
    note("")
    note(summary(report, time.monotonic() - began, currency))
    if in_doubt:
        note("")
        note(doubts(in_doubt))
    note(f"\nwrote {run.output.name}")
    for line in accounts:
        note(line)
    if report.unfinished:
        note(_continue(report))
        ctx.exit(exits.INCOMPLETE)


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


def _stopped(run: "FileRun", bar: "Bar") -> None:
    bar.stop()
    from enrichcore.cli.render import count

    done = f"{count(run.report.rows, 'row')} done; " if run.report.rows else ""
    note(
        f"stopped. {done}every answer is in the store and {run.output.name} was not touched. "
        "Run the same command again to continue: nothing is asked twice"
    )


def _continue(report: "Report") -> str:
    from enrichcore.cli.render import count

    reasons = ", ".join(f"{reason} {count:,}" for reason, count in report.incomplete_because.most_common(_MANY))
    when = f" after {report.retry_at:%Y-%m-%d %H:%M:%S} UTC" if report.retry_at is not None else ""
    return f"{count(report.unfinished, 'row')} incomplete ({reasons}): run the same command again{when} to continue"
