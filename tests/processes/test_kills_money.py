"""Killed with -9 over and over with budgets in force: no row and no cent is lost, none is paid twice or above a limit.

The vendors run in a process of their own and survive; what they billed is the measure. Another process watches the
budgets all the while.
"""

import random
import statistics
import sys
from collections.abc import Callable
from typing import Final

import pytest

from tests.processes.desk import Desk
from tests.processes.killing import BUDGETS, Ordeal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")

NewDesk = Callable[..., Desk]
SETTINGS: Final = [(kind, processes) for kind in ("sqlite", "postgres") for processes in (1, 3)]
ROWS, KILLS = 5000, 300
PATIENCE: Final = 2.0
"""Seconds from a restart, when nothing ran any more, to the first new row that is durable."""


@pytest.mark.parametrize(("kind", "processes"), [("sqlite", 3), ("postgres", 1)])
def test_three_kills_cost_nothing_but_what_is_declared(new_desk: NewDesk, kind: str, processes: int) -> None:
    """A hundred rows: every one is there, nothing was billed twice, no budget was exceeded, and the ledger is right."""
    desk = new_desk(kind, BUDGETS)
    ordeal = Ordeal(desk, rows=100, kills=3, processes=processes, rng=random.Random(11), concurrency=20)
    figures, _ = ordeal.survive()
    assert (figures.rows, figures.doubles, ordeal.done) == (100, 0, 3)
    assert figures.in_doubt <= ordeal.in_flight


@pytest.mark.proof
def test_three_hundred_kills_at_random_moments(new_desk: NewDesk, capsys: pytest.CaptureFixture[str]) -> None:
    """Four runs of 5,000 rows, 75 kills each: the same holds for all, and they go on within two seconds, as a rule.

    A restart goes through all the rows that are done before it comes to a new one: in the last of the run these are
    thousands, and the machine may have other things to do, so it is the median that is held to the limit.
    """
    restarts: list[float] = []
    kills = 0
    for seed, (kind, processes) in enumerate(SETTINGS):
        desk = new_desk(kind, BUDGETS)
        kills_here = KILLS // len(SETTINGS)
        ordeal = Ordeal(desk, rows=ROWS, kills=kills_here, processes=processes, rng=random.Random(seed))
        figures, books = ordeal.survive()
        with capsys.disabled():
            print("\n" + ordeal.told(f"{kind}, {processes} at once", figures, books), flush=True)
        assert (figures.rows, figures.doubles) == (ROWS, 0)
        assert figures.in_doubt <= ordeal.in_flight
        kills += ordeal.done
        restarts += ordeal.restarts
    assert kills == KILLS
    assert statistics.median(restarts) <= PATIENCE
