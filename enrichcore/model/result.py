"""PhoneResult: the answer to one enrichment, with the story of every attempt."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, NoReturn

import attrs

from enrichcore.draft import draft_of
from enrichcore.errors import ResultErrors
from enrichcore.model.attempt import Attempt, Outcome, _plain
from enrichcore.model.query import Method
from enrichcore.phone.line_type import LineType


class Status(StrEnum):
    """How an enrichment ended. `not_found` is said only when every applicable provider answered definitely."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    INCOMPLETE = "incomplete"
    SUPPRESSED = "suppressed"
    INVALID = "invalid"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class PhoneResult:
    """The answer to one enrichment.

    The first nine fields are those of the HTTP contract; the rest tells the story. `cost` is money spent by this
    enrichment (answers bought earlier cost 0; None when a credit has no price). `cached` means that no provider was
    called. `found_at` is when the vendor gave the number, `retry_at` when asking again makes sense. `ignored` names
    the fields that were sent but cannot be what they claim.

    `line_type` is the numbering plan's answer (`plan_line_type`, `unknown` where it cannot tell, as always in
    the United States and Canada) where there is one, else the vendor's (`claimed_line_type`, None where it said
    nothing).
    `refused_phone` is, where no number was accepted, the best one that only the policy or what is known of the number
    spoke against, with its `refused_reason`. It is reported as refused: it is no answer.

    `changed`: this record was somebody else before, and was looked up anew. `stale`: an older number than is kept
    otherwise, given because nobody could be asked.
    """

    record_id: str
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    email: str | None = None
    linkedin_id: str | None = None
    phone: str | None = None
    processing_time_ms: int = 0
    status: Status
    reason: str | None = None
    provider: str | None = None
    method: Method | None = None
    line_type: LineType | None = None
    extension: str | None = None
    cost: Decimal | None = Decimal(0)
    cached: bool = False
    found_at: datetime | None = None
    do_not_call: bool | None = None
    retry_at: datetime | None = None
    ignored: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    plan_line_type: LineType | None = None
    claimed_line_type: LineType | None = None
    refused_phone: str | None = None
    refused_reason: str | None = None
    changed: bool = False
    stale: bool = False

    @property
    def found(self) -> bool:
        """Whether there is a number."""
        return self.status is Status.FOUND

    @property
    def success(self) -> Literal[True]:
        """Always True: a failed request raises instead (the field exists for the HTTP contract)."""
        return True

    def raise_for_errors(self) -> None:
        """Raise `ResultErrors` if any attempt ended in an error.

        Raises:
            ResultErrors: with the failed attempts.
        """
        failed = tuple(a for a in self.attempts if a.outcome is Outcome.ERROR)
        if failed:
            raise ResultErrors(failed)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        plain: dict[str, Any] = {"success": True}
        for a in attrs.fields(PhoneResult):
            value = getattr(self, a.name)
            plain[a.name] = [x.to_dict() for x in value] if a.name == "attempts" else _plain(value)
        return plain

    def __bool__(self) -> NoReturn:
        """Refuse: 'is there a result' and 'is there a number' are two questions."""
        raise TypeError("a PhoneResult has no truth value: ask result.found")

    def __repr__(self) -> str:
        """The outcome without the person."""
        by = f" by {self.provider}/{self.method}" if self.provider else ""
        reason = f" ({self.reason})" if self.reason else ""
        return f"PhoneResult({self.status}{by}{reason}, {len(self.attempts)} attempts)"


ResultDraft = draft_of(PhoneResult)
