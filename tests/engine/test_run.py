"""One enrichment in progress: its deadline, and handing its outcome to everybody who waits."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from enrichcore.errors import EngineClosed
from enrichcore.model import PhoneResult, Status

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

RESULT = PhoneResult(record_id="1", status=Status.NOT_FOUND)


@pytest.mark.parametrize(("deadline", "seconds", "fits"), [(None, 1e12, True), (8.0, 7.9, True), (8.0, 8.0, False)])
def test_a_wait_fits_when_it_leaves_any_time_before_the_deadline(
    lab: "Lab", deadline: float | None, seconds: float, fits: bool
) -> None:
    run = lab.run_of(deadline=deadline, started=100.0)
    assert run.fits(100.0, seconds) is fits


def test_every_waiter_gets_the_same_outcome_once(lab: "Lab") -> None:
    async def work() -> list[PhoneResult]:
        run = lab.run_of()
        waiters = [asyncio.get_running_loop().create_future() for _ in range(3)]
        run.waiters += waiters
        waiters[0].cancel()
        run.finish(RESULT)
        run.finish(EngineClosed("too late"))
        assert run.finished is RESULT
        assert run.waiters == []
        return [await waiter for waiter in waiters[1:]]

    assert lab.play(work) == [RESULT, RESULT]


def test_an_error_reaches_every_waiter(lab: "Lab") -> None:
    async def work() -> None:
        run = lab.run_of()
        waiters = [asyncio.get_running_loop().create_future() for _ in range(2)]
        run.waiters += waiters
        run.finish(EngineClosed("closed"))
        for waiter in waiters:
            with pytest.raises(EngineClosed, match="closed"):
                await waiter

    lab.play(work)
