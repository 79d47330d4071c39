"""FullEnrich: mobile numbers from a waterfall of its own over 20 vendors, by name and company or LinkedIn profile.

A question is submitted and answered 30 to 90 seconds later under an id; asking again is free and still polls when the
first process is gone. In a bulk run up to 100 contacts make one job; each is told apart by its place in it, which is
sent and comes back in `custom`. There is no key that makes a submission safe to repeat, and the vendor recognises a
repeat only after the first one has finished, so repeats are not declared free. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| POST 200 with `enrichment_id` | a job | not yet |
| POST 400 `error.enrichment.*`, `error.reverse.*` | our question is wrong | no |
| POST 502, 504 | maybe sent: a gateway spoke, the job may exist | unknown |
| GET 400 `error.enrichment.in_progress` | still running | not yet |
| GET 200 `CREATED`, `IN_PROGRESS`, `RATE_LIMIT`, `UNKNOWN` | still running: none is documented as an end | not yet |
| GET 200 `FINISHED` | hit or miss | `cost.credits` |
| GET 200 `CANCELED` | job failed, unless it has numbers | `cost.credits` |
| GET 402, or 200 `CREDITS_INSUFFICIENT` | out of credits, unless it has numbers | `cost.credits` |
| GET 404 | job failed: unknown, or older than 3 months | no |
| 401 `error.authorization.*`, `error.api.key` | key refused | no |
| 429 `error.rate.limit` | rate limited for the minute that the text names | no |
| other 5xx | the vendor failed | no |

There is no phone lookup by email. By email it says who the person is (1 credit when it knows): a miss that brings a
LinkedIn id, with which the cascade then asks by LinkedIn.

Sources, read on 2026-11-24: the vendor's OpenAPI file of 2026-08-22 in https://github.com/api-evangelist/fullenrich
(`openapi/_original/fullenrich-openapi.yml`: calls, statuses, bodies; no 5xx and no 402 for POST are in it) and stored
copies of https://docs.fullenrich.com/api/v2/general/credit (prices, repeats), /general/webhooks (duration, which
statuses end a job; an event: its body, its signature under the key, 5 repeats a minute apart) and /general/ratelimit.
`line_type`, and a running job told with status 200, are only seen in third-party clients.
"""

from collections.abc import Sequence
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
from enrichcore.plugins import (
    Batch,
    Bearer,
    Http,
    Poll,
    Provider,
    Signature,
    Webhook,
    amount_of,
    by_place,
    each,
    hookimpl,
    is_poll,
    job_gateway,
    job_of,
    job_unknown,
    object_of,
    paced,
    shares,
    text_of,
)

ENRICH = "/contact/enrich/bulk"
REVERSE_EMAIL = "/contact/reverse/email/bulk"
LABEL = "enrichcore"
"""The name of every job in the vendor's dashboard: the same for all, so that no person is in it."""
PLACE = "place"
"""The key of `custom` under which a contact of a bulk job says which one it is."""
RATE_WINDOW = 60.0
"""Seconds; a 429 says "Try again in 1m" in its text and nothing in its headers."""
FINISHED, CANCELED, NO_CREDITS = "FINISHED", "CANCELED", "CREDITS_INSUFFICIENT"
RUNNING = frozenset({"CREATED", "IN_PROGRESS", "RATE_LIMIT", "UNKNOWN"})
USABLE_EMAILS = frozenset({"DELIVERABLE", "HIGH_PROBABILITY"})
BAD_REQUEST, NOT_FOUND = 400, 404


def _bad_request(response: httpx.Response) -> ProviderError | None:
    """A running job is told as a bad request."""
    try:
        code = response.json()["code"]
    except (ProviderError, LookupError, TypeError):
        code = None
    if is_poll(response) and isinstance(code, str) and code.endswith(".in_progress"):
        return None
    return RequestRefused("the vendor calls the request invalid")


def _no_credits(response: httpx.Response) -> ProviderError | None:
    """Of a poll it is a result like any other, with what was found before the credits ran out."""
    return None if is_poll(response) else OutOfCredits("the vendor account has no credits left")


