"""A plugin that hands over garbage costs its own row at most, and never the journal."""

import asyncio
import math
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from types import FunctionType
from typing import Any

import pytest

from enrichcore import Acceptance, AsyncEngine, PhoneResult
from enrichcore.errors import (
    JobFailed,
    MaybeSent,
    ProviderError,
    RateLimited,
    ServerError,
)
from enrichcore.model import Hit, Job, Miss, Number, Person, Price, Query
from enrichcore.plugins import Poll
from enrichcore.testing import FakeProvider

GOOD = "+1 202-555-0143"
Run = Callable[..., PhoneResult]
_numbers = count()
hit: Any = Hit
miss: Any = Miss
job: Any = Job


class Oops(ProviderError):
    """An error of a plugin's own, outside the tree."""


class Worse(ServerError):
    """A plugin's own kind of one that is in it."""


class Whatever(BaseException):
    pass


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One journal for all tests here: a single unreadable entry in it would be met by its own test."""
    return f"sqlite:///{tmp_path_factory.mktemp('journal') / 'x.db'}"


@pytest.fixture
def run(journal: str) -> Run:
    """Ask a provider that answers with this, twice: the second engine has to read what the first one kept."""
    number = next(_numbers)

    def ask(answer: Any) -> PhoneResult:
        def engine() -> AsyncEngine:
            said = answer if isinstance(answer, FunctionType) else lambda _query: answer
            provider = FakeProvider(said, price=Price.per_hit(2), methods=["email"])
            accept = Acceptance(allow_fictional=True)
            return AsyncEngine(providers=[provider], store=journal, secret=b"x" * 32, acceptance=accept, env={})

        async def work() -> PhoneResult:
            contact = {"record_id": str(number), "email": f"ada{number}@engines.example"}
            async with engine() as first:
                result = await first.enrich_phone(contact, deadline=5)
            async with engine() as second:
                again = await second.enrich_phone(contact, deadline=0.2)
                assert again.status is result.status
                told = await second.explain(str(number))
                assert told is not None
                assert told.status is result.status
            return result

        return asyncio.run(work())

    return ask


FULL = {"type": "mobile", "country": "US", "score": 0.9, "do_not_call": True}


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": 5},
        {"type": ["mobile"]},
        {"country": {"code": "US"}},
        {"country": b"US"},
        {"score": "high"},
        {"score": math.nan},
        {"do_not_call": "maybe"},
        {"company_line": None},
        {"type": "x" * 20_000},
        {"country": "\ud800"},
    ],
)
def test_what_is_said_about_a_number_in_a_wrong_way_was_not_said(run: Run, wrong: dict[str, Any]) -> None:
    """The number that was paid for is kept."""
    result = run(Hit(Number(GOOD, **{**FULL, **wrong})))
    assert (result.status, result.phone) == ("found", "+12025550143")
    assert result.do_not_call is True


@pytest.mark.parametrize(
    "person",
    [
        Person(name=5, company=[1], domain={}, title=b"x", country=7, email=object(), linkedin_id=1, score="x"),  # type: ignore[arg-type]
        Person(name="\ud800 x", email="\udfff@engines.example"),
        Person(name="x" * 3_000_000),
        Person(score=math.inf),
        Person(email="", name="\0"),
    ],
)
@pytest.mark.parametrize("hit", [True, False])
def test_what_is_said_about_the_person_in_a_wrong_way_was_not_said(run: Run, person: Person, *, hit: bool) -> None:
    result = run(Hit(Number(GOOD), person=person) if hit else Miss(person))
    assert result.status == ("found" if hit else "not_found")


@pytest.mark.parametrize(
    ("credits", "spent"),
    [
        (7, 7),
        ("7.5", Decimal("7.5")),
        (0.1, Decimal("0.1")),
        (Decimal(3), 3),
        ("many", 2),
        (True, 2),
        (-1, 2),
        (math.nan, 2),
        (Decimal("Infinity"), 2),
        (Decimal("1e30"), 2),
        ([], 2),
    ],
)
def test_credits_of_any_kind_become_an_amount_else_the_declared_price_counts(
    run: Run, credits: Any, spent: Decimal
) -> None:
    [attempt] = [a for a in run(Hit(Number(GOOD), credits=credits)).attempts if a.outcome == "hit"]
    assert attempt.credits == spent
    assert isinstance(attempt.credits, Decimal)


@pytest.mark.parametrize(
    "raw", [None, 5, 12025550143, 1.5, b"+12025550143", [GOOD], object(), "\ud800", "1" * 1_000_000, ""]
)
def test_a_number_that_is_none_is_rejected_and_kept_as_such(run: Run, raw: Any) -> None:
    result = run(Hit(Number(raw)))
    assert result.status == "not_found"
    assert [a.outcome for a in result.attempts if a.outcome != "skipped"] == ["rejected"]
    assert result.reason is not None
    assert result.reason.startswith("refused: ")


@pytest.mark.parametrize(
    "answer",
    [
        True,
        5,
        [GOOD],
        {"phone": GOOD},
        Hit,
        hit(GOOD),
        hit(None),
        hit(Number(GOOD), person="Ada"),
        miss("Ada"),
        job(5),
        job(""),
    ],
)
def test_what_is_no_answer_is_a_fault_of_the_plugin(run: Run, answer: Any) -> None:
    result = run(lambda _query: answer)
    assert (result.status, result.reason) == ("incomplete", "plugin_fault")
    [attempt] = [a for a in result.attempts if a.outcome == "error"]
    assert attempt.detail


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Oops("x"), "plugin_fault"),
        (ProviderError("x"), "plugin_fault"),
        (Worse("x"), "server_error"),
        (JobFailed("x", billed="maybe"), "job_failed"),  # type: ignore[arg-type]
        (asyncio.CancelledError(), "plugin_fault"),
        (Whatever(), "plugin_fault"),
        (SystemExit(3), "plugin_fault"),
        (StopAsyncIteration(), "plugin_fault"),
        (StopIteration(), "plugin_fault"),
        (RecursionError(), "plugin_fault"),
        (MemoryError(), "plugin_fault"),
        (ValueError("ada@engines.example"), "plugin_fault"),
        (BaseExceptionGroup("x", [KeyError("a"), Whatever()]), "plugin_fault"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_whatever_a_plugin_raises_is_an_error_of_its_own_row(run: Run, error: BaseException, code: str) -> None:
    result = run(error)
    assert (result.status, result.reason) == ("incomplete", code)
    assert "ada@" not in str([a.detail for a in result.attempts])


@pytest.mark.parametrize("retry_after", ["soon", math.nan, math.inf, -1, 1e99, [], True, Decimal(3)])
def test_a_wait_that_cannot_be_meant_counts_as_unsaid(run: Run, retry_after: Any) -> None:
    result = run(RateLimited("slow down", retry_after=retry_after))
    assert (result.status, result.reason) == ("incomplete", "rate_limited")
    assert result.retry_at is not None


@pytest.mark.parametrize("ready_in", ["soon", math.nan, -5, [], 1e99])
def test_a_job_with_a_hint_that_is_none_is_polled_as_usual(run: Run, ready_in: Any) -> None:
    class Slow(FakeProvider):
        async def collect(self, job: Job, query: Query, http: object) -> Hit:
            return Hit(Number(GOOD))

    answer = Job("17", ready_in=ready_in)
    provider = Slow({"ada@engines.example": answer}, price=Price.per_hit(1), poll=Poll(first=0.0))

    async def work() -> PhoneResult:
        accept = Acceptance(allow_fictional=True)
        async with AsyncEngine(providers=[provider], store="memory", acceptance=accept, env={}) as engine:
            return await engine.enrich_phone({"email": "ada@engines.example"}, deadline=5)

    assert asyncio.run(work()).phone == "+12025550143"


def test_an_outcome_that_may_have_been_billed_is_not_asked_for_again(run: Run) -> None:
    result = run(MaybeSent("the connection broke"))
    assert (result.status, result.reason) == ("incomplete", "maybe_sent")


def test_in_a_bulk_run_garbage_costs_one_row() -> None:
    """The other rows come out as if nothing had happened, in order."""
    wrong = [None, 5, Oops("x"), asyncio.CancelledError(), Whatever(), hit(Number(GOOD), credits="x"), _Missing]

    def answer(query: Any) -> Any:
        index = int(query.email.partition("@")[0])
        said = wrong[index // 2] if index % 2 else Hit(Number(GOOD))
        if isinstance(said, BaseException):
            raise said
        return said

    async def work() -> list[PhoneResult]:
        provider = FakeProvider(answer, price=Price.per_hit(1), methods=["email"])
        accept = Acceptance(allow_fictional=True)
        async with AsyncEngine(providers=[provider], store="memory", acceptance=accept, env={}) as engine:
            rows = [{"record_id": str(i), "email": f"{i}@engines.example"} for i in range(2 * len(wrong))]
            return [r async for r in engine.enrich_phones(rows, ordered=True, concurrency=1)]

    results = asyncio.run(work())
    assert [r.record_id for r in results] == [str(i) for i in range(2 * len(wrong))]
    assert [r.status.value for r in results[::2]] == ["found"] * len(wrong)
    assert [r.status.value for r in results[1::2]] == [
        "not_found", "incomplete", "incomplete", "incomplete", "incomplete", "found", "incomplete",
    ]  # fmt: skip


class _Missing:
    """No answer of any kind."""
