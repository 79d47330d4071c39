"""A SQLite journal with a key: what a person is known by is sealed on its way in and opened on its way out."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import attrs
import pytest

from enrichcore.errors import StoreError
from enrichcore.model import Billed, Outcome
from enrichcore.store import Claim, Granted, InFlight, Known, Row, StoredResult, TakenOver
from enrichcore.store.cipher import Cipher, key_id
from enrichcore.store.sqlite import SqliteStore

Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MakeResult = Callable[..., StoredResult]

NOW = 1_790_000_000.0
PAYLOAD = b'[[["+12025550143","mobile","US",null,null,null]],null]'


@pytest.fixture(autouse=True)
def _library(require: Callable[[str], NoReturn]) -> None:
    if find_spec("cryptography") is None:
        require("the extra `crypto` is not installed")


@pytest.fixture
def keys() -> list[str]:
    """Two keys."""
    return [Cipher.generate(), Cipher.generate()]


def stored(path: Path, query: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [value for (value,) in connection.execute(query)]


def test_every_field_comes_back(
    journal_path: Path, keys: list[str], opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> None:
    """Answers, jobs and results are the same as without a key, queued and committed, for every owner with the key."""

    async def scenario() -> None:
        cipher = Cipher.from_text(keys[0])
        stores = [SqliteStore(journal_path, cipher=cipher) for _ in range(2)]
        async with opened(stores[0]) as store, opened(stores[1]) as other:
            granted = await store.claim(claim())
            await store.note_job(granted.id, "job-7 é")
            in_flight = await other.claim(claim())
            assert isinstance(in_flight, InFlight)
            assert in_flight.row.job == "job-7 é"
            row = settled(granted.id, payload=PAYLOAD, job="job-7 é")
            await store.settle(row)
            free = settled(store.next_id(), b"free", payload=PAYLOAD, billed=Billed.UNKNOWN, outcome=Outcome.ERROR)
            store.record(free)
            result = finished(payload=b"[1]")
            store.save_result(result)
            queued = await store.known(claim(b"free")), await store.load_result("default", b"record-1")
            await store.heartbeat(NOW)
            answer = await other.claim(claim())
            assert isinstance(answer, Known)
            assert attrs.asdict(answer.row) == attrs.asdict(row)
            for known in (queued[0], await other.known(claim(b"free")), (await other.in_doubt("default", NOW))[0]):
                assert known is not None
                assert attrs.asdict(known) == attrs.asdict(free)
            for loaded in (queued[1], await other.load_result("default", b"record-1")):
                assert loaded is not None
                assert (loaded.status, loaded.written()) == ("found", b"[1]")
        values = stored(journal_path, "SELECT payload FROM attempts") + stored(
            journal_path, "SELECT job FROM attempts WHERE job IS NOT NULL UNION ALL SELECT known_payload FROM results"
        )
        assert [key_id(value) for value in values] == [Cipher.from_text(keys[0]).key_ids[0]] * 4

    asyncio.run(scenario())
    content = journal_path.read_bytes()
    assert not any(secret in content for secret in (b"2025550143", b"job-7"))


def test_a_job_is_taken_over_with_the_key_and_left_alone_without(
    journal_path: Path, keys: list[str], opened: Opened, claim: MakeClaim
) -> None:
    """Who cannot read the vendor's id does not keep the call: the next one who can polls it."""

    async def scenario() -> None:
        cipher = Cipher.from_text(keys[0])
        async with opened(SqliteStore(journal_path, cipher=cipher)) as store:
            granted = await store.claim(claim())
            await store.note_job(granted.id, "job-7")
            await store.note_job(granted.id + 99, "job-8")  # there is no such call
        async with opened(SqliteStore(journal_path)) as store:
            with pytest.raises(StoreError, match=cipher.key_ids[0]):
                await store.claim(claim())
            async with opened(SqliteStore(journal_path, cipher=cipher)) as other:
                answer = await other.claim(claim())
                assert isinstance(answer, TakenOver)
                assert answer.row.job == "job-7"

    asyncio.run(scenario())


