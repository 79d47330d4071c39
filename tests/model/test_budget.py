"""Budget: how it is written, what is refused, and that it never changes."""

import copy
import pickle
from decimal import Decimal
from typing import Any

import attrs
import pytest

from enrichcore.errors import ConfigError
from enrichcore.model.budget import Budget, ProviderBudget, ProviderBudgets

FIELDS = ("run", "record", "hour", "day", "month")
OWN = ("run", "hour", "day", "month")


def test_a_budget_is_written_in_plain_forms() -> None:
    budget = Budget(
        run="300 USD", record="0.60 USD", hour=5, day=Decimal("50.5"), month="1000",
        providers={"lusha": "100 USD", "acme": {"month": 500, "hour": "7 USD"}, "echo": ProviderBudget(day=1)},
    )  # fmt: skip
    assert [str(getattr(budget, field)) for field in FIELDS] == ["300.00", "0.60", "5.00", "50.50", "1000.00"]
    assert budget.currency == "USD"
    assert dict(budget.providers) == {
        "acme": ProviderBudget(month="500 USD", hour=7),
        "echo": ProviderBudget(day="1"),
        "lusha": ProviderBudget(run=100),
    }


def test_nothing_said_is_no_limit() -> None:
    budget = Budget()
    assert [getattr(budget, field) for field in FIELDS] == [None] * 5
    assert (dict(budget.providers), budget.currency, budget.limited) == ({}, "USD", False)
    own = ProviderBudget()
    assert ([getattr(own, field) for field in OWN], own.currency, own.limited) == ([None] * 4, "USD", False)
    assert budget == Budget(providers=None) == Budget(providers={})


@pytest.mark.parametrize("field", FIELDS)
def test_every_limit_counts_every_provider(field: str) -> None:
    """Even a limit of nothing is a limit."""
    limits: dict[str, Any] = {field: 0}
    budget = Budget(**limits)
    assert getattr(budget, field) == 0
    assert budget.limited
    assert budget.limits("lusha")
    assert [f for f in FIELDS if getattr(budget, f) is not None] == [field]


@pytest.mark.parametrize("field", OWN)
def test_a_providers_own_limit_counts_that_provider_only(field: str) -> None:
    budget = Budget(providers={"lusha": {field: "5"}, "acme": {}})
    assert budget.limited
    assert budget.limits("lusha")
    assert not budget.limits("acme")
    assert not budget.limits("other")
    assert [f for f in OWN if getattr(budget.providers["lusha"], f) is not None] == [field]


def test_providers_without_a_limit_limit_nothing() -> None:
    assert not Budget(providers={"acme": {}}).limited
    assert not Budget(providers={"acme": {}}).limits("acme")


def test_another_currency_is_one_for_the_whole_budget() -> None:
    budget = Budget(run="300 EUR", providers={"lusha": "EUR 5", "acme": {"day": "7 EUR"}}, currency=" eur ")
    assert budget.currency == "EUR"
    assert {own.currency for own in budget.providers.values()} == {"EUR"}
    assert Budget(providers={"lusha": ProviderBudget(run=5, currency="EUR")}, currency="EUR").limits("lusha")
    assert Budget(run=5) != Budget(run=5, currency="EUR")


def test_equal_budgets_are_equal_and_hash_alike() -> None:
    one = Budget(run="300", providers={"b": 1, "a": {"day": 2}})
    same = Budget(run=Decimal("300.0"), providers={"a": ProviderBudget(day="2 USD"), "b": "1"})
    assert one == same
    assert hash(one) == hash(same)
    assert len({one, same, Budget(run=300), Budget(run=301)}) == 3
    assert hash(ProviderBudgets({})) == hash(Budget().providers) != hash(one.providers)
    assert list(one.providers) == ["a", "b"]
    assert len(one.providers) == 2
    assert repr(one.providers) == repr({"a": ProviderBudget(day=2), "b": ProviderBudget(run=1)})


