"""The plain transport: httpx, without its client and around its pool.

httpx's pool looks at all its connections and at all waiting requests whenever a request starts or ends
(https://github.com/encode/httpx/issues/3215, read 2026-11-22). So each connection gets a pool of its own, and the list
of idle ones is ours: taken and given back at the end that was used last. CPU per request at 100 requests at once,
against a server on the same machine, as multiples of this transport's own at 0 ms:

| answer after | one pool of 10 | of 20 | of 50 | of 100 | this |
|---|---|---|---|---|---|
| 0 ms | 2.8 | 3.6 | 5.2 | 5.4 | 1 |
| 50 ms | 8.0 | 5.7 | 8.6 | 10.5 | 1.1 |

The limit of connections costs nothing any more, so that it is what a vendor's server may be expected to bear.
"""

import asyncio
import contextvars
import logging
import socket
import ssl
from collections import deque

import httpx

from enrichcore.engine.transport import (
    KEEP_ALIVE,
    MAX_CONNECTIONS,
    READ_TIMEOUT,
    Watch,
    Wire,
    closed,
    finish,
    lost,
    too_long,
)
from enrichcore.errors import ConfigError, ProviderError, Unsent

POOL_TIMEOUT = 60.0
"""Seconds to wait for a free connection; the engine's own timeout comes before."""


class PlainTransport:
    """httpx, one connection at a time; all connections share one TLS context."""

    def __init__(self, *, ca_file: str | None = None, max_connections: int = MAX_CONNECTIONS) -> None:
        self._tls = _tls_context(ca_file)
        self._max_connections = max_connections
        self._hosts: dict[tuple[bytes, bytes, int | None], _Host] = {}
        self._closed = False
        for name in ("httpcore.http11", "httpcore.connection"):
            logging.getLogger(name).addFilter(_QUIET)

    async def send(
        self, request: httpx.Request, watch: Watch, *, connect_timeout: float, max_body: int
    ) -> httpx.Response:
        """See `Transport.send`."""
        if self._closed:
            raise closed()
        host = self._host(request.url)
        request.extensions = {
            "trace": watch.trace,
            "timeout": {"connect": connect_timeout, "read": READ_TIMEOUT, "write": READ_TIMEOUT},
        }
        failure: ProviderError
        token = _OURS.set(True)
        try:
            line = await host.take()
            try:
                response, body = await _exchange(line, request, watch, max_body)
            finally:
                await host.give(line)
        except Exception as error:  # noqa: BLE001 - the verdict on the wire decides, never an exception's name
            failure = lost() if watch.wire is not Wire.UNSENT else Unsent(_why(error, connect_timeout))
        else:
            if body is None:
                raise too_long(response.status_code, max_body)
            return finish(response.status_code, response.headers, body, request, max_body)
        finally:
            _OURS.reset(token)
        raise failure  # outside, so that no exception of httpx, nor the URL in it, is in the chain

    def _host(self, url: httpx.URL) -> "_Host":
        origin = (url.raw_scheme, url.raw_host, url.port)
        host = self._hosts.get(origin)
        if host is None:
            host = self._hosts[origin] = _Host(self._tls, self._max_connections)
        return host

    async def forget(self) -> None:
        """See `Transport.forget`."""
        for host in self._hosts.values():
            await host.forget()

    async def aclose(self) -> None:
        """Close all connections; those in use are closed as soon as they are given back."""
        self._closed = True
        for host in self._hosts.values():
            await host.aclose()


class _Host:
    """The connections to one vendor host, each one an httpx transport that holds no other."""

    _LIMITS = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE)

    def __init__(self, tls: ssl.SSLContext, max_connections: int) -> None:
        self._tls = tls
        self._free = asyncio.Semaphore(max_connections)
        self._idle: deque[tuple[float, httpx.AsyncHTTPTransport]] = deque()
        self._closed = False

    async def take(self) -> httpx.AsyncHTTPTransport:
        """The connection that was used last, or a new one; waits for its turn when all are in use.

        Raises:
            TimeoutError: none became free.
        """
        if self._free.locked():
            async with asyncio.timeout(POOL_TIMEOUT):
                await self._free.acquire()
        else:
            await self._free.acquire()  # does not wait
        if self._idle:
            return self._idle.pop()[1]
        return httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, http2=False, limits=self._LIMITS, retries=0)

    async def give(self, line: httpx.AsyncHTTPTransport) -> None:
        """Put a connection back, and close the one that has been idle for longest when it is past its time."""
        self._free.release()
        now = asyncio.get_running_loop().time()
        self._idle.append((now, line))
        if self._closed:
            await self.aclose()
        elif now - self._idle[0][0] > KEEP_ALIVE:
            await self._idle.popleft()[1].aclose()

    async def aclose(self) -> None:
        self._closed = True
        await self.forget()

    async def forget(self) -> None:
        while self._idle:
            await self._idle.popleft()[1].aclose()


async def _exchange(
    line: httpx.AsyncHTTPTransport, request: httpx.Request, watch: Watch, max_body: int
) -> tuple[httpx.Response, bytes | None]:
    """The answer and its raw body; None for a body that is too long to read."""
    response = await line.handle_async_request(request)
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    parts: list[bytes] = []
    left = max_body
    try:
        async for part in stream:
            left -= len(part)
            if left < 0:
                break
            parts.append(part)
        watch.wire = Wire.ANSWERED
    finally:
        await stream.aclose()
    return response, None if left < 0 else b"".join(parts)


_OURS: contextvars.ContextVar[bool] = contextvars.ContextVar("enrichcore_request", default=False)


class _Quiet(logging.Filter):
    """Drops what httpcore logs at DEBUG about our requests, as it shows headers; no level is touched."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - it is about who logs, not about what
        return not _OURS.get()


_QUIET = _Quiet()


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Trusts the certifi list, what the platform trusts (as the fast transport does), and `ca_file`."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"ca_file: expected a PEM file of certificates, {ca_file!r} is none ({error})") from None
    return context


def _why(error: BaseException, connect_timeout: float) -> str:
    """Why no connection came about, without anything that was to be sent."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return "no connection: the TLS handshake failed or the certificate was refused"
        if isinstance(seen, socket.gaierror | UnicodeError):
            return "no connection: the host name was not found"
        if isinstance(seen, ConnectionRefusedError):
            return "no connection: it was refused"
        if isinstance(seen, httpx.ConnectTimeout):
            return f"no connection within {connect_timeout:g} s"
        if isinstance(seen, TimeoutError):
            return f"no connection became free within {POOL_TIMEOUT:g} s"
        seen = seen.__cause__ or seen.__context__
    return "no connection came about"
