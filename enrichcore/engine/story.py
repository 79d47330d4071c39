"""How an attempt is told: every way it can end, as an `Attempt`, and what events and spans say about it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from enrichcore import log
from enrichcore.engine.acceptance import Verdict
from enrichcore.engine.breaker import State
from enrichcore.engine.cache import DAY
from enrichcore.engine.channel import Channel, moment
from enrichcore.engine.plan import Step
from enrichcore.errors import PluginFault, ProviderError
from enrichcore.model import Answer, Attempt, Billed, Hit, Outcome, PhoneResult, Price, SkipReason
from enrichcore.model.attempt import ZERO, AttemptDraft
from enrichcore.model.money import believable
from enrichcore.model.price import Per
from enrichcore.runtime import Runtime
from enrichcore.store import Row

_at = datetime.fromtimestamp
PENDING: Final = "pending"
"""The reason of an attempt whose vendor job is still running."""
IN_DOUBT_FOR: Final = DAY
"""Seconds after which an attempt of unknown billing is closed as unresolved."""


def answered(step: Step, row: Row, verdict: Verdict) -> Attempt:
    """An attempt that has just brought an answer."""
    told = AttemptDraft()
    told.provider = step.name
    told.method = step.method
    told.outcome = row.outcome
    told.reason = row.reason
    told.detail = None
    told.billed = row.billed
    told.credits = row.credits
    told.cost = row.cost
    told.started_at = _at(row.started_at, UTC)
    told.duration_ms = row.duration_ms
    told.tries = row.tries
    told.cached = False
    told.phone = verdict.phone
    told.line_type = verdict.line_type
    told.match_score = verdict.score
    told.evidence = verdict.evidence
    told.retry_at = None
    told.id = row.id
    told.plan_line_type = verdict.plan_line_type
    told.claimed_line_type = verdict.claimed_line_type
    told.refused_phone = verdict.refused_phone
    told.refused_reason = verdict.refused_reason
    told.__class__ = Attempt
    return told  # type: ignore[no-any-return]


def remembered(step: Step, row: Row, verdict: Verdict) -> Attempt:
    """An attempt that brought its answer earlier; the policy, or what is known of the person, may be another now."""
    outcome = row.outcome
    if outcome is not Outcome.MISS:
        outcome = Outcome.HIT if verdict.phone is not None else Outcome.REJECTED
    return Attempt(
        provider=step.name,
        method=step.method,
        outcome=outcome,
        reason=verdict.reason if outcome is Outcome.REJECTED else None,
        started_at=moment(row.started_at),
        cached=True,
        phone=verdict.phone,
        line_type=verdict.line_type,
        match_score=verdict.score,
        evidence=verdict.evidence,
        id=row.id,
        plan_line_type=verdict.plan_line_type,
        claimed_line_type=verdict.claimed_line_type,
        refused_phone=verdict.refused_phone,
        refused_reason=verdict.refused_reason,
    )


def failed(step: Step, channel: Channel, error: ProviderError, row: Row, runtime: Runtime) -> Attempt:
    """An attempt that ended in an error."""
    retry_at: float | None = None
    wall, now = runtime.wall(), runtime.monotonic()
    if row.billed is Billed.UNKNOWN:
        retry_at = wall + IN_DOUBT_FOR
    elif row.billed is Billed.YES:
        retry_at = wall + channel.miss_lifetime
    elif channel.health.state is not State.SUSPENDED:  # that takes a person
        retry_at = wall + max((channel.health.until or now) - now, 0)
    return Attempt(
        provider=step.name,
        method=step.method,
        outcome=Outcome.ERROR,
        reason=error.code,
        detail=str(error) or None,
        billed=row.billed,
        credits=row.credits,
        cost=row.cost,
        started_at=moment(row.started_at),
        duration_ms=row.duration_ms,
        tries=row.tries,
        retry_at=None if retry_at is None else moment(retry_at),
        id=row.id,
    )


def pending(step: Step, channel: Channel, attempt_id: int, duration_ms: float, tries: int, runtime: Runtime) -> Attempt:
    """An attempt whose vendor job is still running; the next call collects it, if it was worth writing down."""
    paid = channel.member.price.paid
    return Attempt(
        provider=step.name,
        method=step.method,
        outcome=Outcome.ERROR,
        reason=PENDING,
        detail="the vendor is still working on it; the next call "
        + ("collects the answer without paying again" if paid else "asks again"),
        billed=Billed.UNKNOWN if paid else Billed.NO,
        duration_ms=duration_ms,
        tries=tries,
        retry_at=moment(runtime.wall() + channel.provider.poll.every),
        id=attempt_id or None,
    )


def left_behind(step: Step, channel: Channel, runtime: Runtime) -> Attempt:
    """An attempt whose plugin ignored its timeout; its intent stays open, since nobody knows what it does."""
    price = channel.member.price
    return Attempt(
        provider=step.name,
        method=step.method,
        outcome=Outcome.ERROR,
        reason=PluginFault.code,
        detail="the plugin ignored its timeout and was left behind",
        billed=Billed.UNKNOWN if price.paid else Billed.NO,
        credits=price.credits if price.paid else ZERO,
        cost=channel.member.money(price.credits) if price.paid else ZERO,
        tries=1,
        retry_at=moment(runtime.wall() + (IN_DOUBT_FOR if price.paid else 0)),
    )


def stuck(step: Step, channel: Channel, row: Row, runtime: Runtime) -> Attempt:
    """A settled attempt that blocks without an answer: paid for and unreadable, or of unknown billing."""
    settled = row.settled_at or row.started_at
    if row.billed is Billed.UNKNOWN:
        in_doubt = runtime.wall() - settled < IN_DOUBT_FOR
        return Attempt(
            provider=step.name,
            method=step.method,
            outcome=Outcome.SKIPPED,
            reason=SkipReason.IN_DOUBT if in_doubt else SkipReason.UNRESOLVED,
            detail="an earlier call may have been billed and its answer was lost; asking again could pay twice",
            cached=True,
            retry_at=moment(settled + IN_DOUBT_FOR) if in_doubt else None,
            id=row.id,
        )
    return Attempt(
        provider=step.name,
        method=step.method,
        outcome=Outcome.ERROR,
        reason=row.reason,
        detail="an earlier call was billed without a usable answer; it is not bought again for now",
        cached=True,
        retry_at=moment(settled + channel.miss_lifetime),
        id=row.id,
    )


def skipped(step: Step, reason: SkipReason, channel: Channel, runtime: Runtime) -> Attempt:
    """An attempt that was not made; with the time of the next chance where the provider's state has one."""
    until = channel.health.until
    if reason.value != channel.health.state.value:
        until = channel.limiter.next_start(runtime.monotonic()) if reason is SkipReason.PACED else None
    if until is None:
        return step.skipped[reason]
    return Attempt(
        provider=step.name,
        method=step.method,
        outcome=Outcome.SKIPPED,
        reason=reason,
        retry_at=moment(runtime.wall() + max(until - runtime.monotonic(), 0)),
    )


