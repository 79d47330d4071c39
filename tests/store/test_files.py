"""Which files SqliteStore makes, which it refuses, and what it says when a disk fails."""

import asyncio
import contextlib
import os
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import pytest

from enrichcore.errors import StoreError
from enrichcore.store import (
    Claim,
    Granted,
    InFlight,
    Known,
    Row,
    SharedNumber,
    StoredResult,
    TakenOver,
    journal,
    schema,
)
from enrichcore.store.schema import APPLICATION_ID, MIGRATIONS
from enrichcore.store.sqlite import SqliteStore

Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MakeResult = Callable[..., StoredResult]
Process = Callable[..., "subprocess.Popen[str]"]

NOW = 1_790_000_000.0


def refusal(path: Path) -> str:
    """What opening `path` is refused with."""

    async def scenario() -> str:
        with pytest.raises(StoreError) as refused:
            await SqliteStore(path).open(NOW)
        return str(refused.value)

    return asyncio.run(scenario())


def fill(path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow, count: int) -> None:
    """A journal of `count` answers, closed."""

    async def scenario() -> None:
        async with opened(SqliteStore(path)) as store:
            for number in range(count):
                store.record(settled(store.next_id(), b"%d" % number, payload=bytes(300)))

    asyncio.run(scenario())


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights than 0600")
def test_only_its_owner_may_read_it(tmp_path: Path, opened: Opened, claim: MakeClaim) -> None:
    """The file and what SQLite keeps beside it are made 0600 in a folder made 0700, whatever the umask."""

    async def scenario() -> None:
        path = tmp_path / "new" / "folder" / "journal.db"
        async with opened(SqliteStore(path)) as store:
            await store.claim(claim())
            files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
            assert files == {"journal.db": 0o600, "journal.db-shm": 0o600, "journal.db-wal": 0o600}
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    before = os.umask(0)
    try:
        asyncio.run(scenario())
    finally:
        os.umask(before)


def test_every_commit_reaches_the_disk(journal_path: Path, opened: Opened) -> None:
    """The journal is a write-ahead log with a sync at each commit, and is marked as ours."""

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)):
            with contextlib.closing(schema.connect(journal_path)) as connection:
                facts = [
                    connection.execute(f"PRAGMA {name}").fetchone()[0]
                    for name in ("journal_mode", "synchronous", "application_id", "user_version")
                ]
            assert facts == ["wal", 2, APPLICATION_ID, len(MIGRATIONS)]

    asyncio.run(scenario())


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    """A folder that cannot be made is named, with the cause and a way out."""
    (tmp_path / "file").write_text("x")
    path = tmp_path / "file" / "journal.db"
    text = refusal(path)
    assert str(path) in text
    assert "cannot be created" in text
    assert "another place" in text


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere; run as another user")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    """A folder without the right to write is named as the cause."""
    tmp_path.chmod(0o500)
    try:
        assert "rights" in refusal(tmp_path / "journal.db")
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_is_not_a_journal(tmp_path: Path) -> None:
    """A folder in place of the file is refused."""
    assert str(tmp_path) in refusal(tmp_path)


def test_a_file_that_is_no_database_is_refused_untouched(journal_path: Path) -> None:
    """A text file of the user's is not overwritten."""
    journal_path.write_text("record_id,email\n42,ada@engines.example\n")
    before = journal_path.read_bytes()
    assert "is not a SQLite database" in refusal(journal_path)
    assert journal_path.read_bytes() == before


@pytest.mark.parametrize("mark", [0, 0x12345678])
def test_a_database_of_another_application_is_refused_untouched(journal_path: Path, mark: int) -> None:
    """Somebody else's SQLite file is not migrated."""
    with contextlib.closing(sqlite3.connect(journal_path)) as connection:
        connection.execute(f"PRAGMA application_id = {mark}")
        connection.execute("CREATE TABLE customers (id)")
        connection.commit()
    before = journal_path.read_bytes()
    text = refusal(journal_path)
    assert "another application" in text
    assert "name another file" in text
    assert journal_path.read_bytes() == before


