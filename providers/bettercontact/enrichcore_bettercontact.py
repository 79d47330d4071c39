"""BetterContact: numbers from a waterfall of its own over many vendors, by name and company or LinkedIn profile.

A question is submitted and answered later under an id. A submission is not safe to repeat: a second one is a second
search, and paid for. In a bulk run up to 100 people make one job. The place of each is sent as `custom_fields.uuid`;
where it does not come back, the order of the rows is all there is. What its answers mean:

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
read on 2026-11-22 (calls, flow), and of /errors, /credits, /endpoint/account and /webhooks read on 2026-11-25
(statuses, `on_hold`, no repeats, what is charged, balance; an event: its body, that nobody signs it, 5 tries). The keys
of a row, the price of a number (10 credits) and the limit of 60 calls a minute, polls included, are only seen in public
clients, which agree. What an absent number looks like is not documented: null, empty and missing are read; nor is
whether `custom_fields` come back. How long a search takes is not documented either: clients wait minutes.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx

from enrichcore.errors import JobFailed, ProviderError, RequestRefused, Unreadable
from enrichcore.model import Credits, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import (
    Batch,
    Header,
    Http,
    Poll,
    Provider,
    Webhook,
    amount_of,
    by_place,
    each,
    hookimpl,
    is_masked,
    is_poll,
    job_gateway,
    job_of,
    object_of,
    paced,
    shares,
    shown_text,
)

PATH = "/async"
PLACE = "uuid"
"""The key of `custom_fields` under which a person of a bulk job says which one it is."""
RATE_WINDOW = 60.0
"""Seconds; the limit is one by the minute."""
TERMINATED, RUNNING = "terminated", frozenset({"processing", "on_hold"})
WORKING, UNKNOWN = 202, frozenset({404, 406})
USABLE_EMAILS = frozenset({"deliverable", "catch_all_safe", "valid"})
BAD_NUMBERS = frozenset({"invalid", "not_found"})
"""Words of `contact_phone_number_status` for what was not charged."""
_REGION = re.compile(r"[A-Za-z]{2}", re.ASCII)


def _unknown(response: httpx.Response) -> ProviderError | None:
    return None if is_poll(response) else RequestRefused("the vendor knows no such call; is base_url right?")


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
        429: paced("60 calls a minute, polls included, are used up", RATE_WINDOW),
        502: job_gateway,
        504: job_gateway,
    }
    batch = Batch(size=100)
    poll = Poll(first=10.0, factor=1.5, every=120.0, give_up=86400.0)
    webhook = Webhook()

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Job:
        """By first and last name and company, its domain, or both."""
        return await self._submit(http, [_lead(query)])

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Job:
        """By the address of the profile, with the names where they are known: the vendor's own vendors want them."""
        return await self._submit(http, [_lead(query)])

    async def ask_batch(self, queries: Sequence[Query], http: Http) -> list[Job]:
        """One job for up to 100 people."""
        leads = [_lead(query) | {"custom_fields": {PLACE: str(place)}} for place, query in enumerate(queries)]
        job = await self._submit(http, leads)
        return [Job(job.id, row=place) for place in range(len(queries))]

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:  # noqa: ARG002 - the signature
        """Ask for the result of a job."""
        body = await self._poll(http, job)
        return job if body is None else _result(body)

    async def collect_batch(
        self,
        jobs: Sequence[Job],
        queries: Sequence[Query],  # noqa: ARG002 - the signature
        http: Http,
    ) -> Sequence[Hit | Miss | Job | ProviderError]:
        """Ask for the results of a job of many people."""
        body = await self._poll(http, jobs[0])
        if body is None:
            return jobs
        rows, spent = _rows(body)

        def answer(job: Job) -> Hit | Miss:
            place = job.row or 0
            if place not in rows:
                raise Unreadable("expected a row for every person in 'data'")
            return _answer(rows[place], spent[place])

        return each(answer, jobs)

    def jobs_of(self, event: Any) -> list[str]:
        """What is sent is what a poll would bring; it comes once, when the search has ended."""
        return [event["id"]]

    async def balance(self, http: Http) -> Credits | None:
        """`GET /account`, which is free."""
        reply = await http.get("/account")
        body = None if reply.status_code in UNKNOWN else reply.json()
        left = amount_of(body.get("credits_left"), as_text=True) if isinstance(body, dict) else None
        if left is None:
            raise Unreadable("expected a number in 'credits_left'", status=reply.status_code)
        return Credits(remaining=left)

    async def _submit(self, http: Http, leads: Sequence[dict[str, Any]]) -> Job:
        told = {} if self.webhook_url is None else {"webhook": self.webhook_url}
        reply = await http.post(
            PATH, json={"data": leads, "enrich_email_address": False, "enrich_phone_number": True, **told}
        )
        return job_of(reply.json(), "id")

    async def _poll(self, http: Http, job: Job) -> dict[str, Any] | None:
        """What a poll brought; None while the job runs.

        Raises:
            ProviderError: the vendor does not know the job, or says something else.
        """
        reply = await http.get(f"{PATH}/{quote(job.id, safe='')}")
        if reply.status_code in UNKNOWN:
            raise JobFailed("the vendor does not know this job, or no longer", status=reply.status_code)
        body = reply.json()
        if not isinstance(body, dict):
            raise Unreadable("expected an object", status=reply.status_code)
        status = body.get("status")
        if status == TERMINATED:
            return body
        if reply.status_code == WORKING or (isinstance(status, str) and status in RUNNING):
            return None
        raise Unreadable("expected one of the documented words in 'status'", status=reply.status_code)


