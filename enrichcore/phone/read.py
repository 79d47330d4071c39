"""One number against the numbering plans: parse, possible, valid, kind of line, fiction, placeholder.

The one module that imports `phonenumbers`. Facts about the library, measured on 9.0.43 (2026-11-22): valid means that
the range can be assigned, not that someone answers; it calls most fictional and placeholder numbers valid; mobile and
landline cannot be told apart in North America.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from enrichcore.phone.fiction_ranges import fiction_line
from enrichcore.phone.line_type import LineType
from enrichcore.phone.pattern_cache import keep_patterns
from enrichcore.phone.placeholder import is_placeholder
from enrichcore.phone.plans import region_and_kind, split
from enrichcore.phone.reading import Reading, ReadingDraft
from enrichcore.phone.vendor_words import line_of
from enrichcore.phone.written import has_stray_x, is_spelt, without_trunk_zero

keep_patterns(phonenumbers)

_REFUSED = {
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
_LINES = {
    PhoneNumberType.MOBILE: LineType.MOBILE,
    PhoneNumberType.FIXED_LINE: LineType.LANDLINE,
    PhoneNumberType.VOIP: LineType.VOIP,
}
_UNKNOWN = LineType.UNKNOWN
_NO_KIND = PhoneNumberType.UNKNOWN
_COMPANY = frozenset({PhoneNumberType.TOLL_FREE, PhoneNumberType.UAN})
_REFUSALS = {
    reason: Reading(reason=reason)
    for reason in ("unparsable", "ambiguous_region", "not_possible", "not_valid", *_REFUSED.values(), "fictional",
                   "placeholder")
}  # fmt: skip
# How much a refusal explains: of several regions' refusals the most telling one is given.
_NO_PLAN = frozenset({"unparsable", "ambiguous_region", "not_possible", "not_valid"})
_NON_GEOGRAPHIC = "001"
_PLUS_FIRST = re.compile(r"[^0-9+]*\+")
_IDD = "00"
_FEWEST_DIGITS = 7
_AGREEING = 2
"""Independent signals that must name a region when several regions validate a national form."""
_MOST_DIGITS = 15


def read_one(text: str, regions: Sequence[str], vendor_type: str | None, *, allow_fictional: bool) -> Reading:
    """Read one number. `text` holds no list and no mask."""
    if _is_international(text):
        reading = _read(text, None, vendor_type, allow_fictional=allow_fictional)
        if reading.reason != "unparsable" or not regions:
            return reading
        # A plus before the digits that a country dials to leave it: +011 64 3 …
        return _read_national(text, regions, vendor_type, allow_fictional=allow_fictional)
    if text.startswith(_IDD):
        # 00 begins an international number in most of the world, and a national one nowhere.
        reading = _read("+" + text[len(_IDD) :], None, vendor_type, allow_fictional=allow_fictional)
        if reading.phone is not None or reading.reason not in _NO_PLAN:
            return reading
    return _read_national(text, regions, vendor_type, allow_fictional=allow_fictional)


def _is_international(text: str) -> bool:
    return _PLUS_FIRST.match(text) is not None or "context=+" in text


def _read_national(text: str, regions: Sequence[str], vendor_type: str | None, *, allow_fictional: bool) -> Reading:
    """A number without its country: taken if all regions that validate it give one number, or two signals agree."""
    found: dict[str, tuple[Reading, int]] = {}
    refused: Reading | None = None
    for region, signals in Counter(map(str.upper, regions)).items():
        reading = _read(text, region, vendor_type, allow_fictional=allow_fictional)
        if reading.phone is not None:
            first, votes = found.get(reading.phone, (reading, 0))
            found[reading.phone] = first, votes + signals
        elif refused is None or (refused.reason in _NO_PLAN and reading.reason not in _NO_PLAN):
            refused = reading
    if len(found) > 1:
        found = {phone: both for phone, both in found.items() if both[1] >= _AGREEING}
        if len(found) != 1:
            return _REFUSALS["ambiguous_region"]
    if found:
        return next(iter(found.values()))[0]
    if refused is not None:
        return refused
    digits = sum(map(str.isdecimal, text))
    return _REFUSALS["ambiguous_region" if digits >= _FEWEST_DIGITS else "unparsable"]


def _read(text: str, region: str | None, vendor_type: str | None, *, allow_fictional: bool) -> Reading:
    reading = _judge(text, region, vendor_type, allow_fictional=allow_fictional)
    if reading.phone is None and "(" in text and reading.reason in _NO_PLAN:
        # Kept on the first try: in Italy the zero belongs to the number.
        shorter = without_trunk_zero(text)
        if shorter is not None:
            second = _judge(shorter, region, vendor_type, allow_fictional=allow_fictional)
            return second if second.phone is not None else reading
    return reading


def _judge(text: str, region: str | None, vendor_type: str | None, *, allow_fictional: bool) -> Reading:
    extension: str | None = None
    plain = split(text[1:]) if text[0] == "+" and text.isascii() and text[1:].isdecimal() else None
    if plain is not None:
        code, national = plain
    else:
        try:
            number = phonenumbers.parse(text, region)
        except NumberParseException as error:
            if error.error_type == NumberParseException.TOO_LONG:
                return _REFUSALS["not_possible"]
            return _REFUSALS["unparsable"]
        extension = number.extension or None
        if extension is None and has_stray_x(text):
            return _REFUSALS["unparsable"]
        code, national = number.country_code or 0, _national(number)
    if len(str(code)) + len(national) > _MOST_DIGITS:
        return _REFUSALS["not_possible"]  # the library lets German numbers grow longer than E.164 does
    fiction = fiction_line(code, national)
    if fiction is not None and not allow_fictional:
        return _REFUSALS["fictional"]
    # A number has a kind if and only if it is valid, so asking for the kind answers both.
    country, kind = region_and_kind(code, national)
    if kind == _NO_KIND and fiction is None:
        if is_placeholder(national):
            return _REFUSALS["placeholder"]
        return _REFUSALS["not_valid" if _is_possible(code, national) else "not_possible"]
    if kind in _REFUSED:
        return _REFUSALS[_REFUSED[kind]]
    if fiction is None and is_placeholder(national):
        return _REFUSALS["placeholder"]
    if kind not in _COMPANY and plain is None and is_spelt(text, national):
        return _REFUSALS["unparsable"]
    country = country or region or _main_region(code)
    line = _LINES.get(kind, _UNKNOWN)
    if line is _UNKNOWN and kind == _NO_KIND and fiction is not None:
        line = fiction  # what the regulator keeps it for
    reading = ReadingDraft()
    reading.phone = f"+{code}{national}"
    reading.reason = None
    reading.extension = extension
    reading.country = None if country == _NON_GEOGRAPHIC else country
    reading.plan_line_type = line
    reading.claimed_line_type = line_of(vendor_type) if isinstance(vendor_type, str) else None
    reading.company_line = kind in _COMPANY
    reading.fictional = fiction is not None
    reading.__class__ = Reading
    return reading  # type: ignore[no-any-return]


def _is_possible(code: int, national: str) -> bool:
    zeros = len(national) - len(national.lstrip("0"))
    number = phonenumbers.PhoneNumber(
        country_code=code,
        national_number=int(national or "0"),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros or None,
    )
    possible: bool = phonenumbers.is_possible_number(number)
    return possible


def _national(number: Any) -> str:
    """The national significant number, with the zeros that belong to it."""
    zeros = (number.number_of_leading_zeros or 1) if number.italian_leading_zero else 0
    return "0" * zeros + str(number.national_number)


def _main_region(code: int) -> str | None:
    region: str = phonenumbers.region_code_for_country_code(code)
    return None if region == "ZZ" else region
