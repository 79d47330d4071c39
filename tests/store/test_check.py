"""What `store check` finds in a SQLite journal, and that it changes nothing; and `store migrate`."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from enrichcore.errors import StoreError
from enrichcore.model import Billed, Hit, Number, PhoneResult, Status
from enrichcore.store import Claim, Row, StoredResult, schema
from enrichcore.store.check import Finding, check, migrate
from enrichcore.store.cipher import Cipher
from enrichcore.store.codec import encode_answer
from enrichcore.store.schema import APPLICATION_ID, MIGRATIONS
from enrichcore.store.sqlite import SqliteStore

Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MakeResult = Callable[..., StoredResult]
Fill = Callable[..., None]

NOW = 1_790_000_000.0
BUDGETS = (("run:1", 10**12), ("day:2026-09-21", 10**12))


@pytest.fixture
def fill(
    journal_path: Path, opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> Callable[..., None]:
    """Makes a journal in which everything is as it should be: two answers that were paid for, a doubt and a result."""

    async def scenario(cipher: Cipher | None) -> None:
        async with opened(SqliteStore(journal_path, cipher=cipher)) as store:
            for number in range(3):
                key = b"%d" % number
                attempt = (await store.claim(claim(key, reserve=5, budgets=BUDGETS))).id
                if number == 2:
                    await store.note_job(attempt, "job-7")
                    await store.settle(settled(attempt, key, billed=Billed.UNKNOWN, payload=None, job="job-7"))
                else:
                    payload = encode_answer(Hit(Number("+12025550143")))
                    await store.settle(settled(attempt, key, payload=payload))
            result = PhoneResult(record_id="1", status=Status.FOUND, phone="+12025550143")
            store.save_result(finished(payload=None, result=result))
            store.save_result(finished("incomplete", record=b"other", payload=None, result=result))

    return lambda cipher=None: asyncio.run(scenario(cipher))


def change(path: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def kinds(found: list[Finding]) -> list[str]:
    return [finding.kind for finding in found]


def test_nothing_is_wrong_with_a_good_journal(journal_path: Path, fill: Fill) -> None:
    """No finding, and no byte is changed."""
    fill()
    before = journal_path.read_bytes()
    assert check(journal_path, now=NOW) == []
    assert check(str(journal_path)) == []
    assert journal_path.read_bytes() == before


def test_a_journal_in_use_can_be_checked(journal_path: Path, fill: Fill, opened: Opened, claim: MakeClaim) -> None:
    """Calls that a living owner is making are nothing to report; once it is gone, they are, without alarm."""
    fill()

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            await store.claim(claim(b"open", reserve=5, budgets=BUDGETS))
            await store.note_job((await store.claim(claim(b"job"))).id, "job-7")
            assert check(journal_path, now=NOW) == []

    asyncio.run(scenario())
    [finding] = check(journal_path, now=NOW)
    assert (finding.kind, finding.serious) == ("orphans", False)
    assert "2 calls have no owner any more, 1 of them with a vendor's job" in str(finding)


@pytest.mark.parametrize(
    ("statement", "kind", "says"),
    [
        (
            "UPDATE budgets SET spent = spent + 1 WHERE scope = 'run:1'",
            "budgets",
            "1 budgets do not reconcile: default/run:1",
        ),
        ("UPDATE budgets SET reserved = 7 WHERE scope = 'run:1'", "budgets", "7 reserved"),
        ("UPDATE attempts SET charged = 0", "budgets", "2 budgets do not reconcile"),
        ("DELETE FROM budgets", "budgets", "run:1 is missing"),
        ("INSERT INTO budgets VALUES ('default', 'run:2', 5, 0)", "lone_budgets", "default/run:2 says 5 spent"),
        ("UPDATE attempts SET payload = x'00' WHERE key = x'30'", "unreadable", "1 values of attempts.payload (plain)"),
        ("UPDATE attempts SET payload = '[1' WHERE key = x'30'", "unreadable", "attempts.payload (plain)"),
        ("UPDATE attempts SET job = x'f800' WHERE key = x'32'", "unreadable", "1 values of attempts.job (plain)"),
        (
            "UPDATE results SET known_payload = x'5b5d' WHERE known_payload IS NOT NULL",
            "unreadable",
            "1 values of results.known_payload (plain)",
        ),
        (
            "UPDATE results SET last_payload = x'5b5d' WHERE last_payload IS NOT NULL",
            "unreadable",
            "results.last_payload",
        ),
    ],
)
def test_what_is_wrong_is_named(journal_path: Path, fill: Fill, statement: str, kind: str, says: str) -> None:
    """Budgets that are not the sum of their attempts, budgets without any, and values that nobody can read."""
    fill()
    change(journal_path, statement)
    [finding] = check(journal_path, now=NOW)
    assert (finding.kind, finding.serious) == (kind, True)
    assert says in finding.text


def test_a_budget_that_was_used_up_by_nothing_is_no_finding(journal_path: Path, fill: Fill) -> None:
    """What was reserved and given back leaves an empty budget."""
    fill()
    change(journal_path, "INSERT INTO budgets VALUES ('default', 'run:2', 0, 0)")
    assert check(journal_path, now=NOW) == []


def test_what_is_sealed_is_counted_by_key(journal_path: Path, fill: Fill) -> None:
    """With the keys, nothing is wrong; without one of them, each column says how many values need it."""
    old, new = Cipher.from_text(Cipher.generate()), Cipher.from_text(Cipher.generate())
    fill(old)
    assert check(journal_path, old, now=NOW) == []
    for cipher in (None, new):
        found = check(journal_path, cipher, now=NOW)
        assert kinds(found) == ["unreadable"] * 4
        for finding, column in zip(
            found, ("attempts.job", "attempts.payload", "results.known", "results.last"), strict=True
        ):
            assert column in finding.text
            assert f"key {old.key_ids[0]}" in finding.text
        assert "2 values" in found[1].text


def test_much_that_is_wrong_stays_short(journal_path: Path, fill: Fill) -> None:
    """Of a thousand wrong budgets all are counted and five are named."""
    fill()
    with contextlib.closing(sqlite3.connect(journal_path, isolation_level=None)) as connection:
        connection.executemany("INSERT INTO budgets VALUES ('default', ?, 1, 0)", [(f"run:x{n}",) for n in range(1000)])
    [finding] = check(journal_path, now=NOW)
    assert finding.text.startswith("1000 budgets")
    assert finding.text.count("run:x") == 5
    assert len(finding.text) < 1000


def test_damage_is_found(journal_path: Path, fill: Fill) -> None:
    """A page that was overwritten, and a file that was cut, are findings with a way out."""
    fill()
    whole = journal_path.read_bytes()
    with contextlib.closing(sqlite3.connect(journal_path)) as connection:
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'attempts_key'").fetchone()
    journal_path.write_bytes(whole[: (page - 1) * 4096] + b"\xff" * 4096 + whole[page * 4096 :])
    journal_path.with_name("journal.db-wal").unlink(missing_ok=True)
    for content in (journal_path.read_bytes(), whole[: len(whole) // 2], whole[:3000]):
        journal_path.write_bytes(content)
        [finding] = check(journal_path, now=NOW)
        assert finding.kind == "damaged"
        assert "backup" in finding.text


def test_other_files_are_told_apart(journal_path: Path, fill: Fill, tmp_path: Path) -> None:
    """No file, a text, somebody else's database, a newer and an older journal."""
    with pytest.raises(StoreError, match="does not exist"):
        check(journal_path)
    with pytest.raises(StoreError, match=r"could not be read|cannot be opened"):
        check(tmp_path)
    text = tmp_path / "text"
    text.write_text("record_id,email\n" * 100)
    [finding] = check(text)
    assert "is not a SQLite database" in finding.text
    other = tmp_path / "other.db"
    change(other, "CREATE TABLE customers (id)")
    assert kinds(check(other)) == ["foreign"]
    fill()
    change(journal_path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    assert kinds(check(journal_path)) == ["newer"]
    change(journal_path, f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    [finding] = check(journal_path)
    assert (finding.kind, finding.serious) == ("older", False)
    assert "enrichcore store migrate" in finding.text


def test_migrating_says_from_where_to_where(journal_path: Path) -> None:
    """A file that is made, one that is brought up to date, and one that is so already."""
    now = len(MIGRATIONS)
    assert migrate(journal_path) == (0, now)
    assert migrate(str(journal_path)) == (now, now)
    assert check(journal_path) == []
    journal_path.unlink()
    with contextlib.closing(sqlite3.connect(journal_path)) as connection:
        connection.executescript(MIGRATIONS[0])
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    assert migrate(journal_path) == (1, now)
    with contextlib.closing(schema.connect(journal_path)) as connection:
        assert connection.execute("SELECT count(*) FROM budgets").fetchone() == (0,)


def test_what_cannot_be_migrated_is_refused(journal_path: Path, fill: Fill) -> None:
    """A newer journal, and a file that is none, are left as they are."""
    fill()
    change(journal_path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="update enrichcore"):
        migrate(journal_path)
    journal_path.write_text("record_id,email\n" * 100)
    with pytest.raises(StoreError, match="not a SQLite database"):
        migrate(journal_path)
