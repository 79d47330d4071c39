"""A server that is told to end while it is busy: whoever was let in is answered, and the books are right.

The vendors' ledger and the tenants' balances are the measure.
"""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.processes.serving import PATH, new_key, said, served

if TYPE_CHECKING:
    import subprocess

    from tests.processes.desk import Desk

pytest.importorskip("uvicorn")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

RECORDS, AT_ONCE, CREDITS = 80, 20, 1000
ENDS = 25
"""Over each journal, in the proof."""


async def ask(client: httpx.AsyncClient, record: int) -> tuple[str, str | None]:
    """Status and number of one record."""
    answer = await client.post(PATH, json={"record_id": f"r{record}", "email": f"p{record}@firm{record % 7}.example"})
    assert answer.status_code == 200, answer.text
    return answer.headers["x-enrichcore-status"], answer.json()["phone"]


async def ask_all(
    address: str, key: str, until: Callable[[int], bool], records: Iterable[int] = range(RECORDS)
) -> dict[int, tuple[str, str | None]]:
    """Ask about everybody, some at once, on a connection each, as long as `until` allows another one."""
    found: dict[int, tuple[str, str | None]] = {}
    left = iter(records)

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
    key = new_key(desk, "globex", "--credits", str(CREDITS))
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


@pytest.mark.proof
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_nobody_is_lost_in_fifty_ends(new_desk: Callable[..., "Desk"], kind: str) -> None:
    """SIGTERM under load, 25 times over each journal, while more requests come until no connection is taken any more.

    Whoever was let in is answered. Whose connection was cut had not been let in: the vendors had not heard of them, or
    what they brought is in the journal, for it is not bought again.
    """
    desk = new_desk(kind)
    key = new_key(desk, "globex", "--credits", "100000")
    answered: dict[int, tuple[str, str | None]] = {}
    cut: set[int] = set()
    refused = let_in = 0
    headers = {"Authorization": f"Bearer {key}", "Connection": "close"}

    async def load(process: "subprocess.Popen[bytes]", address: str, first: int, end_at: int) -> None:
        records = iter(range(first, first + 1000))
        count, over = 0, False

        async def caller(client: httpx.AsyncClient) -> None:
            nonlocal count, over, refused
            for record in records:
                if over:
                    return
                count += 1
                if count == end_at:
                    process.send_signal(signal.SIGTERM)
                try:
                    answered[record] = await ask(client, record)
                except httpx.ConnectError:
                    refused += 1
                    over = True
                except httpx.TransportError:
                    cut.add(record)

        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
            assert (await client.get("/readyz")).status_code == 200  # told to end before it has begun, it takes nobody
            await asyncio.gather(*(caller(client) for _ in range(AT_ONCE)))

    for end in range(ENDS):
        process, address = served(desk)
        asyncio.run(load(process, address, end * 1000, AT_ONCE + 7 * end % 60))
        assert process.wait(timeout=60) == 0
        asked = {email for _, email in desk.vendors.admin("ledger")["asked"]}
        let_in += sum(f"p{record}@firm{record % 7}.example" in asked for record in cut if record // 1000 == end)
    seen = [*answered, *cut]
    print(
        f"\n{kind}: {ENDS} ends, {len(answered)} answered, {refused} refused, {len(cut)} cut, {let_in} of them let in"
    )
    assert len(answered) >= ENDS * AT_ONCE
    assert let_in == 0

    process, address = served(desk)
    found = asyncio.run(ask_all(address, key, lambda _: True, seen))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert {status for status, _ in found.values()} == {"found", "not_found"}
    definite = {record: told for record, told in answered.items() if told[0] != "incomplete"}
    assert definite.items() <= found.items()
    billed = Counter(map(tuple, desk.vendors.admin("ledger")["billed"]))
    assert set(billed.values()) == {1}
    (row,) = said(desk, "keys", "list", "--json")
    numbers = sum(phone is not None for _, phone in found.values())
    assert 100000 - row["credits_remaining"] == numbers == len(billed)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_a_killed_server_had_reserved_is_free_again(
    new_desk: Callable[..., "Desk"], kind: str, wait_until: Callable[..., None]
) -> None:
    """Killed while every credit is reserved, it leaves a balance that the next server may spend."""
    desk = new_desk(kind)
    key = new_key(desk, "globex", "--credits", "3")
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
