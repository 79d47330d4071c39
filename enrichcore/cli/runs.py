"""`enrichcore runs`: the runs of this machine, and what another run of the same command would continue."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from enrichcore.cli.options import Globals, common, store_of
from enrichcore.runtime import Runtime

if TYPE_CHECKING:
    from enrichcore.bulk import Report

_NAMELESS: Final = 32
"""Characters of a file's name: nothing of a path is in it."""


SHORT: Final = 8
"""Characters of it that are shown."""


_SAME_PASS: Final = 86_400.0
"""Seconds within which the same command after one with incomplete rows goes on with what that was to ask again."""


def _names(value: Iterable[str]) -> tuple[str, ...]:
    return tuple(value)


@attrs.frozen(kw_only=True)
class How:
    """What decides, beside the input, whom a run asks and what for."""

    policy: str = ""
    """Which numbers count as found, as a mark in which nothing can be read."""
    providers: tuple[str, ...] = attrs.field(default=(), converter=_names)
    """Who can be asked."""
    rows: str = ""
    """Which rows are looked up, and which columns are what, as a mark."""
    again: str = ""
    """What is asked again on purpose."""


def _how(value: "How | Mapping[str, Any] | None") -> "How | None":
    return value if value is None or isinstance(value, How) else How(**value)


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
    tenant: str = "default"
    owners: tuple[int, ...] = ()
    """Under which numbers the attempts of its commands are in the journal."""
    how: How | None = attrs.field(default=None, converter=_how)
    came: Mapping[str, Any] | None = None
    """What the last command that was through came to, for `enrichcore report`."""

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
    from enrichcore.bulk import remote

    if remote.is_remote(source):
        stamp = remote.stamp(source)
        return None if stamp is None else hashlib.sha256(f"{source}\0{stamp}".encode()).hexdigest()
    try:
        path = os.path.realpath(remote.local(source))
        state = os.stat(path)  # noqa: PTH116 - of the path that was just resolved
    except OSError:
        return None
    return hashlib.sha256(f"{path}\0{state.st_size}\0{state.st_mtime_ns}".encode()).hexdigest()


def known(*, out: str | None, store: str, tenant: str) -> Entry | None:
    """The run that has written, or was to write, this output."""
    return None if out is None else read(_name(out, store, tenant))


def begin(*, source: str, out: str | None, store: str, tenant: str, owner: int, how: How | None = None) -> Entry | None:
    """Write down that a run begins, or goes on when the same input goes to the same output; None for a pipe."""
    mark, now = mark_of(source), Runtime.wall()
    if mark is None or out is None or store == "memory":
        return None
    from enrichcore.cli.render import clean

    run = _name(out, store, tenant)
    before = read(run)
    if before is not None and before.mark == mark and _is_same(before, how, now):
        entry = attrs.evolve(before, touched=now, ended=None, owners=(*before.owners, owner), how=how)
    else:
        shown = store if "://" in store and store.startswith("sqlite") else store.split("://", 1)[0]
        entry = Entry(
            run=run,
            source=clean(source),
            out=clean(out),
            store=shown,
            mark=mark,
            began=now,
            touched=now,
            tenant=tenant,
            owners=(owner,),
            how=how,
        )
    write(entry)
    return entry


def _name(out: str, store: str, tenant: str) -> str:
    return hashlib.sha256(f"{store}\0{tenant}\0{out}".encode()).hexdigest()[:_NAMELESS]


def _is_same(before: Entry, how: How | None, now: float) -> bool:
    """Whether a run goes on: not when it asks again on purpose, unless the command before had begun with that."""
    if how is None or not how.again:
        return True
    if before.how is None or before.how.again != how.again:
        return False
    return before.ended is None or (before.unfinished > 0 and now - before.ended < _SAME_PASS)


def changes(before: Entry | None, source: str, how: How) -> Iterator[str]:
    """What is not as it was when this output was last written, and what follows from that, in sentences."""
    mark = mark_of(source)
    if before is None or mark is None:
        return
    from datetime import UTC, datetime

    at = f"{datetime.fromtimestamp(before.touched, UTC):%Y-%m-%d %H:%M} UTC"
    if before.mark != mark:
        yield f"the input has changed since the run of {at}: this is another run; what is known is not asked again"
    elif before.ended is None:
        yield f"going on with the run of {at}, which did not end: what is known is not asked again"
    was = before.how
    if was is None:
        return
    if was.policy != how.policy:
        yield (
            f"another policy than in the run of {at}: stored answers are judged anew, and only rows without a number "
            "that counts are looked up"
        )
    if was.rows != how.rows:
        yield f"other rows or columns are chosen than in the run of {at}"
    if new := [name for name in how.providers if name not in was.providers]:
        yield f"{', '.join(new)} took no part in the run of {at}: only rows without a number are asked about there"
    if gone := [name for name in was.providers if name not in how.providers]:
        yield (
            f"{', '.join(gone)} took part in the run of {at} and cannot be asked now: rows that have their number from "
            "there are looked up elsewhere"
        )


def end(entry: Entry | None, report: "Report", currency: str) -> None:
    """Write down what a run came to."""
    if entry is None:
        return
    now = Runtime.wall()
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
            came=report.to_dict(),
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


def of_store(store: str) -> list[Entry]:
    """The runs into one store, the latest first."""
    return [entry for entry in entries() if entry.store in (store, store.split("://", 1)[0])]


def _shown(field: "attrs.Attribute[Any]", value: object) -> bool:  # noqa: ARG001 - as attrs calls it
    return field.name not in ("owners", "came", "how")


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
    mine = of_store(store)
    if as_json:
        click.echo(json.dumps([attrs.asdict(entry, filter=_shown) for entry in mine], indent=2))
        return
    if not mine:
        click.echo("no run yet: `enrichcore enrich IN --out OUT` makes one")
        return
    rows = [
        (
            entry.run[:SHORT],
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
    click.echo(
        table(("run", "began (UTC)", "state", "rows", "found", "cost of the last pass", "input", "output"), rows)
    )


def state(entry: Entry) -> str:
    """How far a run is, in words."""
    if entry.ended is None:
        return "not finished"
    if entry.unfinished:
        return f"{entry.unfinished:,} incomplete"
    return "done" if mark_of(entry.source) in (entry.mark, None) else "input changed"
