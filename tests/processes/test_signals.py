"""Asked to stop while paid calls are under way: what was paid for is kept, and what is lost is known.

How a signal looks on the command line is tested beside the command; here the vendors' ledger is the measure.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.processes.desk import Desk

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

Wait = Callable[..., None]
ROWS, AT_ONCE = 300, 30


def stop(process: "subprocess.Popen[bytes]", number: int) -> bytes:
    """Send a signal and wait until the process has said that it stops."""
    process.send_signal(number)
    said = b""
    while b"stopping" not in said:
        piece = os.read(process.stderr.fileno(), 4096) if process.stderr is not None else b""
        assert piece, said
        said += piece
    return said


def caught(desk: "Desk", wait_until: Wait) -> Any:
    """A run with thirty questions under way, billed by the time they are answered, which the gate still prevents."""
    desk.write_contacts(ROWS)
    process = desk.start(concurrency=AT_ONCE)
    wait_until(lambda: desk.vendors.calls() > ROWS // 2)
    desk.vendors.admin("gate", value=False)
    return process


def test_ctrl_c_keeps_what_is_being_paid_for(desk: "Desk", wait_until: Wait) -> None:
    """Every question under way gets its answer stored, none is asked after it, and the next run asks the rest."""
    process = caught(desk, wait_until)
    stop(process, signal.SIGINT)
    asked = desk.vendors.calls()
    desk.vendors.admin("gate", value=True)
    said = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 130, said
    assert "Run the same command again to continue: nothing is asked twice" in said
    assert "Traceback" not in said
    assert desk.vendors.calls() <= asked + AT_ONCE  # what was on its way to the vendors when we counted
    assert not desk.out.exists()
    assert not list(desk.folder.glob(".*.part"))
    assert {provider for provider, _ in desk.in_doubt()} <= {"jobber"}  # jobs that wait to be collected

    assert desk.run()[0] == 0
    figures = desk.audit()
    assert (figures.rows, figures.in_doubt) == (ROWS, 0)
    assert figures.asked == len({tuple(pair) for pair in desk.vendors.admin("ledger")["asked"]})


def test_a_second_polite_kill_leaves_at_once_and_the_next_run_says_what_is_in_doubt(
    desk: "Desk", wait_until: Wait
) -> None:
    """The questions under way are lost; they are reported as in doubt, and none of them is asked again."""
    process = caught(desk, wait_until)
    stop(process, signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 143
    assert not desk.out.exists()
    assert not list(desk.folder.glob(".*.part"))
    desk.vendors.admin("gate", value=True)

    code, said = desk.run()
    figures = desk.audit()
    assert 0 < figures.in_doubt <= AT_ONCE
    assert f"{figures.in_doubt:,} call" in said
    assert code == (3 if figures.status["incomplete"] else 0)


def test_jobs_that_are_not_done_are_left_for_the_next_run(desk: "Desk", wait_until: Wait) -> None:
    """Stopping does not wait for a vendor's job; the next run collects it without submitting it again."""
    desk.write_contacts(40)
    desk.vendors.admin("working", value=False)
    process = desk.start("--provider", "jobber")
    wait_until(lambda: len(desk.vendors.admin("ledger")["polled"]) == 40)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 130
    assert desk.in_doubt().total() == 40  # nobody holds them now, and what they cost is not known yet
    desk.vendors.admin("working", value=True)
    assert desk.run("--provider", "jobber")[0] == 0
    figures = desk.audit(cascade=["jobber"])
    assert (figures.asked, figures.in_doubt) == (40, 0)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_lookup_that_is_stopped_keeps_what_is_being_paid_for(
    desk: "Desk", wait_until: Wait, number: int, code: int
) -> None:
    """One question under way: its answer is stored before the command leaves, and nobody is asked for it again."""
    desk.write_contacts(1)
    desk.vendors.admin("gate", value=False)
    contact = json.dumps(next(iter(desk.contacts())))
    command = [
        sys.executable,
        "-m",
        "enrichcore.cli",
        "lookup",
        "--config",
        "test.toml",
        "--json",
        "--provider",
        "holdfast",
    ]
    process = subprocess.Popen(
        command, cwd=desk.folder, env=desk.environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(contact.encode())
    process.stdin.close()
    process.stdin = None
    wait_until(lambda: desk.vendors.calls() == 1)
    stop(process, number)
    desk.vendors.admin("gate", value=True)
    said = process.communicate(timeout=60)[1].decode()
    assert (process.returncode, "Traceback" in said) == (code, False), said
    assert not desk.in_doubt()
    again = subprocess.run(
        command, cwd=desk.folder, env=desk.environment, input=contact.encode(), capture_output=True, check=False
    )
    assert again.returncode == 0, again.stderr
    assert desk.vendors.calls() == 1
