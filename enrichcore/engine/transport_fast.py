"""The fast transport: a thin adapter over pyreqwest 0.15, whose connections live in compiled code (extra `fast`).

pyreqwest does not say when a request leaves, and its exception names mislead: a reset after sending is a
`ConnectError`, a hang after sending may be a `ConnectTimeoutError`. So a request counts as maybe sent from the moment
it is handed over, and goes back to unsent only when the chain of causes holds the one that the HTTP library beneath
raises for a connection that never came about. Whatever else the chain says, now or in a later version, is maybe sent.
"""

import contextlib
import datetime as dt
import importlib
import importlib.metadata
import re
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from enrichcore.engine.reply import Ask
from enrichcore.engine.transport import KEEP_ALIVE, READ_TIMEOUT, Watch, Wire, closed, finish, lost, too_long
from enrichcore.errors import ConfigError, PluginFault, ProviderError, Unsent

if TYPE_CHECKING:
    from pyreqwest.client import Client
    from pyreqwest.response import Response

SUPPORTED = "0.15."
CONNECT_TIMEOUT = 5.0
_NOT_CONNECTED = "client error (Connect)"
"""What hyper-util's client calls an error before a connection exists (hyper-util 0.1, `client/legacy/client.rs`)."""
_IDLE_CONNECTIONS = 100
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def _import_where_it_stays() -> None:
    """Import pyreqwest in a thread that does not end: once its importer is gone, its next use kills the process.

    Seen with 0.15.1 on Linux, Python 3.11 (2026-11-24): the engines of `Engine` live in threads that come and go.
    """
    if "pyreqwest" in sys.modules or threading.current_thread() is threading.main_thread():
        return
    imported = threading.Event()

    def stay() -> None:
        with contextlib.suppress(ImportError, RuntimeError):  # whoever uses it meets it again
            importlib.import_module("pyreqwest.client")
        imported.set()
        threading.Event().wait()

    threading.Thread(target=stay, name="enrichcore-pyreqwest", daemon=True).start()
    imported.wait()


class Unusable(Exception):
    """This transport cannot be used here; the message says why."""


class FastTransport:
    """pyreqwest: one client for all vendors; it keeps connections apart by host and needs no limit on them."""

    def __init__(self, *, ca_file: str | None = None) -> None:
        try:
            version = importlib.metadata.version("pyreqwest")
        except importlib.metadata.PackageNotFoundError:
            raise Unusable("pyreqwest is not installed: install enrichcore[fast]") from None
        if not version.startswith(SUPPORTED):
            raise Unusable(f"pyreqwest {version} is installed, not {SUPPORTED}x: install enrichcore[fast]")
        self._authorities = _certificates(ca_file)
        self._clients: dict[float, Client] = {}
        self._closed = False
        try:
            self._client(CONNECT_TIMEOUT)
        except (ImportError, RuntimeError):
            raise Unusable("pyreqwest does not start here (its threads do not survive a fork)") from None

    def _client(self, connect_timeout: float) -> "Client":
        """The client for this connect timeout (pyreqwest sets it per client; there is one in practice)."""
        client = self._clients.get(connect_timeout)
        if client is not None:
            return client
        if self._closed:
            raise closed()
        _import_where_it_stays()
        from pyreqwest.client import ClientBuilder  # noqa: PLC0415 - an optional dependency

        builder = ClientBuilder().http1_only().no_proxy().follow_redirects(enable=False).referer(enable=False)
        builder = builder.gzip(enable=False).brotli(enable=False).zstd(enable=False).deflate(enable=False)
        builder = builder.connect_timeout(dt.timedelta(seconds=connect_timeout))
        builder = builder.read_timeout(dt.timedelta(seconds=READ_TIMEOUT))
        builder = builder.pool_idle_timeout(dt.timedelta(seconds=KEEP_ALIVE)).pool_max_idle_per_host(_IDLE_CONNECTIONS)
        for certificate in self._authorities:
            builder = builder.add_root_certificate_pem(certificate)
        client = self._clients[connect_timeout] = builder.build()
        return client

    async def send(
        self, request: httpx.Request, watch: Watch, *, connect_timeout: float, max_body: int
    ) -> httpx.Response:
        """See `Transport.send`."""
        client = self._client(connect_timeout)
        if isinstance(request, Ask):
            address, fields = request.address, request.fields
        else:
            address, fields = str(request.url), request.headers.multi_items()
        content = request.content
        failure: ProviderError
        try:
            builder = client.request(request.method, address).headers(fields)
            if content:
                builder = builder.body_bytes(content)
            call = builder.build_streamed()
        except (ValueError, TypeError):
            call = None
        if call is None:
            raise PluginFault("the request cannot be built: its URL or a header field is malformed")
        watch.wire = Wire.MAYBE_SENT
        try:
            async with call as response:
                body = await _read(response, max_body)
                watch.wire = Wire.ANSWERED
                status, headers = response.status, _headers(response)
        except Exception as error:  # noqa: BLE001 - everything unknown is maybe sent
            causes = _causes(error)
            if watch.wire is Wire.MAYBE_SENT and _NOT_CONNECTED in causes:
                watch.wire = Wire.UNSENT
                failure = Unsent(_why(causes, connect_timeout))
            else:
                failure = lost()
        else:
            if body is None:
                raise too_long(status, max_body)
            return finish(status, headers, body, request, max_body)
        raise failure  # outside, so that no exception of pyreqwest, nor the URL in it, is in the chain

    async def forget(self) -> None:
        """See `Transport.forget`; a client with requests under way is closed by the last of them that lets it go."""
        self._clients.clear()

    async def aclose(self) -> None:
        """Close all connections."""
        self._closed = True
        while self._clients:
            await self._clients.popitem()[1].close()


