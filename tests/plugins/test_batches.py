"""Whose answer is whose in a batch, and what each record cost of the whole."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichcore.errors import OutOfCredits, Unreadable
from enrichcore.plugins import by_place, each, shares


@given(st.decimals(0, 10_000, places=4), st.lists(st.booleans(), min_size=1, max_size=100))
def test_shares_come_to_exactly_the_total(total: Decimal, charged: list[bool]) -> None:
    """Whoever was not charged costs nothing, unless nobody was."""
    parts = [part or Decimal(0) for part in shares(total, charged)]
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    assert not any(charged) or all(part == 0 for part, pays in zip(parts, charged, strict=True) if not pays)


@pytest.mark.parametrize(
    ("total", "charged", "parts"),
    [
        ("20", [True, False, True], ["10", "0", "10"]),
        ("10", [True, True, True], ["3.333334", "3.333333", "3.333333"]),
        ("3", [False, False, False], ["1", "1", "1"]),
        ("5", [], []),
    ],
)
def test_shares_are_even_as_far_as_they_can_be(total: str, charged: list[bool], parts: list[str]) -> None:
    assert [str(part) for part in shares(Decimal(total), charged)] == parts


def test_a_total_that_nobody_said_is_nobodys_share() -> None:
    assert shares(None, [True, False]) == [None, None]


@pytest.mark.parametrize(
    ("marks", "places"),
    [
        (["1", "0", "2"], {1: 0, 0: 1, 2: 2}),
        (["7", "3"], {7: 0, 3: 1}),
        ([None, None], {0: 0, 1: 1}),
        (["1", None], {0: 0, 1: 1}),
        (["1", "1"], {0: 0, 1: 1}),
        (["1", "-0"], {0: 0, 1: 1}),
        (["1", "\u0662"], {0: 0, 1: 1}),
        ([1, 0], {0: 0, 1: 1}),
        ([], {}),
    ],
)
def test_answers_stand_where_they_say_or_in_their_order(marks: list[Any], places: dict[int, int]) -> None:
    rows = list(enumerate(marks))
    assert {place: row[0] for place, row in by_place(rows, lambda row: row[1]).items()} == places


def test_what_one_answer_raises_is_its_own_outcome() -> None:
    def read(answer: Any) -> str:
        if answer == "empty":
            raise OutOfCredits
        return str(answer["phone"].strip())

    outcomes = each(read, [{"phone": " 1 "}, "empty", {}, {"phone": None}, None, {"phone": "2"}])
    assert outcomes[0] == "1"
    assert outcomes[-1] == "2"
    assert isinstance(outcomes[1], OutOfCredits)
    assert [type(outcome) for outcome in outcomes[2:5]] == [Unreadable] * 3
