"""Rules that are checked when everything is over: money, log, tasks, and that life went on after the faults."""

from decimal import Decimal

from enrichcore.errors import EngineClosed, StoreError
from enrichcore.model import Attempt, Billed, Outcome, SkipReason, Status
from enrichcore.store import Row
from enrichcore.store.judge import BY_HAND
from tests.sim.history import Bulk, Call, Fate, History, Request
from tests.sim.people import MARKS
from tests.sim.process import Ledger, Process
from tests.sim.vendor import Vendor

_DEFINITE = (Status.FOUND, Status.NOT_FOUND, Status.INVALID, Status.SUPPRESSED)


def the_journal_agrees_with_the_invoice(history: History, vendors: dict[str, Vendor], ledger: Ledger) -> None:
    """Attempt by attempt: billed `yes` is on the invoice as written, `no` is not, and only a doubt may be either."""
    rows = {row.id: row for row in ledger.settled()}
    invoiced: dict[int, Decimal] = {}
    for vendor in vendors.values():
        for account in vendor.accounts.values():
            for _, call, credits_ in account.invoice:
                if call.attempt is None:
                    history.broken("the_journal_agrees_with_the_invoice", f"{call} was billed without an intent")
                    continue
                invoiced[call.attempt] = invoiced.get(call.attempt, Decimal(0)) + credits_
    intents = ledger.open_ids()
    for attempt, credits_ in invoiced.items():
        if attempt not in rows and attempt not in intents:
            text = f"{credits_} credits were billed for attempt {attempt & 0xFFFF:x}, which is not in the journal"
            history.broken("the_journal_agrees_with_the_invoice", text)
    free = {vendor.name for vendor in vendors.values() if vendor.price.repeats_free_days}
    for row in rows.values():
        why = _disagrees(row, invoiced.get(row.id, Decimal(0)), repeats_free=row.provider in free)
        if why is not None:
            history.broken("the_journal_agrees_with_the_invoice", f"attempt {row.id & 0xFFFF:x} {why}")


def _disagrees(row: Row, invoiced: Decimal, *, repeats_free: bool) -> str | None:
    if row.billed is Billed.UNKNOWN:
        return None
    if row.billed is Billed.NO and invoiced:
        return f"at {row.provider} is booked as free, the invoice says {invoiced}"
    if row.billed is Billed.YES and row.credits != invoiced and not (repeats_free and not invoiced):
        return f"at {row.provider} is booked with {row.credits}, the invoice says {invoiced}"
    return None


def bulk_rows_are_answered_once(history: History, bulk: Bulk) -> None:
    """A bulk run that was not cut short answers every row once, in order when asked to; if it fails it says why."""
    if bulk.error is not None and not isinstance(bulk.error, StoreError | EngineClosed):
        history.broken("errors_have_a_cause", f"bulk {bulk.number} fails with {bulk.error!r}")
    if bulk.process.dead or bulk.error is not None or bulk.stop_after is not None or bulk.process.closing is not None:
        return
    expected = len(bulk.rows) + bulk.bad_rows
    if len(bulk.answered) != expected:
        history.broken("bulk_rows_are_answered_once", f"bulk {bulk.number}: {len(bulk.answered)} of {expected} rows")
    if bulk.ordered:
        ids = [result.record_id for result in bulk.answered if result.status is not Status.INVALID or result.record_id]
        asked = [row.case.record[0] for row in bulk.rows]
        if [i for i in ids if i in set(asked)] != asked:
            history.broken("bulk_rows_are_answered_once", f"bulk {bulk.number} is out of order")


def everybody_was_answered(history: History) -> None:
    """Every caller got an answer, unless its process died."""
    for request in history.requests:
        bulk = request.bulk
        cut = bulk is not None and (bulk.stop_after is not None or bulk.error is not None)
        if not request.over and not request.process.dead and not cut:
            history.broken("everybody_was_answered", f"{request} is still waiting")


def life_goes_on(history: History, request: Request) -> None:
    """Without faults an enrichment is definite, but for what was paid for and lost."""
    result = request.result
    if result is None or result.status in _DEFINITE:
        return
    if history.lifted is None and any(a.reason == SkipReason.OVER_BUDGET for a in result.attempts):
        return  # another rule sees to it that there was no room; waiting for it takes the time for others
    for attempt in result.attempts:
        why = _unexcused(history, request, attempt)
        if why is not None:
            history.broken("life_goes_on", f"{request}, long after the last fault: {attempt} {why}")
            return


def _unexcused(history: History, request: Request, attempt: Attempt) -> str | None:
    """Why an open end is not the consequence of an earlier fault."""
    if attempt.outcome is Outcome.SKIPPED:
        if attempt.reason in (SkipReason.NOT_REACHED, SkipReason.NOT_APPLICABLE, SkipReason.COUNTRY):
            return None
        wanted: tuple[Fate, ...] = (Fate.DOUBT, Fate.PROMISED)
        if attempt.reason not in (SkipReason.IN_DOUBT, SkipReason.UNRESOLVED):
            return "is skipped for no lasting reason"
        if attempt.id is not None and history.owners[attempt.id >> 32].ended_badly:
            return None
        if any(call.attempt == attempt.id for call in history.calls):
            return None
    elif attempt.outcome is Outcome.ERROR:
        if attempt.reason == BY_HAND:
            return None
        wanted = (Fate.CHARGED, Fate.DOUBT, Fate.PROMISED)
    else:
        return None
    human = request.case.human
    causes: list[Call] = [
        call
        for call in history.calls
        if call.vendor.name == attempt.provider
        and call.method is attempt.method
        and call.request.case.human is human
        and call.fate in wanted
        and call.sent is not None
    ]
    return None if causes else "has no earlier call that explains it"


def nothing_personal_is_logged(history: History) -> None:
    """No name, address, number, id or key is in any event."""
    text = "\n".join([f"{event.name} {event.keys}" for event in history.events]).lower()
    for mark in MARKS:
        if mark in text:
            line = text[text.rindex("\n", 0, text.index(mark)) :].split("\n")[1]
            history.broken("nothing_personal_is_logged", f"an event holds {mark!r}: {line}")
            return


def nothing_is_left_behind(history: History) -> None:
    """After an engine is closed none of its tasks is left."""
    for owner, task in history.loop.tasks:
        if isinstance(owner, Process) and owner.closed and not owner.dead and not task.done():
            history.broken("nothing_is_left_behind", f"{owner} left {task.get_coro()!r:.80} behind")


def knowledge_is_kept(history: History, ledger: Ledger) -> None:
    """A definite result is never replaced by one that is not."""
    for key, result in history.known.items():
        if ledger.known(*key) != result.written():
            history.broken("knowledge_is_kept", f"a result that was {result.status} is gone")
