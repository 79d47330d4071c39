"""`enrichcore runs`: the runs of this machine, and what another run of the same command would continue."""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from enrichcore.cli.options import Globals, common, store_of

if TYPE_CHECKING:
    from enrichcore.bulk import Report

_NAMELESS: Final = 32
"""Characters of a file's name: nothing of a path is in it."""


@attrs.frozen(kw_only=True)
class Entry:
    """What is written down about a run: no row of it, nobody's name.

    `mark` is the input as it was: another one makes another run. `began` is when the first command began, `ended` when
    the last one was through, in wall seconds.
    """

    run: str
    source: str
    out: str
    store: str
    mark: str
    began: float
    touched: float
    ended: float | None = None
    rows: int = 0
    found: int = 0
    unfinished: int = 0
    cost: str = "0"
    currency: str = ""

    @property
    def continued(self) -> bool:
        """Whether another command began it."""
        return self.touched > self.began


def folder() -> Path:
    """Where the entries are: one small file for each output."""
    import platformdirs

    return platformdirs.user_data_path("enrichcore", appauthor=False) / "runs"


def mark_of(source: str) -> str | None:
    """The input as it is: its place, size and time of change; None for a pipe."""
    try:
        path = os.path.realpath(source)
        state = os.stat(path)  # noqa: PTH116 - of the path that was just resolved
    except OSError:
        return None
    return hashlib.sha256(f"{path}\0{state.st_size}\0{state.st_mtime_ns}".encode()).hexdigest()


def begin(*, source: str, out: str | None, store: str, tenant: str) -> Entry | None:
    """Write down that a run begins, or goes on when the same input goes to the same output; None for a pipe."""
    mark = mark_of(source)
    if mark is None or out is None or store == "memory":
        return None
    from enrichcore.cli.render import clean

    now = time.time()
    run = hashlib.sha256(f"{store}\0{tenant}\0{out}".encode()).hexdigest()[:_NAMELESS]
    known = read(run)
    if known is not None and known.mark == mark:
        entry = attrs.evolve(known, touched=now, ended=None)
    else:
        shown = store if "://" in store and store.startswith("sqlite") else store.split("://", 1)[0]
        entry = Entry(run=run, source=clean(source), out=clean(out), store=shown, mark=mark, began=now, touched=now)
    write(entry)
    return entry


def end(entry: Entry | None, report: "Report", currency: str) -> None:
    """Write down what a run came to."""
    if entry is None:
        return
    now = time.time()
    write(
        attrs.evolve(
            entry,
            touched=now,
            ended=now,
            rows=report.rows,
            found=report.found,
            unfinished=report.unfinished,
            cost=format(report.cost, "f"),
            currency=currency,
        )
    )


def read(run: str) -> Entry | None:
    """The entry of a run; None where there is none that can be read."""
    try:
        values: Mapping[str, Any] = json.loads((folder() / f"{run}.json").read_text("utf-8"))
        return Entry(**values)
    except (OSError, ValueError, TypeError):
        return None


def write(entry: Entry) -> None:
    """Write an entry, whole or not at all; where that is not possible the run goes on without."""
    place = folder()
    target = place / f"{entry.run}.json"
    part = place / f".{entry.run}.{os.getpid()}.part"
    with contextlib.suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_text(json.dumps(attrs.asdict(entry)), "utf-8")
        part.replace(target)


def entries() -> list[Entry]:
    """Every run, the latest first."""
    found = [read(path.stem) for path in folder().glob("*.json")]
    return sorted((entry for entry in found if entry is not None), key=lambda entry: -entry.touched)


@click.command(short_help="List the runs of this machine.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common
@click.pass_context
def command(ctx: click.Context, /, *, as_json: bool) -> None:
    """List what was enriched from this machine into this store, the latest first.

    A run is one input and one output. The same command again continues it; when the input has changed, another run
    begins. What is listed is kept in the user's data folder: names of files and sums, and nothing of the rows.
    """
    from datetime import UTC, datetime

    from enrichcore.cli.render import table

    store = store_of(ctx.ensure_object(Globals))
    mine = [entry for entry in entries() if entry.store in (store, store.split("://", 1)[0])]
    if as_json:
        click.echo(json.dumps([attrs.asdict(entry) for entry in mine], indent=2))
        return
    if not mine:
        click.echo("no run yet: `enrichcore enrich IN --out OUT` makes one")
        return
    rows = [
        (
            f"{datetime.fromtimestamp(entry.began, UTC):%Y-%m-%d %H:%M}",
            state(entry),
            f"{entry.rows:,}" if entry.rows else "",
            f"{entry.found:,}" if entry.rows else "",
            f"{entry.cost} {entry.currency}" if entry.rows else "",
            entry.source,
            entry.out,
        )
        for entry in mine
    ]
    click.echo(table(("began (UTC)", "state", "rows", "found", "cost of the last pass", "input", "output"), rows))


def state(entry: Entry) -> str:
    """How far a run is, in words."""
    if entry.ended is None:
        return "not finished"
    if entry.unfinished:
        return f"{entry.unfinished:,} incomplete"
    return "done" if mark_of(entry.source) in (entry.mark, None) else "input changed"
