"""What every event on the wire comes to with three vendors that signal in three ways, over both transports.

One table for all vendors: the outcome, what was billed, who is asked next, the provider's state, the row in the
journal, and what the next lookup of the same person does about it. It follows the table of the engine's design.
"""

import platform
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn

import attrs
import pytest

from enrichcore.engine.breaker import CONSECUTIVE
from enrichcore.engine.retry import MAX_TRIES
from enrichcore.model import Billed, Outcome, Status

if TYPE_CHECKING:
    from enrichcore import AsyncEngine
    from tests.faults.conftest import Action
    from tests.faults.vendors.conftest import Rig

FIRST_CALLS = ["peopledatalabs", "prospeo", "fullenrich"]
"""Where a question is first sent: the lookup, or the submission of a job."""
PHONE, NEXT_PHONE = "+12025550123", "+12025550177"
FAR = "3000"
"""Seconds of Retry-After that no lookup here waits for."""
CUT = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"status": 200, "data": {'
HIT, MISS, ERROR, SKIPPED = Outcome.HIT, Outcome.MISS, Outcome.ERROR, Outcome.SKIPPED
NO, YES, UNKNOWN = Billed.NO, Billed.YES, Billed.UNKNOWN


@attrs.frozen(kw_only=True)
class Event:
    """One event and everything it comes to.

    `failing`: every try counts against the provider's health. `free_repeats`: where the vendor makes repeats free,
    the question is repeated until the tries are used up, and asked again by the next lookup. `then` and `then_asked`
    are about that next lookup, when nothing is wrong any more: how its attempt ends and whether the vendor sees it.
    """

    play: Callable[["Rig"], object]
    outcome: Outcome = ERROR
    reason: str | None
    billed: Billed = NO
    tries: int = 1
    failing: bool = False
    free_repeats: bool = False
    state: str = "closed"
    then: tuple[Outcome, str | None] = (HIT, None)
    then_asked: bool = True
    slow: str | None = None
    """What takes long, so that the test shortens it: `call` or `connect`."""


def lost(play: Callable[["Rig"], object], *, slow: str | None = None) -> Event:
    """The question may have arrived, no whole answer came."""
    return Event(
        play=play, reason="maybe_sent", billed=UNKNOWN, failing=True, free_repeats=True, slow=slow,
        then=(SKIPPED, "in_doubt"), then_asked=False,
    )  # fmt: skip


def unsent(play: Callable[["Rig"], object], *, slow: str | None = None) -> Event:
    """Nothing left this machine."""
    return Event(play=play, reason="unsent", tries=MAX_TRIES, failing=True, slow=slow)


def unreadable(body: bytes) -> Event:
    """An answer came that is not in the documented shape."""
    return Event(
        play=lambda rig: rig.play(rig.server.reply(200, body=body)), reason="unreadable", billed=YES, failing=True,
        then=(ERROR, "unreadable"), then_asked=False,
    )  # fmt: skip


def says(word: str) -> Callable[["Rig"], object]:
    return lambda rig: rig.play(rig.says(word))


EVENTS: dict[str, Event] = {
    "found": Event(play=lambda rig: None, outcome=HIT, reason=None, billed=YES, then_asked=False),
    "not found": Event(
        play=lambda rig: setattr(rig, "word", "not found"), outcome=MISS, reason=None, then=(MISS, None),
        then_asked=False,
    ),
    "out of credits": Event(
        play=says("out of credits"), reason="out_of_credits", state="parked", then=(SKIPPED, "parked"), then_asked=False
    ),
    "bad key": Event(
        play=lambda rig: setattr(rig, "api_key", "another-key"), reason="key_refused", state="suspended",
        then=(SKIPPED, "suspended"), then_asked=False,
    ),
    "429 beyond the deadline": Event(
        play=lambda rig: rig.play(rig.says("rate limited", Retry_After=FAR)), reason="rate_limited", state="paced"
    ),
    "5xx": Event(
        play=lambda rig: rig.play(rig.server.reply(503, body=b"<html>busy</html>")), reason="server_error",
        tries=MAX_TRIES, failing=True,
    ),
    "a server error in the vendor's words": Event(
        play=says("server error"), reason="server_error", tries=MAX_TRIES, failing=True
    ),
    "not JSON": unreadable(b"<!doctype html><title>Sign in</title>"),
    "JSON cut short": unreadable(b'{"error": false, "status": 200, "data": [{"pho'),
    "another shape": unreadable(b'{"phones": ["+12025550123"]}'),
    "refused": unsent(lambda rig: rig.refuse()),
    "never accepted": unsent(lambda rig: rig.never_accept(), slow="connect"),
    "hang before the request is read": lost(lambda rig: rig.never_read(), slow="call"),
    "hang after the request": lost(lambda rig: rig.play(rig.server.hang()), slow="call"),
    "reset after the request": lost(lambda rig: rig.play(rig.server.reset())),
    "closed after the request": lost(lambda rig: rig.play(rig.server.raw(b""))),
    "body cut by a close": lost(lambda rig: rig.play(rig.server.raw(CUT))),
    "body cut by a reset": lost(lambda rig: rig.play(rig.server.raw(CUT, "reset"))),
}  # fmt: skip

NEVER_READ = {"refused", "never accepted", "hang before the request is read"}
"""Events of which the vendor sees no request."""


@pytest.mark.parametrize("rig", FIRST_CALLS, indirect=True)
@pytest.mark.parametrize("event", EVENTS)
def test_an_event_comes_to_the_same_with_every_vendor(
    rig: "Rig",
    event: str,
    hurry: Callable[[pytest.MonkeyPatch, str], None],
    monkeypatch: pytest.MonkeyPatch,
    require: Callable[[str], NoReturn],
) -> None:
    if event == "never accepted" and platform.system() != "Linux":
        require("only Linux drops a connection when the accept queue is full")
    expected = EVENTS[event]
    repeatable = expected.free_repeats and rig.vendor.provider.price.repeats_free_days > 0
    tries = MAX_TRIES if repeatable else expected.tries
    expected.play(rig)
    with monkeypatch.context() as patch:
        if expected.slow is not None:
            hurry(patch, expected.slow)
        [told] = rig.ask("1")

    attempt = told.attempt
    assert (attempt.outcome, attempt.reason, attempt.billed) == (expected.outcome, expected.reason, expected.billed)
    assert attempt.tries == tries
    credits = rig.vendor.provider.price.credits if expected.billed is not NO else Decimal(0)
    assert (attempt.credits, attempt.cost) == (credits, credits * Decimal("0.05"))
    if event not in NEVER_READ:
        assert told.asked[rig.phase] == tries
    # Whoever comes next is asked unless a number was found, and what it says is the result.
    assert told.next_asked == (0 if expected.outcome is HIT else 1)
    assert told.result.phone == (PHONE if expected.outcome is HIT else NEXT_PHONE)
    assert (told.state, told.failures) == (expected.state, tries if expected.failing else 0)
    assert rig.states() == ([(rig.vendor.name, expected.state)] if expected.state in ("parked", "suspended") else [])
    # Every try has an intent of its own, but a repeat that the vendor makes free is the same purchase once more.
    kept = 1 if repeatable else tries
    assert told.in_doubt == (kept if expected.billed is UNKNOWN else 0)
    rows = rig.rows()
    assert len(rows) == kept
    assert {(row.outcome, row.reason, row.billed) for row in rows} == {
        (attempt.outcome, attempt.reason, attempt.billed)
    }
    assert (rows[-1].id, rows[-1].credits, rows[-1].tries) == (attempt.id, credits, tries)

    key = rig.api_key
    rig.heal()
    rig.api_key = key
    [again] = rig.ask("2")
    then, asked = ((HIT, None), True) if repeatable else (expected.then, expected.then_asked)
    assert (again.attempt.outcome, again.attempt.reason) == then
    assert bool(again.asked) is asked
    assert again.result.status is Status.FOUND


RECOVERIES: dict[str, Callable[["Rig"], "Action"]] = {
    "5xx": lambda rig: rig.server.reply(503, body=b"<html>busy</html>"),
    "a server error in the vendor's words": lambda rig: rig.says("server error"),
    "429 whose wait fits the deadline": lambda rig: rig.says("rate limited", Retry_After="0"),
}


@pytest.mark.parametrize("rig", FIRST_CALLS, indirect=True)
@pytest.mark.parametrize("event", RECOVERIES)
def test_what_was_surely_not_billed_is_asked_again_at_once(rig: "Rig", event: str) -> None:
    """The second try finds the number; both tries stand in the journal, and the provider is none the worse."""
    rig.play(RECOVERIES[event](rig), rig.says("found"))
    [told] = rig.ask("1")
    assert (told.attempt.outcome, told.attempt.tries, told.next_asked) == (HIT, 2, 0)
    assert told.asked[rig.phase] == 2
    assert (told.state, told.failures) == ("closed", 0)
    assert [(row.outcome, row.billed) for row in rig.rows()] == [(ERROR, NO), (HIT, YES)]


@pytest.mark.parametrize("rig", ["prospeo"], indirect=True)
def test_a_lost_answer_is_asked_for_again_where_repeats_are_free(rig: "Rig") -> None:
    """One charge at most, whatever became of the first try: the repeat is the same purchase and settles its doubt."""
    rig.play(rig.server.reset(), rig.says("found"))
    [told] = rig.ask("1")
    assert (told.attempt.outcome, told.attempt.tries, told.next_asked) == (HIT, 2, 0)
    assert told.asked == {"lookup": 2}
    assert [(row.outcome, row.billed) for row in rig.rows()] == [(HIT, YES)]


@pytest.mark.parametrize("rig", FIRST_CALLS, indirect=True)
def test_a_vendor_that_keeps_failing_is_left_alone(rig: "Rig") -> None:
    """Five failures in a row open the breaker; then the vendor sees nothing and the cascade goes on without it."""
    rig.play(rig.server.reply(503, body=b""))
    first, second, third = rig.ask("1", "2", "3")
    assert first.asked[rig.phase] == MAX_TRIES
    assert second.asked[rig.phase] == CONSECUTIVE - MAX_TRIES
    assert (second.attempt.reason, second.state) == ("server_error", "open")
    assert (third.attempt.outcome, third.attempt.reason) == (SKIPPED, "open")
    assert third.asked == {}
    assert third.result.phone == NEXT_PHONE
    assert rig.states() == [], "an outage is not remembered beyond the process"


@pytest.mark.parametrize("rig", FIRST_CALLS, indirect=True)
@pytest.mark.parametrize("event", ["not found", "429"])
def test_a_business_answer_never_counts_as_a_failure(rig: "Rig", event: str) -> None:
    """However many there are in a row."""
    if event == "429":
        rig.play(rig.says("rate limited", Retry_After="0"))
    rig.word = "not found"
    told = rig.ask(*[{"record_id": f"{n}", "linkedin_id": f"nobody-{n}"} for n in range(CONSECUTIVE + 1)])
    assert {one.failures for one in told} == {0}
    assert {one.state for one in told} <= {"closed", "paced"}
    assert all(one.asked[rig.phase] for one in told)


@pytest.mark.parametrize("rig", FIRST_CALLS, indirect=True)
@pytest.mark.parametrize(("balance", "asked"), [("none", False), ("some", True)])
def test_a_parked_account_is_probed_by_its_balance_first(rig: "Rig", balance: str, asked: bool) -> None:
    """Asking what is left is free; only when something is left is a question bought, and the account resumed."""
    rig.play(rig.says("out of credits"))
    [told] = rig.ask("1")
    assert told.state == "parked"
    rig.heal()
    rig.balance = balance

    def due(engine: "AsyncEngine") -> None:
        engine.channels[rig.vendor.name].health.until = 0.0

    [told] = rig.ask("2", prepare=due)
    assert told.asked["balance"] == 1
    assert bool(told.asked[rig.phase]) is asked
    assert (told.attempt.outcome, told.state) == ((HIT, "closed") if asked else (SKIPPED, "parked"))
    assert rig.states() == ([] if asked else [(rig.vendor.name, "parked")])
