"""Calls leased from a rate that several processes share."""

from enrichcore.store.postgres import ops
from enrichcore.store.postgres.server import Connection
from enrichcore.store.postgres.sql import Statements


def in_order(lease: ops.Lease) -> tuple[str, bytes, float]:
    """In which order leases lock their windows."""
    return (lease.provider, lease.credential, lease.seconds)


async def lease(connection: Connection, sql: Statements, wish: ops.Lease) -> tuple[int, float]:
    """How many calls of the present window are granted, and the seconds until it ends.

    A window begins with the first lease. Clocks of several machines differ: one that is behind takes from the same
    window, and only one that was set back by more than a window begins anew.
    """
    key = (wish.provider, wish.credential, wish.seconds)
    held = await connection.fetchrow(sql.hold_rate, *key, wish.now)
    start, used = held[0], held[1]
    if not start - wish.seconds <= wish.now < start + wish.seconds:
        start, used = wish.now, 0
    granted = max(0, min(wish.want, wish.calls - used))
    await connection.execute(sql.save_rate, *key, start, used + granted)
    return granted, start + wish.seconds - wish.now
