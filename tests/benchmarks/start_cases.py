"""What a program pays before its first lookup: importing the package, and building an engine. Each in a new process."""

import json
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.pairs import Case, Pair

DEPENDENCIES = "attrs, cachetools, httpx, msgspec, phonenumbers, pluggy, structlog"
PROVIDERS = 12
_ROOT = Path(__file__).parents[2]

_IMPORTS = """
import json, time
start = time.process_time()
import {dependencies}
between = time.process_time()
import enrichcore
package = time.process_time()
from enrichcore import AsyncEngine, Contact
names = time.process_time()
print(json.dumps([between - start, package - between, names - between]))
"""

_CONSTRUCTION = """
import asyncio, json, time
from enrichcore import AsyncEngine
from enrichcore.model import Miss
from enrichcore.plugins import Bearer, Provider, hookimpl

class Vendor(Provider):
    key_env, auth, base_url, rate = "KEY", Bearer(), "https://api.vendor.example/v1", ["5/s", "5000/day"]

    @hookimpl
    async def phone_by_name(self, query, http):
        return Miss()

    @hookimpl
    async def phone_by_linkedin(self, query, http):
        return Miss()

    @hookimpl
    async def phone_by_email(self, query, http):
        return Miss()

vendors = [type(f"Vendor{{i}}", (Vendor,), {{"name": f"vendor{{i}}"}}) for i in range({providers})]

async def main():
    start = time.process_time()
    engine = AsyncEngine(providers=vendors, store="memory", env={{"KEY": "secret"}})
    built = time.process_time()
    async with engine:
        opened = time.process_time()
    assert len(engine.channels) == {providers}
    print(json.dumps([built - start, opened - start]))

asyncio.run(main())
"""


_ALL = """
import json, time
from enrichcore import AsyncEngine
start = time.process_time()
engine = AsyncEngine(store="memory", env={})
built = time.process_time()
assert not engine.registry.failures, engine.registry.failures
print(json.dumps([built - start, len(engine.registry.plugins)]))
"""


def _child(code: str) -> list[float]:
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, check=True, capture_output=True, text=True)
    seconds: list[float] = json.loads(done.stdout)
    return seconds


def _importing(which: int) -> Pair:
    """CPU milliseconds of what comes on top of the dependencies, and of the dependencies, from the same run."""

    def pair(_: bool) -> tuple[float, float]:
        seconds = _child(_IMPORTS.format(dependencies=DEPENDENCIES))
        return seconds[which] * 1e3, seconds[0] * 1e3

    return pair


def _constructing(which: int) -> Pair:
    """CPU milliseconds until an engine is there, as a multiple of one millisecond."""
    return lambda _: (_child(_CONSTRUCTION.format(providers=PROVIDERS))[which] * 1e3, 1.0)


def _all_installed(_: bool) -> tuple[float, float]:
    """CPU milliseconds until an engine has loaded every provider of this repository."""
    seconds, loaded = _child(_ALL)
    assert loaded >= len(list((_ROOT / "providers").glob("*/pyproject.toml")))
    return seconds * 1e3, 1.0


def cases(*, small: bool) -> list[Case]:
    """The cases."""
    return [
        Case("import", f"`import enrichcore` on top of its dependencies ÷ {DEPENDENCIES}", _importing(1), "ms", 0.4),
        Case("import-names", "the same and `from enrichcore import AsyncEngine, Contact`", _importing(2), "ms"),
        Case("construct", f"CPU ms to build an engine with {PROVIDERS} providers", _constructing(0), "ms", 150.0),
        Case(
            "construct-all",
            "CPU ms to build an engine that loads all providers of this repository",
            _all_installed,
            "ms",
            400.0,
        ),
        Case("construct-open", "CPU ms to build and open it", _constructing(1), "ms"),
    ]
