"""Apollo: mobile and direct numbers, by name and company, LinkedIn profile or email; they come minutes later.

`POST /people/match` says at once who the person is and takes an order for the numbers. Apollo sends them to a webhook,
without which it takes no order, and keeps them for 30 days under the answer's `request_id`, where asking is free: they
are fetched from there. The webhook's receiver need not do anything. What the answers mean:

| answer | meaning here | billed |
|---|---|---|
| POST 200 with `person` and `request_id` | a job | 1 credit for the match |
| POST 200, `person` null | miss | no |
| POST 200 without `request_id` | the numbers of a contact that your team has saved, or a miss | 1 credit |
| POST 422, 400 | our question is wrong; out of credits where its words say so | no |
| GET 404 `result_pending`, 200 `in_progress` | still running | not yet |
| GET 200 `success` | hit or miss | `credits_consumed`; by the price list 8 credits for a number |
| GET 200 `failed`, 404 `request_id_unknown`, 410 `request_id_expired`, 400 `invalid_request_id` | job failed | no |
| 401 (plain text), 403 `API_INACCESSIBLE` | key refused, or not made for both calls | no |
| 429 | rate limited for its `retry-after` | no |
| 5xx | the vendor failed | no |

The poll names nobody, so the job's id holds, after the vendor's, what the match said of the person: without it an
answer could not be told from one about a namesake.

Sources, as stored copies read on 2026-11-22: the vendor's OpenAPI file in https://github.com/api-evangelist/apollo-io
(calls, bodies, poll, balance, statuses), https://docs.apollo.io/docs/retrieve-mobile-phone-numbers-for-contacts and
/docs/poll-webhook-result. For people the answer of an account without credits is not documented; for other calls it is
422 `Insufficient credits. Please upgrade your plan.`. Nor are the words of `type_cd` and `dnc_status_cd` beyond the
examples, and whether repeats are free. How long a match takes is our estimate.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from decimal import Decimal
from typing import Any

import attrs
import httpx

from enrichcore.errors import ConfigError, JobFailed, OutOfCredits, ProviderError, RequestRefused, Unreadable
from enrichcore.model import Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Header, Http, Poll, Provider, amount_of, hookimpl, is_poll, shown_text

LOST = {
    "request_id_unknown": "the vendor does not know this job",
    "request_id_expired": "the vendor kept the answer of this job for 30 days, and they are over",
    "invalid_request_id": "the vendor says that this is no id of a job",
}
PENDING = "result_pending"
NOT_FOUND = 404
COMPANY_TYPES = frozenset({"work_hq", "hq", "company", "organization"})
UNSAID = frozenset({"", "no_status", "unknown"})
_WEBHOOK = re.compile(r"https://[^\s/?#@]+\.[^\s/?#@]+(?:[/?]\S*)?")
_NO_CREDITS = re.compile(r"insufficient|not enough|out of|exceeded|no (?:more )?credits", re.IGNORECASE)
_ID = re.compile(r"-?[0-9]{1,20}", re.ASCII)


def _check_webhook(_: object, __: object, value: Any) -> None:
    if value is not None and not (isinstance(value, str) and _WEBHOOK.fullmatch(value)):
        raise ValueError("webhook_url: expected a public https address, such as 'https://hooks.acme.example/apollo'")


@attrs.frozen(kw_only=True)
class ApolloSettings:
    """The keys of `[providers.apollo]`.

    `webhook_url` is where Apollo sends the numbers besides; it must be public and answer with status 200.
    """

    webhook_url: str | None = attrs.field(default=None, validator=_check_webhook)


def _body_of(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ProviderError:
        return {}
    return body if isinstance(body, dict) else {}


def _refused(response: httpx.Response) -> ProviderError:
    """An empty account is told in words, by the documentation of other calls."""
    body = _body_of(response)
    if is_poll(response) and (text := LOST.get(str(body.get("error_code")))):
        return JobFailed(text, billed=False)
    said = " ".join(value for value in (body.get("error"), body.get("message")) if isinstance(value, str))
    if "credit" in said.lower() and _NO_CREDITS.search(said):
        return OutOfCredits("the vendor says that the credits are used up")
    return RequestRefused("the vendor calls the request invalid")


def _not_found(response: httpx.Response) -> ProviderError | None:
    if is_poll(response) and _body_of(response).get("error_code") == PENDING:
        return None
    return _refused(response)


class Apollo(Provider):
    """https://docs.apollo.io/reference/people-enrichment, read 2026-11-22.

    The key needs both scopes, `api/v1/people/match` and `api/v1/webhook_result/show`, or is a master key.
    """

    name = "apollo"
    base_url = "https://api.apollo.io/api/v1"
    key_env = "APOLLO_API_KEY"
    auth = Header("x-api-key")
    docs = "https://docs.apollo.io/reference/people-enrichment"
    terms = "https://www.apollo.io/terms/api"
    price = Price.per_hit(9)  # 1 for the match and 8 for the number
    rate = ("1000/min",)  # paid plans; the Free plan has 50/min
    timeout = 30.0
    typical = 3.0  # to submit: a job outlives the deadline of the lookup that bought it
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        400: _refused,
        404: _not_found,
        410: _refused,
        422: _refused,
    }
    poll = Poll(first=15.0, factor=1.5, every=120.0, give_up=86400.0)
    Settings = ApolloSettings
    settings = ApolloSettings()

    async def setup(self) -> None:
        """Refuse to start where every question would be refused."""
        if self.settings.webhook_url is None:
            raise ConfigError(
                "[providers.apollo] needs webhook_url: Apollo looks for numbers only if it can send them to a public "
                "https address, such as webhook_url = 'https://hooks.acme.example/apollo'"
            )

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Job | Hit | Miss:
        """By first and last name and company, its domain, or both."""
        return await self._match(
            http,
            {
                "first_name": query.first_name,
                "last_name": query.last_name,
                "organization_name": query.company,
                "domain": query.domain,
            },
        )

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Job | Hit | Miss:
        """By the address of the public profile."""
        return await self._match(http, {"linkedin_url": query.url})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Job | Hit | Miss:
        """By an email address, of work or private."""
        return await self._match(http, {"email": query.email})

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:  # noqa: ARG002 - the id says it all
        """`GET /webhook_result/{request_id}`, which is free."""
        request, apollo_id, person = _opened(job.id)
        reply = await http.get(f"/webhook_result/{request}")
        body = reply.json()
        if reply.status_code == NOT_FOUND:
            wait = body.get("retry_after_seconds")
            fine = isinstance(wait, int | float) and not isinstance(wait, bool) and 0 < wait < 3600  # noqa: PLR2004 - an hour
            return attrs.evolve(job, ready_in=float(wait)) if fine else job
        status = body["webhook_status"]
        if status == "in_progress":
            return job
        if status == "failed":
            raise JobFailed("the vendor says that the enrichment failed", billed=False)
        if status != "success":
            raise Unreadable("expected one of the documented words in 'webhook_status'", status=reply.status_code)
        result = body["webhook_result"]
        numbers = _numbers(_record(result["people"], apollo_id))
        spent = amount_of(result.get("credits_consumed"))
        return Hit(*numbers, person=person, credits=spent) if numbers else Miss(person, credits=spent)

    async def balance(self, http: Http) -> Credits | None:
        """`POST /usage_stats/credit_usage_stats`, which is free: the credits for direct dials."""
        body = (await http.post("/usage_stats/credit_usage_stats")).json()
        left = amount_of(body["credit_usage_stats"]["direct_dial_credit"]["left_over"])
        if left is None:
            raise Unreadable("expected a number in 'direct_dial_credit.left_over'")
        return Credits(remaining=left)

    async def _match(self, http: Http, who: dict[str, str | None]) -> Job | Hit | Miss:
        reply = await http.post(
            "/people/match",
            params={**who, "reveal_phone_number": True, "webhook_url": self.settings.webhook_url},
        )
        body = reply.json()
        found = body["person"]
        if found is None:
            return Miss()
        if not isinstance(found, dict):
            raise Unreadable("expected an object in 'person'", status=reply.status_code)
        person = _person(found)
        request = body.get("request_id")
        if request is None:
            contact = found.get("contact")
            numbers = _numbers(contact) if isinstance(contact, dict) else []
            return Hit(*numbers, person=person, credits=Decimal(1)) if numbers else Miss(person, credits=Decimal(1))
        if isinstance(request, bool) or not isinstance(request, int | str) or not _ID.fullmatch(str(request)):
            raise Unreadable("expected a whole number in 'request_id'", status=reply.status_code)
        return Job(_sealed(str(request), _id(found.get("id")), person))


def _sealed(request: str, apollo_id: str | None, person: Person) -> str:
    """The id of a job: the vendor's, and in letters and digits what the match said."""
    said = {"id": apollo_id, **attrs.asdict(person)}
    known = json.dumps({name: value for name, value in said.items() if value is not None}, sort_keys=True)
    return f"{request}.{urlsafe_b64encode(known.encode('utf-8', 'surrogatepass')).decode()}"


