"""The statements of the SQLite journal. They are put together from column names alone, never from values."""
# ruff: noqa: S608 - what is inserted into these texts is constant

import functools
from typing import Final

from enrichcore.store import rows

Many = tuple[str, int, str]
"""A statement for many rows: what stands before VALUES, the columns of a row, what stands after."""

_RESULT: Final = [f"{kind}_{column}" for kind in ("known", "last") for column in rows.RESULT]
_KNOWN: Final = _RESULT[: len(rows.RESULT)]
_LAST: Final = _RESULT[len(rows.RESULT) :]
_SETTLED: Final = (
    "settled_at", "outcome", "reason", "billed", "credits", "cost", "duration_ms", "tries", "job", "payload",
)  # fmt: skip

# An intent becomes its outcome. The first definite outcome stands; a doubt gives way to knowledge.
PUT: Final[Many] = (
    f"INSERT INTO attempts ({rows.ATTEMPT})",
    len(rows.ATTEMPT.split(",")),
    (
        f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in _SETTLED)} "
        f"WHERE attempts.outcome IS NULL OR attempts.billed = {rows.UNKNOWN}"
    ),
)
INTENT: Final[Many] = (f"INSERT INTO attempts ({rows.INTENT})", len(rows.INTENT.split(",")), "")
# A definite result comes with empty `last` columns and an incomplete one with empty `known` columns.
RESULT: Final[Many] = (
    f"INSERT INTO results (tenant, record, {', '.join(_RESULT)})",
    2 + len(_RESULT),
    (
        "ON CONFLICT (tenant, record) DO UPDATE SET "
        f"{', '.join(f'{c} = coalesce(excluded.{c}, {c})' for c in _KNOWN)}, "
        f"{', '.join(f'{c} = excluded.{c}' for c in _LAST)}"
    ),
)

BY_KEYS: Final = f"SELECT {rows.ATTEMPT} FROM attempts WHERE key"
SETTLED_BY_KEY: Final = f"SELECT {rows.ATTEMPT} FROM attempts WHERE key = ? AND outcome IS NOT NULL"
UNKNOWN: Final = f"SELECT {rows.ATTEMPT} FROM attempts WHERE tenant = ? AND billed = {rows.UNKNOWN}"
OPEN: Final = f"SELECT {rows.ATTEMPT} FROM attempts WHERE outcome IS NULL AND tenant = ?"
CALLS: Final = (
    f"SELECT started_at FROM attempts WHERE started_at >= ? AND provider = ? AND outcome IS NOT {rows.SKIPPED} "
    "ORDER BY started_at"
)
NOTE_JOB: Final = "UPDATE attempts SET job = ? WHERE id = ? AND outcome IS NULL"
TAKE_OVER: Final = "UPDATE attempts SET owner = ? WHERE id = ? AND outcome IS NULL"
WITHDRAW: Final = "DELETE FROM attempts WHERE id = ? AND outcome IS NULL"
IDS_USED: Final = "SELECT 1 FROM attempts WHERE id >= ? AND id < ? LIMIT 1"

LOAD_RESULT: Final = f"SELECT {', '.join(_RESULT)} FROM results WHERE tenant = ? AND record = ?"

OWNERS: Final = f"SELECT {rows.OWNER} FROM owners"
OTHERS: Final = f"{OWNERS} WHERE id <> ?"
OWNER: Final = f"{OWNERS} WHERE id = ?"
BEAT: Final = f"INSERT OR REPLACE INTO owners ({rows.OWNER}) VALUES (?, ?, ?, ?, ?)"
STRIKE_OFF: Final = "DELETE FROM owners WHERE id = ?"

STATES: Final = f"SELECT {rows.STATE} FROM states"
SAVE_STATE: Final = f"INSERT OR REPLACE INTO states ({rows.STATE}) VALUES (?, ?, ?, ?, ?, ?)"
FORGET_STATE: Final = "DELETE FROM states WHERE provider = ? AND credential = ?"

NUMBERS: Final[Many] = (
    f"INSERT INTO numbers ({rows.NUMBER})", len(rows.NUMBER.split(",")), "ON CONFLICT DO NOTHING"
)  # fmt: skip
CROWDED: Final = ("SELECT phone FROM numbers WHERE phone", "GROUP BY phone HAVING count(*) > ?")
PEOPLE: Final = "SELECT count(*) FROM numbers WHERE phone = ? AND tenant = ?"
SHARED: Final = f"SELECT {rows.SHARED} FROM shared WHERE tenant = ? AND phone = ?"
SHARED_AFTER: Final = f"SELECT {rows.SHARED} FROM shared WHERE tenant = ? AND mark > ? ORDER BY mark"
SHARE: Final = "INSERT OR REPLACE INTO shared (tenant, phone, people, company, since) VALUES (?, ?, ?, ?, ?)"

KEY_CHECK: Final = "SELECT value FROM meta WHERE name = 'key_check'"
SAVE_KEY_CHECK: Final = "INSERT OR REPLACE INTO meta (name, value) VALUES ('key_check', ?)"
HAS_ROWS: Final = "SELECT EXISTS (SELECT 1 FROM attempts) OR EXISTS (SELECT 1 FROM results)"


@functools.cache
def anything(questions: int) -> str:
    """Whether there is a result of a record, or any attempt at one of so many questions."""
    return (
        "SELECT EXISTS (SELECT 1 FROM results WHERE tenant = ? AND record = ?) "
        f"OR EXISTS (SELECT 1 FROM attempts WHERE {' OR '.join(['key BETWEEN ? AND ?'] * questions) or '0'})"
    )
