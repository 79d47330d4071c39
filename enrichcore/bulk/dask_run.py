"""A run on a Dask cluster: the rows of a file, or whole files, enriched by workers that share one journal.

The scheduler and the client hold no key and ask nobody. A worker that dies, a scheduler that dies and a command that
is run again lose nothing and pay for nothing twice, because what is paid for is in the journal and not in Dask.
"""

import asyncio
import glob
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs

from enrichcore.bulk import remote
from enrichcore.bulk.choice import Choice
from enrichcore.bulk.columns import Reading
from enrichcore.bulk.dask_worker import Here, Job, Part, ask, bought, describe, enrich_part
from enrichcore.bulk.report import Report
from enrichcore.bulk.run import FileRun
from enrichcore.bulk.source import Format
from enrichcore.engine.enricher import Row
from enrichcore.errors import ConfigError, EnrichcoreError
from enrichcore.model import PhoneResult

BATCH: Final = 500
"""Rows that go to a worker at once."""
_AHEAD: Final = 2
"""Batches for each thread of the cluster that are under way or wait."""
_LOOK: Final = 0.02
"""Seconds between two looks at a batch."""
_AGAIN: Final = (
    "What was answered is in the journal and the output was not touched: run the same again to go on where it was"
)
_PATIENCE: Final = 60
"""Seconds until the first worker has to be there."""


T = TypeVar("T")


class ClusterError(EnrichcoreError):
    """The cluster failed; what was answered so far is in the journal, and the output was not touched."""


@attrs.define
class Cluster:
    """The workers behind a `distributed.Client` as what a run can ask. `owners` are their numbers in the journal."""

    client: Any
    job: Job
    batch: int = BATCH
    owners: set[int] = attrs.field(factory=set)
    here: Here | None = None

    def check(self) -> Here:
        """Open the engine of every worker, and see that all are of one kind.

        Raises:
            ConfigError: a worker cannot be used, or they do not share one secret.
            ClusterError: no worker came.
        """
        from distributed import TimeoutError as TooLate  # noqa: PLC0415 - needs the extra `dask`

        try:
            self.client.wait_for_workers(1, timeout=_PATIENCE)
        except TooLate:
            raise ClusterError(f"no worker has come to the scheduler within {_PATIENCE} seconds") from None
        said: dict[str, Here] = _heard(lambda: self.client.run(describe, self.job))
        runs = {here.run for here in said.values()}
        if len(runs) > 1:
            raise ConfigError(
                "the workers do not have the same secret, so they would not know what the others have bought: give "
                "all of them the same [store] secret"
            )
        self.here = next(iter(said.values()))
        self.job = attrs.evolve(self.job, run=self.here.run)
        return self.here

    async def enrich_phones(self, contacts: Iterable[Mapping[str, Any]], **options: Any) -> AsyncIterator[PhoneResult]:
        """Results in the order of the contacts; a bounded number of batches is with the workers at any time."""
        options.pop("ordered", None)
        options.pop("on_waiting", None)
        options.pop("run_id", None)
        on_done = options.pop("on_done", None)
        job = attrs.evolve(self.job, options=options)
        lines = iter(contacts)
        waiting: deque[Any] = deque()
        try:
            while True:
                while len(waiting) < self._places() and (batch := list(itertools.islice(lines, self.batch))):
                    waiting.append(self._submit(ask, batch, job))
                if not waiting:
                    return
                owner, results = await _result(waiting[0])
                self.owners.add(owner)
                waiting.popleft().release()
                for result in results:
                    if on_done is not None:
                        on_done(result)
                    yield result
        finally:
            for future in waiting:
                future.cancel()

    async def ledger(self, *, since: float = 0.0) -> AsyncIterator[Row]:
        """What was billed, or perhaps billed, since a moment, as one of the workers reads it."""
        for row in await _result(self._submit(bought, self.job, since)):
            yield row

    def enrich_parts(self, parts: Iterable[Part], began: float | None = None, **options: Any) -> Report:
        """Enrich whole files; what all of them came to."""
        job = attrs.evolve(self.job, options=options)
        futures = [self._submit(enrich_part, part, job, began) for part in parts]
        report = Report()
        try:
            for future in futures:
                owner, came = _heard(future.result)
                self.owners.add(owner)
                report.merge(Report.from_dict(came))
        except BaseException:
            for future in futures:
                future.cancel()
            raise
        return report

    def _submit(self, task: Callable[..., object], *arguments: object) -> Any:
        return _heard(lambda: self.client.submit(task, *arguments, pure=False))

    def _places(self) -> int:
        """Batches that may be with the workers; they come and go."""
        threads: int = sum(_heard(self.client.nthreads).values())
        return _AHEAD * max(threads, 1)


