"""What an error means: retry, billing and health, as one table over the whole error tree; and the retry budget.

| error | same provider again | billed | state of the provider |
|---|---|---|---|
| unsent | yes, within the budget | no | counts as a failure |
| maybe_sent | only if repeats are free by declaration | unknown | counts as a failure |
| rate_limited | after its wait, if that fits the deadline | no | paced |
| out_of_credits | no | no | parked |
| key_refused | no | no | suspended |
| server_error | only where the price says it is not billed | by price | counts as a failure |
| request_refused | no | by price | none |
| unreadable | no | yes | counts as a failure |
| job_failed | no | as the vendor says, else by price | none |
| plugin_fault | no | yes if an answer came, unknown if one may have been asked for | counts as a failure |

Nothing that a free provider does is ever billed.
"""

from enum import Enum

import attrs

from enrichcore.engine.transport import Wire
from enrichcore.errors import (
    JobFailed,
    KeyRefused,
    MaybeSent,
    OutOfCredits,
    PluginFault,
    ProviderError,
    RateLimited,
    RequestRefused,
    ServerError,
    Unreadable,
    Unsent,
)
from enrichcore.model import Billed, Price
from enrichcore.model.price import Per
from enrichcore.runtime import Runtime

MAX_TRIES = 3
BACKOFF, LONGEST_BACKOFF = 0.25, 8.0
DEFAULT_PACE = 10.0
"""Seconds to pace a provider that answered 429 without saying for how long."""


class Again(Enum):
    """Whether the same provider may be asked the same question again at once."""

    NEVER = "never"
    ALWAYS = "always"
    IF_REPEATS_FREE = "if repeats are free"
    IF_UNBILLED = "if an error is not billed"
    AFTER_WAIT = "after the wait"


class Charge(Enum):
    """What an error costs."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"
    BY_PRICE = "by price"
    BY_WIRE = "by wire"


class Effect(Enum):
    """What an error does to the provider's state."""

    NONE = "none"
    FAILURE = "failure"
    PACE = "pace"
    PARK = "park"
    SUSPEND = "suspend"


@attrs.frozen
class Decision:
    """One row of the table."""

    again: Again
    charge: Charge
    effect: Effect


DECISIONS: dict[type[ProviderError], Decision] = {
    Unsent: Decision(Again.ALWAYS, Charge.NO, Effect.FAILURE),
    MaybeSent: Decision(Again.IF_REPEATS_FREE, Charge.UNKNOWN, Effect.FAILURE),
    RateLimited: Decision(Again.AFTER_WAIT, Charge.NO, Effect.PACE),
    OutOfCredits: Decision(Again.NEVER, Charge.NO, Effect.PARK),
    KeyRefused: Decision(Again.NEVER, Charge.NO, Effect.SUSPEND),
    ServerError: Decision(Again.IF_UNBILLED, Charge.BY_PRICE, Effect.FAILURE),
    RequestRefused: Decision(Again.NEVER, Charge.BY_PRICE, Effect.NONE),
    Unreadable: Decision(Again.NEVER, Charge.YES, Effect.FAILURE),
    JobFailed: Decision(Again.NEVER, Charge.BY_PRICE, Effect.NONE),
    PluginFault: Decision(Again.NEVER, Charge.BY_WIRE, Effect.FAILURE),
}


def decide(error: ProviderError) -> Decision:
    """The row for `error`; a provider's own subclass counts as its nearest ancestor here."""
    for kind in type(error).__mro__:
        if kind in DECISIONS:
            return DECISIONS[kind]
    return DECISIONS[PluginFault]


def billed_for(error: ProviderError, price: Price, wire: Wire) -> Billed:
    """What the vendor charged for a call that ended in `error`."""
    if not price.paid:
        return Billed.NO
    if isinstance(error, JobFailed) and error.billed is not None:
        return Billed.YES if error.billed else Billed.NO
    charge = decide(error).charge
    if charge is Charge.BY_PRICE:
        charged = price.errors_billed or (price.per is Per.ATTEMPT and not isinstance(error, ServerError))
        return Billed.YES if charged else Billed.NO
    if charge is Charge.BY_WIRE:
        return {Wire.UNSENT: Billed.NO, Wire.MAYBE_SENT: Billed.UNKNOWN, Wire.ANSWERED: Billed.YES}[wire]
    if charge is Charge.NO and wire is not Wire.UNSENT and isinstance(error, Unsent):
        return Billed.UNKNOWN  # an earlier request of the same attempt did leave
    return {Charge.NO: Billed.NO, Charge.YES: Billed.YES, Charge.UNKNOWN: Billed.UNKNOWN}[charge]


def may_repeat(error: ProviderError, price: Price, billed: Billed) -> bool:
    """Whether the same question may be sent again without the risk of paying twice."""
    again = decide(error).again
    if again is Again.IF_REPEATS_FREE:
        return not price.paid or price.repeats_free_days > 0
    if again is Again.IF_UNBILLED:
        return billed is Billed.NO
    return again is not Again.NEVER and billed is Billed.NO


class RetryBudget:
    """Lets retries be at most a fifth of first attempts, plus a small reserve, so that an outage is not amplified."""

    SHARE, RESERVE = 0.2, 10.0

    def __init__(self) -> None:
        self._tokens = self.RESERVE

    def first_attempt(self) -> None:
        """Earn a fifth of a retry."""
        if self._tokens < self.RESERVE:
            self._tokens = min(self.RESERVE, self._tokens + self.SHARE)

    @staticmethod
    def pause(runtime: Runtime, tries: int) -> float:
        """How long to wait before a retry, after so many tries: the full jitter."""
        return runtime.rng.uniform(0, min(LONGEST_BACKOFF, BACKOFF * 2**tries))

    def take(self) -> bool:
        """Spend one retry if there is one."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
