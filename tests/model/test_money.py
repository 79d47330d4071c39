"""Money: exact, the same whatever the host's decimal context is, and read from text without guessing."""

import ast
from decimal import ROUND_DOWN, Context, Decimal, Inexact, Rounded, localcontext
from fractions import Fraction
from inspect import getsource
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichcore.errors import ConfigError
from enrichcore.model import budget as budget_module
from enrichcore.model import money as money_module
from enrichcore.model.money import MOST, NANO, amount, believable, money_of, nano, parse_amount, written

quick = settings(max_examples=200, deadline=None)
stored = st.integers(-(2**63), 2**63 - 1)
amounts = st.integers(0, int(MOST) * NANO).map(amount)
prices = st.decimals(0, 1000, places=6)
credit_counts = st.decimals(0, 1000, places=4)


@quick
@given(stored)
def test_every_stored_number_comes_back(units: int) -> None:
    """What a 64 bit column can hold is an amount, and the amount is that number again."""
    there = amount(units)
    assert isinstance(there, Decimal)
    assert nano(there) == units
    assert Fraction(there) == Fraction(units, NANO)


@quick
@given(stored)
def test_an_amount_is_plain_text_with_two_decimals_or_as_many_as_it_needs(units: int) -> None:
    """Never with an exponent, and never with three decimals, which half of the world reads as thousands."""
    text = written(amount(units), "USD").removesuffix(" USD")
    whole, _, decimals = text.partition(".")
    assert whole.removeprefix("-").isdigit()
    assert 2 <= len(decimals) <= 9
    assert len(decimals) != 3
    assert len(decimals) in (2, 4) or not decimals.endswith("0")
    assert len(decimals) == 2 or not decimals.endswith("00")


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (0, "0.00"), (1, "0.000000001"), (10**7, "0.01"), (12_500_000, "0.0125"), (10**9, "1.00"),
        (3 * 10**11, "300.00"),
        (123_456_789, "0.123456789"), (1_200_000_000, "1.20"), (1_230_000_000, "1.23"), (1_234_000_000, "1.2340"),
        (-50_000_000, "-0.05"), (-1, "-0.000000001"), (-1_234_000_000, "-1.2340"), (99_999_990, "0.09999999"),
        (90_071_992_547_409_930, "90071992.54740993"),
    ],
)  # fmt: skip
def test_amounts_as_they_read(units: int, text: str) -> None:
    assert written(amount(units), "EUR") == f"{text} EUR"


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0", 0), ("-0", 0), ("0.5", 5 * 10**8), ("1E+2", 10**11), ("0.0000000004", 0), ("0.0000000005", 1),
        ("0.00000000049999", 0), ("2.0000000015", 2_000_000_002), ("2.0000000025", 2_000_000_003),
        ("-0.0000000005", -1), ("-2.5", -25 * 10**8), ("1E-999999", 0), ("9000000000", 9 * 10**18),
        ("9223372036.854775807", 2**63 - 1), ("-9223372036.854775808", -(2**63)),
    ],
)  # fmt: skip
def test_beyond_nine_decimals_an_amount_is_rounded_half_up(text: str, units: int) -> None:
    assert nano(Decimal(text)) == units


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+999999", "1E+95"])
def test_what_is_no_number_has_no_nano(text: str) -> None:
    with pytest.raises(ValueError, match=rf"^expected a finite amount, got {text.replace('+', '.')}$"):
        nano(Decimal(text))


