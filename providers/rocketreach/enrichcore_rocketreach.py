"""RocketReach: mobile and direct numbers, by name and company, LinkedIn profile or email.

`GET /person/lookup` answers at once where the profile is fresh; otherwise it goes on searching, and
`GET /person/checkStatus`, which is free, says what came of it. What the answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 `complete` with a number in `phones` | hit | 1 credit |
| 200 `complete` without one, 200 `failed` | miss: there is no contact information | no |
| 200 with another status (`progress`, `searching`, `queued`, ...) | a job | not yet |
| 404 in the vendor's own words | miss; of a poll: job failed | no |
| 401, 403 | key refused | no |
| 402, or 400 or 403 whose words say that credits are used up | out of credits | no |
| 400 | our question is wrong | no |
| 429 | rate limited for its `Retry-After` | no |
| 5xx | the vendor failed | no |

Sources, as stored copies read on 2026-11-22: the vendor's OpenAPI file in https://github.com/api-evangelist/rocketreach
(calls, bodies, statuses, balance); https://docs.rocketreach.co/reference/responses-and-errors, /reference/rate-limits,
/reference/faq (credits) and /reference/mcp-errors (402 and `failed`, both of the vendor's other interface);
https://github.com/rocketreach/rocketreach_python, the vendor's client of 2025-08-13 (`queued`, type `office`, bodies of
errors). The REST status of an account without credits and how long a search takes are not documented: our estimate.
"""

import re
from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import JobFailed, KeyRefused, OutOfCredits, ProviderError, RequestRefused, Unreadable
from enrichcore.model import Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Header, Http, Poll, Provider, hookimpl, shown_text

LOOKUP = "/person/lookup"
CHECK = "/person/checkStatus"
NOT_FOUND = 404
UNLIMITED = "inf"
WORDS = ("message", "detail", "error")
"""Where the vendor's errors have their text: the documentation, its server and its client name one each."""
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)


def _said(response: httpx.Response) -> str | None:
    """The text of an error in the vendor's own envelope; None where the body is another."""
    try:
        body = response.json()
    except ProviderError:
        return None
    if not isinstance(body, dict):
        return None
    return next((body[word] for word in WORDS if isinstance(body.get(word), str)), None)


def _no_credits(response: httpx.Response) -> ProviderError | None:
    said = _said(response)
    if said is not None and "credit" in said.lower():
        return OutOfCredits("the vendor says that the credits are used up")
    return None


def _bad_request(response: httpx.Response) -> ProviderError:
    return _no_credits(response) or RequestRefused("the vendor calls the request invalid")


def _forbidden(response: httpx.Response) -> ProviderError:
    return _no_credits(response) or KeyRefused("the vendor does not allow this call to the key")


def _not_found(response: httpx.Response) -> ProviderError | None:
    """A 404 is a miss only in the vendor's own words, so that a mistyped base_url is not read as "nobody known"."""
    if _said(response) is not None:
        return None
    return RequestRefused("the vendor answered 404 without its own body; is base_url right?")


