"""Waterfall.io: numbers from a waterfall of its own, by LinkedIn profile, email, or name and domain.

A question is submitted and answered seconds later under an id. Nothing makes a submission safe to repeat. What its
answers mean:

| answer | meaning here | billed |
|---|---|---|
| POST 200 with `job_id` | a job | not yet |
| POST 402 `QUOTA_ACCOUNT_OVER_QUOTA` | out of credits | no |
| POST 400 `VALIDATION_*`, `ROUTING_*` | our question is wrong | no |
| POST 502, 504 | maybe sent: a gateway spoke, the job may exist | unknown |
| GET `RUNNING` | still running | not yet |
| GET `SUCCEEDED` with a number | hit | one phone |
| GET `SUCCEEDED` without a number or a person | miss | no |
| GET `FAILED`, `TIMED_OUT`, `ABORTED` | job failed | no: only a number is charged |
| GET 404 `NOT_FOUND_*` | job failed: unknown | no |
| 401 `AUTH_*`, 403 `AUTH_*`, `PERMISSION_*` | key refused, or the feature is not in the account | no |
| 429 `RATE_LIMIT_*` | rate limited, for what Retry-After says | no |
| another 404 | our question is wrong | no |
| other 5xx `INTERNAL_*` | the vendor failed | no |

The vendor charges money from a prepaid balance, so the "credit" here is one phone found; `credit_price` is its price.
`input` of an answer only gives our own question back.

Sources: stored copies of https://docs.waterfall.io/v1/phone-enrichment-launcher and /v1/contact-enrichment-finder read
on 2026-11-22 (calls, bodies, statuses of a job, what is charged). The statuses of errors, the 50 requests a minute and
the balance are from two public guides to the vendor's OpenAPI file, https://docs.waterfall.io/v1/openapi-spec, read on
2026-11-25; they agree. How long a search takes is not documented: the vendor's example took 3 seconds.
"""

from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import JobFailed, ProviderError, RequestRefused, Unreadable
from enrichcore.model import (
    Credits,
    EmailQuery,
    Hit,
    Job,
    LinkedInQuery,
    Miss,
    NameQuery,
    Number,
    Person,
    Price,
    Query,
)
from enrichcore.plugins import (
    Header,
    Http,
    Poll,
    Provider,
    hookimpl,
    is_masked,
    is_poll,
    job_gateway,
    job_of,
    shown_text,
)

PATH = "/v1/enrichment/phone"
SUCCEEDED, RUNNING = "SUCCEEDED", "RUNNING"
ENDED = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})
NOT_FOUND = 404


def _not_found(response: httpx.Response) -> ProviderError | None:
    """An unknown job is told by its code; a mistyped base_url is not, and leaves the job as it is."""
    try:
        code = response.json()["code"]
    except (ProviderError, LookupError, TypeError):
        code = None
    if is_poll(response) and isinstance(code, str) and code.startswith("NOT_FOUND_"):
        return None
    return RequestRefused("the vendor knows no such call; is base_url right?")


