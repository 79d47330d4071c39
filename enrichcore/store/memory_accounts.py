"""The part of MemoryStore that is for the service: keys and credits, which end with the process."""

import attrs

from enrichcore.store.accounts import StoredAccount, StoredKey, has_room
from enrichcore.store.memory_tables import Tables


class MemoryAccounts:
    """Keys and credits."""

    tables: Tables
    owner: int

    async def load_key(self, key_id: str) -> tuple[StoredKey, StoredAccount] | None:
        """A key by its public id, and the account that it belongs to."""
        key = self.tables.api_keys.get(key_id)
        return None if key is None else (key, self.tables.accounts[key.tenant])

    async def load_keys(self) -> list[tuple[StoredKey, StoredAccount]]:
        """All keys, oldest first."""
        keys = sorted(self.tables.api_keys.values(), key=lambda key: (key.created_at, key.id))
        return [(key, self.tables.accounts[key.tenant]) for key in keys]

    async def add_key(self, key: StoredKey, change: StoredAccount, *, ends: tuple[str, float] | None = None) -> bool:
        """Keep a key; whether there was room for it among the live ones of its tenant."""
        keys = self.tables.api_keys
        if not has_room([one for one in keys.values() if one.tenant == key.tenant], key, ends):
            return False
        if ends is not None and (old := keys.get(ends[0])) is not None:
            until = ends[1] if old.expires_at is None else min(old.expires_at, ends[1])
            keys[old.id] = attrs.evolve(old, expires_at=until)
        before = self.tables.accounts.get(key.tenant) or StoredAccount(tenant=key.tenant)
        self.tables.accounts[key.tenant] = StoredAccount(
            tenant=key.tenant,
            credits=before.credits if change.credits is None else (before.credits or 0) + change.credits,
            rate=before.rate if change.rate is None else change.rate,
            concurrency=before.concurrency if change.concurrency is None else change.concurrency,
        )
        keys[key.id] = key
        return True

    async def revoke_key(self, key_id: str, now: float) -> StoredKey | None:
        """End a key for good; the key as it was before."""
        key = self.tables.api_keys.get(key_id)
        if key is not None and key.revoked_at is None:
            self.tables.api_keys[key_id] = attrs.evolve(key, revoked_at=now)
        return key

    async def add_credits(self, tenant: str, credits: int) -> StoredAccount | None:
        """Add to a balance; the account afterwards."""
        account = self.tables.accounts.get(tenant)
        if account is not None:
            account = attrs.evolve(account, credits=(account.credits or 0) + credits)
            self.tables.accounts[tenant] = account
        return account

    async def left(self, tenant: str) -> int | None:
        """The balance without what the living have reserved."""
        account = self.tables.accounts.get(tenant)
        if account is None:
            return 0
        if account.credits is None:
            return None
        holds = self.tables.holds.items()
        return account.credits - sum(
            held for (whose, owner), held in holds if whose == tenant and owner in self.tables.owners
        )

    async def reserve(self, tenant: str, credits: int) -> int | None:
        """Set credits aside under this owner."""
        left = await self.left(tenant)
        if left is not None and left < credits:
            return max(left, 0)
        self.tables.holds[tenant, self.owner] = self.tables.holds.get((tenant, self.owner), 0) + credits
        return None

    async def spend(self, tenant: str, credits: int, spent: int) -> None:
        """End a reservation of this owner."""
        held = self.tables.holds.get((tenant, self.owner), 0)
        self.tables.holds[tenant, self.owner] = max(held - credits, 0)
        account = self.tables.accounts.get(tenant)
        if account is not None and account.credits is not None:
            self.tables.accounts[tenant] = attrs.evolve(account, credits=account.credits - spent)
