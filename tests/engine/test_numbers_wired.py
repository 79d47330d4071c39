"""What a person sees of numbers that are nobody's own: lookups, reruns, several processes."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.config import Config
from enrichcore.engine.watchdog import HEARTBEAT
from enrichcore.model import Contact, Hit, Number, PhoneResult

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

MOBILE = "+447400739182"  # not from the ranges for fiction: those are given to many people
LAST = ["Lovelace", "Hopper", "Noether", "Curie", "Meitner", "Franklin"]


def people(count: int = len(LAST)) -> list[Contact]:
    return [
        Contact(record_id=str(n), first_name="Ada", last_name=LAST[n], company="Engines Ltd", email=f"p{n}@e.example")
        for n in range(count)
    ]


THREE = Config(max_people=3)


def everybody_has(*numbers: Any) -> Any:
    return lambda _: Hit(*(n if isinstance(n, Number) else Number(n) for n in numbers))


def told(results: list[PhoneResult]) -> list[str]:
    """The results in the order of their records: the number, or why there is none."""
    return [r.phone or str(r.attempts[0].reason) for r in sorted(results, key=lambda r: r.record_id)]


def test_a_number_for_everybody_is_given_to_three(lab: "Lab") -> None:
    """In a bulk run the fourth is refused, and the first three when they are asked for again, without buying."""
    vendor = lab.by_email(everybody_has(MOBILE))
    shared = "shared_number"
    assert told(lab.bulk(vendor, rows=people(), concurrency=1, config=THREE)) == [MOBILE] * 3 + [shared] * 3
    assert told(lab.bulk(vendor, rows=people(), concurrency=1, config=THREE)) == [shared] * 6
    assert len(vendor.calls) == 6


def test_a_result_in_the_cache_of_the_process_is_judged_anew(lab: "Lab") -> None:
    vendor = lab.by_email(everybody_has(MOBILE))

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor, config=THREE) as engine:
            first = await engine.enrich_phone(people()[0])
            for contact in people()[1:4]:
                await engine.enrich_phone(contact)
            return [first, await engine.enrich_phone(people()[0])]

    first, again = lab.play(work)
    assert (first.phone, again.phone, again.refused_phone) == (MOBILE, None, MOBILE)
    assert len(vendor.calls) == 4


def test_the_next_provider_is_asked_instead(lab: "Lab") -> None:
    vendor = lab.by_email(everybody_has(MOBILE), name="a")
    other = lab.by_email({c.email: f"+1650253010{n}" for n, c in enumerate(people())}, name="b")
    results = sorted(lab.bulk(vendor, other, rows=people(), concurrency=1, config=THREE), key=lambda r: r.record_id)
    assert [r.provider for r in results] == ["a"] * 3 + ["b"] * 3


def test_a_switchboard_that_one_vendor_names_is_no_number_of_anothers(lab: "Lab") -> None:
    marks = lab.by_email(everybody_has(Number(MOBILE, company_line=True)), name="a")
    takes = lab.by_email(everybody_has(MOBILE), name="b")
    assert lab.enrich(takes, contact=people()[0]).phone == MOBILE
    assert lab.enrich(marks, takes, contact=people()[1]).phone is None
    again = lab.enrich(takes, contact=people()[0])
    assert (again.phone, again.refused_phone, len(takes.calls)) == (None, MOBILE, 2)


@pytest.mark.parametrize("other", [None, 5])
def test_another_limit_judges_anew_without_buying(lab: "Lab", other: int | None) -> None:
    vendor = lab.by_email(everybody_has(MOBILE))
    assert told(lab.bulk(vendor, rows=people(5), concurrency=1, config=THREE)).count(MOBILE) == 3
    config = Config(max_people=other)
    assert told(lab.bulk(vendor, rows=people(5), concurrency=1, config=config)).count(MOBILE) == 5
    assert len(vendor.calls) == 5


def test_another_process_hears_with_its_heartbeat(lab: "Lab") -> None:
    vendor = lab.by_email(everybody_has(MOBILE))

    async def work() -> list[str | None]:
        async with (
            lab.engine(vendor, store=lab.store(), config=THREE) as here,
            lab.engine(vendor, store=lab.store(), config=THREE) as there,
        ):
            first = await there.enrich_phone(people()[0])
            for contact in people()[1:5]:
                await here.enrich_phone(contact)
            before = await there.enrich_phone(people()[0])
            await asyncio.sleep(2 * HEARTBEAT)
            after = await there.enrich_phone(people()[0])
            return [first.phone, before.phone, after.phone]

    assert lab.play(work) == [MOBILE, MOBILE, None]


def test_a_fictional_number_is_given_to_everybody(lab: "Lab") -> None:
    """It cannot be anybody's, and tests and demos have few of them."""
    vendor = lab.by_email(everybody_has(lab.MOBILE))
    assert told(lab.bulk(vendor, rows=people(), concurrency=1, config=Config(max_people=1))) == [lab.MOBILE] * 6