def charge(price: Price, answer: Answer) -> Decimal:
    """The credits an answer costs: what the vendor says, else by the declared price."""
    if answer.credits is not None and believable(answer.credits, price.credits):
        return answer.credits
    if price.per is Per.ATTEMPT or isinstance(answer, Hit):
        return price.credits
    return price.credits if price.per is Per.MATCH and answer.person is not None else ZERO


def attempt_keys(enrichment_id: int | None, attempt: Attempt) -> dict[str, Any]:
    """What an event or a span says of one attempt."""
    # `_value_` is what `value` looks up, at a fifth of its price.
    credits, cost = attempt.credits, attempt.cost
    return {
        "enrichment_id": enrichment_id,
        "attempt_id": attempt.id,
        "provider": attempt.provider,
        "method": attempt.method._value_,
        "outcome": attempt.outcome._value_,
        "reason": attempt.reason,
        "billed": attempt.billed._value_,
        "credits": 0.0 if credits is ZERO else float(credits),
        "cost": 0.0 if cost is ZERO else None if cost is None else float(cost),
        "duration_ms": round(attempt.duration_ms, 3),
        "tries": attempt.tries,
        "cached": attempt.cached,
        "match_score": attempt.match_score,
    }


def log_attempt(events: log.EventLog, enrichment_id: int, attempt: Attempt) -> None:
    """Write the event of one attempt."""
    events.tell(log.ATTEMPT_FINISHED, attempt_keys(enrichment_id, attempt))


def result_keys(enrichment_id: int | None, result: PhoneResult, duration_ms: float) -> dict[str, Any]:
    """What an event or a span says of one finished enrichment."""
    return {
        "enrichment_id": enrichment_id,
        "status": result.status._value_,
        "reason": result.reason.split(":", 1)[0] if result.reason else None,
        "provider": result.provider,
        "method": result.method._value_ if result.method else None,
        "duration_ms": round(duration_ms, 3),
        "attempts": len([a for a in result.attempts if a.outcome is not Outcome.SKIPPED]),
        "cost": None if result.cost is None else float(result.cost),
        "cached": result.cached,
    }
