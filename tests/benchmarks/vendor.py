"""The vendor of the HTTP benchmarks: a server on this machine, in a process of its own, that does as little as it can.

`python vendor.py` prints the port it listens on and ends when its standard input does.
"""

import asyncio
import json
import sys

_HEAD_END = b"\r\n\r\n"


class Vendor(asyncio.Protocol):
    """Keeps the connection, reads a request, answers it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._pending = b""

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (end := self._pending.find(_HEAD_END)) >= 0:
            head = self._pending[:end].lower()
            mark = head.find(b"content-length:")
            length = int(head[mark + 15 :].split(b"\r\n", 1)[0]) if mark >= 0 else 0
            start = end + len(_HEAD_END)
            if len(self._pending) < start + length:
                return
            asked = json.loads(self._pending[start : start + length])
            self._pending = self._pending[start + length :]
            i = asked["record"]
            found = f"+1650253{i % 10000:04d}" if asked["provider"] >= i % 4 else None
            body = json.dumps({"phone": found, "status": "done", "request": f"{i:08d}"}).encode()
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            )


async def serve() -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Vendor, "127.0.0.1", 0, backlog=512)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
