"""Between values and columns of the Postgres journal: also where a person's data is sealed and opened."""

from decimal import Decimal
from typing import Any, Final, Protocol

import attrs

from enrichcore.model import Billed, Outcome
from enrichcore.store.cipher import place
from enrichcore.store.postgres.sql import HALF
from enrichcore.store.protocol import Claim, Row, StoredResult, StoredState

Columns = tuple[Any, ...]

_OUTCOMES: Final = {
    Outcome.HIT: 1,
    Outcome.MISS: 2,
    Outcome.REJECTED: 3,
    Outcome.ERROR: 4,
    Outcome.SKIPPED: 5,
    None: None,
}
_BILLED: Final = {Billed.NO: 0, Billed.YES: 1, Billed.UNKNOWN: 2}
_OUTCOME_OF: Final = {number: outcome for outcome, number in _OUTCOMES.items()}
_BILLED_OF: Final = {number: billed for billed, number in _BILLED.items()}

MISS: Final = _OUTCOMES[Outcome.MISS]
NOTHING: Final = (None,) * HALF
LAST_TAG: Final = b"\xff" * 9
"""Sorts behind whatever a key has after its question."""


class Sealer(Protocol):
    """What `cipher.Cipher` and `cipher.PLAIN` can do."""

    def seal(self, value: bytes, about: bytes, /) -> bytes:
        """The value encrypted, bound to its place."""
        ...

    def open(self, value: bytes, about: bytes, /) -> bytes:
        """What was sealed there."""
        ...


def transposed(rows: list[Columns]) -> list[Columns]:
    """One tuple a column, as `unnest` takes them; `rows` must not be empty."""
    return list(zip(*rows, strict=True))


def intent_columns(attempt: int, owner: int, claim: Claim) -> Columns:
    """A claim as the columns of an intent."""
    return (
        attempt, claim.key, claim.tenant, claim.record, claim.provider, claim.method, owner, claim.now,
        claim.reserve if claim.budgets else 0, "\n".join(_scopes(claim)) or None,
    )  # fmt: skip


def intent(attempt: int, owner: int, claim: Claim) -> Row:
    """The open row of a claim that was granted a moment ago."""
    return Row(
        id=attempt,
        key=claim.key,
        tenant=claim.tenant,
        record=claim.record,
        provider=claim.provider,
        method=claim.method,
        owner=owner,
        started_at=claim.now,
        reserved=claim.reserve if claim.budgets else 0,
        scopes=_scopes(claim),
    )


def _scopes(claim: Claim) -> tuple[str, ...]:
    return tuple(scope for scope, _ in claim.budgets)


def given_up_columns(row: Row) -> Columns:
    """What changes of an orphan that is given up."""
    cost = row.cost
    return (
        row.id, row.settled_at, _OUTCOMES[row.outcome], row.reason, _BILLED[row.billed], str(row.credits),
        None if cost is None else str(cost), row.charged,
    )  # fmt: skip


def state_columns(state: StoredState) -> Columns:
    """A provider state as its columns."""
    return (state.provider, state.credential, state.state, state.since, state.until, state.reason)


def state(columns: Any) -> StoredState:
    """The provider state that these columns hold."""
    return StoredState(
        provider=columns[0],
        credential=columns[1],
        state=columns[2],
        since=columns[3],
        until=columns[4],
        reason=columns[5],
    )


class Scribe:
    """Writes rows and results as columns and reads them back, with the store's cipher."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def attempt_columns(self, row: Row) -> Columns:
        """A row as columns; what is a person's is sealed."""
        cost = row.cost
        return (
            row.id, row.key, row.tenant, row.record, row.provider, row.method, row.owner, row.started_at,
            row.settled_at, _OUTCOMES[row.outcome], row.reason, _BILLED[row.billed], str(row.credits),
            None if cost is None else str(cost), row.duration_ms, row.tries,
            None if row.job is None else self.seal_job(row.tenant, row.id, row.job),
            None if row.payload is None else self._seal("attempts.payload", row.tenant, row.id, row.payload),
            row.reserved, row.charged, "\n".join(row.scopes) or None, row.forgotten,
        )  # fmt: skip

    def sealed(self, columns: Any) -> Row:
        """The row that the columns hold, with job and payload as they lie there: `opened` makes it fit for use."""
        scopes = columns[20]
        return Row(
            id=columns[0],
            key=columns[1],
            tenant=columns[2],
            record=columns[3],
            provider=columns[4],
            method=columns[5],
            owner=columns[6],
            started_at=columns[7],
            settled_at=columns[8],
            outcome=_OUTCOME_OF[columns[9]],
            reason=columns[10],
            billed=_BILLED_OF[columns[11]],
            credits=Decimal(columns[12]),
            cost=None if columns[13] is None else Decimal(columns[13]),
            duration_ms=columns[14],
            tries=columns[15],
            job=columns[16],
            payload=columns[17],
            reserved=columns[18],
            charged=columns[19],
            scopes=tuple(scopes.split("\n")) if scopes else (),
            forgotten=columns[21],
        )

    def opened(self, row: Row) -> Row:
        """A sealed row with job and payload in clear: another object when there is anything to open.

        Raises:
            StoreError: they cannot be opened.
        """
        job: Any = row.job
        payload = row.payload
        if not isinstance(job, bytes) and payload is None:
            return row
        return attrs.evolve(
            row,
            job=self._open("attempts.job", row.tenant, row.id, job).decode() if isinstance(job, bytes) else job,
            payload=None if payload is None else self._open("attempts.payload", row.tenant, row.id, payload),
        )

    def seal_job(self, tenant: str, attempt: int, job: str) -> bytes:
        """A vendor's job id as it is stored: also with characters that Postgres' text does not take."""
        return self._seal("attempts.job", tenant, attempt, job.encode("utf-8", "surrogatepass"))

    def half(self, result: StoredResult) -> Columns:
        """A result as half a row of the results."""
        return (
            result.fingerprint, result.plan, result.status, result.started_at, result.finished_at, result.fresh_until,
            self._sealer.seal(result.written(), place("results.payload", result.tenant, result.record)),
        )  # fmt: skip

    def halves(self, columns: Any) -> tuple[StoredResult | None, StoredResult | None]:
        """The definite and the last result of a row of the results, still to be opened."""
        tenant, record, *both = columns
        known, last = (
            None
            if half[0] is None
            else StoredResult(
                tenant=tenant,
                record=record,
                fingerprint=half[0],
                plan=half[1],
                status=half[2],
                started_at=half[3],
                finished_at=half[4],
                fresh_until=half[5],
                payload=half[6],
            )
            for half in (both[:HALF], both[HALF:])
        )
        return known, last or known

    def opened_result(self, result: StoredResult) -> StoredResult:
        """A result with its payload in clear.

        Raises:
            StoreError: it cannot be opened.
        """
        assert result.payload is not None
        result.payload = self._sealer.open(result.payload, place("results.payload", result.tenant, result.record))
        return result

    def _seal(self, column: str, tenant: str, attempt: int, value: bytes) -> bytes:
        return self._sealer.seal(value, place(column, tenant, attempt.to_bytes(8, "big")))

    def _open(self, column: str, tenant: str, attempt: int, value: bytes) -> bytes:
        return self._sealer.open(value, place(column, tenant, attempt.to_bytes(8, "big")))
