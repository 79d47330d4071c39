"""Tenant: what an engine keeps apart for each of its customers: records, answers, vendor accounts and runs."""

import functools

import attrs

from enrichcore.engine.attempt import Asker
from enrichcore.engine.budgets import Budgets
from enrichcore.engine.cache import AttemptCache, ResultCache
from enrichcore.engine.cascade import Cascade
from enrichcore.engine.channel import Channel
from enrichcore.engine.jobs import Jobs
from enrichcore.engine.keys import Keyer
from enrichcore.engine.life import Life
from enrichcore.engine.listing import Listing
from enrichcore.engine.numbers import Numbers
from enrichcore.engine.observers import Observers
from enrichcore.engine.plan import Plan, Step
from enrichcore.engine.results import Results
from enrichcore.engine.run import Run
from enrichcore.engine.runner import Runner
from enrichcore.engine.states import States
from enrichcore.engine.transport import Transport
from enrichcore.errors import ConfigError, PluginFault, StoreError
from enrichcore.model import Budget, Job, Outcome, Query
from enrichcore.runtime import Runtime
from enrichcore.store import Expiry, Store

DEFAULT_TENANT = "default"
"""The tenant of an engine that was told of none."""
_CACHE_SIZE = 65_536
_PATIENCE = 60.0
"""Seconds that a job which has ended may wait for a place in its vendor's rate."""


@attrs.frozen(eq=False)
class Shared:
    """What all tenants of an engine use together."""

    runtime: Runtime
    store: Store
    secret: bytes = attrs.field(repr=False)
    wire: Transport
    states: States
    observers: Observers
    life: Life
    offline: bool
    max_people: int | None
    budget: Budget
    reject_changed: bool
    serve_stale: bool
    jobs: Jobs


class Tenant:
    """One tenant at work. Nothing of one is ever seen by another: every key in the journal depends on its name."""

    def __init__(self, name: str, shared: Shared, plan: Plan, channels: dict[str, Channel]) -> None:
        runtime, store, life = shared.runtime, shared.store, shared.life
        self.name = name
        self.store = store
        self._wall = runtime.wall
        self.plan = plan
        self.channels = channels
        self.life = life
        self.keyer = keyer = Keyer(shared.secret, name)
        self._monotonic = runtime.monotonic
        self._jobs = shared.jobs
        self._observed = shared.observers.attempted
        self.budgets = Budgets(shared.budget)
        self.listing = Listing(keyer)
        self.numbers = Numbers(store, keyer, name, runtime.wall, max_people=shared.max_people)
        self.asker = Asker(
            runtime=runtime,
            store=store,
            keyer=keyer,
            tenant=name,
            plan=plan,
            channels=channels,
            cache=AttemptCache(size=_CACHE_SIZE),
            numbers=self.numbers,
            budgets=self.budgets,
            listing=self.listing,
            is_closing=life.ended,
            jobs=shared.jobs,
            left=self._leave,
        )
        cascade = Cascade(plan, self.asker, channels, runtime, shared.observers.attempted, self.listing)
        results = Results(
            name,
            runtime,
            store,
            plan,
            channels,
            cascade,
            self.numbers,
            self.listing,
            shared.reject_changed,
            shared.serve_stale,
            ResultCache(size=_CACHE_SIZE, timer=runtime.wall),
        )
        self.runner = Runner(runtime, keyer, cascade, results, shared.observers, life)

    async def refresh(self) -> None:
        """Hear which numbers other processes found to be shared."""
        await self.numbers.refresh()

    async def reload(self) -> None:
        """Read the suppression list, and drop what is in memory: somebody was suppressed or forgotten.

        Raises:
            StoreError: the list cannot be read; until it can, nobody is looked up.
        """
        self.runner.outdate()
        self.asker.clear()
        self._jobs.forget(self)
        self.budgets.ask_again()
        try:
            self.listing.load(await self.store.suppressed(self.name))
        except StoreError:
            self.listing.lose()
            raise

    def resume(self, provider: str) -> None:
        """Say that a parked or suspended provider works again.

        Raises:
            ConfigError: no such provider takes part.
        """
        if provider not in self.channels:
            raise ConfigError(f"no provider {provider!r} takes part; there are {', '.join(sorted(self.channels))}")
        self.channels[provider].health.resume()

    async def expire(self) -> int:
        """Delete what is older than it may be kept; how many rows."""
        now = self._wall()
        rules = [
            Expiry(provider=name, hits_before=now - channel.hit_lifetime, misses_before=now - channel.miss_lifetime)
            for name, channel in self.channels.items()
        ]
        return await self.store.expire(self.name, rules, now)

    def _leave(self, run: Run, step: Step, query: Query, job: Job) -> None:
        """A run has ended before a vendor's job: should the vendor say that it has ended too, collect it."""
        fetch = functools.partial(self._fetch, run, step, query)
        self._jobs.leave(self.channels[step.name].provider, job, self, fetch)

    async def _fetch(self, left: Run, step: Step, query: Query) -> None:
        """See an attempt through that was left with its job, as the next caller would. Nothing is bought."""
        deadline = self.channels[step.name].provider.timeout + _PATIENCE
        options = attrs.evolve(left.options, deadline=deadline, refresh=False, patient=False, ask=True)
        run = Run(left.id, left.subject, left.record, left.asked, options, self._monotonic(), None)
        run.learned, run.told, run.fetching = left.learned, left.told, True
        attempt, _, _ = await self.asker.take(run, step, query)
        for settled in run.settling:
            await settled
        if attempt.outcome is not Outcome.SKIPPED and not attempt.cached:
            self._observed(run, attempt)

    async def abandon(self, run: Run, step: Step) -> None:
        """Give up on a call whose plugin ignored its cancellation, and ask that plugin nothing more."""
        self.channels[step.name].health.suspend(PluginFault.code)
        intent = self.asker.leave(run)
        self.runner.abandon(run, step)
        if intent:  # in doubt from now on: no other process may wait for it as long as this one lives
            await self.store.release(intent)
