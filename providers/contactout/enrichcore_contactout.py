"""ContactOut: phone numbers by name and company, LinkedIn profile or email, private ones among them.

By LinkedIn profile `GET /v1/people/linkedin`, which is billed for a number alone; by name and email
`POST /v1/people/enrich`, which takes a search credit for a match besides. Both answer at once. The statuses are not
those of other vendors. What the answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 with a number in `profile.phone` | hit | 1 phone credit |
| 200 without one | miss | no phone credit |
| 404 `{"status_code": 404}`, 200 with `profile` an empty list | miss | no |
| 400 | key refused: bad credentials or headers | no |
| 401 | our question is wrong | no |
| 403 whose message speaks of credits | out of credits | no |
| 403 otherwise | key refused: no access to the call | no |
| 429 | rate limited for its `retry-after` | no |
| 5xx | the vendor failed | no |

Sources, as stored copies read on 2026-11-22: https://api.contactout.com (calls, bodies, statuses, credits, rates) and
https://github.com/contactout/n8n-nodes-contactout, the vendor's own client of 2026-04-22 (a domain beside the name).
The page shows `profile` once with lists in snake case and once with single values in camel case, so both are read.
Nothing is said of number types, of repeats, or of how long a lookup takes: our estimate.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import KeyRefused, OutOfCredits, ProviderError, RequestRefused, Unreadable
from enrichcore.model import Credits, EmailQuery, Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Header, Http, Provider, hookimpl, text_of

ENRICH = "/v1/people/enrich"
LINKEDIN = "/v1/people/linkedin"
NOT_FOUND = 404
_CREDITS = re.compile(r"credit|quota|balance", re.IGNORECASE)


def _body_of(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ProviderError:
        return {}
    return body if isinstance(body, dict) else {}


def _bad_credentials(_: httpx.Response) -> ProviderError:
    return KeyRefused("the vendor answers 400, which means bad credentials")


def _bad_input(_: httpx.Response) -> ProviderError:
    return RequestRefused("the vendor answers 401, which means that it cannot use the question")


def _forbidden(response: httpx.Response) -> ProviderError:
    """An empty account and a call outside the plan are told apart by the message alone."""
    message = _body_of(response).get("message")
    if isinstance(message, str) and _CREDITS.search(message):
        return OutOfCredits("the vendor account has no credits left")
    return KeyRefused("the vendor account has no access to this call")


def _not_found(response: httpx.Response) -> ProviderError | None:
    """A 404 is a miss only in the vendor's own words, so that a mistyped base_url is not read as "nobody known"."""
    if _body_of(response).get("status_code") == NOT_FOUND:
        return None
    return RequestRefused("the vendor answered 404 without its own body; is base_url right?")


class Contactout(Provider):
    """https://api.contactout.com, read 2026-11-22."""

    name = "contactout"
    base_url = "https://api.contactout.com"
    key_env = "CONTACTOUT_API_KEY"
    auth = Header("token")
    docs = "https://api.contactout.com"
    terms = "https://contactout.com/terms"
    price = Price.per_hit(1)  # phone credits; search credits are a pool of their own
    rate = ("1000/min",)
    timeout = 30.0
    typical = 4.0
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        400: _bad_credentials,
        401: _bad_input,
        403: _forbidden,
        404: _not_found,
    }

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name and company, its domain, or both."""
        who: dict[str, Any] = {"first_name": query.first_name, "last_name": query.last_name}
        if query.company is not None:
            who["company"] = [query.company]
        if query.domain is not None:
            who["company_domain"] = [query.domain]
        return _read(await http.post(ENRICH, json={**who, "include": ["phone"]}))

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of the public profile; emails are not asked for, as they cost a credit of their own."""
        return _read(
            await http.get(LINKEDIN, params={"profile": query.url, "include_phone": True, "email_type": "none"})
        )

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By an email address, of work or private."""
        return _read(await http.post(ENRICH, json={"email": query.email, "include": ["phone"]}), query.email)

    async def balance(self, http: Http) -> Credits | None:
        """`GET /v1/stats` of this month, which is free. Of a prepaid account the quota is what is left."""
        month = dt.datetime.now(tz=dt.UTC).strftime("%Y-%m")
        usage = (await http.get("/v1/stats", params={"period": month})).json()["usage"]
        left = usage["phone_remaining"] if "phone_remaining" in usage else usage["phone_quota"]
        if isinstance(left, bool) or not isinstance(left, int | float):
            raise Unreadable("expected a number in 'usage.phone_remaining' or 'usage.phone_quota'")
        return Credits(remaining=Decimal(str(left)), detail="phone credits")


def _read(reply: httpx.Response, asked: str | None = None) -> Hit | Miss:
    """What an answer says; `asked` is the address by which the person was asked for.

    Raises:
        Unreadable: it is not the documented object.
    """
    if reply.status_code == NOT_FOUND:
        return Miss()
    profile = reply.json()["profile"]
    if profile == [] and isinstance(profile, list):
        return Miss()
    if not isinstance(profile, dict):
        raise Unreadable("expected an object in 'profile'", status=reply.status_code)
    numbers = [Number(phone) for phone in _listed(profile["phone"], "phone") if "*" not in phone]
    person = _person(profile, asked)
    return Hit(*numbers, person=person) if numbers else Miss(person)


def _listed(value: Any, field: str) -> list[str]:
    """The texts of a list, or a single text; an empty one says nothing."""
    several = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(one, str) for one in several):
        raise Unreadable(f"expected a list of texts in 'profile.{field}'")
    return [one for one in several if one.strip()]


def _person(profile: dict[str, Any], asked: str | None) -> Person:
    employer = profile.get("company")
    employer = employer if isinstance(employer, dict) else {}
    return Person(
        name=text_of(profile.get("full_name")) or text_of(profile.get("fullName")),
        company=text_of(employer.get("name")),
        domain=text_of(employer.get("domain")),
        title=text_of(profile.get("headline")),
        country=text_of(profile.get("country")),
        email=_email(profile, asked),
        linkedin_id=text_of(profile.get("url")) or text_of(profile.get("linkedinUrl")),
    )


def _email(profile: dict[str, Any], asked: str | None) -> str | None:
    """The address that was asked for if it is among them, else a work address, else another."""
    found: list[str] = []
    for field in ("work_email", "workEmail", "email", "personal_email"):
        value = profile.get(field)
        found += [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and "@" in one]
    same = [one for one in found if asked is not None and one.casefold() == asked.casefold()]
    verdicts = profile.get("work_email_status")
    verdicts = (
        verdicts if isinstance(verdicts, dict) else {str(profile.get("workEmail")): profile.get("workEmailStatus")}
    )
    good = [one for one in found if verdicts.get(one) != "Unverified" and "*" not in one]
    return next(iter(same + good), None)
