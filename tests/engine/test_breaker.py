"""Health: four different states of a provider, what leads into each, and what leads out."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichcore.engine.breaker import (
    CONSECUTIVE,
    FIRST_COOL_DOWN,
    FIRST_PARK,
    LONGEST_COOL_DOWN,
    LONGEST_PARK,
    WINDOW,
    Health,
    State,
)
from enrichcore.model import SkipReason


def state_of(health: Health) -> State:
    return health.state


def broken(at: float = 0.0) -> Health:
    health = Health()
    for _ in range(CONSECUTIVE):
        health.failed(at, at)
    assert state_of(health) is State.OPEN
    return health


def test_a_new_provider_lets_every_call_through() -> None:
    assert [Health().gate(at) for at in (0.0, 1e9)] == [None, None]


def test_failures_in_a_row_open_it_and_a_success_between_starts_the_row_anew() -> None:
    health = Health()
    for _ in range(CONSECUTIVE - 1):
        health.failed(0, 0)
    health.succeeded()
    for _ in range(CONSECUTIVE - 1):
        health.failed(0, 0)
    assert state_of(health) is State.CLOSED
    health.failed(0, 0)
    assert state_of(health) is State.OPEN
    assert health.gate(0) is SkipReason.OPEN


def test_a_flapping_provider_opens_it_too() -> None:
    """Half of the last calls failed, never many in a row."""
    health = Health()
    calls = 0
    while health.state is State.CLOSED:
        health.failed(0, 0)
        health.succeeded()
        calls += 2
        assert calls <= WINDOW
    assert health.state is State.OPEN


def test_a_third_of_failures_does_not_open_it() -> None:
    health = Health()
    for _ in range(100):
        health.failed(0, 0)
        health.succeeded()
        health.succeeded()
    assert health.state is State.CLOSED


def test_an_open_breaker_lets_one_probe_through_after_its_cool_down() -> None:
    health = broken()
    assert health.gate(FIRST_COOL_DOWN - 0.01) is SkipReason.OPEN
    assert health.gate(FIRST_COOL_DOWN) is None
    assert health.probing
    assert health.gate(FIRST_COOL_DOWN) is SkipReason.OPEN


def test_a_good_probe_closes_it() -> None:
    health = broken()
    health.gate(FIRST_COOL_DOWN)
    health.succeeded()
    assert (health.state, health.until, health.gate(FIRST_COOL_DOWN)) == (State.CLOSED, None, None)
    health.failed(0, 0)
    assert health.state is State.CLOSED, "one failure after a recovery is one failure"


def test_a_bad_probe_waits_twice_as_long_up_to_a_limit() -> None:
    health, now, waits = broken(), 0.0, []
    for _ in range(10):
        assert health.until is not None
        waits.append(health.until - now)
        now = health.until
        assert health.gate(now) is None
        health.failed(now, now)
    assert waits[:3] == [FIRST_COOL_DOWN, 2 * FIRST_COOL_DOWN, 4 * FIRST_COOL_DOWN]
    assert waits[-1] == LONGEST_COOL_DOWN


def test_a_probe_that_says_nothing_gives_its_place_to_the_next() -> None:
    health = broken()
    assert health.gate(FIRST_COOL_DOWN) is None
    health.neutral()
    assert health.gate(FIRST_COOL_DOWN) is None


def test_calls_from_before_it_opened_change_nothing() -> None:
    health = broken()
    until = health.until
    health.failed(1, 0)
    health.succeeded()
    assert (health.state, health.until) == (State.OPEN, until)


def test_a_paced_provider_is_asked_again_after_its_wait() -> None:
    health = Health()
    health.pace(7)
    assert (health.state, health.gate(6.9)) == (State.PACED, SkipReason.PACED)
    assert health.gate(7) is None
    assert health.state is State.CLOSED


def test_of_several_waits_the_longest_counts() -> None:
    health = Health()
    for until in (7, 20, 9):
        health.pace(until)
    assert health.until == 20


def test_a_429_never_counts_as_a_failure() -> None:
    health = Health()
    for at in range(100):
        health.pace(at)
    health.gate(1000)
    assert health.state is State.CLOSED
    for _ in range(CONSECUTIVE - 1):
        health.failed(1000, 1000)
    assert health.state is State.CLOSED


def test_a_probe_that_is_told_to_slow_down_keeps_the_next_one_away_as_long() -> None:
    for health in (broken(), Health()):
        health.park(0)
        now = health.until or 0.0
        assert health.gate(now) is None
        health.pace(now + 60)
        assert health.gate(now + 59) is not None
        assert health.gate(now + 60) is None


def test_a_wait_that_the_vendor_asks_for_counts_while_it_is_open() -> None:
    """A call from before it opened may bring the 429."""
    health = broken()
    health.pace(60)
    assert health.state is State.OPEN
    assert health.gate(59) is SkipReason.OPEN
    assert health.gate(60) is None


def test_an_answer_counts_while_it_is_paced() -> None:
    health = Health()
    for _ in range(CONSECUTIVE - 1):
        health.failed(0, 0)
    health.pace(5)
    health.succeeded()
    health.failed(1, 0)
    assert health.state is State.PACED


def test_out_of_credits_parks_and_each_empty_probe_waits_twice_as_long() -> None:
    health, now, waits = Health(), 0.0, []
    health.park(now)
    assert health.gate(now) is SkipReason.PARKED
    for _ in range(8):
        assert health.until is not None
        waits.append(health.until - now)
        now = health.until
        assert health.gate(now) is None
        assert health.probing_account
        health.park(now)
    assert waits[:3] == [FIRST_PARK, 2 * FIRST_PARK, 4 * FIRST_PARK]
    assert waits[-1] == LONGEST_PARK


def test_many_calls_that_run_out_of_credits_at_once_park_it_once() -> None:
    health = Health()
    for _ in range(50):
        health.park(0)
    assert health.until == FIRST_PARK


def test_only_a_probe_unparks_an_account() -> None:
    """A call, or a vendor's job, from before says nothing of today's balance."""
    health = Health()
    health.park(0)
    health.succeeded()
    assert state_of(health) is State.PARKED
    assert health.gate(FIRST_PARK) is None
    health.succeeded()
    assert state_of(health) is State.CLOSED


def test_a_failing_probe_of_a_parked_account_leaves_it_parked() -> None:
    health = Health()
    health.park(0)
    health.gate(FIRST_PARK)
    health.failed(FIRST_PARK, FIRST_PARK)
    assert (health.state, health.until) == (State.PARKED, 2 * FIRST_PARK)


LATER: dict[str, Callable[[Health], object]] = {
    "success": Health.succeeded,
    "a failure": lambda h: h.failed(1, 1),
    "429": lambda h: h.pace(1),
    "out of credits": lambda h: h.park(1),
    "time": lambda h: h.gate(1e12),
}


@pytest.mark.parametrize("event", LATER)
def test_only_a_person_ends_a_suspension(event: str) -> None:
    health = Health()
    health.suspend("key_refused")
    LATER[event](health)
    assert (health.state, health.gate(1e12), health.reason) == (State.SUSPENDED, SkipReason.SUSPENDED, "key_refused")
    health.resume()
    assert (health.state, health.gate(0)) == (State.CLOSED, None)


def test_a_jump_of_the_clocks_voids_the_failures_of_calls_that_began_before() -> None:
    health = Health()
    health.void(100)
    for _ in range(50):
        health.failed(101, 99)
    assert state_of(health) is State.CLOSED
    for _ in range(CONSECUTIVE):
        health.failed(101, 100)
    assert state_of(health) is State.OPEN


def test_the_listener_hears_every_change_with_its_reason() -> None:
    heard: list[tuple[Any, ...]] = []
    health = Health(lambda *change: heard.append(change))
    health.pace(5)
    health.gate(5)
    for _ in range(CONSECUTIVE):
        health.failed(6, 6)
    health.gate(11)
    health.failed(11, 11)
    health.park(12)
    health.suspend("key_refused")
    health.resume()
    assert heard == [
        (State.PACED, State.CLOSED, "rate_limited", 5),
        (State.CLOSED, State.PACED, None, None),
        (State.OPEN, State.CLOSED, "failing", 11),
        (State.OPEN, State.OPEN, "failing", 21),
        (State.PARKED, State.OPEN, "out_of_credits", 72),
        (State.SUSPENDED, State.PARKED, "key_refused", None),
        (State.CLOSED, State.SUSPENDED, None, None),
    ]


@pytest.mark.parametrize("state", [State.PARKED, State.SUSPENDED])
def test_a_lasting_state_is_taken_over_without_telling_it_as_news(state: State) -> None:
    heard: list[Any] = []
    health = Health(lambda *change: heard.append(change))
    health.restore(state, "why", 100)
    assert (health.state, health.reason, heard) == (state, "why", [])
    assert (health.gate(100 + FIRST_PARK) is None) == (state is State.PARKED)


EVENTS = st.sampled_from(["gate", "succeeded", "failed", "pace", "park", "neutral", "void"])


@given(st.lists(st.tuples(EVENTS, st.floats(0, 30)), max_size=80))
def test_whatever_happens_it_lets_a_call_through_again_in_time(events: list[tuple[str, float]]) -> None:
    """No sequence of answers closes a provider for good: only a suspension does."""
    health, now = Health(), 0.0
    for event, seconds in events:
        now += seconds
        match event:
            case "gate":
                health.gate(now)
            case "failed":
                health.failed(now, now - seconds)
            case "pace":
                health.pace(now + seconds)
            case "park" | "void":
                getattr(health, event)(now)
            case _:
                getattr(health, event)()
    health.neutral()  # whoever probes ends in one way or another
    assert health.gate(now + LONGEST_PARK) is None


def test_a_call_from_before_does_not_free_the_place_of_the_probe() -> None:
    """Only one probe at a time, whatever older calls come to."""
    health = Health()
    for n in range(CONSECUTIVE):
        health.failed(float(n), float(n))
    assert health.gate(100.0) is None
    health.neutral(50.0)
    assert health.gate(101.0) == "open"
    health.neutral(100.5)
    assert health.gate(102.0) is None
