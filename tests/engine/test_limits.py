"""The limiter: no window of a rate ever holds more calls than it allows, wherever the window begins."""

from bisect import bisect_left

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from enrichcore.engine import limits
from enrichcore.engine.limits import Limiter
from enrichcore.plugins import Rate


def limiter_for(*rates: str) -> Limiter:
    return Limiter(map(Rate.parse, rates))


def most_in_a_window(starts: list[float], seconds: float) -> int:
    """The most starts in any half-open window of so many seconds."""
    ordered = sorted(starts)
    # The windows that can hold the most begin at a start.
    return max((bisect_left(ordered, start + seconds - 1e-6) - index for index, start in enumerate(ordered)), default=0)


RATES = st.lists(
    st.builds(Rate, st.integers(1, 12), st.sampled_from([0.5, 1.0, 2.0, 10.0, 60.0])), min_size=1, max_size=3
)
GAPS = st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.3, 1.0, 7.0]), min_size=1, max_size=120)


@given(rates=RATES, gaps=GAPS)
def test_no_window_of_any_rate_holds_more_calls_than_it_allows(rates: list[Rate], gaps: list[float]) -> None:
    limiter, now, starts = Limiter(rates), 0.0, []
    for gap in gaps:
        now += gap
        start = limiter.take(now)
        assert start is not None
        assert start >= now
        starts.append(start)
    for rate in rates:
        assert most_in_a_window(starts, rate.seconds) <= rate.calls


@given(rates=RATES, gaps=GAPS, patience=st.floats(0, 5))
def test_a_call_that_would_come_too_late_takes_no_place(rates: list[Rate], gaps: list[float], patience: float) -> None:
    limiter, now, starts = Limiter(rates), 0.0, []
    for gap in gaps:
        now += gap
        due = limiter.next_start(now)
        start = limiter.take(now, latest=now + patience)
        if start is None:
            assert due > now + patience
            assert limiter.next_start(now) == due
        else:
            assert start == due
            starts.append(start)
    for rate in rates:
        assert most_in_a_window(starts, rate.seconds) <= rate.calls


@given(calls=st.integers(5, 60), gaps=GAPS)
@example(calls=5, gaps=[0.0] * 20)
def test_a_rate_of_many_calls_is_kept_in_blocks_and_never_exceeded(calls: int, gaps: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "_MOST_ENTRIES", 4)
        limiter, now, starts = Limiter([Rate(calls, 10.0)]), 0.0, []
    for gap in gaps * 2:
        now += gap
        start = limiter.take(now)
        assert start is not None
        starts.append(start)
    assert most_in_a_window(starts, 10.0) <= calls
    assert len(limiter._windows[0].starts) <= 4, "memory is bounded"


def test_several_windows_hold_at_once() -> None:
    limiter = limiter_for("2/s", "3/min")
    assert [limiter.take(0.0) for _ in range(5)] == [0.0, 0.0, 1.0, 60.0, 60.0]


def test_without_rates_every_call_starts_at_once() -> None:
    limiter = Limiter([])
    assert [limiter.take(5.0, latest=5.0) for _ in range(3)] == [5.0, 5.0, 5.0]
    assert (limiter.longest, limiter.next_start(7.0)) == (0.0, 7.0)


def test_the_longest_window_is_known() -> None:
    assert limiter_for("5/s", "300/min", "5000/day").longest == 86_400.0


@pytest.mark.parametrize("spent", [0, 1, 3, 5])
def test_calls_of_an_earlier_process_count(spent: int) -> None:
    limiter = limiter_for("5/min")
    limiter.seed([-30.0] * spent)
    starts = [limiter.take(0.0) for _ in range(5)]
    assert starts == [0.0] * (5 - spent) + [30.0] * spent
