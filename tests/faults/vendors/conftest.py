"""The three vendors over real sockets: how each is asked, how it answers by its documentation, and an engine to ask.

A vendor has phases: most have one call, a job has a submission and a poll. A test names the phase that goes wrong.
"""

import asyncio
import contextlib
import functools
import random
import socket
import sqlite3
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from enrichcore_fullenrich import FullEnrich
from enrichcore_peopledatalabs import PeopleDataLabs
from enrichcore_prospeo import Prospeo

from enrichcore import AsyncEngine
from enrichcore.engine import transport_plain
from enrichcore.engine.http import ProviderHttp
from enrichcore.engine.retry import MAX_TRIES
from enrichcore.engine.transport import Kind
from enrichcore.model import Attempt, Method, PhoneResult
from enrichcore.plugins import Poll, Provider
from enrichcore.runtime import Runtime
from enrichcore.store import Row, rows
from enrichcore.testing import FakeProvider

if TYPE_CHECKING:
    from tests.faults.conftest import Action, FaultServer, Probe, Seen

KEY = "canary-key-0001"
SLUG, EMAIL, NAME = "mara-ellsworth-0141", "mara@northquay.example", "Mara Ellsworth"
PHONE, NEXT_PHONE = "+12025550123", "+12025550177"
JOB = "5b0c6a1e-3f77-4c2b-9d11-7a2e0c9f4410"


@attrs.frozen
class Says:
    """One answer in a vendor's own shape."""

    status: int
    body: Any
    headers: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Vendor:
    """How a vendor is asked (`calls`: phase to method and path) and what it says (`says`: phase and word to answer)."""

    provider: type[Provider]
    base: str
    key: tuple[str, str]
    calls: Mapping[str, tuple[str, str]]
    says: Mapping[tuple[str, str], Says]
    credits: int
    """What a found number costs."""

    @property
    def name(self) -> str:
        return self.provider.name


def _pdl_error(status: int, kind: str) -> Says:
    return Says(status, {"status": status, "error": {"type": kind, "message": "in the vendor's words"}})


def _fullenrich_error(status: int, code: str) -> Says:
    return Says(status, {"code": code, "message": "in the vendor's words"})


def _fullenrich_result(status: str, credits: int, **record: Any) -> dict[str, Any]:
    return {"id": JOB, "name": "enrichcore", "status": status, "cost": {"credits": credits}, "data": [record]}


_PROFILE = {
    "full_name": NAME,
    "social_profiles": {"professional_network": {"url": f"https://www.linkedin.com/in/{SLUG}/", "handle": SLUG}},
    "employment": {"current": {"company": {"name": "Northquay Ltd", "domain": "northquay.example"}}},
}
_BEST = {"number": "+1 202-555-0123", "region": "US", "line_type": "MOBILE"}

