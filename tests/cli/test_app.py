"""The command itself: help, versions, errors as one line, exit codes."""

import builtins
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Cli = Callable[..., Result]
Config = Callable[..., str]
Process = subprocess.Popen[bytes]


def test_help_names_every_command(cli: Cli) -> None:
    result = cli("--help")
    assert result.exit_code == 0
    commands = (
        "init", "demo", "lookup", "plan", "enrich", "explain", "providers", "ledger", "suppress", "forget", "store",
    )  # fmt: skip
    for name in commands:
        assert name in result.stdout


def test_help_is_fast_because_it_imports_neither_engine_nor_rich() -> None:
    code = (
        "import sys; from enrichcore.cli.app import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'httpx', 'rich', 'phonenumbers', 'structlog', 'enrichcore.engine'} & set(sys.modules)\n"
        "sys.exit(','.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_version_is_printed(cli: Cli) -> None:
    from enrichcore import __version__

    assert __version__ in cli("--version").stdout


def test_a_misspelt_command_is_usage_and_gets_a_guess(cli: Cli) -> None:
    result = cli("enrcih")
    assert result.exit_code == 2
    assert "enrich" in result.stderr


def test_without_click_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from enrichcore.cli import main

    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "enrichcore.cli.app":
            raise ModuleNotFoundError("No module named 'click'", name="click")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert main() == 1
    assert "pip install 'enrichcore[cli]'" in capsys.readouterr().err


def test_a_missing_module_of_our_own_is_not_blamed_on_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from enrichcore.cli import main

    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "enrichcore.cli.app":
            raise ModuleNotFoundError("No module named 'ours'", name="ours")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ModuleNotFoundError):
        main()


def test_an_unknown_key_of_the_configuration_is_one_line_with_a_guess(cli: Cli, here: Path) -> None:
    (here / "enrichcore.toml").write_text("[engine]\nprovider = ['echo']\n")
    result = cli("lookup", "--email", "ada@known.example")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "'provider'" in result.stderr
    assert "'providers'" in result.stderr


def test_a_missing_configuration_file_is_one_line(cli: Cli) -> None:
    result = cli("--config", "nowhere.toml", "lookup", "--email", "ada@known.example")
    assert result.exit_code == 2
    assert "nowhere.toml" in result.stderr


def test_a_provider_that_is_not_installed_is_named_with_its_package(cli: Cli, config: Config) -> None:
    path = config("clitest_known", "vendor_x")
    result = cli("lookup", "--config", path, "--email", "ada@known.example")
    assert result.exit_code == 2
    assert "vendor_x" in result.stderr
    assert "pip install enrichcore-vendor-x" in result.stderr


def test_a_store_that_cannot_be_opened_is_one_line(cli: Cli, config: Config) -> None:
    path = config("clitest_known")
    url = "sqlite:////proc/nowhere/x.db"
    result = cli("--store", url, "--log-level", "error", "lookup", "--config", path, "--email", "a@known.example")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1


def test_debug_shows_the_traceback(start: Callable[..., Process]) -> None:
    _, errors = start(["--debug", "--config", "nowhere.toml", "lookup", "--email", "a@b.example"]).communicate(
        timeout=60
    )
    assert b"Traceback" in errors


def test_global_options_may_stand_before_or_after_the_command(cli: Cli, config: Config) -> None:
    path = config("clitest_known")
    for arguments in (["--config", path, "lookup"], ["lookup", "--config", path]):
        result = cli(*arguments, "--email", "ada@known.example", "--json")
        assert result.exit_code == 0, result.stderr
        assert '"found"' in result.stdout


def test_events_go_to_standard_error_as_json_lines_and_only_when_asked_for(cli: Cli, config: Config) -> None:
    import json

    path = config("clitest_known")
    quiet = cli("lookup", "--config", path, "--email", "ada@known.example", "--log-level", "error")
    assert quiet.stderr == ""
    loud = cli("lookup", "--config", path, "--email", "bob@known.example", "--json", "--log-level", "info")
    json.loads(loud.stdout)
    events = [json.loads(line) for line in loud.stderr.splitlines()]
    assert "enrichcore.attempt_finished" in [event["event"] for event in events]
    assert "bob" not in loud.stderr


def test_a_pipe_in_an_old_code_page_does_not_end_a_lookup(start: Callable[..., Process], config: Config) -> None:
    command = ["lookup", "--config", config("clitest_known"), "--email", "ada@known.example", "--record-id", "\u05d0"]
    process = start(command, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert output.startswith(b"found")


def test_a_reader_that_goes_away_ends_the_command_quietly(
    start: Callable[..., Process], config: Config, here: Path
) -> None:
    (here / "in.csv").write_text("email,note\n" + f"ada@known.example,{'x' * 1000}\n" * 3000)
    process = start(["--log-level", "error", "enrich", "in.csv", "--out", "-", "--config", config("clitest_known")])
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Traceback" not in errors
    assert b"bug" not in errors
