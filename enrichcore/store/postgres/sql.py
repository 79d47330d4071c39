"""The statements of the Postgres journal. They are put together from column names and a checked schema name alone."""
# ruff: noqa: S608 - what is inserted into these texts is constant, or was checked by `schema.quoted`

from typing import Final

from enrichcore.store import rows
from enrichcore.store.postgres.schema import QUESTIONS, quoted
from enrichcore.store.postgres.sql_accounts import AccountStatements

_ATTEMPT: Final = {
    "id": "bigint", "key": "bytea", "tenant": "text", "record": "bytea", "provider": "text", "method": "text",
    "owner": "bigint", "started_at": "float8", "settled_at": "float8", "outcome": "smallint", "reason": "text",
    "billed": "smallint", "credits": "text", "cost": "text", "duration_ms": "float8", "tries": "int", "job": "bytea",
    "payload": "bytea", "reserved": "bigint", "charged": "bigint", "scopes": "text", "forgotten": "boolean",
}  # fmt: skip
ATTEMPT: Final = ", ".join(_ATTEMPT)
LEDGER: Final = ATTEMPT.replace("payload", "NULL::bytea")
_INTENT: Final = (
    "id", "key", "tenant", "record", "provider", "method", "owner", "started_at", "reserved", "scopes",
)  # fmt: skip
_SETTLED: Final = (
    "settled_at", "outcome", "reason", "billed", "credits", "cost", "duration_ms", "tries", "job", "payload", "charged",
)  # fmt: skip
_GIVEN_UP: Final = ("id", "settled_at", "outcome", "reason", "billed", "credits", "cost", "charged")

_HALF: Final = {
    "fingerprint": "bytea", "plan": "bytea", "status": "text", "started_at": "float8", "finished_at": "float8",
    "fresh_until": "float8", "payload": "bytea",
}  # fmt: skip
HALF: Final = len(_HALF)
_RESULT: Final = {f"{kind}_{name}": type_ for kind in ("known", "last") for name, type_ in _HALF.items()}
_KNOWN: Final = list(_RESULT)[:HALF]
_LAST: Final = list(_RESULT)[HALF:]


def _unnest(types: list[str]) -> str:
    return f"unnest({', '.join(f'${n}::{type_}[]' for n, type_ in enumerate(types, 1))})"


def _of(names: tuple[str, ...]) -> str:
    return _unnest([_ATTEMPT[name] for name in names])


