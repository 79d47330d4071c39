"""The gate before every call: who may call at once, who waits, and that a probe's place is never lost."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.engine.admission import Admission
from enrichcore.engine.breaker import CONSECUTIVE, FIRST_COOL_DOWN, FIRST_PARK, State
from enrichcore.engine.channel import Channel
from enrichcore.engine.plan import Step
from enrichcore.engine.run import Run
from enrichcore.model import Credits, SkipReason

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


class Gate:
    """A gate in front of one provider."""

    def __init__(self, lab: "Lab", channel: Channel, step: Step) -> None:
        self.lab, self.channel, self.step = lab, channel, step
        self.closing = False
        self.admission = Admission(lab.runtime, lambda: self.closing)

    @property
    def health(self) -> Any:
        return self.channel.health

    def run(self, **options: Any) -> Run:
        return self.lab.run_of(started=self.lab.runtime.monotonic(), **options)

    async def admit(self, run: Run | None = None, **options: Any) -> SkipReason | None:
        return await self.admission.admit(run or self.run(**options), self.step, self.channel)

    def open(self) -> None:
        """Let the breaker open, and its cool-down pass by half."""
        now = self.lab.runtime.monotonic() - FIRST_COOL_DOWN / 2
        for _ in range(CONSECUTIVE):
            self.health.failed(now, now)


def at_the_gate(lab: "Lab", work: Callable[[Gate], Awaitable[Any]], **facts: Any) -> Any:
    """What `work` comes to at the gate of a paid provider with these facts."""
    balance = facts.pop("balance", None)
    provider = lab.paid({}, **({"typical": 2.0} | facts))
    if balance is not None:
        vars(provider)["balance"] = balance

    async def play() -> Any:
        async with lab.engine(provider) as engine:
            return await work(Gate(lab, engine.channels["paid"], engine.plan.steps[0]))

    return lab.play(play)


def test_with_nothing_in_the_way_a_call_starts_at_once(lab: "Lab") -> None:
    async def work(gate: Gate) -> tuple[Any, float]:
        return await gate.admit(deadline=8.0), lab.now()

    assert at_the_gate(lab, work) == (None, 0.0)


@pytest.mark.parametrize(("left", "expected"), [(2.1, None), (1.9, SkipReason.NO_TIME), (0.0, SkipReason.NO_TIME)])
def test_no_paid_call_starts_with_less_time_left_than_it_usually_takes(
    lab: "Lab", left: float, expected: SkipReason | None
) -> None:
    async def work(gate: Gate) -> Any:
        return await gate.admit(deadline=left)

    assert at_the_gate(lab, work) is expected


def test_a_free_call_may_use_the_last_second(lab: "Lab") -> None:
    async def work() -> Any:
        async with lab.engine(lab.free({}, typical=2.0)) as engine:
            gate = Gate(lab, engine.channels["free"], engine.plan.steps[0])
            return [await gate.admit(deadline=0.5), await gate.admit(deadline=0.0)]

    assert lab.play(work) == [None, SkipReason.NO_TIME]


def test_a_rate_limit_is_waited_for_when_it_fits_and_else_no_place_is_taken(lab: "Lab") -> None:
    async def work(gate: Gate) -> list[Any]:
        told: list[Any] = [await gate.admit(deadline=60.0) for _ in range(2)]
        told += [lab.now(), await gate.admit(deadline=11.0), lab.now()]
        return [*told, await gate.admit(deadline=60.0), lab.now()]

    # The third call could start at 20 s: with its usual 2 s that is too late for a deadline at 21 s.
    assert at_the_gate(lab, work, rate=["1/10s"]) == [None, None, 10.0, SkipReason.PACED, 10.0, None, 20.0]


@pytest.mark.parametrize(("deadline", "expected"), [(13.0, None), (11.0, SkipReason.PACED), (None, None)])
def test_a_paced_provider_is_waited_for_when_wait_and_call_fit(
    lab: "Lab", deadline: float | None, expected: SkipReason | None
) -> None:
    async def work(gate: Gate) -> tuple[Any, float]:
        gate.health.pace(lab.runtime.monotonic() + 10.0)
        return await gate.admit(deadline=deadline), lab.now()

    reason, waited = at_the_gate(lab, work)
    assert reason is expected
    assert (10.0 <= waited <= 10.6) if expected is None else waited == 0.0


def test_a_bulk_run_says_what_it_waits_for(lab: "Lab") -> None:
    slots = lab.Slots()

    async def work(gate: Gate) -> None:
        gate.health.pace(lab.runtime.monotonic() + 10.0)
        await gate.admit(slots=slots)
        await gate.admit(slots=slots)

    at_the_gate(lab, work, rate=["1/min"])
    (first, second) = slots.said
    assert first == ("paid", SkipReason.PACED, 10.0)
    assert second[:2] == ("paid", SkipReason.PACED)
    assert 55 < second[2] <= 60


@pytest.mark.parametrize("state", ["open", "parked", "suspended"])
def test_what_no_short_wait_heals_is_refused_at_once(lab: "Lab", state: str) -> None:
    async def work(gate: Gate) -> tuple[Any, float]:
        if state == "open":
            gate.open()
        elif state == "parked":
            gate.health.park(lab.runtime.monotonic())
        else:
            gate.health.suspend("key_refused")
        return await gate.admit(), lab.now()

    assert at_the_gate(lab, work) == (SkipReason(state), 0.0)


@pytest.mark.parametrize("how", ["stop", "closing"])
@pytest.mark.parametrize("waits_for", ["rate", "pace"])
def test_whoever_waits_notices_within_a_second_that_nobody_waits_for_it(lab: "Lab", how: str, waits_for: str) -> None:
    async def work(gate: Gate) -> tuple[Any, float]:
        if waits_for == "rate":
            await gate.admit()
        else:
            gate.health.pace(lab.runtime.monotonic() + 3600.0)
        run = gate.run()
        waiting = asyncio.create_task(gate.admit(run))
        await asyncio.sleep(100)
        assert not waiting.done()
        if how == "stop":
            run.stop = True
        else:
            gate.closing = True
        return await waiting, lab.now()

    reason, at = at_the_gate(lab, work, rate=["1/h"])
    assert reason is SkipReason.STOPPED
    assert at <= 101.0


def test_a_probe_that_waits_for_the_rate_limit_keeps_its_place(lab: "Lab") -> None:
    async def work(gate: Gate) -> Any:
        await gate.admit()  # takes the place of this minute
        gate.open()
        await asyncio.sleep(FIRST_COOL_DOWN)
        probe = asyncio.create_task(gate.admit())
        await asyncio.sleep(1)
        assert await gate.admit() is SkipReason.OPEN, "one probe at a time"
        return await probe, gate.health.state

    assert at_the_gate(lab, work, rate=["1/min"]) == (None, State.OPEN)


async def no_rate(gate: Gate) -> None:
    assert await gate.admit(deadline=10.0) is SkipReason.PACED


async def stopped(gate: Gate) -> None:
    run = gate.run()
    waiting = asyncio.create_task(gate.admit(run))
    await asyncio.sleep(1)
    run.stop = True
    assert await waiting is SkipReason.STOPPED


async def cancelled(gate: Gate) -> None:
    waiting = asyncio.create_task(gate.admit())
    await asyncio.sleep(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize("end", [no_rate, stopped, cancelled])
def test_a_probe_that_does_not_call_gives_its_place_back(lab: "Lab", end: Callable[[Gate], Awaitable[None]]) -> None:
    async def work(gate: Gate) -> Any:
        await gate.admit()
        gate.open()
        await asyncio.sleep(FIRST_COOL_DOWN)
        await end(gate)
        assert not gate.health.probing
        await asyncio.sleep(60)
        return await gate.admit()

    assert at_the_gate(lab, work, rate=["1/min"]) is None


# --- a parked account asks for its balance first ----------------------------------------------------------------------


def saying(remaining: Any) -> Callable[[Any], Awaitable[Any]]:
    async def balance(http: Any) -> Any:
        if isinstance(remaining, BaseException):
            raise remaining
        return remaining

    return balance


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        (Credits(remaining=Decimal(5)), True),
        (Credits(remaining=None), True),
        (None, True),
        (Credits(remaining=Decimal(0)), False),
        (Credits(remaining=Decimal(-3)), False),
        (RuntimeError("not yet written"), True),
        (SystemExit(1), True),
        ("garbage", True),
        (Credits(remaining="lots"), True),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_a_balance_above_zero_or_no_free_way_to_ask_lets_one_call_through(lab: "Lab", said: Any, passes: bool) -> None:
    async def work(gate: Gate) -> Any:
        gate.health.park(lab.runtime.monotonic())
        await asyncio.sleep(FIRST_PARK)
        return [await gate.admit(), await gate.admit()]

    assert at_the_gate(lab, work, balance=saying(said)) == [None if passes else SkipReason.PARKED, SkipReason.PARKED]


def test_an_empty_account_is_looked_at_less_and_less_often(lab: "Lab") -> None:
    asked: list[float] = []

    async def balance(http: Any) -> Credits:
        asked.append(lab.now())
        return Credits(remaining=Decimal(0))

    async def work(gate: Gate) -> None:
        gate.health.park(lab.runtime.monotonic())
        for _ in range(500):
            await asyncio.sleep(1)
            await gate.admit()

    at_the_gate(lab, work, balance=balance)
    assert asked == [60.0, 180.0, 420.0]


def test_a_balance_that_hangs_does_not_cost_the_deadline(lab: "Lab") -> None:
    async def balance(http: Any) -> None:
        await asyncio.sleep(3600)

    async def work(gate: Gate) -> tuple[Any, float]:
        gate.health.park(lab.runtime.monotonic())
        await asyncio.sleep(FIRST_PARK)
        began = lab.now()
        reason = await gate.admit(deadline=8.0)
        return reason, lab.now() - began

    assert at_the_gate(lab, work, balance=balance) == (None, 6.0), "the usual 2 s are left for the call itself"


def test_a_vendor_that_refuses_to_tell_its_balance_stays_parked(lab: "Lab") -> None:
    """The request was made and failed: that is no sign of credits."""
    remote = lab.Remote()

    async def balance(http: Any) -> None:
        await http.get("/account")

    vars(remote)["balance"] = balance

    async def work() -> Any:
        async with lab.engine(remote, transport=lab.Wires((401, b"{}"))) as engine:
            gate = Gate(lab, engine.channels["remote"], engine.plan.steps[0])
            gate.health.park(lab.runtime.monotonic())
            await asyncio.sleep(FIRST_PARK)
            return await gate.admit(), gate.health.state

    assert lab.play(work) == (SkipReason.PARKED, State.PARKED)
