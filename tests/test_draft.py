"""Drafts: what the hot path writes field by field is the same frozen value that a constructor makes."""

from typing import Any

import attrs
import pytest

from enrichcore.model import Attempt, NameQuery, PhoneResult
from enrichcore.model.attempt import AttemptDraft
from enrichcore.model.query import NameQueryDraft
from enrichcore.model.result import ResultDraft
from enrichcore.phone.reading import Reading, ReadingDraft
from enrichcore.store import Claim, Row
from enrichcore.store.protocol import ClaimDraft, ended_row

DRAFTS = [
    (Attempt, AttemptDraft),
    (PhoneResult, ResultDraft),
    (NameQuery, NameQueryDraft),
    (Claim, ClaimDraft),
    (Reading, ReadingDraft),
]


def written(frozen: Any, draft: Any) -> Any:
    value = draft()
    for field in attrs.fields(frozen):
        setattr(value, field.name, field.name)
    value.__class__ = frozen
    return value


@pytest.mark.parametrize(("frozen", "draft"), DRAFTS)
def test_a_sealed_draft_is_the_value_that_the_constructor_makes(frozen: Any, draft: Any) -> None:
    value = written(frozen, draft)
    assert type(value) is frozen
    assert value == frozen(**{field.name: field.name for field in attrs.fields(frozen)})


@pytest.mark.parametrize(("frozen", "draft"), DRAFTS)
def test_a_sealed_draft_is_frozen(frozen: Any, draft: Any) -> None:
    value = written(frozen, draft)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, attrs.fields(frozen)[0].name, "other")


def test_a_row_that_has_ended_has_the_defaults_of_a_row() -> None:
    named = ("id", "key", "tenant", "record", "provider", "method", "owner", "started_at", "settled_at", "duration_ms")
    values = {name: f"the {name}" for name in named}
    expected = Row(**values, tries=1)  # type: ignore[arg-type]
    assert attrs.asdict(ended_row(**values)) == attrs.asdict(expected)  # type: ignore[arg-type]