async def _read(response: "Response", max_body: int) -> bytes | None:
    """The raw body; None when it is longer than `max_body` bytes.

    pyreqwest fetches the first 64 KiB together with the headers, so that an ordinary body costs no second wait.
    """
    length = response.get_header("content-length")
    if length is not None and response.get_header("transfer-encoding") is None:
        return None if _declared(length) > max_body else (await response.bytes()).to_bytes()
    parts: list[bytes] = []
    left = max_body
    reader = response.body_reader
    while (part := await reader.read_chunk()) is not None:
        left -= len(part)
        if left < 0:
            return None
        parts.append(part.to_bytes())
    return b"".join(parts)


def _headers(response: "Response") -> httpx.Headers:
    try:
        return httpx.Headers(list(response.headers.items()))
    except ValueError:  # one value is not ASCII: leave out what cannot be read
        readable: list[tuple[str, str]] = []
        for name in dict.fromkeys(response.headers):
            try:
                readable.extend((name, value) for value in response.get_header_all(name))
            except ValueError:
                continue
        return httpx.Headers(readable)


def _declared(content_length: str | None) -> int:
    """The length that the answer announces; 0 when it does not say."""
    return int(content_length) if content_length is not None and content_length.isdecimal() else 0


def _causes(error: Exception) -> list[str]:
    """The messages of the chain of causes, outermost first."""
    details: Any = getattr(error, "details", None)
    causes = details.get("causes") if isinstance(details, dict) else None
    return [str(cause.get("message")) for cause in causes or ()]


def _why(causes: list[str], connect_timeout: float) -> str:
    """Why no connection came about, without anything that was to be sent."""
    for cause in causes:
        if cause == "dns error":
            return "no connection: the host name was not found"
        if cause in ("operation timed out", "deadline has elapsed"):
            return f"no connection within {connect_timeout:g} s"
        if cause.startswith("Connection refused"):
            return "no connection: it was refused"
        if cause.startswith(("invalid peer certificate", "tls handshake", "received fatal alert", "received corrupt")):
            return "no connection: the TLS handshake failed or the certificate was refused"
    return "no connection came about"


def _certificates(ca_file: str | None) -> list[bytes]:
    if ca_file is None:
        return []
    try:
        found = _CERTIFICATE.findall(Path(ca_file).read_bytes())
    except OSError as error:
        raise ConfigError(f"ca_file: {ca_file!r} cannot be read ({error})") from None
    if not found:
        raise ConfigError(f"ca_file: expected a PEM file of certificates, {ca_file!r} holds none")
    return found
