"""Killed with -9 while batches are in flight: nobody is paid for twice, and in doubt is no more than was in flight."""

import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import attrs
import pytest

from tests.processes import journals

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.processes.desk import Desk

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")

SIZE = 25


def in_batches(desk: "Desk") -> "Desk":
    """The same desk, whose first two vendors take 25 questions at once."""
    return attrs.evolve(desk, environment={**desk.environment, "PROOF_BATCH": str(SIZE)})


@pytest.mark.parametrize(
    ("vendor", "collected", "incomplete"),
    [
        pytest.param("holdfast", False, 2 * SIZE, id="hold"),
        pytest.param("jobber", False, 2 * SIZE, id="hold jobs whose id never came"),
        pytest.param("jobber", True, 0, id="poll jobs whose id is in the journal"),
    ],
)
def test_each_record_of_a_batch_in_flight_is_settled_by_the_vendors_policy(
    desk: "Desk", wait_until: "Callable[..., None]", vendor: str, incomplete: int, *, collected: bool
) -> None:
    """Two batches of 25 are under way when the process is killed; the vendor bills them all the same."""
    desk = in_batches(desk)
    desk.write_contacts(2 * SIZE)
    desk.vendors.admin("gate", collected)
    desk.vendors.admin("working", value=False)
    process = desk.start("--provider", vendor)
    wait_until(lambda: desk.vendors.calls() == 2 * SIZE)
    if collected:
        wait_until(lambda: len(desk.vendors.admin("ledger")["polled"]) == 2)
    process.send_signal(signal.SIGSTOP)
    owner = journals.owner_of(desk.store, process.pid)
    assert owner is not None
    assert journals.open_intents(desk.store, owner) == 2 * SIZE  # each record its own, before the request
    process.kill()
    process.wait()
    desk.vendors.admin("gate", value=True)
    desk.vendors.admin("working", value=True)
    code, _ = desk.run("--provider", vendor)
    figures = desk.audit(cascade=[vendor])
    assert (figures.asked, figures.status["incomplete"]) == (2 * SIZE, incomplete)
    assert (figures.in_doubt, figures.doubles) == (incomplete, 0)
    assert code == (3 if incomplete else 0)


def kill(desk: "Desk", process: "subprocess.Popen[bytes]", questions: int, seconds: float) -> int:
    """Kill the process after so many more questions and seconds; how many intents it had open then."""
    goal = desk.vendors.calls() + questions
    while desk.vendors.calls() < goal and process.poll() is None:
        time.sleep(0.002)
    time.sleep(seconds)
    process.send_signal(signal.SIGSTOP)  # what it holds can only be told as long as nobody takes it over
    owner = journals.owner_of(desk.store, process.pid)
    flying = 0 if owner is None else journals.open_intents(desk.store, owner)
    process.kill()
    process.communicate()
    return flying


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_killed_at_any_moment_nothing_is_paid_for_twice(new_desk: "Callable[[str], Desk]", kind: str) -> None:
    """200 rows, killed five times: no question is billed twice, and the books agree with the invoices."""
    vendors, desk, rng = ["holdfast", "jobber"], in_batches(new_desk(kind)), random.Random(7)
    chosen = ["--budget", "50 USD", *(word for vendor in vendors for word in ("--provider", vendor))]
    desk.write_contacts(200)
    flying = sum(
        kill(desk, desk.start(*chosen, concurrency=60), rng.randrange(1, 60), rng.uniform(0, 0.03)) for _ in range(5)
    )
    code, said = desk.run(*chosen)
    figures = desk.audit(cascade=vendors)
    assert (figures.rows, figures.doubles) == (200, 0)
    assert flying > 0
    assert figures.in_doubt <= flying
    assert code == (3 if figures.status["incomplete"] else 0), said
    desk.reconcile()
