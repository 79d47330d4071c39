"""From the settings to an open index: reused when the source and the reading are the same, else built."""

import time
from pathlib import Path
from typing import Final

from enrichcore.errors import ConfigError
from enrichcore_directory.files import Rows, csv_rows, jsonl_rows
from enrichcore_directory.index import FORMAT, Index, build
from enrichcore_directory.settings import DirectorySettings
from enrichcore_directory.sql import SqlTable
from enrichcore_directory.text import Examined, examine, state_of, unreadable
from enrichcore_directory.vcard import vcard_rows

SMALL: Final = 1 << 18
"""Bytes up to which a file is indexed in memory: a fraction of a second, and no file is left behind."""
_TRIES = 3


class _Changed(Exception):
    """The file was edited while it was read."""


def open_index(settings: DirectorySettings) -> Index:
    """The index of what `path` names.

    Raises:
        ConfigError: there is no path, the source cannot be read or used, or the index cannot be written.
    """
    if settings.path is None:
        raise ConfigError(
            '[providers.directory] needs a path: a .csv, .jsonl or .vcf file, or a table such as "sqlite:///crm.db#people"'
        )
    if "://" in settings.path:
        return _open_sql(settings, SqlTable(settings.path))
    return _open_file(settings, Path(settings.path).expanduser())


def version_of(index: Index) -> str:
    """What changes when the source, the settings or the reading change."""
    return f"{FORMAT}-{index.meta['settings'][:8]}-{index.meta['digest'][:24]}"


def _open_file(settings: DirectorySettings, path: Path) -> Index:
    if path.is_dir():
        raise ConfigError(f"[providers.directory] path: expected a file, {path} is a folder")
    kind = path.suffix.lower()
    if kind not in {".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".vcf", ".vcard"}:
        raise ConfigError(
            f"[providers.directory] path: expected a .csv, .tsv, .jsonl or .vcf file, got {path.name!r}; "
            "a spreadsheet can be saved as CSV"
        )
    for _ in range(_TRIES):
        examined = examine(path, settings.encoding)
        place: Path | None = None
        if settings.index is not None or examined.state[0] > SMALL:
            place = settings.index_path(path.absolute(), str(path.absolute()))
            index = Index.open(place)
            if index is not None:
                if index.meta.get("digest") == examined.digest and index.meta.get("settings") == settings.mark:
                    return index
                index.close()
        try:
            return _build_file(settings, path, kind, examined, place)
        except _Changed:
            continue
        except OSError as error:
            raise unreadable(path, error) from None
    raise ConfigError(f"{path} changed {_TRIES} times while it was read; copy it and name the copy")


def _build_file(settings: DirectorySettings, path: Path, kind: str, examined: Examined, place: Path | None) -> Index:
    rows: Rows
    if kind in {".vcf", ".vcard"}:
        rows = vcard_rows(path, examined.encoding)
    elif kind in {".jsonl", ".ndjson"}:
        rows = jsonl_rows(path, examined.encoding, settings.columns)
    else:
        rows = csv_rows(path, examined.encoding, settings.columns)

    def finish() -> dict[str, str]:
        # A digest of what was there before and rows of what came after would answer wrongly for weeks.
        if state_of(path) != examined.state:
            raise _Changed
        return {"digest": examined.digest, "settings": settings.mark}

    return build(place, rows, str(path), finish)


def _open_sql(settings: DirectorySettings, table: SqlTable) -> Index:
    place = settings.index_path(None, table.identity)
    if settings.refresh is not None:
        index = Index.open(place)
        if index is not None:
            age = time.time() - float(index.meta.get("built_at", 0))
            same = index.meta.get("settings") == settings.mark and index.meta.get("source") == table.identity
            if same and 0 <= age < settings.refresh:
                return index
            index.close()

    def finish() -> dict[str, str]:
        return {
            "digest": table.digest,
            "settings": settings.mark,
            "source": table.identity,
            "built_at": str(time.time()),
        }

    return build(place, table.rows(settings.columns), table.shown, finish)
