"""One step: cache, single-flight, claim, call, settle; and the table of section 5 of the design, seen from outside."""

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.engine.breaker import CONSECUTIVE
from enrichcore.engine.retry import MAX_TRIES
from enrichcore.errors import StoreError
from enrichcore.model import (
    Billed,
    Contact,
    EmailQuery,
    Hit,
    LinkedInQuery,
    Miss,
    NameQuery,
    Number,
    Outcome,
    Person,
    PhoneResult,
    Price,
    Status,
)

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

DAY = 86_400.0
HIT, REPEATS, ATTEMPT = Price.per_hit(2), Price.per_hit(2, repeats_free_days=30), Price.per_attempt(2)


def ada(lab: "Lab", record_id: str = "1") -> Contact:
    return lab.contact(record_id=record_id, email=lab.EMAIL)


# --- the table --------------------------------------------------------------------------------------------------------

TABLE: list[tuple[str, Any, Price, int, Billed, str]] = [
    # event                  what happens                            price    calls      billed          state after
    ("unsent",               errors.Unsent(),                        HIT,     MAX_TRIES, Billed.NO,      "closed"),
    ("maybe sent",           errors.MaybeSent(),                     HIT,     1,         Billed.UNKNOWN, "closed"),
    ("maybe sent, free again", errors.MaybeSent(),                   REPEATS, MAX_TRIES, Billed.UNKNOWN, "closed"),
    ("429 that fits not",    errors.RateLimited(retry_after=3600.0), HIT,     1,         Billed.NO,      "paced"),
    ("429 that fits",        errors.RateLimited(retry_after=5.0),    HIT,     MAX_TRIES, Billed.NO,      "paced"),
    ("out of credits",       errors.OutOfCredits(),                  HIT,     1,         Billed.NO,      "parked"),
    ("key refused",          errors.KeyRefused(),                    HIT,     1,         Billed.NO,      "suspended"),
    ("5xx",                  errors.ServerError(),                   HIT,     MAX_TRIES, Billed.NO,      "closed"),
    ("5xx that may be billed", errors.ServerError(),                 ATTEMPT, 1,         Billed.YES,     "closed"),
    ("unreadable",           errors.Unreadable(),                    HIT,     1,         Billed.YES,     "closed"),
    ("refused question",     errors.RequestRefused(),                HIT,     1,         Billed.NO,      "closed"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "error", "price", "calls", "billed", "state"), TABLE, ids=[row[0] for row in TABLE])
def test_the_table(
    lab: "Lab", event: str, error: errors.ProviderError, price: Price, calls: int, billed: Billed, state: str
) -> None:
    """The same provider again or not, the next one always, what was billed, and what becomes of the provider."""
    failing = lab.by_email(lab.script(error), name="a", price=price)
    backup = lab.by_email({lab.EMAIL: lab.PHONE}, name="b", price=Price.per_hit(9))

    async def work() -> tuple[PhoneResult, str]:
        async with lab.engine(failing, backup) as engine:
            return await engine.enrich_phone(ada(lab)), engine.channels["a"].health.state

    result, after = lab.play(work)
    first, second = result.attempts
    assert (first.outcome, first.reason, first.billed, first.tries) == (Outcome.ERROR, error.code, billed, calls)
    assert (len(failing.calls), after) == (calls, state)
    assert (second.outcome, result.status, result.provider) == (Outcome.HIT, Status.FOUND, "b")
    rows = [row for row in lab.rows() if row.provider == "a"]
    intents = 1 if price.repeats_free_days else calls  # where repeats are free they are one purchase
    assert [row.outcome for row in rows] == [Outcome.ERROR] * intents, "every try has its own intent"
    assert {row.billed for row in rows} == {billed}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(Hit(Number("+12025550143"), person=Person(name="Grace Hopper")), "other_person"), ("nonsense", "unparsable")],
)
def test_a_wrong_person_or_number_is_paid_for_and_the_next_one_asked(lab: "Lab", answer: Any, reason: str) -> None:
    wrong = lab.by_email({lab.EMAIL: answer}, name="a")
    right = lab.by_email({lab.EMAIL: lab.PHONE}, name="b")
    contact = lab.contact(first_name="Ada", last_name="Lovelace", email=lab.EMAIL)

    async def work() -> Any:
        async with lab.engine(wrong, right) as engine:
            for record in range(40):
                mail = f"p{record}@engines.example"
                await engine.enrich_phone(lab.contact(record_id=f"x{record}", email=mail))
            result = await engine.enrich_phone(contact)
            return result, engine.channels["a"].health.state

    result, state = lab.play(work)
    first = result.attempts[0]
    assert (first.outcome, first.reason, first.billed) == (Outcome.REJECTED, reason, Billed.YES)
    assert (result.provider, len(wrong.calls), state) == ("b", 41, "closed")


def test_rejected_answers_never_open_a_breaker(lab: "Lab") -> None:
    vendor = lab.by_email(lambda _: "nonsense")

    async def work() -> Any:
        async with lab.engine(vendor) as engine:
            for row in lab.people(40):
                await engine.enrich_phone(row)
            return engine.channels["paid"].health.state

    assert (lab.play(work), len(vendor.calls)) == ("closed", 40)


