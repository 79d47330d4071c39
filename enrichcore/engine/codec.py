"""How answers and results are written into the journal and read back: the one place that touches payloads.

What is read here was written here; data from outside has its own parsers.
"""

from typing import Any

import attrs
import msgspec

from enrichcore.errors import StoreError
from enrichcore.model import Answer, Attempt, Hit, Miss, Number, Outcome, Person, PhoneResult

_encode = msgspec.json.Encoder().encode


def encode_answer(answer: Answer) -> bytes:
    """A hit or a miss as bytes; a number that is not text is kept as null, since it can never be accepted."""
    person = answer.person
    said = None if person is None else _astuple(person)
    if isinstance(answer, Miss):
        return _encode((None, said))
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
    """A result as bytes; attempts that were only skipped take a few bytes each."""
    told = [a for a in result.attempts if a.outcome is not Outcome.SKIPPED or a.detail or a.retry_at]
    skipped = [
        (index, a.provider, a.method, a.reason)
        for index, a in enumerate(result.attempts)
        if a.outcome is Outcome.SKIPPED and not (a.detail or a.retry_at)
    ]
    fields = {name: getattr(result, name) for name in _RESULT_FIELDS}
    return _encode((fields, told, skipped))


_RESULT_FIELDS = [a.name for a in attrs.fields(PhoneResult) if a.name != "attempts"]


def decode_result(payload: bytes) -> PhoneResult:
    """The result behind `payload`.

    Raises:
        StoreError: the journal holds something that was not written here.
    """
    try:
        fields, told, skipped = msgspec.json.decode(payload)
        attempts = [msgspec.convert(item, Attempt, strict=False) for item in told]
        for index, provider, method, reason in skipped:
            attempts.insert(
                index,
                msgspec.convert(
                    {"provider": provider, "method": method, "outcome": "skipped", "reason": reason}, Attempt
                ),
            )
        values: dict[str, Any] = {**fields, "attempts": ()}
        return attrs.evolve(msgspec.convert(values, PhoneResult, strict=False), attempts=tuple(attempts))
    except (msgspec.DecodeError, msgspec.ValidationError, TypeError, ValueError) as error:
        raise _damaged(error) from None


def _damaged(error: Exception) -> StoreError:
    return StoreError(
        f"an entry of the journal cannot be read ({type(error).__name__}): it was written by another version or is "
        "damaged. Run `enrichcore store check`, or restore the file from a backup."
    )
