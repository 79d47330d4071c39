"""Two providers that keep the contract, and the cases of their vendors: what the tests of the kit break on purpose."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import attrs
import pytest

from enrichcore.errors import JobFailed
from enrichcore.model import Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Batch, Header, Http, Poll, Provider, each, hookimpl
from enrichcore.testing import Act, Case, Cases, reply

PHONE = "+1 202-555-0143"


class Acme(Provider):
    """https://docs.acme.example/api, read on 2026-11-25."""

    name = "acme"
    base_url = "https://api.acme.example/v2"
    key_env = "ACME_API_KEY"
    auth = Header("X-API-Key")
    docs = "https://docs.acme.example/api"
    terms = "https://acme.example/terms"
    price = Price.per_hit(5)
    rate = ("50/s",)

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        place = {"company": query.company, "domain": query.domain}
        return await self.look_up(query, http, {"first": query.first_name, "last": query.last_name, **place})

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        return await self.look_up(query, http, {"profile": query.url})

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        return await self.look_up(query, http, {"email": query.email})

    async def look_up(self, query: Query, http: Http, params: dict[str, Any]) -> Hit | Miss:
        return self.read((await http.get("/people", params=params)).json())

    def read(self, answer: Any) -> Hit | Miss:
        found = answer["people"]
        if not found:
            return Miss()
        [one] = found
        person = Person(name=one["name"], company=one["employer"], linkedin_id=one["linkedin"], email=one["email"])
        numbers = [Number(phone["number"], type=phone["type"]) for phone in one["phones"] if self.usable(phone)]
        return Hit(*numbers, person=person) if numbers else Miss(person)

    def usable(self, phone: Any) -> bool:
        number = phone["number"]
        if not isinstance(number, str | bool | None):
            raise TypeError
        return isinstance(number, str) and "*" not in number and number != ""

    async def balance(self, http: Http) -> Credits | None:
        return Credits(remaining=Decimal((await http.get("/account")).json()["credits"]))


class Slow(Acme):
    """https://docs.slow.example/api, read on 2026-11-25."""

    name = "slow"
    poll = Poll(first=5, every=30, give_up=3600)

    async def look_up(self, query: Query, http: Http, params: dict[str, Any]) -> Any:
        number = (await http.post("/jobs", json=params)).json()["id"]
        if not isinstance(number, int) or isinstance(number, bool):
            raise TypeError
        return Job(str(number))

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:
        answer = (await http.get(f"/jobs/{job.id}")).json()
        if answer["state"] == "running":
            return job
        if answer["state"] != "done":
            raise JobFailed("the vendor gave the job up", billed=False)
        return self.read(answer)


class Many(Acme):
    """https://docs.many.example/api, read on 2026-11-25."""

    name = "many"
    batch = Batch(size=100, methods=("name", "email"))

    async def ask_batch(self, queries: Sequence[Query], http: Http) -> Any:
        asked = [query.email if isinstance(query, EmailQuery) else query.last_name for query in queries]
        return self.read_all((await http.post("/batch", json=asked)).json())

    def read_all(self, answers: Any) -> Any:
        return each(self.read, answers["answers"])


ADA: dict[str, Any] = {
    "name": "Ada Lovelace",
    "employer": "Engines",
    "linkedin": "https://www.linkedin.com/in/ada-lovelace/",
    "email": "ada@engines.example",
    "phones": [{"number": PHONE, "type": "mobile"}],
}
FOUND: dict[str, Any] = {"people": [ADA]}
NOBODY: dict[str, Any] = {"people": []}
MASKED = {"people": [ADA | {"phones": [{"number": "+1 202-555-****", "type": "mobile"}]}]}
BALANCE = reply(200, {"credits": 41})
PARTS: dict[str, Any] = {"found": reply(200, FOUND), "not_found": reply(200, NOBODY), "masked": reply(200, MASKED)}
JOB = reply(200, {"id": 7})
RUNNING = reply(200, {"state": "running"})


def ended(body: dict[str, Any]) -> Act:
    return reply(200, {"state": "done", **body})


SLOW: dict[str, Any] = {
    "found": (JOB, ended(FOUND)),
    "not_found": ended(NOBODY),
    "pending": [RUNNING],
    "masked": ended(MASKED),
}
METHODS = ("name", "linkedin", "email")
TWO = reply(200, {"answers": [FOUND, NOBODY]})
MANY_CASES = Cases(*(Case(method, **PARTS, batch=TWO) for method in METHODS), balance=BALANCE)
ACME_CASES = Cases(*(Case(method, **PARTS) for method in METHODS), balance=BALANCE)
SLOW_CASES = Cases(*(Case(method, **SLOW) for method in METHODS), balance=BALANCE)


@attrs.frozen
class Good:
    """What there is to break."""

    acme: type[Acme] = Acme
    acme_cases: Cases = ACME_CASES
    slow: type[Slow] = Slow
    slow_cases: Cases = SLOW_CASES
    many: type[Many] = Many
    many_cases: Cases = MANY_CASES
    case: Callable[..., Case] = lambda method, **changes: Case(method, **{**PARTS, **changes})


@pytest.fixture
def good() -> Good:
    return Good()
