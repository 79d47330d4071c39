"""Several processes on one journal, and processes that are killed."""

import asyncio
import os
import subprocess
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from enrichcore.model import Billed, Outcome
from enrichcore.store import Claim, ClaimAnswer, Granted, InFlight, Known, TakenOver
from enrichcore.store.check import check
from enrichcore.store.sqlite import SqliteStore

Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
Process = Callable[..., "subprocess.Popen[str]"]

NOW = 1_790_000_000.0

COMMON = """
    import asyncio, attrs, sys
    from enrichcore.model import Outcome
    from enrichcore.store import Claim, Granted, Row
    from enrichcore.store.sqlite import SqliteStore

    def claim(key):
        return Claim(key=key, tenant="default", record=b"r", provider="acme", method="email", now=1.79e9,
                     hits_since=0, misses_since=0)

    def settled(store, number, key):
        return Row(id=number, key=key, tenant="default", record=b"r", provider="acme", method="email",
                   owner=store.owner, started_at=1.79e9, settled_at=1.79e9, outcome=Outcome.MISS)
"""
HOLDS = (
    COMMON
    + """
    async def main():
        store = SqliteStore(sys.argv[1])
        await store.open(1.79e9)
        granted = await store.claim(claim(b"question-1"))
        if sys.argv[2]:
            await store.note_job(granted.id, sys.argv[2])
        print(granted.id, flush=True)
        await asyncio.sleep(60)

    asyncio.run(main())
"""
)
ACKNOWLEDGES = (
    COMMON
    + """
    async def main():
        store = SqliteStore(sys.argv[1])
        await store.open(1.79e9)

        async def work(worker):
            for n in range(100_000):
                key = b"%s %d %d" % (sys.argv[2].encode(), worker, n)
                granted = await store.claim(claim(key))
                await store.settle(settled(store, granted.id, key))
                print(key.decode(), flush=True)

        await asyncio.gather(*(work(worker) for worker in range(20)))

    asyncio.run(main())
"""
)
SHARES = (
    COMMON
    + """
    async def main():
        store = SqliteStore(sys.argv[1])
        await store.open(1.79e9)
        print("ready", flush=True)
        sys.stdin.readline()
        for n in range(150):
            key = b"%d" % n
            answer = await store.claim(claim(key))
            if isinstance(answer, Granted):
                print(n, flush=True)
                await store.settle(settled(store, answer.id, key))
        await store.aclose()

    asyncio.run(main())
"""
)
SPENDS = (
    COMMON
    + """
    from decimal import Decimal
    from enrichcore.model import Billed

    async def main():
        path, name, same, count, limit = sys.argv[1], sys.argv[2], sys.argv[3] == "same", *map(int, sys.argv[4:6])
        forever = len(sys.argv) > 6
        store = SqliteStore(path)
        await store.open(1.79e9)
        print("ready", flush=True)
        sys.stdin.readline()

        async def ask(n):
            key = b"one question" if same else b"%s %d" % (name.encode(), n)
            wish = attrs.evolve(claim(key), reserve=10, budgets=(("run:1", limit), ("day:1", 10 * limit)))
            answer = await store.claim(wish)
            if isinstance(answer, Granted):
                print("granted", answer.id, flush=True)
                if forever:
                    row = settled(store, answer.id, key)
                    row.billed, row.cost = list(Billed)[n % 3], Decimal(n % 11) / 10**9
                    await store.settle(row)
            else:
                print(type(answer).__name__, flush=True)
            return answer

        if forever:
            for turn in range(100_000):
                await asyncio.gather(*(ask(turn * 20 + n) for n in range(20)))
        await asyncio.gather(*(ask(n) for n in range(count)))
        if not same:
            print("spending", *(await store.spending("default", ["run:1"]))["run:1"], flush=True)
        print("end", flush=True)
        sys.stdin.readline()
        await store.aclose()

    asyncio.run(main())
"""
)
SAMPLES = """
    import sqlite3, sys, time
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    print("ready", flush=True)
    sys.stdin.readline()
    most, samples, wrong, limit = 0, 0, 0, int(sys.argv[2])
    until = time.monotonic() + 30
    while (most < limit - 10 or samples < 50) and time.monotonic() < until:
        connection.execute("BEGIN")
        found = connection.execute("SELECT spent, reserved FROM budgets WHERE scope = 'run:1'").fetchall()
        query = "SELECT sum(charged), sum(reserved * (outcome IS NULL)) FROM attempts WHERE scopes IS NOT NULL"
        charged, reserved = connection.execute(query).fetchall()[0]
        connection.execute("COMMIT")
        if found:
            samples += 1
            most = max(most, sum(found[0]))
            wrong += found[0] != (charged or 0, reserved or 0)
    print(most, samples, wrong, flush=True)
"""
LEAVES = (
    COMMON
    + """
    async def main():
        store = SqliteStore(sys.argv[1])
        await store.open(1.79e9)
        for n in range(300):
            key = b"%d" % n
            store.record(settled(store, store.next_id(), key))
            if n == 100:
                await asyncio.sleep(0)
        print("leaves", flush=True)

    asyncio.run(main())
"""
)


