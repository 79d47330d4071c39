"""Between values and columns: the one place where attempts and results become what a table holds, and back."""

import secrets
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from enrichcore.model import Billed, Outcome
from enrichcore.model.attempt import ZERO
from enrichcore.store.owner import Owner
from enrichcore.store.protocol import Claim, Row, SharedNumber, StoredResult, StoredState

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
_NOTHING: Final = str(ZERO)
_OUTCOME_OF: Final = {number: outcome for outcome, number in _OUTCOMES.items()}
_BILLED_OF: Final = {number: billed for billed, number in _BILLED.items()}

MISS: Final = _OUTCOMES[Outcome.MISS]
SKIPPED: Final = _OUTCOMES[Outcome.SKIPPED]
ERROR: Final = _OUTCOMES[Outcome.ERROR]
UNBILLED: Final = _BILLED[Billed.NO]
UNKNOWN: Final = _BILLED[Billed.UNKNOWN]

ATTEMPT: Final = (
    "id, key, tenant, record, provider, method, owner, started_at, settled_at, outcome, reason, billed, credits, "
    "cost, duration_ms, tries, job, payload, charged, reserved, scopes, forgotten"
)
SETTLED: Final = ATTEMPT.removesuffix(", reserved, scopes, forgotten")
"""What an outcome is written with; the rest is the intent's."""
INTENT: Final = "id, key, tenant, record, provider, method, owner, started_at, reserved, scopes"
RESULT: Final = ("fingerprint", "plan", "status", "finished_at", "fresh_until", "payload")
OWNER: Final = "id, host, pid, started, heartbeat"
STATE: Final = "provider, credential, state, since, until, reason"
BUDGET: Final = "tenant, scope, spent, reserved"
NUMBER: Final = "phone, person, tenant, seen_at"
SHARED: Final = "mark, phone, people, company"


def settled_columns(row: Row, payload: bytes | None, job: object, charged: int = 0) -> Columns:
    """A row as the columns of `SETTLED`, with payload and job as they are to be stored."""
    cost = row.cost
    return (
        row.id,
        row.key,
        row.tenant,
        row.record,
        row.provider,
        row.method,
        row.owner,
        row.started_at,
        row.settled_at,
        _OUTCOMES[row.outcome],
        row.reason,
        _BILLED[row.billed],
        _NOTHING if row.credits is ZERO else str(row.credits),
        _NOTHING if cost is ZERO else None if cost is None else str(cost),
        row.duration_ms,
        row.tries,
        job,
        payload,
        charged,
    )


def billed(row: Row) -> int:
    """Whether an attempt was billed, as its column has it."""
    return _BILLED[row.billed]


def anonymous(columns: Columns) -> Columns:
    """Columns of `SETTLED` without what names a person: key, record, job and payload."""
    _, key, tenant, record = columns[:4]
    nobody = (columns[0], secrets.token_bytes(len(key)), tenant, secrets.token_bytes(len(record)))
    return (*nobody, *columns[4:16], None, None, *columns[18:])


def charged_with(columns: Columns, charged: int) -> Columns:
    """Columns of `SETTLED` with what the attempt has spent."""
    return (*columns[:-1], charged)


def attempt(columns: Columns) -> Row:
    """The row that the columns of `ATTEMPT` hold, with payload and job as they are stored (see `sealing`)."""
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
        charged=columns[18],
        reserved=columns[19],
        scopes=() if scopes is None else split(scopes),
        forgotten=columns[21] == 1,
    )


def joined(scopes: Iterable[str]) -> str | None:
    """Scopes as one text; None without any."""
    return "\n".join(scopes) or None


def split(scopes: str) -> tuple[str, ...]:
    """The scopes of a text."""
    return tuple(scopes.split("\n"))


def intent_columns(attempt_id: int, owner: int, claim: Claim) -> Columns:
    """A claim that was granted as the columns of `INTENT`."""
    budgets = claim.budgets
    return (
        attempt_id,
        claim.key,
        claim.tenant,
        claim.record,
        claim.provider,
        claim.method,
        owner,
        claim.now,
        claim.reserve if budgets else 0,
        joined(scope for scope, _ in budgets) if budgets else None,
    )


def intent(attempt_id: int, owner: int, claim: Claim) -> Row:
    """The open row of a claim that was granted a moment ago."""
    return Row(
        id=attempt_id,
        key=claim.key,
        tenant=claim.tenant,
        record=claim.record,
        provider=claim.provider,
        method=claim.method,
        owner=owner,
        started_at=claim.now,
        reserved=claim.reserve if claim.budgets else 0,
        scopes=tuple(scope for scope, _ in claim.budgets),
    )


def result_columns(result: StoredResult, payload: bytes) -> Columns:
    """A result as tenant, record and the columns of `RESULT`, with its payload as it is to be stored."""
    return (
        result.tenant,
        result.record,
        result.fingerprint,
        result.plan,
        result.status,
        result.finished_at,
        result.fresh_until,
        payload,
    )


def result(tenant: str, record: bytes, columns: Columns) -> StoredResult:
    """The result that the columns of `RESULT` hold, with its payload as it is stored (see `sealing`)."""
    return StoredResult(
        tenant=tenant,
        record=record,
        fingerprint=columns[0],
        plan=columns[1],
        status=columns[2],
        finished_at=columns[3],
        fresh_until=columns[4],
        payload=columns[5],
    )


def owner_columns(owner: Owner) -> Columns:
    """An owner as the columns of `OWNER`."""
    return (owner.id, owner.host, owner.pid, owner.started, owner.heartbeat)


def state_columns(state: StoredState) -> Columns:
    """A provider state as the columns of `STATE`."""
    return (state.provider, state.credential, state.state, state.since, state.until, state.reason)


def state(columns: Columns) -> StoredState:
    """The provider state that the columns of `STATE` hold."""
    return StoredState(
        provider=columns[0],
        credential=columns[1],
        state=columns[2],
        since=columns[3],
        until=columns[4],
        reason=columns[5],
    )


def shared_number(columns: Columns) -> SharedNumber:
    """The shared number that the columns of `SHARED` hold."""
    return SharedNumber(columns[0], columns[1], columns[2], bool(columns[3]))
