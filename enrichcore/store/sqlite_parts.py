"""What an open SqliteStore consists of."""

from pathlib import Path
from typing import Any

import attrs

from enrichcore.errors import StoreError
from enrichcore.store import ops
from enrichcore.store.group_commit import GroupCommit
from enrichcore.store.journal import Journal
from enrichcore.store.queued import Queued
from enrichcore.store.reading import Reader
from enrichcore.store.writer import WriterThread


@attrs.frozen
class Opened:
    """What an open store holds."""

    thread: WriterThread
    journal: Journal
    reader: Reader
    group: GroupCommit[ops.Op]


class SqliteParts:
    """The file, what is open of it, and what is queued for it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: Opened | None = None
        self._queued = Queued()

    @property
    def writes_waiting(self) -> int:
        """How many operations are queued for the next commit."""
        return 0 if self._open is None else self._open.group.waiting

    def _parts(self) -> Opened:
        if self._open is None:
            raise StoreError(f"the journal {self.path} is not open: `await store.open(now)` first")
        return self._open

    def _opened(self) -> GroupCommit[ops.Op]:
        return self._parts().group

    @property
    def _reader(self) -> Reader:
        return self._parts().reader

    async def _do(self, op: ops.Op) -> Any:
        return await self._opened().do(op)

    def _queue_numbers(self) -> None:
        for op in self._queued.take_notes():
            self._opened().put(op)
