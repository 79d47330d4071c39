"""The secret of a journal."""

import asyncio
import os
import stat
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from enrichcore.errors import ConfigError, StoreError
from enrichcore.store import Row
from enrichcore.store.memory import MemoryStore
from enrichcore.store.secret import load_secret, secret_file
from enrichcore.store.sqlite import SqliteStore

Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeRow = Callable[..., Row]
Load = Callable[..., bytes]

GIVEN = "correct horse battery staple"
OTHER = "another sixteen characters"


@pytest.fixture
def load(journal_path: Path, opened: Opened, settled: MakeRow) -> Load:
    """Opens the journal, loads its secret and, on demand, leaves an answer in it."""

    def act(configured: str | None = None, env: dict[str, str] | None = None, *, answers: int = 0) -> bytes:
        async def scenario() -> bytes:
            async with opened(SqliteStore(journal_path)) as store:
                secret = load_secret(store, configured=configured, env=env or {})
                for _ in range(answers):
                    store.record(settled(store.next_id()))
                return secret

        return asyncio.run(scenario())

    return act


def test_a_new_journal_gets_a_secret_file(load: Load, journal_path: Path) -> None:
    """32 random bytes beside the database, readable by its owner alone, and the same ones each time."""
    secret = load(answers=1)
    file = secret_file(journal_path)
    assert file == journal_path.with_name("journal.db.secret")
    assert len(secret) == 32
    assert bytes.fromhex(file.read_text()) == secret
    assert load() == secret
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_given_secret_needs_no_file(load: Load, journal_path: Path) -> None:
    """`[store] secret` and ENRICHCORE_SECRET give the same 32 bytes; the variable goes before the file's key."""
    secret = load(GIVEN, answers=1)
    assert len(secret) == 32
    assert load(env={"ENRICHCORE_SECRET": GIVEN}) == secret
    assert load(OTHER, {"ENRICHCORE_SECRET": GIVEN}) == secret
    assert not secret_file(journal_path).exists()


@pytest.mark.parametrize(
    ("configured", "env", "name"),
    [
        ("fifteen letters", {}, r"\[store\] secret"),
        (None, {"ENRICHCORE_SECRET": "short"}, "ENRICHCORE_SECRET"),
        ("", {}, r"\[store\] secret"),
    ],
)
def test_a_short_secret_is_refused_by_name(load: Load, configured: str | None, env: dict[str, str], name: str) -> None:
    """Fewer than 16 characters are refused; the message names the setting and not the value."""
    with pytest.raises(ConfigError, match=f"^{name}: expected 16 characters or more") as refused:
        load(configured, env)
    assert "fifteen" not in str(refused.value)


@pytest.mark.parametrize("first", [None, GIVEN])
def test_a_wrong_secret_is_refused(load: Load, first: str | None) -> None:
    """Answers under another secret would never be found, so nothing is bought; the right one still works."""
    secret = load(first, answers=1)
    with pytest.raises(StoreError, match="made with another secret") as refused:
        load(OTHER)
    assert "bought again" in str(refused.value)
    assert OTHER not in str(refused.value)
    assert load(first) == secret


@pytest.mark.parametrize("damage", [None, "", "not hex", "abcd"])
def test_a_lost_secret_is_explained(load: Load, journal_path: Path, damage: str | None) -> None:
    """With answers in the journal a missing or damaged file is not replaced: the message says how to restore it."""
    load(answers=1)
    file = secret_file(journal_path)
    text = file.read_text()
    if damage is None:
        file.unlink()
    else:
        file.write_text(damage)
    with pytest.raises(StoreError) as refused:
        load()
    for part in (str(file), "missing or damaged", "bought again", "backup"):
        assert part in str(refused.value)
    file.write_text(text)
    assert bytes.fromhex(text) == load()


def test_a_lost_file_says_so_where_the_secret_was_given(load: Load) -> None:
    """A journal that was made with a configured secret refuses to go on without it."""
    load(GIVEN, answers=1)
    with pytest.raises(StoreError, match="ENRICHCORE_SECRET if it was made with one"):
        load()


def test_an_empty_journal_takes_any_secret(load: Load, journal_path: Path) -> None:
    """Before there are answers nothing is lost: a half-written file is replaced and a new secret is taken."""
    load()
    secret_file(journal_path).write_text("abcd")
    secret = load()
    assert bytes.fromhex(secret_file(journal_path).read_text()) == secret
    assert load(GIVEN, answers=1) == load(GIVEN)


def test_a_restored_file_that_belongs_to_another_journal_is_refused(load: Load, journal_path: Path) -> None:
    """A secret file of the right form but of another journal is told from the right one."""
    load(answers=1)
    secret_file(journal_path).write_text("00" * 32)
    with pytest.raises(StoreError, match="made with another secret") as refused:
        load()
    assert str(secret_file(journal_path)) in str(refused.value)


def test_memory_forgets_its_secret() -> None:
    """Without a durable store the secret is new each time, unless one is given."""
    store = MemoryStore()
    first, second = (load_secret(store, configured=None, env={}) for _ in range(2))
    assert len(first) == 32
    assert first != second
    assert load_secret(store, configured=GIVEN, env={}) == load_secret(store, configured=GIVEN, env={})


def test_a_durable_store_of_another_kind_needs_a_given_secret() -> None:
    """We do not know where to keep a secret for somebody else's store, so we ask for one."""

    class Theirs(MemoryStore):
        durable = True

    with pytest.raises(ConfigError, match="Theirs keeps answers"):
        load_secret(Theirs(), configured=None, env={})
    assert len(load_secret(Theirs(), configured=GIVEN, env={})) == 32
