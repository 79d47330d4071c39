"""The table of section 5 of the design, as data: same provider again, billed, and what it does to the provider."""

from decimal import Decimal
from typing import Any

import pytest

from enrichcore import errors
from enrichcore.engine.retry import (
    DECISIONS,
    Effect,
    RetryBudget,
    billed_for,
    decide,
    may_repeat,
)
from enrichcore.engine.transport import Wire
from enrichcore.model import Billed, Price
from enrichcore.model.price import Per

HIT = Price.per_hit(1)
MATCH = Price.per_match(1)
ATTEMPT = Price.per_attempt(1)
ATTEMPT_SAFE = Price.per_attempt(1, errors_billed=False)
HIT_ERRORS = Price.per_hit(1, errors_billed=True)
REPEATS = Price.per_hit(1, repeats_free_days=30)
ATTEMPT_REPEATS = Price.per_attempt(1, repeats_free_days=30)
FREE = Price.free()
NO, YES, UNKNOWN = Billed.NO, Billed.YES, Billed.UNKNOWN
UNSENT, MAYBE, ANSWERED = Wire.UNSENT, Wire.MAYBE_SENT, Wire.ANSWERED
FAILURE = Effect.FAILURE

TABLE: list[tuple[errors.ProviderError, Wire, Price, bool, Billed, Effect]] = [
    # the event                       on the wire  price          again  billed   the provider's state
    (errors.Unsent(),                 UNSENT,   HIT,             True,  NO,      FAILURE),
    (errors.Unsent(),                 UNSENT,   ATTEMPT,         True,  NO,      FAILURE),
    (errors.Unsent(),                 UNSENT,   FREE,            True,  NO,      FAILURE),
    # An earlier request of the same attempt had left: what this one did not send says nothing of that.
    (errors.Unsent(),                 MAYBE,    HIT,             False, UNKNOWN, FAILURE),
    (errors.Unsent(),                 ANSWERED, HIT,             False, UNKNOWN, FAILURE),
    (errors.MaybeSent(),              MAYBE,    HIT,             False, UNKNOWN, FAILURE),
    (errors.MaybeSent(),              MAYBE,    MATCH,           False, UNKNOWN, FAILURE),
    (errors.MaybeSent(),              MAYBE,    ATTEMPT,         False, UNKNOWN, FAILURE),
    (errors.MaybeSent(),              MAYBE,    REPEATS,         True,  UNKNOWN, FAILURE),
    (errors.MaybeSent(),              MAYBE,    FREE,            True,  NO,      FAILURE),
    (errors.RateLimited(),            ANSWERED, HIT,             True,  NO,      Effect.PACE),
    (errors.RateLimited(),            ANSWERED, ATTEMPT,         True,  NO,      Effect.PACE),
    (errors.RateLimited(),            ANSWERED, FREE,            True,  NO,      Effect.PACE),
    (errors.OutOfCredits(),           ANSWERED, HIT,             False, NO,      Effect.PARK),
    (errors.OutOfCredits(),           ANSWERED, ATTEMPT,         False, NO,      Effect.PARK),
    (errors.KeyRefused(),             ANSWERED, HIT,             False, NO,      Effect.SUSPEND),
    (errors.KeyRefused(),             ANSWERED, ATTEMPT,         False, NO,      Effect.SUSPEND),
    (errors.ServerError(),            ANSWERED, HIT,             True,  NO,      FAILURE),
    (errors.ServerError(),            ANSWERED, MATCH,           True,  NO,      FAILURE),
    (errors.ServerError(),            ANSWERED, HIT_ERRORS,      False, YES,     FAILURE),
    (errors.ServerError(),            ANSWERED, ATTEMPT,         False, YES,     FAILURE),
    (errors.ServerError(),            ANSWERED, ATTEMPT_SAFE,    True,  NO,      FAILURE),
    (errors.ServerError(),            ANSWERED, FREE,            True,  NO,      FAILURE),
    (errors.RequestRefused(),         ANSWERED, HIT,             False, NO,      Effect.NONE),
    (errors.RequestRefused(),         ANSWERED, ATTEMPT,         False, YES,     Effect.NONE),
    (errors.RequestRefused(),         ANSWERED, ATTEMPT_SAFE,    False, YES,     Effect.NONE),
    (errors.RequestRefused(),         ANSWERED, FREE,            False, NO,      Effect.NONE),
    (errors.Unreadable(),             ANSWERED, HIT,             False, YES,     FAILURE),
    (errors.Unreadable(),             ANSWERED, REPEATS,         False, YES,     FAILURE),
    (errors.Unreadable(),             ANSWERED, FREE,            False, NO,      FAILURE),
    (errors.JobFailed(),              ANSWERED, HIT,             False, NO,      Effect.NONE),
    (errors.JobFailed(),              ANSWERED, ATTEMPT,         False, YES,     Effect.NONE),
    (errors.JobFailed(billed=True),   ANSWERED, HIT,             False, YES,     Effect.NONE),
    (errors.JobFailed(billed=False),  ANSWERED, ATTEMPT,         False, NO,      Effect.NONE),
    (errors.JobFailed(billed=True),   ANSWERED, FREE,            False, NO,      Effect.NONE),
    (errors.PluginFault(),            UNSENT,   HIT,             False, NO,      FAILURE),
    (errors.PluginFault(),            MAYBE,    HIT,             False, UNKNOWN, FAILURE),
    (errors.PluginFault(),            ANSWERED, HIT,             False, YES,     FAILURE),
    (errors.PluginFault(),            ANSWERED, ATTEMPT_REPEATS, False, YES,     FAILURE),
    (errors.PluginFault(),            ANSWERED, FREE,            False, NO,      FAILURE),
]  # fmt: skip


