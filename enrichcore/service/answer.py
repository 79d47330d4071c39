"""The answer 200: the nine fields of the contract, the headers around them, and the story for who may see it."""

from typing import Any

from enrichcore.model import Attempt, Contact, Outcome, PhoneResult, SkipReason, Status
from enrichcore.service.refusal import JSON, Headers, Refusal, encode, whole_seconds

_STATUS = {
    Status.FOUND: (b"x-enrichcore-status", b"found"),
    Status.NOT_FOUND: (b"x-enrichcore-status", b"not_found"),
    Status.INCOMPLETE: (b"x-enrichcore-status", b"incomplete"),
    Status.SUPPRESSED: (b"x-enrichcore-status", b"suppressed"),
}
_HIT = (b"x-enrichcore-cache", b"hit")
_MISS = (b"x-enrichcore-cache", b"miss")
_STALE = (b"x-enrichcore-cache", b"stale")
_CHANGED = (b"x-enrichcore-record", b"changed")
_UNASKED = frozenset({SkipReason.NOT_REACHED, SkipReason.NOT_APPLICABLE, SkipReason.NO_KEY, SkipReason.COUNTRY})
_DOWN = frozenset(
    {
        SkipReason.PACED,
        SkipReason.PARKED,
        SkipReason.SUSPENDED,
        SkipReason.OPEN,
        SkipReason.FAILED_TO_START,
        SkipReason.OFFLINE,
    }
)
_RETRY = 30.0
"""Seconds until asking again makes sense, where no provider says."""


def answer(
    result: PhoneResult, contact: Contact, *, took: float, now: float, story: bool
) -> tuple[int, Headers, bytes]:
    """Status, headers and body; what was sent is echoed as `contact` has it. Times are in seconds."""
    body: dict[str, Any] = {
        "success": True,
        "record_id": contact.record_id,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "company": contact.company,
        "email": contact.email or result.email,
        "linkedin_id": contact.linkedin_id or result.linkedin_id,
        "phone": result.phone,
        "processing_time_ms": round(took * 1000),
    }
    headers = [JSON, _STATUS[result.status], _STALE if result.stale else _HIT if result.cached else _MISS]
    if result.retry_at is not None:
        headers.append((b"retry-after", b"%d" % whole_seconds(result.retry_at.timestamp() - now)))
    if result.changed:
        headers.append(_CHANGED)
    if result.ignored:
        headers.append((b"x-enrichcore-ignored", ", ".join(result.ignored).encode()))
    if story:
        whole = result.to_dict()
        for name in ("status", "line_type", "provider", "method", "cached", "cost", "attempts"):
            body[name] = whole[name]
    return 200, headers, encode(body)


def all_down(result: PhoneResult, now: float) -> Refusal | None:
    """500, when every provider that could have answered is down and none has."""
    if result.status is not Status.INCOMPLETE:
        return None
    eligible = [a for a in result.attempts if a.outcome is not Outcome.SKIPPED or a.reason not in _UNASKED]
    if not eligible or not all(map(_is_down, eligible)):
        return None
    wait = _RETRY if result.retry_at is None else result.retry_at.timestamp() - now
    return Refusal(
        500,
        "providers_unavailable",
        "No provider can be reached for now: try again later.",
        retry_after=whole_seconds(wait),
    )


def _is_down(attempt: Attempt) -> bool:
    if attempt.outcome is Outcome.ERROR:
        return attempt.reason != "pending"
    return attempt.outcome is Outcome.SKIPPED and attempt.reason in _DOWN
