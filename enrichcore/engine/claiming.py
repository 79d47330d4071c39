"""Claiming: asking the journal whether a paid call may be made, and what to do instead where it may not."""

from typing import Final

import attrs

from enrichcore.engine.admission import Admission
from enrichcore.engine.batching import Seat
from enrichcore.engine.budgets import Budgets
from enrichcore.engine.channel import Channel
from enrichcore.engine.listing import Listing
from enrichcore.engine.plan import Step
from enrichcore.engine.run import NOTHING_ANEW, Run
from enrichcore.model import Job, Outcome, SkipReason
from enrichcore.runtime import Runtime
from enrichcore.store import Claim, Granted, InFlight, Known, OverBudget, Row, Store, Suppressed, TakenOver
from enrichcore.store.protocol import ClaimAnswer, ClaimDraft

_LOOK_AGAIN: Final = (0.05, 1.0)
"""First and longest wait, in seconds, for an attempt that another process has in flight, or for room in a budget."""
_LONGEST_WAIT: Final = 120.0
"""Seconds a call waits for room in a budget: what others have reserved for longer is in doubt, not in flight."""


@attrs.frozen(eq=False)
class Go:
    """The call may be made under this attempt id; with a `job`, only its answer is still to be fetched."""

    attempt: int
    started: float
    job: Job | None = None


@attrs.define(eq=False)
class Claiming:
    """The claims of one tenant."""

    _runtime: Runtime
    _store: Store
    _tenant: str
    _admission: Admission
    _budgets: Budgets
    _listing: Listing

    def claim(
        self, run: Run, step: Step, key: bytes, channel: Channel, *, paying: bool = False, seat: Seat | None = None
    ) -> Claim:
        """The wish to ask a provider about a key, as of now: what is fresh enough, and what it may cost."""
        now = self._runtime.wall() if seat is None else seat.started
        options = run.options
        if options.refresh:
            hits = misses = now - (self._runtime.monotonic() - run.started)
        elif options.max_age is None:
            hits, misses = now - channel.hit_lifetime, now - channel.miss_lifetime
        else:
            hits = now - min(options.max_age, channel.hit_lifetime)
            misses = now - min(options.max_age, channel.miss_lifetime)
        errors = misses
        if (anew := options.anew) is not NOTHING_ANEW:
            hits, misses, errors = max(hits, anew.hits), max(misses, anew.misses), max(misses, anew.errors)
        claim = ClaimDraft()
        claim.key = key
        claim.tenant = self._tenant
        claim.record = run.record
        claim.provider = step.name
        claim.method = step.by
        claim.now = now
        claim.hits_since = hits
        claim.misses_since = misses
        claim.errors_since = errors
        claim.repeats_since = now - step.repeats_free
        claim.reserve, claim.budgets, claim.suppression = 0, (), ()
        if paying:
            claim.suppression = self._listing.hashes(run)
            claim.reserve, claim.budgets = self._budgets.for_call(
                step.name, run.record, run.options.run_id, step.member.worst, now
            )
        claim.__class__ = Claim
        return claim  # type: ignore[no-any-return]

    async def purchase(
        self, run: Run, step: Step, key: bytes, channel: Channel, seat: Seat | None = None
    ) -> Go | Row | SkipReason | None:
        """Whether the call may be made: the intent, a settled attempt that answers it, or why it may not be made.

        None when the gate has to be asked anew, because time has passed.
        """
        worst = self._budgets.blocked(step.name, run.record, run.options.run_id, self._runtime.wall(), step.reserve)
        if worst is not None:
            return SkipReason.OVER_BUDGET
        claim = self.claim(run, step, key, channel, paying=True, seat=seat)
        answer = await self._store.claim(claim)
        waited = False
        if seat is not None and not isinstance(answer, Granted):
            seat.leave()  # the others do not wait for what is in its way
        while isinstance(answer, InFlight) or (isinstance(answer, OverBudget) and not answer.exhausted):
            waited, flying = True, isinstance(answer, InFlight)
            if isinstance(answer, InFlight) and answer.row.owner == self._store.owner:
                return SkipReason.IN_FLIGHT  # ours, but nobody works on it: a plugin that never came back
            longest = float("inf") if flying else _LONGEST_WAIT
            later = await self._wait(run, step, key, channel, type(answer), longest=longest)
            if later is None:
                return SkipReason.IN_FLIGHT if flying else SkipReason.OVER_BUDGET
            answer = later
        if isinstance(answer, OverBudget):
            if answer.exhausted:
                self._budgets.note_exhausted(answer.scope, claim.reserve)
            return SkipReason.OVER_BUDGET
        if isinstance(answer, Suppressed):
            return SkipReason.SUPPRESSED
        if isinstance(answer, Known):
            return answer.row
        if isinstance(answer, TakenOver):
            return Go(answer.row.id, answer.row.started_at, Job.read(answer.row.job or ""))
        assert isinstance(answer, Granted)
        if waited:  # what the gate said is no longer true, and the intent is from now
            await self.withdraw(self.claim(run, step, key, channel), answer.id)
            return None
        late = not run.fits(self._runtime.monotonic(), 0.0)
        if late or self._admission.ended(run):  # since the intent was asked for
            await self.withdraw(claim, answer.id)
            return SkipReason.NO_TIME if late else SkipReason.STOPPED
        return Go(answer.id, claim.now)

    async def withdraw(self, claim: Claim, attempt: int) -> None:
        """Close an intent under which nothing was sent."""
        row = Row(
            id=attempt,
            key=claim.key,
            tenant=claim.tenant,
            record=claim.record,
            provider=claim.provider,
            method=claim.method,
            owner=self._store.owner,
            started_at=claim.now,
            settled_at=self._runtime.wall(),
            outcome=Outcome.SKIPPED,
            reason=SkipReason.STOPPED.value,
        )
        await self._store.settle(row)

    async def _wait(
        self, run: Run, step: Step, key: bytes, channel: Channel, obstacle: type, *, longest: float = float("inf")
    ) -> ClaimAnswer | None:
        """What the store answers once this obstacle is gone; None when too little time is left for a call."""
        wait, most = _LOOK_AGAIN
        until = self._runtime.monotonic() + longest
        while True:
            now = self._runtime.monotonic()
            if self._admission.ended(run) or now >= until or not run.fits(now, wait + channel.provider.typical):
                return None
            await self._admission.pause(run, wait)
            if self._admission.ended(run):
                return None
            # The time of day decides whether the other owner still lives, and which windows a budget has.
            answer = await self._store.claim(self.claim(run, step, key, channel, paying=True))
            if not isinstance(answer, obstacle) or (isinstance(answer, OverBudget) and answer.exhausted):
                return answer
            wait = min(wait * 2, most)
