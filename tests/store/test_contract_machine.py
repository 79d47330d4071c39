"""Any order of claims, outcomes, crashes and erasures: the budgets of every store are the sums of its attempts."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

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
from enrichcore.store.budgeting import FORGOTTEN
from enrichcore.store.protocol import QUESTION

NewStore = Callable[[], Store]

START = 1_790_000_000.0
NANO = 10**9
RECORDS = [b"record of ada...", b"record of bob..."]
LISTED = b"listed.........."
LIMITS = {"run:1": 100, "day:1": 70, "provider:acme": 130, **{f"record:{record.hex()}": 60 for record in RECORDS}}
SCOPES = ["run:1", "day:1", "provider:acme", "record"]


@attrs.define
class Attempt:
    """One attempt in the model."""

    id: int
    key: bytes | None
    record: bytes | None
    owner: int | None
    started_at: float
    reserved: int
    scopes: list[str]
    outcome: Outcome | None = None
    settled_at: float = 0.0
    billed: Billed = Billed.NO
    charged: int = 0
    job: bool = False
    recordless: bool = False


class Machine(RuleBasedStateMachine):
    """Two owners of one journal, beside a model that adds everything up anew each time."""

    attempts = Bundle("attempts")

    def __init__(self, new_store: NewStore, tenants: Iterator[int]) -> None:
        super().__init__()
        number = next(tenants)
        self.tenant = f"tenant {number}"
        # As in life, no two tenants have a key in common.
        self.keys = [b"q %d of %06d" % (question, number) for question in range(4)]
        self.keys = [key.ljust(QUESTION, b".") + b"acme...." for key in self.keys]
        self.runner = asyncio.Runner()
        self.now = START
        self.model: dict[int, Attempt] = {}
        self.originals: dict[int, tuple[bytes, bytes]] = {}
        """Key and record of erased attempts, as they were."""
        self.listed = False
        self.new_store = new_store
        self.stores = [new_store(), new_store()]
        for store in self.stores:
            self.do(store.open(self.now))

    def do(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    def teardown(self) -> None:
        for store in self.stores:
            self.do(store.aclose())
        self.runner.close()

    def spending(self) -> dict[str, tuple[int, int]]:
        """What the budgets have to say."""
        found: dict[str, tuple[int, int]] = {}
        for attempt in self.model.values():
            for scope in attempt.scopes:
                spent, reserved = found.get(scope, (0, 0))
                held = attempt.reserved if attempt.outcome is None else 0
                found[scope] = spent + attempt.charged, reserved + held
        return found

    def living(self) -> set[int]:
        return {store.owner for store in self.stores}

    # --- what happens -----------------------------------------------------------------------------------------------

    @rule(
        target=attempts,
        who=st.integers(0, 1),
        question=st.integers(0, 3),
        record=st.sampled_from(RECORDS),
        reserve=st.integers(0, 45),
        scopes=st.lists(st.sampled_from(SCOPES), unique=True),
        repeatable=st.booleans(),
        checks=st.booleans(),
    )
    def claim(
        self, who: int, question: int, record: bytes, reserve: int, scopes: list[str], repeatable: bool, checks: bool
    ) -> int:
        self.now += 1
        key = self.keys[question]
        names = [f"record:{record.hex()}" if scope == "record" else scope for scope in scopes]
        expected, found = self.expect(who, key, reserve, names, repeatable=repeatable, checks=checks)
        answer = self.do(
            self.stores[who].claim(self.make(key, record, reserve, names, repeatable=repeatable, checks=checks))
        )
        if isinstance(expected, type):
            assert isinstance(answer, expected)
        else:
            assert answer == expected
        if isinstance(answer, (Known, InFlight, TakenOver)):
            assert answer.row.id in found
            return answer.row.id
        if isinstance(answer, Granted):
            owner = self.stores[who].owner
            assert (answer.id in self.model) is bool(found)
            if found:
                repeated = self.model[answer.id]
                assert answer.id in found
                repeated.owner, repeated.outcome, repeated.charged, repeated.job = owner, None, 0, False
                return answer.id
            self.model[answer.id] = Attempt(
                answer.id, key, record, owner, self.now, reserve if names else 0, sorted(names)
            )
            return answer.id
        return -1

    def make(
        self,
        key: bytes,
        record: bytes,
        reserve: int,
        names: list[str],
        *,
        repeatable: bool = False,
        checks: bool = False,
    ) -> Claim:
        since = 0.0 if repeatable else float("inf")
        return Claim(
            key=key, tenant=self.tenant, record=record, provider="acme", method="email", now=self.now, hits_since=0,
            misses_since=0, repeats_since=since, reserve=reserve, budgets=tuple((n, LIMITS[n]) for n in names),
            suppression=(LISTED,) if checks else (),
        )  # fmt: skip

    def expect(
        self, who: int, key: bytes, reserve: int, names: list[str], *, repeatable: bool, checks: bool
    ) -> tuple[Any, set[int]]:
        """The answer to a claim, and which attempts it may name."""
        at_key = [attempt for attempt in self.model.values() if attempt.key == key]
        known: dict[int, float] = {}
        for attempt in at_key:
            answers = attempt.outcome in (Outcome.HIT, Outcome.MISS) or attempt.billed is Billed.YES
            doubt = attempt.billed is Billed.UNKNOWN and not repeatable
            if attempt.outcome is not None and (answers or doubt):
                known[attempt.id] = attempt.settled_at
        if known:
            return Known, {number for number, at in known.items() if at == max(known.values())}
        for attempt in at_key:
            if attempt.outcome is None:
                if attempt.owner in self.living():
                    return InFlight, {attempt.id}
                if attempt.job:
                    attempt.owner = self.stores[who].owner
                    return TakenOver, {attempt.id}
                attempt.outcome, attempt.billed, attempt.charged = Outcome.ERROR, Billed.UNKNOWN, self.worst(attempt)
                attempt.settled_at = self.now
                if not repeatable:
                    return Known, {attempt.id}
        if checks and self.listed:
            return Suppressed(), set()
        doubts = {attempt.id for attempt in at_key if attempt.billed is Billed.UNKNOWN}
        if repeatable and doubts:
            return Granted, doubts
        spending = self.spending()
        full = None
        for name in names:
            spent, reserved = spending.get(name, (0, 0))
            if spent + reserve > LIMITS[name]:
                return OverBudget(name, exhausted=True), set()
            if full is None and spent + reserved + reserve > LIMITS[name]:
                full = OverBudget(name, exhausted=False)
        return (Granted if full is None else full), set()

    @staticmethod
    def worst(attempt: Attempt) -> int:
        return attempt.reserved if attempt.scopes else 0

    @rule(
        who=st.integers(0, 1),
        number=attempts,
        outcome=st.sampled_from([Outcome.HIT, Outcome.MISS, Outcome.ERROR, Outcome.SKIPPED]),
        billed=st.sampled_from(Billed),
        part=st.sampled_from([0.0, 0.5, 1.0]),
    )
    def settle(self, who: int, number: int, outcome: Outcome, billed: Billed, part: float) -> None:
        attempt = self.model.get(number)
        if attempt is None or (attempt.key is None and attempt.outcome is not None and attempt.recordless):
            return
        if outcome is Outcome.SKIPPED:
            billed = Billed.NO
        if outcome in (Outcome.HIT, Outcome.MISS) and billed is Billed.UNKNOWN:
            outcome = Outcome.ERROR
        cost = int(attempt.reserved * part)
        row = Row(
            id=number, key=attempt.key or self.keys[0], tenant=self.tenant, record=attempt.record or RECORDS[0],
            provider="acme", method="email", owner=number >> 32, started_at=attempt.started_at, settled_at=self.now,
            outcome=outcome, billed=billed, cost=None if billed is Billed.UNKNOWN else Decimal(cost) / NANO,
            payload=b"[1]",
        )  # fmt: skip
        if attempt.recordless:
            # Whoever settles it does not know of the erasure, and has the row as it was.
            row.key, row.record = self.originals[number]

        async def done() -> None:
            await self.stores[who].settle(row)

        self.do(done())
        if attempt.outcome is None and attempt.billed is Billed.UNKNOWN and billed is Billed.NO:
            billed = Billed.UNKNOWN  # the first call may have been billed
            outcome = Outcome.ERROR if outcome is Outcome.SKIPPED else outcome
        if attempt.outcome is None or attempt.billed is Billed.UNKNOWN:
            attempt.outcome, attempt.billed, attempt.settled_at = outcome, billed, self.now
            if attempt.scopes:
                worst = {Billed.YES: cost, Billed.NO: 0, Billed.UNKNOWN: attempt.reserved}
                attempt.charged = worst[billed]

    @rule(who=st.integers(0, 1), question=st.integers(0, 3), scopes=st.lists(st.sampled_from(SCOPES[:3]), unique=True))
    def abandon(self, who: int, question: int, scopes: list[str]) -> None:
        """A claim whose caller is cancelled: if it was granted, nobody will ask under it."""
        self.now += 1
        key = self.keys[question]
        if any(attempt.key == key for attempt in self.model.values()):
            return
        claim = self.make(key, RECORDS[0], 1, scopes)

        async def cancelled() -> None:
            caller = asyncio.create_task(self.stores[who].claim(claim))
            await asyncio.sleep(0)
            if caller.cancel():
                with contextlib.suppress(asyncio.CancelledError):
                    await caller
            else:  # a store that is done at once: its claim cannot be abandoned
                answer = caller.result()
                if isinstance(answer, Granted):
                    self.stores[who].withdraw(answer.id)  # type: ignore[attr-defined]
            for _ in range(2):
                await self.stores[who].heartbeat(self.now)

        self.do(cancelled())

    @rule(who=st.integers(0, 1), number=attempts)
    def note_job(self, who: int, number: int) -> None:
        attempt = self.model.get(number)
        if attempt is not None:
            self.do(self.stores[who].note_job(number, "job-7"))
            attempt.job = attempt.job or (attempt.outcome is None and not attempt.recordless)

    @rule(number=attempts)
    def release(self, number: int) -> None:
        attempt = self.model.get(number)
        if attempt is not None and attempt.outcome is None:
            self.do(self.stores[0].release(number))
            attempt.owner = None

    @rule(who=st.integers(0, 1))
    def end(self, who: int) -> None:
        """An owner ends, and another one begins: what it held is orphaned."""
        self.do(self.stores[who].aclose())
        self.stores[who] = self.new_store()
        self.do(self.stores[who].open(self.now))

    @rule(who=st.integers(0, 1))
    def suppress(self, who: int) -> None:
        if self.listed:
            assert self.do(self.stores[who].unsuppress(self.tenant, [LISTED])) == 1
        else:
            assert self.do(self.stores[who].suppress(self.tenant, [(LISTED, "email")], self.now)) == 1
        self.listed = not self.listed

    @rule(who=st.integers(0, 1), record=st.sampled_from(RECORDS), by_question=st.booleans())
    def forget(self, who: int, record: bytes, by_question: bool) -> None:
        self.now += 1
        records, questions = {record}, []
        if by_question:
            questions = [self.keys[0][:QUESTION]]
            records |= {a.record for a in self.model.values() if a.key == self.keys[0] and a.record is not None}
        told = self.do(self.stores[who].forget(self.tenant, {record}, questions, [], self.now))
        erased = [attempt for attempt in self.model.values() if attempt.record in records]
        assert told.attempts == len(erased)
        assert told.recipients == (("acme",) if any(a.outcome is not Outcome.SKIPPED for a in erased) else ())
        for attempt in erased:
            assert attempt.key is not None
            assert attempt.record is not None
            self.originals[attempt.id] = attempt.key, attempt.record
            own = f"record:{attempt.record.hex()}"
            attempt.scopes = sorted(FORGOTTEN if scope == own else scope for scope in attempt.scopes)
            attempt.key = attempt.record = None
            attempt.recordless, attempt.job = True, False

    # --- what holds after each of it --------------------------------------------------------------------------------

    @invariant()
    def budgets_are_the_sums_of_attempts(self) -> None:
        expected = self.spending()
        for store in self.stores:
            found = self.do(store.spending(self.tenant, [*LIMITS, FORGOTTEN]))
            assert {scope: both for scope, both in found.items() if both != (0, 0)} == {
                scope: both for scope, both in expected.items() if both != (0, 0)
            }

    @invariant()
    def no_limit_is_ever_exceeded(self) -> None:
        found = self.do(self.stores[0].spending(self.tenant, list(LIMITS)))
        for scope, (spent, reserved) in found.items():
            assert spent >= 0
            assert reserved >= 0
            assert spent + reserved <= LIMITS[scope]

    @invariant()
    def the_ledger_is_the_model(self) -> None:
        async def read() -> dict[int, Row]:
            return {row.id: row async for row in self.stores[1].ledger(self.tenant)}

        rows = self.do(read())
        assert sorted(rows) == sorted(self.model)
        for number, attempt in self.model.items():
            row = rows[number]
            assert (row.outcome, row.charged, sorted(row.scopes)) == (attempt.outcome, attempt.charged, attempt.scopes)
            assert row.forgotten is attempt.recordless
            assert (row.record in RECORDS) is not attempt.recordless
            assert (row.key in self.keys) is not attempt.recordless
            if attempt.outcome is None:
                assert row.reserved == attempt.reserved


def test_budgets_are_the_sums_of_attempts_whatever_happens(new_store: NewStore) -> None:
    """Thousands of random steps of two owners, with crashes and erasures: nothing is lost, nothing counts twice."""
    tenants = count()
    run_state_machine_as_test(
        lambda: Machine(new_store, tenants),  # type: ignore[arg-type]  # any maker of machines will do
        settings=settings(
            max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
