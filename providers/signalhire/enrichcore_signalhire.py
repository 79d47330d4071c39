"""SignalHire: phone numbers by LinkedIn profile or email, from the vendor's own database.

The vendor's fuller answers are only sent to an address of the caller's; there is no way to ask for them. So this asks
in the mode "without waterfall", which answers at once, with fewer and older contacts. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 `success` with a phone | hit | 1 credit |
| 200 `success` without a phone | miss that says who it is | 1 credit: it is one for each matched profile |
| 200 `failed` | miss | no |
| 200 `credits_are_over`, 402, or 403 whose text speaks of credits | out of credits | no |
| 200 `timeout_exceeded` | the vendor failed | no |
| 200 `duplicate_query`, 406, other 4xx | our question is wrong | no |
| 401, 403 | key refused | no |
| 429 | rate limited for a minute | no |
| 201 `requestId`, anything else | unreadable: the answer would be sent to nobody | counted as billed |
| 5xx | the vendor failed | no |

Sources: stored copies of https://docs.signalhire.com/person-api/retrieve-person, /candidate-object, /without-waterfall,
/rate-limits, /authentication and /faq read on 2026-11-22 (calls, bodies, `success` and `failed`, limits, credits), and
of /person-api/credits read on 2026-11-25 (balance). The other words of `status`, and the statuses of errors but 406 and
429, are only seen in public clients. Some say that a profile without any contact is free; the vendor does not, so it
counts as billed. The fields of `experience` are read as they are known, and left out otherwise. How long a lookup takes
is not documented: our estimate.
"""

from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import (
    KeyRefused,
    OutOfCredits,
    ProviderError,
    RequestRefused,
    ServerError,
    Unreadable,
)
from enrichcore.model import Credits, EmailQuery, Hit, LinkedInQuery, Miss, Number, Person, Price
from enrichcore.plugins import Header, Http, Provider, hookimpl, is_masked, paced, shown_text

SUCCESS, FAILED = "success", "failed"
ENDINGS: dict[str, tuple[type[ProviderError], str]] = {
    "credits_are_over": (OutOfCredits, "the vendor account has no credits left"),
    "timeout_exceeded": (ServerError, "the vendor did not finish its search in time"),
    "duplicate_query": (RequestRefused, "the vendor is at work on the same question already"),
}
"""What another `status` of an element means."""
RATE_WINDOW = 60.0
"""Seconds; the limit is one by the minute."""
TOP_RATING = 100


def _forbidden(response: httpx.Response) -> ProviderError:
    try:
        body = response.json()
    except ProviderError:
        body = None
    if isinstance(body, dict) and "credit" in str(body.get("error", "")).casefold():
        return OutOfCredits("the vendor account has no credits left")
    return KeyRefused("the vendor refuses the key, or the account is disabled")


class Signalhire(Provider):
    """https://docs.signalhire.com/person-api/retrieve-person, read 2026-11-22."""

    name = "signalhire"
    base_url = "https://www.signalhire.com/api/v1"
    key_env = "SIGNALHIRE_API_KEY"
    auth = Header("apikey")
    docs = "https://docs.signalhire.com/person-api/retrieve-person"
    terms = "https://www.signalhire.com/terms"
    price = Price.per_match(1)
    rate = ("600/min",)  # paid plans; a trial has 5/min
    timeout = 30.0
    typical = 4.0
    status_errors = {403: _forbidden, 429: paced("the vendor's items a minute are used up", RATE_WINDOW)}  # noqa: RUF012 - a ClassVar fact

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of the profile."""
        return await _search(http, query.url)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By an email address, of work or private."""
        return await _search(http, query.email, query.email)

    async def balance(self, http: Http) -> Credits | None:
        """`GET /credits`, which is free."""
        body = (await http.get("/credits")).json()
        left = body.get("credits") if isinstance(body, dict) else None
        if isinstance(left, bool) or not isinstance(left, int | float) or left < 0:
            raise Unreadable("expected a number in 'credits'")
        return Credits(remaining=Decimal(str(left)))


