"""`enrichcore enrich --dask ADDRESS`: the same run, by the workers of a cluster."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from enrichcore.cli import exits
from enrichcore.cli.options import Globals, note, store_of
from enrichcore.runtime import Runtime

if TYPE_CHECKING:
    from enrichcore.bulk import Choice, Reading, Report
    from enrichcore.bulk.dask_run import Cluster
    from enrichcore.bulk.dask_worker import Here
    from enrichcore.bulk.source import Format
    from enrichcore.cli.runs import Entry


_LOUD: Final = ("distributed", "distributed.client", "distributed.comm", "distributed.core")


@attrs.frozen(kw_only=True)
class Order:
    """What the command line asks for. `options` are those of `AsyncEngine.enrich_phones`."""

    source: str
    out: str
    address: str
    format: "Format | None"
    reading: "Reading"
    choice: "Choice"
    config: str | None
    tenant: str
    providers: tuple[str, ...]
    budget: str | None
    record_budget: str | None
    options: Mapping[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """How a file is read."""
        return {"format": self.format, "reading": self.reading, "choice": self.choice}


def carry_out(ctx: click.Context, options: Globals, order: Order, *, yes: bool, shown: str | None) -> None:
    """Do it, and say what it came to.

    The configuration, the keys and the journal are those of the workers; here, the configuration only says under which
    journal the run is listed.

    Raises:
        ConfigError: the input, the output or a worker cannot be used, or there is no scheduler.
        ClusterError: the cluster failed; the same command goes on where it was.
    """
    from enrichcore.bulk.dask_run import Cluster, partitions
    from enrichcore.bulk.dask_worker import Job
    from enrichcore.cli.enrich import path_of
    from enrichcore.cli.render import summary

    began = Runtime.monotonic()
    many = partitions(order.source)
    job = Job(
        output=path_of(order.out) or order.out,
        config=order.config,
        tenant=order.tenant,
        providers=order.providers,
        budget=order.budget,
        record_budget=order.record_budget,
    )
    with _client(order.address) as client:
        cluster = Cluster(client, job)
        if many is None:
            report, currency = _one(ctx, options, order, cluster, yes=yes, shown=shown)
        else:
            report, currency = _many(ctx, order, cluster, many, yes=yes)
    from enrichcore.cli.rows import left_out

    note("")
    note(summary(report, Runtime.monotonic() - began, currency))
    if (unasked := left_out(report)) is not None:
        note(unasked)
    note(f"\nwrote {order.out}")
    if report.unfinished:
        from enrichcore.cli.enrich import continue_with

        note(continue_with(report))
        ctx.exit(exits.INCOMPLETE)


def _one(
    ctx: click.Context, options: Globals, order: Order, cluster: "Cluster", *, yes: bool, shown: str | None
) -> "tuple[Report, str]":
    """One file, read and written here."""
    from enrichcore.bulk import FileRun
    from enrichcore.bulk.pulse import Pulse
    from enrichcore.cli import interrupt, runs
    from enrichcore.cli.enrich import stopped
    from enrichcore.cli.progress import Progress, show_cursor

    with FileRun(order.source, order.out, **order.facts) as run:
        for line in run.notes:
            note(line)
        here = _ready(ctx, cluster, yes=yes)
        entry = runs.begin(
            source=order.source,
            out=cluster.job.output,
            store=store_of(options),
            tenant=order.tenant,
            owner=here.owner,
        )
        pulse = Pulse(total=None, clock=Runtime.monotonic, passed_over=lambda: run.passed_over)
        pulse.currency = here.currency
        progress = Progress(order.source, pulse, shown)
        if progress.wants_total:
            pulse.total = run.count()

        async def work() -> "Report":
            async with progress.watching(dict):
                return await run.enrich(
                    cluster,
                    began=entry.began if entry is not None and entry.continued else None,
                    since=None if entry is None else entry.began,
                    on_done=pulse.add,
                    **order.options,
                )

        def stop() -> bool:
            if run.finished:
                return False
            note("stopping: the workers finish and store what they have (Ctrl-C again leaves at once)")
            return True

        def leave() -> None:
            run.output.discard()
            show_cursor()

        with progress:
            try:
                report = interrupt.run(work(), on_first=stop, on_second=leave)
            except interrupt.Interrupted as end:
                stopped(run, progress)
                ctx.exit(end.code)
            finally:
                _note_owners(entry, cluster)
        entry = None if entry is None else runs.read(entry.run)
        runs.end(entry, report, here.currency)
        return report, here.currency


def _many(
    ctx: click.Context, order: Order, cluster: "Cluster", sources: list[str], *, yes: bool
) -> "tuple[Report, str]":
    """Many files, each read and written by a worker."""
    from enrichcore.bulk import remote
    from enrichcore.bulk.dask_run import parts_of

    parts = parts_of(sources, order.out, **order.facts)
    if not remote.is_remote(order.out):
        Path(remote.local(order.out)).mkdir(parents=True, exist_ok=True)
    here = _ready(ctx, cluster, yes=yes)
    return cluster.enrich_parts(parts, **order.options), here.currency


def _ready(ctx: click.Context, cluster: "Cluster", *, yes: bool) -> "Here":
    """Open the workers' engines; what may cost money without a limit needs a yes."""
    here = cluster.check()
    if here.unlimited and not yes:
        note(
            f"{', '.join(here.unlimited)} may cost money and no limit is set: nothing was done. Add --budget AMOUNT, "
            "or --yes to spend without a limit"
        )
        ctx.exit(exits.USAGE)
    note(f"asking {', '.join(here.providers)} by the workers of {cluster.client.scheduler.address}")
    return here


def _note_owners(entry: "Entry | None", cluster: "Cluster") -> None:
    """Write down which workers took part, for the report."""
    from enrichcore.cli import runs

    if entry is not None and cluster.owners:
        runs.write(attrs.evolve(entry, owners=tuple(sorted({*entry.owners, *cluster.owners}))))


def _client(address: str) -> Any:
    """A client of the scheduler.

    Raises:
        ConfigError: there is none there, or what is needed is not installed.
    """
    from enrichcore.errors import ConfigError

    try:
        from distributed import Client
    except ImportError:
        raise ConfigError("--dask needs distributed, which is not installed: pip install 'enrichcore[dask]'") from None
    for name in _LOUD:  # what goes wrong is said in one line
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise ConfigError(f"there is no Dask scheduler at {address}: {error}") from None
