"""What a seed means: which vendors there are, how they fail, who asks for whom and when, and which processes die."""

import random
from decimal import Decimal
from typing import Final

import attrs

from enrichcore.model import Price
from tests.sim.history import DAY
from tests.sim.mishap import Trouble
from tests.sim.people import EVERYONE, Case, make_case, make_twin
from tests.sim.suppliers import METHODS
from tests.sim.vendor import HOOK_FAULTS, LOOKUP_FAULTS, Fault, Outage, Truth

ROUGH: Final = 30.0
"""Virtual seconds in which things go wrong."""


@attrs.frozen(kw_only=True)
class VendorPlan:
    """One vendor."""

    name: str
    price: Price
    truth: dict[int, Truth]
    latency: tuple[float, float]
    faults: float
    kinds: tuple[Fault, ...]
    outages: tuple[Outage, ...]
    tells_credits: bool
    timeout: float
    retention: int | None
    rates: tuple[str, ...]
    credits: Decimal | None
    """What every tenant's account holds until everything is repaired."""
    key_breaks: float | None
    """When the vendor stops knowing the key."""


@attrs.frozen(kw_only=True)
class Look:
    """One lookup."""

    at: float
    slot: int
    case: Case
    mobile: bool = False
    deadline: float | None = None
    refresh: bool = False
    max_age: float | None = None
    leaves: float | None = None
    """Seconds after which the caller goes away."""


@attrs.frozen(kw_only=True)
class Batch:
    """One bulk run."""

    at: float
    slot: int
    cases: tuple[Case, ...]
    bad: int = 0
    concurrency: int = 3
    ordered: bool = False
    slow_reader: float = 0.0
    as_stream: bool = False
    mobile: bool = False
    stop_after: int | None = None
    refresh: bool = False


@attrs.frozen(kw_only=True)
class End:
    """The end of a process: `kill`, `close` or `force`; another one takes its place after a while."""

    at: float
    slot: int
    kind: str
    linger: float = 0.0
    away: float = 1.0


@attrs.frozen(kw_only=True)
class Jump:
    """All wall clocks jump."""

    at: float
    seconds: float


Action = Look | Batch | End | Jump


@attrs.frozen(kw_only=True)
class Scenario:
    """Everything that a seed decides beforehand."""

    seed: int
    fifo: bool
    vendors: tuple[VendorPlan, ...]
    tenants: tuple[str, ...]
    """The tenant of each process slot."""
    latency: float | None
    troubles: tuple[Trouble | None, ...]
    typical: float
    order: tuple[str, ...] | None
    cases: tuple[Case, ...]
    actions: tuple[Action, ...]
    later: float | None
    """Days after which everybody asks once more."""
    reserve: float
    """The retries that a provider has beyond its share: few, so that the budget is felt."""
    patient: bool
    """Whether the last questions are asked in bulk."""


def make(seed: int) -> Scenario:
    """The scenario of a seed."""
    rng = random.Random(f"scenario {seed}")
    busy = rng.random() < 0.1  # few vendors and many different people, so that states change many times
    people = rng.sample(EVERYONE, 16 if busy else rng.randint(1, 6))
    roughness = rng.choice((0.3, 0.6) if busy else (0.0, 0.05, 0.15, 0.3, 0.6))
    vendors = tuple(_vendor(rng, name, roughness) for name in _names(rng, most=2 if busy else 4))
    slots = 1 if busy else rng.choice((1, 1, 2, 2, 3))
    two = slots > 1 and rng.random() < 0.3
    cases = [make_case(rng, rng.choice(people), serial) for serial in range(16 if busy else rng.randint(2, 8))]
    cases += [twin for case in cases if rng.random() < 0.3 and (twin := make_twin(case)) is not None]
    grouped = rng.random() < 0.6
    return Scenario(
        seed=seed,
        fifo=rng.random() < 0.25,
        vendors=vendors,
        tenants=tuple("globex" if two and slot == slots - 1 else "default" for slot in range(slots)),
        latency=rng.choice((0.0, 0.002, 0.02)) if grouped else None,
        troubles=tuple(_trouble(rng) for _ in range(slots)),
        typical=rng.choice((0.0, 0.5, 2.0)),
        order=tuple(rng.sample([v.name for v in vendors], len(vendors))) if rng.random() < 0.3 else None,
        cases=tuple(cases),
        actions=tuple(_actions(rng, slots, tuple(cases), lookups=30 if busy else rng.randint(3, 20))),
        later=rng.choice((2.0, 15.0, 95.0)) if rng.random() < 0.15 else None,
        patient=rng.random() < 0.5,
        reserve=rng.choice((10.0, 10.0, 3.0, 1.0)),
    )


def _names(rng: random.Random, *, most: int) -> list[str]:
    chosen = rng.sample([name for name in METHODS if name != "home"], rng.randint(1, most))
    return (["home"] if rng.random() < 0.25 else []) + chosen


def _price(rng: random.Random, name: str) -> Price:
    if name in ("home", "esker"):
        return Price.free()
    if name == "borea":
        return Price.per_match(1, repeats_free_days=30)
    if name == "cumulo":
        return Price.per_attempt(2)
    if name == "delta":
        return rng.choice((Price.per_hit(5), Price.per_attempt(1, errors_billed=False)))
    return rng.choice((Price.per_hit(5), Price.per_hit(3), Price.per_match(2), Price.per_hit(4, errors_billed=True)))