class Rocketreach(Provider):
    """https://docs.rocketreach.co/reference/people-data-api, read 2026-11-22."""

    name = "rocketreach"
    base_url = "https://api.rocketreach.co/api/v2"
    key_env = "ROCKETREACH_API_KEY"
    auth = Header("Api-Key")
    docs = "https://docs.rocketreach.co/reference/people-data-api"
    terms = "https://rocketreach.co/legal/terms-of-use"
    price = Price.per_hit(1)
    rate = ("10/s", "15/min")  # the Essentials plan's; larger plans have more
    requires = {"name": {"company"}}  # noqa: RUF012 - a ClassVar fact
    timeout = 30.0
    typical = 3.0
    status_errors = {400: _bad_request, 403: _forbidden, 404: _not_found}  # noqa: RUF012 - a ClassVar fact
    poll = Poll(first=5.0, factor=1.5, every=60.0, give_up=3600.0)

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss | Job:
        """By name and employer, of which the vendor takes the name only."""
        return await self._look_up(http, {"name": query.full_name, "current_employer": query.company})

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss | Job:
        """By the address of the profile."""
        return await self._look_up(http, {"linkedin_url": query.url})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss | Job:
        """By an email address, of work or private."""
        return await self._look_up(http, {"email": query.email}, query.email)

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:
        """Ask for the state of the search, which is free."""
        reply = await http.get(CHECK, params={"ids": job.id})
        if reply.status_code == NOT_FOUND:
            raise JobFailed("the vendor does not know this job", status=NOT_FOUND, billed=False)
        profiles = reply.json()
        if not isinstance(profiles, list) or not all(isinstance(one, dict) for one in profiles):
            raise Unreadable("expected a list of profiles", status=reply.status_code)
        own = [one for one in profiles if str(one["id"]) == job.id]
        if len(own) != 1:
            raise Unreadable("expected the profile of this job once in the list", status=reply.status_code)
        return _read(own[0], query.email if isinstance(query, EmailQuery) else None) or job

    async def balance(self, http: Http) -> Credits | None:
        """`GET /account/`, which is free. The credits for phones come first, then the premium ones, then any."""
        usage = (await http.get("/account/")).json()["credit_usage"]
        pools = {str(pool["credit_type"]): pool["remaining"] for pool in usage}
        kind = next((kind for word in ("phone", "premium", "") for kind in pools if word in kind), None)
        if kind is None:
            return None
        left = pools[kind]
        if left == UNLIMITED:
            return Credits(remaining=None, detail=kind)
        if isinstance(left, bool) or not isinstance(left, int | float):
            raise Unreadable("expected a number or 'inf' in 'credit_usage.remaining'")
        return Credits(remaining=Decimal(str(left)), detail=kind)

    async def _look_up(self, http: Http, who: dict[str, str | None], asked: str | None = None) -> Hit | Miss | Job:
        reply = await http.get(LOOKUP, params={**who, "lookup_type": "phone"})
        if reply.status_code == NOT_FOUND:
            return Miss()
        profile = reply.json()
        if not isinstance(profile, dict):
            raise Unreadable("expected a profile", status=reply.status_code)
        answer = _read(profile, asked)
        if answer is not None:
            return answer
        job = profile["id"]
        if isinstance(job, bool) or not isinstance(job, int | str) or not _ID.fullmatch(str(job)):
            raise Unreadable("expected a whole number in 'id'", status=reply.status_code)
        return Job(str(job))


def _read(profile: dict[str, Any], asked: str | None) -> Hit | Miss | None:
    """What a profile says; None while the vendor is still searching.

    Raises:
        Unreadable: it has another shape.
    """
    status = profile["status"]
    if not isinstance(status, str) or not status:
        raise Unreadable("expected a word in 'status'")
    if status not in ("complete", "failed"):
        return None
    person = _person(profile, asked)
    if status == "failed":
        return Miss(person)
    phones = profile["phones"]
    if not isinstance(phones, list):
        raise Unreadable("expected a list in 'phones'")
    numbers = [number for number in map(_number, sorted(phones, key=_rank)) if number is not None]
    return Hit(*numbers, person=person) if numbers else Miss(person)


def _rank(phone: dict[str, Any]) -> bool:
    """What the vendor recommends comes first."""
    return phone.get("recommended") is not True


def _number(phone: dict[str, Any]) -> Number | None:
    """An office's number, and one that needs an extension, reach the company when they are dialled as they are."""
    raw = phone["e164"] or phone.get("number")
    if raw is None or phone.get("validity") == "invalid":
        return None
    if not isinstance(raw, str):
        raise Unreadable("expected text in 'phones.e164'")
    if not raw or "*" in raw:
        return None
    kind = shown_text(phone.get("type"))
    return Number(raw, type=kind, company_line=kind == "office" or bool(phone.get("extension")))


def _person(profile: dict[str, Any], asked: str | None) -> Person | None:
    found = [shown_text(profile.get(field)) for field in ("current_work_email", "recommended_email")]
    emails = profile.get("emails")
    for one in emails if isinstance(emails, list) else []:
        address = shown_text(one.get("email")) if isinstance(one, dict) else None
        if address is not None and asked is not None and address.casefold() == asked.casefold():
            found.insert(0, address)
    person = Person(
        name=shown_text(profile.get("name")),
        company=shown_text(profile.get("current_employer")),
        domain=shown_text(profile.get("current_employer_domain")),
        title=shown_text(profile.get("current_title")),
        email=next((one for one in found if one is not None), None),
        linkedin_id=shown_text(profile.get("linkedin_url")),
    )
    return None if person == Person() else person
