"""A pooler in front of Postgres that gives each transaction another session, as PgBouncer does in transaction mode.

It can also lose what the server answers, as a network does at the worst moment.
"""

import asyncio
import contextlib
import struct
from collections import deque
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

_SSL_REQUEST = 80877103
_CANCEL_REQUEST = 80877102


class Pooler:
    """A listening pooler; `url` is where clients go.

    `lose_commits`: of so many next commits the answer never arrives, though the server has them. `lose_transactions`:
    so many next commits never reach the server. Either way the client sees its connection end.
    """

    def __init__(self, url: str, sessions: int) -> None:
        self._server = urlsplit(url)
        self._sessions = sessions
        self._idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
        self._free = asyncio.Semaphore(0)
        self._greeting = b""
        self._clients: set[asyncio.Task[None]] = set()
        self.lose_commits = 0
        self.lose_transactions = 0
        self.transactions = 0
        self.url = ""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Pooler"]:
        for _ in range(self._sessions):
            await self._connect()
        listener = await asyncio.start_server(self._client, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        self.url = f"postgresql://{self._server.username}@127.0.0.1:{port}{self._server.path}"
        try:
            yield self
        finally:
            listener.close()
            for task in self._clients:
                task.cancel()
            await asyncio.gather(*self._clients, return_exceptions=True)
            for _, writer in self._idle:
                writer.close()

    async def _connect(self) -> None:
        reader, writer = await asyncio.open_connection(self._server.hostname, self._server.port)
        words = f"user\0{self._server.username}\0database\0{self._server.path[1:]}\0client_encoding\0UTF8\0\0".encode()
        writer.write(struct.pack("!ii", len(words) + 8, 196608) + words)
        greeting = b""
        while True:
            kind, body = await _message(reader)
            greeting += _framed(kind, struct.pack("!ii", 1, 1) if kind == b"K" else body)  # whose session nobody says
            if kind == b"Z":
                break
        self._greeting = greeting
        self._idle.append((reader, writer))
        self._free.release()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            while True:
                (length,) = struct.unpack("!i", await reader.readexactly(4))
                body = await reader.readexactly(length - 4)
                (code,) = struct.unpack("!i", body[:4])
                if code == _CANCEL_REQUEST:
                    return
                if code != _SSL_REQUEST:
                    break
                writer.write(b"N")
            writer.write(self._greeting)
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._transaction(reader, writer):
                    pass
        finally:
            self._clients.discard(task)
            writer.close()

    async def _transaction(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Carry one transaction of a client over the session whose turn it is; False when the client is to go."""
        kind, body = await _message(reader)
        if kind == b"X":
            return False
        await self._free.acquire()
        answers, questions = self._idle.popleft()
        self.transactions += 1
        clean = False
        try:
            while True:
                commit = kind == b"Q" and body == b"COMMIT\0"
                if commit and self.lose_transactions:
                    self.lose_transactions -= 1
                    return False
                questions.write(_framed(kind, body))
                if kind == b"H":  # what asyncpg ends the preparation of a statement with
                    await _answer(answers, writer, until=b"TnE")
                if kind in {b"Q", b"S"}:
                    lost = commit and self.lose_commits > 0
                    status = await _answer(answers, None if lost else writer)
                    clean = status == b"I"
                    if lost:
                        self.lose_commits -= 1
                        return False
                    if clean:
                        return True
                clean = False
                kind, body = await _message(reader)
        finally:
            if clean:
                self._idle.append((answers, questions))
                self._free.release()
            else:
                questions.close()
                await self._connect()


async def _answer(server: asyncio.StreamReader, client: asyncio.StreamWriter | None, until: bytes = b"Z") -> bytes:
    """Hand on what the server says, up to a message of this kind, by default that it is ready: what that holds."""
    while True:
        kind, body = await _message(server)
        if client is not None:
            client.write(_framed(kind, body))
        if kind in until:
            return body


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    kind = await reader.readexactly(1)
    (length,) = struct.unpack("!i", await reader.readexactly(4))
    return kind, await reader.readexactly(length - 4)


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body
