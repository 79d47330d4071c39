"""From a store URL to a store."""

from pathlib import Path
from typing import Final

from enrichcore.errors import ConfigError
from enrichcore.store.cipher import Cipher
from enrichcore.store.memory import MemoryStore
from enrichcore.store.postgres import PostgresStore
from enrichcore.store.protocol import Store
from enrichcore.store.sqlite import SqliteStore

_SQLITE: Final = "sqlite:///"
_EXPECTED: Final = (
    "`memory`, `sqlite:///file.db` (relative to the current folder), `sqlite:////folder/file.db` (absolute) or "
    "`postgresql://user@host:port/database`"
)


def open_store(url: str, *, cipher: Cipher | None = None) -> Store:
    """The store that `url` names, not yet open: `memory`, `sqlite:///path` or `postgresql://server`.

    Raises:
        ConfigError: the URL names no store that this version has, or one on a server and there is no `cipher`.
    """
    if url == "memory":
        return MemoryStore()
    if url.startswith(_SQLITE):
        name = url.removeprefix(_SQLITE)
        if not name or name == ":memory:":
            raise ConfigError(f"store: expected {_EXPECTED}, got {url!r}; for a store without a file say `memory`")
        return SqliteStore(Path(name).expanduser(), cipher=cipher)
    scheme = url.partition(":")[0]
    shown = scheme + "://..." if "@" in url else url  # it may hold a password
    if scheme in {"postgresql", "postgres"}:
        return PostgresStore(url, cipher=cipher)
    raise ConfigError(f"store: expected {_EXPECTED}, got {shown!r}")