@pytest.mark.parametrize("error", [errors.RequestRefused(status=404), errors.RateLimited(retry_after=0.0)])
def test_a_404_or_a_429_never_harms_a_providers_health(lab: "Lab", error: errors.ProviderError) -> None:
    async def work() -> Any:
        async with lab.engine(lab.by_email(lab.script(error))) as engine:
            for row in lab.people(40):
                await engine.enrich_phone(row)
            health = engine.channels["paid"].health
            await asyncio.sleep(60)
            return health.gate(lab.runtime.monotonic()), health.state

    assert lab.play(work) == (None, "closed")


# --- tries and waits --------------------------------------------------------------------------------------------------


def test_a_retry_succeeds_after_a_short_random_wait(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.Unsent(), errors.ServerError(), lab.PHONE))
    result = lab.enrich(vendor, contact=ada(lab))
    [attempt] = result.attempts
    assert (attempt.outcome, attempt.tries) == (Outcome.HIT, 3)
    assert 0 < attempt.duration_ms < 1500, "full jitter below 0.5 s and 1 s"


def test_a_429_waits_as_long_as_the_vendor_asks_when_that_fits(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.RateLimited(retry_after=20.0), lab.PHONE))
    result = lab.enrich(vendor, contact=ada(lab))
    [attempt] = result.attempts
    assert (attempt.outcome, attempt.tries) == (Outcome.HIT, 2)
    assert 20_000 <= attempt.duration_ms < 21_100


def test_a_429_that_says_nothing_waits_ten_seconds(lab: "Lab") -> None:
    result = lab.enrich(lab.by_email(lab.script(errors.RateLimited(), lab.PHONE)), contact=ada(lab))
    assert 10_000 <= result.attempts[0].duration_ms < 10_600


def test_retries_of_all_callers_share_one_budget(lab: "Lab") -> None:
    """An outage is not amplified: a fifth of the first attempts, and a reserve of ten."""
    calls = 0

    def unstable(_: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls % 4:
            raise errors.Unsent
        return Miss()

    vendor = lab.by_email(unstable, rate=["1000/s"])

    async def work() -> int:
        async with lab.engine(vendor) as engine:
            for row in lab.people(300):
                engine.channels["paid"].health.resume()
                await engine.enrich_phone(row)
            return sum(attempt.outcome is not Outcome.SKIPPED for attempt in lab.told)

    firsts = lab.play(work)
    retries = calls - firsts
    assert 0 < retries <= firsts * 0.2 + 10


def test_a_try_that_was_made_is_told_even_when_the_gate_closes_before_the_next(lab: "Lab") -> None:
    """`skipped` means not asked."""
    vendor = lab.by_email(lab.script(errors.Unsent("no route to host")))

    async def work() -> PhoneResult:
        async with lab.engine(vendor) as engine:
            for _ in range(4):
                engine.channels["paid"].health.failed(0, 0)
            return await engine.enrich_phone(ada(lab))

    result = lab.play(work)
    assert lab.story(result) == ["paid/email error unsent"]
    assert (result.attempts[0].tries, result.attempts[0].detail) == (1, "no route to host")


@pytest.mark.parametrize("left", [0.05, 0.2])
def test_no_paid_call_starts_with_too_little_time_left(lab: "Lab", left: float) -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE}, typical=0.1)
    result = lab.enrich(vendor, contact=ada(lab), deadline=left)
    assert lab.story(result) == (["paid/email skipped no_time"] if left < 0.1 else ["paid/email hit"])
    assert len(vendor.calls) == (left > 0.1)


def test_callers_in_a_hurry_do_not_open_the_breaker_for_the_others(lab: "Lab") -> None:
    """Less time than an answer usually takes says nothing of the provider; more than that does."""

    def state(deadline: float) -> str:
        async def work() -> str:
            async with lab.engine(lab.free(lab.slow(30, None), methods=["email"], typical=2.0)) as engine:
                for person in lab.people(2 * CONSECUTIVE):
                    await engine.enrich_phone(person, deadline=deadline)
                return engine.channels["free"].health.state

        return lab.play(work)

    assert (state(1.0), state(5.0)) == ("closed", "open")


def test_a_call_may_take_the_time_that_is_left_and_no_more(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(3600.0), timeout=20.0)
    quick = lab.enrich(vendor, contact=ada(lab), deadline=8)
    assert (quick.processing_time_ms, quick.reason) == (8_000, "maybe_sent")
    patient = lab.enrich(lab.by_email(lab.slow(3600.0), name="other", timeout=20.0), contact=ada(lab), deadline=60)
    assert patient.processing_time_ms == 20_000


# --- intents and the journal ------------------------------------------------------------------------------------------


def test_the_intent_of_a_paid_call_is_committed_before_it_leaves(lab: "Lab") -> None:
    seen: list[list[Any]] = []

    def look(_: Any) -> str:
        seen.append([row.outcome for row in lab.rows()])
        return lab.PHONE

    lab.enrich(lab.by_email(look), contact=ada(lab))
    assert seen == [[None]]
    assert [row.outcome for row in lab.rows()] == [Outcome.HIT]


