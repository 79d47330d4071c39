"""The frozen yardstick: `hand_loop.txt`, a loop that a user would write by hand instead of taking an engine.

It is kept as text, so that no tool improves it, and loaded from there.
"""

import asyncio
import importlib.machinery
import importlib.util
from pathlib import Path
from typing import Any

from tests.benchmarks.pairs import Measure

SOURCE = Path(__file__).with_name("hand_loop.txt")


def _load() -> Any:
    loader = importlib.machinery.SourceFileLoader("hand_loop", str(SOURCE))
    spec = importlib.util.spec_from_loader("hand_loop", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


_hand_loop = _load()


def log_as_it_does(*, events: bool) -> None:
    """Configure structlog as the yardstick does: JSON through orjson into nowhere, or everything filtered."""
    _hand_loop.logger(events=events)


def hand_cpu(records: int, *, events: bool, validate: bool, concurrency: int) -> Measure:
    """CPU microseconds that the hand-written loop takes for a record."""

    def measure() -> float:
        cost: float = asyncio.run(_hand_loop.run(records, events=events, validate=validate, concurrency=concurrency))
        return cost

    return measure
