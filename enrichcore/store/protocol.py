"""The store's protocol: two verbs (`claim`, `settle`), a few notes beside them, and what they exchange.

A store keeps the journal: one row per attempt, written before a paid call leaves and again when its outcome is known.
Cache, single-flight across processes, resume and report are readers of that journal.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from decimal import Decimal
from typing import Final, Protocol

import attrs

from enrichcore.draft import draft_of
from enrichcore.model import Billed, Outcome, PhoneResult
from enrichcore.model.attempt import ZERO
from enrichcore.store.codec import decode_result, encode_result

_NO = Billed.NO
QUESTION: Final = 16
"""Bytes of a key that say what is asked; behind them stands who is asked."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Claim:
    """The wish to ask one provider about one key.

    A settled attempt is fresh when it was settled at or after `hits_since` (hits, rejected), `misses_since` (misses) or
    `errors_since` (billed errors; None: as for misses). One of unknown billing blocks as long as a billed error would,
    but at least for a day. An error that was not billed never blocks. Of what was asked at or after `repeats_since` the
    vendor makes repeats free: such an attempt of unknown billing, an orphaned intent among them, blocks nothing; what
    is granted then is the same attempt once more, with what it has reserved. Times are wall seconds.

    `reserve` is what the call can cost at most, in billionths of the currency, and `budgets` the scopes it counts in,
    each with its limit. `suppression` are keyed hashes of all that could be on the suppression list.
    """

    key: bytes
    tenant: str
    record: bytes
    provider: str
    method: str
    now: float
    hits_since: float
    misses_since: float
    errors_since: float | None = None
    repeats_since: float = float("inf")
    reserve: int = 0
    budgets: tuple[tuple[str, int], ...] = ()
    suppression: tuple[bytes, ...] = ()


ClaimDraft = draft_of(Claim)


@attrs.define(kw_only=True, eq=False)
class Row:
    """One attempt in the journal.

    `outcome` is None while the intent is open. `payload` is the encoded answer (numbers and person) of a hit or a
    miss. Times are wall seconds; `cost` is None where a credit has no price or nobody knows what was billed.
    `reserved` is what an open intent holds in each of the budgets `scopes`, `charged` what a settled one has spent
    there, both in billionths of the currency; what is in doubt counts as spent. An open intent of unknown billing is
    the free repeat of a doubt. `forgotten`: the person was erased, and nothing that could name them is written here any
    more.
    """

    id: int
    key: bytes
    tenant: str
    record: bytes
    provider: str
    method: str
    owner: int
    started_at: float
    settled_at: float | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    billed: Billed = Billed.NO
    credits: Decimal = ZERO
    cost: Decimal | None = ZERO
    duration_ms: float = 0.0
    tries: int = 0
    job: str | None = None
    payload: bytes | None = None
    reserved: int = 0
    charged: int = 0
    scopes: tuple[str, ...] = ()
    forgotten: bool = False


def ended_row(
    id: int,  # noqa: A002 - as the field is called
    key: bytes,
    tenant: str,
    record: bytes,
    provider: str,
    method: str,
    owner: int,
    started_at: float,
    settled_at: float,
    duration_ms: float,
) -> Row:
    """The row of an attempt that has ended at its first try, for the place where thousands are made (`draft`).

    What came of it is still to be said.
    """
    row = Row.__new__(Row)
    row.id = id
    row.key = key
    row.tenant = tenant
    row.record = record
    row.provider = provider
    row.method = method
    row.owner = owner
    row.started_at = started_at
    row.settled_at = settled_at
    row.duration_ms = duration_ms
    row.tries = 1
    row.outcome = row.reason = row.job = row.payload = None
    row.billed = _NO
    row.credits = row.cost = ZERO
    row.reserved = row.charged = 0
    row.scopes = ()
    row.forgotten = False
    return row


@attrs.frozen
class Granted:
    """The intent is committed: go ahead, under this attempt id, which is a doubt's where a repeat of it is free."""

    id: int


@attrs.frozen
class Known:
    """A settled attempt answers the question: nothing to ask."""

    row: Row


