"""How far a run is, on standard error: a live view on a terminal, lines in a pipe, JSON lines for a program."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import click

from enrichcore.cli.options import is_terminal, note, tell
from enrichcore.runtime import Runtime

if TYPE_CHECKING:
    from rich.live import Live

    from enrichcore.bulk.pulse import Beat, Pulse

SHOWN: Final = ("live", "lines", "json", "none")
"""How progress can be shown."""
_WORTH_SAYING: Final = 2.0
"""Seconds; pacing by rate limits makes shorter waits all the time."""
_EVERY: Final = {"live": 0.25, "lines": 1.0, "json": 1.0}
"""Seconds between two looks."""
_FIRST_LINES: Final = (10.0, 30.0)
_LINES: Final = 60.0
"""Seconds between two lines in a pipe, after the first ones."""


def show_progress(function: Any) -> Any:
    """Add `--progress`."""
    return click.option(
        "--progress",
        "shown",
        type=click.Choice(SHOWN),
        help="How progress is shown: live (on a terminal, the default there), lines (the default in a pipe), json (all "
        "of standard error as JSON lines) or none.",
    )(function)


class Progress:
    """Shows how a run is going. `what` is its name."""

    def __init__(self, what: str, pulse: "Pulse", shown: str | None) -> None:
        self.pulse = pulse
        self._what = what
        self._shown = shown or ("live" if is_terminal() else "lines")
        self._states: Callable[[], Mapping[str, str]] = dict
        self._live: Live | None = None
        self._next_line = 0
        self._line_at = Runtime.monotonic() + _FIRST_LINES[0]
        self._said_until: dict[tuple[str, str], float] = {}

    @property
    def wants_total(self) -> bool:
        """Whether it is worth a pass over the input to know how many rows there are."""
        return self._shown in ("live", "json")

    def __enter__(self) -> Self:
        """Start to show, if anybody watches."""
        if self._shown == "live":
            from rich.live import Live

            from enrichcore.cli.render import console

            self._live = Live(
                console=console(stderr=True), auto_refresh=False, redirect_stdout=False, get_renderable=self._view
            )
            self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Show the last state and give the terminal back."""
        self.stop()

    def stop(self) -> None:
        """Show the last state and give the terminal back. Safe to call twice."""
        live, self._live = self._live, None
        if live is not None:
            live.refresh()
            live.stop()
        shown, self._shown = self._shown, "none"
        if shown == "json":
            tell("finished", self._beat().to_dict())

    @asynccontextmanager
    async def watching(self, states: Callable[[], Mapping[str, str]]) -> AsyncIterator[None]:
        """Look again and again while the run is at work; `states` says in which state each provider is."""
        self._states = states
        task = asyncio.create_task(self._look())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def waiting(self, provider: str, reason: str, seconds: float) -> None:
        """Say that the run waits, once for each wait."""
        self.pulse.waiting(provider, reason, seconds)
        now = Runtime.monotonic()
        if seconds < _WORTH_SAYING or now < self._said_until.get((provider, reason), 0):
            return
        self._said_until[provider, reason] = now + seconds
        from enrichcore.cli.render import duration

        if self._shown == "json":
            tell("waiting", {"provider": provider, "reason": reason, "seconds": round(seconds, 1)})
            return
        advice = "top up its account and it goes on; " if reason == "parked" else ""
        note(f"waiting {duration(seconds)} for {provider} ({reason}): {advice}Ctrl-C stops and loses nothing")

    async def _look(self) -> None:
        while (every := _EVERY.get(self._shown)) is not None:
            await asyncio.sleep(every)
            if self._live is not None:
                self._live.refresh()
            elif self._shown == "json":
                tell("progress", self._beat().to_dict())
            elif (now := Runtime.monotonic()) >= self._line_at:
                self._next_line += 1
                self._line_at += (
                    _FIRST_LINES[self._next_line] - _FIRST_LINES[self._next_line - 1]
                    if self._next_line < len(_FIRST_LINES)
                    else _LINES
                )
                self._line_at = max(self._line_at, now)
                note(line(self._beat()))

    def _beat(self) -> "Beat":
        return self.pulse.beat(self._states())

    def _view(self) -> Any:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        beat = self._beat()
        head = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=beat.total or None, completed=beat.rows, width=30, pulse=beat.total is None)
        head.add_row(Text(self._what), bar, Text(" · ".join(speed(beat))))
        parts: list[Any] = [head, Text(" · ".join(worth(beat)))]
        if not beat.providers:
            return Group(*parts)
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="")
        for name in ("provider", "state", "hits", "misses", "rejects", "errors", "ms (p50, p95)"):
            table.add_column(name, justify="left" if name in ("provider", "state") else "right")
        for told in provider_rows(beat):
            table.add_row(*map(Text, told))
        return Group(*parts, table)


def line(beat: "Beat") -> str:
    """A moment in one line."""
    return " · ".join([*speed(beat), *worth(beat)])


def speed(beat: "Beat") -> list[str]:
    """How far a run is, how fast, and what slows it down."""
    from enrichcore.cli.render import duration

    total = "" if beat.total is None else f"/{beat.total:,}"
    parts = [f"{beat.rows:,}{total} rows", f"{beat.rows_per_second:,.1f} rows/s"]
    if beat.left:
        parts.append(f"{duration(beat.left)} left")
    if beat.brake is not None:
        parts.append(f"waiting for {beat.brake.provider} ({beat.brake.reason}, {duration(beat.brake.seconds)})")
    return parts


def worth(beat: "Beat") -> list[str]:
    """What came of it, and for how much."""
    from enrichcore.cli.render import cents

    parts = [f"{beat.found:,} found"]
    if beat.fill_rate is not None:
        parts.append(f"fill rate {beat.fill_rate:.1%}")
    if beat.limit is not None and beat.spent is not None:
        parts.append(f"{cents(beat.spent)} of {cents(beat.limit)} {beat.currency}")
    elif beat.cost:
        parts.append(f"{cents(beat.cost)} {beat.currency}")
    return parts


def provider_rows(beat: "Beat") -> list[tuple[str, ...]]:
    """What each provider does, as cells of a table."""
    from enrichcore.model import Outcome

    rows = []
    for name, (state, doing) in beat.providers.items():
        middle, most = doing.latency(0.5), doing.latency(0.95)
        counts = [f"{doing.outcomes[o]:,}" for o in (Outcome.HIT, Outcome.MISS, Outcome.REJECTED, Outcome.ERROR)]
        rows.append((name, state, *counts, "" if middle is None else f"{middle:,.0f}, {most:,.0f}"))
    return rows


def show_cursor() -> None:
    """Give a terminal its cursor back before leaving at once."""
    if is_terminal():
        sys.stderr.write("\x1b[?25h\n")
        sys.stderr.flush()
