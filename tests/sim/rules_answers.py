"""Rules that are checked whenever a caller gets an answer."""

from typing import Final

from enrichcore.engine import story
from enrichcore.errors import EngineClosed, PluginFault, StoreError
from enrichcore.model import Acceptance, Attempt, Method, Outcome, PhoneResult, SkipReason, Status
from enrichcore.model.attempt import TEMPORARY_SKIPS
from tests.sim.history import DOUBTS, Call, Fate, History, Request, Told

GRACE: Final = 0.05
"""Seconds by which an answer may be late: the commits and the turns of the loop around the last call."""
DEAF_GRACE: Final = 7.5
"""Seconds more where a plugin may ignore its cancellation: the watchdog gives it five, and looks once a second."""


class AnswerRules:
    """Listens to a history and reports wrong answers."""

    def __init__(self, history: History, *, grace: float) -> None:
        self._history = history
        self._grace = grace
        history.on_end.append(self.check)

    def check(self, request: Request) -> None:
        """All rules of one answer."""
        if request.answers != 1:
            self._broken("everybody_gets_one_answer", request, f"got {request.answers}")
        if request.error is not None:
            self.errors_have_a_cause(request)
            return
        if request.result is None or request.left:
            return
        self.answers_come_by_the_deadline(request)
        self.nobody_is_stopped_who_waits(request)
        status = request.result.status
        if status is Status.NOT_FOUND:
            self.not_found_means_that_everybody_answered(request)
        elif status is Status.FOUND:
            self.found_is_the_right_number(request, request.result)
            self.answers_are_as_fresh_as_asked(request, request.result)
        elif status is Status.INCOMPLETE:
            self.incomplete_has_an_open_end(request, request.result)

    def _broken(self, rule: str, request: Request, text: str) -> None:
        self._history.broken(rule, f"{request}: {text}")

    def errors_have_a_cause(self, request: Request) -> None:
        """A caller gets an exception only from a journal that failed or an engine that was closed."""
        error, process = request.error, request.process
        if isinstance(error, StoreError) and process.store.mishap.failed_at is not None:
            return
        if isinstance(error, EngineClosed) and process.closing is not None:
            return
        self._broken("errors_have_a_cause", request, f"got {error!r}")

    def answers_come_by_the_deadline(self, request: Request) -> None:
        """Nobody waits longer than asked for."""
        assert request.ended is not None
        took = request.ended - request.asked
        if request.deadline is not None and took > request.deadline + self._grace:
            text = f"took {took:.3f} s of {request.deadline:.3f} s"
            self._broken("answers_come_by_the_deadline", request, text)

    def nobody_is_stopped_who_waits(self, request: Request) -> None:
        """A run is cut short only for callers who left or an engine that closes."""
        assert request.result is not None
        if (
            request.process.store.mishap.failed_at is not None
            or request.process.closing is not None
            or (request.bulk is not None and request.bulk.closed is not None)
        ):
            return
        if request.result.status is not Status.INCOMPLETE or request.result.reason == PluginFault.code:
            return  # the watchdog answers in the place of a plugin that never comes back
        reasons = {attempt.reason for attempt in request.result.attempts}
        if SkipReason.STOPPED in reasons and story.PENDING not in reasons:
            self._broken("nobody_is_stopped_who_waits", request, "was stopped although its caller waits")

    # --- not found ----------------------------------------------------------------------------------------------------

    def not_found_means_that_everybody_answered(self, request: Request) -> None:
        """`not_found`: every applicable provider gave a definite answer, and none of them an acceptable number."""
        for vendor, method, key in self._questions(request):
            answers = self._answers(request, vendor, method, key)
            if not answers:
                text = f"not found, but {vendor}/{method} has never answered"
                self._broken("not_found_means_that_everybody_answered", request, text)
                continue
            # A stored result says what was true when it was made, a new one what was true while it was made.
            stored = request.result is not None and request.result.cached
            old = [call for call in answers if call.ended is not None and call.ended < request.asked]
            given = answers if stored else answers[max(len(old) - 1, 0) :]
            if all(call.told is not None and _acceptable(call.told, request.acceptance) for call in given):
                text = f"not found, but {vendor}/{method} gave an acceptable number in {answers[-1]}"
                self._broken("not_found_means_that_everybody_answered", request, text)

    def _questions(self, request: Request) -> list[tuple[str, Method, bytes]]:
        """What the caller's own fields allow to ask."""
        found = []
        for vendor in request.process.vendors.values():
            for method in vendor.methods:
                key = request.case.keys.get(method)
                if key is None or (vendor.needs_domain and method is Method.NAME and request.contact.domain is None):
                    continue
                found.append((vendor.name, method, key))
        return found

    def _answers(self, request: Request, vendor: str, method: Method, key: bytes) -> list[Call]:
        calls = self._history.questions.get((request.process.tenant, vendor, method, key), ())
        answered = [call for call in calls if call.fate is Fate.ANSWERED and call.ended is not None]
        return sorted(answered, key=lambda call: call.ended or 0.0)

    # --- found --------------------------------------------------------------------------------------------------------

    def found_is_the_right_number(self, request: Request, result: PhoneResult) -> None:
        """The number is one that this provider gave this tenant for this person, and one that the caller wants."""
        assert result.method is not None
        human = request.case.human
        known = {} if human is None else {human.mobile: "mobile", human.landline: "landline"}
        kind = known.get(result.phone or "")
        if kind is None:
            # Who sends no name accepts what is keyed by an address or a profile.
            if request.contact.first_name is not None:
                self._broken("found_is_the_right_number", request, f"got someone else's number from {result.provider}")
            return
        if request.acceptance.line_types is not None and kind not in request.acceptance.line_types:
            self._broken("found_is_the_right_number", request, f"got a {kind} number against its policy")
        if not self._given(request, result):
            text = f"{result.provider} never gave this number to {request.process.tenant}"
            self._broken("found_is_the_right_number", request, text)

    def _given(self, request: Request, result: PhoneResult) -> list[Call]:
        """The calls that brought this tenant this number from this provider."""
        return [
            call
            for (tenant, vendor, _, _), calls in self._history.questions.items()
            if tenant == request.process.tenant and vendor == result.provider
            for call in calls
            if call.told is not None and result.phone in dict(call.told.numbers)
        ]

    def answers_are_as_fresh_as_asked(self, request: Request, result: PhoneResult) -> None:
        """`refresh` brings no answer from before the question, `max_age` and lifetimes none that is older."""
        jumps = self._history.jumps
        given = [call for call in self._given(request, result) if call.ended is not None]
        if not given or any(seconds < 0 for _, seconds in jumps):
            return  # after a jump back in time nobody can say what is older
        asked = self._asked_together(request)
        age = min(
            asked - call.ended + sum(seconds for at, seconds in jumps if call.ended <= at < asked)
            for call in given
            if call.ended is not None
        )
        most = given[0].vendor.hit_lifetime
        if request.max_age is not None:
            most = min(most, request.max_age)
        if request.refresh:
            most = 0.0
        if age > most + DOUBTS:
            self._broken("answers_are_as_fresh_as_asked", request, f"got an answer {age:.1f} s old, not {most:.1f} s")

    def _asked_together(self, request: Request) -> float:
        """When the first of those asked whose run this caller may have joined: they wait for the same new answers."""
        return min(
            other.asked
            for other in self._history.requests
            if other.process is request.process
            and other.case.record == request.case.record
            and (other.refresh, other.max_age) == (request.refresh, request.max_age)
            and (other is request or other.ended is None or other.ended >= request.asked)
        )

    def incomplete_has_an_open_end(self, request: Request, result: PhoneResult) -> None:
        """`incomplete` says which attempt is to blame: an error or a provider that could have been asked."""
        if result.reason == SkipReason.IN_FLIGHT:
            self.nobody_gives_up_early(request)
            return
        if not any(_open_end(attempt) for attempt in result.attempts):
            self._broken(
                "incomplete_has_an_open_end", request, f"is incomplete ({result.reason}) for no attempt's sake"
            )

    def nobody_gives_up_early(self, request: Request) -> None:
        """`in_flight` is for callers whose time is up while others wait for the answer."""
        assert request.ended is not None
        process, took = request.process, request.ended - request.asked
        if (
            process.closing is None
            and process.store.mishap.failed_at is None
            and (request.deadline is None or took < request.deadline - process.build.typical - 1.5)
        ):
            self._broken("nobody_gives_up_early", request, f"gave up after {took:.3f} s of {request.deadline}")


def _open_end(attempt: Attempt) -> bool:
    if attempt.outcome is Outcome.SKIPPED:
        return attempt.reason in TEMPORARY_SKIPS
    return attempt.outcome is Outcome.ERROR


def _acceptable(told: Told, policy: Acceptance) -> bool:
    """Whether an answer holds a number that the caller wants."""
    if told.stranger:
        return False
    return any(policy.line_types is None or kind in policy.line_types for _, kind in told.numbers)
