"""The options of `enrich` and `plan` that say which rows are looked up, and `enrichcore runs`."""

import csv
import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Calls = Callable[[], list[str]]
PRICE = '[providers.clitest_paid]\ncredit_price = "0.05"\nrate = "100/s"\n'  # a hit costs 0.10
HEAD = "Kundennummer,E-Mail,Mobile Phone,Segment,Country\n"
ROWS = (
    "1,ada@known.example,,Gold,US\n"
    "2,bea@known.example,+1 202-555-0199,Gold,US\n"
    "3,cyd@known.example,,Silver,US\n"
    "4,ADA@known.example,,Gold,US\n"
    "5,dan@known.example,,Gold,DE\n"
)


@pytest.fixture
def path(config: Config, here: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A paid provider, and a file of five rows in which one person is twice and one has a phone."""
    monkeypatch.setenv("CLITEST_KEY", "k")
    (here / "in.csv").write_text(HEAD + ROWS)
    return config("clitest_paid", more=PRICE)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


CHOICE = ("--where", "segment=gold", "--skip-country", "Germany", "--id-column", "Kundennummer", "--source", "erp")


def test_the_file_is_mapped_chosen_and_summed_up(cli: Cli, path: str, here: Path, calls: Calls) -> None:
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", path, "--concurrency", "1", "--yes", *CHOICE)
    assert result.exit_code == 0, result.stderr
    rows = _rows(here / "out.csv")
    assert [row["status"] for row in rows] == ["found", "skipped", "skipped", "found", "skipped"]
    assert [row["cost"] for row in rows] == ["0.1", "", "", "0", ""]
    assert [row["record_id"] for row in rows] == ["erp:1", "", "", "erp:4", ""]
    assert calls() == ["paid ada@known.example"]
    for needle in (
        "columns read as: Kundennummer → record_id, E-Mail → email",
        "rows with a number in Mobile Phone have a phone already",
        "5 rows · 2 found",
        "3 rows not looked up: ",
        "has a phone already 1",
        "left out by --where 1",
        "left out by --skip-country 1",
    ):
        assert needle in result.stderr
    assert "found +12025550155" in cli("explain", "--config", path, "erp:1").stdout


def test_a_plan_counts_the_same_rows(cli: Cli, path: str, calls: Calls) -> None:
    result = cli("plan", "in.csv", "--json", "--config", path, *CHOICE)
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    counts = ("rows", "known", "left_out", "duplicates", "to_look_up")
    assert [told[name] for name in counts] == [5, 1, 2, 1, 1]
    assert Decimal(told["cost"]["ceiling"]) == Decimal("0.10")
    shown = cli("enrich", "in.csv", "--out", "out.csv", "--dry-run", "--config", path, *CHOICE).stdout
    assert "5 rows · 1 with a phone already · 2 left out · 1 duplicate · 1 to look up" in shown
    assert calls() == []


def test_a_sample_is_a_pilot_and_says_how_to_go_on(cli: Cli, path: str, here: Path, calls: Calls) -> None:
    result = cli(
        "enrich", "in.csv", "--out", "pilot.csv", "--sample", "2", "--include-known", "--config", path, "--yes"
    )
    assert result.exit_code == 0, result.stderr
    assert "a sample: `enrichcore plan in.csv` now goes by what it came to" in result.stderr
    assert [row["status"] for row in _rows(here / "pilot.csv")].count("found") == 2
    assert 1 <= len(calls()) <= 2


@pytest.mark.parametrize(
    ("options", "needle"),
    [
        (["--map", "company"], "expected --map FIELD=COLUMN"),
        (["--map", "emial=E-Mail"], "there is no field 'emial'"),
        (["--map", "email=Mail"], "in.csv has no column 'Mail'"),
        (["--where", "gold"], "expected a condition such as"),
        (["--sort-by", "Umsatz"], "in.csv has no column 'Umsatz'"),
        (["--skip-country", "Atlantis"], "'Atlantis' is no country"),
        (["--map", "email="], "no usable columns"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anybody_is_asked(
    cli: Cli, path: str, here: Path, calls: Calls, options: list[str], needle: str
) -> None:
    for command in (["enrich", "in.csv", "--out", "out.csv"], ["plan", "in.csv"]):
        result = cli(*command, "--config", path, *options)
        assert result.exit_code == 2
        assert needle in result.stderr
        assert result.stderr.count("\n") == 1
    assert calls() == []
    assert not (here / "out.csv").exists()


# --- runs ---------------------------------------------------------------------------------------------------------


def test_runs_are_listed_with_what_they_came_to(cli: Cli, path: str, here: Path) -> None:
    assert "no run yet" in cli("runs", "--config", path).stdout
    command = ("enrich", "in.csv", "--out", "out.csv", "--config", path, "--yes")
    cli(*command)
    (told,) = json.loads(cli("runs", "--json", "--config", path).stdout)
    assert (told["rows"], told["found"], Decimal(told["cost"]), told["currency"]) == (5, 4, Decimal("0.30"), "USD")
    assert told["out"] == os.path.realpath(here / "out.csv")
    shown = cli("runs", "--config", path).stdout
    assert "done" in shown
    assert "in.csv" in shown
    with (here / "in.csv").open("a") as file:
        file.write("6,eve@known.example,,Gold,US\n")
    assert "input changed" in cli("runs", "--config", path).stdout


def test_a_changed_input_is_another_run_with_its_own_costs(cli: Cli, path: str, here: Path) -> None:
    """The same export again, changed: what was bought for the one before is not counted twice."""
    command = ("enrich", "in.csv", "--out", "out.csv", "--config", path, "--yes")
    cli(*command)
    with (here / "in.csv").open("a") as file:
        file.write("6,eve@known.example,,Gold,US\n")
    cli(*command)
    rows = _rows(here / "out.csv")
    assert [row["cost"] for row in rows] == ["0", "", "0", "0", "0", "0.1"]
    assert [row["cached"] for row in rows] == ["yes", "", "yes", "yes", "yes", "no"]


def test_incomplete_and_unfinished_runs_are_called_so(cli: Cli, path: str, here: Path) -> None:
    (here / "in.csv").write_text("email\nrefused@known.example\nada@known.example\n")
    assert cli("enrich", "in.csv", "--out", "out.csv", "--config", path, "--concurrency", "1", "--yes").exit_code == 3
    assert "2 incomplete" in cli("runs", "--config", path).stdout
    from enrichcore.cli import runs

    (entry,) = runs.entries()
    runs.write(runs.Entry(**{**json.loads((runs.folder() / f"{entry.run}.json").read_text()), "ended": None}))
    assert "not finished" in cli("runs", "--config", path).stdout


def test_runs_of_another_store_and_entries_that_cannot_be_read_are_left_out(cli: Cli, path: str, here: Path) -> None:
    cli("enrich", "in.csv", "--out", "out.csv", "--config", path, "--yes")
    from enrichcore.cli import runs

    (runs.folder() / "broken.json").write_text("{")
    assert json.loads(cli("runs", "--json", "--store", "sqlite:///other.db").stdout) == []
    assert len(json.loads(cli("runs", "--json", "--config", path).stdout)) == 1


def test_a_pipe_is_no_run_that_could_be_listed(cli: Cli, path: str) -> None:
    cli("enrich", "-", "--out", "-", "--config", path, "--yes", stdin=HEAD + ROWS)
    assert "no run yet" in cli("runs", "--config", path).stdout
