"""`enrichcore demo` and its script: offline, without a key, exit code 0."""

import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Cli = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[2]


def test_the_demo_shows_results_a_story_and_a_summary(cli: Cli, here: Path) -> None:
    result = cli("demo")
    assert result.exit_code == 0, result.output
    assert "directory" in result.stdout
    assert "echo" in result.stdout
    assert "How one of them was found" in result.stdout
    assert "fill rate" in result.stdout
    assert "found by method" in result.stdout
    assert "cost 0 USD" in result.stdout
    assert "\x1b" not in result.output
    assert not (here / "home").exists()


def test_the_demo_needs_no_network(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("the demo opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert cli("demo").exit_code == 0


def test_without_its_providers_the_demo_says_what_to_install(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: [])
    result = cli("demo")
    assert result.exit_code == 1
    assert "pip install 'enrichcore[demo]'" in result.stderr


def test_the_script_does_the_same_through_public_names() -> None:
    script = ROOT / "docs" / "examples" / "demo.py"
    env: dict[str, Any] = {k: v for k, v in os.environ.items() if not k.startswith("ENRICHCORE_")}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert len(script.read_text().splitlines()) <= 30
    assert "found" in done.stdout.splitlines()[-1]
