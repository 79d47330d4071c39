"""One run: a file in, a file out."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

import attrs

from enrichcore.bulk.choice import Choice
from enrichcore.bulk.columns import Reading
from enrichcore.bulk.output import STDOUT, Output, is_same_file
from enrichcore.bulk.source import FORMATS, STDIN, TEXT_FORMATS, Format, Source, format_of_name
from enrichcore.bulk.table import Writer
from enrichcore.bulk.table_run import TableRun
from enrichcore.bulk.tables import open_table, open_writer, output_format
from enrichcore.errors import ConfigError


class FileRun(TableRun):
    """An input that was checked and an output that can be written, before anything is asked.

    ```python
    with FileRun("contacts.csv", "out.csv") as run:
        async with AsyncEngine(store="sqlite:///enrich.db") as engine:
            report = await run.enrich(engine)
    ```

    Args:
        source: the path of a CSV, JSONL, Parquet or XLSX file; `-` is standard input.
        out: the path to write, in the input's format, and CSV or Parquet for XLSX; `-` is standard output.
        format: `csv`, `jsonl`, `parquet` or `xlsx`; None goes by the name, then by the content.
        prefix: put before the name of every result column.
        reading: which columns are which fields, a namespace of ids, and a prefix.
        choice: which rows are looked up; by default all that have no phone yet.

    Raises:
        ConfigError: the input cannot be read or used, the output cannot be written, or they are one file.
    """

    def __init__(
        self,
        source: str,
        out: str,
        *,
        format: Format | None = None,  # noqa: A002 - the flag's own word
        prefix: str = "",
        reading: Reading | None = None,
        choice: Choice | None = None,
    ) -> None:
        if format is not None and format not in FORMATS:
            raise ConfigError(f"expected the format {', '.join(FORMATS)}, got {format!r}")
        if source != STDIN and out != STDOUT and is_same_file(source, out):
            raise ConfigError(f"{out} is the input: expected another file to write, so that nothing is lost")
        how = reading or Reading()
        if prefix:
            how = attrs.evolve(how, prefix=prefix)
        with ExitStack() as stack:
            self._source = stack.enter_context(Source.open(source))
            self.format: Format = self._source.format(format)
            text = format in TEXT_FORMATS  # whoever says what the input is means the output too
            self.writes = output_format(self.format, out, None if text else format_of_name(out))
            super().__init__(self._source.name, open_table(self._source, format, how), choice)
            self.output = stack.enter_context(Output(out))
            self._stack = stack.pop_all()

    @property
    def notes(self) -> list[str]:
        """What a person should know about the input, as sentences."""
        return [*self._source.notes, *self.table.notes]

    def __enter__(self) -> Self:
        """The run, ready to start."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the input and remove an output that was not finished."""
        self.close()

    def close(self) -> None:
        """Close the input and remove an output that was not finished."""
        self._stack.close()

    def count(self) -> int:
        """How many rows there are: a quick pass over the whole file."""
        rows = sum(1 for _ in self.table.rows())
        self.table.blank = 0
        return rows

    def writer(self) -> Writer:
        """What writes the output."""
        return open_writer(self.table, self.output, self.writes, self.format)

    def commit(self) -> None:
        """Put the finished file in its place."""
        self.output.commit()
