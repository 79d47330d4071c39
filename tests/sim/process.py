"""One process of the simulation: an engine with its own clocks, its own store object and its own end."""

import asyncio
import contextvars
import random
from collections.abc import Callable, Coroutine, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from enrichcore import AsyncEngine
from enrichcore.engine import story
from enrichcore.engine.enricher import Enricher
from enrichcore.engine.tenant import DEFAULT_TENANT, Tenant
from enrichcore.model import Acceptance, Attempt, Billed, Budget, Outcome
from enrichcore.runtime import Runtime
from tests.sim.history import REQUEST, History, Request
from tests.sim.journal import MemoryLedger, SimStore
from tests.sim.loop import OWNER
from tests.sim.mishap import Trouble
from tests.sim.sqlite_journal import SimSqlite, SqliteLedger
from tests.sim.suppliers import SUPPLIERS, Supplier
from tests.sim.vendor import Vendor
from tests.sim.wire import SimTransport

T = TypeVar("T")

Ledger = MemoryLedger | SqliteLedger
Journal = SimStore | SimSqlite

SECRET = b"the secret of the simulation 001"
EVERY_NUMBER = Acceptance(allow_fictional=True)
MOBILES = Acceptance(allow_fictional=True, line_types={"mobile"})


class SimRuntime(Runtime):
    """Virtual clocks, seeded randomness, and threads that are virtual time too."""

    def __init__(self, history: History, rng: random.Random, *, skew: float) -> None:
        self.rng = rng
        self._history = history
        self._skew = skew

    def monotonic(self) -> float:
        return self._history.loop._now + 1000.0

    def wall(self) -> float:
        return self._history.wall + self._skew

    async def run_blocking(self, function: Callable[..., T], *args: object) -> T:
        """The call happens at once, its caller hears of it later; one that gives up meanwhile never does."""
        history = self._history
        before = len(history.calls)
        result: T | None = None
        error: Exception | None = None
        try:
            result = function(*args)
        except Exception as raised:  # noqa: BLE001 - a thread hands on whatever was raised in it
            error = raised
        call = history.calls[before]
        await asyncio.sleep(call.lasts)
        if call.reply is not None:
            history.came_back(call, call.reply.fate, call.reply.told)
            call.retry_after = call.reply.retry_after
        if error is not None:
            raise error
        return result  # type: ignore[return-value]

    def close(self) -> None:
        """Nothing is held."""


@attrs.frozen(kw_only=True)
class Build:
    """What a process is made of."""

    tenant: str
    latency: float | None
    """The longest half of a commit, in seconds; None for a store that never waits."""
    trouble: Trouble | None
    skew: float
    rates: dict[str, tuple[str, ...]]
    typical: float
    order: Sequence[str] | None
    prices: dict[str, Decimal]
    """What a credit of each vendor costs."""
    budget: Budget
    own_keys: bool
    """Whether a tenant brings its own keys, or uses those of the engine."""


