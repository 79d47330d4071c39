"""In-process caches in front of the journal: attempts by outcome, and finished results."""

from collections.abc import Callable
from itertools import islice
from typing import Final

import attrs
from cachetools import LRUCache

from enrichcore.model import Acceptance, Contact, Outcome, PhoneResult
from enrichcore.store import Row

DAY = 86400.0
_RESULTS_KEPT = 3600.0
_DEFINITE: Final = (Outcome.HIT, Outcome.MISS, Outcome.REJECTED)


class AttemptCache:
    """The last settled attempt of each question. How old it may be is the reader's to say: every row has its time.

    A plain dictionary: the lifetimes that a `TTLCache` keeps would be checked a second time, at ten times the cost.
    Beyond `size` entries the oldest are dropped.
    """

    def __init__(self, *, size: int) -> None:
        self._size = size
        self._rows: dict[bytes, Row] = {}
        self.get = self._rows.get

    def put(self, row: Row) -> None:
        """Keep a definite attempt; an error is never cached."""
        if row.outcome in _DEFINITE:
            self._rows[row.key] = row
            if len(self._rows) > self._size:
                # In slices: taking single entries off the front of a dict is quadratic.
                for key in list(islice(self._rows, max(1, self._size // 16))):
                    del self._rows[key]

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()


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
        self._results: LRUCache[str, CachedResult] = LRUCache(size)
        self._timer = timer

    def get(self, record_id: str) -> CachedResult | None:
        """The last result of a record, if it is not older than an hour."""
        entry = self._results.get(record_id)
        return None if entry is None or self._timer() - entry.asked_at > _RESULTS_KEPT else entry

    def put(self, entry: CachedResult) -> None:
        """Keep a definite result."""
        self._results[entry.result.record_id] = entry

    def clear(self) -> None:
        """Forget everything."""
        self._results.clear()
