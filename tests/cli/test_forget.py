"""`enrichcore forget`: a person is gone from the store, the amounts are not, and whom to tell is said."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Calls = Callable[[], list[str]]
ADA = ("--email", "ada.secret@other.example", "--record-id", "42")


@pytest.fixture
def path(config: Config, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> str:
    """A configuration whose store knows one person, for whom somebody was paid."""
    monkeypatch.setenv("CLITEST_KEY", "k")
    found = config("clitest_known", "clitest_paid", more='[providers.clitest_paid]\ncredit_price = "0.05"\n')
    assert cli("lookup", *ADA, "--config", found).exit_code == 0
    return found


@pytest.mark.parametrize(
    "whom",
    [("42",), ("--email", "Ada.Secret@other.example"), ("42", "--email", "ada.secret@other.example")],
)
def test_a_person_is_found_by_the_id_and_by_the_fields(
    cli: Cli, path: str, here: Path, calls: Calls, whom: tuple[str, ...]
) -> None:
    result = cli("forget", *whom, "--yes", "--config", path)
    assert result.exit_code == 0, result.stderr
    assert "1 stored result was deleted." in result.stdout
    assert "2 attempts were made nameless" in result.stdout
    assert "Tell clitest_paid" in result.stdout
    assert "The suppression list is as it was" in result.stdout
    assert "nothing is known" in cli("explain", "42", "--config", path).stderr
    assert b"2025550155" not in b"".join(file.read_bytes() for file in here.glob("test.db*"))
    asked = len(calls())
    cli("lookup", *ADA, "--config", path)
    assert len(calls()) > asked


def test_amounts_stay(cli: Cli, path: str) -> None:
    before = cli("ledger", "--config", path).stdout
    cli("forget", "42", "--yes", "--config", path)
    assert cli("ledger", "--config", path).stdout == before
    lines = [json.loads(line) for line in cli("ledger", "--json", "--config", path).stdout.splitlines()]
    assert sum(Decimal(line["cost"]) for line in lines) == Decimal("0.10")


def test_it_is_asked_first_and_without_an_answer_nothing_happens(cli: Cli, path: str) -> None:
    for said in ("n\n", ""):
        result = cli("forget", "42", "--config", path, stdin=said)
        assert result.exit_code == 1
        assert "nothing was done; --yes does it without asking" in result.stderr
    assert cli("explain", "42", "--config", path).exit_code == 0
    assert cli("forget", "42", "--config", path, stdin="y\n").exit_code == 0
    assert cli("explain", "42", "--config", path).exit_code == 1


def test_json_says_how_much_and_whom_to_tell(cli: Cli, path: str) -> None:
    result = cli("forget", "42", "--yes", "--json", "--config", path)
    told = json.loads(result.stdout)
    assert (told["results"], told["attempts"]) == (1, 2)
    assert [r["provider"] for r in told["recipients"]] == ["clitest_known", "clitest_paid"]
    assert "backups of the store are not reached" in result.stderr


def test_suppressions_survive(cli: Cli, path: str) -> None:
    cli("suppress", "add", "--email", "ada.secret@other.example", "--config", path)
    cli("forget", "42", "--email", "ada.secret@other.example", "--yes", "--config", path)
    assert cli("lookup", *ADA, "--config", path).stdout.startswith("suppressed")


def test_who_is_not_known_is_no_error(cli: Cli, path: str) -> None:
    result = cli("forget", "nobody", "--yes", "--config", path)
    assert result.exit_code == 0
    assert result.stdout.startswith("Nothing was kept of this person.")


@pytest.mark.parametrize("whom", [(), ("   ",), ("--first-name", "Ada")])
def test_too_little_to_find_a_person_by_is_usage(cli: Cli, path: str, whom: tuple[str, ...]) -> None:
    result = cli("forget", *whom, "--yes", "--config", path)
    assert result.exit_code == 2
    assert cli("explain", "42", "--config", path).exit_code == 0


def test_one_tenant_cannot_erase_what_another_knows(cli: Cli, path: str) -> None:
    result = cli("forget", "42", "--yes", "--config", path, "--tenant", "globex")
    assert result.stdout.startswith("Nothing was kept")
    assert cli("explain", "42", "--config", path).exit_code == 0
    cli("lookup", *ADA, "--config", path, "--tenant", "globex")
    assert cli("explain", "42", "--config", path, "--tenant", "globex").exit_code == 0