def line_of(child: "subprocess.Popen[str]") -> str:
    """The next line that the child says."""
    assert child.stdout is not None
    line = child.stdout.readline().strip()
    if not line:
        raise AssertionError(child.communicate()[1])
    return line


def kill(child: "subprocess.Popen[str]") -> None:
    """Kill -9 and see it dead, but leave it a zombie, as a busy parent would."""
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="needs waitid to look at a process without reaping it")
@pytest.mark.parametrize(
    ("job", "repeatable", "expected"),
    [("", False, Known), ("", True, Granted), ("job-7", False, TakenOver)],
)
def test_a_killed_process_is_dead_at_once(
    journal_path: Path,
    opened: Opened,
    claim: MakeClaim,
    process: Process,
    job: str,
    repeatable: bool,
    expected: type[ClaimAnswer],
) -> None:
    """While it lives its intent is respected; the moment it is killed, the intent is an orphan."""

    async def scenario() -> None:
        child = process(HOLDS, journal_path, job)
        attempt = int(line_of(child))
        async with opened(SqliteStore(journal_path)) as store:
            answer = await store.claim(claim(repeats_since=0.0 if repeatable else float("inf")))
            assert isinstance(answer, InFlight)
            assert answer.row.id == attempt
            assert await store.in_doubt("default", NOW) == []
            kill(child)
            assert [row.id for row in await store.in_doubt("default", NOW)] == [attempt]
            answer = await store.claim(claim(repeats_since=0.0 if repeatable else float("inf")))
            assert isinstance(answer, expected)
            if isinstance(answer, Granted):
                assert answer.id == attempt
                assert await store.in_doubt("default", NOW) == []
            if isinstance(answer, (Known, TakenOver)):
                assert answer.row.id == attempt
            if isinstance(answer, Known):
                row = answer.row
                assert (row.outcome, row.reason, row.billed) == (Outcome.ERROR, "in_doubt", Billed.UNKNOWN)

    asyncio.run(scenario())


def test_what_was_acknowledged_survives_kill_9(
    journal_path: Path, opened: Opened, claim: MakeClaim, process: Process
) -> None:
    """Five processes in turn are killed amid their writing: every settle that had returned is in the journal."""
    acknowledged = []
    for round_, count in enumerate((1, 20, 75, 160, 301)):
        child = process(ACKNOWLEDGES, journal_path, f"round-{round_}")
        acknowledged += [line_of(child) for _ in range(count)]
        child.kill()
        assert child.stdout is not None
        acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            for key in acknowledged:
                row = await store.known(claim(key.encode()))
                assert row is not None, key
                assert row.outcome is Outcome.MISS

    asyncio.run(scenario())


def test_a_loop_that_ends_without_closing_writes_what_is_queued(
    journal_path: Path, opened: Opened, claim: MakeClaim, process: Process
) -> None:
    """`asyncio.run` cancels every task at its end; a commit under way and what is queued behind it are seen through."""
    assert process(LEAVES, journal_path).communicate(timeout=60)[0] == "leaves\n"

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            for n in range(300):
                assert await store.known(claim(b"%d" % n)) is not None

    asyncio.run(scenario())


