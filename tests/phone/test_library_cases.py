"""The parser and matcher cases of libphonenumber's own tests, read as cells: all of them, exceptions with a reason.

The library tests against plans of its own making. A case is in scope where the real plans call the same number valid,
and where the library finds nothing in either. See `suites/README.md` for source and licence.
"""

import json
from pathlib import Path

import phonenumbers
import pytest
from phonenumbers import NumberParseException, PhoneNumberFormat

from enrichcore.phone import Reading, read_number

SUITE = json.loads((Path(__file__).parent / "suites" / "libphonenumber.json").read_text("ascii"))
GATES = {"premium", "shared_cost", "pager", "voicemail", "fictional", "placeholder"}
"""Refused for what they are, after they were read."""

EXTENSION_WITHOUT_A_LABEL = {
    # In a cell, a semicolon or comma parts two numbers; the first one is read, and no extension is made of the second.
    "(800) 901-3355 ; 7246433",
    "(800) 901-3355;7246433",
    "(800) 901-3355 , 7246433",
    "+12679000000;123456789012345#",
}
HIDDEN_DIGITS = {"(0xx) 1187654321"}
"""Two x's are a carrier code to the library and hidden digits to us: vendors mask previews like that."""
REFUSED_TOO = {"3/10/1984", "1650 x 253 - 1234", "650 x 253 - 1234"}
"""Dates and a stray x: the real plans would allow the digits, the matcher refuses them, and so do we."""


def _real(text: str, region: str | None) -> str | None:
    """The number under the real plans, None where they call it invalid."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None


def _read(text: str, region: str | None) -> Reading:
    return read_number(text, regions=[region] if region not in (None, "ZZ") else [])


@pytest.mark.parametrize(("text", "region", "phone", "extension"), SUITE["parsed"])
def test_what_the_library_parses_is_read(
    text: str, region: str | None, phone: str | None, extension: str | None
) -> None:
    """The number and the extension that the library's own test expects, where the real plans know the number."""
    reading = _read(text, region)
    if phone is None or _real(text, region) != phone:
        assert reading.phone is None or reading.phone == _real(text, region)
    elif text in HIDDEN_DIGITS:
        assert reading.reason == "masked"
    elif reading.phone is None:
        assert reading.reason in GATES
    else:
        assert reading.phone == phone
        expected = None if text in EXTENSION_WITHOUT_A_LABEL else extension
        assert (reading.extension or None) == (expected or None)


def test_few_cases_are_exceptions() -> None:
    """Most cases are really read: a change that refuses everything would not pass unnoticed."""
    parsed = SUITE["parsed"]
    valid = [case for case in parsed if case[2] is not None and _real(case[0], case[1]) == case[2]]
    read = [case for case in valid if _read(case[0], case[1]).phone == case[2]]
    assert len(parsed) >= 190
    assert len(valid) >= 110
    assert len(read) >= 0.7 * len(valid)


@pytest.mark.parametrize("case", SUITE["matched"]["IMPOSSIBLE_CASES"] + SUITE["matched"]["POSSIBLE_ONLY_CASES"])
def test_what_is_no_number_is_refused(case: list[str]) -> None:
    """Dates, times and strings that only look like numbers; the real plans decide where they know better."""
    text, region = case
    known = _real(text, region)
    expected = None if known is None or text in REFUSED_TOO else known
    assert read_number(text, regions=[region]).phone == expected


@pytest.mark.parametrize(
    "case",
    [case for name in ("VALID", "STRICT_GROUPING", "EXACT_GROUPING") for case in SUITE["matched"][f"{name}_CASES"]],
)
def test_what_the_matcher_finds_is_read(case: list[str]) -> None:
    """However it is grouped, a number that the real plans know is read or refused for what it is."""
    text, region = case
    reading = read_number(text, regions=[region])
    assert reading.phone == _real(text, region) or reading.reason in GATES
