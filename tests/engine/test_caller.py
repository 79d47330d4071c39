"""Vendors' jobs: written down before the first poll, polled with patience, collected later, never bought twice."""

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.engine.core import AsyncEngine
from enrichcore.model import Billed, Contact, Hit, Job, Miss, Number, Outcome, Person, PhoneResult, Price, Query
from enrichcore.plugins import Poll, Provider, hookimpl

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

POLL = Poll(first=2.0, factor=2.0, every=10.0, give_up=600.0)
HIT = Hit(Number("+12025550143"))
DAY = 86_400.0


class Slow(Provider):
    """Takes jobs by email; what `collect` finds comes from a script, poll by poll."""

    name = "slow"
    typical = 1.0
    price = Price.per_hit(2)
    poll = POLL

    def __init__(self, *found: Any, clock: Any = None, ready_in: float | None = None, **facts: Any) -> None:
        vars(self).update(facts)
        self.found = list(found)
        self.ready_in = ready_in
        self.submitted: list[Query] = []
        self.polled: list[tuple[str, float]] = []
        self.on_poll: Any = None
        self._clock = clock

    @hookimpl
    async def phone_by_email(self, query: Any) -> Job:
        self.submitted.append(query)
        return Job(f"job-{len(self.submitted)}", ready_in=self.ready_in)

    async def collect(self, job: Job, query: Any, http: Any) -> Any:
        self.polled.append((job.id, self._clock()))
        if self.on_poll is not None:
            self.on_poll()
        said = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        if isinstance(said, float):
            await asyncio.sleep(said)
            said = job
        if isinstance(said, BaseException):
            raise said
        return job if said is None else said


def slow(lab: "Lab", *found: Any, **facts: Any) -> Slow:
    return Slow(*found, clock=lab.now, **facts)


def ada(lab: "Lab", record_id: str = "1") -> Contact:
    return lab.contact(record_id=record_id, email=lab.EMAIL)


def enrich(lab: "Lab", vendor: Slow, **options: Any) -> PhoneResult:
    return lab.enrich(vendor, contact=ada(lab), **options)


def test_the_job_is_in_the_journal_before_the_first_poll(lab: "Lab") -> None:
    vendor = slow(lab, HIT)
    jobs: list[str | None] = []
    vendor.on_poll = lambda: jobs.extend(row.job for row in lab.rows() if row.outcome is None)
    assert enrich(lab, vendor).found
    assert jobs == ["job-1"]


def test_polls_come_less_and_less_often_up_to_a_limit(lab: "Lab") -> None:
    vendor = slow(lab, None, None, None, None, HIT)
    result = enrich(lab, vendor, deadline=None)
    assert result.found
    assert [at for _, at in vendor.polled] == [2.0, 6.0, 14.0, 24.0, 34.0]
    assert result.attempts[0].duration_ms == 34_000


def test_the_vendors_own_hint_says_when_to_come_first(lab: "Lab") -> None:
    vendor = slow(lab, HIT, ready_in=7.0)
    assert enrich(lab, vendor).found
    assert vendor.polled == [("job-1", 7.0)]


def test_the_answer_is_settled_with_its_job_and_its_price(lab: "Lab") -> None:
    result = enrich(lab, slow(lab, None, HIT))
    [row] = lab.rows()
    assert (row.outcome, row.job, row.billed, row.credits) == (Outcome.HIT, "job-1", Billed.YES, Decimal(2))
    assert result.attempts[0].tries == 1


def test_a_miss_ends_a_job_too(lab: "Lab") -> None:
    result = enrich(lab, slow(lab, None, Miss(Person(name="Ada Lovelace"))))
    assert (result.status, lab.story(result)) == ("not_found", ["slow/email miss"])


def test_polls_keep_within_the_rate_limit(lab: "Lab") -> None:
    vendor = slow(lab, None, None, HIT, rate=["1/20s"])
    assert enrich(lab, vendor, deadline=None).found
    assert [at for _, at in vendor.polled] == [20.0, 40.0, 60.0]


def test_a_poll_that_is_told_to_slow_down_waits_as_long(lab: "Lab") -> None:
    vendor = slow(lab, errors.RateLimited(retry_after=50.0), HIT)
    assert enrich(lab, vendor, deadline=None).found
    assert [at for _, at in vendor.polled] == [2.0, 52.0]


