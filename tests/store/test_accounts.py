"""Keys and credits, the same in every store."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any

import attrs
import pytest

from enrichcore.store import Store
from enrichcore.store.accounts import AccountStore, StoredAccount, StoredKey
from enrichcore.store.sqlite import SqliteStore

NOW = 1_790_000_000.0
Opened = Callable[..., AbstractAsyncContextManager[Any]]


def key(name: str, tenant: str = "globex", **more: Any) -> StoredKey:
    """A key as it is kept."""
    return StoredKey(id=name, tenant=tenant, digest=name.encode(), **{"created_at": NOW, **more})


def limits(credits: int | None = None, tenant: str = "globex", **more: Any) -> StoredAccount:
    """What a tenant may do."""
    return StoredAccount(tenant=tenant, credits=credits, **more)


def test_a_key_is_kept_with_its_account(new_store: Callable[[], Store], opened: Opened) -> None:
    """What was added is found by its id, by another owner too, and listed by age."""

    async def work() -> None:
        async with opened(new_store()) as one, opened(new_store()) as two:
            assert isinstance(one, AccountStore)
            first = key("a", allow_attempts=True, expires_at=NOW + 9, created_at=NOW + 1)
            assert await one.add_key(first, limits(7, rate=2.5, concurrency=3))
            assert await one.add_key(key("b", "initech"), limits(tenant="initech"))
            assert await two.load_key("a") == (first, limits(7, rate=2.5, concurrency=3))
            assert [k.id for k, _ in await two.load_keys()] == ["b", "a"]
            assert await two.load_key("c") is None

    asyncio.run(work())


def test_a_change_adds_credits_and_keeps_what_it_does_not_name(new_store: Callable[[], Store], opened: Opened) -> None:
    """A second key of a tenant shares the account, of which only what was given changes."""

    async def work() -> None:
        async with opened(new_store()) as store:
            await store.add_key(key("a"), limits(7, rate=2.5))
            await store.add_key(key("b"), limits(3, concurrency=4))
            assert (await store.load_key("a"))[1] == limits(10, rate=2.5, concurrency=4)
            assert await store.add_credits("globex", 5) == limits(15, rate=2.5, concurrency=4)
            assert await store.add_credits("nobody", 5) is None
            await store.add_key(key("c", "free"), limits(tenant="free"))
            assert await store.left("free") is None
            assert await store.add_credits("free", 5) == limits(5, tenant="free")
            assert await store.left("nobody") == 0

    asyncio.run(work())


def test_a_tenant_has_two_live_keys_at_most(new_store: Callable[[], Store], opened: Opened) -> None:
    """A third key is refused until one is revoked or has expired; one that takes over ends the other."""

    async def work() -> None:
        async with opened(new_store()) as store:
            assert await store.add_key(key("a"), limits(1))
            assert await store.add_key(key("b", expires_at=NOW + 10), limits())
            assert not await store.add_key(key("c"), limits(100))
            assert not await store.add_key(key("c"), limits(), ends=("a", NOW + 5)), "it lives for five seconds more"
            assert (await store.load_key("a"))[0].expires_at is None, "what was refused has changed nothing"
            assert (await store.load_key("a"))[1].credits == 1
            assert await store.add_key(key("c"), limits(), ends=("a", NOW))
            assert (await store.load_key("a"))[0].expires_at == NOW
            assert await store.add_key(key("d", created_at=NOW + 10), limits()), "b has expired"
            assert await store.revoke_key("c", NOW + 11) == key("c")
            assert (await store.load_key("c"))[0].revoked_at == NOW + 11
            again = await store.revoke_key("c", NOW + 99)
            assert again.revoked_at == (await store.load_key("c"))[0].revoked_at == NOW + 11
            assert await store.revoke_key("nobody", NOW) is None
            assert await store.add_key(key("e", created_at=NOW + 12), limits(), ends=("d", NOW + 20))
            assert await store.add_key(
                key("f", created_at=NOW + 21, expires_at=NOW + 22), limits(), ends=("d", NOW + 99)
            )
            assert (await store.load_key("d"))[0].expires_at == NOW + 20, "it ends no later than before"

    asyncio.run(work())


def test_a_race_for_one_credit_is_won_once(new_store: Callable[[], Store], opened: Opened) -> None:
    """Of 100 reservations by three owners for one credit, one is granted, and it is spent once."""

    async def work() -> None:
        async with AsyncExitStack() as stack:
            stores = [await stack.enter_async_context(opened(new_store())) for _ in range(3)]
            await stores[0].add_key(key("a"), limits(1))
            answers = await asyncio.gather(*(stores[n % 3].reserve("globex", 1) for n in range(100)))
            assert sorted(answers, key=str) == [0] * 99 + [None]
            assert [await store.left("globex") for store in stores] == [0, 0, 0]
            await stores[answers.index(None) % 3].spend("globex", 1, 1)
            assert await stores[0].left("globex") == 0
            assert (await stores[1].load_key("a"))[1].credits == 0

    asyncio.run(work())


def test_what_is_not_spent_comes_back(new_store: Callable[[], Store], opened: Opened) -> None:
    """A reservation says how many credits are left when they are too few; ended, the rest of it is free again."""

    async def work() -> None:
        async with opened(new_store()) as store:
            await store.add_key(key("a"), limits(5))
            assert await store.reserve("globex", 3) is None
            assert await store.reserve("globex", 3) == 2
            await store.spend("globex", 3, 1)
            assert (await store.left("globex"), (await store.load_key("a"))[1].credits) == (4, 4)
            await store.spend("globex", 50, 0)
            assert await store.left("globex") == 4, "nothing comes back that was not set aside"
            assert await store.reserve("nobody", 1) == 0
            await store.spend("nobody", 1, 1)

    asyncio.run(work())


def test_without_a_limit_nothing_is_too_much(new_store: Callable[[], Store], opened: Opened) -> None:
    """A tenant without a balance reserves and spends what it likes, and one that gets a balance begins with it."""

    async def work() -> None:
        async with opened(new_store()) as store:
            await store.add_key(key("a"), limits())
            assert await store.reserve("globex", 10**9) is None
            await store.spend("globex", 10**9, 10**9)
            assert await store.left("globex") is None
            await store.add_credits("globex", 2)
            assert await store.left("globex") == 2

    asyncio.run(work())


def test_what_a_dead_owner_holds_is_free(new_store: Callable[[], Store], opened: Opened) -> None:
    """Who went away without ending his reservations holds nothing, while those of the living count."""

    async def work() -> None:
        async with opened(new_store()) as living:
            await living.add_key(key("a"), limits(5))
            assert await living.reserve("globex", 2) is None
            async with opened(new_store()) as dying:
                assert await dying.reserve("globex", 3) is None
                assert await living.reserve("globex", 1) == 0
            assert await living.left("globex") == 3
            assert await living.reserve("globex", 4) == 3
            assert await living.reserve("globex", 3) is None
            assert await living.left("globex") == 0

    asyncio.run(work())


@pytest.mark.parametrize("durable", ["sqlite", "postgres"])
def test_a_reservation_that_nobody_waits_for_is_taken_back(
    durable: str, request: pytest.FixtureRequest, journal_path: Path, opened: Opened
) -> None:
    """Whoever is cancelled while his reservation is being written has reserved nothing."""
    make = (lambda: SqliteStore(journal_path)) if durable == "sqlite" else request.getfixturevalue("postgres_store")

    async def work() -> None:
        async with opened(make()) as store:
            await store.add_key(key("a"), limits(1))
            waiting = asyncio.ensure_future(store.reserve("globex", 1))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await store.reserve("globex", 1)  # in the batch that takes it back, or before: asked again it is there
            await store.spend("globex", 1, 0)
            assert await store.left("globex") == 1
            assert await store.reserve("globex", 1) is None

    asyncio.run(work())


def test_a_digest_is_not_shown() -> None:
    """What a key is compared with stays out of every message."""
    assert "digest" not in repr(attrs.evolve(key("a"), digest=b"\x01secret"))
