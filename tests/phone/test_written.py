"""Written forms: what stands in a cell, made ready; what is no number is told apart before anything is parsed."""

import pytest

from enrichcore.phone.line_type import LineType
from enrichcore.phone.placeholder import is_placeholder
from enrichcore.phone.vendor_words import line_of
from enrichcore.phone.written import has_stray_x, is_date, is_masked, is_spelt, parts, to_ascii, without_trunk_zero


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\uff0b\uff11 202", "+1 202"),
        ("\u0660\u0661\u0662", "012"),
        ("\u0967\u0968", "12"),
        ("202\u2011555\u20130143", "202-555-0143"),
        ("202\u2212555", "202-555"),
        ("202\u00a0555\u202f0143", "202 555 0143"),
        ("\u202a+1\u202c", "+1"),
        ("02\u00b703", "02 03"),
        ("доб", "доб"),
    ],
)
def test_digits_signs_and_spaces_of_every_script_become_ascii(text: str, plain: str) -> None:
    assert to_ascii(text) == plain


@pytest.mark.parametrize(
    "text", ["+1 202 555 ****", "+1202555XXXX", "020 7946 0•••", "555-01##", "202 555 __", "202..."]
)
def test_hidden_digits_are_noticed(text: str) -> None:
    assert is_masked(text)


@pytest.mark.parametrize("text", ["+1 202 555 0143", "020 7946 0123 x12", "202.555.0143", "+1-202-555-0143 #5"])
def test_an_extension_or_a_dot_hides_nothing(text: str) -> None:
    assert not is_masked(text)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("+1 202 555 0143", ["+1 202 555 0143"]),
        ("+1 202 555 0143; +44 20 7946 0123", ["+1 202 555 0143", "+44 20 7946 0123"]),
        ("+1 202 555 0143\n+44 20 7946 0123", ["+1 202 555 0143", "+44 20 7946 0123"]),
        ("020 7946 0123 or 020 7946 0124", ["020 7946 0123", "020 7946 0124"]),
        ("020 7946 0123 / 020 7946 0124", ["020 7946 0123", "020 7946 0124"]),
        ("089/1234567", ["089/1234567"]),
        ("020 7946 0123, ext 12", ["020 7946 0123, ext 12"]),
        ("+12025550143;ext=12", ["+12025550143;ext=12"]),
        (" | |", []),
        ("020 7946 0123 & 020 7946 0124", ["020 7946 0123", "020 7946 0124"]),
        ("020 7946 0123 - 020 7946 0124", ["020 7946 0123", "020 7946 0124"]),
        ("020 7946 0123  020 7946 0124", ["020 7946 0123", "020 7946 0124"]),
        ("020 7946 0123\t020 7946 0124", ["020 7946 0123", "020 7946 0124"]),
        ("020 7946 0123<br>020 7946 0124", ["020 7946 0123", "020 7946 0124"]),
        ("+442079460123+442079460124", ["+442079460123", "+442079460124"]),
        ("T 020 7946 0123 M 07700 900123", ["T 020 7946 0123", "M 07700 900123"]),
        ("T: 020 7946 0123 F: 020 7946 0124", ["T: 020 7946 0123"]),
        ("+442079460123,,123456789", ["+442079460123,,123456789"]),
        ("030 / 23125 - 123", ["030 / 23125 - 123"]),
        ("1|" * 50, ["1"] * 16),
    ],
)
def test_a_list_is_parted_and_one_number_is_not(text: str, numbers: list[str]) -> None:
    assert parts(text) == numbers


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("020 7946 0123 (work)", "020 7946 0123"),
        ("(mobile) 07700 900123", "07700 900123"),
        ("202-555-0143 - cell", "202-555-0143"),
        ("202-555-0143 mobile", "202-555-0143"),
        ("020\t7946\t0123", "020 7946 0123"),
        ("2025550143.0", "2025550143"),
        ("030 23125123 Durchwahl 12", "030 23125123 ext 12"),
        ("01 99 00 12 34 poste 12", "01 99 00 12 34 ext 12"),
        ("03 3111 0123 \u5185\u7dda12", "03 3111 0123 ext 12"),
        ("030 23125123 (DW 12)", "030 23125123 ext 12"),
        ("202 555 NNNN", "202 555 NNNN"),
        ("202 555 (NNNN)", "202 555 (NNNN)"),
        ("202.555.0143", "202.555.0143"),
    ],
)
def test_the_words_around_a_number_go_and_a_mask_stays(text: str, plain: str) -> None:
    assert parts(text) == [plain]


