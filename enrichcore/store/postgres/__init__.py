"""The journal in a Postgres server, shared by the processes of several machines."""

from enrichcore.store.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
