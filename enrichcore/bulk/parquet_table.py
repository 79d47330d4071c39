"""Parquet: read batch by batch, written back with every column of the input as it was."""

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from enrichcore.bulk.arrow_results import arrays, fields
from enrichcore.bulk.cells import CellTable
from enrichcore.bulk.columns import Reading
from enrichcore.bulk.mapping import listed
from enrichcore.bulk.output import Output
from enrichcore.bulk.source import Source
from enrichcore.bulk.table import Row, Values
from enrichcore.errors import ConfigError

_BATCH: Final = 2048
"""Rows that are read, and written, at once."""


class ParquetTable(CellTable):
    """A Parquet file without nested columns.

    Raises:
        ConfigError: the file cannot be read, has nested columns, or none of its columns can be used.
    """

    def __init__(self, source: Source, reading: Reading | None = None) -> None:
        try:
            self._file = pq.ParquetFile(source.file())
            self.schema: Any = self._file.schema_arrow
        except (pa.ArrowException, OSError) as error:
            raise ConfigError(f"{source.name}: the Parquet file cannot be read: {_first(error)}") from None
        nested = [field.name for field in self.schema if pa.types.is_nested(field.type)]
        if nested:
            raise ConfigError(
                f"{source.name} has nested columns, which have no place in a table of rows: {listed(nested)}. Leave "
                "them out or flatten them first"
            )
        self._name = source.name
        super().__init__(source.name, tuple(self.schema.names), reading)

    def lines(self) -> Iterator[tuple[int, list[Any], Any]]:
        """Every row, with its batch where a batch begins."""
        line = 0
        try:
            for batch in self._file.iter_batches(batch_size=_BATCH):
                columns = [column.to_pylist() for column in batch.columns]
                kept: tuple[Any, ...] = (batch,)
                for cells in zip(*columns, strict=True):
                    line += 1
                    yield line, list(cells), kept
                    kept = ()
        except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
            raise ConfigError(f"{self._name}: row {line + 1} cannot be read: {_first(error)}") from None

    def writer(self, output: Output) -> "ParquetOf":
        """What writes the columns with the types that they have."""
        return ParquetOf(self, output, self.schema)


class ParquetOf:
    """Writes a table as Parquet: with the columns of `schema`, else all as text."""

    def __init__(self, table: CellTable, output: Output, schema: Any = None) -> None:
        self._names = table.results
        self._typed = schema is not None
        own = schema if schema is not None else pa.schema([(name, pa.string()) for name in table.header])
        self._schema = pa.schema([*own, *fields(table.results)], metadata=own.metadata)
        self._batches: deque[Any] = deque()
        self._cells: list[list[str]] = []
        self._results: list[Values] = []
        self._writer = pq.ParquetWriter(_Sink(output), self._schema, compression="zstd")

    def write(self, row: Row, values: Values) -> None:
        """Keep a row until its batch is complete."""
        if self._typed:
            self._batches.extend(row.cells)
        else:
            self._cells.append(list(row.values))
        self._results.append(values)
        whole = self._batches[0].num_rows if self._batches else _BATCH
        if len(self._results) >= whole:
            self._flush()

    def close(self) -> None:
        """Write the last rows and the footer."""
        if self._results:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._typed:
            columns = list(self._batches.popleft().columns)
        else:
            columns = [pa.array(column, pa.string()) for column in zip(*self._cells, strict=True)]
            self._cells.clear()
        columns += arrays(self._names, self._results)
        self._results.clear()
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._schema))


class _Sink:
    """The output as the file that a Parquet writer writes to."""

    closed = False
    mode = "wb"

    def __init__(self, output: Output) -> None:
        self._output = output
        self._at = 0

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._output.write(piece)
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """The output is flushed when it is committed."""

    def close(self) -> None:
        """The output is closed when it is committed."""

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