@attrs.frozen
class InFlight:
    """Another living owner is asking right now."""

    row: Row


@attrs.frozen
class TakenOver:
    """An orphaned intent with a vendor job is now ours: poll `row.job` instead of asking again."""

    row: Row


@attrs.frozen
class OverBudget:
    """The budget `scope` has no room for the call: `exhausted` by what is spent, else only by what others reserve."""

    scope: str
    exhausted: bool


@attrs.frozen
class Suppressed:
    """The person is on the suppression list: nobody may be asked."""


ClaimAnswer = Granted | Known | InFlight | TakenOver | OverBudget | Suppressed


@attrs.define(kw_only=True, eq=False)
class StoredResult:
    """The last finished enrichment of a record: what `explain` shows and a rerun returns.

    `fingerprint` binds it to the normalised identity, `plan` to the providers and the policy that produced it. It
    holds the `result`, or the `payload` that it was read from: what nobody writes down is never encoded.
    """

    tenant: str
    record: bytes
    fingerprint: bytes
    plan: bytes
    status: str
    finished_at: float
    fresh_until: float
    started_at: float = 0.0
    payload: bytes | None = None
    result: PhoneResult | None = None

    def written(self) -> bytes:
        """The result as bytes."""
        if self.payload is None:
            assert self.result is not None
            self.payload = encode_result(self.result)
        return self.payload

    def read(self) -> PhoneResult:
        """The result itself."""
        return decode_result(self.written()) if self.result is None else self.result


@attrs.frozen(kw_only=True)
class Forgotten:
    """What was erased of a person: how many rows of each kind, and the providers that were sent the person's data."""

    attempts: int = 0
    results: int = 0
    numbers: int = 0
    recipients: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Expiry:
    """When answers of one provider have to go: those settled before these moments, in wall seconds."""

    provider: str
    hits_before: float
    misses_before: float


@attrs.frozen(kw_only=True)
class StoredState:
    """A provider state that outlives the process: `parked` (out of credits) or `suspended` (key refused).

    Also `told`: its vendor says that a job has ended, of which `credential` is a keyed hash.
    """

    provider: str
    credential: bytes
    state: str
    since: float
    until: float | None
    reason: str | None


@attrs.frozen
class SharedNumber:
    """A number that is nobody's own.

    `phone` is its keyed hash; `people` for how many people it had been given when that became too many, 0 if it never
    did; `company`: a vendor said that it is the company's. `mark` grows with every change in a store.
    """

    mark: int
    phone: int
    people: int
    company: bool


