"""The server of the journal is killed with -9 under load and comes back: the runs go on by themselves and are exact.

Nobody restarts a run, so nothing may be in doubt: what the vendors billed is in the ledger to the cent.
"""

import random
import time
from collections.abc import Callable
from decimal import Decimal

import attrs
import pytest

from enrichcore.model.money import nano
from tests.processes.desk import Desk
from tests.processes.killing import BUDGETS, DAY, HOLDFAST, RECORD
from tests.processes.watching import watch
from tests.store.postgres_server import PostgresServer

NewDesk = Callable[..., Desk]


@attrs.define
class Outages:
    """Kills the server after random pauses for as long as somebody works, and at most for `seconds`."""

    server: PostgresServer
    rng: random.Random
    pause: tuple[float, float]
    seconds: float
    kills: int = 0

    def during(self, works: Callable[[], bool]) -> None:
        """Kill and restart until nobody works any more."""
        end = time.monotonic() + self.seconds
        while works() and time.monotonic() < end:
            at = time.monotonic() + self.rng.uniform(*self.pause)
            while works() and time.monotonic() < min(at, end):
                time.sleep(0.02)
            if works() and time.monotonic() < end:
                self.server.kill()
                time.sleep(self.rng.uniform(0, 2))
                self.server.start()
                self.kills += 1


def endure(desk: Desk, outages: Outages, *, rows: int, processes: int) -> str:
    """Runs of one file by several processes through the outages; audited to the cent."""
    desk.write_contacts(rows)
    limits = {"run:": 10**15, "record": nano(RECORD), "day:": nano(DAY), "provider:holdfast:": nano(HOLDFAST)}
    with watch(desk.store, limits) as watched:
        outs = [desk.out.name, *(f"out-{number}.csv" for number in range(1, processes))]
        runs = [desk.start("--budget", "1000000 USD", out=out) for out in outs]
        while desk.vendors.calls() < min(rows, 50):
            time.sleep(0.01)
        outages.during(lambda: any(run.poll() is None for run in runs))
        for run in runs:
            said = run.communicate(timeout=600)[1].decode()
            assert (run.returncode, "Traceback" in said) == (0, False), said
    figures, books = desk.audit(), desk.reconcile()
    assert (figures.rows, figures.doubles, figures.in_doubt, figures.status["incomplete"]) == (rows, 0, 0, 0)
    assert (books.paid, books.doubt) == (books.invoice, Decimal(0))
    return (
        f"{outages.kills} kills of the server, {processes} processes: rows {figures.rows:,}, asked {figures.asked:,}, "
        f"billed {figures.billed:,}, doubles 0, in doubt 0, invoice and ledger {books.paid} USD, budgets looked at "
        f"{watched.samples:,} times"
    )


def test_a_killed_server_stops_nobody_and_costs_nothing(new_desk: NewDesk, postgres: PostgresServer) -> None:
    """One kill in the middle of a run of 400 rows by two processes."""
    desk = new_desk("postgres", BUDGETS)
    desk.vendors.admin("slowest", 0.2)
    outages = Outages(postgres, random.Random(3), pause=(0.2, 0.6), seconds=2.0)
    endure(desk, outages, rows=400, processes=2)
    assert outages.kills > 0


@pytest.mark.proof
def test_a_server_that_is_killed_for_two_minutes(
    new_desk: NewDesk, postgres: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed every 5 to 20 seconds for two minutes, while two processes enrich 10,000 rows: every result is exact."""
    desk = new_desk("postgres", BUDGETS)
    desk.vendors.admin("slowest", 0.3)
    outages = Outages(postgres, random.Random(7), pause=(5, 20), seconds=120)
    began = time.monotonic()
    told = endure(desk, outages, rows=10_000, processes=2)
    with capsys.disabled():
        print(f"\n{told}, {time.monotonic() - began:.0f} s")
    assert outages.kills >= 5
