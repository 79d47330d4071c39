"""What a file would come to before anybody is asked: which rows are known, and which calls are before the others.

Nothing is called. Rows with the same calls before them are counted together.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from enrichcore.bulk.choice import KNOWN, Gate
from enrichcore.bulk.forecast import ENOUGH, Range, Seen, Shares
from enrichcore.bulk.table import Row
from enrichcore.engine.enricher import Enricher
from enrichcore.engine.foresight import Foreseen, Foresight, Prospect
from enrichcore.model import Billed, Outcome

HISTORY: Final = 90 * 86_400.0
"""Seconds of the journal from which the rates follow."""
_BREATHE: Final = 500
"""Rows between two moments for the engine's own work."""
_Z: Final = 1.96
"""Standard deviations on both sides of what was seen: 95 %."""
_FINE: Final = Decimal("1e-6")


# --- what is known ------------------------------------------------------------------------------------------------


async def look(foresight: Foresight, rows: Iterable[Row], gate: Gate | None = None) -> Seen:
    """Follow every row through the journal, as the run that is foreseen would; only the store is read.

    Rows that `gate` leaves out are counted and not followed.
    """
    seen = Seen()
    met: set[int] = set()
    for row in rows:
        seen.rows += 1
        if not seen.rows % _BREATHE:
            await asyncio.sleep(0)
        left = None if gate is None else gate(row)
        if left is not None:
            seen.known += left == KNOWN
            seen.left_out += left != KNOWN
            continue
        person = None if row.fault is not None else foresight.person(row.contact)
        if person is None:
            seen.unusable += 1
        elif (mark := hash(person.fingerprint)) in met:
            seen.duplicates += 1
        else:
            met.add(mark)
            _count(await foresight.foresee(person), foresight, seen)
    return seen


def _count(foreseen: Foreseen, foresight: Foresight, seen: Seen) -> None:
    calls = foreseen.calls
    if calls:
        seen.calls[calls] += 1
    match foreseen.prospect:
        case Prospect.SUPPRESSED:
            seen.suppressed += 1
        case Prospect.ANSWERED:
            seen.answered += 1
        case Prospect.IN_DOUBT:
            seen.in_doubt += 1
        case Prospect.NOBODY:
            seen.nobody += 1
        case Prospect.TO_ASK:
            seen.to_ask += 1
            seen.methods.update({foresight.plan.steps[index].method for index in calls if index >= 0})


# --- what the journal says of the vendors -------------------------------------------------------------------------


async def shares(who: Enricher, wall: float) -> dict[tuple[str, str], Shares]:
    """The shares by provider and method, as far as the last 90 days have enough answers for any."""
    answers: Counter[tuple[str, str]] = Counter()
    hits: Counter[tuple[str, str]] = Counter()
    billed: Counter[tuple[str, str]] = Counter()
    async for row in who.ledger(since=wall - HISTORY):
        failed = row.outcome is Outcome.ERROR and row.billed is Billed.NO  # asked again until there is an answer
        if row.outcome is None or row.outcome is Outcome.SKIPPED or failed:
            continue
        key = (row.provider, row.method)
        answers[key] += 1
        hits[key] += row.outcome is Outcome.HIT
        billed[key] += row.billed is not Billed.NO
    return {
        key: Shares(count, _interval(hits[key], count), _interval(billed[key], count))
        for key, count in answers.items()
        if count >= ENOUGH
    }


def _interval(k: int, n: int) -> Range:
    """Between what and what a share lies of which `k` of `n` were seen (Wilson)."""
    share, z2 = k / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = Decimal(max(middle - half, 0.0)).quantize(_FINE)
    high = Decimal(min(middle + half, 1.0)).quantize(_FINE)
    return (Decimal(0) if k == 0 else low, Decimal(1) if k == n else high)