async def _search(http: Http, item: str, email: str | None = None) -> Hit | Miss:
    reply = await http.post("/candidate/search", json={"items": [item], "withoutWaterfall": True})
    element = _element(reply.json(), item)
    status = element.get("status")
    if status == FAILED:
        return Miss()
    if isinstance(status, str) and status in ENDINGS:
        kind, text = ENDINGS[status]
        raise kind(text, status=reply.status_code)
    candidate = element.get("candidate")
    if status != SUCCESS or not isinstance(candidate, dict):
        raise Unreadable("expected 'success' with an object in 'candidate', or 'failed'", status=reply.status_code)
    contacts = _entries(candidate, "contacts")
    numbers, person = _numbers(contacts), _person(candidate, contacts, email)
    return Hit(*numbers, person=person) if numbers else Miss(person)


def _element(body: object, item: str) -> dict[str, Any]:
    """The answer to our one item.

    Raises:
        Unreadable: there is none, or several that could be it.
    """
    listed = body if isinstance(body, list) else []
    elements = [one for one in listed if isinstance(one, dict)]
    if len(elements) > 1:
        elements = [one for one in elements if _same(one.get("item"), item)]
    if len(elements) != 1:
        raise Unreadable("expected a list with the answer to our one item")
    return elements[0]


def _same(said: object, item: str) -> bool:
    return isinstance(said, str) and said.rstrip("/").casefold() == item.rstrip("/").casefold()


def _entries(candidate: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects; null is an empty one.

    Raises:
        Unreadable: it is missing or has another shape.
    """
    if name not in candidate:
        raise Unreadable(f"expected {name!r} in 'candidate'")
    value = candidate[name]
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Unreadable(f"expected a list of objects in {name!r}")
    return value


def _numbers(contacts: list[dict[str, Any]]) -> list[Number]:
    """Mobiles first, then by the vendor's rating; a hidden number is none.

    Raises:
        Unreadable: a phone is no text.
    """
    found: dict[str, Number] = {}
    for contact in contacts:
        if contact.get("type") != "phone":
            continue
        raw = contact.get("value")
        if not isinstance(raw, str):
            raise Unreadable(f"expected text in the 'value' of a phone, got a {type(raw).__name__}")
        if _shown(raw):
            found.setdefault(
                raw, Number(raw, type=shown_text(contact.get("subType")), score=_score(contact.get("rating")))
            )
    return sorted(found.values(), key=lambda number: (number.type != "mobile", -(number.score or 0.0)))


def _score(rating: object) -> float | None:
    if isinstance(rating, bool) or not isinstance(rating, int | float) or not 0 <= rating <= TOP_RATING:
        return None
    return rating / TOP_RATING


def _person(candidate: dict[str, Any], contacts: list[dict[str, Any]], asked: str | None) -> Person:
    """What the answer says of the person; of several mailboxes the one that was asked for, else one of work."""
    mails = [one for one in contacts if one.get("type") == "email" and shown_text(one.get("value"))]
    mails.sort(key=lambda one: (not _same(one["value"], asked or ""), one.get("subType") != "work"))
    profiles = [one for one in _objects(candidate.get("social")) if one.get("type") == "li"]
    now = [one for one in _objects(candidate.get("experience")) if one.get("current") is True]
    job = now[0] if len(now) == 1 else {}
    return Person(
        name=shown_text(candidate.get("fullName")),
        company=shown_text(job.get("company")),
        title=shown_text(job.get("position")) or shown_text(candidate.get("headLine")),
        email=shown_text(mails[0]["value"]) if mails else None,
        linkedin_id=next(filter(None, (shown_text(one.get("link")) for one in profiles)), None),
    )


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _shown(value: object) -> str | None:
    """A number that is there and not hidden."""
    return value if isinstance(value, str) and value.strip() and not is_masked(value) else None
