"""One journal, one currency: amounts of two cannot be added up."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from enrichcore.engine.core import AsyncEngine
from enrichcore.errors import ConfigError
from enrichcore.model import Billed, Budget, Outcome
from enrichcore.store import Claim, Granted, Row, Store
from enrichcore.store.currency import check_currency
from enrichcore.store.sqlite import SqliteStore

NewStore = Callable[[], Store]
Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
BUDGETS = (("run:1", 10**9),)


def test_the_first_currency_stands_once_money_is_booked(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Until then the journal takes whatever it is opened with; afterwards nothing else, in whatever process."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            assert await store.keep_currency("USD") == "USD"
            attempt = (await store.claim(claim())).id
            await store.settle(settled(attempt, billed=Billed.NO, credits=Decimal(0), cost=Decimal(0)))
        async with opened(new_store()) as store:
            assert await store.keep_currency("EUR") == "EUR"
            attempt = (await store.claim(claim(b"question-2"))).id
            await store.settle(settled(attempt, b"question-2", cost=Decimal("0.000000001")))
        async with opened(new_store()) as store:
            assert await store.keep_currency("USD") == "EUR"
            assert await store.keep_currency("EUR") == "EUR"
            assert await store.keep_currency("USD") == "EUR"

    asyncio.run(scenario())


@pytest.mark.parametrize("billed", [None, Billed.UNKNOWN])
def test_what_is_only_reserved_or_in_doubt_is_booked_too(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow, billed: Billed | None
) -> None:
    """It has no cost yet, but it stands in the budgets."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            await store.keep_currency("EUR")
            answer = await store.claim(claim(reserve=5, budgets=BUDGETS))
            assert isinstance(answer, Granted)
            if billed is not None:
                await store.settle(settled(answer.id, outcome=Outcome.ERROR, billed=billed, cost=None))
        async with opened(new_store()) as store:
            assert await store.keep_currency("USD") == "EUR"

    asyncio.run(scenario())


def test_nobody_changes_the_currency_under_another_engine(new_store: NewStore, opened: Opened) -> None:
    """Two that start together with different settings: the second one hears of the first before any money moves."""

    async def scenario() -> None:
        async with opened(new_store()) as other:
            async with opened(new_store()) as store:
                assert await store.keep_currency("EUR") == "EUR"
                assert await other.keep_currency("USD") == "EUR"
                assert await other.keep_currency("EUR") == "EUR"
            assert await other.keep_currency("USD") == "USD"

    asyncio.run(scenario())


def test_the_message_names_both_currencies_the_journal_and_the_way_out(
    new_store: NewStore, opened: Opened, claim: MakeClaim
) -> None:
    """It is the configuration that has to change."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            await check_currency(store, "EUR")
            await store.claim(claim(reserve=5, budgets=BUDGETS))
            await check_currency(store, "EUR")
            with pytest.raises(ConfigError) as caught:
                await check_currency(store, "USD")
            told = str(caught.value)
            name = getattr(store, "path", None) or getattr(store, "name", "MemoryStore")
            assert told.startswith(f"[budget] currency is USD, but the amounts in the journal {name} are in EUR")
            assert 'currency = "EUR" in [budget]' in told

    asyncio.run(scenario())


def test_an_engine_does_not_open_a_journal_of_another_currency(journal_path: Path, opened: Opened) -> None:
    """What was booked in euros is not gone on with in dollars; a journal from before this check takes the first one."""

    def engine(currency: str) -> AsyncEngine:
        return AsyncEngine(
            providers=[], store=SqliteStore(journal_path), budget=Budget(currency=currency), secret=bytes(32), env={}
        )

    async def scenario() -> None:
        async with engine("EUR"):
            pass
        with sqlite3.connect(journal_path) as connection:
            connection.execute("INSERT INTO budgets VALUES ('default', 'run:1', 5, 0)")
        connection.close()
        late = engine("USD")
        with pytest.raises(ConfigError, match="are in EUR"):
            await late.__aenter__()
        with sqlite3.connect(journal_path) as connection:
            assert connection.execute("SELECT count(*) FROM owners").fetchall() == [(0,)]
            connection.execute("DELETE FROM meta WHERE name = 'currency'")
        connection.close()
        async with engine("USD"):
            pass
        with pytest.raises(ConfigError, match="are in USD"):
            await engine("EUR").__aenter__()

    asyncio.run(scenario())
