"""The verbs about keys and credits."""

from enrichcore.store.accounts import StoredAccount, StoredKey, has_room
from enrichcore.store.postgres import ops
from enrichcore.store.postgres.accounts import living, read_account, read_key
from enrichcore.store.postgres.parts import Parts
from enrichcore.store.postgres.server import Connection


class Accounting(Parts):
    """Keys and credits."""

    async def load_key(self, key_id: str) -> tuple[StoredKey, StoredAccount] | None:
        """A key by its public id, and the account that it belongs to."""
        found = await self._read(self._sql.accounts.key, key_id)
        return read_key(found[0]) if found else None

    async def load_keys(self) -> list[tuple[StoredKey, StoredAccount]]:
        """All keys, oldest first."""
        return [read_key(columns) for columns in await self._read(self._sql.accounts.keys)]

    async def add_key(self, key: StoredKey, change: StoredAccount, *, ends: tuple[str, float] | None = None) -> bool:
        """Keep a key; whether there was room for it among the live ones of its tenant."""
        sql = self._sql.accounts

        async def work(connection: Connection) -> bool:
            await connection.execute(sql.make_account, key.tenant)
            await connection.fetchrow(sql.held_account, key.tenant)  # two keys of a tenant are added one by one
            there = [read_key(columns)[0] for columns in await connection.fetch(sql.of_tenant, key.tenant)]
            if not has_room(there, key, ends):
                return False
            if ends is not None:
                await connection.execute(sql.end, *ends)
            await connection.execute(sql.change, key.tenant, change.credits, change.rate, change.concurrency)
            await connection.execute(
                sql.add_key,
                key.id,
                key.tenant,
                key.digest,
                key.allow_attempts,
                key.created_at,
                key.expires_at,
                key.revoked_at,
            )
            return True

        return bool(await self._apart(work, alone=False))

    async def revoke_key(self, key_id: str, now: float) -> StoredKey | None:
        """End a key for good; the key as it was before."""

        async def work(connection: Connection) -> StoredKey | None:
            found = await connection.fetchrow(self._sql.accounts.key, key_id)
            await connection.execute(self._sql.accounts.revoke, key_id, now)
            return None if found is None else read_key(found)[0]

        key: StoredKey | None = await self._apart(work, alone=False)
        return key

    async def add_credits(self, tenant: str, credits: int) -> StoredAccount | None:
        """Add to a balance; the account afterwards."""

        async def work(connection: Connection) -> StoredAccount | None:
            found = await connection.fetchrow(self._sql.accounts.change, tenant, credits, None, None)
            return None if found is None else read_account(found)

        account: StoredAccount | None = await self._apart(work, alone=False)
        return account

    async def left(self, tenant: str) -> int | None:
        """The balance without what the living have reserved."""
        found = await self._read(self._sql.accounts.account, tenant)
        if not found:
            return 0
        credits = read_account(found[0]).credits
        if credits is None:
            return None
        alive = living(await self._read(self._sql.owners))
        held = await self._read(self._sql.accounts.holds, [tenant])
        return credits - sum(int(row[2]) for row in held if row[1] in alive)

    async def reserve(self, tenant: str, credits: int) -> int | None:
        """Set credits aside under this owner.

        Should the server be lost for so long that nobody knows whether it was done, the credits come back with the
        end of this process.
        """
        left: int | None = await self._opened().group.do(ops.Reserve(tenant, credits))
        return left

    async def spend(self, tenant: str, credits: int, spent: int) -> None:
        """End a reservation of this owner."""
        await self._opened().group.do(ops.Spend(tenant, credits, spent))
