"""The table in a file, whatever its format."""

import importlib

from enrichcore.bulk.cells import CellTable, CsvOf
from enrichcore.bulk.columns import Reading
from enrichcore.bulk.csv_table import CsvTable
from enrichcore.bulk.jsonl_table import JsonlTable
from enrichcore.bulk.output import Output
from enrichcore.bulk.source import Format, Source
from enrichcore.bulk.table import Table, Writer
from enrichcore.errors import ConfigError


def open_table(source: Source, format: Format | None, reading: Reading | None = None) -> Table:  # noqa: A002 - the flag's own word
    """The table in a file.

    Raises:
        ConfigError: the file cannot be read as one, or its columns cannot be used.
    """
    kind = source.format(format)
    if kind == "csv":
        return CsvTable(source, reading)
    if kind == "jsonl":
        return JsonlTable(source, reading)
    if kind == "parquet":
        need("pyarrow", source.name)
        from enrichcore.bulk.parquet_table import ParquetTable  # noqa: PLC0415 - needs the extra `files`

        return ParquetTable(source, reading)
    need("python_calamine", source.name)
    from enrichcore.bulk.xlsx_table import XlsxTable  # noqa: PLC0415 - likewise

    return XlsxTable(source, reading)


def need(module: str, file: str) -> None:
    """Refuse a file for which a library is missing.

    Raises:
        ConfigError: with what installs it.
    """
    try:
        importlib.import_module(module)
    except ImportError:
        raise ConfigError(f"{file} needs {module}, which is not installed: pip install 'enrichcore[files]'") from None


OUTPUTS: dict[Format, tuple[Format, ...]] = {
    "csv": ("csv",),
    "jsonl": ("jsonl",),
    "parquet": ("parquet", "csv"),
    "xlsx": ("csv", "parquet"),
}
"""What each format can be written as, the usual one first."""


def output_format(source: Format, out: str, promised: str | None) -> Format:
    """The format of an output, by its name.

    Raises:
        ConfigError: the name promises a format that this input is not written as.
    """
    possible = OUTPUTS[source]
    for each in possible:
        if promised == each:
            if each == "parquet":
                need("pyarrow", out)
            return each
    if promised is None:
        return possible[0]
    ways = " or ".join(f".{each}" for each in possible)
    raise ConfigError(
        f"{out} should be {promised}, but an input that is {source} is written as {' or '.join(possible)}: "
        f"call the output {ways}" + (f", or pass --format {source}" if source in ("csv", "jsonl") else "")
    )


def open_writer(table: Table, output: Output, wanted: Format, source: Format) -> Writer:
    """What writes the output."""
    if wanted == source:
        return table.writer(output)
    assert isinstance(table, CellTable)  # only these are written as something else
    if wanted == "csv":
        return CsvOf(table, output)
    from enrichcore.bulk.parquet_table import ParquetOf  # noqa: PLC0415 - needs the extra `files`

    return ParquetOf(table, output)
