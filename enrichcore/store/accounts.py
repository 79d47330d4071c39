"""Keys of the service and the credits of its tenants: what a store keeps of them, and the verbs for it."""

from collections.abc import Iterable
from typing import Final, Protocol, runtime_checkable

import attrs

LIVE_KEYS: Final = 2
"""Keys that a tenant may have at the same time: one in use, one that takes over."""


@attrs.frozen(kw_only=True)
class StoredKey:
    """A key of the service as it is kept: `digest` is its keyed hash, the key itself is nowhere. Wall seconds."""

    id: str
    tenant: str
    digest: bytes = attrs.field(repr=False)
    allow_attempts: bool = False
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None

    def lives(self, now: float) -> bool:
        """Whether it opens anything at that moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@attrs.frozen(kw_only=True)
class StoredAccount:
    """What all keys of a tenant share. None is no limit; `rate` is requests a second."""

    tenant: str
    credits: int | None = None
    """The balance; what is reserved at the moment is still in it."""
    rate: float | None = None
    concurrency: int | None = None


def has_room(there: Iterable[StoredKey], key: StoredKey, ends: tuple[str, float] | None) -> bool:
    """Whether `key` may be added to those of its tenant, of which one `ends` then."""
    now = key.created_at
    living = [one for one in there if one.lives(now) and (ends is None or one.id != ends[0] or ends[1] > now)]
    return len(living) < LIVE_KEYS


@runtime_checkable
class AccountStore(Protocol):
    """A store that keeps keys and credits. Every verb may raise `StoreError`; what it writes is durable on return."""

    async def load_key(self, key_id: str) -> tuple[StoredKey, StoredAccount] | None:
        """A key by its public id, live or not, and the account that it belongs to."""
        ...

    async def load_keys(self) -> list[tuple[StoredKey, StoredAccount]]:
        """All keys, oldest first."""
        ...

    async def add_key(self, key: StoredKey, change: StoredAccount, *, ends: tuple[str, float] | None = None) -> bool:
        """Keep a key; whether there was room for it among the live ones of its tenant.

        `change` adds its credits to the account and sets the limits that it names; None leaves them as they are.
        `ends` names another key and when it expires, unless it does so sooner.
        """
        ...

    async def revoke_key(self, key_id: str, now: float) -> StoredKey | None:
        """End a key for good; the key as it was before, None when there is none."""
        ...

    async def add_credits(self, tenant: str, credits: int) -> StoredAccount | None:
        """Add to a balance, or begin one where there was no limit; the account afterwards, None when there is none."""
        ...

    async def left(self, tenant: str) -> int | None:
        """The balance without what is reserved; None without a limit."""
        ...

    async def reserve(self, tenant: str, credits: int) -> int | None:
        """Set credits aside under this owner: None, or how many there are when these are too few.

        What an owner has reserved counts as long as he lives: after the death of a process it is free again.
        """
        ...

    async def spend(self, tenant: str, credits: int, spent: int) -> None:
        """End a reservation of this owner: `spent` leaves the balance, the rest is free again."""
        ...