class FullEnrich(Provider):
    """https://docs.fullenrich.com/api/v2/contact/enrich/bulk/post, read 2026-11-24.

    Polls come after 30 s, which the vendor's own message names, then ever more rarely, to the 5 minutes that its
    guidance asks for: they count towards the same 60 calls a minute.
    """

    name = "fullenrich"
    base_url = "https://app.fullenrich.com/api/v2"
    key_env = "FULLENRICH_API_KEY"
    auth = Bearer()
    docs = "https://docs.fullenrich.com/api/v2/contact/enrich/bulk/post"
    terms = "https://fullenrich.com/tos"
    price = Price.per_hit(10)
    rate = ("60/min",)
    timeout = 20.0
    typical = 5.0  # to submit: a job outlives the deadline of the lookup that bought it
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        400: _bad_request,
        402: _no_credits,
        404: job_unknown,
        429: paced("60 calls a minute, polls included, are used up", RATE_WINDOW),
        502: job_gateway,
        504: job_gateway,
    }
    batch = Batch(size=100, methods=("name", "linkedin"))  # of a reverse lookup nothing says whose answer is whose
    poll = Poll(first=30.0, factor=1.5, every=300.0, give_up=86400.0)
    webhook = Webhook(signature=Signature("X-Signature-SHA1", "sha1"))

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Job:
        """By first and last name and company, its domain, or both."""
        return await self._submit(http, ENRICH, [_contact(query)])

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Job:
        """By the address of the profile alone: a changing hint would make the vendor take a repeat for a new person."""
        return await self._submit(http, ENRICH, [_contact(query)])

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Job:
        """Who the person behind an address is; never a number."""
        return await self._submit(http, REVERSE_EMAIL, [{"email": query.email}])

    async def ask_batch(self, queries: Sequence[Query], http: Http) -> list[Job]:
        """One job for up to 100 contacts."""
        contacts = [_contact(query) | {"custom": {PLACE: str(place)}} for place, query in enumerate(queries)]
        job = await self._submit(http, ENRICH, contacts)
        return [Job(job.id, row=place) for place in range(len(queries))]

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:
        """Ask for the result of a job."""
        body = await self._poll(http, REVERSE_EMAIL if isinstance(query, EmailQuery) else ENRICH, job)
        return job if body is None else _answer(body, _record(body), _spent(body))

    async def collect_batch(
        self,
        jobs: Sequence[Job],
        queries: Sequence[Query],  # noqa: ARG002 - the signature
        http: Http,
    ) -> Sequence[Hit | Miss | Job | ProviderError]:
        """Ask for the results of a job of many contacts."""
        body = await self._poll(http, ENRICH, jobs[0])
        if body is None:
            return jobs
        records, spent = _records(body)

        def answer(job: Job) -> Hit | Miss:
            place = job.row or 0
            if place not in records and body["status"] == FINISHED:
                raise Unreadable("expected an answer for every contact in 'data'")
            return _answer(body, records.get(place, {}), spent.get(place))

        return each(answer, jobs)

    def jobs_of(self, event: Any) -> list[str]:
        """What is sent is what a poll would bring; it comes once, when the job has ended."""
        return [event["id"]]

    async def balance(self, http: Http) -> Credits | None:
        """`GET /account/credits`, which is free."""
        reply = await http.get("/account/credits")
        if reply.status_code == NOT_FOUND:
            raise KeyRefused("no workspace belongs to this key", status=NOT_FOUND)
        body = reply.json()
        left = amount_of(body.get("balance")) if isinstance(body, dict) else None
        if left is None:
            raise Unreadable("expected a number in 'balance'", status=reply.status_code)
        return Credits(remaining=left)

    async def _submit(self, http: Http, path: str, contacts: Sequence[dict[str, Any]]) -> Job:
        told = {} if self.webhook_url is None else {"webhook_url": self.webhook_url}
        reply = await http.post(path, json={"name": LABEL, **told, "data": contacts})
        return job_of(reply.json(), "enrichment_id")

    async def _poll(self, http: Http, path: str, job: Job) -> dict[str, Any] | None:
        """What a poll brought; None while the job runs.

        Raises:
            ProviderError: it is not the documented object.
        """
        reply = await http.get(f"{path}/{quote(job.id, safe='')}")
        if reply.status_code == BAD_REQUEST:
            return None
        if reply.status_code == NOT_FOUND:
            raise JobFailed("the vendor does not know this job, or no longer", status=NOT_FOUND)
        body = reply.json()
        status = body.get("status") if isinstance(body, dict) else None
        if isinstance(status, str) and status in RUNNING:
            return None
        if not isinstance(body, dict) or status not in (FINISHED, CANCELED, NO_CREDITS):
            raise Unreadable("expected one of the documented words in 'status'", status=reply.status_code)
        return body


