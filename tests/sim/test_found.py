"""What the simulator found in the engine, each as the smallest scenario that shows it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from enrichcore.engine.breaker import Health, State
from enrichcore.engine.suppression import Entry
from enrichcore.model import Budget, Contact, Price, SkipReason
from tests.sim.people import EVERYONE, Case, make_twin
from tests.sim.play import Report, play_scenario
from tests.sim.scenario import Action, Batch, End, Forget, Look, Scenario, Strike, Suppress, VendorPlan
from tests.sim.vendor import Fault, Outage, Truth

ADA = EVERYONE[3]
BY_EMAIL = Case.of(Contact(record_id="rec-zq-1", email=ADA.email, first_name=ADA.first, last_name=ADA.last), ADA)
BY_NAME = Case.of(Contact(record_id="rec-zq-2", first_name=ADA.first, last_name=ADA.last, company=ADA.company), ADA)


BY_BOTH = Case.of(
    Contact(record_id="rec-zq-3", first_name=ADA.first, last_name=ADA.last, company=ADA.company, email=ADA.email), ADA
)


def vendor(name: str, *faults: Fault, until: float = 30.0, **facts: Any) -> VendorPlan:
    """A vendor that knows nobody and answers at once; every request meets one of `faults`."""
    outages = (Outage(start=0.0, end=until, faults=faults),) if faults else ()
    plain: dict[str, Any] = {
        "name": name,
        "price": Price.per_hit(5),
        "truth": {human.number: Truth() for human in EVERYONE},
        "latency": (0.1, 0.2),
        "faults": 0.0,
        "kinds": (),
        "outages": outages,
        "tells_credits": False,
        "timeout": 8.0,
        "retention": None,
        "rates": (),
        "credits": None,
        "key_breaks": None,
    }
    return VendorPlan(**{**plain, **facts})


def scene(vendors: Sequence[VendorPlan], actions: Sequence[Action], **facts: Any) -> Report:
    """Play it: no rule may be broken."""
    cases = [case for a in actions for case in ((a.case,) if isinstance(a, Look) else getattr(a, "cases", ()))]
    plain: dict[str, Any] = {
        "seed": 1,
        "fifo": False,
        "vendors": tuple(vendors),
        "tenants": ("default",),
        "latency": None,
        "troubles": (None, None, None),
        "typical": 0.0,
        "order": None,
        "cases": tuple(dict.fromkeys(cases)),
        "actions": tuple(actions),
        "later": None,
        "reserve": 10.0,
        "patient": False,
    }
    report = play_scenario(Scenario(**{**plain, **facts}))
    assert not report.violations, "\n".join([*report.trace, str(report.violations)])
    return report


def before(report: Report, second: float) -> list[str]:
    """What happened before a virtual second."""
    return [line.split(" ", 1)[1] for line in report.trace if float(line.split(" ", 1)[0]) < second]


def test_who_leaves_while_the_intent_is_written_pays_nothing() -> None:
    """The intent is taken back: no call starts, and the next caller is not told that something is in doubt."""
    look = Look(at=1.0, slot=0, case=BY_EMAIL, leaves=0.001)
    report = scene([vendor("acme")], [look], latency=1.0)
    early = before(report, 19.0)
    assert any("settles" in line and "skipped stopped" in line for line in early)
    assert not any(line.startswith("call") for line in early)


def test_a_deadline_that_passes_while_the_intent_is_written_starts_no_call() -> None:
    """Time is looked at again once the intent is durable."""
    report = scene([vendor("acme")], [Look(at=1.0, slot=0, case=BY_EMAIL, deadline=0.01)], latency=1.0)
    early = before(report, 19.0)
    assert "request 0 of p0 ends: incomplete no_time None" in early
    assert not any(line.startswith("call") for line in early)


def test_a_slow_reader_of_a_bulk_run_costs_no_work() -> None:
    """The end of a run waits for its reader without turning the loop all the time."""
    report = scene([vendor("acme")], [Batch(at=1.0, slot=0, cases=(BY_EMAIL,) * 12, concurrency=1, slow_reader=2.0)])
    assert report.steps < 2000


def test_a_plugin_that_never_comes_back_holds_up_no_other_process() -> None:
    """Its question is in doubt once it is given up, so that another process's run goes on."""
    deaf = vendor("acme", Fault.DEAF, until=2.0, timeout=3.0)
    actions: list[Action] = [Look(at=1.0, slot=0, case=BY_EMAIL), Batch(at=5.0, slot=1, cases=(BY_EMAIL,))]
    report = scene([deaf], actions, tenants=("default", "default"))
    assert any("request 1 of p1 ends" in line for line in before(report, 12.0))


