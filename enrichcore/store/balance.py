"""Budgets inside a transaction of the SQLite journal: what is reserved, released and spent, written down at its end."""

import sqlite3
from collections.abc import Iterable, Sequence

from enrichcore.store import many, ops, rows, sql
from enrichcore.store.budgeting import NOTHING, charge
from enrichcore.store.judge import after_repeat
from enrichcore.store.protocol import Claim


class Balance:
    """The budgets that one transaction touches: as they were before it, and what it changes in them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._before: dict[tuple[str, str], tuple[int, int]] = {}
        self._changes: dict[tuple[str, str], list[int]] = {}

    def add(self, tenant: str, scopes: Iterable[str], *, spent: int = 0, reserved: int = 0) -> None:
        """Change what is spent and what is reserved in each of `scopes`."""
        for scope in scopes:
            change = self._changes.setdefault((tenant, scope), [0, 0])
            change[0] += spent
            change[1] += reserved

    def look_up(self, claims: Iterable[Claim]) -> None:
        """Read the budgets that these claims count in."""
        wanted: dict[str, dict[str, None]] = {}
        for claim in claims:
            wanted.setdefault(claim.tenant, {}).update(dict.fromkeys(scope for scope, _ in claim.budgets))
        for tenant, scopes in wanted.items():
            found = many.select_in(self._connection, sql.BUDGETS, list(scopes), sql.OF_TENANT, tenant)
            self._before.update({(tenant, scope): (spent, reserved) for scope, spent, reserved in found})

    def spending(self, claim: Claim) -> dict[str, tuple[int, int]]:
        """What is spent and reserved now in each budget that a claim counts in."""
        found = {}
        for scope, _ in claim.budgets:
            key = (claim.tenant, scope)
            spent, reserved = self._before.get(key, NOTHING)
            change = self._changes.get(key, NOTHING)
            found[scope] = spent + change[0], reserved + change[1]
        return found

    def settle(self, puts: Sequence[ops.Put]) -> dict[int, int]:
        """Release what intents had reserved and charge what became of them, by what the table holds of each.

        Returned is what each put has spent, by its place in `puts`; those that are missing count in no budget.
        """
        stored = {c[0]: c for c in self._budgeted([put.row.id for put in puts])}
        charged: dict[int, int] = {}
        for at, put in enumerate(puts):
            found = stored.get(put.row.id)
            if found is None:
                continue
            number, tenant, outcome, billed, reserved, before, scopes = found
            if outcome is not None and billed != rows.UNKNOWN:
                continue  # the first definite outcome stands
            row = after_repeat(put.row) if outcome is None and billed == rows.UNKNOWN else put.row
            charged[at] = spent = charge(row, reserved)
            released = reserved if outcome is None else 0
            self.add(tenant, rows.split(scopes), spent=spent - before, reserved=-released)
            stored[number] = (number, tenant, put.columns[9], rows.billed(row), reserved, spent, scopes)
        return charged

    def withdraw(self, attempts: Sequence[int]) -> None:
        """Release what intents had reserved that are taken back; that of a doubt's repeat is spent again."""
        for _, tenant, outcome, billed, reserved, _, scopes in self._budgeted(list(set(attempts))):
            if outcome is None:
                spent = reserved if billed == rows.UNKNOWN else 0
                self.add(tenant, rows.split(scopes), spent=spent, reserved=-reserved)

    def write(self) -> None:
        """Write all changes down."""
        changes = [(*key, *change) for key, change in self._changes.items() if change[0] or change[1]]
        many.insert(self._connection, sql.SPEND, changes)
        self._changes.clear()
        self._before.clear()

    def _budgeted(self, attempts: Sequence[int]) -> list[rows.Columns]:
        return many.select_in(self._connection, sql.BUDGETED, attempts, sql.BUDGETED_ONLY)
