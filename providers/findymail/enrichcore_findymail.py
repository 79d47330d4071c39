"""Findymail: a direct number by LinkedIn profile; by email, who the person is.

Both calls answer at once. What their answers mean:

| answer | meaning here | billed |
|---|---|---|
| phone: 200 with text in `phone` | hit | 10 credits |
| phone: 200 with `phone` null or empty, or a JSON 404 | miss | no |
| email: 200 with a LinkedIn address | miss that says who it is | 2 credits |
| email: 200 without one, or a JSON 404 | miss | no |
| 401 | key refused | no |
| 402, or 200 with `error` "Not enough credits" | out of credits | no |
| 423 | key refused: the subscription is paused | no |
| 429 | rate limited | no |
| another `error` under 200, other 4xx | our question is wrong | no |
| 5xx | the vendor failed | no |

There is no phone lookup by email. By email it says whose profile it is: a miss that brings a LinkedIn id, with which
the cascade then asks by LinkedIn. The profile costs one credit more than the bare address; its name is what the match
needs before the address may lead to a number of ten credits.

Sources, as stored copies read on 2026-11-22: https://github.com/Findymail/n8n-nodes-findymail, the vendor's own client
of 2025-11-05 (calls, key), and https://app.findymail.com/docs (an older copy without the phone call: 300 requests at
once, `error` under 200). What the answers hold is only seen in third-party clients, such as
https://github.com/simstudioai/sim (`apps/sim/tools/findymail`, read on 2026-11-25), which disagree about a miss: null
or 404. So the provider is experimental. How long a lookup takes is not documented: our estimate.
"""

from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import KeyRefused, OutOfCredits, ProviderError, RequestRefused, Unreadable
from enrichcore.model import Credits, EmailQuery, Hit, LinkedInQuery, Miss, Number, Person, Price
from enrichcore.plugins import Bearer, Http, Provider, amount_of, hookimpl, is_masked, shown_text

PROFILE_CREDITS = Decimal(2)
NOT_FOUND = 404


def _not_found(response: httpx.Response) -> ProviderError | None:
    """A miss, unless it is a page, or the framework's own words for an address that does not exist."""
    try:
        body = response.json()
    except ProviderError:
        body = None
    if isinstance(body, dict) and "route" not in str(body.get("message", "")).casefold():
        return None
    return RequestRefused("the vendor answered 404 without a body of its own; is base_url right?")


def _paused(_: httpx.Response) -> ProviderError:
    return KeyRefused("the subscription is paused; the vendor's dashboard says why")


class Findymail(Provider):
    """https://app.findymail.com/docs, read 2026-11-22 in the copies that the module names.

    Clients quote "US numbers only"; people in the European Union are left out.
    """

    name = "findymail"
    base_url = "https://app.findymail.com"
    key_env = "FINDYMAIL_API_KEY"
    auth = Bearer()
    docs = "https://app.findymail.com/docs"
    terms = "https://www.findymail.com/terms-conditions/"
    price = Price.per_hit(10)
    rate = ("10/s",)  # our caution: 300 requests at once are allowed, no number by time is published
    timeout = 30.0
    typical = 4.0
    countries = ("US",)
    status_errors = {404: _not_found, 423: _paused}  # noqa: RUF012 - a ClassVar fact
    experimental = True

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of the profile."""
        body = await _ask(http, "/api/search/phone", {"linkedin_url": query.url})
        if body is None:
            return Miss()
        if "phone" not in body:
            raise Unreadable("expected 'phone' in the answer")
        raw = body["phone"]
        if raw is None:
            return Miss()
        if not isinstance(raw, str):
            raise Unreadable(f"expected text or null in 'phone', got a {type(raw).__name__}")
        if not raw.strip() or is_masked(raw):
            return Miss()
        return Hit(Number(raw, type=shown_text(body.get("line_type"))))

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Miss:
        """Who the person behind an address is; never a number."""
        body = await _ask(http, "/api/search/reverse-email", {"email": query.email, "with_profile": True})
        if body is None:
            return Miss()
        if "linkedin_url" not in body:
            raise Unreadable("expected 'linkedin_url' in the answer")
        profile = shown_text(body["linkedin_url"])
        if profile is None:
            return Miss()
        person = Person(
            name=shown_text(body.get("fullName")),
            company=shown_text(body.get("companyName")),
            domain=shown_text(body.get("companyWebsite")),
            title=shown_text(body.get("jobTitle")),
            country=shown_text(body.get("country")),
            email=shown_text(body.get("email")),
            linkedin_id=profile,
        )
        return Miss(person, credits=PROFILE_CREDITS)

    async def balance(self, http: Http) -> Credits | None:
        """`GET /api/credits`, which is free; credits for verifying addresses are another kind and do not count."""
        body = (await http.get("/api/credits")).json()
        left = amount_of(body.get("credits")) if isinstance(body, dict) else None
        if left is None:
            raise Unreadable("expected a number in 'credits'")
        return Credits(remaining=left)


async def _ask(http: Http, path: str, question: dict[str, Any]) -> dict[str, Any] | None:
    """The object of an answer; None where the vendor says by its status that it knows nobody.

    Raises:
        Unreadable: it is no object.
        ProviderError: it is an error, which may come with status 200.
    """
    reply = await http.post(path, json=question)
    if reply.status_code == NOT_FOUND:
        return None
    body = reply.json()
    if not isinstance(body, dict):
        raise Unreadable(f"expected an object, got a {type(body).__name__}", status=reply.status_code)
    if error := body.get("error"):
        if "credits" in str(error).casefold():
            raise OutOfCredits("the vendor account has no credits left", status=reply.status_code)
        raise RequestRefused("the vendor reports an error under status 200", status=reply.status_code)
    return body
