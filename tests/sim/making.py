"""What a seed means: the scenario that it stands for."""

import random
from decimal import Decimal

from enrichcore.engine.suppression import Entry, Kind
from enrichcore.model import Budget, Contact, Price
from enrichcore.model.budget import ProviderBudget
from tests.sim.history import DAY
from tests.sim.mishap import Trouble
from tests.sim.people import EVERYONE, Case, Human, make_case, make_twin
from tests.sim.scenario import (
    ROUGH,
    Action,
    Batch,
    End,
    Expire,
    Forget,
    Jump,
    Look,
    Scenario,
    Strike,
    Suppress,
    Unsuppress,
    VendorPlan,
)
from tests.sim.suppliers import METHODS
from tests.sim.vendor import HOOK_FAULTS, LOOKUP_FAULTS, Fault, Outage, Truth

_KINDS = tuple(Kind)
STRIKES = ("leave", "leave", "leave", "kill", "force", "close")


def make(seed: int) -> Scenario:
    """The scenario of a seed."""
    rng = random.Random(f"scenario {seed}")
    busy = rng.random() < 0.1  # few vendors and many different people, so that states change many times
    people = rng.sample(EVERYONE, 14 if busy else rng.randint(1, 5))
    roughness = rng.choice((0.3, 0.6) if busy else (0.0, 0.05, 0.15, 0.3, 0.6))
    vendors = tuple(_vendor(rng, name, people, roughness) for name in _names(rng, most=2 if busy else 4))
    slots = 1 if busy else rng.choice((1, 1, 2, 2, 3))
    two = slots > 1 and rng.random() < 0.3
    cases = [make_case(rng, rng.choice(people), serial) for serial in range(14 if busy else rng.randint(2, 6))]
    cases += [twin for case in cases if rng.random() < 0.3 and (twin := make_twin(case)) is not None]
    grouped = rng.random() < 0.6
    budget = _budget(rng, [v.name for v in vendors])
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
        actions=tuple(_actions(rng, slots, tuple(cases), lookups=24 if busy else rng.randint(3, 15))),
        later=rng.choice((2.0, 15.0, 95.0)) if rng.random() < 0.15 else None,
        patient=rng.random() < 0.5,
        reserve=rng.choice((10.0, 10.0, 3.0, 1.0)),
        budget=budget,
        lifted=rng.random() < 0.7,
        decides=rng.random() < 0.2,
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


def _vendor(rng: random.Random, name: str, people: list[Human], roughness: float) -> VendorPlan:
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
        truth={human.number: _truth(rng) for human in people},
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
        credit_price=Decimal(rng.choice(("0.10", "0.10", "0.07", "0.333333333"))),
    )


def _budget(rng: random.Random, names: list[str]) -> Budget:
    """A few limits, small enough to be reached by a handful of calls; now and then none at all."""
    if rng.random() < 0.4:
        return Budget()

    def limit(share: float, least: int, most: int) -> Decimal | None:
        return Decimal(rng.randint(least, most)) / 10 if rng.random() < share else None

    return Budget(
        run=limit(0.4, 2, 30),
        record=limit(0.4, 2, 15),
        hour=limit(0.2, 5, 40),
        day=limit(0.3, 5, 40),
        month=limit(0.1, 5, 40),
        providers={
            name: ProviderBudget(run=limit(0.4, 2, 20), hour=limit(0.2, 3, 20), day=limit(0.4, 3, 20))
            for name in names
            if rng.random() < 0.25
        },
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
    if rng.random() < 0.25:
        actions += _wishes(rng, slots, cases)
    if rng.random() < 0.1:
        actions.append(Expire(at=rng.uniform(1.0, ROUGH), slot=rng.randrange(slots)))
    return sorted(actions, key=lambda action: action.at)


def _wishes(rng: random.Random, slots: int, cases: tuple[Case, ...]) -> list[Action]:
    """Somebody does not want to be looked up, or to be forgotten; mostly one of those who are being asked for."""
    wishes: list[Action] = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        human = rng.choice([case.human for case in cases if case.human is not None])
        at, slot = rng.uniform(0.5, ROUGH), rng.randrange(slots)
        if rng.random() < 0.5:
            entry = _entry(rng, human)
            wishes.append(Suppress(at=at, slot=slot, entry=entry, human=human))
            if rng.random() < 0.4:
                end = rng.uniform(at, ROUGH) if rng.random() < 0.8 else at
                wishes.append(Unsuppress(at=end, slot=rng.randrange(slots), entry=entry, human=human))
        else:
            contact = Contact(
                record_id=rng.choice([c.contact.record_id for c in cases if c.human is human]),
                first_name=human.first,
                last_name=human.last,
                company=human.company,
                domain=human.domain,
                email=human.email,
                linkedin_id=human.linkedin,
            )
            wishes.append(Forget(at=at, slot=slot, contact=contact, human=human))
    return wishes


def _entry(rng: random.Random, human: Human) -> Entry:
    kind = rng.choice(_KINDS)
    if kind is Kind.NAME_AND_DOMAIN:
        return Entry.named(human.name, human.domain)
    value = {
        Kind.PHONE: rng.choice((human.mobile, human.landline)),
        Kind.EMAIL: human.email,
        Kind.LINKEDIN_ID: human.linkedin,
        Kind.DOMAIN: human.domain,
    }[kind]
    return Entry(kind, value)


def _look(rng: random.Random, at: float, slots: int, case: Case) -> Look:
    return Look(
        at=at,
        slot=rng.randrange(slots),
        case=case,
        mobile=rng.random() < 0.2,
        deadline=rng.choice((None, 60.0, 60.0, 20.0, 8.0, 4.0, 1.0)),
        refresh=rng.random() < 0.1,
        max_age=rng.choice((0.0, 5.0, 3600.0, DAY)) if rng.random() < 0.1 else None,
        leaves=rng.choice((0.0, 0.2, 1.0, 4.0)) * rng.random() if rng.random() < 0.15 else None,
        strike=_strike(rng) if rng.random() < 0.1 else None,
    )


def _strike(rng: random.Random) -> Strike:
    return Strike(step=rng.choice((rng.randint(1, 8), rng.randint(1, 40))), kind=rng.choice(STRIKES))


def _batch(rng: random.Random, at: float, slots: int, cases: tuple[Case, ...]) -> Batch:
    # A result does not say which of two contacts with one record_id it is for, so that only one of them takes part.
    chosen: dict[str, Case] = {}
    rows = tuple(
        chosen.setdefault(case.record[0], case) for case in (rng.choice(cases) for _ in range(rng.randint(1, 8)))
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
        run=rng.choice((None, "r1", "r1", "r2")),
    )
