"""A server that is told to end while it is busy: whoever was let in is answered, and the books are right.

The vendors' ledger and the tenants' balances are the measure.
"""

import asyncio
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.processes.desk import Desk

pytest.importorskip("uvicorn")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

RECORDS, AT_ONCE, CREDITS = 80, 20, 1000
PATH = "/v1/enrich/phone"


def command(desk: "Desk", *arguments: str) -> "subprocess.Popen[bytes]":
    """Start `enrichcore` at a desk."""
    process = subprocess.Popen(
        [sys.executable, "-m", "enrichcore.cli", *arguments, "--config", "test.toml"],
        cwd=desk.folder,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    desk.started.append(process)
    return process


def said(desk: "Desk", *arguments: str) -> Any:
    """What a command prints as JSON."""
    output, errors = command(desk, *arguments).communicate(timeout=120)
    assert output, errors.decode()
    return json.loads(output)


def served(desk: "Desk") -> tuple["subprocess.Popen[bytes]", str]:
    """Two workers, and their address."""
    process = command(desk, "serve", "--port", "0", "--workers", "2")
    assert process.stderr is not None
    return process, process.stderr.readline().decode().split()[2]


async def ask(client: httpx.AsyncClient, record: int) -> tuple[str, str | None]:
    """Status and number of one record."""
    answer = await client.post(PATH, json={"record_id": f"r{record}", "email": f"p{record}@firm{record % 7}.example"})
    assert answer.status_code == 200, answer.text
    return answer.headers["x-enrichcore-status"], answer.json()["phone"]


async def ask_all(address: str, key: str, until: Callable[[int], bool]) -> dict[int, tuple[str, str | None]]:
    """Ask about everybody, some at once, on a connection each, as long as `until` allows another one."""
    found: dict[int, tuple[str, str | None]] = {}
    left = iter(range(RECORDS))

    async def caller(client: httpx.AsyncClient) -> None:
        for record in left:
            if not until(record):
                return
            found[record] = await ask(client, record)

    headers = {"Authorization": f"Bearer {key}", "Connection": "close"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
        await asyncio.gather(*(caller(client) for _ in range(AT_ONCE)))
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_whoever_was_let_in_is_answered(new_desk: Callable[..., "Desk"], kind: str) -> None:
    """SIGTERM under load loses no answer, buys nothing twice, and charges each number once."""
    desk = new_desk(kind)
    key = said(desk, "keys", "create", "--tenant", "globex", "--credits", str(CREDITS), "--json")["key"]
    process, address = served(desk)
    told = False

    def end_in_the_middle(record: int) -> bool:
        nonlocal told
        if record >= RECORDS // 2 and not told:
            told = True
            process.send_signal(signal.SIGTERM)
        return not told

    answered = asyncio.run(ask_all(address, key, end_in_the_middle))
    assert len(answered) >= RECORDS // 2 - AT_ONCE
    assert process.wait(timeout=60) == 0
    assert {status for status, _ in answered.values()} <= {"found", "not_found"}

    process, address = served(desk)
    found = asyncio.run(ask_all(address, key, lambda _: True))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert {status for status, _ in found.values()} == {"found", "not_found"}
    assert answered.items() <= found.items()
    billed = Counter(map(tuple, desk.vendors.admin("ledger")["billed"]))
    assert set(billed.values()) == {1}
    (row,) = said(desk, "keys", "list", "--json")
    numbers = sum(phone is not None for _, phone in found.values())
    assert numbers == len(billed)
    assert CREDITS - row["credits_remaining"] == numbers


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_a_killed_server_had_reserved_is_free_again(
    new_desk: Callable[..., "Desk"], kind: str, wait_until: Callable[..., None]
) -> None:
    """Killed while every credit is reserved, it leaves a balance that the next server may spend."""
    desk = new_desk(kind)
    key = said(desk, "keys", "create", "--tenant", "globex", "--credits", "3", "--json")["key"]
    desk.vendors.admin("gate", value=False)
    process, address = served(desk)

    async def ask_for(*records: int) -> list[Any]:
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
            asking = [asyncio.ensure_future(ask(client, record)) for record in records]
            await asyncio.to_thread(wait_until, lambda: desk.vendors.calls() >= len(records))
            refused = await client.post(PATH, json={"record_id": "other", "email": "other@firm.example"})
            assert refused.json()["credits_remaining"] == 0
            (row,) = await asyncio.to_thread(said, desk, "keys", "list", "--json")
            assert row["credits_remaining"] == 0
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)  # two signals that come together are one
            process.send_signal(signal.SIGTERM)
            return await asyncio.gather(*asking, return_exceptions=True)

    lost = asyncio.run(ask_for(0, 1, 2))
    assert all(isinstance(error, httpx.TransportError) for error in lost)
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    (row,) = said(desk, "keys", "list", "--json")
    assert row["credits_remaining"] == 3
    desk.vendors.admin("gate", value=True)