def test_two_processes_buy_each_answer_once(journal_path: Path, process: Process) -> None:
    """Two processes that start together on a journal that does not exist yet share 150 questions: none twice."""
    children = [process(SHARES, journal_path) for _ in range(2)]
    for child in children:
        assert line_of(child) == "ready"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    bought: list[int] = []
    for child in children:
        out, errors = child.communicate(timeout=60)
        assert errors == ""
        bought += map(int, out.split())
    assert sorted(bought) == list(range(150))


def test_writers_do_not_starve_each_other(journal_path: Path, opened: Opened, claim: MakeClaim) -> None:
    """Two owners that commit as fast as they can both get on: neither is done before the other has begun."""

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as one, opened(SqliteStore(journal_path)) as other:
            done = {one: 0, other: 0}

            async def work(store: SqliteStore, name: bytes) -> int:
                for n in range(200):
                    await store.claim(claim(b"%s %d" % (name, n)))
                    done[store] += 1
                return min(done.values())

            behind = await asyncio.gather(work(one, b"one"), work(other, b"other"))
            assert min(behind) > 20

    asyncio.run(scenario())


def go(*children: "subprocess.Popen[str]") -> None:
    """Let children that are ready begin together."""
    for child in children:
        assert line_of(child) == "ready"
    tell(*children)


def tell(*children: "subprocess.Popen[str]") -> None:
    """One line to each child."""
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()


def until_end(child: "subprocess.Popen[str]") -> list[str]:
    """What a child says before the end."""
    return list(iter(lambda: line_of(child), "end"))


def test_a_thousand_claims_of_one_question_are_one_call(journal_path: Path, process: Process) -> None:
    """Two processes make 500 claims each of the same question at once: one of them is granted, once."""
    children = [process(SPENDS, journal_path, name, "same", 500, 10**9) for name in ("one", "two")]
    go(*children)
    said = [line.split()[0] for child in children for line in until_end(child)]
    assert sorted(said) == ["InFlight"] * 999 + ["granted"]
    tell(*children)
    assert [child.communicate(timeout=60)[1] for child in children] == ["", ""]


def test_a_budget_for_one_call_is_spent_by_one_process(journal_path: Path, process: Process) -> None:
    """Two processes ask 50 different questions each, with budget for one call: exactly one is granted."""
    children = [process(SPENDS, journal_path, name, "different", 50, 19) for name in ("one", "two")]
    go(*children)
    said = [line.split()[0] for child in children for line in until_end(child)]
    assert sorted(said) == ["OverBudget"] * 99 + ["granted"] + ["spending"] * 2
    tell(*children)
    assert [child.communicate(timeout=60)[1] for child in children] == ["", ""]


def test_no_process_ever_sees_a_budget_exceeded(journal_path: Path, process: Process, opened: Opened) -> None:
    """Two processes spend a budget while a third looks on: it is never exceeded, and at any moment true.

    They are killed; afterwards each budget is the sum of its attempts, those of the dead included.
    """
    limit = 3_000
    spenders = [process(SPENDS, journal_path, name, "different", 0, limit, "forever") for name in ("one", "two")]
    for child in spenders:
        assert line_of(child) == "ready"
    sampler = process(SAMPLES, journal_path, limit)
    assert line_of(sampler) == "ready"
    tell(*spenders, sampler)
    most, samples, wrong = map(int, line_of(sampler).split())
    for child in spenders:
        kill(child)
    assert samples >= 50
    assert wrong == 0
    assert 0 < most <= limit
    found = [finding for finding in check(journal_path) if finding.serious]
    assert found == []

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            spent, reserved = (await store.spending("default", ["run:1"]))["run:1"]
            rows = [row async for row in store.ledger("default")]
            assert spent == sum(row.charged for row in rows)
            assert reserved == sum(row.reserved for row in rows if row.outcome is None)

    asyncio.run(scenario())
