"""The virtual loop: time that jumps, order that a seed decides, processes that end without a word."""

import asyncio
import contextvars
import random
from collections.abc import Callable, Coroutine
from typing import Any

import attrs
import pytest

from tests.sim.loop import OWNER, STEP, Stuck, VirtualLoop


@attrs.define(eq=False)
class Somebody:
    dead: bool = False


def run(work: Callable[[VirtualLoop], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    loop = VirtualLoop(random.Random(options.pop("seed", 1)), **options)
    try:
        return loop.run_until_complete(work(loop))
    finally:
        loop.close()


def test_nobody_waits_for_time_to_pass() -> None:
    """A day of sleep takes a few steps; timeouts and timers agree with it."""

    async def scenario(loop: VirtualLoop) -> tuple[float, int]:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.sleep(86_400)
        assert loop.time() == pytest.approx(3600, abs=0.01)
        await asyncio.sleep(86_400)
        return loop.time(), loop.steps

    now, steps = run(scenario)
    assert now == pytest.approx(90_000, abs=0.01)
    assert steps < 20


async def _three(loop: VirtualLoop) -> list[int]:
    order: list[int] = []
    for number in range(6):
        loop.call_soon(order.append, number)
    await asyncio.sleep(0.1)
    return order


def test_the_seed_decides_the_order_of_what_is_ready() -> None:
    """The same seed gives the same order, seeds give different ones, and fifo gives asyncio's own."""
    orders = [tuple(run(_three, seed=seed)) for seed in range(20)]
    assert orders == [tuple(run(_three, seed=seed)) for seed in range(20)]
    assert len(set(orders)) > 10
    assert run(_three, fifo=True) == list(range(6))


def test_a_loop_that_only_spins_lets_time_pass() -> None:
    """Every callback takes a virtual microsecond, so that somebody's timer comes even then."""

    async def scenario(loop: VirtualLoop) -> int:
        turns = 0
        until = loop.time() + 100 * STEP
        while loop.time() < until:
            turns += 1
            await asyncio.sleep(0)
        return turns

    assert 90 <= run(scenario) <= 110


def test_a_killed_process_never_runs_again() -> None:
    """Neither its timers nor its `finally` blocks; they are kept for clearing away."""

    async def scenario(loop: VirtualLoop) -> list[str]:
        process, said = Somebody(), list[str]()

        async def work() -> None:
            try:
                said.append("begun")
                await asyncio.sleep(1)
                said.append("never")
            finally:
                said.append("cleared away")

        context = contextvars.Context()
        context.run(OWNER.set, process)
        task = loop.create_task(work(), context=context)
        await asyncio.sleep(0.5)
        process.dead = True
        await asyncio.sleep(5)
        assert said == ["begun"]
        task.cancel()
        await asyncio.sleep(5)
        assert said == ["begun"]
        loop.reap()
        await asyncio.sleep(5)
        return said

    assert run(scenario) == ["begun", "cleared away"]


@pytest.mark.parametrize("forever", [asyncio.Event().wait, lambda: asyncio.sleep(0)])
def test_what_never_ends_is_said(forever: Callable[[], Any]) -> None:
    """A deadlock and a livelock are both told."""

    async def scenario(loop: VirtualLoop) -> None:
        while True:
            await forever()

    loop = VirtualLoop(random.Random(1), most_steps=1000)
    task = loop.create_task(scenario(loop))
    with pytest.raises(Stuck, match=r"nothing is ready|more than 1,000 steps"):
        loop.run_until_complete(task)
    loop.reap()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()
