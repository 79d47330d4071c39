"""Bugs on purpose in the engine itself: single-flight, health, answers, and what the simulator found in it once.

Those of money, suppression, erasure and rates are in modules of their own, which are read here too.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import attrs

from enrichcore import log
from enrichcore.engine import (
    acceptance,
    admission,
    attempt,
    breaker,
    cache,
    cascade,
    enricher,
    keys,
    limits,
    observers,
    results,
    retry,
    retry_after,
    run,
    runner,
    statuses,
    story,
    tenant,
)
from enrichcore.errors import MaybeSent, OutOfCredits, RateLimited, StoreError
from enrichcore.identity.traits import Match
from enrichcore.model import Billed, Outcome, Status
from enrichcore.store import Granted, InFlight, Known, judge, memory, memory_tables
from tests.sim.journal import SimStore
from tests.sim.planting import decision, planted, swap

# --- money ------------------------------------------------------------------------------------------------------------


class _Forgetful(dict[Any, Any]):
    def get(self, key: Any, default: Any = None) -> Any:
        return None


async def _grant_always(self: memory.MemoryStore, claim: Any) -> Any:
    row = await self.known(claim)
    if row is not None:
        return Known(row)
    self._next = number = self._next + 1
    self.tables.open[number] = memory_tables.Intent(number, self.owner, claim, claim.now)
    return Granted(number)


async def _settle_always(self: memory.MemoryStore, row: Any) -> None:
    self.tables.open.pop(row.id, None)
    self._keep(row)


@planted
def no_single_flight() -> Iterator[None]:
    """Two who ask the same question at once both pay: nobody looks whether it is being asked."""
    init = attempt.Asker.__init__

    def forgetful(self: attempt.Asker, **parts: Any) -> None:
        init(self, **parts)
        self._asking = _Forgetful()

    with (
        swap(attempt.Asker, "__init__", forgetful),
        swap(memory.MemoryStore, "claim", _grant_always),
        swap(memory.MemoryStore, "settle", _settle_always),
    ):
        yield


@planted
def no_lease() -> Iterator[None]:
    """Another process's open intent is not respected."""
    with swap(memory.MemoryStore, "claim", _grant_always), swap(memory.MemoryStore, "settle", _settle_always):
        yield


@planted
def intent_after_the_call() -> Iterator[None]:
    """The intent is written together with the outcome, so that a crash in between loses the charge."""

    async def claim(self: memory.MemoryStore, claim: Any) -> Any:
        row = await self.known(claim)
        if row is not None:
            return Known(row)
        self._next += 1
        return Granted(self._next)

    with swap(memory.MemoryStore, "claim", claim), swap(memory.MemoryStore, "settle", _settle_always):
        yield


@planted
def no_single_flight_within() -> Iterator[None]:
    """Within one process nobody waits for an answer that is on its way: the second caller goes without."""
    init = attempt.Asker.__init__

    def forgetful(self: attempt.Asker, **parts: Any) -> None:
        init(self, **parts)
        self._asking = _Forgetful()

    with swap(attempt.Asker, "__init__", forgetful):
        yield


@planted
def key_without_tenant() -> Iterator[None]:
    """One tenant's answers are another's."""
    init = keys.Keyer.__init__
    with swap(keys.Keyer, "__init__", lambda self, secret, _tenant: init(self, secret, "")):
        yield


@planted
def double_settle() -> Iterator[None]:
    """Every outcome is booked twice."""
    settle = attempt.Asker._settle

    async def twice(self: attempt.Asker, row: Any, *, paid: bool) -> None:
        await settle(self, row, paid=paid)
        if paid:
            await settle(self, attrs.evolve(row, id=self._store.next_id()), paid=paid)

    conclude = attempt.Asker._conclude

    async def conclude_twice(self: attempt.Asker, current: run.Run, row: Any, verdict: Any, *, paid: bool) -> None:
        await conclude(self, current, row, verdict, paid=paid)
        if paid:
            await self._store.settle(attrs.evolve(row, id=self._store.next_id()))

    with swap(attempt.Asker, "_settle", twice), swap(attempt.Asker, "_conclude", conclude_twice):
        yield


@planted
def doubt_counts_as_unsent() -> Iterator[None]:
    """A lost answer is taken for an unsent question, and the question is sent again."""
    with decision(MaybeSent, retry.Again.ALWAYS, retry.Charge.NO, retry.Effect.FAILURE):
        yield


@planted
def doubt_blocks_nothing() -> Iterator[None]:
    """What may have been billed is bought again by the next caller."""
    newest = judge.newest_blocking

    def known(claim: Any, rows: Any) -> Any:
        return newest(claim, [row for row in rows if row.billed is not Billed.UNKNOWN])

    with swap(memory, "newest_blocking", known):
        yield


