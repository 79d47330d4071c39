"""Answering claims inside a transaction of the SQLite journal."""

import sqlite3

from enrichcore.store import many, ops, rows, sql, suppressing
from enrichcore.store.balance import Balance
from enrichcore.store.budgeting import over_budget
from enrichcore.store.judge import doubt_to_repeat, given_up, newest_blocking
from enrichcore.store.owner import Owner, lives
from enrichcore.store.protocol import Claim, ClaimAnswer, Granted, InFlight, Known, Row, Suppressed, TakenOver


class Taking:
    """The claims of one batch: what earlier ones of the batch took is seen by the later ones."""

    def __init__(self, connection: sqlite3.Connection, owner: int, balance: Balance) -> None:
        self._connection = connection
        self._owner = owner
        self._balance = balance

    def take(self, takes: list[ops.Take]) -> None:
        """Answer each claim; the intents of those granted are in the table afterwards."""
        stored: dict[bytes, list[Row]] = {}
        for columns in many.select_in(self._connection, sql.BY_KEYS, [take.claim.key for take in takes]):
            stored.setdefault(columns[1], []).append(rows.attempt(columns))
        listed = self._look_up([take.claim for take in takes])
        granted: list[rows.Columns] = []
        for take in takes:
            claim = take.claim
            at_key = stored.get(claim.key)
            answer = None if at_key is None else self._judge(claim, at_key)
            if answer is None and listed and _is_listed(claim, listed):
                answer = Suppressed()
            if answer is None and at_key is not None:
                answer = self._repeat(claim, at_key)
            if answer is None and claim.budgets:
                answer = over_budget(claim, self._balance.spending(claim))
            if answer is None:
                granted.append(rows.intent_columns(take.id, self._owner, claim))
                stored.setdefault(claim.key, []).append(rows.intent(take.id, self._owner, claim))
                answer = Granted(take.id)
                if claim.budgets:
                    self._balance.add(claim.tenant, [scope for scope, _ in claim.budgets], reserved=claim.reserve)
            take.answer = answer
        if granted:
            many.insert(self._connection, sql.INTENT, granted)

    def _look_up(self, claims: list[Claim]) -> set[tuple[str, bytes]]:
        """Read what the claims are measured by: budgets and, returned, the suppression list."""
        budgeted = [claim for claim in claims if claim.budgets]
        if budgeted:
            self._balance.look_up(budgeted)
        return suppressing.listed(self._connection, claims)

    def _repeat(self, claim: Claim, at_key: list[Row]) -> Granted | None:
        """Open a doubt again whose repeat is free: what it was charged is reserved once more, and nothing else."""
        row = doubt_to_repeat(claim, at_key)
        if row is None:
            return None
        self._balance.add(row.tenant, row.scopes, spent=-row.charged, reserved=row.reserved)
        row.owner, row.outcome, row.settled_at, row.charged = self._owner, None, None, 0
        self._connection.execute(sql.REPEAT, (self._owner, row.id))
        return Granted(row.id)

    def _judge(self, claim: Claim, at_key: list[Row]) -> ClaimAnswer | None:
        known = newest_blocking(claim, at_key)
        if known is not None:
            return Known(known)
        row = next((row for row in at_key if row.outcome is None), None)
        if row is None:
            return None
        if row.owner == self._owner or self._lives(row.owner, claim.now):
            return InFlight(row)
        if row.job is not None:
            row.owner = self._owner
            self._connection.execute(sql.TAKE_OVER, (self._owner, row.id))
            return TakenOver(row)
        settled = given_up(row, claim.now)
        if row.scopes:  # nobody can say, so it counts as spent
            settled.charged = row.reserved
            self._balance.add(row.tenant, row.scopes, spent=row.reserved, reserved=-row.reserved)
        at_key[at_key.index(row)] = settled
        columns = rows.settled_columns(settled, settled.payload, settled.job, settled.charged)
        many.insert(self._connection, sql.PUT, [columns])
        return None if settled.started_at >= claim.repeats_since else Known(settled)

    def _lives(self, owner: int, now: float) -> bool:
        found = self._connection.execute(sql.OWNER, (owner,)).fetchall()
        return bool(found) and lives(Owner(*found[0]), now)


def _is_listed(claim: Claim, listed: set[tuple[str, bytes]]) -> bool:
    return any((claim.tenant, hashed) in listed for hashed in claim.suppression)
