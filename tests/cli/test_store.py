"""`enrichcore store`: a journal that is sound is said to be, one that is not says where and what to do."""

import importlib.util
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import Result

from enrichcore.store.cipher import Cipher
from enrichcore.store.schema import MIGRATIONS

Cli = Callable[..., Result]
Config = Callable[..., str]
VERSION = len(MIGRATIONS)


@pytest.fixture
def path(cli: Cli, config: Config, monkeypatch: pytest.MonkeyPatch) -> str:
    """A configuration whose journal holds two attempts that count in a budget."""
    monkeypatch.setenv("CLITEST_KEY", "k")
    found = config("clitest_paid", more='[budget]\nmonth = "5 USD"\n[providers.clitest_paid]\ncredit_price = "0.05"\n')
    for email in ("ada@a.example", "lost@b.example"):
        cli("lookup", "--email", email, "--config", found)
    return found


def change(here: Path, script: str) -> None:
    with closing(sqlite3.connect(here / "test.db")) as journal:
        journal.executescript(script)


def test_a_journal_that_was_left_properly_is_sound(cli: Cli, path: str, here: Path) -> None:
    before = (here / "test.db").read_bytes()
    result = cli("store", "check", "--config", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("test.db is sound\n")
    assert (here / "test.db").read_bytes() == before


@pytest.mark.parametrize(
    ("script", "kind", "needle"),
    [
        ("UPDATE budgets SET spent = spent + 1", "budgets", "1 budgets do not reconcile"),
        ("UPDATE attempts SET cost = '9', charged = 9000000000 WHERE billed = 1", "budgets", "do not reconcile"),
        ("DELETE FROM attempts", "lone_budgets", "have no attempts"),
        ("UPDATE attempts SET payload = x'00ff' WHERE payload IS NOT NULL", "unreadable", "cannot be read"),
        ("PRAGMA user_version = 99", "newer", "update enrichcore"),
    ],
)
def test_what_is_wrong_is_named_with_the_way_out(
    cli: Cli, path: str, here: Path, script: str, kind: str, needle: str
) -> None:
    change(here, script)
    result = cli("store", "check", "--config", path)
    assert result.exit_code == 1
    assert result.stdout.startswith("wrong: ")
    assert needle in result.stdout
    told = json.loads(cli("store", "check", "--json", "--config", path).stdout)
    assert told["sound"] is False
    assert kind in [finding["kind"] for finding in told["findings"]]


def test_what_costs_nothing_by_itself_is_a_note(cli: Cli, path: str, here: Path) -> None:
    change(
        here,
        "UPDATE attempts SET outcome = NULL, settled_at = NULL, charged = 0, reserved = 100 WHERE billed = 2;"
        "UPDATE budgets SET spent = 100000000, reserved = 100",
    )
    result = cli("store", "check", "--config", path)
    assert result.exit_code == 0, result.stdout
    assert result.stdout.startswith("note: 1 calls have no owner any more")


def test_a_file_of_another_application_is_left_alone(cli: Cli, here: Path) -> None:
    with closing(sqlite3.connect(here / "other.db")) as other:
        other.executescript("PRAGMA application_id = 7; CREATE TABLE t (x)")
    before = (here / "other.db").read_bytes()
    checked = cli("--store", "sqlite:///other.db", "store", "check")
    assert checked.exit_code == 1
    assert "is no journal of enrichcore" in checked.stdout
    assert cli("--store", "sqlite:///other.db", "store", "migrate").exit_code == 1
    assert (here / "other.db").read_bytes() == before


def test_a_journal_is_made_brought_up_to_date_and_then_left_as_it_is(cli: Cli, here: Path) -> None:
    migrate = ("--store", "sqlite:///new.db", "store", "migrate")
    assert cli(*migrate).stdout == f"the journal new.db was made, schema version {VERSION}\n"
    assert cli(*migrate).stdout == f"the journal new.db is up to date, schema version {VERSION}\n"
    with closing(sqlite3.connect(here / "old.db")) as old:
        old.executescript(MIGRATIONS[0] + "PRAGMA application_id = 1701737059; PRAGMA user_version = 1")
    older = cli("--store", "sqlite:///old.db", "store", "check")
    assert (older.exit_code, older.stdout[:25]) == (0, "note: schema version 1 is")
    result = cli("--store", "sqlite:///old.db", "store", "migrate")
    assert result.stdout == f"the journal old.db went from schema version 1 to {VERSION}\n"


def test_a_newer_journal_is_refused(cli: Cli, path: str, here: Path) -> None:
    change(here, "PRAGMA user_version = 99")
    result = cli("store", "migrate", "--config", path)
    assert result.exit_code == 1
    assert "update enrichcore" in result.stderr


@pytest.mark.parametrize("verb", ["check", "migrate"])
def test_a_store_in_memory_has_nothing_to_look_at(cli: Cli, verb: str) -> None:
    result = cli("--store", "memory", "store", verb)
    assert result.exit_code == 2
    assert "ends with each process" in result.stderr


def test_a_missing_file_is_said_and_not_made(cli: Cli, here: Path) -> None:
    result = cli("--store", "sqlite:///nowhere.db", "store", "check")
    assert result.exit_code == 1
    assert "nowhere.db does not exist" in result.stderr
    assert not (here / "nowhere.db").exists()


def test_every_command_that_reads_or_erases_works_on_a_server(
    cli: Cli, config: Config, here: Path, require: Callable[[str], NoReturn], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.store.postgres_server import PASSWORD, PostgresServer, binaries

    if binaries() is None or not all(map(importlib.util.find_spec, ("asyncpg", "cryptography"))):
        require("needs Postgres (initdb and postgres on PATH or in /usr/lib/postgresql), asyncpg and cryptography")
    server = PostgresServer()
    try:
        monkeypatch.setenv("ENRICHCORE_STORE_KEY", Cipher.generate())
        monkeypatch.setenv("ENRICHCORE_SECRET", "sixteen letters and more")
        monkeypatch.setenv("CLITEST_KEY", "k")
        path = config("clitest_paid", more='[providers.clitest_paid]\ncredit_price = "0.05"\n')
        (here / "in.csv").write_text("record_id,email\n7,ada@a.example\n")

        def on_server(*arguments: str) -> Result:
            result = cli("--store", server.url, *arguments, "--config", path)
            assert result.exit_code == 0, result.output
            assert PASSWORD not in result.output
            return result

        assert on_server("store", "migrate").stdout.endswith("is up to date\n")
        assert "1 to look up" in on_server("plan", "in.csv").stdout
        on_server("enrich", "in.csv", "--out", "out.csv", "--budget", "1 USD")
        assert "0.10" in on_server("ledger").stdout
        assert "1 entry added" in on_server("suppress", "add", "--email", "bob@b.example").stdout
        assert "email" in on_server("suppress", "list").stdout
        assert "1 stored result was deleted." in on_server("forget", "7", "--yes").stdout
        assert "0.10" in on_server("ledger").stdout
        assert on_server("ledger", "--in-doubt").stdout == "nothing is in doubt\n"
        assert on_server("store", "check").stdout.endswith("is sound\n")
    finally:
        server.close()
