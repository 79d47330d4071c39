"""Rules that are checked whenever a call starts, goes on the wire or is settled. Each is a function with one idea."""

from typing import Final

import attrs

from enrichcore.engine.retry import RetryBudget
from enrichcore.model import Billed, Outcome
from enrichcore.plugins import Provider
from enrichcore.store import Row
from tests.sim.history import DAY, DOUBTS, Call, Event, Fate, History, Request
from tests.sim.people import WHO
from tests.sim.process import Ledger, Process
from tests.sim.rules_privacy import forgotten_between

FAILURES: Final = frozenset({"unsent", "maybe_sent", "server_error", "unreadable", "plugin_fault"})
"""The errors that speak against a provider's health."""
CONSECUTIVE, WINDOW = 5, 20
COOL_DOWN, PARK = 5.0, 60.0
TRIES = 3


@attrs.define(eq=False)
class Standing:
    """How a provider stands in one process, kept by counting, without looking into the engine."""

    failures: int = 0
    """In a row, without those that a jump of the clocks may have excused."""
    possible: int = 0
    """In a row, with them."""
    recent: list[bool] = attrs.field(factory=list)
    failed_at: float = float("-inf")
    opened_at: float = float("-inf")
    """When the failures were enough, or the last probe failed."""
    paced_until: float = float("-inf")
    paced_at: float = float("-inf")
    parked_at: float | None = None
    suspended_at: float | None = None
    firsts: int = 0
    retries: int = 0
    under_way: list[Call] = attrs.field(factory=list)


