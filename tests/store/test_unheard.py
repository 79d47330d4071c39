"""One look that spares several: whether a journal holds nothing of a record and of some questions."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from enrichcore.model import Outcome
from enrichcore.store import Claim, Row, StoredResult
from enrichcore.store.sqlite import SqliteStore

QUESTION, OTHER, RECORD = b"question", b"other question", b"record"


async def _nothing(store: SqliteStore) -> None: ...


async def _settled(store: SqliteStore) -> None:
    store.record(_row(store))


async def _intended(store: SqliteStore) -> None:
    await store.claim(
        Claim(
            key=QUESTION, tenant="t", record=b"r2", provider="p", method="name", now=1.0, hits_since=0, misses_since=0
        )
    )


async def _finished(store: SqliteStore) -> None:
    store.save_result(
        StoredResult(tenant="t", record=RECORD, fingerprint=b"f", plan=b"p", status="found", finished_at=1.0,
                     fresh_until=2.0, payload=b"{}")
    )  # fmt: skip


def _row(store: SqliteStore) -> Row:
    return Row(id=store.next_id(), key=QUESTION, tenant="t", record=b"r2", provider="p", method="name",
               owner=store.owner, started_at=1.0, settled_at=1.0, outcome=Outcome.MISS)  # fmt: skip


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize(
    ("write", "unheard"), [(_nothing, True), (_settled, False), (_intended, False), (_finished, False)]
)
def test_whatever_is_stored_or_queued_is_heard_of(
    tmp_path: Path, write: Callable[[SqliteStore], Awaitable[None]], *, unheard: bool, committed: bool
) -> None:
    async def work() -> tuple[bool, bool]:
        store = SqliteStore(tmp_path / "journal.db")
        await store.open(1.0)
        try:
            await write(store)
            if committed:
                await store.heartbeat(1.0)  # waits for the commit that what was queued is in, too
            return store.unheard("t", RECORD, [OTHER, QUESTION]), store.unheard("t", b"nobody", [OTHER])
        finally:
            await store.aclose()

    assert asyncio.run(work()) == (unheard, True)
