"""Attempt: one provider, one method, one outcome. Every configured provider appears in every result."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from enrichcore.draft import draft_of
from enrichcore.model.query import Method
from enrichcore.phone.line_type import LineType

ZERO = Decimal(0)


class Outcome(StrEnum):
    """How an attempt ended. The list is closed."""

    HIT = "hit"
    MISS = "miss"
    REJECTED = "rejected"
    ERROR = "error"
    SKIPPED = "skipped"


class Billed(StrEnum):
    """What the vendor charged, as far as we can know."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class SkipReason(StrEnum):
    """Why a configured provider was not asked."""

    NOT_REACHED = "not_reached"
    NOT_APPLICABLE = "not_applicable"
    NO_KEY = "no_key"
    OFFLINE = "offline"
    COUNTRY = "country"
    PACED = "paced"
    PARKED = "parked"
    SUSPENDED = "suspended"
    OPEN = "open"
    NO_TIME = "no_time"
    IN_FLIGHT = "in_flight"
    IN_DOUBT = "in_doubt"
    UNRESOLVED = "unresolved"
    OVER_BUDGET = "over_budget"
    SUPPRESSED = "suppressed"
    STOPPED = "stopped"
    FAILED_TO_START = "failed_to_start"


TEMPORARY_SKIPS = frozenset(
    {
        SkipReason.PACED,
        SkipReason.PARKED,
        SkipReason.SUSPENDED,
        SkipReason.OPEN,
        SkipReason.NO_TIME,
        SkipReason.IN_FLIGHT,
        SkipReason.IN_DOUBT,
        SkipReason.UNRESOLVED,
        SkipReason.OVER_BUDGET,
        SkipReason.STOPPED,
        SkipReason.FAILED_TO_START,
        SkipReason.OFFLINE,
    }
)
"""Skips that leave a result incomplete: the provider could have answered, but was not asked."""


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Attempt:
    """One line of the story: who was asked by which method, and how it ended.

    `reason` is a stable word: an error code for `error`, a `SkipReason` for `skipped`, a gate for `rejected`, and
    `pending` for a vendor job that is still running. `credits` are the vendor's unit, `cost` is money (None when the
    vendor's credit has no price). `duration_ms` spans all tries; `tries` counts the calls that were made. `cached`
    means that the answer was bought earlier. `evidence` and `match_score` (0 to 1) say why the person was accepted.

    `line_type` is the numbering plan's answer (`plan_line_type`) where it can tell, else the vendor's
    (`claimed_line_type`, None where it said nothing). `refused_phone` is a real number of this person that the policy,
    or what is known of the number, spoke against, for `refused_reason`; it is no answer.
    """

    provider: str
    method: Method
    outcome: Outcome
    reason: str | None = None
    detail: str | None = None
    billed: Billed = Billed.NO
    credits: Decimal = ZERO
    cost: Decimal | None = ZERO
    started_at: datetime | None = None
    duration_ms: float = 0.0
    tries: int = 0
    cached: bool = False
    phone: str | None = None
    line_type: LineType | None = None
    match_score: float | None = None
    evidence: tuple[str, ...] = ()
    retry_at: datetime | None = None
    id: int | None = None
    plan_line_type: LineType | None = None
    claimed_line_type: LineType | None = None
    refused_phone: str | None = None
    refused_reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: times as ISO 8601 in UTC, money and credits as decimal text."""
        plain = {a.name: _plain(getattr(self, a.name)) for a in attrs.fields(Attempt)}
        plain["id"] = None if self.id is None else f"{self.id:016x}"  # JSON readers lose digits beyond 2**53
        return plain

    def __repr__(self) -> str:
        """The story without the number."""
        reason = f", {self.reason}" if self.reason else ""
        return f"Attempt({self.provider}/{self.method}: {self.outcome}{reason}, billed={self.billed})"


AttemptDraft = draft_of(Attempt)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    return value
