"""What can be queued for the SQLite journal, as values: a batch is a list of these."""

from collections.abc import Callable
from typing import Any

import attrs

from enrichcore.store.owner import Owner
from enrichcore.store.protocol import Claim, ClaimAnswer, Row, SharedNumber, StoredResult, StoredState


@attrs.define(eq=False)
class Take:
    """Answer `claim`; when it is granted, under `id`."""

    claim: Claim
    id: int
    answer: ClaimAnswer | None = None


@attrs.define(eq=False)
class Put:
    """Write a settled attempt, `columns` being `row` at the moment of queueing."""

    row: Row
    columns: tuple[Any, ...]


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


Op = Take | Put | NoteJob | Release | Withdraw | SaveResult | SaveState | NoteNumbers | Beat
