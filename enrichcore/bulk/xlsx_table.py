"""XLSX: the first sheet that has rows, read by calamine and written as CSV or Parquet."""

from collections.abc import Iterator
from typing import Any, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, ZipError

from enrichcore.bulk.cells import CellTable, CsvOf, as_text
from enrichcore.bulk.columns import NEEDED, Reading
from enrichcore.bulk.output import Output
from enrichcore.bulk.source import Source
from enrichcore.errors import ConfigError

_MOST: Final = 1 << 30
"""Bytes of a workbook once it is unpacked; a sheet has at most 1,048,576 rows."""


class XlsxTable(CellTable):
    """The first sheet with rows of an Excel workbook. Its first row that is not empty is the header.

    Raises:
        ConfigError: the file is no workbook, has no rows, or none of its columns can be used.
    """

    def __init__(self, source: Source, reading: Reading | None = None) -> None:
        self._sheet, others = _sheet(source)
        header: list[str] = []
        self._header_line = 0
        for line, cells in enumerate(self._sheet.iter_rows(), 1):
            header = [as_text(cell) for cell in cells]
            if any(map(str.strip, header)):
                self._header_line = line
                break
        else:
            raise ConfigError(f"{source.name} is empty: expected a header line with columns such as {NEEDED}")
        super().__init__(source.name, tuple(header), reading)
        if others:
            self.notes.append(f"only the sheet {self._sheet.name!r} is read, not {', '.join(map(repr, others))}")

    def lines(self) -> Iterator[tuple[int, list[Any], Any]]:
        """Every row behind the header; empty ones are passed over."""
        self.blank = 0
        for line, cells in enumerate(self._sheet.iter_rows(), 1):
            if line <= self._header_line:
                continue
            if all(cell == "" for cell in cells):
                self.blank += 1
                continue
            yield line, list(cells), None

    def writer(self, output: Output) -> CsvOf:
        """A workbook is written as CSV."""
        return CsvOf(self, output)


def _sheet(source: Source) -> tuple[CalamineSheet, list[str]]:
    """The first sheet with rows, and the names of the others that have any."""
    _check_size(source)
    try:
        book = CalamineWorkbook.from_filelike(source.file())
        sheets = [book.get_sheet_by_name(meta.name) for meta in book.sheets_metadata if _is_sheet(meta)]
    except (CalamineError, ZipError, OSError) as error:
        raise ConfigError(
            f"{source.name} is a zip archive but no Excel workbook that can be read ({error}): expected CSV, JSONL, "
            "Parquet or XLSX; unpack it first"
        ) from None
    full = [sheet for sheet in sheets if sheet.start is not None]
    if not full:
        raise ConfigError(f"{source.name} has no sheet with rows")
    return full[0], [sheet.name for sheet in full[1:]]


def _is_sheet(meta: Any) -> bool:
    return str(meta.typ).endswith("WorkSheet") and str(meta.visible).endswith("Visible")


def _check_size(source: Source) -> None:
    """Refuse an archive that would fill the memory once it is unpacked."""
    import zipfile  # noqa: PLC0415 - for this alone

    try:
        with zipfile.ZipFile(source.file()) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise ConfigError(f"{source.name} is a zip archive that is cut off or broken: fetch it again") from None
    if size > _MOST:
        raise ConfigError(
            f"{source.name} would be {size / 1e9:.1f} GB once it is unpacked, "
            "which is more than a workbook may be here: save it as CSV"
        )
