"""A plan: what it counts, and that no run within its assumptions costs less, more or longer than it says."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichcore import Acceptance, AsyncEngine
from enrichcore.bulk.forecast import ENOUGH, UNKNOWN, Forecast, Limit, Seen, Shares, forecast
from enrichcore.bulk.plan import HISTORY, _interval, look, shares
from enrichcore.bulk.table import Row
from enrichcore.engine.foresight import Foresight
from enrichcore.engine.plan import Plan
from enrichcore.errors import MaybeSent
from enrichcore.model import Billed, Hit, Method, Miss, Number, Outcome, Person, Price
from enrichcore.store import Row as Attempt
from enrichcore.store.memory import MemoryStore
from enrichcore.testing import FakeProvider

FICTION = Acceptance(allow_fictional=True)
PHONE = "+1 202-555-0143"
ZERO, ONE = Decimal(0), Decimal(1)
ADA = {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines"}


def engine(*providers: FakeProvider, price: str | None = "0.10", **more: Any) -> AsyncEngine:
    settings = {p.name: {} if price is None else {"credit_price": price} for p in providers}
    options: dict[str, Any] = {"store": "memory", "acceptance": FICTION, "env": {}, "settings": settings, **more}
    return AsyncEngine(providers=list(providers), **options)


def rows(*contacts: Mapping[str, Any]) -> list[Row]:
    return [Row(contact=contact, cells=(), line=i) for i, contact in enumerate(contacts, 1)]


def seen(
    contacts: Iterable[Mapping[str, Any]], *providers: FakeProvider, before: Iterable[Mapping[str, Any]] = ()
) -> tuple[Seen, Plan]:
    """What a plan sees of these contacts after those `before` were looked up."""

    async def work() -> tuple[Seen, Plan]:
        async with engine(*providers) as made:
            for contact in before:
                await made.enrich_phone(contact)
            asked = [len(provider.calls) for provider in providers]
            found = await look(await Foresight.of(made), rows(*contacts))
            assert [len(provider.calls) for provider in providers] == asked
            return found, made.plan

    return asyncio.run(work())


# --- what is known --------------------------------------------------------------------------------------------------


def test_a_row_has_the_calls_that_its_fields_allow_and_those_that_an_answer_could_bring() -> None:
    """`acme` is asked by name, LinkedIn and email, in this order; what a row lacks may be learned from an answer."""
    found, plan = seen(
        [ADA, {"email": "ada@engines.example"}, {**ADA, "email": "ada@engines.example", "linkedin_id": "ada"}],
        FakeProvider({}, name="acme"),
    )
    assert [step.method for step in plan.steps] == [Method.NAME, Method.LINKEDIN, Method.EMAIL]
    assert found.calls == {(0, ~1, ~2): 1, (2, ~1): 1, (0, 1, 2): 1}  # what is learned comes after an answer
    assert found.methods == {Method.NAME: 2, Method.LINKEDIN: 1, Method.EMAIL: 2}
    assert (found.rows, found.to_ask) == (3, 3)


def test_a_domain_that_a_provider_needs_may_be_learned_and_a_country_may_not() -> None:
    needs = FakeProvider({}, name="acme", methods=["name", "email"], requires={"name": {"domain"}})
    british = FakeProvider({}, name="bee", methods=["name"], countries={"GB"})
    found, plan = seen([{**ADA, "email": "ada@engines.example", "country": "US"}], needs, british)
    assert [(step.name, step.by) for step in plan.steps] == [("acme", "name"), ("bee", "name"), ("acme", "email")]
    assert found.calls == {(2, ~0): 1}


def test_what_the_journal_answers_is_no_call() -> None:
    """The same person under another record_id: a stored number ends the row, a stored miss only its own step."""
    email = {"email": "ada@engines.example"}
    hit = FakeProvider({"ada@engines.example": PHONE}, name="acme", methods=["email"])
    found, _ = seen([{**email, "record_id": "2"}], hit, before=[{**email, "record_id": "1"}])
    assert (found.answered, found.to_ask, found.calls) == (1, 0, {})
    miss = FakeProvider({}, name="acme", methods=["email"])
    found, _ = seen([{**email, "record_id": "2"}], miss, before=[{**email, "record_id": "1"}])
    assert (found.answered, found.to_ask) == (1, 0)


def test_a_provider_that_was_added_is_the_only_call_left() -> None:
    async def work() -> Seen:
        store = MemoryStore()
        email = {"email": "ada@engines.example", "record_id": "1"}
        acme, bee = (FakeProvider({}, name=name, methods=["email"]) for name in ("acme", "bee"))
        async with engine(acme, store=store, secret=b"s" * 32) as first:
            await first.enrich_phone(email)
        async with engine(acme, bee, store=store, secret=b"s" * 32) as second:
            return await look(await Foresight.of(second), rows(email))

    found = asyncio.run(work())
    assert (found.answered, found.to_ask, found.calls) == (0, 1, {(1,): 1})


def test_what_is_in_doubt_is_no_call_and_no_answer() -> None:
    def lose(query: object) -> None:
        raise MaybeSent("the connection broke")

    email = {"email": "ada@engines.example", "record_id": "1"}
    lost = FakeProvider(lose, name="acme", methods=["email"], price=Price.per_hit(1))
    found, _ = seen([email], lost, before=[email])
    assert (found.in_doubt, found.answered, found.to_ask) == (1, 0, 0)


def test_rows_that_are_no_contacts_and_rows_that_come_twice_are_counted_apart() -> None:
    contacts: list[Mapping[str, Any]] = [
        {"email": "ada@engines.example"},
        {"email": "ADA@engines.example", "record_id": "7"},
        {"email": "nonsense"},
        {"email": 7},
        {"linkedin_id": "ada"},
    ]
    found, _ = seen(contacts, FakeProvider({}, name="acme", methods=["email"]))
    assert (found.rows, found.duplicates, found.unusable, found.nobody, found.to_ask) == (5, 1, 2, 1, 1)
    assert found.calls == {(0,): 1}


# --- shares ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (0, 30, "0", "0.113516"),
        (30, 30, "0.886484", "1"),
        (15, 30, "0.331508", "0.668492"),
        (1, 100, "0.001767", "0.054489"),
    ],
)
def test_a_share_lies_within_its_interval(k: int, n: int, low: str, high: str) -> None:
    """Wilson's interval at 95 %, as tables have it."""
    got = _interval(k, n)
    assert [abs(a - Decimal(b)) < Decimal("0.0001") for a, b in zip(got, (low, high), strict=True)] == [True, True]


