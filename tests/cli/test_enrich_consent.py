"""Money is spent only within a limit, or after somebody has seen the plan and said yes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Calls = Callable[[], list[str]]
Start = Callable[..., "subprocess.Popen[bytes]"]
PRICE = '[providers.clitest_paid]\ncredit_price = "0.05"\n'  # a hit costs 0.10
COMMAND = ("enrich", "in.csv", "--out", "out.csv", "--config")


@pytest.fixture(autouse=True)
def _people(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")
    (here / "in.csv").write_text("record_id,email\n" + "".join(f"{i},p{i}@other.example\n" for i in range(3)))


def test_without_a_limit_and_without_anybody_to_ask_nothing_is_bought(
    cli: Cli, config: Config, here: Path, calls: Calls
) -> None:
    """The plan is shown, and the last line says what to add."""
    result = cli(*COMMAND, config("clitest_paid", more=PRICE))
    assert result.exit_code == 2
    assert "in.csv: 3 rows · 3 to look up" in result.stderr
    assert "expected cost in USD: 0.00 to 0.30, never more than 0.30" in result.stderr
    assert result.stderr.splitlines()[-1] == (
        "this may cost up to 0.30 USD, no limit is set and nobody is here to ask: nothing was done. "
        'Add --budget "0.30 USD" (or less), or --yes'
    )
    assert result.stdout == ""
    assert calls() == []
    assert not (here / "out.csv").exists()
    assert list(here.glob(".*.part")) == []


@pytest.mark.parametrize(
    ("options", "more"),
    [
        (["--yes"], ""),
        (["--budget", "0.30 USD"], ""),
        ([], '[budget]\nrun = "0.30"\n'),
        ([], '[budget]\nmonth = "5"\n'),
        ([], '[budget.providers]\nclitest_paid = { day = "5" }\n'),
    ],
)
def test_a_yes_or_a_limit_is_enough(cli: Cli, config: Config, calls: Calls, options: list[str], more: str) -> None:
    result = cli(*COMMAND, config("clitest_paid", more=PRICE + more), *options)
    assert result.exit_code == 0, result.stderr
    assert "to look up" not in result.stderr
    assert len(calls()) == 3


def test_a_limit_of_one_record_is_none_of_the_file(cli: Cli, config: Config, calls: Calls) -> None:
    result = cli(*COMMAND, config("clitest_paid", more=PRICE), "--record-budget", "1 USD")
    assert result.exit_code == 2
    assert calls() == []


def test_who_costs_nothing_is_asked_without_a_question(cli: Cli, config: Config, calls: Calls) -> None:
    result = cli(*COMMAND, config("clitest_known"))
    assert (result.exit_code, len(calls())) == (0, 3)
    free = config("clitest_paid", more='[providers.clitest_paid]\ncredit_price = "0"\n')
    assert cli(*COMMAND, free).exit_code == 0


def test_when_everything_is_known_there_is_nothing_to_ask(cli: Cli, config: Config, calls: Calls) -> None:
    path = config("clitest_paid", more=PRICE)
    assert cli(*COMMAND, path, "--yes").exit_code == 0
    again = cli(*COMMAND, path)
    assert again.exit_code == 0, again.stderr
    assert len(calls()) == 3
    assert cli(*COMMAND, path, "--refresh").exit_code == 2
    assert len(calls()) == 3


def test_credits_without_a_price_are_named(cli: Cli, config: Config, calls: Calls) -> None:
    result = cli(*COMMAND, config("clitest_paid"))
    assert result.exit_code == 2
    assert "this may cost up to 0.00 USD and credits of clitest_paid" in result.stderr
    assert result.stderr.splitlines()[-1].endswith("Add --yes")
    assert calls() == []


@pytest.mark.parametrize("source", ["in.csv", "-"])
def test_what_reads_its_rows_from_a_pipe_has_nobody_to_ask(cli: Cli, config: Config, calls: Calls, source: str) -> None:
    result = cli(
        "enrich", source, "--out", "-", "--config", config("clitest_paid", more=PRICE), stdin="email\na@b.example\n"
    )
    assert (result.exit_code, result.stdout, calls()) == (2, "", [])


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "code", "asked"), [(b"y\n", 0, 3), (b"n\n", 1, 0), (b"\n", 1, 0), (b"\x04", 1, 0)])
def test_on_a_terminal_the_question_comes_after_the_plan(
    start: Start, config: Config, calls: Calls, here: Path, answer: bytes, code: int, asked: int
) -> None:
    import pty

    ours, theirs = pty.openpty()
    process = start(
        [*COMMAND, config("clitest_paid", more=PRICE)], stdin=theirs, stderr=theirs, env={"TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    try:
        while b"Spend up to 0.30 USD?" not in shown:
            shown += os.read(ours, 65536)
        assert b"never more than 0.30" in shown
        assert calls() == []
        os.write(ours, answer)
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:
        pass  # how a pseudo-terminal says that its other end is closed
    finally:
        os.close(ours)
    process.communicate(timeout=60)
    assert process.returncode == code, shown
    assert len(calls()) == asked
    assert (here / "out.csv").exists() == (asked > 0)
    assert (b"nothing was done" in shown) == (code == 1)
