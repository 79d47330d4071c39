"""The keys of `[providers.directory]`, and where the index goes."""

import hashlib
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from enrichcore.errors import ConfigError
from enrichcore_directory.columns import ROLES

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+)\s*([smhd])")


def fail(key: str, expected: str, got: object) -> ConfigError:
    """The error for one wrong key."""
    return ConfigError(f"[providers.directory] {key}: expected {expected}, got {got!r}")


def _path(value: Any) -> str | None:
    return _file("path", value)


def _index(value: Any) -> str | None:
    return _file("index", value)


def _file(key: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise fail(key, "the path of a file", value)
    return str(value)


def _columns(value: Any) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise fail("columns", 'a table such as { first_name = "Rufname", mobile = "Natel" }', value)
    found: dict[str, tuple[str, ...]] = {}
    for role, names in value.items():
        if role not in ROLES:
            raise fail("columns", f"only {', '.join(ROLES)} as keys", role)
        listed = [names] if isinstance(names, str) else names
        if not isinstance(listed, list | tuple) or not listed or not all(isinstance(n, str) and n for n in listed):
            raise fail(f"columns.{role}", "the name of a column, or a list of names", names)
        found[role] = tuple(listed)
    return found


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise fail("refresh", "a duration such as 30m, 12h or 1d", value)
    return float(int(match[1]) * _UNITS[match[2]])


@attrs.frozen(kw_only=True)
class DirectorySettings:
    """Where the people are and how to read them.

    `path`: a .csv, .tsv, .jsonl or .vcf file, or an SQLAlchemy URL with the table as fragment. `columns`: from what a
    column means to what it is called here, for columns that are not recognised. `index`: the file for the index.
    `refresh`: how old the copy of an SQL table may be (None: it is read at every start). `encoding` of a text file
    (None: UTF-8 or UTF-16 by its mark, else Windows-1252).
    """

    path: str | None = attrs.field(default=None, converter=_path, repr=False)
    columns: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=_columns)
    index: str | None = attrs.field(default=None, converter=_index)
    refresh: float | None = attrs.field(default=None, converter=_seconds)
    encoding: str | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse an encoding that Python does not know."""
        if self.encoding is not None:
            try:
                "".encode(self.encoding)
            except (LookupError, TypeError):
                raise fail("encoding", "a name such as utf-8 or cp1250", self.encoding) from None

    @property
    def mark(self) -> str:
        """A digest of what decides how rows are read."""
        return hashlib.sha256(repr((sorted(self.columns.items()), self.encoding)).encode()).hexdigest()[:16]

    def index_path(self, source: Path | None, identity: str) -> Path:
        """The index: where `index` says, else hidden beside the file, else in the user's cache folder.

        A folder of ours is made private, because the index holds the same people as its source.
        """
        if self.index is not None:
            return Path(self.index).expanduser()
        if source is not None and os.access(source.parent, os.W_OK):
            return source.parent / f".{source.name}.index.db"
        folder = _cache_folder() / "enrichcore"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"[providers.directory] no place for the index: cannot make {folder} ({error.strerror}); "
                'name a file with index = "/path/to/directory.index.db"'
            ) from None
        name = source.name if source is not None else "sql"
        return folder / f"{name}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}.index.db"


def _cache_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
