"""What every store does with budgets: what is reserved, released and spent, to the last billionth."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Any

import pytest

from enrichcore.model import Billed, Outcome
from enrichcore.store import (
    Claim,
    Granted,
    InFlight,
    Known,
    OverBudget,
    Row,
    Store,
    Suppressed,
    TakenOver,
)
from enrichcore.store.postgres import PostgresStore
from enrichcore.store.postgres.ops import Take

CLAIM: Any = Claim(
    key=b"question-1", tenant="default", record=b"record-1", provider="acme", method="email", now=0, hits_since=0,
    misses_since=0,
)  # fmt: skip
NewStore = Callable[[], Store]
Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]

NOW = 1_790_000_000.0
CENT = 10_000_000
RUN, DAY = "run:ab12", "day:2026-09-21"
BOTH = ((RUN, 100 * CENT), (DAY, 50 * CENT))


async def granted(store: Store, claim: Claim) -> int:
    answer = await store.claim(claim)
    assert isinstance(answer, Granted), answer
    return answer.id


async def attempts(store: Store) -> dict[int, Row]:
    """All attempts by id, as the ledger has them."""
    return {row.id: row async for row in store.ledger("default")}


async def taken_back(store: Any, attempt: int) -> None:
    """As when nobody waits for what was granted."""
    if isinstance(store, PostgresStore):
        store._abandoned(Take(CLAIM, attempt), Granted(attempt))
    else:
        store.withdraw(attempt)
    await store.heartbeat(NOW)


async def both(store: Store) -> list[tuple[int, int]]:
    """What is spent and reserved in the two budgets."""
    spending = await store.spending("default", [RUN, DAY])
    return [spending.get(scope, (0, 0)) for scope in (RUN, DAY)]


def test_an_intent_reserves_in_each_of_its_budgets(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """The worst case is reserved once in every scope, and the intent says so; nobody else's budget is touched."""

    async def scenario() -> None:
        async with opened(new_store()) as store, opened(new_store()) as other:
            assert await store.spending("default", [RUN, DAY]) == {}
            attempt = await granted(store, claim(reserve=25 * CENT, budgets=BOTH))
            assert await other.spending("default", [RUN, DAY, "run:other"]) == {
                RUN: (0, 25 * CENT),
                DAY: (0, 25 * CENT),
            }
            assert await store.spending("globex", [RUN, DAY]) == {}
            assert await store.spending("default", []) == {}
            row = (await attempts(other))[attempt]
            assert (row.outcome, row.reserved, row.charged, row.scopes) == (None, 25 * CENT, 0, (RUN, DAY))
            answer = await other.claim(claim(now=NOW + 1))
            assert isinstance(answer, InFlight)
            assert (answer.row.reserved, answer.row.scopes) == (25 * CENT, (RUN, DAY))

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("outcome", "billed", "cost", "spent"),
    [
        (Outcome.HIT, Billed.YES, Decimal("0.2"), 20 * CENT),
        (Outcome.HIT, Billed.YES, Decimal("0.000000001"), 1),
        (Outcome.HIT, Billed.YES, None, 0),
        (Outcome.REJECTED, Billed.YES, Decimal("0.3"), 30 * CENT),  # more than was reserved: it is still the truth
        (Outcome.MISS, Billed.NO, Decimal(0), 0),
        (Outcome.ERROR, Billed.NO, Decimal("0.2"), 0),
        (Outcome.ERROR, Billed.UNKNOWN, None, 25 * CENT),
        (Outcome.SKIPPED, Billed.NO, Decimal(0), 0),
    ],
)
def test_settling_releases_and_charges(
    new_store: NewStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    outcome: Outcome,
    billed: Billed,
    cost: Decimal | None,
    spent: int,
) -> None:
    """The reservation is free again; what was billed is spent, and the worst case where nobody knows."""

    async def scenario() -> None:
        async with opened(new_store()) as store, opened(new_store()) as other:
            attempt = await granted(store, claim(reserve=25 * CENT, budgets=BOTH))
            await store.settle(settled(attempt, outcome=outcome, billed=billed, cost=cost))
            for reader in (store, other):
                assert await both(reader) == [(spent, 0)] * 2
                row = (await attempts(reader))[attempt]
                assert (row.outcome, row.charged, row.scopes) == (outcome, spent, (RUN, DAY))

    asyncio.run(scenario())


