"""Several processes on one file and one journal at the same time: they share the work and pay for nothing twice."""

import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.processes.desk import Desk

ROWS = 200

ONE = """
    import csv
    from enrichcore import Engine

    with open("in.csv", newline="", encoding="utf-8") as file:
        contacts = list(csv.DictReader(file))
    with Engine(config="test.toml") as other:
        other.enrich_phone(contacts[0])
"""
TWO_ENGINES = """
    import csv, os, signal, subprocess, sys
    from enrichcore import Engine

    with open("in.csv", newline="", encoding="utf-8") as file:
        contacts = list(csv.DictReader(file))
    engine = Engine(config="test.toml")
    engine.enrich_phone(contacts[1])
    with Engine(config="test.toml") as second:
        second.enrich_phone(contacts[2])
    subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
    statuses = [result.status for result in engine.enrich_phones(contacts)]
    assert set(statuses) <= {"found", "not_found"}, statuses
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_two_runs_of_one_file_ask_every_question_once(desk: "Desk", wait_until: Callable[..., None]) -> None:
    """Both end with a complete output; what one of them asks, the other waits for and finds in the journal."""
    desk.write_contacts(ROWS)
    desk.vendors.admin("gate", value=False)
    outs = ("one.csv", "two.csv")
    processes = [desk.start(out=out) for out in outs]
    wait_until(lambda: desk.owners() == 2)
    desk.vendors.admin("gate", value=True)
    for process in processes:
        said = process.communicate(timeout=120)[1].decode()
        assert process.returncode == 0, said
    for out in outs:
        figures = desk.audit(out)
        assert (figures.rows, figures.in_doubt) == (ROWS, 0)
    questions = {tuple(pair) for pair in desk.vendors.admin("ledger")["asked"]}
    assert figures.asked == len(questions)


def test_when_one_of_two_is_killed_the_other_goes_on(desk: "Desk", wait_until: Callable[..., None]) -> None:
    """The survivor does not wait for answers that will never come, and does not ask for them again."""
    desk.write_contacts(ROWS)
    killed, survivor = desk.start(out="one.csv"), desk.start(out="two.csv")
    wait_until(lambda: desk.owners() == 2)
    wait_until(lambda: desk.vendors.calls() > ROWS // 2)
    desk.vendors.admin("gate", value=False)
    killed.kill()
    killed.wait()
    desk.vendors.admin("gate", value=True)
    said = survivor.communicate(timeout=120)[1].decode()
    figures = desk.audit("two.csv")
    assert survivor.returncode == (3 if figures.status["incomplete"] else 0), said
    assert not (desk.folder / "one.csv").exists()
    assert desk.run(out="one.csv")[0] == survivor.returncode
    assert desk.audit("one.csv") == figures


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_second_engine_in_one_process_leaves_the_journal_to_the_first(desk: "Desk") -> None:
    """One process opens the journal twice, another comes and goes: what the first engine then pays for is kept."""
    desk.write_contacts(40)
    one, two = textwrap.dedent(ONE), textwrap.dedent(TWO_ENGINES)
    command = [sys.executable, "-c", two, one]
    done = subprocess.run(command, cwd=desk.folder, env=desk.environment, capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (-9, b"")
    calls = desk.vendors.calls()
    assert desk.run()[0] == 0
    assert desk.vendors.calls() == calls
    assert desk.audit().in_doubt == 0
