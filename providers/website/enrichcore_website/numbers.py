"""Numbers in lines of text: what libphonenumber's matcher finds, and what `tel:` links carry."""

import re
from typing import Final
from urllib.parse import unquote

import attrs
import phonenumbers

from enrichcore.phone.fiction_ranges import fiction_line
from enrichcore_website.page import Line
from enrichcore_website.words import FAX, MOBILE, NO_PHONE, PHONE

_LONGEST_LINE: Final = 2000
_TRIES: Final = 40
_DIGITS = re.compile(r"\d[^\d]{0,4}\d[^\d]{0,4}\d[^\d]{0,4}\d[^\d]{0,4}\d[^\d]{0,4}\d")
_FORMED = re.compile(r"\+|\(?0|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}$")
_BEFORE: Final = 40


@attrs.frozen
class Found:
    """A number on a page: as it is written, what it is the same as, and where it begins in its line."""

    raw: str
    same: str
    at: int
    mobile: bool = False
    fax: bool = False


def same(raw: str, region: str | None) -> str | None:
    """What all spellings of a number share; None if it cannot be one."""
    if len(raw) > 60:  # noqa: PLR2004 - libphonenumber's matcher knows none that long
        return None
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def from_link(href: str) -> str | None:
    """The number of a `tel:` or WhatsApp-free `callto:` link."""
    scheme, colon, rest = href.partition(":")
    if not colon or scheme.strip().lower() not in ("tel", "callto"):
        return None
    number = unquote(rest).partition(";")[0].partition("?")[0].strip().removeprefix("//")
    return number if any(map(str.isdigit, number)) else None


def numbers_of(line: Line, before: str, region: str | None) -> list[Found]:
    """The numbers of a line, in order; `before` is the line above, which may hold the label."""
    found: list[Found] = []
    text = line.text[:_LONGEST_LINE]
    for href, shown in line.links:
        raw = from_link(href)
        known = None if raw is None else same(raw, region)
        if raw is None or known is None:
            continue
        at = max(text.find(shown), 0)
        label = _label(text, at, before)
        found.append(Found(raw, known, at, bool(MOBILE.search(label)), _is_fax(label)))
    if _DIGITS.search(text):
        for match in phonenumbers.PhoneNumberMatcher(text, region, phonenumbers.Leniency.POSSIBLE, _TRIES):
            if not _is_assigned(match.number):
                continue
            raw = match.raw_string
            known = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            label = _label(text, match.start, before)
            if any(known == one.same for one in found) or not _is_phone(raw, label):
                continue
            found.append(Found(raw, known, match.start, bool(MOBILE.search(label)), _is_fax(label)))
    return sorted(found, key=lambda one: one.at)


def _label(text: str, at: int, before: str) -> str:
    """What stands right before a number, back to the number before it; the line above if nothing does."""
    own = re.split(r"\d{3}", text[max(0, at - _BEFORE) : at])[-1]
    return own if any(map(str.isalpha, own)) or at > _BEFORE else f"{before[-_BEFORE:]} {own}"


def _is_fax(label: str) -> bool:
    fax, phone = FAX.search(label), PHONE.search(FAX.sub("", label))
    return fax is not None and (phone is None or "/" not in label)


def _is_phone(raw: str, label: str) -> bool:
    if NO_PHONE.search(label) and not PHONE.search(label):
        return False
    return bool(_FORMED.match(raw)) or bool(PHONE.search(label))


def _is_assigned(number: phonenumbers.PhoneNumber) -> bool:
    """Whether a number is in use, or kept for fiction, which libphonenumber calls unused."""
    if phonenumbers.is_valid_number(number):
        return True
    return fiction_line(number.country_code or 0, phonenumbers.national_significant_number(number)) is not None
