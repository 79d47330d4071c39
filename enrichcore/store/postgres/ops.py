"""What can be queued for the Postgres journal, as values: a batch is a list of these."""

from collections.abc import Awaitable, Callable
from typing import Any

import attrs

from enrichcore.store.postgres.server import Connection
from enrichcore.store.protocol import Claim, Row, SharedNumber, StoredResult, StoredState


@attrs.define(eq=False)
class Take:
    """Answer `claim`; when it is granted, under `id`."""

    claim: Claim
    id: int


@attrs.define(eq=False)
class Put:
    """Write a settled attempt, as `row` was at the moment of queueing."""

    row: Row


@attrs.define(eq=False)
class NoteJob:
    """Keep a vendor's job id on an open intent."""

    id: int
    job: str


@attrs.define(eq=False)
class Release:
    """Leave an open intent to whoever asks next."""

    id: int


@attrs.define(eq=False)
class Withdraw:
    """Take back an intent under which nothing was sent."""

    id: int
    key: bytes


@attrs.define(eq=False)
class SaveResult:
    """Keep a finished enrichment."""

    result: StoredResult


@attrs.define(eq=False)
class SaveState:
    """Keep or forget a provider state."""

    state: StoredState


@attrs.define(eq=False)
class NoteNumbers:
    """Count for whom numbers were given: `people` are (tenant, phone, person, now), `lines` (tenant, phone, now).

    `shared` is what they came to, which `told` hears of after the commit.
    """

    limit: int
    told: Callable[[SharedNumber], None]
    people: list[tuple[str, int, int, float]] = attrs.Factory(list)
    lines: list[tuple[str, int, float]] = attrs.Factory(list)
    shared: list[SharedNumber] = attrs.Factory(list)


@attrs.define(eq=False)
class Lease:
    """Take some of the calls that a rate allows in its present window."""

    provider: str
    credential: bytes
    calls: int
    seconds: float
    want: int
    now: float


@attrs.define(eq=False)
class Reserve:
    """Set credits of a tenant aside."""

    tenant: str
    credits: int


@attrs.define(eq=False)
class Spend:
    """End a reservation: `spent` of its credits are gone, the rest is free again."""

    tenant: str
    credits: int
    spent: int


@attrs.define(eq=False)
class Beat:
    """Say that this owner lives: every batch does."""


@attrs.define(eq=False)
class Apart:
    """Do `work` in a transaction of its own; `alone`, while no other of any process is under way."""

    work: Callable[[Connection], Awaitable[Any]]
    alone: bool


Op = (
    Take
    | Put
    | NoteJob
    | Release
    | Withdraw
    | SaveResult
    | SaveState
    | NoteNumbers
    | Lease
    | Reserve
    | Spend
    | Beat
    | Apart
)


def segments(batch: list[Op]) -> list[list[Op]]:
    """The batch in parts that are transactions of their own, in order.

    Within one transaction claims are answered first. So a claim that comes behind something that touches its key waits
    for the next one.
    """
    parts: list[list[Op]] = []
    part: list[Op] = []
    touched: set[bytes] = set()
    for op in batch:
        apart = isinstance(op, Apart)
        if part and (apart or isinstance(part[-1], Apart) or (isinstance(op, Take) and op.claim.key in touched)):
            parts.append(part)
            part, touched = [], set()
        if isinstance(op, Put):
            touched.add(op.row.key)
        elif isinstance(op, Withdraw):
            touched.add(op.key)
        part.append(op)
    return [*parts, part] if part else parts
