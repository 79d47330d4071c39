"""Three made-up vendors in one process of their own, over loopback: what they billed is what the proofs compare with.

Run as a program; its first line of output is the port. `/holdfast/phone` answers at once, `/repeatable/phone` too but
makes repeats free, `/jobber/jobs` answers later under a job id. All of them bill per number found. A question is billed
before it is answered, so that a caller who dies while waiting has paid. `/admin/*` is for the test.
"""

import asyncio
import hashlib
import json
import random
import sys
from collections.abc import Iterable
from typing import Any

KNOWN = {"holdfast": 0.45, "repeatable": 0.5, "jobber": 0.6}
"""The share of people whom each vendor knows."""
MAX_BODY = 1 << 24


def number(vendor: str, email: str) -> str | None:
    """The number that a vendor has of a person: always the same, reserved for fiction, None for a stranger."""
    digest = hashlib.sha256(f"{vendor} {email}".encode()).digest()
    if int.from_bytes(digest[:4], "big") >= KNOWN[vendor] * 2**32:
        return None
    return f"+1 {202 + digest[4] % 2 * 213} 555 01{digest[5] % 100:02d}"


class Vendors:
    """The ledger of all three vendors, and how slow they are.

    While the gate is shut no question is answered and nothing billed; while they are not working no job gets done.
    """

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._jobs: dict[str, tuple[str, float]] = {}
        self._batches: dict[str, list[str | None]] = {}
        self._free: set[tuple[str, str]] = set()
        self._gate = asyncio.Event()
        self._gate.set()
        self.asked: list[tuple[str, str]] = []
        self.billed: list[tuple[str, str]] = []
        self.polled: set[str] = set()
        self.working = True
        self.slowest = 0.02

    async def answer(self, method: str, path: str, sent: Any) -> tuple[int, Any]:
        """Status and body for one request."""
        match method, path.strip("/").split("/"):
            case "POST", ["holdfast" | "repeatable" as vendor, "phone"]:
                return await self._phone(vendor, sent["email"])
            case "POST", ["holdfast", "phones"]:
                return await self._phones("holdfast", sent["emails"])
            case "POST", ["jobber", "batches"]:
                return await self._submit_batch(sent["emails"])
            case "GET", ["jobber", "batches", job]:
                return await self._collect_batch(job)
            case "POST", ["jobber", "jobs"]:
                return await self._submit(sent["email"])
            case "GET", ["jobber", "jobs", job]:
                return await self._collect(job)
            case "POST", ["admin", word]:
                return 200, self._admin(word, sent)
        return 404, {"error": "no such place"}

    async def _phone(self, vendor: str, email: str) -> tuple[int, Any]:
        self.asked.append((vendor, email))
        await self._dawdle()
        phone = number(vendor, email)
        if phone is not None and (vendor, email) not in self._free:
            self.billed.append((vendor, email))
            if vendor == "repeatable":
                self._free.add((vendor, email))
        await self._dawdle()
        return 200, {"phone": phone}

    async def _phones(self, vendor: str, emails: list[str]) -> tuple[int, Any]:
        """Many questions in one request, each billed like one alone."""
        self.asked += [(vendor, email) for email in emails]
        await self._dawdle()
        phones = [number(vendor, email) for email in emails]
        self.billed += [(vendor, email) for email, phone in zip(emails, phones, strict=True) if phone is not None]
        await self._dawdle()
        return 200, {"phones": phones}

    async def _submit_batch(self, emails: list[str]) -> tuple[int, Any]:
        status, body = await self._phones("jobber", emails)
        job = f"batch-{len(self._batches)}"
        self._batches[job] = body["phones"]
        return status, {"job": job}

    async def _collect_batch(self, job: str) -> tuple[int, Any]:
        self.polled.add(job)
        await self._dawdle()
        return 200, {"status": "done", "phones": self._batches[job]} if self.working else {"status": "running"}

    async def _submit(self, email: str) -> tuple[int, Any]:
        self.asked.append(("jobber", email))
        await self._dawdle()
        job = f"job-{len(self._jobs)}"
        due = asyncio.get_running_loop().time() + self._rng.uniform(0, 10 * self.slowest)
        self._jobs[job] = email, due
        if number("jobber", email) is not None:
            self.billed.append(("jobber", email))
        await self._dawdle()
        return 200, {"job": job}

    async def _collect(self, job: str) -> tuple[int, Any]:
        self.polled.add(job)
        await self._dawdle()
        if job not in self._jobs:
            return 404, {"error": "no such job"}
        email, due = self._jobs[job]
        if not self.working or asyncio.get_running_loop().time() < due:
            return 200, {"status": "running"}
        return 200, {"status": "done", "phone": number("jobber", email)}

    async def _dawdle(self) -> None:
        await asyncio.sleep(self._rng.uniform(0, self.slowest / 2))
        await self._gate.wait()

    def _admin(self, word: str, sent: Any) -> Any:
        if word == "calls":
            return len(self.asked)
        if word == "ledger":
            return {"asked": self.asked, "billed": self.billed, "polled": list(self.polled)}
        if word == "truth":
            return {vendor: {email: number(vendor, email) for email in sent} for vendor in KNOWN}
        if word == "slowest":
            self.slowest = float(sent)
        elif word == "gate":
            (self._gate.set if sent else self._gate.clear)()
        elif word == "working":
            self.working = sent
        return None


async def serve(seed: int) -> None:
    """Serve on a free port of the loopback until standard input ends, so that no server outlives its test."""
    vendors = Vendors(seed)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read(reader)) is not None:
                status, body = await vendors.answer(*request)
                writer.write(reply(status, body))
                await writer.drain()
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the caller was killed, or the test is over
        finally:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=1 << 20, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


async def read(reader: asyncio.StreamReader) -> tuple[str, str, Any] | None:
    """Method, path and JSON body of the next request; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    length = min(content_length(lines), MAX_BODY)
    body = await reader.readexactly(length)
    return method, path, json.loads(body) if body else None


def content_length(lines: Iterable[str]) -> int:
    """What the header says of the body's length."""
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


def reply(status: int, body: Any) -> bytes:
    """A whole answer."""
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