def _lead(query: Query) -> dict[str, Any]:
    """One person of a submission."""
    who = {"first_name": query.first_name, "last_name": query.last_name}
    if isinstance(query, NameQuery):
        who |= {"company": query.company, "company_domain": query.domain}
    if isinstance(query, LinkedInQuery):
        who |= {"linkedin_url": query.url}
    return {field: value for field, value in who.items() if value is not None}


def _result(body: dict[str, Any]) -> Hit | Miss:
    """The one row of a job that has ended.

    Raises:
        Unreadable: there is another number of rows, or one of another shape.
    """
    data = body.get("data")
    if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], dict):
        raise Unreadable("expected one row in 'data'")
    return _answer(data[0], amount_of(body.get("credits_consumed"), as_text=True))


def _rows(body: dict[str, Any]) -> tuple[dict[int, dict[str, Any]], dict[int, Decimal | None]]:
    """The rows of a job by their place in it, and what each of them cost: those that have a number."""
    data = body.get("data")
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise Unreadable("expected a list of rows in 'data'")
    rows = by_place(data, lambda row: object_of(row.get("custom_fields")).get(PLACE))
    found = [not isinstance(one, ProviderError) and one is not None for one in each(_number, rows.values())]
    return rows, dict(zip(rows, shares(amount_of(body.get("credits_consumed"), as_text=True), found), strict=True))


def _answer(row: dict[str, Any], spent: Decimal | None) -> Hit | Miss:
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
    if wrong or is_masked(raw) or not any(map(str.isdecimal, raw)):
        return None
    # A word in place of true or false is a warning too: one too many harms nobody.
    code, spared = row.get("contact_phone_number_cc"), row.get("do_not_contact")
    country = code if isinstance(code, str) and _REGION.fullmatch(code) else None
    return Number(raw, country=country, do_not_call=None if spared is None else bool(spared))


def _person(row: dict[str, Any]) -> Person | None:
    names = [
        word for word in (shown_text(row.get("contact_first_name")), shown_text(row.get("contact_last_name"))) if word
    ]
    status = row.get("contact_email_address_status")
    person = Person(
        name=shown_text(row.get("contact_full_name")) or " ".join(names) or None,
        company=shown_text(row.get("company_name")),
        domain=shown_text(row.get("company_domain")),
        title=shown_text(row.get("contact_job_title")),
        country=shown_text(row.get("contact_location_country")),
        email=shown_text(row.get("contact_email_address"))
        if isinstance(status, str) and status in USABLE_EMAILS
        else None,
        linkedin_id=shown_text(row.get("contact_linkedin_profile_url")),
    )
    return None if person == Person() else person
