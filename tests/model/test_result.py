"""Attempt and PhoneResult: the story as plain values, and questions that have no answer refused."""

import datetime as dt
import json
from decimal import Decimal

import attrs
import pytest

from enrichcore.errors import ResultErrors
from enrichcore.model import Attempt, Billed, LineType, Method, Outcome, PhoneResult, SkipReason, Status
from enrichcore.model.attempt import TEMPORARY_SKIPS

THEN = dt.datetime(2026, 11, 24, 12, 30, 5, tzinfo=dt.UTC)
HIT = Attempt(
    provider="acme",
    method=Method.EMAIL,
    outcome=Outcome.HIT,
    billed=Billed.YES,
    credits=Decimal(5),
    cost=Decimal("0.10"),
    started_at=THEN,
    duration_ms=12.5,
    tries=2,
    phone="+12025550143",
    line_type=LineType.MOBILE,
    match_score=0.9,
    evidence=("keyed_by_email",),
    id=0x1234_5678_9ABC_DEF0,
    plan_line_type=LineType.UNKNOWN,
    claimed_line_type=LineType.MOBILE,
)
FAILED = Attempt(provider="bee", method=Method.NAME, outcome=Outcome.ERROR, reason="server_error", retry_at=THEN)
SKIPPED = Attempt(provider="cee", method=Method.LINKEDIN, outcome=Outcome.SKIPPED, reason=SkipReason.NO_KEY)
FOUND = PhoneResult(
    record_id="42",
    first_name="Ada",
    email="ada@engines.example",
    phone="+12025550143",
    status=Status.FOUND,
    provider="acme",
    method=Method.EMAIL,
    line_type=LineType.MOBILE,
    cost=Decimal("0.10"),
    found_at=THEN,
    ignored=("country",),
    attempts=(FAILED, HIT, SKIPPED),
)


def test_the_lists_of_the_story_are_closed() -> None:
    assert [o.value for o in Outcome] == ["hit", "miss", "rejected", "error", "skipped"]
    assert [b.value for b in Billed] == ["no", "yes", "unknown"]
    assert [s.value for s in Status] == ["found", "not_found", "incomplete", "suppressed", "invalid"]
    assert [t.value for t in LineType] == ["mobile", "landline", "voip", "unknown"]


def test_a_skip_that_time_or_a_person_can_mend_leaves_a_result_incomplete_and_no_other_does() -> None:
    assert {SkipReason.NOT_APPLICABLE, SkipReason.NO_KEY, SkipReason.NOT_REACHED, SkipReason.COUNTRY}.isdisjoint(
        TEMPORARY_SKIPS
    )
    assert {SkipReason.PARKED, SkipReason.SUSPENDED, SkipReason.OPEN, SkipReason.PACED} <= TEMPORARY_SKIPS


def test_an_attempt_becomes_plain_values_that_json_takes() -> None:
    plain = json.loads(json.dumps(HIT.to_dict()))
    assert plain == {
        "provider": "acme",
        "method": "email",
        "outcome": "hit",
        "reason": None,
        "detail": None,
        "billed": "yes",
        "credits": "5",
        "cost": "0.10",
        "started_at": "2026-11-24T12:30:05+00:00",
        "duration_ms": 12.5,
        "tries": 2,
        "cached": False,
        "phone": "+12025550143",
        "line_type": "mobile",
        "match_score": 0.9,
        "evidence": ["keyed_by_email"],
        "retry_at": None,
        "id": "123456789abcdef0",
        "plan_line_type": "unknown",
        "claimed_line_type": "mobile",
        "refused_phone": None,
        "refused_reason": None,
    }


@pytest.mark.parametrize(
    ("amount", "text"), [(Decimal("1E+3"), "1000"), (Decimal("1E-7"), "0.0000001"), (Decimal(0), "0"), (None, None)]
)
def test_money_is_decimal_text_without_exponent(amount: Decimal | None, text: str | None) -> None:
    assert attrs.evolve(HIT, cost=amount).to_dict()["cost"] == text


def test_an_id_that_json_readers_would_round_is_text_and_an_absent_one_is_null() -> None:
    assert attrs.evolve(HIT, id=2**63 - 1).to_dict()["id"] == "7fffffffffffffff"
    assert SKIPPED.to_dict()["id"] is None


def test_a_result_becomes_plain_values_that_json_takes() -> None:
    plain = json.loads(json.dumps(FOUND.to_dict()))
    assert list(plain)[:10] == [
        "success", "record_id", "first_name", "last_name", "company", "email", "linkedin_id", "phone",
        "processing_time_ms", "status",
    ]  # fmt: skip
    assert plain["success"] is True
    assert (plain["status"], plain["method"], plain["line_type"], plain["cost"]) == ("found", "email", "mobile", "0.10")
    assert plain["found_at"] == "2026-11-24T12:30:05+00:00"
    assert plain["ignored"] == ["country"]
    assert [a["outcome"] for a in plain["attempts"]] == ["error", "hit", "skipped"]
    assert plain["attempts"][0]["retry_at"] == "2026-11-24T12:30:05+00:00"
    assert set(plain) == {a.name for a in attrs.fields(PhoneResult)} | {"success"}


@pytest.mark.parametrize("status", list(Status))
def test_found_is_asked_by_its_name(status: Status) -> None:
    result = PhoneResult(record_id="1", status=status)
    assert result.found is (status is Status.FOUND)
    assert result.success is True


@pytest.mark.parametrize("status", list(Status))
def test_a_result_has_no_truth_value(status: Status) -> None:
    """'Is there a result' and 'is there a number' are two questions."""
    with pytest.raises(TypeError, match=r"ask result\.found"):
        bool(PhoneResult(record_id="1", status=status))


def test_errors_are_raised_only_on_request() -> None:
    attrs.evolve(FOUND, attempts=(HIT, SKIPPED)).raise_for_errors()
    with pytest.raises(ResultErrors) as caught:
        FOUND.raise_for_errors()
    assert caught.value.attempts == (FAILED,)
    assert str(caught.value) == "bee/name: server_error"


def test_a_repr_tells_the_outcome_and_no_person() -> None:
    assert repr(FOUND) == "PhoneResult(found by acme/email, 3 attempts)"
    missing = PhoneResult(record_id="Ada", status=Status.INCOMPLETE, reason="parked", first_name="Ada")
    assert repr(missing) == "PhoneResult(incomplete (parked), 0 attempts)"
    assert repr(HIT) == "Attempt(acme/email: hit, billed=yes)"
    refused = attrs.evolve(
        FAILED, outcome=Outcome.REJECTED, refused_phone="+12025550143", refused_reason="company_line"
    )
    assert "5550143" not in repr(refused) + repr(
        attrs.evolve(missing, refused_phone="+12025550143", attempts=(refused,))
    )
    assert repr(FAILED) == "Attempt(bee/name: error, server_error, billed=no)"
