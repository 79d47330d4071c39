"""`enrichcore plan`: what a file would cost is said before anybody is asked, and the run keeps to it."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Calls = Callable[[], list[str]]
PRICE = '[providers.clitest_paid]\ncredit_price = "0.05"\nrate = "100/s"\n'  # a hit costs 0.10


@pytest.fixture(autouse=True)
def _key(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")


@pytest.fixture
def path(config: Config) -> str:
    return config("clitest_paid", more=PRICE)


@pytest.fixture
def people(here: Path) -> Callable[..., str]:
    """Write a file of so many people, from a first number on."""

    def write(count: int, first: int = 0, *, extra: str = "") -> str:
        rows = "".join(f"{i},p{i}@other{i}.example\n" for i in range(first, first + count))
        (here / "in.csv").write_text("record_id,email\n" + rows + extra)
        return "in.csv"

    return write


def planned(cli: Cli, *arguments: str) -> dict[str, Any]:
    result = cli("plan", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_every_kind_of_row_is_counted_once_and_nobody_is_asked(
    cli: Cli, path: str, people: Callable[..., str], calls: Calls
) -> None:
    cli("suppress", "add", "--domain", "other2.example", "--config", path)
    cli("lookup", "--record-id", "0", "--email", "p0@other0.example", "--config", path)
    cli("lookup", "--record-id", "1", "--email", "lost@other.example", "--config", path)
    asked = calls()
    extra = "5,\n6,P4@other4.example\n7,lost@other.example\n8,a@b.example,ragged\n"
    told = planned(cli, people(5, extra=extra), "--config", path)
    counts = ("rows", "duplicates", "answered", "unusable", "suppressed", "in_doubt", "nobody", "to_look_up")
    assert [told[name] for name in counts] == [9, 1, 1, 2, 1, 1, 0, 3]
    assert told["by_method"] == {"name": 0, "linkedin": 0, "email": 3}
    assert (told["cost"]["expected"], told["cost"]["ceiling"]) == (["0.00", "0.30"], "0.30")
    assert calls() == asked


def test_the_lines_say_what_a_person_can_act_on(cli: Cli, path: str, people: Callable[..., str]) -> None:
    result = cli("plan", people(300), "--config", path, "--budget", "10 USD")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "in.csv: 300 rows · 300 to look up"
    assert lines[1] == "  300 by email"
    assert lines[3] == (
        "expected cost in USD: 0.00 to 30.00, never more than 10.00 (what is left for this run; 30.00 without a limit)"
    )
    assert lines[4] == "  too few answers of clitest_paid in the journal to expect anything narrower"
    assert lines[5] == (
        "budget of this run: 0.00 USD spent, limit 10.00; it may be used up before the end, after 100 to 300 rows"
    )
    assert lines[6] == "time 2.0 s: the rate of clitest_paid (100/s) decides"
    assert lines[-1].split("  ")[0] == "clitest_paid"
    assert "the key works, 41 credits left, which may not be enough" in lines[-1]


def test_the_journals_own_rates_narrow_what_is_expected(cli: Cli, path: str, people: Callable[..., str]) -> None:
    """With 29 answers anything is possible; with 30 the share of hits is known as far as it can be."""
    people(29)
    cli("enrich", "in.csv", "--out", "out.csv", "--config", path, "--yes")
    assert planned(cli, people(100, 1000), "--config", path)["cost"]["without_history"] == ["clitest_paid"]
    cli("lookup", "--email", "p@other.example", "--config", path)
    told = planned(cli, "in.csv", "--config", path)
    assert told["cost"]["without_history"] == []
    low, high = map(Decimal, told["cost"]["expected"])
    assert Decimal("8.50") < low < high == Decimal("10.00")
    assert told["providers"][0]["answers_known"] == 30


def test_the_run_costs_what_was_planned_for_its_output(cli: Cli, path: str, people: Callable[..., str]) -> None:
    people(10)
    command = ("in.csv", "--out", "out.csv", "--config", path, "--budget", "0.40 USD")
    assert cli("enrich", *command).exit_code == 3
    told = planned(cli, *command)
    assert told["to_look_up"] == 6
    assert told["budgets"] == [
        {"scope": "run", "spent": "0.40", "reserved": "0.00", "limit": "0.40", "rows_covered": [0, 6]}
    ]
    other = planned(cli, *command, "--out", "other.csv")
    assert other["budgets"][0]["spent"] == "0.00"


def test_a_dry_run_says_the_same_as_the_plan_and_writes_nothing(
    cli: Cli, path: str, people: Callable[..., str], here: Path, calls: Calls
) -> None:
    command = (people(3), "--out", "out.csv", "--config", path, "--budget", "1 USD")
    dry = cli("enrich", *command, "--dry-run")
    assert dry.exit_code == 0, dry.stderr
    assert dry.stdout == cli("plan", *command).stdout
    assert not (here / "out.csv").exists()
    assert calls() == []


def test_what_is_known_counts_unless_it_is_too_old_or_asked_for_again(
    cli: Cli, path: str, people: Callable[..., str]
) -> None:
    people(4)
    cli("enrich", "in.csv", "--out", "out.csv", "--config", path, "--yes")
    assert planned(cli, "in.csv", "--config", path)["answered"] == 4
    for option in (("--refresh",), ("--max-age", "0s")):
        told = planned(cli, "in.csv", "--config", path, *option)
        assert (told["answered"], told["to_look_up"]) == (0, 4)
    assert planned(cli, "in.csv", "--config", path, "--tenant", "globex")["to_look_up"] == 4


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ("1.00", "it covers the worst case"),
        ("0.99", "it may be used up before the end, after 9 to 10 rows"),
        ("0", "nothing is left of it"),
    ],
)
def test_how_far_a_budget_reaches_is_said(
    cli: Cli, path: str, people: Callable[..., str], budget: str, words: str
) -> None:
    result = cli("plan", people(10), "--config", path, "--budget", budget)
    assert result.stdout.splitlines()[5].endswith(words)


def test_a_provider_that_cannot_be_asked_is_named_and_costs_nothing(
    cli: Cli, path: str, people: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLITEST_KEY")
    result = cli("plan", people(3), "--config", path)
    assert "3 that no provider can be asked about" in result.stdout
    assert "NOT READY: set CLITEST_KEY" in result.stdout
    assert "never more than 0.00" in result.stdout


def test_a_refused_key_is_found_before_the_run(
    cli: Cli, path: str, people: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLITEST_KEY", "wrong")
    told = planned(cli, people(3), "--config", path)
    assert told["providers"][0]["ready"] is False
    assert "key_refused" in told["providers"][0]["account"]


def test_credits_without_a_price_are_counted_and_said_to_have_none(
    cli: Cli, config: Config, people: Callable[..., str]
) -> None:
    path = config("clitest_paid")
    told = planned(cli, people(3), "--config", path)
    assert told["cost"]["without_price"] == ["clitest_paid"]
    assert (told["providers"][0]["credits"], told["providers"][0]["cost"]) == (["0.00", "6.00"], None)
    assert "credits of clitest_paid, which have no credit_price" in cli("plan", "in.csv", "--config", path).stdout


def test_jsonl_and_standard_input_are_read_as_enrich_reads_them(cli: Cli, path: str) -> None:
    stdin = (
        '{"E-mail": "ada@a.example"}\nnonsense\n{"First Name": "Ada", "surname": "Lovelace", "account": "Engines"}\n'
    )
    told = json.loads(cli("plan", "-", "--config", path, "--json", stdin=stdin).stdout)
    assert (told["rows"], told["unusable"], told["to_look_up"], told["nobody"]) == (3, 1, 1, 1)


@pytest.mark.parametrize("content", [b"", b"Full Name,Phone\nAda,1\n", None])
def test_what_enrich_would_refuse_is_refused(cli: Cli, path: str, here: Path, content: bytes | None) -> None:
    if content is not None:
        (here / "in.csv").write_bytes(content)
    result = cli("plan", "in.csv", "--config", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


def test_limits_of_a_provider_and_of_a_record_are_shown(cli: Cli, config: Config, people: Callable[..., str]) -> None:
    limits = '[budget]\nrecord = "0.08"\n[budget.providers]\nclitest_paid = { day = "0.50" }\n'
    result = cli("plan", people(10), "--config", config("clitest_paid", more=PRICE + limits))
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[3] == "expected cost in USD: 0.00 to 0.80, never more than 0.80"
    assert lines[5].startswith("budget of clitest_paid in ")
    assert lines[5].endswith("limit 0.50; it may be used up before the end, after 5 to 10 rows")
    assert lines[6] == "budget of one record: limit 0.08 USD, counted in the amounts above"


@pytest.mark.parametrize(
    ("left", "rows", "words"),
    [
        ("5", (10, 10), "it covers the worst case"),
        ("4", (10, 10), "it covers what is expected"),
        ("3", (7, 10), "it may be used up before the end, after 7 to 10 rows"),
        ("1", (2, 5), "it is used up before the end, after 2 to 5 rows"),
        ("-1", (0, 0), "nothing is left of it"),
    ],
)
def test_what_a_budget_covers_follows_from_what_is_expected_and_from_the_ceiling(
    left: str, rows: tuple[int, int], words: str
) -> None:
    """Ten rows, expected to cost 2 to 4, at most 5."""
    from enrichcore.bulk.forecast import Forecast, Seen
    from enrichcore.cli.budgets import Standing
    from enrichcore.cli.plan import View
    from enrichcore.cli.plan_text import _covered, _covers

    made = Forecast(cost=(Decimal(2), Decimal(4)), ceiling=Decimal(5))
    view = View("in.csv", Seen(to_ask=10), made, [], {}, {}, "USD", None)
    standing = Standing("day:2026-11-25", Decimal(2), Decimal(1), Decimal(left) + 3)
    assert _covered(view, standing) == rows
    assert _covers(view, standing) == words