def _opened(job: str) -> tuple[str, str | None, Person | None]:
    """What `_sealed` put together; of an id from elsewhere the vendor's part alone."""
    request, _, rest = job.partition(".")
    if not _ID.fullmatch(request):
        raise JobFailed("the id of this job is none of Apollo's")
    try:
        said = json.loads(urlsafe_b64decode(rest).decode("utf-8", "surrogatepass"))
        return request, said.pop("id", None), Person(**said)
    except (ValueError, TypeError, AttributeError):
        return request, None, None


def _record(people: object, apollo_id: str | None) -> dict[str, Any]:
    """The record of the person who was matched; an empty one where the vendor lists nobody."""
    if not isinstance(people, list) or not all(isinstance(one, dict) for one in people):
        raise Unreadable("expected a list of objects in 'people'")
    own = [one for one in people if apollo_id is None or _id(one.get("id")) == apollo_id]
    if len(own) == 1:
        return dict(own[0])
    if people:
        raise Unreadable("expected one record of the matched person in 'people'")
    return {"phone_numbers": []}


def _numbers(record: dict[str, Any]) -> list[Number]:
    """The vendor's order. `phone_numbers` may be null, but must be there."""
    phones = record["phone_numbers"]
    if phones is None:
        return []
    if not isinstance(phones, list):
        raise Unreadable("expected a list in 'phone_numbers'")
    numbers = []
    for phone in phones:
        raw = phone["sanitized_number"] or phone.get("raw_number")
        if raw is None:
            continue
        if not isinstance(raw, str):
            raise Unreadable("expected text in 'sanitized_number'")
        if not raw or "*" in raw:
            continue
        kind = shown_text(phone.get("type_cd")) or shown_text(phone.get("type"))
        dnc = shown_text(phone.get("dnc_status_cd")) or shown_text(phone.get("dnc_status")) or ""
        number = Number(raw, type=kind, company_line=kind in COMPANY_TYPES)
        numbers.append(number if dnc in UNSAID else attrs.evolve(number, do_not_call=dnc != "not_found"))
    return numbers


def _person(found: dict[str, Any]) -> Person:
    """What the match says of the person. `organization.phone` is a switchboard and is left alone."""
    employer = found.get("organization")
    employer = employer if isinstance(employer, dict) else {}
    return Person(
        name=shown_text(found.get("name")),
        company=shown_text(employer.get("name")),
        domain=shown_text(employer.get("primary_domain")),
        title=shown_text(found.get("title")),
        country=shown_text(found.get("country")),
        email=shown_text(found.get("email")),
        linkedin_id=shown_text(found.get("linkedin_url")),
    )


def _id(value: object) -> str | None:
    """An id of Apollo's as text, also where it comes as a number."""
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else None
