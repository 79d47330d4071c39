"""The network: a transport of the engine that ends in the vendors of the simulation.

It keeps the promises of `engine/transport.py` the way the real ones do: `Unsent` only before the first byte, a
connection that breaks afterwards is maybe sent, and the verdict on the `Watch` is true at any moment.
"""

import asyncio
import contextvars
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx

from enrichcore.engine.reply import Reply as HttpReply
from enrichcore.engine.transport import Watch, Wire, lost
from enrichcore.errors import Unsent
from tests.sim.history import Call, Fate, History
from tests.sim.vendor import LOOKUP_FAULTS, WIRE_FAULTS, Account, Fault, Reply, Vendor

T = TypeVar("T")

_NEVER_ANSWERS = (Fault.LOST, Fault.RESET, Fault.CUT)
_OUTSIDE = contextvars.Context()
"""Where vendors work: no process owns what happens there."""


def outside(history: History, seconds: float, work: Callable[[], T]) -> "asyncio.Future[T]":
    """The result of something that happens after a while, whether or not anybody still waits for it."""
    future: asyncio.Future[T] = history.loop.create_future()

    def happen() -> None:
        result = work()
        if not future.done():
            future.set_result(result)

    history.loop.call_later(seconds, happen, context=_OUTSIDE)
    return future


class SimTransport:
    """One process's way to the vendors, each at its own host."""

    def __init__(self, history: History, vendors: dict[str, Vendor], tenant: str) -> None:
        self._history = history
        self._vendors = vendors
        self._tenant = tenant
        self.closed = False

    async def send(
        self, request: httpx.Request, watch: Watch, *, connect_timeout: float, max_body: int
    ) -> httpx.Response:
        """See `engine.transport.Transport.send`."""
        where = urlsplit(request.address)  # type: ignore[attr-defined]
        vendor = self._vendors[(where.hostname or "").split(".")[0]]
        asked = dict(parse_qsl(where.query))
        call = self._history.calls[int(asked["call"])] if "call" in asked else None
        account = vendor.accounts[self._tenant]
        fault = vendor.fault(WIRE_FAULTS if call is None else LOOKUP_FAULTS)
        if fault is Fault.CONNECT_HANG:
            await asyncio.sleep(connect_timeout)
            raise Unsent(f"no connection within {connect_timeout:g} s")
        await asyncio.sleep(vendor.rng.random() * 0.03)
        if fault is Fault.REFUSED:
            raise Unsent("no connection: it was refused")
        watch.wire = Wire.MAYBE_SENT
        if call is not None:
            self._history.sent(call)
        pause = vendor.pause(fault)
        if fault is Fault.LOST:
            await asyncio.sleep(pause)
            raise lost()
        arrives = pause * vendor.rng.random()
        reply = await outside(
            self._history, arrives, lambda: self._work(vendor, account, where.path, call, asked, fault)
        )
        await asyncio.sleep(pause - arrives)
        if fault is Fault.HANG:
            await self._history.loop.create_future()
        if fault in _NEVER_ANSWERS:
            raise lost()
        watch.wire = Wire.ANSWERED
        self._came_back(vendor, call, asked, reply)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(reply.body))), *reply.headers]
        return HttpReply(reply.status, headers, reply.body, request)

    @staticmethod
    def _work(
        vendor: Vendor, account: Account, path: str, call: Call | None, asked: dict[str, str], fault: Fault | None
    ) -> Reply:
        if call is not None:
            return vendor.lookup(account, call, fault, as_job=path == "/v1/jobs")
        if path == "/v1/balance":
            return vendor.balance(account, fault)
        return vendor.poll(account, asked["job"], fault)

    def _came_back(self, vendor: Vendor, call: Call | None, asked: dict[str, str], reply: Reply) -> None:
        if call is None and "job" in asked:
            call = vendor.jobs[asked["job"]].call
            if reply.fate is Fate.PROMISED:
                return
        if call is not None:
            call.retry_after = reply.retry_after
            self._history.came_back(call, reply.fate, reply.told)

    async def forget(self) -> None:
        """Nothing is kept."""

    async def aclose(self) -> None:
        """See `engine.transport.Transport.aclose`."""
        self.closed = True
