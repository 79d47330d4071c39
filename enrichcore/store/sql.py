"""The statements of the SQLite journal. They are put together from column names alone, never from values."""
# ruff: noqa: S608 - what is inserted into these texts is constant

import functools
from typing import Final

from enrichcore.store import rows
from enrichcore.store.judge import BY_HAND, IN_DOUBT

Many = tuple[str, int, str]
"""A statement for many rows: what stands before VALUES, the columns of a row, what stands after."""

_RESULT: Final = [f"{kind}_{column}" for kind in ("known", "last") for column in rows.RESULT]
_KNOWN: Final = _RESULT[: len(rows.RESULT)]
_LAST: Final = _RESULT[len(rows.RESULT) :]
_SETTLED: Final = (
    "settled_at", "outcome", "reason", "billed", "credits", "cost", "duration_ms", "tries", "charged",
)  # fmt: skip
_PERSONAL: Final = ("job", "payload")

# What an intent that repeats a doubt becomes when the repeat cost nothing (see `judge.after_repeat`).
_REPEAT: Final = (
    f"attempts.outcome IS NULL AND attempts.billed = {rows.UNKNOWN} AND excluded.billed = {rows.UNBILLED} "
    f"AND excluded.reason IS NOT '{BY_HAND}'"
)
_STILL_IN_DOUBT: Final = {
    "outcome": f"WHEN {_REPEAT} AND excluded.outcome = {rows.SKIPPED} THEN {rows.ERROR}",
    "reason": f"WHEN {_REPEAT} AND excluded.outcome = {rows.SKIPPED} THEN '{IN_DOUBT}'",
    "billed": f"WHEN {_REPEAT} THEN {rows.UNKNOWN}",
    "cost": f"WHEN {_REPEAT} THEN NULL",
}


def _becomes(column: str) -> str:
    doubt = _STILL_IN_DOUBT.get(column)
    return f"excluded.{column}" if doubt is None else f"CASE {doubt} ELSE excluded.{column} END"


