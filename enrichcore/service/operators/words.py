"""How amounts, times and outcomes are said on the operators' page."""

from datetime import UTC, datetime
from decimal import Decimal

from enrichcore.model import Attempt, Billed, Outcome, PhoneResult, Status

_OUTCOMES = {
    Outcome.HIT: "Hit",
    Outcome.MISS: "Miss",
    Outcome.REJECTED: "Rejected",
    Outcome.ERROR: "Error",
    Outcome.SKIPPED: "Not asked",
}
_STATUSES = {
    Status.FOUND: "Found",
    Status.NOT_FOUND: "Not found",
    Status.INCOMPLETE: "Incomplete",
    Status.SUPPRESSED: "Suppressed",
    Status.INVALID: "Invalid",
}
_BILLED = {Billed.YES: "billed", Billed.NO: "not billed", Billed.UNKNOWN: "perhaps billed"}
_METHODS = {"name": "by name", "linkedin": "by LinkedIn", "email": "by email"}


def plain(word: str | None) -> str:
    """A stable word as people write it."""
    return "" if word is None else word.replace("_", " ")


def by(method: str) -> str:
    """What a lookup is keyed by."""
    return _METHODS.get(method, plain(method))


def outcome(attempt: Attempt) -> str:
    """How an attempt ended, and why: `Rejected: wrong person`."""
    reason = plain(attempt.reason)
    return _OUTCOMES[attempt.outcome] + (f": {reason}" if reason else "")


def status(result: PhoneResult) -> str:
    """How an enrichment ended, and why."""
    reason = plain(result.reason)
    return _STATUSES[result.status] + (f": {reason}" if reason else "")


def money(amount: Decimal | None) -> str:
    """`0.12`, or `unknown` where a credit has no price; the currency is said beside it."""
    if amount is None:
        return "unknown"
    whole, _, rest = format(amount, "f").partition(".")
    rest = rest.rstrip("0")
    return f"{int(whole):,}.{rest:0<2}" if amount else "0"


def credits(amount: Decimal) -> str:
    """`1 credit`, `2.5 credits`."""
    text = format(amount.normalize(), "f")
    return f"{text} credit{'' if text == '1' else 's'}"


def charged(attempt: Attempt, currency: str) -> str:
    """What an attempt cost, and whether the vendor has billed it."""
    if attempt.billed is Billed.NO:
        return _BILLED[Billed.NO]
    cost = credits(attempt.credits) if attempt.cost is None else f"{money(attempt.cost)} {currency}"
    return f"{cost}, {_BILLED[attempt.billed]}"


def duration(seconds: float) -> str:
    """`4 ms`, `0.42 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`."""
    if seconds < 0.1:  # noqa: PLR2004 - where milliseconds are read more easily
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.5:  # noqa: PLR2004 - what is not yet rounded to a minute
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004 - parts matter below ten
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def moment(at: datetime, now: float) -> str:
    """A time in UTC, with the day unless that is today's; `now` is in seconds since 1970."""
    day = "" if at.date() == datetime.fromtimestamp(now, UTC).date() else f"{at:%Y-%m-%d} "
    return f"{day}{at:%H:%M:%S} UTC"


def share(part: float | None) -> str:
    """`62 %`, or a dash where nothing can be said."""
    return "–" if part is None else f"{part * 100:.0f} %"  # noqa: RUF001 - a dash
