"""Written forms of numbers and what they turn out to be. Fictional numbers, allowed where the form is the subject."""

import json
import subprocess
import sys
from typing import Any

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from enrichcore.phone import LineType, Reading, read_number
from enrichcore.phone.written import parts

REASONS = {
    "not_text", "masked", "unparsable", "not_possible", "not_valid", "premium", "shared_cost", "pager", "voicemail",
    "fictional", "placeholder", "ambiguous_region",
}  # fmt: skip
LONDON, WASHINGTON, SYDNEY = "+442079460018", "+12025550143", "+61270105550"


def _phone(raw: object, *regions: str) -> str | None:
    return read_number(raw, regions=regions, allow_fictional=True).phone


@pytest.mark.parametrize(
    "written",
    [
        "+442079460018",
        "+44 20 7946 0018",
        "+44.2079460018",
        "+44-(20)-7946-0018",
        "+44 (0)20 7946 0018",
        "+44 (0) 20 7946 0018",
        "(+44) 20 7946 0018",
        "tel:+44-20-7946-0018",
        "TEL:+442079460018",
        "Phone: +44 20 7946 0018",
        "0044 20 7946 0018",
        "0044 (0)20 7946 0018",
        "\uff0b\uff14\uff14 \uff12\uff10 \uff17\uff19\uff14\uff16 \uff10\uff10\uff11\uff18",
        "+\u0664\u0664 \u0662\u0660 \u0667\u0669\u0664\u0666 \u0660\u0660\u0661\u0668",
        "+\u06f4\u06f4 \u06f2\u06f0 \u06f7\u06f9\u06f4\u06f6 \u06f0\u06f0\u06f1\u06f8",
        "+44\u00a020\u20117946\u20130018",
        "\u202a+44 20 7946 0018\u202c",
        "+44 20\u00b77946\u00b70018",
        "  +44 20 7946 0018\n",
        "tel:20-7946-0018;phone-context=+44",
    ],
)
def test_every_written_form_is_read(written: str) -> None:
    """Punctuation, scripts, tel URIs, a stray trunk zero and 00 all give one E.164 number, without a region."""
    assert _phone(written) == LONDON


@pytest.mark.parametrize(
    ("written", "extension"),
    [
        ("+1 202-555-0143 x12", "12"),
        ("+1 202-555-0143 ext. 12", "12"),
        ("+1 202-555-0143, extension 12", "12"),
        ("tel:+1-202-555-0143;ext=12", "12"),
        ("+1 202 555 0143 #12", "12"),
        ("+12025550143", None),
    ],
)
def test_an_extension_is_kept_apart(written: str, extension: str | None) -> None:
    """E.164 has no place for an extension."""
    reading = read_number(written, allow_fictional=True)
    assert (reading.phone, reading.extension) == (WASHINGTON, extension)


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("+442079460018;+12025550143", LONDON),
        ("n/a; +442079460018", LONDON),
        ("+44 7946; +1 202 555 0143", WASHINGTON),
        ("+442079460018|+12025550143", LONDON),
        ("+442079460018\n+12025550143", LONDON),
        ("+1 202 555 0143 / +44 20 7946 0018", WASHINGTON),
        ("+1 202 555 0143, +44 20 7946 0018", WASHINGTON),
        ("+1 202 555 0143 or +44 20 7946 0018", WASHINGTON),
        (";;+442079460018;", LONDON),
    ],
)
def test_of_a_list_the_first_good_number_counts(written: str, phone: str) -> None:
    """Lists by semicolon, bar, line, comma, slash and word."""
    assert _phone(written) == phone


def test_a_list_without_a_good_number_gives_the_first_reason() -> None:
    """The reason belongs to the number that was named first."""
    assert read_number("+12025550143;+44 20").reason == "fictional"


def test_a_slash_inside_a_number_is_no_list() -> None:
    """Germans part the area code with a slash."""
    assert _phone("030/23125123", "DE") == "+493023125123"