# An intent becomes its outcome. The first definite outcome stands; a doubt gives way to knowledge. Whoever was erased
# meanwhile stays erased.
PUT: Final[Many] = (
    f"INSERT INTO attempts ({rows.SETTLED})",
    len(rows.SETTLED.split(",")),
    (
        f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = {_becomes(c)}' for c in _SETTLED)}, "
        f"{', '.join(f'{c} = CASE attempts.forgotten WHEN 0 THEN excluded.{c} END' for c in _PERSONAL)} "
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
UNKNOWN: Final = (
    f"SELECT {rows.ATTEMPT} FROM attempts WHERE tenant = ? AND billed = {rows.UNKNOWN} AND outcome IS NOT NULL"
)
OPEN: Final = f"SELECT {rows.ATTEMPT} FROM attempts WHERE outcome IS NULL AND tenant = ?"
OPEN_AND_ERASED: Final = f"{OPEN} AND forgotten = 1"
CALLS: Final = (
    f"SELECT started_at FROM attempts WHERE started_at >= ? AND provider = ? AND outcome IS NOT {rows.SKIPPED} "
    "ORDER BY started_at"
)
NOTE_JOB: Final = "UPDATE attempts SET job = ? WHERE id = ? AND outcome IS NULL AND forgotten = 0"
TENANT: Final = "SELECT tenant FROM attempts WHERE id = ?"
TAKE_OVER: Final = "UPDATE attempts SET owner = ? WHERE id = ? AND outcome IS NULL"
REPEAT: Final = (
    "UPDATE attempts SET owner = ?, settled_at = NULL, outcome = NULL, reason = NULL, charged = 0, job = NULL, "
    "payload = NULL WHERE id = ?"
)
WITHDRAW: Final = f"DELETE FROM attempts WHERE id = ? AND outcome IS NULL AND billed = {rows.UNBILLED}"
WITHDRAW_REPEAT: Final = (
    f"UPDATE attempts SET settled_at = started_at, outcome = {rows.ERROR}, reason = '{IN_DOUBT}', "
    "charged = CASE WHEN scopes IS NULL THEN 0 ELSE reserved END WHERE id = ? AND outcome IS NULL"
)
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

# The index on (started_at, provider) ends with the id: pages are read in its order, without sorting.
_PAGE: Final = "started_at < ? AND (started_at, provider, id) > (?, ?, ?)"
_IN_ORDER: Final = "ORDER BY started_at, provider, id"
LEDGER: Final = (
    f"SELECT {rows.ATTEMPT.replace('job, payload', 'NULL, NULL')} FROM attempts "
    f"WHERE {_PAGE} AND (?5 IS NULL OR tenant = ?5) {_IN_ORDER} LIMIT ?6"
)

BUDGETED: Final = "SELECT id, tenant, outcome, billed, reserved, charged, scopes FROM attempts WHERE id"
BUDGETED_ONLY: Final = "AND scopes IS NOT NULL"
BUDGETS: Final = "SELECT scope, spent, reserved FROM budgets WHERE scope"
OF_TENANT: Final = "AND tenant = ?"
SPEND: Final[Many] = (
    f"INSERT INTO budgets ({rows.BUDGET})",
    len(rows.BUDGET.split(",")),
    "ON CONFLICT (tenant, scope) DO UPDATE SET spent = spent + excluded.spent, reserved = reserved + excluded.reserved",
)
CLOSE_BUDGET: Final = "DELETE FROM budgets WHERE tenant = ? AND scope = ?"

SUPPRESS: Final[Many] = ("INSERT INTO suppressed (tenant, hash, kind, added_at)", 4, "ON CONFLICT DO NOTHING")
UNSUPPRESS: Final = "DELETE FROM suppressed WHERE tenant = ? AND hash = ?"
LISTED: Final = "SELECT hash FROM suppressed WHERE hash"
SUPPRESSED: Final = "SELECT hash, kind FROM suppressed WHERE tenant = ? AND hash > ? ORDER BY hash LIMIT ?"

EPOCH: Final = "SELECT value FROM meta WHERE name = 'epoch'"
NEW_EPOCH: Final = "UPDATE meta SET value = value + 1 WHERE name = 'epoch'"

ASKED: Final = "SELECT DISTINCT record FROM attempts WHERE key BETWEEN ? AND ? AND tenant = ?"
PERSONAL: Final = "SELECT id, key, tenant, record, provider, outcome, scopes, charged FROM attempts WHERE"
ERASE: Final = (
    "UPDATE attempts SET key = ?, record = ?, job = NULL, payload = NULL, scopes = ?, forgotten = 1 WHERE id = ?"
)
DROP_RESULT: Final = "DELETE FROM results WHERE tenant = ? AND record = ?"
DROP_PERSON: Final = "DELETE FROM numbers WHERE person = ? AND tenant = ?"
TOMBSTONE: Final = "INSERT OR REPLACE INTO forgotten (record, tenant, at) VALUES (?, ?, ?)"
LOOK: Final = "SELECT (SELECT count(*) FROM owners), EXISTS (SELECT 1 FROM forgotten)"
ERASED: Final = "SELECT tenant, record, at FROM forgotten WHERE record"
OLD_TOMBSTONES: Final = "DELETE FROM forgotten WHERE at < ?"

EMPTY: Final = "UPDATE attempts SET job = NULL, payload = NULL WHERE id = ? AND settled_at = ?"
STALE: Final = "max(coalesce(known_fresh_until, last_fresh_until), coalesce(last_fresh_until, known_fresh_until)) < ?"
STALE_RESULTS: Final = f"SELECT record, {STALE} FROM results WHERE tenant = ? AND record > ? ORDER BY record LIMIT ?"
DROP_STALE: Final = f"{DROP_RESULT} AND {STALE}"

RATE: Final = "SELECT began, used FROM rates WHERE provider = ? AND credential = ? AND seconds = ?"
SAVE_RATE: Final = "INSERT OR REPLACE INTO rates (provider, credential, seconds, began, used) VALUES (?, ?, ?, ?, ?)"

KEY_CHECK: Final = "SELECT value FROM meta WHERE name = 'key_check'"
SAVE_KEY_CHECK: Final = "INSERT OR REPLACE INTO meta (name, value) VALUES ('key_check', ?)"
CURRENCY: Final = "SELECT value FROM meta WHERE name = 'currency'"
SAVE_CURRENCY: Final = "INSERT OR REPLACE INTO meta (name, value) VALUES ('currency', ?)"
BOOKED: Final = (
    "SELECT EXISTS (SELECT 1 FROM budgets WHERE spent <> 0 OR reserved <> 0) "
    "OR EXISTS (SELECT 1 FROM attempts WHERE CAST(cost AS REAL) <> 0)"
)
HAS_ROWS: Final = (
    "SELECT EXISTS (SELECT 1 FROM attempts) OR EXISTS (SELECT 1 FROM results) OR EXISTS (SELECT 1 FROM api_keys)"
)


@functools.cache
def anything(lines: int) -> str:
    """Which of so many lines (number, tenant, record, from key, to key) have a result or an attempt."""
    return (
        f"WITH asked (line, tenant, record, low, high) AS (VALUES {', '.join(['(?, ?, ?, ?, ?)'] * lines)}) "
        "SELECT line FROM asked WHERE "
        "EXISTS (SELECT 1 FROM results WHERE results.tenant = asked.tenant AND results.record = asked.record) "
        "OR EXISTS (SELECT 1 FROM attempts WHERE key BETWEEN low AND high)"
    )


@functools.cache
def answered(questions: int) -> str:
    """The records of results whose identity is made of one of so many questions, among others.

    What is looked through is an index that begins with the time, so that it grows at its end, cheaply.
    """
    made_of = " OR ".join(["instr(known_fingerprint, ?) OR instr(last_fingerprint, ?)"] * questions)
    return (
        "SELECT record FROM results WHERE rowid IN "
        f"(SELECT rowid FROM results INDEXED BY results_identity WHERE {made_of}) AND tenant = ?"
    )


END_OF_PAGE: Final = f"SELECT started_at, provider, id FROM attempts WHERE {_PAGE} {_IN_ORDER} LIMIT 1 OFFSET ?"


@functools.cache
def expired(rules: int) -> str:
    """The attempts of one page and tenant of which something is kept, and which one of so many rules makes old."""
    old = f"provider = ? AND settled_at < CASE outcome WHEN {rows.MISS} THEN ? ELSE ? END"
    return (
        f"SELECT id, settled_at FROM attempts WHERE {_PAGE} AND (started_at, provider, id) <= (?, ?, ?) "
        f"AND tenant = ? AND (payload IS NOT NULL OR job IS NOT NULL) AND ({' OR '.join([old] * rules)}) {_IN_ORDER}"
    )