def test_what_the_row_says_of_budgets_is_not_believed(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """What is released and where it counts is what the journal holds of the intent, not what the settler brings."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(reserve=25 * CENT, budgets=BOTH))
            free = await granted(store, claim(b"free"))
            mistaken: dict[str, Any] = {"reserved": 7, "charged": 9 * CENT, "scopes": ("run:other",)}
            await store.settle(settled(attempt, **mistaken))
            await store.settle(settled(free, b"free"))
            assert await both(store) == [(25 * CENT, 0)] * 2
            assert await store.spending("default", ["run:other"]) == {}
            rows = await attempts(store)
            assert [rows[n].charged for n in (attempt, free)] == [25 * CENT, 0]
            assert [rows[n].scopes for n in (attempt, free)] == [(RUN, DAY), ()]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("billed", "cost", "spent"),
    [(Billed.YES, Decimal("0.2"), 20 * CENT), (Billed.NO, None, 0), (Billed.UNKNOWN, None, 25 * CENT)],
)
def test_a_doubt_gives_way_to_knowledge(
    new_store: NewStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    billed: Billed,
    cost: Decimal | None,
    spent: int,
) -> None:
    """What a doubt had charged is replaced by what is known; the first definite outcome stands, also in the budgets."""

    async def scenario() -> None:
        async with opened(new_store()) as store, opened(new_store()) as other:
            attempt = await granted(store, claim(reserve=25 * CENT, budgets=BOTH))
            await store.settle(settled(attempt, outcome=Outcome.ERROR, billed=Billed.UNKNOWN, cost=None))
            assert await both(store) == [(25 * CENT, 0)] * 2
            await other.settle(settled(attempt, billed=billed, cost=cost))
            assert await both(store) == [(spent, 0)] * 2
            if billed is not Billed.UNKNOWN:
                await store.settle(settled(attempt, billed=Billed.YES, cost=Decimal("0.01")))
                assert await both(store) == [(spent, 0)] * 2
                assert (await attempts(store))[attempt].charged == spent

    asyncio.run(scenario())


def test_two_outcomes_at_once_count_once(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Of several outcomes of one attempt that are queued together, a doubt and the first definite one count."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(reserve=25 * CENT, budgets=BOTH))
            outcomes = [
                (Billed.UNKNOWN, None),
                (Billed.YES, Decimal("0.2")),
                (Billed.NO, None),
                (Billed.YES, Decimal(7)),
            ]
            rows = [settled(attempt, outcome=Outcome.ERROR, billed=billed, cost=cost) for billed, cost in outcomes]
            await asyncio.gather(*(store.settle(row) for row in rows))
            assert await both(store) == [(20 * CENT, 0)] * 2
            assert (await attempts(store))[attempt].charged == 20 * CENT

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("reserve", "limits", "answer"),
    [
        (20, {RUN: 60, DAY: 60}, None),  # 30 are spent and 10 reserved: it fits to the last bit
        (21, {RUN: 60, DAY: 99}, OverBudget(RUN, exhausted=False)),
        (30, {RUN: 60, DAY: 99}, OverBudget(RUN, exhausted=False)),
        (31, {RUN: 60, DAY: 99}, OverBudget(RUN, exhausted=True)),
        (31, {RUN: 61, DAY: 60}, OverBudget(DAY, exhausted=True)),
        (21, {RUN: 60, DAY: 50}, OverBudget(DAY, exhausted=True)),  # waiting for RUN would not help
        (25, {RUN: 60, DAY: 55}, OverBudget(RUN, exhausted=False)),  # the first of several
        (0, {RUN: 40, DAY: 40}, None),
        (0, {RUN: 39, DAY: 40}, OverBudget(RUN, exhausted=False)),
        (0, {RUN: 29, DAY: 40}, OverBudget(RUN, exhausted=True)),
        (0, {"run:new": 0}, None),
        (1, {"run:new": 0}, OverBudget("run:new", exhausted=True)),
    ],
)
def test_what_is_spent_exhausts_and_what_is_reserved_makes_wait(
    new_store: NewStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    reserve: int,
    limits: dict[str, int],
    answer: OverBudget | None,
) -> None:
    """A call that fits beside what is spent, but not beside what others reserve, may wait; otherwise it may not."""

    async def scenario() -> None:
        wide = ((RUN, 1000), (DAY, 1000))
        async with opened(new_store()) as store, opened(new_store()) as other:
            attempt = await granted(store, claim(b"spent", reserve=40, budgets=wide))
            await store.settle(settled(attempt, b"spent", cost=Decimal("0.00000003")))
            await granted(other, claim(b"open", reserve=10, budgets=wide))
            found = await store.claim(claim(b"asked", reserve=reserve, budgets=tuple(limits.items())))
            if answer is None:
                assert isinstance(found, Granted)
            else:
                assert found == answer
                assert len(await attempts(store)) == 2

    asyncio.run(scenario())


def test_what_is_known_or_under_way_needs_no_budget(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Stored answers, calls in flight and jobs to take over come before the list, and the list before budgets."""

    async def scenario() -> None:
        listed = b"0123456789abcdef"
        broke: dict[str, Any] = {"reserve": 1, "budgets": ((RUN, 0),), "suppression": (listed,)}
        async with opened(new_store()) as store:
            await store.note_job(await granted(store, claim(b"job")), "job-7")
            await granted(store, claim(b"orphan"))
        async with opened(new_store()) as store:
            assert await store.suppress("default", [(listed, "email")], NOW) == 1
            await store.settle(settled(await granted(store, claim(b"known")), b"known"))
            await granted(store, claim(b"open"))
            for key, kind in ((b"known", Known), (b"open", InFlight), (b"job", TakenOver), (b"orphan", Known)):
                assert isinstance(await store.claim(claim(key, **broke)), kind)
            assert await store.claim(claim(b"new", **broke)) == Suppressed()
            assert await store.claim(claim(b"new", **{**broke, "suppression": ()})) == OverBudget(RUN, exhausted=True)
            assert await both(store) == [(0, 0)] * 2

    asyncio.run(scenario())


@pytest.mark.parametrize("repeatable", [False, True])
def test_an_orphan_counts_as_spent(new_store: NewStore, opened: Opened, claim: MakeClaim, repeatable: bool) -> None:
    """What an owner that is gone had reserved is spent, and the claim that finds it so is measured by that."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            orphan = await granted(store, claim(reserve=30 * CENT, budgets=BOTH))
        async with opened(new_store()) as store:
            assert await both(store) == [(0, 30 * CENT)] * 2
            since = 0.0 if repeatable else float("inf")
            answer = await store.claim(claim(reserve=30 * CENT, budgets=BOTH, repeats_since=since))
            if repeatable:
                assert answer == Granted(orphan)
                assert await both(store) == [(0, 30 * CENT)] * 2
                return
            assert isinstance(answer, Known)
            assert (answer.row.charged, answer.row.scopes) == (30 * CENT, (RUN, DAY))
            assert await both(store) == [(30 * CENT, 0)] * 2
            assert (await attempts(store))[orphan].charged == 30 * CENT

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("facts", "spent"),
    [
        ({"outcome": Outcome.HIT, "billed": Billed.YES, "cost": Decimal("0.25")}, 25 * CENT),
        ({"outcome": Outcome.ERROR, "billed": Billed.UNKNOWN, "cost": None}, 30 * CENT),
        ({"outcome": Outcome.ERROR, "billed": Billed.NO, "cost": Decimal(0)}, 30 * CENT),
        ({"outcome": Outcome.SKIPPED, "billed": Billed.NO, "cost": Decimal(0)}, 30 * CENT),
        (None, 30 * CENT),
    ],
    ids=["billed", "in doubt again", "not billed", "not sent", "taken back"],
)
def test_the_free_repeat_of_a_doubt_counts_once(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow, facts: dict[str, Any] | None, spent: int
) -> None:
    """It needs no room in any budget, holds what the doubt was charged, and ends with one charge."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            full = {"reserve": 30 * CENT, "budgets": ((RUN, 30 * CENT), (DAY, 30 * CENT))}
            attempt = await granted(store, claim(**full))
            await store.settle(settled(attempt, outcome=Outcome.ERROR, billed=Billed.UNKNOWN, cost=None))
            assert await both(store) == [(30 * CENT, 0)] * 2
            later = {"reserve": 30 * CENT, "budgets": (("run:other", 0),), "repeats_since": 0.0}
            assert await granted(store, claim(record=b"record-2", **later)) == attempt
            assert await both(store) == [(0, 30 * CENT)] * 2
            assert await store.spending("default", ["run:other"]) == {}
            if facts is None:
                await taken_back(store, attempt)
            else:
                await store.settle(settled(attempt, record=b"record-2", at=NOW + 5, **facts))
            assert await both(store) == [(spent, 0)] * 2
            row = (await attempts(store))[attempt]
            assert (row.charged, row.record, row.scopes) == (spent, b"record-1", (RUN, DAY))
            assert len(await attempts(store)) == 1
            assert len(await store.in_doubt("default", NOW)) == (spent == 30 * CENT)

    asyncio.run(scenario())


def test_an_orphan_that_turns_out_to_be_free_is_given_back(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """A person who decides about a doubt settles it: then the budgets have the truth."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            await granted(store, claim(reserve=30 * CENT, budgets=BOTH))
        async with opened(new_store()) as store:
            await store.claim(claim())
            [doubt] = await store.in_doubt("default", NOW)
            await store.settle(settled(doubt.id, outcome=Outcome.ERROR, billed=Billed.NO, cost=Decimal(0)))
            assert await both(store) == [(0, 0)] * 2
            assert await store.in_doubt("default", NOW) == []

    asyncio.run(scenario())


def test_a_job_that_is_taken_over_keeps_its_reservation(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Neither the end of its owner nor a release nor a new owner changes it; whoever settles releases it."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(reserve=30 * CENT, budgets=BOTH))
            await store.note_job(attempt, "job-7")
        async with opened(new_store()) as store, opened(new_store()) as other:
            assert isinstance(await store.claim(claim()), TakenOver)
            await store.release(attempt)
            assert await both(store) == [(0, 30 * CENT)] * 2
            answer = await other.claim(claim(reserve=1, budgets=BOTH))
            assert isinstance(answer, TakenOver)
            assert (answer.row.reserved, answer.row.scopes) == (30 * CENT, (RUN, DAY))
            await other.settle(settled(attempt, cost=Decimal("0.1")))
            assert await both(store) == [(10 * CENT, 0)] * 2

    asyncio.run(scenario())


def test_an_outcome_after_a_restart_finds_its_budgets(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """A store that has never heard of an intent settles it like its owner."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(reserve=30 * CENT, budgets=BOTH))
        async with opened(new_store()) as store:
            await store.settle(settled(attempt, cost=Decimal("0.1")))
            assert await both(store) == [(10 * CENT, 0)] * 2

    asyncio.run(scenario())


def test_a_claim_nobody_waits_for_reserves_nothing(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """When the caller of a claim is cancelled, the intent is taken back, and its reservation with it."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            await granted(store, claim(b"first", reserve=5, budgets=BOTH))
            caller = asyncio.create_task(store.claim(claim(reserve=25 * CENT, budgets=BOTH)))
            await asyncio.sleep(0)
            if caller.cancel():
                with pytest.raises(asyncio.CancelledError):
                    await caller
                for _ in range(2):
                    await store.heartbeat(NOW)
                assert await both(store) == [(0, 5)] * 2
                assert isinstance(await store.claim(claim()), Granted)
            else:  # a store that is done at once: its claim cannot be abandoned
                assert isinstance(caller.result(), Granted)
                assert not store.durable

    asyncio.run(scenario())


def test_a_free_attempt_touches_no_budget(new_store: NewStore, opened: Opened, settled: MakeRow) -> None:
    """What is recorded without an intent counts nowhere, whatever it says."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            store.record(settled(store.next_id(), scopes=(RUN,), charged=5))
            await store.heartbeat(NOW)
            assert await both(store) == [(0, 0)] * 2

    asyncio.run(scenario())


def test_of_many_claims_at_once_only_those_that_fit_are_granted(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """A hundred questions over two owners, with budget for one: one asks, the others may wait, and then the next."""

    async def scenario() -> None:
        one: dict[str, Any] = {"reserve": 30, "budgets": ((RUN, 1000), (DAY, 59))}
        async with opened(new_store()) as store, opened(new_store()) as other:
            stores = [store, other] * 50
            answers = await asyncio.gather(*(s.claim(claim(b"%d" % n, **one)) for n, s in enumerate(stores)))
            [first] = [n for n, answer in enumerate(answers) if isinstance(answer, Granted)]
            assert [a for a in answers if not isinstance(a, Granted)] == [OverBudget(DAY, exhausted=False)] * 99
            assert await both(store) == [(0, 30)] * 2
            await stores[first].settle(settled(answers[first].id, b"%d" % first, cost=Decimal("0.000000029")))
            again = await asyncio.gather(
                *(s.claim(claim(b"%d" % n, **one)) for n, s in enumerate(stores) if n != first)
            )
            assert sum(isinstance(answer, Granted) for answer in again) == 1
            assert await both(store) == [(29, 30)] * 2
            assert await store.claim(claim(b"last", **{**one, "reserve": 31})) == OverBudget(DAY, exhausted=True)

    asyncio.run(scenario())


def test_tenants_have_their_own_budgets(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """The same scope of two tenants is two budgets, within one batch as well."""

    async def scenario() -> None:
        one: dict[str, Any] = {"reserve": 30, "budgets": ((RUN, 30),)}
        async with opened(new_store()) as store:
            tenants = ("default", "globex", "default", "globex")
            answers = await asyncio.gather(
                *(store.claim(claim(b"%d" % n, tenant=tenant, **one)) for n, tenant in enumerate(tenants))
            )
            assert [isinstance(answer, Granted) for answer in answers] == [True, True, False, False]
            await store.settle(settled(answers[1].id, b"1", tenant="globex", cost=Decimal("0.00000001")))
            assert await store.spending("globex", [RUN]) == {RUN: (10, 0)}
            assert await store.spending("default", [RUN]) == {RUN: (0, 30)}

    asyncio.run(scenario())


# --- limits that processes share ----------------------------------------------------------------------------------


def test_calls_of_a_window_are_shared(new_store: NewStore, opened: Opened) -> None:
    """All owners together get as many calls as a window has, and are told when the next one begins."""

    async def scenario() -> None:
        async with opened(new_store()) as store, opened(new_store()) as other:

            async def lease(of: Store, want: int, at: float) -> tuple[int, float]:
                return await of.lease_rate("acme", b"key-1", 10, 60.0, want, NOW + at)

            assert await lease(store, 4, 0) == (4, 60.0)
            assert await lease(other, 4, 1) == (4, 59.0)
            assert await lease(store, 4, 2) == (2, 58.0)
            assert await lease(other, 1, 45) == (0, 15.0)
            assert await lease(other, 3, 60) == (3, 60.0)
            assert await lease(store, 99, 61) == (7, 59.0)
            assert await lease(store, 1, 119) == (0, 1.0)

    asyncio.run(scenario())


def test_each_account_and_each_window_counts_for_itself(new_store: NewStore, opened: Opened) -> None:
    """Another credential, another provider and another length of window are other limits."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            for provider, credential, seconds in (
                ("acme", b"key-1", 60.0),
                ("acme", b"key-2", 60.0),
                ("other", b"key-1", 60.0),
                ("acme", b"key-1", 1.5),
            ):
                for calls in (1, 0):
                    assert await store.lease_rate(provider, credential, 1, seconds, 1, NOW) == (calls, seconds)
        async with opened(new_store()) as store:
            assert await store.lease_rate("acme", b"key-1", 1, 60.0, 1, NOW + 1) == (0, 59.0)

    asyncio.run(scenario())


def test_a_clock_that_was_set_back_does_not_hold_calls_up(new_store: NewStore, opened: Opened) -> None:
    """A window that would begin in the future is none; and a limit that was lowered takes nothing back."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            assert await store.lease_rate("acme", b"key-1", 5, 60.0, 5, NOW) == (5, 60.0)
            assert await store.lease_rate("acme", b"key-1", 5, 60.0, 5, NOW - 3) == (
                0,
                63.0,
            )  # another clock, a bit behind
            assert await store.lease_rate("acme", b"key-1", 5, 60.0, 5, NOW - 3600) == (5, 60.0)
            assert await store.lease_rate("acme", b"key-1", 3, 60.0, 5, NOW - 3590) == (0, 50.0)
            assert await store.lease_rate("acme", b"key-1", 6, 60.0, 5, NOW - 3590) == (1, 50.0)

    asyncio.run(scenario())


# --- the ledger ---------------------------------------------------------------------------------------------------


def test_the_ledger_lists_every_attempt_of_a_time(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Open and settled, paid and free, of one tenant or of all, oldest first, without what a vendor answered."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            for number, at in enumerate((30, 10, 20)):
                store.record(settled(store.next_id(), b"%d" % number, at=NOW + at, provider=f"p{number}"))
            await granted(store, claim(b"open", now=NOW + 15))
            await granted(store, claim(b"else", now=NOW + 25, tenant="globex"))
            await store.heartbeat(NOW)

            async def times(tenant: str | None, **more: float) -> list[float]:
                rows = [row async for row in store.ledger(tenant, **more)]
                assert all(row.payload is None for row in rows)
                return [row.started_at - NOW for row in rows]

            assert await times("default") == [10, 15, 20, 30]
            assert await times("globex") == [25]
            assert await times("nobody") == []
            assert await times(None) == [10, 15, 20, 25, 30]
            assert await times(None, since=NOW + 15, until=NOW + 30) == [15, 20, 25]
            assert await times("default", since=NOW + 16) == [20, 30]

    asyncio.run(scenario())


def test_a_long_ledger_is_whole_while_it_grows(new_store: NewStore, opened: Opened, settled: MakeRow) -> None:
    """Of 1,300 attempts, many of them of one moment, each is listed once, though others are written meanwhile."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            there = set()
            for number in range(1300):
                row = settled(store.next_id(), b"%d" % number, at=NOW + number // 400, provider=f"p{number % 3}")
                there.add(row.id)
                store.record(row)
            await store.heartbeat(NOW)
            seen: list[Row] = []
            async for row in store.ledger("default"):
                seen.append(row)
                if len(seen) % 300 == 0:
                    store.record(settled(store.next_id(), b"late", at=NOW + len(seen) // 300))
                    await store.heartbeat(NOW)
            assert len({row.id for row in seen}) == len(seen)
            assert there <= {row.id for row in seen}
            assert [row.started_at for row in seen] == sorted(row.started_at for row in seen)

    asyncio.run(scenario())