class Statements:
    """Every statement, for one schema. What takes many rows takes one array a column, in the order of the columns."""

    def __init__(self, schema: str) -> None:
        s = quoted(schema)
        clock = "extract(epoch FROM clock_timestamp())::float8"

        # A batch: the first statement of its transaction says whether it was committed before.
        owner = (
            f"WITH beat AS (INSERT INTO {s}.owners (id, host, pid, started, heartbeat, batch) "
            f"VALUES ($1, $2, $3, $4, {clock}, $5) ON CONFLICT (id) DO UPDATE SET heartbeat = excluded.heartbeat, "
            "batch = excluded.batch WHERE owners.batch < excluded.batch RETURNING batch) "
            "SELECT (SELECT batch FROM beat) IS NOT NULL, "
        )
        self.begin_together = owner + "pg_advisory_xact_lock_shared($6)::text"
        self.begin_alone = owner + "pg_advisory_xact_lock($6)::text"
        self.lock = "SELECT pg_advisory_xact_lock($1)::text"

        # Owners. While the server was down nobody could say that he lives.
        self.owners = (
            "SELECT id, host, pid, started, "
            "greatest(heartbeat, extract(epoch FROM pg_postmaster_start_time())::float8), "
            f"{clock} FROM {s}.owners"
        )
        self.owners_of = f"{self.owners} WHERE id = ANY($1::bigint[])"
        self.register = (
            f"INSERT INTO {s}.owners (id, host, pid, started, heartbeat, batch) VALUES ($1, $2, $3, $4, {clock}, 0)"
        )
        self.id_used = (
            f"SELECT 1 FROM {s}.owners WHERE id = $1 UNION ALL "
            f"(SELECT 1 FROM {s}.attempts WHERE id >= $1 << 32 AND id < ($1 + 1) << 32 LIMIT 1)"
        )
        self.strike_off = f"DELETE FROM {s}.owners WHERE id = ANY($1::bigint[])"

        # Attempts.
        attempts = f"{s}.attempts"
        self.intents = (
            f"INSERT INTO {attempts} ({', '.join(_INTENT)}) SELECT * FROM {_of(_INTENT)} "
            "ON CONFLICT (key) WHERE outcome IS NULL DO NOTHING RETURNING id"
        )
        self.puts = (
            f"INSERT INTO {attempts} ({ATTEMPT}) SELECT * FROM {_unnest(list(_ATTEMPT.values()))} "
            f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in _SETTLED)}"
        )
        self.given_up = (
            f"UPDATE {attempts} a SET {', '.join(f'{c} = n.{c}' for c in _GIVEN_UP[1:])} "
            f"FROM {_of(_GIVEN_UP)} AS n({', '.join(_GIVEN_UP)}) WHERE a.id = n.id"
        )
        self.repeat = (
            f"UPDATE {attempts} SET owner = $2, settled_at = NULL, outcome = NULL, reason = NULL, charged = 0, "
            "job = NULL, payload = NULL WHERE id = ANY($1::bigint[])"
        )
        self.by_keys = f"SELECT {ATTEMPT} FROM {attempts} WHERE key = ANY($1::bytea[])"
        self.settled_by_keys = f"{self.by_keys} AND outcome IS NOT NULL"
        self.for_update = f"SELECT {ATTEMPT} FROM {attempts} WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"
        self.delete_intents = f"DELETE FROM {attempts} WHERE id = ANY($1::bigint[]) AND outcome IS NULL"
        self.take_over = (
            f"UPDATE {attempts} a SET owner = n.owner FROM unnest($1::bigint[], $2::bigint[]) AS n(id, owner) "
            "WHERE a.id = n.id AND outcome IS NULL"
        )
        self.note_jobs = (
            f"UPDATE {attempts} a SET job = n.job FROM unnest($1::bigint[], $2::bytea[]) AS n(id, job) "
            "WHERE a.id = n.id AND outcome IS NULL AND NOT forgotten"
        )
        self.unknown = (
            f"SELECT {ATTEMPT} FROM {attempts} WHERE tenant = $1 AND billed = {rows.UNKNOWN} AND outcome IS NOT NULL"
        )
        self.open = f"SELECT {ATTEMPT} FROM {attempts} WHERE outcome IS NULL AND tenant = $1"
        self.open_and_erased = f"{self.open} AND forgotten ORDER BY id FOR UPDATE"
        self.calls = (
            f"SELECT started_at FROM {attempts} WHERE started_at >= $1 AND provider = $2 "
            f"AND outcome IS DISTINCT FROM {rows.SKIPPED} ORDER BY started_at"
        )
        self.ledger = (
            f"SELECT {LEDGER} FROM {attempts} WHERE (started_at, id) > ($1, $2) AND started_at >= $3 "
            "AND started_at < $4 AND ($5::text IS NULL OR tenant = $5) ORDER BY started_at, id LIMIT $6"
        )

        # Money.
        self.hold_budgets = (
            f"INSERT INTO {s}.budgets (tenant, scope, spent, reserved) "
            "SELECT tenant, scope, 0, 0 FROM unnest($1::text[], $2::text[]) AS n(tenant, scope) "
            "ON CONFLICT (tenant, scope) DO UPDATE SET spent = budgets.spent RETURNING tenant, scope, spent, reserved"
        )
        self.save_budgets = (
            f"UPDATE {s}.budgets b SET spent = n.spent, reserved = n.reserved "
            "FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS n(tenant, scope, spent, reserved) "
            "WHERE b.tenant = n.tenant AND b.scope = n.scope"
        )
        self.drop_budgets = (
            f"DELETE FROM {s}.budgets b USING unnest($1::text[], $2::text[]) AS n(tenant, scope) "
            "WHERE b.tenant = n.tenant AND b.scope = n.scope"
        )
        self.spending = f"SELECT scope, spent, reserved FROM {s}.budgets WHERE tenant = $1 AND scope = ANY($2::text[])"

        # Results. A definite one comes with empty `last` columns and an incomplete one with empty `known` columns.
        self.save_results = (
            f"INSERT INTO {s}.results (tenant, record, {', '.join(_RESULT)}) "
            f"SELECT * FROM {_unnest(['text', 'bytea', *_RESULT.values()])} "
            f"ON CONFLICT (tenant, record) DO UPDATE SET "
            f"{', '.join(f'{c} = coalesce(excluded.{c}, results.{c})' for c in _KNOWN)}, "
            f"{', '.join(f'{c} = excluded.{c}' for c in _LAST)}"
        )
        self.load_results = (
            f"SELECT r.tenant, r.record, {', '.join(f'r.{c}' for c in _RESULT)} "
            f"FROM unnest($1::text[], $2::bytea[]) AS n(tenant, record) "
            f"JOIN {s}.results r ON r.tenant = n.tenant AND r.record = n.record"
        )

        # Provider states and rates.
        self.states = f"SELECT {rows.STATE} FROM {s}.states"
        self.save_states = (
            f"INSERT INTO {s}.states ({rows.STATE}) "
            f"SELECT * FROM {_unnest(['text', 'bytea', 'text', 'float8', 'float8', 'text'])} "
            "ON CONFLICT (provider, credential) DO UPDATE SET state = excluded.state, since = excluded.since, "
            "until = excluded.until, reason = excluded.reason"
        )
        self.forget_states = (
            f"DELETE FROM {s}.states t USING unnest($1::text[], $2::bytea[]) AS n(provider, credential) "
            "WHERE t.provider = n.provider AND t.credential = n.credential"
        )
        self.hold_rate = (
            f"INSERT INTO {s}.rates AS r (provider, credential, seconds, window_start, used) "
            "VALUES ($1, $2, $3, $4, 0) "
            "ON CONFLICT (provider, credential, seconds) DO UPDATE SET used = r.used RETURNING window_start, used"
        )
        self.save_rate = (
            f"UPDATE {s}.rates SET window_start = $4, used = $5 "
            "WHERE provider = $1 AND credential = $2 AND seconds = $3"
        )

        # Numbers.
        self.note_numbers = (
            f"INSERT INTO {s}.numbers (tenant, phone, person, seen_at) "
            f"SELECT * FROM {_unnest(['text', 'bigint', 'bigint', 'float8'])} ON CONFLICT DO NOTHING"
        )
        self.crowded = (
            f"SELECT n.tenant, n.phone, count(*) FROM unnest($1::text[], $2::bigint[]) AS n(tenant, phone) "
            f"JOIN {s}.numbers t ON t.tenant = n.tenant AND t.phone = n.phone GROUP BY 1, 2 HAVING count(*) > $3"
        )
        self.shared = (
            f"SELECT t.tenant, t.phone, t.mark, t.people, t.company FROM unnest($1::text[], $2::bigint[]) "
            f"AS n(tenant, phone) JOIN {s}.shared t ON t.tenant = n.tenant AND t.phone = n.phone"
        )
        self.share = (
            f"INSERT INTO {s}.shared (mark, tenant, phone, people, company, since) "
            f"VALUES (nextval('{s}.mark'), $1, $2, $3, $4, $5) ON CONFLICT (tenant, phone) DO UPDATE SET "
            "mark = excluded.mark, people = excluded.people, company = excluded.company, since = excluded.since "
            "RETURNING mark"
        )
        self.shared_after = f"SELECT {rows.SHARED} FROM {s}.shared WHERE tenant = $1 AND mark > $2 ORDER BY mark"

        # Suppression, epoch, erasure, expiry.
        self.hits = (
            f"SELECT t.tenant, t.hash FROM unnest($1::text[], $2::bytea[]) AS n(tenant, hash) "
            f"JOIN {s}.suppressed t ON t.tenant = n.tenant AND t.hash = n.hash"
        )
        self.suppress = (
            f"INSERT INTO {s}.suppressed (tenant, hash, kind, added_at) "
            "SELECT $1, hash, kind, $4 FROM unnest($2::bytea[], $3::text[]) AS n(hash, kind) "
            "ON CONFLICT DO NOTHING RETURNING 1"
        )
        self.unsuppress = f"DELETE FROM {s}.suppressed WHERE tenant = $1 AND hash = ANY($2::bytea[]) RETURNING 1"
        self.suppressed = f"SELECT hash, kind FROM {s}.suppressed WHERE tenant = $1 ORDER BY added_at, hash"
        self.epoch = f"SELECT number FROM {s}.epoch"
        self.bump = f"UPDATE {s}.epoch SET number = number + 1"
        self.tombstones = (
            f"SELECT t.tenant, t.record, t.at FROM unnest($1::text[], $2::bytea[]) AS n(tenant, record) "
            f"JOIN {s}.forgotten t ON t.tenant = n.tenant AND t.record = n.record"
        )
        self.bury = (
            f"INSERT INTO {s}.forgotten (tenant, record, at) SELECT $1, unnest($2::bytea[]), $3 "
            "ON CONFLICT (tenant, record) DO UPDATE SET at = greatest(forgotten.at, excluded.at)"
        )
        self.purge_tombstones = f"DELETE FROM {s}.forgotten WHERE at < $1"
        self.records_of = (
            "SELECT a.record FROM unnest($2::bytea[], $3::bytea[]) AS n(low, high) CROSS JOIN LATERAL "
            f"(SELECT record FROM {attempts} WHERE key >= n.low AND key <= n.high AND tenant = $1 AND NOT forgotten "
            "OFFSET 0) a"
        )
        # Whose results they are must not lead to the index by tenant and record, which says nothing of questions.
        self.results_of = f"SELECT record FROM {s}.results WHERE tenant || '' = $1 AND {QUESTIONS} && $2::bytea[]"
        self.to_forget = (
            f"SELECT id, provider, outcome, scopes, key, record FROM {attempts} "
            "WHERE tenant = $1 AND NOT forgotten AND id IN ("
            f"SELECT id FROM {attempts} WHERE record = ANY($2::bytea[]) UNION "
            f"SELECT a.id FROM unnest($3::bytea[], $4::bytea[]) AS n(low, high) "
            f"JOIN {attempts} a ON a.key >= n.low AND a.key <= n.high) ORDER BY id FOR UPDATE"
        )
        self.forget = (
            f"UPDATE {attempts} a SET key = n.key, record = n.record, scopes = n.scopes, payload = NULL, job = NULL, "
            "forgotten = true FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::text[]) "
            "AS n(id, key, record, scopes) WHERE a.id = n.id"
        )
        self.drop_results = f"DELETE FROM {s}.results WHERE tenant = $1 AND record = ANY($2::bytea[]) RETURNING 1"
        self.drop_numbers = f"DELETE FROM {s}.numbers WHERE tenant = $1 AND person = ANY($2::bigint[]) RETURNING 1"
        self.expire_attempts = (
            f"UPDATE {attempts} SET payload = NULL, job = NULL WHERE id = ANY(ARRAY(SELECT id FROM {attempts} "
            "WHERE tenant = $1 AND provider = $2 AND outcome IS NOT NULL AND (payload IS NOT NULL OR job IS NOT NULL) "
            "AND settled_at < CASE WHEN outcome = $6 THEN $4::float8 ELSE $3::float8 END "
            "AND settled_at < greatest($3::float8, $4::float8) ORDER BY settled_at LIMIT $5 FOR UPDATE SKIP LOCKED)) "
            "RETURNING 1"
        )
        # Whose results they are must not lead to the index by tenant and record, which says nothing of their age.
        self.expire_results = (
            f"DELETE FROM {s}.results WHERE ctid = ANY(ARRAY(SELECT ctid FROM {s}.results "
            "WHERE greatest(known_fresh_until, last_fresh_until) < $2 AND tenant || '' = $1 "
            "LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING 1"
        )

        # Looking through everything.
        self.unequal_budgets = (
            "SELECT tenant, scope, coalesce(spent, 0), coalesce(b.reserved, 0), coalesce(charged, 0), "
            "coalesce(held, 0) "
            f"FROM {s}.budgets b FULL JOIN (SELECT tenant, scope, sum(charged)::bigint AS charged, "
            "coalesce(sum(reserved) FILTER (WHERE outcome IS NULL), 0)::bigint AS held "
            f"FROM {attempts}, unnest(string_to_array(scopes, E'\\n')) AS scope GROUP BY 1, 2) a USING (tenant, scope) "
            "WHERE (coalesce(spent, 0), coalesce(b.reserved, 0)) <> (coalesce(charged, 0), coalesce(held, 0)) "
            "ORDER BY 1, 2 LIMIT $1"
        )
        self.values_of_attempts = (
            f"SELECT {ATTEMPT} FROM {attempts} WHERE id > $1 AND (payload IS NOT NULL OR job IS NOT NULL) "
            "ORDER BY id LIMIT $2"
        )
        self.values_of_results = (
            f"SELECT tenant, record, {', '.join(_RESULT)} FROM {s}.results WHERE (tenant, record) > ($1, $2) "
            "ORDER BY tenant, record LIMIT $3"
        )

        # What is said of the journal itself.
        self.meta = f"SELECT value FROM {s}.meta WHERE name = $1"
        self.save_meta = (
            f"INSERT INTO {s}.meta (name, value) VALUES ($1, $2) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        self.booked = (
            f"SELECT EXISTS (SELECT 1 FROM {s}.budgets WHERE spent <> 0 OR reserved <> 0) "
            f"OR EXISTS (SELECT 1 FROM {attempts} WHERE cost::numeric <> 0)"
        )
        self.has_rows = (
            f"SELECT EXISTS (SELECT 1 FROM {s}.attempts) OR EXISTS (SELECT 1 FROM {s}.results) "
            f"OR EXISTS (SELECT 1 FROM {s}.api_keys)"
        )
        self.accounts = AccountStatements(schema)
