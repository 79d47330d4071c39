"""Nothing of an erased person is left in any byte of a SQLite journal, while others read and write it."""

import asyncio
import contextlib
import importlib.util
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from enrichcore.errors import StoreError
from enrichcore.model import Billed, Outcome
from enrichcore.store import (
    Claim,
    Expiry,
    Granted,
    Row,
    StoredResult,
    clearing,
    erasing,
    ops,
    putting,
    rows,
    schema,
    sqlite_privacy,
    sweeping,
)
from enrichcore.store.balance import Balance
from enrichcore.store.budgeting import FORGOTTEN
from enrichcore.store.check import check
from enrichcore.store.cipher import Cipher
from enrichcore.store.codec import encode_answer
from enrichcore.store.sqlite import SqliteStore

Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MakeResult = Callable[..., StoredResult]
Process = Callable[..., "subprocess.Popen[str]"]

NOW = 1_790_000_000.0


def load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


canaries: Any = load("canaries_for_erasing", Path(__file__).parents[1] / "processes" / "canaries.py")


def bytes_of(path: Path) -> dict[str, bytes]:
    """The files of a journal. Read by another process: to close one of them here would drop SQLite's locks on it."""
    program = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]
    return {
        file.name: subprocess.run([sys.executable, "-c", program, file], check=True, capture_output=True).stdout
        for file in files
        if file.exists()
    }


def person(number: int) -> tuple[bytes, bytes]:
    """Record and question of somebody."""
    return b"record of %06d." % number, b"asked of %06d.." % number


def mark(number: int) -> bytes:
    """What stands in everything that is kept of somebody."""
    return b"<person %06d>" % number


async def enrich(
    store: SqliteStore, numbers: list[int], dice: random.Random, make: tuple[MakeClaim, MakeRow, MakeResult]
) -> None:
    """Ask two vendors about each of some people, a third one for free, and keep the result; sizes vary widely."""
    claim, settled, finished = make

    async def ask(number: int, who: bytes) -> None:
        record, question = person(number)
        answer = await store.claim(
            claim(question + who, record=record, reserve=3, budgets=(("run:1", 10**15), (f"record:{record.hex()}", 9)))
        )
        assert isinstance(answer, Granted)
        if dice.random() < 0.3:
            await store.note_job(answer.id, mark(number).decode())
        payload = mark(number) + b"x" * int(dice.paretovariate(0.7) * 60 % 9000)
        row = settled(answer.id, question + who, record=record, payload=payload, job=mark(number).decode())
        await store.settle(row)

    await asyncio.gather(*(ask(number, who) for number in numbers for who in (b"vendor-1", b"vendor-2")))
    for number in numbers:
        record, question = person(number)
        free = settled(store.next_id(), question + b"vendor-3", record=record, billed=Billed.NO)
        free.payload, free.outcome = mark(number), Outcome.MISS
        store.record(free)
        for status in dice.choices(["found", "incomplete"], k=3):
            payload = mark(number) + b"y" * int(dice.paretovariate(0.7) * 200 % 9000)
            store.save_result(finished(status, record=record, payload=payload))


