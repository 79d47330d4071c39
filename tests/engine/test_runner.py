"""Runs as tasks of the engine: joining, leaving, deadlines, closing and closing by force."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.model import Acceptance, Contact, Job, Outcome, PhoneResult
from enrichcore.plugins import Poll

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

BRITISH = Acceptance(countries=["GB"], allow_fictional=True)


def ada(lab: "Lab", record_id: str = "1", **more: str) -> Contact:
    return lab.contact(record_id=record_id, email=lab.EMAIL, **more)


# --- joining ----------------------------------------------------------------------------------------------------------


def test_the_same_contact_asked_for_again_joins_the_run_under_way(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(5.0, lab.PHONE))

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor, settings={"paid": {"credit_price": "0.10"}}) as engine:
            first = asyncio.create_task(engine.enrich_phone(ada(lab)))
            await asyncio.sleep(1)
            others = [asyncio.create_task(engine.enrich_phone(ada(lab))) for _ in range(3)]
            return [await task for task in (first, *others)]

    first, *others = lab.play(work)
    assert len(vendor.calls) == 1
    assert len(lab.told) == 1
    assert str(first.cost) == "0.20"
    assert {(r.found, r.cached, str(r.cost)) for r in others} == {(True, True, "0")}, "the cost is told once"


def test_a_joiner_waits_no_longer_than_its_own_deadline(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(10.0, lab.PHONE))

    async def work() -> tuple[PhoneResult, PhoneResult, float]:
        async with lab.engine(vendor) as engine:
            first = asyncio.create_task(engine.enrich_phone(ada(lab)))
            await asyncio.sleep(1)
            joiner = await engine.enrich_phone(ada(lab), deadline=3)
            at = lab.now()
            return await first, joiner, at

    first, joiner, at = lab.play(work)
    assert first.found
    assert (joiner.status, joiner.reason, at) == ("incomplete", "in_flight", 4.0)
    assert lab.story(joiner) == ["paid/email skipped in_flight"]
    assert joiner.retry_at is not None


def test_a_joiner_with_more_time_asks_for_itself_when_the_first_had_too_little(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(Job("j1")), poll=Poll(first=5.0))

    async def collect(job: Job, query: Any, http: Any) -> str | Any:
        from enrichcore.model import Hit, Number

        return Hit(Number(lab.PHONE))

    vars(vendor)["collect"] = collect

    async def work() -> list[str]:
        async with lab.engine(vendor) as engine:
            short = asyncio.create_task(engine.enrich_phone(ada(lab), deadline=3))
            await asyncio.sleep(0)
            long = asyncio.create_task(engine.enrich_phone(ada(lab), deadline=60))
            bulk = [result.status async for result in engine.enrich_phones([ada(lab)])]
            return [(await short).status, (await long).status, *bulk]

    assert lab.play(work) == ["incomplete", "found", "found"]
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("options", [{"refresh": True}, {"max_age": 60}, {"acceptance": BRITISH}], ids=repr)
def test_who_wants_something_else_does_not_join(lab: "Lab", options: dict[str, Any]) -> None:
    """A run under way may end with an answer that is too old for us, or that we do not want."""
    vendor = lab.by_email(lab.script(lab.PHONE, lab.slow(1.0, lab.OTHER_PHONE)))
    lab.enrich(vendor, contact=ada(lab))
    lab.runtime.skew += 3600
    store = lab.store(lag=2.0)

    async def work() -> list[str | None]:
        async with lab.engine(vendor, store=store) as engine:
            usual = asyncio.create_task(engine.enrich_phone(ada(lab, first_name="Ada")))
            await asyncio.sleep(1)
            special = await engine.enrich_phone(ada(lab, first_name="Ada"), **options)
            return [(await usual).phone, special.phone]

    assert lab.play(work) == [lab.PHONE, None if "acceptance" in options else lab.OTHER_PHONE]


def test_two_refreshes_at_once_share_one_call(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(1.0, lab.PHONE))

    async def work() -> list[bool]:
        async with lab.engine(vendor) as engine:
            asked = (engine.enrich_phone(ada(lab), refresh=True) for _ in range(4))
            return [result.found for result in await asyncio.gather(*asked)]

    assert lab.play(work) == [True] * 4
    assert len(vendor.calls) == 1


# --- leaving ----------------------------------------------------------------------------------------------------------


def leave_after(lab: "Lab", seconds: float, *, joiners: int = 0) -> list[Any]:
    """What the joiners get when the caller who began is cancelled."""
    first, second = lab.by_email(lab.slow(5.0), name="a"), lab.by_email({lab.EMAIL: lab.PHONE}, name="b")

    async def work() -> list[Any]:
        engine = lab.engine(first, second)
        async with engine:
            task = asyncio.create_task(engine.enrich_phone(ada(lab)))
            await asyncio.sleep(0.5)
            others = [asyncio.create_task(engine.enrich_phone(ada(lab))) for _ in range(joiners)]
            await asyncio.sleep(seconds)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert lab.now() == pytest.approx(0.5 + seconds), "a caller who leaves is let go at once"
            results = await asyncio.gather(*others)
            await asyncio.sleep(20)
            return results

    return lab.play(work)


def test_a_caller_who_leaves_wastes_no_paid_call_and_starts_no_other(lab: "Lab") -> None:
    leave_after(lab, 1.0)
    assert [(row.provider, row.outcome) for row in lab.rows()] == [("a", Outcome.MISS)]


def test_as_long_as_anybody_waits_the_run_goes_on(lab: "Lab") -> None:
    results = leave_after(lab, 1.0, joiners=2)
    assert [result.provider for result in results] == ["b", "b"]


def test_a_timeout_around_a_lookup_is_a_caller_who_leaves(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(5.0, lab.PHONE))

    async def work() -> bool:
        async with lab.engine(vendor) as engine:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await engine.enrich_phone(ada(lab))
            await asyncio.sleep(10)
            return (await engine.enrich_phone(ada(lab))).cached

    assert lab.play(work) is True
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("verb", ["known", "claim", "settle"])
def test_a_caller_may_leave_at_any_moment_of_the_journals_work(lab: "Lab", verb: str) -> None:
    """Whatever was going on, the intent is settled and the next caller is served."""
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    store = lab.store(lag=1.0)

    async def work() -> bool:
        async with lab.engine(vendor, store=store) as engine:
            task = asyncio.create_task(engine.enrich_phone(ada(lab)))
            await lab.until(lambda: verb in store.operations)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return (await engine.enrich_phone(ada(lab))).found

    assert lab.play(work) is True
    assert lab.tables.open == {}
    assert len(vendor.calls) == 1


# --- deadlines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deadline", [0.0, 0.5, 3.0, 7.5, 20.0])
def test_an_answer_is_there_by_the_deadline(lab: "Lab", deadline: float) -> None:
    """Whatever the providers do: slow ones, paced ones, ones that fail."""
    providers = [
        lab.by_email(lab.slow(6.0), name="a"),
        lab.by_email(lab.script(errors.RateLimited(retry_after=4.0)), name="b"),
        lab.by_email(lab.script(errors.ServerError()), name="c"),
        lab.by_email({}, name="d", rate=["1/5s"]),
        lab.free(lab.slow(60.0), name="e", timeout=30.0),
    ]

    async def work() -> tuple[list[PhoneResult], float]:
        async with lab.engine(*providers) as engine:
            asked = (engine.enrich_phone(row, deadline=deadline) for row in lab.people(5))
            return await asyncio.gather(*asked), lab.now()

    results, at = lab.play(work)
    assert at <= deadline + 0.001
    assert {result.status for result in results} == {"incomplete"}
    assert all(result.retry_at is not None for result in results)


def test_the_default_deadline_of_a_lookup_is_a_minute(lab: "Lab") -> None:
    result = lab.enrich(lab.by_email(lab.slow(3600.0), timeout=600.0), contact=ada(lab))
    assert result.processing_time_ms == 60_000


def test_a_bulk_run_has_no_deadline_unless_asked(lab: "Lab") -> None:
    def vendor() -> Any:
        return lab.by_email(lab.slow(300.0, lab.PHONE), timeout=600.0)

    [patient] = lab.bulk(vendor(), rows=[ada(lab)])
    assert (patient.found, patient.processing_time_ms) == (True, 300_000)
    [hasty] = lab.bulk(vendor(), rows=lab.people(1), deadline=10)
    assert (hasty.found, hasty.processing_time_ms) == (False, 10_000)
