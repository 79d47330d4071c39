"""Files that are elsewhere, such as `s3://bucket/contacts.csv`: copied here to be read, copied there when complete.

A file is read several times and written where a cut-off copy would be taken for a whole one, so a copy of its own on
this machine is both the cheapest and the safest way.
"""

import importlib
import re
import shutil
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import unquote, urlsplit

from enrichcore.errors import ConfigError

_CHUNK: Final = 1 << 20
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::)")
_STAMPS: Final = ("ETag", "etag", "LastModified", "last_modified", "mtime", "updated", "created")


def is_remote(path: str) -> bool:
    """Whether a path is a URL that leads elsewhere."""
    return _URL.match(path) is not None and not path.startswith("file://")


def local(path: str) -> str:
    """The path itself; of a `file://` URL, the path in it."""
    return unquote(urlsplit(path).path) if path.startswith("file://") else path


def fetch(url: str, to: IO[bytes]) -> None:
    """Copy a file from there.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        with _fsspec().open(url, "rb") as file:
            shutil.copyfileobj(file, to, _CHUNK)
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - every kind of storage has errors of its own
        raise ConfigError(f"{url}: cannot read the input: {why(error)}") from None


def check(url: str) -> None:
    """See whether a file could be written there, as far as that can be known without writing.

    Raises:
        ConfigError: there is no such kind of storage, or what it needs is not installed.
    """
    try:
        fs, path = _fsspec().core.url_to_fs(url)
        is_folder = not path or fs.isdir(path)
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - likewise
        raise ConfigError(f"cannot write {url}: {why(error)}") from None
    if is_folder:
        raise ConfigError(f"{url} is a folder: expected the name of a file to write")


def put(file: str, url: str) -> None:
    """Copy a whole file there; it appears when it is complete, as far as the storage can do that.

    Raises:
        OSError: it cannot be written.
    """
    try:
        fs, path = _fsspec().core.url_to_fs(url)
        with fs.transaction, Path(file).open("rb") as whole, fs.open(path, "wb") as target:
            shutil.copyfileobj(whole, target, _CHUNK)
    except Exception as error:
        raise OSError(why(error)) from error


def stamp(url: str) -> str | None:
    """What changes when the file there does; None where that cannot be known."""
    try:
        fs, path = _fsspec().core.url_to_fs(url)
        known = fs.info(path)
    except Exception:  # noqa: BLE001 - likewise
        return None
    return f"{known.get('size')} " + " ".join(str(known[name]) for name in _STAMPS if name in known)


def files(url: str) -> list[str] | None:
    """The files in a folder, or those that fit a pattern, by name; None where it is one file.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        fs, path = _fsspec().core.url_to_fs(url)
        if any(c in path for c in "*?["):
            found = fs.glob(path)
        elif fs.isdir(path):
            found = [each["name"] for each in fs.ls(path, detail=True) if each["type"] == "file"]
        else:
            return None
        return sorted(fs.unstrip_protocol(each) for each in found)
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - likewise
        raise ConfigError(f"{url}: cannot read the input: {why(error)}") from None


def why(error: Exception) -> str:
    """An error of some storage, in a line."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _fsspec() -> Any:
    try:
        return importlib.import_module("fsspec")
    except ImportError:
        raise ConfigError(
            "a file that is elsewhere needs fsspec, which is not installed: pip install 'enrichcore[files]', and what "
            "the kind of storage needs, such as s3fs or gcsfs"
        ) from None
