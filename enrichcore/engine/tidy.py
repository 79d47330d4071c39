"""What a plugin hands over, made safe to judge, to wait for and to keep: a value of a wrong kind counts as not said.

A vendor that sends a number where its documentation has text must not cost the answer that was paid for, and what is
written into the journal must be readable there again.
"""

import math
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import attrs

from enrichcore.engine.retry_after import ABSURD, LONGEST
from enrichcore.errors import PROVIDER_ERRORS, JobFailed, PluginFault, ProviderError, RateLimited
from enrichcore.model import Hit, Job, Miss, Number, Person

MAX_TEXT: Final = 10_000
"""Characters; what is longer is no name, word or number."""
_MOST_CREDITS: Final = Decimal(10**12)
_TEXTS: Final = tuple(a.name for a in attrs.fields(Person) if a.name != "score")


def tidy_hit(hit: Hit) -> Hit:
    """`hit` without values of a wrong kind; the same object when there are none."""
    if hit.person is None and hit.credits is None and len(hit.numbers) == 1:  # what most hits are
        only = hit.numbers[0]
        kept = _number(only)
        return hit if kept is only else Hit(kept)
    numbers = tuple(map(_number, hit.numbers))
    person, spent = _person(hit.person), _credits(hit.credits)
    same = person is hit.person and spent is hit.credits and all(map(_is, numbers, hit.numbers))
    return hit if same else Hit(*numbers, person=person, credits=spent)


def tidy_miss(miss: Miss) -> Miss:
    """`miss` without values of a wrong kind; the same object when there are none."""
    person, spent = _person(miss.person), _credits(miss.credits)
    return miss if person is miss.person and spent is miss.credits else Miss(person, credits=spent)


def tidy_job(job: Job) -> Job:
    """`job` with a hint that can be waited for and a row that can be counted, or without them."""
    ready, row = _seconds(job.ready_in), job.row
    if type(row) is not int or row < 0:
        row = None
    return job if ready is job.ready_in and row is job.row else Job(job.id, ready_in=ready, row=row)


def tidy_error(error: ProviderError) -> ProviderError:
    """`error` if it is one of the tree with values of the right kind, else what it comes to."""
    if not isinstance(error, PROVIDER_ERRORS):
        return PluginFault(f"the plugin raised {type(error).__name__}, which says nothing of what happened")
    if isinstance(error, RateLimited):
        error.retry_after = _seconds(error.retry_after)
    elif isinstance(error, JobFailed) and error.billed not in (None, True, False):
        error.billed = None
    return error


def _is(one: object, other: object) -> bool:
    return one is other


def _number(number: Any) -> Number:
    raw = number.raw
    nothing_else = number.type is number.country is number.score is number.do_not_call is None
    if nothing_else and number.company_line is False and isinstance(raw, str) and _is_text(raw):
        return number  # type: ignore[no-any-return]
    if (
        (raw is None or not isinstance(raw, str) or _is_text(raw))
        and _is_text(number.type)
        and _is_text(number.country)
        and _is_score(number.score)
        and (number.do_not_call is None or type(number.do_not_call) is bool)
        and type(number.company_line) is bool
    ):
        return number  # type: ignore[no-any-return]
    return Number(
        None if isinstance(raw, str) and not _is_text(raw) else raw,
        type=number.type if _is_text(number.type) else None,
        country=number.country if _is_text(number.country) else None,
        score=number.score if _is_score(number.score) else None,
        # Whatever stands where a "do not call" belongs: a warning too many harms nobody.
        do_not_call=None if number.do_not_call is None else bool(number.do_not_call),
        company_line=bool(number.company_line),
    )


def _person(person: Person | None) -> Person | None:
    if person is None:
        return None
    wrong: dict[str, None] = {name: None for name in _TEXTS if not _is_text(getattr(person, name))}
    if not _is_score(person.score):
        wrong["score"] = None
    return attrs.evolve(person, **wrong) if wrong else person


def _is_text(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        return False
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return False  # a lone surrogate: no encoder takes it
    return True


def _is_score(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value))


def _seconds(value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= ABSURD:
        return None
    return min(value, LONGEST)


def _credits(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool) or not isinstance(value, Decimal | int | float | str):
        return None
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= _MOST_CREDITS else None
