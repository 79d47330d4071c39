"""The input file: where it comes from, how it is encoded and which format it has."""

import codecs
import re
import shutil
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal, Self, get_args

from enrichcore.bulk import remote
from enrichcore.bulk.text import Text
from enrichcore.errors import ConfigError

Format = Literal["csv", "jsonl", "parquet", "xlsx"]
TEXT_FORMATS: Final = ("csv", "jsonl")
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
STDIN: Final = "-"
_CHUNK = 1 << 20
_BY_SUFFIX: Final[dict[str, Format]] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".parquet": "parquet", ".pq": "parquet", ".xlsx": "xlsx",
}  # fmt: skip
_ZIP: Final = b"PK\x03\x04"
_PARQUET: Final = b"PAR1"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_MAGIC: Final = {
    _OLD_OFFICE: "an old Excel workbook, or one with a password: save it as .xlsx without one",
    b"\x1f\x8b": "gzip-compressed: unpack it first",
    b"%PDF": "a PDF: expected CSV, JSONL, Parquet or XLSX",
    b"SQLite format 3\0": "an SQLite database: export its table as CSV",
    b"PARE": "an encrypted Parquet file: decrypt it first",
    b"\x28\xb5\x2f\xfd": "zstd-compressed: unpack it first",
    b"BZh": "bzip2-compressed: unpack it first",
    b"\xfd7zXZ\0": "xz-compressed: unpack it first",
}
_NOT_OURS: Final = frozenset(
    {".xls", ".xlsm", ".xlsb", ".ods", ".gz", ".zip", ".bz2", ".xz", ".zst", ".pdf", ".db", ".sqlite"}
)
"""What a file of ours must not be called: another program would take it for something else."""
_SAID: Final = {"parquet": "a Parquet file", "xlsx": "an Excel workbook or another zip archive"}
_BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")
_ESCAPED = re.compile("[\udc80-\udcff]")


