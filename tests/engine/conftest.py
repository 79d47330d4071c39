"""Virtual time, engines and providers for the tests of `enrichcore.engine`.

A test is played on an event loop whose clock jumps to the next timer, so that hours pass at once and nothing waits for
real. Whatever would wait for ever, or spin, ends with `Stuck`; a task that is left behind fails the test.
"""

import asyncio
import contextlib
import itertools
import selectors
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any, ClassVar, TypeVar

import httpx
import pytest

from enrichcore.engine.core import AsyncEngine
from enrichcore.engine.reply import Reply
from enrichcore.engine.run import Options, Run
from enrichcore.engine.transport import Watch, Wire
from enrichcore.errors import StoreError
from enrichcore.model import Acceptance, Attempt, Contact, Hit, Miss, Number, PhoneResult, Price, Query, Subject
from enrichcore.plugins import Http, Provider, hookimpl
from enrichcore.runtime import Runtime
from enrichcore.store import Claim, ClaimAnswer, Row, StoredResult
from enrichcore.store.memory import MemoryStore, Tables
from enrichcore.testing import FakeProvider

T = TypeVar("T")

WALL = 1_795_000_000.0  # 2026-11-18
PHONE = "+12025550143"
OTHER_PHONE = "+12025550155"
MOBILE = "+447700900123"
EMAIL = "ada@engines.example"
ADA = {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd", "email": EMAIL, "linkedin_id": "ada-l"}
START = 1000.0
LONGEST_PLAY = START + 12 * 3600.0
_MOST_LOOKS = 200_000


class Stuck(Exception):
    """Nothing will ever happen any more, or the same thing happens over and over."""


class _Selector(selectors.DefaultSelector):
    """Waits for nothing but threads: where a real one would wait, time passes."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.loop.looks = 0
        if self.loop.threads:
            return super().select(5.0 if timeout is None or timeout > 0 else 0)
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        if timeout is None:
            raise Stuck("nothing is ready and nothing ever will be")
        self.loop.now += timeout
        if self.loop.now > LONGEST_PLAY:
            raise Stuck("hours have passed and the test is still waiting")
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time."""

    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self.now = START
        self.looks = 0
        self.threads = 0
        super().__init__(selector)

    def time(self) -> float:
        """Virtual seconds; whoever looks too often without letting the loop go on spins."""
        self.looks += 1
        if self.looks > _MOST_LOOKS:
            self.looks = 0
            raise Stuck("somebody spins: the clock is looked at and nothing else can run")
        return self.now


class VirtualRuntime(Runtime):
    """The clocks of a virtual loop; `skew` is what the wall clock has jumped by."""

    def __init__(self) -> None:
        super().__init__(seed=7)
        self.skew = 0.0

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def wall(self) -> float:
        return WALL + self.skew + asyncio.get_running_loop().time() - 1000.0

    async def run_blocking(self, function: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.threads += 1
        try:
            return await super().run_blocking(function, *args)
        finally:
            loop.threads -= 1


Script = Callable[[Query], Any]


def script(*answers: Any) -> Script:
    """What a `FakeProvider` says, call by call; the last answer stands for all later calls."""
    left = itertools.chain(answers[:-1], itertools.repeat(answers[-1]))

    def say(query: Query) -> Any:
        said = next(left)
        if isinstance(said, BaseException) or (isinstance(said, type) and issubclass(said, BaseException)):
            raise said
        return said(query) if callable(said) else said

    return say


def slow(seconds: float, answer: Any = None) -> Callable[[Query], Awaitable[Any]]:
    """An answer that takes its time."""

    async def say(query: Query) -> Any:
        await asyncio.sleep(seconds)
        return script(answer)(query)

    return say


Send = Callable[[httpx.Request], Any]


class Wires:
    """A transport that answers by script: a status with a body, or a fault at a chosen moment."""

    def __init__(self, *replies: Any) -> None:
        self._replies: Iterator[Any] = itertools.chain(replies[:-1], itertools.repeat(replies[-1]))
        self.sent: list[httpx.Request] = []
        self.forgotten = 0
        self.closed = False

    async def send(
        self, request: httpx.Request, watch: Watch, *, connect_timeout: float, max_body: int
    ) -> httpx.Response:
        reply = next(self._replies)
        self.sent.append(request)
        watch.wire = Wire.MAYBE_SENT
        if isinstance(reply, BaseException):
            raise reply
        if isinstance(reply, float):
            await asyncio.sleep(reply)
            reply = (200, b"null")
        watch.wire = Wire.ANSWERED
        status, body = reply[:2]
        return Reply(status, list(reply[2].items()) if len(reply) > 2 else [], body, request)

    async def forget(self) -> None:
        self.forgotten += 1

    async def aclose(self) -> None:
        self.closed = True


class Remote(Provider):
    """Asks over HTTP by email; the body is a JSON text (the number) or null (a miss)."""

    name = "remote"
    base_url = "https://api.remote.example/v1"
    price = Price.per_hit(2)
    typical = 0.5

    def __init__(self, **facts: Any) -> None:
        vars(self).update(facts)

    @hookimpl
    async def phone_by_email(self, query: Any, http: Http) -> Hit | Miss:
        found = (await http.get("/phone", params={"email": query.email})).json()
        return Miss() if found is None else Hit(Number(found["number"]))


class LaggingStore(MemoryStore):
    """A memory store whose verbs take time, and that fails at the operation it is told to fail at."""

    def __init__(self, *, lag: float = 0.01, tables: Tables | None = None) -> None:
        super().__init__(tables=tables)
        self.lag = lag
        self.unheard = None  # type: ignore[assignment,method-assign]  # so that every read is made and can be met
        self.fail_at: str | None = None
        self.operations: list[str] = []

    async def _pass(self, operation: str) -> None:
        self.operations.append(operation)
        if self.lag:
            await asyncio.sleep(self.lag)
        if self.fail_at == operation:
            raise StoreError("the disk is full")

    async def known(self, claim: Claim) -> Row | None:
        await self._pass("known")
        return await super().known(claim)

    async def load_result(self, tenant: str, record: bytes) -> StoredResult | None:
        await self._pass("load_result")
        return await super().load_result(tenant, record)

    async def claim(self, claim: Claim) -> ClaimAnswer:
        await self._pass("claim")
        return await super().claim(claim)

    async def settle(self, row: Row) -> None:
        await self._pass("settle")
        await super().settle(row)

    async def note_job(self, attempt: int, job: str) -> None:
        await self._pass("note_job")
        await super().note_job(attempt, job)

    async def release(self, attempt: int) -> None:
        await self._pass("release")
        await super().release(attempt)

    async def heartbeat(self, now: float) -> None:
        self.operations.append("heartbeat")
        if self.fail_at == "heartbeat":
            raise StoreError("the disk is full")


class Place:
    """The place of one record in a bulk run, as the parts that are tested alone see it."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, float]] = []
        self.parkings = 0

    @contextlib.asynccontextmanager
    async def parked(self) -> AsyncIterator[None]:
        self.parkings += 1
        yield

    def waiting(self, provider: str, reason: str, seconds: float) -> None:
        self.said.append((provider, reason, seconds))


class Lab:
    """What a test of the engine needs, in one place."""

    WALL: ClassVar = WALL
    PHONE: ClassVar = PHONE
    OTHER_PHONE: ClassVar = OTHER_PHONE
    MOBILE: ClassVar = MOBILE
    EMAIL: ClassVar = EMAIL
    ADA: ClassVar = ADA
    Wires = Wires
    Remote = Remote
    Slots = Place

    def __init__(self) -> None:
        self.runtime = VirtualRuntime()
        self.tables = Tables()
        self.told: list[Attempt] = []
        self.script = script
        self.slow = slow

    def play(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run `work()` in virtual time, a minute after the last play; afterwards no task is left behind."""
        self.runtime.skew += 60.0

        async def watched() -> T:
            result = await work()
            for _ in range(5):
                await asyncio.sleep(0)
            left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            assert left == []
            return result

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(watched())

    def now(self) -> float:
        """Virtual seconds since this play began."""
        return self.runtime.monotonic() - START

    def store(self, **options: Any) -> LaggingStore:
        """A store over the journal of this test; a second one is a second process."""
        return LaggingStore(tables=self.tables, **options)

    def engine(self, *providers: Any, **options: Any) -> AsyncEngine:
        """An engine over these providers; what it tells of attempts is in `told`."""
        facts: dict[str, Any] = {
            "providers": list(providers),
            "acceptance": Acceptance(allow_fictional=True),
            "runtime": self.runtime,
            "env": {},
            "secret": b"s" * 32,
            "transport": Wires((200, b"null")),
            "on_attempt": self.told.append,
        }
        facts |= options
        if "store" not in facts:
            facts["store"] = MemoryStore(tables=self.tables)
        return AsyncEngine(**facts)

    def enrich(self, *providers: Any, contact: Any = None, **options: Any) -> PhoneResult:
        """The result of one lookup, by default of Ada, in an engine of its own over the journal of this test."""
        asked = {k: options.pop(k) for k in ("deadline", "max_age", "refresh") if k in options}

        async def work() -> PhoneResult:
            async with self.engine(*providers, **options) as engine:
                return await engine.enrich_phone(self.contact() if contact is None else contact, **asked)

        return self.play(work)

    def bulk(self, *providers: Any, rows: Iterable[Any], **options: Any) -> list[PhoneResult]:
        """The results of a bulk run, in an engine of its own over the journal of this test."""
        names = (
            "concurrency", "ordered", "deadline", "max_age", "refresh", "retry", "since", "when_paced", "when_parked",
            "on_waiting", "on_done",
        )  # fmt: skip
        asked = {k: options.pop(k) for k in names if k in options}

        async def work() -> list[PhoneResult]:
            async with self.engine(*providers, **options) as engine:
                return [result async for result in engine.enrich_phones(rows, **asked)]

        return self.play(work)

    @staticmethod
    def contact(**fields: Any) -> Contact:
        """Ada with everything that is known of her, or somebody with just these fields."""
        return Contact(record_id=fields.pop("record_id", "1"), **(fields or ADA))

    @staticmethod
    def people(count: int) -> list[dict[str, str]]:
        """So many people who have an email address and nothing else."""
        return [{"record_id": str(number), "email": f"p{number}@engines.example"} for number in range(count)]

    def rows(self) -> list[Row]:
        """What the journal holds: settled attempts, then open intents."""
        return [*self.tables.settled, *(intent.row() for intent in self.tables.open.values())]

    @staticmethod
    def run_of(
        contact: Contact | None = None, *, started: float = 0.0, slots: Place | None = None, **facts: Any
    ) -> Run:
        """An enrichment in progress, for the parts that are tested alone."""
        options = Options(acceptance=facts.pop("acceptance", Acceptance(allow_fictional=True)), **facts)
        subject = Subject.of(Lab.contact() if contact is None else contact)
        asked = {method: query.key for method, query in subject.queries.items()}
        return Run(1, subject, b"record", asked, options, started, slots)

    @staticmethod
    def free(answers: Any, *, name: str = "free", **facts: Any) -> FakeProvider:
        """A provider that costs nothing."""
        return FakeProvider(answers, name=name, **facts)

    @staticmethod
    def paid(answers: Any, *, name: str = "paid", price: Price | None = None, **facts: Any) -> FakeProvider:
        """A provider that bills two credits a hit, unless another price is given."""
        facts.setdefault("typical", 0.1)
        return FakeProvider(answers, name=name, price=Price.per_hit(2) if price is None else price, **facts)

    @staticmethod
    def by_email(answers: Any, **facts: Any) -> FakeProvider:
        """A provider that bills two credits a hit and is asked by email alone."""
        return Lab.paid(answers, methods=["email"], **facts)

    @staticmethod
    def story(result: PhoneResult) -> list[str]:
        """The attempts of a result, one short text each."""
        return [
            f"{a.provider}/{a.method.value} {a.outcome.value}" + (f" {a.reason}" if a.reason else "")
            for a in result.attempts
        ]

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait in virtual time until `condition()` holds."""
        while not condition():  # noqa: ASYNC110 - a condition of the engine's own has no event
            await asyncio.sleep(0.01)


@pytest.fixture
def lab() -> Lab:
    """A laboratory with an empty journal."""
    return Lab()
