"""Who sends or reads too slowly, or sends what is no HTTP, loses the connection; everybody else notices nothing."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

pytest.importorskip("uvicorn")

from enrichcore.service.deadlines import MAX_FIELDS, MAX_HEAD, Patient
from enrichcore.service.server import Server, listen

PATIENCE = 10.0
"""Seconds after which a test gives up."""
GET = b"GET /small HTTP/1.1\r\nHost: a.example\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a.example\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with what was sent; `/big` with more than any buffer holds, `/slow` after a while."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return
        body += message["body"]
        if not message.get("more_body"):
            break
    if scope["path"] == "/slow":
        await asyncio.sleep(0.6)
    answer = b"x" * 20_000_000 if scope["path"] == "/big" else body or b"small"
    length = str(len(answer)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": answer})


class Hasty(Patient):
    """Deadlines of a fifth of a second."""

    headers_within = body_within = read_within = 0.2


@contextlib.asynccontextmanager
async def serving(made: list[Server] | None = None) -> AsyncIterator[int]:
    """A server on loopback; its port. `made` gets the server itself."""
    with contextlib.closing(listen("127.0.0.1", 0)) as listener:
        ready = asyncio.Event()
        server = Server(app, protocol=Hasty, lifespan=False, ready=ready.set)
        task = asyncio.ensure_future(server._serve([listener]))  # without its signal handlers
        if made is not None:
            made.append(server)
        await ready.wait()
        port = listener.getsockname()[1]
        try:
            yield port
        finally:
            server.should_exit = True
            await task


def with_client(work: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]) -> Any:
    """What a client comes to that is connected to a server."""

    async def run() -> Any:
        async with serving() as port, asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return await work(reader, writer)
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    return asyncio.run(run())


async def ended(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the other side closes."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65536):
            parts.append(part)
    return b"".join(parts)


async def drip(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Send byte by byte, for as long as the other side takes them."""
    with contextlib.suppress(ConnectionError):
        for at in range(10_000):
            writer.write(data[at % len(data) : at % len(data) + 1])
            await writer.drain()
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("begin", "then"),
    [
        (b"", b""),
        (b"", GET + b"X: " + b"a" * 9000),
        (GET, b"a"),
        (POST + b"Content-Length: 9000\r\n\r\n", b"a"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (GET + b"\r\n", GET),
    ],
    ids=["silence", "slow headers", "a header without end", "slow body", "slow chunks", "a slow second request"],
)
def test_who_sends_slowly_is_cut_off(begin: bytes, then: bytes) -> None:
    """However a byte now and then keeps the connection busy, the whole has to be there in time."""

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(begin)
        dripping = asyncio.ensure_future(drip(writer, then)) if then else None
        try:
            return await ended(reader)
        finally:
            if dripping is not None:
                dripping.cancel()

    answer = with_client(work)
    assert answer.count(b"HTTP/1.1") == begin.count(b"GET /small HTTP/1.1\r\nHost: a.example\r\n\r\n")


def test_who_reads_slowly_is_cut_off() -> None:
    """An answer that is left unread is not kept for ever."""

    async def run() -> int:
        async with serving() as port, asyncio.timeout(PATIENCE):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"GET /big HTTP/1.1\r\nHost: a.example\r\n\r\n")
                await asyncio.sleep(1.5)
                client.setblocking(False)
                size = 0
                loop = asyncio.get_running_loop()
                with contextlib.suppress(ConnectionError):
                    while part := await loop.sock_recv(client, 1 << 20):
                        size += len(part)
                return size

    assert asyncio.run(run()) < 20_000_000


def test_who_is_quick_is_served_for_as_long_as_it_takes() -> None:
    """Neither a long answer, nor a pause between two requests, nor a lookup longer than the deadlines is cut off."""

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for path, size in ((b"/slow", 5), (b"/big", 20_000_000), (b"/small", 5)):
            writer.write(GET.replace(b"/small", path) + b"\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert len(await reader.readexactly(size)) == size
            await asyncio.sleep(0.5)
        writer.write(POST + b"Content-Length: 60000\r\n\r\n" + b"y" * 60000)
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(60000) == b"y" * 60000

    with_client(work)


def test_the_answer_under_way_is_not_cut_off_by_half_a_next_request() -> None:
    """Who pipelines and dawdles still gets the answer to what was whole."""

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(GET.replace(b"/small", b"/slow") + b"\r\n" + GET)
        return await ended(reader)

    assert with_client(work).endswith(b"small")


def test_who_was_taken_before_the_server_ends_is_answered() -> None:
    """Also when its request has not been read yet: it is the last one of its connection."""

    async def run() -> bytes:
        made: list[Server] = []
        async with serving(made) as port, asyncio.timeout(PATIENCE):
            _, busy = await asyncio.open_connection("127.0.0.1", port)
            busy.write(GET.replace(b"/small", b"/slow") + b"\r\n")
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while len(made[0].server_state.connections) < 2:  # noqa: ASYNC110 - the server has no event for it
                await asyncio.sleep(0.01)
            made[0].should_exit = True
            while made[0].servers[0].is_serving():  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.01)
            writer.write(GET + b"\r\n" + GET + b"\r\n")
            answer = await ended(reader)
            busy.close()
            writer.close()
            return answer

    answer = asyncio.run(run())
    assert answer.count(b"HTTP/1.1 200") == 1
    assert b"connection: close" in answer


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length: 1e3\r\n\r\n",
        POST + b"X : a\r\n\r\n",
        POST + b"X: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.example\r\n" + b"X: a\r\n" * (MAX_FIELDS + 1) + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a.example\r\nX: " + b"a" * 3 * MAX_HEAD,
        b"GET /" + b"a" * 3 * MAX_HEAD,
    ],
    ids=[
        "TLS", "two lengths", "length and chunked", "odd encoding", "negative length", "no number", "blank in a name",
        "NUL", "many headers", "a long header", "a long path",
    ],
)  # fmt: skip
def test_what_is_no_http_is_refused(request_: bytes) -> None:
    """Requests that two servers may read differently, and heads without end, get 400 and the connection is closed."""
    follower = b"GET /smuggled HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(request_ + follower)
        return await ended(reader)

    answer = with_client(work)
    assert answer.startswith(b"HTTP/1.1 400"), answer[:100]
    assert answer.count(b"HTTP/1.1") == 1
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert body["success"] is False
    assert body["details"] == {"code": "invalid_request"}
