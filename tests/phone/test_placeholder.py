"""Placeholders are found wherever they stand in a number; the shortcut for most numbers never hides one."""

import random

import pytest

from enrichcore.phone.placeholder import is_placeholder

_RUNS = ["01234567890123456789", "98765432109876543210"]


def slow(national: str) -> bool:
    """The same rule, spelt out: seven equal, seven in a run, or one pair over and over."""
    windows = [national[at : at + 7] for at in range(len(national) - 6)]
    pair = len(national) > 7 and national == (national[:2] * 8)[: len(national)]
    return pair or any(len(set(part)) == 1 or any(part in run for run in _RUNS) for part in windows)


@pytest.mark.parametrize("length", range(5, 16))
def test_a_placeholder_is_found_at_every_place(length: int) -> None:
    rng = random.Random(length)
    for filler in ("5555555", "2345678", "8901234", "7654321", "1098765"):
        for at in range(max(length - 6, 0)):
            digits = [rng.choice("0123456789") for _ in range(length)]
            digits[at : at + 7] = filler
            assert is_placeholder("".join(digits))


@pytest.mark.parametrize("length", range(5, 16))
def test_the_shortcut_decides_as_the_rule_does(length: int) -> None:
    rng = random.Random(length)
    for _ in range(5000):
        national = "".join(rng.choice("0123") for _ in range(length))
        assert is_placeholder(national) == slow(national), national
