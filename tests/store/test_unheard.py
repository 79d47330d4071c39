"""One look that spares several: whether a journal holds nothing of a record and of some questions."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from enrichcore.errors import StoreError
from enrichcore.model import Outcome
from enrichcore.store import Claim, Row, StoredResult
from enrichcore.store.group_commit import MANY
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
            asked = store.unheard("t", RECORD, [OTHER, QUESTION]), store.unheard("t", b"nobody", [OTHER])
            return await asked[0], await asked[1]
        finally:
            await store.aclose()

    assert asyncio.run(work()) == (unheard, True)


def test_many_who_come_together_are_each_told_about_themselves(tmp_path: Path) -> None:
    """More than one statement takes, some with several questions, some of them heard of in different ways."""

    async def work() -> list[bool]:
        store = SqliteStore(tmp_path / "journal.db")
        await store.open(1.0)
        try:
            await _settled(store)
            await store.heartbeat(1.0)
            await _finished(store)
            asked = []
            for i in range(100):
                record = RECORD if i == 40 else b"nobody %d" % i
                keys = [b"%03d of the others" % i, QUESTION if i == 71 else b"%03d of the rest" % i]
                asked.append(store.unheard("t", record, keys))
            return list(await asyncio.gather(*asked))
        finally:
            await store.aclose()

    told = asyncio.run(work())
    assert [i for i, unheard in enumerate(told) if not unheard] == [40, 71]


def test_who_looks_while_much_is_written_is_told_after_it(tmp_path: Path) -> None:
    """What is queued stays bounded, and two threads do not fight for the interpreter."""

    async def work() -> list[str]:
        store = SqliteStore(tmp_path / "journal.db")
        await store.open(1.0)
        order: list[str] = []
        try:
            for _ in range(MANY):
                await asyncio.sleep(0)
                store.record(_row(store))
            look = store.unheard("t", RECORD, [QUESTION])
            look.add_done_callback(lambda _: order.append("told"))
            written = store.settle(_row(store))
            written.add_done_callback(lambda _: order.append("written"))
            assert not await look
            await written
            return order
        finally:
            await store.aclose()

    assert asyncio.run(work()) == ["written", "told"]


def test_one_who_has_left_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    async def work() -> bool:
        store = SqliteStore(tmp_path / "journal.db")
        await store.open(1.0)
        try:
            gone, there = store.unheard("t", RECORD, [QUESTION]), store.unheard("t", RECORD, [OTHER])
            gone.cancel()
            return await there
        finally:
            await store.aclose()

    assert asyncio.run(work())


def test_a_journal_that_cannot_be_read_tells_each_of_them(tmp_path: Path) -> None:
    async def work() -> list[BaseException | bool]:
        store = SqliteStore(tmp_path / "journal.db")
        await store.open(1.0)
        try:
            with sqlite3.connect(tmp_path / "journal.db") as other:
                other.execute("DROP TABLE results")
            other.close()
            asked = [store.unheard("t", RECORD, [QUESTION]) for _ in range(2)]
            return list(await asyncio.gather(*asked, return_exceptions=True))
        finally:
            await store.aclose()

    first, second = asyncio.run(work())
    assert isinstance(first, StoreError)
    assert isinstance(second, StoreError)
    assert first is not second
