"""Keys, credits and rates as the app asks for them: right at once here, and within a second everywhere else."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from enrichcore import AsyncEngine
from enrichcore.errors import ConfigError
from enrichcore.runtime import Runtime
from enrichcore.service.account import Account
from enrichcore.service.accounts import REMEMBERED, StoreAccounts
from enrichcore.service.keys import Desk, key_id
from enrichcore.store.memory import MemoryStore, Tables

NOW = 1_790_000_000.0


class Stopped(Runtime):
    """Clocks that go when they are told to."""

    def __init__(self) -> None:
        super().__init__(seed=1)
        self.now = NOW
        self.wall = lambda: self.now
        self.monotonic = lambda: self.now


class Durable(MemoryStore):
    """A store in memory that says it outlives the process, so that keys may be kept in it; it counts how often."""

    durable = True
    reads = 0

    async def load_key(self, key_id: str) -> Any:
        """Read a key."""
        self.reads += 1
        await asyncio.sleep(0)
        return await super().load_key(key_id)


class House:
    """One process that serves: an engine, its accounts and its desk."""

    def __init__(self, engine: AsyncEngine, runtime: Stopped, store: Durable, desk: Desk) -> None:
        self.engine, self.clock, self.store, self.desk = engine, runtime, store, desk
        self.accounts = StoreAccounts(engine)


def in_houses(work: Callable[..., Awaitable[None]], count: int = 1) -> None:
    """Run `work` with so many processes over one store and one secret."""

    async def run() -> None:
        tables, clock = Tables(), Stopped()
        houses, engines = [], []
        for _ in range(count):
            store = Durable(tables=tables)
            engine = AsyncEngine(providers=[], store=store, runtime=clock, secret=b"s" * 32, env={})
            engines.append(await engine.__aenter__())
            houses.append(House(engine, clock, store, await Desk.of(engine)))
        try:
            await work(*houses)
        finally:
            for engine in engines:
                await engine.aclose()

    asyncio.run(run())


def test_a_key_opens_its_account_and_no_other_text_does() -> None:
    """The right key is found with its tenant's limits and its rights; whatever differs from it in a letter is not."""

    async def work(house: House) -> None:
        made = await house.desk.create("globex", NOW, rate=2.0, concurrency=3, allow_attempts=True)
        account = await house.accounts.find(made.key)
        assert account == Account(made.stored.id, "globex", allow_attempts=True, rate=2.0, concurrency=3)
        other = await house.desk.create("initech", NOW)
        wrong = "a" if made.key[-1] != "a" else "b"
        for token in (
            made.key[:-1] + wrong,
            made.key.replace(made.stored.id, other.stored.id),
            made.key.replace(made.stored.id, "a" * 12),
            made.key + "a",
            made.key.upper(),
            made.key.replace("ec_", "ed_"),
            made.key.replace("_", "-"),
            " " + made.key,
            made.stored.id,
            "",
            "ec__",
            "\ud800" * len(made.key),
            "é" * len(made.key),
            "ec_" + "_" * 53,
            "x" * 10**6,
        ):
            assert await house.accounts.find(token) is None, token[:80]

    in_houses(work)


def test_another_secret_opens_nothing() -> None:
    """What is stored is worth nothing without the engine's secret."""

    async def work(house: House) -> None:
        made = await house.desk.create("globex", NOW)
        engine = AsyncEngine(
            providers=[], store=Durable(tables=house.store.tables), runtime=house.clock, secret=b"t" * 32, env={}
        )
        async with engine:
            assert await StoreAccounts(engine).find(made.key) is None
        assert await house.accounts.find(made.key) is not None

    in_houses(work)


def test_a_key_ends_when_it_is_to() -> None:
    """A key that expires is let in until then, by whoever remembers it too; a revoked one for a second at most."""

    async def work(house: House) -> None:
        short = await house.desk.create("globex", NOW, expires_at=NOW + REMEMBERED / 2)
        long = await house.desk.create("globex", NOW)
        assert await house.accounts.find(short.key) is not None
        assert await house.accounts.find(long.key) is not None
        await house.desk.revoke(long.stored.id, NOW)
        house.clock.now += REMEMBERED / 2
        assert await house.accounts.find(short.key) is None
        assert await house.accounts.find(long.key) is not None, "documented: it is remembered"
        house.clock.now += REMEMBERED / 2
        assert await house.accounts.find(long.key) is None

    in_houses(work)


def test_a_key_is_read_once_a_second_however_many_ask() -> None:
    """A hundred requests at once are one read, those that follow are none; unknown keys are remembered as well."""

    async def work(house: House) -> None:
        made = await house.desk.create("globex", NOW)
        found = await asyncio.gather(*(house.accounts.find(made.key) for _ in range(100)))
        assert len(set(found)) == 1
        await house.accounts.find(made.key)
        assert house.store.reads == 1
        unknown = made.key.replace(made.stored.id, "a" * 12)
        for _ in range(5):
            await house.accounts.find(unknown)
        assert house.store.reads == 2
        house.clock.now += REMEMBERED
        await house.accounts.find(made.key)
        assert house.store.reads == 3

    in_houses(work)


