"""The same command again: what is asked anew on purpose, what has changed since, and who else writes the output."""

import csv
import json
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
PRICE = '[providers.clitest_paid]\ncredit_price = "0.05"\n'
COMMAND = ("enrich", "in.csv", "--out", "out.csv", "--yes", "--config")


@pytest.fixture(autouse=True)
def _people(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")
    (here / "in.csv").write_text("record_id,email\n1,ada@known.example\n2,bob@other.example\n")


def statuses(here: Path) -> list[str]:
    with (here / "out.csv").open(newline="", encoding="utf-8") as file:
        return [row["status"] for row in csv.DictReader(file)]


# --- asking again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "again"),
    [
        ([], []),
        (["--retry", "incomplete"], []),
        (["--retry", "misses"], ["known bob@other.example"]),
        (["--retry", "incomplete, errors", "--retry", "MISSES"], ["known bob@other.example"]),
        (["--refresh"], ["known ada@known.example", "known bob@other.example"]),
    ],
)
def test_what_is_asked_again_is_said_by_the_options(
    cli: Cli, config: Config, here: Path, calls: Calls, options: list[str], again: list[str]
) -> None:
    path = config("clitest_known")
    cli(*COMMAND, path)
    (here / "calls.txt").write_text("")
    planned = json.loads(cli("plan", "in.csv", "--json", "--config", path, *options).stdout)
    assert planned["to_look_up"] == len(again)
    assert calls() == []
    result = cli(*COMMAND, path, *options)
    assert result.exit_code == 0, result.stderr
    assert sorted(calls()) == again
    assert statuses(here) == ["found", "not_found"]


def test_what_cannot_be_retried_is_refused(cli: Cli, config: Config, calls: Calls) -> None:
    result = cli(*COMMAND, config("clitest_known"), "--retry", "misses,hits")
    assert result.exit_code == 2
    assert "expected incomplete, errors, misses, got 'hits'" in result.stderr
    assert calls() == []


def test_a_retry_that_was_killed_goes_on_and_asks_nobody_twice(
    cli: Cli, config: Config, here: Path, calls: Calls
) -> None:
    """It is one pass until it has ended; the one after it asks anew."""
    path = config("clitest_known")
    cli(*COMMAND, path)
    retry = (*COMMAND, path, "--retry", "misses")
    cli(*retry)
    from enrichcore.cli import runs

    [entry] = runs.entries()
    runs.write(runs.Entry(**{**json.loads((runs.folder() / f"{entry.run}.json").read_text()), "ended": None}))
    (here / "calls.txt").write_text("")
    assert "going on with the run of" in cli(*retry).stderr
    assert calls() == []
    cli(*retry)
    assert calls() == ["known bob@other.example"]


# --- what has changed -------------------------------------------------------------------------------------------------


def test_when_nothing_has_changed_nothing_is_said(cli: Cli, config: Config) -> None:
    path = config("clitest_known")
    cli(*COMMAND, path)
    assert "the run of" not in cli(*COMMAND, path).stderr


def test_a_changed_input_is_noticed(cli: Cli, config: Config, here: Path, calls: Calls) -> None:
    path = config("clitest_known")
    cli(*COMMAND, path)
    (here / "in.csv").write_text("record_id,email\n1,ada@known.example\n2,bob@other.example\n3,cyd@known.example\n")
    again = cli(*COMMAND, path)
    assert "the input has changed since the run of" in again.stderr
    assert calls()[2:] == ["known cyd@known.example"]


def test_a_provider_that_is_added_later_is_asked_only_about_rows_without_a_number(
    cli: Cli, config: Config, here: Path, calls: Calls
) -> None:
    cli(*COMMAND, config("clitest_known"))
    (here / "calls.txt").write_text("")
    again = cli(*COMMAND, config("clitest_known", "clitest_paid", more=PRICE))
    assert "clitest_paid took no part in the run of" in again.stderr
    assert calls() == ["paid bob@other.example"]
    assert statuses(here) == ["found", "found"]
    without = cli(*COMMAND, config("clitest_known"))
    assert "clitest_paid took part in the run of" in without.stderr
    assert len(calls()) == 1


def test_another_policy_is_noticed_and_asks_nobody_for_what_is_stored(cli: Cli, config: Config, calls: Calls) -> None:
    path = config("clitest_known")
    cli(*COMMAND, path)
    text = Path(path).read_text()
    Path(path).write_text(text + 'countries = ["GB"]\n')
    again = cli(*COMMAND, path)
    assert "another policy than in the run of" in again.stderr
    assert "0 found · 2 not found" in again.stderr
    assert len(calls()) == 2


def test_other_rows_are_noticed(cli: Cli, config: Config) -> None:
    path = config("clitest_known")
    cli(*COMMAND, path)
    assert "other rows or columns are chosen than in the run of" in cli(*COMMAND, path, "--limit", "1").stderr


def test_an_input_that_grows_while_it_is_read_is_said_to(cli: Cli, config: Config, here: Path) -> None:
    """The provider itself makes it grow; what is there when its turn comes is enriched."""
    (here / "in.csv").write_text("record_id,email\n1,ada@known.example\n")
    path = config("clitest_known")
    from enrichcore.bulk import FileRun

    enrich = FileRun.enrich

    async def growing(self: FileRun, *arguments: object, **options: object) -> object:
        report = await enrich(self, *arguments, **options)  # type: ignore[arg-type]
        with (here / "in.csv").open("a") as file:
            file.write("2,cyd@known.example\n")
        return report

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileRun, "enrich", growing)
        grown = cli(*COMMAND, path)
    assert "in.csv has changed while it was read: run the same command again" in grown.stderr
    assert cli(*COMMAND, path).exit_code == 0
    assert statuses(here) == ["found", "found"]


# --- one output, two runs ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no advisory locks")
def test_two_runs_cannot_write_one_output(start: Start, cli: Cli, config: Config, here: Path, calls: Calls) -> None:
    path = config("clitest_slow")
    first = start([*COMMAND, path], env={"CLITEST_SLOW": "2"})
    while not calls():
        assert first.poll() is None
    second = cli(*COMMAND, path)
    assert second.exit_code == 2
    assert "another run is writing out.csv at this moment" in second.stderr
    assert first.wait(timeout=60) == 0
    assert statuses(here) == ["found", "found"]
    assert len([line for line in calls() if line.startswith("began")]) == 2
    assert cli(*COMMAND, path).exit_code == 0
