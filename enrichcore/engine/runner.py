"""Runs as tasks of the engine: callers await a future, so that a caller who leaves never wastes a paid call."""

import asyncio
from typing import Any

from enrichcore.engine.cache import CachedResult
from enrichcore.engine.call import end
from enrichcore.engine.cascade import Cascade, Ended
from enrichcore.engine.keys import Keyer
from enrichcore.engine.life import Life
from enrichcore.engine.observers import Observers
from enrichcore.engine.plan import Step
from enrichcore.engine.pool import Pool
from enrichcore.engine.results import Results, as_cached, invalid_result
from enrichcore.engine.run import Hold, Options, Run
from enrichcore.errors import EngineClosed, InvalidContact, RecordChanged, StoreError, StoreUnavailable
from enrichcore.model import Acceptance, Contact, PhoneResult, Status, Subject
from enrichcore.runtime import Runtime

_INCOMPLETE = Status.INCOMPLETE  # an attribute of an enum costs ten times a global name
_BY_FORCE = "the engine was closed by force while this enrichment was under way"
_FORCED_WAIT = 5.0
"""Seconds that calls get to obey a forced close."""


class Runner:
    """Starts, joins, watches and ends the enrichments of one tenant."""

    def __init__(
        self, runtime: Runtime, keyer: Keyer, cascade: Cascade, results: Results, observers: Observers, life: Life
    ) -> None:
        self._runtime = runtime
        self._keyer = keyer
        self._cascade = cascade
        self._results = results
        self._observers = observers
        self._running: dict[tuple[str, bytes], Run] = {}
        self._tasks: dict[Run, asyncio.Task[Any]] = {}
        self._left_behind: set[asyncio.Task[Any]] = set()
        self._ids = 0
        self._life = life
        self.wall = runtime.wall

    def cached(self, contact: Contact, policy: Acceptance) -> PhoneResult | None:
        """The result of the same contact under the same policy, if this process has it and it is fresh."""
        if contact.record_id is None or not self._results.listing.is_quiet:
            return None  # without a list there is nobody to look up
        entry: CachedResult | None = self._results.cache.get(contact.record_id)
        if (
            entry is None
            or (entry.contact is not contact and entry.contact != contact)
            or (entry.acceptance is not policy and entry.acceptance != policy)
            or entry.fresh_until <= self._runtime.wall()
            or (entry.result.phone is not None and self._results.numbers.refuses(entry.result.phone) is not None)
        ):
            return None
        if entry.again is None:
            entry.again = as_cached(entry.result)
        if self._observers.hears_results():
            self._ids += 1
            self._observers.finished(entry.again, self._ids, 0.0)
        return entry.again

    async def one(self, contact: Contact, options: Options, hold: Hold | None = None) -> PhoneResult:
        """Run one contact in a task of its own, or join the run of the same contact that is under way."""
        subject = Subject.of(contact)
        began = self._runtime.monotonic()
        while True:
            run = self._joinable(subject, options)
            if run is None:
                run = self._new(subject, options, None, began)
                if hold is not None:
                    hold.take(run, joined=False)
                task = asyncio.get_running_loop().create_task(self._execute(run))
                self._tasks[run] = task
                task.add_done_callback(lambda _, run=run: self._left(run))  # type: ignore[misc]
                return await self._wait(run)
            if hold is not None:
                hold.take(run, joined=True)
            result = await self._join(run, subject, options, began)
            if result is not None:
                return result

    async def _join(self, run: Run, subject: Subject, options: Options, began: float) -> PhoneResult | None:
        """What a run under way comes to for another caller; None when that caller has to ask for itself."""
        left = None if options.deadline is None else options.deadline - (self._runtime.monotonic() - began)
        try:
            async with asyncio.timeout(left):
                result = await self._wait(run)
        except TimeoutError:
            return self._cascade.in_flight(self._new(subject, options, None, began, register=False))
        if self._life.closing:
            return as_cached(result, subject.contact)
        ours_is_later = options.deadline is not None and began > run.started
        if result.status is Status.INCOMPLETE and (run.stop or run.options != options or ours_is_later):
            return None  # it may have been cut short, by its deadline or by those who left, and we still wait
        return as_cached(result, subject.contact)

    async def row(self, index: int, item: Any, options: Options, pool: Pool) -> PhoneResult:
        """Run one row of a pool in the worker's own task."""
        try:
            contact = item if isinstance(item, Contact) else Contact.from_dict(item)
        except InvalidContact as error:
            return invalid_result(item, str(error))
        if not options.demanding:
            known = self.cached(contact, options.acceptance)
            if known is not None:
                return known
        if self._life.failure is not None:
            raise self._life.failure
        if self._life.closing:
            raise EngineClosed("the engine was closed during this run; run it again to continue")
        subject = Subject.of(contact)
        began = self._runtime.monotonic()
        while (joined := self._joinable(subject, options)) is not None:
            result = await self._join(joined, subject, options, began)
            if result is not None:
                return result
        run = self._new(subject, options, pool, began)
        task = asyncio.current_task()
        assert task is not None
        self._tasks[run] = task
        pool.runs.add(run)
        run.on_abandon = lambda result: pool.abandon(index, result, task)
        try:
            await self._execute(run)
        finally:
            pool.runs.discard(run)
            self._tasks.pop(run, None)
        if isinstance(run.finished, RecordChanged):
            return invalid_result(item, str(run.finished))
        if run.abandoned:
            raise asyncio.CancelledError  # the pool has reported this row and replaced this worker
        return run.finished if isinstance(run.finished, PhoneResult) else await self._wait(run)

    def _joinable(self, subject: Subject, options: Options) -> Run | None:
        run = self._running.get((subject.record_id, subject.fingerprint))
        if run is None or run.stop or run.finished is not None or run.options.acceptance != options.acceptance:
            return None
        if run.subject.contact != subject.contact:  # a hint of ours may allow more, or speak against their answer
            return None
        theirs = run.options
        if options.demanding:  # what they are content with may be too old for us
            as_fresh = theirs.max_age == options.max_age and theirs.anew == options.anew
            return run if theirs.refresh or (not options.refresh and as_fresh) else None
        return run

    def preview(self, subject: Subject, options: Options) -> Run:
        """The enrichment that would be begun, for who only looks at what is stored."""
        return self._new(subject, options, None, self._runtime.monotonic(), register=False)

    async def is_answered(self, run: Run) -> bool:
        """Whether a stored result stands for a run; what the journal holds about its contact is seen on the way."""
        look = self._cascade.look(run)
        if look is not None:
            run.unheard = await look
        return not run.unheard and await self._results.reuse(run) is not None

    def _new(
        self, subject: Subject, options: Options, slots: Pool | None, began: float, *, register: bool = True
    ) -> Run:
        self._ids += 1
        keyer = self._keyer
        query = keyer.query
        asked = {method: query(q.key) for method, q in subject.queries.items()}
        run = Run(self._ids, subject, keyer.record(subject.record_id), asked, options, began, slots)
        if register and subject.fingerprint:
            self._running[subject.record_id, subject.fingerprint] = run
        return run

    async def _wait(self, run: Run) -> PhoneResult:
        if run.finished is not None:
            if isinstance(run.finished, BaseException):
                raise run.finished
            return run.finished
        waiter: asyncio.Future[PhoneResult] = asyncio.get_running_loop().create_future()
        run.waiters.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter in run.waiters:
                run.waiters.remove(waiter)
            if not run.waiters and run.slots is None:
                run.stop = True
            raise

    async def _execute(self, run: Run) -> None:
        """One enrichment from the stored result to the stored result."""
        outcome: PhoneResult | BaseException
        try:
            self._observers.started(run)
            ended: Ended | None = None
            if run.subject.queries:
                look = self._cascade.look(run)
                if look is not None:
                    run.unheard = await look
                if not run.unheard:
                    ended = await self._results.reuse(run)
                    run.replayed = ended is not None
            if ended is None:
                ended = await self._cascade.run(run)
                for settled in run.settling:
                    await settled
                self._results.keep(run, ended)
                if ended.result.status is _INCOMPLETE:
                    ended = await self._results.stale(run, ended)
            outcome = ended.result
            if not run.abandoned:
                self._told(run, outcome)
        except (asyncio.CancelledError, GeneratorExit):  # `_end` closes a coroutine that ignores its cancellation
            outcome = EngineClosed(_BY_FORCE)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            outcome = error
            if isinstance(error, StoreError) and not isinstance(error, StoreUnavailable):
                self._life.failure = error
        self._forget(run)
        run.finish(outcome)

    def _told(self, run: Run, result: PhoneResult) -> None:
        if run.told or self._observers.result_hooks:
            self._observers.finished(result, run.id, (self._runtime.monotonic() - run.started) * 1000)

    def _left(self, run: Run) -> None:
        """The task of a run is over; one that was cancelled before its first step has told nobody."""
        self._tasks.pop(run, None)
        if run.finished is None:
            self._forget(run)
            run.finish(EngineClosed(_BY_FORCE))

    def _forget(self, run: Run) -> None:
        key = (run.subject.record_id, run.subject.fingerprint)
        if self._running.get(key) is run:
            del self._running[key]

    def abandon(self, run: Run, step: Step) -> None:
        """Give up on a call whose provider ignored its cancellation; its record is answered without it."""
        if run.abandoned:
            return
        run.abandoned = True
        run.stop = True  # should the call come back after all, nobody else is asked
        attempt, ended = self._cascade.abandoned(run, step)
        result = ended.result
        self._results.keep(run, ended)
        self._forget(run)
        task = self._tasks.pop(run, None)
        if task is not None:  # it may still come back: its answer is stored then
            self._left_behind.add(task)
            task.add_done_callback(self._left_behind.discard)
        self._observers.attempted(run, attempt)
        self._told(run, result)
        run.finish(result)
        if run.on_abandon is not None:
            run.on_abandon(result)

    def outdate(self) -> None:
        """Drop the results in memory; nothing of what is under way is kept there either."""
        self._results.cache.clear()
        for run in self._tasks:
            run.outdated = True

    async def finish(self, *, force: bool) -> None:
        """Let every run finish its current call and start no other; `force` cancels the calls instead."""
        self._life.closing = True
        for run in self._tasks:
            run.stop = True
        if force and self._tasks:
            for task in self._tasks.values():
                task.cancel()
            _, stuck = await asyncio.wait(self._tasks.values(), timeout=_FORCED_WAIT)
            self._left_behind |= stuck
        while self._tasks and not force:  # looked at again, because the watchdog may give one up meanwhile
            await asyncio.wait(self._tasks.values(), timeout=1.0)
        for task in list(self._left_behind):
            end(task)
        self._cascade.end()
