"""A progress bar on a terminal, none in a pipe."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Config = Callable[..., str]
Start = Callable[..., "subprocess.Popen[bytes]"]


def _input(here: Path) -> None:
    (here / "in.csv").write_text("email\n" + "".join(f"p{i}@known.example\n" for i in range(30)))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_gets_a_bar_and_standard_output_does_not(start: Start, config: Config, here: Path) -> None:
    import pty

    _input(here)
    ours, theirs = pty.openpty()
    command = ["enrich", "in.csv", "--out", "-", "--config", config("clitest_known")]
    process = start(command, stderr=theirs, env={"TERM": "xterm", "COLUMNS": "120"})
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:
        pass  # how a pseudo-terminal says that its other end is closed
    finally:
        os.close(ours)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, shown
    assert b"30/30" in shown
    assert b"\x1b[?25h" in shown
    assert b"\x1b" not in output
    assert output.count(b",found,") == 30


def test_a_pipe_gets_no_bar(start: Start, config: Config, here: Path) -> None:
    _input(here)
    process = start(["enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known")])
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert output == b""
    assert b"\x1b" not in errors
    assert b"30/30" not in errors
    assert b"30 found" in errors


def test_a_wait_is_said_once_and_short_ones_not_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    from enrichcore.cli.progress import Bar

    with Bar("x", 1) as bar:
        bar.waiting("acme", "paced", 0.2)
        for _ in range(5):
            bar.waiting("acme", "open", 65.0)
        bar.waiting("globex", "open", 30.0)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0].startswith("waiting 1 min 05 s for acme (open)")
