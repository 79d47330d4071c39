"""`enrichcore ledger`: sums that equal the budgets, lines that name nobody, and a person's word on what is in doubt."""

import asyncio
import csv
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from enrichcore.cli.ledger_doubts import becomes
from enrichcore.cli.ledger_sums import COLUMNS, Sum, Sums, fields, footnotes, sums_table
from enrichcore.model import Billed, Outcome, Price
from enrichcore.store import Row
from enrichcore.store.secret import load_secret
from enrichcore.store.sqlite import SqliteStore
from enrichcore.testing import FakeProvider

Cli = Callable[..., Result]
Config = Callable[..., str]
PRICED = '[budget]\nmonth = "50 USD"\n[providers.clitest_paid]\ncredit_price = "0.05"\n'
DAY = 86_400.0


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")


@pytest.fixture
def run(cli: Cli, config: Config, here: Path) -> Callable[..., str]:
    """Enrich people by email with both test providers; the answer is the path of the configuration."""

    def enrich(*emails: str, more: str = PRICED, tenant: str = "default") -> str:
        path = config("clitest_known", "clitest_paid", more=more)
        (here / "in.csv").write_text("record_id,email\n" + "".join(f"{i},{e}\n" for i, e in enumerate(emails)))
        result = cli("enrich", "in.csv", "--out", "out.csv", "--config", path, "--tenant", tenant, "--yes")
        assert result.exit_code in (0, 3), result.stderr
        return path

    return enrich


def row(**more: Any) -> Row:
    plain = {
        "id": 0x1F, "key": b"k" * 24, "tenant": "default", "record": b"r" * 16, "provider": "acme", "method": "email",
        "owner": 1, "started_at": 1_795_000_000.0,
    }  # fmt: skip
    return Row(**{**plain, **more})


def journal(path: Path, *rows: Row) -> None:
    """Write attempts into a journal as they are."""

    async def write() -> None:
        store = SqliteStore(path)
        await store.open(time.time())
        load_secret(store, configured=None, env={})
        for each in rows:
            store.record(each)
        await store.aclose()

    asyncio.run(write())


def stored(identity: int, at: float, **more: Any) -> Row:
    answer: dict[str, Any] = {
        "id": identity, "key": identity.to_bytes(24, "big"), "started_at": at, "settled_at": at, "outcome": Outcome.HIT,
        "billed": Billed.YES, "credits": Decimal(2), "cost": Decimal("0.10"),
    }  # fmt: skip
    return row(**{**answer, **more})


# --- sums -----------------------------------------------------------------------------------------------------------


def test_the_sums_are_by_month_and_provider_and_equal_the_budget(cli: Cli, run: Callable[..., str]) -> None:
    path = run("ada@known.example", "bob@other.example", "lost@other.example", "cy@other.example")
    result = cli("ledger", "--config", path)
    assert result.exit_code == 0, result.stderr
    lines = [line.split() for line in result.stdout.splitlines()]
    month = f"{datetime.now(UTC):%Y-%m}"
    #                                         attempts, hits, misses, rejected, errors, billed, in doubt, credits, cost
    assert [month, "clitest_known", "4", "1", "3", "0", "0", "0", "0", "0", "0.00"] in lines
    assert [month, "clitest_paid", "3", "2", "0", "0", "1", "2", "1", "6", "0.30"] in lines
    assert ["sum", "7", "3", "3", "0", "1", "2", "1", "6", "0.30"] in lines
    assert f"budget of {month} (UTC): 0.30 USD spent, limit 50.00" in result.stdout
    assert "0.10 USD of this is in doubt and counts as spent (1 attempt)" in result.stdout


def test_an_empty_journal_has_no_sums(cli: Cli, config: Config) -> None:
    result = cli("ledger", "--config", config("clitest_known"))
    assert (result.exit_code, result.stdout) == (0, "the journal holds no attempts\n")


