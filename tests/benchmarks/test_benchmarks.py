"""The engine's speed, as ratios. Measured in a process of its own, away from what pytest adds.

`uv run pytest -m proof tests/benchmarks` asserts the bars at full size; CI runs every case small, without them.
"""

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

FOLDER = Path(__file__).parent
YARDSTICK = "909fe1e4218809214918c915d1b9f6292524c0fbc3334328ccfe3bc7daf7a273"
NEEDS = ("aiocache", "orjson", "tenacity")
PROMISED = (
    "instant-bare", "instant-full", "slow", "slow-journal", "cache-hit", "fast-stock", "world", "world-national",
    "accept", "accept-national", "import", "construct", "service-hit", "service-p99",
    "construct-all", "keyless",
)  # fmt: skip
TOLD = (
    "instant-full-paid", "journal", "journal-paid", "pool", "fast-plain", "plain-stock",
    "import-names", "construct-open", "keyless-named", "service-hit-app",
)  # fmt: skip


@pytest.fixture
def measure(require: Callable[[str], NoReturn]) -> Callable[..., dict[str, Any]]:
    """What `run.py` says of one case."""
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        require(f"the yardstick needs {', '.join(missing)}")

    def run(name: str, *options: str) -> dict[str, Any]:
        if name.startswith("service") and importlib.util.find_spec("uvicorn") is None:
            require("the extra `service` is not installed")
        if name.startswith("fast") and importlib.util.find_spec("pyreqwest") is None:
            require("the extra `fast` is not installed")
        command = [sys.executable, str(FOLDER / "run.py"), "--json", name, *options]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stderr[-2000:]
        figure: dict[str, Any] = json.loads(done.stdout)
        return figure

    return run


def test_the_yardstick_is_frozen() -> None:
    """Nobody makes the loop that the engine is measured against slower."""
    assert hashlib.sha256((FOLDER / "hand_loop.txt").read_bytes()).hexdigest() == YARDSTICK


def test_every_case_is_listed() -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER / "run.py"), "--list"], capture_output=True, text=True, check=True
    )
    assert {line.split()[0] for line in done.stdout.splitlines()} == {*PROMISED, *TOLD}


SLOW = frozenset({"fast-stock", "plain-stock"})
"""Half a minute even when small."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.proof] * (name in SLOW)) for name in (*PROMISED, *TOLD)]
)
def test_every_case_measures_something(measure: Callable[..., dict[str, Any]], name: str) -> None:
    """Every benchmark runs, small, and its answers are right (each case checks them itself)."""
    figure = measure(name, "--small", "--pairs", "1")
    assert figure["name"] == name
    assert len(figure["ratios"]) == 1
    assert figure["median"] > 0
    assert (figure["bar"] is not None) is (name in PROMISED)


@pytest.mark.proof
@pytest.mark.parametrize("name", PROMISED)
def test_the_bar_is_kept(measure: Callable[..., dict[str, Any]], name: str) -> None:
    figure = measure(name, "--pairs", "9")
    assert figure["kept"], f"{name}: {figure['median']:.3f}, the bar is {figure['bar']}; pairs {figure['ratios']}"
