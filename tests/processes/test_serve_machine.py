"""Whatever three tenants do, in any order: no answer reaches another tenant, and credits are exact.

The service answers on a real socket, its journal is a real Postgres, its vendors keep their own books. A step is one
thing that a tenant, an operator or a vendor does; it may be several requests.
"""

import asyncio
import itertools
import json
import time
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any, Final

import attrs
import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from enrichcore.engine.suppression import Entry
from enrichcore.errors import ConfigError
from enrichcore.service.accounts import REMEMBERED
from enrichcore.service.keys import NewKey
from tests.processes.journals import PostgresJournal
from tests.processes.machine_world import VENDORS, World, email, knows, world
from tests.processes.serving import PATH
from tests.service.conftest import conforming

pytest.importorskip("uvicorn")

TENANTS: Final = 3
RECORDS = st.integers(0, 3)
PEOPLE = st.integers(0, 7)
WHO = st.integers(0, TENANTS - 1)
TROUBLE = st.sampled_from([None] * 8 + ["garbage", "lost"])
FRESH = itertools.count(1000)
"""People whom nobody has asked for yet."""
BAD: Final = (
    b"", b"{", b"[]", b"null", b'{"record_id": 1}', b'{"record_id": "r", "email": 1}', b'{"record_id": "r"}',
    b'{"record_id": "r", "record_id": "s"}', b"[" * 40, b'{"record_id": "r", "email": "nope"}', b"\xff",
)  # fmt: skip


@attrs.define
class Tenant:
    """What the model knows of one tenant."""

    name: str
    keys: list[NewKey] = attrs.field(factory=list)
    """Those that live, the oldest first."""
    granted: int = 0
    spent: int = 0
    given: set[str] = attrs.field(factory=set)
    """Numbers that it has paid for."""
    gone: set[str] = attrs.field(factory=set)
    """Those of people who were forgotten."""
    of: dict[str, int] = attrs.field(factory=dict)
    """Whose number each is."""
    stands_for: dict[int, int | None] = attrs.field(factory=dict)
    """Person by record, as the last definite answer had it; None where that may have been forgotten."""
    asked_for: dict[int, set[int]] = attrs.field(factory=dict)
    """All the people of each record."""
    suppressed: set[int] = attrs.field(factory=set)

    @property
    def left(self) -> int:
        return self.granted - self.spent


@attrs.define
class Games:
    """What goes on from one game to the next."""

    numbers: Iterator[int] = attrs.field(factory=lambda: itertools.count(1))
    """Of the tenants: every game has new ones."""
    steps: int = 0
    ended: deque[tuple[float, str]] = attrs.field(factory=deque)
    """Keys that were revoked or rotated away, and when."""