def test_nothing_waits_with_an_open_intent(lab: "Lab") -> None:
    """Rate limits and pauses come before the claim: an open intent means a call under way."""
    calls_under_way = 0
    wrong: list[float] = []

    async def busy(_: Any) -> str:
        nonlocal calls_under_way
        calls_under_way += 1
        await asyncio.sleep(0.5)
        calls_under_way -= 1
        if calls_under_way == 0 and lab.now() < 4:
            raise errors.ServerError
        return lab.PHONE

    async def watch() -> None:
        while True:
            await asyncio.sleep(0.1)
            if len(lab.tables.open) > calls_under_way:
                wrong.append(lab.now())

    async def work() -> None:
        async with lab.engine(lab.by_email(busy, rate=["1/2s"])) as engine:
            watching = asyncio.create_task(watch())
            async for _ in engine.enrich_phones(lab.people(8), concurrency=4):
                pass
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    lab.play(work)
    assert wrong == []
    assert lab.tables.open == {}


def test_an_intent_says_when_its_call_left_not_when_its_wait_began(lab: "Lab") -> None:
    starts: list[float] = []

    def look(_: Any) -> None:
        starts.append(lab.rows()[-1].started_at - lab.runtime.wall())

    lab.bulk(lab.by_email(look, rate=["1/h"]), rows=lab.people(3))
    assert starts == [0.0, 0.0, 0.0]


def test_a_free_provider_needs_no_intent_and_is_on_the_record_all_the_same(lab: "Lab") -> None:
    store = lab.store()
    lab.enrich(lab.free({lab.EMAIL: lab.PHONE}, methods=["email"]), contact=ada(lab), store=store)
    assert not {"claim", "settle"} & set(store.operations)
    [row] = lab.rows()
    assert (row.provider, row.outcome, row.billed) == ("free", Outcome.HIT, Billed.NO)


def test_the_verbs_come_in_order(lab: "Lab") -> None:
    store = lab.store()
    lab.enrich(lab.by_email({lab.EMAIL: lab.PHONE}), contact=ada(lab), store=store)
    assert [verb for verb in store.operations if verb != "heartbeat"] == ["load_result", "known", "claim", "settle"]


def test_what_was_billed_is_counted_in_credits_and_money(lab: "Lab") -> None:
    said = Hit(Number(lab.PHONE), credits=Decimal(7))
    lab.enrich(lab.by_email({lab.EMAIL: said}), contact=ada(lab), settings={"paid": {"credit_price": "0.10"}})
    [row] = lab.rows()
    assert (row.billed, row.credits, row.cost) == (Billed.YES, Decimal(7), Decimal("0.70"))


def test_a_lost_answer_counts_as_spent(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.MaybeSent()))
    result = lab.enrich(vendor, contact=ada(lab), settings={"paid": {"credit_price": "0.10"}})
    assert (result.cost, lab.rows()[0].cost) == (Decimal("0.20"), Decimal("0.20"))


@pytest.mark.parametrize("at", ["claim", "settle", "note_job"])
def test_a_journal_that_fails_stops_all_spending(lab: "Lab", at: str) -> None:
    from enrichcore.model import Job

    vendor = lab.by_email(lab.script(Job("j") if at == "note_job" else lab.PHONE))
    store = lab.store()

    async def work() -> None:
        async with lab.engine(vendor, store=store) as engine:
            store.fail_at = at
            for record in "12":
                with pytest.raises(StoreError, match="disk is full"):
                    await engine.enrich_phone(ada(lab, record))
            with pytest.raises(StoreError, match="disk is full"):
                [_ async for _ in engine.enrich_phones(lab.people(3))]
            store.fail_at = None

    lab.play(work)
    assert len(vendor.calls) == (0 if at == "claim" else 1)


# --- what a provider sees ---------------------------------------------------------------------------------------------


def test_a_provider_sees_the_query_of_its_method_and_nothing_else(lab: "Lab") -> None:
    vendor = lab.free({})
    lab.enrich(vendor, contact=lab.contact(**lab.ADA, country="US"))
    by_name, by_linkedin, by_email = vendor.calls
    assert isinstance(by_name, NameQuery)
    assert (by_name.full_name, by_name.company, by_name.country) == ("Ada Lovelace", "Engines Ltd", "US")
    assert isinstance(by_linkedin, LinkedInQuery)
    assert (by_linkedin.linkedin_id, by_linkedin.first_name, by_linkedin.country) == ("ada-l", "Ada", "US")
    assert isinstance(by_email, EmailQuery)
    assert (by_email.email, by_email.last_name) == (lab.EMAIL, "Lovelace")
    seen = [" ".join(str(getattr(query, name, "")) for name in dir(query)) for query in vendor.calls]
    assert lab.EMAIL not in seen[0] + seen[1]
    assert "ada-l" not in seen[0] + seen[2]
    assert "Engines Ltd" not in seen[1] + seen[2]
