"""The cascade: works the plan's list off for one contact until a number is accepted or nobody is left to ask."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import attrs

from enrichcore.engine import story
from enrichcore.engine.acceptance import Verdict
from enrichcore.engine.attempt import Asker, Told
from enrichcore.engine.breaker import TIME_HEALS
from enrichcore.engine.channel import Channel, moment
from enrichcore.engine.listing import Listing
from enrichcore.engine.outcome import SUPPRESSED as _SUPPRESSED
from enrichcore.engine.plan import Plan, Step
from enrichcore.engine.run import Run
from enrichcore.identity import clean_domain, clean_email, clean_linkedin
from enrichcore.model import (
    Answer,
    Attempt,
    Learned,
    Method,
    Outcome,
    PhoneResult,
    Query,
    SkipReason,
    Status,
    Subject,
)
from enrichcore.model.attempt import TEMPORARY_SKIPS, ZERO
from enrichcore.model.result import ResultDraft
from enrichcore.model.subject import email_query, linkedin_query, name_query
from enrichcore.runtime import Runtime

INSUFFICIENT = "insufficient_data"
# An attribute of an enum costs ten times a global name.
_HIT, _SKIPPED, _NOT_REACHED = Outcome.HIT, Outcome.SKIPPED, SkipReason.NOT_REACHED
_FOUND, _NOT_FOUND, _INCOMPLETE = Status.FOUND, Status.NOT_FOUND, Status.INCOMPLETE
NOBODY = "no_applicable_provider"
_NOW = frozenset({SkipReason.NO_TIME, SkipReason.IN_FLIGHT, SkipReason.STOPPED})
"""Skips after which asking again makes sense at once."""
LOOK_AGAIN = 1.0
"""Seconds after which a bulk run looks again at a provider that somebody else is probing."""


@attrs.define(eq=False)
class Ended:
    """How a cascade ended, with the step that gave the number, if one did."""

    result: PhoneResult
    winner: Step | None = None
    oldest: float | None = None
    """When the oldest of the answers that decided it was given, in wall seconds; None for one without answers."""


class Cascade:
    """Runs contacts through a plan."""

    def __init__(
        self,
        plan: Plan,
        asker: Asker,
        channels: dict[str, Channel],
        runtime: Runtime,
        on_attempt: Callable[[Run, Attempt], None],
        listing: Listing,
    ) -> None:
        self._plan = plan
        self._listing = listing
        self._on_attempt = on_attempt
        self._asker = asker
        self.end = asker.end
        """End what is left of calls that nobody waits for any more."""
        self.look = asker.look
        """See whether the journal holds nothing about a run's contact; what is returned has to be awaited for it."""
        self._channels = channels
        self._runtime = runtime

    async def run(self, run: Run) -> Ended:
        """Ask until a number is accepted, nobody applicable is left, or nobody waits for the answer any more."""
        subject = run.subject
        if not subject.queries:
            return Ended(self._result(run, Status.INVALID, f"{INSUFFICIENT}: {subject.missing()}"))
        if not self._listing.is_quiet and self._listing.has_person(run):
            return self._suppressed(run, bytearray(len(self._plan.steps)), dict(subject.queries))
        steps = self._plan.steps
        queries = dict(subject.queries)
        taken = bytearray(len(steps))
        again = bought = False
        while True:
            blocked: list[Step] = []
            index = 0
            while index < len(steps):
                step = steps[index]
                index += 1
                if taken[index - 1] or step.member.skip is not None:
                    continue
                query = queries.get(step.method)
                if query is None or not (step.always or step.lacks(query) is None):
                    continue
                if run.stop:
                    break
                if bought and step.paid:
                    continue
                taken[index - 1] = 1
                told = self._asker.at_once(run, step, query)
                if not isinstance(told, tuple):
                    told = await self._asker.take(run, step, query, told)
                attempt, verdict, answer = told
                run.attempts.append(attempt)
                reason = attempt.reason
                if not again or reason not in TIME_HEALS:  # that it still has to wait for a provider is no news
                    self._on_attempt(run, attempt)
                # A job that was paid for may still bring the number: until it has ended, nothing else is bought.
                bought = bought or (step.paid and reason == story.PENDING)
                if attempt.outcome is _HIT and verdict is not None:
                    return self._found(run, step, told, taken, queries)
                if reason == _SUPPRESSED:
                    return self._suppressed(run, taken, queries)
                if verdict is not None and verdict.same_person and answer is not None and answer.person is not None:
                    if self._learn(run, answer, queries):
                        index = 0
                    if self._listing.has_person(run):
                        return self._suppressed(run, taken, queries)
                elif reason is not None and reason in TIME_HEALS:
                    blocked.append(step)
            if not blocked or run.stop or not run.options.patient or not await self._wait(run, blocked):
                return self._ended(run, taken, queries)
            again = True
            for step in blocked:
                taken[step.index] = 0
            run.attempts[:] = [a for a in run.attempts if a.reason not in TIME_HEALS]

    async def recall(self, run: Run) -> Ended | None:
        """A number that is already known and acceptable, found without asking anybody."""
        taken = bytearray(len(self._plan.steps))
        for step in self._plan.steps:
            query = run.subject.queries.get(step.method)
            if query is None or step.name not in self._channels:
                continue
            told = await self._asker.recall(run, step, query)
            if told is not None and told[0].outcome is Outcome.HIT:
                taken[step.index] = 1
                run.attempts.append(told[0])
                return self._found(run, step, told, taken, run.subject.queries)
        return None

    async def _wait(self, run: Run, blocked: list[Step]) -> bool:
        """In a bulk run: wait for the first blocked provider, unless some vendor has already answered this record."""
        for attempt in run.attempts:
            plugin = self._channels[attempt.provider].member.plugin
            definite = attempt.outcome in (Outcome.MISS, Outcome.REJECTED)
            if definite and plugin is not None and not plugin.provider.first_party:
                return False
        now = self._runtime.monotonic()
        untils = [(self._channels[s.name].health.until, s.name) for s in blocked]
        until, name = min(((u, n) for u, n in untils if u is not None), default=(now, blocked[0].name))
        until = max(until, now + LOOK_AGAIN)  # its time may have come already: then somebody else's call is the probe
        wait = until - now
        if not run.fits(now, wait):
            return False
        if run.slots is not None:
            reasons = (a.reason for a in run.attempts if a.provider == name and a.reason in TIME_HEALS)
            run.slots.waiting(name, next(reasons, None) or SkipReason.OPEN, wait)
        while not run.stop and (left := until - self._runtime.monotonic()) > 0:
            await self._runtime.sleep(min(left, 1.0))
        return not run.stop

    def _learn(self, run: Run, answer: Answer, queries: dict[Method, Query]) -> bool:
        """Take over what an accepted answer says beyond the caller's own fields; whether a new question is possible."""
        person, subject = answer.person, run.subject
        assert person is not None
        learned = run.learned or Learned()
        new = False
        if subject.email is None and learned.email is None and (email := _clean(person.email, clean_email)):
            learned.email = email
            queries[Method.EMAIL] = email_query(email, subject.first_name, subject.last_name, subject.country)
            new = True
        if subject.linkedin_id is None and learned.linkedin_id is None:
            slug = _clean(person.linkedin_id, clean_linkedin)
            if slug is not None:
                learned.linkedin_id = slug
                queries[Method.LINKEDIN] = linkedin_query(slug, subject.first_name, subject.last_name, subject.country)
                new = True
        if subject.domain is None and learned.domain is None and (domain := _clean(person.domain, clean_domain)):
            learned.domain = domain
            if subject.first_name and subject.last_name:
                queries[Method.NAME] = name_query(
                    subject.first_name, subject.last_name, subject.company, domain, subject.country
                )
                new = True
        run.learned, run.listed = learned, None
        if new:
            run.unheard = False  # the questions are others now
            for method, query in queries.items():
                if query is not subject.queries.get(method):
                    self._asker.learned(run, method, query)
        return new

    def _found(self, run: Run, step: Step, told: Told, taken: bytearray, queries: dict[Method, Query]) -> Ended:
        attempt, verdict, answer = told
        assert verdict is not None
        if answer is not None and answer.person is not None and verdict.same_person:
            self._learn(run, answer, dict(queries))
        given = attempt.started_at
        result = self._result(
            run,
            _FOUND,
            None,
            attempts=self._story(run.attempts, taken, queries, _NOT_REACHED),
            attempt=attempt,
            verdict=verdict,
        )
        return Ended(result, step, None if given is None else given.timestamp())

    def _suppressed(self, run: Run, taken: bytearray, queries: dict[Method, Query]) -> Ended:
        """The person is on the suppression list: nobody is asked, nothing is given, and nothing learned is echoed."""
        run.learned = None
        attempts = self._story(run.attempts, taken, queries, SkipReason.SUPPRESSED)
        attempts = tuple(
            attrs.evolve(a, phone=None, refused_phone=None) if a.phone or a.refused_phone else a for a in attempts
        )
        return Ended(self._result(run, Status.SUPPRESSED, SkipReason.SUPPRESSED.value, attempts=attempts))

    def _ended(self, run: Run, taken: bytearray, queries: dict[Method, Query]) -> Ended:
        rest = SkipReason.STOPPED if run.stop else SkipReason.NOT_REACHED
        attempts = self._story(run.attempts, taken, queries, rest)
        asked = [a for a in attempts if a.outcome is not Outcome.SKIPPED or a.reason in TEMPORARY_SKIPS]
        if not asked:
            return Ended(self._result(run, Status.NOT_FOUND, NOBODY, attempts=attempts))
        open_ends = [a for a in asked if a.outcome in (Outcome.ERROR, Outcome.SKIPPED)]
        if open_ends:
            reason = next((a.reason for a in open_ends if a.outcome is Outcome.ERROR), open_ends[0].reason)
            return Ended(self._result(run, Status.INCOMPLETE, reason, attempts=attempts))
        refused = next((a.reason for a in asked if a.outcome is Outcome.REJECTED), None)
        times = [a.started_at.timestamp() for a in asked if a.started_at is not None]
        result = self._result(run, Status.NOT_FOUND, refused and f"refused: {refused}", attempts=attempts)
        return Ended(result, None, min(times, default=None))

    def _story(
        self, made: list[Attempt], taken: bytearray, queries: dict[Method, Query], rest: SkipReason
    ) -> tuple[Attempt, ...]:
        """The attempts that were made, then every other step with why it was not."""
        told = list(made)
        for step in self._plan.steps:
            if not taken[step.index]:
                reason = step.member.skip
                if reason is None and step.always and step.method in queries:
                    told.append(step.skipped[rest])
                    continue
                if reason is None or reason in TEMPORARY_SKIPS:  # nobody misses an answer that could not have come
                    reason = step.lacks(queries.get(step.method)) or reason or rest
                told.append(step.skipped[reason])
        return tuple(told)

    def _result(
        self,
        run: Run,
        status: Status,
        reason: str | None,
        *,
        attempts: tuple[Attempt, ...] = (),
        attempt: Attempt | None = None,
        verdict: Verdict | None = None,
    ) -> PhoneResult:
        subject: Subject = run.subject
        contact, learned = subject.contact, run.learned
        cost: Decimal | None = ZERO
        cached = True
        for made in attempts:
            if made.outcome is not _SKIPPED:
                cached = cached and made.cached
                spent = made.cost
                if spent is not ZERO:
                    cost = None if spent is None or cost is None else cost + spent
        retry_at = self._retry_at(attempts) if status is _INCOMPLETE else None
        told = ResultDraft()
        told.record_id = subject.record_id
        told.first_name = contact.first_name
        told.last_name = contact.last_name
        told.company = contact.company
        told.email = contact.email if learned is None else contact.email or learned.email
        told.linkedin_id = contact.linkedin_id if learned is None else contact.linkedin_id or learned.linkedin_id
        told.processing_time_ms = round((self._runtime.monotonic() - run.started) * 1000)
        told.status = status
        told.reason = reason
        told.cost = cost
        told.cached = cached and (status is _FOUND or status is _NOT_FOUND) and bool(attempts)
        told.retry_at = retry_at
        told.ignored = subject.ignored
        told.changed, told.stale = run.changed, False
        told.attempts = attempts
        if attempt is None or verdict is None:
            told.phone = told.provider = told.method = told.line_type = None
            told.extension = told.found_at = told.do_not_call = None
            told.plan_line_type = told.claimed_line_type = None
            refused = _best_refused(attempts)
            told.refused_phone = None if refused is None else refused.refused_phone
            told.refused_reason = None if refused is None else refused.refused_reason
        else:
            told.refused_phone = told.refused_reason = None
            told.plan_line_type = verdict.plan_line_type
            told.claimed_line_type = verdict.claimed_line_type
            told.phone = verdict.phone
            told.provider = attempt.provider
            told.method = attempt.method
            told.line_type = verdict.line_type
            told.extension = verdict.extension
            told.found_at = attempt.started_at
            told.do_not_call = verdict.do_not_call
        told.__class__ = PhoneResult
        return told  # type: ignore[no-any-return]

    def _retry_at(self, attempts: tuple[Attempt, ...]) -> datetime | None:
        """When asking again makes sense."""
        reasons = {made.reason for made in attempts}
        if not reasons.isdisjoint(_NOW) and story.PENDING not in reasons:
            return moment(self._runtime.wall())
        return min((made.retry_at for made in attempts if made.retry_at is not None), default=None)

    def in_flight(self, run: Run) -> PhoneResult:
        """The result of a caller whose deadline came while another caller's run of the same contact was under way."""
        attempts = self._story([], bytearray(len(self._plan.steps)), run.subject.queries, SkipReason.IN_FLIGHT)
        return self._result(run, Status.INCOMPLETE, SkipReason.IN_FLIGHT.value, attempts=attempts)

    def abandoned(self, run: Run, step: Step) -> tuple[Attempt, Ended]:
        """The attempt and the end of a run whose provider never came back from a cancelled call."""
        attempt = story.left_behind(step, self._channels[step.name], self._runtime)
        made = [*run.attempts, attempt]
        done = {(a.provider, a.method) for a in made}
        taken = bytearray((s.name, s.method) in done for s in self._plan.steps)
        attempts = self._story(made, taken, run.subject.queries, SkipReason.STOPPED)
        return attempt, Ended(self._result(run, Status.INCOMPLETE, attempt.reason, attempts=attempts))


def _best_refused(attempts: tuple[Attempt, ...]) -> Attempt | None:
    """The attempt whose refused number was nearest to being accepted: the highest score, of equals the earliest."""
    refused = (made for made in attempts if made.refused_phone is not None)
    return max(refused, key=lambda made: made.match_score or 0.0, default=None)


def _clean(value: object, cleaner: Callable[[str], str | None]) -> str | None:
    return cleaner(value) if isinstance(value, str) and value else None
