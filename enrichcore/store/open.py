"""From a store URL to a store."""

from pathlib import Path
from typing import Final

from enrichcore.errors import ConfigError
from enrichcore.store.memory import MemoryStore
from enrichcore.store.protocol import Store
from enrichcore.store.sqlite import SqliteStore

_SQLITE: Final = "sqlite:///"
_EXPECTED: Final = (
    "`memory`, `sqlite:///file.db` (relative to the current folder) or `sqlite:////folder/file.db` (absolute)"
)


def open_store(url: str) -> Store:
    """The store that `url` names, not yet open: `memory` or `sqlite:///path`.

    Raises:
        ConfigError: the URL names no store that this version has.
    """
    if url == "memory":
        return MemoryStore()
    if url.startswith(_SQLITE):
        name = url.removeprefix(_SQLITE)
        if not name or name == ":memory:":
            raise ConfigError(f"store: expected {_EXPECTED}, got {url!r}; for a store without a file say `memory`")
        return SqliteStore(Path(name).expanduser())
    scheme = url.partition(":")[0]
    shown = scheme + "://..." if "@" in url else url  # it may hold a password
    if scheme in {"postgresql", "postgres"}:
        raise ConfigError(f"store: this version has memory and sqlite, not {scheme}; expected {_EXPECTED}")
    raise ConfigError(f"store: expected {_EXPECTED}, got {shown!r}")
