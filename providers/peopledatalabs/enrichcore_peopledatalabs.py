"""People Data Labs: phone numbers from a person dataset, by name and company, LinkedIn profile or email.

One call, `GET /v5/person/enrich`, answers at once. In a bulk run up to 100 people go into one `POST /v5/person/bulk`,
which is billed like as many single calls and answers in the order of the question. What the answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 with a number | hit | 1 credit, or what `x-call-credits-spent` says |
| 200 whose contact fields are true or false | miss: the Free plan shows only that a number exists | likewise |
| 404 `not_found` | miss | no |
| 401 `authentication_error` | key refused | no |
| 402 `payment_required` | out of credits | no |
| 429 `rate_limit_error` | rate limited until `x-ratelimit-reset` | no |
| 400, 405 `invalid_request_error` | our question is wrong | no |
| 5xx `api_error` | the vendor failed | no |
| 502, 504 of a bulk call | maybe sent: a gateway spoke, the people may have been matched | unknown |

Of a bulk call the status of each record means the same for that record.

Sources, as stored copies read on 2026-11-24: https://docs.peopledatalabs.com/docs/errors (statuses and envelope),
/docs/input-parameters-person-enrichment-api (parameters), /docs/output-response-person-enrichment-api (likelihood),
/docs/usage-limits (headers, HEAD), /docs/faqs-person-enrichment-api (the same profile is billed again each time),
/support/billing/how-credits-work (only a 200 is billed); /docs/bulk-enrichment-api, read on 2026-11-25 (100 people a
request, statuses, order; one copy warns of a 502 beyond 80). How long a lookup takes is not documented: our estimate.
"""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import attrs
import httpx
from attrs.validators import and_, ge, instance_of, le

from enrichcore.errors import (
    KeyRefused,
    MaybeSent,
    OutOfCredits,
    ProviderError,
    RateLimited,
    RequestRefused,
    ServerError,
    Unreadable,
)
from enrichcore.model import Credits, EmailQuery, Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Batch, Header, Http, Provider, each, hookimpl, object_of, shares, text_of

PATH = "/v5/person/enrich"
BULK = "/v5/person/bulk"
FOUND, NOT_FOUND = 200, 404
LONGEST_PACE = 3600.0
"""Seconds; the vendor counts by the minute, so a later reset is a mistake."""
FIELDS = (
    "full_name,mobile_phone,phone_numbers,work_email,linkedin_username,linkedin_url,"
    "job_title,job_company_name,job_company_website,location_country"
)
"""What is asked for: the fields that are read here, and no other data of the person."""
REQUIRED = "mobile_phone OR phone_numbers"
"""A person without a number is then a 404, which costs nothing."""
_OF_STATUS: dict[int | None, type[ProviderError]] = {
    400: RequestRefused,
    401: KeyRefused,
    402: OutOfCredits,
    405: RequestRefused,
    429: RateLimited,
    500: ServerError,
    502: ServerError,
    503: ServerError,
    504: ServerError,
}
_CREDITS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)


@attrs.frozen(kw_only=True)
class PeopleDataLabsSettings:
    """The keys of `[providers.peopledatalabs]`.

    `min_likelihood` (1 to 10) is how sure the vendor must be of the person before it answers and bills. Its own
    default, 2, is for broad searches; it advises 6 or more where accuracy counts.
    """

    min_likelihood: int = attrs.field(default=6, validator=and_(instance_of(int), ge(1), le(10)))


def _error_type(response: httpx.Response) -> object:
    """`error.type` of an answer; None where the body is not the documented envelope."""
    try:
        return response.json()["error"]["type"]
    except (ProviderError, LookupError, TypeError):
        return None


def _balance_asked(response: httpx.Response) -> bool:
    """Whether this answers `balance`, whose HEAD names nobody: whatever the status, the headers are the answer."""
    return response.request.method == "HEAD"


def _refused(response: httpx.Response) -> ProviderError | None:
    return None if _balance_asked(response) else RequestRefused("the vendor calls the request invalid")


def _not_found(response: httpx.Response) -> ProviderError | None:
    """A 404 is a miss only in the vendor's own words, so that a mistyped base_url is not read as "nobody known"."""
    if _balance_asked(response) or _error_type(response) == "not_found":
        return None
    return RequestRefused("the vendor answered 404 without its 'not_found'; is base_url right?")


def _rate_limited(response: httpx.Response) -> ProviderError:
    """Retry-After is not documented; the end of the fixed window is, and is measured from the answer's own Date."""
    wait: float | None = None
    if "retry-after" not in response.headers:
        try:
            reset = dt.datetime.fromisoformat(response.headers["x-ratelimit-reset"])
            wait = (reset - parsedate_to_datetime(response.headers["date"])).total_seconds()
        except (LookupError, ValueError, TypeError):
            wait = None
        if wait is not None and not 0 <= wait <= LONGEST_PACE:
            wait = None
    return RateLimited("the vendor's requests per minute are used up", retry_after=wait)


def _gateway(response: httpx.Response) -> ProviderError:
    if response.request.method == "POST":
        return MaybeSent("a gateway answered for the vendor: the people may have been matched")
    return ServerError("a gateway answered for the vendor")


