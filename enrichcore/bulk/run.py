"""One run: a file in, a file out."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import ExitStack, aclosing
from types import TracebackType
from typing import Any, Self, cast

import attrs

from enrichcore.bulk.choice import Choice
from enrichcore.bulk.columns import Reading, result_values
from enrichcore.bulk.costs import Costs, Resumed
from enrichcore.bulk.order import Order
from enrichcore.bulk.output import STDOUT, Output, is_same_file
from enrichcore.bulk.report import Report
from enrichcore.bulk.source import FORMATS, STDIN, TEXT_FORMATS, Format, Source, format_of_name
from enrichcore.bulk.table import Row, Table
from enrichcore.bulk.tables import open_table, open_writer, output_format
from enrichcore.engine.enricher import Enricher
from enrichcore.errors import ConfigError
from enrichcore.model import Billed, PhoneResult, Status

_NOBODY: Mapping[str, Any] = {"record_id": 0}
"""What goes to the engine for a row that is not looked up: it cannot be a contact, so nobody hears of it."""


class FileRun:
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
        self._choice = choice or Choice()
        with ExitStack() as stack:
            self._source = stack.enter_context(Source.open(source))
            self.format: Format = self._source.format(format)
            text = format in TEXT_FORMATS  # whoever says what the input is means the output too
            self.writes = output_format(self.format, out, None if text else format_of_name(out))
            self._table: Table = open_table(self._source, format, how)
            self._choice.check(self._source.name, self._table.names)
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
        began: float | None = None,
        on_result: Callable[[PhoneResult], object] | None = None,
        on_waiting: Callable[[str, str, float], None] | None = None,
    ) -> Report:
        """Enrich every row and put the output in its place; each row is written once, in the input's order.

        A cancelled run lets the calls under way finish, so that nothing that was paid for is lost. `run_id` names the
        run for its budget: the same one when it is resumed. `began` is when a run that is continued began, in wall
        seconds: what it bought since then is in the column `cost`, as if it had never been interrupted.

        Raises:
            OutputError: the output cannot be written.
            StoreError: the journal cannot be written, so nothing more may be bought.
        """
        table, output, report, choice = self._table, self.output, self.report, self._choice
        waiting: deque[tuple[int, Row, str | None]] = deque()  # as long as the engine's window, which is bounded
        costs = Costs()
        resumed = None
        if began is not None:
            resumed = Resumed(began, [row async for row in engine.ledger(since=began) if row.billed is not Billed.NO])
        with ExitStack() as stack:
            if resumed is not None:
                stack.callback(resumed.close)
            order = None if choice.sort_by is None else stack.enter_context(Order(table.rows(), choice.sort_by))
            gate = choice.gate(table.rows)
            table.blank = 0  # the rows may have been read before

            def contacts() -> Generator[Mapping[str, Any]]:
                for n, row in enumerate(table.rows()) if order is None else order.rows():
                    left = gate(row)
                    waiting.append((n, row, left))
                    # Something goes to the engine for every row, so that order and memory stay its own.
                    yield row.contact if left is None and row.fault is None else _NOBODY

            writer = open_writer(table, output, self.writes, self.format)
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
                    n, row, left = waiting.popleft()
                    result = answer
                    if row.fault is not None:
                        result = attrs.evolve(answer, status=Status.INVALID, reason=row.fault)
                    elif left is None:
                        result = costs.once(answer)
                    told = result if resumed is None or left is not None else resumed.shown(result)
                    values = result_values(told, left)
                    if order is None:
                        writer.write(row, values)
                    else:
                        order.keep(n, values)
                    if left is None:
                        report.add(result)
                    else:
                        report.left_out[left] += 1
                    if on_result is not None:
                        on_result(result)
            lines.close()
            if order is not None:
                table.blank = 0
                again = table.rows()
                for kept in order.told():
                    same = next(again, None)
                    if same is None:
                        raise ConfigError(f"{self._source.name} became shorter while it was read: run it again")
                    writer.write(same, kept)
            writer.close()
        output.commit()
        self.finished = True
        report.blank = table.blank
        return report
