"""A plugin that misbehaves costs its own answers: the rows come out, the others are asked, and a person is told."""

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Process = subprocess.Popen[bytes]

pytestmark = pytest.mark.usefixtures("bad_plugins")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def three(here: Path) -> str:
    """The name of a file with three rows whose people clitest_known knows."""
    (here / "in.csv").write_text("record_id,email\n1,ada@known.example\n2,bea@known.example\n3,cyd@known.example\n")
    return "in.csv"


LEFT_OUT = {
    "clitest_raises": "RuntimeError at import: no luck. Fix or uninstall clitest-bad 0.9.",
    "clitest_exits": "SystemExit at import: 3. Fix or uninstall clitest-bad 0.9.",
    "clitest_broken": "ModuleNotFoundError at import: No module named 'clitest_nowhere'",
    "clitest_misspelt": "unknown hook 'phone_by_mail' in plugin <provider clitest_misspelt>. Did you mean 'phone_by_em",
    "clitest_unready": "setup() raised RuntimeError: no \ufffd[31mfile",
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_one_that_cannot_start_is_named_with_the_cause_and_the_others_go_on(
    cli: Cli, config: Config, here: Path, three: str, name: str
) -> None:
    result = cli("enrich", three, "--out", "out.csv", "--config", config(name, "clitest_known"))
    assert result.exit_code == 0, result.stderr
    assert f"{name} is not asked: " in result.stderr
    assert LEFT_OUT[name] in result.stderr
    assert [row["status"] for row in _rows(here / "out.csv")] == ["found"] * 3


@pytest.mark.parametrize("name", LEFT_OUT)
def test_alone_it_stops_the_run_before_anything_is_written(
    cli: Cli, config: Config, here: Path, three: str, name: str
) -> None:
    result = cli("enrich", three, "--out", "out.csv", "--config", config(name))
    assert result.exit_code == 2
    assert LEFT_OUT[name] in result.stderr
    assert not (here / "out.csv").exists()


def test_one_that_nobody_named_is_said_only_where_it_might_have_taken_part(cli: Cli, here: Path) -> None:
    (here / "enrichcore.toml").write_text("[store]\nurl = 'memory'\n[providers.clitest_known]\n")
    everybody = cli("lookup", "--email", "ada@known.example")
    assert "clitest_raises is left out: RuntimeError at import: no luck" in everybody.stderr
    named = cli("lookup", "--email", "ada@known.example", "--provider", "clitest_known")
    assert named.stderr == "noise at import\n"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("clitest_leaves", "clitest_leaves had errors: plugin_fault 3"),
        ("clitest_cancels", "clitest_cancels had errors: plugin_fault 3"),
        ("clitest_hangs", "clitest_hangs had errors: maybe_sent"),
    ],
)
def test_one_that_fails_on_every_row_costs_no_row(
    cli: Cli, config: Config, here: Path, three: str, name: str, told: str
) -> None:
    order = f'\n[engine.order]\nemail = ["{name}"]\n'
    path = config(name, "clitest_known", more=order)
    result = cli("enrich", three, "--out", "out.csv", "--config", path, "--concurrency", "1")
    assert result.exit_code == 0, result.stderr
    assert told in result.stderr
    assert [(row["status"], row["provider"]) for row in _rows(here / "out.csv")] == [("found", "clitest_known")] * 3


def test_garbage_from_a_paid_one_is_an_error_and_the_journal_stays_readable(
    cli: Cli, config: Config, here: Path, three: str
) -> None:
    path = config("clitest_garbage")
    for _ in range(2):
        result = cli("enrich", three, "--out", "out.csv", "--config", path, "--yes")
        assert result.exit_code == 3, result.stderr
        assert [row["status"] for row in _rows(here / "out.csv")] == ["incomplete"] * 3
        assert cli("explain", "2", "--config", path).exit_code == 0
    lookup = cli("lookup", "--email", "new@known.example", "--config", path)
    assert lookup.exit_code == 3
    assert "the lookup returned a " in lookup.stdout


def test_one_that_blocks_the_loop_delays_and_loses_nothing(cli: Cli, config: Config, here: Path, three: str) -> None:
    """What it brings is kept: it may have been paid for."""
    order = '\n[engine.order]\nemail = ["clitest_blocks"]\n'
    path = config("clitest_blocks", "clitest_known", more=order)
    result = cli("enrich", three, "--out", "out.csv", "--config", path)
    assert result.exit_code == 0, result.stderr
    rows = _rows(here / "out.csv")
    assert [row["record_id"] for row in rows] == ["1", "2", "3"]
    assert [row["status"] for row in rows] == ["found"] * 3


@pytest.mark.parametrize(
    "command", [["enrich", "in.csv", "--out", "out.csv"], ["lookup", "--email", "ada@known.example"]]
)
def test_one_that_swallows_its_cancellation_is_left_behind_and_the_program_ends(
    start: Callable[..., Process], config: Config, here: Path, three: str, command: list[str]
) -> None:
    order = '\n[engine.order]\nemail = ["clitest_swallows"]\n'
    path = config("clitest_swallows", "clitest_known", more=order)
    process = start([*command, "--config", path])
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors
    assert b"Traceback" not in errors
    if command[0] == "enrich":
        rows = _rows(here / "out.csv")
        assert [row["record_id"] for row in rows] == ["1", "2", "3"]
        assert rows[0]["status"] == "incomplete"
        assert rows[0]["reason"] == "plugin_fault"
        assert b"clitest_swallows is suspended (plugin_fault): its code ignored its timeout" in errors
    else:
        assert b"the plugin ignored its timeout and was left behind" in output


def test_what_a_plugin_prints_does_not_get_into_the_answer(cli: Cli, config: Config, three: str) -> None:
    path = config("clitest_prints")
    result = cli("enrich", three, "--out", "-", "--config", path)
    assert len(list(csv.reader(result.stdout.splitlines()))) == 4
    assert "noise" in result.stderr
    lookup = cli("lookup", "--email", "new@known.example", "--json", "--config", path)
    assert json.loads(lookup.stdout)["status"] == "not_found"
    listed = cli("providers", "list", "--json", "--config", path)
    assert json.loads(listed.stdout)["providers"]


def test_the_doctor_names_each_of_them_and_ends(cli: Cli, config: Config) -> None:
    names = ("clitest_balance", "clitest_unready", "clitest_raises", "clitest_known")
    result = cli("providers", "doctor", "--config", config(*names))
    assert result.exit_code == 1
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.split()}
    assert "balance() returned something else than Credits" in lines["clitest_balance"]
    assert "setup() raised RuntimeError" in lines["clitest_unready"]
    assert "no luck" in lines["clitest_raises"]
    assert "ok" in lines["clitest_known"]
    assert "clitest_misspelt" in lines
    assert "\x1b" not in result.output


def test_the_list_says_what_is_broken_and_why(cli: Cli, config: Config) -> None:
    result = cli("providers", "list", "--config", config("clitest_known"))
    assert result.exit_code == 0
    for name in ("clitest_raises", "clitest_exits", "clitest_broken", "clitest_misspelt"):
        [line] = [line for line in result.stderr.splitlines() if line.startswith(f"{name} (clitest-")]
        assert LEFT_OUT[name] in line