def test_the_zero_of_an_italian_number_stays() -> None:
    """In Italy the zero in brackets is part of the number."""
    assert _phone("+39 (0)2 9999 0001") == "+390299990001"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, "not_text"), (True, "not_text"), (12025550143, "not_text"), (1.5, "not_text"), ([], "not_text"),
        (["+12025550143"], "not_text"), ({"number": "+12025550143"}, "not_text"), (b"+12025550143", "not_text"),
        ("+1202555****", "masked"), ("+1 202 555 xxxx", "masked"), ("+1 202 555 XX43", "masked"),
        ("+1 202 555 \u2022\u2022\u2022\u2022", "masked"), ("+1 202 5\u202643", "masked"),
        ("+1 202 555 ####", "masked"),
        ("+1202555\uff0a\uff0a\uff0a\uff0a", "masked"), ("+1 202 555 ____", "masked"), ("+1 202 ...", "masked"),
        ("", "unparsable"), ("n/a", "unparsable"), ("+", "unparsable"), ("call me", "unparsable"), ("12", "unparsable"),
        ("1" * 251, "unparsable"), ("+999123456789", "unparsable"), ("+1 650 253 NNNN", "unparsable"),
        ("+1202555", "not_possible"), ("+1202555014399", "not_possible"),
        ("+49 4479 4679 4679 46", "not_possible"), ("+1 202 155 9876", "not_valid"),
        ("020 7946 0018", "ambiguous_region"), ("(202) 555-0143", "ambiguous_region"),
        ("+12025550143", "fictional"), ("+18005550199", "fictional"), ("+442079460018", "fictional"),
        ("+447700900123", "fictional"), ("+33199001234", "fictional"), ("+33639980123", "fictional"),
        ("+61491570156", "fictional"), ("+353209130001", "fictional"), ("+493023125123", "fictional"),
        ("+12345678901", "placeholder"), ("+12222222222", "placeholder"), ("+441212121212", "placeholder"),
        ("+19876543210", "placeholder"), ("+4512345678", "placeholder"), ("+15555555555", "placeholder"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_a_word(raw: object, reason: str) -> None:
    """Each refusal has one stable reason and no number."""
    reading = read_number(raw)
    assert (reading.phone, reading.reason) == (None, reason)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (phonenumbers.PhoneNumberType.PREMIUM_RATE, "premium"),
        (phonenumbers.PhoneNumberType.SHARED_COST, "shared_cost"),
        (phonenumbers.PhoneNumberType.PAGER, "pager"),
        (phonenumbers.PhoneNumberType.VOICEMAIL, "voicemail"),
    ],
)
def test_lines_that_reach_no_person_are_refused(kind: int, reason: str) -> None:
    """The plans' own example of every such line is refused for what it is, in every country that has one."""
    reasons = set()
    for region in phonenumbers.SUPPORTED_REGIONS:
        example = phonenumbers.example_number_for_type(region, kind)
        if example is not None:
            reading = read_number(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
            assert reading.phone is None
            reasons.add(reading.reason)
    assert reason in reasons
    assert reasons <= {reason, "placeholder", "fictional"}


def test_a_toll_free_number_is_a_company_line() -> None:
    """Toll-free numbers and company-wide numbers are accepted and marked."""
    reading = read_number("1-800-555-0199", regions=("US",), allow_fictional=True)
    assert reading == Reading(phone="+18005550199", country="US", company_line=True, fictional=True)
    assert not read_number(WASHINGTON, allow_fictional=True).company_line


def test_a_word_in_a_number_counts_for_toll_free_numbers_only() -> None:
    """Letters spell toll-free numbers; elsewhere they are more often a mask."""
    assert _phone("1-800-KKJ-0199", "US") == "+18005550199"
    assert _phone("1-202-KKJ-0143", "US") is None


@pytest.mark.parametrize(
    ("regions", "phone"),
    [
        (("GB",), LONDON),
        (("gb",), LONDON),
        (("US", "GB"), LONDON),
        (("GB", "GB"), LONDON),
        (("US",), None),
        ((), None),
        (("ZZ", ""), None),
    ],
)
def test_a_national_form_needs_a_region_that_fits(regions: tuple[str, ...], phone: str | None) -> None:
    """The one candidate that validates decides, wherever it stands."""
    assert _phone("020 7946 0018", *regions) == phone


def test_two_regions_that_fit_are_one_too_many() -> None:
    """A national form that is a number in two countries is nobody's; where both mean one number it is read."""
    fits = [_phone("030 23125123", region) for region in ("DE", "IT")]
    assert fits == ["+493023125123", "+3903023125123"]
    both = read_number("030 23125123", regions=("DE", "IT"), allow_fictional=True)
    assert (both.phone, both.reason) == (None, "ambiguous_region")
    assert _phone("202-555-0143", "US", "CA") == WASHINGTON


def test_the_region_of_a_number_comes_from_its_plan() -> None:
    """A candidate region is not taken for the number's country."""
    assert read_number("202-555-0143", regions=("CA",), allow_fictional=True).country == "US"
    assert read_number("+80000010002", regions=("US",)).country is None


@pytest.mark.parametrize(
    ("phone", "word", "line"),
    [
        ("+12025550143", None, "unknown"),
        ("+12025550143", "mobile", "mobile"),
        ("+12025550143", "MOBILE", "mobile"),
        ("+12025550143", "work_mobile", "mobile"),
        ("+12025550143", "Cell Phone", "mobile"),
        ("+12025550143", "cellular", "mobile"),
        ("+12025550143", "direct", "landline"),
        ("+12025550143", "landline", "landline"),
        ("+12025550143", "Fixed-Line", "landline"),
        ("+12025550143", "VoIP", "voip"),
        ("+12025550143", "non-fixed voip", "voip"),
        ("+12025550143", "FIXED_LINE_OR_MOBILE", "unknown"),
        ("+12025550143", "work", "unknown"),
        ("+12025550143", "", "unknown"),
        ("+442079460018", None, "landline"),
        ("+442079460018", "mobile", "landline"),
        ("+447700900123", None, "mobile"),
        ("+33639980123", None, "mobile"),
        ("+61491570156", "landline", "mobile"),
    ],
)
def test_a_vendors_word_counts_where_the_plan_cannot_tell(phone: str, word: str | None, line: str) -> None:
    """North American numbers have the type the vendor says or none; elsewhere the plan knows better."""
    reading = read_number(phone, vendor_type=word, allow_fictional=True)
    assert (reading.phone, reading.line_type) == (phone, LineType(line))


def test_a_number_that_people_answer_is_read() -> None:
    """Without any option; the number is the switchboard that libphonenumber's own tests use."""
    assert read_number("+16502530000") == Reading(phone="+16502530000", country="US")


def test_a_premium_number_stays_premium_in_fiction() -> None:
    """Allowing fiction lifts one gate only."""
    assert read_number("+449098790123", allow_fictional=True).reason == "premium"


def test_a_reading_does_not_show_the_number() -> None:
    """A repr ends up in logs."""
    assert "7946" not in repr(read_number(LONDON, allow_fictional=True))
    assert "fictional" in repr(read_number(LONDON))


def test_importing_the_part_does_not_load_the_plans() -> None:
    """The numbering plans cost 50 ms, paid by the first number."""
    script = (
        "import json, sys\n"
        "import enrichcore.phone as p\n"
        "before = 'phonenumbers' in sys.modules\n"
        "p.read_number(None); p.read_number('+1 ***')\n"
        "refused = 'phonenumbers' in sys.modules\n"
        "p.read_number('+12025550143')\n"
        "print(json.dumps([before, refused, 'phonenumbers' in sys.modules]))\n"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert json.loads(out) == [False, False, True]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_PIECES = st.sampled_from(
    ["+", "44", "1", "(0)", "20", "7946", "0018", "202", "555", "0143", " ", "-", ".", "x", "ext", ";", ",",
     "/", "*", "tel:",
     "00", "\u0664", "\uff14", "\u202a", "\u2022", ";ext=", ";phone-context=", "n", "#", "~", "or", "\n"]
)  # fmt: skip
_WRITTEN = st.lists(_PIECES, max_size=20).map("".join) | st.text(max_size=60)
_REGIONS = st.lists(st.sampled_from(["US", "GB", "DE", "FR", "IT", "AR", "MX", "", "ZZ", "xx"]), max_size=3)


def _sound(reading: Reading) -> None:
    assert (reading.phone is None) != (reading.reason is None)
    if reading.phone is None:
        assert reading.reason in REASONS
    else:
        assert reading.phone[0] == "+"
        assert reading.phone[1:].isascii()
        assert reading.phone[1:].isdecimal()
        assert len(reading.phone) <= 16


@settings(max_examples=300, deadline=None)
@given(_JSON)
def test_any_json_value_is_read_or_refused(raw: Any) -> None:
    """Nothing that an answer can hold raises, and only text is read."""
    reading = read_number(raw, regions=("US", "GB"))
    _sound(reading)
    assert (reading.reason == "not_text") is not isinstance(raw, str)


@settings(max_examples=500, deadline=None)
@given(_WRITTEN, _REGIONS, st.booleans(), st.none() | st.text(max_size=10))
def test_any_text_is_read_or_refused(text: str, regions: list[str], allow: bool, word: str | None) -> None:
    """No text raises; what is accepted is E.164 and reads as itself again."""
    reading = read_number(text, regions=regions, vendor_type=word, allow_fictional=allow)
    _sound(reading)
    if reading.phone is not None:
        again = read_number(reading.phone, allow_fictional=allow)
        assert (again.phone, again.country) == (reading.phone, reading.country)


@settings(max_examples=150, deadline=None)
@given(_WRITTEN)
def test_allowing_fiction_only_adds(text: str) -> None:
    """Whatever is accepted without fiction is accepted with it, and only fictional numbers are added."""
    assume(len(parts(text)) == 1)  # of a list, allowing more may choose another
    strict, lenient = read_number(text), read_number(text, allow_fictional=True)
    if strict.phone is not None:
        assert lenient.phone == strict.phone
    elif lenient.phone is not None:
        assert strict.reason == "fictional"


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_plan_agrees_with_its_own_example(region: str) -> None:
    """Every country's example is read as a number of its plan, with the plan's type, or is a placeholder or fiction."""
    example = phonenumbers.example_number(region)
    assert example is not None
    assert example.country_code is not None
    phone = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    reading = read_number(phone)
    if reading.phone is None:
        assert reading.reason in {"placeholder", "fictional"}
        return
    assert reading.phone == phone
    # Territories share plans: Guernsey's numbers may be Jersey's.
    assert reading.country in phonenumbers.region_codes_for_country_code(example.country_code)
    kinds = {
        phonenumbers.PhoneNumberType.FIXED_LINE: LineType.LANDLINE,
        phonenumbers.PhoneNumberType.MOBILE: LineType.MOBILE,
    }
    assert reading.line_type is kinds.get(phonenumbers.number_type(example), LineType.UNKNOWN)
