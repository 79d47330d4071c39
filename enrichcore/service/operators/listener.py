"""Serving the operators' app beside the service: another socket of the same process and the same loop."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import uvicorn

from enrichcore.errors import ConfigError
from enrichcore.service.app import Service
from enrichcore.service.operators.app import Operators, Seat
from enrichcore.service.operators.tally import Tally
from enrichcore.service.operators.traffic import Traffic
from enrichcore.service.server import listen, settings


class _Beside(uvicorn.Server):
    """A server that leaves the signals to the one that it stands beside."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def watched(
    service: Service, listener: socket.socket, *, names: Sequence[str] = (), seat: Seat | None = None
) -> AsyncIterator[Traffic]:
    """The service as it must be served to be counted, while the operators' app is served beside it.

    The engine of the service is not open yet: what it does is counted from its start.
    """
    tally, traffic = Tally(), Traffic(service)
    service.engine.registry.add(tally)
    async with beside(Operators(service, tally, traffic, names=names, seat=seat), listener):
        yield traffic


@contextlib.asynccontextmanager
async def beside(app: Any, listener: socket.socket) -> AsyncIterator[None]:
    """Inside, the app is served; on leaving, what it is answering has a second."""
    server = _Beside(settings(app, drain=1, lifespan=False))
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def address_of(text: str) -> tuple[str, int]:
    """The host and the port of `127.0.0.1:9100`, `[::1]:9100` or `9100`.

    Raises:
        ConfigError: it is none of these.
    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):  # noqa: PLR2004 - the last one
        raise ConfigError(f"operators: expected an address and a port such as 127.0.0.1:9100, got {text!r}")
    return host, int(port)


def listen_all(text: str, count: int) -> list[socket.socket]:
    """Listening sockets for so many workers: on the port and on those that follow it, or each on a free one for 0.

    Raises:
        ConfigError: an address cannot be had.
    """
    host, port = address_of(text)
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(listen(host, port + index if port else 0)) for index in range(count)]
        stack.pop_all()
        return made


def url_of(listener: socket.socket) -> str:
    """Where a socket listens, as a browser is told."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def is_loopback(listener: socket.socket) -> bool:
    """Whether nobody reaches it from another machine."""
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback
