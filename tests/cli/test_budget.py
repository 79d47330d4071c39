"""Budgets on the command line: nothing beyond them is spent, what waits is said, and the same command goes on."""

import csv
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import Result

from enrichcore.bulk import Report
from enrichcore.cli.budgets import Standing, go_on, named

Cli = Callable[..., Result]
Config = Callable[..., str]
Calls = Callable[[], list[str]]
PRICE = '[providers.clitest_paid]\ncredit_price = "0.05"\n'  # a hit costs 0.10


@pytest.fixture
def path(config: Config, here: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CLITEST_KEY", "k")
    (here / "in.csv").write_text("record_id,email\n" + "".join(f"{i},p{i}@other{i}.example\n" for i in range(8)))
    return config("clitest_paid", more=PRICE)


def statuses(file: Path) -> Counter[tuple[str, str]]:
    with file.open(newline="", encoding="utf-8") as out:
        return Counter((row["status"], row["reason"]) for row in csv.DictReader(out))


def test_a_run_stops_at_its_budget_and_goes_on_within_what_is_left(
    cli: Cli, path: str, here: Path, calls: Calls
) -> None:
    """A rerun for the same output counts what was spent before, from whatever folder; another output is another run."""
    command = ("enrich", "in.csv", "--config", path, "--out")
    first = cli(*command, "out.csv", "--budget", "0.30 USD")
    assert first.exit_code == 3
    assert statuses(here / "out.csv") == {("found", ""): 3, ("incomplete", "over_budget"): 5}
    assert "budget of this run: 0.30 USD spent, limit 0.30" in first.stderr
    last = first.stderr.splitlines()[-1]
    assert last.startswith("5 rows over budget; the 0.30 USD of this run are used up: raise --budget.")
    again = cli(*command, str(here / "." / "out.csv"), "--budget", "0.30 USD")
    assert again.exit_code == 3
    assert len(calls()) == 3
    more = cli(*command, "out.csv", "--budget", "0.50 USD")
    assert more.exit_code == 3
    assert "0.50 USD spent, limit 0.50" in more.stderr
    other = cli(*command, "other.csv", "--budget", "0.30 USD")
    assert other.exit_code == 0, other.stderr
    assert "budget of this run: 0.30 USD spent, limit 0.30" in other.stderr
    assert len(calls()) == 8


def test_a_pipe_is_another_run_each_time(cli: Cli, path: str) -> None:
    command = ("enrich", "in.csv", "--config", path, "--out", "-", "--budget", "0.30")
    assert cli(*command).stdout.count(",found,") == 3
    assert cli(*command).stdout.count(",found,") == 6


def test_limits_of_the_configuration_count_as_well(cli: Cli, config: Config, path: str) -> None:
    month = datetime.now(UTC)
    limits = '[budget]\nmonth = "0.20 USD"\nrecord = "1"\n[budget.providers]\nclitest_paid = { day = "0.10" }\n'
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_paid", more=PRICE + limits))
    assert result.exit_code == 3
    assert f"budget of {month:%Y-%m} (UTC): 0.10 USD spent, limit 0.20" in result.stderr
    assert f"the 0.10 USD of clitest_paid in {month:%Y-%m-%d} (UTC) are used up: raise that limit, or wait until" in (
        result.stderr
    )


@pytest.mark.parametrize(("record", "found"), [("0.05 USD", 0), ("0.10 USD", 8)])
def test_a_record_has_a_budget_of_its_own(cli: Cli, path: str, calls: Calls, record: str, found: int) -> None:
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", path, "--record-budget", record, "--yes")
    assert result.exit_code == (0 if found else 3)
    assert len(calls()) == found
    if not found:
        assert "8 rows over budget: the next call could cost more than is left for it" in result.stderr


def test_over_budget_is_never_a_miss(cli: Cli, path: str, calls: Calls) -> None:
    ada = ("lookup", "--email", "ada@other.example", "--record-id", "1", "--config", path)
    poor = cli(*ada, "--budget", "0.09 USD")
    assert poor.exit_code == 3
    assert poor.stdout.startswith("incomplete: over_budget")
    assert calls() == []
    assert cli(*ada, "--budget", "0.10 USD").stdout.startswith("found")
    free = cli(*ada, "--budget", "0 USD")
    assert (free.exit_code, free.stdout.splitlines()[0][:5]) == (0, "found")


def test_other_reasons_to_come_back_are_said_beside_the_budget(cli: Cli, path: str, here: Path) -> None:
    (here / "in.csv").write_text("email\nlost@a.example\nbob@b.example\n")
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", path, "--budget", "0.10", "--concurrency", "1")
    assert result.exit_code == 3
    assert "1 row over budget" in result.stderr
    assert "2 rows incomplete (maybe_sent 1, over_budget 1)" in result.stderr
    assert "budget of this run: 0.10 USD spent" in result.stderr


@pytest.mark.parametrize(
    ("option", "amount", "needle"),
    [
        ("--budget", "lots", "--budget: expected an amount such as '300 USD'"),
        ("--budget", "300 EUR", "the budget is in USD"),
        ("--budget", "-1 USD", "must not be negative"),
        ("--record-budget", "1.234", "two ways"),
    ],
)
def test_what_is_no_amount_is_usage_before_anything_is_written(
    cli: Cli, path: str, here: Path, option: str, amount: str, needle: str
) -> None:
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", path, option, amount)
    assert result.exit_code == 2
    assert needle in result.stderr
    assert not (here / "out.csv").exists()
    assert not (here / "test.db").exists()


def test_a_budget_without_a_price_stops_the_start_with_the_line_to_add(cli: Cli, config: Config, path: str) -> None:
    result = cli("lookup", "--email", "a@b.example", "--config", config("clitest_paid"), "--budget", "1 USD")
    assert result.exit_code == 2
    assert '[providers.clitest_paid]\ncredit_price = "0.05"' in result.stderr


def test_a_tenant_spends_its_own_budget(cli: Cli, config: Config, path: str) -> None:
    path = config("clitest_paid", more=PRICE + '[budget]\nday = "0.10 USD"\n')
    ada = ("lookup", "--email", "ada@other.example", "--config", path)
    assert cli(*ada).exit_code == 0
    assert cli("lookup", "--email", "bob@other.example", "--config", path).exit_code == 3
    assert cli(*ada, "--tenant", "globex").exit_code == 0


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("run:ab12", "this run"),
        ("record:ab12", "one record"),
        ("hour:2026-11-25T13", "2026-11-25 13:00 (UTC)"),
        ("day:2026-11-25", "2026-11-25 (UTC)"),
        ("month:2026-11", "2026-11 (UTC)"),
        ("provider:lusha:run:ab12", "lusha in this run"),
        ("provider:lusha:month:2026-11", "lusha in 2026-11 (UTC)"),
    ],
)
def test_a_budget_is_named_in_words(scope: str, words: str) -> None:
    assert named(scope) == words


def test_how_to_go_on_depends_on_what_is_used_up() -> None:
    def standing(scope: str, spent: str) -> Standing:
        return Standing(scope, Decimal(spent), Decimal(0), Decimal(1))

    report = Report()
    day, run = standing("day:2026-11-25", "0.95"), standing("run:ab12", "0.50")
    assert go_on(report, [day, run], "USD", Decimal("0.10")) is None
    report.incomplete_because["over_budget"] = 2
    told = go_on(report, [day, run], "USD", Decimal("0.10"))
    assert told is not None
    assert "the 1.00 USD of 2026-11-25 (UTC) are used up: raise that limit, or wait until 2026-11-26 00:00 UTC" in told
    assert "this run" not in told
