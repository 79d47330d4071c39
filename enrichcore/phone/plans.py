"""The numbering plans as tables: which region and kind a number belongs to, each pattern compiled once.

The answers are those of `phonenumbers.region_code_for_number` and `number_type`, over the same metadata; a test holds
the two against each other for the whole world. The library looks up and tries every pattern anew in each of its calls
and needs three of them, which costs ten times as much (45 against 4 µs a number, 2026-11-25).
"""

import functools
import re
from collections.abc import Callable
from typing import Final

import attrs
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberDesc, PhoneNumberType

Pattern = tuple[frozenset[int], Callable[[str], "re.Match[str] | None"]]
"""The lengths that a kind of number may have (empty: any), and what matches the whole of it."""

_LONGEST_CODE = 3
_UNKNOWN: Final = PhoneNumberType.UNKNOWN
_IN_ORDER = (
    ("premium_rate", PhoneNumberType.PREMIUM_RATE),
    ("toll_free", PhoneNumberType.TOLL_FREE),
    ("shared_cost", PhoneNumberType.SHARED_COST),
    ("voip", PhoneNumberType.VOIP),
    ("personal_number", PhoneNumberType.PERSONAL_NUMBER),
    ("pager", PhoneNumberType.PAGER),
    ("uan", PhoneNumberType.UAN),
    ("voicemail", PhoneNumberType.VOICEMAIL),
)
"""The kinds that are asked for first, in the library's order; landlines and mobiles come last."""


@attrs.frozen
class Plan:
    """One region's part of a country code. `leading`, where given, decides alone; `trunk` is what parsing strips."""

    region: str
    leading: "re.Pattern[str] | None"
    trunk: "re.Pattern[str] | None"
    general: Pattern | None
    kinds: tuple[tuple[int, Pattern], ...]
    landline: Pattern | None
    mobile: Pattern | None
    alike: bool

    def kind(self, national: str) -> int:
        """The `PhoneNumberType` of a national number; UNKNOWN where it is not valid."""
        if not _fits(national, self.general):
            return _UNKNOWN
        length = len(national)
        for kind, (lengths, fits) in self.kinds:  # `_fits`, eight times and so without the call
            if (length in lengths or not lengths) and fits(national) is not None:
                return kind
        if _fits(national, self.landline):
            both = self.alike or _fits(national, self.mobile)
            return PhoneNumberType.FIXED_LINE_OR_MOBILE if both else PhoneNumberType.FIXED_LINE
        if not self.alike and _fits(national, self.mobile):
            return PhoneNumberType.MOBILE
        return _UNKNOWN


def region_and_kind(code: int, national: str) -> tuple[str | None, int]:
    """The region of a number and its `PhoneNumberType`; a number of no region is UNKNOWN."""
    known = plans(code)
    if len(known) == 1:
        return known[0].region, known[0].kind(national)
    for plan in known:
        if plan.leading is None:
            kind = plan.kind(national)
            if kind != _UNKNOWN:
                return plan.region, kind
        elif plan.leading.match(national):
            return plan.region, plan.kind(national)
    return None, _UNKNOWN


def split(digits: str) -> tuple[int, str] | None:
    """Country code and national number of E.164 digits, where parsing them would change nothing; else None."""
    for length in range(1, _LONGEST_CODE + 1):
        code = int(digits[:length])
        if code in COUNTRY_CODE_TO_REGION_CODE:
            national = digits[length:]
            trunk = plans(code)[0].trunk
            if not national or national[0] == "0" or (trunk is not None and trunk.match(national)):
                return None
            return code, national
    return None


def code_of(region: str) -> int | None:
    """The country code of a region; None for one without a numbering plan."""
    return _codes().get(region)


@functools.cache
def _codes() -> dict[str, int]:
    return {region: code for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() for region in regions}


@functools.cache
def plans(code: int) -> tuple[Plan, ...]:
    """The plans behind a country code, the main region first."""
    found = []
    for region in COUNTRY_CODE_TO_REGION_CODE.get(code, ()):
        plan = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        if plan is not None:
            found.append(
                Plan(
                    region,
                    None if plan.leading_digits is None else re.compile(plan.leading_digits),
                    None if plan.national_prefix_for_parsing is None else re.compile(plan.national_prefix_for_parsing),
                    _pattern(plan.general_desc),
                    tuple((kind, p) for name, kind in _IN_ORDER if (p := _pattern(getattr(plan, name))) is not None),
                    _pattern(plan.fixed_line),
                    _pattern(plan.mobile),
                    bool(plan.same_mobile_and_fixed_line_pattern),
                )
            )
    return tuple(found)


def _pattern(desc: PhoneNumberDesc | None) -> Pattern | None:
    if desc is None or not desc.national_number_pattern:
        return None
    return frozenset(desc.possible_length), re.compile(desc.national_number_pattern).fullmatch


def _fits(national: str, pattern: Pattern | None) -> bool:
    if pattern is None:
        return False
    lengths, fits = pattern
    return (not lengths or len(national) in lengths) and fits(national) is not None
