"""What Postgres' errors mean: for the store, which of them pass by themselves, and for whoever has to act on them."""

import asyncio
import socket
import ssl
from enum import Enum, auto
from typing import Final

from enrichcore.errors import StoreError


class Kind(Enum):
    """What the store does about an error."""

    LOST = auto()
    """The connection or the server is gone, or will be: connect anew and look what was done."""
    CLASH = auto()
    """Another transaction was in the way and this one was undone: do it again."""
    UNPREPARED = auto()
    """Something between us and the server hands each transaction to another session: prepare no statements."""
    REFUSED = auto()
    """One value of the batch cannot be stored."""
    FATAL = auto()
    """Only a person can help."""


_LOST: Final = {"57P01", "57P02", "57P03", "57P05", "57014", "53300", "25006", "25P03", "25P04", "0A000"}
_CLASH: Final = {"40001", "40P01", "55P03", "53200"}
_UNPREPARED: Final = {"26000", "42P05"}

_CAUSES: Final = {
    "28P01": ("refuses the password", "correct it in the store's URL, in PGPASSWORD or in ~/.pgpass"),
    "28000": ("refuses the user", "correct the user in the store's URL, or let it in with a line of pg_hba.conf"),
    "3D000": ("has no such database", "create it with `createdb`, or name another one in the store's URL"),
    "42501": ("refuses what the store has to do", "give the user rights on the schema and its tables"),
    "42P01": ("lacks a table of the journal", "run `enrichcore store migrate`"),
    "42703": ("lacks a column of the journal", "run `enrichcore store migrate`"),
    "3F000": ("lacks the schema of the journal", "run `enrichcore store migrate`"),
    "53100": ("cannot write: its disk is full", "free some space there and run again"),
    "53300": ("takes no more connections", "raise max_connections, or put PgBouncer in front of it"),
    "57P01": ("was shut down", "start it and run again"),
    "57P02": ("crashed", "start it and run again"),
    "57P03": ("is starting up or shutting down", "wait until it is up and run again"),
    "08003": ("broke off", "see whether it is up, then run again"),
    "57014": ("took too long and was told to stop", "see what else it is doing, then run again"),
    "25006": ("takes only reads: it is a standby", "name the primary in the store's URL"),
    "26000": ("is behind a pooler that mixes sessions", "make the pool with statement_cache_size=0"),
    "42P05": ("is behind a pooler that mixes sessions", "make the pool with statement_cache_size=0"),
    "40001": ("let transactions get into each other's way, over and over", "see what else writes there"),
    "40P01": ("let two transactions wait for each other, over and over", "see what else writes there"),
    "55P03": ("kept a lock for too long", "see what else holds locks there, then run again"),
    "53200": ("is out of memory", "give it more, or raise max_locks_per_transaction"),
}
_DAMAGED: Final = ("holds damaged data", "restore it from a backup")


class Clash(Exception):
    """What this transaction had read is no longer so: undo it and do it again."""

    sqlstate = "40001"


def kind_of(error: BaseException) -> Kind:
    """What to do about `error`, raised by asyncpg or by the network below it."""
    code = getattr(error, "sqlstate", None)
    if isinstance(code, str):
        if code in _LOST or code[:2] == "08":
            return Kind.LOST
        if code in _CLASH:
            return Kind.CLASH
        if code in _UNPREPARED:
            return Kind.UNPREPARED
        return Kind.REFUSED if code[:2] in {"22", "23"} else Kind.FATAL
    if isinstance(error, OSError | EOFError | asyncio.TimeoutError | asyncio.CancelledError):
        return Kind.LOST
    if isinstance(error, ValueError | TypeError | OverflowError):
        return Kind.REFUSED
    if type(error).__module__.startswith("asyncpg"):
        return Kind.FATAL if "pool is clos" in str(error) else Kind.LOST
    return Kind.FATAL


def not_the_servers(error: BaseException) -> bool:
    """Whether neither the server nor the way to it has to do with `error`: then it is a fault of ours."""
    return not hasattr(error, "sqlstate") and not type(error).__module__.startswith("asyncpg")


def explain(server: str, error: BaseException) -> StoreError:
    """The `StoreError` for an error that did not pass; nothing more may be bought until it is solved."""
    code = getattr(error, "sqlstate", None)
    if isinstance(code, str):
        cause, way_out = _DAMAGED if code[:2] == "XX" else _CAUSES.get(code, ("failed", ""))
        # Only the message: what follows it (detail, context) may hold values.
        said = f"{code}: {error.args[0] if error.args else type(error).__name__}"
    elif isinstance(error, socket.gaierror):
        cause, way_out = "cannot be found: its host name is unknown", "correct the host in the store's URL"
        said = error.strerror or str(error)
    elif isinstance(error, ConnectionRefusedError):
        cause, way_out = "cannot be reached: nothing listens there", "start the server, or correct host and port"
        said = error.strerror or "connection refused"
    elif isinstance(error, asyncio.TimeoutError):
        cause, way_out = "does not answer in time", "see whether it, and the network to it, are up"
        said = "timeout"
    elif isinstance(error, ssl.SSLError):
        cause, way_out = "could not agree with us on TLS", "correct sslmode and the certificates in the store's URL"
        said = getattr(error, "reason", None) or type(error).__name__
    elif isinstance(error, OSError):
        cause, way_out = "cannot be reached", "see whether it, and the network to it, are up"
        said = error.strerror or type(error).__name__
    else:
        cause, way_out, said = "broke off", "see whether it is up, then run again", f"{type(error).__name__}: {error}"
    text = f"the journal at {server} {cause} ({said})"
    return StoreError(f"{text}; {way_out}" if way_out else text)


def refused(server: str, what: str, error: BaseException) -> StoreError:
    """The `StoreError` for one operation that cannot be stored. It does not show the value: it may be a person's."""
    code = getattr(error, "sqlstate", None)
    return StoreError(
        f"the journal at {server} refused one {what} ({type(error).__name__}{f' {code}' if code else ''})"
    )
