"""A stage: the operators' listener of a real server over loopback, and providers of which each does something else."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

from enrichcore import Acceptance, AsyncEngine
from enrichcore.config import ServiceConfig
from enrichcore.errors import OutOfCredits, ServerError
from enrichcore.model import Hit, Miss, Number, Person, Price, Query
from enrichcore.plugins import Provider
from enrichcore.service.app import Service, create_app
from enrichcore.service.operators.app import Operators, Seat
from enrichcore.service.operators.listener import url_of, watched
from enrichcore.service.operators.tally import Tally
from enrichcore.service.operators.traffic import Traffic
from enrichcore.service.server import closed_in_time, listen
from enrichcore.testing import FakeProvider
from tests.service.conftest import House, MemoryAccounts

EMAIL = "ada@engines.example"
PHONE = "+447700900123"


def after(seconds: float, answer: Any) -> Any:
    """An answer that takes its time."""

    async def say(query: Query) -> Any:
        await asyncio.sleep(seconds)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return say


def providers() -> list[Provider]:
    """One that misses, one that means another person, one that fails, one that is out of credits, one that knows."""
    other = Hit(Number("+44 20 7946 0018"), person=Person(name="Charles Babbage", company="Difference Ltd"))
    knows = Hit(Number(PHONE), person=Person(name="Ada Lovelace", company="Engines Ltd", email=EMAIL))
    return [
        FakeProvider(after(0.04, Miss()), name="register"),
        FakeProvider(after(0.15, other), name="northwind", price=Price.per_attempt(1)),
        FakeProvider(after(0.1, ServerError("503")), name="brightpath", price=Price.per_hit(2)),
        FakeProvider(after(0.03, OutOfCredits("no credits are left")), name="quartz", price=Price.per_hit(1)),
        FakeProvider(after(0.21, knows), name="lumen", price=Price.per_hit(4)),
        FakeProvider(after(0.0, Miss()), name="zenith", price=Price.per_hit(10)),
    ]


ORDER = ["register", "northwind", "brightpath", "quartz", "lumen", "zenith"]
PRICES = {"northwind": "0.02", "brightpath": "0.03", "quartz": "0.05", "lumen": "0.025"}


class Stage:
    """A server in a thread of its own. `url` is where the operators' page is."""

    def __init__(self, *made: Provider, seat: Seat | None = None, names: tuple[str, ...] = (), **engine: Any) -> None:
        facts: dict[str, Any] = {
            "providers": list(made) or providers(),
            "store": "memory",
            "acceptance": Acceptance(allow_fictional=True),
            "env": {},
        }
        if not made:
            facts |= {"order": ORDER, "settings": {name: {"credit_price": price} for name, price in PRICES.items()}}
        self._facts = facts | engine
        self._listener = listen("127.0.0.1", 0)
        self._seat, self._names = seat, names
        self.url = url_of(self._listener)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self.engine = AsyncEngine(**self._facts)
        self.service = create_app(self.engine, MemoryAccounts(), config=ServiceConfig(deadline=20))
        async with (
            watched(self.service, self._listener, names=self._names, seat=self._seat),
            closed_in_time(self.engine, self.service.aclose),
        ):
            self._ready.set()
            await self._over.wait()

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    @classmethod
    @contextlib.contextmanager
    def up(cls, *made: Provider, **facts: Any) -> Iterator["Stage"]:
        """A stage that is up, and is ended afterwards."""
        stage = cls(*made, **facts)
        stage._thread.start()
        assert stage._ready.wait(60)
        try:
            yield stage
        finally:
            stage.close()


class Desk:
    """The operators' app in process and in virtual time, beside the service that it watches."""

    def __init__(self, operators: Operators, service: Service, traffic: Traffic) -> None:
        self.service = service
        self.page = httpx.AsyncClient(transport=httpx.ASGITransport(app=operators), base_url=PAGE)
        self.api = httpx.AsyncClient(transport=httpx.ASGITransport(app=traffic), base_url="http://service.example")

    async def look(self) -> str:
        """The page."""
        answer = await self.page.get("/")
        assert answer.status_code == 200
        return answer.text

    async def metrics(self, **headers: str) -> str:
        """The metrics."""
        answer = await self.page.get("/metrics", headers=headers)
        assert answer.status_code == 200
        return answer.text

    async def send(self, *, ask: str = "yes", **fields: str) -> httpx.Response:
        """What the form sends."""
        return await self.page.post("/", data={**fields, "ask": ask}, headers={"Origin": PAGE})

    async def post(self, **fields: str) -> httpx.Response:
        """A request to the service."""
        headers = {"Authorization": "Bearer acme-key"}
        return await self.api.post("/v1/enrich/phone", json={"record_id": "1", **fields}, headers=headers)


PAGE = "http://127.0.0.1:9100"


@contextlib.asynccontextmanager
async def desk(
    house: House,
    *made: Provider,
    engine: dict[str, Any] | None = None,
    names: tuple[str, ...] = (),
    seat: Seat | None = None,
    plugins: tuple[Any, ...] = (),
    **config: Any,
) -> AsyncIterator[Desk]:
    """A desk over these providers; its service is alive."""
    core = house.engine(*(made or [house.by_email({EMAIL: house.PHONE})]), **(engine or {}))
    service = create_app(core, house.accounts, config=ServiceConfig(**config), runtime=house.runtime)
    tally, traffic = Tally(), Traffic(service, clock=house.runtime.monotonic)
    for plugin in (tally, *plugins):
        core.registry.add(plugin)
    operators = Operators(service, tally, traffic, names=names, seat=seat, runtime=house.runtime)
    async with service.lifespan():
        open_desk = Desk(operators, service, traffic)
        yield open_desk
        await open_desk.page.aclose()
        await open_desk.api.aclose()
