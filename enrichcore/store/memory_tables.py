"""What a MemoryStore keeps, as plain dictionaries."""

import attrs

from enrichcore.model import Billed
from enrichcore.store.accounts import StoredAccount, StoredKey
from enrichcore.store.numbers import NumberTable
from enrichcore.store.protocol import Claim, Row, StoredResult, StoredState
from enrichcore.store.settled import Settled


@attrs.define(eq=False)
class Intent:
    """An open attempt. Its row is made only when somebody asks for it."""

    id: int
    owner: int
    claim: Claim
    started_at: float
    job: str | None = None
    forgotten: bool = False
    repeats: bool = False
    """It asks again for what is in doubt."""

    def row(self) -> Row:
        """The attempt as a row."""
        claim = self.claim
        return Row(
            id=self.id,
            key=claim.key,
            tenant=claim.tenant,
            record=claim.record,
            provider=claim.provider,
            method=claim.method,
            owner=self.owner,
            started_at=self.started_at,
            job=self.job,
            reserved=claim.reserve if claim.budgets else 0,
            scopes=tuple(scope for scope, _ in claim.budgets),
            forgotten=self.forgotten,
            billed=Billed.UNKNOWN if self.repeats else Billed.NO,
        )


@attrs.define(eq=False)
class Tables:
    """What is kept. Two stores over the same tables are two owners of one journal."""

    intents: dict[bytes, Intent] = attrs.Factory(dict)
    open: dict[int, Intent] = attrs.Factory(dict)
    settled: Settled = attrs.Factory(Settled)
    results: dict[tuple[str, bytes], tuple[StoredResult | None, StoredResult]] = attrs.Factory(dict)
    states: dict[tuple[str, bytes], StoredState] = attrs.Factory(dict)
    numbers: NumberTable = attrs.Factory(NumberTable)
    budgets: dict[tuple[str, str], tuple[int, int]] = attrs.Factory(dict)
    """What is spent and what is reserved, by tenant and scope."""
    suppressed: dict[tuple[str, bytes], str] = attrs.Factory(dict)
    forgotten: dict[tuple[str, bytes], float] = attrs.Factory(dict)
    """When a record, or all that is known of a question, was erased; kept for a day, against what began before."""
    erased: dict[int, bytes] = attrs.Factory(dict)
    """Attempts that were erased, by id, and the random keys under which they are kept."""
    rates: dict[tuple[str, bytes, float], tuple[float, int]] = attrs.Factory(dict)
    """When the window began, and how many calls of it are taken."""
    api_keys: dict[str, StoredKey] = attrs.Factory(dict)
    accounts: dict[str, StoredAccount] = attrs.Factory(dict)
    holds: dict[tuple[str, int], int] = attrs.Factory(dict)
    """Credits that are set aside, by tenant and owner."""
    currency: str | None = None
    epoch: int = 0
    owners: set[int] = attrs.Factory(set)
