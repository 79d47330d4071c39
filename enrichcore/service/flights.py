"""Flights: one lookup for all who ask for the same, paid for once, carried to its end whoever leaves."""

import asyncio
from collections import Counter
from typing import Any

import attrs

from enrichcore.config import ServiceConfig
from enrichcore.engine.run import Hold
from enrichcore.engine.serving import Serving
from enrichcore.errors import RecordChanged
from enrichcore.model import Contact, PhoneResult, Status
from enrichcore.runtime import Runtime
from enrichcore.service.account import Account, Accounts
from enrichcore.service.admission import Admission
from enrichcore.service.refusal import Refusal, too_many

_END = frozenset({Status.FOUND, Status.NOT_FOUND, Status.SUPPRESSED, Status.INVALID})


@attrs.define(eq=False)
class Flight:
    """One lookup under way. `until` is when it has to be over, on the clock that never jumps."""

    until: float
    hold: Hold = attrs.field(factory=Hold)
    waiting: int = 0
    admitted: bool = False
    task: asyncio.Task[PhoneResult] = attrs.field(init=False)


class Flights:
    """The lookups under way in one process."""

    def __init__(self, accounts: Accounts, admission: Admission, config: ServiceConfig, runtime: Runtime) -> None:
        self._accounts = accounts
        self._admission = admission
        self._config = config
        self._runtime = runtime
        self._flying: dict[tuple[str, Contact, bool], Flight] = {}
        self._all: set[Flight] = set()
        self._asking: Counter[str] = Counter()
        self._closing = False

    async def result(
        self,
        account: Account,
        serving: Serving,
        contact: Contact,
        *,
        until: float,
        refresh: bool,
        gone: asyncio.Future[Any] | None = None,
    ) -> PhoneResult | None:
        """What the lookup comes to, by joining one that is under way or starting it; None when `gone` came first.

        Raises:
            Refusal: the tenant's concurrency, an overload, too few credits, or a changed record.
            StoreError: the journal cannot be written.
        """
        if account.concurrency is not None and self._asking[account.tenant] >= account.concurrency:
            raise too_many("concurrency", f"At most {account.concurrency} requests of yours at the same time.", 1)
        self._asking[account.tenant] += 1
        try:
            return await self._result(account, serving, contact, until=until, refresh=refresh, gone=gone)
        finally:
            self._asking[account.tenant] -= 1
            if not self._asking[account.tenant]:
                del self._asking[account.tenant]

    async def _result(
        self,
        account: Account,
        serving: Serving,
        contact: Contact,
        *,
        until: float,
        refresh: bool,
        gone: asyncio.Future[Any] | None,
    ) -> PhoneResult | None:
        while True:
            key = (account.tenant, contact, refresh)
            flight = self._flying.get(key)
            ours = flight is None
            if flight is None:
                flight = self._start(key, account, serving, until)
            flight.waiting += 1
            try:
                waited = [flight.task] if gone is None else [flight.task, gone]
                # Our own lookup keeps its deadline by itself; another's may last longer than we can wait.
                left = None if ours else max(until - self._runtime.monotonic(), 0.0)
                await asyncio.wait(waited, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                flight.waiting -= 1
                if not flight.waiting and not flight.task.done():
                    self._leave(key, flight)
            if not flight.task.done():
                return None if gone is not None and gone.done() else _unfinished(contact)
            result = flight.task.result()
            if ours or result.status in _END or flight.until >= until:
                return result

    def _start(self, key: tuple[str, Contact, bool], account: Account, serving: Serving, until: float) -> Flight:
        flight = Flight(until)
        if self._closing:
            flight.hold.leave()
        _, contact, refresh = key
        work = self._fly(account, serving, contact, flight, refresh=refresh)
        flight.task = asyncio.get_running_loop().create_task(work)
        self._flying[key] = flight
        self._all.add(flight)

        def landed(task: asyncio.Task[PhoneResult]) -> None:
            self._all.discard(flight)
            if self._flying.get(key) is flight:
                del self._flying[key]
            if not task.cancelled():
                task.exception()  # told to whoever waits; if nobody does, it is nobody's news

        flight.task.add_done_callback(landed)
        return flight

    def _leave(self, key: tuple[str, Contact, bool], flight: Flight) -> None:
        """Nobody waits any more: the paid call under way is finished and stored, and no other is started."""
        flight.hold.leave()
        if not flight.admitted:  # it gives up its place in the queue
            flight.task.cancel()
        if self._flying.get(key) is flight:
            del self._flying[key]

    async def _fly(
        self, account: Account, serving: Serving, contact: Contact, flight: Flight, *, refresh: bool
    ) -> PhoneResult:
        clock = self._runtime.monotonic
        await self._admission.enter(account.tenant, within=max(flight.until - clock(), 0.0))
        flight.admitted = True
        began = clock()
        try:
            return await self._bought(account, serving, contact, flight, refresh=refresh)
        except RecordChanged:
            raise Refusal(
                400, "record_conflict", "This record_id stood for somebody else before: send a new id for a new person."
            ) from None
        finally:
            self._admission.leave(account.tenant, clock() - began)

    async def _bought(
        self, account: Account, serving: Serving, contact: Contact, flight: Flight, *, refresh: bool
    ) -> PhoneResult:
        """Credits are set aside before and settled after; without enough of them only what is stored is given."""
        price = self._config.credits_per_hit
        left = await self._accounts.reserve(account, price) if price else None
        spent = 0
        try:
            result = await serving.look_up(
                contact,
                flight.hold,
                deadline=max(flight.until - self._runtime.monotonic(), 0.0),
                refresh=refresh,
                ask=left is None,
                reject_changed=self._config.on_changed_record == "reject",
            )
            spent = price if _sold(result, flight.hold) else 0
        finally:
            if price and left is None:
                await self._accounts.settle(account, price, spent=spent)
        if left is not None and result.status is Status.INCOMPLETE:
            raise Refusal(
                400,
                "insufficient_credits",
                f"A lookup costs {price} when it finds a number, and {left} credits are left.",
                credits_required=price,
                credits_remaining=left,
            )
        return result

    async def close(self) -> None:
        """Finish the calls under way, start no other, and settle what they cost."""
        self._closing = True
        for flight in self._all:
            flight.hold.leave()
        while self._all:
            await asyncio.wait([flight.task for flight in self._all])


def _sold(result: PhoneResult, hold: Hold) -> bool:
    """Whether this lookup found a number that was not the tenant's already."""
    if result.status is not Status.FOUND or result.stale or hold.joined or hold.run is None or hold.run.replayed:
        return False
    return result.changed or not result.cached


def _unfinished(contact: Contact) -> PhoneResult:
    """What is said at the deadline of a lookup that goes on for others."""
    return PhoneResult(
        record_id=contact.record_id or "",
        first_name=contact.first_name,
        last_name=contact.last_name,
        company=contact.company,
        email=contact.email,
        linkedin_id=contact.linkedin_id,
        status=Status.INCOMPLETE,
        reason="in_flight",
    )
