"""Runtime: the one place where time, chance and threads are real."""

import asyncio
import random
import threading
import time

import pytest

from enrichcore.runtime import Runtime


def test_the_clocks_are_those_of_the_system() -> None:
    runtime = Runtime()
    before = time.monotonic(), time.time()
    assert before[0] <= runtime.monotonic() <= time.monotonic()
    assert before[1] <= runtime.wall() <= time.time()


def test_chance_comes_from_the_system_unless_a_replay_is_asked_for() -> None:
    assert isinstance(Runtime().rng, random.SystemRandom)
    one, other = Runtime(seed=7), Runtime(seed=7)
    assert [one.rng.random() for _ in range(5)] == [other.rng.random() for _ in range(5)]


def test_sleeping_lets_others_work() -> None:
    async def work() -> list[str]:
        told: list[str] = []

        async def other() -> None:
            told.append("other")

        task = asyncio.create_task(other())
        await Runtime().sleep(0)
        told.append("slept")
        await task
        return told

    assert asyncio.run(work()) == ["other", "slept"]


def test_a_blocking_call_has_a_thread_of_its_own_and_the_loop_goes_on() -> None:
    runtime = Runtime(threads=1)
    gate = threading.Event()

    def block(number: int) -> tuple[int, str]:
        gate.wait(10)
        return number, threading.current_thread().name

    async def work() -> tuple[int, str]:
        task = asyncio.create_task(runtime.run_blocking(block, 5))
        await asyncio.sleep(0)
        gate.set()  # only a loop that goes on gets here
        return await task

    number, thread = asyncio.run(work())
    assert number == 5
    assert thread.startswith("enrichcore")
    runtime.close()


def test_what_a_blocking_call_raises_is_raised() -> None:
    runtime = Runtime()
    with pytest.raises(ZeroDivisionError):
        asyncio.run(runtime.run_blocking(lambda: 1 // 0))
    runtime.close()


def test_closing_twice_or_unused_is_fine_and_a_call_afterwards_opens_again() -> None:
    runtime = Runtime()
    runtime.close()
    assert asyncio.run(runtime.run_blocking(lambda: 1)) == 1
    runtime.close()
    runtime.close()


def test_closing_does_not_wait_for_a_call_that_hangs() -> None:
    runtime = Runtime(threads=1)
    began, gate = threading.Event(), threading.Event()

    async def work() -> None:
        def block() -> None:
            began.set()
            gate.wait(10)

        task = asyncio.create_task(runtime.run_blocking(block))
        assert await asyncio.to_thread(began.wait, 10)
        runtime.close()
        assert not task.done()
        gate.set()
        await task

    asyncio.run(work())
