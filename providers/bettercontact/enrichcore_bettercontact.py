"""BetterContact: numbers from a waterfall of its own over many vendors, by name and company or LinkedIn profile.

A question is submitted and answered later under an id. A submission is not safe to repeat: a second one is a second
search, and paid for. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| POST 201 with `id` | a job | not yet |
| POST 402 | out of credits | no |
| POST 400, 422 | our question is wrong | no |
| POST 502, 504 | maybe sent: a gateway spoke, the job may exist | unknown |
| GET 202, or 200 "processing" | still running | not yet |
| GET 200 "on_hold" | still running: it waits for credits and goes on by itself | not yet |
| GET 200 "terminated" with a number | hit | `credits_consumed` |
| GET 200 "terminated" without one | miss | `credits_consumed`, usually 0 |
| GET 404, 406 | job failed: unknown id | no |
| 401 | key refused | no |
| 429 | rate limited for a minute | no |
| other 5xx | the vendor failed | no |

An email is not an input. No line type is told, so none is guessed.

Sources: stored copies of https://doc.bettercontact.rocks/api-reference/endpoint/create, /endpoint/get and /statuses
read on 2026-11-22 (calls, flow), and of /errors, /credits and /endpoint/account read on 2026-11-25 (statuses,
`on_hold`, no repeats, what is charged, balance). The keys of a row, the price of a number (10 credits) and the limit of
60 calls a minute, polls included, are only seen in public clients, which agree. What an absent number looks like is not
documented: null, empty and missing are read. How long a search takes is not documented either: clients wait minutes.
"""

import re
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx

from enrichcore.errors import JobFailed, MaybeSent, ProviderError, RateLimited, RequestRefused, ServerError, Unreadable
from enrichcore.model import Credits, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Header, Http, Poll, Provider, hookimpl

PATH = "/async"
RATE_WINDOW = 60.0
"""Seconds; the limit is one by the minute."""
TERMINATED, RUNNING = "terminated", frozenset({"processing", "on_hold"})
WORKING, UNKNOWN = 202, frozenset({404, 406})
USABLE_EMAILS = frozenset({"deliverable", "catch_all_safe", "valid"})
BAD_NUMBERS = frozenset({"invalid", "not_found"})
"""Words of `contact_phone_number_status` for what was not charged."""
_MASK = re.compile(r"[*\u2022\u2026?_]|[xX#]{2}")
"""What stands for hidden digits in a number."""
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)
_REGION = re.compile(r"[A-Za-z]{2}", re.ASCII)


def _is_poll(response: httpx.Response) -> bool:
    return response.request.method == "GET"


def _unknown(response: httpx.Response) -> ProviderError | None:
    return None if _is_poll(response) else RequestRefused("the vendor knows no such call; is base_url right?")


def _rate_limited(response: httpx.Response) -> ProviderError:
    wait = None if "retry-after" in response.headers else RATE_WINDOW
    return RateLimited("60 calls a minute, polls included, are used up", retry_after=wait)


def _gateway(response: httpx.Response) -> ProviderError:
    if _is_poll(response):
        return ServerError("a gateway answered for the vendor")
    return MaybeSent("a gateway answered for the vendor: the job may have been accepted")


