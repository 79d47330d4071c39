"""Budgets: what a call may cost, in which limits it counts, and which of them are known to be exhausted.

The store decides, in `claim`: here is only what it is asked. A limit counts in a *scope*, whose name says of what:
`run:<id>`, `record:<hash>`, `hour:2026-11-25T13`, `day:2026-11-25`, `month:2026-11` (UTC), and for one provider
`provider:<name>:` before any of these. A window's name is another one as soon as it is over, so nothing has to expire.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Final, Protocol

import attrs

from enrichcore.config import DEFAULT_PATH, PATH_VARIABLE, suggest
from enrichcore.errors import ConfigError
from enrichcore.model import Price, SkipReason
from enrichcore.model.attempt import ZERO
from enrichcore.model.budget import Budget, ProviderBudget
from enrichcore.model.money import amount, money_of, nano
from enrichcore.model.price import Per

Scopes = tuple[tuple[str, int], ...]
"""Scopes with their limits in nano, always in the same order."""

_HOUR: Final = 3600
_KEPT: Final = 4096
"""How many runs and how many exhausted scopes are remembered; forgetting one costs a question to the store."""
_DEAREST: Final = Decimal(9 * 10**6)
"""What one call may cost at most: with it a full budget still fits into 64 bits."""
_ONE: Final = Decimal(1)
_DOWN: Final = Context(prec=100, rounding=ROUND_FLOOR, traps=[])
_UP: Final = Context(prec=100, rounding=ROUND_CEILING, traps=[])
_SMALLEST: Final = Decimal("1e-9")


class Priced(Protocol):
    """What a member of the plan says about money."""

    @property
    def name(self) -> str:
        """The provider's name."""
        ...

    @property
    def price(self) -> Price:
        """What it bills, in credits."""
        ...

    @property
    def credit_price(self) -> Decimal | None:
        """What one of its credits costs."""
        ...

    @property
    def skip(self) -> SkipReason | None:
        """Why it cannot be asked, if so."""
        ...


def worst_case(price: Price, credit_price: Decimal | None) -> Decimal | None:
    """The most that one call can cost, whatever it is billed for; None when a credit has no price.

    Raises:
        ValueError: the product is no amount.
    """
    if not price.paid:
        return ZERO
    return None if credit_price is None else money_of(price.credits, credit_price)


def expected(
    price: Price,
    credit_price: Decimal | None,
    hits: tuple[Decimal, Decimal],
    matches: tuple[Decimal, Decimal] = (ZERO, _ONE),
) -> tuple[Decimal, Decimal] | None:
    """What one attempt costs on average, from and to, by the shares of `hits` and `matches`; None without a price.

    A hit is a match too, so the share of matches is never below that of hits. The upper end never exceeds `worst_case`.

    Raises:
        ValueError: a share is not from 0 to 1, or its lower end is above the upper one.
    """
    for low, high in (hits, matches):
        if not (low.is_finite() and high.is_finite() and ZERO <= low <= high <= _ONE):
            raise ValueError(f"expected two shares from 0 to 1, the lower one first, got {low} and {high}")
    worst = worst_case(price, credit_price)
    if worst is None:
        return None
    if price.per is Per.HIT:
        low, high = hits
    elif price.per is Per.MATCH:
        low, high = max(hits[0], matches[0]), max(hits[1], matches[1])
    else:
        low = high = _ONE
    return (
        amount(nano(_DOWN.quantize(_DOWN.multiply(worst, low), _SMALLEST))),
        amount(nano(_UP.quantize(_UP.multiply(worst, high), _SMALLEST))),
    )


def check_prices(members: Iterable[Priced], budget: Budget, installed: Collection[str] = ()) -> None:
    """Stop the start when money could be spent that no limit would notice.

    Raises:
        ConfigError: a paid provider has no price in money and a limit that counts it; a price is none; or a limit is
            for a provider that neither takes part nor is `installed`.
    """
    known = set(installed)
    unpriced: list[str] = []
    for member in members:
        known.add(member.name)
        if member.skip is not None or not member.price.paid:
            continue
        _check_price(member)
        if member.credit_price is None and budget.limits(member.name):
            unpriced.append(member.name)
    for name in budget.providers:
        if name not in known:
            raise ConfigError(f"[budget.providers] limits {name!r}, which is no provider here. {suggest(name, known)}")
    if unpriced:
        raise ConfigError(_without_price(sorted(unpriced), budget.currency))


def _check_price(member: Priced) -> None:
    credits_, each = member.price.credits, member.credit_price
    try:
        worst = worst_case(member.price, ZERO if each is None else each)
    except ValueError:
        worst = None
    if worst is None or not ZERO <= worst <= _DEAREST or credits_ < 0:
        raise ConfigError(
            f"[providers.{member.name}]: expected a call to cost from 0 to {_DEAREST:,f}, "
            f"got a price of {credits_} credits at {each} each; set price and credit_price"
        )


def _without_price(names: list[str], currency: str) -> str:
    tables = "\n\n".join(f'[providers.{name}]\ncredit_price = "0.05"' for name in names)
    settings = ", ".join(f'"{name}": {{"credit_price": "0.05"}}' for name in names)
    return (
        f"there is a budget in money, and nobody knows what a credit of {', '.join(names)} costs. Say it, here with "
        f'0.05 {currency} as the example ("0" if you pay nothing per credit), in {DEFAULT_PATH} or the file that '
        f"{PATH_VARIABLE} names:\n\n{tables}\n\nor in the program: settings={{{settings}}}"
    )


