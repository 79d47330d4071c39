"""The engine with instant and slow providers, against what it replaces: a hand-written loop and a bare worker pool."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from cachetools import TTLCache

from enrichcore import AsyncEngine
from enrichcore.config import Config
from enrichcore.engine import acceptance
from enrichcore.engine.pool import Pool
from enrichcore.model import LineType, PhoneResult, Status
from tests.benchmarks.pairs import Case, Clock, Measure, in_turn
from tests.benchmarks.people import DELAY, NAMES, answer, contacts, instant, slow
from tests.benchmarks.yardstick import hand_cpu, log_as_it_does

CONCURRENCY = 200
_SECRET = bytes(32)


class _Unread:
    """What stands for a reading where validation is off: the number as the vendor wrote it."""

    __slots__ = ("phone",)
    reason = extension = country = None
    line_type = plan_line_type = LineType.UNKNOWN
    claimed_line_type = None
    company_line = fictional = False

    def __init__(self, raw: object, **_: object) -> None:
        self.phone = raw


@contextlib.contextmanager
def validation(*, on: bool) -> Iterator[None]:
    """The engine has no switch for it: a number that nobody has read is not a result. So it is cut out here."""
    judging: Any = acceptance
    read = judging.read_number
    judging.read_number = read if on else _Unread
    try:
        yield
    finally:
        judging.read_number = read


@contextlib.contextmanager
def journal(kind: str) -> Iterator[str]:
    """The store for one run: `memory`, or a new SQLite file."""
    if kind == "memory":
        yield "memory"
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder, 'journal.db')}"


@contextlib.asynccontextmanager
async def engine(store: str, **options: Any) -> AsyncIterator[AsyncEngine]:
    """An engine over the five providers."""
    opened = AsyncEngine(order=NAMES, store=store, secret=_SECRET, env={}, **options)
    try:
        yield await opened.__aenter__()
    finally:
        await opened.aclose()


async def enrich_all(opened: AsyncEngine, records: int, *, first: int = 0, concurrency: int = CONCURRENCY) -> None:
    """Enrich `records` records; all of them have a number."""
    found = 0
    async for result in opened.enrich_phones(contacts(records, first=first), concurrency=concurrency):
        found += result.found
    assert found == records, f"{found} of {records} were found"


def engine_cpu(records: int, *, events: bool, validate: bool, store: str, paid: bool) -> Measure:
    """CPU microseconds the engine takes for a record, until everything is durable; opening it is not counted."""

    async def run(place: str) -> float:
        log_as_it_does(events=events)
        # Counting for how many people a number was given is validation, too.
        config = Config() if validate else Config(max_people=None)
        async with engine(place, providers=instant(paid=paid), config=config) as opened:
            with Clock() as clock:
                await enrich_all(opened, records)
                await opened.aclose()
        return clock.each(records)

    def measure() -> float:
        with validation(on=validate), journal(store) as place:
            return asyncio.run(run(place))

    return measure


async def _bare_pool(records: int, delay: float) -> None:
    todo = iter(range(records))

    async def worker() -> None:
        for i in todo:
            for index in range(len(NAMES)):
                if delay:
                    await asyncio.sleep(delay)
                if answer(index, i) is not None:
                    break

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))


def engine_rate(records: int, *, store: str, paid: bool) -> Measure:
    """Records a second of the whole engine over providers that take 50 ms: events, validation and journal on."""

    async def run(place: str) -> float:
        log_as_it_does(events=True)
        async with engine(place, providers=slow(paid=paid)) as opened:
            start = time.perf_counter()
            await enrich_all(opened, records)
            return records / (time.perf_counter() - start)

    def measure() -> float:
        with journal(store) as place:
            return asyncio.run(run(place))

    return measure


def bare_rate(records: int) -> Measure:
    """Records a second of workers that call the same providers and do nothing else."""

    async def run() -> float:
        start = time.perf_counter()
        await _bare_pool(records, DELAY)
        return records / (time.perf_counter() - start)

    return lambda: asyncio.run(run())


def pool_cpu(records: int) -> Measure:
    """CPU microseconds for a record of the engine's pool around an enrichment that does nothing."""
    nothing = PhoneResult(record_id="1", status=Status.NOT_FOUND)

    async def enrich(_index: int, _item: object, _pool: Pool) -> PhoneResult:
        return nothing

    async def run() -> float:
        with Clock() as clock:
            async for _ in Pool(range(records), enrich, concurrency=CONCURRENCY, ordered=False).results():
                pass
        return clock.each(records)

    return lambda: asyncio.run(run())


