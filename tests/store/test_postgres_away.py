"""What a journal in Postgres does while the server, or the way to it, is gone."""

import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Any

import pytest

from enrichcore.errors import StoreError
from enrichcore.model import Billed, Outcome
from enrichcore.store import Claim, ClaimAnswer, Granted, InFlight, Known, Row, StoredResult, TakenOver
from enrichcore.store.postgres import PostgresStore
from tests.store.pooler import Pooler
from tests.store.postgres_server import PostgresServer

Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MakeResult = Callable[..., StoredResult]
MakeStore = Callable[..., PostgresStore]

NOW = 1_790_000_000.0
BUDGET = (("run", 10**12),)


@pytest.mark.parametrize("lost", ["lose_commits", "lose_transactions"])
def test_a_commit_without_an_answer_is_done_once(
    postgres: PostgresServer,
    postgres_store: MakeStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    finished: MakeResult,
    lost: str,
) -> None:
    """Whether the server got the commit and only its word was lost, or never got it: each verb answers as ever."""

    async def scenario() -> None:
        async with Pooler(postgres.url, 3).running() as pooler, opened(postgres_store(pooler.url)) as one:

            async def losing(verb: Any) -> Any:
                setattr(pooler, lost, 1)
                answer = await verb
                assert getattr(pooler, lost) == 0
                return answer

            wish = claim(reserve=10, budgets=BUDGET)
            granted = await losing(one.claim(wish))
            assert isinstance(granted, Granted)
            assert await one.spending("default", ["run"]) == {"run": (0, 10)}
            assert isinstance(await one.claim(wish), InFlight)
            await losing(one.note_job(granted.id, "job-7"))
            await losing(one.release(granted.id))
            taken = await losing(one.claim(wish))
            assert isinstance(taken, TakenOver)
            assert (taken.row.id, taken.row.job) == (granted.id, "job-7")
            assert isinstance(await one.claim(wish), InFlight)
            row = settled(granted.id, billed=Billed.YES, cost=Decimal("7e-9"))
            await losing(one.settle(row))
            assert await one.spending("default", ["run"]) == {"run": (7, 0)}
            assert isinstance(await losing(one.claim(wish)), Known)
            one.save_result(finished())
            await losing(one.heartbeat(NOW))
            assert await one.load_result("default", b"record-1") is not None
            assert await losing(one.suppress("default", [(b"h" * 16, "phone")], NOW)) == 1
            assert await losing(one.lease_rate("acme", b"c", 10, 60.0, 4, NOW)) == (4, 60.0)
            assert await one.lease_rate("acme", b"c", 10, 60.0, 9, NOW) == (6, 60.0)
            told = await losing(one.forget("default", [b"record-1"], [], [], NOW))
            assert (told.attempts, told.results, told.recipients) == (1, 1, ("acme",))
            assert await one.epoch() == 2

    asyncio.run(scenario())
    assert postgres.query("SELECT count(*) FROM journal.attempts") == [(1,)]


