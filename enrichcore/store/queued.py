"""What a SqliteStore has queued and not committed yet, as far as it has to be read again."""

from collections.abc import Callable
from typing import Final

import attrs

from enrichcore.store import ops
from enrichcore.store.protocol import SharedNumber, StoredResult
from enrichcore.store.results import definite

_MANY: Final = 1000
"""How many notes of numbers are written at once; fewer with a heartbeat, and at the end."""


@attrs.define(eq=False)
class Pending:
    """Results of one record that are queued: `known` the newest definite one, `last` the newest; `op` the last."""

    known: StoredResult | None
    last: StoredResult
    op: ops.SaveResult


@attrs.define(eq=False)
class Queued:
    """Attempts by key, results by tenant and record, and notes of numbers that are not queued yet."""

    rows: dict[bytes, ops.Put] = attrs.Factory(dict)
    results: dict[tuple[str, bytes], Pending] = attrs.Factory(dict)
    _notes: list[ops.NoteNumbers] = attrs.Factory(list)

    def add_row(self, op: ops.Put) -> None:
        """Keep an attempt until it is written."""
        self.rows[op.row.key] = op

    def add_result(self, op: ops.SaveResult) -> None:
        """Keep a result until it is written."""
        result = op.result
        key = (result.tenant, result.record)
        known = result if definite(result) else None
        before = self.results.get(key)
        if known is None and before is not None:
            known = before.known
        self.results[key] = Pending(known, result, op)

    def note(
        self, tenant: str, phone: int, person: int | None, now: float, limit: int, told: Callable[[SharedNumber], None]
    ) -> bool:
        """Keep a note of a number; whether there are enough of them to be written."""
        op = self._notes[-1] if self._notes else None
        if op is None or op.told is not told or op.limit != limit:
            op = ops.NoteNumbers(limit, told)
            self._notes.append(op)
        if person is None:
            op.lines.append((phone, tenant, now))
        else:
            op.people.append((phone, person, tenant, now))
        return len(op.people) + len(op.lines) >= _MANY

    def take_notes(self) -> list[ops.NoteNumbers]:
        """The notes of numbers, which are kept here no longer."""
        notes, self._notes = self._notes, []
        return notes

    def written(self, batch: list[ops.Op]) -> None:
        """A batch is committed: what it wrote is read from the tables, and whoever listens hears of shared numbers."""
        for op in batch:
            if isinstance(op, ops.Put):
                if self.rows.get(op.row.key) is op:
                    del self.rows[op.row.key]
            elif isinstance(op, ops.SaveResult):
                key = (op.result.tenant, op.result.record)
                if self.results[key].op is op:
                    del self.results[key]
            elif isinstance(op, ops.NoteNumbers):
                for shared in op.shared:
                    op.told(shared)
