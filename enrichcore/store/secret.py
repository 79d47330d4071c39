"""The secret that keys the journal's hashes: where it comes from, and why a wrong one is refused."""

import contextlib
import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from enrichcore.errors import ConfigError, StoreError
from enrichcore.store import sql
from enrichcore.store.postgres import PostgresStore
from enrichcore.store.protocol import Store
from enrichcore.store.schema import connect
from enrichcore.store.sqlite import SqliteStore
from enrichcore.store.trouble import explain

SHORTEST: Final = 16
"""Characters that a configured secret must have."""
_SIZE: Final = 32
_VARIABLE: Final = "ENRICHCORE_SECRET"
_CHECKED: Final = b"enrichcore journal secret check 1"


def load_secret(store: Store, *, configured: str | None, env: Mapping[str, str]) -> bytes:
    """The 32 bytes that key the hashes in `store`, which must be open.

    They come from ENRICHCORE_SECRET, else from `[store] secret` (`configured`), else from a file beside the database,
    which is made together with it. Without a durable store they are random and end with the process.

    Raises:
        ConfigError: the given secret is too short, or empty; or a durable store of another kind has none.
        StoreError: the secret file is gone or unreadable, or the secret is not the one of this journal.
    """
    given = env.get(_VARIABLE, configured)
    if given is not None and len(given) < SHORTEST:
        name = _VARIABLE if _VARIABLE in env else "[store] secret"
        raise ConfigError(f"{name}: expected {SHORTEST} characters or more, got {len(given)}; choose a longer one")
    if isinstance(store, SqliteStore):
        return _for_file(store.path, given)
    if given is not None:
        return _hashed(given)
    if store.durable:
        raise ConfigError(
            f"{type(store).__name__} keeps answers, so it needs a secret that stays the same: set [store] secret or "
            f"{_VARIABLE} to {SHORTEST} random characters or more"
        )
    return secrets.token_bytes(_SIZE)


async def check_secret(store: Store, secret: bytes) -> None:
    """Make sure that a journal on a server, which has no file beside it, was made with this secret.

    Raises:
        StoreError: it was made with another one.
    """
    if isinstance(store, PostgresStore) and not await store.same_secret(_check_value(secret)):
        raise StoreError(
            f"the journal at {store.name} was made with another secret than the one in [store] secret or {_VARIABLE}. "
            "With it no stored answer would be found and every one would be bought again; give the secret that it was "
            "made with"
        )


def secret_file(path: Path) -> Path:
    """Where the secret of the database `path` is kept unless one is configured."""
    return path.with_name(path.name + ".secret")


def _hashed(given: str) -> bytes:
    return hashlib.sha256(given.encode("utf-8", "surrogatepass")).digest()


def _check_value(secret: bytes) -> bytes:
    return hmac.digest(secret, _CHECKED, "sha256")


def _for_file(path: Path, given: str | None) -> bytes:
    """The secret of one journal, settled under its write lock, so that two new processes agree on one."""
    try:
        with contextlib.closing(connect(path)) as connection, connection.lock:
            connection.execute("BEGIN IMMEDIATE")
            found = connection.execute(sql.KEY_CHECK).fetchall()
            check: bytes | None = found[0][0] if found else None
            has_rows = bool(connection.execute(sql.HAS_ROWS).fetchall()[0][0])
            secret = _hashed(given) if given is not None else _from_file(path, may_create=not has_rows)
            if check is None or not hmac.compare_digest(check, _check_value(secret)):
                if check is not None and has_rows:
                    raise _wrong(path, given)
                connection.execute(sql.SAVE_KEY_CHECK, (_check_value(secret),))
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise explain(path, error) from error
    return secret


def _from_file(path: Path, *, may_create: bool) -> bytes:
    file = secret_file(path)
    try:
        with contextlib.suppress(FileNotFoundError, ValueError):
            secret = bytes.fromhex(file.read_text("ascii").strip())
            if len(secret) == _SIZE:
                return secret
        if not may_create:
            raise StoreError(
                f"the journal {path} holds answers, but its secret {file} is missing or damaged. Without it no stored "
                "answer can be found and every one would be bought again. Restore that file from a backup or from the "
                f"machine where the journal was made, or set [store] secret or {_VARIABLE} if it was made with one; "
                "to begin anew, move the journal away"
            )
        secret = secrets.token_bytes(_SIZE)
        file.unlink(missing_ok=True)  # what a crash left half written while the journal was empty
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as out:
            out.write(secret.hex() + "\n")
            out.flush()
            os.fsync(out.fileno())
        _sync_folder(file.parent)
    except OSError as error:
        raise StoreError(
            f"the secret {file} cannot be read or made ({error.strerror or error}); correct the rights of the file and "
            f"its folder, or set {_VARIABLE}"
        ) from error
    return secret


def _sync_folder(folder: Path) -> None:
    """Make a new file's name durable as well, where a folder can be opened."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _wrong(path: Path, given: str | None) -> StoreError:
    source = f"the file {secret_file(path)}" if given is None else f"[store] secret or {_VARIABLE}"
    way_out = (
        f"set [store] secret or {_VARIABLE} to the secret that it was made with, or restore the file from a backup"
        if given is None
        else f"give the secret that it was made with; if it was made without one, remove the setting, so that "
        f"{secret_file(path)} is used"
    )
    return StoreError(
        f"the journal {path} was made with another secret than the one in {source}. With it no stored answer would be "
        f"found and every one would be bought again; {way_out}"
    )