@pytest.mark.parametrize(
    ("options", "months"),
    [
        ((), ["2026-09", "2026-10", "2026-11"]),
        (("--since", "2026-10"), ["2026-10", "2026-11"]),
        (("--since", "2026-11-01"), ["2026-11"]),
        (("--until", "2026-10"), ["2026-09", "2026-10"]),
        (("--until", "2026-10-31"), ["2026-09", "2026-10"]),
        (("--until", "2026-10-30"), ["2026-09"]),
        (("--since", "2026-10", "--until", "2026-10"), ["2026-10"]),
        (("--since", "2026-10-31T23:59:59"), ["2026-10", "2026-11"]),
        (("--since", "2026-11-01T00:30+01:00", "--until", "2026-11-30"), ["2026-10", "2026-11"]),
        (("--since", "2026-12"), []),
        (("--provider", "bee"), []),
    ],
)
def test_a_day_and_a_month_include_their_end(
    cli: Cli, config: Config, here: Path, options: tuple[str, ...], months: list[str]
) -> None:
    """What was asked in the last second of October belongs to October, and to whoever asks up to October."""
    times = ("2026-09-01T00:00+00:00", "2026-10-31T23:59:59+00:00", "2026-11-01T00:00+00:00")
    journal(here / "test.db", *(stored(i, datetime.fromisoformat(at).timestamp()) for i, at in enumerate(times, 1)))
    result = cli("ledger", "--config", config("clitest_known"), *options)
    assert result.exit_code == 0, result.stderr
    shown = [line.split()[0] for line in result.stdout.splitlines() if line.startswith("2026")]
    assert shown == months
    if not months:
        assert "the journal holds no attempts" in result.stdout


@pytest.mark.parametrize("text", ["2026-13", "soon", "2026-11-31", "", "9999-12", "2026"])
def test_what_is_no_date_is_usage(cli: Cli, config: Config, text: str) -> None:
    result = cli("ledger", "--config", config("clitest_known"), "--until", text)
    assert result.exit_code == 2
    assert "expected a date such as 2026-11-01" in result.stderr


def test_an_attempt_that_was_taken_back_is_none_and_an_open_one_has_no_cost_yet() -> None:
    total = Sum()
    total.add(row(outcome=Outcome.SKIPPED, reason="stopped"))
    assert total == Sum()
    total.add(row(reserved=250_000_000))
    assert (total.attempts, total.open, total.reserved, total.cost) == (1, 1, Decimal("0.25"), Decimal(0))
    total.add(row(outcome=Outcome.ERROR, billed=Billed.UNKNOWN, cost=None, charged=250_000_000))
    assert (total.attempts, total.unknown, total.cost, total.doubt) == (2, 1, Decimal("0.25"), Decimal("0.25"))


def test_credits_without_a_price_are_marked_and_the_line_to_add_is_named() -> None:
    sums = Sums()
    sums.add(row(outcome=Outcome.HIT, billed=Billed.YES, credits=Decimal(3), cost=None))
    sums.add(row(provider="bee", outcome=Outcome.HIT, billed=Billed.YES, credits=Decimal(1), cost=Decimal("0.5")))
    lines = sums_table(sums, "USD").splitlines()
    assert lines[1].endswith("0.00*")
    assert lines[-1].endswith("0.50*")
    assert footnotes(sums, "USD") == ["* and what has no price in money: set credit_price under [providers.acme]"]


# --- lines ----------------------------------------------------------------------------------------------------------


def test_json_and_csv_export_the_same_lines_which_name_nobody(cli: Cli, run: Callable[..., str], here: Path) -> None:
    path = run("ada@known.example", "bob@other.example", "lost@other.example")
    told = [json.loads(line) for line in cli("ledger", "--config", path, "--json").stdout.splitlines()]
    piped = cli("ledger", "--config", path, "--csv", "-").stdout
    assert tuple(piped.splitlines()[0].split(",")) == COLUMNS
    assert [line["attempt"] for line in csv.DictReader(io.StringIO(piped))] == [line["attempt"] for line in told]
    assert len(told) == 5
    spent = sum(Decimal(line["cost"]) for line in told)
    assert spent == Decimal("0.20")
    assert {line["billed"] for line in told} == {"no", "yes", "unknown"}
    assert not any(word in piped + json.dumps(told) for word in ("ada@", "known.example", "other.example", "2025550"))
    saved = cli("ledger", "--config", path, "--csv", "lines.csv")
    assert (here / "lines.csv").read_text() == piped
    assert "sum" in saved.stdout
    assert "wrote lines.csv" in saved.stderr


def test_an_open_attempt_is_exported_with_what_it_has_reserved() -> None:
    told = fields(row(reserved=100_000_000), "USD")
    assert (told["attempt"], told["outcome"], told["billed"], told["cost"], told["reserved"]) == (
        "000000000000001f", None, "unknown", None, "0.10",
    )  # fmt: skip
    settled = fields(row(outcome=Outcome.HIT, billed=Billed.YES, cost=Decimal("0.1"), reserved=100_000_000), "USD")
    assert (settled["billed"], settled["cost"], settled["reserved"]) == ("yes", "0.10", "0.00")


def test_the_exports_exclude_each_other(cli: Cli, config: Config) -> None:
    path = config("clitest_known")
    assert cli("ledger", "--config", path, "--json", "--csv", "x.csv").exit_code == 2
    assert cli("ledger", "--config", path, "--json", "--in-doubt").exit_code == 2


def test_each_tenant_has_a_ledger_and_all_of_them_one_table(cli: Cli, run: Callable[..., str]) -> None:
    path = run("bob@other.example", tenant="globex")
    run("ada@known.example", "cy@other.example")
    own = cli("ledger", "--config", path, "--tenant", "globex").stdout
    assert own.splitlines()[-2].split()[:2] == ["sum", "2"]
    everybody = cli("ledger", "--config", path, "--all-tenants").stdout
    assert "globex" in everybody
    assert [line.split()[1] for line in everybody.splitlines() if line.startswith("sum")] == ["5"]


def test_a_limit_for_a_provider_does_not_keep_the_ledger_from_being_read(cli: Cli, run: Callable[..., str]) -> None:
    """Looking back loads no provider, so the limit's provider is not known there."""
    path = run("bob@other.example", more=PRICED + '[budget.providers]\nclitest_paid = { day = "3 USD" }\n')
    result = cli("ledger", "--config", path)
    assert result.exit_code == 0, result.stderr
    assert "budget of clitest_paid in" in result.stdout


# --- in doubt -------------------------------------------------------------------------------------------------------


def test_what_is_in_doubt_is_listed_with_its_amount_and_settled_by_a_person(cli: Cli, run: Callable[..., str]) -> None:
    path = run("lost@other.example", "bob@other.example")
    listed = cli("ledger", "--config", path, "--in-doubt").stdout.splitlines()
    attempt, provider, method, *_ = listed[1].split()
    assert (provider, method) == ("clitest_paid", "email")
    assert "0.1 USD" in listed[1]
    assert "held until" in listed[1]
    unsure = cli("ledger", "--config", path, "--settle", attempt, "not-billed", stdin="n\n")
    assert unsure.exit_code == 1
    assert "nothing was done" in unsure.stderr
    assert "0.20 USD spent" in cli("ledger", "--config", path).stdout
    sure = cli("ledger", "--config", path, "--settle", attempt, "not-billed", stdin="y\n")
    assert sure.exit_code == 0, sure.stderr
    assert "has not billed it" in sure.stdout
    assert "0.10 USD spent" in cli("ledger", "--config", path).stdout
    assert cli("ledger", "--config", path, "--in-doubt").stdout == "nothing is in doubt\n"
    assert cli("ledger", "--config", path, "--settle", attempt, "billed", "--yes").exit_code == 2


def test_what_the_invoice_has_stays_spent(cli: Cli, run: Callable[..., str]) -> None:
    path = run("lost@other.example")
    attempt = cli("ledger", "--config", path, "--in-doubt").stdout.splitlines()[1].split()[0]
    result = cli("ledger", "--config", path, "--settle", attempt, "billed", "--yes")
    assert result.stdout == "settled: clitest_paid has billed it, 0.1 USD\n"
    told = json.loads(cli("ledger", "--config", path, "--json").stdout.splitlines()[-1])
    assert (told["billed"], told["credits"], told["cost"], told["reason"]) == ("yes", "2", "0.10", "settled_by_hand")