class Source:
    """An open input file that can be read several times. `notes` holds what a person should know about it."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name = name
        self.notes: list[str] = []
        self._file = file
        self.encoding = "utf-8" if self.binary else self._find_encoding()

    @classmethod
    def open(cls, path: str) -> Self:
        """Open `path`, or a URL; `-` reads standard input to its end first, because the input is read more than once.

        Raises:
            ConfigError: there is no such file, or it cannot be read.
        """
        if path == STDIN:
            spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the source owns it
            shutil.copyfileobj(sys.stdin.buffer, spool, _CHUNK)
            return cls("standard input", spool)
        if remote.is_remote(path):
            spool = tempfile.TemporaryFile()  # noqa: SIM115 - likewise
            try:
                remote.fetch(path, spool)
                return cls(path, spool)
            except BaseException:
                spool.close()
                raise
        try:
            file = Path(remote.local(path)).open("rb")  # noqa: SIM115 - likewise
        except OSError as error:
            raise ConfigError(f"{path}: cannot read the input: {error.strerror or error}") from None
        if not file.seekable():
            spool = tempfile.TemporaryFile()  # noqa: SIM115 - likewise
            with file:
                shutil.copyfileobj(file, spool, _CHUNK)
            file = spool  # type: ignore[assignment]
        try:
            return cls(path, file)
        except BaseException:
            file.close()
            raise

    def __enter__(self) -> Self:
        """The open source."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self._file.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def head(self) -> bytes:
        """The first 4 KiB."""
        self._file.seek(0)
        return self._file.read(4096)

    @property
    def binary(self) -> bool:
        """Whether the content says that it is a workbook, an archive or a Parquet file, and no text."""
        return self.head().startswith((_ZIP, _PARQUET, *_MAGIC))

    def file(self) -> IO[bytes]:
        """The file itself, at its beginning. It stays open when its reader goes."""
        self._file.seek(0)
        return self._file

    def text(self) -> Text:
        """The file as text lines from its beginning; bytes that cannot be decoded survive the round trip."""
        self._file.seek(0)
        return Text(self._file, self.encoding)

    def format(self, asked: Format | None) -> Format:
        """As the content says, else as asked, else by the file's name, else by its first character.

        Raises:
            ConfigError: it is none of the formats, not the one that was asked for, or one JSON array.
        """
        head = self.head()
        for magic, kind in _MAGIC.items():
            if head.startswith(magic):
                raise ConfigError(f"{self.name} is {kind}")
        named = _BY_SUFFIX.get(Path(self.name).suffix.lower())
        found: Format | None = "parquet" if head.startswith(_PARQUET) else "xlsx" if head.startswith(_ZIP) else None
        if found is not None:
            if asked not in (None, found):
                raise ConfigError(f"{self.name} is not {asked}: its content is {_SAID[found]}")
            return found
        wanted = asked or named
        if wanted in ("parquet", "xlsx"):
            if not head:
                raise ConfigError(f"{self.name} is empty: expected {_SAID[wanted]}")
            raise ConfigError(
                f"{self.name} is not {_SAID[wanted]}, whatever its name says: "
                "where it is text, pass --format csv or --format jsonl"
            )
        start = head.removeprefix(codecs.BOM_UTF8).lstrip()
        if wanted != "csv" and start.startswith(b"["):
            raise ConfigError(
                f"{self.name} is one JSON array: expected one object per line (JSONL); "
                "`jq -c '.[]' file.json > file.jsonl` makes it one"
            )
        return wanted or ("jsonl" if start.startswith(b"{") else "csv")

    def _find_encoding(self) -> str:
        """UTF-8 unless the file says otherwise, or cannot be UTF-8 and holds no UTF-8 sequence at all."""
        head = self.head()
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self.notes.append(f"{self.name} is UTF-16; the output is UTF-8")
            return "utf-16"
        if (unmarked := _utf16_without_mark(head)) is not None:
            self.notes.append(f"{self.name} looks like UTF-16 without a mark; the output is UTF-8")
            return unmarked
        marked = head.startswith(codecs.BOM_UTF8)
        if marked:
            self.notes.append(f"{self.name} begins with a byte order mark; the output is UTF-8 without one")
        utf8 = "utf-8-sig" if marked else "utf-8"
        decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
        western = codecs.getincrementaldecoder("cp1252")(errors="strict")
        faulty = multibyte = False
        could_be_western = not marked
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            if chunk.isascii() and not decoder.getstate()[0]:
                continue
            text = decoder.decode(chunk)
            multibyte = multibyte or _BEYOND_ASCII.search(text) is not None
            faulty = faulty or _ESCAPED.search(text) is not None
            if could_be_western:
                try:
                    western.decode(chunk)
                except UnicodeDecodeError:
                    could_be_western = False
        if decoder.decode(b"", final=True):
            faulty = True
        if not faulty:
            return utf8
        if could_be_western and not multibyte:
            self.notes.append(f"{self.name} is not UTF-8: read as Windows-1252; the output is UTF-8")
            return "cp1252"
        self.notes.append(
            f"{self.name} is UTF-8 with some bytes that are not: they are written back as they are, "
            "and rows whose contact holds one are invalid"
        )
        return utf8


def _utf16_without_mark(head: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` when every second byte of the beginning is zero, as in text that is mostly ASCII."""
    half = len(head) // 2
    for zeros, encoding in ((head[1::2], "utf-16-le"), (head[0::2], "utf-16-be")):
        if half > 1 and zeros.count(0) > 0.8 * half and head.count(0) < 1.2 * half:
            return encoding
    return None


def format_of_name(path: str) -> str | None:
    """The format that a file's name promises, be it one of ours or not; None when it promises none."""
    suffix = Path(path).suffix.lower()
    return _BY_SUFFIX.get(suffix) or (suffix.removeprefix(".") if suffix in _NOT_OURS else None)
