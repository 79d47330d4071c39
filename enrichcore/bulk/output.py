"""The output file: complete, or not there at all."""

import contextlib
import glob
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from enrichcore.bulk import remote
from enrichcore.errors import ConfigError, EnrichcoreError

STDOUT: Final = "-"
_BUFFER = 1 << 20


class OutputError(EnrichcoreError):
    """The output could not be written (a full disk, say); answers bought so far are in the store."""


class Output:
    """Writes beside `path` and puts the file in its place on `commit()`; leaving without it removes every trace.

    `-` is standard output; a device or a pipe is written directly. A URL gets the finished file.

    Raises:
        ConfigError: nothing can be written there, or another run is writing there.
        OutputError: writing failed half-way.
    """

    def __init__(self, path: str) -> None:
        self.name = "standard output" if path == STDOUT else path
        self.temporary: Path | None = None
        self._target: Path | None = None
        self._url: str | None = None
        self._owned = False
        self._file: BinaryIO
        if path == STDOUT:
            self._file = sys.stdout.buffer
            return
        self._url = path if remote.is_remote(path) else None
        if self._url is not None:
            remote.check(self._url)
            handle, name = tempfile.mkstemp(suffix=".part")
            self._file = open(handle, "wb", buffering=_BUFFER)  # noqa: PTH123, SIM115 - a handle, which is ours
            self.temporary, self._owned = Path(name), True
            return
        path = remote.local(path)
        target = Path(os.path.realpath(path))  # a link stays a link: what it points to is replaced
        if target.is_dir():
            raise ConfigError(f"{path} is a folder: expected the name of a file to write")
        if not target.parent.is_dir():
            raise ConfigError(f"cannot write {path}: there is no folder {target.parent}; make it first")
        try:
            if target.exists() and not target.is_file():
                self._file = target.open("wb")
                self._owned = True
                return
            if target.exists() and not os.access(target, os.W_OK):
                raise ConfigError(f"cannot write {path}: it is read-only")
            _remove_abandoned(target)
            temporary, self._file = _new_part(target)
            if _others_write(target, temporary):
                self._file.close()
                temporary.unlink()
                raise ConfigError(
                    f"another run is writing {path} at this moment: wait until it has ended, or choose another --out"
                )
        except OSError as error:
            raise ConfigError(f"cannot write {path}: {error.strerror or error}") from None
        self.temporary, self._target, self._owned = temporary, target, True

    def __enter__(self) -> Self:
        """The open output."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not committed."""
        self.discard()

    def write(self, data: bytes) -> None:
        """Append `data`."""
        try:
            self._file.write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._failed(error) from None

    def commit(self) -> None:
        """Put the finished file in its place."""
        try:
            self._file.flush()
            if self.temporary is None:
                return
            if self._url is not None:
                remote.put(str(self.temporary), self._url)
                self.discard()
                return
            assert self._target is not None
            os.fsync(self._file.fileno())
            self._file.close()
            with contextlib.suppress(OSError):
                shutil.copymode(self._target, self.temporary)
            self.temporary.replace(self._target)
            self.temporary = None
            _sync_folder(self._target.parent)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._failed(error) from None

    def discard(self) -> None:
        """Remove the unfinished file. Safe to call at any time, and twice."""
        temporary, self.temporary = self.temporary, None
        if self._owned:
            with contextlib.suppress(OSError):
                self._file.close()
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()

    def _failed(self, error: OSError) -> OutputError:
        return OutputError(
            f"cannot write {self.name}: {error.strerror or error}. Nothing half-written is left, and every answer so "
            "far is in the store: make room and run the same command again"
        )


def _new_part(target: Path) -> tuple[Path, BinaryIO]:
    """A file beside `target` that this process holds."""
    while True:
        path = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
        file = path.open("xb", buffering=_BUFFER)
        _hold(file)
        if path.exists():
            return path, file
        file.close()  # another run took it for abandoned before it was held


def _hold(file: BinaryIO) -> bool:
    """Mark a file as being written by a living process; whether that could be done."""
    if sys.platform == "win32":
        return False  # no such locks: there, what a killed run left is removed by hand
    import fcntl  # noqa: PLC0415 - not everywhere

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove_abandoned(target: Path) -> None:
    """Remove what killed runs left of this output: files that no living process holds."""
    for left in _parts(target):
        with contextlib.suppress(OSError), left.open("rb") as file:
            if _hold(file):
                left.unlink()


def _others_write(target: Path, own: Path) -> bool:
    """Whether another living process is writing this output: it holds its unfinished file, as we hold ours."""
    for other in _parts(target):
        if other != own:
            with contextlib.suppress(FileNotFoundError), other.open("rb") as file:
                if sys.platform != "win32" and not _hold(file):
                    return True
    return False


def _parts(target: Path) -> Iterator[Path]:
    return target.parent.glob(f".{glob.escape(target.name[:100])}.*.part")


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, where the system allows a folder to be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def is_same_file(first: str, second: str) -> bool:
    """Whether two paths lead to one file, through links too."""
    try:
        return Path(remote.local(first)).samefile(remote.local(second))
    except OSError:
        return _place(first) == _place(second)


def _place(path: str) -> str:
    return path if remote.is_remote(path) else os.path.realpath(remote.local(path))
