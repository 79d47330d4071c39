"""Wiza: mobile and direct numbers, by LinkedIn profile, name and company, or email.

A question is an "individual reveal": submitted, then polled under its id until it is complete, usually within 15
seconds for phones. A reveal that the vendor has stored may be complete at once. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| POST 200 with `data.id`, not complete | a job | not yet |
| 200 `queued`, `resolving` and `data.is_complete` false | still running | not yet |
| 200 `finished` with a number | hit | `data.credits.api_credits`, else 5 |
| 200 `finished` without a number | miss | no |
| 200 `failed` with `fail_error` `billing_issue` | out of credits | no |
| 200 `failed` with anything else | job failed | no |
| GET 404 | job failed: the vendor does not know it | unknown |
| 401, 403 | key refused | no |
| 429 | rate limited | no |
| 400, 404 of a submission | our question is wrong | no |
| 5xx | the vendor failed | no |

Sources, as stored copies read on 2026-11-22: https://docs.wiza.co/using-the-api/status-codes-and-errors (statuses),
https://help.wiza.co/en/articles/14115896 (methods, prices, durations) and the public client in
https://github.com/simstudioai/sim (`apps/sim/tools/wiza`: keys of the answers, credits). The rate is not published:
ours is a cautious guess. `phone_number` may be an office's line and is left alone.
"""

from typing import Any
from urllib.parse import quote

import httpx

from enrichcore.errors import JobFailed, OutOfCredits, ProviderError, RequestRefused, Unreadable
from enrichcore.model import Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Bearer, Http, Poll, Provider, amount_of, hookimpl, shown_text

PATH = "/individual_reveals"
RUNNING = frozenset({"queued", "resolving"})
NOT_FOUND = 404
UNLIMITED = "unlimited"


def _not_found(response: httpx.Response) -> ProviderError | None:
    """Of a poll it is the end of the job; of anything else a wrong address."""
    if response.request.method == "GET" and f"{PATH}/" in response.request.url.path:
        return None
    return RequestRefused("the vendor answered 404; is base_url right?")


class Wiza(Provider):
    """https://docs.wiza.co/using-the-api/status-codes-and-errors, read 2026-11-22."""

    name = "wiza"
    base_url = "https://wiza.co/api"
    key_env = "WIZA_API_KEY"
    auth = Bearer()
    docs = "https://docs.wiza.co"
    terms = "https://wiza.co/terms"
    price = Price.per_hit(5)
    rate = ("1/s",)  # not published
    timeout = 20.0
    typical = 3.0  # to submit: a job outlives the deadline of the lookup that bought it
    status_errors = {NOT_FOUND: _not_found}  # noqa: RUF012 - a ClassVar fact
    poll = Poll(first=3.0, factor=1.5, every=30.0, give_up=3600.0)

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss | Job:
        """By full name and company, its domain, or both."""
        return await self._submit(
            http, {"full_name": query.full_name, "company": query.company, "domain": query.domain}
        )

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss | Job:
        """By the address of the profile."""
        return await self._submit(http, {"profile_url": query.url})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss | Job:
        """By email address."""
        return await self._submit(http, {"email": query.email})

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:  # noqa: ARG002 - the contract's signature
        """Ask for the reveal once."""
        reply = await http.get(f"{PATH}/{quote(job.id, safe='')}")
        if reply.status_code == NOT_FOUND:
            raise JobFailed("the vendor does not know this job", status=NOT_FOUND)
        return _answer(_data(reply)) or job

    async def balance(self, http: Http) -> Credits | None:
        """`GET /meta/credits`, which is free: the credits of the API."""
        left = (await http.get("/meta/credits")).json()["credits"]["api_credits"]
        if left == UNLIMITED:
            return Credits(remaining=None)
        amount = amount_of(left, as_text=True)
        if amount is None:
            raise Unreadable("expected a number in 'credits.api_credits'")
        return Credits(remaining=amount)

    async def _submit(self, http: Http, who: dict[str, str | None]) -> Hit | Miss | Job:
        known = {field: value for field, value in who.items() if value is not None}
        data = _data(await http.post(PATH, json={"individual_reveal": known, "enrichment_level": "phone"}))
        answer = _answer(data)
        return Job(_job_id(data)) if answer is None else answer


def _data(reply: httpx.Response) -> dict[str, Any]:
    data = reply.json()["data"]
    if not isinstance(data, dict):
        raise Unreadable("expected an object in 'data'", status=reply.status_code)
    return data


def _job_id(data: dict[str, Any]) -> str:
    """The id is a number; text is taken too."""
    found = data["id"]
    if isinstance(found, bool) or not isinstance(found, int | str) or found == "":
        raise Unreadable("expected a number in 'data.id'")
    return str(found)


def _answer(data: dict[str, Any]) -> Hit | Miss | None:
    """What the reveal brought; None while it runs.

    Raises:
        ProviderError: it failed, or is not the documented object.
    """
    status = data["status"]
    if status == "failed":
        if data.get("fail_error") == "billing_issue":
            raise OutOfCredits("the vendor account has no credits left")
        raise JobFailed("the vendor says that the reveal failed", billed=False)
    if not isinstance(status, str) or (status != "finished" and status not in RUNNING):
        raise Unreadable("expected one of the documented words in 'data.status'")
    complete = data.get("is_complete") is True
    if status != "finished" and not complete:
        return None
    numbers, person = _numbers(data), _person(data)
    spent = data.get("credits")
    paid = amount_of(spent.get("api_credits"), as_text=True) if isinstance(spent, dict) else None
    return Hit(*numbers, person=person, credits=paid) if numbers else Miss(person, credits=paid)


def _numbers(data: dict[str, Any]) -> list[Number]:
    """The mobile first, then the others of the list."""
    if "phones" not in data and "mobile_phone" not in data:
        raise Unreadable("expected 'phones' or 'mobile_phone' in 'data', got neither")
    listed, mobile = data.get("phones"), data.get("mobile_phone")
    if listed is not None and not isinstance(listed, list):
        raise Unreadable("expected a list in 'data.phones'")
    found = {} if mobile is None else {_shown(mobile): Number(mobile, type="mobile")}
    for phone in listed or []:
        raw = _shown(phone["number"])
        found.setdefault(raw, Number(raw, type=shown_text(phone.get("type"))))
    return [number for raw, number in found.items() if raw]


def _shown(raw: object) -> str:
    """The number; empty where it is only a preview.

    Raises:
        Unreadable: it is no text.
    """
    if not isinstance(raw, str):
        raise Unreadable(f"expected a phone number as text, got a {type(raw).__name__}")
    return "" if "*" in raw else raw


def _person(data: dict[str, Any]) -> Person | None:
    person = Person(
        name=shown_text(data.get("name")),
        company=shown_text(data.get("company")),
        domain=shown_text(data.get("company_domain")),
        title=shown_text(data.get("title")),
        email=shown_text(data.get("email")) if data.get("email_status") == "valid" else None,
        linkedin_id=shown_text(data.get("linkedin_profile_url")),
    )
    return None if person == Person() else person
