"""The store's protocol: two verbs (`claim`, `settle`), a few notes beside them, and what they exchange.

A store keeps the journal: one row per attempt, written before a paid call leaves and again when its outcome is known.
Cache, single-flight across processes, resume and report are readers of that journal.
"""

from decimal import Decimal
from typing import Protocol

import attrs

from enrichcore.model import Billed, Outcome
from enrichcore.model.attempt import ZERO
from enrichcore.model.draft import draft_of

_NO = Billed.NO


@attrs.frozen(kw_only=True, weakref_slot=False)
class Claim:
    """The wish to ask one provider about one key.

    A settled attempt is fresh when it was settled at or after `hits_since` (hits, rejected) or `misses_since`
    (misses and billed errors). One of unknown billing blocks as long as a miss would, but at least for a day. An
    error that was not billed never blocks. `repeatable`: the vendor makes repeats free, so an attempt of unknown
    billing, an orphaned intent among them, blocks nothing. Times are wall seconds.
    """

    key: bytes
    tenant: str
    record: bytes
    provider: str
    method: str
    now: float
    hits_since: float
    misses_since: float
    repeatable: bool = False


ClaimDraft = draft_of(Claim)


@attrs.define(kw_only=True, eq=False)
class Row:
    """One attempt in the journal.

    `outcome` is None while the intent is open. `payload` is the encoded answer (numbers and person) of a hit or a
    miss. Times are wall seconds; `cost` is None where a credit has no price or nobody knows what was billed.
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


def blank_row() -> Row:
    """A row whose first fields are still to be set, for the one place where thousands are made (see `model.draft`)."""
    row = Row.__new__(Row)
    row.outcome = row.reason = row.job = row.payload = None
    row.billed = _NO
    row.credits = row.cost = ZERO
    return row


@attrs.frozen
class Granted:
    """The intent is committed: go ahead, under this attempt id."""

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


ClaimAnswer = Granted | Known | InFlight | TakenOver


@attrs.define(kw_only=True, eq=False)
class StoredResult:
    """The last finished enrichment of a record: what `explain` shows and a rerun returns.

    `fingerprint` binds it to the normalised identity, `plan` to the providers and the policy that produced it.
    """

    tenant: str
    record: bytes
    fingerprint: bytes
    plan: bytes
    status: str
    finished_at: float
    fresh_until: float
    payload: bytes


@attrs.frozen(kw_only=True)
class StoredState:
    """A provider state that outlives the process: `parked` (out of credits) or `suspended` (key refused)."""

    provider: str
    credential: bytes
    state: str
    since: float
    until: float | None
    reason: str | None


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

    async def heartbeat(self, now: float) -> None:
        """Say that this owner lives."""
        ...

    async def known(self, claim: Claim) -> Row | None:
        """The settled attempt that `claim` would answer with, read without taking anything."""
        ...

    async def claim(self, claim: Claim) -> ClaimAnswer:
        """Freshness, lease and intent in one transaction; durable when it returns."""
        ...

    async def settle(self, row: Row) -> None:
        """Close the intent `row.id` with its outcome; durable when it returns. The first definite outcome stands."""
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
