"""Arrow in, Arrow out: what frames, Dask and whatever else has batches are a thin layer over."""

from collections.abc import Iterator
from typing import Any, TypeVar

import pyarrow as pa

from enrichcore.bulk.arrow_results import arrays, fields
from enrichcore.bulk.cells import CellTable
from enrichcore.bulk.choice import Choice
from enrichcore.bulk.columns import Reading
from enrichcore.bulk.output import Output
from enrichcore.bulk.table import Row, Values, Writer
from enrichcore.bulk.table_run import TableRun
from enrichcore.engine.enricher import Enricher

_BATCH = 2048
"""Rows that are turned into Python values at once."""

Batch = TypeVar("Batch")


class ArrowTable(CellTable):
    """A `pyarrow.Table` or `RecordBatch`. Columns of lists and structs stay as they are; nothing is read from them.

    Raises:
        ConfigError: none of its columns can be used.
    """

    def __init__(self, data: Any, reading: Reading | None = None) -> None:
        self.data = data
        super().__init__("the table", tuple(data.schema.names), reading)

    def lines(self) -> Iterator[tuple[int, list[Any], Any]]:
        """Every row."""
        line = 0
        for start in range(0, self.data.num_rows, _BATCH):
            columns = [column.to_pylist() for column in self.data.slice(start, _BATCH).columns]
            for cells in zip(*columns, strict=True):
                line += 1
                yield line, list(cells), ()

    def writer(self, output: Output) -> Writer:
        """A table in memory is written by its run."""
        raise TypeError(f"a table in memory is not written to {output.name}")


class ArrowRun(TableRun):
    """A table in memory that was checked before anything is asked; it keeps the results, a few texts a row.

    Raises:
        ConfigError: none of its columns can be used.
    """

    def __init__(self, data: Any, *, reading: Reading | None = None, choice: Choice | None = None) -> None:
        self.arrow = ArrowTable(data, reading)
        self._rows: list[Values] = []
        super().__init__("the table", self.arrow, choice)

    def writer(self) -> "ArrowRun":
        """Itself: it keeps the results."""
        self._rows.clear()
        return self

    def write(self, row: Row, values: Values) -> None:  # noqa: ARG002 - the row is in the table
        """Keep the results of a row."""
        self._rows.append(values)

    def close(self) -> None:
        """Nothing is held back."""

    def commit(self) -> None:
        """There is no place to put it in."""

    def added(self) -> Any:
        """The result columns of all rows as a table."""
        results = self.arrow.results
        return pa.Table.from_arrays(arrays(results, self._rows), schema=pa.schema(fields(results)))

    def enriched(self) -> Any:
        """The table with the result columns, of the kind that it is."""
        data, added = self.arrow.data, self.added()
        schema = pa.schema([*data.schema, *added.schema], metadata=data.schema.metadata)
        if isinstance(data, pa.RecordBatch):
            columns = [column.combine_chunks() for column in added.columns]
            return pa.RecordBatch.from_arrays([*data.columns, *columns], schema=schema)
        return pa.Table.from_arrays([*data.columns, *added.columns], schema=schema)


async def enrich_batch(
    batch: Batch, engine: Enricher, *, reading: Reading | None = None, choice: Choice | None = None, **options: Any
) -> Batch:
    """A `pyarrow.RecordBatch` or `Table` with a number for each row, and all its own columns as they were.

    Args:
        batch: the rows; columns are found by their names, as in a file.
        engine: who is asked.
        reading: which columns are which fields, a namespace of ids, and a prefix of the result columns.
        choice: which rows are looked up; by default all that have no phone yet.
        options: as for `FileRun.enrich`.

    Raises:
        ConfigError: none of the columns can be used.
        StoreError: the journal cannot be written, so nothing more may be bought.
    """
    run = ArrowRun(batch, reading=reading, choice=choice)
    await run.enrich(engine, **options)
    done: Batch = run.enriched()
    return done
