"""A server that misbehaves on command, over real sockets, and a probe that asks it through either transport.

The server runs in a thread with a loop of its own, so that a test may drive it from any kind of code.
"""

import asyncio
import json
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import attrs
import httpx
import pytest

from enrichcore.engine.http import AttemptHttp, ProviderHttp
from enrichcore.engine.transport import Kind, Transport, Wire, make_transport
from enrichcore.plugins import Provider

WALL = 1_790_000_000.0  # 2026-09-21T13:33:20Z
KEY = "canary-key-0001"


@attrs.frozen
class Seen:
    """One request as the server read it; header names are lower case, `connection` counts from 1."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self) -> Any:
        return json.loads(self.body)


@attrs.define
class Peer:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    stop: asyncio.Event

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hang(self) -> None:
        """Do nothing until the server closes."""
        await self.stop.wait()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@attrs.frozen
class Action:
    """What the server does next; `run` says whether the connection goes on. `on_accept`: before reading anything."""

    run: Callable[[Peer], Awaitable[bool]]
    on_accept: bool = False


class FaultServer:
    """Plays a script, one action per request; then asks `handler`, if there is one; else answers 200 with `{}`."""

    def __init__(self, tls: tuple[Path, Path] | None = None) -> None:
        self.requests: list[Seen] = []
        self.connections = 0
        self.handler: Callable[[Seen], Action] | None = None
        self._script: deque[Action] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-server", daemon=True)
        self._thread.start()
        context = None
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
        self._server: asyncio.Server = self._run(self._start(context))
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def script(self, *actions: Action) -> None:
        """Queue what is done with the next requests."""
        self._script.extend(actions)

    def close(self) -> None:
        self._run(self._stop_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # ---- what it can do ----

    @staticmethod
    def raw(
        data: bytes | Iterable[bytes], then: str = "close", *, every: float = 0.0, on_accept: bool = False
    ) -> Action:
        """Send bytes as they are, in pieces with `every` seconds between, then `keep`, `close`, `reset` or `hang`."""

        async def run(peer: Peer) -> bool:
            for piece in [data] if isinstance(data, bytes) else data:
                await peer.send(piece)
                if every:
                    await asyncio.sleep(every)
            if then == "hang":
                await peer.hang()
            if then == "reset":
                peer.reset()
            return then == "keep"

        return Action(run, on_accept)

    @classmethod
    def reply(
        cls,
        status: int = 200,
        value: Any = None,
        *,
        body: bytes | None = None,
        headers: Iterable[tuple[str, str]] = (),
        then: str = "keep",
    ) -> Action:
        """A correct answer with `value` as JSON, or `body` as it is."""
        if body is None:
            body = b"" if value is None else json.dumps(value).encode()
        lines = [f"HTTP/1.1 {status} Status", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {text}" for name, text in headers]
        return cls.raw("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body, then)

    @classmethod
    def hang(cls) -> Action:
        """Read the request and never answer."""
        return cls.raw(b"", "hang")

    @classmethod
    def reset(cls) -> Action:
        """Read the request, then reset."""
        return cls.raw(b"", "reset")

    @staticmethod
    def hang_on_accept() -> Action:
        """Accept and never read."""

        async def run(peer: Peer) -> bool:
            await peer.hang()
            return False

        return Action(run, on_accept=True)

    @staticmethod
    def reset_on_accept() -> Action:
        """Accept and reset without reading."""

        async def run(peer: Peer) -> bool:
            peer.reset()
            return False

        return Action(run, on_accept=True)

    # ---- how it does it ----

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self, context: ssl.SSLContext | None) -> asyncio.Server:
        self._stop = asyncio.Event()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # broken connections are its purpose
        return await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=context, limit=1 << 20)

    async def _stop_all(self) -> None:
        self._server.close()
        self._stop.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()  # what a client did not want to read is still waiting to be written
        for _ in range(3):
            await asyncio.sleep(0)  # closing a transport takes the loop another turn, with TLS two

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        task = self._loop.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        peer = Peer(reader, writer, self.connections, self._stop)
        try:
            if self._script and self._script[0].on_accept:
                await self._script.popleft().run(peer)
                return
            while (seen := await self._read(peer)) is not None:
                self.requests.append(seen)
                if not await self._next(seen).run(peer):
                    return
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    def _next(self, seen: Seen) -> Action:
        if self._script:
            return self._script.popleft()
        return self.handler(seen) if self.handler is not None else self.reply(200, {})

    @staticmethod
    async def _read(peer: Peer) -> Seen | None:
        try:
            head = await peer.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await peer.reader.readexactly(int(headers.get("content-length", "0")))
        return Seen(method, target, headers, body, peer.number)


@attrs.frozen
class Outcome:
    """What came of one attempt."""

    wire: Wire
    reply: httpx.Response | None
    error: BaseException | None


@attrs.frozen
class Probe:
    """Makes one attempt the way the engine does: through `ProviderHttp`, under a timeout that cancels it."""

    kind: Kind

    def transport(self, **options: Any) -> Transport:
        return make_transport(self.kind, **options)

    def home(
        self, base_url: str, transport: Transport, provider: type[Provider] = Provider, **options: Any
    ) -> ProviderHttp:
        settings: dict[str, Any] = {"key": KEY, "user_agent": "enrichcore-tests", "offline": True, "wall": lambda: WALL}
        return ProviderHttp(provider(), transport=transport, base_url=base_url, **(settings | options))

    def ask(
        self,
        base_url: str,
        path: str = "/phone",
        *,
        method: str = "POST",
        json: Any = None,
        timeout: float = 10.0,
        provider: type[Provider] = Provider,
        ca_file: str | None = None,
        **options: Any,
    ) -> Outcome:
        """One request; whatever it raises is in the outcome, a cancellation by `timeout` as TimeoutError."""

        async def run() -> Outcome:
            transport = self.transport(ca_file=ca_file)
            http = self.home(base_url, transport, provider, **options).attempt()
            try:
                return await self.attempt(http, path, method=method, json=json, timeout=timeout)
            finally:
                await transport.aclose()

        return asyncio.run(run())

    async def attempt(
        self,
        http: AttemptHttp,
        path: str = "/phone",
        *,
        method: str = "POST",
        json: Any = None,
        timeout: float = 10.0,  # noqa: ASYNC109 - it stands for the engine's
    ) -> Outcome:
        reply: httpx.Response | None = None
        error: BaseException | None = None
        try:
            async with asyncio.timeout(timeout):
                reply = await http.request(method, path, json=json)
        except Exception as caught:  # noqa: BLE001 - the outcome of the test
            error = caught
        return Outcome(http.wire, reply, error)


@pytest.fixture(params=["plain", "fast"])
def probe(request: pytest.FixtureRequest) -> Probe:
    if request.param == "fast":
        pytest.importorskip("pyreqwest", reason="the extra `fast` is not installed")
    return Probe(cast("Kind", request.param))


@pytest.fixture
def serve() -> Iterator[Callable[..., FaultServer]]:
    """Starts servers and closes them after the test."""
    servers: list[FaultServer] = []

    def start(tls: tuple[Path, Path] | None = None) -> FaultServer:
        servers.append(FaultServer(tls))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def server(serve: Callable[..., FaultServer]) -> FaultServer:
    return serve()


@attrs.frozen
class Certificates:
    """Certificates made for the test run: an authority of our own and what it signed."""

    folder: Path

    @property
    def authority(self) -> str:
        return str(self.folder / "authority.pem")

    def pair(self, name: str) -> tuple[Path, Path]:
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """`good`, `expired` and `elsewhere` (another host), signed by `authority`; and `alone`, which signed itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl program is not installed, so no certificate can be made")
    folder = tmp_path_factory.mktemp("certificates")

    def run(*words: str) -> None:
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True)

    def new(name: str) -> tuple[str, ...]:
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key",
                "-subj", f"/CN={name}")  # fmt: skip

    run("req", "-x509", *new("authority"), "-out", "authority.pem", "-days", "30")
    run("req", "-x509", *new("alone"), "-out", "alone.pem", "-days", "30", "-addext", "subjectAltName=IP:127.0.0.1")
    (folder / "index.txt").touch()
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nrand_serial=yes\nnew_certs_dir=.\ndefault_md=sha256\n"
        "policy=any\nunique_subject=no\n[any]\ncommonName=supplied\n"
    )
    for name, host, end in (
        ("good", "IP:127.0.0.1", "20491231235959Z"),
        ("expired", "IP:127.0.0.1", "20210101000000Z"),
        ("elsewhere", "DNS:elsewhere.example", "20491231235959Z"),
    ):
        (folder / f"{name}.ext").write_text(f"subjectAltName={host}\nbasicConstraints=CA:FALSE\n")
        run("req", *new(name), "-out", f"{name}.csr")
        run(
            "ca", "-batch", "-config", "ca.cnf", "-cert", "authority.pem", "-keyfile", "authority.key", "-notext",
            "-in", f"{name}.csr", "-out", f"{name}.pem", "-startdate", "20200101000000Z", "-enddate", end,
            "-extfile", f"{name}.ext",
        )  # fmt: skip
    return Certificates(folder)