def test_without_a_budget_a_settled_doubt_costs_what_it_was_thought_to_cost(cli: Cli, run: Callable[..., str]) -> None:
    path = run("lost@other.example", "lost2@other.example", more='[providers.clitest_paid]\ncredit_price = "0.05"\n')
    first, second = (line.split()[0] for line in cli("ledger", "--config", path, "--in-doubt").stdout.splitlines()[1:3])
    assert cli("ledger", "--config", path, "--settle", first, "billed", "--yes").exit_code == 0
    assert cli("ledger", "--config", path, "--settle", second, "not-billed", "--yes").exit_code == 0
    told = {t["attempt"]: t for t in map(json.loads, cli("ledger", "--config", path, "--json").stdout.splitlines())}
    assert (told[first]["credits"], told[first]["cost"]) == ("2", "0.10")
    assert (told[second]["credits"], told[second]["cost"]) == ("0", "0.00")


@pytest.mark.parametrize("attempt", ["xyz", "", "00ff"])
def test_an_attempt_that_is_not_in_doubt_cannot_be_settled(cli: Cli, config: Config, attempt: str) -> None:
    result = cli("ledger", "--config", config("clitest_known"), "--settle", attempt, "billed", "--yes")
    assert result.exit_code == 2
    assert "--in-doubt" in result.stderr


HOLD = FakeProvider({}, name="acme", price=Price.per_hit(5))
REPEAT = FakeProvider({}, name="acme", price=Price.per_hit(5, repeats_free_days=30))
SHORT = FakeProvider({}, name="acme", price=Price.per_hit(5), retention=3)
UNKNOWN = {"outcome": Outcome.ERROR, "billed": Billed.UNKNOWN}


@pytest.mark.parametrize(
    ("facts", "provider", "age", "word"),
    [
        ({"job": "7"}, HOLD, 3 * DAY, "polled"),
        ({"job": "7", **UNKNOWN, "settled_at": 0.0}, HOLD, 60.0, "held until 1970-01-02 00:00 UTC, then unresolved"),
        ({}, REPEAT, 60.0, "asked again: this vendor makes repeats free"),
        ({}, HOLD, 60.0, "held until 1970-01-02 00:00 UTC"),
        ({}, None, 60.0, "held until"),
        ({**UNKNOWN, "settled_at": 0.0}, HOLD, 2 * DAY, "unresolved: not asked again before 1970-01-15 00:00 UTC"),
        ({**UNKNOWN, "settled_at": 0.0}, SHORT, 2 * DAY, "unresolved: not asked again before 1970-01-04 00:00 UTC"),
        ({**UNKNOWN, "settled_at": 0.0}, HOLD, 15 * DAY, "unresolved: may be asked again"),
    ],
)
def test_what_becomes_of_a_doubt_follows_from_the_job_the_price_and_the_age(
    facts: dict[str, Any], provider: FakeProvider | None, age: float, word: str
) -> None:
    assert becomes(row(started_at=0.0, **facts), provider, age).startswith(word)


def test_what_a_provider_that_is_gone_may_have_cost_is_not_known(cli: Cli, config: Config, here: Path) -> None:
    journal(here / "test.db", stored(1, time.time(), **UNKNOWN, credits=Decimal(0), cost=None))
    listed = cli("ledger", "--config", config("clitest_known"), "--in-doubt").stdout.splitlines()[1].split()
    assert (listed[1], listed[7]) == ("acme", "-")


def test_an_amount_that_nobody_wrote_down_is_the_worst_case_of_the_provider(
    cli: Cli, config: Config, here: Path
) -> None:
    """An intent that a crash left behind, without a budget."""
    from enrichcore.store import Claim

    path = config("clitest_paid", more='[providers.clitest_paid]\ncredit_price = "0.05"\nprice = 4\n')

    async def crash() -> None:
        store = SqliteStore(here / "test.db")
        now = time.time()
        await store.open(now)
        load_secret(store, configured=None, env={})
        await store.claim(
            Claim(
                key=b"k" * 24, tenant="default", record=b"r" * 16, provider="clitest_paid", method="email", now=now,
                hits_since=0.0, misses_since=0.0,
            )
        )  # fmt: skip
        await store.aclose()

    asyncio.run(crash())
    listed = cli("ledger", "--config", path, "--in-doubt")
    assert listed.exit_code == 0, listed.stderr
    assert "0.2 USD" in listed.stdout
    assert "1 attempt under way or left behind by a crash" in cli("ledger", "--config", path).stdout
