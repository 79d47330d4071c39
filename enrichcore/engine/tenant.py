"""Tenant: what an engine keeps apart for each of its customers: records, answers, vendor accounts and runs."""

import attrs

from enrichcore.engine.attempt import Asker
from enrichcore.engine.budgets import Budgets
from enrichcore.engine.cache import AttemptCache, ResultCache
from enrichcore.engine.cascade import Cascade
from enrichcore.engine.channel import Channel
from enrichcore.engine.keys import Keyer
from enrichcore.engine.life import Life
from enrichcore.engine.numbers import Numbers
from enrichcore.engine.observers import Observers
from enrichcore.engine.plan import Plan, Step
from enrichcore.engine.results import Results
from enrichcore.engine.run import Run
from enrichcore.engine.runner import Runner
from enrichcore.engine.states import States
from enrichcore.engine.transport import Transport
from enrichcore.errors import PluginFault
from enrichcore.model import Budget
from enrichcore.runtime import Runtime
from enrichcore.store import Store

DEFAULT_TENANT = "default"
"""The tenant of an engine that was told of none."""
_CACHE_SIZE = 65_536


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


class Tenant:
    """One tenant at work. Nothing of one is ever seen by another: every key in the journal depends on its name."""

    def __init__(self, name: str, shared: Shared, plan: Plan, channels: dict[str, Channel]) -> None:
        runtime, store, life = shared.runtime, shared.store, shared.life
        self.name = name
        self.store = store
        self.plan = plan
        self.channels = channels
        self.life = life
        self.keyer = keyer = Keyer(shared.secret, name)
        self.budgets = Budgets(shared.budget)
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
            is_closing=life.ended,
        )
        cascade = Cascade(plan, self.asker, channels, runtime, shared.observers.attempted)
        results = Results(
            name,
            runtime,
            store,
            plan,
            channels,
            cascade,
            self.numbers,
            ResultCache(size=_CACHE_SIZE, timer=runtime.wall),
        )
        self.runner = Runner(runtime, keyer, cascade, results, shared.observers, life)

    async def abandon(self, run: Run, step: Step) -> None:
        """Give up on a call whose plugin ignored its cancellation, and ask that plugin nothing more."""
        self.channels[step.name].health.suspend(PluginFault.code)
        intent = self.asker.leave(run)
        self.runner.abandon(run, step)
        if intent:  # in doubt from now on: no other process may wait for it as long as this one lives
            await self.store.release(intent)
