"""Credits inside a transaction of the Postgres journal: what is reserved and spent while their rows are held."""

from collections.abc import Sequence
from typing import Any

from enrichcore.store.accounts import StoredAccount, StoredKey
from enrichcore.store.owner import Owner, lives
from enrichcore.store.postgres import ops
from enrichcore.store.postgres.columns import transposed
from enrichcore.store.postgres.server import Connection
from enrichcore.store.postgres.sql import Statements


def read_key(columns: Any) -> tuple[StoredKey, StoredAccount]:
    """A key and its account."""
    name, tenant, digest, attempts, created, expires, revoked, credits, rate, concurrency = tuple(columns)
    key = StoredKey(
        id=name,
        tenant=tenant,
        digest=digest,
        allow_attempts=attempts,
        created_at=created,
        expires_at=expires,
        revoked_at=revoked,
    )
    return key, StoredAccount(tenant=tenant, credits=credits, rate=rate, concurrency=concurrency)


def read_account(columns: Any) -> StoredAccount:
    """An account."""
    tenant, credits, rate, concurrency = tuple(columns)
    return StoredAccount(tenant=tenant, credits=credits, rate=rate, concurrency=concurrency)


def living(owners: Sequence[Any]) -> set[int]:
    """Which owners live, by their rows and the server's clock."""
    return {row[0] for row in owners if lives(Owner(*tuple(row)[:5]), row[5])}


async def move(
    connection: Connection, sql: Statements, me: int, spends: list[ops.Spend], reserves: list[ops.Reserve]
) -> dict[int, int | None]:
    """End reservations, then set credits aside; by `id` of each wish, how many there are when these are too few."""
    tenants = sorted({op.tenant for op in spends} | {op.tenant for op in reserves})
    if not tenants:
        return {}
    balances: dict[str, int | None] = {row[0]: row[1] for row in await connection.fetch(sql.accounts.balances, tenants)}
    mine = dict.fromkeys(balances, 0)
    others: dict[tuple[str, int], int] = {}
    for tenant, owner, credits in await connection.fetch(sql.accounts.holds, tenants):
        if owner == me:
            mine[tenant] = credits
        else:
            others[tenant, owner] = credits
    before, held_before = dict(balances), dict(mine)
    for op in spends:
        if op.tenant in balances:
            mine[op.tenant] = max(mine[op.tenant] - op.credits, 0)
            balance = balances[op.tenant]
            balances[op.tenant] = None if balance is None else balance - op.spent
    answers: dict[int, int | None] = {}
    looked = False
    for wish in reserves:
        left = _left(wish.tenant, balances, mine, others)
        if left is not None and left < wish.credits and others and not looked:
            looked = True
            await _drop_the_dead(connection, sql, others)
            left = _left(wish.tenant, balances, mine, others)
        if left is not None and left < wish.credits:
            answers[id(wish)] = max(left, 0)
        else:
            answers[id(wish)] = None
            mine[wish.tenant] += wish.credits
    changed = [(tenant, balance) for tenant, balance in balances.items() if balance != before[tenant]]
    if changed:
        await connection.execute(sql.accounts.save_balances, *transposed(list(changed)))
    held = [(tenant, me, credits) for tenant, credits in mine.items() if credits != held_before[tenant]]
    if held:
        await connection.execute(sql.accounts.save_holds, *transposed(list(held)))
    return answers


def _left(
    tenant: str, balances: dict[str, int | None], mine: dict[str, int], others: dict[tuple[str, int], int]
) -> int | None:
    if tenant not in balances:
        return 0
    balance = balances[tenant]
    if balance is None:
        return None
    return balance - mine[tenant] - sum(credits for (whose, _), credits in others.items() if whose == tenant)


async def _drop_the_dead(connection: Connection, sql: Statements, others: dict[tuple[str, int], int]) -> None:
    """Give back what dead owners hold."""
    alive = living(await connection.fetch(sql.owners_of, sorted({owner for _, owner in others})))
    dead = [hold for hold in others if hold[1] not in alive]
    for hold in dead:
        del others[hold]
    if dead:
        await connection.execute(sql.accounts.drop_holds, *map(list, zip(*dead, strict=True)))
