"""What is wrong with a SQLite journal, found without changing it; and bringing an older one up to date."""

import contextlib
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from enrichcore.errors import StoreError
from enrichcore.store import owner, rows
from enrichcore.store.cipher import Cipher, key_id
from enrichcore.store.codec import decode_answer, decode_result
from enrichcore.store.protocol import StoredResult
from enrichcore.store.schema import APPLICATION_ID, MIGRATIONS, prepare
from enrichcore.store.sealing import Sealing
from enrichcore.store.trouble import explain

_SHOWN: Final = 5
"""How many of a kind are named; all are counted."""


@attrs.frozen
class Finding:
    """One thing that is wrong: `kind` is a word for programs, `text` says what, where and the way out.

    What is not `serious` costs nothing by itself: an older version, or calls that a killed process left behind.
    """

    kind: str
    text: str
    serious: bool = True

    def __str__(self) -> str:
        """The text."""
        return self.text


def migrate(path: Path | str) -> tuple[int, int]:
    """Bring a journal up to this version, or make it; its schema version before (0 for none) and after.

    Raises:
        StoreError: the file is foreign, damaged, from a newer version, locked, or cannot be created.
    """
    path = Path(path)
    before = 0
    if path.exists():
        with contextlib.closing(_connect(path)) as connection:
            try:
                before = _number(connection, "PRAGMA user_version")
            except sqlite3.Error as error:
                raise explain(path, error) from error
    prepare(path)
    return before, len(MIGRATIONS)


def check(path: Path | str, cipher: Cipher | None = None, *, now: float | None = None) -> list[Finding]:
    """What is wrong with the journal `path`; nothing is changed. It reads the whole file: seconds for a million rows.

    `now` is the present in wall seconds, to tell which owners live.

    Raises:
        StoreError: there is no such file, or it cannot be opened at all.
    """
    path = Path(path)
    if not path.exists():
        raise StoreError(f"the journal {path} does not exist; name another file, or enrich something first")
    with contextlib.closing(_connect(path)) as connection:
        try:
            return list(_findings(connection, path, cipher, time.time() if now is None else now))
        except sqlite3.Error as error:
            return [Finding("damaged", str(explain(path, error)))]


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise explain(path, error) from error


def _findings(connection: sqlite3.Connection, path: Path, cipher: Cipher | None, now: float) -> Iterator[Finding]:
    mark = _number(connection, "PRAGMA application_id")
    if mark != APPLICATION_ID:
        text = f"{path} is no journal of enrichcore (application_id {mark:#010x}); name another file"
        yield Finding("foreign", text)
        return
    version = _number(connection, "PRAGMA user_version")
    if version > len(MIGRATIONS):
        text = (
            f"schema version {version} is newer than this enrichcore, which knows {len(MIGRATIONS)}; update enrichcore"
        )
        yield Finding("newer", text)
        return
    damaged = [text for (text,) in connection.execute("PRAGMA integrity_check(100)") if text != "ok"]
    if damaged:
        more = f" and {len(damaged) - _SHOWN} more" if len(damaged) > _SHOWN else ""
        yield Finding("damaged", f"{'; '.join(damaged[:_SHOWN])}{more}; restore the file from a backup")
        return
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        yield Finding("damaged", f"{len(broken)} rows refer to nothing; restore the file from a backup")
    if version < len(MIGRATIONS):
        text = (
            f"schema version {version} is older than {len(MIGRATIONS)}; `enrichcore store migrate` brings it up to "
            "date, as does its next use. Its content was not checked"
        )
        yield Finding("older", text, serious=False)
        return
    connection.execute("BEGIN")  # one moment of a file that others may be writing
    yield from _orphans(connection, now)
    yield from _budgets(connection)
    yield from _unreadable(connection, Sealing(cipher))
    connection.execute("COMMIT")


