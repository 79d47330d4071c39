"""Enrow: numbers by LinkedIn profile, or by name and company.

A question is submitted and answered seconds later under an id. Nothing makes a submission safe to repeat. What its
answers mean:

| answer | meaning here | billed |
|---|---|---|
| POST 201 with `id` | a job | not yet: 50 credits are only set aside |
| POST 422, 402 | out of credits | no |
| POST 502, 504 | maybe sent: a gateway spoke, the job may exist | unknown |
| GET 202, `qualification` "ongoing" | still running | not yet |
| GET 200 "found" with a number | hit | 50 credits |
| GET 200 "not_found" | miss | no |
| GET 404 | job failed: unknown | no |
| 401 | key refused | no |
| 429 | rate limited until `X-RateLimit-Reset` | no |
| 400, other 4xx | our question is wrong | no |
| other 5xx | the vendor failed | no |

There is no lookup by email, and no line type in an answer: it is not guessed. `params` and `custom` of an answer only
give our own question back.

Sources, as stored copies read on 2026-11-22: https://github.com/EnrowAPI/enrow-mcp (`llms-full.txt`: calls, bodies,
statuses, prices, rate) and https://github.com/EnrowAPI/enrow-python, both the vendor's own of 2026-04-06 (waits between
polls, the header of a 429), and https://enrow.readme.io (webhook: what is sent, without a signature, and that only the
cost of a finished search is charged). That SDK takes 402 for an empty account where the text says 422: both are read.
The unit of `X-RateLimit-Reset` is not documented, nor how long a search takes: our estimates.
"""

import re
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from enrichcore.errors import (
    JobFailed,
    OutOfCredits,
    ProviderError,
    RateLimited,
    RequestRefused,
    Unreadable,
)
from enrichcore.model import Credits, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Price, Query
from enrichcore.plugins import (
    Header,
    Http,
    Poll,
    Provider,
    Webhook,
    hookimpl,
    is_masked,
    is_poll,
    job_gateway,
    job_of,
    job_unknown,
)

PATH = "/phone/single"
FOUND, NOT_FOUND, ONGOING = "found", "not_found", "ongoing"
WORKING, UNKNOWN = 202, 404
LONGEST_PACE = 3600.0
"""Seconds; the limit is one by the second, so a later reset is a mistake."""
MOMENT = 10**9
"""From here on a reset is a moment in seconds since 1970, below it a wait in seconds."""
_DIGITS = re.compile(r"[0-9]{1,12}", re.ASCII)


def _no_balance(response: httpx.Response) -> ProviderError:
    if is_poll(response):
        return RequestRefused("the vendor cannot use the id of the job")
    return OutOfCredits("the vendor account has no credits left")


def _rate_limited(response: httpx.Response) -> ProviderError:
    wait: float | None = None
    reset = response.headers.get("x-ratelimit-reset", "")
    if "retry-after" not in response.headers and _DIGITS.fullmatch(reset):
        wait = float(reset)
        if wait >= MOMENT:
            try:
                wait -= parsedate_to_datetime(response.headers["date"]).timestamp()
            except (LookupError, ValueError, TypeError):
                wait = -1.0
    if wait is not None and not 0 <= wait <= LONGEST_PACE:
        wait = None
    return RateLimited("10 submissions a second are used up", retry_after=wait)


class Enrow(Provider):
    """https://enrow.readme.io, read 2026-11-22 in the copies that the module names."""

    name = "enrow"
    base_url = "https://api.enrow.io"
    key_env = "ENROW_API_KEY"
    auth = Header("x-api-key")
    docs = "https://enrow.readme.io"
    terms = "https://enrow.io/en/legal/terms-and-conditions"
    price = Price.per_hit(50)
    rate = ("10/s",)
    timeout = 20.0
    typical = 3.0  # to submit: a job outlives the deadline of the lookup that bought it
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        402: _no_balance,
        404: job_unknown,
        422: _no_balance,
        429: _rate_limited,
        502: job_gateway,
        504: job_gateway,
    }
    poll = Poll(first=2.0, factor=1.5, every=15.0, give_up=86400.0)
    webhook = Webhook()

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Job:
        """By first and last name and the company's domain, or its name where no domain is known."""
        company = {"company_domain": query.domain} if query.domain else {"company_name": query.company}
        return await self._submit(http, {"first_name": query.first_name, "last_name": query.last_name, **company})

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Job:
        """By the address of the profile."""
        return await self._submit(http, {"linkedin_url": query.url})

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:  # noqa: ARG002 - the signature
        """Ask for the result of a job."""
        reply = await http.get(PATH, params={"id": job.id})
        if reply.status_code == UNKNOWN:
            raise JobFailed("the vendor does not know this job, or no longer", status=UNKNOWN)
        body = reply.json()
        if not isinstance(body, dict):
            raise Unreadable("expected an object", status=reply.status_code)
        word = body.get("qualification")
        if word == FOUND:
            return _hit(body)
        if word == NOT_FOUND:
            return Miss()
        if word == ONGOING or reply.status_code == WORKING:
            return job
        raise Unreadable("expected one of the documented words in 'qualification'", status=reply.status_code)

    def jobs_of(self, event: Any) -> list[str]:
        """What is sent when a search has ended names it beside the result."""
        return [event["id"]]

    async def balance(self, http: Http) -> Credits | None:
        """`GET /account/info`, which is free."""
        reply = await http.get("/account/info")
        body = None if reply.status_code == UNKNOWN else reply.json()
        left = body.get("credits") if isinstance(body, dict) else None
        if isinstance(left, bool) or not isinstance(left, int | float) or left < 0:
            raise Unreadable("expected a number in 'credits'", status=reply.status_code)
        return Credits(remaining=Decimal(str(left)))

    async def _submit(self, http: Http, who: dict[str, str | None]) -> Job:
        told = {} if self.webhook_url is None else {"settings": {"webhook": self.webhook_url}}
        reply = await http.post(PATH, json={**who, **told})
        return job_of(reply.json(), "id")


def _hit(body: dict[str, Any]) -> Hit | Miss:
    """The number of a search that found one; a hidden one is none."""
    raw, country = body.get("number"), body.get("country")
    if not isinstance(raw, str) or not raw:
        raise Unreadable(f"expected text in 'number', got a {type(raw).__name__}")
    if is_masked(raw):
        return Miss()
    return Hit(Number(raw, country=country if isinstance(country, str) and country else None))