PEOPLEDATALABS = Vendor(
    provider=PeopleDataLabs,
    base="",
    key=("x-api-key", KEY),
    credits=1,
    calls={"lookup": ("GET", "/v5/person/enrich"), "balance": ("HEAD", "/v5/person/enrich")},
    says={
        ("lookup", "found"): Says(
            200,
            {
                "status": 200,
                "likelihood": 9,
                "data": {
                    "full_name": NAME.lower(),
                    "mobile_phone": PHONE,
                    "phone_numbers": [PHONE],
                    "linkedin_username": SLUG,
                },
            },
            {"x-call-credits-spent": "1", "x-totallimit-remaining": "340"},
        ),
        ("lookup", "not found"): _pdl_error(404, "not_found"),
        ("lookup", "out of credits"): _pdl_error(402, "payment_required"),
        ("lookup", "bad key"): _pdl_error(401, "authentication_error"),
        ("lookup", "rate limited"): _pdl_error(429, "rate_limit_error"),
        ("lookup", "server error"): _pdl_error(500, "api_error"),
        ("balance", "some"): Says(400, b"", {"x-totallimit-remaining": "341"}),
        ("balance", "none"): Says(400, b"", {"x-totallimit-remaining": "0"}),
    },
)
PROSPEO = Vendor(
    provider=Prospeo,
    base="",
    key=("x-key", KEY),
    credits=10,
    calls={"lookup": ("POST", "/enrich-person"), "balance": ("GET", "/account-information")},
    says={
        ("lookup", "found"): Says(
            200,
            {
                "error": False,
                "free_enrichment": False,
                "person": {
                    "full_name": NAME,
                    "linkedin_url": f"https://www.linkedin.com/in/{SLUG}",
                    "mobile": {"status": "VERIFIED", "revealed": True, "mobile": PHONE, "mobile_country_code": "US"},
                },
                "company": {"name": "Northquay Ltd", "phone_hq": {"phone_hq": "+12025550199"}},
            },
        ),
        ("lookup", "not found"): Says(400, {"error": True, "error_code": "NO_MATCH"}),
        ("lookup", "out of credits"): Says(400, {"error": True, "error_code": "INSUFFICIENT_CREDITS"}),
        ("lookup", "bad key"): Says(401, {"error": True, "error_code": "INVALID_API_KEY"}),
        ("lookup", "rate limited"): Says(429, {"error": True, "error_code": "RATE_LIMITED"}),
        ("lookup", "server error"): Says(400, {"error": True, "error_code": "INTERNAL_ERROR"}),
        ("balance", "some"): Says(200, {"error": False, "response": {"remaining_credits": 99}}),
        ("balance", "none"): Says(200, {"error": False, "response": {"remaining_credits": 0}}),
    },
)
FULLENRICH = Vendor(
    provider=FullEnrich,
    base="/api/v2",
    key=("authorization", f"Bearer {KEY}"),
    credits=10,
    calls={
        "submit": ("POST", "/api/v2/contact/enrich/bulk"),
        "poll": ("GET", f"/api/v2/contact/enrich/bulk/{JOB}"),
        "submit email": ("POST", "/api/v2/contact/reverse/email/bulk"),
        "poll email": ("GET", f"/api/v2/contact/reverse/email/bulk/{JOB}"),
        "balance": ("GET", "/api/v2/account/credits"),
    },
    says={
        ("submit", "found"): Says(200, {"enrichment_id": JOB}),
        ("submit", "not found"): Says(200, {"enrichment_id": JOB}),
        ("submit", "out of credits"): _fullenrich_error(402, "error.credits"),
        ("submit", "bad key"): _fullenrich_error(401, "error.api.key"),
        ("submit", "rate limited"): _fullenrich_error(429, "error.rate.limit"),
        ("submit", "server error"): _fullenrich_error(500, "error.internal"),
        ("poll", "found"): Says(
            200, _fullenrich_result("FINISHED", 10, contact_info={"most_probable_phone": _BEST}, profile=_PROFILE)
        ),
        ("poll", "not found"): Says(200, _fullenrich_result("FINISHED", 0, contact_info={"most_probable_phone": None})),
        ("poll", "out of credits"): Says(
            402, _fullenrich_result("CREDITS_INSUFFICIENT", 0, contact_info={"most_probable_phone": None})
        ),
        ("poll", "bad key"): _fullenrich_error(401, "error.api.key"),
        ("poll", "rate limited"): _fullenrich_error(429, "error.rate.limit"),
        ("poll", "server error"): _fullenrich_error(500, "error.internal"),
        ("poll", "pending"): _fullenrich_error(400, "error.enrichment.in_progress"),
        ("poll", "canceled"): Says(200, _fullenrich_result("CANCELED", 0)),
        ("poll", "gone"): _fullenrich_error(404, "error.enrichment.not_found"),
        ("submit email", "found"): Says(200, {"enrichment_id": JOB}),
        ("poll email", "found"): Says(200, _fullenrich_result("FINISHED", 1, profile=_PROFILE)),
        ("balance", "some"): Says(200, {"balance": 5000}),
        ("balance", "none"): Says(200, {"balance": 0}),
    },
)
CASES = {
    "peopledatalabs": (PEOPLEDATALABS, "lookup"),
    "prospeo": (PROSPEO, "lookup"),
    "fullenrich": (FULLENRICH, "submit"),
    "fullenrich poll": (FULLENRICH, "poll"),
}
"""Where a fault strikes."""


class Shortest(random.Random):
    """A back-off is random up to a limit; here it is as short as it may be."""

    def uniform(self, a: float, b: float) -> float:
        return min(a, b)


class AtOnce(Runtime):
    """The real clocks, without waits between tries."""

    def __init__(self) -> None:
        super().__init__(seed=1)
        self.rng = Shortest(1)


