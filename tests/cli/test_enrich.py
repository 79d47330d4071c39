"""`enrichcore enrich`: a file in, a file out, and a rerun that asks nobody."""

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Calls = Callable[[], list[str]]
GOOD = "record_id,email\n1,ada@known.example\n2,bob@other.example\n3,\n"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits and signals")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_file_is_enriched_and_summed_up(cli: Cli, config: Config, here: Path) -> None:
    (here / "in.csv").write_text(GOOD)
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known"), "--yes")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert [row["status"] for row in _rows(here / "out.csv")] == ["found", "not_found", "invalid"]
    assert "3 rows · 1 found · 1 not found · 1 invalid" in result.stderr
    assert "fill rate 50.0%" in result.stderr
    assert "clitest_known" in result.stderr


def test_a_rerun_asks_nobody_and_writes_the_same_file(
    cli: Cli, config: Config, here: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")
    (here / "in.csv").write_text(GOOD)
    command = ("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known", "clitest_paid"), "--yes")
    assert cli(*command).exit_code == 0
    first, asked = (here / "out.csv").read_bytes(), calls()
    assert asked
    assert cli(*command).exit_code == 0
    assert (here / "out.csv").read_bytes() == first
    assert calls() == asked


def test_incomplete_rows_are_exit_code_3_and_a_rerun_finishes_only_them(
    cli: Cli, config: Config, here: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")
    (here / "in.csv").write_text("record_id,email\n1,ada@known.example\n2,refused@known.example\n")
    path = config("clitest_paid")
    command = ("enrich", "in.csv", "--out", "out.csv", "--config", path, "--concurrency", "1", "--yes")
    result = cli(*command)
    assert result.exit_code == 3
    assert [row["status"] for row in _rows(here / "out.csv")] == ["found", "incomplete"]
    assert "run the same command again" in result.stderr
    assert "enrichcore providers resume clitest_paid" in result.stderr
    assert cli(*command).exit_code == 3
    assert calls() == ["paid ada@known.example", "paid refused@known.example"]


def test_a_call_that_may_have_been_billed_is_listed_and_never_repeated(
    cli: Cli, config: Config, here: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")
    (here / "in.csv").write_text("record_id,email\n1,lost@known.example\n")
    command = ("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_paid"), "--yes")
    for _ in range(2):
        result = cli(*command)
        assert result.exit_code == 3
        assert "1 call may have been billed" in result.stderr
    assert calls() == ["paid lost@known.example"]


def test_an_explained_row_is_found_by_the_id_in_the_output(cli: Cli, config: Config, here: Path) -> None:
    (here / "in.csv").write_text("email\nada@known.example\n")
    path = config("clitest_known")
    cli("enrich", "in.csv", "--out", "out.csv", "--config", path)
    result = cli("explain", "--config", path, _rows(here / "out.csv")[0]["record_id"])
    assert result.exit_code == 0
    assert "found +12025550143" in result.stdout


def test_standard_input_and_output_work_as_a_pipe(cli: Cli, config: Config) -> None:
    result = cli("enrich", "-", "--out", "-", "--config", config("clitest_known"), stdin=GOOD)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[1].startswith(
        "1,ada@known.example,+12025550143,found,,clitest_known,email,unknown,0,no,"
    )
    assert "3 rows" in result.stderr


def test_what_a_vendor_says_cannot_become_a_formula(cli: Cli, config: Config, here: Path) -> None:
    (here / "in.csv").write_text("record_id,email,note\n1,ada@known.example,=1+1\n")
    cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_evil"))
    row = _rows(here / "out.csv")[0]
    assert row["note"] == "=1+1"
    assert row["reason"][:1] not in "=+-@"


@pytest.mark.parametrize(
    ("content", "out", "needle"),
    [
        (b"", "out.csv", "is empty"),
        (b"Full Name,Phone\nAda,1\n", "out.csv", "no usable columns"),
        (b"email\na@known.example\n", "missing/out.csv", "no folder"),
        (b"email\na@known.example\n", "in.csv", "is the input"),
        (None, "out.csv", "cannot read the input"),
    ],
)
def test_what_cannot_work_is_refused_before_anybody_is_asked(
    cli: Cli, config: Config, here: Path, calls: Calls, content: bytes | None, out: str, needle: str
) -> None:
    if content is not None:
        (here / "in.csv").write_bytes(content)
    result = cli("enrich", "in.csv", "--out", out, "--config", config("clitest_known"))
    assert result.exit_code == 2
    assert needle in result.stderr
    assert result.stderr.count("\n") == 1
    assert calls() == []
    assert not (here / "out.csv").exists()
    assert not (here / "test.db").exists()


def test_a_header_alone_is_done(cli: Cli, config: Config, here: Path) -> None:
    (here / "in.csv").write_text("email\n")
    assert cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known")).exit_code == 0
    assert (
        here / "out.csv"
    ).read_text() == "email,phone,status,reason,provider,method,line_type,cost,cached,found_at,do_not_call,record_id\n"


def test_when_nobody_can_be_asked_the_run_does_not_start(cli: Cli, config: Config, here: Path) -> None:
    (here / "in.csv").write_text(GOOD)
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_paid"))
    assert result.exit_code == 2
    assert "CLITEST_KEY" in result.stderr
    assert not (here / "out.csv").exists()


def test_a_provider_without_a_key_does_not_stop_the_others(cli: Cli, config: Config, here: Path) -> None:
    (here / "in.csv").write_text(GOOD)
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known", "clitest_paid"))
    assert result.exit_code == 0, result.stderr
    assert "clitest_paid is not asked: set CLITEST_KEY" in result.stderr
    assert _rows(here / "out.csv")[0]["status"] == "found"


def test_a_directory_file_that_does_not_parse_is_named(cli: Cli, config: Config, here: Path) -> None:
    (here / "in.csv").write_text(GOOD)
    (here / "crm.csv").write_bytes(b"\x00\x01 nothing like a header")
    path = config("directory", more=f'[providers.directory]\npath = "{(here / "crm.csv").as_posix()}"\n')
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", path)
    assert result.exit_code == 2
    assert "directory: " in result.stderr
    assert not (here / "out.csv").exists()


@POSIX
def test_a_full_disk_leaves_no_partial_output(
    start: Callable[..., "subprocess.Popen[bytes]"], config: Config, here: Path
) -> None:
    import resource

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    rows = "".join(f"{i},p{i}@known.example,{'x' * 1000}\n" for i in range(2000))
    (here / "in.csv").write_text("record_id,email,note\n" + rows)
    (here / "out.csv").write_text("old")
    command = ["--store", "memory", "enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known")]
    process = start(command, preexec_fn=small)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1, errors
    assert b"cannot write out.csv" in errors
    assert b"Traceback" not in errors
    assert (here / "out.csv").read_text() == "old"
    assert not list(here.glob(".*.part"))
