"""`enrichcore demo`: a made-up customer list through two providers that need neither network nor key."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from enrichcore.cli.options import Globals, common
from enrichcore.runtime import Runtime

if TYPE_CHECKING:
    from enrichcore.bulk import Report
    from enrichcore.bulk.csv_table import CsvTable
    from enrichcore.model import PhoneResult

PROVIDERS: Final = ("directory", "echo")
_SHOWN: Final = 20


@click.command(short_help="Enrich a made-up customer list: no key, no network.")
@common
@click.pass_context
def command(ctx: click.Context) -> None:
    """Enrich a made-up customer list: offline, without a key, in a second.

    A customer file (provider `directory`) is asked first, then `echo`, which invents answers from the question.
    All people are invented and all numbers are reserved for fiction.
    """
    from enrichcore.bulk.csv_table import CsvTable
    from enrichcore.bulk.source import Source
    from enrichcore.cli.logs import configure
    from enrichcore.cli.render import story, summary

    configure(ctx.ensure_object(Globals).log_level)
    _need_providers()
    with examples() as folder, Source.open(str(folder / "contacts.csv")) as source:
        contacts = CsvTable(source)
        began = Runtime.monotonic()
        shown, told, report = asyncio.run(_run(contacts, folder / "crm.csv"))
        seconds = Runtime.monotonic() - began
    click.echo(results_table(shown))
    if report.rows > len(shown):
        click.echo(f"… and {report.rows - len(shown):,} more")
    if told is not None:
        click.echo("\nHow one of them was found, when the first method was not enough:\n")
        click.echo(story(told, "USD"))
    click.echo("\n" + summary(report, seconds, "USD"))
    click.echo(
        "\nEverything above is invented. Next: `enrichcore init`, then `enrichcore enrich contacts.csv --out out.csv`"
    )


@contextmanager
def examples() -> Iterator[Path]:
    """The folder with contacts.csv and crm.csv: from the installed package, else from a checkout.

    Raises:
        EnrichcoreError: this installation has neither.
    """
    from importlib.resources import as_file, files

    from enrichcore.errors import EnrichcoreError

    packaged = files("enrichcore") / "examples"
    if (packaged / "contacts.csv").is_file():
        with as_file(packaged) as folder:
            yield folder
        return
    checkout = Path(__file__).resolve().parents[2] / "docs" / "examples"
    if not (checkout / "contacts.csv").is_file():
        raise EnrichcoreError("the demo's data is missing from this installation; install enrichcore again")
    yield checkout


def _need_providers() -> None:
    from importlib.metadata import entry_points

    from enrichcore.errors import EnrichcoreError

    installed = {entry.name for entry in entry_points(group="enrichcore")}
    missing = [name for name in PROVIDERS if name not in installed]
    if missing:
        raise EnrichcoreError(
            f"the demo needs {' and '.join(f'enrichcore-{name}' for name in missing)}: pip install 'enrichcore[demo]'"
        )


async def _run(contacts: "CsvTable", crm: Path) -> "tuple[list[PhoneResult], PhoneResult | None, Report]":
    from enrichcore.bulk.report import Report
    from enrichcore.engine.core import AsyncEngine
    from enrichcore.model import Acceptance

    report = Report()
    shown: list[PhoneResult] = []
    told: PhoneResult | None = None
    async with AsyncEngine(
        providers=PROVIDERS,
        settings={"directory": {"path": str(crm)}},
        acceptance=Acceptance(allow_fictional=True),
        store="memory",
        env={},
    ) as engine:
        async for result in engine.enrich_phones((row.contact for row in contacts.rows()), ordered=True):
            report.add(result)
            if len(shown) < _SHOWN:
                shown.append(result)
            if told is None and result.found and len(methods_asked(result)) > 1:
                told = result
    return shown, told, report


def methods_asked(result: "PhoneResult") -> set[str]:
    """The methods by which somebody was really asked."""
    return {attempt.method.value for attempt in result.attempts if attempt.outcome.value != "skipped"}


def results_table(results: "list[PhoneResult]") -> str:
    """One line for each result."""
    from enrichcore.cli.render import table

    return table(
        ("record", "name", "company", "status", "phone", "provider", "method", "reason"),
        [
            (
                result.record_id,
                f"{result.first_name or ''} {result.last_name or ''}".strip()
                or result.email
                or result.linkedin_id
                or "",
                result.company or "",
                result.status.value.replace("_", " "),
                result.phone or "",
                result.provider or "",
                result.method.value if result.method else "",
                result.reason or "",
            )
            for result in results
        ],
    )
