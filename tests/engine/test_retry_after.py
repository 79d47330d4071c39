"""Retry-After as vendors send it: seconds, dates, and nonsense."""

import pytest

from enrichcore.engine.retry_after import ABSURD, LONGEST, parse_retry_after

WALL = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110
HERE = "Sun, 06 Nov 1994 08:49:37 GMT"
IN_90_S = "Sun, 06 Nov 1994 08:51:07 GMT"
READABLE = {
    "120": 120.0,
    "0": 0.0,
    " 7 ": 7.0,
    "1.5": 1.5,
    "007": 7.0,
    "3600": LONGEST,
    "3601": LONGEST,
    "86400": LONGEST,
    "604800": LONGEST,
    IN_90_S: 90.0,
    "Sunday, 06-Nov-94 08:51:07 GMT": 90.0,
    "Sun Nov  6 08:51:07 1994": 90.0,
    "Sun, 06 Nov 1994 09:51:07 +0100": 90.0,
    HERE: 0.0,
    "Mon, 07 Nov 1994 08:49:37 GMT": LONGEST,
}


@pytest.mark.parametrize("text", READABLE)
def test_seconds_and_dates_are_read_and_cut_to_an_hour(text: str) -> None:
    assert parse_retry_after([text], date=None, wall=WALL) == READABLE[text]


@pytest.mark.parametrize(
    "text",
    [
        "", "-1", "-0.5", "+5", "1e9", "1000000000", "604801", "nan", "inf", "0x10", "१२", "five", "5 s", "5, 10",
        "Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1904 08:49:37 GMT", "Sun, 06 Nov 2094 08:49:37 GMT",
        "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 99:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT",
        "1" * 4000, "," * 65, "1994-11-06T08:51:07Z",
    ],
)  # fmt: skip
def test_the_past_the_absurd_and_garbage_count_as_absent(text: str) -> None:
    """A broken header must neither park a provider for years nor make us ask again at once."""
    assert parse_retry_after([text], date=None, wall=WALL) is None


def test_a_date_is_measured_from_the_answers_own_clock() -> None:
    """The vendor's clock runs a day behind ours: its wait of 90 s is 90 s all the same."""
    assert parse_retry_after([IN_90_S], date=HERE, wall=WALL + 86_400) == 90.0


@pytest.mark.parametrize("date", ["", "yesterday", "x" * 100])
def test_an_unreadable_date_header_leaves_our_own_clock(date: str) -> None:
    assert parse_retry_after([IN_90_S], date=date, wall=WALL) == 90.0


def test_the_longest_of_several_counts_and_garbage_between_them_does_not() -> None:
    assert parse_retry_after(["5", "soon", "30", "-4"], date=None, wall=WALL) == 30.0


def test_no_header_says_nothing() -> None:
    assert parse_retry_after([], date=HERE, wall=WALL) is None


def test_what_is_absurd_is_longer_than_what_is_merely_long() -> None:
    """Between the two a wait is believed but cut."""
    assert parse_retry_after([str(ABSURD)], date=None, wall=WALL) == LONGEST < ABSURD
