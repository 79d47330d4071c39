"""What is written into the journal is read back as it was; what was not written here is refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from enrichcore.errors import StoreError
from enrichcore.model import (
    Answer,
    Attempt,
    Billed,
    Hit,
    LineType,
    Method,
    Miss,
    Number,
    Outcome,
    Person,
    PhoneResult,
    SkipReason,
    Status,
)
from enrichcore.store.codec import decode_answer, decode_result, encode_answer, encode_result

TRICKY = st.sampled_from(["null", "NULL", "true", "false", "1", "0", "1.5", "nan", "", " ", "2026-11-24T00:00:00Z"])
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | TRICKY
texts = st.none() | text
score = st.none() | st.floats(0, 1)
number = st.builds(
    Number, text, type=texts, country=texts, score=score, do_not_call=st.none() | st.booleans(),
    company_line=st.booleans(),
)  # fmt: skip
person = st.builds(
    Person, name=texts, company=texts, domain=texts, title=texts, country=texts, email=texts, linkedin_id=texts,
    score=score,
)  # fmt: skip
hit = st.builds(lambda numbers, who: Hit(*numbers, person=who), st.lists(number, max_size=4), st.none() | person)
miss = st.builds(Miss, st.none() | person)
times = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
amounts = st.decimals(0, 10**9, places=4)
attempt = st.builds(
    Attempt,
    provider=text,
    method=st.sampled_from(Method),
    outcome=st.sampled_from(Outcome),
    reason=texts,
    detail=texts,
    billed=st.sampled_from(Billed),
    credits=amounts,
    cost=st.none() | amounts,
    started_at=times,
    duration_ms=st.floats(0, 1e9),
    tries=st.integers(0, 9),
    cached=st.booleans(),
    phone=texts,
    line_type=st.none() | st.sampled_from(LineType),
    match_score=score,
    evidence=st.lists(text, max_size=3).map(tuple),
    retry_at=times,
    id=st.none() | st.integers(0, 2**63 - 1),
    plan_line_type=st.none() | st.sampled_from(LineType),
    claimed_line_type=st.none() | st.sampled_from(LineType),
    refused_phone=texts,
    refused_reason=texts,
).filter(lambda made: made.outcome is not Outcome.SKIPPED or made.detail is not None or made.retry_at is not None)
# A skip that has nothing more to say is kept as three words.
skipped = st.builds(
    Attempt, provider=text, method=st.sampled_from(Method), outcome=st.just(Outcome.SKIPPED),
    reason=st.sampled_from(SkipReason).map(str),
)  # fmt: skip
result = st.builds(
    PhoneResult,
    record_id=text,
    first_name=texts,
    last_name=texts,
    company=texts,
    email=texts,
    linkedin_id=texts,
    phone=texts,
    processing_time_ms=st.integers(0, 10**9),
    status=st.sampled_from(Status),
    reason=texts,
    provider=texts,
    method=st.none() | st.sampled_from(Method),
    line_type=st.none() | st.sampled_from(LineType),
    extension=texts,
    cost=st.none() | amounts,
    cached=st.booleans(),
    found_at=times,
    do_not_call=st.none() | st.booleans(),
    retry_at=times,
    ignored=st.lists(text, max_size=3).map(tuple),
    attempts=st.lists(attempt | skipped, max_size=5).map(tuple),
    plan_line_type=st.none() | st.sampled_from(LineType),
    claimed_line_type=st.none() | st.sampled_from(LineType),
    refused_phone=texts,
    refused_reason=texts,
)


@given(hit | miss)
def test_an_answer_is_read_back_as_it_was_written(answer: Answer) -> None:
    assert decode_answer(encode_answer(answer)) == answer


@given(result)
@example(PhoneResult(record_id="null", first_name="null", reason="null", phone="true", status=Status.NOT_FOUND))
def test_a_result_is_read_back_as_it_was_written(kept: PhoneResult) -> None:
    assert decode_result(encode_result(kept)) == kept


@pytest.mark.parametrize("raw", [None, 12025550143, 1.5, ["+12025550143"], {"n": 1}, b"+12025550143", object()])
def test_a_number_that_is_not_text_is_kept_as_nothing(raw: Any) -> None:
    """It can never be accepted, and must not make the answer around it unwritable."""
    assert decode_answer(encode_answer(Hit(Number(raw, type="mobile")))) == Hit(Number(None, type="mobile"))


def test_what_a_vendor_said_of_its_price_is_not_part_of_the_answer() -> None:
    assert decode_answer(encode_answer(Miss(credits=Decimal(3)))) == Miss()


def test_an_attempt_that_was_only_skipped_costs_few_bytes() -> None:
    """A contact has one for every provider that was not reached."""
    skips = tuple(
        Attempt(provider="acme", method=Method.EMAIL, outcome=Outcome.SKIPPED, reason="not_reached") for _ in range(50)
    )
    bare = PhoneResult(record_id="1", status=Status.NOT_FOUND)
    extra = len(encode_result(attrs.evolve(bare, attempts=skips))) - len(encode_result(bare))
    assert extra / 50 < 40


DAMAGED = [
    b"", b"nonsense", b"null", b"[]", b"[1]", b"{}", b"[[1],2,3,4]", b'[null,["too","few"]]', b'[["x"],null]', b"\xff",
    b'[[["+1","mobile"]],null]',
]  # fmt: skip


@pytest.mark.parametrize("payload", DAMAGED)
@pytest.mark.parametrize("decode", [decode_answer, decode_result])
def test_what_was_not_written_here_is_refused_with_a_way_out(decode: Any, payload: bytes) -> None:
    with pytest.raises(StoreError, match=r"cannot be read.*another version or is damaged.*store check"):
        decode(payload)


def test_a_status_that_this_version_does_not_know_is_refused() -> None:
    written = encode_result(PhoneResult(record_id="1", status=Status.FOUND))
    with pytest.raises(StoreError):
        decode_result(written.replace(b'"found"', b'"sold"'))


@given(st.binary(max_size=60))
def test_damage_raises_nothing_but_a_store_error(payload: bytes) -> None:
    for decode in (decode_answer, decode_result):
        try:
            decode(payload)
        except StoreError:
            continue


def test_a_result_written_before_refused_numbers_were_kept_is_read() -> None:
    """New fields stand at the end of what is stored and have a default."""
    made = Attempt(provider="acme", method=Method.EMAIL, outcome=Outcome.HIT, phone="+12025550143", id=7)
    kept = PhoneResult(record_id="1", status=Status.FOUND, phone="+12025550143", attempts=(made,))
    values, [attempt] = msgspec.json.decode(encode_result(kept))
    assert (values[-6:], attempt[-4:]) == ([None] * 4 + [False] * 2, [None] * 4)
    assert decode_result(msgspec.json.encode((values[:-6], [attempt[:-4]]))) == kept


def test_times_come_back_in_utc() -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    back = decode_result(encode_result(PhoneResult(record_id="1", status=Status.FOUND, found_at=at, retry_at=at)))
    assert back.found_at == at
    assert back.found_at is not None
    assert back.found_at.utcoffset() == timedelta(0)


def test_what_is_written_is_json() -> None:
    """So that a person can look into a journal without this program."""
    assert msgspec.json.decode(encode_answer(Miss(Person(name="Ada")))) is not None