@pytest.mark.parametrize("value", [Budget(run=3), ProviderBudget(run=3)])
def test_a_budget_never_changes(value: Any) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        value.run = Decimal(1)
    assert value.run == 3


def test_the_mapping_that_was_passed_may_change_later() -> None:
    limits: dict[str, int] = {"lusha": 5}
    budget = Budget(providers=limits)
    limits["lusha"] = 500
    assert budget.providers["lusha"].run == 5


def test_a_budget_can_be_copied_and_altered() -> None:
    budget = Budget(run="300 EUR", record="0.6", providers={"lusha": {"day": 5}}, currency="EUR")
    assert copy.deepcopy(budget) == pickle.loads(pickle.dumps(budget)) == budget
    less = attrs.evolve(budget, run="5 EUR")
    assert less == Budget(run=5, record="0.6", providers={"lusha": {"day": 5}}, currency="EUR")


_GOT = "expected an amount such as '300 USD', got"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        *[({field: 0.5}, f"{field}: {_GOT} 0.5: a float is not exact: pass text or a Decimal") for field in FIELDS],
        ({"run": "5 EUR"}, f"run: {_GOT} '5 EUR': the budget is in USD, set by `currency`"),
        ({"currency": "dollars"}, "currency: expected a code of three letters such as 'USD', got 'dollars'"),
        ({"currency": "\u20ac"}, "currency: expected a code of three letters such as 'USD', got '\u20ac'"),
        ({"currency": None}, "currency: expected a code of three letters such as 'USD', got None"),
        ({"providers": "lusha"}, "providers: expected one limit per provider, as in {'lusha': '100 USD'}, got 'lusha'"),
        ({"providers": ["x"]}, "providers: expected one limit per provider, as in {'lusha': '100 USD'}, got ['x']"),
        ({"providers": {5: 5}}, "providers: expected the name of a provider, got 5"),
        ({"providers": {"": 5}}, "providers: expected the name of a provider, got ''"),
        ({"providers": {"x": None}}, f"providers['x']: {_GOT} None: NoneType is no amount"),
        ({"providers": {"x": "5 EUR"}}, f"providers['x']: {_GOT} '5 EUR': the budget is in USD, set by `currency`"),
        (
            {"providers": {"x": {"record": 5}}},
            "providers['x'] has no key 'record'. Its keys are run, hour, day, month.",
        ),
        (
            {"providers": {"x": {"currency": 5}}},
            "providers['x'] has no key 'currency'. Its keys are run, hour, day, month.",
        ),
        *[({"providers": {"x": {f: -1}}}, f"providers['x'] {f}: {_GOT} -1: it must not be negative") for f in OWN],
        (
            {"providers": {"x": ProviderBudget(run=5, currency="EUR")}},
            "providers['x'] is in EUR and the budget in USD: write ProviderBudget(..., currency='USD')",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_field_and_what_came(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Budget(**wrong)
    assert str(caught.value) == words
    with pytest.raises(ConfigError) as in_file:
        Budget.parse(wrong)
    assert str(in_file.value) == f"settings: [budget] {words}"


def test_the_table_of_the_file_is_read() -> None:
    table = {"currency": "EUR", "run": "300 EUR", "month": 40, "providers": {"lusha": "5", "acme": {"day": "2 EUR"}}}
    budget = Budget(run=300, month=40, currency="EUR", providers={"lusha": 5, "acme": {"day": 2}})
    assert Budget.parse(table) == Budget.parse(table, "USD") == budget
    assert Budget.parse({}) == Budget()
    assert Budget.parse({"run": "5 EUR"}, "EUR") == Budget(run=5, currency="EUR")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"runs": 5}, "has no key 'runs'. Did you mean 'run'?"),
        ({"run": "5,5"}, f"run: {_GOT} '5,5': write it without thousands separators and with a dot before decimals"),
        (5, "must be a table, got 5"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_the_files_name(table: Any, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Budget.parse(table, source="enrichcore.toml")
    assert str(caught.value) == f"enrichcore.toml: [budget] {words}"
