"""Ctrl-C stops after the calls in flight, stores them, leaves no file and says how to continue."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Config = Callable[..., str]
Calls = Callable[[], list[str]]
Start = Callable[..., "subprocess.Popen[bytes]"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def _until(ready: Callable[[], object]) -> None:
    """Wait for a state of another process; the limit only ends a test that hangs."""
    for _ in range(3000):
        if ready():
            return
        time.sleep(0.01)
    pytest.fail("the other process never came so far")


def _command(config: Config, here: Path) -> list[str]:
    rows = "".join(f"{i},p{i}@known.example\n" for i in range(200))
    (here / "in.csv").write_text("record_id,email\n" + rows)
    return ["enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_slow"), "--concurrency", "4"]


def test_one_signal_finishes_what_is_under_way_and_a_rerun_continues(
    start: Start, config: Config, here: Path, calls: Calls
) -> None:
    command = _command(config, here)
    process = start(command, env={"CLITEST_SLOW": "0.5"})
    _until(calls)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert b"Run the same command again" in errors
    assert b"Traceback" not in errors
    stopped = calls()
    began = {line.split()[1] for line in stopped if line.startswith("began")}
    assert began == {line.split()[1] for line in stopped if line.startswith("ended")}
    assert len(began) < 200
    assert not (here / "out.csv").exists()
    assert not list(here.glob(".*.part"))
    again = start(command, env={"CLITEST_SLOW": "0"})
    again.communicate(timeout=60)
    assert again.returncode == 0
    assert len([line for line in calls() if line.startswith("began")]) == 200
    assert (here / "out.csv").read_text().count(",found,") == 200


def test_a_second_signal_leaves_at_once_and_still_leaves_no_file(
    start: Start, config: Config, here: Path, calls: Calls
) -> None:
    process = start(_command(config, here), env={"CLITEST_SLOW": "300"}, stderr=subprocess.PIPE)
    _until(calls)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    seen = b""
    while b"stopping" not in seen:
        seen += os.read(process.stderr.fileno(), 4096)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not any(line.startswith("ended") for line in calls())
    assert not list(here.glob(".*.part"))


def test_a_polite_kill_is_treated_like_ctrl_c(start: Start, config: Config, here: Path, calls: Calls) -> None:
    process = start(_command(config, here), env={"CLITEST_SLOW": "0.3"})
    _until(calls)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert not list(here.glob(".*.part"))


def test_a_lookup_that_is_interrupted_keeps_its_answer(start: Start, config: Config, calls: Calls) -> None:
    command = ["lookup", "--config", config("clitest_slow"), "--email", "ada@known.example"]
    process = start(command, env={"CLITEST_SLOW": "0.5"})
    _until(calls)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    again = start(command)
    output, _ = again.communicate(timeout=60)
    assert output.startswith(b"found")
    assert calls() == ["began ada@known.example", "ended ada@known.example"]


def test_a_signal_after_the_output_is_in_place_does_not_cut_the_closing_short() -> None:
    from enrichcore.cli import interrupt

    async def work() -> str:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.01)
        return "closed"

    handler = signal.getsignal(signal.SIGINT)
    assert interrupt.run(work(), on_first=lambda: False, on_second=lambda: None) == "closed"
    with pytest.raises(interrupt.Interrupted) as caught:
        interrupt.run(work(), on_first=lambda: True, on_second=lambda: None)
    assert caught.value.code == 130
    assert signal.getsignal(signal.SIGINT) is handler
