"""What a claim is answered with: the rules that every store shares, as pure functions over rows."""

from collections.abc import Iterable
from decimal import Decimal

import attrs

from enrichcore.model import Billed, Outcome
from enrichcore.store.protocol import Claim, Row

IN_DOUBT = "in_doubt"
"""The reason of an attempt whose owner died before its outcome was known."""
BY_HAND = "settled_by_hand"
"""The reason of an attempt about which a person has decided."""
DOUBT_BLOCKS = 86_400.0
"""Seconds for which an attempt of unknown billing blocks its question, whatever the claim asks for."""
RELEASED = 0
"""The owner of an intent that waits for whoever asks next. No process ever has this id."""


def blocks(claim: Claim, row: Row) -> bool:
    """Whether a settled `row` answers `claim`, so that nothing may be bought."""
    settled_at = row.settled_at
    if settled_at is None or row.forgotten:
        return False
    outcome = row.outcome
    if outcome is Outcome.HIT or outcome is Outcome.REJECTED:
        fresh = settled_at >= claim.hits_since
    elif outcome is Outcome.MISS:
        fresh = settled_at >= claim.misses_since
    else:
        fresh = outcome is Outcome.ERROR and row.billed is Billed.YES and settled_at >= _errors_since(claim)
    if fresh or row.billed is not Billed.UNKNOWN or row.started_at >= claim.repeats_since:
        return fresh
    return settled_at >= min(_errors_since(claim), claim.now - DOUBT_BLOCKS)


def _errors_since(claim: Claim) -> float:
    return claim.misses_since if claim.errors_since is None else claim.errors_since


def newest_blocking(claim: Claim, rows: Iterable[Row]) -> Row | None:
    """The settled row that answers `claim`; the newest one when several do."""
    found: Row | None = None
    newest = float("-inf")
    for row in rows:
        if row.settled_at is not None and row.settled_at >= newest and blocks(claim, row):
            found, newest = row, row.settled_at
    return found


def given_up(row: Row, now: float) -> Row:
    """An orphaned intent as it is settled: the call may have been made and billed, nobody can say."""
    return attrs.evolve(
        row,
        settled_at=now,
        outcome=Outcome.ERROR,
        reason=IN_DOUBT,
        billed=Billed.UNKNOWN,
        credits=Decimal(0),
        cost=None,
    )


def doubt_to_repeat(claim: Claim, rows: Iterable[Row]) -> Row | None:
    """The settled doubt whose repeat is free: to ask again is the same purchase, and is counted once."""
    for row in rows:
        if (
            row.outcome is not None
            and row.billed is Billed.UNKNOWN
            and not row.forgotten
            and row.started_at >= claim.repeats_since
        ):
            return row
    return None


def is_repeat(stored: Row) -> bool:
    """Whether an open intent asks again for what is in doubt."""
    return stored.outcome is None and stored.billed is Billed.UNKNOWN


def after_repeat(row: Row) -> Row:
    """The outcome of a repeat as it is settled: that it cost nothing does not say that nothing was billed before."""
    if row.billed is not Billed.NO or row.reason == BY_HAND:
        return row
    if row.outcome is Outcome.SKIPPED:
        return given_up(row, row.started_at if row.settled_at is None else row.settled_at)
    return attrs.evolve(row, billed=Billed.UNKNOWN, credits=Decimal(0), cost=None)


def may_settle(stored: Row) -> bool:
    """Whether an outcome may still be written: the first definite one stands, a doubt gives way to knowledge."""
    return stored.outcome is None or stored.billed is Billed.UNKNOWN


def erased(row: Row) -> Row:
    """A row of a person who was erased: what names nobody stays."""
    return attrs.evolve(row, payload=None, job=None, forgotten=True)
