"""Surfe: mobile numbers with a score, by LinkedIn profile or name and company.

A question is submitted and answered some seconds later under an id. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| POST 202 with `enrichmentID` | a job | not yet |
| POST 502, 503, 504 | maybe sent: 503 is the vendor's time-out, the job may exist | unknown |
| GET 200 `IN_PROGRESS`, `PENDING` | still running | not yet |
| GET 200 `COMPLETED` with mobiles | hit | 1 mobile credit |
| GET 200 `COMPLETED` without, or the person is `NOT_FOUND` | miss | no |
| GET 200 `FAILED`, GET 404 | job failed | unknown |
| 402 | out of credits, or the quota of the day is used up | no |
| 401 | key refused | no |
| 403 | key refused: the plan lacks the feature | no |
| 429 | rate limited | no |
| 400 and the like | our question is wrong | no |
| other 5xx | the vendor failed | no |

Sources, as stored copies read on 2026-11-22: https://developers.surfe.com/public-015-create-people-bulk-enrichment
(calls, bodies, 402, 403, 503), articles 11681500 and 11681508 of https://intercom.help/surfe, and
https://github.com/api-evangelist/surfe (rates, `PENDING`, `FAILED`). Where to ask for the credits is disputed
between `/v1` and `/v2`, so they are not asked for.
"""

from typing import Any
from urllib.parse import quote

import httpx

from enrichcore.errors import JobFailed, MaybeSent, ProviderError, ServerError, Unreadable
from enrichcore.model import Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Bearer, Http, Poll, Provider, hookimpl, is_poll, job_unknown, shown_text

PATH = "/v2/people/enrich"
REFERENCE = "1"
"""Our own name for the only person of a question; it says nothing of them."""
RUNNING = frozenset({"IN_PROGRESS", "PENDING"})
NOT_FOUND = 404


def _timed_out(response: httpx.Response) -> ProviderError:
    if is_poll(response):
        return ServerError("the vendor, or a gateway before it, ran out of time")
    return MaybeSent("the vendor, or a gateway before it, ran out of time: the job may have been accepted")


class Surfe(Provider):
    """https://developers.surfe.com/public-015-create-people-bulk-enrichment, read 2026-11-22."""

    name = "surfe"
    base_url = "https://api.surfe.com"
    key_env = "SURFE_API_KEY"
    auth = Bearer()
    docs = "https://developers.surfe.com/public-015-create-people-bulk-enrichment"
    terms = "https://www.surfe.com/terms-and-conditions"
    price = Price.per_hit(1)
    rate = ("10/s", "2000/day")
    timeout = 20.0
    typical = 2.0  # to submit: a job outlives the deadline of the lookup that bought it
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        NOT_FOUND: job_unknown,
        502: _timed_out,
        503: _timed_out,
        504: _timed_out,
    }
    poll = Poll(first=3.0, factor=1.5, every=30.0, give_up=3600.0)

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Job:
        """By first and last name and company, its domain, or both."""
        return await self._submit(
            http,
            {
                "firstName": query.first_name,
                "lastName": query.last_name,
                "companyName": query.company,
                "companyDomain": query.domain,
            },
        )

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Job:
        """By the address of the profile."""
        return await self._submit(http, {"linkedinUrl": query.url})

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:  # noqa: ARG002 - the contract's signature
        """Ask for the result of a job."""
        reply = await http.get(f"{PATH}/{quote(job.id, safe='')}")
        if reply.status_code == NOT_FOUND:
            raise JobFailed("the vendor does not know this job", status=NOT_FOUND)
        body = reply.json()
        status = body["status"]
        if isinstance(status, str) and status in RUNNING:
            return job
        if status == "FAILED":
            raise JobFailed("the vendor says that the job failed")
        if status != "COMPLETED":
            raise Unreadable("expected one of the documented words in 'status'", status=reply.status_code)
        found = _own(body["people"])
        numbers, person = _numbers(found), _person(found)
        return Hit(*numbers, person=person) if numbers else Miss(person)

    async def _submit(self, http: Http, who: dict[str, str | None]) -> Job:
        known = {field: value for field, value in who.items() if value is not None}
        reply = await http.post(
            PATH, json={"include": {"mobile": True}, "people": [{**known, "externalID": REFERENCE}]}
        )
        job = reply.json()["enrichmentID"]
        if not isinstance(job, str) or not job:
            raise Unreadable("expected text in 'enrichmentID'", status=reply.status_code)
        return Job(job)


def _own(people: object) -> dict[str, Any]:
    """The only person who was asked about: the one with our reference."""
    if not isinstance(people, list) or not all(isinstance(one, dict) for one in people):
        raise Unreadable("expected a list of objects in 'people'")
    own = [one for one in people if one.get("externalID") in (None, "", REFERENCE)]
    if len(own) != 1:
        raise Unreadable("expected the one person who was asked about in 'people'")
    return dict(own[0])


def _numbers(found: dict[str, Any]) -> list[Number]:
    """The vendor's order, with its scores."""
    listed = found.get("mobilePhones")
    if listed is None and ("mobilePhones" in found or found.get("status") == "NOT_FOUND"):
        return []
    if not isinstance(listed, list):
        raise Unreadable("expected a list in 'people.mobilePhones'")
    numbers = []
    for phone in listed:
        raw = phone["mobilePhone"]
        if not isinstance(raw, str):
            raise Unreadable("expected text in 'people.mobilePhones.mobilePhone'")
        if raw and "*" not in raw:
            numbers.append(Number(raw, type="mobile", score=_share(phone.get("confidenceScore"))))
    return numbers


def _person(found: dict[str, Any]) -> Person | None:
    first, last = shown_text(found.get("firstName")), shown_text(found.get("lastName"))
    emails = found.get("emails")
    addresses = [one for one in emails if isinstance(one, dict)] if isinstance(emails, list) else []
    person = Person(
        name=f"{first} {last}" if first and last else None,
        company=shown_text(found.get("companyName")),
        domain=shown_text(found.get("companyDomain")),
        title=shown_text(found.get("jobTitle")),
        country=shown_text(found.get("country")),
        email=next((shown_text(one.get("email")) for one in addresses if one.get("validationStatus") == "VALID"), None),
        linkedin_id=shown_text(found.get("linkedInUrl")),
    )
    return None if person == Person() else person


def _share(value: object) -> float | None:
    """A score from 0 to 1."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return float(value) if known and isinstance(value, int | float) else None
