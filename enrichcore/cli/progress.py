"""A progress bar on a terminal, nothing in a pipe, and one line for each wait."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from enrichcore.cli.options import is_terminal, note

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_WORTH_SAYING: Final = 2.0
"""Seconds; pacing by rate limits makes shorter waits all the time."""
_EVERY: Final = 0.1


class Bar:
    """Shows how far a run is. `total` is the number of rows."""

    def __init__(self, what: str, total: int | None) -> None:
        self._what = what
        self._total = total
        self._progress: Progress | None = None
        self._task: TaskID
        self._rows = self._found = 0
        self._due = 0.0
        self._said_until: dict[tuple[str, str], float] = {}

    def __enter__(self) -> Self:
        """Start to show, if anybody watches."""
        if is_terminal():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            from enrichcore.cli.render import console

            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[found]:,} found", markup=False),
                TimeRemainingColumn(),
                console=console(stderr=True),
                redirect_stdout=False,
            )
            self._task = self._progress.add_task(self._what, total=self._total, found=0)
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Show the last state and give the terminal back."""
        self.stop()

    def stop(self) -> None:
        """Show the last state and give the terminal back. Safe to call twice."""
        progress, self._progress = self._progress, None
        if progress is not None:
            progress.update(self._task, completed=self._rows, found=self._found)
            progress.stop()

    def row(self, result: Any) -> None:
        """One more row is done."""
        self._rows += 1
        self._found += result.found
        if self._progress is not None and (now := time.monotonic()) >= self._due:
            self._due = now + _EVERY
            self._progress.update(self._task, completed=self._rows, found=self._found)

    def waiting(self, provider: str, reason: str, seconds: float) -> None:
        """Say that the run waits, once for each wait."""
        now = time.monotonic()
        if seconds < _WORTH_SAYING or now < self._said_until.get((provider, reason), 0):
            return
        self._said_until[provider, reason] = now + seconds
        from enrichcore.cli.render import duration

        note(f"waiting {duration(seconds)} for {provider} ({reason}); Ctrl-C stops and loses nothing")


def show_cursor() -> None:
    """Give a terminal its cursor back before leaving at once."""
    if is_terminal():
        sys.stderr.write("\x1b[?25h\n")
        sys.stderr.flush()