def bare_cpu(records: int) -> Measure:
    """CPU microseconds for a record of bare workers over instant providers."""

    async def run() -> float:
        with Clock() as clock:
            await _bare_pool(records, 0)
        return clock.each(records)

    return lambda: asyncio.run(run())


def hit_cpu(times: int) -> Measure:
    """CPU microseconds of the second answer for the same contact."""

    async def run() -> float:
        log_as_it_does(events=False)
        async with engine("memory", providers=instant()) as opened:
            known = list(contacts(64))
            for contact in known:
                await opened.enrich_phone(contact)
            with Clock() as clock:
                for _ in range(times // len(known)):
                    for contact in known:
                        await opened.enrich_phone(contact)
            assert (await opened.enrich_phone(known[0])).cached
        return clock.each(times)

    return lambda: asyncio.run(run())


def get_cpu(times: int) -> Measure:
    """CPU microseconds of `TTLCache.get`."""

    def measure() -> float:
        cache: TTLCache[str, int] = TTLCache(65_536, 3600.0)
        known = [str(i) for i in range(64)]
        for key in known:
            cache[key] = 1
        with Clock() as clock:
            for _ in range(times // len(known)):
                for key in known:
                    cache.get(key)
        return clock.each(times)

    return measure


def cases(*, small: bool) -> list[Case]:
    """The cases, at full size or at the size of a smoke test."""
    n, few, hits = (400, 400, 6_400) if small else (4_000, 3_200, 64_000)
    return [
        Case(
            "instant-bare",
            "engine ÷ hand loop, CPU a record: instant providers, events filtered, validation off",
            in_turn(
                engine_cpu(n, events=False, validate=False, store="memory", paid=False),
                hand_cpu(n, events=False, validate=False, concurrency=CONCURRENCY),
            ),
            bar=0.3,
        ),
        Case(
            "instant-full",
            "engine ÷ hand loop, CPU a record: events, validation and SQLite journal on",
            in_turn(
                engine_cpu(n, events=True, validate=True, store="sqlite", paid=False),
                hand_cpu(n, events=True, validate=True, concurrency=CONCURRENCY),
            ),
            bar=0.7,
        ),
        Case(
            "instant-full-paid",
            "the same with paid providers: every call waits for its intent, every answer for its commit",
            in_turn(
                engine_cpu(n, events=True, validate=True, store="sqlite", paid=True),
                hand_cpu(n, events=True, validate=True, concurrency=CONCURRENCY),
            ),
        ),
        Case(
            "slow",
            "engine ÷ bare pool, records a second: 50 ms providers, concurrency 200, paid, events and validation on",
            in_turn(engine_rate(few, store="memory", paid=True), bare_rate(few)),
            unit="/s",
            bar=0.95,
            least=True,
        ),
        Case(
            "slow-journal",
            "SQLite ÷ memory journal, records a second: 50 ms paid providers, concurrency 200, everything on",
            in_turn(engine_rate(few, store="sqlite", paid=True), engine_rate(few, store="memory", paid=True)),
            unit="/s",
            bar=0.9,
            least=True,
        ),
        Case(
            "cache-hit",
            "known result ÷ bare TTLCache.get, CPU: events filtered",
            in_turn(hit_cpu(hits), get_cpu(hits)),
            bar=10.0,
        ),
        Case(
            "journal",
            "SQLite ÷ memory journal, CPU a record: free providers, events and validation on",
            in_turn(
                engine_cpu(n, events=True, validate=True, store="sqlite", paid=False),
                engine_cpu(n, events=True, validate=True, store="memory", paid=False),
            ),
        ),
        Case(
            "journal-paid",
            "SQLite ÷ memory journal, CPU a record: paid providers, events and validation on",
            in_turn(
                engine_cpu(n, events=True, validate=True, store="sqlite", paid=True),
                engine_cpu(n, events=True, validate=True, store="memory", paid=True),
            ),
        ),
        Case(
            "pool",
            "the engine's pool ÷ bare workers, CPU a record: nothing else to do",
            in_turn(pool_cpu(n * 4), bare_cpu(n * 4)),
        ),
    ]
