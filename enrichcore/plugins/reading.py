"""Reading: the few things that nearly every provider does with a vendor's JSON.

Each takes whatever stands there and says None, or something empty, for what it is not: a vendor that writes a list
where a text belongs says nothing of the person, and breaks nothing.
"""

import re
from decimal import Decimal
from typing import Any

from enrichcore.errors import Unreadable
from enrichcore.model import Job

_MASK = re.compile(r"[*\u2022\u2026?_]|[xX#]{2}")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,20})?", re.ASCII)


def text_of(value: object) -> str | None:
    """A text that is not blank, else None."""
    return value if isinstance(value, str) and value.strip() else None


def shown_text(value: object) -> str | None:
    """A text that is not blank and hides nothing behind a `*`, else None: for vendors that give previews."""
    return value if isinstance(value, str) and value.strip() and "*" not in value else None


def is_masked(raw: str) -> bool:
    """Whether a number hides digits: a `*`, dots, `?`, `_`, or two of `x` and `#` in a row."""
    return _MASK.search(raw) is not None


def object_of(value: object) -> dict[str, Any]:
    """An object, else an empty one."""
    return value if isinstance(value, dict) else {}


def amount_of(value: object, *, as_text: bool = False) -> Decimal | None:
    """A number of credits or of money from 0 up, else None; with `as_text` also one that is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or (isinstance(value, str) and not as_text):
        return None
    return Decimal(str(value)) if _AMOUNT.fullmatch(str(value)) else None


def job_of(body: object, field: str) -> Job:
    """The job that an accepted submission names in `field`: a text, or a whole number, which is as good.

    Raises:
        Unreadable: there is neither. The job may run all the same, so this counts as paid.
    """
    job = body.get(field) if isinstance(body, dict) else None
    if isinstance(job, int) and not isinstance(job, bool):
        job = str(job)
    if not isinstance(job, str) or not job:
        raise Unreadable(f"expected text in {field!r}")
    return Job(job)