def test_made_up_keys_do_not_drive_out_real_ones() -> None:
    """Ten thousand unknown ids later a real key is still remembered."""

    async def work(house: House) -> None:
        made = await house.desk.create("globex", NOW)
        await house.accounts.find(made.key)
        letters = "abcdefghij"
        for n in range(10_000):
            name = "a" * 8 + "".join(letters[int(digit)] for digit in f"{n:04}")
            assert await house.accounts.find(made.key.replace(made.stored.id, name)) is None
        reads = house.store.reads
        assert await house.accounts.find(made.key) is not None
        assert house.store.reads == reads == 10_001

    in_houses(work)


def test_two_processes_spend_one_balance() -> None:
    """Of 100 requests in two processes for one credit, one is let through, and what it does not spend comes back."""

    async def work(one: House, two: House) -> None:
        made = await one.desk.create("globex", NOW, credits=1)
        account = await one.accounts.find(made.key)
        assert account is not None
        houses = [one, two]
        left = await asyncio.gather(*(houses[n % 2].accounts.reserve(account, 1) for n in range(100)))
        assert sorted(left, key=str) == [0] * 99 + [None]
        winner = houses[left.index(None) % 2].accounts
        assert [await house.accounts.remaining(account) for house in houses] == [0, 0]
        await winner.settle(account, 1, spent=0)
        assert [await house.accounts.remaining(account) for house in houses] == [1, 1]
        assert await two.accounts.reserve(account, 1) is None
        await two.accounts.settle(account, 1, spent=1)
        assert await one.accounts.reserve(account, 1) == 0

    in_houses(work, 2)


def test_who_has_no_limit_costs_the_store_nothing() -> None:
    """Nothing is written for a tenant without a balance; one that gets a balance is not charged for before."""

    async def work(house: House) -> None:
        made = await house.desk.create("globex", NOW)
        account = await house.accounts.find(made.key)
        assert account is not None
        assert await house.accounts.reserve(account, 5) is None
        assert await house.accounts.remaining(account) is None
        assert house.store.tables.holds == {}
        await house.desk.topup("globex", 10)
        house.clock.now += REMEMBERED
        assert await house.accounts.reserve(account, 4) is None
        await house.accounts.settle(account, 5, spent=5)
        await house.accounts.settle(account, 4, spent=4)
        assert await house.accounts.remaining(account) == 6

    in_houses(work)


@pytest.mark.parametrize(("rate", "calls", "seconds"), [(10.0, 10, 1.0), (0.5, 1, 2.0), (2.5, 2, 0.8)])
def test_a_rate_is_shared_by_all_processes(rate: float, calls: int, seconds: float) -> None:
    """In each window of time all processes together let through what the rate says, and tell when it ends."""

    async def work(one: House, two: House) -> None:
        made = await one.desk.create("globex", NOW, rate=rate)
        account = await one.accounts.find(made.key)
        assert account is not None
        for window in range(3):
            one.clock.now = NOW + window * seconds
            answers = [await house.accounts.allow(account) for _ in range(20) for house in (one, two)]
            assert answers.count(None) == calls
            assert all(answer == pytest.approx(seconds, abs=0.01) for answer in answers if answer is not None)

    in_houses(work, 2)


def test_without_a_rate_everything_is_allowed() -> None:
    """A tenant without a rate is never asked to wait; one that is given another rate goes by that."""

    async def work(house: House) -> None:
        made = await house.desk.create("globex", NOW)
        account = await house.accounts.find(made.key)
        assert account is not None
        assert [await house.accounts.allow(account) for _ in range(50)] == [None] * 50
        slow = Account(account.key_id, "globex", rate=1.0)
        assert await house.accounts.allow(slow) is None
        assert await house.accounts.allow(slow) == pytest.approx(1.0)
        fast = Account(account.key_id, "globex", rate=2.0)
        assert [await house.accounts.allow(fast) for _ in range(2)].count(None) >= 1

    in_houses(work)


def test_concurrency_is_divided_among_workers() -> None:
    """Each of three workers allows its part, at least one."""

    async def work(house: House) -> None:
        many = await house.desk.create("globex", NOW, concurrency=7)
        few = await house.desk.create("initech", NOW, concurrency=2)
        accounts = StoreAccounts(house.engine, workers=3)
        found = [await accounts.find(made.key) for made in (many, few)]
        assert [account and account.concurrency for account in found] == [2, 1]

    in_houses(work)


def test_a_store_that_keeps_no_keys_is_refused(tmp_path: Path) -> None:
    """Keys in memory would end with the process that makes them, so none is made; a foreign store is named."""

    async def work() -> None:
        async with AsyncEngine(providers=[], store="memory", env={}) as engine:
            with pytest.raises(ConfigError, match="ends with the process"):
                await Desk.of(engine)
            assert await StoreAccounts(engine).find("ec_" + "a" * 12 + "_" + "a" * 40) is None
        async with AsyncEngine(providers=[], store=f"sqlite:///{tmp_path / 'kept.db'}", env={}) as engine:
            made = await (await Desk.of(engine)).create("globex", NOW)
            assert key_id(made.key) == made.stored.id
            assert made.key not in repr(made)

    asyncio.run(work())