def test_shares_follow_from_enough_answers_of_the_last_90_days() -> None:
    now = 1_795_000_000.0

    def attempt(number: int, **facts: Any) -> Attempt:
        answer: dict[str, Any] = {
            "id": number, "key": number.to_bytes(24, "big"), "tenant": "default", "record": b"r", "provider": "acme",
            "method": "email", "owner": 1, "started_at": now - 60, "settled_at": now - 60, "outcome": Outcome.MISS,
        }  # fmt: skip
        return Attempt(**{**answer, **facts})

    async def work(answers: int) -> dict[tuple[str, str], Shares]:
        store = MemoryStore()
        async with engine(FakeProvider({}, name="acme"), store=store) as made:
            number = itertools.count(1)
            for i in range(answers):
                outcome = (Outcome.HIT, Outcome.REJECTED, Outcome.MISS)[i % 3]
                billed = Billed.NO if outcome is Outcome.MISS else Billed.YES
                store.record(attempt(next(number), outcome=outcome, billed=billed))
            for ignored in (
                {"outcome": Outcome.ERROR},
                {"outcome": Outcome.SKIPPED},
                {"started_at": now - HISTORY - 1},
                {"tenant": "globex"},
            ):
                store.record(attempt(next(number), **ignored))
            return await shares(made, now)

    assert asyncio.run(work(ENOUGH - 1)) == {}
    found = asyncio.run(work(ENOUGH))
    assert found == {("acme", "email"): Shares(30, _interval(10, 30), _interval(20, 30))}


# --- money ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Three providers by email at 0.10 a credit: per hit 5, per attempt 2, per match 3; and one by LinkedIn at 1."""
    providers = (
        FakeProvider({}, name="a_hit", price=Price.per_hit(5), methods=["email"]),
        FakeProvider({}, name="b_try", price=Price.per_attempt(2), methods=["email"]),
        FakeProvider({}, name="c_match", price=Price.per_match(3), methods=["email"]),
        FakeProvider({}, name="d_link", price=Price.per_hit(1), methods=["linkedin"], typical=4.0),
    )

    async def work() -> Plan:
        async with engine(*providers, order=["a_hit", "b_try", "c_match"]) as made:
            return made.plan

    found = asyncio.run(work())
    assert [step.name for step in found.steps] == ["d_link", "a_hit", "b_try", "c_match"]
    return found


