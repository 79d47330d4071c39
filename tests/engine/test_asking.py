"""What a bulk run asks again on purpose, and what it waits for."""

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.cli import rows
from enrichcore.engine.asking import RETRIES, asked_anew
from enrichcore.engine.run import NOTHING_ANEW, Anew
from enrichcore.errors import ConfigError
from enrichcore.model import Credits, PhoneResult, Price

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

DAY = 86_400.0
NEVER = float("-inf")


# --- asking again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "anew"),
    [
        ({}, NOTHING_ANEW),
        ({"retry": ["incomplete"]}, NOTHING_ANEW),
        ({"retry": ["misses"]}, Anew(misses=5.0)),
        ({"retry": "errors"}, Anew(errors=5.0)),
        ({"retry": ["misses", "errors", "incomplete"]}, Anew(NEVER, 5.0, 5.0)),
        ({"refresh": True}, Anew(5.0, 5.0, 5.0)),
    ],
)
def test_only_a_refresh_asks_for_hits_again(options: dict[str, Any], anew: Anew) -> None:
    assert asked_anew(**{"refresh": False, "retry": (), **options}, since=5.0) == anew


def test_the_command_knows_the_same_words() -> None:
    assert rows.RETRIES == RETRIES


@pytest.mark.parametrize(
    ("options", "needle"),
    [
        ({"retry": ["hits"]}, "retry: expected incomplete, errors, misses, got 'hits'"),
        ({"when_paced": "hurry"}, "when_paced: expected wait or skip, got 'hurry'"),
        ({"when_parked": "stop"}, "when_parked: expected continue or pause, got 'stop'"),
    ],
)
def test_what_nobody_can_mean_is_refused(lab: "Lab", options: dict[str, Any], needle: str) -> None:
    with pytest.raises(ConfigError, match=needle):
        lab.bulk(lab.by_email({}), rows=lab.people(1), **options)


def vendors(lab: "Lab") -> Any:
    """One who finds p0, has nothing of p1, and bills p2 without a usable answer."""

    def answer(query: Any) -> Any:
        if query.email.startswith("p0"):
            return lab.PHONE
        if query.email.startswith("p2"):
            raise errors.Unreadable
        return None

    return lab.by_email(answer, price=Price.per_attempt(1))


@pytest.mark.parametrize(
    ("options", "again"),
    [
        ({}, []),
        ({"retry": ["incomplete"]}, []),
        ({"retry": ["misses"]}, ["p1"]),
        ({"retry": ["errors"]}, ["p2"]),
        ({"retry": ["errors", "misses"]}, ["p1", "p2"]),
        ({"refresh": True}, ["p0", "p1", "p2"]),
    ],
    ids=repr,
)
def test_what_is_asked_again_is_what_was_said_and_nothing_else(
    lab: "Lab", options: dict[str, Any], again: list[str]
) -> None:
    vendor = vendors(lab)
    first = lab.bulk(vendor, rows=lab.people(3), ordered=True)
    assert [r.status for r in first] == ["found", "not_found", "incomplete"]
    vendor.calls.clear()
    second = lab.bulk(vendor, rows=lab.people(3), ordered=True, **options)
    assert sorted(query.email[:2] for query in vendor.calls) == again
    assert [r.status for r in second] == ["found", "not_found", "incomplete"]


def test_a_run_that_is_continued_does_not_ask_again_twice(lab: "Lab") -> None:
    """What was answered since its beginning counts."""
    vendor = vendors(lab)
    lab.bulk(vendor, rows=lab.people(3))
    began = lab.WALL + lab.runtime.skew + 30.0
    for _ in range(2):
        lab.bulk(vendor, rows=lab.people(3), retry=["misses", "errors"], since=began)
    assert sorted(query.email[:2] for query in vendor.calls) == ["p0", "p1", "p1", "p2", "p2"]


def test_two_rows_about_one_person_are_asked_again_once(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(1.0))
    same = [{"record_id": str(n), "email": "ada@engines.example"} for n in range(5)]
    lab.bulk(vendor, rows=same, concurrency=2)
    lab.bulk(vendor, rows=same, concurrency=2, refresh=True)
    assert len(vendor.calls) == 2


@pytest.mark.parametrize(("days", "calls"), [(0.5, 1), (1.5, 2)])
def test_errors_that_are_asked_again_include_doubts_of_more_than_a_day(lab: "Lab", days: float, calls: int) -> None:
    vendor = lab.by_email(lab.script(errors.MaybeSent(), lab.PHONE))
    lab.bulk(vendor, rows=lab.people(1))
    lab.runtime.skew += days * DAY
    lab.bulk(vendor, rows=lab.people(1), retry=["misses"])
    assert len(vendor.calls) == 1, "a doubt is no miss"
    lab.bulk(vendor, rows=lab.people(1), retry=["errors"])
    assert len(vendor.calls) == calls


# --- waiting ----------------------------------------------------------------------------------------------------------


def test_a_paced_provider_can_be_skipped_for_the_next_one(lab: "Lab") -> None:
    """It costs nothing but its numbers: the row says so and is asked for the rest another time."""
    slow = lab.by_email(lab.script(errors.RateLimited(retry_after=1800.0), lab.PHONE), name="a")
    other = lab.by_email(lambda query: lab.PHONE if query.email.startswith("p1") else None, name="b")
    results = lab.bulk(slow, other, rows=lab.people(3), ordered=True, concurrency=1, when_paced="skip")
    assert [r.status for r in results] == ["incomplete", "found", "incomplete"]
    assert lab.story(results[2]) == ["a/email skipped paced", "b/email miss"]
    assert (len(slow.calls), len(other.calls)) == (1, 3)


