"""The full-size proof: a Postgres server that is killed every few seconds, and processes that are killed with it."""

import itertools
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.postgres_server import PostgresServer

Process = Callable[..., "subprocess.Popen[str]"]

IN_FLIGHT = 100
BUYS = """
    import asyncio, os, random, sys, time
    from decimal import Decimal
    from enrichcore.model import Billed, Outcome
    from enrichcore.store import Claim, Granted, InFlight, Row, StoredResult
    from enrichcore.store.postgres import PostgresStore

    url, log, seconds, in_flight = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])

    async def main():
        store = PostgresStore(url, schema="proof", allow_plain=True)
        await store.open(time.time())
        vendor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        end, numbers = time.monotonic() + seconds, iter(range(10**9))

        async def beat():
            while True:
                await asyncio.sleep(5)
                try:
                    await store.heartbeat(time.time())
                except Exception:
                    pass

        async def work():
            while time.monotonic() < end:
                key = b"%024d" % next(numbers)
                while True:
                    now = time.time()
                    answer = await store.claim(Claim(
                        key=key, tenant="t", record=key, provider="acme", method="email", now=now, hits_since=0,
                        misses_since=0, reserve=10**9, budgets=(("run", 10**18), ("record:" + key.hex(), 10**9))))
                    if not isinstance(answer, InFlight):
                        break
                    await asyncio.sleep(0.05)
                if isinstance(answer, Granted):
                    os.write(vendor, key + b"\\n")
                    await asyncio.sleep(random.uniform(0, 0.03))
                    await store.settle(Row(
                        id=answer.id, key=key, tenant="t", record=key, provider="acme", method="email",
                        owner=store.owner, started_at=now, settled_at=time.time(), outcome=Outcome.HIT,
                        billed=Billed.YES, credits=Decimal(1), cost=Decimal("0.7"), payload=b"[]"))
                    store.save_result(StoredResult(
                        tenant="t", record=key, fingerprint=b"f", plan=b"p", status="found", finished_at=now,
                        fresh_until=now + 9, started_at=now, payload=b"[]"))

        beating = asyncio.create_task(beat())
        await asyncio.gather(*(work() for _ in range(in_flight)))
        beating.cancel()
        await store.aclose()

    asyncio.run(main())
"""


@pytest.mark.proof
@pytest.mark.parametrize("kill_clients", [False, True])
def test_two_minutes_of_kills_lose_nothing_and_buy_nothing_twice(
    postgres: PostgresServer, process: Process, tmp_path: Path, *, kill_clients: bool
) -> None:
    """Two processes buy the same answers while the server is killed every 5 to 20 s: all of it is exact.

    Once with the processes alive, once with one of them killed every few seconds too: then a call that was in flight in
    a killed one is in doubt, counts as spent, and is not made again.
    """
    rng = random.Random(7)
    log = tmp_path / "vendor.log"
    end = time.monotonic() + 120

    def start() -> "subprocess.Popen[str]":
        return process(BUYS, postgres.url, log, max(end - time.monotonic(), 1), IN_FLIGHT)

    buyers = [start(), start()]
    server_at = time.monotonic() + rng.uniform(5, 20)
    client_at = time.monotonic() + (rng.uniform(2, 6) if kill_clients else 1000)
    servers = clients = 0
    for turn in itertools.count():
        now = time.monotonic()
        if now > end - 3:
            break
        if now > server_at:
            postgres.kill()
            time.sleep(rng.uniform(0, 2))
            postgres.start()
            servers += 1
            server_at = time.monotonic() + rng.uniform(5, 20)
        if now > client_at:
            victim = buyers[turn % 2]
            victim.kill()
            victim.wait()
            clients += 1
            buyers[turn % 2] = start()
            client_at = time.monotonic() + rng.uniform(2, 6)
        time.sleep(0.05)
    for buyer in buyers:
        assert buyer.communicate(timeout=120) == ("", "")
        assert buyer.returncode == 0
    calls = Counter(log.read_text("ascii").split())
    ((attempts, keys, settled, doubts, charged, results, still_open),) = postgres.query(
        "SELECT count(*), count(DISTINCT key), count(*) FILTER (WHERE billed = 1), count(*) FILTER (WHERE billed = 2), "
        "sum(charged), (SELECT count(*) FROM proof.results), count(*) FILTER (WHERE outcome IS NULL) "
        "FROM proof.attempts"
    )
    print(f"{servers} kills of the server, {clients} of a process: {attempts} attempts, {doubts} in doubt")
    assert max(calls.values()) == 1
    assert attempts == keys
    assert set(calls) <= {bytes(key).decode() for (key,) in postgres.query("SELECT key FROM proof.attempts")}
    assert still_open == 0
    assert settled + doubts == attempts
    assert doubts <= clients * IN_FLIGHT
    assert charged == settled * 7 * 10**8 + doubts * 10**9
    assert postgres.query("SELECT spent, reserved FROM proof.budgets WHERE scope = 'run'") == [(charged, 0)]
    assert settled - results <= clients * IN_FLIGHT * 2  # a result that nobody waits for is queued behind the answer
    assert servers > 4
    postgres.query("DROP SCHEMA proof CASCADE")