def test_a_later_caller_has_its_own_deadline() -> None:
    """Joining a run that ends too early takes nothing from the time that one asked for, and adds nothing to it."""
    deadlines = {1.0: 4.0, 2.0: 4.0, 3.0: 10.0}
    actions = [Look(at=at, slot=0, case=BY_EMAIL, deadline=deadline) for at, deadline in deadlines.items()]
    report = scene([vendor("esker", price=Price.free(), latency=(6.0, 6.1))], actions)
    ends = [line.split(" ") for line in report.trace if " ends: " in line]
    assert [(round(float(end[0])), end[-3]) for end in ends][:3] == [
        (5, "incomplete"),
        (6, "incomplete"),
        (12, "not_found"),
    ]


def test_a_wait_for_a_paced_provider_ends_before_the_deadline() -> None:
    """The spread of the wait does not reach beyond the caller's time."""
    actions = [Look(at=float(at), slot=0, case=BY_EMAIL, deadline=20.5) for at in range(1, 9)]
    report = scene([vendor("acme", Fault.LIMITED)], actions)
    assert any("incomplete" in line for line in before(report, 29.0))


def test_a_hint_makes_another_provider_applicable() -> None:
    """`not_found` for a contact without a domain is no answer for the same contact with one."""
    twin = make_twin(BY_NAME)
    assert twin is not None
    actions = [Look(at=1.0, slot=0, case=BY_NAME), Look(at=2.0, slot=0, case=twin)]
    early = before(scene([vendor("acme"), vendor("cumulo", price=Price.per_attempt(2))], actions), 30.0)
    assert [line for line in early if line.startswith("call") and " to " in line] == [
        "call 0 of p0 to acme/name for request 0",
        "call 1 of p0 to cumulo/name for request 1",
    ]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_forced_close_is_told_to_the_reader_of_a_bulk_run(concurrency: int) -> None:
    """The rows that have no answer are not passed over in silence."""
    deaf = vendor("acme", Fault.DEAF, until=5.0, timeout=8.0)
    rows = (BY_EMAIL, BY_NAME)
    actions: list[Action] = [
        Batch(at=1.0, slot=0, cases=rows, concurrency=concurrency),
        End(at=3.0, slot=0, kind="force"),
    ]
    assert "bulk 0 fails: EngineClosed" in before(scene([deaf], actions), 30.0)


def test_a_run_goes_on_for_a_reader_who_is_left() -> None:
    """Two bulk runs share a row; when one is closed early, the other asks for itself."""
    other = EVERYONE[5]
    quick = Case.of(Contact(record_id="rec-zq-4", email=other.email), other)
    vendors = [
        vendor("acme", latency=(3.0, 3.1)),
        vendor("esker", price=Price.free(), truth={other.number: Truth(("mobile",))}),
        vendor("forge", truth={ADA.number: Truth(("mobile",))}),
    ]
    actions: list[Action] = [
        Batch(at=1.0, slot=0, cases=(quick, BY_BOTH), concurrency=2, stop_after=0),
        Batch(at=1.05, slot=0, cases=(BY_BOTH,)),
    ]
    early = before(scene(vendors, actions), 20.0)
    assert early.index("bulk 0 is closed") < early.index("request 2 of p0 ends: found None forge")


def test_what_a_person_resumes_stays_resumed() -> None:
    """A call that hangs for ever suspends its provider once, not every second."""
    deaf = vendor("acme", Fault.DEAF, Fault.HANG, until=12.0, timeout=3.0)
    report = scene([deaf], [Look(at=1.0, slot=0, case=BY_EMAIL), Look(at=20.0, slot=0, case=BY_NAME)])
    assert "request 1 of p0 ends: incomplete suspended None" in before(report, 30.0)
    assert sum(line.endswith("acme is suspended") for line in report.trace) == 1


