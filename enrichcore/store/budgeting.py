"""What a call may spend and what it has spent: the rules of budgets that every store shares, as pure functions.

Amounts are billionths of the currency.
"""

from collections.abc import Mapping

from enrichcore.model import Billed
from enrichcore.model.money import nano
from enrichcore.store.protocol import Claim, OverBudget, Row

FORGOTTEN = "record:forgotten"
"""The scope in which the spending on erased records is added up."""
NOTHING = (0, 0)
"""What is spent and reserved in a budget that nobody has used."""


def over_budget(claim: Claim, spending: Mapping[str, tuple[int, int]]) -> OverBudget | None:
    """Which budget has no room for a claim, an exhausted one first; None when all have.

    `spending` is what is spent and what is reserved, by scope; a scope that is missing has seen nothing.
    """
    full: OverBudget | None = None
    for scope, limit in claim.budgets:
        spent, reserved = spending.get(scope, NOTHING)
        if spent + claim.reserve > limit:
            return OverBudget(scope, exhausted=True)
        if full is None and spent + reserved + claim.reserve > limit:
            full = OverBudget(scope, exhausted=False)
    return full


def charge(row: Row, reserved: int) -> int:
    """What a settled attempt has spent, given what its intent had reserved: what is in doubt counts as spent."""
    if row.billed is Billed.YES:
        return 0 if row.cost is None else nano(row.cost)
    return reserved if row.billed is Billed.UNKNOWN else 0
