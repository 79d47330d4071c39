"""The world of the machine: the service on a real socket over a real Postgres, and three vendors with their own books.

Every number that a vendor gives is given once, so whoever is shown it has bought it, or has been shown another's.
"""

import asyncio
import contextlib
import functools
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping

import attrs
import httpx
import phonenumbers

from enrichcore.config import ServiceConfig
from enrichcore.engine.core import AsyncEngine
from enrichcore.model import Acceptance, Answer, EmailQuery, Hit, Job, Miss, Number, Price, Query
from enrichcore.plugins import Http, Poll, Provider, hookimpl
from enrichcore.service.accounts import StoreAccounts
from enrichcore.service.app import Service, create_app
from enrichcore.service.keys import Desk
from enrichcore.service.server import Server, listen
from enrichcore.store.accounts import AccountStore
from tests.processes.vendor_server import read

VENDORS = ("alpha", "bravo", "charlie")
MAX_WAIT = 5.0


@functools.cache
def numbers() -> tuple[str, ...]:
    """Numbers that are reserved for fiction, some ten thousand."""
    areas = [area for area in range(201, 990) if phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100"))]
    return tuple(f"+1{area}55501{n:02d}" for area in areas for n in range(100))


def knows(vendor: str, who: int) -> bool:
    """Whether a vendor knows person number `who`."""
    return bool(who >> VENDORS.index(vendor) & 1)


def email(who: int) -> str:
    """How a person is asked for."""
    return f"p{who}@firm.example"


@attrs.frozen
class Invoice:
    """A number that a vendor has sold, whether or not its answer arrived."""

    vendor: str
    who: int
    number: str


class Vendors:
    """Three vendors on loopback. The last one takes jobs; all of them wait while the gate is shut."""

    def __init__(self) -> None:
        self._numbers = itertools.cycle(numbers())
        self._jobs: dict[str, int] = {}
        self.invoices: list[Invoice] = []
        self.asked: list[tuple[str, int]] = []
        self.trouble: dict[str, str] = {}
        """Who answers nonsense now, and who hangs up: `garbage` or `lost`."""
        self.gate = asyncio.Event()
        self.gate.set()
        self.working = True

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Their port."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            while (request := await read(reader)) is not None:
                body = await self._answer(*request)
                if body is None:
                    break
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    % (len(body), body)
                )
        writer.close()

    async def _answer(self, method: str, path: str, sent: dict[str, int]) -> bytes | None:
        _, vendor, *what = path.split("/")
        if method == "GET":
            return self._phone(vendor, self._jobs.pop(what[1])) if self.working else b'{"status": "running"}'
        who = sent["who"]
        self.asked.append((vendor, who))
        await self.gate.wait()
        trouble = self.trouble.get(vendor)
        if trouble == "lost":
            self._sell(vendor, who)
            return None
        if trouble == "garbage":
            return b"<html>Sorry</html>"
        if vendor == VENDORS[-1]:
            job = f"job{len(self.asked)}"
            self._jobs[job] = who
            return b'{"job": "%s"}' % job.encode()
        return self._phone(vendor, who)

    def _phone(self, vendor: str, who: int) -> bytes:
        number = self._sell(vendor, who)
        return b'{"status": "done", "phone": %s}' % (b"null" if number is None else f'"{number}"'.encode())

    def _sell(self, vendor: str, who: int) -> str | None:
        if not knows(vendor, who):
            return None
        self.invoices.append(Invoice(vendor, who, next(self._numbers)))
        return self.invoices[-1].number


class OfVendor(Provider):
    """One of the first two vendors, by email."""

    price = Price.per_hit(1)
    typical = 0.01

    def __init__(self, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}/{self.name}"

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss | Job:
        """Ask."""
        return _read(await http.post("phone", json={"who": _who(query)}))


class OfJobs(OfVendor):
    """The one that takes jobs."""

    poll = Poll(first=0.005, factor=1.5, every=0.1)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss | Job:
        """Submit."""
        return Job((await http.post("jobs", json={"who": _who(query)})).json()["job"])

    async def collect(self, job: Job, query: Query, http: Http) -> Answer | Job:
        """Collect."""
        reply = await http.get(f"jobs/{job.id}")
        return job if reply.json()["status"] == "running" else _read(reply)


def _who(query: EmailQuery) -> int:
    return int(query.email.partition("@")[0][1:])


def _read(reply: httpx.Response) -> Hit | Miss:
    phone = reply.json()["phone"]
    return Hit(Number(phone)) if phone else Miss()


def providers(port: int) -> Iterator[Provider]:
    """The plugins of all three."""
    for name in VENDORS:
        kind = OfJobs if name == VENDORS[-1] else OfVendor
        yield type(name.title(), (kind,), {"name": name})(port)


@attrs.frozen
class World:
    """The service and whoever stands behind its counter."""

    vendors: Vendors
    engine: AsyncEngine
    service: Service
    desk: Desk
    store: AccountStore
    client: httpx.AsyncClient
    port: int

    @property
    def is_idle(self) -> bool:
        """Whether no lookup runs or waits."""
        return self.service.admission.load == (0, 0)

    async def settled(self) -> None:
        """Wait until no lookup runs."""
        async with asyncio.timeout(30):
            while not self.is_idle:  # noqa: ASYNC110 - the service tells nobody
                await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def world(url: str, env: Mapping[str, str]) -> AsyncIterator[World]:
    """A world over a journal in Postgres."""
    vendors = Vendors()
    async with vendors.serving() as vendors_port:
        engine = AsyncEngine(
            providers=list(providers(vendors_port)),
            order=VENDORS,
            store=url,
            acceptance=Acceptance(allow_fictional=True),
            env=env,
        )
        accounts = StoreAccounts(engine)
        service = create_app(engine, accounts, config=ServiceConfig(deadline=MAX_WAIT, max_wait=MAX_WAIT))
        with contextlib.closing(listen("127.0.0.1", 0)) as listener:
            ready = asyncio.Event()
            server = Server(service, lifespan=False, ready=ready.set)
            async with engine:
                serving = asyncio.ensure_future(server._serve([listener]))  # without its signal handlers
                await ready.wait()
                port = listener.getsockname()[1]
                store = (await engine._ready()).store
                assert isinstance(store, AccountStore)
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                    yield World(vendors, engine, service, await Desk.of(engine), store, client, port)
                server.should_exit = True
                await serving
                await service.aclose()
