"""The whole chain on the whole world: example numbers of every region and kind, plausible numbers, and bad ones."""

import itertools
import random
from typing import Any

import phonenumbers
import pytest
import rstr
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from enrichcore.phone import read_number
from enrichcore.phone.fiction_ranges import PREFIXES
from enrichcore.phone.plans import region_and_kind, split

KINDS = {name: value for name, value in vars(PhoneNumberType).items() if isinstance(value, int) and name != "UNKNOWN"}
REFUSED = {
    "PREMIUM_RATE": "premium", "SHARED_COST": "shared_cost", "PAGER": "pager", "VOICEMAIL": "voicemail",
}  # fmt: skip
COMPANY = {"TOLL_FREE", "UAN"}
LATER = {"fictional", "placeholder"}
"""Gates after the type: many example numbers are sequential by construction, so these are judged apart."""
SEED = 20261124


def _examples() -> list[tuple[str, str, str]]:
    found = []
    for region, (kind, value) in itertools.product(sorted(phonenumbers.SUPPORTED_REGIONS), KINDS.items()):
        number = phonenumbers.example_number_for_type(region, value)
        if number is not None:
            found.append((region, kind, phonenumbers.format_number(number, PhoneNumberFormat.E164)))
    return found


EXAMPLES = _examples()


def test_every_example_number_passes_the_gates_as_its_type_says() -> None:
    """Possible and valid everywhere; premium, shared cost, pager and voicemail refused; toll-free is a company's."""
    assert len(EXAMPLES) > 1_000
    for region, kind, phone in EXAMPLES:
        reading = read_number(phone)
        if kind in REFUSED:
            assert reading.reason == REFUSED[kind], (region, kind, phone)
        elif reading.reason not in LATER:
            assert reading.phone == phone, (region, kind, phone, reading.reason)
            assert reading.company_line is (kind in COMPANY), (region, kind, phone)


def plausible(count: int) -> list[tuple[str, str]]:
    """`count` mobile and landline numbers of all regions in turn, drawn from the plans' own patterns."""
    draw = rstr.Rstr(random.Random(SEED))
    patterns: list[tuple[str, int, str, Any]] = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        plan = PhoneMetadata.metadata_for_region(region)
        assert plan is not None
        assert plan.country_code is not None
        patterns += [
            (region, plan.country_code, kind.national_number_pattern, kind.possible_length)
            for kind in (plan.mobile, plan.fixed_line)
            if kind is not None and kind.national_number_pattern and kind.possible_length
        ]
    found: list[tuple[str, str]] = []
    for region, code, pattern, lengths in itertools.cycle(patterns):
        national = draw.xeger(pattern)
        if len(national) in lengths and len(str(code)) + len(national) <= 15:
            found.append((region, f"+{code}{national}"))
        if len(found) == count:
            return found
    return found


def test_plausible_numbers_are_hardly_ever_refused() -> None:
    """Of 4,000 numbers that could be assigned, at most 0.5 % fall to the whole chain."""
    numbers = plausible(4_000)
    refused = [(region, phone, read_number(phone).reason) for region, phone in numbers if not read_number(phone).phone]
    print(f"\nwrongly refused: {len(refused)} of {len(numbers):,}")
    assert len(refused) <= 0.005 * len(numbers), refused


def test_the_tables_say_what_the_library_says() -> None:
    """Region, kind and split of example numbers, plausible numbers and their neighbours that are hardly ever valid."""
    draw = random.Random(SEED)
    numbers = [phone for _, _, phone in EXAMPLES] + [phone for _, phone in plausible(4_000)]
    numbers += [phone[:-1] + draw.choice(["", "00", "999"]) for phone in numbers[::3]]
    numbers += [
        f"+{code}{draw.randrange(10**9)}" for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE for _ in range(5)
    ]
    for phone in numbers:
        if len(phone) > 16:
            continue
        number = phonenumbers.parse(phone)
        national = phonenumbers.national_significant_number(number)
        assert number.country_code is not None
        region, kind = region_and_kind(number.country_code, national)
        assert kind == phonenumbers.number_type(number), phone
        assert region == phonenumbers.region_code_for_number(number), phone
        assert split(phone[1:]) in (None, (number.country_code, national)), phone


def fiction() -> list[str]:
    """Numbers of every range that a regulator keeps for fiction, and the whole North American block in some areas."""
    draw = random.Random(SEED)
    numbers = [f"+1{area}5550{n}" for area in (202, 212, 415, 617, 800, 907, 416, 604) for n in range(100, 200, 7)]
    for code, ranges in PREFIXES.items():
        for prefix, length, _ in ranges:
            width = length - len(prefix)
            numbers += sorted(
                {
                    f"+{code}{prefix}{draw.randrange(10**width):0{width}d}" if width else f"+{code}{prefix}"
                    for _ in range(3)
                }
            )
    return numbers


PLACEHOLDERS = [
    f"+{code}{national}"
    for code, national in [
        *((1, area + tail) for area in ("202", "312", "415") for tail in ("2222222", "7777777", "9999999")),
        (1, "2345678901"), (1, "2121212121"), (1, "9876543210"), (44, "2012345678"), (44, "7777777777"),
        (49, "3012345678"), (49, "1712345678"), (49, "1711111111"), (33, "612345678"), (33, "123456789"),
        (33, "611111111"), (34, "612345678"), (39, "3123456789"), (61, "412345678"), (61, "212345678"),
        (91, "9876543210"), (91, "9999999999"), (91, "9898989898"), (55, "11987654321"), (86, "13812345678"),
        (81, "9012345678"), (31, "612345678"), (32, "412345678"), (41, "791234567"), (46, "701234567"),
        (48, "512345678"), (52, "5512345678"), (65, "81234567"), (972, "501234567"), (971, "501234567"),
    ]
]  # fmt: skip


def bad_numbers() -> list[str]:
    """Fiction, placeholders, and the plans' own examples of premium numbers."""
    premium = sorted({phone for _, kind, phone in EXAMPLES if kind == "PREMIUM_RATE"})
    return [*fiction(), *PLACEHOLDERS, *premium]


def test_no_bad_number_is_accepted() -> None:
    """More than 300 fictional, placeholder and premium numbers: none passes while fiction is not allowed."""
    numbers = bad_numbers()
    assert len(numbers) >= 300
    assert [phone for phone in numbers if read_number(phone).phone] == []


@pytest.mark.parametrize("phone", fiction()[::9])
def test_the_switch_accepts_fiction(phone: str) -> None:
    """Tests and demos may use what a regulator keeps for them; what costs the caller stays refused."""
    reading = read_number(phone, allow_fictional=True)
    assert reading.phone == phone or reading.reason in ("premium", "shared_cost")
