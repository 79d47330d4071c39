"""What a provider charges: per attempt, per match or per hit, in its own credits."""

from decimal import Decimal
from enum import StrEnum
from typing import Self

import attrs


class Per(StrEnum):
    """What a vendor bills."""

    FREE = "free"
    ATTEMPT = "attempt"
    MATCH = "match"
    HIT = "hit"


def _decimal(value: Decimal | float | str) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


@attrs.frozen(kw_only=True)
class Price:
    """A provider's declared price.

    `credits` are the vendor's own unit for one billed event. `repeats_free_days`: asking again for the same person
    within that many days costs nothing (0: it costs again), which makes a repeat safe when an answer was lost.
    `errors_billed`: a 5xx may still be billed, so it is not retried.
    """

    per: Per
    credits: Decimal = attrs.field(default=Decimal(0), converter=_decimal)
    repeats_free_days: int = 0
    errors_billed: bool = False

    @classmethod
    def free(cls) -> Self:
        """Costs nothing."""
        return cls(per=Per.FREE)

    @classmethod
    def per_attempt(
        cls,
        credits: Decimal | float | str,
        *,
        repeats_free_days: int = 0,
        errors_billed: bool = True,
    ) -> Self:
        """Billed for every question, found or not."""
        return cls(per=Per.ATTEMPT, credits=credits, repeats_free_days=repeats_free_days, errors_billed=errors_billed)

    @classmethod
    def per_match(
        cls,
        credits: Decimal | float | str,
        *,
        repeats_free_days: int = 0,
        errors_billed: bool = False,
    ) -> Self:
        """Billed when the vendor knows the person, with or without a number."""
        return cls(per=Per.MATCH, credits=credits, repeats_free_days=repeats_free_days, errors_billed=errors_billed)

    @classmethod
    def per_hit(
        cls,
        credits: Decimal | float | str,
        *,
        repeats_free_days: int = 0,
        errors_billed: bool = False,
    ) -> Self:
        """Billed only when a number comes back."""
        return cls(per=Per.HIT, credits=credits, repeats_free_days=repeats_free_days, errors_billed=errors_billed)

    @property
    def paid(self) -> bool:
        """Whether a call can cost anything."""
        return self.per is not Per.FREE


@attrs.frozen(kw_only=True)
class Credits:
    """What is left on a vendor account. `remaining` is None when the vendor says the account is unlimited."""

    remaining: Decimal | None
    detail: str | None = None
