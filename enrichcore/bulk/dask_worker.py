"""What happens on a worker of a cluster: an engine of its own, with its own keys, on the journal that all share.

Nothing here knows Dask. Ray or Spark call `enrich_here` on their batches in the same way.
"""

import os
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

import attrs

from enrichcore.bulk.choice import Choice
from enrichcore.bulk.columns import Reading
from enrichcore.bulk.run import FileRun
from enrichcore.bulk.source import Format
from enrichcore.config import load_config
from enrichcore.engine.core import AsyncEngine
from enrichcore.engine.enricher import Row
from enrichcore.errors import ConfigError
from enrichcore.model import Billed, PhoneResult
from enrichcore.model.money import parse_amount
from enrichcore.sync import Engine

_ENGINES: Final[dict[tuple[Any, ...], Engine]] = {}
"""The engines of this process, each made at first use and closed when the process ends."""
_LOCK: Final = threading.Lock()
T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Job:
    """What every worker is told; no key of a vendor is in it.

    `output` names the run, and `run` is what the workers' secret makes of it: a worker with another secret would buy
    everything again, and refuses. `config` is a path on the workers; None is what they find by themselves. `budget`
    and `record_budget` are limits as text, in place of those of their configuration. `options` are those of
    `AsyncEngine.enrich_phones`.
    """

    output: str
    run: str | None = None
    config: str | None = None
    tenant: str = "default"
    providers: tuple[str, ...] = ()
    budget: str | None = None
    record_budget: str | None = None
    options: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Here:
    """What a worker says of itself before anything is asked."""

    run: str
    owner: int
    providers: tuple[str, ...]
    unlimited: tuple[str, ...]
    """Those that may cost money of which no limit counts what they cost."""
    currency: str


@attrs.frozen(kw_only=True)
class Part:
    """A partition: a file in, a file out, in places that the workers reach."""

    source: str
    out: str
    format: Format | None = None
    reading: Reading | None = None
    choice: Choice | None = None


def describe(job: Job) -> Here:
    """Open the engine of this worker and say what it would do.

    Raises:
        ConfigError: its configuration cannot be used, its journal is one that no other machine shares, or its secret
            is another one than the run began with.
    """

    async def work(engine: AsyncEngine) -> Here:
        run = await engine.for_tenant(job.tenant).run_of(job.output)
        if job.run not in (None, run):
            raise ConfigError(
                "this worker has another secret than the others, so it would not know what they have bought: give all "
                "of them the same [store] secret"
            )
        steps = [step for step in engine.plan.steps if step.member.skip is None]
        if not steps:
            raise ConfigError("this worker has no provider that can be asked: give it a configuration and keys")
        return Here(
            run=run,
            owner=engine.owner,
            providers=tuple(dict.fromkeys(step.name for step in steps)),
            unlimited=tuple(sorted({s.name for s in steps if s.paid and not engine.budget.limits(s.name)})),
            currency=engine.budget.currency,
        )

    return _run(job, work)


def ask(contacts: Sequence[Mapping[str, Any]], job: Job) -> tuple[int, list[PhoneResult]]:
    """The results of some contacts, in their order, and under which number they are in the journal."""
    here = describe(job)

    async def work(engine: AsyncEngine) -> list[PhoneResult]:
        results = engine.for_tenant(job.tenant).enrich_phones(contacts, ordered=True, run_id=here.run, **job.options)
        return [result async for result in results]

    return here.owner, _run(job, work)


def enrich_part(part: Part, job: Job, began: float | None = None) -> tuple[int, dict[str, Any]]:
    """Enrich a file that the worker reaches; the output appears when it is complete. What it came to is returned."""
    here = describe(job)

    async def work(engine: AsyncEngine) -> dict[str, Any]:
        with FileRun(part.source, part.out, format=part.format, reading=part.reading, choice=part.choice) as run:
            who = engine.for_tenant(job.tenant)
            return (await run.enrich(who, run_id=here.run, began=began, **job.options)).to_dict()

    return here.owner, _run(job, work)


def enrich_here(batch: Any, job: Job) -> Any:
    """A `pyarrow.RecordBatch` or `Table` in, the same with the result columns out: what any cluster can map."""
    from enrichcore.bulk.arrow_table import enrich_batch  # noqa: PLC0415 - needs the extra `files`

    here = describe(job)

    async def work(engine: AsyncEngine) -> Any:
        return await enrich_batch(batch, engine.for_tenant(job.tenant), run_id=here.run, **job.options)

    return _run(job, work)


def bought(job: Job, since: float) -> list[Row]:
    """What was billed, or perhaps billed, since a moment."""

    async def work(engine: AsyncEngine) -> list[Row]:
        rows = engine.for_tenant(job.tenant).ledger(since=since)
        return [row async for row in rows if row.billed is not Billed.NO]

    return _run(job, work)


def _run(job: Job, work: Callable[[AsyncEngine], Coroutine[Any, Any, T]]) -> T:
    return _engine(job).run(lambda engine: work(cast("AsyncEngine", engine)))


def _engine(job: Job) -> Engine:
    key = (job.config, job.providers, job.budget, job.record_budget)
    with _LOCK:
        engine = _ENGINES.get(key)
        if engine is None:
            config = load_config(job.config, env=os.environ)
            budget = config.budget
            if job.budget is not None:
                limit = parse_amount(job.budget, budget.currency, what="--budget")
                budget = attrs.evolve(budget, run=limit)
            if job.record_budget is not None:
                limit = parse_amount(job.record_budget, budget.currency, what="--record-budget")
                budget = attrs.evolve(budget, record=limit)
            if not (config.store or "").startswith("postgres"):
                raise ConfigError(
                    "workers need a journal that all of them share: [store] url of this worker's configuration must be "
                    f"postgresql://..., and it is {(config.store or 'not set').partition('://')[0]}"
                )
            engine = Engine(config=config, providers=list(job.providers) or None, budget=budget)
            _ENGINES[key] = engine
    return engine
