"""Killed with -9 at any moment, and run again until it is done: nothing is lost, nothing is paid for twice.

The vendors run in a process of their own and survive; what they billed is the measure.
"""

import random
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.processes.killing import Moment, kill, moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.processes.desk import Desk, Figures

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")

DAY_AND_AN_HOUR = 25 * 3600


def survive(desk: "Desk", *, rows: int, kills: int, seed: int) -> "Figures":
    """One run of `rows` contacts that is killed `kills` times; audited at its end, and then run once more."""
    rng = random.Random(seed)
    desk.write_contacts(rows)
    truth = desk.vendors.admin("truth", [row["email"] for row in desk.contacts()])
    known = [[truth[vendor][row["email"]] for vendor in truth] for row in desk.contacts()]
    assert len({tuple(phone is not None for phone in phones) for phones in known}) == 8  # every course of the cascade
    left = sum(1 + (not truth["holdfast"][e]) * (1 + (not truth["jobber"][e])) for e in truth["holdfast"])
    done = 0
    while done < kills:
        before = desk.vendors.calls()
        done += kill(desk, desk.start(), moment(rng, left, kills - done))
        left -= desk.vendors.calls() - before
        if desk.out.exists():
            assert len(desk.results()) == rows  # complete or not there at all
            left = 0
    code, said = desk.run()
    figures = desk.audit()
    assert figures.rows == rows
    assert code == (3 if figures.status["incomplete"] else 0), said
    if figures.in_doubt:
        assert f"{figures.in_doubt:,} call" in said
        assert "may have been billed without an answer; compare with the vendor's invoice" in said

    calls, written = desk.vendors.calls(), desk.out.read_bytes()
    assert desk.run()[0] == code
    assert (desk.vendors.calls(), desk.out.read_bytes()) == (calls, written)
    return figures


def test_nothing_is_lost_and_nothing_is_paid_for_twice(desk: "Desk") -> None:
    """300 rows, killed four times: every row is there once, in order, untouched, and nothing was billed twice."""
    figures = survive(desk, rows=300, kills=4, seed=4)
    assert figures.doubles == 0
    assert figures.in_doubt > 0  # else the kills did not hit anything


@pytest.mark.parametrize(
    ("vendor", "answers", "asked", "incomplete"),
    [
        pytest.param("holdfast", "never", 20, 20, id="hold"),
        pytest.param("repeatable", "never", 40, 0, id="repeat where the vendor makes repeats free"),
        pytest.param("jobber", "never", 20, 20, id="hold a job whose id never came"),
        pytest.param("jobber", "later", 20, 0, id="poll a job whose id is in the journal"),
    ],
)
def test_a_question_in_flight_is_settled_by_the_vendors_policy(
    desk: "Desk", wait_until: "Callable[..., None]", vendor: str, answers: str, asked: int, incomplete: int
) -> None:
    """Twenty questions are under way when the process is killed; the vendor bills them all the same."""
    desk.write_contacts(20)
    desk.vendors.admin("gate", answers != "never")
    desk.vendors.admin("working", value=False)
    process = desk.start("--provider", vendor)
    wait_until(lambda: desk.vendors.calls() == 20)
    if answers == "later":
        wait_until(lambda: len(desk.vendors.admin("ledger")["polled"]) == 20)
    process.kill()
    process.wait()
    desk.vendors.admin("gate", value=True)
    desk.vendors.admin("working", value=True)
    code, _ = desk.run("--provider", vendor)
    figures = desk.audit(cascade=[vendor])
    assert (figures.asked, figures.status["incomplete"]) == (asked, incomplete)
    assert figures.in_doubt >= incomplete
    assert code == (3 if incomplete else 0)


@pytest.mark.parametrize("trace", ["journal/enrich.db", "journal/*.secret"])
def test_a_kill_while_the_journal_is_made_leaves_one_that_works(desk: "Desk", trace: str) -> None:
    """Whichever of the files has just appeared, the next run goes on from there."""
    desk.write_contacts(3)
    process = desk.start()
    while not list(desk.folder.glob(trace)):
        assert process.poll() is None
    process.kill()
    process.wait()
    desk.run()
    desk.audit()


def test_what_stays_in_doubt_for_a_day_is_closed_and_no_reason_to_run_again(desk: "Desk") -> None:
    """After 24 hours a doubt is unresolved: still reported, still not asked again, and the exit code is 0."""
    desk.write_contacts(60)
    desk.vendors.admin("gate", value=False)
    kill(desk, desk.start(), Moment(50, 0.0))
    desk.vendors.admin("gate", value=True)
    code, said = desk.run()
    figures = desk.audit()
    assert code == 3, said
    assert figures.status["incomplete"] > 0
    with closing(sqlite3.connect(desk.journal)) as connection:
        connection.execute("UPDATE attempts SET settled_at = settled_at - ? WHERE billed = 2", (DAY_AND_AN_HOUR,))
        connection.commit()
    calls = desk.vendors.calls()
    code, said = desk.run()
    assert code == 0, said
    assert "may have been billed without an answer" in said
    assert desk.vendors.calls() == calls
    reasons = {row["reason"] for row in desk.results() if row["status"] == "incomplete"}
    assert reasons == {"unresolved"}
