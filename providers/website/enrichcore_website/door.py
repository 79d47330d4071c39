"""Door: the one place where a socket opens. It resolves a name once and connects to an address that it has judged.

Nothing that comes before it is trusted: not the domain, not a redirect, not a verdict of a moment ago.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import httpcore

from enrichcore_website.addresses import Address, is_public

Resolve = Callable[[str, int], Awaitable[list[str]]]
Dial = Callable[[Address, int, float | None], Awaitable[httpcore.AsyncNetworkStream]]

PORTS: Final = frozenset({80, 443})
_TRIED = 3
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{0,58}}[a-z0-9])", re.ASCII)
_INSIDE = (
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "corp",
    "home",
    "private",
    "onion",
    "arpa",
)
"""Last labels of names that mean something inside a network only."""


class Shut(Exception):
    """The guard does not let this through; the text names neither host nor address."""


def is_host(name: str) -> bool:
    """Whether `name` is a host name of the public Internet: letters, digits and hyphens, and no number at its end."""
    return _HOST.fullmatch(name) is not None and name.rpartition(".")[2] not in _INSIDE


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, as the system knows them.

    Raises:
        socket.gaierror: there are none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def dial(address: Address, port: int, timeout: float | None) -> httpcore.AsyncNetworkStream:  # noqa: ASYNC109 - httpcore's own
    """A connection to an address.

    Raises:
        Shut: it leads back to this machine.
        httpcore.ConnectError: nobody answers.
    """
    stream = await httpcore.AnyIOBackend().connect_tcp(str(address), port, timeout=timeout)
    own, far = stream.get_extra_info("client_addr"), stream.get_extra_info("server_addr")
    if own is not None and far is not None and own[0] == far[0]:
        await stream.aclose()
        raise Shut("the site is on this machine")
    return stream


def _was_refused(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ConnectionRefusedError):
        error = error.__cause__ or error.__context__
    return error is not None


class Door(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses, on the ports of the web, and to nothing else."""

    def __init__(self, *, resolve: Resolve = resolve, dial: Dial = dial) -> None:
        self._resolve, self._dial = resolve, dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
        local_address: str | None = None,  # noqa: ARG002 - likewise
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - likewise
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the addresses that the host has at this moment.

        Raises:
            Shut: it is no host of the public Internet, or one of its addresses is not public.
            socket.gaierror: it has no address.
            httpcore.ConnectError: nobody answers there.
        """
        refused: Exception | None = None
        for address in (await self.judged(host, port))[:_TRIED]:
            try:
                return await self._dial(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout, OSError) as error:
                refused = error
        assert refused is not None
        if _was_refused(refused):  # said here, because httpcore's pool forgets the cause
            raise Shut("the site refused the connection")
        raise refused

    async def judged(self, host: str, port: int) -> list[Address]:
        """The addresses of a host, every one of them public.

        Raises:
            Shut: the host, the port or an address is refused.
        """
        if port not in PORTS:
            raise Shut("the site is not on port 80 or 443")
        if not is_host(host):
            raise Shut("that is no host name of the public Internet")
        found: list[Address] = []
        for text in await self._resolve(host, port):
            try:
                address = ipaddress.ip_address(text)
            except ValueError:
                raise Shut("the site has an address that is none") from None
            if not is_public(address):
                raise Shut("the site has an address that is not public")
            found.append(address)
        if not found:
            raise Shut("the site has no address")
        return list(dict.fromkeys(found))

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - httpcore's own
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - likewise
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - likewise
    ) -> httpcore.AsyncNetworkStream:
        """Refuse."""
        raise Shut("a site is not behind a local socket")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
