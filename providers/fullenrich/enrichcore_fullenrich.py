"""FullEnrich: mobile numbers from a waterfall of its own over 20 vendors, by name and company or LinkedIn profile.

A question is submitted and answered 30 to 90 seconds later under an id; asking again is free and still polls when the
first process is gone. There is no key that makes a submission safe to repeat, and the vendor recognises a repeat only
after the first one has finished, so repeats are not declared free. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| POST 200 with `enrichment_id` | a job | not yet |
| POST 400 `error.enrichment.*`, `error.reverse.*` | our question is wrong | no |
| POST 502, 504 | maybe sent: a gateway spoke, the job may exist | unknown |
| GET 400 `error.enrichment.in_progress` | still running | not yet |
| GET 200 `CREATED`, `IN_PROGRESS`, `RATE_LIMIT`, `UNKNOWN` | still running: none is documented as an end | not yet |
| GET 200 `FINISHED` | hit or miss | `cost.credits` |
| GET 200 `CANCELED` | job failed, unless it has numbers | `cost.credits` |
| GET 402, or 200 `CREDITS_INSUFFICIENT` | out of credits, unless it has numbers | `cost.credits` |
| GET 404 | job failed: unknown, or older than 3 months | no |
| 401 `error.authorization.*`, `error.api.key` | key refused | no |
| 429 `error.rate.limit` | rate limited for the minute that the text names | no |
| other 5xx | the vendor failed | no |

There is no phone lookup by email. By email it says who the person is (1 credit when it knows): a miss that brings a
LinkedIn id, with which the cascade then asks by LinkedIn.

Sources, read on 2026-11-24: the vendor's OpenAPI file of 2026-08-22 in https://github.com/api-evangelist/fullenrich
(`openapi/_original/fullenrich-openapi.yml`: calls, statuses, bodies; no 5xx and no 402 for POST are in it) and stored
copies of https://docs.fullenrich.com/api/v2/general/credit (prices, repeats), /general/webhooks (duration, which
statuses end a job) and /general/ratelimit. `line_type`, and a running job told with status 200, are only seen in
third-party clients.
"""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx

from enrichcore.errors import (
    JobFailed,
    KeyRefused,
    MaybeSent,
    OutOfCredits,
    ProviderError,
    RateLimited,
    RequestRefused,
    ServerError,
    Unreadable,
)
from enrichcore.model import Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Bearer, Http, Poll, Provider, hookimpl

ENRICH = "/contact/enrich/bulk"
REVERSE_EMAIL = "/contact/reverse/email/bulk"
LABEL = "enrichcore"
"""The name of every job in the vendor's dashboard: the same for all, so that no person is in it."""
RATE_WINDOW = 60.0
"""Seconds; a 429 says "Try again in 1m" in its text and nothing in its headers."""
FINISHED, CANCELED, NO_CREDITS = "FINISHED", "CANCELED", "CREDITS_INSUFFICIENT"
RUNNING = frozenset({"CREATED", "IN_PROGRESS", "RATE_LIMIT", "UNKNOWN"})
USABLE_EMAILS = frozenset({"DELIVERABLE", "HIGH_PROBABILITY"})
BAD_REQUEST, NOT_FOUND = 400, 404


def _is_poll(response: httpx.Response) -> bool:
    return response.request.method == "GET"


def _bad_request(response: httpx.Response) -> ProviderError | None:
    """A running job is told as a bad request."""
    try:
        code = response.json()["code"]
    except (ProviderError, LookupError, TypeError):
        code = None
    if _is_poll(response) and isinstance(code, str) and code.endswith(".in_progress"):
        return None
    return RequestRefused("the vendor calls the request invalid")


def _no_credits(response: httpx.Response) -> ProviderError | None:
    """Of a poll it is a result like any other, with what was found before the credits ran out."""
    return None if _is_poll(response) else OutOfCredits("the vendor account has no credits left")


def _not_found(response: httpx.Response) -> ProviderError | None:
    return None if _is_poll(response) else RequestRefused("the vendor answered 404 to a submission; is base_url right?")


def _rate_limited(response: httpx.Response) -> ProviderError:
    wait = None if "retry-after" in response.headers else RATE_WINDOW
    return RateLimited("60 calls a minute, polls included, are used up", retry_after=wait)


def _gateway(response: httpx.Response) -> ProviderError:
    if _is_poll(response):
        return ServerError("a gateway answered for the vendor")
    return MaybeSent("a gateway answered for the vendor: the job may have been accepted")


class FullEnrich(Provider):
    """https://docs.fullenrich.com/api/v2/contact/enrich/bulk/post, read 2026-11-24.

    Polls come after 30 s, which the vendor's own message names, then ever more rarely, to the 5 minutes that its
    guidance asks for: they count towards the same 60 calls a minute.
    """

    name = "fullenrich"
    base_url = "https://app.fullenrich.com/api/v2"
    key_env = "FULLENRICH_API_KEY"
    auth = Bearer()
    docs = "https://docs.fullenrich.com/api/v2/contact/enrich/bulk/post"
    terms = "https://fullenrich.com/tos"
    price = Price.per_hit(10)
    rate = ("60/min",)
    timeout = 20.0
    typical = 5.0  # to submit: a job outlives the deadline of the lookup that bought it
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        400: _bad_request,
        402: _no_credits,
        404: _not_found,
        429: _rate_limited,
        502: _gateway,
        504: _gateway,
    }
    poll = Poll(first=30.0, factor=1.5, every=300.0, give_up=86400.0)

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Job:
        """By first and last name and company, its domain, or both."""
        return await self._submit_contact(
            http,
            {
                "first_name": query.first_name,
                "last_name": query.last_name,
                "company_name": query.company,
                "domain": query.domain,
            },
        )

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Job:
        """By the address of the profile alone: a changing hint would make the vendor take a repeat for a new person."""
        return await self._submit_contact(http, {"linkedin_url": query.url})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Job:
        """Who the person behind an address is; never a number."""
        return await self._submit(http, REVERSE_EMAIL, {"email": query.email})

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:
        """Ask for the result of a job."""
        path = REVERSE_EMAIL if isinstance(query, EmailQuery) else ENRICH
        reply = await http.get(f"{path}/{quote(job.id, safe='')}")
        if reply.status_code == BAD_REQUEST:
            return job
        if reply.status_code == NOT_FOUND:
            raise JobFailed("the vendor does not know this job, or no longer", status=NOT_FOUND)
        return _result(reply, job)

    async def balance(self, http: Http) -> Credits | None:
        """`GET /account/credits`, which is free."""
        reply = await http.get("/account/credits")
        if reply.status_code == NOT_FOUND:
            raise KeyRefused("no workspace belongs to this key", status=NOT_FOUND)
        body = reply.json()
        left = _amount(body.get("balance")) if isinstance(body, dict) else None
        if left is None:
            raise Unreadable("expected a number in 'balance'", status=reply.status_code)
        return Credits(remaining=left)

    async def _submit_contact(self, http: Http, who: dict[str, str | None]) -> Job:
        known: dict[str, Any] = {field: value for field, value in who.items() if value is not None}
        return await self._submit(http, ENRICH, {**known, "enrich_fields": ["contact.phones"]})

    async def _submit(self, http: Http, path: str, contact: dict[str, Any]) -> Job:
        reply = await http.post(path, json={"name": LABEL, "data": [contact]})
        body = reply.json()
        job = body.get("enrichment_id") if isinstance(body, dict) else None
        if not isinstance(job, str) or not job:
            raise Unreadable("expected text in 'enrichment_id'", status=reply.status_code)
        return Job(job)


def _result(reply: httpx.Response, job: Job) -> Hit | Miss | Job:
    """What a poll brought: an answer, or the job again while it runs.

    Raises:
        ProviderError: it is not the documented object, or the job ended without an answer.
    """
    body = reply.json()
    status = body.get("status") if isinstance(body, dict) else None
    if isinstance(status, str) and status in RUNNING:
        return job
    if not isinstance(body, dict) or status not in (FINISHED, CANCELED, NO_CREDITS):
        raise Unreadable("expected one of the documented words in 'status'", status=reply.status_code)
    record = _record(body, complete=status == FINISHED)
    cost = body.get("cost")
    spent = _amount(cost.get("credits")) if isinstance(cost, dict) else None
    numbers = _numbers(record.get("contact_info"))
    person = _person(record)
    if numbers:
        return Hit(*numbers, person=person, credits=spent)
    if status == NO_CREDITS:
        raise OutOfCredits("the vendor account ran out of credits during the job", status=reply.status_code)
    if status == CANCELED:
        raise JobFailed("the vendor canceled the job", billed=None if spent is None else spent > 0)
    return Miss(person, credits=spent)


def _record(body: dict[str, Any], *, complete: bool) -> dict[str, Any]:
    """The one contact of the job; an unfinished job may lack it."""
    data = body.get("data")
    if isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict):
        return data[0]
    if complete or data:
        raise Unreadable("expected one contact in 'data'")
    return {}


def _numbers(found: object) -> list[Number]:
    """The most probable number first. `line_type` is newer than the documentation and may be missing."""
    if found is None:
        return []
    if not isinstance(found, dict):
        raise Unreadable(f"expected an object in 'contact_info', got a {type(found).__name__}")
    best, others = found.get("most_probable_phone"), found.get("phones") or []
    numbers: dict[str, Number] = {}
    for phone in ([best] if best else []) + (others if isinstance(others, list) else [others]):
        raw = phone.get("number") if isinstance(phone, dict) else None
        if not isinstance(raw, str) or not raw:
            raise Unreadable("expected a phone with text in 'number'")
        numbers.setdefault(raw, Number(raw, type=_text(phone.get("line_type")), country=_text(phone.get("region"))))
    return list(numbers.values())


def _person(record: dict[str, Any]) -> Person | None:
    """What the result says of the person; its `input` is only our own question again."""
    profile = _object(record.get("profile"))
    network = _object(_object(profile.get("social_profiles")).get("professional_network"))
    job = _object(_object(profile.get("employment")).get("current"))
    company = _object(job.get("company"))
    mail = _object(_object(record.get("contact_info")).get("most_probable_work_email"))
    person = Person(
        name=_text(profile.get("full_name")),
        company=_text(company.get("name")),
        domain=_text(company.get("domain")),
        title=_text(job.get("title")),
        country=_text(_object(profile.get("location")).get("country_code")),
        email=_text(mail.get("email")) if mail.get("status") in USABLE_EMAILS else None,
        linkedin_id=_text(network.get("url")) or _text(network.get("handle")),
    )
    return None if person == Person() else person


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        return None
    return Decimal(str(value))
