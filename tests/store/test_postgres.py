"""What holds for a journal in Postgres beyond what every store does: races, poolers, migrations, addresses."""

import asyncio
import importlib
import re
import socket
import subprocess
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Any

import pytest

from enrichcore.errors import ConfigError, StoreError
from enrichcore.model import Billed
from enrichcore.store import Claim, Granted, InFlight, Known, Row, StoredResult, StoredState
from enrichcore.store.cipher import Cipher
from enrichcore.store.postgres import PostgresStore, schema
from enrichcore.store.postgres.batch import Batch
from enrichcore.store.protocol import Expiry, OverBudget
from tests.store.pooler import Pooler
from tests.store.postgres_server import PASSWORD, PostgresServer

Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MakeResult = Callable[..., StoredResult]
MakeStore = Callable[..., PostgresStore]
Process = Callable[..., "subprocess.Popen[str]"]

NOW = 1_790_000_000.0

SAME_QUESTION = """
    import asyncio, sys
    from enrichcore.store import Claim, Granted
    from enrichcore.store.postgres import PostgresStore

    async def main():
        store = PostgresStore(sys.argv[1], schema="journal", allow_plain=True)
        await store.open(1.79e9)
        print("ready", flush=True)
        sys.stdin.readline()
        claim = Claim(key=b"same", tenant="default", record=b"r", provider="acme", method="email", now=1.79e9,
                      hits_since=0, misses_since=0)
        answers = await asyncio.gather(*(store.claim(claim) for _ in range(500)))
        print(sum(isinstance(answer, Granted) for answer in answers), flush=True)
        sys.stdin.readline()
        await store.aclose()

    asyncio.run(main())
"""
LEAVES = """
    import asyncio, sys
    from enrichcore.model import Outcome
    from enrichcore.store import Row
    from enrichcore.store.postgres import PostgresStore

    async def main():
        store = PostgresStore(sys.argv[1], schema="journal", allow_plain=True)
        await store.open(1.79e9)
        for n in range(300):
            store.record(Row(id=store.next_id(), key=b"%d" % n, tenant="default", record=b"r", provider="acme",
                             method="email", owner=store.owner, started_at=1.79e9, settled_at=1.79e9,
                             outcome=Outcome.MISS))
            if n == 100:
                await asyncio.sleep(0.003)
        print("leaves", flush=True)

    asyncio.run(main())
"""


HOLDS = """
    import asyncio, sys
    from enrichcore.store import Claim
    from enrichcore.store.postgres import PostgresStore

    async def main():
        store = PostgresStore(sys.argv[1], schema="journal", allow_plain=True)
        await store.open(1.79e9)
        for key in (b"question-1", b"question-2"):
            granted = await store.claim(Claim(key=key, tenant="default", record=b"r", provider="acme", method="email",
                                              now=1.79e9, hits_since=0, misses_since=0, reserve=7,
                                              budgets=(("run", 100),)))
            print(granted.id, flush=True)
        await asyncio.sleep(60)

    asyncio.run(main())
"""


def say(child: "subprocess.Popen[str]", line: str) -> None:
    assert child.stdin is not None
    child.stdin.write(line + "\n")
    child.stdin.flush()


