"""What a SqliteStore has queued and not committed yet, as far as it has to be read again."""

from collections.abc import Callable, Collection
from typing import Final

import attrs

from enrichcore.store import ops
from enrichcore.store.protocol import Row, SharedNumber, StoredResult
from enrichcore.store.results import definite

_MANY: Final = 1000
"""How many notes of numbers are written at once; fewer with a heartbeat, and at the end."""


@attrs.define(eq=False)
class Pending:
    """Results of one record that are queued: `known` the newest definite one, `last` the newest."""

    known: StoredResult | None
    last: StoredResult


@attrs.define(eq=False)
class Queued:
    """Attempts by key, results by tenant and record, and notes of numbers that are not queued yet.

    What is being written is kept apart from what comes meanwhile, so that a commit drops it as a whole.
    """

    _rows: dict[bytes, Row] = attrs.Factory(dict)
    _results: dict[tuple[str, bytes], Pending] = attrs.Factory(dict)
    _rows_going: dict[bytes, Row] = attrs.Factory(dict)
    _results_going: dict[tuple[str, bytes], Pending] = attrs.Factory(dict)
    _notes: list[ops.NoteNumbers] = attrs.Factory(list)

    def add_row(self, row: Row) -> None:
        """Keep an attempt until it is written."""
        self._rows[row.key] = row

    def row(self, key: bytes) -> Row | None:
        """The last attempt at a question."""
        return self._rows.get(key) or self._rows_going.get(key)

    def add_result(self, result: StoredResult) -> None:
        """Keep a result until it is written."""
        known: StoredResult | None = result
        if not definite(result):
            before = self.result(result.tenant, result.record)
            known = None if before is None else before.known
        self._results[result.tenant, result.record] = Pending(known, result)

    def result(self, tenant: str, record: bytes) -> Pending | None:
        """The results of a record."""
        return self._results.get((tenant, record)) or self._results_going.get((tenant, record))

    def anything(self, tenant: str, record: bytes, keys: Collection[bytes]) -> bool:
        """Whether there is a result of a record or an attempt at one of these questions."""
        return (
            (tenant, record) in self._results
            or (tenant, record) in self._results_going
            or not self._rows.keys().isdisjoint(keys)
            or not self._rows_going.keys().isdisjoint(keys)
        )

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

    def going(self) -> None:
        """All that is queued is being written from now on."""
        if self._rows_going or self._results_going:  # it failed: what it would have written is still known here
            self._rows_going.update(self._rows)
            self._results_going.update(self._results)
        else:
            self._rows_going, self._results_going = self._rows, self._results
        self._rows, self._results = {}, {}

    def written(self, batch: list[ops.Op]) -> None:
        """A batch is committed: what it wrote is read from the tables, and whoever listens hears of shared numbers."""
        self._rows_going, self._results_going = {}, {}
        for op in batch:
            if op.__class__ is ops.NoteNumbers:
                for shared in op.shared:
                    op.told(shared)