def enrich_dask(
    client: Any,
    source: str | Sequence[str],
    out: str,
    *,
    config: str | None = None,
    tenant: str = "default",
    providers: Sequence[str] = (),
    budget: str | None = None,
    record_budget: str | None = None,
    format: Format | None = None,  # noqa: A002 - the flag's own word
    reading: Reading | None = None,
    choice: Choice | None = None,
    batch: int = BATCH,
    began: float | None = None,
    on_result: Callable[[PhoneResult], object] | None = None,
    **options: Any,
) -> Report:
    """Enrich a file, or many files, by the workers of a Dask cluster.

    Every worker reads its own configuration and keys, and all of them share a journal in Postgres, and with it budgets
    and rates. One file is read and written here, and its rows go to the workers through the scheduler. Of many files,
    each is read and written by a worker, in places that all workers reach: nothing of them comes here.

    Args:
        client: a `distributed.Client`.
        source: a file, or a list of files; paths, or URLs such as `s3://bucket/part-1.parquet`.
        out: the file to write, or for a list the folder in which each output gets the name of its input.
        config: the path of a configuration on the workers; None is what they find by themselves.
        tenant: whose records, answers and budgets.
        providers: ask only these.
        budget: what the run may spend, as `300 USD`.
        record_budget: what one record may cost.
        format: as for `FileRun`.
        reading: as for `FileRun`.
        choice: as for `FileRun`.
        batch: rows of one file that go to a worker at once.
        began: when a run that is continued began, in wall seconds; see `FileRun.enrich`.
        on_result: is told of every row of one file.
        options: as for `AsyncEngine.enrich_phones`.

    Raises:
        ConfigError: the input, the output or a worker cannot be used.
        ClusterError: the cluster failed; the same call goes on where it was.
    """
    job = Job(
        output=out,
        config=config,
        tenant=tenant,
        providers=tuple(providers),
        budget=budget,
        record_budget=record_budget,
    )
    cluster = Cluster(client, job, batch)
    if not isinstance(source, str):
        cluster.check()
        return cluster.enrich_parts(
            parts_of(source, out, format=format, reading=reading, choice=choice), began, **options
        )
    with FileRun(source, out, format=format, reading=reading, choice=choice) as run:
        cluster.check()
        return in_a_loop(lambda: run.enrich(cluster, began=began, on_result=on_result, **options))


async def _result(future: Any) -> Any:
    """What came of a task; whoever stops waiting is not held up by it."""
    while not future.done():  # noqa: ASYNC110 - it is another thread's
        await asyncio.sleep(_LOOK)
    return _heard(future.result)


def _heard(call: Callable[[], T]) -> T:
    """What the cluster says.

    Raises:
        ClusterError: it has failed.
    """
    from distributed import CancelledError, KilledWorker  # noqa: PLC0415 - needs the extra `dask`

    try:
        return call()
    except KilledWorker as error:
        raise ClusterError(f"workers died again and again at one batch: {error}. {_AGAIN}") from None
    except (CancelledError, OSError, TimeoutError) as error:
        raise ClusterError(f"the cluster is gone ({type(error).__name__}). {_AGAIN}") from None


def in_a_loop(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a coroutine comes to; where a loop runs already, as in a notebook, in a thread of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work())
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


def partitions(source: str) -> list[str] | None:
    """The files of a folder or a pattern, by name; None for one file.

    Raises:
        ConfigError: there is none.
    """
    found: list[str] | None = None
    if remote.is_remote(source):
        found = remote.files(source)
    else:
        path = Path(remote.local(source))
        if path.is_dir():
            found = sorted(str(each) for each in path.iterdir() if each.is_file() and not each.name.startswith("."))
        elif not path.exists() and glob.has_magic(source):
            found = sorted(glob.glob(source))  # noqa: PTH207 - the pattern is a whole path
    if found is not None and not found:
        raise ConfigError(f"{source}: there is no file")
    return found


def parts_of(sources: Sequence[str], folder: str, **facts: Any) -> list[Part]:
    """A partition for each file, whose output has its name.

    Raises:
        ConfigError: two of them have one name.
    """
    names = [source.replace("\\", "/").rpartition("/")[2] for source in sources]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ConfigError(f"two inputs are called {doubled[0]}: their outputs would be one file")
    place = folder.rstrip("/")
    return [Part(source=source, out=f"{place}/{name}", **facts) for source, name in zip(sources, names, strict=True)]
