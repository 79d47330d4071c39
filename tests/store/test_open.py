"""From URLs to stores."""

from pathlib import Path

import pytest

from enrichcore.errors import ConfigError
from enrichcore.store.cipher import Cipher
from enrichcore.store.memory import MemoryStore
from enrichcore.store.open import open_store
from enrichcore.store.postgres import PostgresStore
from enrichcore.store.sqlite import SqliteStore


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///enrich.db", Path("enrich.db")),
        ("sqlite:///data/my enrich.db", Path("data/my enrich.db")),
        ("sqlite:////var/lib/enrich.db", Path("/var/lib/enrich.db")),
        ("sqlite:///~/enrich.db", Path("~/enrich.db").expanduser()),
    ],
)
def test_sqlite_urls_name_a_path(url: str, path: Path) -> None:
    """Three slashes and a relative path, four for an absolute one, and `~` for the home folder."""
    store = open_store(url)
    assert isinstance(store, SqliteStore)
    assert store.durable
    assert store.path == path


def test_memory_is_a_word() -> None:
    """`memory` is the store that keeps nothing."""
    store = open_store("memory")
    assert isinstance(store, MemoryStore)
    assert not store.durable


@pytest.mark.parametrize(
    "url", ["", "sqlite", "sqlite://enrich.db", "sqlite:///", "sqlite:///:memory:", "enrich.db", "mysql://db.example/x"]
)
def test_another_url_is_refused_with_what_was_expected(url: str) -> None:
    """The message shows the forms that work."""
    with pytest.raises(ConfigError, match=r"expected `memory`, `sqlite:///file\.db`"):
        open_store(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "mysql"])
def test_a_server_is_refused_without_showing_its_password(scheme: str) -> None:
    """A URL may hold a password, which no message repeats."""
    with pytest.raises(ConfigError) as refused:
        open_store(f"{scheme}://user:hunter2hunter2@db.example/enrich")
    assert "hunter2" not in str(refused.value)
    if scheme != "mysql":
        assert "ENRICHCORE_STORE_KEY" in str(refused.value)


def test_a_server_needs_a_key() -> None:
    """With one, the URL is a store; `postgres://` is the same as `postgresql://`."""
    for scheme in ("postgresql", "postgres"):
        store = open_store(f"{scheme}://db.example:5433/enrich?schema=mine", cipher=Cipher([bytes(range(32))]))
        assert isinstance(store, PostgresStore)
        assert (store.durable, store.schema, store.name) == (True, "mine", "postgresql://db.example:5433/enrich")
