"""The statements about keys and credits, for one schema."""
# ruff: noqa: S608 - what is inserted into these texts is constant, or was checked by `schema.quoted`

from enrichcore.store.postgres.schema import quoted


class AccountStatements:
    """Every statement about keys and credits."""

    def __init__(self, schema: str) -> None:
        s = quoted(schema)
        keys = (
            "SELECT k.id, k.tenant, k.digest, k.attempts, k.created_at, k.expires_at, k.revoked_at, "
            f"a.credits, a.rate, a.concurrency FROM {s}.api_keys k JOIN {s}.accounts a ON a.tenant = k.tenant"
        )
        self.key = f"{keys} WHERE k.id = $1"
        self.keys = f"{keys} ORDER BY k.created_at, k.id"
        self.of_tenant = f"{keys} WHERE k.tenant = $1"
        self.account = f"SELECT tenant, credits, rate, concurrency FROM {s}.accounts WHERE tenant = $1"
        self.held_account = f"{self.account} FOR UPDATE"
        self.make_account = f"INSERT INTO {s}.accounts (tenant) VALUES ($1) ON CONFLICT DO NOTHING"
        self.change = (
            f"UPDATE {s}.accounts SET credits = CASE WHEN $2::bigint IS NULL THEN credits "
            "ELSE coalesce(credits, 0) + $2 END, rate = coalesce($3, rate), concurrency = coalesce($4, concurrency) "
            "WHERE tenant = $1 RETURNING tenant, credits, rate, concurrency"
        )
        self.add_key = f"INSERT INTO {s}.api_keys VALUES ($1, $2, $3, $4, $5, $6, $7)"
        self.end = f"UPDATE {s}.api_keys SET expires_at = least(coalesce(expires_at, $2), $2) WHERE id = $1"
        self.revoke = f"UPDATE {s}.api_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1"

        self.balances = (
            f"SELECT tenant, credits FROM {s}.accounts WHERE tenant = ANY($1::text[]) ORDER BY tenant FOR UPDATE"
        )
        self.holds = f"SELECT tenant, owner, credits FROM {s}.holds WHERE tenant = ANY($1::text[])"
        self.save_balances = (
            f"UPDATE {s}.accounts a SET credits = u.credits "
            "FROM unnest($1::text[], $2::bigint[]) AS u (tenant, credits) WHERE a.tenant = u.tenant"
        )
        self.save_holds = (
            f"INSERT INTO {s}.holds (tenant, owner, credits) "
            "SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) "
            "ON CONFLICT (tenant, owner) DO UPDATE SET credits = excluded.credits"
        )
        self.drop_holds = f"DELETE FROM {s}.holds WHERE tenant = ANY($1::text[]) AND owner = ANY($2::bigint[])"
