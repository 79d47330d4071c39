"""Kaspr: phone numbers by LinkedIn profile and name, strongest in Europe.

One call, `POST /profile/linkedin`, answers at once. It wants the bare slug and the name beside it: a full address
makes it fail with status 500. `requiredData` makes it charge only when there is a phone. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 with `profile.phones` or `profile.starryPhone` | hit | 1 phone credit |
| 200 with empty ones, without `profile`, or with an empty body | miss | no |
| 402, and 200 with only a `message` that speaks of credits | out of credits | no |
| 401, 403 | key refused | no |
| 429 | rate limited | no |
| 400, 404 and the like | our question is wrong | no |
| 5xx | the vendor failed; 500 also for what it cannot read | no |

Numbers carry no type and no score.

Sources: many independent public clients agree on these facts, read on 2026-11-22; the vendor's own documentation,
https://kaspr.stoplight.io, was not readable, so the provider is experimental. The rate is not confirmed: ours is a
cautious guess.
"""

import re
from decimal import Decimal
from typing import Any

from enrichcore.errors import OutOfCredits, Unreadable
from enrichcore.model import Credits, Hit, LinkedInQuery, Miss, Number, Person, Price
from enrichcore.plugins import Bearer, Http, Provider, hookimpl, shown_text

VERSION = {"accept-version": "v2.0"}
UNLIMITED = -1
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)


class Kaspr(Provider):
    """https://kaspr.stoplight.io, as public clients use it, read 2026-11-22."""

    name = "kaspr"
    base_url = "https://api.developers.kaspr.io"
    key_env = "KASPR_API_KEY"
    auth = Bearer()
    docs = "https://kaspr.stoplight.io"
    terms = "https://www.kaspr.io/terms-of-service"
    price = Price.per_hit(1)
    rate = ("1/s",)  # not confirmed
    requires = {"linkedin": {"first_name", "last_name"}}  # noqa: RUF012 - a ClassVar fact
    timeout = 30.0
    typical = 2.0
    experimental = True

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the slug of the profile, with the name that the vendor wants beside it."""
        who = {"id": query.linkedin_id, "name": f"{query.first_name} {query.last_name}"}
        reply = await http.post(
            "/profile/linkedin", json={**who, "dataToGet": ["phone"], "requiredData": ["phone"]}, headers=VERSION
        )
        if not reply.content.strip():
            return Miss()
        body = reply.json()
        if not isinstance(body, dict):
            raise Unreadable("expected an object", status=reply.status_code)
        return _answer(body)

    async def balance(self, http: Http) -> Credits | None:
        """`GET /keys/remainingCredits`, which is free: the phone credits."""
        left = (await http.get("/keys/remainingCredits", headers=VERSION)).json()["phoneCredits"]
        if left in (UNLIMITED, str(UNLIMITED)):
            return Credits(remaining=None)
        text = "" if isinstance(left, bool) or not isinstance(left, int | float | str) else str(left)
        if not _AMOUNT.fullmatch(text):
            raise Unreadable("expected a number in 'phoneCredits'")
        return Credits(remaining=Decimal(text))


def _answer(body: dict[str, Any]) -> Hit | Miss:
    """The profile of an answer; without one, its message says whether the account is empty."""
    profile = body.get("profile")
    if profile is None or profile == {}:
        message = body.get("message")
        if isinstance(message, str) and "credit" in message.lower():
            raise OutOfCredits("the vendor account has no credits left")
        return Miss()
    if not isinstance(profile, dict):
        raise Unreadable("expected an object in 'profile'")
    numbers, person = _numbers(profile), _person(profile)
    return Hit(*numbers, person=person) if numbers else Miss(person)


def _numbers(profile: dict[str, Any]) -> list[Number]:
    """The vendor's favourite first."""
    listed = profile.get("phones")
    if listed is not None and not isinstance(listed, list):
        raise Unreadable("expected a list in 'profile.phones'")
    found: dict[str, Number] = {}
    for raw in (profile.get("starryPhone"), *(listed or [])):
        if not isinstance(raw, str | bool | None):
            raise Unreadable(f"expected a phone number as text, got a {type(raw).__name__}")
        if isinstance(raw, str) and raw and "*" not in raw:
            found.setdefault(raw, Number(raw))
    return list(found.values())


def _person(profile: dict[str, Any]) -> Person | None:
    company = profile.get("company")
    emails = profile.get("professionalEmails")
    first = emails[0] if isinstance(emails, list) and emails else None
    named = company.get("name") if isinstance(company, dict) else company
    person = Person(
        name=shown_text(profile.get("name")) or _full_name(profile),
        company=shown_text(named),
        title=shown_text(profile.get("title")),
        email=shown_text(profile.get("starryProfessionalEmail"))
        or shown_text(profile.get("starryWorkEmail"))
        or shown_text(first),
        linkedin_id=shown_text(profile.get("id")),
    )
    return None if person == Person() else person


def _full_name(profile: dict[str, Any]) -> str | None:
    first, last = shown_text(profile.get("firstName")), shown_text(profile.get("lastName"))
    return f"{first} {last}" if first and last else None