class Waterfall(Provider):
    """https://docs.waterfall.io/v1/phone-enrichment-launcher, read 2026-11-22."""

    name = "waterfall"
    base_url = "https://api.waterfall.io"
    key_env = "WATERFALL_API_KEY"
    auth = Header("x-api-key")
    docs = "https://docs.waterfall.io/v1/phone-enrichment-launcher"
    terms = "https://www.waterfall.io/terms-of-service"
    price = Price.per_hit(1)
    rate = ("50/min",)
    requires = {"name": {"domain"}}  # noqa: RUF012 - a ClassVar fact
    timeout = 20.0
    typical = 3.0  # to submit: a job outlives the deadline of the lookup that bought it
    status_errors = {404: _not_found, 502: job_gateway, 504: job_gateway}  # noqa: RUF012 - a ClassVar fact
    poll = Poll(first=4.0, factor=1.5, every=60.0, give_up=86400.0)

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Job:
        """By first and last name and the company's domain; a company's name is not accepted."""
        who = {"first_name": query.first_name, "last_name": query.last_name, "domain": query.domain}
        return await self._submit(http, who)

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Job:
        """By the address of the profile."""
        return await self._submit(http, {"linkedin": query.url})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Job:
        """By an email address; the vendor knows other people by it than by LinkedIn profile."""
        return await self._submit(http, {"email": query.email})

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:
        """Ask for the result of a job."""
        reply = await http.get(PATH, params={"job_id": job.id})
        if reply.status_code == NOT_FOUND:
            raise JobFailed("the vendor does not know this job, or no longer", status=NOT_FOUND)
        body = reply.json()
        status = body.get("status") if isinstance(body, dict) else None
        if status == RUNNING:
            return job
        if isinstance(status, str) and status in ENDED:
            raise JobFailed(f"the vendor ended the job as {status}", billed=False)
        if status != SUCCEEDED:
            raise Unreadable("expected one of the documented words in 'status'", status=reply.status_code)
        person = _answered(body)
        numbers = _numbers(person)
        said = _person(person, query.email if isinstance(query, EmailQuery) else None)
        return Hit(*numbers, person=said) if numbers else Miss(said)

    async def balance(self, http: Http) -> Credits | None:
        """`GET /v2/account`, which is free: what is left is money, not a number of phones."""
        reply = await http.get("/v2/account")
        body = None if reply.status_code == NOT_FOUND else reply.json()
        left = body.get("balance_remaining_usd") if isinstance(body, dict) else None
        if isinstance(left, bool) or not isinstance(left, int | float):
            raise Unreadable("expected a number in 'balance_remaining_usd'", status=reply.status_code)
        return Credits(remaining=Decimal(str(left)), detail="US dollars")

    async def _submit(self, http: Http, who: dict[str, str | None]) -> Job:
        reply = await http.post(PATH, json=who)
        return job_of(reply.json(), "job_id")


def _answered(body: dict[str, Any]) -> dict[str, Any]:
    """The person of a job that succeeded; empty where the vendor knows nobody.

    Raises:
        Unreadable: the answer has another shape.
    """
    if "output" not in body:
        raise Unreadable("expected 'output' in a job that succeeded")
    output = body["output"]
    if output is None:
        return {}
    if not isinstance(output, dict) or "person" not in output:
        raise Unreadable("expected an object with 'person' in 'output'")
    person = output["person"]
    if person is None:
        return {}
    if not isinstance(person, dict):
        raise Unreadable(f"expected an object in 'output.person', got a {type(person).__name__}")
    if person and "mobile_phone" not in person and "phone_numbers" not in person:
        raise Unreadable("expected 'mobile_phone' or 'phone_numbers' in 'output.person', got neither")
    return person


def _numbers(person: dict[str, Any]) -> list[Number]:
    """The mobile first, then the rest of the list, which has no types.

    Raises:
        Unreadable: a phone field has another shape.
    """
    mobile, others = person.get("mobile_phone"), person.get("phone_numbers")
    others = others if isinstance(others, list) else [others]
    for value in (mobile, *others):
        if value is not None and value is not False and not isinstance(value, str):
            raise Unreadable(f"expected a phone number as text, got a {type(value).__name__}")
    country = shown_text(person.get("country"))
    found: dict[str, Number] = {}
    if raw := _shown(mobile):
        found[raw] = Number(raw, type="mobile", country=country)
    for other in filter(None, map(_shown, others)):
        found.setdefault(other, Number(other, country=country))
    return list(found.values())


def _person(person: dict[str, Any], asked: str | None) -> Person | None:
    """What the answer says of the person; of two mailboxes the one that was asked for, else that of work."""
    names = [word for word in (shown_text(person.get("first_name")), shown_text(person.get("last_name"))) if word]
    work, private = shown_text(person.get("professional_email")), shown_text(person.get("personal_email"))
    is_private = private is not None and asked is not None and private.casefold() == asked.casefold()
    said = Person(
        name=" ".join(names) or None,
        company=shown_text(person.get("company_name")),
        domain=shown_text(person.get("company_domain")),
        title=shown_text(person.get("title")),
        country=shown_text(person.get("country")),
        email=private if is_private else work or private,
        linkedin_id=shown_text(person.get("linkedin_url")) or shown_text(person.get("linkedin_id")),
    )
    return None if said == Person() else said


def _shown(value: object) -> str | None:
    """A number that is there and not hidden."""
    return value if isinstance(value, str) and value.strip() and not is_masked(value) else None