def traces(path: Path, numbers: list[int]) -> set[int]:
    """Of which people something is in the files of a journal, but for the one mark that it was erased."""
    content = b"".join(bytes_of(path).values())
    found = set()
    for number in numbers:
        record, question = person(number)
        needles = (mark(number), question.hex().encode(), record.hex().encode())
        marks = (content.count(record), content.count(question))
        if max(marks) > 1 or any(needle in content for needle in needles):
            found.add(number)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_no_byte_of_a_person_is_left(
    journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult, seed: int
) -> None:
    """Three owners write rows of all sizes, so that pages split and rows move: who is erased leaves nothing behind."""
    dice = random.Random(seed)
    people = list(range(240))
    gone = dice.sample(people, 120)
    make = claim, settled, finished

    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            stores = [await stack.enter_async_context(opened(SqliteStore(journal_path))) for _ in range(3)]
            for begin in range(0, len(people), 20):
                batch = people[begin : begin + 20]
                dice.shuffle(batch)
                await asyncio.gather(*(enrich(store, batch[n::3], dice, make) for n, store in enumerate(stores)))
            for store in stores:
                await store.heartbeat(NOW)
            assert traces(journal_path, people) == set(people)
            for begin in range(0, len(gone), 40):
                part = gone[begin : begin + 40]
                told = await stores[begin // 40].forget(
                    "default", [person(n)[0] for n in part[:20]], [person(n)[1] for n in part[20:]], [], NOW
                )
                assert (told.attempts, told.results) == (120, 40)
                assert traces(journal_path, part) == set()
                # Nobody brings a page back that was read before.
                await asyncio.gather(*(enrich(s, [1000 + begin + n], dice, make) for n, s in enumerate(stores)))
            assert traces(journal_path, gone) == set()
        assert traces(journal_path, gone) == set()
        assert traces(journal_path, people) == set(people) - set(gone)

    asyncio.run(scenario())
    with contextlib.closing(sqlite3.connect(journal_path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_comes_late_reaches_no_byte(
    journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> None:
    """Answers of calls that had begun before the erasure, and were claimed in another process just after it."""
    record, question = person(1)
    scope = f"record:{record.hex()}"

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store, opened(SqliteStore(journal_path)) as other:
            await store.forget("default", [record], [], [], NOW + 10)
            budgets = ((scope, 90), ("run:1", 90))
            late = await other.claim(
                claim(question + b"vendor-1", record=record, now=NOW + 5, reserve=40, budgets=budgets)
            )
            new = await other.claim(
                claim(question + b"vendor-2", record=record, now=NOW + 15, reserve=40, budgets=budgets)
            )
            assert isinstance(new, Granted)
            await other.settle(
                settled(
                    late.id, question + b"vendor-1", record=record, at=NOW + 5, payload=mark(1), cost=Decimal(3) / 10**8
                )
            )
            other.record(settled(other.next_id(), question + b"vendor-3", record=record, at=NOW + 10, payload=mark(1)))
            other.save_result(finished(record=record, started_at=NOW + 10, payload=mark(1)))
            await other.heartbeat(NOW)
            assert not any(mark(1) in content for content in bytes_of(journal_path).values())
            rows = [row async for row in store.ledger(None)]
            assert [row.forgotten for row in rows] == [True, True, False]
            assert rows[0].scopes == (FORGOTTEN, "run:1")
            assert await store.spending("default", [scope, "run:1", FORGOTTEN]) == {
                scope: (0, 40),
                "run:1": (30, 40),
                FORGOTTEN: (30, 0),
            }

    asyncio.run(scenario())
    assert [finding for finding in check(journal_path) if finding.serious] == []


def test_what_comes_late_is_not_even_handed_over(journal_path: Path, settled: MakeRow) -> None:
    """SQLite never gets to see the answer, so that none of its pages can have held it."""
    record, question = person(1)
    row = settled(7 << 32, question + b"vendor-1", record=record, payload=mark(1))
    op = ops.Put(row, rows.settled_columns(row, row.payload, None), intent=False)
    schema.prepare(journal_path)
    with contextlib.closing(schema.connect(journal_path)) as connection:
        seen: list[str] = []
        connection.set_trace_callback(seen.append)
        for erased in (False, True):
            if erased:
                erasing.forget(connection, ops.Forget("default", [record], [], [], NOW))
                seen.clear()
            putting.put(connection, [op], Balance(connection), None, marks=True)
            statements = "".join(seen).lower()
            assert "insert into attempts" in statements
            assert (mark(1).hex() in statements) is not erased


@pytest.mark.parametrize("encrypted", [False, True])
def test_canaries_are_gone(
    journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult, encrypted: bool
) -> None:
    """Planted in everything that is kept of a person, in clear they are all seen before, and none of them after."""
    cipher = Cipher.from_text(Cipher.generate()) if encrypted else None
    planted = canaries.plant(1)

    def seen() -> list[Any]:
        found: list[Any] = canaries.find_canaries(planted, *bytes_of(journal_path).values())
        return found

    async def scenario() -> None:
        async with (
            opened(SqliteStore(journal_path, cipher=cipher)) as store,
            opened(SqliteStore(journal_path)) as other,
        ):
            record, question = person(1)
            for number, answer in enumerate((planted.hit(), planted.wrong_hit(), planted.miss())):
                key = question + b"vendor-%d" % number
                granted = await store.claim(claim(key, record=record))
                await store.note_job(granted.id, planted.job().id)
                await store.settle(settled(granted.id, key, record=record, payload=encode_answer(answer)))
            store.save_result(finished(record=record, payload=encode_answer(planted.hit())))
            await store.heartbeat(NOW)
            assert bool(seen()) is not encrypted
            assert (await other.forget("default", [record], [], [], NOW)).attempts == 3
            assert seen() == []
        assert seen() == []

    asyncio.run(scenario())


def read_everything(connection: sqlite3.Connection) -> None:
    """Bring every page of the journal into the connection's own memory."""
    for table in ("attempts", "results"):
        connection.execute(f"SELECT * FROM {table}").fetchall()


def write_everywhere(connection: sqlite3.Connection) -> None:
    """Write every page of the tables anew, as this connection remembers it."""
    connection.execute("UPDATE attempts SET tries = tries + 1")
    connection.execute("UPDATE results SET known_finished_at = known_finished_at + 1")


@pytest.mark.parametrize("erasing_first", [False, True])
def test_nobody_brings_a_page_back(
    journal_path: Path,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    finished: MakeResult,
    monkeypatch: pytest.MonkeyPatch,
    erasing_first: bool,
) -> None:
    """A connection that read the file in the middle of an erasure, and the erasing one, remember nothing of it."""
    dice = random.Random(5)
    people = list(range(240))
    gone = dice.sample(people, 160)

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            for begin in range(0, len(people), 20):
                await enrich(store, people[begin : begin + 20], dice, (claim, settled, finished))
            await store.heartbeat(NOW)
            with contextlib.closing(schema.connect(journal_path)) as other:

                def watched(path: Path) -> bool:
                    read_everything(other)
                    return sweeping.sweep(path)

                monkeypatch.setattr(clearing, "sweep", watched)
                await store.forget("default", [person(n)[0] for n in gone], [], [], NOW)
                if not erasing_first:
                    write_everywhere(other)
                    assert traces(journal_path, gone) == set()
                await store._open.thread.run(write_everywhere, store._open.journal._connection)
                assert traces(journal_path, gone) == set()
        assert traces(journal_path, people) == set(people) - set(gone)

    asyncio.run(scenario())


def test_a_file_that_somebody_writes_is_not_swept(
    journal_path: Path, opened: Opened, settled: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process has written since the log was emptied could come into the file while it is swept."""
    swept: list[Path] = []

    def noted(path: Path) -> bool:
        swept.append(path)
        return True

    monkeypatch.setattr(clearing, "sweep", noted)
    schema.prepare(journal_path)
    with (
        contextlib.closing(schema.connect(journal_path)) as one,
        contextlib.closing(schema.connect(journal_path)) as two,
    ):
        empty_log = clearing.empty_log

        def and_then_somebody_writes(connection: sqlite3.Connection) -> bool:
            emptied = empty_log(connection)
            two.execute("UPDATE meta SET value = 7 WHERE name = 'epoch'")
            return emptied

        with monkeypatch.context() as patch:
            patch.setattr(clearing, "empty_log", and_then_somebody_writes)
            assert not clearing.clear(one, journal_path)
        one.execute("PRAGMA busy_timeout = 0")
        two.execute("BEGIN IMMEDIATE")
        assert not clearing.clear(one, journal_path)
        two.execute("ROLLBACK")
        assert swept == []
        assert clearing.clear(one, journal_path)
        assert swept == [journal_path.resolve()]


def test_no_temporary_file_is_made(journal_path: Path) -> None:
    """What SQLite sorts or keeps for a savepoint stays in memory; what it deletes it overwrites."""
    schema.prepare(journal_path)
    with contextlib.closing(schema.connect(journal_path)) as connection:
        facts = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("temp_store", "secure_delete")]
    assert facts == [2, 1]


def test_whoever_reads_an_old_state_is_waited_for_and_named(
    journal_path: Path,
    opened: Opened,
    settled: MakeRow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While another process holds on to the log, nobody is erased; when it lets go, the erasure goes through."""

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            store.record(settled(store.next_id(), record=person(1)[0], payload=mark(1)))
            await store.heartbeat(NOW)
            with contextlib.closing(sqlite3.connect(journal_path, isolation_level=None)) as reader:
                reader.execute("BEGIN")
                assert reader.execute("SELECT count(*) FROM attempts").fetchone() == (1,)
                store.record(settled(store.next_id(), b"else", record=person(2)[0], payload=mark(2)))
                await store.heartbeat(NOW)
                monkeypatch.setattr(sqlite_privacy, "_PATIENCE", 0.05)
                with pytest.raises(StoreError, match="another process reads an old state") as refused:
                    await store.forget("default", [person(1)[0]], [], [], NOW)
                assert str(journal_path) in str(refused.value)
                assert [row.forgotten async for row in store.ledger(None)] == [False, False]
                monkeypatch.setattr(sqlite_privacy, "_PATIENCE", 30.0)
                erasure = asyncio.create_task(store.forget("default", [person(1)[0]], [], [], NOW))
                await asyncio.sleep(0.05)
                await store.heartbeat(NOW)  # others are not held up
                assert not erasure.done()
                reader.execute("COMMIT")
            assert (await erasure).attempts == 1
            assert traces(journal_path, [1, 2]) == {2}

    asyncio.run(scenario())


def test_what_could_not_be_cleared_is_told_and_cleared_with_the_next_commit(
    journal_path: Path, opened: Opened, settled: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When somebody begins to read in the middle of an erasure, the error says what was done, and the rest follows."""

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            store.record(settled(store.next_id(), record=person(1)[0], payload=mark(1)))
            await store.heartbeat(NOW)
            with monkeypatch.context() as patch:
                patch.setattr(sqlite_privacy, "_PATIENCE", 0.02)
                patch.setattr(clearing, "sweep", refuses)
                with pytest.raises(StoreError, match=r"was erased .*\(who had been sent the data: acme\).*swept"):
                    await store.forget("default", [person(1)[0]], [], [], NOW)
            assert [row.forgotten async for row in store.ledger(None)] == [True]
            await store.heartbeat(NOW)
            assert traces(journal_path, [1]) == set()

    def refuses(_path: Path) -> bool:
        raise OSError(5, "Input/output error")

    asyncio.run(scenario())


def test_a_forgotten_call_of_a_file_with_other_pages_is_cleared_too(
    journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> None:
    """Where some pages are tables of pages, which cannot be told by looking at them, the file is written anew."""
    with contextlib.closing(sqlite3.connect(journal_path, isolation_level=None)) as connection:
        connection.execute("PRAGMA auto_vacuum = FULL")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("DROP TABLE t")
    dice = random.Random(7)

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            for begin in range(0, 300, 20):
                await enrich(store, list(range(begin, begin + 20)), dice, (claim, settled, finished))
            await store.heartbeat(NOW)
            assert not sweeping.sweep(journal_path)
            await store.forget("default", [person(n)[0] for n in range(0, 300, 2)], [], [], NOW)
            assert traces(journal_path, list(range(300))) == set(range(1, 300, 2))

    asyncio.run(scenario())


def test_a_sweep_changes_no_row(
    journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> None:
    """Only what no row holds is overwritten, in pages of every size, and a second sweep finds nothing to do."""
    dice = random.Random(3)

    async def fill() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            await enrich(store, list(range(80)), dice, (claim, settled, finished))

    def rows() -> list[Any]:
        with contextlib.closing(sqlite3.connect(journal_path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return [connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in sorted(tables)]

    for size in (512, 4096, 65536):
        journal_path.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(journal_path, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA page_size = {size}")
            connection.execute("VACUUM")
        asyncio.run(fill())
        before, content = rows(), journal_path.read_bytes()
        assert int.from_bytes(content[16:18], "big") % 65535 == size % 65535
        assert sweeping.sweep(journal_path)
        assert journal_path.read_bytes() != content
        assert rows() == before
        content = journal_path.read_bytes()
        assert sweeping.sweep(journal_path)
        assert journal_path.read_bytes() == content
        sweeping._files.clear()  # the next file may get the same number


def test_a_sweep_keeps_the_locks_of_the_process(journal_path: Path, opened: Opened, process: Process) -> None:
    """Another process that is done with the journal does not take its log away from under a process that has swept."""
    program = """
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        print(connection.execute("SELECT count(*) FROM owners").fetchone()[0])
        connection.close()
    """

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            await store.forget("default", [b"x"], [], [], NOW)
            await store.heartbeat(NOW)
            assert process(program, journal_path).communicate(timeout=60) == ("1\n", "")
            assert journal_path.with_name("journal.db-wal").exists()

    asyncio.run(scenario())


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on file sizes")
def test_what_expires_is_deleted_in_short_commits(
    journal_path: Path, opened: Opened, settled: MakeRow, finished: MakeResult
) -> None:
    """No commit deletes more than five hundred answers or results, however many are too old."""
    sizes: list[int] = []

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            for number in range(2300):
                store.record(settled(store.next_id(), b"%d" % number, at=NOW - 10))
                store.save_result(finished(record=b"%d" % number, fresh_until=0.0))
            await store.heartbeat(NOW)
            commit = store._open.journal.commit

            def counted(batch: list[Any]) -> list[Any]:
                sizes.extend(len(op.attempts) + len(op.records) for op in batch)
                results: list[Any] = commit(batch)
                return results

            store._open.journal.commit = counted
            rules = [Expiry(provider="acme", hits_before=NOW, misses_before=NOW)]
            assert await store.expire("default", rules, NOW) == 4600

    asyncio.run(scenario())
    assert sum(sizes) == 4600
    assert max(sizes) <= 500


def test_numbers_noted_about_somebody_erased_a_moment_ago_are_not_kept(journal_path: Path, opened: Opened) -> None:
    """A run that goes on after the erasure notes for whom a number was given; that note is dropped, others are not."""

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store, opened(SqliteStore(journal_path)) as other:
            other.note_number("default", 7, 1, NOW, 3, lambda _: None)
            await store.forget("default", [], [], [1], NOW)
            for who in (1, 2):
                other.note_number("default", 7, who, NOW + 5, 3, lambda _: None)
            await other.heartbeat(NOW)
            with contextlib.closing(schema.connect(journal_path)) as connection:
                assert connection.execute("SELECT person FROM numbers").fetchall() == [(2,)]

    asyncio.run(scenario())


def test_an_erasure_is_remembered_for_a_day(journal_path: Path, opened: Opened) -> None:
    """Marks against what began before go with the first erasure, expiry or opening after that."""

    async def scenario() -> None:
        def marks() -> list[bytes]:
            with contextlib.closing(schema.connect(journal_path)) as connection:
                return [record for (record,) in connection.execute("SELECT record FROM forgotten ORDER BY 1")]

        async with opened(SqliteStore(journal_path)) as store:
            left = []
            for record, at in ((b"a", NOW), (b"b", NOW + 86_400), (b"c", NOW + 86_401)):
                await store.forget("default", [record], [], [], at)
                left.append(marks())
            assert left == [[b"a"], [b"a", b"b"], [b"b", b"c"]]
            await store.expire("default", [], NOW + 86_400 + 86_401)
            assert marks() == [b"c"]
        async with opened(SqliteStore(journal_path), NOW + 86_401 + 86_401):
            assert marks() == []

    asyncio.run(scenario())
