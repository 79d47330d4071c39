"""The main job: a file of contacts in, the same file with phones out, and a rerun that asks nobody."""

import csv
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Calls = Callable[[], list[str]]
ROOT = Path(__file__).resolve().parents[2]
CONTACTS = ROOT / "docs" / "examples" / "contacts.csv"
RESULTS = ["phone", "status", "reason", "provider", "method", "line_type", "cost", "cached", "found_at", "do_not_call"]


def _table(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _dicts(path: Path) -> list[dict[str, str]]:
    head, *rows = _table(path)
    return [dict(zip(head, row, strict=True)) for row in rows]


def _journal(here: Path) -> int:
    with sqlite3.connect(here / "test.db") as db:
        (count,) = db.execute("SELECT count(*) FROM attempts").fetchone()
    db.close()
    return int(count)


@pytest.fixture
def done(cli: Cli, config: Config, here: Path) -> Callable[[], Result]:
    """Enrich the example's contacts through the example's directory, then everyone."""
    crm = (ROOT / "docs" / "examples" / "crm.csv").as_posix()
    path = config("directory", "clitest_everyone", more=f'[providers.directory]\npath = "{crm}"\n')
    return lambda: cli("enrich", str(CONTACTS), "--out", "out.csv", "--config", path, "--yes")


def test_as_many_rows_come_out_as_went_in_in_their_order_with_all_columns_untouched(
    done: Callable[[], Result], here: Path
) -> None:
    result = done()
    assert result.exit_code == 0, result.stderr
    before, after = _table(CONTACTS), _table(here / "out.csv")
    assert len(before) == len(after) == 73
    assert [row[: len(before[0])] for row in after] == before
    assert after[0] == [*before[0], *RESULTS, "enrichcore_record_id"]
    assert {len(row) for row in after} == {len(after[0])}


def test_every_row_has_a_status_and_broken_ones_are_invalid_with_a_reason(
    done: Callable[[], Result], here: Path
) -> None:
    done()
    rows = _dicts(here / "out.csv")
    assert {row["status"] for row in rows} == {"found", "not_found", "invalid"}
    broken = [row for row in rows if row["status"] == "invalid"]
    assert [row["record_id"][:5] for row in broken] == ["C-028", "C-062", "C-063", "C-064", "XXXXX", "C-066", "C-067"]
    assert all(row["reason"] for row in broken)
    for row in rows:
        assert bool(row["phone"]) is (row["status"] == "found")
        assert bool(row["provider"]) is bool(row["method"]) is (row["status"] == "found")
    assert {row["provider"] for row in rows} == {"directory", "clitest_everyone", ""}


def test_a_rerun_makes_no_provider_call_at_all_and_writes_the_same_file(
    done: Callable[[], Result], here: Path, calls: Calls
) -> None:
    done()
    first, asked, kept = (here / "out.csv").read_bytes(), calls(), _journal(here)
    assert len(asked) > 20
    result = done()
    assert result.exit_code == 0, result.stderr
    assert calls() == asked
    assert _journal(here) == kept
    assert (here / "out.csv").read_bytes() == first


def test_nobody_is_asked_twice_for_one_person_by_one_method(done: Callable[[], Result], calls: Calls) -> None:
    """The example holds the same people more than once, in other spellings."""
    done()
    assert len(calls()) == len({line.casefold() for line in calls()})


def test_a_row_without_an_id_gets_the_one_that_lookup_gives_it_and_explain_knows_it(
    done: Callable[[], Result], cli: Cli, here: Path
) -> None:
    assert "some rows have no id: those derived for them are in enrichcore_record_id" in done().stderr
    rows = _dicts(here / "out.csv")
    assert all(
        row["enrichcore_record_id"] == row["record_id"]
        for row in rows
        if row["record_id"] and row["status"] != "invalid"
    )
    gwen = rows[-1]
    assert (gwen["first_name"], gwen["record_id"]) == ("Gwen", "")
    derived = gwen["enrichcore_record_id"]
    assert derived.startswith("p-")
    path = str(here / "test.toml")
    fields = {name: gwen[name] for name in ("first_name", "last_name", "company", "email", "country")}
    looked_up = cli("lookup", "--json", "--config", path, stdin=json.dumps(fields))
    assert json.loads(looked_up.stdout)["record_id"] == derived
    assert cli("explain", derived, "--config", path).exit_code == 0


def test_ids_that_are_all_there_need_no_column(cli: Cli, config: Config, here: Path) -> None:
    (here / "in.csv").write_text("record_id,email\n1,ada@known.example\n,\n2,bea@known.example\n")
    cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known"))
    assert _table(here / "out.csv")[0] == ["record_id", "email", *RESULTS]


def test_jsonl_goes_the_same_way(cli: Cli, config: Config, here: Path, calls: Calls) -> None:
    people = [{"id": i, "E-mail": f"p{i}@known.example", "nested": {"a": [i]}} for i in range(50)]
    lines = [json.dumps(person) for person in people]
    lines[7] = "{broken"
    lines[9] = json.dumps({"email": "x@known.example", "id": ""})
    (here / "in.jsonl").write_text("\n".join(lines) + "\n")
    command = ("enrich", "in.jsonl", "--out", "out.jsonl", "--config", config("clitest_known"))
    assert cli(*command).exit_code == 0
    out = [json.loads(line) for line in (here / "out.jsonl").read_text().splitlines()]
    assert len(out) == 50
    assert [row["id"] for i, row in enumerate(out) if i not in (7, 9)] == [i for i in range(50) if i not in (7, 9)]
    assert [row["nested"] for i, row in enumerate(out) if i not in (7, 9)] == [
        p["nested"] for i, p in enumerate(people) if i not in (7, 9)
    ]
    assert (out[7]["status"], out[7]["raw"]) == ("invalid", "{broken")
    assert out[9]["record_id"].startswith("p-")
    asked = calls()
    assert cli(*command).exit_code == 0
    assert calls() == asked


def test_an_empty_folder_is_enough_to_begin(cli: Cli, here: Path) -> None:
    """`init`, then `lookup`: nobody takes part yet, and that is said with what to do."""
    assert cli("init").exit_code == 0
    first = cli("lookup", "--email", "ada@known.example")
    assert first.exit_code == 0
    assert first.stdout.startswith("not found: no_applicable_provider")
    assert "no provider takes part. Install one and set its key, or configure a directory" in first.stderr
    config = here / "enrichcore.toml"
    text = config.read_text().replace("# [providers.directory]", "[providers.directory]")
    config.write_text(
        text.replace('# path = "crm.csv"', 'path = "crm.csv"')
        .replace("# allow_fic", "allow_fic")
        .replace("fictional = false", "fictional = true")
    )
    (here / "crm.csv").write_text("Name,Email,Phone\nAda Lovelace,ada@known.example,+1 202 555 0143\n")
    second = cli("lookup", "--email", "ada@known.example")
    assert second.exit_code == 0, second.output
    assert second.stdout.startswith("found +12025550143 by directory, method email")


def test_json_is_the_result_with_its_status_and_every_attempt(cli: Cli, config: Config) -> None:
    path = config("clitest_known", "clitest_everyone")
    told = json.loads(cli("lookup", "--json", "--config", path, "--email", "bob@other.example").stdout)
    assert set(told) >= {
        "success", "record_id", "first_name", "last_name", "company", "email", "linkedin_id", "phone",
        "processing_time_ms", "status", "reason", "provider", "method", "line_type", "cost", "cached", "found_at",
        "do_not_call", "retry_at", "ignored", "attempts",
    }  # fmt: skip
    asked = [(a["provider"], a["outcome"]) for a in told["attempts"] if a["outcome"] != "skipped"]
    assert ("clitest_known", "miss") in asked
    assert len(told["attempts"]) == 4  # everybody configured appears, by every method that they have


def test_a_record_on_standard_input_may_have_every_field(cli: Cli, config: Config) -> None:
    record = {
        "record_id": "42", "first_name": "Ada", "last_name": "Lovelace", "company": "Engines",
        "domain": "engines.example", "email": "ada@known.example", "linkedin_id": "ada-l", "country": "GB",
    }  # fmt: skip
    path = config("clitest_known")
    by_stdin = json.loads(cli("lookup", "--json", "--config", path, stdin=json.dumps(record)).stdout)
    options = [part for name, value in record.items() for part in (f"--{name.replace('_', '-')}", value)]
    by_options = json.loads(cli("lookup", "--json", "--config", path, *options).stdout)
    for name in ("record_id", "first_name", "last_name", "company", "email", "linkedin_id", "phone", "status"):
        assert by_stdin[name] == by_options[name]
    assert by_stdin["phone"] == "+12025550143"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["lookup", "--email", "ada@known.example"], 0),
        (["lookup", "--email", "bob@other.example"], 0),
        (["enrich", "in.csv", "--out", "out.csv"], 0),
        (["explain", "nobody"], 1),
        (["--store", "sqlite:////dev/null/x.db", "lookup", "--email", "ada@known.example"], 1),
        (["lookup", "--first-name", "Ada"], 2),
        (["lookup", "--email", "ada@known.example", "--deadline", "0"], 2),
        (["lookup", "--mail", "ada@known.example"], 2),
        (["enrich", "in.csv"], 2),
        (["enrich", "nowhere.csv", "--out", "out.csv"], 2),
        (["providers", "resume", "nobody"], 2),
        (["lookup", "--email", "refused@known.example", "--provider", "clitest_paid"], 3),
        (["enrich", "in.csv", "--out", "out.csv", "--provider", "clitest_evil"], 3),
    ],
)
def test_the_exit_code_says_how_it_went(
    cli: Cli, config: Config, here: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")
    (here / "in.csv").write_text("email\nada@known.example\n")
    result = cli(*arguments, "--config", config("clitest_known"))
    assert result.exit_code == code, result.output


def test_ctrl_c_is_130(
    start: Callable[..., "subprocess.Popen[bytes]"], config: Config, calls: Calls, require: Callable[[str], NoReturn]
) -> None:
    if sys.platform == "win32":
        require("POSIX signals")
    process = start(["lookup", "--config", config("clitest_slow"), "--email", "ada@known.example"])
    while not calls() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


@pytest.mark.parametrize("command", [["lookup", "--email", "ada@known.example"], ["enrich", "in.csv", "--out", "-"]])
def test_a_summary_never_mixes_with_the_answer(cli: Cli, config: Config, here: Path, command: list[str]) -> None:
    (here / "in.csv").write_text("email\nada@known.example\n")
    result = cli(*command, "--config", config("clitest_known"))
    if command[0] == "lookup":
        assert result.stderr == ""
    else:
        assert len(result.stdout.splitlines()) == 2
        assert "1 row · 1 found" in result.stderr
