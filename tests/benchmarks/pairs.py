"""How a ratio is measured: two ways of doing the same, in turn, many times, and the median of the pairs' ratios.

The machine may be busy with other work, so a figure is never taken alone: A and B run one right after the other, and
the order changes with every pair. The rubbish of one is collected before the other starts, and what the process holds
anyway is kept out of the collector's sight for both.
"""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Self

import attrs

Measure = Callable[[], float]
"""Does the work once and returns what it cost for each unit: CPU microseconds, or whatever the case compares."""
Pair = Callable[[bool], tuple[float, float]]
"""Measures both sides once; the argument says whether A goes first."""


@attrs.frozen
class Case:
    """One line of the table: what A costs as a multiple of B.

    `bar` is what the project promises, None where a figure is only told. `least`: the bar is a floor, not a ceiling.
    """

    name: str
    about: str
    pair: Pair
    unit: str = "us"
    bar: float | None = None
    least: bool = False


@attrs.frozen
class Figure:
    """What was measured: the ratios of all pairs, and the medians of both sides."""

    case: Case
    ratios: tuple[float, ...]
    a: float
    b: float

    @property
    def median(self) -> float:
        """The figure that counts."""
        return statistics.median(self.ratios)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between these lies the middle half of the pairs."""
        if len(self.ratios) == 1:
            return self.ratios[0], self.ratios[0]
        low, _, high = statistics.quantiles(self.ratios, n=4, method="inclusive")
        return low, high

    @property
    def kept(self) -> bool | None:
        """Whether the bar is kept; None without one."""
        if self.case.bar is None:
            return None
        return self.median >= self.case.bar if self.case.least else self.median <= self.case.bar


def in_turn(a: Measure, b: Measure) -> Pair:
    """A pair of two measurements in this process."""

    def pair(a_first: bool) -> tuple[float, float]:
        if a_first:
            cost = calm(a)
            return cost, calm(b)
        other = calm(b)
        return calm(a), other

    return pair


def calm(measure: Measure) -> float:
    """One measurement that does not pay for what was there before."""
    gc.collect()
    gc.freeze()
    try:
        return measure()
    finally:
        gc.unfreeze()


def compare(case: Case, pairs: int) -> Figure:
    """Measure `case` in `pairs` pairs, after one that does not count."""
    case.pair(True)
    measured = [case.pair(number % 2 == 0) for number in range(pairs)]
    return Figure(
        case,
        tuple(a / b for a, b in measured),
        statistics.median(a for a, _ in measured),
        statistics.median(b for _, b in measured),
    )


class Clock:
    """CPU time of this process, all its threads and the kernel's work for it, inside a `with` block."""

    def __enter__(self) -> Self:
        self._start = time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.process_time() - self._start

    def each(self, units: int) -> float:
        """Microseconds for each of `units`."""
        return self.seconds / units * 1e6
