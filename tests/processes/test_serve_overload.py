"""More callers than there are places: what can be served is served as before, the rest hears so at once."""

import json
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

from tests.processes.conftest import install
from tests.processes.desk import HERE
from tests.processes.serving import new_key, served

if TYPE_CHECKING:
    from tests.processes.desk import Desk

pytest.importorskip("uvicorn")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

TAKES: Final = 0.1
PLACES: Final = 20
"""With answers that take a tenth of a second, 200 a second."""
TENANTS: Final = 4
"""One alone may hold three quarters of the places."""
OFFERED: Final = 2_000
PROVIDER: Final = f"""
    import asyncio
    from enrichcore.model import Hit, Number
    from enrichcore.plugins import Provider, hookimpl

    class Dawdler(Provider):
        name = "dawdler"

        @hookimpl
        async def phone_by_email(self, query):
            await asyncio.sleep({TAKES})
            return Hit(Number(f"+1 202 555 01{{int(query.email[1:].partition('@')[0]) % 100:02d}}"))
"""
CONFIG: Final = f"""
[engine]
providers = ["dawdler"]
[store]
url = "{{url}}"
[acceptance]
allow_fictional = true
max_people = 1000000
[service]
concurrency = {PLACES}
queue = {PLACES}
"""


@attrs.frozen
class House:
    """A server that takes its time."""

    process: "subprocess.Popen[bytes]"
    port: int
    keys: list[str]

    def crowd(self, **wish: Any) -> dict[str, Any]:
        """What a crowd sees."""
        told = json.dumps({"port": self.port, "keys": self.keys, **wish})
        done = subprocess.run([sys.executable, str(HERE / "load.py"), told], capture_output=True, text=True, check=True)
        seen: dict[str, Any] = json.loads(done.stdout)
        return seen

    @property
    def memory(self) -> int:
        """KiB that the server holds."""
        [size] = re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(size)


@pytest.fixture
def house(new_desk: Callable[..., "Desk"]) -> House:
    """A server with a few tenants."""
    desk = new_desk("sqlite")
    install(desk.folder / "plugins", "dawdling", PROVIDER, ["dawdler"])
    (desk.folder / "test.toml").write_text(CONFIG.format(url=desk.store.url))
    keys = [new_key(desk, f"tenant{n}") for n in range(TENANTS)]
    process, address = served(desk, workers=1)
    return House(process, int(address.rpartition(":")[2]), keys)


def flood(house: House, seconds: float) -> tuple[dict[str, Any], ...]:
    """What is seen before, at the peak, under ten times as much, and right after; and how much memory grew."""
    usual = house.crowd(first=0, rate=50, seconds=3)
    peak = house.crowd(first=10_000, callers=2 * PLACES, seconds=max(seconds / 6, 2))
    before = house.memory
    flooded = house.crowd(first=100_000, rate=OFFERED, seconds=seconds)
    growth = house.memory / before
    after = house.crowd(first=1_000_000, rate=50, seconds=3)
    for seen in (usual, peak, flooded, after):
        print(seen)
        assert seen["lost"] == 0
        assert sum(seen["statuses"].values()) == seen["asked"]
    print(f"memory {growth:.3f}")
    assert flooded["statuses"].keys() == {"200", "429"}
    for seen in (usual, peak, after):
        assert seen["statuses"].keys() == {"200"}
    return usual, peak, flooded, after, {"growth": growth}


def test_nobody_is_left_without_an_answer(house: House) -> None:
    """Under ten times of what can be served, some are served and all others refused; right after, nobody is."""
    flood(house, 2)


@pytest.mark.proof
def test_what_can_be_served_is_served_and_the_rest_hears_so_at_once(house: House) -> None:
    """A minute of it: nine tenths of the peak are served, a refusal takes 50 ms at most, and memory stays."""
    seconds = 60
    usual, peak, flooded, after, memory = flood(house, seconds)
    served_at_peak = peak["statuses"]["200"] / (seconds / 6)
    assert flooded["statuses"]["200"] / seconds >= 0.9 * served_at_peak
    assert flooded["p99"]["429"] <= 50
    assert memory["growth"] <= 1.25
    assert after["p50"]["200"] <= 1.5 * usual["p50"]["200"]


@pytest.fixture
def many_files() -> Iterator[None]:
    """A server may hold more than a thousand connections."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def beside(house: House, count: int, **wish: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What others see without slow callers, and beside so many of them."""
    alone = house.crowd(**wish)
    command = [sys.executable, str(HERE / "slow_callers.py"), str(house.port), house.keys[0], str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as slow:
        try:
            assert slow.stdout is not None
            assert slow.stdout.readline() == b"connected\n"
            return alone, house.crowd(**wish)
        finally:
            slow.kill()


@pytest.mark.parametrize(
    ("count", "pairs", "bar"), [(50, 1, None), pytest.param(1000, 9, 1.5, marks=pytest.mark.proof)]
)
def test_slow_callers_do_not_slow_others_down(
    many_files: None, house: House, count: int, pairs: int, bar: float | None
) -> None:
    """What is stored is given as quickly beside a thousand connections that send a byte a second."""
    wish = {"first": 0, "records": 100, "rate": 100}
    house.crowd(**wish, seconds=2)
    ratios = []
    for _ in range(pairs):
        alone, crowded = beside(house, count, **wish, seconds=1 if bar is None else 4)
        for seen in (alone, crowded):
            assert (seen["lost"], seen["statuses"]) == (0, {"200": seen["asked"]})
        ratios.append(crowded["p99"]["200"] / alone["p99"]["200"])
        print(alone["p50"], alone["p99"], crowded["p50"], crowded["p99"])
    print(f"p99 beside {count} slow callers: median {statistics.median(ratios):.2f} of {sorted(ratios)}")
    assert bar is None or statistics.median(ratios) <= bar
