"""What providers need that ask for many people at once: whose answer is whose, and what each of them cost."""

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Final, TypeVar

from enrichcore.errors import ProviderError, Unreadable

T = TypeVar("T")
R = TypeVar("R")
_SMALLEST: Final = Decimal("0.000001")
"""Of a credit: the smallest share."""


def by_place(rows: Sequence[T], place: Callable[[T], object]) -> dict[int, T]:
    """Answers by their place in the question, from 0: as they say it themselves, or in their order.

    `place` reads what was sent along with each record and comes back with its answer, such as "3". Where one answer
    lacks it, or two say the same, the order is all there is.
    """
    said = {int(mark): row for row in rows if isinstance(mark := place(row), str) and mark.isascii() and mark.isdigit()}
    return said if len(said) == len(rows) else dict(enumerate(rows))


def each(read: Callable[[T], R], items: Iterable[T]) -> list[R | ProviderError]:
    """What `read` makes of every item: what one of them raises is its own outcome and not that of all."""
    return [_one(read, item) for item in items]


def _one(read: Callable[[T], R], item: T) -> R | ProviderError:
    try:
        return read(item)
    except ProviderError as error:
        return error
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        return Unreadable(f"the plugin could not read one of the answers ({type(error).__name__})")


def shares(total: Decimal | None, charged: Sequence[bool]) -> list[Decimal | None]:
    """What each record cost of the `total` of its request: together exactly the total, None where nobody said one.

    Those that were charged share it evenly, the first of them takes what cannot be divided. Where none was charged
    and yet there is a total, all share it.
    """
    if total is None:
        return [None] * len(charged)
    paying = [index for index, pays in enumerate(charged) if pays] or list(range(len(charged)))
    parts: list[Decimal | None] = [Decimal(0)] * len(charged)
    if paying:
        share = total / len(paying)
        rounded = share.quantize(_SMALLEST, ROUND_DOWN)
        share = share if share == rounded else rounded
        for index in paying:
            parts[index] = share
        parts[paying[0]] = total - share * (len(paying) - 1)
    return parts
