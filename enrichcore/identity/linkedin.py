"""LinkedIn ids: the slug of a person's profile, from a slug or any form of the profile's URL."""

import re
import unicodedata
from enum import IntEnum
from urllib.parse import unquote

from enrichcore.identity.text import is_placeholder, normalized

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])")
# Schemes are typed in many ways, and twice; `linkedin.cn` was the same site for China.
_SCHEME = r"(?:(?:https?:?|linkedin:)?/{1,2}|https?:)"
_HOST = rf"{_SCHEME}{{0,2}}(?:[a-z0-9-]+\.)*linkedin\.(?:com|cn)\.?(?::[0-9]+)?"
_PROFILE = re.compile(
    _HOST + r"/+(?:(?:mwlite|comm|m|incareer)/+)?(?:profile/+)?in/+([^/?#&\s]+)(?:[/?#&].*)?", re.IGNORECASE | re.DOTALL
)
_PATH = re.compile(r"(?:linkedin:/{1,2})?/?in/+([^/?#&\s]+)(?:[/?#&].*)?", re.IGNORECASE | re.DOTALL)
_LABEL = re.compile(r"(?:my )?linked ?-?in(?: profile)?(?: url)?\s*[:=]\s+", re.IGNORECASE)
_AROUND = " \t\r\n\"'`<>()[]{}\u00a0\u00ab\u00bb\u2018\u2019\u201c\u201d\u200b\u200e\u200f\u202a\u202c\u2060\ufeff"
"""What a sentence, a quotation or a copied cell puts around an address, and no slug ends with."""
_BEHIND = _AROUND + ".,;:!"
_PUBLIC = re.compile(
    rf"(?:{_HOST})?/*pub/+([^/?#\s]+)/+([0-9a-z]{{1,3}})/+([0-9a-z]{{1,3}})/+([0-9a-z]{{1,3}})(?:[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_PAGE = re.compile(_HOST + r"(?:/+([^?#\s]*))?(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
_SHORT = re.compile(r"(?:(?:https?:)?//)?(?:[a-z0-9-]+\.)*lnkd\.in(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)
# The id that LinkedIn's own apps put where the slug stands. It is base64: another case is another person.
_MEMBER_ID = re.compile(r"ACoAA[A-Za-z0-9_-]{20,}")
# The ids of Sales Navigator and Recruiter are of their own making: no page and no vendor takes them for a profile.
_SALES_ID = re.compile(r"ACwAA[A-Za-z0-9_-]*(?:,.*)?", re.DOTALL)
_RECRUITER_ID = re.compile(r"AE[A-Z]AA[A-Za-z0-9_-]{4,}(?:,.*)?", re.DOTALL)
_NO_SLUGS = frozenset({"linkedin", "profile", "unavailable", "true", "false", "yes", "http", "https", "www", "public"})
"""What stands in the column of a profile and is none. LinkedIn sends to `unavailable` who asks for one that is gone."""
_MIN, _MAX, _MAX_TEXT = 3, 100, 4096

_PAGES = {
    "company": "company_page", "company-beta": "company_page", "organization": "company_page", "biz": "company_page",
    "companies": "company_page", "showcase": "company_page", "organization-guest": "company_page",
    "school": "school_page", "edu": "school_page", "university": "school_page",
    "sales": "sales_navigator", "talent": "recruiter", "recruiter": "recruiter", "cap": "recruiter",
    "hiring": "recruiter", "pub": "public_alias", "profile": "old_profile_link", "groups": "group_page",
    "jobs": "job_page", "job": "job_page", "posts": "post", "feed": "post", "pulse": "post", "embed": "post",
    "learning": "other_page", "events": "other_page", "slink": "short_link", "safety": "other_page",
    "redir": "other_page", "authwall": "other_page", "checkpoint": "other_page", "login": "other_page",
    "signup": "other_page", "search": "other_page", "mynetwork": "other_page", "messaging": "other_page",
}  # fmt: skip
"""What the first step of a path says of a page that is no profile."""

REFUSALS = {
    "empty": "nothing is there, or a word for nothing",
    "too_long": "longer than any profile's address",
    "company_page": "the page of a company",
    "school_page": "the page of a school",
    "group_page": "the page of a group",
    "job_page": "a job",
    "post": "a post or an article",
    "sales_navigator": "a Sales Navigator link or id: it tells no profile to anyone else",
    "recruiter": "a Recruiter link or id: it tells no profile to anyone else",
    "public_alias": "an old `/pub/` address: an alias of a profile, and no slug",
    "old_profile_link": "an old address by number, which names no slug",
    "short_link": "a short link: what it leads to would have to be fetched",
    "other_page": "another page of LinkedIn",
    "other_site": "an address that is not LinkedIn's",
    "not_a_slug": "text that no profile has as its slug",
}
"""The reasons for which a text is no LinkedIn id, in words for people."""


class LinkedInFit(IntEnum):
    """How two LinkedIn ids fit."""

    UNKNOWN = 0
    """One of the two is not said, or they are of two kinds that cannot be held against each other."""
    SAME = 1
    ALIAS = 2
    """One is the old public address that the other's slug was made of: a sign, and no proof."""
    OTHER = 3


def clean_linkedin(text: object) -> str | None:
    """The slug, percent-decoded once, in NFC and lower case.

    None for company, Sales Navigator and Recruiter pages, short links, placeholders, and characters no slug has:
    `linkedin_refusal` says which. Lower case rather than case folding, because the slug is sent to vendors and `ß`
    folded is another profile.
    """
    if not isinstance(text, str):
        return None
    if len(text) <= _MAX and _SLUG.fullmatch(text):
        return text if len(text) >= _MIN and not is_placeholder(text) and text not in _NO_SLUGS else None
    if len(text) > _MAX_TEXT:
        return None
    text = _unwrapped(text)
    found = _PROFILE.fullmatch(text) or _PATH.fullmatch(text)
    slug = found[1] if found is not None else text.rstrip("/")
    if "%" in slug:
        try:
            slug = unquote(slug, errors="strict").rstrip("/ ")
        except UnicodeDecodeError:
            return None
    if _MEMBER_ID.fullmatch(slug):
        return slug
    if _SALES_ID.fullmatch(slug) or _RECRUITER_ID.fullmatch(slug):
        return None
    slug = normalized("NFC", normalized("NFC", slug).lower())
    if is_placeholder(slug) or slug in _NO_SLUGS:
        return None
    if not _MIN <= len(slug) <= _MAX or not any(map(str.isalnum, slug)) or not all(map(_may_stand_in_a_slug, slug)):
        return None
    return slug


def _unwrapped(text: str) -> str:
    """`text` without what stands around an address, and without the @ of a handle."""
    text = text.lstrip(_AROUND).rstrip(_BEHIND)
    label = _LABEL.match(text)
    if label is not None:
        text = text[label.end() :].lstrip(_AROUND)
    return text[1:] if text.startswith("@") and _SLUG.fullmatch(text[1:].lower()) else text


def _may_stand_in_a_slug(c: str) -> bool:
    # LinkedIn makes slugs from display names, so letters of every script and even emoji (So) occur.
    return c in "-_" or c.isalnum() or (not c.isascii() and unicodedata.category(c) in {"Mn", "Mc", "So"})


def linkedin_refusal(text: object) -> str | None:
    """Why `text` is no LinkedIn id, as a word of `REFUSALS`; None if it is one."""
    if not isinstance(text, str) or not text.strip() or is_placeholder(text.strip()):
        return "empty"
    if clean_linkedin(text) is not None:
        return None
    if len(text.strip()) > _MAX_TEXT:
        return "too_long"
    text = _unwrapped(text.strip())
    if _SALES_ID.fullmatch(text):
        return "sales_navigator"
    if _RECRUITER_ID.fullmatch(text):
        return "recruiter"
    if _SHORT.fullmatch(text):
        return "short_link"
    page = _PAGE.fullmatch(text)
    profile = _PROFILE.fullmatch(text)
    if profile is not None and _SALES_ID.fullmatch(profile[1]):
        return "sales_navigator"
    if profile is not None and _RECRUITER_ID.fullmatch(profile[1]):
        return "recruiter"
    if page is not None:
        step, _, rest = (page[1] or "").lower().partition("/")
        if step in {"mwlite", "comm", "m", "incareer"}:
            step = rest.strip("/").partition("/")[0]
        return "not_a_slug" if step == "in" else _PAGES.get(step, "other_page")
    if text.lower().startswith(("pub/", "/pub/")):
        return "public_alias"
    site = (
        "://" in text
        or text.startswith("//")
        or text.lower().startswith("www.")
        or re.match(r"[\w-]+(?:\.[\w-]+)+/", text)
    )
    return "other_site" if site else "not_a_slug"


def linkedin_alias(text: object) -> str | None:
    """The slug that an old public address `/pub/ada-lovelace/12/345/678` was turned into: `ada-lovelace-67834512`.

    An alias and no id: LinkedIn gave most of these profiles this slug, and many have chosen another since.
    """
    found = _PUBLIC.fullmatch(text.strip()) if isinstance(text, str) and len(text) <= _MAX_TEXT else None
    if found is None:
        return None
    name, low, middle, high = found.groups()
    return clean_linkedin(f"{name}-{high}{middle}{low}")


def compare_linkedin(sent: str | None, said: str | None) -> LinkedInFit:
    """How two LinkedIn ids fit, each in any form."""
    if not sent or not said:
        return LinkedInFit.UNKNOWN
    mine, theirs = clean_linkedin(sent), clean_linkedin(said)
    if mine is None or theirs is None:
        old, other = linkedin_alias(sent) or mine, linkedin_alias(said) or theirs
        return LinkedInFit.ALIAS if old is not None and old == other else LinkedInFit.UNKNOWN
    if mine == theirs:
        return LinkedInFit.SAME
    one_kind = (_MEMBER_ID.fullmatch(mine) is None) is (_MEMBER_ID.fullmatch(theirs) is None)
    return LinkedInFit.OTHER if one_kind else LinkedInFit.UNKNOWN
