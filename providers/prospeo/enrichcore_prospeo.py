"""Prospeo: verified mobile numbers, by name and company, LinkedIn profile or work email.

One call, `POST /enrich-person`, answers at once. A miss and an empty account are both status 400; the body's
`error_code` tells them apart. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 with `person.mobile.revealed` true | hit | 10 credits; none when `free_enrichment` is true |
| 200 with a masked mobile or none | miss | 1 credit for the match; none when `free_enrichment` is true |
| 400 `NO_MATCH`, 200 without a person | miss | no |
| 400 `INSUFFICIENT_CREDITS` | out of credits | no |
| 401 `INVALID_API_KEY`, 400 `ACCOUNT_RESTRICTED` | key refused | no |
| 429 `RATE_LIMITED` | rate limited until the window that is used up resets | no |
| 400 `INVALID_DATAPOINTS`, `INVALID_REQUEST` | our question is wrong | no |
| 400 `INTERNAL_ERROR`, 5xx | the vendor failed | no |

Sources, as stored copies read on 2026-11-24: the vendor's documentation in its staging copy
https://prospeostaging.net/api-docs/enrich-person, /authentication and /account-information (call, billing, body,
error codes of the account call); https://github.com/prospeo-v2/prospeo-mcp-server, the vendor's own client of
2026-04-17 (error codes, a 200 without a person, types); https://help.prospeo.io/en/article/api-rate-limits-19vqf50
(rates). Only third-party clients name the `x-*-reset-seconds` headers and status 400 for `NO_MATCH`. How long a
lookup takes is not documented: our estimate; the time-out is that of the vendor's client.
"""

import re
from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import (
    KeyRefused,
    OutOfCredits,
    ProviderError,
    RateLimited,
    RequestRefused,
    ServerError,
    Unreadable,
)
from enrichcore.model import Credits, EmailQuery, Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Header, Http, Provider, hookimpl, shown_text

NO_MATCH = "NO_MATCH"
ERRORS: dict[str, tuple[type[ProviderError], str]] = {
    "INSUFFICIENT_CREDITS": (OutOfCredits, "the vendor account has no credits left"),
    "INVALID_API_KEY": (KeyRefused, "the vendor does not know the key"),
    "ACCOUNT_RESTRICTED": (KeyRefused, "the vendor has restricted the account; its support can lift that"),
    "RATE_LIMITED": (RateLimited, "a rate limit of the plan is used up"),
    "RATE_LIMIT_EXCEEDED": (RateLimited, "a rate limit of the plan is used up"),
    "INTERNAL_ERROR": (ServerError, "the vendor reports an internal error"),
    "INVALID_DATAPOINTS": (RequestRefused, "the vendor cannot use what was sent of the person"),
    "INVALID_REQUEST": (RequestRefused, "the vendor calls the request invalid"),
}
"""What an `error_code` means; any other one is a `RequestRefused`."""
WINDOWS = ("daily", "minute")
"""The longest first: its wait covers the shorter one's."""
LONGEST_PACE = 3600.0
"""Seconds; the day is a rolling one, so places become free before all of them do."""
_SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)


def _code(response: httpx.Response) -> object:
    """`error_code` of an answer; None where the body is not the documented one."""
    try:
        return response.json()["error_code"]
    except (ProviderError, LookupError, TypeError):
        return None


def _wait(response: httpx.Response) -> float | None:
    """Seconds until the used-up window resets; None when the answer does not say, or says it in Retry-After."""
    if "retry-after" in response.headers:
        return None
    for window in WINDOWS:
        left = response.headers.get("x-daily-request-left" if window == "daily" else "x-minute-request-left")
        reset = response.headers.get(f"x-{window}-reset-seconds", "")
        if left == "0" and _SECONDS.fullmatch(reset):
            return min(float(reset), LONGEST_PACE)
    return None


def _error(response: httpx.Response) -> ProviderError | None:
    """What a body with an `error_code` means; None for `NO_MATCH`, which is an answer."""
    code = _code(response)
    if code == NO_MATCH:
        return None
    kind, text = ERRORS.get(code, (RequestRefused, "")) if isinstance(code, str) else (RequestRefused, "")
    if not text:
        text = "the vendor refuses the request with an error code that its documentation does not name"
    return RateLimited(text, retry_after=_wait(response)) if kind is RateLimited else kind(text)


def _too_many(response: httpx.Response) -> ProviderError:
    return RateLimited("a rate limit of the plan is used up", retry_after=_wait(response))


