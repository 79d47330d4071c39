"""Reading: what one written number turned out to be. The first number that needs them loads the numbering plans."""

import functools
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from enrichcore.draft import draft_of
from enrichcore.phone.line_type import LineType
from enrichcore.phone.written import MAX_TEXT, is_date, is_masked, parts, to_ascii

_UNKNOWN: Final = LineType.UNKNOWN  # an attribute of an enum costs ten times a global name


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Reading:
    """What a written number turned out to be.

    `phone` is E.164, or None with the `reason` it was refused for: `not_text`, `masked`, `unparsable`,
    `ambiguous_region` (a national form, and no region or several fit), `not_possible` (no such length), `not_valid`
    (no such range), `premium`, `shared_cost`, `pager`, `voicemail`, `fictional`, `placeholder`. `country` is the ISO
    region, None for a number that belongs to none. `company_line`: toll-free or a company-wide number.
    `fictional`: reserved for fiction, and accepted because that was asked for.

    Two sources say what kind of line it is, and neither overwrites the other: `plan_line_type` is the numbering plan's
    answer (`unknown` where it cannot tell, as always in the United States and Canada), `claimed_line_type` the vendor's
    (None where it said nothing). `line_type` is the plan's answer where there is one, else the vendor's.
    """

    phone: str | None = None
    reason: str | None = None
    extension: str | None = None
    country: str | None = None
    plan_line_type: LineType = _UNKNOWN
    claimed_line_type: LineType | None = None
    company_line: bool = False
    fictional: bool = False

    @property
    def line_type(self) -> LineType:
        """The plan's answer, else the vendor's claim, else `unknown`."""
        if self.plan_line_type is not _UNKNOWN:
            return self.plan_line_type
        return self.claimed_line_type or _UNKNOWN

    def __repr__(self) -> str:
        """The verdict without the number."""
        said = f"reason={self.reason!r}" if self.phone is None else "phone=…"
        return f"Reading({said}, country={self.country!r}, line_type={self.line_type.value!r})"


ReadingDraft = draft_of(Reading)
_NOT_TEXT, _MASKED, _UNPARSABLE = (Reading(reason=reason) for reason in ("not_text", "masked", "unparsable"))
_SHORTEST_E164, _LONGEST_E164 = 8, 16
_FEWEST_DIGITS = 3


def read_number(
    raw: object,
    *,
    regions: Sequence[str] = (),
    vendor_type: str | None = None,
    allow_fictional: bool = False,
) -> Reading:
    """Read a number in any written form. Never raises; the work is bounded by a length limit of 250 characters.

    `regions` are ISO regions to try on a national form, one for each independent signal, so that a region may stand
    there twice: the number is accepted if all that validate give one number, or if two signals agree on it.
    `vendor_type` is the vendor's word for the line. Of a list the first good number
    counts, else the first reason. `allow_fictional` accepts numbers reserved for fiction, for tests and demos.
    """
    if not isinstance(raw, str):
        return _NOT_TEXT
    text = raw
    if not (
        text[:1] == "+" and _SHORTEST_E164 <= len(text) <= _LONGEST_E164 and text.isascii() and text[1:].isdecimal()
    ):
        text = raw.strip()
        if len(text) > MAX_TEXT:
            return _UNPARSABLE
        if is_masked(text):
            return _MASKED
        if not text.isascii():
            text = to_ascii(text).strip()
            if is_masked(text):
                return _MASKED
        if sum(map(str.isdecimal, text)) < _FEWEST_DIGITS and not any(map(str.isalpha, text)):
            return _UNPARSABLE
        if is_date(text):
            return _UNPARSABLE
        written = parts(text)
        if len(written) != 1:
            return _first_good(written, regions, vendor_type, allow_fictional=allow_fictional)
        text = written[0]
    return _reader()(text, regions, vendor_type, allow_fictional=allow_fictional)


@functools.cache
def _reader() -> Callable[..., Reading]:
    from enrichcore.phone.read import read_one  # noqa: PLC0415 - loads the numbering plans, 50 ms

    return read_one


def _first_good(
    written: list[str], regions: Sequence[str], vendor_type: str | None, *, allow_fictional: bool
) -> Reading:
    first: Reading | None = None
    for text in written:
        reading = _reader()(text, regions, vendor_type, allow_fictional=allow_fictional)
        if reading.phone is not None:
            return reading
        first = first or reading
    return first or _UNPARSABLE


def in_plan_of(phone: str, region: str) -> bool:
    """Whether an E.164 number has the country code of a region; no country code begins with another."""
    from enrichcore.phone.plans import code_of  # noqa: PLC0415

    code = code_of(region)
    return code is not None and phone.startswith(f"+{code}")
