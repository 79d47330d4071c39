"""Text files of any size: one pass finds digest and encoding, another gives lines of bounded length."""

import codecs
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

import attrs

from enrichcore.errors import ConfigError

MOST: Final = 1 << 20
"""Characters of one record; more means that a quote was left open or that this is no text."""
_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@attrs.frozen
class Examined:
    """What one pass over a file found. `state` is size and time of change, to notice an edit meanwhile."""

    digest: str
    encoding: str
    state: tuple[int, int]


def state_of(path: Path) -> tuple[int, int]:
    """Size and time of the last change."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def examine(path: Path, encoding: str | None) -> Examined:
    """Digest and encoding of a text file: by its mark, else UTF-8 if all of it is, else Windows-1252.

    Raises:
        ConfigError: it cannot be read, is empty or holds no text.
    """
    digest = hashlib.sha256()
    try:
        state = state_of(path)
        with path.open("rb") as file:
            head = file.read(4096)
            if not head.strip():
                raise ConfigError(f"{path} is empty: expected a header line or at least one person")
            mark = next((name for bytes_, name in _MARKS if head.startswith(bytes_)), None)
            if mark != "utf-16" and encoding is None and b"\0" in head:
                raise ConfigError(
                    f"{path} is not text (it holds NUL bytes). A spreadsheet must be saved as CSV first; UTF-16 "
                    'without a mark needs encoding = "utf-16-le"'
                )
            utf8 = codecs.getincrementaldecoder("utf-8")() if mark is None and encoding is None else None
            chunk = head
            while chunk:
                digest.update(chunk)
                if utf8 is not None:
                    try:
                        utf8.decode(chunk)
                    except UnicodeDecodeError:
                        utf8, mark = None, "cp1252"
                chunk = file.read(_CHUNK)
            if utf8 is not None:
                try:
                    utf8.decode(b"", final=True)
                except UnicodeDecodeError:
                    mark = "cp1252"
    except OSError as error:
        raise unreadable(path, error) from None
    return Examined(digest.hexdigest(), encoding or mark or "utf-8", state)


def unreadable(path: Path, error: OSError) -> ConfigError:
    """The error for a file that the system does not give."""
    where = "" if path.is_absolute() else f" (looked for in {os.getcwd()})"  # noqa: PTH109 - said, not used
    return ConfigError(f"[providers.directory] path: cannot read {path}{where}: {error.strerror or error}")


class TooLong(ValueError):
    """A record that does not end."""


class Lines(Iterator[str]):
    """Lines with their ends. A record that grows beyond `most` characters raises `TooLong`; reading can go on."""

    def __init__(self, file: TextIO, most: int = MOST) -> None:
        self._file = file
        self._most = most
        self._taken = 0
        self.number = 0
        """How many lines were read."""

    def begin(self) -> None:
        """Start a new record."""
        self._taken = 0

    def __next__(self) -> str:
        """The next line."""
        line = self._file.readline(self._most)
        if not line:
            raise StopIteration
        self.number += 1
        self._taken += len(line)
        if self._taken >= self._most:
            self._taken = 0
            while line and not line.endswith(("\n", "\r")):
                line = self._file.readline(self._most)
            raise TooLong
        return line