class Bettercontact(Provider):
    """https://doc.bettercontact.rocks/api-reference/endpoint/create, read 2026-11-22."""

    name = "bettercontact"
    base_url = "https://app.bettercontact.rocks/api/v2"
    key_env = "BETTERCONTACT_API_KEY"
    auth = Header("X-API-Key")
    docs = "https://doc.bettercontact.rocks/api-reference/endpoint/create"
    terms = "https://bettercontact.rocks/terms/"
    price = Price.per_hit(10)
    rate = ("60/min",)
    timeout = 30.0
    typical = 4.0  # to submit: a job outlives the deadline of the lookup that bought it
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        404: _unknown,
        406: _unknown,
        429: _rate_limited,
        502: _gateway,
        504: _gateway,
    }
    poll = Poll(first=10.0, factor=1.5, every=120.0, give_up=86400.0)

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Job:
        """By first and last name and company, its domain, or both."""
        return await self._submit(
            http,
            {
                "first_name": query.first_name,
                "last_name": query.last_name,
                "company": query.company,
                "company_domain": query.domain,
            },
        )

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Job:
        """By the address of the profile, with the names where they are known: the vendor's own vendors want them."""
        return await self._submit(
            http, {"first_name": query.first_name, "last_name": query.last_name, "linkedin_url": query.url}
        )

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:  # noqa: ARG002 - the signature
        """Ask for the result of a job."""
        reply = await http.get(f"{PATH}/{quote(job.id, safe='')}")
        if reply.status_code in UNKNOWN:
            raise JobFailed("the vendor does not know this job, or no longer", status=reply.status_code)
        body = reply.json()
        if not isinstance(body, dict):
            raise Unreadable("expected an object", status=reply.status_code)
        status = body.get("status")
        if status == TERMINATED:
            return _result(body)
        if reply.status_code == WORKING or (isinstance(status, str) and status in RUNNING):
            return job
        raise Unreadable("expected one of the documented words in 'status'", status=reply.status_code)

    async def balance(self, http: Http) -> Credits | None:
        """`GET /account`, which is free."""
        reply = await http.get("/account")
        body = None if reply.status_code in UNKNOWN else reply.json()
        left = _amount(body.get("credits_left")) if isinstance(body, dict) else None
        if left is None:
            raise Unreadable("expected a number in 'credits_left'", status=reply.status_code)
        return Credits(remaining=left)

    async def _submit(self, http: Http, who: dict[str, str | None]) -> Job:
        known = {field: value for field, value in who.items() if value is not None}
        reply = await http.post(
            PATH, json={"data": [known], "enrich_email_address": False, "enrich_phone_number": True}
        )
        body = reply.json()
        job = body.get("id") if isinstance(body, dict) else None
        if isinstance(job, int) and not isinstance(job, bool):
            job = str(job)  # another kind of id would be as good: the search runs
        if not isinstance(job, str) or not job:
            raise Unreadable("expected text in 'id'", status=reply.status_code)
        return Job(job)


def _result(body: dict[str, Any]) -> Hit | Miss:
    """The one row of a job that has ended.

    Raises:
        Unreadable: there is another number of rows, or one of another shape.
    """
    data = body.get("data")
    if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], dict):
        raise Unreadable("expected one row in 'data'")
    row, spent = data[0], _amount(body.get("credits_consumed"))
    if "enriched" not in row and "contact_phone_number" not in row:
        raise Unreadable("expected 'enriched' or 'contact_phone_number' in the row")
    number, person = _number(row), _person(row)
    return Miss(person, credits=spent) if number is None else Hit(number, person=person, credits=spent)


def _number(row: dict[str, Any]) -> Number | None:
    """The number of a row; None where it is absent, hidden or said to be wrong.

    Raises:
        Unreadable: the field has another shape.
    """
    raw = row.get("contact_phone_number")
    if raw is None or raw is False:
        return None
    if not isinstance(raw, str):
        raise Unreadable(f"expected text in 'contact_phone_number', got a {type(raw).__name__}")
    status = row.get("contact_phone_number_status")
    wrong = isinstance(status, str) and status in BAD_NUMBERS
    if wrong or _MASK.search(raw) or not any(map(str.isdecimal, raw)):
        return None
    # A word in place of true or false is a warning too: one too many harms nobody.
    code, spared = row.get("contact_phone_number_cc"), row.get("do_not_contact")
    country = code if isinstance(code, str) and _REGION.fullmatch(code) else None
    return Number(raw, country=country, do_not_call=None if spared is None else bool(spared))


def _person(row: dict[str, Any]) -> Person | None:
    names = [word for word in (_text(row.get("contact_first_name")), _text(row.get("contact_last_name"))) if word]
    status = row.get("contact_email_address_status")
    person = Person(
        name=_text(row.get("contact_full_name")) or " ".join(names) or None,
        company=_text(row.get("company_name")),
        domain=_text(row.get("company_domain")),
        title=_text(row.get("contact_job_title")),
        country=_text(row.get("contact_location_country")),
        email=_text(row.get("contact_email_address")) if isinstance(status, str) and status in USABLE_EMAILS else None,
        linkedin_id=_text(row.get("contact_linkedin_profile_url")),
    )
    return None if person == Person() else person


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() and "*" not in value else None


def _amount(value: object) -> Decimal | None:
    """A number of credits, which the vendor writes as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return Decimal(str(value)) if _AMOUNT.fullmatch(str(value)) else None
