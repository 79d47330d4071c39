"""Hunter: emails and LinkedIn profiles for other providers, and now and then a number that stands beside them.

Hunter finds addresses, not numbers: the field for one is there and mostly empty. By name and company
`GET /email-finder`, by LinkedIn profile and email `GET /people/find`; all answer at once. What the answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 with a number in `data.phone_number` or `data.phone` | hit | 1 credit; none for a name without an email |
| 200 without one | miss that says who it is | likewise |
| 404 in the vendor's own words, 451 | miss | no |
| 202 | the vendor is still searching: asked again | no |
| 401 | key refused | no |
| 403 | rate limited, not a refused key | no |
| 429 | out of credits, not a rate limit | no |
| 400, 422 | our question is wrong | no |
| 5xx | the vendor failed | no |

Sources, as stored copies read on 2026-11-22: https://hunter.io/api-documentation/v2 (calls, statuses, rates, account);
https://help.hunter.io (credits of the email finder); https://github.com/api-evangelist/hunter-io of 2026-08-22, written
by hand (fields and price of `/people/find`; 202). Not confirmed: 451, which is named for the verifier; how long a
lookup takes. Repeats are free within a billing period, whose end is not known here: they are not declared free.
"""

from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import OutOfCredits, ProviderError, RateLimited, RequestRefused, ServerError, Unreadable
from enrichcore.model import Credits, EmailQuery, Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Header, Http, Provider, amount_of, hookimpl, object_of, shown_text

FINDER = "/email-finder"
PEOPLE = "/people/find"
SEARCHING, NOT_FOUND, FORBIDDEN_BY_LAW = 202, 404, 451
BAD_EMAILS = frozenset({"invalid", "disposable"})


def _not_found(response: httpx.Response) -> ProviderError | None:
    """A 404 is a miss only in the vendor's own words, so that a mistyped base_url is not read as "nobody known"."""
    try:
        body = response.json()
    except ProviderError:
        body = None
    if isinstance(body, dict) and isinstance(body.get("errors"), list) and body["errors"]:
        return None
    return RequestRefused("the vendor answered 404 without its own body; is base_url right?")


def _rate_limited(_: httpx.Response) -> ProviderError:
    return RateLimited("the vendor answers 403, which means that its rate limit is reached")


def _used_up(_: httpx.Response) -> ProviderError:
    return OutOfCredits("the vendor answers 429, which means that the usage limit of the plan is reached")


def _searching(_: httpx.Response) -> ProviderError:
    return ServerError("the vendor is still searching and wants to be asked again", status=SEARCHING)


def _law(_: httpx.Response) -> None:
    return None


class Hunter(Provider):
    """https://hunter.io/api-documentation/v2, read 2026-11-22."""

    name = "hunter"
    base_url = "https://api.hunter.io/v2"
    key_env = "HUNTER_API_KEY"
    auth = Header("X-API-KEY")
    docs = "https://hunter.io/api-documentation/v2"
    terms = "https://hunter.io/terms"
    price = Price.per_match(1)
    rate = ("15/s", "500/min")
    timeout = 30.0  # the finder may search for 20 s
    typical = 4.0
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        SEARCHING: _searching,
        403: _rate_limited,
        NOT_FOUND: _not_found,
        429: _used_up,
        FORBIDDEN_BY_LAW: _law,
    }

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name and company, its domain, or both."""
        who = {
            "first_name": query.first_name,
            "last_name": query.last_name,
            "company": query.company,
            "domain": query.domain,
        }
        data = _data(await http.get(FINDER, params=who))
        if data is None:
            return Miss()
        email = shown_text(data["email"])
        numbers = _numbers(data.get("phone_number"))
        if email is None and not numbers:  # the rest is our own question
            return Miss(credits=Decimal(0))
        verdict = data.get("verification")
        bad = isinstance(verdict, dict) and str(verdict.get("status")) in BAD_EMAILS
        names = [
            part for part in (shown_text(data.get("first_name")), shown_text(data.get("last_name"))) if part is not None
        ]
        person = Person(
            name=" ".join(names) or None,
            company=shown_text(data.get("company")),
            domain=shown_text(data.get("domain")),
            title=shown_text(data.get("position")),
            email=None if bad else email,
            linkedin_id=shown_text(data.get("linkedin_url")),
        )
        spent = Decimal(0 if email is None else 1)
        return Hit(*numbers, person=person, credits=spent) if numbers else Miss(person, credits=spent)

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the slug of the profile."""
        return await self._find(http, {"linkedin_handle": query.linkedin_id})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By an email address."""
        return await self._find(http, {"email": query.email})

    async def balance(self, http: Http) -> Credits | None:
        """`GET /account`, which is free: the credits, or of older plans the searches."""
        requests = (await http.get("/account")).json()["data"]["requests"]
        pool = requests["credits"] if requests.get("credits") is not None else requests["searches"]
        used, available = amount_of(pool["used"]), amount_of(pool["available"])
        if used is None or available is None:
            raise Unreadable("expected numbers in 'used' and 'available' of 'data.requests'")
        return Credits(remaining=max(available - used, Decimal(0)))

    async def _find(self, http: Http, who: dict[str, str]) -> Hit | Miss:
        data = _data(await http.get(PEOPLE, params=who))
        if data is None:
            return Miss()
        numbers = _numbers(data.get("phone"))
        person = _person(data)
        return Hit(*numbers, person=person) if numbers else Miss(person)


def _data(reply: httpx.Response) -> dict[str, Any] | None:
    """`data` of an answer; None where it says that nobody is known.

    Raises:
        Unreadable: it has another shape.
    """
    if reply.status_code in (NOT_FOUND, FORBIDDEN_BY_LAW):
        return None
    data = reply.json()["data"]
    if not isinstance(data, dict) or "email" not in data:
        raise Unreadable("expected an object with 'email' in 'data'", status=reply.status_code)
    return data


def _numbers(phone: object) -> list[Number]:
    """The person's number, if there is one. What `combined/find` calls `phoneNumbers` is the company's: never asked."""
    if phone is None:
        return []
    if not isinstance(phone, str):
        raise Unreadable(f"expected text or null as a phone, got a {type(phone).__name__}")
    return [Number(phone)] if phone.strip() and "*" not in phone else []


def _person(data: dict[str, Any]) -> Person:
    name, job, profile = (object_of(data.get(field)) for field in ("name", "employment", "linkedin"))
    return Person(
        name=shown_text(name.get("fullName")),
        company=shown_text(job.get("name")),
        domain=shown_text(job.get("domain")),
        title=shown_text(job.get("title")),
        email=shown_text(data["email"]),
        linkedin_id=shown_text(profile.get("handle")),
    )
