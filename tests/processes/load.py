"""A crowd of callers, in a process of its own: so many requests a second, or as many as are answered.

Run as a program with one argument, a JSON object: `port`, `keys` (a request takes the next one in turn), `seconds`,
`first` (the number of the first record), `records` (after how many it begins again), and either `rate` or `callers`.
It prints what it saw as JSON. With a `rate`, a request counts from when it was due, so that a server that keeps the
callers waiting does not look quick.
"""

import asyncio
import json
import sys
import time
from collections import Counter, deque
from typing import Any, Final

CONNECTIONS: Final = 1500
TICK: Final = 0.002
GRACE: Final = 10.0


class Connection(asyncio.Protocol):
    """One connection that is kept, for one request at a time."""

    def __init__(self, crowd: "Crowd") -> None:
        self._crowd = crowd
        self._due = 0.0
        self._got = b""
        self._needs = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, due: float) -> None:
        self._due, self._got, self._needs = due, b"", 0
        self._transport.write(self._crowd.request())

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._needs and (end := self._got.find(b"\r\n\r\n")) >= 0:
            head = self._got[:end].lower()
            self._needs = end + 4 + int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if self._needs and len(self._got) >= self._needs:
            self._crowd.answered(self, int(self._got[9:12]), self._due)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.lost += 1


class Crowd:
    """All of them."""

    def __init__(self, port: int, keys: list[str], first: int, records: int) -> None:
        self._port = port
        self._heads = [
            f"POST /v1/enrich/phone HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
            for key in keys
        ]
        self._first, self._records = first, records
        self._free: deque[Connection] = deque()
        self._made = 0
        self.lost = 0
        self.asked = 0
        self.took: dict[int, list[float]] = {}
        self.again: float | None = None

    def request(self) -> bytes:
        record = self._first + self.asked % self._records
        body = '{"record_id": "r%d", "email": "p%d@firm.example"}' % (record, record)  # noqa: UP031 - quicker
        return f"{self._heads[self.asked % len(self._heads)]}{len(body)}\r\n\r\n{body}".encode()

    def answered(self, connection: Connection, status: int, due: float) -> None:
        self.took.setdefault(status, []).append(time.perf_counter() - due)
        if self.again is not None and time.perf_counter() < self.again:
            self._ask(connection, time.perf_counter())
        else:
            self._free.append(connection)

    def _ask(self, connection: Connection, due: float) -> None:
        self.asked += 1
        connection.ask(due)

    async def _connection(self) -> Connection:
        self._made += 1
        _, made = await asyncio.get_running_loop().create_connection(lambda: Connection(self), "127.0.0.1", self._port)
        return made

    async def open(self, count: int) -> None:
        for _ in range(count):
            self._free.append(await self._connection())

    async def come(self, rate: float, seconds: float) -> None:
        """So many a second, however the server is."""
        began = time.perf_counter()
        number = 0
        while (now := time.perf_counter()) < began + seconds:
            due = began + number / rate
            while due <= now and self._free:
                self._ask(self._free.popleft(), due)
                number += 1
                due = began + number / rate
            if due <= now and self._made < CONNECTIONS:
                self._free.append(await self._connection())
            await asyncio.sleep(TICK)
        await self._end()

    async def press(self, callers: int, seconds: float) -> None:
        """Each asks again as soon as it has an answer."""
        self.again = time.perf_counter() + seconds
        for _ in range(callers):
            self._ask(self._free.popleft(), time.perf_counter())
        await asyncio.sleep(seconds)
        await self._end()

    async def _end(self) -> None:
        end = time.perf_counter() + GRACE
        while len(self._free) < self._made - self.lost and time.perf_counter() < end:  # noqa: ASYNC110 - a moment
            await asyncio.sleep(TICK)


def quantile(values: list[float], share: float) -> float:
    """In milliseconds."""
    return round(sorted(values)[min(int(len(values) * share), len(values) - 1)] * 1e3, 2)


async def run(wish: dict[str, Any]) -> dict[str, Any]:
    """What it came to."""
    crowd = Crowd(wish["port"], wish["keys"], wish["first"], wish.get("records", sys.maxsize))
    await crowd.open(wish.get("callers", 50))
    used = time.process_time()
    if "rate" in wish:
        await crowd.come(wish["rate"], wish["seconds"])
    else:
        await crowd.press(wish["callers"], wish["seconds"])
    return {
        "asked": crowd.asked,
        "lost": crowd.lost,
        "cpu": (time.process_time() - used) / wish["seconds"],
        "statuses": Counter({status: len(took) for status, took in crowd.took.items()}),
        "p50": {status: quantile(took, 0.5) for status, took in crowd.took.items()},
        "p99": {status: quantile(took, 0.99) for status, took in crowd.took.items()},
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.loads(sys.argv[1])))))
