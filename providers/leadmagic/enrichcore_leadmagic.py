"""LeadMagic: mobile numbers by LinkedIn profile or email.

One call, `POST /v1/people/mobile-finder`, answers at once. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 with text in `mobile_number` | hit | `credits_consumed`: 5 credits |
| 200 with null in `mobile_number` | miss | `credits_consumed`: none |
| 404 `profile_not_found`, `resource_not_found` | miss | no |
| 400 `validation_error` | our question is wrong | no |
| 401 `missing_authentication`, `invalid_api_key` | key refused | no |
| 402 `insufficient_credits`, or this word under another status | out of credits | no |
| 429 `rate_limit_exceeded` | rate limited for `Retry-After`, or `context.retry_after_seconds` | no |
| 5xx `INTERNAL_ERROR` | the vendor failed | no |

An error is told as a list of problems in `errors`, in older copies as one word in `error`: both are read. Where an
answer gives back what was asked with, that is no evidence for the person and is not passed on.

Sources, as stored copies read on 2026-11-22: https://github.com/LeadMagic/leadmagic-openapi (2026-04-19: call, fields,
credits) and https://github.com/LeadMagic/leadmagic-skills (2026-07-22: forms of a profile);
https://leadmagic.io/docs/v1/making-api-calls (errors, rates) and https://leadmagic.io/docs/v1/reference/check-credits.
The form of a number is not promised, repeats are not said to be free, and how long a lookup takes is our estimate.
"""

from typing import Any

import httpx

from enrichcore.errors import OutOfCredits, ProviderError, RateLimited, RequestRefused, Unreadable
from enrichcore.model import Credits, EmailQuery, Hit, LinkedInQuery, Miss, Number, Person, Price
from enrichcore.plugins import Header, Http, Provider, amount_of, hookimpl

PATH = "/v1/people/mobile-finder"
NOT_FOUND = 404
MISSES = frozenset({"profile_not_found", "resource_not_found"})
LONGEST_PACE = 3600.0
PRIVATE_MAIL = frozenset(
    {
        "aol.com", "gmail.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "icloud.com", "live.com",
        "mac.com", "mail.com", "me.com", "msn.com", "outlook.com", "proton.me", "protonmail.com", "web.de", "yahoo.com",
    }
)  # fmt: skip
"""Hosts whose addresses are sent as private ones: the vendor has a field for each kind."""


def _problem(response: httpx.Response) -> dict[str, Any]:
    """The first problem of an answer, its word in `code`; empty where the body has neither shape."""
    try:
        body = response.json()
    except ProviderError:
        return {}
    if not isinstance(body, dict):
        return {}
    problems = body.get("errors")
    if isinstance(problems, list) and problems and isinstance(problems[0], dict):
        return dict(problems[0])
    return {"code": body.get("error")}


def _refused(response: httpx.Response) -> ProviderError:
    if _problem(response).get("code") == "insufficient_credits":
        return OutOfCredits("the vendor account has no credits left")
    return RequestRefused("the vendor calls the request invalid")


def _not_found(response: httpx.Response) -> ProviderError | None:
    """A 404 is a miss only in the vendor's own words, so that a mistyped base_url is not read as "nobody known"."""
    code = _problem(response).get("code")
    if isinstance(code, str) and code in MISSES:
        return None
    return RequestRefused("the vendor answered 404 without its own words; is base_url right?")


def _rate_limited(response: httpx.Response) -> ProviderError:
    wait = None
    if "retry-after" not in response.headers:
        context = _problem(response).get("context")
        said = amount_of(context.get("retry_after_seconds")) if isinstance(context, dict) else None
        wait = None if said is None else min(float(said), LONGEST_PACE)
    return RateLimited("the vendor's rate limit is used up", retry_after=wait)


class Leadmagic(Provider):
    """https://leadmagic.io/docs/v1/reference/mobile-finder, read 2026-11-22."""

    name = "leadmagic"
    base_url = "https://api.leadmagic.io"
    key_env = "LEADMAGIC_API_KEY"
    auth = Header("X-API-Key")
    docs = "https://leadmagic.io/docs/v1/reference/mobile-finder"
    terms = "https://leadmagic.io/terms"
    price = Price.per_hit(5)
    rate = ("3000/min",)
    timeout = 30.0
    typical = 3.0
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        400: _refused,
        404: _not_found,
        422: _refused,
        429: _rate_limited,
    }

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of the public profile."""
        return await self._find(http, {"profile_url": query.url}, query.linkedin_id)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By an email address, of work or private."""
        host = query.email.rpartition("@")[2].casefold()
        field = "personal_email" if host in PRIVATE_MAIL else "work_email"
        return await self._find(http, {field: query.email}, query.email)

    async def balance(self, http: Http) -> Credits | None:
        """`GET /v1/credits`, which is free."""
        left = amount_of((await http.get("/v1/credits")).json()["credits"])
        if left is None:
            raise Unreadable("expected a number in 'credits'")
        return Credits(remaining=left)

    async def _find(self, http: Http, who: dict[str, str], asked: str) -> Hit | Miss:
        reply = await http.post(PATH, json=who)
        if reply.status_code == NOT_FOUND:
            return Miss()
        body = reply.json()
        raw = body["mobile_number"]
        if not isinstance(raw, str | None):
            raise Unreadable(f"expected text or null in 'mobile_number', got a {type(raw).__name__}")
        email, profile = (_learned(body.get(field), asked) for field in ("email", "profile_url"))
        person = None if email is profile is None else Person(email=email, linkedin_id=profile)
        spent = amount_of(body.get("credits_consumed"))
        if not raw or not raw.strip() or "*" in raw:
            return Miss(person, credits=spent)
        return Hit(Number(raw, type="mobile"), person=person, credits=spent)


def _learned(value: object, asked: str) -> str | None:
    """What the answer adds to the question, or says otherwise than it."""
    if not isinstance(value, str) or not value:
        return None
    own = value.rstrip("/").casefold()
    key = asked.casefold()
    return None if own == key or own.endswith(f"/in/{key}") else value
