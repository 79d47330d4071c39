"""Numbers kept for fiction, and numbers typed to fill a field."""

import phonenumbers
import pytest

from enrichcore.phone.fiction_ranges import PREFIXES, fiction_line
from enrichcore.phone.line_type import LineType
from enrichcore.phone.placeholder import is_placeholder

RANGES = [(code, prefix, length, line) for code, ranges in PREFIXES.items() for prefix, length, line in ranges]


@pytest.mark.parametrize(("code", "prefix", "length", "line"), RANGES, ids=str)
def test_a_range_fits_its_plan(code: int, prefix: str, length: int, line: LineType) -> None:
    """Every number of a range has a possible length; where the plan knows the line, the table agrees."""
    national = prefix + "17263"[: length - len(prefix)]
    national = national.ljust(length, "1")
    assert fiction_line(code, national) is line
    number = phonenumbers.PhoneNumber(country_code=code, national_number=int(national))
    assert phonenumbers.is_possible_number(number)
    known = {
        phonenumbers.PhoneNumberType.MOBILE: LineType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE: LineType.LANDLINE,
    }.get(phonenumbers.number_type(number))
    assert known in {None, line}


def test_ofcom_keeps_twenty_thousand_numbers() -> None:
    """Twenty blocks of a thousand, as the regulator counts them."""
    assert sum(10 ** (length - len(prefix)) for prefix, length, _ in PREFIXES[44]) == 20_000


def test_no_range_is_listed_twice() -> None:
    """No prefix of a country begins with another."""
    for ranges in PREFIXES.values():
        prefixes = [prefix for prefix, _, _ in ranges]
        assert not [(a, b) for a in prefixes for b in prefixes if a is not b and b.startswith(a)]


@pytest.mark.parametrize(
    ("code", "national", "fictional"),
    [
        (1, "2025550100", True), (1, "2025550199", True), (1, "8005550123", True), (1, "5555550123", True),
        (1, "2025550099", False), (1, "2025550200", False), (1, "2025551212", False), (1, "1025550100", False),
        (1, "20255501", False), (44, "7700900000", True), (44, "7700900999", True), (44, "7700899999", False),
        (44, "7700901000", False), (44, "2079461000", False), (44, "2079459999", False), (61, "491570157", True),
        (61, "491570160", False), (33, "199010000", False), (7, "2025550100", False), (46, "701740604", True),
    ],
)  # fmt: skip
def test_a_range_ends_where_it_ends(code: int, national: str, *, fictional: bool) -> None:
    """The numbers before the first and after the last belong to people."""
    assert (fiction_line(code, national) is not None) is fictional


@pytest.mark.parametrize(
    ("national", "placeholder"),
    [
        ("5555555555", True), ("2025555550", False), ("2055555550", True), ("2125555555", True), ("1234567890", True),
        ("2345678901", True),
        ("9876543210", True), ("0123456789", True), ("8901234567", True), ("1212121212", True), ("98989898", True),
        ("12345678", True), ("3012345678", True), ("1234567", True), ("121212", False), ("5555555", True),
        ("6502530000", False), ("2079460018", False), ("1213121312", False), ("", False), ("12", False),
    ],
)  # fmt: skip
def test_a_number_typed_to_fill_a_field_is_seen(national: str, *, placeholder: bool) -> None:
    """Seven equal digits, a run of seven up or down, or one pair over and over; vanity and round numbers pass."""
    assert is_placeholder(national) is placeholder
