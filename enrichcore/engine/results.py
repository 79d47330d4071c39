"""Finished results: when a stored one still stands, how one is written down, and how a later caller gets it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from enrichcore.engine.cache import CachedResult, ResultCache
from enrichcore.engine.cascade import Cascade, Ended
from enrichcore.engine.channel import MISS_LIFETIME, Channel
from enrichcore.engine.listing import Listing
from enrichcore.engine.numbers import Numbers
from enrichcore.engine.plan import Plan
from enrichcore.engine.run import Run
from enrichcore.errors import RecordChanged
from enrichcore.model import Billed, Contact, Outcome, PhoneResult, SkipReason, Status
from enrichcore.runtime import Runtime
from enrichcore.store import Store, StoredResult

_ZERO = Decimal(0)
_ANSWERED = (Outcome.HIT, Outcome.MISS, Outcome.REJECTED)
_DEFINITE = (Status.FOUND, Status.NOT_FOUND)
_INVALID, _SUPPRESSED = Status.INVALID, Status.SUPPRESSED


@attrs.define(eq=False)
class Results:
    """The results of one tenant."""

    _tenant: str
    _runtime: Runtime
    _store: Store
    _plan: Plan
    _channels: dict[str, Channel]
    _cascade: Cascade
    numbers: Numbers
    listing: Listing
    _reject_changed: bool
    _serve_stale: bool
    cache: ResultCache

    async def reuse(self, run: Run) -> Ended | None:
        """The stored result, if it still stands for this identity, this policy and these providers."""
        stored = await self._store.load_result(self._tenant, run.record)
        now = self._runtime.wall()
        run.changed = stored is not None and stored.fingerprint != run.identity
        if run.changed and (self._reject_changed or run.options.reject_changed):
            raise RecordChanged(
                "this record_id stood for somebody else before: send a new id for a new person, or set "
                'on_changed_record = "lookup" in [engine] to look up whoever it stands for now'
            )
        if stored is None or run.changed or stored.status not in _DEFINITE or stored.fresh_until <= now:
            return None
        if run.options.refresh:
            return None
        anew = run.options.anew
        oldest = anew.hits if stored.status == Status.FOUND else anew.misses
        if run.options.max_age is not None:
            oldest = max(oldest, now - run.options.max_age)
        result = stored.read()
        winner = self._plan.step(result.provider, result.method) if stored.status == Status.FOUND else None
        times = [a.started_at for a in result.attempts if a.started_at is not None]
        answered = result.found_at or min(times, default=None)
        given = answered.timestamp() if answered is not None else stored.finished_at
        if stored.status == Status.NOT_FOUND and self._more_to_ask(run, result):
            return None
        contact = run.subject.contact
        sent = (contact.first_name, contact.last_name, contact.company)  # what the answers were judged against
        same = sent == (result.first_name, result.last_name, result.company)
        phones = (result.phone, *(attempt.refused_phone for attempt in result.attempts))
        if self.listing.has_person(run) or any(map(self.listing.has_phone, phones)):
            return None  # the cascade says what that comes to
        stands = result.phone is None or self.numbers.refuses(result.phone) is None
        mark = self._plan.mark(run.options.acceptance, winner) + self.numbers.mark
        if same and stands and stored.plan == mark and given >= oldest:
            result = as_cached(result, run.subject.contact)
            self._remember(run, result, stored.fresh_until)
            return Ended(result, winner)
        if stored.status == Status.FOUND and winner is not None:
            return await self._cascade.recall(run)
        return None

    async def stale(self, run: Run, ended: Ended) -> Ended:
        """A number that is no longer fresh, marked so, where nobody could be asked and the configuration allows it."""
        made = ended.result.attempts
        if not self._serve_stale or run.options.max_age is not None or any(a.outcome in _ANSWERED for a in made):
            return ended
        stored = await self._store.load_result(self._tenant, run.record)
        if stored is None or stored.status != Status.FOUND or stored.fingerprint != run.identity:
            return ended
        known = stored.read()
        winner = self._plan.step(known.provider, known.method)
        mark = self._plan.mark(run.options.acceptance, winner) + self.numbers.mark
        listed = self.listing.has_person(run) or self.listing.has_phone(known.phone)
        if stored.plan != mark or listed or run.outdated:
            return ended
        known = as_cached(known, run.subject.contact)
        retry_at, cost = ended.result.retry_at, ended.result.cost
        return Ended(attrs.evolve(known, stale=True, attempts=made, retry_at=retry_at, cost=cost), winner)

    def _more_to_ask(self, run: Run, result: PhoneResult) -> bool:
        """Whether this caller's hints make a step applicable that was not when `result` was made."""
        queries = run.subject.queries
        out = {
            (a.provider, a.method)
            for a in result.attempts
            if a.reason in (SkipReason.NOT_APPLICABLE, SkipReason.COUNTRY)
        }
        return any(s.lacks(queries.get(s.method)) is None for s in self._plan.steps if (s.name, s.method) in out)

    def keep(self, run: Run, ended: Ended) -> None:
        """Write the result down; an incomplete one never replaces a known one (the store sees to that)."""
        result, acceptance = ended.result, run.options.acceptance
        definite = result.status in _DEFINITE
        if result.status is _INVALID or result.status is _SUPPRESSED or (definite and ended.oldest is None):
            return
        if not definite and not run.options.ask:
            return  # nobody was asked, so the record stands for nobody yet
        now = self._runtime.wall()
        fresh_until = now
        if definite and ended.oldest is not None:
            if ended.winner is not None:
                lifetime = self._channels[ended.winner.name].hit_lifetime
            else:
                lifetime = min((c.miss_lifetime for c in self._channels.values()), default=MISS_LIFETIME)
            fresh_until = ended.oldest + lifetime
        stored = StoredResult.__new__(StoredResult)  # by keywords it would cost five times as much
        stored.tenant = self._tenant
        stored.record = run.record
        stored.fingerprint = run.identity
        stored.plan = self._plan.mark(acceptance, ended.winner) + self.numbers.mark
        stored.status = result.status._value_  # what `value` looks up, at a fifth of its price
        stored.finished_at = now
        stored.fresh_until = fresh_until
        stored.started_at = now - (self._runtime.monotonic() - run.started)
        stored.payload = None
        stored.result = result
        self._store.save_result(stored)
        # A bulk run asks for each record once, and would drive the others out.
        if definite and run.slots is None and not run.outdated:
            self._remember(run, result, fresh_until)

    def _remember(self, run: Run, result: PhoneResult, fresh_until: float) -> None:
        self.cache.put(
            CachedResult(run.subject.contact, run.options.acceptance, result, fresh_until, self._runtime.wall())
        )


