"""What a file would come to before anybody is asked: which rows are known, and which calls are before the others.

Nothing is called. A row is followed through the plan step by step: what the journal has costs nothing and may end it;
every other step is a call that may come. Rows with the same calls before them are counted together.
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
from enrichcore.engine.plan import Step
from enrichcore.engine.run import Options, Run
from enrichcore.engine.tenant import Tenant
from enrichcore.errors import InvalidContact
from enrichcore.model import Billed, Contact, Method, Outcome, Query, Subject

HISTORY: Final = 90 * 86_400.0
"""Seconds of the journal from which the rates follow."""
_BREATHE: Final = 500
"""Rows between two moments for the engine's own work."""
_Z: Final = 1.96
"""Standard deviations on both sides of what was seen: 95 %."""
_FINE: Final = Decimal("1e-6")


# --- what is known ------------------------------------------------------------------------------------------------


async def look(who: Enricher, rows: Iterable[Row], options: Options, gate: Gate | None = None) -> Seen:
    """Follow every row through the journal, as a run with these options would; only the store is read.

    Rows that `gate` leaves out are counted and not followed.
    """
    tenant = await who._ready()  # noqa: SLF001 - the same tenant that would ask
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
        subject = _subject(row)
        if subject is None:
            seen.unusable += 1
        elif (mark := hash(subject.fingerprint)) in met:
            seen.duplicates += 1
        else:
            met.add(mark)
            await _look(tenant, subject, options, seen)
    return seen


def _subject(row: Row) -> Subject | None:
    """The person of a row; None where it cannot be looked up by any method."""
    if row.fault is not None:
        return None
    try:
        subject = Subject.of(Contact.from_dict(row.contact))
    except InvalidContact:
        return None
    return subject if subject.queries else None


async def _look(tenant: Tenant, subject: Subject, options: Options, seen: Seen) -> None:
    runner = tenant.runner
    run = runner._new(subject, options, None, runner._runtime.monotonic(), register=False)  # noqa: SLF001 - one look
    if tenant.listing.has_person(run):
        seen.suppressed += 1
        return
    look = tenant.asker.look(run)
    if look is not None:
        run.unheard = await look
    known = not options.refresh and not run.unheard
    if known and await runner._results.reuse(run) is not None:  # noqa: SLF001 - likewise
        seen.answered += 1
        return
    calls, heard, doubt = await _calls(tenant, run)
    if calls:
        seen.calls[tuple(calls)] += 1
    if any(index >= 0 for index in calls):
        seen.to_ask += 1
        steps = tenant.plan.steps
        seen.methods.update({steps[index].method for index in calls if index >= 0})
    elif doubt:
        seen.in_doubt += 1
    elif heard:
        seen.answered += 1
    else:
        seen.nobody += 1


async def _calls(tenant: Tenant, run: Run) -> tuple[list[int], bool, bool]:
    """The calls before a row, whether the journal has answers for it, and whether one is in doubt."""
    calls: list[int] = []
    heard = doubt = False
    for step in tenant.plan.steps:
        if step.member.skip is not None:
            continue
        query = run.subject.queries.get(step.method)
        if query is None or step.lacks(query) is not None:
            if _may_be_learned(step, run.subject, query):
                calls.append(~step.index)
            continue
        told = await tenant.asker.stored(run, step, query)
        if told is None:
            calls.append(step.index)
            continue
        attempt, verdict, _ = told
        heard = True
        doubt = doubt or verdict is None
        if attempt.outcome is Outcome.HIT:
            break
    if not heard:  # nothing can have been learned before the first answer
        first = next((index for index in calls if index >= 0), None)
        calls = [] if first is None else [first, *(index for index in calls if index != first)]
    return calls, heard, doubt


def _may_be_learned(step: Step, subject: Subject, query: Query | None) -> bool:
    """Whether an answer about this person could bring what a step lacks."""
    if query is not None:
        return "domain" in step.requires and getattr(query, "domain", "") is None
    if step.method is Method.NAME:
        return subject.first_name is not None and subject.last_name is not None
    return True


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