class CallRules:
    """Listens to a history and reports what must not be. `slack` is the time between admission and the call."""

    def __init__(self, history: History, ledger: Ledger, slack: float) -> None:
        self._history = history
        self._ledger = ledger
        self._slack = slack
        self._standings: dict[tuple[int, str], Standing] = {}
        history.on_call += [
            self.the_intent_comes_first,
            self.nobody_is_asked_in_vain,
            self.the_question_is_about_the_contact,
            self.a_bad_provider_is_left_alone,
            self.retries_stay_within_the_budget,
        ]
        history.on_sent += [self.nothing_is_paid_twice]
        history.on_row += [self.count]
        history.on_event += [self.a_breaker_opens_for_a_reason]

    def standing(self, process: Process, vendor: str) -> Standing:
        """How a provider stands in a process."""
        return self._standings.setdefault((process.number, vendor), Standing())

    # --- money --------------------------------------------------------------------------------------------------------

    def nothing_is_paid_twice(self, call: Call) -> None:
        """A question is paid for once, unless the first call was surely unbilled or outdated, or repeats are free."""
        if not call.vendor.price.paid or self._history.now > call.started + call.vendor.timeout + self._slack:
            return  # a plugin that ignores its cancellation sends what it wants
        for earlier in self._history.questions.get(call.question, ()):
            why = self._paid_twice(call, earlier)
            if why is not None:
                self._history.broken("nothing_is_paid_twice", f"{call} after {earlier}, which {why}")
                return

    def _paid_twice(self, call: Call, earlier: Call) -> str | None:
        vendor, request = call.vendor, call.request
        if earlier.fate is Fate.UNBILLED or forgotten_between(self._history, earlier, call):
            return None
        assert earlier.sent is not None
        age = self._history.wall - (earlier.settled if earlier.settled is not None else earlier.wall_began)
        days = vendor.price.repeats_free_days
        if days and self._history.wall - earlier.wall_began <= days * DAY:
            return None
        row = self._history.rows.get(-1 if earlier.attempt is None else earlier.attempt)
        hit = row is not None and row.outcome in (Outcome.HIT, Outcome.REJECTED)
        lifetime = vendor.hit_lifetime if hit else vendor.miss_lifetime
        if self._history.decided.get(-1 if earlier.attempt is None else earlier.attempt) is False:
            return None  # a person says that it was not billed
        doubt = row is None or row.billed is Billed.UNKNOWN
        if doubt:
            lifetime = max(lifetime, DAY)
        if age >= lifetime - DOUBTS:
            return None
        if doubt and age < DAY - DOUBTS:
            return f"is in doubt since {age:.3f} s"
        done = earlier.ended if earlier.ended is not None else earlier.sent
        if request.refresh and (done <= request.asked + DOUBTS or self._history.jumped(min(done, request.asked))):
            return None
        if request.max_age is not None and (age >= request.max_age - DOUBTS or self._history.jumped(request.asked)):
            return None
        return f"was {earlier.fate} {age:.3f} s ago"

    def the_intent_comes_first(self, call: Call) -> None:
        """No paid call starts without an open intent of its own process in the journal."""
        if not call.vendor.price.paid:
            return
        call.attempt = self._ledger.intent(_key(call), call.process.store.owner, call.vendor.name)
        if call.attempt is None:
            self._history.broken("the_intent_comes_first", f"{call} has no intent in the journal")

    # --- who still wants to know --------------------------------------------------------------------------------------

    def nobody_is_asked_in_vain(self, call: Call) -> None:
        """No call starts after an accepted answer, after the last waiter left, or while the engine closes."""
        request = call.request
        why = None
        if call.process.closing is not None:
            why = "while its engine closes"
        elif call.process.failed_at is not None:
            why = "after its engine has told somebody that its journal failed"
        elif request.accepted:
            why = "after an accepted answer"
        elif request.pending and call.vendor.price.paid:
            why = "while a job that was paid for runs"
        elif request.over and not self._somebody_waits(request):
            why = "after its caller left" if request.left else "after its answer"
        elif request.bulk is not None and request.bulk.closed is not None and not self._somebody_waits(request):
            why = "after its bulk run was closed"
        if why is not None:
            self._history.broken("nobody_is_asked_in_vain", f"{call} starts {why}")

    def _somebody_waits(self, request: Request) -> bool:
        """Whether another caller may have joined the run of this one."""
        return any(
            other is not request
            and not other.over
            and other.process is request.process
            and other.acceptance == request.acceptance
            and other.case.record == request.case.record
            for other in self._history.requests
        )

    def the_question_is_about_the_contact(self, call: Call) -> None:
        """A provider is asked about the contact's person, never about someone that a wrong answer brought up."""
        human = call.request.case.human
        asked = WHO.get((call.method, call.key))
        if human is None or asked != human.number:
            self._history.broken("the_question_is_about_the_contact", f"{call} asks about person {asked}")

    # --- health -------------------------------------------------------------------------------------------------------

    def count(self, process: Process, row: Row) -> None:
        """Keep the standing of a provider by what is settled."""
        standing = self.standing(process, row.provider)
        call = self._call_of(standing, row)
        now = self._history.now
        if row.outcome is not Outcome.ERROR:
            if row.outcome is not Outcome.SKIPPED:
                standing.failures = standing.possible = 0
                standing.recent.append(False)
            return
        if row.reason in FAILURES:
            if process.resumed.get(row.provider, float("-inf")) > standing.failed_at:
                standing.failures = standing.possible = 0
            standing.failed_at = now
            standing.possible += 1
            standing.recent.append(True)
            if not self._excused(process, call):
                standing.failures += 1
                probe = call is not None and call.started > standing.opened_at + self._slack
                if standing.failures == CONSECUTIVE or (standing.failures > CONSECUTIVE and probe):
                    standing.opened_at = now
        elif row.reason == "rate_limited":
            wait = 10.0 if call is None or call.retry_after is None else call.retry_after
            if now + wait > standing.paced_until:
                standing.paced_until, standing.paced_at = now + wait, now
        elif row.reason == "out_of_credits":
            standing.parked_at = now
        elif row.reason == "key_refused":
            standing.suspended_at = now

    def _excused(self, process: Process, call: Call | None) -> bool:
        """Whether a failure may say nothing of the provider: the clocks jumped, or its caller was in a hurry."""
        if call is None:  # a job of an earlier process: nobody here saw when it was taken up
            return process.jumped is not None
        if process.jumped is not None and call.started <= process.jumped + 1.5:
            return True
        request = call.request
        due = None if request.deadline is None else request.asked + request.deadline
        return due is not None and due <= self._history.now and due < call.started + process.build.typical

    @staticmethod
    def _call_of(standing: Standing, row: Row) -> Call | None:
        for call in reversed(standing.under_way):
            if call.attempt == row.id or (call.attempt is None and _key(call) == row.key):
                standing.under_way.remove(call)
                return call
        return None

    def a_bad_provider_is_left_alone(self, call: Call) -> None:
        """Open: probes only, one a cool-down. Paced: not before its time. Parked: a minute. Suspended: never."""
        process, now = call.process, self._history.now
        standing = self.standing(process, call.vendor.name)
        slack = self._slack
        resumed = process.resumed.get(call.vendor.name, float("-inf"))
        why = None
        if (
            standing.suspended_at is not None
            and resumed < standing.suspended_at
            and now > standing.suspended_at + slack
        ):
            why = "suspended"
        elif (
            standing.parked_at is not None
            and resumed < standing.parked_at
            and standing.parked_at + slack < now < standing.parked_at + PARK
        ):
            why = "parked"
        elif standing.paced_at + slack < now < standing.paced_until - slack and resumed < standing.paced_at:
            why = f"paced for another {standing.paced_until - now:.3f} s"
        elif standing.failures >= CONSECUTIVE and resumed < standing.opened_at and now > standing.opened_at + slack:
            probing = [
                c for c in standing.under_way if c.started > standing.opened_at + slack and c.fate is not Fate.PROMISED
            ]
            if now < standing.opened_at + COOL_DOWN - slack:
                why = f"open: {standing.failures} failures in a row, {now - standing.opened_at:.3f} s ago"
            elif probing:
                why = f"open and being probed by {probing[0]}"
        standing.under_way.append(call)
        if why is not None:
            self._history.broken("a_bad_provider_is_left_alone", f"{call}, which is {why}")

    def a_breaker_opens_for_a_reason(self, event: Event) -> None:
        """The breaker opens after five failures in a row, or when half of the last twenty calls failed."""
        if event.name != "enrichcore.provider_state_changed" or event.keys["state"] != "open":
            return
        assert event.process is not None
        standing = self.standing(event.process, event.keys["provider"])
        standing.opened_at, standing.failures = self._history.now, max(standing.failures, CONSECUTIVE)
        if event.keys["previous"] == "open":
            return
        # Answers are told to the breaker before they are journalled, errors after: two may have changed places.
        row = max(standing.possible, sum(standing.recent[-CONSECUTIVE - 1 :]))
        if row < CONSECUTIVE and sum(standing.recent[-2 * WINDOW :]) < WINDOW / 2:
            text = f"{event.process} opens {event.keys['provider']} after {standing.possible} failures in a row"
            self._history.broken("a_breaker_opens_for_a_reason", text)

    def retries_stay_within_the_budget(self, call: Call) -> None:
        """Retries are at most a fifth of first attempts plus the reserve; nothing is tried more than three times."""
        standing = self.standing(call.process, call.vendor.name)
        # A bulk run that waited for an open breaker begins anew.
        since = call.started - COOL_DOWN if call.request.bulk is not None else float("-inf")
        asked = call.request.tries.get((call.vendor.name, call.method, call.key), [])
        tries = [earlier for earlier in asked if earlier.started > since]
        if not tries:
            standing.firsts += 1
            return
        if tries[-1].retry_after is not None:
            return  # the vendor asked us to come back
        standing.retries += 1
        taken_over = self._history.taken_over.get((call.process.number, call.vendor.name), 0)
        budget = RetryBudget.RESERVE + RetryBudget.SHARE * (standing.firsts + taken_over)
        if standing.retries > budget:
            text = f"{call} is retry {standing.retries} after {standing.firsts} first attempts"
            self._history.broken("retries_stay_within_the_budget", text)
        if len(tries) >= TRIES:
            self._history.broken("retries_stay_within_the_budget", f"{call} is try {len(tries) + 1} of one question")


def _key(call: Call) -> bytes:
    """The journal's key of the question that a call asks."""
    prefix = f"{call.vendor.name}\0{Provider.answer_version}\0{call.method.value}\0".encode()
    return call.process.inside.keyer.question(prefix, call.key)
