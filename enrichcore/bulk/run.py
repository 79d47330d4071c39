"""One run: a file in, a file out."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import ExitStack, aclosing
from types import TracebackType
from typing import Any, Self, cast

import attrs

from enrichcore.bulk.csv_table import CsvTable
from enrichcore.bulk.jsonl_table import JsonlTable
from enrichcore.bulk.output import STDOUT, Output, is_same_file
from enrichcore.bulk.report import Report
from enrichcore.bulk.source import FORMATS, STDIN, Format, Source, format_of_name
from enrichcore.bulk.table import Row, Table
from enrichcore.engine.enricher import Enricher
from enrichcore.errors import ConfigError
from enrichcore.model import PhoneResult, Status


class FileRun:
    """An input that was checked and an output that can be written, before anything is asked.

    ```python
    with FileRun("contacts.csv", "out.csv") as run:
        async with AsyncEngine(store="sqlite:///enrich.db") as engine:
            report = await run.enrich(engine)
    ```

    Args:
        source: the path of a CSV or JSONL file; `-` is standard input.
        out: the path to write, in the input's format; `-` is standard output.
        format: `csv` or `jsonl`; None goes by the name, then by the content.
        prefix: put before the name of every result column.

    Raises:
        ConfigError: the input cannot be read or used, the output cannot be written, or they are one file.
    """

    def __init__(self, source: str, out: str, *, format: Format | None = None, prefix: str = "") -> None:  # noqa: A002 - the flag's own word
        if format is not None and format not in FORMATS:
            raise ConfigError(f"expected the format csv or jsonl, got {format!r}")
        if source != STDIN and out != STDOUT and is_same_file(source, out):
            raise ConfigError(f"{out} is the input: expected another file to write, so that nothing is lost")
        with ExitStack() as stack:
            self._source = stack.enter_context(Source.open(source))
            self.format: Format = self._source.format(format)
            promised = format_of_name(out)
            if format is None and promised not in (None, self.format):
                raise ConfigError(
                    f"{out} should be {promised}, but the output has the format of the input, {self.format}: "
                    f"call it .{self.format}, or pass --format {self.format}"
                )
            table = CsvTable if self.format == "csv" else JsonlTable
            self._table: Table = table(self._source, prefix=prefix)
            self.output = stack.enter_context(Output(out))
            self._stack = stack.pop_all()
        self.report = Report()
        self.finished = False
        """Whether the output is complete and in its place."""

    @property
    def notes(self) -> list[str]:
        """What a person should know about the input, as sentences."""
        return [*self._source.notes, *self._table.notes]

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
        rows = sum(1 for _ in self._table.rows())
        self._table.blank = 0
        return rows

    async def enrich(
        self,
        engine: Enricher,
        *,
        concurrency: int = 200,
        refresh: bool = False,
        max_age: float | str | None = None,
        run_id: str | None = None,
        on_result: Callable[[PhoneResult], object] | None = None,
        on_waiting: Callable[[str, str, float], None] | None = None,
    ) -> Report:
        """Enrich every row and put the output in its place; each row is written once, in the input's order.

        A cancelled run lets the calls under way finish, so that nothing that was paid for is lost. `run_id` names the
        run for its budget: the same one when it is resumed.

        Raises:
            OutputError: the output cannot be written.
            StoreError: the journal cannot be written, so nothing more may be bought.
        """
        table, output, report = self._table, self.output, self.report
        waiting: deque[Row] = deque()  # as long as the engine's window, which is bounded

        def contacts() -> Generator[Mapping[str, Any]]:
            for row in table.rows():
                waiting.append(row)
                yield row.contact

        output.write(table.head())
        lines = contacts()
        results = cast(
            "AsyncGenerator[PhoneResult]",
            engine.enrich_phones(
                lines,
                ordered=True,
                concurrency=concurrency,
                refresh=refresh,
                max_age=max_age,
                run_id=run_id,
                on_waiting=on_waiting,
            ),
        )
        async with aclosing(results):  # the calls under way end before the input is let go
            async for answer in results:
                row = waiting.popleft()
                result = answer
                if row.fault is not None:  # an empty contact went in, so that order and memory stay the engine's
                    result = attrs.evolve(answer, status=Status.INVALID, reason=row.fault)
                output.write(table.line(row, result))
                report.add(result)
                if on_result is not None:
                    on_result(result)
        lines.close()
        output.commit()
        self.finished = True
        report.blank = table.blank
        return report
