"""Reads Retry-After, in which a vendor says how long to stay away: as seconds or as a date.

Both forms are in RFC 9110, section 10.2.3 (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3, read 2026-11-22).
What cannot be meant seriously counts as absent, so that one broken header neither parks a provider for a year nor
makes us ask again at once.
"""

import datetime as dt
import re
from collections.abc import Iterable
from email.utils import parsedate_to_datetime

LONGEST = 3600.0
"""Seconds; a longer wait is cut to this, so that a provider is looked at again at least once an hour."""
ABSURD = 7 * 86400.0
"""Seconds; more than a week is taken for a mistake (milliseconds, or a point in time)."""
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)
_LONGEST_TEXT = 64


def parse_retry_after(values: Iterable[str], *, date: str | None, wall: float) -> float | None:
    """Seconds to wait, from 0 to `LONGEST`; None when no header says anything usable. Of several, the longest counts.

    `date` is the answer's own Date header: a wait until a point in time is measured from there, so that a vendor's
    clock need not agree with ours. Without it, `wall` (seconds since 1970) stands in.
    """
    waits = [wait for value in values if (wait := _one(value, date, wall)) is not None]
    return max(waits) if waits else None


def _one(text: str, date: str | None, wall: float) -> float | None:
    text = text.strip()
    if len(text) > _LONGEST_TEXT:
        return None
    if _SECONDS.fullmatch(text):
        wait = float(text)
    else:
        until = _timestamp(text)
        if until is None:
            return None
        now = _timestamp(date) if date is not None and len(date) <= _LONGEST_TEXT else None
        wait = until - (wall if now is None else now)
    return min(wait, LONGEST) if 0 <= wait <= ABSURD else None


def _timestamp(text: str) -> float | None:
    """Seconds since 1970 of an HTTP date; None when it is none."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