class Process:
    """An engine that can be started, closed and killed."""

    def __init__(
        self, number: int, history: History, ledger: Ledger, vendors: dict[str, Vendor], build: Build, seed: str
    ) -> None:
        self.number = number
        self.tenant = build.tenant
        self.build = build
        self.dead = False
        self.up = False
        self.closing: float | None = None
        self.closed = False
        self.failed_at: float | None = None
        """When the engine first told somebody that its journal failed."""
        self.ended_badly = False
        """Whether it may have left an intent open: killed, closed by force, or cut off from its journal."""
        self.resumed: dict[str, float] = {}
        self.jumped: float | None = None
        self.rng = random.Random(f"{seed} store of {number}")
        self.runtime = SimRuntime(history, random.Random(f"{seed} engine of {number}"), skew=build.skew)
        self.store: Journal = ledger.store(self, latency=build.latency, trouble=build.trouble)
        self.on_death: Callable[[], None] = _nothing
        self.on_failure: Callable[[], None] = _nothing
        """Called when its journal fails: it buys nothing more, so somebody restarts it."""
        self._death: asyncio.Future[None] = history.loop.create_future()
        self._history = history
        self._ledger = ledger
        self.vendors = vendors
        self._context = contextvars.Context()
        self._context.run(OWNER.set, self)
        self.engine = AsyncEngine(
            providers=[self._supplier(name) for name in vendors],
            order=build.order,
            store=self.store,
            settings={name: {"credit_price": str(build.prices[name])} for name in vendors},
            credentials={name: f"zq-key-{name}" for name in vendors},
            acceptance=EVERY_NUMBER,
            budget=build.budget,
            on_attempt=_heard,
            offline=False,
            transport=SimTransport(history, vendors, build.tenant),
            runtime=self.runtime,
            secret=SECRET,
            env={},
        )
        self.face: Enricher = self.engine
        """The engine, as the tenant sees it."""

    def __str__(self) -> str:
        return f"p{self.number}"

    def _supplier(self, name: str) -> Supplier:
        vendor = self.vendors[name]
        supplier = SUPPLIERS[name]()
        facts: dict[str, Any] = {"price": vendor.price, "timeout": vendor.timeout, "typical": self.build.typical}
        retention = vendor.hit_lifetime / 86_400
        vars(supplier).update(
            facts, vendor=vendor, rate=self.build.rates.get(name, ()), retention=None if retention >= 90 else retention
        )
        return supplier

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the engine for its tenant."""
        await self.spawn(self._open())
        self.up = True
        self._history.owners[self.store.owner] = self
        self._history.note(f"{self} is up for {self.tenant}")

    async def _open(self) -> None:
        await self.engine.__aenter__()
        if self.tenant != DEFAULT_TENANT:
            keys = {name: f"zq-key-{name}-{self.tenant}" for name in self.vendors} if self.build.own_keys else None
            self.face = self.engine.for_tenant(self.tenant, credentials=keys)
            await self.face._ready()

    @property
    def inside(self) -> Tenant:
        """The tenant at work in the engine."""
        tenant = self.face._tenant
        assert tenant is not None
        return tenant

    async def close(self, *, force: bool = False) -> None:
        """Close the engine; what it raises is what it says of its journal."""
        self.ended_badly = self.ended_badly or force or self.store.mishap.failed_at is not None
        error = await self.outcome(self.spawn(self._close(force=force)))
        if self.dead:
            return
        self.closed = True
        self._history.note(f"{self} is closed: {error!r}")

    async def outcome(self, task: "asyncio.Task[Any]") -> BaseException | None:
        """Wait for the end of a task or of the whole process; what the task raised."""
        await asyncio.wait([task, self._death], return_when=asyncio.FIRST_COMPLETED)
        return task.exception() if task.done() and not task.cancelled() else None

    async def _close(self, *, force: bool) -> None:
        self.closing = self._history.now
        self._history.note(f"{self} closes{' by force' if force else ''}")
        await self.engine.aclose(force=force)

    def kill(self, *, linger: float = 0.0) -> None:
        """End without a word; for `linger` seconds others still take this owner for alive."""
        if self.dead or self.closed or not self.up:
            return
        self.dead = self.ended_badly = True
        self._history.note(f"{self} is killed")
        self._death.set_result(None)
        self._ledger.bury(self.store.owner, linger)
        self.on_death()

    def within(self, function: Callable[..., T], *args: object) -> T:
        """The result of a call that this process makes."""
        return self._context.copy().run(function, *args)

    def spawn(self, work: Coroutine[Any, Any, T], request: Request | None = None) -> "asyncio.Task[T]":
        """A task of this process."""
        context = self._context.copy()
        context.run(REQUEST.set, request)
        task: asyncio.Task[T] = self._history.loop.create_task(work, context=context)
        return task


def _nothing() -> None:
    """Nobody listens."""


def _heard(attempt: Attempt) -> None:
    request = REQUEST.get()
    if request is not None:
        history = request.process._history
        for listener in history.on_attempt:
            listener(request, attempt)
        request.accepted = request.accepted or attempt.outcome is Outcome.HIT
        request.pending = request.pending or (attempt.reason == story.PENDING and attempt.billed is not Billed.NO)