def test_a_server_that_is_killed_again_and_again_loses_nothing(
    postgres: PostgresServer, postgres_store: MakeStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Two owners share 20 questions at a time while the server is killed thrice: each is bought once, to the cent."""
    bought: list[bytes] = []

    async def scenario() -> None:
        async with opened(postgres_store()) as one, opened(postgres_store()) as other:
            done = asyncio.Event()

            async def buy(mine: PostgresStore, key: bytes) -> None:
                answer: ClaimAnswer = await mine.claim(claim(key, reserve=9, budgets=BUDGET))
                if isinstance(answer, Granted):
                    bought.append(key)
                    await asyncio.sleep(0.001)
                    await mine.settle(settled(answer.id, key, cost=Decimal("7e-9")))

            async def work(worker: int) -> None:
                n = 0
                while not done.is_set():
                    key = b"%d %d" % (worker, n)
                    await asyncio.gather(buy(one, key), buy(other, key))
                    assert await one.known(claim(key)) is not None
                    n += 1

            async def trouble() -> None:
                for _ in range(3):
                    await asyncio.sleep(0.3)
                    await asyncio.to_thread(postgres.restart)
                await asyncio.sleep(0.2)
                done.set()

            await asyncio.gather(trouble(), *(work(worker) for worker in range(20)))
            assert await one.spending("default", ["run"]) == {"run": (7 * len(bought), 0)}
            assert await one.in_doubt("default", NOW) == []

    asyncio.run(scenario())
    assert len(bought) == len(set(bought)) > 60
    assert postgres.query("SELECT count(*), count(DISTINCT key), sum(charged) FROM journal.attempts") == [
        (len(bought), len(bought), 7 * len(bought))
    ]


def test_patience_ends_and_what_may_have_been_granted_is_taken_back(
    postgres: PostgresServer, postgres_store: MakeStore, claim: MakeClaim
) -> None:
    """A commit of which nobody ever hears is an error; the next batch looks, and leaves no intent that nobody holds."""

    async def scenario() -> None:
        async with Pooler(postgres.url, 2).running() as pooler:
            one = postgres_store(pooler.url, patience=0.0)
            await one.open(NOW)
            pooler.lose_commits = 1
            with pytest.raises(
                StoreError,
                match=r"the journal at postgresql://127\.0\.0\.1:.* broke off \(08003: .*see whether it is up",
            ):
                await one.claim(claim(reserve=5, budgets=BUDGET))
            await one.heartbeat(NOW)
            assert isinstance(await one.claim(claim(reserve=5, budgets=BUDGET)), Granted)
            assert await one.spending("default", ["run"]) == {"run": (0, 5)}
            await one.aclose()

    asyncio.run(scenario())


def test_operations_wait_for_a_server_that_is_away_and_heartbeats_do_not(
    postgres: PostgresServer, postgres_store: MakeStore, opened: Opened, claim: MakeClaim
) -> None:
    """A claim and a read go on when it is back; whoever only says that it lives is told at once."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one:
            await asyncio.to_thread(postgres.kill)
            try:
                waiting = [asyncio.create_task(one.claim(claim())), asyncio.create_task(one.known(claim(b"other")))]
                await asyncio.wait(waiting, timeout=0.2)
                with pytest.raises(StoreError, match="is away; waiting for it"):
                    await one.heartbeat(NOW)
                assert not any(task.done() for task in waiting)
            finally:
                await asyncio.to_thread(postgres.start)
            answer, known = await asyncio.gather(*waiting)
            assert isinstance(answer, Granted)
            assert known is None

    asyncio.run(scenario())


def test_what_is_queued_is_lost_aloud(
    postgres: PostgresServer, postgres_store: MakeStore, settled: MakeRow, claim: MakeClaim
) -> None:
    """When patience ends with writes that nobody waits for, nothing more is bought, and closing says why."""

    async def scenario() -> None:
        one = postgres_store(patience=0.1)
        await one.open(NOW)
        await asyncio.to_thread(postgres.kill)
        try:
            one.record(settled(one.next_id(), billed=Billed.NO, outcome=Outcome.MISS))
            with pytest.raises(StoreError, match=r"cannot be reached|broke off"):
                await one.claim(claim(b"other"))
            with pytest.raises(StoreError, match="a queued write was lost, so nothing more is bought"):
                await one.claim(claim(b"other"))
            with pytest.raises(StoreError, match="a queued write was lost"):
                await one.aclose()
            await one.aclose()
        finally:
            await asyncio.to_thread(postgres.start)

    asyncio.run(scenario())


def test_a_reader_that_is_cancelled_harms_nobody(
    postgres_store: MakeStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Whatever the moment at which a read is cancelled, the next one gets its answer."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one:
            await one.settle(settled((await one.claim(claim())).id))
            for turns in range(12):
                tasks = [
                    asyncio.create_task(one.known(claim())),
                    asyncio.create_task(one.calls_since("acme", 0)),
                ]
                for _ in range(turns):
                    await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
                assert await one.known(claim()) is not None
                assert await one.calls_since("acme", 0) == [NOW]

    asyncio.run(scenario())


def test_a_forked_child_is_refused(
    postgres_store: MakeStore, opened: Opened, claim: MakeClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection cannot be shared across a fork; the message says what to do."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one:
            with monkeypatch.context() as patch:
                pid = os.getpid()
                patch.setattr(os, "getpid", lambda: pid + 1)
                with pytest.raises(StoreError, match="across a fork: make a new store in each process"):
                    await one.claim(claim())

    asyncio.run(scenario())