@attrs.frozen(kw_only=True)
class Told:
    """What one lookup came to, and what it left behind."""

    result: PhoneResult
    attempt: Attempt
    state: str
    failures: int
    next_asked: int
    in_doubt: int
    """Attempts that the engine lists as perhaps billed."""
    asked: Counter[str]
    """Requests that reached the vendor during this lookup, by phase."""


class Rig:
    """A vendor's server that plays faults, a configuration file that leads to it, and a journal."""

    def __init__(
        self, folder: Path, serve: Callable[[], "FaultServer"], vendor: Vendor, phase: str, kind: Kind
    ) -> None:
        self._serve = serve
        self.vendor, self.phase, self.kind = vendor, phase, kind
        self.journal = folder / "enrich.db"
        self.config = folder / "enrichcore.toml"
        self.before: Callable[[str], None] = lambda _phase: None
        """Called by the server when a question has come, with its phase."""
        self.strays: list[Seen] = []
        self._held: list[socket.socket] = []
        self.heal()

    def heal(self) -> None:
        """From now on nothing is wrong; what the journal and the states say stays."""
        self.close()
        self.server = self._serve()
        self.server.handler = self._handle
        self.url = self.server.url
        self.api_key = KEY
        self.word = "found"
        """What the vendor says when nothing is wrong."""
        self.balance = "some"
        self.faults: deque[Action] = deque()
        self.before = lambda _phase: None

    def close(self) -> None:
        for held in self._held:
            held.close()
        self._held.clear()

    # ---- what can be wrong ----

    def says(self, word: str, phase: str | None = None, **headers: str) -> "Action":
        """An answer in the vendor's words; a submission's ends the connection, so that its poll makes a new one."""
        phase = phase or self.phase
        said = self.vendor.says[phase, word]
        return self.server.reply(
            said.status,
            said.body,
            body=said.body if isinstance(said.body, bytes) else None,
            headers=[*said.headers.items(), *((name.replace("_", "-"), text) for name, text in headers.items())],
            then="close" if phase.startswith("submit") else "keep",
        )

    def play(self, *faults: "Action") -> None:
        """Do this instead of answering in the phase of the test: once each, the last one for ever."""
        self.faults = deque(faults)

    def never_read(self) -> None:
        """Accept the connection of the phase and never read from it."""
        if self.phase == "poll":
            self.before = lambda phase: self.server.script(self.server.hang_on_accept()) if phase == "submit" else None
        else:
            self.server.script(*[self.server.hang_on_accept() for _ in range(MAX_TRIES)])

    def refuse(self) -> None:
        """Nobody listens any more when the phase comes."""
        if self.phase == "poll":
            self.before = lambda phase: self.server._server.close() if phase == "submit" else None
            return
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))
        self._held.append(closed)
        self.url = f"http://127.0.0.1:{closed.getsockname()[1]}"

    def never_accept(self) -> None:
        """The queue of connections is full, so that nobody answers a new one."""
        full = socket.socket()
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        self._held += [full, *waiting]
        self.url = f"http://127.0.0.1:{full.getsockname()[1]}"

    # ---- the side of the vendor ----

    def phase_of(self, seen: "Seen") -> str:
        call = (seen.method, seen.path)
        return next((phase for phase, known in self.vendor.calls.items() if known == call), "stray")

    def _handle(self, seen: "Seen") -> "Action":
        phase = self.phase_of(seen)
        if phase == "stray":
            self.strays.append(seen)
            return self.server.reply(404, body=b"<html>no such page</html>")
        self.before(phase)
        header, value = self.vendor.key
        if seen.headers.get(header) != value:
            return self.says("bad key")
        if phase == self.phase and self.faults:
            return self.faults.popleft() if len(self.faults) > 1 else self.faults[0]
        return self.says(self.balance if phase == "balance" else self.word, phase)

    # ---- the side of the caller ----

    def configure(self, *order: str) -> None:
        """Write the configuration file."""
        self.config.write_text(
            f"[engine]\norder = {list(order)}\n"
            f'[store]\nurl = "sqlite:///{self.journal.as_posix()}"\n'
            "[acceptance]\nallow_fictional = true\n"
            f'[providers.{self.vendor.name}]\nbase_url = "{self.url}{self.vendor.base}"\n'
            f'api_key = "{self.api_key}"\ncredit_price = "0.05"\nrate = "1000/s"\n',
            encoding="utf-8",
        )

    def engine(self, following: FakeProvider, **options: Any) -> AsyncEngine:
        """An engine as a user has it: from a file that leads to the vendor, and with a free provider behind it."""
        self.configure(self.vendor.name, following.name)
        defaults: dict[str, Any] = {"transport": self.kind, "runtime": AtOnce(), "env": {}}
        return AsyncEngine(config=str(self.config), providers=[self.vendor.name, following], **(defaults | options))

    def ask(
        self, *records: str | dict[str, str], prepare: Callable[[AsyncEngine], None] = lambda _engine: None
    ) -> list[Told]:
        """Lookups one after the other by an engine of their own; a record id alone means the person with `SLUG`."""

        async def run() -> list[Told]:
            following = self.following()
            async with self.engine(following) as engine:
                prepare(engine)
                return [await self.lookup(engine, following, record) for record in records]

        return asyncio.run(run())

    @staticmethod
    def following() -> FakeProvider:
        """A free provider that knows the person."""
        return FakeProvider({SLUG: NEXT_PHONE, EMAIL: NEXT_PHONE}, name="next", methods=["linkedin", "email"])

    async def lookup(
        self,
        engine: AsyncEngine,
        following: FakeProvider,
        record: str | dict[str, str],
        seconds: float = 60.0,
    ) -> Told:
        """One lookup within `seconds`."""
        asked, calls = len(self.server.requests), len(following.calls)
        fields = {"record_id": record, "linkedin_id": SLUG} if isinstance(record, str) else record
        result = await engine.enrich_phone(fields, deadline=seconds)
        health = engine.channels[self.vendor.name].health
        by_linkedin = (self.vendor.name, Method.LINKEDIN)
        return Told(
            result=result,
            attempt=next(a for a in result.attempts if (a.provider, a.method) == by_linkedin),
            state=health.state.value,
            failures=health._row,
            next_asked=len(following.calls) - calls,
            in_doubt=len(await engine.in_doubt()),
            asked=Counter(self.phase_of(seen) for seen in self.server.requests[asked:]),
        )

    def rows(self) -> list[Row]:
        """The vendor's attempts as they stand in the file, oldest first."""
        found = self._read(f"SELECT {rows.ATTEMPT} FROM attempts WHERE provider = ? ORDER BY id", (self.vendor.name,))
        return [rows.attempt(columns) for columns in found]

    def states(self) -> list[tuple[str, str]]:
        """The lasting states of providers in the file."""
        return self._read("SELECT provider, state FROM states WHERE state != 'closed'")

    def _read(self, statement: str, values: tuple[str, ...] = ()) -> list[Any]:
        with contextlib.closing(sqlite3.connect(f"{self.journal.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(statement, values).fetchall()


@pytest.fixture(params=CASES)
def rig(
    tmp_path: Path, serve: Callable[[], "FaultServer"], probe: "Probe", request: pytest.FixtureRequest
) -> Iterator[Rig]:
    """A rig for one vendor and phase, over the transport of `probe`; whatever it is asked has a documented path."""
    vendor, phase = CASES[request.param]
    made = Rig(tmp_path, serve, vendor, phase, probe.kind)
    yield made
    made.close()
    assert made.strays == []


@pytest.fixture(scope="module", autouse=True)
def _one_tls_context() -> Iterator[None]:
    """Hundreds of engines are opened here and none speaks TLS; each would read all certificates of the system."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport_plain, "_tls_context", functools.cache(transport_plain._tls_context))
        yield


@pytest.fixture(autouse=True)
def polls(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A first poll at once; a second one only after longer than anybody here waits, unless a test says otherwise."""

    def every(seconds: float, *, first: float = 0.01) -> None:
        monkeypatch.setattr(FullEnrich, "poll", Poll(first=first, factor=1.0, every=seconds, give_up=1e7))

    monkeypatch.setattr(FullEnrich, "poll", Poll(first=0.01, factor=1e6, every=1e6, give_up=1e7))
    return every


@pytest.fixture
def hurry() -> Callable[[pytest.MonkeyPatch, str], None]:
    """What hangs is given up soon: a `call` by the engine, a connection (`connect`) by the transport itself."""

    def shorten(patch: pytest.MonkeyPatch, what: str) -> None:
        if what == "connect":
            defaults = ProviderHttp.__init__.__kwdefaults__
            assert defaults is not None
            patch.setitem(defaults, "connect_timeout", 0.2)
            return
        for vendor, _ in CASES.values():
            patch.setattr(vendor.provider, "timeout", 0.4)

    return shorten
