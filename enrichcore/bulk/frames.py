"""Tables of a notebook or a pipeline: pyarrow, polars and pandas in, the same out, under a running loop too."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import pyarrow as pa

from enrichcore.bulk.arrow_table import ArrowRun
from enrichcore.bulk.choice import Choice
from enrichcore.bulk.columns import Reading
from enrichcore.errors import ConfigError
from enrichcore.model import PhoneResult
from enrichcore.sync import Engine, Tenant

Frame = TypeVar("Frame")
Progress = Callable[[int, int, int], object]
"""Is told how many rows are done, of how many, and how many of them have a number."""

_STEPS = 200
"""How often a bar moves in all."""
_WIDTH = 30


def enrich_table(
    table: Frame,
    engine: Engine | Tenant,
    *,
    reading: Reading | None = None,
    choice: Choice | None = None,
    progress: bool | Progress = True,
    **options: Any,
) -> Frame:
    """The table with a number for each row; its own columns, its order and its index stay as they are.

    ```python
    with Engine(store="sqlite:///enrich.db") as engine:
        frame = enrich_table(frame, engine)
    ```

    Works in a notebook, whose event loop runs already: the engine has a thread of its own. What is known is never
    bought again, so a cell may be run twice.

    Args:
        table: a `pyarrow.Table` or `RecordBatch`, a polars or pandas DataFrame, or what else gives an Arrow stream,
            which comes back as a `pyarrow.Table`.
        engine: an `Engine`, or one of its tenants.
        reading: which columns are which fields, a namespace of ids, and a prefix of the result columns.
        choice: which rows are looked up; by default all that have no phone yet.
        progress: whether a bar is drawn on standard error, or a function that is told instead.
        options: as for `FileRun.enrich`.

    Raises:
        ConfigError: the table cannot be read, or none of its columns can be used.
        StoreError: the journal cannot be written, so nothing more may be bought.
    """
    if not isinstance(engine, Engine | Tenant):
        raise TypeError(
            f"enrich_table expects an Engine, or a tenant of one, got {type(engine).__name__}; with an AsyncEngine, "
            "await enrich_batch instead"
        )
    run = ArrowRun(_arrow(table), reading=reading, choice=choice)
    rows = run.arrow.data.num_rows
    bar = None if progress is False or not rows else _Counter(rows, _drawn if progress is True else progress)
    engine.run(lambda who: run.enrich(who, on_result=None if bar is None else bar.row, **options))
    done: Frame = _like(table, run)
    return done


class _Counter:
    """Counts the rows and tells of them now and then."""

    def __init__(self, total: int, tell: Progress) -> None:
        self._total, self._tell = total, tell
        self._every = max(total // _STEPS, 1)
        self._rows = self._found = 0

    def row(self, result: PhoneResult) -> None:
        """One more is done."""
        self._rows += 1
        self._found += result.found
        if self._rows % self._every == 0 or self._rows == self._total:
            self._tell(self._rows, self._total, self._found)


def _drawn(done: int, total: int, found: int) -> None:
    """A bar that draws over itself, on terminals and in notebooks."""
    full = _WIDTH * done // total
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r[{'#' * full}{'.' * (_WIDTH - full)}] {done:,} of {total:,} rows, {found:,} found{end}")
    sys.stderr.flush()


def _arrow(table: Any) -> Any:
    """The table as Arrow has it.

    Raises:
        ConfigError: it cannot be read as one.
    """
    if isinstance(table, pa.Table | pa.RecordBatch):
        return table
    try:
        if _home(table) == "pandas":
            return pa.Table.from_pandas(table, preserve_index=False)
        if hasattr(table, "__arrow_c_stream__"):
            return pa.table(table)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise ConfigError(f"the table cannot be read as Arrow: {error}") from None
    advice = "; collect it first" if type(table).__name__ == "LazyFrame" else ""
    raise ConfigError(f"expected a pyarrow, polars or pandas table, got {type(table).__name__}{advice}")


def _like(table: Any, run: ArrowRun) -> Any:
    """The results beside the columns of the table, which are not touched."""
    home = _home(table)
    if home == "pandas":
        added = run.added().to_pandas()
        added.index = table.index
        return sys.modules["pandas"].concat([table, added], axis=1)
    if home == "polars":
        return table.hstack(sys.modules["polars"].from_arrow(run.added()))
    return run.enriched()


def _home(table: Any) -> str:
    """The library that a frame is from: whoever has one has imported it."""
    return type(table).__module__.partition(".")[0] if type(table).__name__ == "DataFrame" else ""