@attrs.define(eq=False)
class _Known:
    """What is the same for every call of one provider in one run, within an hour."""

    run: Scopes
    windows: Scopes
    """With those of the provider, its run included."""
    scopes: Scopes
    worst: Decimal | None = None
    reserve: int = 0


class Budgets:
    """The limits of one tenant, as its calls ask for them. Times are wall seconds."""

    def __init__(self, budget: Budget) -> None:
        self._exhausted: dict[str, int] = {}
        self._exhausted_records: dict[str, int] = {}
        self._known: dict[tuple[str, str], _Known] = {}
        self._from = self._until = 0
        self.replace(budget)

    @property
    def budget(self) -> Budget:
        """The limits."""
        return self._budget

    def replace(self, budget: Budget) -> None:
        """Count by other limits from now on; what was exhausted is asked anew."""
        self._budget = budget
        self._record = None if budget.record is None else nano(budget.record)
        self._known.clear()
        self.ask_again()

    def for_call(
        self, provider: str, record: bytes, run: str, worst: Decimal | None, wall: float
    ) -> tuple[int, Scopes]:
        """What a call reserves, in nano, and the scopes that it counts in, each with its limit in nano.

        `worst` is what it can cost at most (see `worst_case`; pass the same object for every call of a provider).

        Raises:
            ConfigError: nobody knows what it costs and a limit would count it.
        """
        known = self._of(provider, run, wall)
        if known.worst is not worst:
            known.worst, known.reserve = worst, 0 if worst is None else nano(worst)
        limit = self._record
        scopes = known.scopes if limit is None else (*known.run, (f"record:{record.hex()}", limit), *known.windows)
        if worst is None and scopes:
            raise ConfigError(_without_price([provider], self._budget.currency))
        return known.reserve, scopes

    def note_exhausted(self, scope: str, reserve: int = 0) -> None:
        """Remember that the store has no room left in `scope` for a call that reserves so much."""
        memory = self._exhausted_records if scope.startswith("record:") else self._exhausted
        memory[scope] = min(reserve, memory.pop(scope, reserve))
        if len(memory) > _KEPT:
            del memory[next(iter(memory))]

    def blocked(self, provider: str, record: bytes, run: str, wall: float, reserve: int | None = None) -> str | None:
        """The exhausted scope that stands against a call that reserves so much (None: anything), if it is known."""
        if not (self._exhausted or self._exhausted_records):
            return None
        for scope, _ in self._of(provider, run, wall).scopes:
            if _stands(self._exhausted.get(scope), reserve):
                return scope
        if self._record is not None:
            scope = f"record:{record.hex()}"
            if _stands(self._exhausted_records.get(scope), reserve):
                return scope
        return None

    def ask_again(self) -> None:
        """Forget what was exhausted: somebody has settled a doubt, so there may be room again."""
        self._exhausted.clear()
        self._exhausted_records.clear()

    def limits(self, run: str, wall: float) -> Scopes:
        """Every scope with its limit, those of single records apart: what to ask `Store.spending` about."""
        own = [self._of(provider, run, wall) for provider in self._budget.providers]
        return tuple(dict(limit for known in [self._of("", run, wall), *own] for limit in known.scopes).items())

    def _of(self, provider: str, run: str, wall: float) -> _Known:
        if not self._from <= wall < self._until:
            self._known.clear()
            self._from = int(wall // _HOUR) * _HOUR
            self._until = self._from + _HOUR
        known = self._known.get((provider, run))
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[provider, run] = self._make(provider, run)
        return known

    def _make(self, provider: str, run: str) -> _Known:
        limits, own = self._budget, self._budget.providers.get(provider)
        first = _scopes((f"run:{run}", limits.run))
        rest = self._windows("", limits)
        if own is not None:
            prefix = f"provider:{provider}:"
            rest += _scopes((f"{prefix}run:{run}", own.run)) + self._windows(prefix, own)
        return _Known(first, rest, first + rest)

    def _windows(self, prefix: str, limits: Budget | ProviderBudget) -> Scopes:
        now = datetime.fromtimestamp(self._from, UTC).isoformat()
        return _scopes(
            (f"{prefix}hour:{now[:13]}", limits.hour),
            (f"{prefix}day:{now[:10]}", limits.day),
            (f"{prefix}month:{now[:7]}", limits.month),
        )


def _scopes(*limits: tuple[str, Decimal | None]) -> Scopes:
    return tuple((scope, nano(limit)) for scope, limit in limits if limit is not None)


def _stands(refused: int | None, reserve: int | None) -> bool:
    """Whether what was refused once speaks against a call: what reserves less may still fit."""
    return refused is not None and (reserve is None or reserve >= refused)


def free_at(scope: str) -> float | None:
    """The wall time at which the window of a scope is over; None for a run or a record, which have none."""
    of_provider = scope.startswith("provider:")
    kind, _, window = (scope.split(":", 2)[2] if of_provider else scope).partition(":")
    if kind in ("run", "record"):
        return None
    if kind == "month":
        year, month = map(int, window.split("-"))
        return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()
    start = datetime.fromisoformat(window).replace(tzinfo=UTC).timestamp()
    return start + (_HOUR if kind == "hour" else 24 * _HOUR)
