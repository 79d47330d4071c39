"""Admission: places, the queue, and whose turn it is."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.service.admission import Admission
from enrichcore.service.refusal import Refusal

if TYPE_CHECKING:
    from tests.service.conftest import House


def admission(house: "House", concurrency: int, queue: int) -> Admission:
    return Admission(concurrency=concurrency, queue=queue, runtime=house.runtime)


async def serve(gate: Admission, tenant: str, done: list[str], seconds: float = 1.0) -> None:
    try:
        await gate.enter(tenant, within=100.0)
    except Refusal:
        done.append(tenant + " refused")
        return
    await asyncio.sleep(seconds)
    gate.leave(tenant, seconds)
    done.append(tenant)


def test_turns_go_to_whoever_holds_fewest_places(house: "House") -> None:
    """Ten of one tenant came first, and yet the others alternate with it."""
    done: list[str] = []

    async def work() -> None:
        gate = admission(house, 1, 100)
        await asyncio.gather(*(serve(gate, tenant, done) for tenant in "a" * 10 + "bbb" + "c"))

    house.play(work)
    assert done == list("aabcababaaaaaa")


def test_one_tenant_never_holds_every_place(house: "House") -> None:
    async def work() -> tuple[int, int]:
        gate = admission(house, 8, 100)
        asked = [asyncio.ensure_future(serve(gate, "a", [])) for _ in range(20)]
        await asyncio.sleep(0.5)
        load = gate.load
        await asyncio.gather(*asked)
        assert gate.load == (0, 0)
        return load

    assert house.play(work) == (6, 14)


def test_the_longest_line_gives_way_when_the_queue_is_full(house: "House") -> None:
    """Its last one is refused, whoever comes with a shorter line waits instead; a tenant alone gives way to nobody."""
    done: list[str] = []

    async def work() -> None:
        gate = admission(house, 1, 4)
        await asyncio.gather(*(serve(gate, tenant, done) for tenant in "a" * 6 + "bbb"))

    house.play(work)
    assert sorted(done) == ["a", "a", "a", "a refused", "a refused", "a refused", "b", "b", "b refused"]


def test_a_full_queue_refuses_before_anything_is_read(house: "House") -> None:
    async def work() -> None:
        gate = admission(house, 1, 1)
        asked = [asyncio.ensure_future(serve(gate, "a", [])) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as refused:
            gate.check("a")
        assert refused.value.status == 429
        await asyncio.gather(*asked)
        gate.check("a")

    house.play(work)


@pytest.mark.parametrize("ahead", [0.5, 1.0, 1.5])
def test_a_place_is_never_lost_to_a_deadline_in_the_same_moment(house: "House", ahead: float) -> None:
    async def work() -> Any:
        gate = admission(house, 1, 4)
        holder = asyncio.ensure_future(serve(gate, "a", [], seconds=1.0))
        await asyncio.sleep(0)
        with contextlib.suppress(Refusal):
            await gate.enter("b", within=ahead)
            gate.leave("b", 0.0)
        await holder
        await gate.enter("c", within=0.0)
        return gate.load

    assert house.play(work) == (1, 0)


def test_the_time_to_come_back_grows_with_the_line_and_has_an_end(house: "House") -> None:
    async def work() -> list[int]:
        seen = []
        for queue in (1, 10, 1000):
            gate = admission(house, 1, queue)
            asked = [asyncio.ensure_future(serve(gate, "a", [], seconds=0.01)) for _ in range(queue + 1)]
            await asyncio.sleep(0)
            with pytest.raises(Refusal) as refused:
                gate.check("a")
            assert refused.value.retry_after is not None
            seen.append(refused.value.retry_after)
            await asyncio.gather(*asked)
        return seen

    short, long, longest = house.play(work)
    assert 1 <= short <= 4 < long <= 22 < longest <= 120
