"""The currency of a journal's amounts: they are added up, so that there is one."""

import sqlite3
import time

from enrichcore.errors import ConfigError
from enrichcore.store import sql
from enrichcore.store.owner import Owner, lives
from enrichcore.store.protocol import Store


async def check_currency(store: Store, currency: str) -> None:
    """Make sure that a journal that has booked money has booked it in this currency.

    Raises:
        ConfigError: it has booked another one, or an engine with another one uses it right now.
        StoreError: it cannot be read or written.
    """
    kept = await store.keep_currency(currency)
    if kept != currency:
        name = getattr(store, "path", None) or getattr(store, "name", type(store).__name__)
        raise ConfigError(
            f"[budget] currency is {currency}, but the amounts in the journal {name} are in {kept}, and amounts of two "
            f'currencies cannot be added up: set currency = "{kept}" in [budget] (or Budget(currency="{kept}")), or '
            f"keep what is billed in {currency} in another journal ([store] url)"
        )


def keep(connection: sqlite3.Connection, currency: str, owner: int) -> str:
    """The currency of a SQLite journal, inside a transaction: this one from now on, if nothing speaks for another.

    A journal that was made before there was this check has none yet, whatever it has booked.
    """
    found = connection.execute(sql.CURRENCY).fetchall()
    kept = found[0][0].decode() if found else currency
    if kept != currency and (connection.execute(sql.BOOKED).fetchall()[0][0] or _has_company(connection, owner)):
        return str(kept)
    connection.execute(sql.SAVE_CURRENCY, (currency.encode(),))
    return currency


def _has_company(connection: sqlite3.Connection, owner: int) -> bool:
    now = time.time()
    return any(lives(Owner(*columns), now) for columns in connection.execute(sql.OTHERS, (owner,)))
