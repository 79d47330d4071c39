"""StoreAccounts: keys, credits and rates as the store has them, for the app, in every process and on every machine."""

import asyncio
import hmac
import math
from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs
from cachetools import TTLCache

from enrichcore.engine.leases import Leases
from enrichcore.errors import ConfigError
from enrichcore.plugins import Rate
from enrichcore.service.account import Account
from enrichcore.service.keys import key_id
from enrichcore.store.accounts import AccountStore, StoredAccount, StoredKey

if TYPE_CHECKING:
    from enrichcore.engine.core import AsyncEngine
    from enrichcore.engine.keys import Keyer
    from enrichcore.runtime import Runtime
    from enrichcore.store import Store

REMEMBERED: Final = 1.0
"""Seconds for which a process goes by what it read of a key: so long a revoked one may still be let in elsewhere."""
_KEYS: Final = 4096
"""Keys that are remembered at the same time, and as many ids that are none's, which cannot drive out real ones."""
_TENANTS: Final = 4096
_NOBODY: Final = b"\0" * 32
REQUESTS: Final = "service:requests"
"""Under which name the requests of a tenant are counted among the rates that processes share."""


@attrs.frozen
class _Found:
    key: StoredKey
    account: StoredAccount


class StoreAccounts:
    """`Accounts` over the store of an engine, which must be open when it is first asked.

    Args:
        engine: whose store and secret are used.
        workers: how many processes share the tenants' concurrency on this machine: each allows its part.
    """

    def __init__(self, engine: "AsyncEngine", *, workers: int = 1) -> None:
        self._engine = engine
        self._workers = workers
        self._inside: tuple[AccountStore, Store, Keyer, Runtime] | None = None
        self._keys: TTLCache[str, _Found] | None = None
        self._unknown: TTLCache[str, None] | None = None
        self._asking: dict[str, asyncio.Task[_Found | None]] = {}
        self._rates: dict[str, tuple[float, Leases]] = {}
        self._later: dict[str, float] = {}
        self._unlimited: Counter[str] = Counter()
        """Reservations of tenants without a limit, which the store need not hear of."""

    async def find(self, token: str) -> Account | None:
        """The account of a key. It takes as long for a wrong secret as for the right one."""
        name = key_id(token)
        if name is None:
            return None
        _, _, keyer, runtime = await self._ready()
        assert self._keys is not None
        assert self._unknown is not None
        found = self._keys.get(name)
        if found is None and name not in self._unknown:
            found = await self._ask(name)
        digest = keyer.api_key(token)
        right = hmac.compare_digest(digest, _NOBODY if found is None else found.key.digest)
        if found is None or not right or not found.key.lives(runtime.wall()):
            return None
        account = found.account
        return Account(
            key_id=name,
            tenant=account.tenant,
            allow_attempts=found.key.allow_attempts,
            rate=account.rate,
            concurrency=None if account.concurrency is None else max(account.concurrency // self._workers, 1),
        )

    async def reserve(self, account: Account, credits: int) -> int | None:
        """Set credits aside. A reservation counts as long as this process lives."""
        store, _, _, _ = await self._ready()
        if await self._has_no_limit(account):
            self._unlimited[account.tenant] += 1
            return None
        return await store.reserve(account.tenant, credits)

    async def settle(self, account: Account, credits: int, *, spent: int) -> None:
        """End a reservation; durable when it returns."""
        store, _, _, _ = await self._ready()
        if self._unlimited[account.tenant]:
            self._unlimited[account.tenant] -= 1
            if not self._unlimited[account.tenant]:
                del self._unlimited[account.tenant]
        else:
            await store.spend(account.tenant, credits, spent)

    async def allow(self, account: Account) -> float | None:
        """Whether one more request is within the rate that all processes share."""
        if account.rate is None:
            return None
        _, store, keyer, runtime = await self._ready()
        now = runtime.wall()
        known = self._rates.get(account.tenant)
        if known is None or known[0] != account.rate:
            if len(self._rates) >= _TENANTS:
                self._rates.clear()
            calls = max(math.floor(account.rate), 1)
            window = Rate(calls, calls / account.rate)
            leases = Leases(store, REQUESTS, keyer.credential(REQUESTS, account.tenant), [window])
            known = self._rates[account.tenant] = (account.rate, leases)
            self._later.pop(account.tenant, None)
        until = self._later.get(account.tenant, 0.0)
        if now < until:
            return until - now
        wait = await known[1].take(now)
        if wait:
            self._later[account.tenant] = now + wait
            return wait
        self._later.pop(account.tenant, None)
        return None

    async def remaining(self, account: Account) -> int | None:
        """The credits a tenant has left."""
        store, _, _, _ = await self._ready()
        left = await store.left(account.tenant)
        return None if left is None else max(left, 0)

    async def _ready(self) -> "tuple[AccountStore, Store, Keyer, Runtime]":
        if self._inside is None:
            inside = await self._engine._ready()  # noqa: SLF001 - keys are kept where the engine keeps its journal
            store, runtime = inside.store, self._engine._runtime  # noqa: SLF001 - its clocks
            if not isinstance(store, AccountStore):
                raise ConfigError(f"{type(store).__name__} keeps no keys; use one of enrichcore's own stores")
            self._keys, self._unknown = (TTLCache(_KEYS, REMEMBERED, timer=runtime.monotonic) for _ in range(2))
            self._inside = (store, inside.store, inside.keyer, runtime)
        return self._inside

    async def _ask(self, name: str) -> _Found | None:
        """Read a key; who asks for the same one meanwhile waits for the same answer."""
        task = self._asking.get(name)
        if task is None:
            task = self._asking[name] = asyncio.get_running_loop().create_task(self._read(name))
            task.add_done_callback(lambda _: self._asking.pop(name, None))
        return await asyncio.shield(task)

    async def _read(self, name: str) -> _Found | None:
        store, _, _, _ = await self._ready()
        stored = await store.load_key(name)
        assert self._keys is not None
        assert self._unknown is not None
        if stored is None:
            self._unknown[name] = None
            return None
        found = self._keys[name] = _Found(*stored)
        return found

    async def _has_no_limit(self, account: Account) -> bool:
        assert self._keys is not None
        found = self._keys.get(account.key_id)
        if found is None:
            found = await self._ask(account.key_id)
        return found is not None and found.account.credits is None
