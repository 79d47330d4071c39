"""Upcell: mobile numbers, by LinkedIn profile or name and company domain.

One call, `POST /v1/enrich/contact`, answers at once. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 with `contact.mobilePhone` | hit | 1 credit (assumed) |
| 200 without it, or with `contact` null | miss | no (assumed) |
| 404 with the vendor's `error` | miss | no (assumed) |
| 401, 403 | key refused | no |
| 402 | out of credits | no |
| 429 | rate limited | no |
| 400, other 404 | our question is wrong | no |
| 500 and other 5xx | the vendor failed | no |

Sources, as stored copies read on 2026-11-22: https://upcell-api-docs.pages.dev/docs/dataenrichment/ (call, body, 400,
401, 500); that the key is sent bare in `Authorization` is seen in a public client only. Experimental: the answer for
somebody unknown, prices and rates are not documented. A work email alone is not enough for the vendor, so there is
no lookup by email.
"""

from typing import Any

import httpx

from enrichcore.errors import ProviderError, RequestRefused, Unreadable
from enrichcore.model import Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Header, Http, Provider, hookimpl, shown_text

PATH = "/v1/enrich/contact"
NOT_FOUND = 404


def _not_found(response: httpx.Response) -> ProviderError | None:
    """A 404 is a miss only in the vendor's own envelope, so that a mistyped base_url is not read as "nobody known"."""
    try:
        told = response.json()["error"]["code"]
    except (ProviderError, LookupError, TypeError):
        told = None
    return None if told is not None else RequestRefused("the vendor answered 404 without its 'error'")


class Upcell(Provider):
    """https://upcell-api-docs.pages.dev/docs/dataenrichment/, read 2026-11-22."""

    name = "upcell"
    base_url = "https://api.upcell.io"
    key_env = "UPCELL_API_KEY"
    auth = Header("Authorization")
    docs = "https://upcell-api-docs.pages.dev"
    terms = "https://www.upcell.io/terms"
    price = Price.per_hit(1)
    rate = ("1/s",)  # not documented
    requires = {"name": {"domain"}}  # noqa: RUF012 - a ClassVar fact
    timeout = 30.0
    typical = 3.0
    status_errors = {NOT_FOUND: _not_found}  # noqa: RUF012 - a ClassVar fact
    experimental = True

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name and the company's domain; a company's name would need a title beside it."""
        return await self._enrich(
            http, {"firstName": query.first_name, "lastName": query.last_name, "companyDomain": query.domain}
        )

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of the profile."""
        return await self._enrich(http, {"linkedinUrl": query.url})

    async def _enrich(self, http: Http, who: dict[str, str | None]) -> Hit | Miss:
        reply = await http.post(PATH, json={**who, "fields": ["mobile"]})
        if reply.status_code == NOT_FOUND:
            return Miss()
        body = reply.json()
        if not isinstance(body, dict) or "contact" not in body:
            raise Unreadable("expected an object with 'contact'", status=reply.status_code)
        contact = body["contact"]
        if contact is None:
            return Miss()
        if not isinstance(contact, dict):
            raise Unreadable("expected an object in 'contact'", status=reply.status_code)
        raw, person = contact.get("mobilePhone"), _person(contact)
        if not isinstance(raw, str | bool | None):
            raise Unreadable(f"expected text in 'contact.mobilePhone', got a {type(raw).__name__}")
        if not isinstance(raw, str) or not raw or "*" in raw:
            return Miss(person)
        return Hit(Number(raw, type="mobile"), person=person)


def _person(contact: dict[str, Any]) -> Person | None:
    """What the contact says; only the profile's address is documented."""
    first, last = shown_text(contact.get("firstName")), shown_text(contact.get("lastName"))
    person = Person(
        name=shown_text(contact.get("fullName")) or (f"{first} {last}" if first and last else None),
        company=shown_text(contact.get("companyName")),
        domain=shown_text(contact.get("companyDomain")),
        title=shown_text(contact.get("title")),
        email=shown_text(contact.get("email")),
        linkedin_id=shown_text(contact.get("linkedinUrl")),
    )
    return None if person == Person() else person
