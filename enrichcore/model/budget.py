"""Budget: how much money may be spent, as data: per run, per record, per hour, day and month, and per provider."""

import difflib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Self

import attrs

from enrichcore.errors import ConfigError
from enrichcore.model.money import parse_amount

WINDOWS: Final = ("hour", "day", "month")
"""The windows of time, by UTC."""
Amount = Decimal | int | str
"""How an amount may be written."""
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


def _currency(value: object) -> str:
    code = value.strip().upper() if isinstance(value, str) else ""
    if not _CURRENCY.fullmatch(code):
        raise ConfigError(f"currency: expected a code of three letters such as 'USD', got {value!r}")
    return code


def _limit(what: str, value: Amount | None, currency: str) -> Decimal | None:
    return None if value is None else parse_amount(value, currency, what=what)


@attrs.frozen(init=False)
class ProviderBudget:
    """How much one provider may cost: in one run, and in any hour, day and month (UTC). None is no limit.

    Raises:
        ConfigError: an amount is none; the message names the field.
    """

    run: Decimal | None
    hour: Decimal | None
    day: Decimal | None
    month: Decimal | None
    currency: str

    def __init__(
        self,
        *,
        run: Amount | None = None,
        hour: Amount | None = None,
        day: Amount | None = None,
        month: Amount | None = None,
        currency: str = "USD",
    ) -> None:
        code = _currency(currency)
        self.__attrs_init__(
            run=_limit("run", run, code),
            hour=_limit("hour", hour, code),
            day=_limit("day", day, code),
            month=_limit("month", month, code),
            currency=code,
        )

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return any(limit is not None for limit in (self.run, self.hour, self.day, self.month))


class ProviderBudgets(Mapping[str, ProviderBudget]):
    """The limits by provider: a mapping that never changes, and can be hashed."""

    __slots__ = ("_limits",)

    def __init__(self, limits: Mapping[str, ProviderBudget]) -> None:
        self._limits = dict(sorted(limits.items()))

    def __getitem__(self, provider: str) -> ProviderBudget:
        """The limits of one provider."""
        return self._limits[provider]

    def __iter__(self) -> Iterator[str]:
        """The providers that have limits of their own, by name."""
        return iter(self._limits)

    def __len__(self) -> int:
        """How many they are."""
        return len(self._limits)

    def __hash__(self) -> int:
        """Equal for equal limits."""
        return hash(tuple(self._limits.items()))

    def __repr__(self) -> str:
        """As it was written."""
        return repr(self._limits)


def _providers(value: object, currency: str) -> ProviderBudgets:
    if not isinstance(value, Mapping | None):
        raise ConfigError(f"providers: expected one limit per provider, as in {{'lusha': '100 USD'}}, got {value!r}")
    return ProviderBudgets({name: _of_provider(name, item, currency) for name, item in (value or {}).items()})


def _of_provider(name: object, value: Any, currency: str) -> ProviderBudget:
    if not isinstance(name, str) or not name:
        raise ConfigError(f"providers: expected the name of a provider, got {name!r}")
    where = f"providers[{name!r}]"
    if isinstance(value, ProviderBudget):
        if value.currency != currency:
            raise ConfigError(
                f"{where} is in {value.currency} and the budget in {currency}: "
                f"write ProviderBudget(..., currency={currency!r})"
            )
        return value
    if not isinstance(value, Mapping):
        return ProviderBudget(currency=currency, run=parse_amount(value, currency, what=where))
    _check_keys(where, value, ("run", *WINDOWS))
    try:
        return ProviderBudget(currency=currency, **value)
    except ConfigError as error:
        raise ConfigError(f"{where} {error}") from None


def _check_keys(where: str, values: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Its keys are {', '.join(known)}."
            raise ConfigError(f"{where} has no key {key!r}. {hint}".lstrip())


@attrs.frozen(init=False)
class Budget:
    """How much money may be spent. None is no limit, and zero is none at all.

    `run`: by one run; `record`: on one record, by all runs together; `hour`, `day` and `month`: in any of them, by the
    calendar in UTC. `providers` limits single providers: a name with a `ProviderBudget`, a mapping like one, or an
    amount for one run. Amounts are "300 USD", "300", an integer or a Decimal, never a float. Before a paid call the
    most that it can cost is reserved, so that no limit is passed, however many calls run at once.

    Raises:
        ConfigError: an amount is none, or in another currency; the message names the field.
    """

    run: Decimal | None
    record: Decimal | None
    hour: Decimal | None
    day: Decimal | None
    month: Decimal | None
    providers: Mapping[str, ProviderBudget]
    currency: str

    def __init__(
        self,
        *,
        run: Amount | None = None,
        record: Amount | None = None,
        hour: Amount | None = None,
        day: Amount | None = None,
        month: Amount | None = None,
        providers: Mapping[str, ProviderBudget | Mapping[str, Amount] | Amount] | None = None,
        currency: str = "USD",
    ) -> None:
        code = _currency(currency)
        self.__attrs_init__(
            run=_limit("run", run, code),
            record=_limit("record", record, code),
            hour=_limit("hour", hour, code),
            day=_limit("day", day, code),
            month=_limit("month", month, code),
            providers=_providers(providers, code),
            currency=code,
        )

    @classmethod
    def parse(cls, table: object, currency: str = "USD", *, source: str = "settings") -> Self:
        """Read the `[budget]` table of the configuration file; its own `currency` counts before the one given.

        Raises:
            ConfigError: a key is unknown or a value has the wrong form.
        """
        try:
            if not isinstance(table, Mapping):
                raise ConfigError(f"must be a table, got {table!r}")
            _check_keys("", table, ("currency", "run", "record", *WINDOWS, "providers"))
            return cls(**{"currency": currency, **table})
        except ConfigError as error:
            raise ConfigError(f"{source}: [budget] {error}") from None

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self._general or any(limits.limited for limits in self.providers.values())

    def limits(self, provider: str) -> bool:
        """Whether any limit counts what `provider` costs."""
        own = self.providers.get(provider)
        return self._general or (own is not None and own.limited)

    @property
    def _general(self) -> bool:
        return any(limit is not None for limit in (self.run, self.record, self.hour, self.day, self.month))
