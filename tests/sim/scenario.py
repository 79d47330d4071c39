"""What a scenario says: which vendors there are, how they fail, who asks for whom and when, which processes die."""

from decimal import Decimal
from typing import Final

import attrs

from enrichcore.engine.suppression import Entry
from enrichcore.model import Budget, Contact, Price
from tests.sim.mishap import Trouble
from tests.sim.people import Case, Human
from tests.sim.vendor import Fault, Outage, Truth

ROUGH: Final = 20.0
"""Virtual seconds in which things go wrong."""


@attrs.frozen(kw_only=True)
class VendorPlan:
    """One vendor."""

    name: str
    price: Price
    truth: dict[int, Truth]
    latency: tuple[float, float]
    faults: float
    kinds: tuple[Fault, ...]
    outages: tuple[Outage, ...]
    tells_credits: bool
    timeout: float
    retention: int | None
    rates: tuple[str, ...]
    credits: Decimal | None
    """What every tenant's account holds until everything is repaired."""
    key_breaks: float | None
    """When the vendor stops knowing the key."""
    credit_price: Decimal = Decimal("0.10")


@attrs.frozen(kw_only=True)
class Strike:
    """What happens after the n-th step of all the tasks that work for one request: at any of its awaits.

    `leave`: its caller goes away. `kill`, `close`, `force`: its process ends.
    """

    step: int
    kind: str


@attrs.frozen(kw_only=True)
class Look:
    """One lookup."""

    at: float
    slot: int
    case: Case
    mobile: bool = False
    deadline: float | None = None
    refresh: bool = False
    max_age: float | None = None
    leaves: float | None = None
    """Seconds after which the caller goes away."""
    strike: Strike | None = None


@attrs.frozen(kw_only=True)
class Batch:
    """One bulk run."""

    at: float
    slot: int
    cases: tuple[Case, ...]
    bad: int = 0
    concurrency: int = 3
    ordered: bool = False
    slow_reader: float = 0.0
    as_stream: bool = False
    mobile: bool = False
    stop_after: int | None = None
    refresh: bool = False
    run: str | None = None
    """The run whose budget it counts in; None for that of the engine's lookups."""


@attrs.frozen(kw_only=True)
class Suppress:
    """Somebody, a company or a number goes on the suppression list."""

    at: float
    slot: int
    entry: Entry
    human: Human


@attrs.frozen(kw_only=True)
class Unsuppress:
    """The same comes off the list again."""

    at: float
    slot: int
    entry: Entry
    human: Human


@attrs.frozen(kw_only=True)
class Expire:
    """What is too old is deleted, as an engine does every hour."""

    at: float
    slot: int


@attrs.frozen(kw_only=True)
class Forget:
    """A person asks to be forgotten, and says everything by which one is known."""

    at: float
    slot: int
    contact: Contact
    human: Human


@attrs.frozen(kw_only=True)
class End:
    """The end of a process: `kill`, `close` or `force`; another one takes its place after a while."""

    at: float
    slot: int
    kind: str
    linger: float = 0.0
    away: float = 1.0


@attrs.frozen(kw_only=True)
class Jump:
    """All wall clocks jump."""

    at: float
    seconds: float


Action = Look | Batch | End | Jump | Suppress | Unsuppress | Forget | Expire


@attrs.frozen(kw_only=True)
class Scenario:
    """Everything that a seed decides beforehand."""

    seed: int
    fifo: bool
    vendors: tuple[VendorPlan, ...]
    tenants: tuple[str, ...]
    """The tenant of each process slot."""
    latency: float | None
    troubles: tuple[Trouble | None, ...]
    typical: float
    order: tuple[str, ...] | None
    cases: tuple[Case, ...]
    actions: tuple[Action, ...]
    later: float | None
    """Days after which everybody asks once more."""
    reserve: float
    """The retries that a provider has beyond its share: few, so that the budget is felt."""
    patient: bool
    """Whether the last questions are asked in bulk."""
    budget: Budget = attrs.field(factory=Budget)
    """Of every tenant, in every process."""
    lifted: bool = True
    """Whether the budget is no limit any more once everything is repaired."""
    decides: bool = False
    """Whether a person compares what is in doubt with the invoices before everybody asks once more."""
