"""Dropcontact: mobile numbers beside an email enrichment, by name and company, LinkedIn profile or email.

A question is submitted and answered under an id, usually within a minute. It is a source of emails first: a credit
goes to an email that is found or was sent to be verified, and a phone carries no price of its own.

| answer | meaning here | billed |
|---|---|---|
| POST 200 with `request_id` | a job | not yet |
| POST 200 with `errors` in a row of `data` | our question is wrong | no |
| GET 200 `success` false, "not ready yet" | still running; an unknown id is told the same way | not yet |
| GET 200 with `mobile_phone` | hit | 1 credit for an email found or verified, else nothing |
| GET 200 without | miss | likewise |
| other 200 with `error` true | job failed | unknown |
| 403 whose `reason` speaks of credits | out of credits | no |
| 401, other 403 | key refused | no |
| 429 | rate limited, or a fault for seconds | no |
| 400, 404, 422 | our question is wrong | no |
| 5xx | the vendor failed | no |

Sources: https://developer.dropcontact.com/en/quickstart, /errors, /rate-limits, /webhooks and /reference, as stored
copies read on 2026-11-22; /credits and /reference/get-credits read on 2026-11-25. The words of the 403 are not
documented. `phone` is the company's line and is left alone.
"""

import re
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx

from enrichcore.errors import (
    JobFailed,
    KeyRefused,
    OutOfCredits,
    ProviderError,
    RequestRefused,
    Unreadable,
)
from enrichcore.model import Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Header, Http, Poll, Provider, Webhook, hookimpl, job_of, shown_text

PATH = "/enrich/all"
NOT_READY = "not ready"
PERSONAL = "nominative@"
"""How the `qualification` of an email begins that belongs to one person."""
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)


def _forbidden(response: httpx.Response) -> ProviderError:
    """Too few credits and an unknown account have the same status."""
    try:
        reason = response.json()["reason"]
    except (ProviderError, LookupError, TypeError):
        reason = None
    if isinstance(reason, str) and "credit" in reason.lower():
        return OutOfCredits("the vendor account has no credits left")
    return KeyRefused("the vendor does not know the account, or it has no credits left")


class Dropcontact(Provider):
    """https://developer.dropcontact.com/en/reference/enrich-a-batch-of-records/, read 2026-11-22.

    The vendor names 30 s between polls, and keeps a result for 30 days.
    """

    name = "dropcontact"
    base_url = "https://api.dropcontact.com/v1"
    key_env = "DROPCONTACT_API_KEY"
    auth = Header("X-Access-Token")
    docs = "https://developer.dropcontact.com/en/quickstart/"
    terms = "https://www.dropcontact.com/terms-of-use"
    price = Price.per_match(1)
    rate = ("60/s",)
    timeout = 20.0
    typical = 3.0  # to submit: a job outlives the deadline of the lookup that bought it
    status_errors = {403: _forbidden}  # noqa: RUF012 - a ClassVar fact
    poll = Poll(first=30.0, factor=1.0, every=30.0, give_up=3600.0)
    webhook = Webhook()

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Job:
        """By first and last name and company, its website, or both."""
        return await self._submit(
            http,
            {
                "first_name": query.first_name,
                "last_name": query.last_name,
                "company": query.company,
                "website": query.domain,
            },
        )

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Job:
        """By the address of the profile."""
        return await self._submit(http, {"linkedin": query.url})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Job:
        """By email address, which the vendor verifies for a credit."""
        return await self._submit(http, {"email": query.email})

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:
        """Ask for the result of a job."""
        body = (await http.get(f"{PATH}/{quote(job.id, safe='')}")).json()
        if not isinstance(body, dict) or not isinstance(body.get("success"), bool):
            raise Unreadable("expected an object with 'success' true or false")
        if not body["success"] or body.get("error") is True:
            reason = body.get("reason")
            if body.get("error") is not True and isinstance(reason, str) and NOT_READY in reason.lower():
                return job
            raise JobFailed("the vendor reports an error instead of a result")
        data = body["data"]
        if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], dict):
            raise Unreadable("expected one contact in 'data'")
        return _answer(data[0], verified=isinstance(query, EmailQuery))

    def jobs_of(self, event: Any) -> list[str]:
        """A list of results, each with the request that it belongs to."""
        return [result["data"]["request_id"] for result in event]

    async def balance(self, http: Http) -> Credits | None:
        """`GET /account/credits`, which is free."""
        left = (await http.get("/account/credits")).json()["credits"]
        text = "" if isinstance(left, bool) or not isinstance(left, int | float | str) else str(left)
        if not _AMOUNT.fullmatch(text):
            raise Unreadable("expected a number in 'credits'")
        return Credits(remaining=Decimal(text))

    async def _submit(self, http: Http, who: dict[str, str | None]) -> Job:
        known = {field: value for field, value in who.items() if value is not None}
        told = {} if self.webhook_url is None else {"custom_callback_url": self.webhook_url}
        body = (await http.post(PATH, json={"data": [known], "siren": False, "language": "en", **told})).json()
        if not isinstance(body, dict):
            raise Unreadable("expected an object")
        rows = body.get("data")
        if isinstance(rows, list) and any(isinstance(row, dict) and row.get("errors") for row in rows):
            raise RequestRefused("the vendor cannot use what was sent of the person")
        return job_of(body, "request_id")


def _answer(found: dict[str, Any], *, verified: bool) -> Hit | Miss:
    """What the contact holds: only keys that are filled are in it.

    Args:
        verified: an email was sent, which is billed whatever comes of it.
    """
    raw = found.get("mobile_phone")
    if not isinstance(raw, str | None):
        raise Unreadable(f"expected text in 'mobile_phone', got a {type(raw).__name__}")
    emails = found.get("email")
    addresses = [one for one in emails if isinstance(one, dict)] if isinstance(emails, list) else []
    spent = Decimal(1 if verified or addresses else 0)
    person = _person(found, addresses)
    if not raw or "*" in raw:
        return Miss(person, credits=spent)
    return Hit(Number(raw, type="mobile"), person=person, credits=spent)


def _person(found: dict[str, Any], addresses: list[dict[str, Any]]) -> Person | None:
    first, last = shown_text(found.get("first_name")), shown_text(found.get("last_name"))
    own = (one.get("email") for one in addresses if str(one.get("qualification")).startswith(PERSONAL))
    person = Person(
        name=shown_text(found.get("full_name")) or (f"{first} {last}" if first and last else None),
        company=shown_text(found.get("company")),
        domain=shown_text(found.get("website")),
        title=shown_text(found.get("job")),
        country=shown_text(found.get("country")),
        email=shown_text(next(own, None)),
        linkedin_id=shown_text(found.get("linkedin")),
    )
    return None if person == Person() else person
