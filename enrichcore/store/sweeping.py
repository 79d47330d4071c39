"""Overwriting what SQLite leaves behind of rows that it has moved.

With `secure_delete` SQLite overwrites what is deleted. But when it moves rows from one page of a table to another,
their old copies stay in the free middle of the first page until new rows happen to need the room: nothing deletes
those. Here that room is filled with zeros. Nobody reads it, so a crash in between does no harm.
"""

import os
import struct
import threading
from pathlib import Path
from typing import Final

_HEADERS: Final = {2: 12, 5: 12, 10: 8, 13: 8}
"""Bytes of the header of each kind of page that holds rows (sqlite.org/fileformat.html, section 1.6)."""
_HEAD: Final = 100
"""Bytes of the file's own header."""
_CHUNK: Final = 1 << 20
_UNMISTAKABLE: Final = 1 << 25
"""Pages up to which the first byte of a page that holds no rows is 0: it begins with the number of another page."""
_ZEROS: Final = bytes(1 << 16)
_BINARY: Final = getattr(os, "O_BINARY", 0)

_lock = threading.Lock()
_files: dict[tuple[int, int], int] = {}
"""Descriptors of journals by device and inode. They stay open: to close one would drop the locks that SQLite holds on
that file for the whole process (fcntl(2))."""


def sweep(path: Path) -> bool:
    """Overwrite the free room in the pages of a database; False when pages cannot be told apart by looking at them.

    The caller keeps every writer out, and nothing of the database is in its write-ahead log.

    Raises:
        OSError: the file cannot be read or written.
    """
    with _lock:
        file = _descriptor(path)
        head = _read(file, 0, _HEAD)
        size = int.from_bytes(head[16:18], "big")
        size = 1 << 16 if size == 1 else size
        pages = os.fstat(file).st_size // size
        if any(head[52:56]) or pages >= _UNMISTAKABLE:  # with auto-vacuum, some pages are tables of pages
            return False
        swept = 0
        for begin in range(0, pages * size, _CHUNK):
            swept += _sweep_chunk(file, begin, _read(file, begin, _CHUNK), size)
        if swept:
            os.fsync(file)
        return True


def _sweep_chunk(file: int, begin: int, chunk: bytes, size: int) -> int:
    """Sweep the pages of `chunk`, which stands at `begin`; how many needed it."""
    swept = 0
    for at in range(0, len(chunk) - size + 1, size):
        length = _HEADERS.get(chunk[at])  # of the first page, which has the schema, it is a letter
        if length is not None:
            cells, content = struct.unpack_from(">HH", chunk, at + 3)
            room = at + length + 2 * cells
            end = at + (content or 1 << 16)
            if room < end <= at + size and chunk[room:end] != _ZEROS[: end - room]:
                os.lseek(file, begin + room, os.SEEK_SET)
                os.write(file, _ZEROS[: end - room])
                swept += 1
    return swept


def _descriptor(path: Path) -> int:
    facts = path.stat()
    key = (facts.st_dev, facts.st_ino)
    if key not in _files:
        _files[key] = os.open(path, os.O_RDWR | _BINARY)
    return _files[key]


def _read(file: int, begin: int, size: int) -> bytes:
    os.lseek(file, begin, os.SEEK_SET)
    parts = []
    while size > 0 and (part := os.read(file, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
