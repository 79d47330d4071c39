"""The seam to the network: what a transport promises, and which one to use.

A transport sends one request and reads one whole answer. It follows no redirect, obeys no proxy variable, retries
nothing and decodes within bounds. What it must get right is the verdict on the wire, because money hangs on it.
"""

from enum import StrEnum
from typing import Literal, Protocol

import httpx

from enrichcore.engine.reply import Reply, unpack
from enrichcore.errors import ConfigError, EngineClosed, MaybeSent, Unreadable

MAX_CONNECTIONS = 100
"""Connections to one vendor host at once, for the plain transport."""
READ_TIMEOUT = 300.0
"""Seconds of silence after which a connection is given up; the engine's own timeout comes long before."""
KEEP_ALIVE = 4.0
"""Seconds an idle connection is kept: less than the 5 s after which common servers hang up, because a request that
meets a closing connection may have arrived."""

Kind = Literal["auto", "plain", "fast"]


class Wire(StrEnum):
    """How far a request came."""

    UNSENT = "unsent"
    """Nothing of it left this machine."""
    MAYBE_SENT = "maybe_sent"
    """It may have arrived; no whole answer has come."""
    ANSWERED = "answered"
    """A whole answer came, or one that we refused to read to its end."""


class Watch:
    """The verdict on one request, true at any moment: a deadline may cancel the request and read it."""

    __slots__ = ("wire",)

    def __init__(self) -> None:
        self.wire = Wire.UNSENT

    async def trace(self, event: str, _info: object) -> None:
        """What httpcore calls as it works: before its first write the request is unsent."""
        if event == "http11.send_request_headers.started":
            self.wire = Wire.MAYBE_SENT


class Transport(Protocol):
    """Sends requests."""

    async def send(
        self, request: httpx.Request, watch: Watch, *, connect_timeout: float, max_body: int
    ) -> httpx.Response:
        """The answer, its body read and decoded, at most `max_body` bytes before and after decoding.

        Raises:
            Unsent: no connection came about.
            MaybeSent: the request may have arrived, a whole answer did not.
            Unreadable: the answer is too large or cannot be decoded.
        """
        ...

    async def forget(self) -> None:
        """Use no connection again that is idle now: after a sleep of the machine, the other side has hung up."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


def finish(status: int, headers: httpx.Headers, body: bytes, request: httpx.Request, max_body: int) -> Reply:
    """The reply for a whole answer, decoded.

    Raises:
        Unreadable: it cannot be decoded within bounds.
    """
    encoding = headers.get("content-encoding")
    if encoding is not None:
        body = unpack(encoding, body, max_body)
        del headers["content-encoding"]
        headers["content-length"] = str(len(body))
    return Reply(status, headers, body, request)


def too_long(status: int, max_body: int) -> Unreadable:
    """The error for an answer that was not read to its end."""
    return Unreadable(f"the answer is longer than {max_body:,} bytes", status=status)


def closed() -> EngineClosed:
    """The error for a request through a transport that was closed."""
    return EngineClosed("a request was made after the engine was closed")


def lost() -> MaybeSent:
    """The error for a request without a whole answer."""
    return MaybeSent("the connection was lost before a whole answer came")


def make_transport(
    kind: Kind = "auto", *, ca_file: str | None = None, max_connections: int = MAX_CONNECTIONS
) -> Transport:
    """The transport to use: `auto` takes the fast one when the extra `fast` is installed, else plain httpx.

    `ca_file` is a PEM file of certificate authorities to trust beside the usual ones. `max_connections` per vendor
    host applies to the plain transport; the fast one needs no such limit.

    Raises:
        ConfigError: `fast` was asked for and is not usable, or `ca_file` cannot be read.
    """
    from enrichcore.engine import transport_fast, transport_plain  # noqa: PLC0415 - they import this module

    if kind != "plain":
        try:
            return transport_fast.FastTransport(ca_file=ca_file)
        except transport_fast.Unusable as problem:
            if kind == "fast":
                raise ConfigError(f"the fast transport is not usable: {problem}; or use 'plain'") from None
    return transport_plain.PlainTransport(ca_file=ca_file, max_connections=max_connections)