class PeopleDataLabs(Provider):
    """https://docs.peopledatalabs.com/docs/reference-person-enrichment-api, read 2026-11-24."""

    name = "peopledatalabs"
    base_url = "https://api.peopledatalabs.com"
    key_env = "PEOPLEDATALABS_API_KEY"
    auth = Header("X-Api-Key")
    docs = "https://docs.peopledatalabs.com/docs/reference-person-enrichment-api"
    terms = "https://www.peopledatalabs.com/privacy/services-subscription-agreement"
    price = Price.per_match(1)
    rate = ("1000/min",)  # paid plans; the Free plan has 100/min and shows no numbers
    timeout = 15.0
    typical = 1.5
    batch = Batch(size=100)  # its limits count calls
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        400: _refused,
        404: _not_found,
        405: _refused,
        429: _rate_limited,
        502: _gateway,
        504: _gateway,
    }
    Settings = PeopleDataLabsSettings
    settings = PeopleDataLabsSettings()

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name and company; `company` takes a name or a website."""
        return await self._enrich(http, query)

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the profile's address, which the vendor writes without a scheme."""
        return await self._enrich(http, query)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By an email address, of work or private."""
        return await self._enrich(http, query)

    async def ask_batch(self, queries: Sequence[Query], http: Http) -> list[Hit | Miss | ProviderError]:
        """Up to 100 people with one call."""
        reply = await http.post(BULK, json={"requests": [{"params": self._params(query)} for query in queries]})
        if reply.status_code == NOT_FOUND:
            raise RequestRefused("the vendor answered 404 to a bulk call; is base_url right?")
        answers = reply.json()
        if not isinstance(answers, list) or len(answers) != len(queries):
            raise Unreadable(f"expected a list of {len(queries)} answers", status=reply.status_code)
        matched = [object_of(answer).get("status") == FOUND for answer in answers]
        spent = shares(_credits(reply, "x-call-credits-spent") if any(matched) else None, matched)
        return each(_one_of_many, zip(answers, spent, strict=True))

    async def balance(self, http: Http) -> Credits | None:
        """What the headers of a HEAD without a person say; it can match nobody, so it is not billed."""
        reply = await http.request("HEAD", PATH)
        left = _credits(reply, "x-totallimit-remaining")
        return None if left is None else Credits(remaining=left)

    def _params(self, query: Query) -> dict[str, Any]:
        match query:
            case NameQuery():
                company = query.company or query.domain
                who = {"first_name": query.first_name, "last_name": query.last_name, "company": company}
            case LinkedInQuery():
                who = {"profile": f"linkedin.com/in/{query.linkedin_id}"}
            case _:
                who = {"email": query.email}
        settings = {"min_likelihood": self.settings.min_likelihood, "required": REQUIRED, "data_include": FIELDS}
        return {**who, **settings}

    async def _enrich(self, http: Http, query: Query) -> Hit | Miss:
        reply = await http.get(PATH, params=self._params(query))
        if reply.status_code == NOT_FOUND:
            return Miss()
        return _match(reply.json(), _credits(reply, "x-call-credits-spent"))


def _one_of_many(answer: tuple[Any, Decimal | None]) -> Hit | Miss:
    """One record of a bulk call.

    Raises:
        ProviderError: its own status is none of an answer.
    """
    body, spent = answer
    status = object_of(body).get("status")
    if status == FOUND:
        return _match(body, spent)
    if status == NOT_FOUND and object_of(body.get("error")).get("type") == "not_found":
        return Miss()
    raise _OF_STATUS.get(status if isinstance(status, int) else None, Unreadable)(
        "one record of a bulk call has another status", status=status if isinstance(status, int) else None
    )


def _match(body: Any, spent: Decimal | None) -> Hit | Miss:
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise Unreadable("expected an object in 'data'", status=FOUND)
    numbers, person = _numbers(data), _person(data, body.get("likelihood"))
    return Hit(*numbers, person=person, credits=spent) if numbers else Miss(person, credits=spent)


def _numbers(data: dict[str, Any]) -> list[Number]:
    """The validated mobile first, then the rest of the list, which has no types; booleans are no numbers.

    Raises:
        Unreadable: a phone field is missing or has another shape.
    """
    if "mobile_phone" not in data and "phone_numbers" not in data:
        raise Unreadable("expected 'mobile_phone' or 'phone_numbers' in 'data', got neither")
    mobile, others = data.get("mobile_phone"), data.get("phone_numbers")
    others = others if isinstance(others, list) else [others]
    for value in (mobile, *others):
        if not isinstance(value, str | bool | None):
            raise Unreadable(f"expected a phone number as text, got a {type(value).__name__}")
    country = text_of(data.get("location_country"))
    found = [Number(mobile, type="mobile", country=country)] if text_of(mobile) else []
    return found + [Number(other, country=country) for other in others if text_of(other) and other != mobile]


def _person(data: dict[str, Any], likelihood: object) -> Person:
    sure = isinstance(likelihood, int) and not isinstance(likelihood, bool) and 1 <= likelihood <= 10  # noqa: PLR2004 - the vendor's scale
    return Person(
        name=text_of(data.get("full_name")),
        company=text_of(data.get("job_company_name")),
        domain=text_of(data.get("job_company_website")),
        title=text_of(data.get("job_title")),
        country=text_of(data.get("location_country")),
        email=text_of(data.get("work_email")),  # `emails` holds old addresses too
        linkedin_id=text_of(data.get("linkedin_username")) or text_of(data.get("linkedin_url")),
        score=likelihood / 10 if sure and isinstance(likelihood, int) else None,
    )


def _credits(reply: httpx.Response, header: str) -> Decimal | None:
    said = reply.headers.get(header, "")
    return Decimal(said) if _CREDITS.fullmatch(said) else None