@pytest.mark.parametrize("end", ["failed", "succeeded", "pace"])
def test_the_end_of_an_old_call_is_not_that_of_the_probe(end: str) -> None:
    """A call from before the breaker opened neither closes it, nor prolongs it, nor lets a second probe through."""
    health = Health()
    for _ in range(5):
        health.failed(1.0, 0.0)
    assert health.gate(10.0) is None
    old = {
        "failed": lambda: health.failed(11.0, 0.5),
        "succeeded": lambda: health.succeeded(0.5),
        "pace": lambda: health.pace(11.0, 0.5),
    }
    old[end]()
    assert (health.state, health.gate(11.5)) == (State.OPEN, SkipReason.OPEN)
    health.succeeded(10.0)
    assert health.state is State.CLOSED


def test_a_repeat_that_is_free_leaves_the_doubt() -> None:
    """After a kill the lost call may be billed and its repeat says that it is free: that does not cover the first."""
    free_repeats = vendor(
        "borea",
        price=Price.per_match(1, repeats_free_days=30),
        truth={ADA.number: Truth(("mobile",), profile=True)},
        tells_credits=True,
        latency=(1.0, 1.1),
        credits=Decimal(7),
    )
    actions: list[Action] = [
        Look(at=1.0, slot=0, case=BY_EMAIL),
        End(at=1.9, slot=0, kind="kill"),
        Look(at=5.0, slot=0, case=BY_EMAIL),
    ]
    report = scene([free_repeats], actions)
    assert sum("borea bills" in line for line in report.trace) == 1
    assert any("settles 1 borea: hit None no 0" in line for line in report.trace)


def test_a_forced_close_is_told_to_who_has_only_just_asked() -> None:
    """The task of a lookup that is cancelled before its first step has told nobody: somebody else must."""
    look = Look(at=1.0, slot=0, case=BY_EMAIL, strike=Strike(step=1, kind="force"))
    early = before(scene([vendor("acme")], [look], seed=2), 3.0)
    assert any(line.startswith("request 0 of p0 ends: EngineClosed") for line in early)


EVERYTHING = Contact(
    first_name=ADA.first, last_name=ADA.last, company=ADA.company, domain=ADA.domain, email=ADA.email,
    linkedin_id=ADA.linkedin,
)  # fmt: skip
KNOWN = Truth(("mobile",), profile=True)


def test_an_outcome_does_not_bring_back_who_was_forgotten() -> None:
    """Whoever settles a call that was under way knows its key; the journal keeps the random one."""
    actions: list[Action] = [
        Look(at=1.0, slot=0, case=BY_EMAIL),
        Forget(at=2.0, slot=0, contact=EVERYTHING, human=ADA),
    ]
    report = scene([vendor("acme", truth={ADA.number: KNOWN}, latency=(3.0, 3.1))], actions)
    assert any("acme: hit" in line for line in before(report, 5.0))


def test_a_lost_answer_that_comes_late_does_not_bring_back_who_was_forgotten() -> None:
    """A doubt that was erased gives way to knowledge under its random key, and is charged once."""
    deaf = vendor("acme", Fault.DEAF, until=1.5, truth={ADA.number: KNOWN})
    actions: list[Action] = [
        Look(at=1.0, slot=0, case=BY_EMAIL, deadline=1.5),
        Batch(at=9.6, slot=1, cases=(BY_EMAIL,)),
        Forget(at=9.9, slot=1, contact=EVERYTHING, human=ADA),
    ]
    scene([deaf], actions, tenants=("default", "default"), budget=Budget(day="5"))


