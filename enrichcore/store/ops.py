"""What can be queued for the SQLite journal, as values: a batch is a list of these."""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from typing import Any

import attrs

from enrichcore.store.owner import Owner
from enrichcore.store.protocol import Claim, ClaimAnswer, Forgotten, Row, SharedNumber, StoredResult, StoredState


@attrs.define(eq=False)
class Take:
    """Answer `claim`; when it is granted, under `id`."""

    claim: Claim
    id: int
    answer: ClaimAnswer | None = None


@attrs.define(eq=False)
class Put:
    """Write a settled attempt, `columns` being `row` at the moment of queueing; whether it had an `intent`."""

    row: Row
    columns: tuple[Any, ...]
    intent: bool


@attrs.define(eq=False)
class NoteJob:
    """Keep a vendor's job id on an open intent, `job` being as it is to be stored."""

    id: int
    job: str | bytes


@attrs.define(eq=False)
class Release:
    """Leave an open intent to whoever asks next."""

    id: int


@attrs.define(eq=False)
class Withdraw:
    """Take back an intent under which nothing was sent."""

    id: int


@attrs.define(eq=False)
class SaveResult:
    """Keep a finished enrichment, `payload` being as it is to be stored."""

    result: StoredResult
    payload: bytes


@attrs.define(eq=False)
class SaveState:
    """Keep or forget a provider state."""

    state: StoredState


@attrs.define(eq=False)
class NoteNumbers:
    """Count for whom numbers were given: `people` are rows of `rows.NUMBER`, `lines` companies' (phone, tenant, now).

    `shared` is what they came to, which `told` hears of after the commit.
    """

    limit: int
    told: Callable[[SharedNumber], None]
    people: list[tuple[int, int, str, float]] = attrs.Factory(list)
    lines: list[tuple[int, str, float]] = attrs.Factory(list)
    shared: list[SharedNumber] = attrs.Factory(list)


@attrs.define(eq=False)
class Beat:
    """Say that an owner lives."""

    owner: Owner


@attrs.define(eq=False)
class Lease:
    """Take some of the calls that all processes together may start in a window of time."""

    provider: str
    credential: bytes
    calls: int
    seconds: float
    want: int
    now: float
    answer: tuple[int, float] | None = None


@attrs.define(eq=False)
class Reserve:
    """Set credits of a tenant aside under an owner; `answer` is how many there are when these are too few."""

    tenant: str
    owner: int
    credits: int
    answer: int | None = None


@attrs.define(eq=False)
class Spend:
    """End a reservation: `spent` of its credits are gone, the rest is free again."""

    tenant: str
    owner: int
    credits: int
    spent: int


@attrs.define(eq=False)
class Within:
    """Do `work` in the transaction of the batch; `answer` is what it gives."""

    work: Callable[[sqlite3.Connection], Any]
    answer: Any = None


@attrs.define(eq=False)
class Suppress:
    """Put hashes, each with its kind, on the suppression list; `answer` is how many are new."""

    tenant: str
    entries: Sequence[tuple[bytes, str]]
    now: float
    answer: int = 0


@attrs.define(eq=False)
class Unsuppress:
    """Take hashes off the suppression list; `answer` is how many were on it."""

    tenant: str
    hashes: Collection[bytes]
    answer: int = 0


@attrs.define(eq=False)
class Expire:
    """Empty attempts, each given with the moment when it was settled, and delete results not fresh since `stale`.

    What is remembered of erasures is deleted when it is a day old at `now`, and what dead owners left open of erased
    people is given up. `answer` is how many there still were of the others.
    """

    tenant: str
    attempts: Sequence[tuple[int, float]] = ()
    records: Sequence[bytes] = ()
    stale: float = 0.0
    now: float = 0.0
    answer: int = 0


@attrs.define(eq=False)
class Forget:
    """Erase people."""

    tenant: str
    records: Collection[bytes]
    questions: Collection[bytes]
    people: Collection[int]
    now: float
    answer: Forgotten | None = None


Op = (
    Take
    | Put
    | NoteJob
    | Release
    | Withdraw
    | SaveResult
    | SaveState
    | NoteNumbers
    | Beat
    | Lease
    | Reserve
    | Spend
    | Within
    | Suppress
    | Unsuppress
    | Expire
    | Forget
)
