"""`enrichcore suppress`: who must not be looked up, nor given as an answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from enrichcore.cli import exits
from enrichcore.cli.options import Globals, common, drive, for_tenant, make_reader, note

if TYPE_CHECKING:
    from enrichcore.bulk.suppression_csv import ImportReport
    from enrichcore.engine.suppression import Entry

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: Final = {
    "phone": ("--phone", "One number, with its country code."),
    "email": ("--email", "One mailbox, in every spelling."),
    "linkedin_id": ("--linkedin", "One profile: slug or URL."),
    "domain": ("--domain", "Everybody at a domain and below it."),
}


@click.group(short_help="Say who must never be looked up.")
@common
def command() -> None:
    """Keep the suppression list: who must never be looked up, nor given as an answer.

    The list is asked before anything is spent, of every answer and of everything stored. It holds keyed hashes and
    nothing else, and it survives `enrichcore forget`.
    """


def _entries(function: F) -> F:
    """Add the options that name entries; each may be repeated."""
    function = click.option("--at", "places", multiple=True, metavar="DOMAIN", help="Where the people of --name work.")(
        function
    )
    function = click.option(
        "--name", "names", multiple=True, metavar="NAME", help="One person by the whole name, together with --at."
    )(function)
    for kind, (option, said) in reversed(_OPTIONS.items()):
        function = click.option(option, kind, multiple=True, metavar="TEXT", help=f"{said} Repeatable.")(function)
    return function


def _read(
    ctx: click.Context, names: tuple[str, ...], places: tuple[str, ...], values: dict[str, tuple[str, ...]]
) -> "list[Entry]":
    from enrichcore.engine.suppression import Entry

    if bool(names) != bool(places):
        raise click.UsageError("--name and --at belong together: a name alone is many people's", ctx)
    entries = [Entry(kind, value) for kind, given in values.items() for value in given]
    entries += [Entry.named(name, place) for name in names for place in places]
    if not entries:
        raise click.UsageError("say whom, such as --email ada@engines.example", ctx)
    return entries


@command.command(short_help="Put people, companies or numbers on the list.")
@_entries
@for_tenant
@common
@click.pass_context
def add(
    ctx: click.Context, /, *, tenant: str, names: tuple[str, ...], places: tuple[str, ...], **values: tuple[str, ...]
) -> None:
    """Put people, companies or numbers on the list; each value is read before any is listed.

    What is typed here stays in the shell's history; `enrichcore suppress import -` reads standard input.
    """
    entries = _read(ctx, names, places, values)

    async def work() -> int:
        async with make_reader(ctx.ensure_object(Globals)) as engine:
            return await engine.for_tenant(tenant).suppress(entries)

    new = drive(work())
    click.echo(f"{_counted(new)} added to the suppression list" if new else "listed before; nothing to do")


@command.command(short_help="Take people, companies or numbers off the list.")
@_entries
@for_tenant
@common
@click.pass_context
def remove(
    ctx: click.Context, /, *, tenant: str, names: tuple[str, ...], places: tuple[str, ...], **values: tuple[str, ...]
) -> None:
    """Take people, companies or numbers off the list, as they were put on it."""
    entries = _read(ctx, names, places, values)

    async def work() -> int:
        async with make_reader(ctx.ensure_object(Globals)) as engine:
            return await engine.for_tenant(tenant).unsuppress(entries)

    gone = drive(work())
    click.echo(f"{_counted(gone)} taken off the suppression list" if gone else "not listed; nothing to do")


def _counted(entries: int) -> str:
    return f"{entries:,} {'entry' if entries == 1 else 'entries'}"


@command.command("import", short_help="Put everybody in a CSV file on the list.")
@click.argument("file", metavar="FILE")
@for_tenant
@common
@click.pass_context
def import_(ctx: click.Context, file: str, *, tenant: str) -> None:
    """Put everybody in a CSV file on the list; - is standard input.

    Columns are found by name: email, phone, linkedin, domain, or first_name + last_name + domain. Every email, phone
    number and profile of a row is listed. A domain that is alone in its row lists everybody at it.

    Exit code 1: some rows are broken, by line; all the others are listed.
    """
    from enrichcore.bulk.source import Source
    from enrichcore.bulk.suppression_csv import SuppressionFile
    from enrichcore.engine.suppression_index import SuppressionIndex

    async def work(table: SuppressionFile) -> "ImportReport":
        async with make_reader(ctx.ensure_object(Globals)) as engine:
            who = engine.for_tenant(tenant)
            inside = await who._ready()  # noqa: SLF001 - the file is read under the tenant's own key
            known = SuppressionIndex()
            known.load(await inside.store.suppressed(inside.name))
            for batch in table.batches(inside.keyer, known):
                await inside.store.suppress(inside.name, batch, inside.runner.wall())
            return table.report

    with Source.open(file) as source:
        report = drive(work(SuppressionFile(source)))
    for sentence in report.sentences():
        note(sentence)
    if report.broken:
        ctx.exit(exits.FAILED)


@command.command("list", short_help="Count what is on the list.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@for_tenant
@common
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool, tenant: str) -> None:
    """Count what is on the list, by kind. Who is on it cannot be shown: only keyed hashes are kept."""
    import json

    from enrichcore.cli.render import table
    from enrichcore.engine.suppression import Kind

    async def work() -> dict[str, int]:
        async with make_reader(ctx.ensure_object(Globals)) as engine:
            return await engine.for_tenant(tenant).suppression()

    listed = drive(work())
    counts = {kind.value: listed.get(kind.value, 0) for kind in Kind}
    if as_json:
        click.echo(json.dumps(counts, indent=2))
        return
    click.echo(table(("kind", "entries"), [(kind.replace("_", " "), f"{n:,}") for kind, n in counts.items()]))
    click.echo(
        "\nThe list holds keyed hashes: it can neither be shown nor be used with another secret. "
        "Keep the file that it was made from, if you may"
    )
