"""What kind of line a number is: the numbering plan's answer and the vendor's claim, kept apart."""

import pytest

from enrichcore.phone import LineType, in_plan_of, read_number

MOBILE, LANDLINE, VOIP, UNKNOWN = LineType.MOBILE, LineType.LANDLINE, LineType.VOIP, LineType.UNKNOWN


@pytest.mark.parametrize(
    ("number", "word", "plan", "claimed", "line"),
    [
        ("+12025550143", None, UNKNOWN, None, UNKNOWN),
        ("+12025550143", "Mobile", UNKNOWN, MOBILE, MOBILE),
        ("+12025550143", "landline", UNKNOWN, LANDLINE, LANDLINE),
        ("+12025550143", "work", UNKNOWN, UNKNOWN, UNKNOWN),
        ("+442079460018", None, LANDLINE, None, LANDLINE),
        ("+442079460018", "mobile", LANDLINE, MOBILE, LANDLINE),
        ("+442079460018", "voip", LANDLINE, VOIP, LANDLINE),
        ("+447700900123", "landline", MOBILE, LANDLINE, MOBILE),
        ("+33639980123", "fixed line", MOBILE, LANDLINE, MOBILE),
        ("+18005550199", "mobile", UNKNOWN, MOBILE, MOBILE),
    ],
)
def test_the_plan_and_the_vendor_do_not_overwrite_each_other(
    number: str, word: str | None, plan: LineType, claimed: LineType | None, line: LineType
) -> None:
    """The plan decides where it can tell; what the vendor claimed is there all the same."""
    reading = read_number(number, vendor_type=word, allow_fictional=True)
    assert (reading.plan_line_type, reading.claimed_line_type, reading.line_type) == (plan, claimed, line)


@pytest.mark.parametrize("word", [None, "mobile", "landline", "voip", "work", ""])
def test_the_plan_of_the_united_states_and_canada_never_tells(word: str | None) -> None:
    for number in ("+12025550143", "+14165550143", "+17875550143"):
        assert read_number(number, vendor_type=word, allow_fictional=True).plan_line_type is UNKNOWN


@pytest.mark.parametrize(
    ("phone", "region", "same"),
    [
        ("+12025550143", "US", True),
        ("+12025550143", "CA", True),
        ("+447700900123", "GB", True),
        ("+447700900123", "JE", True),
        ("+447700900123", "US", False),
        ("+35312345678", "GB", False),
        ("+12025550143", "AQ", False),
        ("+12025550143", "nowhere", False),
    ],
)
def test_regions_that_share_a_country_code_share_a_plan(phone: str, region: str, *, same: bool) -> None:
    assert in_plan_of(phone, region) is same
