"""FrozenClock: nothing waits for real, and what waits for ever says so."""

import asyncio
import datetime as dt
import time

import pytest

from enrichcore.testing import FrozenClock, clock
from enrichcore.testing.clock import HastyClock, Stuck


def test_hours_pass_at_once_and_in_order() -> None:
    frozen = FrozenClock(start=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    ended: list[str] = []

    async def nap(name: str, seconds: float) -> None:
        await frozen.sleep(seconds)
        ended.append(name)

    async def work() -> float:
        await asyncio.gather(nap("late", 7200), nap("early", 3600))
        return frozen.monotonic()

    assert frozen.run(work()) == pytest.approx(7200)
    assert ended == ["early", "late"]
    assert frozen.wall() == pytest.approx(dt.datetime(2026, 1, 1, 2, tzinfo=dt.UTC).timestamp())


def test_time_stands_still_between_two_runs_unless_it_is_advanced() -> None:
    frozen = FrozenClock()

    async def look() -> float:
        return asyncio.get_running_loop().time()

    assert frozen.run(look()) == 0
    frozen.advance(90)
    assert frozen.run(look()) == frozen.monotonic() == 90


def test_a_timeout_ends_what_never_ends() -> None:
    async def wait() -> None:
        async with asyncio.timeout(1e6):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        FrozenClock().run(wait())


def test_who_waits_for_ever_without_a_timeout_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "PATIENCE", 0.05)

    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match="nothing will ever happen"):
        FrozenClock().run(wait())


def test_a_thread_gets_the_time_that_it_needs() -> None:
    """Timers do not run ahead of a thread that works."""
    frozen = FrozenClock()

    def slowly() -> str:
        time.sleep(0.02)
        return "done"

    async def work() -> str:
        async with asyncio.timeout(5):
            return await frozen.run_blocking(slowly)

    assert frozen.run(work()) == "done"
    assert frozen.now < 5
    frozen.close()


def test_a_hasty_clock_skips_most_of_a_sleep() -> None:
    hasty = HastyClock()
    before, wall, real = hasty.monotonic(), hasty.wall(), time.monotonic()
    asyncio.run(hasty.sleep(3600))
    assert hasty.monotonic() - before >= 3600
    assert hasty.wall() - wall >= 3600
    assert time.monotonic() - real < 3600


def test_a_hasty_clock_is_a_real_one_while_a_request_is_under_way() -> None:
    hasty = HastyClock()
    hasty.works = 1
    real, before = time.monotonic(), hasty.monotonic()
    asyncio.run(hasty.sleep(0.02))
    assert hasty.monotonic() - before <= time.monotonic() - real
