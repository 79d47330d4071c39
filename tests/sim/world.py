"""The stage: one scenario played from its first second to the last rule."""

import asyncio
import contextvars
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from enrichcore.model import PhoneResult, Status
from tests.sim.history import REQUEST, Bulk, History, Request
from tests.sim.journal import MemoryLedger
from tests.sim.loop import Stuck, VirtualLoop
from tests.sim.people import Case
from tests.sim.process import EVERY_NUMBER, MOBILES, Build, Ledger, Process
from tests.sim.scenario import ROUGH, Batch, End, Jump, Look, Scenario, VendorPlan
from tests.sim.sqlite_journal import SqliteLedger
from tests.sim.suppliers import METHODS
from tests.sim.vendor import Account, Vendor

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
        self._broken_keys: set[str] = set()

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
        await self._last_questions()
        if scenario.later is not None:
            self._jump(scenario.later * 86_400)
            await asyncio.sleep(2.0)
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

    async def _act(self, action: Look | Batch | End | Jump) -> None:
        await asyncio.sleep(action.at)
        if isinstance(action, Jump):
            self._jump(action.seconds)
            return
        process = self.slots[action.slot]
        if process is None or process.closing is not None:
            return
        if isinstance(action, Look):
            self._look(process, action)
        elif isinstance(action, Batch):
            self._batch(process, action)
        elif action.kind == "kill":
            process.kill(linger=action.linger)
        else:
            await self._renew(process, action.slot, away=action.away, force=action.kind == "force")

    def _jump(self, seconds: float) -> None:
        self.history.note(f"the wall clocks jump by {seconds:g} s")
        self.history.jumps.append((self.history.now, seconds))
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

    # --- one lookup ---------------------------------------------------------------------------------------------------

    def _request(self, process: Process, case: Case, **options: Any) -> Request:
        request = Request(
            number=len(self.history.requests),
            process=process,
            case=case,
            asked=self.history.now,
            asked_wall=process.runtime.wall(),
            **options,
        )
        self.history.requests.append(request)
        return request

    def _look(self, process: Process, look: Look) -> Request:
        request = self._request(
            process,
            look.case,
            acceptance=MOBILES if look.mobile else EVERY_NUMBER,
            deadline=look.deadline,
            refresh=look.refresh,
            max_age=look.max_age,
        )
        self.history.note(f"{request} for person {look.case.human and look.case.human.number} within {look.deadline}")
        task = process.spawn(self._ask(request), request)
        task.add_done_callback(lambda _: self._gone(request))
        if look.leaves is not None:
            self.history.loop.call_later(look.leaves, task.cancel)
        return request

    async def _ask(self, request: Request) -> None:
        try:
            result = await request.process.engine.enrich_phone(
                request.contact,
                acceptance=request.acceptance,
                deadline=request.deadline,
                refresh=request.refresh,
                max_age=request.max_age,
            )
        except asyncio.CancelledError:
            self._gone(request)
            raise
        except Exception as error:  # noqa: BLE001 - the rules judge it
            self.history.ended(request, None, error)
        else:
            self.history.ended(request, result, None)

    def _gone(self, request: Request) -> None:
        if not request.over:
            request.left, request.ended = True, self.history.now
            self.history.note(f"{request} leaves")

    # --- many ---------------------------------------------------------------------------------------------------------

    def _batch(self, process: Process, batch: Batch) -> Bulk:
        bulk = Bulk(len(self.history.bulks), process, batch.ordered, [], batch.bad, batch.stop_after)
        self.history.bulks.append(bulk)
        self.history.note(f"bulk {bulk.number} of {len(batch.cases)} rows, {batch.concurrency} at once")
        for case in batch.cases:
            policy = MOBILES if batch.mobile else EVERY_NUMBER
            row = self._request(process, case, acceptance=policy, deadline=None, refresh=batch.refresh, bulk=bulk)
            bulk.rows.append(row)
        process.spawn(self._ask_all(bulk, batch))
        return bulk

    async def _ask_all(self, bulk: Bulk, batch: Batch) -> None:
        items: Any = _Rows(self.history, bulk)
        if batch.as_stream:
            items = _stream(items)
        results = bulk.process.engine.enrich_phones(
            items,
            concurrency=batch.concurrency,
            ordered=batch.ordered,
            acceptance=MOBILES if batch.mobile else EVERY_NUMBER,
            refresh=batch.refresh,
        )
        try:
            async for result in results:
                self._row_done(bulk, result)
                if bulk.stop_after is not None and len(bulk.answered) > bulk.stop_after:
                    break
                if batch.slow_reader:
                    await asyncio.sleep(batch.slow_reader)
        except Exception as error:  # noqa: BLE001 - the rules judge it
            bulk.error = error
            self.history.note(f"bulk {bulk.number} fails: {type(error).__name__}")
        finally:
            await results.aclose()  # type: ignore[attr-defined]
            bulk.closed = self.history.now
            self.history.note(f"bulk {bulk.number} is closed")

    def _row_done(self, bulk: Bulk, result: PhoneResult) -> None:
        bulk.answered.append(result)
        if result.status is Status.INVALID and not result.record_id:
            return
        for row in bulk.rows:
            if not row.over and row.case.record[0] == result.record_id:
                self.history.ended(row, result, None)
                return
        self.history.broken("bulk_rows_are_answered_once", f"bulk {bulk.number} answers a row twice")

    # --- the end ------------------------------------------------------------------------------------------------------

    async def _last_questions(self) -> None:
        """Once everything is repaired, every contact of every tenant is asked for until the answer is definite."""
        from tests.sim.rules_end import life_goes_on

        for slot, tenant in enumerate(self.scenario.tenants):
            if tenant in self.scenario.tenants[:slot]:
                continue
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
        stopped = [n for n, c in process.engine.channels.items() if c.health.state.value in ("parked", "suspended")]
        for name in stopped:
            process.resumed[name] = self.history.now
            process.within(process.engine.resume, name)
        return len(stopped)

    async def _ask_again(self, process: Process, cases: list[Case]) -> list[Request]:
        by_record = {case.record[0]: case for case in cases}
        if self.scenario.patient and len(by_record) == len(cases):
            bulk = self._batch(process, Batch(at=0.0, slot=0, cases=tuple(cases), concurrency=3))
            requests = bulk.rows
        else:
            requests = [self._look(process, Look(at=0.0, slot=0, case=case, deadline=120.0)) for case in cases]
        await self._everybody_has_an_answer()
        return requests


class _Rows(Iterator[Any]):
    """The rows of a bulk run; the worker that takes one works for it from then on."""

    def __init__(self, history: History, bulk: Bulk) -> None:
        self._history, self._bulk = history, bulk
        self._bad = bulk.bad_rows

    def __next__(self) -> Any:
        bulk = self._bulk
        if self._bad:
            self._bad -= 1
            return {"email": 5}
        if bulk.taken == len(bulk.rows):
            raise StopIteration
        row = bulk.rows[bulk.taken]
        bulk.taken += 1
        row.asked, row.asked_wall = self._history.now, bulk.process.runtime.wall()
        REQUEST.set(row)
        return row.contact


async def _stream(rows: Iterator[Any]) -> AsyncIterator[Any]:
    for row in rows:
        await asyncio.sleep(0)
        yield row


def _cut_short(bulk: Bulk | None) -> bool:
    return bulk is not None and bulk.closed is not None