@pytest.mark.parametrize("fault", [errors.Unsent(), errors.MaybeSent(), errors.ServerError(), errors.RequestRefused()])
def test_a_poll_that_fails_is_a_poll_and_not_the_end_of_the_job(lab: "Lab", fault: Exception) -> None:
    vendor = slow(lab, fault, fault, HIT)
    assert enrich(lab, vendor).found
    assert len(vendor.submitted) == 1


# --- a deadline, a stop and a crash -----------------------------------------------------------------------------------


def test_at_the_deadline_the_job_is_left_and_the_next_call_collects_it(lab: "Lab") -> None:
    vendor = slow(lab, None, None, None, HIT)
    first = enrich(lab, vendor, deadline=8)
    assert (first.status, first.reason) == ("incomplete", "pending")
    assert first.processing_time_ms <= 8_000
    [row] = lab.rows()
    assert (row.outcome, row.job) == (None, "job-1")
    second = enrich(lab, vendor)
    assert second.found
    assert len(vendor.submitted) == 1
    assert {job for job, _ in vendor.polled} == {"job-1"}
    assert second.attempts[0].billed is Billed.YES


def test_in_one_process_the_next_caller_collects_it_as_well(lab: "Lab") -> None:
    vendor = slow(lab, None, None, HIT)

    async def work() -> list[str]:
        async with lab.engine(vendor) as engine:
            first = await engine.enrich_phone(ada(lab), deadline=3)
            second = await engine.enrich_phone(ada(lab, "2"))
            return [first.status, second.status]

    assert lab.play(work) == ["incomplete", "found"]
    assert len(vendor.submitted) == 1


def test_after_a_crash_the_next_process_collects_it(lab: "Lab") -> None:
    vendor = slow(lab, None)

    async def crash() -> None:
        engine = lab.engine(vendor)
        async with engine:
            await engine.enrich_phone(ada(lab), deadline=3)
        [intent] = lab.tables.open.values()
        intent.owner = 77  # as if the owner had died in the middle of its wait

    lab.play(crash)
    vendor.found = [HIT]
    assert enrich(lab, vendor).found
    assert len(vendor.submitted) == 1


@pytest.mark.parametrize("how", ["cancelled", "closed"])
def test_whoever_leaves_leaves_the_job_to_the_next(lab: "Lab", how: str) -> None:
    vendor = slow(lab, None)

    async def leave() -> None:
        engine = lab.engine(vendor)
        async with engine:
            task = asyncio.create_task(engine.enrich_phone(ada(lab), deadline=None))
            await asyncio.sleep(16)
            if how == "cancelled":
                task.cancel()
            else:
                await engine.aclose()
            done = await asyncio.gather(task, return_exceptions=True)
            if how == "closed":
                assert isinstance(done[0], PhoneResult)
                assert done[0].reason == "pending"

    lab.play(leave)
    polls = len(vendor.polled)
    assert [at for _, at in vendor.polled] == [2.0, 6.0, 14.0], "nothing is asked after that"
    [row] = lab.rows()
    assert (row.outcome, row.job) == (None, "job-1")
    vendor.found = [HIT]
    assert enrich(lab, vendor).found
    assert (len(vendor.submitted), len(vendor.polled)) == (1, polls + 1)


def test_two_callers_share_one_job(lab: "Lab") -> None:
    vendor = slow(lab, None, HIT)

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor) as engine:
            return await asyncio.gather(*(engine.enrich_phone(ada(lab, record)) for record in "12"))

    assert [result.found for result in lab.play(work)] == [True, True]
    assert len(vendor.submitted) == 1


# --- how a job can fail -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "price", "billed"),
    [
        (errors.JobFailed(), Price.per_hit(2), Billed.NO),
        (errors.JobFailed(), Price.per_attempt(2), Billed.YES),
        (errors.JobFailed(billed=True), Price.per_hit(2), Billed.YES),
        (errors.JobFailed(billed=False), Price.per_attempt(2), Billed.NO),
        (errors.OutOfCredits(), Price.per_hit(2), Billed.NO),
        (errors.Unreadable(), Price.per_hit(2), Billed.YES),
    ],
)
def test_a_job_that_ends_without_an_answer_costs_what_the_vendor_says(
    lab: "Lab", fault: Exception, price: Price, billed: Billed
) -> None:
    result = enrich(lab, slow(lab, None, fault, price=price))
    [attempt] = result.attempts
    assert (attempt.outcome, attempt.billed) == (Outcome.ERROR, billed)
    [row] = lab.rows()
    assert (row.outcome, row.billed) == (Outcome.ERROR, billed)


