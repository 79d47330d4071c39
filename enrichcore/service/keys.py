"""Keys of the service for whoever administers them: made, shown once, rotated, revoked."""

import secrets
from typing import TYPE_CHECKING, Final

import attrs

from enrichcore.engine.tenant_engine import checked_name
from enrichcore.errors import ConfigError
from enrichcore.store.accounts import LIVE_KEYS, AccountStore, StoredAccount, StoredKey

if TYPE_CHECKING:
    from enrichcore.engine.core import AsyncEngine
    from enrichcore.engine.keys import Keyer

PREFIX: Final = "ec"
"""How every key begins, so that one that leaked is recognised."""
ID: Final = 12
"""Characters of a key's public id."""
SECRET: Final = 40
"""Characters of a key's secret part: 200 bits."""
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
MAX_CREDITS: Final = 10**15


@attrs.frozen
class NewKey:
    """A key that was just made; `key` is shown now and never again."""

    key: str = attrs.field(repr=False)
    stored: StoredKey


def key_id(token: str) -> str | None:
    """The public id in a key, `ec_<id>_<secret>`; None when it is none."""
    parts = token.split("_")
    if len(token) != len(PREFIX) + ID + SECRET + 2 or [len(part) for part in parts] != [len(PREFIX), ID, SECRET]:
        return None
    return parts[1] if parts[0] == PREFIX and set(parts[1] + parts[2]) <= set(_LETTERS) else None


class Desk:
    """Makes and ends keys in a store."""

    def __init__(self, store: AccountStore, keyer: "Keyer") -> None:
        self._store = store
        self._keyer = keyer

    @classmethod
    async def of(cls, engine: "AsyncEngine") -> "Desk":
        """The desk of an open engine, whose store has to outlive the process.

        Raises:
            ConfigError: it does not.
        """
        inside = await engine._ready()  # noqa: SLF001 - keys are kept where the engine keeps its journal
        store = inside.store
        if not store.durable or not isinstance(store, AccountStore):
            raise ConfigError("keys are kept in the store, and this one ends with the process: name another, --store")
        return cls(store, inside.keyer)

    async def create(
        self,
        tenant: str,
        now: float,
        *,
        credits: int | None = None,
        rate: float | None = None,
        concurrency: int | None = None,
        allow_attempts: bool = False,
        expires_at: float | None = None,
    ) -> NewKey:
        """A new key of a tenant. `credits` are added to what the tenant has, limits take the place of those before.

        Raises:
            ConfigError: the tenant's name is none, or two of its keys live.
        """
        change = StoredAccount(tenant=checked_name(tenant), credits=credits, rate=rate, concurrency=concurrency)
        return await self._add(change, now, None, allow_attempts=allow_attempts, expires_at=expires_at)

    async def rotate(self, old_id: str, now: float, keep: float, *, expires_at: float | None = None) -> NewKey:
        """A key that takes over from another one with the same rights; the old one ends after `keep` seconds.

        Raises:
            ConfigError: there is no such key, it does not live, or another one took over from it already.
        """
        found = await self._store.load_key(old_id)
        if found is None:
            raise _unknown(old_id)
        old = found[0]
        if not old.lives(now):
            raise ConfigError(f"the key {old_id} has ended; make a new one with `keys create --tenant {old.tenant}`")
        change = StoredAccount(tenant=old.tenant)
        return await self._add(
            change, now, (old_id, now + keep), allow_attempts=old.allow_attempts, expires_at=expires_at
        )

    async def revoke(self, old_id: str, now: float) -> StoredKey:
        """End a key for good; the key as it was before.

        Raises:
            ConfigError: there is no such key.
        """
        key = await self._store.revoke_key(old_id, now)
        if key is None:
            raise _unknown(old_id)
        return key

    async def topup(self, tenant: str, credits: int) -> int:
        """Add credits; how many the tenant has then. One without a limit has one from then on.

        Raises:
            ConfigError: there is no such tenant.
        """
        account = await self._store.add_credits(tenant, credits)
        if account is None or account.credits is None:
            raise ConfigError(
                f"no tenant is called {tenant!r:.60}; `enrichcore keys create` makes the first key of one"
            )
        return account.credits

    async def all(self) -> list[tuple[StoredKey, StoredAccount, int | None]]:
        """Every key, its account, and what its tenant has left."""
        found = await self._store.load_keys()
        left = {tenant: await self._store.left(tenant) for tenant in {account.tenant for _, account in found}}
        return [(key, account, left[account.tenant]) for key, account in found]

    async def _add(
        self,
        change: StoredAccount,
        now: float,
        ends: tuple[str, float] | None,
        *,
        allow_attempts: bool,
        expires_at: float | None,
    ) -> NewKey:
        name, secret = ("".join(secrets.choice(_LETTERS) for _ in range(size)) for size in (ID, SECRET))
        key = f"{PREFIX}_{name}_{secret}"
        stored = StoredKey(
            id=name,
            tenant=change.tenant,
            digest=self._keyer.api_key(key),
            allow_attempts=allow_attempts,
            created_at=now,
            expires_at=expires_at,
        )
        if not await self._store.add_key(stored, change, ends=ends):
            raise ConfigError(
                f"{LIVE_KEYS} keys of {change.tenant} live, as many as may: revoke one that is no longer used with "
                "`enrichcore keys revoke` (`enrichcore keys list` shows them)"
            )
        return NewKey(key, stored)


def _unknown(name: str) -> ConfigError:
    return ConfigError(f"there is no key {name!r:.60}; `enrichcore keys list` shows the ids")