@planted
def misses_are_forgotten() -> Iterator[None]:
    """A stored miss answers nobody."""
    newest = judge.newest_blocking

    def known(claim: Any, rows: Any) -> Any:
        return newest(claim, [row for row in rows if row.outcome is not Outcome.MISS])

    def put(self: Any, row: Any) -> None:
        if row.outcome is not Outcome.MISS:
            store(self, row)

    store = cache.AttemptCache.put
    with swap(memory, "newest_blocking", known), swap(cache.AttemptCache, "put", put):
        yield


@planted
def job_is_bought_again() -> Iterator[None]:
    """After a crash a vendor's job is submitted anew instead of polled."""
    look = memory.MemoryStore._judge

    def forget(self: memory.MemoryStore, claim: Any, intent: Any) -> Any:
        if intent.job is None or intent.owner in self.tables.owners:
            return look(self, claim, intent)
        self._close(intent)
        return None

    with swap(memory.MemoryStore, "_judge", forget):
        yield


@planted
def journal_failure_is_ignored() -> Iterator[None]:
    """An intent that could not be written is taken for granted."""
    claim = SimStore.claim

    async def careless(self: SimStore, wanted: Any) -> Any:
        try:
            return await claim(self, wanted)
        except StoreError:
            return Granted(self.next_id())

    with swap(SimStore, "claim", careless):
        yield


# --- health -----------------------------------------------------------------------------------------------------------


@planted
def rate_limit_counts_as_failure() -> Iterator[None]:
    """A 429 speaks against the provider's health."""
    with decision(RateLimited, retry.Again.AFTER_WAIT, retry.Charge.NO, retry.Effect.FAILURE):
        yield


@planted
def retry_without_credits() -> Iterator[None]:
    """An empty account is asked again at once."""
    with decision(OutOfCredits, retry.Again.ALWAYS, retry.Charge.NO, retry.Effect.NONE):
        yield


@planted
def breaker_never_opens() -> Iterator[None]:
    """A failing provider is asked on and on."""
    with swap(breaker.Health, "failed", lambda self, _now, _started: self.neutral()):
        yield


@planted
def every_call_is_a_probe() -> Iterator[None]:
    """After its cool-down an open breaker lets everybody through."""
    gate = breaker.Health.gate

    def open_wide(self: breaker.Health, now: float) -> Any:
        self._probing = False
        return gate(self, now)

    with swap(breaker.Health, "gate", open_wide):
        yield


@planted
def retry_after_in_milliseconds() -> Iterator[None]:
    """A vendor's wait is taken for a thousandth of it."""
    parse = retry_after.parse_retry_after

    def hasty(values: Any, **more: Any) -> float | None:
        wait = parse(values, **more)
        return None if wait is None else wait / 1000

    with swap(statuses, "parse_retry_after", hasty):
        yield


@planted
def retry_budget_is_ignored() -> Iterator[None]:
    """Whatever fails is retried, however much fails."""
    with swap(retry.RetryBudget, "take", lambda _self: True):
        yield


@planted
def tries_have_no_end() -> Iterator[None]:
    """One question is tried as often as the budget allows."""
    with swap(attempt, "MAX_TRIES", 1000):
        yield


@planted
def rates_are_ignored() -> Iterator[None]:
    """Calls start whenever somebody wants one."""
    with swap(limits.Limiter, "take", lambda _self, now, latest=None: now):
        yield


# --- answers ----------------------------------------------------------------------------------------------------------


@planted
def error_counts_as_miss() -> Iterator[None]:
    """An attempt that failed is told as a miss."""
    failed = story.failed
    with swap(story, "failed", lambda *parts: attrs.evolve(failed(*parts), outcome=Outcome.MISS, reason=None)):
        yield


@planted
def skip_counts_as_miss() -> Iterator[None]:
    """A provider that could not be asked now is not missed."""
    with swap(cascade, "TEMPORARY_SKIPS", frozenset()):
        yield


@planted
def deadline_is_ignored() -> Iterator[None]:
    """A run does not know its deadline."""
    init = run.Run.__init__

    def timeless(self: run.Run, *parts: Any) -> None:
        init(self, *parts)
        self.deadline_at = None

    with swap(run.Run, "__init__", timeless):
        yield


@planted
def stop_is_ignored() -> Iterator[None]:
    """A run goes on after the last caller left."""
    with swap(run.Run, "stop", property(lambda _self: False, lambda _self, _value: None)):
        yield


@planted
def closing_is_ignored() -> Iterator[None]:
    """An engine that closes starts new calls."""
    with swap(runner.Runner, "finish", _finish_late), swap(admission.Admission, "ended", lambda _self, run: run.stop):
        yield


async def _finish_late(self: runner.Runner, *, force: bool) -> None:
    while self._tasks:
        await self._runtime.sleep(0.1)


