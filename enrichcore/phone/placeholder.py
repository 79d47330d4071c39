"""Numbers that someone typed to fill a field: one digit repeated, a run, two digits in turn."""

import re

_ONE_DIGIT = re.compile(r"([0-9])\1{6}")
_RUN = 7
_UP = "0123456789" * 2
_DOWN = _UP[::-1]
_RUNS = frozenset(text[i : i + _RUN] for text in (_UP, _DOWN) for i in range(10))
_PAIRS = {a + b: (a + b) * 8 for a in "0123456789" for b in "0123456789"}
_STEPS = frozenset({run[:2] for run in _RUNS} | {digit * 2 for digit in "0123456789"})
_CENTRE = slice(_RUN - 2, _RUN)
_CROSSED = 2 * _RUN - 2
"""Up to so many digits, whatever seven of them stand in a row, the two in the centre are among them."""


def is_placeholder(national: str) -> bool:
    """Whether a national number has seven equal digits in a row, a run of seven, or is one pair over and over."""
    length = len(national)
    if length < _RUN:
        return False
    if length > _RUN and _PAIRS[national[:2]].startswith(national):
        return True
    if length <= _CROSSED and national[_CENTRE] not in _STEPS:
        return False
    if _ONE_DIGIT.search(national) is not None:
        return True
    return any(national[i : i + _RUN] in _RUNS for i in range(length - _RUN + 1))
