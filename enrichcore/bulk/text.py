"""Text lines of a binary file, with a memory of the lines that the current record was read from."""

import io
from collections.abc import Iterator
from typing import IO


class Text(Iterator[str]):
    """Iterates over lines with their ends as they are, and keeps those taken since `begin()`.

    The binary file stays open when this object goes.
    """

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
        self._wrapper = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
        self._taken: list[str] = []
        self.line = 0
        """How many lines were read."""

    def begin(self) -> None:
        """Forget the lines of the record before."""
        self._taken.clear()

    @property
    def line_end(self) -> str:
        """How the last line ended; a newline where it did not."""
        last = self._taken[-1] if self._taken else ""
        return "\r\n" if last.endswith("\r\n") else "\r" if last.endswith("\r") else "\n"

    def raw(self) -> str:
        """What was read since `begin()`, without its line end."""
        return "".join(self._taken).rstrip("\r\n")

    def __next__(self) -> str:
        """The next line with its end."""
        line = next(self._wrapper)
        self._taken.append(line)
        self.line += 1
        return line

    def release(self) -> None:
        """Let go of the binary file without closing it; when it is closed already there is nothing to do."""
        if not self._wrapper.closed:
            self._wrapper.detach()
