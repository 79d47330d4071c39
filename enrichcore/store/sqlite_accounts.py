"""The part of SqliteStore that is for the service: keys, credits, and what is reserved of them."""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

from enrichcore.store import crediting, ops, sql
from enrichcore.store.accounts import StoredAccount, StoredKey, has_room
from enrichcore.store.sqlite_parts import SqliteParts

_KEYS: Final = (
    "SELECT k.id, k.tenant, k.digest, k.attempts, k.created_at, k.expires_at, k.revoked_at, "
    "a.credits, a.rate, a.concurrency FROM api_keys k JOIN accounts a ON a.tenant = k.tenant"
)
_KEY: Final = f"{_KEYS} WHERE k.id = ?"
_ALL: Final = f"{_KEYS} ORDER BY k.created_at, k.id"
_OF_TENANT: Final = f"{_KEYS} WHERE k.tenant = ?"
_CHANGE: Final = (
    "INSERT INTO accounts (tenant, credits, rate, concurrency) VALUES (?, ?, ?, ?) ON CONFLICT (tenant) DO UPDATE SET "
    "credits = CASE WHEN excluded.credits IS NULL THEN credits ELSE coalesce(credits, 0) + excluded.credits END, "
    "rate = coalesce(excluded.rate, rate), concurrency = coalesce(excluded.concurrency, concurrency)"
)
_ADD: Final = "INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?)"
_END: Final = "UPDATE api_keys SET expires_at = min(coalesce(expires_at, ?2), ?2) WHERE id = ?1"
_REVOKE: Final = "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1"


def _read(columns: Any) -> tuple[StoredKey, StoredAccount]:
    name, tenant, digest, attempts, created, expires, revoked, *account = columns
    key = StoredKey(
        id=name,
        tenant=tenant,
        digest=digest,
        allow_attempts=bool(attempts),
        created_at=created,
        expires_at=expires,
        revoked_at=revoked,
    )
    return key, StoredAccount(tenant=tenant, credits=account[0], rate=account[1], concurrency=account[2])


def _account(connection: sqlite3.Connection, tenant: str) -> StoredAccount | None:
    found = connection.execute(crediting.ACCOUNT, (tenant,)).fetchall()
    if not found:
        return None
    name, credits, rate, concurrency = found[0]
    return StoredAccount(tenant=name, credits=credits, rate=rate, concurrency=concurrency)


class SqliteAccounts(SqliteParts):
    """Keys and credits."""

    owner: int

    async def load_key(self, key_id: str) -> tuple[StoredKey, StoredAccount] | None:
        """A key by its public id, and the account that it belongs to."""
        found = self._reader.read(_KEY, (key_id,))
        return _read(found[0]) if found else None

    async def load_keys(self) -> list[tuple[StoredKey, StoredAccount]]:
        """All keys, oldest first."""
        return [_read(columns) for columns in self._reader.read(_ALL)]

    async def add_key(self, key: StoredKey, change: StoredAccount, *, ends: tuple[str, float] | None = None) -> bool:
        """Keep a key; whether there was room for it among the live ones of its tenant."""

        def work(connection: sqlite3.Connection) -> bool:
            there = [_read(columns)[0] for columns in connection.execute(_OF_TENANT, (key.tenant,)).fetchall()]
            if not has_room(there, key, ends):
                return False
            if ends is not None:
                connection.execute(_END, ends)
            connection.execute(_CHANGE, (change.tenant, change.credits, change.rate, change.concurrency))
            connection.execute(
                _ADD,
                (
                    key.id,
                    key.tenant,
                    key.digest,
                    key.allow_attempts,
                    key.created_at,
                    key.expires_at,
                    key.revoked_at,
                ),
            )
            return True

        return bool(await self._within(work))

    async def revoke_key(self, key_id: str, now: float) -> StoredKey | None:
        """End a key for good; the key as it was before."""

        def work(connection: sqlite3.Connection) -> StoredKey | None:
            found = connection.execute(_KEY, (key_id,)).fetchall()
            connection.execute(_REVOKE, (key_id, now))
            return _read(found[0])[0] if found else None

        key: StoredKey | None = await self._within(work)
        return key

    async def add_credits(self, tenant: str, credits: int) -> StoredAccount | None:
        """Add to a balance; the account afterwards."""

        def work(connection: sqlite3.Connection) -> StoredAccount | None:
            if _account(connection, tenant) is not None:
                connection.execute(_CHANGE, (tenant, credits, None, None))
            return _account(connection, tenant)

        account: StoredAccount | None = await self._within(work)
        return account

    async def left(self, tenant: str) -> int | None:
        """The balance without what the living have reserved."""
        found = self._reader.read(crediting.ACCOUNT, (tenant,))
        if not found:
            return 0
        credits: int | None = found[0][1]
        if credits is None:
            return None
        alive = crediting.living(self._reader.read(sql.OWNERS))
        held: int = sum(int(held) for owner, held in self._reader.read(crediting.HOLDS, (tenant,)) if owner in alive)
        return credits - held

    async def reserve(self, tenant: str, credits: int) -> int | None:
        """Set credits aside under this owner."""
        left: int | None = await self._do(ops.Reserve(tenant, self.owner, credits))
        return left

    async def spend(self, tenant: str, credits: int, spent: int) -> None:
        """End a reservation of this owner."""
        await self._do(ops.Spend(tenant, self.owner, credits, spent))

    async def _within(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        return await self._do(ops.Within(work))
