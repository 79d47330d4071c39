"""Rules of privacy: nobody who is suppressed is looked up or given, and nothing of who was forgotten comes back."""

from typing import Any, Final

from enrichcore.engine.outcome import SUPPRESSED
from enrichcore.engine.suppression import Kind
from enrichcore.model import Outcome, Status
from tests.sim.history import Call, History, Request, Wish
from tests.sim.process import Ledger, Process

_GIVEN: Final = (Status.FOUND, Status.NOT_FOUND)
SKEW: Final = 1.5
"""Seconds by which the clocks of two processes differ at most."""
TICK: Final = 1.0
"""Seconds within which every process hears of a wish."""


class PrivacyRules:
    """Listens to a history. `slack` is the time between a claim and its call, or a commit and those who hear of it."""

    def __init__(self, history: History, ledger: Ledger, slack: float) -> None:
        self._history = history
        self._ledger = ledger
        self._slack = slack
        history.on_write.append(self.note)
        history.on_call.append(self.nobody_suppressed_is_paid_for)
        history.on_end += [self.nobody_suppressed_is_given, self.nothing_forgotten_is_given]

    def note(self, process: Process, verb: str, what: Any, answer: Any) -> None:
        """Write down when a wish became durable, and look through the tables of who was forgotten."""
        if verb == "unsuppress":
            entry = next(entry for one, entry in self._history.lifting if one is process)
            self._history.lifting.remove((process, entry))
            for wish in self._history.wishes_for(process, entry):
                if wish.durable is not None:
                    wish.ending, wish.ended = self._history.now, self._history.now
        if verb not in ("suppress", "forget"):
            return
        wish = next(
            w
            for w in self._history.wishes
            if w.process is process and w.durable is None and (w.entry is None) is (verb == "forget")
        )
        wish.durable, wish.wall = self._history.now, self._history.wall
        if verb == "forget":
            self._history.forget_results({(r.tenant, r.record) for r in self._ledger.results()})
            self.nothing_is_left_of(wish)

    # --- suppressed ---------------------------------------------------------------------------------------------------

    def nobody_suppressed_is_paid_for(self, call: Call) -> None:
        """Once `suppress` has returned no paid call about the person starts, in whatever process."""
        if not call.vendor.price.paid:
            return
        for wish in self._history.wishes:
            done = wish.done
            if (
                done is not None
                and wish.ending is None
                and call.started > done + self._slack
                and _is_about(wish, call.request)
            ):
                text = f"{call} starts {call.started - done:.3f} s after person {wish.human.number} was suppressed"
                self._history.broken("nobody_suppressed_is_paid_for", text)

    def nobody_suppressed_is_given(self, request: Request) -> None:
        """A second later every process answers `suppressed` for the person, and gives the number to nobody."""
        result, wishes = request.result, self._history.wishes
        if result is None or result.status is Status.INVALID:
            return
        if result.status is Status.SUPPRESSED and not self._is_listed(request):
            self._history.broken("suppressed_means_listed", f"{request} is suppressed, and nobody asked for that")
        for wish in wishes:
            if wish.entry is None or wish.ending is not None or not self._knows(wish, request):
                continue
            listed = wish.human.mobile, wish.human.landline
            if wish.entry.kind is Kind.PHONE:
                given = {result.phone, result.refused_phone} | {a.phone for a in result.attempts}
                if given & set(wish.entry.forms):
                    self._history.broken("nobody_suppressed_is_given", f"{request} is given a suppressed number")
            elif _is_about(wish, request) and (result.status in _GIVEN or result.phone in listed):
                text = f"{request} is {result.status}, long after person {wish.human.number} was suppressed"
                self._history.broken("nobody_suppressed_is_given", text)

    def _is_listed(self, request: Request) -> bool:
        """Whether anything of a person is on the list of the tenant, or was when the answer came."""
        tenant, human = request.process.tenant, request.case.human
        assert request.result is not None
        listed = (w for w in self._history.wishes if w.entry is not None and w.durable is not None)
        mine = [wish for wish in listed if wish.tenant == tenant and wish.human is human]
        if any(a.outcome is Outcome.REJECTED and a.reason == SUPPRESSED for a in request.result.attempts):
            return bool(mine)  # that answer came while somebody was listed, and nothing of it was kept
        return any(wish.ended is None or request.asked <= wish.ended + TICK + self._slack for wish in mine)

    def _knows(self, wish: Wish, request: Request) -> bool:
        """Whether the process of a request knew of a wish when it was asked."""
        if wish.durable is None or wish.tenant != request.process.tenant:
            return False
        if wish.process is request.process and wish.done is not None and request.asked > wish.done:
            return True
        return request.asked > wish.durable + TICK + self._slack

    # --- forgotten ----------------------------------------------------------------------------------------------------

    def nothing_forgotten_is_given(self, request: Request) -> None:
        """A second after somebody was forgotten no process gives an answer from before."""
        result = request.result
        if result is None or result.phone is None:
            return
        for wish in self._history.wishes:
            if wish.entry is not None or not self._knows(wish, request) or request.case.human is not wish.human:
                continue
            assert wish.durable is not None
            if not any(
                call.vendor.name == result.provider
                and call.process.tenant == wish.tenant
                and call.told is not None
                and result.phone in dict(call.told.numbers)
                and (call.ended or 0.0) >= wish.durable
                for call in self._history.calls
            ):
                text = f"{request} is given a number from before person {wish.human.number} was forgotten"
                self._history.broken("nothing_forgotten_is_given", text)

    def nothing_is_left_of(self, wish: Wish, *, later: bool = False) -> None:
        """No key, no result, no answer and no number is in the tables; later on, none from before."""
        left: str | None = None
        before = wish.wall - SKEW
        for row in [*self._ledger.settled(), *self._ledger.open_rows()]:
            if row.tenant != wish.tenant or row.key[:16] not in wish.questions:
                continue
            if not later or row.started_at < before:
                left = f"attempt {row.id & 0xFFFF:x} at {row.provider}"
        for result in self._ledger.results():
            began = result.started_at or result.finished_at
            if result.tenant != wish.tenant or (later and began >= before):
                continue
            asked = {result.fingerprint[at : at + 16] for at in range(0, len(result.fingerprint), 16)}
            if asked & wish.questions:
                left = f"a result that is {result.status}"
        if left is not None:
            text = f"{left} is in the tables {'long ' if later else ''}after person {wish.human.number} was forgotten"
            self._history.broken("nothing_is_left_of_who_was_forgotten", text)

    def in_the_end(self) -> None:
        """What was under way when somebody was forgotten has not brought anything back."""
        if self._history.jumps:
            return  # nobody can say what is from before
        for wish in self._history.wishes:
            if wish.entry is None and wish.durable is not None:
                self.nothing_is_left_of(wish, later=True)


def forgotten_between(history: History, earlier: Call, call: Call) -> bool:
    """Whether the person was forgotten after one call and before another, so that nobody knows of the first.

    A clock that is behind may take a call that began a moment later for one from before.
    """
    return any(
        wish.entry is None
        and wish.tenant == call.process.tenant
        and wish.human is call.request.case.human
        and wish.durable is not None
        and earlier.started <= wish.durable + SKEW
        and wish.durable <= call.started
        for wish in history.wishes
    )


def _is_about(wish: Wish, request: Request) -> bool:
    """Whether what the caller sent holds what was suppressed."""
    human, contact, entry = wish.human, request.contact, wish.entry
    if entry is None or request.case.human is not human or wish.tenant != request.process.tenant:
        return False
    at_domain = contact.domain is not None or contact.email is not None
    if entry.kind is Kind.EMAIL:
        return contact.email is not None
    if entry.kind is Kind.LINKEDIN_ID:
        return contact.linkedin_id is not None
    if entry.kind is Kind.DOMAIN:
        return at_domain
    return entry.kind is Kind.NAME_AND_DOMAIN and at_domain and contact.first_name is not None