def told(plan: Plan, calls: tuple[int, ...], known: Mapping[str, Shares] | None = None, **more: Any) -> Forecast:
    count = more.pop("count", 1)
    methods = {step.name: step.by for step in plan.steps}
    by_step = {(name, methods[name]): share for name, share in (known or {}).items()}
    return forecast(Seen(to_ask=count, calls=Counter({calls: count})), plan, by_step, **more)


def same(n: int) -> tuple[Decimal, Decimal]:
    return Decimal(n), Decimal(n)


def share(hit: str, billed: str | None = None, answers: int = ENOUGH) -> Shares:
    exact = Decimal(hit)
    bill = exact if billed is None else Decimal(billed)
    return Shares(answers, (exact, exact), (bill, bill))


HALF = share("0.5")


@pytest.mark.parametrize(
    ("calls", "known", "low", "high", "ceiling"),
    [
        ((), {}, "0", "0", "0"),
        ((1,), {}, "0", "0.50", "0.50"),  # per hit, nothing known
        ((2,), {}, "0.20", "0.20", "0.20"),  # per attempt: the first call is billed, whatever comes
        ((3,), {}, "0", "0.30", "0.30"),
        ((1, 2), {}, "0", "0.70", "0.70"),  # a hit of the first spares the second
        ((2, 1), {}, "0.20", "0.70", "0.70"),
        ((1,), {"a_hit": share("0.4")}, "0.20", "0.20", "0.50"),
        ((1,), {"a_hit": share("0.4", "0.6")}, "0.30", "0.30", "0.50"),  # refused numbers are billed, too
        ((1, 2), {"a_hit": share("0.4")}, "0.32", "0.32", "0.70"),  # 0.5 x 0.4 + 0.2 x 0.6
        ((1, 2, 3), {"a_hit": HALF, "b_try": HALF, "c_match": share("0.1", "0.8")}, "0.41", "0.41", "1.00"),
        ((1, ~2), {"a_hit": share("0.4")}, "0.20", "0.32", "0.70"),  # the second may never become possible
        ((~0, 1), {"a_hit": share("1"), "d_link": share("1")}, "0.10", "0.50", "0.60"),  # or spare a dearer call
    ],
)  # fmt: skip
def test_the_cost_of_a_row(
    plan: Plan, calls: tuple[int, ...], known: dict[str, Shares], low: str, high: str, ceiling: str
) -> None:
    made = told(plan, calls, known)
    assert (made.cost, made.ceiling) == ((Decimal(low), Decimal(high)), Decimal(ceiling))
    many = told(plan, calls, known, count=1000)
    assert (many.cost, many.ceiling) == ((1000 * Decimal(low), 1000 * Decimal(high)), 1000 * Decimal(ceiling))


def test_a_budget_for_one_record_caps_each_row(plan: Plan) -> None:
    made = told(plan, (1, 2), record_limit=Decimal("0.15"), count=10)
    assert (made.cost, made.ceiling) == ((ZERO, Decimal("1.50")), Decimal("1.50"))
    made = told(plan, (2, 1), record_limit=Decimal("0.15"), count=10)
    assert made.cost == (Decimal("1.50"), Decimal("1.50"))


SHARE = st.integers(0, 20).map(lambda n: Decimal(n) / 20)


@given(
    calls=st.permutations([1, 2, 3]).flatmap(lambda p: st.integers(1, 3).map(lambda n: tuple(p[:n]))),
    bounds=st.tuples(*[st.tuples(SHARE, SHARE, SHARE, SHARE)] * 3),
    weights=st.tuples(*[st.tuples(SHARE, SHARE)] * 3),
)
def test_no_truth_within_the_shares_costs_less_or_more_than_is_said(
    plan: Plan,
    calls: tuple[int, ...],
    bounds: tuple[tuple[Decimal, ...], ...],
    weights: tuple[tuple[Decimal, Decimal], ...],
) -> None:
    """Any true shares between the bounds give an expected cost between the two ends, and never beyond the ceiling."""
    known: dict[str, Shares] = {}
    truth: dict[int, tuple[Decimal, Decimal]] = {}
    for index, (four, weight) in enumerate(zip(bounds, weights, strict=True), 1):
        hit, billed = sorted(four[:2]), sorted(four[2:])
        known[plan.steps[index].name] = Shares(ENOUGH, (hit[0], hit[1]), (billed[0], billed[1]))
        truth[index] = (hit[0] + weight[0] * (hit[1] - hit[0]), billed[0] + weight[1] * (billed[1] - billed[0]))
    made = told(plan, calls, known)
    reach, cost = ONE, ZERO
    for index in calls:
        worst = plan.steps[index].member.worst
        assert worst is not None
        hit_share, billed_share = truth[index]
        cost += reach * worst * (ONE if index == 2 else billed_share)
        reach *= ONE - hit_share
    tiny = Decimal("1e-8")
    assert made.cost[0] - tiny <= cost <= made.cost[1] + tiny
    assert made.cost[1] <= made.ceiling