class Prospeo(Provider):
    """https://prospeo.io/api-docs/enrich-person, read 2026-11-24 in the copy that the module names.

    The vendor bills the same record once in the life of the account. One client says 90 days, so that is declared.
    """

    name = "prospeo"
    base_url = "https://api.prospeo.io"
    key_env = "PROSPEO_API_KEY"
    auth = Header("X-KEY")
    docs = "https://prospeo.io/api-docs/enrich-person"
    terms = "https://prospeo.io/terms-of-service"
    price = Price.per_hit(10, repeats_free_days=90)
    rate = ("5/s", "300/min", "2000/day")  # the Starter plan's; larger plans have more
    timeout = 30.0
    typical = 4.0
    status_errors = {400: _error, 429: _too_many}  # noqa: RUF012 - a ClassVar fact

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name and company, its website, or both."""
        return await self._enrich(
            http,
            {
                "first_name": query.first_name,
                "last_name": query.last_name,
                "company_name": query.company,
                "company_website": query.domain,
            },
        )

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of the public profile."""
        return await self._enrich(http, {"linkedin_url": query.url})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By work email."""
        return await self._enrich(http, {"email": query.email})

    async def balance(self, http: Http) -> Credits | None:
        """`GET /account-information`, which is free."""
        reply = await http.get("/account-information")
        body = _body(reply)
        account = body.get("response")
        left = account.get("remaining_credits") if isinstance(account, dict) else None
        if isinstance(left, bool) or not isinstance(left, int | float):
            raise Unreadable("expected a number in 'response.remaining_credits'", status=reply.status_code)
        return Credits(remaining=Decimal(str(left)))

    async def _enrich(self, http: Http, data: dict[str, str | None]) -> Hit | Miss:
        known = {field: value for field, value in data.items() if value is not None}
        # Without a verified mobile there is no match, and so no credit for a match without a number.
        reply = await http.post(
            "/enrich-person", json={"data": known, "enrich_mobile": True, "only_verified_mobile": True}
        )
        body = _body(reply)
        if body["error"] is True:  # what is left of the errors is NO_MATCH
            return Miss()
        person = body.get("person")
        if person is None:
            return Miss()
        if not isinstance(person, dict):
            raise Unreadable("expected an object in 'person'", status=reply.status_code)
        free = body.get("free_enrichment") is True
        said = _person(person, body.get("company"))
        number = _mobile(person.get("mobile"))
        if number is None:
            return Miss(said, credits=Decimal(0 if free else 1))
        return Hit(number, person=said, credits=Decimal(0) if free else None)


def _body(reply: httpx.Response) -> dict[str, Any]:
    """The body of an answer, with its `error` read: the vendor may report one under status 200 as well.

    Raises:
        Unreadable: it is not the documented object.
        ProviderError: it holds an error other than `NO_MATCH`.
    """
    body = reply.json()
    if not isinstance(body, dict) or not isinstance(body.get("error"), bool):
        raise Unreadable("expected an object with 'error' true or false", status=reply.status_code)
    if body["error"] and (error := _error(reply)) is not None:
        raise error
    return body


def _mobile(mobile: object) -> Number | None:
    """The number, if it is shown: a preview such as `+1 202-555-****` is none.

    Raises:
        Unreadable: the field has another shape.
    """
    if mobile is None:
        return None
    if not isinstance(mobile, dict):
        raise Unreadable(f"expected an object in 'person.mobile', got a {type(mobile).__name__}")
    if mobile.get("revealed") is not True:
        return None
    raw = mobile.get("mobile")
    if not isinstance(raw, str):
        raise Unreadable(f"expected text in 'person.mobile.mobile', got a {type(raw).__name__}")
    if "*" in raw or not raw:
        return None
    return Number(raw, type="mobile", country=shown_text(mobile.get("mobile_country_code")))


def _person(person: dict[str, Any], company: object) -> Person:
    """What the answer says of the person. `company.phone_hq` is a switchboard and is left alone."""
    employer = company if isinstance(company, dict) else {}
    location = person.get("location")
    email = person.get("email")
    shown = isinstance(email, dict) and email.get("revealed") is True
    return Person(
        name=shown_text(person.get("full_name")),
        company=shown_text(employer.get("name")),
        domain=shown_text(employer.get("domain")),
        title=shown_text(person.get("current_job_title")),
        country=shown_text(location.get("country_code")) if isinstance(location, dict) else None,
        email=shown_text(email.get("email")) if shown and isinstance(email, dict) else None,
        linkedin_id=shown_text(person.get("linkedin_url")),
    )
