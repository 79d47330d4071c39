"""What a claim is answered with: the rules that every store shares, as pure functions over rows."""

from collections.abc import Iterable
from decimal import Decimal

import attrs

from enrichcore.model import Billed, Outcome
from enrichcore.store.protocol import Claim, Row

IN_DOUBT = "in_doubt"
"""The reason of an attempt whose owner died before its outcome was known."""
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
    elif outcome is Outcome.MISS or (outcome is Outcome.ERROR and row.billed is Billed.YES):
        fresh = settled_at >= claim.misses_since
    else:
        fresh = False
    if fresh or row.billed is not Billed.UNKNOWN or claim.repeatable:
        return fresh
    return settled_at >= min(claim.misses_since, claim.now - DOUBT_BLOCKS)


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


def may_settle(stored: Row) -> bool:
    """Whether an outcome may still be written: the first definite one stands, a doubt gives way to knowledge."""
    return stored.outcome is None or stored.billed is Billed.UNKNOWN


def erased(row: Row) -> Row:
    """A row of a person who was erased: what names nobody stays."""
    return attrs.evolve(row, payload=None, job=None, forgotten=True)