def test_each_provider_is_told_its_calls_and_credits(plan: Plan) -> None:
    made = told(plan, (1, 2), {"a_hit": share("0.4")}, count=100)
    first, second = made.providers["a_hit"], made.providers["b_try"]
    assert (first.calls, first.credits, first.cost) == (same(100), same(200), same(20))
    assert (second.calls, second.credits, second.cost) == (same(60), same(120), same(12))
    assert (first.answers, second.answers) == (ENOUGH, 0)
    assert made.guessed == []  # what bills every attempt needs no history
    assert told(plan, (1, 3)).guessed == ["a_hit", "c_match"]


def test_a_credit_without_a_price_is_said_and_not_added() -> None:
    async def work() -> Plan:
        paid = FakeProvider({}, name="acme", price=Price.per_attempt(2), methods=["email"])
        async with engine(paid, price=None) as made:
            return made.plan

    made = told(asyncio.run(work()), (0,), count=10)
    assert (made.cost, made.ceiling, made.unpriced) == ((ZERO, ZERO), ZERO, ["acme"])
    assert (made.providers["acme"].credits, made.providers["acme"].cost) == (same(20), None)


# --- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "used", "seconds", "brake"),
    [
        (10, 0, 0.0, None),
        (11, 0, 1.0, "10/s"),
        (100, 0, 9.0, "10/s"),
        (101, 0, 86_400.0, "100/day"),
        (1000, 0, 9 * 86_400.0, "100/day"),
        (50, 60, 86_400.0, "100/day"),
        (40, 60, 3.0, "10/s"),
    ],
)
def test_the_rate_that_stretches_the_calls_the_most_is_the_brake(
    plan: Plan, count: int, used: int, seconds: float, brake: str | None
) -> None:
    limits = {"a_hit": [Limit("10/s", 10, 1.0), Limit("100/day", 100, 86_400.0, used)]}
    made = told(plan, (1,), count=count, limits=limits, concurrency=10_000)
    part = made.providers["a_hit"]
    assert (part.seconds, part.brake) == ((seconds, seconds), brake)
    assert made.brake == (None if brake is None or seconds < 2 else "a_hit")


def test_without_a_rate_the_answers_decide_and_concurrency_divides_them(plan: Plan) -> None:
    """`d_link` takes 4 s an answer."""
    made = told(plan, (0,), count=1000, concurrency=100)
    assert (made.seconds, made.brake) == ((40.0, 40.0), None)
    assert told(plan, (0,), count=50, concurrency=100).seconds == (4.0, 4.0)


def test_an_interval_of_calls_is_an_interval_of_time(plan: Plan) -> None:
    half = attrs.evolve(UNKNOWN, answers=ENOUGH, hit=(Decimal("0.5"), ONE))
    made = told(plan, (0, 1), {"d_link": half}, count=100, concurrency=10_000)
    assert made.providers["a_hit"].calls == (ZERO, Decimal(50))
    assert (made.seconds, made.brake) == ((4.0, 5.0), None)  # one of 4 s, then 2 s for half of them


def test_a_number_learned_with_a_miss_changes_nothing_that_is_counted() -> None:
    """A stored miss that taught an email leaves the call by email possible, not certain."""
    teach = FakeProvider(
        {"Ada Lovelace": Miss(Person(name="Ada Lovelace", company="Engines"))}, name="acme", methods=["name"]
    )
    other = FakeProvider({"x@y.example": Hit(Number(PHONE))}, name="bee", methods=["email"])
    found, plan = seen([{**ADA, "record_id": "2"}], teach, other, before=[{**ADA, "record_id": "1"}])
    assert [step.name for step in plan.steps] == ["acme", "bee"]
    assert (found.answered, found.to_ask, found.calls) == (1, 0, {(~1,): 1})
