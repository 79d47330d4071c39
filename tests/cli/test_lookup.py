"""`enrichcore lookup`: one contact in, one answer out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Calls = Callable[[], list[str]]
ADA = ("--email", "ada@known.example")


def test_a_found_number_is_told_with_its_story(cli: Cli, config: Config) -> None:
    result = cli("lookup", "--config", config("clitest_known"), *ADA)
    assert result.exit_code == 0
    assert result.stdout.startswith("found +12025550143")
    assert "clitest_known" in result.stdout


def test_json_is_the_whole_result_and_nothing_else(cli: Cli, config: Config) -> None:
    result = cli("lookup", "--config", config("clitest_known"), *ADA, "--record-id", "42", "--json")
    told = json.loads(result.stdout)
    assert told["status"] == "found"
    assert told["record_id"] == "42"
    assert told["attempts"][0]["outcome"] == "hit"


def test_finding_nothing_is_success(cli: Cli, config: Config) -> None:
    result = cli("lookup", "--config", config("clitest_known"), "--email", "bob@other.example")
    assert result.exit_code == 0
    assert result.stdout.startswith("not found")


def test_every_field_of_a_contact_is_an_option(cli: Cli, config: Config) -> None:
    from enrichcore.model.contact import FIELDS

    values = {"linkedin_id": "ada-lovelace", "email": "ada@known.example", "domain": "known.example", "country": "GB"}
    options = [part for f in FIELDS for part in (f"--{f.replace('_', '-')}", values.get(f, "Ada"))]
    result = cli("lookup", "--config", config("clitest_known"), "--json", *options)
    told = json.loads(result.stdout)
    assert (told["record_id"], told["first_name"], told["linkedin_id"]) == ("Ada", "Ada", "ada-lovelace")


def test_a_record_is_read_from_standard_input_when_no_option_names_one(cli: Cli, config: Config) -> None:
    record = json.dumps({"E-mail": "ada@known.example", "Record ID": 42, "other": [1]})
    result = cli("lookup", "--config", config("clitest_known"), "--json", stdin=record)
    assert json.loads(result.stdout)["record_id"] == "42"
    assert json.loads(result.stdout)["phone"] == "+12025550143"


@pytest.mark.parametrize("stdin", ["", "{", "[1]", '"text"', "[" * 100_000, b"\xff\xfe\x00"])
def test_nobody_to_look_for_is_usage(cli: Cli, config: Config, stdin: str | bytes) -> None:
    result = cli("lookup", "--config", config("clitest_known"), stdin=stdin)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_too_little_data_is_usage_and_says_what_is_missing(cli: Cli, config: Config) -> None:
    result = cli("lookup", "--config", config("clitest_known"), "--first-name", "Ada")
    assert result.exit_code == 2
    assert "last_name" in result.stdout


def test_a_record_id_that_is_too_long_is_usage(cli: Cli, config: Config) -> None:
    result = cli("lookup", "--config", config("clitest_known"), *ADA, "--record-id", "x" * 10_000)
    assert result.exit_code == 2
    assert "1,024" in result.stderr


def test_a_second_lookup_asks_nobody_and_refresh_asks_again(cli: Cli, config: Config, calls: Calls) -> None:
    path = config("clitest_known")
    first = cli("lookup", "--config", path, *ADA)
    again = cli("lookup", "--config", path, *ADA)
    assert len(calls()) == 1
    assert "nobody was asked" in again.stdout
    assert "nobody was asked" not in first.stdout
    cli("lookup", "--config", path, *ADA, "--refresh")
    assert len(calls()) == 2


def test_max_age_makes_an_old_answer_unusable(cli: Cli, config: Config, calls: Calls) -> None:
    path = config("clitest_known")
    cli("lookup", "--config", path, *ADA)
    cli("lookup", "--config", path, *ADA, "--max-age", "30d")
    assert len(calls()) == 1
    cli("lookup", "--config", path, *ADA, "--max-age", "0s")
    assert len(calls()) == 2
    assert cli("lookup", "--config", path, *ADA, "--max-age", "soon").exit_code == 2


def test_an_unfinished_answer_is_exit_code_3(cli: Cli, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")
    result = cli("lookup", "--config", config("clitest_paid"), "--email", "broke@known.example")
    assert result.exit_code == 3
    assert "out_of_credits" in result.stdout


def test_a_provider_without_its_key_is_named_with_the_variable_to_set(cli: Cli, config: Config) -> None:
    result = cli("lookup", "--config", config("clitest_paid"), *ADA)
    assert result.exit_code == 0
    assert "CLITEST_KEY" in result.stderr


def test_only_the_named_provider_is_asked(cli: Cli, config: Config, calls: Calls) -> None:
    cli("lookup", "--config", config("clitest_known"), *ADA, "--provider", "clitest_slow")
    assert [line.split()[0] for line in calls()] == ["began", "ended"]


def test_what_a_vendor_says_cannot_drive_the_terminal(cli: Cli, config: Config) -> None:
    result = cli("lookup", "--config", config("clitest_evil"), *ADA)
    assert "\x1b" not in result.output
    assert "[red]" in result.stdout


@pytest.mark.parametrize("name", ["Zoë 🦊", "\u05d0\u05d3\u05d4", "\u202egnp.exe"])
def test_names_of_any_script_are_fine(cli: Cli, config: Config, name: str) -> None:
    options = ("--first-name", name, "--last-name", name, "--company", "Known")
    assert cli("lookup", "--config", config("clitest_known"), *options).exit_code in (0, 2)
    told = cli("lookup", "--config", config("clitest_known"), *options, *ADA, "--json")
    assert json.loads(told.stdout)["first_name"] == name


def test_the_store_in_the_users_data_folder_is_said_once(cli: Cli, here: Path) -> None:
    (here / "enrichcore.toml").write_text("[acceptance]\nallow_fictional = true\n")
    first = cli("lookup", *ADA, "--provider", "clitest_known", "--log-level", "error")
    assert "enrichcore.db" in first.stderr
    assert list((here / "home").rglob("enrichcore.db"))
    second = cli("lookup", *ADA, "--provider", "clitest_known", "--log-level", "error")
    assert second.stderr == ""
    assert "nobody was asked" in second.stdout
