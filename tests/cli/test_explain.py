"""`enrichcore explain`: the story of a record's last enrichment."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]


def test_the_story_names_every_attempt_and_what_it_cost(
    cli: Cli, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")
    path = config("clitest_known", "clitest_paid")
    cli("lookup", "--config", path, "--record-id", "42", "--email", "bob@other.example")
    result = cli("explain", "42", "--config", path)
    assert result.exit_code == 0, result.stderr
    known, paid = (line for line in result.stdout.splitlines() if line.startswith("clitest_"))
    assert "miss" in known
    assert "hit" in paid
    assert "yes" in paid
    told = json.loads(cli("explain", "42", "--config", path, "--json").stdout)
    assert [a["outcome"] for a in told["attempts"]] == ["miss", "hit"]
    assert told["attempts"][1]["credits"] == "2"


def test_a_refused_number_is_shown_as_refused(cli: Cli, config: Config) -> None:
    """By `lookup` when it happens, by `explain` later, and in JSON beside an empty `phone`."""
    path = config("clitest_known", more="\n[acceptance.min_scores]\nemail = 0.9\n")
    looked = cli("lookup", "--config", path, "--record-id", "42", "--email", "ada@known.example")
    told = cli("explain", "42", "--config", path)
    for result in (looked, told):
        assert result.stdout.startswith("not found: refused: low_match_score")
        assert "refused +12025550143 by clitest_known, method email: low_match_score" in result.stdout.splitlines()
    plain = json.loads(cli("explain", "42", "--config", path, "--json").stdout)
    assert (plain["phone"], plain["refused_phone"], plain["refused_reason"]) == (
        None, "+12025550143", "low_match_score",
    )  # fmt: skip


def test_an_unknown_record_is_said(cli: Cli, config: Config) -> None:
    result = cli("explain", "nobody", "--config", config("clitest_known"))
    assert result.exit_code == 1
    assert "nothing is known of record 'nobody'" in result.stderr


def test_looking_back_works_without_the_providers(cli: Cli, config: Config) -> None:
    path = config("clitest_known")
    cli("lookup", "--config", path, "--record-id", "42", "--email", "ada@known.example")
    gone = config("clitest_gone")
    result = cli("explain", "42", "--config", gone)
    assert result.exit_code == 0, result.stderr
    assert "found" in result.stdout
