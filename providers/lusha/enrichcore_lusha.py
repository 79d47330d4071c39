"""Lusha: mobile and direct numbers, by name and company, LinkedIn profile or email.

One call of the third version of the API, `POST /v3/contacts/search-and-enrich`, answers at once. Phones alone are
revealed: an email would cost more. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 with a number in `results[].phones` | hit | `billing.creditsCharged`: 5 for the phones, 1 for the search |
| 200 with no number in them | miss | `billing.creditsCharged` |
| 200 whose result has the error `NOT_FOUND` or `COMPLIANCE_RESTRICTED` | miss | `billing.creditsCharged` |
| 200 whose result has the error `ENRICH_FAILED` | the vendor failed | no |
| 451 | miss: the law of the person's country forbids it | no |
| 401 | key refused | no |
| 402 | out of credits | no |
| 403 | key refused: account inactive, or outside the plan | no |
| 429 | rate limited, by the headers until the minute, hour or day is over | no |
| 400, 412 | our question is wrong | no |
| 499, 5xx | the vendor failed | no |

Sources, as stored copies read on 2026-11-22 and 2026-11-25: the vendor's OpenAPI file in
https://github.com/api-evangelist/lusha (`openapi/_original/lusha-openapi.yml`: call, bodies, statuses, billing, usage);
https://docs.lusha.com/error-codes (451, 499), https://docs.lusha.com/faq/billing (a miss is free) and
https://docs.lusha.com/user-guide/lushas-api/all-there-is-to-know-about-lushas-api (rates by plan). How long a lookup
takes is not documented: our estimate. The prices are those of the documentation's example; a plan may have others.
"""

from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import ProviderError, RateLimited, ServerError, Unreadable
from enrichcore.model import Credits, EmailQuery, Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Header, Http, Provider, amount_of, hookimpl, object_of, shown_text

PATH = "/v3/contacts/search-and-enrich"
REFERENCE = "1"
"""Our own name for the only contact of a question; it says nothing of the person."""
MISSES = frozenset({"NOT_FOUND", "COMPLIANCE_RESTRICTED"})
FORBIDDEN_BY_LAW = 451
WINDOWS = (("daily", 3600.0), ("hourly", 600.0), ("minute", 60.0))
"""How long to wait when the requests of a window are used up, the longest first; the answer says no moment."""


def _rate_limited(response: httpx.Response) -> ProviderError:
    """Retry-After is not documented; what is left of each window is."""
    wait = None
    if "retry-after" not in response.headers:
        left = {window: response.headers.get(f"x-{window}-requests-left") for window, _ in WINDOWS}
        wait = next((seconds for window, seconds in WINDOWS if left[window] == "0"), None)
    return RateLimited("a rate limit of the plan is used up", retry_after=wait)


def _law(_: httpx.Response) -> None:
    return None


class Lusha(Provider):
    """https://docs.lusha.com/api-reference/search-&-enrich/search-and-enrich-contacts, read 2026-11-25."""

    name = "lusha"
    base_url = "https://api.lusha.com"
    key_env = "LUSHA_API_KEY"
    auth = Header("api_key")
    docs = "https://docs.lusha.com/enrichment/search-and-enrich-contacts"
    terms = "https://lusha.com/legal/terms"
    price = Price.per_hit(6)  # 5 for the phones and 1 for the search
    rate = ("50/min", "150/h", "1500/day")  # the Pro plan's; larger plans have more
    timeout = 30.0
    typical = 3.0
    status_errors = {429: _rate_limited, FORBIDDEN_BY_LAW: _law, 499: ServerError}  # noqa: RUF012 - a ClassVar fact

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name and company, its domain, or both."""
        return await self._enrich(
            http,
            {
                "firstName": query.first_name,
                "lastName": query.last_name,
                "companyName": query.company,
                "companyDomain": query.domain,
            },
        )

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of the public profile."""
        return await self._enrich(http, {"linkedinUrl": query.url})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By an email address."""
        return await self._enrich(http, {"email": query.email})

    async def balance(self, http: Http) -> Credits | None:
        """`GET /v3/account/usage`, which is free and may be asked 5 times a minute."""
        left = amount_of((await http.get("/v3/account/usage")).json()["credits"]["remaining"])
        if left is None:
            raise Unreadable("expected a number in 'credits.remaining'")
        return Credits(remaining=left)

    async def _enrich(self, http: Http, who: dict[str, str | None]) -> Hit | Miss:
        known = {field: value for field, value in who.items() if value is not None}
        reply = await http.post(
            PATH, json={"contacts": [{"clientReferenceId": REFERENCE, **known}], "reveal": ["phones"]}
        )
        if reply.status_code == FORBIDDEN_BY_LAW:
            return Miss()
        body = reply.json()
        found = _result(body["results"])
        billing = body.get("billing")
        spent = amount_of(billing.get("creditsCharged")) if isinstance(billing, dict) else None
        if found.get("error") is not None:
            return _no_result(found["error"]["code"], spent)
        person, numbers = _person(found), _numbers(found["phones"])
        return Hit(*numbers, person=person, credits=spent) if numbers else Miss(person, credits=spent)


def _result(results: object) -> dict[str, Any]:
    """The result of the only contact that was asked about."""
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise Unreadable("expected a list of objects in 'results'")
    own = [one for one in results if str(one.get("clientReferenceId", REFERENCE)) in ("None", REFERENCE)]
    if len(own) != 1:
        raise Unreadable("expected one result for the contact in 'results'")
    return dict(own[0])


def _no_result(code: object, spent: Decimal | None) -> Miss:
    if isinstance(code, str) and code in MISSES:
        return Miss(credits=spent)
    if code == "ENRICH_FAILED":
        raise ServerError("the vendor says that the enrichment failed")
    raise Unreadable("expected one of the documented words in 'results.error.code'")


def _numbers(phones: object) -> list[Number]:
    """The vendor's order."""
    if phones is None:
        return []
    if not isinstance(phones, list):
        raise Unreadable("expected a list in 'results.phones'")
    numbers = []
    for phone in phones:
        raw = phone["number"]
        if not isinstance(raw, str):
            raise Unreadable("expected text in 'results.phones.number'")
        listed = phone.get("doNotCall")
        dnc = listed if isinstance(listed, bool) else None
        if raw and "*" not in raw:
            numbers.append(Number(raw, type=shown_text(phone.get("type")), do_not_call=dnc))
    return numbers


def _person(found: dict[str, Any]) -> Person | None:
    employer, links = object_of(found.get("company")), object_of(found.get("socialLinks"))
    emails = found.get("emails")
    addresses = [shown_text(object_of(one).get("email")) for one in emails] if isinstance(emails, list) else []
    location = object_of(found.get("location"))
    person = Person(
        name=shown_text(found.get("fullName")),
        company=shown_text(employer.get("name")),
        domain=shown_text(employer.get("domain")),
        title=shown_text(object_of(found.get("jobTitle")).get("title")),
        country=shown_text(location.get("countryIso2")) or shown_text(location.get("country")),
        email=next((one for one in addresses if one is not None), None),
        linkedin_id=shown_text(links.get("linkedin")),
    )
    return None if person == Person() else person
