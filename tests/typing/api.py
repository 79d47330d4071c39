"""The public API as its users write it, for type checkers: nothing here is run.

Every line must be accepted under `mypy --strict`; where a line must be refused it says so, and `warn_unused_ignores`
makes the check fail should it ever be accepted.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal
from typing import assert_type

import attrs

from enrichcore import (
    Acceptance,
    AsyncEngine,
    Attempt,
    Billed,
    Contact,
    Engine,
    EnrichcoreError,
    InvalidContact,
    LineType,
    Method,
    Outcome,
    PhoneResult,
    ProviderError,
    ResultErrors,
    Status,
    __version__,
)
from enrichcore.errors import RateLimited
from enrichcore.model import Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Bearer, Header, Http, Provider, Rate, hookimpl
from enrichcore.testing import FakeProvider, run

assert_type(__version__, str)


def quickstart() -> None:
    with Engine(store="sqlite:///enrich.db") as engine:
        assert_type(engine, Engine)
        result = engine.enrich_phone(Contact(record_id="42", email="ada@engines.example"))
    assert_type(result, PhoneResult)
    assert_type(result.found, bool)
    assert_type(result.phone, str | None)
    assert_type(result.status, Status)
    assert_type(result.method, Method | None)
    assert_type(result.line_type, LineType | None)
    assert_type(result.cost, Decimal | None)
    assert_type(result.found_at, dt.datetime | None)
    assert_type(result.do_not_call, bool | None)
    assert_type(result.attempts, tuple[Attempt, ...])
    for attempt in result.attempts:
        assert_type(attempt.outcome, Outcome)
        assert_type(attempt.billed, Billed)
        assert_type(attempt.credits, Decimal)
    result.phone = "+1"  # type: ignore[misc]


def many(engine: Engine, rows: Iterator[Mapping[str, object]]) -> int:
    results = engine.enrich_phones(rows, ordered=True, concurrency=10)
    assert_type(results, Iterator[PhoneResult])
    told = engine.explain("42")
    assert_type(told, PhoneResult | None)
    return sum(result.found for result in results)


def watch(attempt: Attempt) -> None:
    assert_type(attempt.provider, str)


async def asynchronous() -> None:
    async with AsyncEngine(
        providers=["directory", Acme, FakeProvider({})],
        order={"name": ["acme"]},
        store="memory",
        settings={"acme": {"api_key": "k"}},
        credentials={"acme": "k"},
        acceptance=Acceptance(line_types={"mobile"}, countries=["US"], min_score=0.5),
        deadline=None,
        on_attempt=watch,
        offline=False,
        transport="plain",
    ) as engine:
        result = await engine.enrich_phone({"email": "ada@engines.example"}, deadline=8, max_age="30d", refresh=False)
        assert_type(result, PhoneResult)
        results = engine.enrich_phones([Contact(email="a@engines.example"), {"linkedin_id": "ada"}], concurrency=200)
        assert_type(results, AsyncIterator[PhoneResult])
        async for one in results:
            assert_type(one, PhoneResult)
        assert_type(await engine.explain("42"), PhoneResult | None)
        engine.resume("acme")
        await engine.aclose(force=True)
    AsyncEngine(transport="slow")  # type: ignore[arg-type]
    AsyncEngine(stores="memory")  # type: ignore[call-arg]


def contacts() -> None:
    assert_type(Contact.from_dict({"email": "ada@engines.example", "other": 5}), Contact)
    Contact(email=5)  # type: ignore[arg-type]
    Contact("42")  # type: ignore[call-arg]
    Contact().email = "x"  # type: ignore[misc]


def errors(result: PhoneResult) -> str:
    try:
        result.raise_for_errors()
    except ResultErrors as error:
        assert_type(error.attempts, tuple[Attempt, ...])
    except InvalidContact as error:
        return error.field
    except EnrichcoreError as error:
        return str(error)
    return ""


def refused(error: ProviderError) -> float | None:
    return error.retry_after if isinstance(error, RateLimited) else error.status


@attrs.frozen
class AcmeSettings:
    region: str = "eu"


class Acme(Provider):
    name = "acme"
    base_url = "https://api.acme.example"
    key_env = "ACME_API_KEY"
    auth = Header("X-API-Key")
    price = Price.per_hit(5, repeats_free_days=30)
    rate = ("5/s", "5000/day")
    requires = {"name": {"domain"}}  # noqa: RUF012 - written as a user would
    countries = ("US", "CA")
    status_errors = {402: RateLimited}  # noqa: RUF012 - likewise
    miss_statuses = (404,)
    Settings = AcmeSettings

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        found = (await http.get("/phone", params={"name": query.full_name})).json()["phones"]
        return Hit(*[Number(n["number"], type=n["type"]) for n in found]) if found else Miss()

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Job:
        return Job((await http.post("/jobs", json={"url": query.url})).json()["id"], ready_in=2.0)

    @hookimpl
    def phone_by_email(self, query: EmailQuery) -> Miss:
        return Miss(Person(email=query.email, score=0.5), credits=Decimal(1))

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:
        return job

    async def balance(self, http: Http) -> Credits | None:
        return Credits(remaining=Decimal(5))


class Bee(Provider):
    name = "bee"
    auth = Bearer()


def provider_kit() -> None:
    assert_type(run(Acme, email="ada@engines.example"), Hit | Miss)
    assert_type(run(FakeProvider({"ada@engines.example": "+1 202-555-0143"}), method="email"), Hit | Miss)
    assert_type(Rate.parse("5/s"), Rate)
    Number()  # type: ignore[call-arg]
    Hit("+1 202-555-0143")  # type: ignore[arg-type]
    Price.per_hit()  # type: ignore[call-arg]
