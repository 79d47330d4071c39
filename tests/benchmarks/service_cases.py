"""The service that gives a stored answer, against an ASGI app that checks the key and echoes: cost and patience."""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

import attrs

from enrichcore import AsyncEngine
from enrichcore.model import EmailQuery, Hit, Number
from enrichcore.plugins import Provider, hookimpl
from tests.benchmarks.pairs import Case, Clock, Measure, in_turn
from tests.benchmarks.yardstick import log_as_it_does

CALLERS: Final = 16
SHARE: Final = 0.3
"""Of its own peak, under which each is asked how long it takes."""
PEOPLE: Final = 64
QUIET: Final = 500
"""Requests a second."""
_SECRET: Final = bytes(32)
_LOAD: Final = Path(__file__).parents[1] / "processes" / "load.py"
_BODY: Final = {"record_id": "r1", "email": "p1@firm.example"}

App = Any


class Instant(Provider):
    """Knows everybody at once."""

    name = "instant"

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit:
        """The number."""
        return Hit(Number(f"+1650253{int(query.email[1:].partition('@')[0]):04d}"))


def echo(key: str) -> App:
    """The yardstick: an app that checks the bearer and sends back what came."""
    bearer = f"Bearer {key}".encode()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert dict(scope["headers"])[b"authorization"] == bearer
        body = (await receive())["body"]
        length = b"%d" % len(body)
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


@contextlib.asynccontextmanager
async def service(path: str) -> AsyncIterator[tuple[App, str]]:
    """The whole service over a journal in a file, with its own accounts; and a key."""
    from enrichcore.service.accounts import StoreAccounts
    from enrichcore.service.app import create_app
    from enrichcore.service.keys import Desk

    log_as_it_does(events=False)
    async with AsyncEngine(providers=[Instant], store=f"sqlite:///{path}", secret=_SECRET, env={}) as engine:
        app = create_app(engine, StoreAccounts(engine))
        yield app, (await (await Desk.of(engine)).create("acme", time.time(), credits=10_000)).key
        await app.aclose()


# --- CPU, without a server: what it costs both is left out --------------------------------------------------------


def scope(key: str) -> dict[str, Any]:
    """A request as a server hands it on."""
    headers = {
        "host": "service.example",
        "user-agent": "a client",
        "accept": "*/*",
        "authorization": f"Bearer {key}",
        "content-type": "application/json",
        "content-length": str(len(json.dumps(_BODY))),
    }
    return {
        "type": "http",
        "method": "POST",
        "path": "/v1/enrich/phone",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


async def cpu(app: App, key: str, times: int) -> float:
    """CPU microseconds of one request, the first of which is not counted."""
    sent = {"type": "http.request", "body": json.dumps(_BODY).encode(), "more_body": False}
    asked = asyncio.Event()
    got: list[Any] = []

    async def first() -> Any:
        if not asked.is_set():
            asked.set()
            return sent
        return await asyncio.Event().wait()

    async def receive() -> Any:
        return sent

    async def send(message: Any) -> None:
        got.append(message)

    request = scope(key)
    await app(dict(request), first, send)
    got.clear()
    with Clock() as clock:
        for _ in range(times):
            await app(dict(request), receive, send)
    assert len(got) == 2 * times
    assert got[0]["status"] == 200
    assert key == "key" or (b"x-enrichcore-cache", b"hit") in got[0]["headers"]
    return clock.each(times)


def hit_cpu(times: int) -> Measure:
    """CPU microseconds of the service for an answer that it has."""

    async def run(folder: str) -> float:
        async with service(str(Path(folder, "journal.db"))) as (app, key):
            return await cpu(app, key, times)

    def measure() -> float:
        with tempfile.TemporaryDirectory() as folder:
            return asyncio.run(run(folder))

    return measure


def echo_cpu(times: int) -> Measure:
    """CPU microseconds of the yardstick."""
    return lambda: asyncio.run(cpu(echo("key"), "key", times))


# --- patience, over HTTP: both behind the same server ---------------------------------------------------------------


@attrs.frozen
class Served:
    """One of the two in a process of its own."""

    port: int
    key: str
    process: "subprocess.Popen[str]"

    def cpu(self) -> float:
        """Seconds of CPU that it has taken so far."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def crowd(self, **wish: Any) -> dict[str, Any]:
        """What a crowd of callers sees, who all have been answered before."""
        told = json.dumps({"port": self.port, "keys": [self.key], "first": 0, "records": PEOPLE, **wish})
        done = subprocess.run([sys.executable, str(_LOAD), told], capture_output=True, text=True, check=True)
        seen: dict[str, Any] = json.loads(done.stdout)
        assert (seen["lost"], seen["statuses"]) == (0, {"200": seen["asked"]})
        return seen


@contextlib.contextmanager
def served(kind: str) -> Iterator[Served]:
    """Serve one of the two, whose callers have all been answered once."""
    command = [sys.executable, __file__, kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port, key = process.stdout.readline().split()
            one = Served(int(port), key, process)
            one.crowd(rate=2 * PEOPLE, seconds=1)
            yield one
        finally:
            process.stdin.close()
            process.wait(30)


def served_cpu(kind: str, seconds: float) -> Measure:
    """CPU microseconds of the server's process for one request, at a quiet pace."""

    def measure() -> float:
        with served(kind) as one:
            before = one.cpu()
            asked: int = one.crowd(rate=QUIET, seconds=seconds)["asked"]
            return (one.cpu() - before) / asked * 1e6

    return measure


def patience(kind: str, seconds: float) -> Measure:
    """Milliseconds within which 99 of 100 are answered at three tenths of the peak."""

    def measure() -> float:
        with served(kind) as one:
            peak = one.crowd(callers=CALLERS, seconds=seconds)["asked"] / seconds
            p99: float = one.crowd(rate=SHARE * peak, seconds=2 * seconds)["p99"]["200"]
            return p99

    return measure


async def serve(kind: str) -> None:
    """Serve until standard input ends."""
    from enrichcore.service.server import Server, listen

    with tempfile.TemporaryDirectory() as folder, contextlib.closing(listen("127.0.0.1", 0)) as listener:
        async with contextlib.AsyncExitStack() as stack:
            app, key = echo("key"), "key"
            if kind == "service":
                app, key = await stack.enter_async_context(service(str(Path(folder, "journal.db"))))
            port = listener.getsockname()[1]
            server = Server(app, lifespan=False, ready=lambda: print(port, key, flush=True))
            serving = asyncio.ensure_future(server._serve([listener]))  # without its signal handlers
            while await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
                print(time.process_time(), flush=True)
            server.should_exit = True
            await serving


def cases(*, small: bool) -> list[Case]:
    """The cases, at full size or at the size of a smoke test."""
    times, seconds = (500, 0.4) if small else (20_000, 4.0)
    return [
        Case(
            "service-hit",
            "a stored answer of the service ÷ an ASGI app that checks the key and echoes, CPU of the process over HTTP",
            in_turn(served_cpu("service", seconds), served_cpu("echo", seconds)),
            bar=5.0,
        ),
        Case(
            "service-hit-app",
            "the same without a server: the app alone ÷ the other app alone",
            in_turn(hit_cpu(times), echo_cpu(times)),
        ),
        Case(
            "service-p99",
            "the same over HTTP: the 99th percentile at 30 % of each one's own peak",
            in_turn(patience("service", seconds), patience("echo", seconds)),
            unit="ms",
            bar=3.0,
        ),
    ]


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
