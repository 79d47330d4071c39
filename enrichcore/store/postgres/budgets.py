"""Budgets inside a transaction: what is reserved and spent while their rows are held."""

from collections.abc import Iterable

from enrichcore.store.budgeting import over_budget
from enrichcore.store.postgres.columns import transposed
from enrichcore.store.postgres.server import Connection
from enrichcore.store.postgres.sql import Statements
from enrichcore.store.protocol import Claim, OverBudget

Scope = tuple[str, str]


class Budgets:
    """The budgets that one batch touches, in nano, with what the batch has done to them so far."""

    def __init__(self, connection: Connection, sql: Statements) -> None:
        self._connection = connection
        self._sql = sql
        self._held: dict[Scope, list[int]] = {}
        self._before: dict[Scope, tuple[int, int]] = {}

    async def hold(self, scopes: Iterable[Scope]) -> None:
        """Lock these (tenant, scope), in the one order that all processes keep; new ones begin at nothing."""
        wanted = sorted(set(scopes))
        if wanted:
            found = await self._connection.fetch(self._sql.hold_budgets, *transposed(list(wanted)))
            self._held = {(row[0], row[1]): [row[2], row[3]] for row in found}
            self._before = {scope: (held[0], held[1]) for scope, held in self._held.items()}

    def refuses(self, claim: Claim) -> OverBudget | None:
        """Why `claim` may not be granted: an exhausted budget first, else one that others have reserved."""
        return over_budget(claim, {scope: self._spending(claim.tenant, scope) for scope, _ in claim.budgets})

    def _spending(self, tenant: str, scope: str) -> tuple[int, int]:
        spent, reserved = self._held[tenant, scope]
        return spent, reserved

    def move(self, tenant: str, scopes: Iterable[str], *, spent: int = 0, reserved: int = 0) -> None:
        """Add to what is spent and reserved in each scope."""
        for scope in scopes:
            held = self._held[tenant, scope]
            held[0] += spent
            held[1] += reserved

    def fold(self, tenant: str, scopes: Iterable[str], into: str) -> None:
        """Add these scopes to another one; they are gone with the next `save`."""
        for scope in scopes:
            held = self._held[tenant, scope]
            self.move(tenant, (into,), spent=held[0], reserved=held[1])
            held[:] = self._before[tenant, scope] = (0, 0)

    async def save(self) -> None:
        """Write what has changed. A budget that was only looked at leaves no row behind."""
        changed, unused = [], []
        for scope, (spent, reserved) in self._held.items():
            before = self._before[scope]
            if (spent, reserved) != before:
                changed.append((*scope, spent, reserved))
            elif before == (0, 0):
                unused.append(scope)
        if changed:
            await self._connection.execute(self._sql.save_budgets, *transposed(changed))
        if unused:
            await self._connection.execute(self._sql.drop_budgets, *transposed(unused))
