"""The in-process caches: what they keep, what they forget, and what they never take."""

from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.engine.cache import AttemptCache, CachedResult, ResultCache
from enrichcore.model import Acceptance, Contact, Outcome, PhoneResult, Status
from enrichcore.store import Row

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


def row(outcome: Outcome | None, key: bytes = b"q", at: float = 1.0) -> Row:
    return Row(
        id=1, key=key, tenant="t", record=b"r", provider="p", method="email", owner=1, started_at=at, settled_at=at,
        outcome=outcome,
    )  # fmt: skip


@pytest.mark.parametrize("outcome", [Outcome.HIT, Outcome.MISS, Outcome.REJECTED])
def test_a_definite_attempt_is_kept(outcome: Outcome) -> None:
    cache, kept = AttemptCache(size=4), row(outcome)
    cache.put(kept)
    assert cache.get(b"q") is kept
    assert cache.get(b"other") is None


@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.SKIPPED, None])
def test_an_error_is_never_cached(outcome: Outcome | None) -> None:
    cache = AttemptCache(size=4)
    cache.put(row(outcome))
    assert cache.get(b"q") is None


@pytest.mark.parametrize(("older", "newer"), [(Outcome.HIT, Outcome.MISS), (Outcome.MISS, Outcome.HIT)])
def test_the_newest_attempt_of_a_question_stands(older: Outcome, newer: Outcome) -> None:
    cache = AttemptCache(size=4)
    cache.put(row(older, at=1.0))
    cache.put(row(newer, at=2.0))
    found = cache.get(b"q")
    assert found is not None
    assert found.outcome is newer


def test_the_attempt_cache_is_bounded_and_forgets_the_oldest() -> None:
    cache = AttemptCache(size=100)
    for number in range(1000):
        cache.put(row(Outcome.HIT, key=b"%d" % number))
    kept = [number for number in range(1000) if cache.get(b"%d" % number) is not None]
    assert len(kept) <= 100
    assert kept[-1] == 999
    cache.clear()
    assert cache.get(b"999") is None


def entry(record_id: str) -> CachedResult:
    return CachedResult(
        contact=Contact(record_id=record_id), acceptance=Acceptance(), fresh_until=1e9, asked_at=0.0,
        result=PhoneResult(record_id=record_id, status=Status.NOT_FOUND),
    )  # fmt: skip


def test_results_are_kept_by_record_for_an_hour() -> None:
    now = 0.0
    cache = ResultCache(size=2, timer=lambda: now)
    cache.put(entry("1"))
    now = 3599.0
    assert cache.get("1") is not None
    now = 3601.0
    assert cache.get("1") is None


def test_the_result_cache_is_bounded() -> None:
    cache = ResultCache(size=2, timer=lambda: 0.0)
    for record in "123":
        cache.put(entry(record))
    assert [cache.get(record) is not None for record in "123"] == [False, True, True]
    cache.clear()
    assert cache.get("3") is None


def test_a_cached_answer_is_as_old_as_it_says(lab: "Lab") -> None:
    """The cache in front of the journal must not serve an answer that the journal would call stale."""
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})

    async def work() -> list[Any]:
        async with lab.engine(vendor) as engine:
            told = []
            for record, age in (("1", None), ("2", None), ("3", "1h"), ("4", "3d")):
                contact = lab.contact(record_id=record, email=lab.EMAIL)
                told.append((await engine.enrich_phone(contact, max_age=age)).cached)
                lab.runtime.skew += 86_400
            return told

    assert lab.play(work) == [False, True, False, True]
    assert len(vendor.calls) == 2
