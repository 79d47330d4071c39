"""Budgets in front of paid calls: what is over budget is not asked, and comes to no verdict on the person."""

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import Budget, errors
from enrichcore.config import Config, ProviderConfig
from enrichcore.model import Outcome, PhoneResult, Price, SkipReason, Status
from enrichcore.model.money import nano

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


def priced(*names: str, credit_price: str = "0.10", **more: Any) -> Config:
    """A configuration in which a credit of these providers costs so much: a hit of two credits costs twice that."""
    price = ProviderConfig(credit_price=Decimal(credit_price))
    return Config(provider=dict.fromkeys(names, price), **more)


def spent(lab: "Lab", scope: str) -> tuple[int, int]:
    [found] = [amounts for (_, name), amounts in lab.tables.budgets.items() if name.startswith(scope)]
    return found


def test_a_run_spends_its_budget_and_no_more(lab: "Lab") -> None:
    """Ten people, money for three; the others are incomplete, and what was spent is what was billed."""
    vendor = lab.by_email(lambda _: lab.PHONE)
    results = lab.bulk(vendor, rows=lab.people(10), config=priced("paid"), budget=Budget(run="0.60 USD"), concurrency=4)
    assert [r.status for r in results].count(Status.FOUND) == 3
    over = [r for r in results if r.status is Status.INCOMPLETE]
    assert {r.reason for r in over} == {SkipReason.OVER_BUDGET}
    assert len(over) == 7
    assert len(vendor.calls) == 3
    assert spent(lab, "run:") == (nano(Decimal("0.60")), 0)
    assert sum(row.charged for row in lab.rows()) == nano(Decimal("0.60"))


def test_once_a_budget_is_exhausted_the_store_is_not_asked_again(lab: "Lab") -> None:
    store = lab.store()
    vendor = lab.by_email(lambda _: lab.PHONE)
    lab.bulk(vendor, rows=lab.people(50), config=priced("paid"), budget=Budget(run="0.20"), concurrency=1, store=store)
    assert store.operations.count("claim") == 2


def test_what_others_reserve_makes_a_call_wait_and_not_give_up(lab: "Lab") -> None:
    """Misses are not billed, so that money for one call pays for one call after the other."""
    vendor = lab.by_email(lab.slow(2, None))
    results = lab.bulk(vendor, rows=lab.people(5), config=priced("paid"), budget=Budget(run="0.20"), concurrency=5)
    assert {r.status for r in results} == {Status.NOT_FOUND}
    assert len(vendor.calls) == 5
    assert spent(lab, "run:") == (0, 0)


def test_a_lookup_waits_no_longer_than_its_deadline_for_room(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(20, None), timeout=60)

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor, config=priced("paid"), budget=Budget(day="0.20")) as engine:
            first = asyncio.ensure_future(engine.enrich_phone(lab.people(1)[0], deadline=None))
            await lab.until(lambda: vendor.calls)
            return [await engine.enrich_phone(lab.people(2)[1], deadline=5), await first]

    late, first = lab.play(work)
    assert (late.status, late.reason) == (Status.INCOMPLETE, SkipReason.OVER_BUDGET)
    assert first.status is Status.NOT_FOUND


def test_a_cheaper_provider_and_a_free_one_still_have_room(lab: "Lab") -> None:
    dear = lab.by_email({}, name="dear", price=Price.per_hit(10))
    cheap = lab.by_email({lab.EMAIL: lab.PHONE}, name="cheap", price=Price.per_hit(1))
    result = lab.enrich(dear, cheap, config=priced("dear", "cheap"), budget=Budget(run="0.50"), order=["dear", "cheap"])
    assert result.found
    reasons = {a.provider: a.reason for a in result.attempts if a.method == "email"}
    assert reasons == {"dear": SkipReason.OVER_BUDGET, "cheap": None}


def test_a_budget_of_the_record_stops_a_cascade(lab: "Lab") -> None:
    """Both vendors bill every attempt; the record may cost one of them."""
    vendors = [lab.by_email({}, name=name, price=Price.per_attempt(2)) for name in ("a", "b")]
    result = lab.enrich(*vendors, config=priced("a", "b"), budget=Budget(record="0.30"))
    assert (result.status, result.reason, result.cost) == (Status.INCOMPLETE, SkipReason.OVER_BUDGET, Decimal("0.20"))
    assert [len(vendor.calls) for vendor in vendors] == [1, 0]


def test_over_budget_is_never_a_miss_and_is_asked_when_there_is_money(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    config = priced("paid")
    assert lab.enrich(vendor, config=config, budget=Budget(run="0.10")).status is Status.INCOMPLETE
    assert lab.enrich(vendor, config=config, budget=Budget(run="0.20")).found
    assert len(vendor.calls) == 1


def test_stored_answers_are_free_at_zero_balance(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    config = priced("paid")
    lab.enrich(vendor, config=config)
    result = lab.enrich(
        vendor, config=config, budget=Budget(run=0), contact=lab.contact(record_id="2", email=lab.EMAIL)
    )
    assert (result.phone, result.cost, result.cached) == (lab.PHONE, Decimal(0), True)


def test_what_is_in_doubt_counts_as_spent(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.MaybeSent("cut")))
    result = lab.enrich(vendor, config=priced("paid"), budget=Budget(run="1.00"))
    assert [a.billed for a in result.attempts if a.outcome is Outcome.ERROR] == ["unknown"]
    assert spent(lab, "run:") == (nano(Decimal("0.20")), 0)


def test_what_was_surely_not_sent_costs_nothing(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.Unsent("refused")))
    lab.enrich(vendor, config=priced("paid"), budget=Budget(run="1.00"))
    assert spent(lab, "run:") == (0, 0)


def test_a_resumed_run_counts_what_it_has_spent_before(lab: "Lab") -> None:
    vendor = lab.by_email(lambda _: lab.PHONE)
    config, budget = priced("paid"), Budget(run="0.40")

    def run(rows: Any) -> list[Status]:
        async def work() -> list[Status]:
            async with lab.engine(vendor, config=config, budget=budget) as engine:
                return [r.status async for r in engine.enrich_phones(rows, run_id="crm-export")]

        return lab.play(work)

    assert run(lab.people(1)) == [Status.FOUND]
    assert sorted(run(lab.people(4)[1:])) == [Status.FOUND, Status.INCOMPLETE, Status.INCOMPLETE]
    assert len(vendor.calls) == 2


def test_a_paid_provider_without_a_price_stops_the_start_and_says_the_line_to_add(lab: "Lab") -> None:
    with pytest.raises(errors.ConfigError, match=r"\[providers.paid\]\ncredit_price = "):
        lab.engine(lab.by_email({}), budget=Budget(run="5"))


@pytest.mark.parametrize("said", [Decimal(-5), Decimal("NaN"), Decimal("1e30"), Decimal(2001)])
def test_a_bill_that_cannot_be_true_is_not_believed(lab: "Lab", said: Decimal) -> None:
    from enrichcore.model import Hit, Number

    vendor = lab.by_email(lambda _: Hit(Number(lab.PHONE), credits=said))
    result = lab.enrich(vendor, config=priced("paid"), budget=Budget(run="1"))
    assert result.cost == Decimal("0.20")
