"""MemoryStore: the journal in plain dictionaries, for tests, simulations and callers who accept to pay again."""

import secrets
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from itertools import islice

import attrs

from enrichcore.errors import StoreError
from enrichcore.model import Billed, Outcome
from enrichcore.store.budgeting import NOTHING, charge, over_budget
from enrichcore.store.judge import (
    RELEASED,
    after_repeat,
    doubt_to_repeat,
    erased,
    given_up,
    is_repeat,
    may_settle,
    newest_blocking,
)
from enrichcore.store.memory_accounts import MemoryAccounts
from enrichcore.store.memory_privacy import MemoryPrivacy, parts_of
from enrichcore.store.memory_tables import Intent, Tables
from enrichcore.store.protocol import (
    QUESTION,
    Claim,
    ClaimAnswer,
    Granted,
    InFlight,
    Known,
    Row,
    SharedNumber,
    StoredResult,
    StoredState,
    Suppressed,
    TakenOver,
)
from enrichcore.store.results import definite

__all__ = ["ROWS", "MemoryStore", "Tables"]

ROWS = 1_000_000
"""How many settled attempts, and how many results, a MemoryStore keeps unless told otherwise."""


class MemoryStore(MemoryPrivacy, MemoryAccounts):
    """A journal that ends with the process. Bounded: beyond `rows` attempts or results, the oldest are dropped.

    Every method is done when it returns and never suspends. A store may be closed and opened again: it then has a new
    owner id, and what it left open is orphaned, as after a crash.

    Args:
        rows: how many settled attempts, and how many results, are kept.
        owner: the owner id to start from, for replays that need the same ids each time; random when None.
        tables: the tables of another MemoryStore, to stand for two processes on one journal.
    """

    durable = False

    def __init__(self, *, rows: int = ROWS, owner: int | None = None, tables: Tables | None = None) -> None:
        self.tables = tables if tables is not None else Tables()
        self.owner = 0
        self._rows = rows
        self._chosen = owner
        self._next = 0
        self._is_open = False

    def next_id(self) -> int:
        """A fresh attempt id."""
        self._next += 1
        return self._next

    async def open(self, now: float) -> None:  # noqa: ARG002 - the protocol's
        """Become a new owner."""
        if self._is_open:
            raise StoreError("this memory store is open already: make another one over the same `tables` instead")
        owner = self._chosen if self._chosen is not None else secrets.randbits(31)
        while owner == RELEASED or owner in self.tables.owners:
            owner += 1
        if self._chosen is not None:
            self._chosen = owner + 1
        self.owner = owner
        self.tables.owners.add(owner)
        self._next = owner << 32
        self._is_open = True

    async def aclose(self) -> None:
        """Stop being an owner; what is open is orphaned."""
        self.tables.owners.discard(self.owner)
        self._is_open = False

    async def keep_currency(self, currency: str) -> str:
        """The currency of all amounts."""
        tables = self.tables
        if tables.currency not in (None, currency):
            booked = any(map(any, tables.budgets.values())) or any(row.cost for row in tables.settled)
            if booked or tables.owners - {self.owner}:
                return str(tables.currency)
        tables.currency = currency
        return currency

    async def heartbeat(self, now: float) -> None:
        """Nothing to say: an owner lives until it is closed."""

    async def known(self, claim: Claim) -> Row | None:
        """The settled attempt that `claim` would answer with."""
        return newest_blocking(claim, self.tables.settled.at(claim.key))

    def unheard(self, tenant: str, record: bytes, keys: Collection[bytes]) -> bool:
        """Whether nothing is kept of a record and of these questions."""
        tables = self.tables
        return (
            (tenant, record) not in tables.results
            and tables.settled.keys().isdisjoint(keys)
            and tables.intents.keys().isdisjoint(keys)
        )

    async def claim(self, claim: Claim) -> ClaimAnswer:
        """Freshness, lease and intent in one step."""
        tables = self.tables
        key = claim.key
        row = newest_blocking(claim, tables.settled.at(key))
        if row is not None:
            return Known(row)
        intent = tables.intents.get(key)
        if intent is not None and (answer := self._judge(claim, intent)) is not None:
            return answer
        if not self._is_open:
            raise StoreError("this memory store is not open: `await store.open(now)` first")
        if claim.suppression and any((claim.tenant, hashed) in tables.suppressed for hashed in claim.suppression):
            return Suppressed()
        doubt = doubt_to_repeat(claim, tables.settled.at(key))
        if doubt is not None:
            return self._repeat(claim, doubt)
        if claim.budgets:
            spending = self._spending(claim.tenant, [scope for scope, _ in claim.budgets])
            over = over_budget(claim, spending)
            if over is not None:
                return over
            self._spend(claim.tenant, [scope for scope, _ in claim.budgets], reserved=claim.reserve)
        self._next = attempt = self._next + 1
        tables.intents[key] = tables.open[attempt] = Intent(attempt, self.owner, claim, claim.now)
        return Granted(attempt)

    def _judge(self, claim: Claim, intent: Intent) -> ClaimAnswer | None:
        """What an open intent means for a claim; None when it was an orphan's and the question may be asked again."""
        if intent.owner in self.tables.owners:
            return InFlight(intent.row())
        if intent.job is not None:
            intent.owner = self.owner
            return TakenOver(intent.row())
        row = given_up(intent.row(), claim.now)
        self._close(intent)
        row = self._settle(row, row)
        return None if row.started_at >= claim.repeats_since else Known(row)

    def _repeat(self, claim: Claim, doubt: Row) -> Granted:
        """Open a doubt again whose repeat is free: what it was charged is reserved once more, and nothing else."""
        tables = self.tables
        tables.settled.remove(doubt)
        self._spend(doubt.tenant, doubt.scopes, spent=-doubt.charged, reserved=doubt.reserved)
        claim = attrs.evolve(
            claim, record=doubt.record, reserve=doubt.reserved, budgets=tuple((scope, 0) for scope in doubt.scopes)
        )
        intent = Intent(doubt.id, self.owner, claim, doubt.started_at, repeats=True)
        tables.intents[claim.key] = tables.open[doubt.id] = intent
        return Granted(doubt.id)

    async def settle(self, row: Row) -> None:
        """Close the intent `row.id`; the first definite outcome stands."""
        tables = self.tables
        intent = tables.open.pop(row.id, None)
        if intent is not None:
            tables.intents.pop(intent.claim.key, None)
            self._settle(row, intent.row())
            return
        for stored in tables.settled.at(tables.erased.get(row.id, row.key)):
            if stored.id == row.id:
                if may_settle(stored):
                    tables.settled.replace(stored, self._charged(row, stored))
                return
        self._keep(row)

    def withdraw(self, attempt: int) -> None:
        """Take back an intent under which nothing was sent."""
        intent = self.tables.open.get(attempt)
        if intent is not None:
            self._close(intent)
            row = intent.row()
            if intent.repeats:
                self._settle(given_up(row, row.started_at), row)
                return
            self._spend(row.tenant, row.scopes, reserved=-row.reserved)

    async def note_job(self, attempt: int, job: str) -> None:
        """Keep a vendor's job id on an open intent."""
        intent = self.tables.open.get(attempt)
        if intent is not None and not intent.forgotten:
            intent.job = job

    async def release(self, attempt: int) -> None:
        """Leave an open intent to whoever asks next."""
        intent = self.tables.open.get(attempt)
        if intent is not None:
            intent.owner = RELEASED

    def record(self, row: Row) -> None:
        """Keep a settled attempt that had no intent."""
        if self.tables.forgotten and self._erased(row.tenant, (row.record, row.key[:QUESTION]), row.started_at):
            row = attrs.evolve(erased(row), key=secrets.token_bytes(len(row.key)), record=secrets.token_bytes(16))
        self._keep(row)

    def save_result(self, result: StoredResult) -> None:
        """Keep a result; an incomplete one never replaces a definite one."""
        results = self.tables.results
        if self.tables.forgotten:
            names = (result.record, *parts_of(result.fingerprint))
            if self._erased(result.tenant, names, result.started_at):
                return
        key = (result.tenant, result.record)
        before = results.pop(key, None)
        kept = result if definite(result) else (before[0] if before is not None else None)
        results[key] = (kept, result)
        if len(results) > self._rows:
            for old in list(islice(results, self._surplus())):
                del results[old]

    async def load_result(self, tenant: str, record: bytes) -> StoredResult | None:
        """The last definite result of a record, else its last incomplete one."""
        both = self.tables.results.get((tenant, record))
        return None if both is None else both[0] or both[1]

    async def last_result(self, tenant: str, record: bytes) -> StoredResult | None:
        """The last finished enrichment of a record, definite or not."""
        both = self.tables.results.get((tenant, record))
        return None if both is None else both[1]

    async def in_doubt(self, tenant: str, now: float) -> list[Row]:  # noqa: ARG002 - the protocol's
        """Attempts whose billing is unknown, oldest first."""
        orphans = [i.row() for i in self.tables.open.values() if i.owner not in self.tables.owners]
        unknown = [row for row in self.tables.settled if row.billed is Billed.UNKNOWN]
        return sorted((r for r in orphans + unknown if r.tenant == tenant), key=lambda r: (r.started_at, r.id))

    async def calls_since(self, provider: str, since: float) -> list[float]:
        """When calls of `provider` started, oldest first."""
        asked = (row for row in self.tables.settled if row.outcome is not Outcome.SKIPPED)
        settled = (row.started_at for row in asked if row.provider == provider)
        under_way = (i.started_at for i in self.tables.open.values() if i.claim.provider == provider)
        return sorted(at for at in (*settled, *under_way) if at >= since)

    async def spending(self, tenant: str, scopes: Collection[str]) -> dict[str, tuple[int, int]]:
        """What is spent and what is reserved in each budget."""
        return self._spending(tenant, scopes)

    async def ledger(
        self, tenant: str | None, *, since: float = 0.0, until: float = float("inf")
    ) -> AsyncIterator[Row]:
        """All attempts started in a time, oldest first, without their payloads."""
        every = [*self.tables.settled, *(intent.row() for intent in self.tables.open.values())]
        found = [row for row in every if (tenant is None or row.tenant == tenant) and since <= row.started_at < until]
        for row in sorted(found, key=lambda row: (row.started_at, row.id)):
            yield attrs.evolve(row, payload=None)

    async def load_states(self) -> list[StoredState]:
        """Provider states that were saved."""
        return list(self.tables.states.values())

    def save_state(self, state: StoredState) -> None:
        """Keep a provider state; `closed` forgets it."""
        if state.state == "closed":
            self.tables.states.pop((state.provider, state.credential), None)
        else:
            self.tables.states[state.provider, state.credential] = state

    def note_number(
        self,
        tenant: str,
        phone: int,
        person: int | None,
        now: float,  # noqa: ARG002 - the protocol's
        limit: int,
        told: Callable[[SharedNumber], None],
    ) -> None:
        """Count for whom a number was given; `told` hears at once of one that is shared."""
        numbers = self.tables.numbers
        shared: SharedNumber | None
        if person is None:
            shared = numbers.company_line(tenant, phone, self._rows)
        else:
            shared = numbers.given(tenant, phone, person, limit, self._rows)
        if shared is not None:
            told(shared)

    async def shared_numbers(self, tenant: str, after: int = 0) -> list[SharedNumber]:
        """The numbers that are shared, by mark."""
        return self.tables.numbers.after(tenant, after)

    # --- limits that processes share ------------------------------------------------------------------------------

    async def lease_rate(
        self, provider: str, credential: bytes, calls: int, seconds: float, want: int, now: float
    ) -> tuple[int, float]:
        """Take up to `want` of the calls of a window that all processes share."""
        key = (provider, credential, seconds)
        began, used = self.tables.rates.get(key, (now, 0))
        if not began - seconds <= now < began + seconds:  # over, or the clock was set back
            began, used = now, 0  # a little before it is another process's clock, a little behind
        granted = max(min(want, calls - used), 0)
        self.tables.rates[key] = began, used + granted
        return granted, began + seconds - now

    def _erased(self, tenant: str, names: Iterable[bytes], started_at: float) -> bool:
        """Whether what began then is about somebody who was erased since, by its record or its questions."""
        return any(started_at <= self.tables.forgotten.get((tenant, name), float("-inf")) for name in names)

    def _spending(self, tenant: str, scopes: Collection[str]) -> dict[str, tuple[int, int]]:
        budgets = self.tables.budgets
        return {scope: budgets[tenant, scope] for scope in scopes if (tenant, scope) in budgets}

    def _spend(self, tenant: str, scopes: Collection[str], *, spent: int = 0, reserved: int = 0) -> None:
        for scope in scopes:
            before = self.tables.budgets.get((tenant, scope), NOTHING)
            self.tables.budgets[tenant, scope] = before[0] + spent, before[1] + reserved

    def _charged(self, row: Row, before: Row) -> Row:
        """`row` with what it has spent, as its budgets now have it; `before` is its intent or its earlier outcome."""
        if not before.scopes and not before.forgotten:
            return row
        charged = charge(row, before.reserved)
        self._spend(row.tenant, before.scopes, spent=charged - before.charged)
        row = attrs.evolve(row, reserved=before.reserved, charged=charged, scopes=before.scopes)
        # Whoever settles it still knows whom it was about: that link stays cut.
        return attrs.evolve(erased(row), key=before.key, record=before.record) if before.forgotten else row

    def _settle(self, row: Row, intent: Row) -> Row:
        """Keep the outcome of an intent; what it had reserved is free again. The row as it is kept."""
        if is_repeat(intent):
            row = attrs.evolve(after_repeat(row), started_at=intent.started_at, record=intent.record)
        if intent.scopes:
            self._spend(intent.tenant, intent.scopes, reserved=-intent.reserved)
        row = self._charged(row, intent)
        self._keep(row)
        return row

    def _close(self, intent: Intent) -> None:
        del self.tables.open[intent.id]
        self.tables.intents.pop(intent.claim.key, None)

    def _keep(self, row: Row) -> None:
        settled = self.tables.settled
        settled.keep(row)
        if settled.count > self._rows:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        for row in self.tables.settled.drop_oldest(self._surplus()):
            self.tables.erased.pop(row.id, None)

    def _surplus(self) -> int:
        # In slices: taking single entries off the front of a dict is quadratic.
        return max(1, self._rows // 16)