@pytest.mark.parametrize("garbage", ["no answer at all", RuntimeError("bug"), KeyError("phones")])
def test_a_bug_in_collect_never_makes_the_job_free(lab: "Lab", garbage: Any) -> None:
    """The vendor has the job and may bill it, however little this poll has sent."""
    vendor = slow(lab, garbage, base_url="https://api.slow.example")
    result = enrich(lab, vendor)
    assert (result.attempts[0].reason, result.attempts[0].billed) == ("plugin_fault", Billed.UNKNOWN)
    assert lab.story(enrich(lab, vendor)) == ["slow/email skipped in_doubt"]
    assert len(vendor.submitted) == 1


def test_a_job_that_never_ends_is_given_up_as_possibly_billed(lab: "Lab") -> None:
    vendor = slow(lab, None)
    result = enrich(lab, vendor, deadline=None)
    assert (result.attempts[0].outcome, result.attempts[0].billed) == (Outcome.ERROR, Billed.UNKNOWN)
    assert 600 <= result.attempts[0].duration_ms / 1000 <= 610
    assert lab.story(enrich(lab, vendor)) == ["slow/email skipped in_doubt"]
    assert len(vendor.submitted) == 1


def test_the_time_to_give_up_counts_from_the_submission_in_whatever_process(lab: "Lab") -> None:
    vendor = slow(lab, None)
    enrich(lab, vendor, deadline=8)
    lab.runtime.skew += 3600
    assert enrich(lab, vendor, deadline=None).reason == "maybe_sent"
    assert len(vendor.submitted) == 1


def test_a_refused_key_while_polling_keeps_the_job_for_the_right_key(lab: "Lab") -> None:
    vendor = slow(lab, errors.KeyRefused(), HIT)

    async def work() -> list[Any]:
        async with lab.engine(vendor) as engine:
            first = await engine.enrich_phone(ada(lab))
            state = engine.channels["slow"].health.state
            engine.resume("slow")
            return [first.reason, state, (await engine.enrich_phone(ada(lab))).status]

    assert lab.play(work) == ["pending", "suspended", "found"]
    assert len(vendor.submitted) == 1


# --- in a bulk run ----------------------------------------------------------------------------------------------------


def test_records_that_wait_for_jobs_hold_no_place(lab: "Lab") -> None:
    """Two places, ten records, a job of ten seconds each: all are submitted at once."""
    vendor = slow(lab, HIT, ready_in=10.0)
    at: list[float] = []

    async def work() -> None:
        engine: AsyncEngine
        async with lab.engine(vendor) as engine:
            async for result in engine.enrich_phones(lab.people(10), concurrency=2):
                assert result.found
                at.append(lab.now())

    lab.play(work)
    assert at == [10.0] * 10


def test_a_free_vendor_has_jobs_without_intents(lab: "Lab") -> None:
    vendor = slow(lab, None, HIT, price=Price.free())
    jobs: list[Any] = []
    vendor.on_poll = lambda: jobs.extend(lab.rows())
    assert enrich(lab, vendor).found
    assert jobs == []
    [row] = lab.rows()
    assert (row.job, row.billed) == ("job-1", Billed.NO)


def test_a_poll_that_hangs_is_ended_by_the_providers_timeout(lab: "Lab") -> None:
    vendor = slow(lab, 3600.0, HIT, timeout=5.0)
    assert enrich(lab, vendor, deadline=None).found
    assert [at for _, at in vendor.polled] == [2.0, 11.0]


def test_while_a_paid_job_runs_nothing_else_is_bought(lab: "Lab") -> None:
    """The next paid provider is left alone, a free one is asked; the next call collects the job."""
    job = slow(lab, None)
    dear, free = lab.paid(lab.script(Miss()), name="dear"), lab.free(lab.script(Miss()), name="gratis")
    result = lab.enrich(job, dear, free, contact=Contact(email="ada@engines.example"), deadline=5.0, order=["slow"])
    assert "slow/email error pending" in lab.story(result)
    assert (len(dear.calls), len(free.calls)) == (0, 1)
    assert result.status == "incomplete"
    assert next(a.reason for a in result.attempts if a.provider == "dear" and a.method == "email") == "not_reached"