def test_a_record_without_an_attempt_of_its_own_is_forgotten_too() -> None:
    """A record that was answered from what was bought for another one is found by what it was asked with."""
    other = Case.of(Contact(record_id="rec-zq-9", email=ADA.email), ADA)
    actions: list[Action] = [
        Look(at=1.0, slot=0, case=BY_EMAIL),
        Look(at=3.0, slot=0, case=other),
        Forget(at=5.0, slot=0, contact=EVERYTHING, human=ADA),
    ]
    early = before(scene([vendor("acme", truth={ADA.number: KNOWN})], actions), 19.0)
    assert sum(" is on the wire" in line for line in early) == 1


def test_who_is_suppressed_while_a_call_is_under_way_is_not_given() -> None:
    """The answer need not say whom it is about: what the caller sent is on the list by now."""
    silent = vendor("forge", truth={ADA.number: Truth(("mobile",))}, latency=(4.0, 4.1))
    actions: list[Action] = [
        Look(at=1.0, slot=0, case=BY_EMAIL),
        Suppress(at=2.0, slot=0, entry=Entry("email", ADA.email), human=ADA),
        Look(at=2.5, slot=0, case=BY_EMAIL),
    ]
    early = before(scene([silent], actions), 10.0)
    assert [line.split(" ")[5] for line in early if " ends: " in line] == ["suppressed", "suppressed"]


def test_a_refused_number_is_not_given_once_it_is_suppressed() -> None:
    """A stored result holds the number that its policy refused."""
    actions: list[Action] = [
        Look(at=1.0, slot=0, case=BY_EMAIL, mobile=True),
        Suppress(at=3.0, slot=0, entry=Entry("phone", ADA.landline), human=ADA),
        Look(at=5.0, slot=0, case=BY_EMAIL, mobile=True),
    ]
    early = before(scene([vendor("acme", truth={ADA.number: Truth(("landline",), profile=True)})], actions), 10.0)
    assert [line.split(" ")[5] for line in early if " ends: " in line] == ["not_found", "suppressed"]


def test_who_waits_for_room_may_find_the_question_being_asked() -> None:
    """An obstacle that is gone may have left another one behind: both are waited for, whichever comes first."""
    other = EVERYONE[5]
    quick = Case.of(Contact(record_id="rec-zq-5", email=other.email), other)
    actions: list[Action] = [
        Look(at=1.0, slot=0, case=quick),
        Look(at=1.5, slot=1, case=BY_EMAIL),
        Look(at=1.6, slot=2, case=BY_EMAIL),
    ]
    report = scene(
        [vendor("acme", latency=(3.0, 3.1))], actions, tenants=("default",) * 3, budget=Budget(day="0.50"), lifted=False
    )
    assert sum(" is on the wire" in line for line in before(report, 15.0)) == 2


def test_a_lease_for_one_window_is_not_spent_while_another_is_asked_for() -> None:
    """Two calls that start at once have a lease of every window each."""
    others = [Case.of(Contact(record_id=f"rec-zq-1{n}", email=EVERYONE[n].email), EVERYONE[n]) for n in range(8)]
    actions = [Look(at=1.0 + n // 4 * 0.3, slot=0, case=case) for n, case in enumerate(others)]
    report = scene([vendor("acme", rates=("2/s", "20/min"))], actions, latency=0.02)
    assert sum(" is on the wire" in line for line in before(report, 8.0)) == 8


def test_clocks_that_differ_share_one_window() -> None:
    """A process whose clock is behind takes from the window that another one has begun."""
    others = [Case.of(Contact(record_id=f"rec-zq-2{n}", email=EVERYONE[n].email), EVERYONE[n]) for n in range(8)]
    actions = [Look(at=1.0 + n / 10, slot=n % 2, case=case) for n, case in enumerate(others)]
    report = scene([vendor("acme", rates=("4/5s",))], actions, tenants=("default", "default"))
    assert sum(" is on the wire" in line for line in before(report, 5.0)) == 4


def test_who_leaves_while_a_lease_is_asked_for_starts_nothing() -> None:
    """The store takes its time; nobody may wait for the answer any more."""
    look = Look(at=1.0, slot=0, case=BY_EMAIL, leaves=0.01)
    early = before(scene([vendor("esker", price=Price.free(), rates=("5/s",))], [look], latency=1.0), 15.0)
    assert not any(line.startswith("call") for line in early)