def test_when_everybody_is_paced_the_run_waits_all_the_same(lab: "Lab") -> None:
    said: list[tuple[str, str, float]] = []
    vendor = lab.by_email(lab.script(errors.RateLimited(retry_after=1800.0), lab.PHONE))
    results = lab.bulk(
        vendor, rows=lab.people(3), when_paced="skip", concurrency=1, on_waiting=lambda *word: said.append(word)
    )
    assert [r.found for r in results] == [True] * 3
    assert {word[:2] for word in said} == {("paid", "paced")}


def test_who_is_waited_for_is_said_with_the_reason(lab: "Lab") -> None:
    """A rate of our own is no state of the provider, and is called paced all the same."""
    said: list[tuple[str, str, float]] = []
    vendor = lab.by_email(lambda _: lab.PHONE, rate=["1/min"])
    rows = lab.people(3)
    results = lab.bulk(vendor, rows=rows, when_paced="skip", on_waiting=lambda *word: said.append(word))
    assert [r.found for r in results] == [True] * 3
    assert {word[:2] for word in said} == {("paid", "paced")}


def test_a_rate_is_kept_to_without_skipping_while_the_wait_is_short(lab: "Lab") -> None:
    """Ten a second: nobody waits for longer than a second when ten are asked at once."""
    rated = lab.by_email(lambda _: lab.PHONE, name="a", rate=["10/s"])
    other = lab.by_email(lambda _: lab.PHONE, name="b", price=Price.per_hit(9))
    results = lab.bulk(rated, other, rows=lab.people(40), concurrency=10, when_paced="skip")
    assert {r.provider for r in results} == {"a"}


class Account:
    """An account that is topped up at some moment; `asked` counts the free questions about it."""

    def __init__(self, lab: "Lab", full_at: float) -> None:
        self.lab, self.full_at, self.asked = lab, full_at, 0

    def full(self) -> bool:
        return self.lab.now() >= self.full_at

    def answer(self, _: Any) -> str:
        if not self.full():
            raise errors.OutOfCredits
        return self.lab.PHONE

    async def balance(self, _: Any) -> Credits:
        self.asked += 1
        return Credits(remaining=Decimal(100 if self.full() else 0))


def parked(lab: "Lab", full_at: float) -> tuple[Account, Any]:
    account = Account(lab, full_at)
    vendor: Any = lab.by_email(account.answer, name="a")
    vendor.balance = account.balance
    return account, vendor


def test_a_run_can_pause_until_an_account_is_topped_up(lab: "Lab") -> None:
    """Nobody else is asked meanwhile, the balance is asked for ever more rarely, and every row is found."""
    account, vendor = parked(lab, 1000.0)
    backup = lab.by_email({}, name="b", price=Price.per_hit(50))
    said: list[tuple[str, str, float]] = []
    results = lab.bulk(
        vendor,
        backup,
        rows=lab.people(30),
        concurrency=5,
        when_parked="pause",
        on_waiting=lambda *word: said.append(word),
    )
    assert [r.provider for r in results] == ["a"] * 30
    assert backup.calls == []
    assert {word[:2] for word in said} == {("a", "parked")}
    assert 1 < account.asked < 10
    assert len(vendor.calls) < 30 + 10


def test_by_default_a_run_goes_on_without_a_provider_that_is_out_of_credits(lab: "Lab") -> None:
    _, vendor = parked(lab, 1e9)
    backup = lab.by_email(lambda _: lab.PHONE, name="b", price=Price.per_hit(50))
    results = lab.bulk(vendor, backup, rows=lab.people(10), concurrency=1)
    assert [r.provider for r in results] == ["b"] * 10
    assert len(vendor.calls) == 1


def test_a_deadline_ends_a_pause(lab: "Lab") -> None:
    _, vendor = parked(lab, 1e9)
    results = lab.bulk(vendor, rows=lab.people(2), when_parked="pause", deadline=90.0)
    assert [(r.status, r.reason) for r in results] == [("incomplete", "out_of_credits"), ("incomplete", "parked")]


def test_a_paused_run_stops_when_it_is_told_to(lab: "Lab") -> None:
    _, vendor = parked(lab, 1e9)

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor) as engine:
            results: Any = engine.enrich_phones(lab.people(10), concurrency=2, when_parked="pause")
            task = asyncio.create_task(anext(results))
            await asyncio.sleep(100)
            assert not task.done()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await results.aclose()
            return []

    assert lab.play(work) == []


# --- hearing of it ----------------------------------------------------------------------------------------------------


def test_a_result_is_told_as_soon_as_it_is_there_whatever_comes_before_it(lab: "Lab") -> None:
    async def answer(query: Any) -> str:
        await asyncio.sleep(60 if query.email.startswith("p0") else 1)
        return lab.PHONE

    told: list[tuple[str, float]] = []
    results = lab.bulk(
        lab.by_email(answer, timeout=120),
        rows=lab.people(20),
        ordered=True,
        concurrency=4,
        on_done=lambda result: told.append((result.record_id, lab.now())),
    )
    assert [r.record_id for r in results] == [str(n) for n in range(20)]
    assert sorted(record for record, _ in told) == sorted(str(n) for n in range(20))
    assert told[-1][0] == "0"
    assert told[-2][1] < 10
