"""Rules of what is deleted because its time is over: nothing too early, everything in the end, no money with it."""

from typing import Any, Final

from enrichcore.model import Outcome
from enrichcore.store import Row
from tests.sim.history import DAY, History
from tests.sim.process import Ledger, Process
from tests.sim.rules_privacy import SKEW
from tests.sim.vendor import Vendor

GRACE: Final = 7 * DAY


class ExpiryRules:
    """Listens to a history."""

    def __init__(self, history: History, ledger: Ledger, vendors: dict[str, Vendor]) -> None:
        self._history = history
        self._ledger = ledger
        self._vendors = vendors
        history.on_write.append(self.what_is_deleted_was_old)

    def what_is_deleted_was_old(self, process: Process, verb: str, _: Any, __: Any) -> None:
        """An answer lives as long as its vendor allows, a result a week longer than it is fresh."""
        if verb != "expire":
            return
        history, ledger, tenant, now = self._history, self._ledger, process.tenant, process.runtime.wall()
        history.expiries += 1
        for row in ledger.settled():
            if row.tenant == tenant and not row.forgotten and row.settled_at is not None:
                self._look(row, now)
        for key, result in list(history.known.items()):
            if key[0] == tenant and ledger.known(*key) is None:
                del history.known[key]
                if result.fresh_until > now - GRACE + SKEW:
                    history.broken("what_is_deleted_was_old", f"a result that was {result.status} is gone")
        for row in ledger.lost(tenant):
            text = f"attempt {row.id & 0xFFFF:x} of somebody who was forgotten holds {row.reserved} for ever"
            history.broken("nothing_is_reserved_for_ever", text)

    def _look(self, row: Row, now: float) -> None:
        written = self._history.rows.get(row.id)
        assert row.settled_at is not None
        vendor = self._vendors[row.provider]
        lifetime = vendor.miss_lifetime if row.outcome is Outcome.MISS else vendor.hit_lifetime
        age = now - row.settled_at
        if row.payload is None and written is not None and written.payload is not None and age < lifetime - SKEW:
            text = f"the answer of attempt {row.id & 0xFFFF:x} is gone after {age:.3f} s"
            self._history.broken("what_is_deleted_was_old", text)
        if row.payload is not None and age > lifetime + SKEW:
            text = f"the answer of attempt {row.id & 0xFFFF:x} is still there after {age:.3f} s"
            self._history.broken("what_is_old_is_deleted", text)