def as_cached(result: PhoneResult, contact: Contact | None = None) -> PhoneResult:
    """A stored result as a later caller gets it: nothing asked, nothing spent."""
    if contact is not None:
        result = attrs.evolve(
            result,
            record_id=contact.record_id or result.record_id,
            first_name=contact.first_name,
            last_name=contact.last_name,
            company=contact.company,
            email=contact.email or result.email,
            linkedin_id=contact.linkedin_id or result.linkedin_id,
        )
    return attrs.evolve(
        result,
        cached=result.status in _DEFINITE,
        cost=_ZERO,
        processing_time_ms=0,
        attempts=tuple(
            a
            if a.outcome is Outcome.SKIPPED
            else attrs.evolve(a, cached=True, billed=Billed.NO, credits=_ZERO, cost=_ZERO, duration_ms=0.0, tries=0)
            for a in result.attempts
        ),
    )


def invalid_result(item: object, reason: str) -> PhoneResult:
    """The result of a contact that cannot be one: what was sent as far as it is text, and why."""
    sent: Mapping[str, Any] = item if isinstance(item, Mapping) else {}

    def echo(field: str) -> str | None:
        value = sent.get(field)
        return value if isinstance(value, str) else None

    return PhoneResult(
        record_id=echo("record_id") or "",
        first_name=echo("first_name"),
        last_name=echo("last_name"),
        company=echo("company"),
        email=echo("email"),
        linkedin_id=echo("linkedin_id"),
        status=Status.INVALID,
        reason=reason,
    )
