"""One step of one enrichment: cache, single-flight, health, rate limit, claim, call, settle, judge.

What comes back is an `Attempt` for the story, and the verdict on the answer if there was one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from enrichcore.engine import story
from enrichcore.engine.acceptance import Verdict
from enrichcore.engine.admission import Admission
from enrichcore.engine.batching import Seat
from enrichcore.engine.breaker import TIME_HEALS
from enrichcore.engine.budgets import Budgets
from enrichcore.engine.cache import AttemptCache
from enrichcore.engine.call import start
from enrichcore.engine.caller import Begun, Caller
from enrichcore.engine.channel import NO_HTTP, Channel
from enrichcore.engine.claiming import Claiming, Go
from enrichcore.engine.jobs import Jobs
from enrichcore.engine.keys import Keyer
from enrichcore.engine.listing import Listing
from enrichcore.engine.numbers import Numbers
from enrichcore.engine.outcome import SUPPRESSED, judged
from enrichcore.engine.plan import METHODS, Plan, Step
from enrichcore.engine.retry import (
    DEFAULT_PACE,
    MAX_TRIES,
    Effect,
    billed_for,
    decide,
    may_repeat,
)
from enrichcore.engine.run import Run
from enrichcore.engine.tally import Voice
from enrichcore.engine.transport import Wire
from enrichcore.errors import ProviderError, RateLimited
from enrichcore.model import Answer, Attempt, Billed, Hit, Job, Method, Miss, Outcome, Query, SkipReason
from enrichcore.runtime import Runtime
from enrichcore.store import Claim, Row, Store
from enrichcore.store.codec import decode_answer
from enrichcore.store.protocol import ended_row

_MISS: Final = Outcome.MISS  # an attribute of an enum costs ten times a global name
Told = tuple[Attempt, Verdict | None, Answer | None]


_Look = Callable[[str, bytes, Collection[bytes]], bool | Awaitable[bool]]


class Asker:
    """Carries out steps for one tenant. Everything that several enrichments share sits here."""

    def __init__(
        self,
        *,
        runtime: Runtime,
        store: Store,
        keyer: Keyer,
        tenant: str,
        plan: Plan,
        channels: dict[str, Channel],
        cache: AttemptCache,
        numbers: Numbers,
        budgets: Budgets,
        listing: Listing,
        is_closing: Callable[[], bool],
        jobs: Jobs,
        left: Callable[[Run, Step, Query, Job], None],
    ) -> None:
        self._runtime = runtime
        self._store = store
        self._keyer = keyer
        self._tenant = tenant
        self._channels = channels
        self._cache = cache
        self._numbers = numbers
        self._listing = listing
        self._admission = Admission(runtime, is_closing)
        self._left = left
        self._caller = Caller(runtime, self._admission, jobs)
        self._batches = self._caller.batches
        self.end = self._batches.end
        self._claiming = Claiming(runtime, store, tenant, self._admission, budgets, listing)
        self._look: Callable[[str, bytes, Collection[bytes]], bool | Awaitable[bool]] | None = getattr(
            store, "unheard", None
        )
        self._tags = {step: keyer.asked(step.prefix) for step in plan.steps}
        self._tags_of = {m: [self._tags[s] for s in plan.steps if s.method is m] for m in METHODS}
        self._asking: dict[bytes, list[asyncio.Future[None]]] = {}
        self._askers: dict[Run, bytes] = {}
        self._intents: dict[Run, int] = {}

    @property
    def calls(self) -> dict[Run, tuple[float, Step]]:
        """Calls under way and when each should be over: what the watchdog reads."""
        return self._caller.calls

    def look(self, run: Run) -> Awaitable[bool] | None:
        """Find out whether the journal holds nothing about this contact, as far as one look can say.

        Then `run.unheard` is true and nobody looks again. A store may do without it, answer at once, or let the answer
        be awaited, which is returned. What another process writes meanwhile, a claim still sees.
        """
        if self._look is None:
            return None
        keys: list[bytes] = []
        for method, asked in run.asked.items():
            keys += map(asked.__add__, self._tags_of[method])
        unheard = self._look(self._tenant, run.record, keys)
        if unheard is True or unheard is False:
            run.unheard = unheard
            return None
        return unheard

    async def recall(self, run: Run, step: Step, query: Query) -> Told | None:
        """The answer that is already there, judged again; nothing is asked."""
        told = await self.stored(run, step, query)
        return None if told is None or told[2] is None else told

    async def stored(self, run: Run, step: Step, query: Query) -> Told | None:
        """What is already there of a step: an answer, judged again, or what blocks it; nothing is asked."""
        claim = self._claiming.claim(run, step, run.asked[step.method] + self._tags[step], self._channels[step.name])
        row = await self._known(claim, run)
        return None if row is None else self._remember(run, step, query, row)

    def learned(self, run: Run, method: Method, query: Query) -> None:
        """Know the key of a question that an answer has made possible."""
        run.asked = {**run.asked, method: self._keyer.query(query.key)}

    def at_once(self, run: Run, step: Step, query: Query) -> Told | Begun | None:
        """The answer of a free provider that does not wait for anything, as one does that answers from memory.

        Else the call as far as it has come, or None where it has to be asked whether there may be one. Nothing else
        runs meanwhile, so that no guard against others is needed, and no coroutine.
        """
        if step.paid or step.blocking or step.batch is not None or not run.unheard or not run.options.ask:
            return None
        channel = self._channels[step.name]
        key = run.asked[step.method] + self._tags[step]
        if key in self._asking or self._cache.get(key) is not None or not self._admission.at_once(run, channel):
            return None
        started, began = self._runtime.wall(), self._runtime.monotonic()
        http = channel.http.attempt() if channel.http is not None else NO_HTTP
        assert step.hook is not None
        first = start(step.hook, query, http)
        if first.__class__ is not Hit and first.__class__ is not Miss:  # nothing else comes out of `start` as an answer
            return Begun(http, first)
        channel.retries.first_attempt()
        row = self._row(run, step, key, self._store.next_id(), started, began)
        channel.health.succeeded()
        verdict = judged(run, step, query, first, row, self._numbers, self._listing)
        self._store.record(row)
        if not run.outdated:
            self._cache.put(row)
        return story.answered(step, row, verdict), verdict, first

    async def take(self, run: Run, step: Step, query: Query, begun: Begun | None = None) -> Told:
        """Carry out one step: the answer that is already there, or a new one; or see a call through that has begun."""
        channel = self._channels[step.name]
        key = run.asked[step.method] + self._tags[step]
        while begun is None:
            if not run.unheard or self._cache.get(key) is not None:
                claim = self._claiming.claim(run, step, key, channel)
                row = await self._known(claim, run)
                if row is not None:
                    return self._remember(run, step, query, row)
            others = self._asking.get(key)
            if others is None:
                break
            waiter = asyncio.get_running_loop().create_future()
            others.append(waiter)
            if not await self._wait_for(waiter, run):
                return self._skip(step, SkipReason.IN_FLIGHT, channel)
        if not run.options.ask:
            return self._skip(step, SkipReason.OVER_BUDGET, channel)
        self._asking[key] = []
        self._askers[run] = key
        try:
            return await self._ask(run, step, query, channel, key, begun)
        finally:
            self._batches.leave(run)
            self.leave(run)

    def clear(self) -> None:
        """Drop the answers in memory."""
        self._cache.clear()

    def leave(self, run: Run) -> int | None:
        """Let those go on who wait for the answer that `run` asks for; returned is the id of its last intent."""
        key = self._askers.pop(run, None)
        for waiter in self._asking.pop(key, ()) if key is not None else ():
            if not waiter.done():
                waiter.set_result(None)
        return self._intents.pop(run, None)

    async def _known(self, claim: Claim, run: Run) -> Row | None:
        row = self._cache.get(claim.key)
        if row is not None:
            since = claim.misses_since if row.outcome is _MISS else claim.hits_since
            if (row.settled_at or 0.0) >= since:
                return row
        if run.unheard:
            return None
        row = await self._store.known(claim)
        if row is not None and not run.options.refresh:
            self._keep(run, row)
        return row

    def _keep(self, run: Run, row: Row) -> None:
        if not run.outdated:
            self._cache.put(row)

    async def _wait_for(self, waiter: asyncio.Future[None], run: Run) -> bool:
        """Whether `waiter` was done before the deadline."""
        if run.deadline_at is None:
            await waiter
            return True
        left = run.deadline_at - self._runtime.monotonic()
        try:
            async with asyncio.timeout(max(left, 0)):
                await waiter
        except TimeoutError:
            return False
        return True

    async def _ask(self, run: Run, step: Step, query: Query, channel: Channel, key: bytes, begun: Begun | None) -> Told:
        """Ask until there is an outcome: every try has its own intent, so that nothing waits with an open one."""
        began = self._runtime.monotonic()
        tries = 0
        paid, batched = step.paid, self._batches.takes(run, step)
        failed: Attempt | None = None
        while True:
            seat: Seat | None = None
            refused: SkipReason | None = None
            if batched:
                seat, refused = await self._batches.seat(run, step, channel)
            elif begun is None and not self._admission.at_once(run, channel):
                refused = await self._admission.admit(run, step, channel)
            if refused is not None:
                if failed is not None and not (run.options.patient and refused in TIME_HEALS):
                    return failed, None, None  # it was asked, and that is how it ended
                return self._skip(step, refused, channel)
            job: Job | None = None
            attempt_id = 0
            admitted = self._runtime.monotonic()
            started = self._runtime.wall() if seat is None else seat.started
            if paid:
                bought = await self._claiming.purchase(run, step, key, channel, seat)
                if not isinstance(bought, Go):
                    if seat is None:
                        channel.health.neutral(admitted)
                    else:
                        seat.leave()
                    if bought is None:
                        continue
                    if isinstance(bought, SkipReason):
                        return self._skip(step, bought, channel)
                    self._keep(run, bought)
                    return self._remember(run, step, query, bought)
                attempt_id, started, job = bought.attempt, bought.started, bought.job
                if run.fetching and job is None:  # there is none any more
                    await self._claiming.withdraw(self._claiming.claim(run, step, key, channel), attempt_id)
                    channel.health.neutral(admitted)
                    return self._skip(step, SkipReason.STOPPED, channel)
                self._intents[run] = attempt_id
            voice = channel if seat is None or job is not None else seat.voice
            tries += 1
            if tries == 1:
                voice.retries.first_attempt()
            at = self._runtime.monotonic()
            outcome: Hit | Miss | Job | ProviderError
            wire = Wire.UNSENT
            submitted = started if job is not None else None
            if job is None:
                if seat is not None:
                    outcome, wire = await self._batches.call(seat, query)
                else:
                    outcome, wire = await self._caller.call(run, step, query, channel, begun)
                begun = None
                if isinstance(outcome, Job):
                    if attempt_id:
                        await self._store.note_job(attempt_id, outcome.written())
                    job = outcome
            if job is not None:
                collected = await self._caller.collect(run, step, query, channel, job, submitted)
                if collected is None:
                    voice.health.neutral(admitted)
                    if attempt_id:
                        await self._store.release(attempt_id)
                        self._left(run, step, query, job)
                    duration = (self._runtime.monotonic() - began) * 1000
                    told = story.pending(step, channel, attempt_id, duration, tries, self._runtime)
                    return told, None, None
                outcome, wire = collected
            row = self._row(run, step, key, attempt_id or self._store.next_id(), started, began)
            row.tries = tries
            row.job = job.written() if job is not None else None
            if isinstance(outcome, ProviderError):
                wait = await self._failed(run, channel, voice, outcome, wire, row, at, paid=paid)
                failed = story.failed(step, channel, outcome, row, self._runtime)
                if seat is not None and seat.refused_with_others and row.billed is Billed.NO:
                    batched = False
                    continue
                if wait is None:
                    return failed, None, None
                if wait:
                    await self._admission.pause(run, wait)
                continue
            assert not isinstance(outcome, Job)
            voice.health.succeeded(at)
            verdict = judged(run, step, query, outcome, row, self._numbers, self._listing)
            await self._conclude(run, row, verdict, paid=paid)
            return story.answered(step, row, verdict), verdict, outcome

    def _row(self, run: Run, step: Step, key: bytes, attempt: int, started: float, began: float) -> Row:
        """The row of an attempt that has just ended, at its first try; what came of it is still to be said."""
        took = (self._runtime.monotonic() - began) * 1000
        now = self._runtime.wall()
        return ended_row(
            attempt, key, self._tenant, run.record, step.name, step.by, self._store.owner, started, now, took
        )

    async def _failed(
        self,
        run: Run,
        channel: Channel,
        voice: Channel | Voice,
        error: ProviderError,
        wire: Wire,
        row: Row,
        at: float,
        *,
        paid: bool,
    ) -> float | None:
        """Settle a failed try. The answer is how long to wait before the next one, or None for no further try."""
        price = channel.member.price
        now = self._runtime.monotonic()
        row.outcome, row.reason = Outcome.ERROR, error.code
        row.billed = billed_for(error, price, wire)
        if row.billed is not Billed.NO:
            row.credits = price.credits
            row.cost = channel.member.money(row.credits)
        await self._settle(row, paid=paid)
        effect = decide(error).effect
        health = voice.health
        pause = 0.0
        if effect is Effect.FAILURE:
            if run.deadline_at is not None and run.deadline_at <= now < at + channel.provider.typical:
                health.neutral(at)  # its caller had less time than an answer usually takes
            else:
                health.failed(now, at)
        elif effect is Effect.PACE:
            asked = error.retry_after if isinstance(error, RateLimited) else None
            pause = DEFAULT_PACE if asked is None else asked
            health.pace(now + pause, at)
        elif effect is Effect.PARK:
            health.park(now)
        elif effect is Effect.SUSPEND:
            health.suspend(error.code)
        else:
            health.neutral(at)
        if self._admission.ended(run):
            return None
        if effect is Effect.PARK and run.options.waits_for_credits and row.billed is Billed.NO:
            return 0.0  # the wait itself is the gate's business
        if not may_repeat(error, price, row.billed):
            return None
        if effect is Effect.PACE:
            if run.options.patient or (row.tries < MAX_TRIES and run.fits(now, pause)):
                return 0.0  # the wait itself is the gate's business
            return None
        if row.tries >= MAX_TRIES or not voice.retries.take():
            return None
        pause = voice.retries.pause(self._runtime, row.tries)
        return pause if run.fits(now, pause) else None

    async def _conclude(self, run: Run, row: Row, verdict: Verdict, *, paid: bool) -> None:
        """Write an answer down. One that ends nothing is not waited for: the next claim is durable no sooner."""
        if paid:
            settled = self._store.settle(row)
            if isinstance(settled, asyncio.Future) and verdict.phone is None and not self._asking.get(row.key):
                run.settling += (settled,)
                self._askers.pop(run, None)  # until it is durable nobody else may ask the same
                settled.add_done_callback(lambda done: self._concluded(run, row, done))
                return
            await settled
        else:
            self._store.record(row)
        self._keep(run, row)

    def _concluded(self, run: Run, row: Row, settled: asyncio.Future[None]) -> None:
        if not settled.cancelled() and settled.exception() is None:
            self._keep(run, row)
        for waiter in self._asking.pop(row.key, ()):
            if not waiter.done():
                waiter.set_result(None)

    async def _settle(self, row: Row, *, paid: bool) -> None:
        if paid:
            await self._store.settle(row)
        else:
            self._store.record(row)

    def _remember(self, run: Run, step: Step, query: Query, row: Row) -> Told:
        """Judge a stored answer again: the policy may have changed, the caller's own fields may say more."""
        if row.payload is None:
            if row.reason == SUPPRESSED:
                verdict = Verdict(reason=SUPPRESSED, same_person=False)
                return story.remembered(step, row, verdict), verdict, None
            return story.stuck(step, self._channels[step.name], row, self._runtime), None, None
        answer = decode_answer(row.payload)
        verdict = self._numbers.judge(answer, run.subject, query, run.options.acceptance)
        if self._listing.has_person(run) or self._listing.has_answer(answer, verdict):
            verdict = Verdict(reason=SUPPRESSED, same_person=False)
        return story.remembered(step, row, verdict), verdict, answer

    def _skip(self, step: Step, reason: SkipReason, channel: Channel) -> Told:
        return story.skipped(step, reason, channel, self._runtime), None, None
