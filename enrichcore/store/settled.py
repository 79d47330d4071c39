"""The settled attempts of a MemoryStore, by the question that they answer."""

from collections.abc import Iterator, KeysView, Sequence

import attrs

from enrichcore.store.protocol import Row


@attrs.define(eq=False)
class Settled:
    """Attempts by key, in the order in which their questions were asked first.

    Nearly every question is asked once, so that a list for each would be as many objects again for the collector.
    """

    count: int = 0
    """How many attempts are kept."""
    _first: dict[bytes, Row] = attrs.Factory(dict)
    _later: dict[bytes, list[Row]] = attrs.Factory(dict)

    def keep(self, row: Row) -> None:
        """Add an attempt, the newest at its question."""
        key = row.key
        if key in self._first:
            self._later.setdefault(key, []).append(row)
        else:
            self._first[key] = row
        self.count += 1

    def at(self, key: bytes) -> Sequence[Row]:
        """The attempts at a question, oldest first."""
        first = self._first.get(key)
        return () if first is None else (first, *self._later.get(key, ()))

    def keys(self) -> KeysView[bytes]:
        """The keys of all questions, oldest first."""
        return self._first.keys()

    def replace(self, old: Row, new: Row) -> None:
        """Put `new` in the place of `old`, an attempt that is kept at the same question."""
        key = old.key
        if self._first[key] is old:
            self._first[key] = new
        else:
            later = self._later[key]
            later[next(at for at, row in enumerate(later) if row is old)] = new

    def remove(self, row: Row) -> None:
        """Drop one attempt that is kept."""
        for other in self.pop(row.key):
            if other is not row:
                self.keep(other)

    def pop(self, key: bytes) -> Sequence[Row]:
        """Drop all attempts at a question; they are returned."""
        dropped = self.at(key)
        self._first.pop(key, None)
        self._later.pop(key, None)
        self.count -= len(dropped)
        return dropped

    def drop_oldest(self, rows: int) -> list[Row]:
        """Drop the oldest questions with at least so many attempts; these are returned."""
        keys = []
        for key in self._first:
            if rows <= 0:
                break
            keys.append(key)
            rows -= len(self.at(key))
        return [row for key in keys for row in self.pop(key)]

    def clear(self) -> None:
        """Drop everything."""
        self._first.clear()
        self._later.clear()
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        """Every attempt, question by question."""
        for key in self._first:
            yield from self.at(key)
