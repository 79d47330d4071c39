"""A site on loopback that the guard believes to be public, and a provider that reaches nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpcore
import pytest
from enrichcore_website import Website
from enrichcore_website.door import Door

from enrichcore.model import Hit, Miss
from enrichcore.testing import run

PUBLIC = "8.8.8.8"
HTML = "Content-Type: text/html; charset=utf-8\r\n"


class Listener:
    """Counts who connects, and answers by path: bytes after the status line, or a whole answer."""

    def __init__(self, pages: dict[str, Any] | None = None) -> None:
        self.pages = pages or {}
        self.hits = 0
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.port = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Listener"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.hits += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                text = head.decode("latin-1")
                path = text.split(" ")[1]
                host = next(line[6:] for line in text.split("\r\n") if line.lower().startswith("host: "))
                self.asked.append(f"{host}{path}")
                self.heads.append(text)
                page = self.pages.get(f"{host}{path}", self.pages.get(path))
                writer.write(answer(404, b"", "") if page is None else page)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def dial(self, address: Any, port: int, timeout: float | None) -> httpcore.AsyncNetworkStream:  # noqa: ASYNC109 - httpcore's own
        """Whatever the guard lets through comes here; TLS is refused as by a site that has none."""
        if port == 443:
            raise httpcore.ConnectError("refused") from ConnectionRefusedError()
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self.port, timeout=timeout)


def answer(status: int, body: bytes, fields: str = HTML) -> bytes:
    return f"HTTP/1.1 {status} X\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body


def page(text: str) -> bytes:
    return answer(200, text.encode())


def resolver(*addresses: str) -> Callable[[str, int], Any]:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


def ask(listener: Listener, *addresses: str, **fields: Any) -> Hit | Miss:
    """What becomes of a question, when the domain has these addresses."""

    class Looped(Website):
        async def setup(self) -> None:
            self.opened = listener.open()
            await self.opened.__aenter__()

        async def aclose(self) -> None:
            await self.opened.__aexit__(None, None, None)

    site = Looped()
    site.door = Door(resolve=resolver(*(addresses or (PUBLIC,))), dial=listener.dial)
    given = {"first_name": "Ada", "last_name": "Lovelace", "domain": "engines.example"}
    return run(site, method="name", **{**given, **fields})


class Kit:
    """The helpers of this file, for tests that cannot import it."""

    Listener = Listener
    PUBLIC = PUBLIC
    answer = staticmethod(answer)
    page = staticmethod(page)
    resolver = staticmethod(resolver)
    ask = staticmethod(ask)


@pytest.fixture
def kit() -> type[Kit]:
    """A site on loopback, and how to ask about it."""
    return Kit
