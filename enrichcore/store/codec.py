"""How answers and results are written into the journal and read back: the one place that touches payloads.

What is read here was written here; data from outside has its own parsers.
"""

from operator import attrgetter
from typing import Any, Final

import attrs
import msgspec

from enrichcore.errors import StoreError
from enrichcore.model import Answer, Attempt, Hit, Miss, Number, Outcome, Person, PhoneResult

_encode = msgspec.json.Encoder().encode
_NOTHING: Final = _encode((None, None))
_SKIPPED: Final = Outcome.SKIPPED


def encode_answer(answer: Answer) -> bytes:
    """A hit or a miss as bytes; a number that is not text is kept as null, since it can never be accepted."""
    person = answer.person
    said = None if person is None else _astuple(person)
    if isinstance(answer, Miss):
        return _NOTHING if said is None else _encode((None, said))
    return _encode(
        (
            [
                (n.raw if isinstance(n.raw, str) else None, n.type, n.country, n.score, n.do_not_call, n.company_line)
                for n in answer.numbers
            ],
            said,
        )
    )


def _astuple(person: Person) -> tuple[object, ...]:
    return (
        person.name, person.company, person.domain, person.title, person.country, person.email, person.linkedin_id,
        person.score,
    )  # fmt: skip


_PERSON_FIELDS = [a.name for a in attrs.fields(Person)]


def decode_answer(payload: bytes) -> Answer:
    """The answer behind `payload`.

    Raises:
        StoreError: the journal holds something that was not written here.
    """
    try:
        numbers, said = msgspec.json.decode(payload)
        person = None if said is None else Person(**dict(zip(_PERSON_FIELDS, said, strict=True)))
        if numbers is None:
            return Miss(person)
        return Hit(
            *(
                Number(raw, type=kind, country=country, score=score, do_not_call=dnc, company_line=company)
                for raw, kind, country, score, dnc, company in numbers
            ),
            person=person,
        )
    except (msgspec.DecodeError, TypeError, ValueError) as error:
        raise _damaged(error) from None


def encode_result(result: PhoneResult) -> bytes:
    """A result as bytes: values without their names; an attempt that was only skipped takes three of them."""
    attempts = [
        (a.provider, a.method, a.reason)
        if a.outcome is _SKIPPED and a.detail is None and a.retry_at is None
        else _attempt_values(a)
        for a in result.attempts
    ]
    return _encode((_result_values(result), attempts))


# The order is part of what is stored: a new field goes to the end, and has a default.
_RESULT_FIELDS = [a.name for a in attrs.fields(PhoneResult) if a.name != "attempts"]
_ATTEMPT_FIELDS = [a.name for a in attrs.fields(Attempt)]
_result_values = attrgetter(*_RESULT_FIELDS)
_attempt_values = attrgetter(*_ATTEMPT_FIELDS)
_SKIPPED_FIELDS = ("provider", "method", "reason")


def decode_result(payload: bytes) -> PhoneResult:
    """The result behind `payload`.

    Raises:
        StoreError: the journal holds something that was not written here.
    """
    try:
        values, attempts = msgspec.json.decode(payload)
        if len(values) > len(_RESULT_FIELDS):
            raise ValueError("too many fields")
        fields = dict(zip(_RESULT_FIELDS, values, strict=False))
        return msgspec.convert({**fields, "attempts": list(map(_attempt, attempts))}, PhoneResult, strict=False)
    except (msgspec.DecodeError, msgspec.ValidationError, TypeError, ValueError) as error:
        raise _damaged(error) from None


def _attempt(values: list[Any]) -> dict[str, Any]:
    if len(values) == len(_SKIPPED_FIELDS):
        return {**dict(zip(_SKIPPED_FIELDS, values, strict=True)), "outcome": Outcome.SKIPPED.value}
    if len(values) > len(_ATTEMPT_FIELDS):
        raise ValueError("too many fields")
    return dict(zip(_ATTEMPT_FIELDS, values, strict=False))


def _damaged(error: Exception) -> StoreError:
    return StoreError(
        f"an entry of the journal cannot be read ({type(error).__name__}): it was written by another version or is "
        "damaged. Run `enrichcore store check`, or restore the file from a backup."
    )
