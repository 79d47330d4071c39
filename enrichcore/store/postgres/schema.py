"""The journal's tables in Postgres, their version, and the checks before a schema is trusted."""

import hashlib
import re
from typing import Final

from enrichcore.errors import ConfigError, StoreError
from enrichcore.store.postgres.server import Connection

QUESTIONS: Final = "ARRAY[{}]".format(
    ", ".join(f"substring({half}_fingerprint FROM {at} FOR 16)" for half in ("known", "last") for at in (1, 17, 33))
)
"""The questions that the identities of a row of results are made of, as SQL."""
MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE meta (name text PRIMARY KEY, value bytea NOT NULL);
    CREATE TABLE epoch (one boolean PRIMARY KEY DEFAULT true CHECK (one), number bigint NOT NULL);
    INSERT INTO epoch (number) VALUES (0);
    CREATE TABLE owners (
        id bigint PRIMARY KEY,
        host text NOT NULL,
        pid bigint NOT NULL,
        started text,
        heartbeat double precision NOT NULL,
        batch bigint NOT NULL
    );
    CREATE TABLE attempts (
        id bigint PRIMARY KEY,
        key bytea NOT NULL,
        tenant text NOT NULL,
        record bytea NOT NULL,
        provider text NOT NULL,
        method text NOT NULL,
        owner bigint NOT NULL,
        started_at double precision NOT NULL,
        settled_at double precision,
        outcome smallint,
        reason text,
        billed smallint NOT NULL DEFAULT 0,
        credits text NOT NULL DEFAULT '0',
        cost text DEFAULT '0',
        duration_ms double precision NOT NULL DEFAULT 0,
        tries integer NOT NULL DEFAULT 0,
        job bytea,
        payload bytea,
        reserved bigint NOT NULL DEFAULT 0,
        charged bigint NOT NULL DEFAULT 0,
        scopes text,
        forgotten boolean NOT NULL DEFAULT false
    );
    CREATE UNIQUE INDEX attempts_open ON attempts (key) WHERE outcome IS NULL;
    CREATE INDEX attempts_key ON attempts (key);
    CREATE INDEX attempts_record ON attempts (record);
    CREATE INDEX attempts_started ON attempts (started_at, id);
    CREATE INDEX attempts_unknown ON attempts (tenant) WHERE billed = 2;
    CREATE INDEX attempts_held ON attempts (tenant, provider, settled_at)
        WHERE outcome IS NOT NULL AND (payload IS NOT NULL OR job IS NOT NULL);
    CREATE TABLE budgets (
        tenant text NOT NULL,
        scope text NOT NULL,
        spent bigint NOT NULL,
        reserved bigint NOT NULL,
        PRIMARY KEY (tenant, scope)
    ) WITH (fillfactor = 50);
    CREATE TABLE results (
        tenant text NOT NULL,
        record bytea NOT NULL,
        known_fingerprint bytea, known_plan bytea, known_status text, known_started_at double precision,
        known_finished_at double precision, known_fresh_until double precision, known_payload bytea,
        last_fingerprint bytea, last_plan bytea, last_status text, last_started_at double precision,
        last_finished_at double precision, last_fresh_until double precision, last_payload bytea,
        PRIMARY KEY (tenant, record)
    );
    CREATE INDEX results_fresh ON results (greatest(known_fresh_until, last_fresh_until));
    CREATE TABLE states (
        provider text NOT NULL,
        credential bytea NOT NULL,
        state text NOT NULL,
        since double precision NOT NULL,
        until double precision,
        reason text,
        PRIMARY KEY (provider, credential)
    );
    CREATE TABLE numbers (
        tenant text NOT NULL,
        phone bigint NOT NULL,
        person bigint NOT NULL,
        seen_at double precision NOT NULL,
        PRIMARY KEY (tenant, phone, person)
    );
    CREATE INDEX numbers_person ON numbers (person, tenant);
    CREATE SEQUENCE mark;
    CREATE TABLE shared (
        mark bigint PRIMARY KEY,
        tenant text NOT NULL,
        phone bigint NOT NULL,
        people bigint NOT NULL,
        company boolean NOT NULL,
        since double precision NOT NULL,
        UNIQUE (tenant, phone)
    );
    CREATE TABLE suppressed (
        tenant text NOT NULL,
        hash bytea NOT NULL,
        kind text NOT NULL,
        added_at double precision NOT NULL,
        PRIMARY KEY (tenant, hash)
    );
    CREATE TABLE forgotten (
        tenant text NOT NULL,
        record bytea NOT NULL,
        at double precision NOT NULL,
        PRIMARY KEY (tenant, record)
    );
    CREATE TABLE rates (
        provider text NOT NULL,
        credential bytea NOT NULL,
        seconds double precision NOT NULL,
        window_start double precision NOT NULL,
        used bigint NOT NULL,
        PRIMARY KEY (provider, credential, seconds)
    );
    """,
    """
    CREATE TABLE accounts (
        tenant text PRIMARY KEY,
        credits bigint,
        rate double precision,
        concurrency bigint
    ) WITH (fillfactor = 50);
    CREATE TABLE api_keys (
        id text PRIMARY KEY,
        tenant text NOT NULL,
        digest bytea NOT NULL,
        attempts boolean NOT NULL,
        created_at double precision NOT NULL,
        expires_at double precision,
        revoked_at double precision
    );
    CREATE INDEX api_keys_tenant ON api_keys (tenant);
    CREATE TABLE holds (
        tenant text NOT NULL,
        owner bigint NOT NULL,
        credits bigint NOT NULL,
        PRIMARY KEY (tenant, owner)
    ) WITH (fillfactor = 50);
    """,
    f"CREATE INDEX results_questions ON results USING gin (({QUESTIONS}))",
)
"""One script a version, applied in order; the table `version` holds a row for each that was."""

OLDEST: Final = 120_000
"""The oldest server that will do, as Postgres counts: 12."""
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def quoted(schema: str) -> str:
    """The schema's name as SQL.

    Raises:
        ConfigError: it is not lower-case letters, digits and underscores, or begins with `pg_`.
    """
    if _NAME.fullmatch(schema) is None or schema.startswith("pg_"):
        raise ConfigError(
            "store: schema: expected lower-case letters, digits and underscores, at most 63, the first one no digit "
            f"and not `pg_` at the beginning, got {schema[:80]!r}"
        )
    return f'"{schema}"'


def lock_key(schema: str, purpose: str) -> int:
    """The number of an advisory lock of this journal."""
    digest = hashlib.blake2b(f"enrichcore {purpose} {schema}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


async def prepare(connection: Connection, server: str, schema: str, *, migrate: bool) -> None:
    """Make sure that the schema is a journal of this version: create it, bring an older one up to date, or refuse.

    Belongs into a transaction.

    Raises:
        StoreError: it is foreign or of a newer version, the server is too old, or it is not up to date and may not be
            migrated.
    """
    number = (await connection.fetchrow("SELECT current_setting('server_version_num')::int"))[0]
    if number < OLDEST:
        raise StoreError(f"the journal needs Postgres 12 or newer; {server} is {number // 10_000}: update it")
    version = await _version(connection, server, schema)
    if version == len(MIGRATIONS):
        return
    if not migrate:
        raise StoreError(
            f"the journal at {server} has schema version {version} in {schema!r}, this enrichcore needs "
            f"{len(MIGRATIONS)}, and `migrate=False` says to change nothing: run `enrichcore store migrate` as a user "
            "who may create tables there"
        )
    # Processes that start together migrate one after another; the later ones find it done.
    await connection.fetchrow("SELECT pg_advisory_xact_lock($1)::text", lock_key(schema, "migrate"))
    await _migrate(connection, server, schema)


async def _version(connection: Connection, server: str, schema: str) -> int:
    """How many migrations the schema has seen; 0 when there is none yet."""
    name = quoted(schema)
    found = await connection.fetchrow(
        "SELECT coalesce(bool_or(c.relname = 'enrichcore_version'), false), count(*) "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1",
        schema,
    )
    if not found[0]:
        if found[1]:
            raise StoreError(
                f"the schema {schema!r} at {server} belongs to another application ({found[1]} tables, indexes or "
                "views); nothing was changed in it; name another schema"
            )
        return 0
    version: int = (await connection.fetchrow(f"SELECT coalesce(max(version), 0) FROM {name}.enrichcore_version"))[0]  # noqa: S608 - a checked name
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the journal at {server} has schema version {version} in {schema!r}, this enrichcore knows versions up to "
            f"{len(MIGRATIONS)}; update enrichcore, or name another schema"
        )
    return version


async def _migrate(connection: Connection, server: str, schema: str) -> None:
    name = quoted(schema)
    version = await _version(connection, server, schema)  # another process may have been faster
    if version == 0:
        exists = await connection.fetchrow("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema)
        if exists is None:  # who may not create a schema may use one that was made for it
            await connection.execute(f"CREATE SCHEMA {name}")
        await connection.execute(
            f"CREATE TABLE {name}.enrichcore_version "
            "(version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
        )
    await connection.execute(f"SET LOCAL search_path = {name}")
    for number in range(version, len(MIGRATIONS)):
        await connection.execute(MIGRATIONS[number])
        await connection.execute(f"INSERT INTO {name}.enrichcore_version (version) VALUES ({number + 1})")  # noqa: S608 - a checked name
