"""In-process caches in front of the journal: attempts by outcome, and finished results."""

from collections.abc import Callable

import attrs
from cachetools import TTLCache

from enrichcore.model import Acceptance, Contact, Outcome, PhoneResult
from enrichcore.store import Row

DAY = 86400.0


class AttemptCache:
    """Settled attempts by question: one cache for hits, one for misses, each with its own lifetime in seconds."""

    def __init__(self, *, hits: float, misses: float, size: int, timer: Callable[[], float]) -> None:
        self._hits: TTLCache[bytes, Row] = TTLCache(size, hits, timer=timer)
        self._misses: TTLCache[bytes, Row] = TTLCache(size, misses, timer=timer)

    def get(self, key: bytes) -> Row | None:
        """The settled attempt for a question, if it is still fresh."""
        return self._hits.get(key) or self._misses.get(key)

    def put(self, row: Row) -> None:
        """Keep a definite attempt; an error is never cached."""
        if row.outcome is Outcome.HIT or row.outcome is Outcome.REJECTED:
            self._hits[row.key] = row
        elif row.outcome is Outcome.MISS:
            self._misses[row.key] = row

    def clear(self) -> None:
        """Forget everything."""
        self._hits.clear()
        self._misses.clear()


@attrs.define(eq=False)
class CachedResult:
    """A finished result with what it answers; `again` is its form for every later caller, made once."""

    contact: Contact
    acceptance: Acceptance
    result: PhoneResult
    fresh_until: float
    asked_at: float
    again: PhoneResult | None = None


class ResultCache:
    """Finished results by record_id, for one hour; the journal holds them longer."""

    def __init__(self, *, size: int, timer: Callable[[], float]) -> None:
        self._results: TTLCache[str, CachedResult] = TTLCache(size, 3600.0, timer=timer)
        self.get = self._results.get

    def put(self, entry: CachedResult) -> None:
        """Keep a definite result."""
        self._results[entry.result.record_id] = entry

    def clear(self) -> None:
        """Forget everything."""
        self._results.clear()
