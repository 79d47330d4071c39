"""The whole engine over real HTTP on this machine: what a transport costs, the vendor being another process."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx

from enrichcore.engine.reply import Reply
from enrichcore.engine.transport import Kind, Transport, Watch, Wire
from tests.benchmarks.engine_cases import engine, enrich_all
from tests.benchmarks.pairs import Case, Clock, Measure, in_turn
from tests.benchmarks.people import remote
from tests.benchmarks.yardstick import log_as_it_does

CONCURRENCY = 100


class StockTransport:
    """httpx as everybody has it: one pool of 100 connections behind `httpx.AsyncClient`."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
        self._client = httpx.AsyncClient(limits=limits, trust_env=False, timeout=60.0)

    async def send(
        self, request: httpx.Request, watch: Watch, *, connect_timeout: float, max_body: int
    ) -> httpx.Response:
        """See `Transport.send`."""
        watch.wire = Wire.MAYBE_SENT
        sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        response = await self._client.send(sent)
        watch.wire = Wire.ANSWERED
        return Reply(response.status_code, response.headers, response.content, request)

    async def forget(self) -> None:
        """Nothing is kept."""

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


@contextlib.contextmanager
def vendor() -> Iterator[str]:
    """The vendor's process; its address."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("vendor.py"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
            process.wait(10)


@contextlib.asynccontextmanager
async def _transport(kind: Kind | str) -> AsyncIterator[Kind | Transport]:
    if kind != "stock":
        yield kind  # type: ignore[misc]
        return
    stock = StockTransport()
    try:
        yield stock
    finally:
        await stock.aclose()


def wire_cpu(records: int, kind: str) -> Measure:
    """CPU microseconds this process takes for a record of 2.5 requests on average."""

    async def run(address: str) -> float:
        log_as_it_does(events=False)
        async with (
            _transport(kind) as transport,
            engine("memory", providers=remote(address), transport=transport) as opened,
        ):
            await enrich_all(opened, CONCURRENCY, concurrency=CONCURRENCY)  # opens the connections
            with Clock() as clock:
                await enrich_all(opened, records, first=CONCURRENCY, concurrency=CONCURRENCY)
        return clock.each(records)

    def measure() -> float:
        with vendor() as address:
            return asyncio.run(run(address))

    return measure


def cases(*, small: bool) -> list[Case]:
    """The cases, at full size or at the size of a smoke test."""
    n = 200 if small else 1_500
    about = "whole engine over HTTP at concurrency 100, CPU a record: "
    return [
        Case(
            "fast-stock",
            f"{about}`fast` ÷ plain httpx (one AsyncClient of 100 connections)",
            in_turn(wire_cpu(n, "fast"), wire_cpu(n, "stock")),
            bar=0.35,
        ),
        Case("fast-plain", f"{about}`fast` ÷ our plain transport", in_turn(wire_cpu(n, "fast"), wire_cpu(n, "plain"))),
        Case(
            "plain-stock",
            f"{about}our plain transport ÷ plain httpx",
            in_turn(wire_cpu(n, "plain"), wire_cpu(n, "stock")),
        ),
    ]
