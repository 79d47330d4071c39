"""The providers of the simulation, written as a third party would write them: four ways to signal, seven vendors."""

import asyncio
import contextlib
from decimal import Decimal
from typing import Any, ClassVar, Final

import msgspec

from enrichcore.engine.statuses import general_error
from enrichcore.errors import JobFailed, RateLimited, ServerError
from enrichcore.model import Answer, Credits, Hit, Job, Method, Miss, Number, Person, Query
from enrichcore.plugins import Auth, Header, Http, Poll, Provider, hookimpl
from tests.sim.history import Call, Fate
from tests.sim.vendor import HOOK_FAULTS, SDK_FAULTS, Fault, Vendor

NAME, LINKEDIN, EMAIL = Method.NAME, Method.LINKEDIN, Method.EMAIL


class Supplier(Provider):
    """What all of them share: where the vendor is, and the fate of the hook itself."""

    auth: ClassVar[Auth | None] = Header("X-Key")
    key_env: ClassVar[str | None] = "SIM_KEY"
    vendor: Vendor

    def begin(self, query: Query) -> Call:
        return self.vendor.history.call(self.vendor, query.method, query.key)

    async def misbehave(self) -> None:
        """Fail before anything is asked, if this plugin is to fail at all."""
        fault = self.vendor.fault(HOOK_FAULTS)
        if fault is Fault.RAISES:
            raise RuntimeError("a fault of the plugin")
        if fault is Fault.DEAF:
            loop = asyncio.get_running_loop()
            until = loop.time() + self.timeout * (0.5 + 2 * self.vendor.rng.random())
            while loop.time() < until:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(until - loop.time())

    async def balance(self, http: Http) -> Credits | None:
        left = (await http.get("/v1/balance")).json()["left"]
        return Credits(remaining=None if left is None else Decimal(left))


def read(data: Any) -> Hit | Miss:
    """The answer in the vendor's JSON."""
    said = data.get("person")
    person = None if said is None else Person(**said)
    cost = data.get("credits")
    credits_ = None if cost is None else Decimal(cost)
    numbers = [Number(item["raw"], type=item["type"], country=item["country"]) for item in data["numbers"]]
    return Hit(*numbers, person=person, credits=credits_) if numbers else Miss(person, credits=credits_)


class Rest(Supplier):
    """One GET, one answer; a miss is a 404."""

    miss_statuses = (404,)

    async def look(self, query: Query, http: Http) -> Answer | Job:
        call = self.begin(query)
        await self.misbehave()
        return read((await http.get(f"/v1/{query.method}", params={"call": call.number})).json())


class Jobs(Supplier):
    """A POST, then polls."""

    poll = Poll(first=1.0, factor=1.5, every=5.0, give_up=45.0)

    async def look(self, query: Query, http: Http) -> Answer | Job:
        call = self.begin(query)
        await self.misbehave()
        reply = await http.post("/v1/jobs", params={"call": call.number}, json={"wanted": "phone"})
        return Job(reply.json()["job"], ready_in=2.0)

    async def collect(self, job: Job, query: Query, http: Http) -> Answer | Job:
        data = (await http.get("/v1/jobs/one", params={"job": job.id})).json()
        if data["status"] == "working":
            return job
        if data["status"] == "failed":
            raise JobFailed("the vendor gave up", billed=data["billed"])
        return read(data)


class Acme(Rest):
    """Everything by every method."""

    name, base_url = "acme", "https://acme.example"

    @hookimpl
    async def phone_by_name(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)

    @hookimpl
    async def phone_by_linkedin(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)

    @hookimpl
    async def phone_by_email(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)


class Borea(Rest):
    """By LinkedIn and email."""

    name, base_url = "borea", "https://borea.example"

    @hookimpl
    async def phone_by_linkedin(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)

    @hookimpl
    async def phone_by_email(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)


class Cumulo(Rest):
    """By name with a domain, and by email."""

    name, base_url = "cumulo", "https://cumulo.example"
    requires = {"name": {"domain"}}  # noqa: RUF012 - a provider's facts are class facts

    @hookimpl
    async def phone_by_name(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)

    @hookimpl
    async def phone_by_email(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)


class Delta(Jobs):
    """Jobs, by every method."""

    name, base_url = "delta", "https://delta.example"

    @hookimpl
    async def phone_by_name(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)

    @hookimpl
    async def phone_by_linkedin(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)

    @hookimpl
    async def phone_by_email(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)


class Esker(Rest):
    """A free public source, by email."""

    name, base_url = "esker", "https://esker.example"

    @hookimpl
    async def phone_by_email(self, query: Query, http: Http) -> Answer | Job:
        return await self.look(query, http)


class Forge(Supplier):
    """A blocking SDK with a connection of its own, by LinkedIn and email."""

    name, auth = "forge", None

    @hookimpl
    def phone_by_linkedin(self, query: Query) -> Answer:
        return self.sdk(query)

    @hookimpl
    def phone_by_email(self, query: Query) -> Answer:
        return self.sdk(query)

    def sdk(self, query: Query) -> Answer:
        """Done at once for the vendor; `SimRuntime.run_blocking` lets the time pass until the caller hears of it."""
        call, vendor = self.begin(query), self.vendor
        fault = vendor.fault(SDK_FAULTS)
        call.lasts = vendor.timeout * 50 if fault is Fault.HANG else vendor.pause(fault)
        vendor.history.sent(call)
        if fault is Fault.LOST:
            raise OSError("the SDK lost its connection")
        reply = vendor.lookup(vendor.accounts[call.process.tenant], call, fault)
        if fault is Fault.RESET:
            raise OSError("the SDK lost its connection")
        call.reply = reply
        if reply.status == 404:
            return Miss()
        if reply.status == 429:
            raise RateLimited(retry_after=reply.retry_after)
        if reply.status != 200:
            raise general_error(reply.status)
        return read(msgspec.json.decode(reply.body))


class Home(Supplier):
    """The caller's own directory: free, first, no network."""

    name, first_party, key_env, auth = "home", True, None, None

    @hookimpl
    async def phone_by_name(self, query: Query) -> Answer:
        return self.find(query)

    @hookimpl
    async def phone_by_email(self, query: Query) -> Answer:
        return self.find(query)

    def find(self, query: Query) -> Answer:
        call = self.begin(query)
        self.vendor.history.sent(call)
        if self.vendor.fault((Fault.RAISES,)) is not None:
            raise ServerError("the index is being rebuilt")
        content, told = self.vendor.content(call, stranger=False)
        self.vendor.history.came_back(call, Fate.ANSWERED, told)
        return read(content)


SUPPLIERS: Final[dict[str, type[Supplier]]] = {
    kind.name: kind for kind in (Home, Acme, Borea, Cumulo, Delta, Esker, Forge)
}
"""All of them by name."""
METHODS: Final[dict[str, tuple[Method, ...]]] = {
    "home": (NAME, EMAIL),
    "acme": (NAME, LINKEDIN, EMAIL),
    "borea": (LINKEDIN, EMAIL),
    "cumulo": (NAME, EMAIL),
    "delta": (NAME, LINKEDIN, EMAIL),
    "esker": (EMAIL,),
    "forge": (LINKEDIN, EMAIL),
}