def test_an_empty_file_becomes_a_journal(journal_path: Path, opened: Opened, claim: MakeClaim) -> None:
    """What a crash at the very first moment leaves is not an obstacle."""
    journal_path.touch()

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            assert isinstance(await store.claim(claim()), Granted)

    asyncio.run(scenario())


def test_a_newer_schema_is_refused(journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow) -> None:
    """An older enrichcore does not write into what it does not understand."""
    fill(journal_path, opened, claim, settled, 1)
    with contextlib.closing(sqlite3.connect(journal_path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    text = refusal(journal_path)
    assert f"schema version {len(MIGRATIONS) + 1}" in text
    assert "update enrichcore" in text


def test_an_older_schema_is_brought_up_to_date(
    journal_path: Path,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Migrations that a file has not seen are applied in order, once, and keep what is there."""
    fill(journal_path, opened, claim, settled, 1)
    more = (*MIGRATIONS, "CREATE TABLE first (a); CREATE TABLE second (b)", "ALTER TABLE first ADD COLUMN c")
    monkeypatch.setattr(schema, "MIGRATIONS", more)

    async def scenario() -> None:
        for _ in range(2):
            async with opened(SqliteStore(journal_path)) as store:
                assert isinstance(await store.claim(claim(b"0")), Known)
        with contextlib.closing(sqlite3.connect(journal_path)) as connection:
            connection.execute("SELECT c FROM first")
            assert connection.execute("PRAGMA user_version").fetchone()[0] == len(more)

    asyncio.run(scenario())


OLD_ATTEMPT = (
    "INSERT INTO attempts (id, key, tenant, record, provider, method, owner, started_at, settled_at, outcome, billed, "
    "credits, cost, job, payload) VALUES (?, ?, 'default', x'01', 'acme', 'email', 7, ?, ?, ?, ?, '5', '0.25', ?, ?)"
)


def old_journal(path: Path, version: int) -> None:
    """A journal as an enrichcore with that schema version has left it: answers, a doubt, open calls and a result."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for script in MIGRATIONS[:version]:
            connection.executescript(script)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("PRAGMA journal_mode = WAL")
        for number in range(100):
            connection.execute(OLD_ATTEMPT, (number + 1, b"%d" % number, NOW, NOW, 1, 1, None, bytes(300)))
        connection.execute(OLD_ATTEMPT, (201, b"doubt", NOW, NOW, 4, 2, None, None))
        connection.execute(OLD_ATTEMPT, (202, b"open", NOW, None, None, 0, None, None))
        connection.execute(OLD_ATTEMPT, (203, b"job", NOW, None, None, 0, "job-7", None))
        connection.execute(
            "INSERT INTO results (tenant, record, known_fingerprint, known_plan, known_status, known_finished_at, "
            "known_fresh_until, known_payload) VALUES ('default', x'01', x'02', x'03', 'found', ?, ?, x'04')",
            (NOW, NOW),
        )


@pytest.mark.parametrize("version", [1, 2])
def test_a_journal_of_an_older_version_keeps_all_and_learns_the_rest(
    journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow, version: int
) -> None:
    """Answers, doubts, open calls and results of a file from before are as they were; numbers and budgets count now."""
    old_journal(journal_path, version)

    async def scenario() -> None:
        told: list[SharedNumber] = []
        listener = told.append
        async with opened(SqliteStore(journal_path)) as store:
            before = {row.id: row async for row in store.ledger("default")}
            assert len(before) == 103
            assert {(row.reserved, row.charged, row.scopes, row.forgotten) for row in before.values()} == {
                (0, 0, (), False)
            }
            for number in range(100):
                answer = await store.claim(claim(b"%d" % number))
                assert isinstance(answer, Known)
                assert (answer.row.payload, answer.row.cost) == (bytes(300), Decimal("0.25"))
            assert {row.id for row in await store.in_doubt("default", NOW)} == {201, 202, 203}
            budgets: dict[str, Any] = {"reserve": 5, "budgets": (("run:1", 9),)}
            assert isinstance(await store.claim(claim(b"doubt", **budgets)), Known)
            assert isinstance(await store.claim(claim(b"open", **budgets)), Known)
            answer = await store.claim(claim(b"job", **budgets))
            assert isinstance(answer, TakenOver)
            assert answer.row.job == "job-7"
            await store.settle(settled(203, b"job"))
            assert await store.spending("default", ["run:1"]) == {}
            assert isinstance(await store.claim(claim(b"new", **budgets)), Granted)
            assert await store.spending("default", ["run:1"]) == {"run:1": (0, 5)}
            result = await store.load_result("default", b"\x01")
            assert result is not None
            assert (result.status, result.payload) == ("found", b"\x04")
            assert await store.shared_numbers("default") == []
            for person in range(4):
                store.note_number("default", 7, person, NOW, 3, listener)
            await store.heartbeat(NOW)
            assert [s.phone for s in told] == [7]
            assert await store.epoch() == 0
            assert (await store.forget("default", [b"\x01"], [], [], NOW)).attempts == 103

    asyncio.run(scenario())
    with contextlib.closing(sqlite3.connect(journal_path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_migration_that_fails_changes_nothing(
    journal_path: Path,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All statements of a migration are one transaction."""
    fill(journal_path, opened, claim, settled, 1)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, "DROP TABLE attempts; CREATE TABLE meta (x)"))
        assert "meta already exists" in refusal(journal_path)

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            assert isinstance(await store.claim(claim(b"0")), Known)

    asyncio.run(scenario())


def test_a_truncated_file_is_refused(journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow) -> None:
    """Half a journal is not spent on."""
    fill(journal_path, opened, claim, settled, 500)
    os.truncate(journal_path, journal_path.stat().st_size // 2)
    text = refusal(journal_path)
    assert str(journal_path) in text
    assert "is damaged" in text
    assert "backup" in text


def test_damaged_pages_stop_spending(journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow) -> None:
    """Damage that shows only when it is read refuses the claim and the read."""
    fill(journal_path, opened, claim, settled, 500)
    with contextlib.closing(sqlite3.connect(journal_path)) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'attempts_key'"
        page = connection.execute(query).fetchone()[0]
    with journal_path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            with pytest.raises(StoreError, match="is damaged"):
                await store.known(claim(b"1"))
            with pytest.raises(StoreError, match="is damaged"):
                await store.claim(claim(b"1"))

    asyncio.run(scenario())


def test_a_lock_is_waited_for_and_then_named(
    journal_path: Path, opened: Opened, claim: MakeClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that another process keeps locked fails the claim; when it is free again, claims go on."""
    monkeypatch.setattr(journal, "BUSY_MS", 50)

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            with contextlib.closing(sqlite3.connect(journal_path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(StoreError, match="locked by another process"):
                    await store.claim(claim())
                assert await store.known(claim()) is None  # reading goes on
            assert isinstance(await store.claim(claim()), Granted)

    asyncio.run(scenario())


def test_one_bad_row_does_not_poison_the_batch(
    journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Of a hundred settles and claims at once, the ones that no table can hold fail, and they alone."""

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            held = await store.claim(claim(b"held"))
            ids = [(await store.claim(claim(b"%d" % n))).id for n in range(100)]
            rows = [settled(attempt, b"%d" % n) for n, attempt in enumerate(ids)]
            rows[40].reason = "lone surrogate \ud800"
            rows[41].tries = 2**70
            outcomes = await asyncio.gather(
                *(store.settle(row) for row in rows),
                store.claim(claim(b"held")),
                store.claim(claim(b"new")),
                store.claim(claim(b"bad", tenant="\ud800")),
                return_exceptions=True,
            )
            failed = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Exception)]
            assert failed == [40, 41, 102]
            assert all(isinstance(outcomes[n], StoreError) for n in failed)
            assert isinstance(outcomes[100], InFlight)
            assert outcomes[100].row.id == held.id
            assert isinstance(outcomes[101], Granted)
            assert isinstance(await store.claim(claim(b"99")), Known)
            assert isinstance(await store.claim(claim(b"40")), InFlight)

    asyncio.run(scenario())


def test_a_bad_row_does_not_take_back_what_was_counted(
    journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Numbers that were noted in the same group as rows that no table can hold are counted, and told once."""

    async def scenario() -> None:
        told: list[SharedNumber] = []
        listener = told.append
        async with opened(SqliteStore(journal_path)) as store:
            for person in range(4):
                store.note_number("default", 7, person, NOW, 3, listener)
            bad = asyncio.ensure_future(store.settle(settled(store.next_id(), tries=2**70)))
            await store.heartbeat(NOW)
            with pytest.raises(StoreError):
                await bad
            assert [s.phone for s in told] == [7]
            assert await store.shared_numbers("default") == told
        store = SqliteStore(journal_path)
        await store.open(NOW)
        for person in range(4):
            store.note_number("default", 8, person, NOW, 3, listener)
        store.note_number("\ud800", 9, 1, NOW, 5, listener)
        await store.heartbeat(NOW)
        assert [s.phone for s in told] == [7, 8]
        with pytest.raises(StoreError, match="queued write was lost"):
            await store.aclose()

    asyncio.run(scenario())


def test_a_number_is_not_shared_by_a_commit_that_failed(
    journal_path: Path, opened: Opened, claim: MakeClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be written is not told, stops the spending like every lost write, and is not there afterwards."""
    monkeypatch.setattr(journal, "BUSY_MS", 50)

    async def scenario() -> None:
        told: list[SharedNumber] = []
        listener = told.append
        store = SqliteStore(journal_path)
        await store.open(NOW)
        with contextlib.closing(sqlite3.connect(journal_path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for person in range(4):
                store.note_number("default", 7, person, NOW, 3, listener)
            with pytest.raises(StoreError):
                await store.heartbeat(NOW)
        store.note_number("default", 8, None, NOW, 3, listener)  # nobody waits: it is told at the next claim
        with pytest.raises(StoreError, match="nothing more is bought"):
            await store.claim(claim())
        with pytest.raises(StoreError, match="queued write was lost"):
            await store.aclose()
        async with opened(store):
            store.note_number("default", 7, 1, NOW, 3, listener)
            await store.heartbeat(NOW)
            assert await store.shared_numbers("default") == told == []

    asyncio.run(scenario())


def test_a_mark_is_never_used_twice(journal_path: Path, opened: Opened) -> None:
    """Whoever remembers the mark of a row that was deleted since does not miss the next one."""

    async def scenario() -> None:
        marks: list[int] = []
        listener = lambda shared: marks.append(shared.mark)  # noqa: E731
        async with opened(SqliteStore(journal_path)) as store:
            for phone in range(3):
                store.note_number("default", phone, None, NOW, 3, listener)
                await store.heartbeat(NOW)
                with contextlib.closing(sqlite3.connect(journal_path, isolation_level=None)) as connection:
                    connection.execute("DELETE FROM shared")
        assert marks == sorted(set(marks))
        assert len(marks) == 3

    asyncio.run(scenario())


def test_no_number_and_no_person_is_in_the_file(journal_path: Path, opened: Opened) -> None:
    """The tables of numbers hold keyed hashes, times and counts, and a person's rows can be taken out by the hash."""

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            for phone in (7, 8):
                for person in (1, 2):
                    store.note_number("default", phone, person, NOW, 1, lambda _: None)
        with contextlib.closing(sqlite3.connect(journal_path)) as connection:
            kinds = {
                table: [kind for _, _, kind, *_ in connection.execute(f"PRAGMA table_info({table})")]
                for table in ("numbers", "shared")
            }
            assert kinds == {
                "numbers": ["INTEGER", "INTEGER", "TEXT", "REAL"],
                "shared": ["INTEGER", "TEXT", "INTEGER", "INTEGER", "INTEGER", "REAL"],
            }
            connection.execute("DELETE FROM numbers WHERE tenant = 'default' AND person = 1")
            left = connection.execute("SELECT phone, person, tenant, seen_at FROM numbers").fetchall()
            assert left == [(7, 2, "default", NOW), (8, 2, "default", NOW)]

    asyncio.run(scenario())


def test_a_queued_write_that_no_table_can_hold_stops_spending(
    journal_path: Path, opened: Opened, claim: MakeClaim, finished: MakeResult
) -> None:
    """A result that is lost is told at the next claim and when the store closes."""

    async def scenario() -> None:
        store = SqliteStore(journal_path)
        await store.open(NOW)
        store.save_result(finished(fresh_until=2**70))
        await store.heartbeat(NOW)
        with pytest.raises(StoreError, match="nothing more is bought"):
            await store.claim(claim())
        with pytest.raises(StoreError, match="queued write was lost"):
            await store.aclose()
        async with opened(store):
            assert isinstance(await store.claim(claim()), Granted)
            assert await store.load_result("default", b"record-1") is None

    asyncio.run(scenario())


FULL = """
    import asyncio, resource, sys
    from enrichcore.errors import StoreError
    from enrichcore.store import Claim, StoredResult
    from enrichcore.store.sqlite import SqliteStore

    path, mode = sys.argv[1], sys.argv[2]

    def shared(number):
        print("shared", number.phone, flush=True)

    def claim(n):
        return Claim(key=b"%d" % n, tenant="default", record=b"r", provider="acme", method="email", now=1.79e9,
                     hits_since=0, misses_since=0)

    async def main():
        store = SqliteStore(path)
        await store.open(1.79e9)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        for n in range(10_000):
            try:
                print(n, (await store.claim(claim(n))).id)
            except StoreError as error:
                print("refused", error)
                break
            if mode == "numbers":
                for person in range(80):
                    store.note_number("default", n, person, 1.79e9, 79, shared)
            if mode == "queued":
                store.save_result(StoredResult(tenant="default", record=b"%d" % n, fingerprint=b"", plan=b"",
                    status="found", finished_at=1.79e9, fresh_until=1.79e9, payload=bytes(5_000)))
        try:
            await store.claim(claim(n + 1))
            print("granted")
        except StoreError as error:
            print("again", error)
        try:
            await store.aclose()
            print("closed")
        except StoreError as error:
            print("at the end", error)

    asyncio.run(main())
"""


@pytest.mark.parametrize("mode", ["awaited", "queued", "numbers"])
def test_a_full_disk_stops_spending(
    journal_path: Path,
    process: Process,
    opened: Opened,
    claim: MakeClaim,
    require: Callable[[str], NoReturn],
    mode: str,
) -> None:
    """No intent without room to write it; what was granted or told before is there when the disk has room again."""
    if os.name == "nt":
        require("a limit on file sizes (POSIX)")
    out, errors = process(FULL, journal_path, mode).communicate(timeout=60)
    assert errors == ""
    told = {int(line.split()[1]) for line in out.splitlines() if line.startswith("shared ")}
    lines = [line for line in out.splitlines() if not line.startswith("shared ")]
    grants = [line.split() for line in lines if line[0].isdigit()]
    refused, again, end = lines[len(grants) :]
    assert len(grants) > 3
    assert refused.startswith("refused ")
    assert str(journal_path) in refused
    assert "space" in refused
    assert again.startswith("again ")
    assert end.startswith("closed" if mode == "awaited" else "at the end ")
    assert (len(told) > 3) is (mode == "numbers")

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            doubts = {row.id for row in await store.in_doubt("default", NOW)}
            assert {int(attempt) for _, attempt in grants} == doubts
            assert {s.phone for s in await store.shared_numbers("default")} == told
            assert isinstance(await store.claim(claim(b"room again")), Granted)

    asyncio.run(scenario())
