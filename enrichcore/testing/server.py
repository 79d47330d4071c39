"""VendorServer: a vendor on a port of this machine, for tests over real sockets."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any, Final, Self

from enrichcore.testing.act import Act
from enrichcore.testing.script import Answers, Asked, Script

_LONGEST_HEAD: Final = 1 << 20
_SECONDS: Final = 10.0
"""How long starting and stopping may take."""


class VendorServer:
    """Plays a script over HTTP/1.1 on 127.0.0.1, in a thread of its own; use it as a context manager.

    `url` is where it listens. A script of nothing but `fault("refused")` has a port that refuses connections.
    """

    def __init__(self, *acts: Act | Mapping[str, Answers] | Callable[[Asked], Act] | Script) -> None:
        scripts = [act for act in acts if isinstance(act, Script)]
        self.script = scripts[0] if scripts else Script(*(act for act in acts if not isinstance(act, Script)))
        self._refuses = bool(acts) and all(isinstance(act, Act) and act.fault == "refused" for act in acts)
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="vendor-server", daemon=True)
        self._socket = socket.socket()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def asked(self) -> list[Asked]:
        """Every request, in order."""
        return self.script.asked

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._socket.bind(("127.0.0.1", 0))
        self._thread.start()
        if not self._refuses:
            self._run(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Break off whatever is under way and give the port back."""
        if self._loop.is_closed():
            return
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._socket.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)

    async def _listen(self) -> None:
        self._loop.set_exception_handler(lambda _loop, _context: None)  # broken connections are its purpose
        self._server = await asyncio.start_server(self._accept, sock=self._socket, limit=_LONGEST_HEAD)

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for _ in range(3):
            await asyncio.sleep(0)  # closing a transport takes the loop another turn

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = self._loop.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (asked := await self._read(reader)) is not None:
                if not await _play(self.script.next(asked), asked, writer):
                    return
        except (OSError, EOFError, LookupError):
            pass  # the other side has gone, or the script is empty: the connection ends
        finally:
            if writer.transport.get_write_buffer_size():
                writer.transport.abort()  # the other side does not read
            else:
                writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Asked | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Asked(method, self.url + target, headers, body)


async def _play(act: Act, asked: Asked, writer: asyncio.StreamWriter) -> bool:
    """Do it; the answer is whether the connection goes on."""
    if act.after:
        await asyncio.sleep(act.after)
    head = "".join(f"{name}: {value}\r\n" for name, value in act.headers)
    body = b"" if asked.method == "HEAD" else act.body
    length = len(act.body) or (100 if act.fault else 0)
    whole = f"HTTP/1.1 {act.status} Status\r\n{head}Content-Length: {length}\r\n\r\n".encode("latin-1")
    match act.fault:
        case "never":
            await asyncio.Event().wait()
        case "reset":
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        case "closed" | "refused":
            pass
        case "closed after headers" | "half a body" | "stalls" as how:
            writer.write(whole + (b"" if how == "closed after headers" else b'{"data": {'))
            await writer.drain()
            if how == "stalls":
                await asyncio.Event().wait()
        case _:
            writer.write(whole + body)
            await writer.drain()
            return True
    return False
