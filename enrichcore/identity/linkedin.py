"""LinkedIn ids: the slug of a person's profile, from a slug or any form of the profile's URL."""

import re
import unicodedata
from urllib.parse import unquote

from enrichcore.identity.text import is_placeholder

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])")
_PROFILE = re.compile(
    r"(?:(?:https?:)?//)?(?:[a-z0-9-]+\.)*linkedin\.com\.?(?::[0-9]+)?/+(?:(?:mwlite|comm|m)/)?in/+([^/?#\s]+)(?:[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_PATH = re.compile(r"/?in/+([^/?#\s]+)(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)
# The id that LinkedIn's own apps put where the slug stands. It is base64: another case is another person.
_MEMBER_ID = re.compile(r"ACoAA[A-Za-z0-9_-]{20,}")
_MIN, _MAX, _MAX_TEXT = 3, 100, 4096


def clean_linkedin(text: str) -> str | None:
    """The slug, percent-decoded once, in NFC and lower case.

    None for company, Sales Navigator and Recruiter pages, short links, placeholders, and characters no slug has.
    Lower case rather than case folding, because the slug is sent to vendors and `ß` folded is another profile.
    """
    if len(text) <= _MAX and _SLUG.fullmatch(text):
        return text if len(text) >= _MIN and not is_placeholder(text) else None
    text = text.strip()
    if len(text) > _MAX_TEXT:
        return None
    found = _PROFILE.fullmatch(text) or _PATH.fullmatch(text)
    slug = found[1] if found is not None else text.rstrip("/")
    if "%" in slug:
        try:
            slug = unquote(slug, errors="strict")
        except UnicodeDecodeError:
            return None
    if _MEMBER_ID.fullmatch(slug):
        return slug
    slug = unicodedata.normalize("NFC", unicodedata.normalize("NFC", slug).lower())
    if is_placeholder(slug):
        return None
    if not _MIN <= len(slug) <= _MAX or not any(map(str.isalnum, slug)) or not all(map(_may_stand_in_a_slug, slug)):
        return None
    return slug


def _may_stand_in_a_slug(c: str) -> bool:
    # LinkedIn makes slugs from display names, so letters of every script and even emoji (So) occur.
    return c in "-_" or c.isalnum() or (not c.isascii() and unicodedata.category(c) in {"Mn", "Mc", "So"})