@pytest.mark.parametrize("text", ["9223372036.854775808", "-9223372036.854775809", "1E+12"])
def test_what_a_column_cannot_hold_has_no_nano(text: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        nano(Decimal(text))
    assert str(caught.value) == f"expected an amount of at most 9,000,000,000, got {text}"


@quick
@given(st.lists(st.tuples(credit_counts, prices), max_size=30))
def test_the_sum_of_the_parts_is_the_sum_of_the_journal(calls: list[tuple[Decimal, Decimal]]) -> None:
    """What budgets add in nano and what an accountant adds in Decimal is the same number."""
    costs = [money_of(credits_, price) for credits_, price in calls]
    with localcontext(Context(prec=60)):
        assert amount(sum(map(nano, costs))) == sum(costs, Decimal(0))
    assert sum(map(nano, costs)) == sum(Fraction(cost) for cost in costs) * NANO


@quick
@given(credit_counts, credit_counts, prices)
def test_fewer_credits_never_cost_more(one: Decimal, other: Decimal, price: Decimal) -> None:
    """So the reservation of the most that a call can cost covers every smaller bill, rounding included."""
    less, more = sorted((one, other))
    assert money_of(less, price) <= money_of(more, price)


@quick
@given(credit_counts, prices)
def test_a_cost_is_off_by_half_a_nano_at_most(credits_: Decimal, price: Decimal) -> None:
    off = abs(Fraction(money_of(credits_, price)) - Fraction(credits_) * Fraction(price))
    assert off <= Fraction(1, 2 * NANO)


@pytest.mark.parametrize(
    ("credits_", "price", "cost"),
    [
        ("10", "0.05", "0.50"), ("0", "0.05", "0.00"), ("1", "0.0000000005", "0.000000001"), ("3", "0.333", "0.9990"),
        ("0.5", "0.000000001", "0.000000001"), ("1.23456789012345", "1.98765432109876", "2.453894201"),
    ],
)  # fmt: skip
def test_costs(credits_: str, price: str, cost: str) -> None:
    assert written(money_of(Decimal(credits_), Decimal(price)), "USD") == f"{cost} USD"


@pytest.mark.parametrize(
    ("credits_", "price"),
    [("NaN", "1"), ("sNaN", "1"), ("Infinity", "0"), ("1", "Infinity"), ("1E+999999", "1E+999999")],
)
def test_what_is_no_product_has_no_cost(credits_: str, price: str) -> None:
    with pytest.raises(ValueError, match="expected a finite amount"):
        money_of(Decimal(credits_), Decimal(price))


def test_the_context_of_the_host_changes_nothing() -> None:
    """A host that computes with three digits, rounds down and traps every inexact result gets the same money."""
    with localcontext(Context(prec=3, rounding=ROUND_DOWN, traps=[Inexact, Rounded])):
        assert nano(Decimal("123456.7890123455")) == 123_456_789_012_346
        assert amount(123_456_789_012_346) == Decimal("123456.789012346")
        assert money_of(Decimal("12345.678"), Decimal("1.2345678")) == Decimal("15241.576527968")
        assert parse_amount("123456.789012 USD", "USD") == Decimal("123456.789012")
        assert written(Decimal("123456.789012"), "USD") == "123456.789012 USD"
        assert believable(Decimal(123456), Decimal("123.456"))
        assert not believable(Decimal(123457), Decimal("123.456"))


@pytest.mark.parametrize("wrong", [0.5, "0.5", None])
def test_only_decimals_are_money(wrong: Any) -> None:
    with pytest.raises(TypeError):
        nano(wrong)


@pytest.mark.parametrize("module", [money_module, budget_module])
def test_there_is_no_float_in_the_source(module: Any) -> None:
    """Neither a float literal nor a division nor a call of `float`, in anything that computes money."""
    for node in ast.walk(ast.parse(getsource(module))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not isinstance(node, ast.Div)
        assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")


@pytest.mark.parametrize(
    ("said", "declared", "believed"),
    [
        ("0", "10", True), ("12", "10", True), ("10000", "10", True), ("10000.01", "10", False), ("1000", "0", True),
        ("1000", "0.01", True), ("1001", "0.01", False), ("-0.01", "10", False), ("NaN", "10", False),
        ("Infinity", "10", False), ("1E+30", "10", False),
    ],
)  # fmt: skip
def test_a_vendors_word_on_the_price_is_believed_up_to_a_thousand_times_the_declared_one(
    said: str, declared: str, believed: bool
) -> None:
    assert believable(Decimal(said), Decimal(declared)) is believed


@pytest.mark.parametrize(
    ("there", "read"),
    [
        ("300 USD", "300.00"), ("USD 300", "300.00"), ("300", "300.00"), ("300USD", "300.00"), ("USD300", "300.00"),
        (" 0.60  usd ", "0.60"), ("300\u00a0", "300.00"), (".5", "0.50"), ("0.125", "0.1250"),
        ("0.000000001", "0.000000001"), ("1.2345", "1.2345"), ("1.25", "1.25"), ("1000.125", "1000.1250"),
        ("0", "0.00"),
        ("007", "7.00"), ("01.125", "1.1250"), ("9000000000", "9000000000.00"), ("1.0000000000", "1.00"),
        (300, "300.00"), (0, "0.00"), (9 * 10**9, "9000000000.00"), (Decimal("0.6"), "0.60"),
        (Decimal("3E+2"), "300.00"),
        (Decimal("-0"), "0.00"), (Decimal("1.234"), "1.2340"), (Decimal("1.00000000000"), "1.00"),
    ],
)  # fmt: skip
def test_an_amount_is_read(there: Any, read: str) -> None:
    assert written(parse_amount(there, "USD"), "USD") == f"{read} USD"


_FORM = "an amount is digits, a dot before decimals, and the currency's code"
_SEPARATORS = "write it without thousands separators and with a dot before decimals"
_ABOVE = "it must be at most 9,000,000,000"


@pytest.mark.parametrize(
    ("text", "got", "why"),
    [
        ("300 EUR", "'300 EUR'", "the budget is in USD, set by `currency`"),
        ("EUR 300", "'EUR 300'", "the budget is in USD, set by `currency`"),
        ("-5 USD", "'-5 USD'", "it must not be negative"),
        (-5, "-5", "it must not be negative"),
        (Decimal("-0.01"), "-0.01", "it must not be negative"),
        ("nan", "'nan'", _FORM),
        ("inf", "'inf'", _FORM),
        ("", "''", _FORM),
        ("USD", "'USD'", _FORM),
        ("USD 300 USD", "'USD 300 USD'", _FORM),
        ("300 dollars", "'300 dollars'", _FORM),
        ("$300", "'$300'", _FORM),
        ("+300", "'+300'", _FORM),
        ("1e3", "'1e3'", _FORM),
        ("300.", "'300.'", _FORM),
        ("\u0663\u0660\u0660", "'\u0663\u0660\u0660'", _FORM),
        ("9" * 65, f"'{'9' * 63}...", _FORM),
        ("x" * 62, f"'{'x' * 62}'", _FORM),
        ("300" + " " * 60 + "U", f"'300{' ' * 60}...", _FORM),
        ("1,000", "'1,000'", _SEPARATORS),
        ("1.000,50 USD", "'1.000,50 USD'", _SEPARATORS),
        ("1,000.50", "'1,000.50'", _SEPARATORS),
        ("1.000.000", "'1.000.000'", _SEPARATORS),
        ("0,60 USD", "'0,60 USD'", _SEPARATORS),
        ("1 000 USD", "'1 000 USD'", _SEPARATORS),
        ("1\u202f000", "'1\\u202f000'", _SEPARATORS),
        ("1'000", '"1\'000"', _SEPARATORS),
        ("1\u2019000", "'1\u2019000'", _SEPARATORS),
        ("1_000", "'1_000'", _SEPARATORS),
        ("1.000 USD", "'1.000 USD'", "it can be read in two ways: write '1000' or '1.0000'"),
        ("12.345", "'12.345'", "it can be read in two ways: write '12345' or '12.3450'"),
        ("USD 999.999", "'USD 999.999'", "it can be read in two ways: write '999999' or '999.9990'"),
        ("9000000000.01", "'9000000000.01'", _ABOVE),
        ("9" * 64, f"'{'9' * 63}...", _ABOVE),
        (9 * 10**9 + 1, "9000000001", _ABOVE),
        (10**40 - 1, "9" * 40, _ABOVE),
        (10**40, "an integer of more than 40 digits", _ABOVE),
        pytest.param(10**5000, "an integer of more than 40 digits", _ABOVE, id="endless"),
        pytest.param(-(10**5000), "an integer of more than 40 digits", "it must not be negative", id="-endless"),
        (Decimal("1E+999999"), "1E+999999", _ABOVE),
        (Decimal("NaN"), "NaN", "it must be a finite number"),
        (Decimal("sNaN"), "sNaN", "it must be a finite number"),
        (Decimal("Infinity"), "Infinity", "it must be a finite number"),
        ("0.0000000001", "'0.0000000001'", "it has more than 9 decimals"),
        (Decimal("1.0000000005"), "1.0000000005", "it has more than 9 decimals"),
        (Decimal("1E-999999"), "1E-999999", "it has more than 9 decimals"),
        (0.5, "0.5", "a float is not exact: pass text or a Decimal"),
        (float("nan"), "nan", "a float is not exact: pass text or a Decimal"),
        (True, "True", "bool is no amount"),
        (None, "None", "NoneType is no amount"),
        (b"300", "b'300'", "bytes is no amount"),
        ([300], "[300]", "list is no amount"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused_with_what_came_and_the_way_out(text: Any, got: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_amount(text, "USD", what="[budget] run")
    assert str(caught.value) == f"[budget] run: expected an amount such as '300 USD', got {got}: {why}"


def test_an_amount_has_a_name_in_its_message() -> None:
    """Where nobody says which amount it is, it is called so."""
    with pytest.raises(ConfigError, match=r"^amount: expected an amount such as '300 EUR', got 'x': "):
        parse_amount("x", "EUR")


def test_the_code_of_the_currency_is_read_in_either_case() -> None:
    assert parse_amount("5 eur", "EUR") == parse_amount("EUR 5", "eur") == 5


@quick
@given(amounts, st.sampled_from(["USD", "EUR", "JPY"]))
def test_what_is_shown_can_be_written(there: Decimal, currency: str) -> None:
    """An amount that was printed reads back as itself."""
    for form in (written(there, currency), f"{currency} {there:f}", f"{there:f}", there):
        back = parse_amount(form, currency)
        assert back == there
        assert written(back, currency) == written(there, currency)


@quick
@given(st.text(max_size=80))
def test_any_text_is_an_amount_or_a_config_error(text: str) -> None:
    try:
        read = parse_amount(text, "USD")
    except ConfigError as refused:
        assert len(str(refused)) < 400  # noqa: PT017 - most texts are no amounts
    else:
        assert 0 <= read <= MOST


def test_a_full_budget_and_one_more_call_fit_into_a_column() -> None:
    assert nano(MOST) + nano(MOST) // 1000 < 2**63
