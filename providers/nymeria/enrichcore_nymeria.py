"""Nymeria: phone numbers from a person dataset, by LinkedIn profile or email.

One call, `GET /api/v4/person/enrich`, answers at once. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 with a number | hit | 1 credit, or what `x-call-credits-spent` says |
| 200 without one, or with a preview of one | miss | likewise: the person was found |
| 404 `not_found` | miss | no |
| 401 | key refused | no |
| 402 `account_error` | out of credits: the plan is used up or has ended | no |
| 503 in JSON, 429 | rate limited: 10 a second are used up | no |
| 400 `invalid_request_error`, another 404 | our question is wrong | no |
| other 5xx `server_error` | the vendor failed | no |

Only people with a phone are asked for (`require=phone`), so that the others are a 404, which costs nothing.

The vendor has searches by name (`/person/identify`, `/person/search`), but they take no company or answer with several
people who are billed one by one: neither is a lookup of one person, so there is no method by name.

Sources, as stored copies read on 2026-11-22: https://github.com/nymeriaio/nymeria.go and
https://github.com/nymeriaio/nymeria.py, the vendor's own clients of 2023-10-21 (calls, bodies, statuses), and
https://www.nymeria.io/developers in several ages (inputs, errors, prices, headers). 503 for the rate limit is in the
older ones; no 429 is documented. How long a lookup takes is not documented either: our estimate.
"""

import re
from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import ProviderError, RateLimited, RequestRefused, ServerError, Unreadable
from enrichcore.model import EmailQuery, Hit, LinkedInQuery, Miss, Number, Person, Price
from enrichcore.plugins import Header, Http, Provider, hookimpl, is_masked, shown_text

PATH = "/api/v4/person/enrich"
NOT_FOUND = 404
_CREDITS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)


def _error_type(body: object) -> object:
    """`error.type` of a body; None where it is not the documented envelope."""
    error = body.get("error") if isinstance(body, dict) else None
    return error.get("type") if isinstance(error, dict) else None


def _json(response: httpx.Response) -> object:
    try:
        return response.json()
    except ProviderError:
        return None


def _not_found(response: httpx.Response) -> ProviderError | None:
    """A 404 is a miss only in the vendor's own words, so that a mistyped base_url is not read as "nobody known"."""
    if _error_type(_json(response)) == "not_found":
        return None
    return RequestRefused("the vendor answered 404 without its 'not_found'; is base_url right?")


def _busy(response: httpx.Response) -> ProviderError:
    """The vendor itself says with 503 that the limit is used up; a gateway, in HTML, that the vendor is away."""
    if isinstance(_json(response), dict):
        return RateLimited("the vendor's requests a second are used up")
    return ServerError("a gateway answered for the vendor")


class Nymeria(Provider):
    """https://www.nymeria.io/developers, read 2026-11-22 in the copies that the module names."""

    name = "nymeria"
    base_url = "https://www.nymeria.io"
    key_env = "NYMERIA_API_KEY"
    auth = Header("X-Api-Key")
    docs = "https://www.nymeria.io/developers"
    terms = "https://www.nymeria.io/terms"
    price = Price.per_match(1)
    rate = ("10/s",)
    timeout = 15.0
    typical = 2.0
    status_errors = {404: _not_found, 503: _busy}  # noqa: RUF012 - a ClassVar fact

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the profile's address, which the vendor writes without a scheme."""
        return await _enrich(http, {"profile": f"linkedin.com/in/{query.linkedin_id}"})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By an email address, of work or private."""
        return await _enrich(http, {"email": query.email}, query.email)


async def _enrich(http: Http, who: dict[str, str], email: str | None = None) -> Hit | Miss:
    reply = await http.get(PATH, params={**who, "require": "phone"})
    body = reply.json()
    if reply.status_code == NOT_FOUND or _error_type(body) == "not_found":
        return Miss()
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise Unreadable("expected an object in 'data'", status=reply.status_code)
    numbers, person, spent = _numbers(data), _person(data, email), _spent(reply)
    return Hit(*numbers, person=person, credits=spent) if numbers else Miss(person, credits=spent)


def _numbers(data: dict[str, Any]) -> list[Number]:
    """The mobile first, then the rest of the list, which has no types; booleans and previews are no numbers.

    Raises:
        Unreadable: a phone field is missing or has another shape.
    """
    if "mobile_phone" not in data and "phone_numbers" not in data:
        raise Unreadable("expected 'mobile_phone' or 'phone_numbers' in 'data', got neither")
    mobile, others = data.get("mobile_phone"), data.get("phone_numbers")
    others = others if isinstance(others, list) else [others]
    for value in (mobile, *others):
        if not isinstance(value, str | bool | None):
            raise Unreadable(f"expected a phone number as text, got a {type(value).__name__}")
    country = shown_text(data.get("location_country"))
    found: dict[str, Number] = {}
    if raw := _shown(mobile):
        found[raw] = Number(raw, type="mobile", country=country)
    for other in filter(None, map(_shown, others)):
        found.setdefault(other, Number(other, country=country))
    return list(found.values())


def _person(data: dict[str, Any], asked: str | None) -> Person:
    """What the answer says of the person; of several mailboxes the one that was asked for, else that of work."""
    listed = data.get("emails")
    private = data.get("personal_emails")
    mailboxes = [data.get("work_email")]
    mailboxes += [one.get("address") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    mailboxes += private if isinstance(private, list) else []
    same = (box for box in mailboxes if isinstance(box, str) and asked and box.casefold() == asked.casefold())
    names = [word for word in (shown_text(data.get("first_name")), shown_text(data.get("last_name"))) if word]
    return Person(
        name=shown_text(data.get("full_name")) or " ".join(names) or None,
        company=shown_text(data.get("job_company_name")),
        domain=shown_text(data.get("job_company_website")),
        title=shown_text(data.get("job_title")),
        country=shown_text(data.get("location_country")),
        email=next(same, None) or shown_text(data.get("work_email")),
        linkedin_id=shown_text(data.get("linkedin_username")) or shown_text(data.get("linkedin_url")),
    )


def _shown(value: object) -> str | None:
    """A number that is there and not hidden."""
    return value if isinstance(value, str) and value.strip() and not is_masked(value) else None


def _spent(reply: httpx.Response) -> Decimal | None:
    said = reply.headers.get("x-call-credits-spent", "")
    return Decimal(said) if _CREDITS.fullmatch(said) else None