def _contact(query: Query) -> dict[str, Any]:
    """One contact of a submission, of which only phones are wanted."""
    if isinstance(query, NameQuery):
        who = {
            "first_name": query.first_name,
            "last_name": query.last_name,
            "company_name": query.company,
            "domain": query.domain,
        }
    else:
        assert isinstance(query, LinkedInQuery)
        who = {"linkedin_url": query.url}
    return {**{field: value for field, value in who.items() if value is not None}, "enrich_fields": ["contact.phones"]}


def _answer(body: dict[str, Any], record: dict[str, Any], spent: Decimal | None) -> Hit | Miss:
    """What a job that has ended says of one contact.

    Raises:
        ProviderError: the record has another shape, or the job ended without an answer.
    """
    status = body["status"]
    numbers, person = _numbers(record.get("contact_info")), _person(record)
    if numbers:
        return Hit(*numbers, person=person, credits=spent)
    if status == NO_CREDITS:
        raise OutOfCredits("the vendor account ran out of credits during the job")
    if status == CANCELED:
        raise JobFailed("the vendor canceled the job", billed=None if spent is None else spent > 0)
    return Miss(person, credits=spent)


def _spent(body: dict[str, Any]) -> Decimal | None:
    return amount_of(object_of(body.get("cost")).get("credits"))


def _record(body: dict[str, Any]) -> dict[str, Any]:
    """The one contact of the job; an unfinished job may lack it."""
    data = body.get("data")
    if isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict):
        return data[0]
    if body["status"] == FINISHED or data:
        raise Unreadable("expected one contact in 'data'")
    return {}


def _records(body: dict[str, Any]) -> tuple[dict[int, dict[str, Any]], dict[int, Decimal | None]]:
    """The contacts of a job by their place in it, and what each of them cost: those that have a number."""
    data = body.get("data") or []
    if not isinstance(data, list) or not all(isinstance(record, dict) for record in data):
        raise Unreadable("expected a list of contacts in 'data'")
    records = by_place(data, lambda record: object_of(record.get("custom")).get(PLACE))
    found = [bool(object_of(record.get("contact_info")).get("most_probable_phone")) for record in records.values()]
    return records, dict(zip(records, shares(_spent(body), found), strict=True))


def _numbers(found: object) -> list[Number]:
    """The most probable number first. `line_type` is newer than the documentation and may be missing."""
    if found is None:
        return []
    if not isinstance(found, dict):
        raise Unreadable(f"expected an object in 'contact_info', got a {type(found).__name__}")
    best, others = found.get("most_probable_phone"), found.get("phones") or []
    numbers: dict[str, Number] = {}
    for phone in ([best] if best else []) + (others if isinstance(others, list) else [others]):
        raw = phone.get("number") if isinstance(phone, dict) else None
        if not isinstance(raw, str) or not raw:
            raise Unreadable("expected a phone with text in 'number'")
        numbers.setdefault(raw, Number(raw, type=text_of(phone.get("line_type")), country=text_of(phone.get("region"))))
    return list(numbers.values())


def _person(record: dict[str, Any]) -> Person | None:
    """What the result says of the person; its `input` is only our own question again."""
    profile = object_of(record.get("profile"))
    network = object_of(object_of(profile.get("social_profiles")).get("professional_network"))
    job = object_of(object_of(profile.get("employment")).get("current"))
    company = object_of(job.get("company"))
    mail = object_of(object_of(record.get("contact_info")).get("most_probable_work_email"))
    person = Person(
        name=text_of(profile.get("full_name")),
        company=text_of(company.get("name")),
        domain=text_of(company.get("domain")),
        title=text_of(job.get("title")),
        country=text_of(object_of(profile.get("location")).get("country_code")),
        email=text_of(mail.get("email")) if mail.get("status") in USABLE_EMAILS else None,
        linkedin_id=text_of(network.get("url")) or text_of(network.get("handle")),
    )
    return None if person == Person() else person
