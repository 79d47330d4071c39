"""The column `cost` adds up to the ledger, with duplicates in the file and after an interruption."""

import asyncio
import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from enrichcore import Acceptance, AsyncEngine
from enrichcore.bulk import FileRun
from enrichcore.bulk.costs import Costs, Resumed
from enrichcore.model import Attempt, Billed, EmailQuery, Hit, Method, Miss, Number, Outcome, PhoneResult, Price, Status
from enrichcore.plugins import Http, Provider, hookimpl


class Till(Provider):
    """Sells every number at known.example for two credits; the first `patience` calls only, then it breaks."""

    name = "till"
    price = Price.per_hit(2)
    typical = 0.01

    def __init__(self) -> None:
        self.calls = 0

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        self.calls += 1
        await asyncio.sleep(0)
        return Hit(Number("+1 202-555-0143")) if query.email.endswith("@known.example") else Miss()


def run(
    folder: Path, name: str, store: str, *, began: float | None = None, stop: int | None = None
) -> tuple[list[dict[str, str]], Decimal, int]:
    """The rows of the output, what the journal has been charged, and how often the vendor was called."""
    till = Till()
    told = 0

    def count(_: object) -> None:
        nonlocal told
        told += 1
        if told == stop:
            raise KeyboardInterrupt

    async def work(file: FileRun) -> Decimal:
        async with AsyncEngine(
            providers=[till],
            store=store,
            acceptance=Acceptance(allow_fictional=True),
            settings={"till": {"credit_price": "0.05"}},
            env={},
        ) as engine:
            await file.enrich(engine, concurrency=8, began=began, on_result=count)
            costs = [row.cost or Decimal(0) async for row in engine.ledger()]
            return sum(costs, Decimal(0))

    out = folder / name
    with FileRun(str(folder / "in.csv"), str(out)) as file:
        spent = asyncio.run(work(file))
    with out.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened)), spent, till.calls


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Sixty rows about twenty-five people, some of them strangers to the vendor, with and without ids of their own."""
    rows = [f"{i % 50 or ''},p{i % 25}@{'known' if i % 5 else 'other'}.example" for i in range(60)]
    (tmp_path / "in.csv").write_text("record_id,email\n" + "\n".join(rows) + "\n")
    return tmp_path


def test_the_column_sums_to_the_ledger_when_people_are_in_the_file_more_than_once(people: Path) -> None:
    rows, spent, calls = run(people, "out.csv", "memory")
    assert calls == 25
    assert spent == Decimal("2.00")
    assert sum(Decimal(row["cost"]) for row in rows) == spent
    paid = [row for row in rows if row["cost"] == "0.1"]
    assert len(paid) == 20
    assert {row["cached"] for row in paid} == {"no"}
    assert all(row["cached"] == "yes" for row in rows if row["status"] == "found" and row["cost"] == "0")


def test_a_run_that_is_continued_writes_what_an_undisturbed_one_writes(people: Path) -> None:
    """What was bought before the interruption is in the column; what was bought by an earlier run is not."""
    undisturbed, spent, _ = run(people, "whole.csv", "memory")
    store = f"sqlite:///{(people / 'answers.db').as_posix()}"
    with pytest.raises(KeyboardInterrupt):
        run(people, "out.csv", store, stop=20)
    rows, total, _ = run(people, "out.csv", store, began=0.0)
    assert total == spent

    def plain(found: list[dict[str, str]]) -> list[dict[str, str]]:
        return [row | {"found_at": ""} for row in found]

    assert plain(rows) == plain(undisturbed)
    later, _, calls = run(people, "later.csv", store, began=4e9)
    assert calls == 0
    assert {row["cost"] for row in later} == {"0"}


def attempt(number: int | None, cost: str = "0.10", **more: Any) -> Attempt:
    return Attempt(
        provider="till",
        method=Method.EMAIL,
        outcome=Outcome.HIT,
        billed=Billed.YES,
        id=number,
        cost=Decimal(cost),
        **more,
    )


def result(*attempts: Attempt) -> PhoneResult:
    cost = sum((a.cost or Decimal(0) for a in attempts), Decimal(0))
    return PhoneResult(record_id="1", status=Status.FOUND, attempts=attempts, cost=cost)


def test_a_call_that_two_rows_waited_for_together_is_counted_once() -> None:
    costs = Costs()
    first, second = costs.once(result(attempt(7))), costs.once(result(attempt(7), attempt(8)))
    assert (first.cost, first.cached) == (Decimal("0.10"), False)
    assert (second.cost, second.cached) == (Decimal("0.10"), False)
    third = costs.once(result(attempt(7)))
    assert (third.cost, third.cached, third.attempts[0].billed) == (Decimal(0), True, Billed.NO)


def test_a_free_call_of_the_run_is_the_first_rows_too_whatever_its_id() -> None:
    resumed = Resumed(0.0, [])
    free = attempt((1 << 64) - 1, "0", cached=True, started_at=datetime(2026, 11, 25, tzinfo=UTC))
    try:
        told = [resumed.shown(attrs.evolve(result(free), cached=True)).cached for _ in range(2)]
    finally:
        resumed.close()
    assert told == [False, True]