def _orphans(connection: sqlite3.Connection, now: float) -> Iterator[Finding]:
    owners = [owner.Owner(*columns) for columns in connection.execute(f"SELECT {rows.OWNER} FROM owners")]  # noqa: S608
    living = {known.id for known in owners if owner.lives(known, now)}
    query = "SELECT owner, job IS NULL, count(*) FROM attempts WHERE outcome IS NULL GROUP BY owner, job IS NULL"
    found: Counter[bool] = Counter()
    for holder, jobless, count in connection.execute(query):
        if holder not in living:
            found[bool(jobless)] += count
    if found:
        text = (
            f"{found.total()} calls have no owner any more, {found[False]} of them with a vendor's job that can be "
            "polled; they may have been billed, and are settled when the same is asked again (see "
            "`enrichcore ledger --in-doubt`)"
        )
        yield Finding("orphans", text, serious=False)


def _budgets(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Whether each budget is the sum of its attempts."""
    sums: dict[tuple[str, str], list[int]] = {}
    query = "SELECT tenant, scopes, charged, reserved, outcome IS NULL FROM attempts WHERE scopes IS NOT NULL"
    for tenant, scopes, charged, reserved, is_open in connection.execute(query):
        for scope in rows.split(scopes):
            both = sums.setdefault((tenant, scope), [0, 0])
            both[0] += charged
            both[1] += reserved if is_open else 0
    wrong: list[str] = []
    lone: list[str] = []
    for tenant, scope, spent, reserved in connection.execute(f"SELECT {rows.BUDGET} FROM budgets"):  # noqa: S608
        says = f"{tenant}/{scope} says {spent} spent, {reserved} reserved"
        if (tenant, scope) not in sums:
            lone += [says] if spent or reserved else []
            continue
        both = sums.pop((tenant, scope))
        if both != [spent, reserved]:
            wrong.append(f"{says}; its attempts say {both[0]} and {both[1]}")
    wrong += [
        f"{tenant}/{scope} is missing; its attempts say {both[0]} and {both[1]}"
        for (tenant, scope), both in sums.items()
        if any(both)
    ]
    way_out = "(in billionths). The attempts are right: somebody else has written into this file"
    if wrong:
        yield Finding("budgets", f"{len(wrong)} budgets do not reconcile: {_some(wrong)} {way_out}")
    if lone:
        yield Finding("lone_budgets", f"{len(lone)} budgets have no attempts: {_some(lone)} {way_out}")


def _some(texts: list[str]) -> str:
    return "; ".join(texts[:_SHOWN]) + ("; ..." if len(texts) > _SHOWN else "")


def _unreadable(connection: sqlite3.Connection, sealing: Sealing) -> Iterator[Finding]:
    """What does not open or is nothing that was written here, counted by column and by the key that sealed it."""
    counts: Counter[tuple[str, str, str]] = Counter()

    def look(column: str, stored: Any, read: Callable[[], object]) -> None:
        key = None if isinstance(stored, str) else key_id(stored)
        try:
            read()
        except StoreError as error:
            counts[column, "plain" if key is None else f"key {key}", str(error)] += 1

    for columns in connection.execute(
        f"SELECT {rows.ATTEMPT} FROM attempts WHERE payload IS NOT NULL OR job IS NOT NULL"  # noqa: S608
    ):
        row = rows.attempt(columns)
        payload, job = row.payload, row.job
        if job is not None:
            look("attempts.job", job, lambda: sealing.open_job(row.tenant, row.id, job))  # noqa: B023 - called at once
        if payload is not None:
            row.job = None
            look("attempts.payload", payload, lambda: decode_answer(sealing.opened(row).payload or b""))  # noqa: B023
    for kind in ("known", "last"):
        names = ", ".join(f"{kind}_{name}" for name in rows.RESULT)
        query = f"SELECT tenant, record, {names} FROM results WHERE {kind}_payload IS NOT NULL"  # noqa: S608
        for tenant, record, *half in connection.execute(query):
            result: StoredResult = rows.result(tenant, record, tuple(half))
            look(
                f"results.{kind}_payload",
                result.payload,
                lambda: decode_result(sealing.opened_result(result).written()),  # noqa: B023
            )
    for (column, key, error), count in sorted(counts.items()):
        yield Finding("unreadable", f"{count} values of {column} ({key}) cannot be read: {error}")


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