def told(value: Any) -> str:
    if isinstance(value, errors.ProviderError):
        said = getattr(value, "billed", None)
        return value.code if said is None else f"{value.code}-billed-{said}"
    return value.per.value if isinstance(value, Price) else str(getattr(value, "value", value))


@pytest.mark.parametrize(("error", "wire", "price", "again", "billed", "effect"), TABLE, ids=told)
def test_the_table(
    error: errors.ProviderError, wire: Wire, price: Price, again: bool, billed: Billed, effect: Effect
) -> None:
    charged = billed_for(error, price, wire)
    assert charged is billed
    assert may_repeat(error, price, charged) is again
    assert decide(error).effect is effect


def test_every_error_of_the_tree_has_a_row() -> None:
    assert DECISIONS.keys() == set(errors.PROVIDER_ERRORS)
    assert {type(row[0]) for row in TABLE} == set(errors.PROVIDER_ERRORS)


@pytest.mark.parametrize("kind", errors.PROVIDER_ERRORS, ids=lambda kind: kind.code)
@pytest.mark.parametrize("wire", Wire)
def test_nothing_that_a_free_provider_does_is_billed(kind: type[errors.ProviderError], wire: Wire) -> None:
    assert billed_for(kind(), FREE, wire) is NO


@pytest.mark.parametrize("kind", errors.PROVIDER_ERRORS, ids=lambda kind: kind.code)
@pytest.mark.parametrize("wire", Wire)
@pytest.mark.parametrize("price", [HIT, MATCH, ATTEMPT, ATTEMPT_SAFE, HIT_ERRORS], ids=told)
def test_only_what_is_certainly_unbilled_is_asked_again(
    kind: type[errors.ProviderError], wire: Wire, price: Price
) -> None:
    """Where the vendor does not declare repeats free."""
    billed = billed_for(kind(), price, wire)
    assert not may_repeat(kind(), price, billed) or billed is NO


def test_an_error_of_a_providers_own_counts_as_its_nearest_ancestor() -> None:
    class Throttled(errors.RateLimited):
        pass

    assert decide(Throttled()) is DECISIONS[errors.RateLimited]


def test_a_bare_provider_error_counts_as_a_fault_of_the_plugin() -> None:
    class Odd(errors.ProviderError):
        code, fault = "odd", errors.Fault.PLUGIN

    assert decide(Odd()) is DECISIONS[errors.PluginFault]


@pytest.mark.parametrize("per", [Per.HIT, Per.MATCH, Per.ATTEMPT])
def test_unknown_stays_unknown_whatever_the_price(per: Per) -> None:
    price = Price(per=per, credits=Decimal(1))
    assert billed_for(errors.MaybeSent(), price, Wire.MAYBE_SENT) is UNKNOWN


def test_retries_are_at_most_a_fifth_of_first_attempts_plus_a_small_reserve() -> None:
    budget, retries, firsts = RetryBudget(), 0, 10_000
    for _ in range(firsts):
        budget.first_attempt()
        while budget.take():
            retries += 1
    assert firsts * 0.2 - 1 <= retries <= firsts * 0.2 + RetryBudget.RESERVE


def test_the_reserve_does_not_grow_in_good_times() -> None:
    budget = RetryBudget()
    for _ in range(10_000):
        budget.first_attempt()
    spent = 0
    while budget.take():
        spent += 1
    assert spent == RetryBudget.RESERVE
