"""A program that forks with an engine in use: parent and child share the journal and pay for nothing twice."""

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.processes.desk import Desk

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

PROGRAM = """
    import csv, os, sys
    from enrichcore import Engine

    contacts = list(csv.DictReader(open("in.csv", newline="", encoding="utf-8")))
    half = len(contacts) // 2
    engine = Engine(config="test.toml")
    statuses = {engine.enrich_phone(contacts[0]).status}
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        os.read(reading, 1)  # the child has opened the journal
        statuses |= {result.status for result in engine.enrich_phones(contacts[:half])}
        engine.close()
        assert os.waitpid(child, 0)[1] == 0
    else:
        mine = engine if sys.argv[1] == "same engine" else Engine(config="test.toml")
        statuses |= {mine.enrich_phone(contacts[half]).status}
        os.write(writing, b"x")
        os.close(writing)
        statuses |= {mine.enrich_phone(contact).status for contact in contacts[half:]}
        mine.close()
    assert statuses <= {"found", "not_found"}, statuses
"""


@pytest.mark.parametrize("way", ["same engine", "new engine"])
def test_after_a_fork_both_processes_keep_what_they_pay_for(desk: "Desk", way: str) -> None:
    """The parent closes the journal while the child still buys: every answer is in it, none is bought again."""
    desk.write_contacts(60)
    desk.vendors.admin("slowest", 0.002)
    program = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(PROGRAM), way]
    done = subprocess.run(program, cwd=desk.folder, env=desk.environment, capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    calls = desk.vendors.calls()
    assert desk.run()[0] == 0
    assert desk.vendors.calls() == calls
    assert desk.audit().in_doubt == 0
