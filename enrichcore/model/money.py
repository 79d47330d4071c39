"""Money: exact amounts of one currency. The journal keeps them as whole billionths ("nano"), so that sums are exact.

Nothing here depends on the host's decimal context: whoever embeds the engine may have set a low precision or traps.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from enrichcore.errors import ConfigError

NANO: Final = 10**9
"""How many of the journal's units make one of the currency."""
MOST: Final = Decimal(9 * 10**9)
"""The largest amount: in nano it still fits into the 64 bits of a column, with room for one more call."""

_EXACT: Final = Context(prec=100, rounding=ROUND_HALF_UP, traps=[])
"""Traps nothing: what cannot be computed comes out as NaN."""
_SMALLEST: Final = Decimal("1e-9")
_LIMIT: Final = 2**63
_HUNDREDTH: Final = 10**7
_FEWEST: Final = 4
"""Decimals of an amount that two cannot hold."""
_OVERCHARGE: Final = Decimal(1000)
"""By how much a vendor's own word on the price may exceed the declared one before it is taken for garbage."""

_FORM: Final = re.compile(
    r"(?:([a-z]{3})\s*)?([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:\s*([a-z]{3}))?", re.ASCII | re.IGNORECASE
)
_LONGEST: Final = 64
_GROUPED: Final = re.compile(r"[0-9][\s,.'\u2019_][0-9]")
_EITHER: Final = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
"""A thousand and more in one country, one and a bit in another."""


def nano(amount: Decimal) -> int:
    """`amount` in nano: exact for up to 9 decimals, beyond that rounded half up.

    Raises:
        ValueError: it is not a number, or it does not fit into 64 bits.
    """
    try:
        units = int(_EXACT.scaleb(_EXACT.quantize(amount, _SMALLEST), 9))
    except ValueError:  # what int() says of NaN
        raise ValueError(f"expected a finite amount, got {_shown(amount)}") from None
    if not -_LIMIT <= units < _LIMIT:
        raise ValueError(f"expected an amount of at most {MOST:,}, got {_shown(amount)}")
    return units


def amount(nano: int) -> Decimal:
    """The amount of so many nano, with two decimals or as many as it needs, but never three: 1.234 may mean 1,234."""
    hundredths, rest = divmod(nano, _HUNDREDTH)
    if not rest:
        return _EXACT.scaleb(Decimal(hundredths), -2)
    decimals = 9
    while decimals > _FEWEST and not nano % 10:
        nano //= 10
        decimals -= 1
    return _EXACT.scaleb(Decimal(nano), -decimals)


def written(amount: Decimal, currency: str) -> str:
    """An amount as people and `parse_amount` read it, without an exponent: "0.60 USD"."""
    return f"{amount:f} {currency}"


def money_of(credits: Decimal, credit_price: Decimal) -> Decimal:
    """What so many credits cost, to the nano: the journal's sums equal the budgets' because both add these.

    Raises:
        ValueError: the product is no amount (see `nano`).
    """
    return amount(nano(_EXACT.multiply(credits, credit_price)))


def believable(said: Decimal, declared: Decimal) -> bool:
    """Whether `said`, what a vendor says that an answer cost, can be true, in credits like the `declared` price."""
    return said.is_finite() and 0 <= said <= _EXACT.multiply(_OVERCHARGE, max(declared, Decimal(1)))


def parse_amount(value: object, currency: str, *, what: str = "amount") -> Decimal:
    """Read "300 USD", "USD 300", "300", an integer or a Decimal as an amount of `currency`.

    Raises:
        ConfigError: it is none; the message begins with `what` and says how to write it.
    """
    if isinstance(value, str):
        read = _read(value, currency, what)
    elif isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        read = Decimal(value)
    else:
        kind = type(value).__name__
        why = "a float is not exact: pass text or a Decimal" if isinstance(value, float) else f"{kind} is no amount"
        raise _refusal(value, currency, what, why)
    if not read.is_finite():
        raise _refusal(value, currency, what, "it must be a finite number")
    if read < 0:
        raise _refusal(value, currency, what, "it must not be negative")
    if read > MOST:
        raise _refusal(value, currency, what, f"it must be at most {MOST:,}")
    exact = amount(nano(read))
    if exact != read:
        raise _refusal(value, currency, what, "it has more than 9 decimals")
    return exact


def _read(text: str, currency: str, what: str) -> Decimal:
    plain = text.strip()
    form = _FORM.fullmatch(plain) if len(plain) <= _LONGEST else None
    if form is None or (form[1] and form[3]):
        why = "an amount is digits, a dot before decimals, and the currency's code"
        if plain.startswith("-"):
            why = "it must not be negative"
        elif _GROUPED.search(plain):
            why = "write it without thousands separators and with a dot before decimals"
        raise _refusal(text, currency, what, why)
    code, digits = form[1] or form[3], form[2]
    if code and code.upper() != currency.upper():
        raise _refusal(text, currency, what, f"the budget is in {currency}, set by `currency`")
    if _EITHER.fullmatch(digits):
        whole = digits.replace(".", "")
        raise _refusal(text, currency, what, f"it can be read in two ways: write '{whole}' or '{digits}0'")
    return Decimal(digits)


def _refusal(value: object, currency: str, what: str, why: str) -> ConfigError:
    return ConfigError(f"{what}: expected an amount such as '300 {currency}', got {_shown(value)}: {why}")


def _shown(value: object) -> str:
    """The value in a message: never a page long."""
    if isinstance(value, int) and abs(value) >= 10**40:  # Python itself refuses to write very long ones
        return "an integer of more than 40 digits"
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
