"""The rows of a table enriched and written, wherever they come from and go to."""

import abc
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Generator, Mapping
from contextlib import ExitStack, aclosing
from typing import Any, Protocol, cast

import attrs

from enrichcore.bulk.choice import Choice
from enrichcore.bulk.columns import result_values
from enrichcore.bulk.costs import Costs, Resumed
from enrichcore.bulk.order import Order
from enrichcore.bulk.report import Report
from enrichcore.bulk.stories import country_of
from enrichcore.bulk.table import Row, Table, Writer
from enrichcore.engine.enricher import Row as Entry
from enrichcore.errors import ConfigError
from enrichcore.model import Billed, PhoneResult, Status

_NOBODY: Mapping[str, Any] = {"record_id": 0}
"""What goes to the engine for a row that is not looked up: it cannot be a contact, so nobody hears of it."""


class Asked(Protocol):
    """Who is asked about the rows: an engine, one of its tenants, or a cluster of them."""

    @property
    def enrich_phones(self) -> Callable[..., AsyncIterator[PhoneResult]]:
        """Results for many contacts; see `AsyncEngine.enrich_phones`."""
        ...

    @property
    def ledger(self) -> Callable[..., AsyncIterator[Entry]]:
        """The attempts that were started since a moment, at least those that were billed."""
        ...


class TableRun(abc.ABC):
    """A table, which of its rows are looked up, and what came of it."""

    def __init__(self, name: str, table: Table, choice: Choice | None) -> None:
        self.name = name
        self.table = table
        self.choice = choice or Choice()
        self.choice.check(name, table.names)
        self.report = Report()
        self.passed_over = 0
        """How many of the rows that were read so far are not looked up."""
        self.finished = False
        """Whether the output is complete and in its place."""

    @abc.abstractmethod
    def writer(self) -> Writer:
        """What takes the rows with their results."""

    @abc.abstractmethod
    def commit(self) -> None:
        """Put the output in its place, once every row is written."""

    async def enrich(
        self,
        engine: Asked,
        *,
        concurrency: int = 200,
        refresh: bool = False,
        max_age: float | str | None = None,
        retry: Collection[str] = (),
        since: float | None = None,
        when_paced: str = "wait",
        when_parked: str = "continue",
        run_id: str | None = None,
        began: float | None = None,
        on_result: Callable[[PhoneResult], object] | None = None,
        on_waiting: Callable[[str, str, float], None] | None = None,
        on_done: Callable[[PhoneResult], object] | None = None,
    ) -> Report:
        """Enrich every row and put the output in its place; each row is written once, in the input's order.

        Options as for `AsyncEngine.enrich_phones`, and three more.

        A cancelled run lets the calls under way finish, so that nothing that was paid for is lost. `run_id` names the
        run for its budget: the same one when it is resumed. `began` is when a run that is continued began, in wall
        seconds: what it bought since then is in the column `cost`, as if it had never been interrupted.

        Raises:
            OutputError: the output cannot be written.
            StoreError: the journal cannot be written, so nothing more may be bought.
        """
        table, report, choice = self.table, self.report, self.choice
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
                    self.passed_over += left is not None
                    waiting.append((n, row, left))
                    # Something goes to the engine for every row, so that order and memory stay its own.
                    yield row.contact if left is None and row.fault is None else _NOBODY

            writer = self.writer()
            lines = contacts()
            results = cast(
                "AsyncGenerator[PhoneResult]",
                engine.enrich_phones(
                    lines,
                    ordered=True,
                    concurrency=concurrency,
                    refresh=refresh,
                    max_age=max_age,
                    retry=retry,
                    since=since,
                    when_paced=when_paced,
                    when_parked=when_parked,
                    run_id=run_id,
                    on_waiting=on_waiting,
                    on_done=on_done,
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
                        report.add(result, country_of(row.contact))
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
                        raise ConfigError(f"{self.name} became shorter while it was read: run it again")
                    writer.write(same, kept)
            writer.close()
        self.commit()
        self.finished = True
        report.blank = table.blank
        return report
