"""Where the connections come from: a URL, with one connection a lane, or the application's own pool."""

import importlib
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import attrs

from enrichcore.errors import ConfigError

SCHEMES: Final = ("postgresql", "postgres")
_EXPECTED: Final = "expected `postgresql://user:password@host:port/database`"
_CONNECT: Final = 10.0
"""Seconds in which a connection must be made."""
SETTINGS: Final = (
    # A vanished client's transaction ends by itself, and with it its locks.
    "lock_timeout = '10s'",
    "statement_timeout = '15s'",
    "idle_in_transaction_session_timeout = '15s'",
    # Plans are made while the tables are small and kept while they grow: every one has to use the indexes.
    "enable_seqscan = off",
    "enable_bitmapscan = off",
    "enable_hashjoin = off",
    "enable_mergejoin = off",
    "max_parallel_workers_per_gather = 0",
    "jit = off",
)
DURABLE: Final = (
    "SELECT set_config('synchronous_commit', 'on', {local}) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
)
"""Whatever the role or the database says: a commit that returns is on the disk."""
_WORDS: Final = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


class Connection(Protocol):
    """What the store uses of an asyncpg connection."""

    async def execute(self, query: str, *arguments: Any) -> Any:
        """Run a statement; several ones where there are no arguments."""
        ...

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        """All rows of a query."""
        ...

    async def fetchrow(self, query: str, *arguments: Any) -> Any:
        """The first row of a query, None when there is none."""
        ...

    def is_closed(self) -> bool:
        """Whether it can no longer be used."""
        ...

    def terminate(self) -> None:
        """Close it without a word."""
        ...


class Source(Protocol):
    """Something that lends connections."""

    name: str
    """The server as it may be shown: never with a password."""
    pooled: bool
    """Whether each transaction may run in another session, so that nothing may be left in one."""

    async def take(self) -> Connection:
        """A connection that nobody else uses meanwhile."""
        ...

    async def give(self, connection: Connection, *, broken: bool) -> None:
        """Give it back; a `broken` one is closed."""
        ...

    async def close(self) -> None:
        """Close what belongs to the store."""
        ...


@attrs.frozen
class Address:
    """A store URL, taken apart. `options` are ours and not the server's."""

    url: str = attrs.field(repr=False)
    name: str
    options: dict[str, str]

    def flag(self, option: str, *, default: bool | None) -> bool | None:
        """An option that is true or false.

        Raises:
            ConfigError: it is neither.
        """
        if option not in self.options:
            return default
        said = self.options[option].lower()
        if said not in _WORDS:
            raise ConfigError(f"store: `{option}` in the URL: expected true or false, got {said!r}")
        return _WORDS[said]


def read_url(url: str) -> Address:
    """The parts of a store URL: `schema`, `migrate` and `pgbouncer` behind its `?` are for the store.

    Raises:
        ConfigError: it is no URL of a Postgres server. The message does not show it: it may hold a password.
    """
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise ConfigError(f"store: {_EXPECTED} ({type(error).__name__})") from None
    if parts.scheme not in SCHEMES:
        raise ConfigError(f"store: {_EXPECTED}, got another scheme")
    ours = {name: value for name, value in query if name in {"schema", "migrate", "pgbouncer"}}
    theirs = [(name, value) for name, value in query if name not in ours]
    host = parts.netloc.rpartition("@")[2] or next((value for name, value in theirs if name == "host"), "")
    return Address(
        url=urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(theirs), "")),
        name=f"postgresql://{host}{parts.path}",
        options=ours,
    )


def asyncpg() -> Any:
    """The library that speaks with Postgres.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        return importlib.import_module("asyncpg")
    except ImportError:
        raise ConfigError(
            "store: Postgres needs the library `asyncpg`, which is not installed: pip install 'enrichcore[postgres]'"
        ) from None


class OwnConnection:
    """One connection of our own, made when it is needed."""

    def __init__(self, address: Address, *, pooled: bool | None) -> None:
        self.name = address.name
        self.pooled = pooled is True
        self._found_out = pooled is not None
        self._url = address.url
        self._connection: Any = None

    async def take(self) -> Connection:
        """The connection; a new one when there is none."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
            if not self._found_out:
                self.pooled = await _is_pooled(self._connection)
                self._found_out = True
                if self.pooled:
                    self._connection.terminate()
                    self._connection = await self._connect()
            if not self.pooled:
                settings = "; ".join(f"SET {setting}" for setting in SETTINGS)
                await self._connection.execute(f"{settings}; {DURABLE.format(local=False)}")
        connection: Connection = self._connection
        return connection

    async def _connect(self) -> Any:
        try:
            return await asyncpg().connect(
                self._url,
                timeout=_CONNECT,
                statement_cache_size=0 if self.pooled else 100,
                max_cached_statement_lifetime=0,
                server_settings={"application_name": "enrichcore"},
            )
        except ValueError as error:
            # What asyncpg says of a URL may repeat it, with the password.
            raise ConfigError(f"store: {_EXPECTED}; asyncpg cannot use it ({type(error).__name__})") from None

    async def give(self, connection: Connection, *, broken: bool) -> None:
        """Keep it for the next time, unless it is broken."""
        if broken:
            connection.terminate()
            self._connection = None

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            try:
                await connection.close(timeout=_CONNECT)
            except (OSError, asyncpg().PostgresError, asyncpg().InterfaceError):
                connection.terminate()


async def _is_pooled(connection: Any) -> bool:
    """Whether a pooler stands before the server: then the session is another than the one that was promised.

    Statements that are prepared ahead would then be missing or, worse, be those of another client. So this is found
    out without preparing one.
    """
    promised = int(connection.get_server_pid())
    try:
        await connection.execute(f"SELECT 1 / (CASE WHEN pg_backend_pid() = {promised} THEN 1 ELSE 0 END)")
    except asyncpg().DivisionByZeroError:
        return True
    return False


class PoolConnections:
    """Connections of the application's own pool, taken for one transaction each."""

    name = "postgresql (the application's pool)"
    pooled = True

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def take(self) -> Connection:
        """A connection of the pool."""
        connection: Connection = await self._pool.acquire()
        return connection

    async def give(self, connection: Connection, *, broken: bool) -> None:
        """Back to the pool, which replaces a broken one."""
        if broken:
            connection.terminate()
        await self._pool.release(connection)

    async def close(self) -> None:
        """The pool is the application's: it stays open."""
