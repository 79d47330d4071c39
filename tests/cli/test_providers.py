"""`enrichcore providers`: who is installed, who works, and how to bring one back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]


def test_the_list_says_what_each_one_costs_and_lacks(cli: Cli, config: Config) -> None:
    result = cli("providers", "list", "--config", config("clitest_known", "clitest_paid"))
    assert result.exit_code == 0
    lines = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert "free" in lines["clitest_known"]
    assert "ready" in lines["clitest_known"]
    assert "2 credits per hit" in lines["clitest_paid"]
    assert "500/s" in lines["clitest_paid"]
    assert "set CLITEST_KEY" in lines["clitest_paid"]
    assert "not used" in lines["clitest_slow"]
    assert "clitest-plugins 1.2" in lines["clitest_paid"]
    assert "clitest_broken (clitest-plugins 1.2) is broken" in result.stderr


def test_the_list_as_json_has_the_same_facts(cli: Cli, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLITEST_KEY", "secret-key")
    result = cli("providers", "list", "--json", "--config", config("clitest_paid"))
    told = json.loads(result.stdout)
    paid = next(p for p in told["providers"] if p["name"] == "clitest_paid")
    assert (paid["key"], paid["key_env"], paid["state"]) == ("set", "CLITEST_KEY", "ready")
    assert paid["methods"] == ["email"]
    assert told["failures"][0]["name"] == "clitest_broken"
    assert "secret-key" not in result.output


def test_the_list_may_be_of_some(cli: Cli, config: Config) -> None:
    """Named ones only, broken ones among them; a name that nobody has is refused."""
    result = cli("providers", "list", "clitest_paid", "clitest_broken", "--json", "--config", config("clitest_paid"))
    told = json.loads(result.stdout)
    assert [p["name"] for p in told["providers"]] == ["clitest_paid"]
    assert [f["name"] for f in told["failures"]] == ["clitest_broken"]
    alone = json.loads(cli("providers", "list", "clitest_paid", "--json").stdout)
    assert alone["failures"] == []
    refused = cli("providers", "list", "clitest_paid", "nobody")
    assert refused.exit_code == 2
    assert "no provider 'nobody' is installed; installed are: " in refused.stderr


def test_the_list_opens_no_store(cli: Cli, config: Config, here: Path) -> None:
    cli("providers", "list", "--config", config("clitest_known"))
    assert not (here / "test.db").exists()
    assert not (here / "home").exists()


def test_the_doctor_asks_for_the_balance(cli: Cli, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLITEST_KEY", "good")
    result = cli("providers", "doctor", "clitest_paid", "--config", config("clitest_paid"))
    assert result.exit_code == 0, result.output
    assert "41 credits left" in result.stdout


def test_the_doctor_finds_a_refused_key(cli: Cli, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLITEST_KEY", "wrong")
    result = cli("providers", "doctor", "clitest_paid", "--config", config("clitest_paid"))
    assert result.exit_code == 1
    assert "key_refused" in result.stdout


def test_the_doctor_says_which_key_is_missing_and_what_cannot_be_loaded(cli: Cli, config: Config) -> None:
    result = cli("providers", "doctor", "--config", config("clitest_known", "clitest_paid"))
    assert result.exit_code == 1
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.split()}
    assert "ok" in lines["clitest_known"]
    assert "set CLITEST_KEY" in lines["clitest_paid"]
    assert "clitest_nowhere" in lines["clitest_broken"]


def test_a_suspended_provider_stays_so_across_processes_until_it_is_resumed(
    cli: Cli, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLITEST_KEY", "good")
    path = config("clitest_paid")
    cli("lookup", "--config", path, "--email", "refused@known.example")
    assert cli("lookup", "--config", path, "--email", "ada@known.example").exit_code == 3
    doctor = cli("providers", "doctor", "clitest_paid", "--config", path)
    assert doctor.exit_code == 1
    assert "enrichcore providers resume clitest_paid" in doctor.stdout
    resumed = cli("providers", "resume", "clitest_paid", "--config", path)
    assert resumed.exit_code == 0, resumed.output
    assert "was suspended" in resumed.stdout
    assert cli("lookup", "--config", path, "--email", "ada@known.example").exit_code == 0
    assert "nothing to do" in cli("providers", "resume", "clitest_paid", "--config", path).stdout


def test_resuming_a_stranger_is_an_error_that_names_it(cli: Cli, config: Config) -> None:
    result = cli("providers", "resume", "vendor_x", "--config", config("clitest_known"))
    assert result.exit_code == 2
    assert "vendor_x" in result.stderr
