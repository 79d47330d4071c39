"""What an open store holds, and what its verbs share."""

from collections.abc import Callable
from typing import Any

import attrs

from enrichcore.errors import StoreError
from enrichcore.store.group_commit import GroupCommit
from enrichcore.store.postgres import ops
from enrichcore.store.postgres.columns import Scribe
from enrichcore.store.postgres.link import Link
from enrichcore.store.postgres.looking import Looking
from enrichcore.store.postgres.sql import Statements
from enrichcore.store.postgres.writer import Writer


@attrs.frozen
class Opened:
    """What an open store holds."""

    reader: Link
    writer: Link
    batches: Writer
    looking: Looking
    group: GroupCommit[ops.Op]


class Parts:
    """The base of what needs an open store."""

    name: str
    """The server as it may be shown."""
    _sql: Statements
    _scribe: Scribe
    _open: Opened | None
    _numbers: list[ops.NoteNumbers]
    """What is noted of numbers and not queued yet, by limit and listener."""

    def _opened(self) -> Opened:
        if self._open is None:
            raise StoreError(f"the journal at {self.name} is not open: `await store.open(now)` first")
        return self._open

    async def _read(self, query: str, *parameters: Any) -> list[Any]:
        return await self._opened().reader.read(lambda connection: connection.fetch(query, *parameters))

    async def _apart(self, work: Callable[..., Any], *, alone: bool = True) -> Any:
        return await self._opened().group.do(ops.Apart(work, alone))

    def _queue_numbers(self) -> None:
        noted, self._numbers = self._numbers, []
        for op in noted:
            self._opened().group.put(op)