def _vendor(rng: random.Random, name: str, roughness: float) -> VendorPlan:
    kinds = rng.sample(LOOKUP_FAULTS, rng.randint(1, 6))
    if rng.random() < 0.3:
        kinds.append(rng.choice(HOOK_FAULTS))
    outages = []
    if roughness and rng.random() < 0.35:
        start = rng.uniform(0.0, ROUGH * 0.6)
        down = (Fault.REFUSED, Fault.BROKEN, Fault.HANG, Fault.LIMITED, Fault.RESET, Fault.CUT, Fault.LOST)
        faults = tuple(rng.sample(down, rng.choice((1, 1, 2))))
        share = rng.choice((1.0, 1.0, 0.6))
        outages.append(Outage(start=start, end=start + rng.uniform(3.0, ROUGH), faults=faults, share=share))
    return VendorPlan(
        name=name,
        price=_price(rng, name),
        truth={human.number: _truth(rng) for human in EVERYONE},
        latency=rng.choice(((0.01, 0.2), (0.05, 0.8), (0.3, 3.0))),
        faults=roughness * rng.choice((0.0, 1.0, 1.5)),
        kinds=tuple(kinds),
        outages=tuple(outages),
        tells_credits=rng.random() < 0.4,
        timeout=rng.choice((3.0, 8.0)),
        retention=rng.choice((None, None, 7, 30)),
        rates=rng.choice(((), (), (), ("5/s",), ("2/s", "20/min"), ("4/5s",))),
        credits=Decimal(rng.randint(0, 12)) if roughness and rng.random() < 0.2 else None,
        key_breaks=rng.uniform(0.0, ROUGH) if roughness and rng.random() < 0.1 else None,
    )


def _truth(rng: random.Random) -> Truth:
    kinds = rng.choice(((), (), ("mobile",), ("mobile",), ("landline",), ("landline", "mobile")))
    return Truth(kinds, profile=rng.random() < 0.5, says=rng.random() < 0.5, style=rng.randrange(2))


def _trouble(rng: random.Random) -> Trouble | None:
    if rng.random() > 0.25:
        return None
    return Trouble(at=rng.randint(1, 60), kind=rng.choice(("fail", "before", "after", "after")))


def _actions(rng: random.Random, slots: int, cases: tuple[Case, ...], *, lookups: int) -> list[Action]:
    actions: list[Action] = []
    crowded = rng.random() < 0.5
    for _ in range(lookups):
        at = rng.choice((0.0, 0.0, 1.0, 6.0, 12.0)) if crowded else rng.uniform(0.0, ROUGH)
        actions.append(_look(rng, at + rng.random() * 0.5, slots, rng.choice(cases)))
    batches = rng.choice((0, 0, 1, 1, 2))
    actions += [_batch(rng, rng.uniform(0.0, ROUGH * 0.5), slots, cases) for _ in range(batches)]
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        kind = rng.choice(("kill", "kill", "close", "force"))
        linger, away = rng.choice((0.0, 2.0, 20.0)), rng.choice((0.0, 1.0, 5.0))
        actions.append(End(at=rng.uniform(0.1, ROUGH), slot=rng.randrange(slots), kind=kind, linger=linger, away=away))
    if rng.random() < 0.15:
        jump = rng.choice((3600.0, -3600.0, 2 * DAY, 15 * DAY, 100 * DAY))
        actions.append(Jump(at=rng.uniform(1.0, ROUGH), seconds=jump))
    return sorted(actions, key=lambda action: action.at)


def _look(rng: random.Random, at: float, slots: int, case: Case) -> Look:
    return Look(
        at=at,
        slot=rng.randrange(slots),
        case=case,
        mobile=rng.random() < 0.2,
        deadline=rng.choice((None, 60.0, 60.0, 20.0, 8.0, 4.0, 1.0)),
        refresh=rng.random() < 0.1,
        max_age=rng.choice((0.0, 5.0, 3600.0, DAY)) if rng.random() < 0.1 else None,
        leaves=rng.choice((0.0, 0.2, 1.0, 4.0)) * rng.random() if rng.random() < 0.2 else None,
    )


def _batch(rng: random.Random, at: float, slots: int, cases: tuple[Case, ...]) -> Batch:
    # A result does not say which of two contacts with one record_id it is for, so that only one of them takes part.
    chosen: dict[str, Case] = {}
    rows = tuple(
        chosen.setdefault(case.record[0], case) for case in (rng.choice(cases) for _ in range(rng.randint(1, 12)))
    )
    return Batch(
        at=at,
        slot=rng.randrange(slots),
        cases=rows,
        bad=rng.choice((0, 0, 1)),
        concurrency=rng.choice((1, 2, 4, 10)),
        ordered=rng.random() < 0.4,
        slow_reader=rng.choice((0.0, 0.0, 0.5)),
        as_stream=rng.random() < 0.3,
        mobile=rng.random() < 0.2,
        stop_after=rng.randrange(len(rows)) if rng.random() < 0.15 else None,
        refresh=rng.random() < 0.05,
    )
