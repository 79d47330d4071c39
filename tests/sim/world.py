"""The stage: one scenario played from its first second to the last rule."""

import asyncio
import contextvars
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

from enrichcore.model import Budget, Status
from tests.sim.callers import Callers
from tests.sim.history import Bulk, History, Request
from tests.sim.journal import MemoryLedger
from tests.sim.loop import Stuck, VirtualLoop
from tests.sim.people import Case
from tests.sim.process import Build, Ledger, Process
from tests.sim.scenario import (
    ROUGH,
    Action,
    Batch,
    Expire,
    Forget,
    Jump,
    Look,
    Scenario,
    Suppress,
    Unsuppress,
    VendorPlan,
)
from tests.sim.sqlite_journal import SqliteLedger
from tests.sim.suppliers import METHODS
from tests.sim.vendor import Account, Vendor

INVOICED = 80.0
"""Virtual seconds after which everything that has reached a vendor is on its invoice."""
LONGEST = 3000.0
"""Virtual seconds until every caller must have an answer once the faults have stopped."""


class World:
    """Plays a scenario, over one journal in memory or, in `folder`, one in a SQLite file."""

    def __init__(self, scenario: Scenario, loop: VirtualLoop, folder: Path | None = None) -> None:
        self.scenario = scenario
        self.history = History(scenario.seed, loop)
        self.ledger: Ledger = MemoryLedger(self.history) if folder is None else SqliteLedger(self.history, folder)
        self.vendors = {plan.name: self._vendor(plan) for plan in scenario.vendors}
        self.processes: list[Process] = []
        self.slots: list[Process | None] = [None for _ in scenario.tenants]
        self._starting = asyncio.Lock()
        self.callers = Callers(self.history, self._struck)
        self.repaired = False

    def _vendor(self, plan: VendorPlan) -> Vendor:
        days = 90 if plan.retention is None else plan.retention
        return Vendor(
            name=plan.name,
            price=plan.price,
            history=self.history,
            rng=random.Random(f"{self.scenario.seed} vendor {plan.name}"),
            methods=METHODS[plan.name],
            truth=plan.truth,
            latency=plan.latency,
            faults=plan.faults,
            kinds=plan.kinds,
            outages=plan.outages,
            tells_credits=plan.tells_credits,
            discount=plan.tells_credits and plan.price.paid,
            needs_domain=plan.name == "cumulo",
            timeout=plan.timeout,
            hit_lifetime=min(90, days) * 86_400.0,
            miss_lifetime=min(14, days) * 86_400.0,
            accounts={tenant: Account(plan.credits) for tenant in sorted(set(self.scenario.tenants))},
        )

    # --- the play -----------------------------------------------------------------------------------------------------

    async def play(self) -> None:
        """Everything, up to the closing of the last engine."""
        scenario = self.scenario
        for slot in range(len(self.slots)):
            await self._start(slot, fresh=True)
        acts = [asyncio.ensure_future(self._act(action)) for action in scenario.actions]
        acts += [asyncio.ensure_future(self._break_key(plan)) for plan in scenario.vendors if plan.key_breaks]
        await asyncio.sleep(ROUGH)
        self._repair()
        await asyncio.gather(*acts)
        await self._everybody_has_an_answer()
        if scenario.decides:
            await asyncio.sleep(INVOICED)
            for slot in self._one_for_each_tenant():
                await self.callers.decide(await self._living(slot), self._invoiced(), self._worst())
        await self._last_questions()
        if scenario.later is not None:
            self._jump(scenario.later * 86_400)
            await asyncio.sleep(2.0)
            for slot in self._one_for_each_tenant():
                await self.callers.expire(await self._living(slot))
            await self._last_questions()
        for process in self.slots:
            if process is not None and not process.dead:
                await process.close()
        await asyncio.sleep(30.0)  # a plugin that ignores its cancellation comes back some time

    async def _start(self, slot: int, *, fresh: bool = False) -> None:
        scenario = self.scenario
        async with self._starting:
            build = Build(
                tenant=scenario.tenants[slot],
                latency=scenario.latency,
                trouble=scenario.troubles[slot] if fresh else None,
                skew=(slot - 1) * 0.7,
                rates={plan.name: plan.rates for plan in scenario.vendors if plan.rates},
                typical=scenario.typical,
                order=scenario.order,
                prices={plan.name: plan.credit_price for plan in scenario.vendors},
                budget=Budget() if self.repaired and scenario.lifted else scenario.budget,
                own_keys=bool(scenario.seed & 1),
            )
            process = Process(
                len(self.processes), self.history, self.ledger, self.vendors, build, f"{scenario.seed} {slot}"
            )
            process.on_death = lambda: self._outside(self._replace(slot, 1.0))
            process.on_failure = lambda: self._outside(self._renew(process, slot, after=1.0, away=1.0))
            self.processes.append(process)
            await process.start()
            self.slots[slot] = process

    async def _replace(self, slot: int, away: float) -> None:
        self.slots[slot] = None
        await asyncio.sleep(away)
        await self._start(slot)

    def _outside(self, work: Any) -> None:
        self.history.loop.create_task(work, context=contextvars.Context())

    async def _act(self, action: Action) -> None:
        await asyncio.sleep(action.at)
        if isinstance(action, Jump):
            self._jump(action.seconds)
            return
        process = self.slots[action.slot]
        if process is None or process.closing is not None:
            return
        if isinstance(action, Look):
            self.callers.look(process, action)
        elif isinstance(action, Batch):
            self.callers.batch(process, action)
        elif isinstance(action, Suppress | Forget):
            await self.callers.wish(process, action)
        elif isinstance(action, Unsuppress):
            await self.callers.unwish(process, action)
        elif isinstance(action, Expire):
            await self.callers.expire(process)
        elif action.kind == "kill":
            process.kill(linger=action.linger)
        else:
            await self._renew(process, action.slot, away=action.away, force=action.kind == "force")

    def _jump(self, seconds: float) -> None:
        self.history.note(f"the wall clocks jump by {seconds:g} s")
        self.history.jumps.append((self.history.now, seconds))
        self.history.leapt += seconds
        for process in self.processes:
            process.jumped = self.history.now

    async def _break_key(self, plan: VendorPlan) -> None:
        await asyncio.sleep(plan.key_breaks or 0.0)
        if not self.vendors[plan.name].calm:
            self.history.note(f"{plan.name} forgets its keys")
            for account in self.vendors[plan.name].accounts.values():
                account.key_works = False

    def _repair(self) -> None:
        self.history.note("all faults stop")
        for vendor in self.vendors.values():
            vendor.calm = True
            for account in vendor.accounts.values():
                account.credits, account.key_works = None, True
        self.repaired = True
        if self.scenario.lifted:
            self.history.lifted = self.history.now
            for process in self.processes:
                if process.up:
                    process.inside.budgets.replace(Budget())

    def _struck(self, process: Process, kind: str) -> None:
        if process in self.slots and process.closing is None:
            slot = self.slots.index(process)
            self._outside(self._renew(process, slot, away=1.0, force=kind == "force"))

    async def _renew(
        self, process: Process, slot: int, *, after: float = 0.0, away: float, force: bool = False
    ) -> None:
        """Close a process and start another in its place."""
        await asyncio.sleep(after)
        if self.slots[slot] is not process or process.dead:
            return
        self.slots[slot] = None
        await process.close(force=force)
        await asyncio.sleep(away)
        if not process.dead:
            await self._start(slot)

    async def _everybody_has_an_answer(self) -> None:
        """Wait for every caller of a living process, and for every slot to have one."""
        until = self.history.now + LONGEST
        while self.history.now < until:
            waiting = [r for r in self.history.requests if not r.over and not r.process.dead and not _cut_short(r.bulk)]
            if not waiting and None not in self.slots:
                return
            await asyncio.sleep(0.5)

    # --- the end ------------------------------------------------------------------------------------------------------

    async def _last_questions(self) -> None:
        """Once everything is repaired, every contact of every tenant is asked for until the answer is definite."""
        from tests.sim.rules_end import life_goes_on

        for slot in self._one_for_each_tenant():
            left = list(self.scenario.cases)
            last: list[Request] = []
            for _ in range(6):
                process = await self._living(slot)
                self._resume(process)
                last = await self._ask_again(process, left)
                if process.store.mishap.failed_at is not None:  # only now: another takes its place
                    continue
                open_ends = [r for r in last if r.result is not None and r.result.status is Status.INCOMPLETE]
                waits = [
                    r.result.retry_at.timestamp() - process.runtime.wall()
                    for r in open_ends
                    if r.result is not None and r.result.retry_at is not None
                ]
                waits = [wait for wait in waits if wait < 7200]
                if not open_ends or not (waits or self._resume(process)):
                    break
                await asyncio.sleep(max(max(waits, default=0.0), 0.0) + 0.1)
                left = [r.case for r in open_ends]
            for request in last:
                if request.process.closing is None:
                    life_goes_on(self.history, request)

    def _one_for_each_tenant(self) -> list[int]:
        """A slot of each tenant."""
        tenants = self.scenario.tenants
        return [slot for slot, tenant in enumerate(tenants) if tenant not in tenants[:slot]]

    def _invoiced(self) -> dict[int, Decimal]:
        """What the vendors have billed for each attempt."""
        found: dict[int, Decimal] = {}
        for vendor in self.vendors.values():
            for account in vendor.accounts.values():
                for _, call, credits_ in account.invoice:
                    if call.attempt is not None:
                        found[call.attempt] = found.get(call.attempt, Decimal(0)) + credits_
        return found

    def _worst(self) -> dict[str, Decimal]:
        return {plan.name: plan.price.credits for plan in self.scenario.vendors}

    async def _living(self, slot: int) -> Process:
        """The process of a slot, once it has one with a journal that works."""
        until = self.history.now + LONGEST
        while self.history.now < until:
            process = self.slots[slot]
            if process is not None and process.store.mishap.failed_at is None:
                return process
            await asyncio.sleep(0.5)
        raise Stuck(f"slot {slot} stays empty")

    def _resume(self, process: Process) -> int:
        """A person says that what was parked or suspended works again; for how many that was needed."""
        channels = process.inside.channels
        stopped = [n for n, c in channels.items() if c.health.state.value in ("parked", "suspended")]
        for name in stopped:
            process.resumed[name] = self.history.now
            process.within(channels[name].health.resume)
        return len(stopped)

    async def _ask_again(self, process: Process, cases: list[Case]) -> list[Request]:
        by_record = {case.record[0]: case for case in cases}
        if self.scenario.patient and len(by_record) == len(cases):
            bulk = self.callers.batch(process, Batch(at=0.0, slot=0, cases=tuple(cases), concurrency=3))
            requests = bulk.rows
        else:
            requests = [self.callers.look(process, Look(at=0.0, slot=0, case=case, deadline=120.0)) for case in cases]
        await self._everybody_has_an_answer()
        return requests


def _cut_short(bulk: Bulk | None) -> bool:
    return bulk is not None and bulk.closed is not None