@planted
def asks_on_after_acceptance() -> Iterator[None]:
    """After an accepted number one more provider is asked."""
    work = cascade.Cascade.run

    async def curious(self: cascade.Cascade, current: run.Run) -> Any:
        ended = await work(self, current)
        if ended.result.status is Status.FOUND:
            asked = {(a.provider, a.method) for a in current.attempts}
            for step in self._plan.steps:
                query = current.subject.queries.get(step.method)
                if query is not None and step.lacks(query) is None and (step.name, step.method) not in asked:
                    await self._asker.take(current, step, query)
                    break
        return ended

    with swap(cascade.Cascade, "run", curious):
        yield


@planted
def job_stops_nothing() -> Iterator[None]:
    """While a job that was paid for runs, the next vendor is paid for the same person."""
    with swap(cascade, "story", SimpleNamespace(**{**vars(story), "PENDING": "nothing"})):
        yield


@planted
def anybody_is_accepted() -> Iterator[None]:
    """Whoever a vendor talks about is taken for the one who was asked for."""
    with swap(acceptance, "match_person", lambda **_: Match(accepted=True, score=1.0, evidence=())):
        yield


@planted
def policy_is_ignored() -> Iterator[None]:
    """Any kind of number counts, whatever the caller wants."""
    with swap(acceptance, "_unwanted", lambda *_: None):
        yield


@planted
def refresh_is_ignored() -> Iterator[None]:
    """Who asks for a new answer gets the stored one."""
    enrich = enricher.Enricher.enrich_phone

    async def lazy(self: enricher.Enricher, contact: Any, **options: Any) -> Any:
        return await enrich(self, contact, **{**options, "refresh": False, "max_age": None})

    with swap(enricher.Enricher, "enrich_phone", lazy):
        yield


@planted
def waiter_is_forgotten() -> Iterator[None]:
    """Of several who wait for one run only the first hears of its end."""
    finish = run.Run.finish

    def forgetful(self: run.Run, outcome: Any) -> None:
        del self.waiters[1:]
        finish(self, outcome)

    with swap(run.Run, "finish", forgetful):
        yield


# --- the rest ---------------------------------------------------------------------------------------------------------


@planted
def lease_outlives_its_owner() -> Iterator[None]:
    """What a dead process was asking is in flight for ever."""
    with swap(memory.MemoryStore, "_judge", lambda _self, _claim, intent: InFlight(intent.row())):
        yield


@planted
def closes_without_waiting() -> Iterator[None]:
    """An engine that closes leaves its runs behind."""

    async def finish(self: runner.Runner, *, force: bool) -> None:
        for current in self._tasks:
            current.stop = True

    with swap(runner.Runner, "finish", finish):
        yield


@planted
def log_shows_the_phone() -> Iterator[None]:
    """The number is in the event of the attempt."""
    tell = story.log_attempt

    def talkative(events: log.EventLog, enrichment: int, told: Any) -> None:
        tell(events, enrichment, attrs.evolve(told, reason=told.phone) if told.phone else told)

    with swap(observers, "log_attempt", talkative):
        yield


# --- what the simulator found in the engine, put back -----------------------------------------------------------------


@planted
def abandoned_intent_stays_open() -> Iterator[None]:
    """A plugin that ignores its cancellation keeps its question in flight for as long as its process lives."""

    async def abandon(self: tenant.Tenant, current: run.Run, step: Any) -> None:
        self.channels[step.name].health.suspend("plugin_fault")
        self.asker.leave(current)
        self.runner.abandon(current, step)

    with swap(tenant.Tenant, "abandon", abandon):
        yield


@planted
def deadline_starts_with_the_run() -> Iterator[None]:
    """Who waited for another's run in vain gets its whole deadline once more."""
    new = runner.Runner._new

    def fresh(self: runner.Runner, subject: Any, options: Any, slots: Any, _began: float, **more: Any) -> Any:
        return new(self, subject, options, slots, self._runtime.monotonic(), **more)

    with swap(runner.Runner, "_new", fresh):
        yield


@planted
def hints_are_ignored() -> Iterator[None]:
    """A stored `not_found` answers a caller whose hints make another provider applicable."""
    with swap(results.Results, "_more_to_ask", lambda _self, _run, _result: False):
        yield


@planted
def open_breaker_is_deaf_to_429() -> Iterator[None]:
    """A vendor's wait is forgotten when its breaker is open."""
    pace = breaker.Health.pace

    def deaf(self: breaker.Health, until: float, started: float | None = None) -> None:
        if self.state is breaker.State.OPEN:
            self._probing = False
        else:
            pace(self, until, started)

    with swap(breaker.Health, "pace", deaf):
        yield


@planted
def success_is_not_seen_while_paced() -> Iterator[None]:
    """Failures count while a provider is paced, answers do not."""
    succeeded = breaker.Health.succeeded

    def blind(self: breaker.Health, started: float | None = None) -> None:
        if self.state is not breaker.State.PACED:
            succeeded(self, started)

    with swap(breaker.Health, "succeeded", blind):
        yield