class Machine(RuleBasedStateMachine):
    """Three tenants of one service."""

    def __init__(self, run: asyncio.Runner, place: World, games: Games) -> None:
        super().__init__()
        self.runner = run
        self.world = place
        self.games = games
        self.ended = games.ended
        self.late = False
        self.vendors = place.vendors
        self.tenants = [Tenant(f"t{next(games.numbers)}") for _ in range(TENANTS)]
        for tenant in self.tenants:
            self.do(self._create(tenant, 5))

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    # --- the operator -------------------------------------------------------------------------------------------------

    async def _create(self, tenant: Tenant, credits: int) -> None:
        tenant.keys.append(await self.world.desk.create(tenant.name, time.time(), credits=credits))
        tenant.granted += credits

    @rule(who=WHO, credits=st.integers(1, 4))
    def topup(self, who: int, credits: int) -> None:
        tenant = self.tenants[who]
        assert self.do(self.world.desk.topup(tenant.name, credits)) == tenant.left + credits
        tenant.granted += credits

    @rule(who=WHO)
    def rotate(self, who: int) -> None:
        """The new key works at once, the old one ends; a third one is refused while two live."""
        tenant = self.tenants[who]
        old = tenant.keys[0]
        rotating = self.world.desk.rotate(old.stored.id, time.time(), 0.0)
        tenant.keys.append(self.do(rotating))
        tenant.keys.remove(old)
        self.ended.append((time.monotonic(), old.key))

    @rule(who=WHO)
    def second_key(self, who: int) -> None:
        tenant = self.tenants[who]
        if len(tenant.keys) == 1:
            self.do(self._create(tenant, 0))
            return
        with pytest.raises(ConfigError, match="2 keys"):
            self.do(self.world.desk.create(tenant.name, time.time()))

    @precondition(lambda self: any(len(tenant.keys) > 1 for tenant in self.tenants))
    @rule()
    def revoke(self) -> None:
        tenant = next(tenant for tenant in self.tenants if len(tenant.keys) > 1)
        key = tenant.keys.pop(0)
        self.do(self.world.desk.revoke(key.stored.id, time.time()))
        self.ended.append((time.monotonic(), key.key))

    @rule(who=WHO, person=PEOPLE)
    def forget(self, who: int, person: int) -> None:
        tenant = self.tenants[who]
        self.do(self.world.engine.for_tenant(tenant.name).forget(_contact(person)))
        tenant.gone |= {number for number, of in tenant.of.items() if of == person}
        for record, people in tenant.asked_for.items():
            if person in people:  # whatever else is known of such a record may be erased with it
                tenant.stands_for[record] = None

    @precondition(lambda self: sum(len(tenant.suppressed) for tenant in self.tenants) < 4)
    @rule(who=WHO, person=PEOPLE)
    def suppress(self, who: int, person: int) -> None:
        tenant = self.tenants[who]
        self.do(self.world.engine.for_tenant(tenant.name).suppress([Entry("email", email(person))]))
        tenant.suppressed.add(person)

    @rule(who=WHO, person=PEOPLE)
    def unsuppress(self, who: int, person: int) -> None:
        tenant = self.tenants[who]
        self.do(self.world.engine.for_tenant(tenant.name).unsuppress([Entry("email", email(person))]))
        tenant.suppressed.discard(person)

    # --- the tenants --------------------------------------------------------------------------------------------------

    @rule(who=WHO, record=RECORDS, person=PEOPLE, refresh=st.booleans(), trouble=TROUBLE, key=st.integers(0, 1))
    def ask(self, who: int, record: int, person: int, refresh: bool, trouble: str | None, key: int) -> None:
        tenant = self.tenants[who]
        self.vendors.trouble = {} if trouble is None else {VENDORS[person % 3]: trouble}
        before = len(self.vendors.asked), len(self.vendors.invoices)
        answer = self.do(self._post(tenant, record, person, refresh=refresh, key=key))
        self.vendors.trouble = {}
        self._account(tenant, record, person, [answer], before)

    @rule(who=WHO, record=RECORDS, person=PEOPLE, count=st.integers(2, 6))
    def ask_many_times_at_once(self, who: int, record: int, person: int, count: int) -> None:
        tenant = self.tenants[who]
        before = len(self.vendors.asked), len(self.vendors.invoices)

        async def work() -> list[httpx.Response]:
            return await asyncio.gather(*(self._post(tenant, record, person) for _ in range(count)))

        answers = self.do(work())
        assert len({answer.json().get("phone") for answer in answers}) == 1
        self._account(tenant, record, person, answers, before)

    @rule(record=RECORDS, person=PEOPLE)
    def everybody_asks_the_same_at_once(self, record: int, person: int) -> None:
        before = len(self.vendors.asked), len(self.vendors.invoices)

        async def work() -> list[httpx.Response]:
            return await asyncio.gather(*(self._post(tenant, record, person) for tenant in self.tenants))

        for tenant, answer in zip(self.tenants, self.do(work()), strict=True):
            self._account(tenant, record, person, [answer], before, shared=True)

    @rule(who=WHO, mark=st.integers(0, 7))
    def ask_and_leave(self, who: int, mark: int) -> None:
        """The call under way is finished and its number paid for; nobody else is asked."""
        tenant = self.tenants[who]
        person = next(FRESH) * 8 + mark
        before = len(self.vendors.asked)
        self.do(self._leave(tenant, person))
        asked = self.vendors.asked[before:]
        assert asked == ([(VENDORS[0], person)] if tenant.left else [])
        if asked and knows(VENDORS[0], person):
            self._buy(tenant, person, self.vendors.invoices[-1].number)

    async def _leave(self, tenant: Tenant, person: int) -> None:
        self.vendors.gate.clear()
        before = len(self.vendors.asked)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.world.port)
        body = json.dumps({"record_id": f"left {person}", "email": email(person)}).encode()
        writer.write(
            f"POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {tenant.keys[-1].key}\r\nContent-Type: "
            f"application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        async with asyncio.timeout(30):
            if tenant.left:
                while len(self.vendors.asked) == before:  # noqa: ASYNC110 - it is asked once
                    await asyncio.sleep(0.001)
            else:
                await reader.readuntil(b"\r\n\r\n")
            writer.close()
            flights = self.world.service._flights._all
            while any(flight.waiting for flight in flights):  # noqa: ASYNC110 - it has heard that nobody waits
                await asyncio.sleep(0.001)
        self.vendors.gate.set()
        await self.world.settled()

    @rule(who=WHO, other=WHO, record=RECORDS, person=PEOPLE)
    def ask_and_collect(self, who: int, other: int, record: int, person: int) -> None:
        """A location is its tenant's alone."""
        tenant = self.tenants[who]
        before = len(self.vendors.asked), len(self.vendors.invoices)
        answer = self.do(self._post(tenant, record, person, Prefer="respond-async"))
        if answer.status_code == 202:
            name = answer.json()["request_id"]
            foreign = self.do(self._collect(self.tenants[other], name))
            self.do(self.world.settled())
            # A well-formed name may be another process's, so it is not yet, rather than not at all.
            assert other == who or (foreign.status_code, foreign.json()["record_id"]) == (202, None)
            answer = self.do(self._collect(tenant, name))
            assert answer.status_code != 202
        self._account(tenant, record, person, [answer], before)

    @precondition(lambda self: not self.late)
    @rule(who=WHO)
    def a_deadline_passes(self, who: int) -> None:
        """The job is kept, and collected without being paid for again. It takes a second, so a game has it once."""
        self.late = True
        tenant = self.tenants[who]
        person = next(FRESH) * 8 + 4
        before = len(self.vendors.asked), len(self.vendors.invoices)
        self.vendors.working = False
        late = self.do(self._post(tenant, person, person, Prefer="wait=1"))
        self.vendors.working = True
        self._account(tenant, person, person, [late], before)
        again = self.do(self._post(tenant, person, person))
        self._account(tenant, person, person, [again], before)
        if late.status_code == 200:
            assert late.headers["x-enrichcore-status"] == "incomplete"
            assert len([who for _, who in self.vendors.asked[before[0] :] if who == person]) == len(VENDORS)

    @rule(who=WHO, body=st.sampled_from(BAD))
    def send_nonsense(self, who: int, body: bytes) -> None:
        before = len(self.vendors.asked)
        headers = {"Authorization": f"Bearer {self.tenants[who].keys[0].key}", "Content-Type": "application/json"}
        answer = self.do(self.world.client.post(PATH, content=body, headers=headers))
        assert conforming(answer).status_code in (400, 422)
        assert len(self.vendors.asked) == before

    @rule(who=WHO, other=WHO, record=RECORDS, person=PEOPLE)
    def send_a_wrong_key(self, who: int, other: int, record: int, person: int) -> None:
        """The id of one key with the secret of another."""
        before = len(self.vendors.asked)
        mine, yours = self.tenants[who].keys[0].key, self.tenants[other].keys[-1].key
        mixed = mine.rpartition("_")[0] + "_" + (yours.rpartition("_")[2] if mine != yours else "a" * 40)
        answer = self.do(self._send(mixed, record, person))
        assert answer.status_code == 401
        assert len(self.vendors.asked) == before

    # --- what must be so ----------------------------------------------------------------------------------------------

    @invariant()
    def credits_are_exact(self) -> None:
        """After every step, whatever it was, each balance is what was granted less what was found."""
        self.games.steps += 1
        for tenant in self.tenants:
            assert self.do(self.world.store.left(tenant.name)) == tenant.left, tenant

    def teardown(self) -> None:
        """No number was shown to two tenants, and no ended key opens anything."""
        self.do(self.world.settled())
        for one, two in itertools.combinations(self.tenants, 2):
            assert not one.given & two.given
        self.check_ended_keys()

    def check_ended_keys(self) -> None:
        """What ended more than a second ago, in this game or in an earlier one, opens nothing."""
        while self.ended and self.ended[0][0] < time.monotonic() - REMEMBERED:
            assert self.do(self._send(self.ended.popleft()[1], 0, 0)).status_code == 401

    async def _post(
        self, tenant: Tenant, record: int, person: int, *, refresh: bool = False, key: int = 0, **headers: str
    ) -> httpx.Response:
        return await self._send(
            tenant.keys[key % len(tenant.keys)].key, record, person, "?refresh=true" if refresh else "", **headers
        )

    async def _send(self, key: str, record: int, person: int, query: str = "", **headers: str) -> httpx.Response:
        answer = await self.world.client.post(
            PATH + query,
            json={"record_id": f"r{record}", "email": email(person)},
            headers={"Authorization": f"Bearer {key}", **headers},
        )
        return conforming(answer)

    async def _collect(self, tenant: Tenant, name: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {tenant.keys[0].key}"}
        return conforming(await self.world.client.get(f"{PATH}/{name}", headers=headers))

    def _buy(self, tenant: Tenant, person: int, number: str) -> None:
        tenant.spent += 1
        tenant.given.add(number)
        tenant.of[number] = person

    def _account(
        self,
        tenant: Tenant,
        record: int,
        person: int,
        answers: list[httpx.Response],
        before: tuple[int, int],
        *,
        shared: bool = False,
    ) -> None:
        """Take a step's answers into the model, of which all are for one tenant and the same person."""
        asked = self.vendors.asked[before[0] :]
        new = {invoice.number for invoice in self.vendors.invoices[before[1] :]}
        assert shared or max(Counter(asked).values(), default=0) <= 1, "one question was asked twice"
        tenant.asked_for.setdefault(record, set()).add(person)
        before_that = tenant.stands_for.get(record, person)
        for answer in answers:
            if answer.status_code != 200:
                self._refused(tenant, answer, asked if not shared else [])
                if answer.status_code == 500:
                    tenant.stands_for.setdefault(record, person)
                continue
            status, number = answer.headers["x-enrichcore-status"], answer.json()["phone"]
            assert (status == "suppressed") is (person in tenant.suppressed)
            assert (status == "found") is (number is not None)
            told = answer.headers.get("x-enrichcore-record") == "changed"
            changed = told if before_that is None else before_that != person
            assert told or not changed or status == "suppressed"
            if number is not None:
                assert number in tenant.given | new
                assert number not in tenant.gone
                assert not any(number in other.given for other in self.tenants if other is not tenant)
                # Of a record that moved, what is stored counts as found anew; without credits it is given all the same.
                if number not in tenant.given or (changed and tenant.left):
                    self._buy(tenant, person, number)
                assert tenant.of[number] == person
            if status in ("found", "not_found"):
                tenant.stands_for[record] = before_that = person
            elif status == "incomplete":  # it stands for whoever was asked for first, but overwrites nothing
                tenant.stands_for.setdefault(record, person)

    def _refused(self, tenant: Tenant, answer: httpx.Response, asked: list[tuple[str, int]]) -> None:
        if answer.status_code == 400:
            facts = answer.json()
            assert facts["details"]["code"] == "insufficient_credits"
            assert (facts["credits_required"], facts["credits_remaining"]) == (1, tenant.left)
            assert (tenant.left, asked) == (0, [])
        else:
            assert answer.status_code == 500
            assert answer.json()["details"]["code"] == "providers_unavailable"


def _contact(person: int) -> Any:
    from enrichcore import Contact

    return Contact(email=email(person))


def play(journal: PostgresJournal, examples: int, length: int) -> int:
    """Play so many games of so many steps; how many steps there were."""
    games = Games()
    with asyncio.Runner() as runner:
        opening = world(journal.url, journal.environment)
        place = runner.run(opening.__aenter__())
        try:
            run_state_machine_as_test(
                lambda: Machine(runner, place, games),  # type: ignore[arg-type]  # any maker will do
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=length,
                    deadline=None,
                    database=None,
                    report_multiple_bugs=False,
                    suppress_health_check=list(HealthCheck),
                ),
            )
            time.sleep(REMEMBERED)
            Machine(runner, place, games).check_ended_keys()
        finally:
            runner.run(opening.__aexit__(None, None, None))
    assert not games.ended
    return games.steps


@pytest.mark.parametrize(
    ("examples", "length", "least"), [(8, 60, 200), pytest.param(600, 200, 100_000, marks=pytest.mark.proof)]
)
def test_no_answer_reaches_another_tenant_and_credits_are_exact(
    postgres: Any, examples: int, length: int, least: int
) -> None:
    journal = PostgresJournal(postgres, "machine")
    try:
        began = time.monotonic()
        steps = play(journal, examples, length)
        print(f"{steps} steps, {steps / (time.monotonic() - began):.0f} a second")
    finally:
        journal.close()
    assert steps >= least