def test_without_its_key_nothing_is_bought_again(
    journal_path: Path, keys: list[str], opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> None:
    """Reading or claiming what is sealed fails, that claim alone; the ledger and other questions need no key."""

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path, cipher=Cipher.from_text(keys[0]))) as store:
            granted = await store.claim(claim())
            await store.note_job(granted.id, "job-7")
            await store.settle(settled(granted.id, payload=PAYLOAD, job="job-7"))
            store.save_result(finished(payload=b"[1]"))
        for cipher in (None, Cipher.from_text(keys[1])):
            async with opened(SqliteStore(journal_path, cipher=cipher)) as store:
                claims = [store.claim(claim(key)) for key in (b"question-1", b"new")]
                answers: list[Any] = await asyncio.gather(*claims, return_exceptions=True)
                assert [type(answer) for answer in answers] == [StoreError, Granted]
                new = answers[1]
                for read in (store.known(claim()), store.load_result("default", b"record-1")):
                    with pytest.raises(StoreError, match="sealed with key"):
                        await read
                rows = {row.key: row async for row in store.ledger("default")}
                paid = rows[b"question-1"]
                assert (paid.cost, paid.job, paid.payload) == (settled(1).cost, None, None)
                await store.settle(settled(new.id, b"new", outcome=Outcome.ERROR, billed=Billed.NO, payload=None))

    asyncio.run(scenario())


def test_what_was_written_before_there_was_a_key_is_read(
    journal_path: Path, keys: list[str], opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> None:
    """Plain answers, results and jobs stay readable; a strict store refuses them."""

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path)) as store:
            row = settled((await store.claim(claim())).id, payload=PAYLOAD, job="job-7")
            await store.settle(row)
            open_ = await store.claim(claim(b"open"))
            await store.note_job(open_.id, "job-8")
            store.save_result(finished(payload=b"[1]"))
        async with opened(SqliteStore(journal_path, cipher=Cipher.from_text(keys[0], strict=True))) as store:
            for read in (store.known(claim()), store.claim(claim(b"open"))):
                with pytest.raises(StoreError, match="not encrypted"):
                    await read
        async with opened(SqliteStore(journal_path, cipher=Cipher.from_text(keys[0]))) as store:
            known = await store.known(claim())
            assert known is not None
            assert attrs.asdict(known) == attrs.asdict(row)
            answer = await store.claim(claim(b"open"))
            assert isinstance(answer, TakenOver)
            assert answer.row.job == "job-8"
            result = await store.load_result("default", b"record-1")
            assert result is not None
            assert result.written() == b"[1]"

    asyncio.run(scenario())


def test_keys_are_changed_without_a_pause(
    journal_path: Path, keys: list[str], opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """With the new key in front, both are read, and what is written needs the new one."""

    async def scenario() -> None:
        for number, text in enumerate((keys[0], f"{keys[1]},{keys[0]}")):
            async with opened(SqliteStore(journal_path, cipher=Cipher.from_text(text))) as store:
                store.record(settled(store.next_id(), b"%d" % number, payload=PAYLOAD))
                await store.heartbeat(NOW)
                for before in range(number + 1):
                    known = await store.known(claim(b"%d" % before))
                    assert known is not None
                    assert known.payload == PAYLOAD
        ids = [key_id(value) for value in stored(journal_path, "SELECT payload FROM attempts ORDER BY key")]
        assert ids == [Cipher.from_text(key).key_ids[0] for key in keys]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "swap",
    [
        "UPDATE attempts SET payload = (SELECT payload FROM attempts WHERE key = x'62') WHERE key = x'61'",
        "UPDATE attempts SET tenant = 'globex' WHERE key = x'61'",
        "UPDATE attempts SET payload = job WHERE key = x'61'",
        "UPDATE attempts SET job = (SELECT job FROM attempts WHERE key = x'62') WHERE key = x'61'",
        "UPDATE attempts SET payload = substr(payload, 1, 40) WHERE key = x'61'",
    ],
)
def test_a_value_that_was_moved_does_not_open(
    journal_path: Path, keys: list[str], opened: Opened, claim: MakeClaim, settled: MakeRow, swap: str
) -> None:
    """Nobody is given the number of another by somebody who can write into the file."""

    async def scenario() -> None:
        async with opened(SqliteStore(journal_path, cipher=Cipher.from_text(keys[0]))) as store:
            for key in (b"a", b"b"):
                store.record(settled(store.next_id(), key, payload=PAYLOAD, job="job-7"))
            await store.heartbeat(NOW)
            with contextlib.closing(sqlite3.connect(journal_path, isolation_level=None)) as connection:
                assert connection.execute(swap).rowcount == 1
            with pytest.raises(StoreError, match="does not open"):
                await store.known(claim(b"a"))
            assert await store.known(claim(b"b")) is not None

    asyncio.run(scenario())