class Store(Protocol):
    """What the engine needs of a store.

    Every method may raise `StoreError`, which names the file or server, the cause and the way out.
    """

    durable: bool
    """Whether what is committed survives the process."""
    owner: int
    """The id under which this process holds intents; set by `open`."""

    def next_id(self) -> int:
        """A fresh attempt id for a row that needs no intent."""
        ...

    async def open(self, now: float) -> None:
        """Open or create the store and register this process as an owner."""
        ...

    async def aclose(self) -> None:
        """Flush what is queued and close; our own open intents stay for the next owner to judge."""
        ...

    async def keep_currency(self, currency: str) -> str:
        """The currency of all amounts: `currency` from now on, unless others were booked or somebody else is at it."""
        ...

    async def heartbeat(self, now: float) -> None:
        """Say that this owner lives."""
        ...

    async def known(self, claim: Claim) -> Row | None:
        """The settled attempt that `claim` would answer with, read without taking anything."""
        ...

    async def claim(self, claim: Claim) -> ClaimAnswer:
        """Freshness, lease and intent in one transaction; durable when it returns."""
        ...

    def settle(self, row: Row) -> Awaitable[None]:
        """Close the intent `row.id` with its outcome; durable once awaited. The first definite outcome stands.

        A store that returns a future has queued the outcome already, and a claim that is made before the future is
        done is durable no sooner: the engine goes on to the next provider meanwhile. Another awaitable is awaited at
        once.
        """
        ...

    async def note_job(self, attempt: int, job: str) -> None:
        """Keep a vendor's job id on an open intent; durable when it returns."""
        ...

    async def release(self, attempt: int) -> None:
        """Leave an open intent with a job to whoever asks next: it counts as orphaned."""
        ...

    def record(self, row: Row) -> None:
        """Queue a settled attempt that had no intent (a free provider); durable soon and when the store closes."""
        ...

    def save_result(self, result: StoredResult) -> None:
        """Queue the result of an enrichment; an incomplete one never replaces a found or not_found one."""
        ...

    async def load_result(self, tenant: str, record: bytes) -> StoredResult | None:
        """The last definite result of a record, else its last incomplete one."""
        ...

    async def last_result(self, tenant: str, record: bytes) -> StoredResult | None:
        """The last finished enrichment of a record, definite or not: what `explain` shows."""
        ...

    async def in_doubt(self, tenant: str, now: float) -> list[Row]:
        """Attempts whose billing is unknown: orphaned intents and settled `unknown` ones, oldest first."""
        ...

    async def calls_since(self, provider: str, since: float) -> list[float]:
        """When calls of `provider` started, oldest first: seeds the rate limits of a new process."""
        ...

    async def load_states(self) -> list[StoredState]:
        """Provider states that outlive the process."""
        ...

    def save_state(self, state: StoredState) -> None:
        """Queue a provider state; `state.state == "closed"` forgets it."""
        ...

    def note_number(
        self, tenant: str, phone: int, person: int | None, now: float, limit: int, told: Callable[[SharedNumber], None]
    ) -> None:
        """Queue that a number was given for a person or, without one, that it is a company's line.

        `phone` and `person` are keyed hashes, signed 64-bit integers. Durable with the next heartbeat at the latest and
        when the store closes. A number given for more than `limit` people and a company's line are shared: `told` is
        called with it in the loop, once that is durable. Pass the same `told` each time.
        """
        ...

    async def shared_numbers(self, tenant: str, after: int = 0) -> list[SharedNumber]:
        """The numbers that are shared, by mark; only those that became so after the mark `after`."""
        ...

    async def spending(self, tenant: str, scopes: Collection[str]) -> dict[str, tuple[int, int]]:
        """What is spent and what is reserved in each budget, in billionths; a scope nobody has used is left out."""
        ...

    def ledger(self, tenant: str | None, *, since: float = 0.0, until: float = float("inf")) -> AsyncIterator[Row]:
        """All attempts started in a time, of one tenant or of all, oldest first, without their payloads."""
        ...

    async def suppress(self, tenant: str, entries: Sequence[tuple[bytes, str]], now: float) -> int:
        """Put keyed hashes, each with its kind, on the suppression list; how many are new. Durable when it returns."""
        ...

    async def unsuppress(self, tenant: str, hashes: Collection[bytes]) -> int:
        """Take hashes off the suppression list; how many were on it."""
        ...

    async def suppressed(self, tenant: str) -> list[tuple[bytes, str]]:
        """The whole suppression list of a tenant: hash and kind."""
        ...

    async def epoch(self) -> int:
        """A number that grows with every suppression, removal from the list and erasure, by whatever process."""
        ...

    async def forget(
        self, tenant: str, records: Collection[bytes], questions: Collection[bytes], people: Collection[int], now: float
    ) -> Forgotten:
        """Erase a person: results, payloads, jobs, numbers, and the links between attempts and the person.

        `questions` are the first `QUESTION` bytes of keys, `people` the hashes of `note_number`. Every record that an
        attempt at one of the questions names is erased too. Amounts, times and providers stay. What was started before
        and ends later brings nothing back.
        """
        ...

    async def expire(self, tenant: str, rules: Sequence[Expiry], now: float) -> int:
        """Delete answers and results whose time is over; how many rows were emptied or deleted.

        What dead owners left open of people who were erased is given up: nobody else would ever find it.
        """
        ...

    async def lease_rate(
        self, provider: str, credential: bytes, calls: int, seconds: float, want: int, now: float
    ) -> tuple[int, float]:
        """Take up to `want` of the `calls` that all processes together may start in each window of `seconds`.

        Returned are how many were granted and the seconds until the window ends, after which they are worth nothing.
        """
        ...