def line_of(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    line = child.stdout.readline().strip()
    if not line:
        raise AssertionError(child.communicate()[1])
    return line


# --- races ------------------------------------------------------------------------------------------------------------


def test_a_thousand_claims_of_two_processes_are_one_intent(
    postgres: PostgresServer, postgres_store: MakeStore, process: Process
) -> None:
    """Five hundred identical claims in each of two processes, all at once: one is granted."""
    children = [process(SAME_QUESTION, postgres.url) for _ in range(2)]
    for child in children:
        assert line_of(child) == "ready"
    for child in children:
        say(child, "go")
    assert sorted(line_of(child) for child in children) == ["0", "1"]
    for child in children:
        say(child, "done")
        assert child.wait(30) == 0


def test_of_a_hundred_claims_with_budget_for_one_one_spends(
    postgres_store: MakeStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """The others are told that the budget is reserved and, once the one has spent it, that it is exhausted."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one, opened(postgres_store()) as other:
            wishes = [claim(b"%d" % n, reserve=7, budgets=(("run", 10), ("day", 100))) for n in range(100)]
            answers = await asyncio.gather(*((one, other)[n % 2].claim(wish) for n, wish in enumerate(wishes)))
            granted = [(n, answer.id) for n, answer in enumerate(answers) if isinstance(answer, Granted)]
            assert len(granted) == 1
            assert answers.count(OverBudget("run", exhausted=False)) == 99
            assert await one.spending("default", ["run", "day", "other"]) == {"run": (0, 7), "day": (0, 7)}
            n, attempt = granted[0]
            await other.settle(settled(attempt, b"%d" % n, cost=Decimal("6e-9")))
            assert await one.spending("default", ["run", "day"]) == {"run": (6, 0), "day": (6, 0)}
            assert await one.claim(wishes[n - 1]) == OverBudget("run", exhausted=True)

    asyncio.run(scenario())


def test_a_cap_is_kept_at_every_instant(
    postgres: PostgresServer, postgres_store: MakeStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Two owners spend one budget as fast as they can; whoever looks sees it kept, and equal to the attempts' sums."""
    cap = 400
    asyncpg: Any = importlib.import_module("asyncpg")

    async def scenario() -> None:
        async with opened(postgres_store()) as one, opened(postgres_store()) as other:

            async def spend(worker: int) -> None:
                mine = (one, other)[worker % 2]
                for n in range(25):
                    key = b"%d %d" % (worker, n)
                    answer = await mine.claim(claim(key, reserve=9, budgets=(("run", cap),)))
                    if isinstance(answer, Granted):
                        billed = (Billed.NO, Billed.YES, Billed.UNKNOWN)[n % 3]
                        await mine.settle(settled(answer.id, key, billed=billed, cost=Decimal("5e-9")))

            looker = await asyncpg.connect(postgres.url)
            work = asyncio.gather(*(spend(worker) for worker in range(20)))
            looks = []
            while not work.done():
                looks.append(
                    await looker.fetchrow(
                        "SELECT (SELECT spent FROM journal.budgets), (SELECT reserved FROM journal.budgets), "
                        "(SELECT sum(charged) FROM journal.attempts), "
                        "(SELECT coalesce(sum(reserved), 0) FROM journal.attempts WHERE outcome IS NULL)"
                    )
                )
            await work
            await looker.close()
            seen = [tuple(look) for look in looks if look[0] is not None]
            assert max(spent + reserved for spent, reserved, _, _ in seen) <= cap
            assert all((spent, reserved) == (charged, held) for spent, reserved, charged, held in seen)
            (spent, reserved) = (await one.spending("default", ["run"]))["run"]
            assert cap - 9 < spent <= cap
            assert reserved == 0

    asyncio.run(scenario())


def test_claims_and_settles_over_the_same_questions_never_wait_for_each_other(
    postgres: PostgresServer, postgres_store: MakeStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Four owners that claim, settle and save the same hundred records in different orders meet no deadlock."""

    async def scenario() -> None:
        stores = [postgres_store() for _ in range(4)]
        for one in stores:
            await one.open(NOW)

        async def work(one: PostgresStore, worker: int) -> None:
            for n in range(100):
                number = n * (7 + 2 * worker) % 100
                key, record = b"key %d" % number, b"record %d" % (99 - number)
                budgets = ((f"run {number % 3}", 10**9), (f"record {number}", 10**9))
                answer = await one.claim(claim(key, record=record, reserve=1, budgets=budgets, hits_since=NOW + 1))
                if isinstance(answer, Granted):
                    await one.settle(settled(answer.id, key, record=record, cost=Decimal(0)))

        await asyncio.gather(*(work(one, worker) for worker, one in enumerate(stores * 3)))
        for one in stores:
            await one.aclose()

    before = postgres.query("SELECT sum(deadlocks) FROM pg_stat_database")
    asyncio.run(scenario())
    assert postgres.query("SELECT sum(deadlocks) FROM pg_stat_database") == before


def test_a_loop_that_ends_without_closing_writes_what_is_queued(
    postgres: PostgresServer, postgres_store: MakeStore, opened: Opened, claim: MakeClaim, process: Process
) -> None:
    """`asyncio.run` cancels every task at its end; a commit under way and what is queued behind it are seen through."""
    assert process(LEAVES, postgres.url).communicate(timeout=60)[0] == "leaves\n"

    async def scenario() -> None:
        async with opened(postgres_store()) as one:
            for n in range(300):
                assert await one.known(claim(b"%d" % n)) is not None

    asyncio.run(scenario())


def test_a_killed_process_is_dead_at_once_and_what_it_held_counts_as_spent(
    postgres: PostgresServer, postgres_store: MakeStore, opened: Opened, claim: MakeClaim, process: Process
) -> None:
    """On the same machine nobody waits for a heartbeat to grow old; where repeats are free the question is asked."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one:
            child = process(HOLDS, postgres.url)
            attempts = [int(line_of(child)), int(line_of(child))]
            assert isinstance(await one.claim(claim()), InFlight)
            assert await one.in_doubt("default", NOW) == []
            child.kill()
            child.wait()
            assert [row.id for row in await one.in_doubt("default", NOW)] == attempts
            known = await one.claim(claim())
            assert isinstance(known, Known)
            assert (known.row.reason, known.row.billed, known.row.charged) == ("in_doubt", Billed.UNKNOWN, 7)
            assert await one.spending("default", ["run"]) == {"run": (7, 7)}
            again = await one.claim(claim(b"question-2", repeats_since=0.0, reserve=7, budgets=(("run", 100),)))
            assert isinstance(again, Granted)
            assert again.id in attempts
            assert await one.spending("default", ["run"]) == {"run": (7, 7)}

    asyncio.run(scenario())


def test_an_owner_elsewhere_lives_while_its_heartbeat_is_young(
    postgres: PostgresServer, postgres_store: MakeStore, opened: Opened, claim: MakeClaim, monkeypatch: Any
) -> None:
    """Its process cannot be looked at, so the server's clock decides; each of its batches is a heartbeat."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one, opened(postgres_store()) as other:
            attempt = (await one.claim(claim())).id
            await asyncio.to_thread(postgres.query, "UPDATE journal.owners SET host = 'elsewhere'")
            assert isinstance(await other.claim(claim()), InFlight)
            monkeypatch.setattr("enrichcore.store.owner.STALE", 0.3)
            await asyncio.sleep(0.4)
            await one.heartbeat(NOW)
            assert isinstance(await other.claim(claim()), InFlight)
            await asyncio.sleep(0.4)
            assert [row.id for row in await other.in_doubt("default", NOW)] == [attempt]
            assert isinstance(await other.claim(claim()), Known)

    asyncio.run(scenario())


@pytest.mark.parametrize("meanwhile", ["gives it up", "takes it over", "asks again", "withdraws it"])
def test_an_orphan_that_others_find_at_the_same_moment_is_judged_once(
    postgres: PostgresServer,
    postgres_store: MakeStore,
    opened: Opened,
    claim: MakeClaim,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: str,
) -> None:
    """Between the look at an orphan and its lock another process may be faster: what it did is respected."""
    wish = claim(repeats_since=0.0 if meanwhile == "asks again" else float("inf"), reserve=5, budgets=(("run", 100),))

    async def scenario() -> None:
        async with opened(postgres_store()) as dead:
            orphan = (await dead.claim(wish)).id
            if meanwhile == "takes it over":
                await dead.note_job(orphan, "job-7")
        async with opened(postgres_store()) as one, opened(postgres_store()) as other:
            lock = Batch._lock
            told: list[Any] = []

            async def later(batch: Batch, *arguments: Any) -> None:
                if batch._owner == one.owner and not told:
                    told.append(None)
                    if meanwhile == "withdraws it":
                        await asyncio.to_thread(postgres.query, "DELETE FROM journal.attempts")
                    else:
                        told.append(await other.claim(wish))
                await lock(batch, *arguments)

            monkeypatch.setattr(Batch, "_lock", later)
            answer = await one.claim(wish)
            if meanwhile == "gives it up":
                assert isinstance(answer, Known)
                assert answer.row.reason == "in_doubt"
            elif meanwhile == "withdraws it":
                assert isinstance(answer, Granted)
            else:
                assert isinstance(answer, InFlight)
                assert answer.row.owner == other.owner
                assert answer.row.id == orphan
            spent = 5 if meanwhile == "gives it up" else 0
            reserved = {"gives it up": 0, "withdraws it": 10}.get(meanwhile, 5)
            assert await one.spending("default", ["run"]) == {"run": (spent, reserved)}

    asyncio.run(scenario())


# --- poolers and pools ------------------------------------------------------------------------------------------------


async def go_through_the_verbs(
    one: PostgresStore, other: PostgresStore, claim: Any, settled: Any, finished: Any
) -> None:
    for n in range(6):
        key = b"%d" % n
        answers = await asyncio.gather(*((one, other)[m % 2].claim(claim(key)) for m in range(6)))
        assert sum(isinstance(answer, Granted) for answer in answers) == 1
        granted = next(answer for answer in answers if isinstance(answer, Granted))
        holder = one if granted.id >> 32 == one.owner else other
        await holder.note_job(granted.id, f"job-{n}")
        await holder.settle(settled(granted.id, key, job=f"job-{n}"))
        holder.save_result(finished(record=key))
        await holder.heartbeat(NOW)
        row, result = await asyncio.gather(other.known(claim(key)), one.load_result("default", key))
        assert row is not None
        assert (row.payload, row.job) == (b"\x00answer", f"job-{n}")
        assert result is not None
        assert result.payload == f"found at {NOW}".encode()
    one.save_state(StoredState(provider="p", credential=b"c", state="parked", since=NOW, until=None, reason=None))
    for person in range(5):
        one.note_number("default", 7, person, NOW, 3, print)
    await one.heartbeat(NOW)
    assert len(await other.load_states()) == len(await other.shared_numbers("default")) == 1
    assert len(await other.calls_since("acme", 0)) == 6


@pytest.mark.parametrize("option", ["", "?pgbouncer=true"])
def test_a_pooler_may_give_each_transaction_another_session(
    postgres: PostgresServer,
    postgres_store: MakeStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    finished: MakeResult,
    option: str,
) -> None:
    """Nothing is kept in a session, and nothing prepared in one; that there is a pooler is found out."""

    async def scenario() -> None:
        async with Pooler(postgres.url, 3).running() as pooler:
            url = pooler.url + option
            async with opened(postgres_store(url)) as one, opened(postgres_store(url)) as other:
                await go_through_the_verbs(one, other, claim, settled, finished)
            assert pooler.transactions > 40

    asyncio.run(scenario())


def test_the_applications_own_pool_is_used_and_left_open(
    postgres: PostgresServer,
    postgres_store: MakeStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    finished: MakeResult,
) -> None:
    """A pool of two connections is enough for two stores: none is held longer than a transaction."""
    asyncpg: Any = importlib.import_module("asyncpg")

    async def scenario() -> None:
        async with asyncpg.create_pool(postgres.url, min_size=0, max_size=2) as pool:
            async with opened(postgres_store(pool)) as one, opened(postgres_store(pool)) as other:
                await go_through_the_verbs(one, other, claim, settled, finished)
            assert await pool.fetchval("SELECT count(*) FROM journal.owners") == 0

    asyncio.run(scenario())


def test_a_commit_is_on_the_disk_whatever_the_role_says(postgres: PostgresServer, postgres_store: MakeStore) -> None:
    """A role that does not wait for the disk is overruled, in a pool of the application only by us."""
    asyncpg: Any = importlib.import_module("asyncpg")

    async def waits(one: PostgresStore) -> str:
        await one.open(NOW)
        found: str = (await one._opened().writer.write(lambda c: c.fetchrow("SHOW synchronous_commit")))[0]
        await one.aclose()
        return found

    async def scenario() -> None:
        assert await waits(postgres_store(postgres.url + "?synchronous_commit=off")) == "on"
        async with asyncpg.create_pool(postgres.url, server_settings={"synchronous_commit": "off"}) as pool:
            assert await waits(postgres_store(pool)) == "on"
            assert await pool.fetchval("SHOW synchronous_commit") == "off"

    asyncio.run(scenario())


@pytest.mark.parametrize("pooled", [False, True])
def test_plans_that_were_made_for_small_tables_use_the_indexes(
    postgres: PostgresServer,
    postgres_store: MakeStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    finished: MakeResult,
    pooled: bool,
) -> None:
    """Statements are planned while the tables are empty and nobody has counted rows: none will read a table whole."""
    explain = (
        "?session_preload_libraries=auto_explain&auto_explain.log_min_duration=0&auto_explain.log_level=notice"
        f"&pgbouncer={str(pooled).lower()}"
    )
    used: dict[str, set[str]] = {}

    def note(_: object, message: Any) -> None:
        query, _, plan = message.message.partition("Query Text: ")[2].partition("\n")
        used.setdefault(query, set()).update(
            re.findall(r"(?:using |Seq Scan on |Bitmap Index Scan on |Hash |Merge )(\w+)", plan)
        )

    async def scenario() -> PostgresStore:
        async with opened(postgres_store(postgres.url + explain)) as one:
            await one.known(claim())
            for link in (one._opened().reader, one._opened().writer):
                link._source._connection.add_log_listener(note)
            for n in range(12):
                key = b"question %d" % n
                wish = claim(key, record=key, reserve=1, budgets=(("run", 10**12),), suppression=(b"h" * 16,))
                await one.load_result("default", key)
                await one.known(wish)
                answer = await one.claim(wish)
                assert isinstance(answer, Granted)
                await one.settle(settled(answer.id, key, record=key))
                one.save_result(finished(record=key))
                one.note_number("default", 7, n, NOW, 3, print)
                await one.heartbeat(NOW)
                await one.calls_since("acme", NOW)
                await one.forget("default", [key], [key], [n], NOW)
                await one.expire("default", [Expiry(provider="acme", hits_before=NOW, misses_before=NOW)], NOW)
                assert [row async for row in one.ledger("default", since=NOW - 1)]
        return one  # type: ignore[no-any-return]

    sql = asyncio.run(scenario())._sql
    for statement, indexes in (
        (sql.by_keys, {"attempts_key"}),
        (sql.settled_by_keys, {"attempts_key"}),
        (sql.for_update, {"attempts_pkey"}),
        (sql.load_results, {"results_pkey"}),
        (sql.hits, {"suppressed_pkey"}),
        (sql.save_budgets, {"budgets_pkey"}),
        (sql.tombstones, {"forgotten_pkey"}),
        (sql.crowded, {"numbers_pkey"}),
        (sql.calls, {"attempts_started"}),
        (sql.ledger, {"attempts_started"}),
        (sql.records_of, {"attempts_key"}),
        (sql.to_forget, {"attempts_key", "attempts_record", "attempts_pkey"}),
        (sql.forget, {"attempts_pkey"}),
        (sql.results_of, {"results_questions"}),
        (sql.open_and_erased, {"attempts_open"}),
        (sql.drop_results, {"results_pkey"}),
        (sql.drop_numbers, {"numbers_person"}),
        (sql.expire_attempts, {"attempts_held", "attempts_pkey"}),
        (sql.expire_results, {"results_fresh"}),
    ):
        assert used[statement] == indexes, statement


# --- what is a person's -----------------------------------------------------------------------------------------------


def test_what_is_a_persons_never_leaves_in_clear(
    postgres: PostgresServer,
    postgres_store: MakeStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    finished: MakeResult,
) -> None:
    """Payloads, jobs and results are in no file of the server, its write-ahead log included."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one:
            attempt = (await one.claim(claim())).id
            await one.note_job(attempt, "canary-7931-job")
            await one.settle(settled(attempt, payload=b"canary-7931-payload", job="canary-7931-job"))
            one.save_result(finished(payload=b"canary-7931-result"))
            await one.heartbeat(NOW)
            row = await one.known(claim())
            assert row is not None
            assert (row.payload, row.job) == (b"canary-7931-payload", "canary-7931-job")

    asyncio.run(scenario())
    postgres.query("CHECKPOINT")
    files = [path for path in (postgres.folder / "data").rglob("*") if path.is_file()]
    assert len(files) > 900
    assert any(b"attempts_open" in path.read_bytes() for path in files)
    assert not [path for path in files if b"canary-7931" in path.read_bytes()]


def test_without_a_key_it_is_refused(postgres: PostgresServer) -> None:
    """Unless it is said aloud that others may read it."""
    with pytest.raises(ConfigError, match=r"ENRICHCORE_STORE_KEY.*allow_plain=True"):
        PostgresStore(postgres.url)
    assert PostgresStore(postgres.url, allow_plain=True).durable


def test_a_row_that_does_not_open_fails_its_own_claim(
    postgres_store: MakeStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Another key is missing for one row: the claims of the same batch are answered."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one:
            await one.settle(settled((await one.claim(claim())).id, payload=b'{"x":1}'))
        async with opened(postgres_store(cipher=None, allow_plain=True)) as one:
            claims = (one.claim(claim()), one.claim(claim(b"other")))
            answers: Any = await asyncio.gather(*claims, return_exceptions=True)
            assert isinstance(answers[0], StoreError)
            assert "sealed with key" in str(answers[0])
            assert isinstance(answers[1], Granted)

    asyncio.run(scenario())


def test_a_value_that_cannot_be_stored_fails_alone_and_is_not_shown(
    postgres_store: MakeStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Text with NUL, a lone surrogate, a number out of range: the rest of the batch is committed."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one:
            bad = [
                settled(one.next_id(), b"nul", reason="canary\0"),
                settled(one.next_id(), b"surrogate", reason="canary\ud800"),
                settled(one.next_id(), b"range", tries=2**40),
            ]
            good = settled(one.next_id(), b"good")
            results = await asyncio.gather(*(one.settle(row) for row in [*bad, good]), return_exceptions=True)
            for error in results[:3]:
                assert isinstance(error, StoreError)
                assert "refused one Put" in str(error)
                assert "canary" not in str(error)
            assert results[3] is None
            assert await one.known(claim(b"good")) is not None
            assert await one.known(claim(b"nul")) is None

    asyncio.run(scenario())


def test_what_began_before_an_erasure_brings_nobody_back(
    postgres: PostgresServer,
    postgres_store: MakeStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    finished: MakeResult,
) -> None:
    """An answer, a free answer and a result that were under way keep their amounts, and no link to the person."""
    budgets = (("run", 100), (f"record:{b'record-1'.hex()}", 100))

    async def scenario() -> None:
        async with opened(postgres_store()) as one, opened(postgres_store()) as other:
            attempt = (await one.claim(claim(reserve=7, budgets=budgets))).id
            await one.note_job(attempt, "job-7")
            epoch = await one.epoch()
            told = await other.forget("default", [], [b"question-1"], [], NOW + 1)
            assert (told.attempts, told.recipients) == (1, ("acme",))
            assert await one.epoch() == epoch + 1
            await one.note_job(attempt, "job-8")
            await one.settle(settled(attempt, cost=Decimal("5e-9"), job="job-8"))
            one.record(settled(one.next_id(), b"free", at=NOW + 1, billed=Billed.NO, provider="free"))
            one.record(settled(one.next_id(), b"later", at=NOW + 2, billed=Billed.NO, provider="free"))
            one.save_result(finished(started_at=NOW + 1))
            await one.heartbeat(NOW)
            assert await one.load_result("default", b"record-1") is None
            assert await one.known(claim()) is None
            assert await one.known(claim(b"free")) is None
            assert await one.known(claim(b"later")) is not None
            scopes = [scope for scope, _ in budgets]
            assert await one.spending("default", [*scopes, "record:forgotten"]) == {
                "run": (5, 0), "record:forgotten": (5, 0),
            }  # fmt: skip
            rows = [row async for row in one.ledger(None)]
            assert [(row.forgotten, row.job) for row in rows] == [(True, None), (True, None), (False, None)]
            assert rows[0].scopes == ("run", "record:forgotten")

    asyncio.run(scenario())
    assert postgres.query("SELECT count(*) FROM journal.attempts WHERE payload IS NOT NULL") == [(1,)]


def test_a_check_tells_what_is_wrong(
    postgres: PostgresServer,
    postgres_store: MakeStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    finished: MakeResult,
) -> None:
    """Budgets that do not equal their attempts, and values that are damaged, moved or sealed with another key."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one:
            for n in range(3):
                attempt = (await one.claim(claim(b"%d" % n, reserve=7, budgets=(("run", 100), ("day", 100))))).id
                await one.settle(settled(attempt, b"%d" % n, cost=Decimal("5e-9"), job="job-7"))
            await one.claim(claim(b"open", reserve=7, budgets=(("run", 100),)))
            one.save_result(finished("incomplete"))
            one.save_result(finished())
            one.save_result(finished("incomplete"))
            await one.heartbeat(NOW)
            assert await one.check() == []
            for damage in (
                "UPDATE journal.budgets SET spent = 14 WHERE scope = 'run'",
                "DELETE FROM journal.budgets WHERE scope = 'day'",
                "UPDATE journal.attempts SET payload = (SELECT payload FROM journal.attempts ORDER BY id LIMIT 1)",
                "UPDATE journal.results SET last_payload = substr(last_payload, 1, 40)",
            ):
                await asyncio.to_thread(postgres.query, damage)
            found = await one.check()
            said = "budget '{}' of tenant 'default': {} spent and {} reserved, but its attempts come to {} and {}"
            assert [text.removesuffix(" (in billionths)") for text in found[:2]] == [
                said.format("day", 0, 0, 15, 0),
                said.format("run", 14, 7, 15, 7),
            ]
            assert [text.partition(":")[0] for text in found[2:]] == ["4 times"]
            assert "damaged or cut short, or was moved here" in found[2]
        async with opened(postgres_store(cipher=Cipher([bytes(range(1, 33))]))) as one:
            assert "sealed with key" in (await one.check())[2]

    asyncio.run(scenario())


# --- tables and their versions ----------------------------------------------------------------------------------------


def drop(postgres: PostgresServer, name: str) -> None:
    postgres.query(f"DROP SCHEMA IF EXISTS {name} CASCADE")


def test_processes_that_start_together_migrate_once(postgres: PostgresServer, postgres_store: MakeStore) -> None:
    """Eight stores open a journal that does not exist yet."""
    drop(postgres, "together")

    async def scenario() -> None:
        stores = [postgres_store(schema="together") for _ in range(8)]
        await asyncio.gather(*(one.open(NOW) for one in stores))
        assert len({one.owner for one in stores}) == 8
        await asyncio.gather(*(one.aclose() for one in stores))

    asyncio.run(scenario())
    assert postgres.query("SELECT version FROM together.enrichcore_version ORDER BY 1") == [
        (number + 1,) for number in range(len(schema.MIGRATIONS))
    ]


def test_migrate_false_changes_nothing_and_names_the_command(
    postgres: PostgresServer, postgres_store: MakeStore, opened: Opened
) -> None:
    """A schema that is missing or old is refused; once somebody has migrated it, it is used."""
    drop(postgres, "locked_down")

    async def scenario() -> None:
        for one in (
            postgres_store(schema="locked_down", migrate=False),
            postgres_store(postgres.url + "?migrate=false&schema=locked_down"),
        ):
            with pytest.raises(StoreError, match=r"version 0 in 'locked_down'.*run `enrichcore store migrate`"):
                await one.open(NOW)
        assert await asyncio.to_thread(
            postgres.query, "SELECT count(*) FROM pg_namespace WHERE nspname = 'locked_down'"
        ) == [(0,)]
        await one.migrate()
        async with opened(one):
            assert await one.epoch() == 0

    asyncio.run(scenario())


def test_an_older_schema_is_brought_forward_and_a_newer_one_refused(
    postgres: PostgresServer, postgres_store: MakeStore, opened: Opened, monkeypatch: Any
) -> None:
    """The next version of enrichcore adds a column; this one then keeps its hands off."""
    drop(postgres, "older")

    async def scenario() -> None:
        async with opened(postgres_store(schema="older")):
            pass
        with monkeypatch.context() as patch:
            patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "ALTER TABLE attempts ADD COLUMN more text"))
            async with opened(postgres_store(schema="older")):
                pass
        now = len(schema.MIGRATIONS)
        told = rf"schema version {now + 1} in 'older'.*knows versions up to {now}; update enrichcore"
        with pytest.raises(StoreError, match=told):
            await postgres_store(schema="older").open(NOW)

    asyncio.run(scenario())
    assert postgres.query("SELECT more FROM older.attempts") == []


def test_a_foreign_schema_is_not_touched(postgres: PostgresServer, postgres_store: MakeStore) -> None:
    """A schema with tables of somebody else is refused by name."""
    drop(postgres, "theirs")
    postgres.query("CREATE SCHEMA theirs")
    postgres.query("CREATE TABLE theirs.attempts (id int)")
    with pytest.raises(StoreError, match=r"the schema 'theirs' at .* belongs to another application"):
        asyncio.run(postgres_store(schema="theirs").open(NOW))
    assert postgres.query("SELECT tablename FROM pg_tables WHERE schemaname = 'theirs'") == [("attempts",)]


def test_a_schema_made_for_the_user_is_enough(postgres: PostgresServer, postgres_store: MakeStore) -> None:
    """Who may not create schemas may use an empty one; who may not create tables there is told."""
    url = postgres.url.replace("postgres@", f"guarded:{PASSWORD}@")
    drop(postgres, "given")
    with pytest.raises(StoreError, match=r"refuses what the store has to do \(42501: .*give the user rights"):
        asyncio.run(postgres_store(url, schema="given").open(NOW))
    postgres.query("CREATE SCHEMA given AUTHORIZATION guarded")

    async def scenario() -> None:
        one = postgres_store(url, schema="given")
        await one.open(NOW)
        await one.aclose()

    asyncio.run(scenario())


def test_a_server_that_is_too_old_is_refused(postgres_store: MakeStore, monkeypatch: Any) -> None:
    """The message names the version that it needs."""
    monkeypatch.setattr(schema, "OLDEST", 990_000)
    with pytest.raises(StoreError, match="needs Postgres 12 or newer"):
        asyncio.run(postgres_store().open(NOW))


@pytest.mark.parametrize("name", ["", "Journal", "1st", "pg_journal", 'a"; DROP TABLE x', "a" * 64])
def test_only_plain_names_are_schemas(name: str) -> None:
    """What would have to be quoted, or belongs to Postgres, is refused."""
    with pytest.raises(ConfigError, match="schema: expected lower-case letters"):
        PostgresStore("postgresql://db.example/x", schema=name, allow_plain=True)


# --- addresses --------------------------------------------------------------------------------------------------------


def unreachable(url: str, **options: Any) -> str:
    """What a store says that cannot be opened."""
    with pytest.raises((StoreError, ConfigError)) as caught:
        asyncio.run(PostgresStore(url, allow_plain=True, patience=0.0, **options).open(NOW))
    return str(caught.value)


@pytest.mark.parametrize(
    ("who", "database", "said"),
    [
        ("guarded:wrong-7931", "postgres", "refuses the password (28P01: .*; correct it in the store's URL"),
        ("nobody:secret-7931", "postgres", "refuses the user (28000: .*; correct the user"),
        ("postgres:secret-7931", "missing", "has no such database (3D000: .*; create it with `createdb`"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(
    postgres: PostgresServer, who: str, database: str, said: str
) -> None:
    """The message names the server, the cause and the way out."""
    message = unreachable(f"postgresql://{who}@127.0.0.1:{postgres.port}/{database}")
    assert message.startswith(f"the journal at postgresql://127.0.0.1:{postgres.port}/{database} ")
    start, _, end = said.partition(".*")
    assert start in message
    assert end in message
    assert "7931" not in message


def test_a_server_that_is_not_there_is_told(monkeypatch: Any) -> None:
    """Nothing listens, or no such host is known."""
    assert unreachable("postgresql://u:secret-7931@127.0.0.1:1/x").startswith(
        "the journal at postgresql://127.0.0.1:1/x cannot be reached: nothing listens there (Connect call failed"
    )

    def unknown(*_: object, **__: object) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    message = unreachable("postgresql://u:secret-7931@unknown.example/x")
    assert "cannot be found: its host name is unknown" in message
    assert "7931" not in message


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:secret-7931@db.example:port/x",
        "postgresql://u:secret-7931@[db.example/x",
        "postgresql://u:secret-7931@db.example/x?sslmode=often",
        "postgresql://u:secret-7931@db.example/x?migrate=perhaps",
        "mysql://u:secret-7931@db.example/x",
    ],
)
def test_a_url_that_is_none_is_not_shown(url: str) -> None:
    """It may hold a password: only the form that is expected is said."""
    message = unreachable(url)
    assert message.startswith("store: ")
    assert "expected" in message
    assert "7931" not in message


def test_the_library_is_named_when_it_is_missing(monkeypatch: Any) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(__import__("sys").modules, "asyncpg", None)
    with pytest.raises(ConfigError, match=r"pip install 'enrichcore\[postgres\]'"):
        PostgresStore("postgresql://db.example/x", allow_plain=True)


def test_the_secret_is_kept_with_the_first_rows(postgres_store: MakeStore, opened: Opened, claim: MakeClaim) -> None:
    """An empty journal takes any secret; one with rows only its own."""

    async def scenario() -> None:
        async with opened(postgres_store()) as one:
            assert [await one.same_secret(check) for check in (b"one", b"two", b"two")] == [True, True, True]
            await one.claim(claim())
            assert [await one.same_secret(check) for check in (b"two", b"one")] == [True, False]

    asyncio.run(scenario())