@pytest.mark.parametrize(
    "text",
    [
        "ORD-2025550143X", "INV-202-555-014", "order 4412079", "ID: 8842079", "Ref. 2025550143", "51.507351,-0.127758",
        "https://engines.example/442079460123", "www.engines.example/2025550143", "Fax: 020 7946 0123",
        "Telefax 020 7946 0123", "F: 020 7946 0123",
    ],
)  # fmt: skip
def test_the_number_of_something_else_is_no_phone(text: str) -> None:
    """An order, a place, a page, a fax: said so by the text itself."""
    assert parts(text) == []


@pytest.mark.parametrize("text", ["ID: +62 21 5550 123", "https://wa.me/442079460123"])
def test_a_plus_and_a_messenger_say_that_it_is_one(text: str) -> None:
    assert len(parts(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "25.11.2026",
        "25-11-2026",
        "25.11.2026 10:30",
        "24/11/2026",
        "2026-11-24",
        " 2026.11.24 ",
        "2026-11-24T10:30:00Z",
        "1/1/26",
    ],
)
def test_a_date_is_no_number(text: str) -> None:
    assert is_date(text)


@pytest.mark.parametrize("text", ["20267946", "2026-11-2412", "020/7946/0123", "+1 202 555 0143"])
def test_a_number_is_no_date(text: str) -> None:
    assert not is_date(text)


@pytest.mark.parametrize(
    ("text", "stray"), [("5550143x12", True), ("555 \u00d7 143", True), ("x12", False), ("555 ext 12", False)]
)
def test_an_x_between_digits_needs_an_explanation(text: str, *, stray: bool) -> None:
    assert has_stray_x(text) is stray


@pytest.mark.parametrize(
    ("text", "national", "spelt"),
    [
        ("1-800-FLOWERS", "8003569377", True),
        ("+1 202 555 NNNN", "2025556666", True),
        ("+1 202 555 0143 mobile", "2025550143", False),
        ("tel:+1-202-555-0143;phone-context=+1", "2025550143", False),
        ("ab 2025550143", "9", False),
    ],
)
def test_digits_that_come_from_letters_are_noticed(text: str, national: str, *, spelt: bool) -> None:
    assert is_spelt(text, national) is spelt


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("+44 (0) 20 7946 0123", "+44  20 7946 0123"),
        ("+44 ( 0 )20", "+44 20"),
        ("+44 20", None),
        ("(020)", None),
        ("(0)", None),
    ],
)
def test_the_zero_of_a_country_goes(text: str, shorter: str | None) -> None:
    assert without_trunk_zero(text) == shorter


@pytest.mark.parametrize(
    "digits", ["1111111", "20000000", "1234567", "0123456789", "9876543", "7890123", "12121212", "5512345670"]
)
def test_what_was_typed_to_fill_a_field_is_a_placeholder(digits: str) -> None:
    assert is_placeholder(digits)


@pytest.mark.parametrize("digits", ["", "111111", "2025550143", "2079460123", "1212121", "1234568"])
def test_a_number_with_some_pattern_is_none(digits: str) -> None:
    assert not is_placeholder(digits)


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("mobile", "mobile"), ("Cell Phone", "mobile"), ("WIRELESS", "mobile"), ("handy", "mobile"),
        ("landline", "landline"), ("fixed_line", "landline"), ("direct-dial", "landline"), ("DirectDial", "landline"),
        ("voip", "voip"), ("non-fixed-voip", "voip"), ("mobile voip", "voip"),
        ("fixed_line_or_mobile", "unknown"), ("work", "unknown"), ("", "unknown"), ("automobile", "unknown"),
        ("x" * 1000 + " mobile", "unknown"),
    ],
)  # fmt: skip
def test_a_vendors_word_says_what_kind_of_line_it_is_or_nothing(word: str, line: str) -> None:
    assert line_of(word) is LineType(line)
