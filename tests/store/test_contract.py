"""What every store does, as facts that hold for all of them."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Any

import attrs
import pytest

from enrichcore.errors import StoreError
from enrichcore.model import Billed, Outcome
from enrichcore.store import (
    Claim,
    ClaimAnswer,
    Granted,
    InFlight,
    Known,
    Row,
    SharedNumber,
    Store,
    StoredResult,
    StoredState,
    TakenOver,
)
from enrichcore.store.judge import IN_DOUBT

NewStore = Callable[[], Store]
Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MakeResult = Callable[..., StoredResult]

NOW = 1_790_000_000.0
DAY = 86_400.0


async def granted(store: Store, claim: Claim) -> int:
    answer = await store.claim(claim)
    assert isinstance(answer, Granted)
    return answer.id


def test_a_new_question_is_granted_and_its_answer_known(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """The first claim of a key gets an intent; after `settle` every claim gets the answer, with every field."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim())
            assert await store.known(claim()) is None
            row = settled(
                attempt, reason="no_person", job="job-7", credits=Decimal("0.1"), cost=None, outcome=Outcome.REJECTED
            )
            await store.settle(row)
            answer = await store.claim(claim())
            assert isinstance(answer, Known)
            assert attrs.asdict(answer.row) == attrs.asdict(row)
            known = await store.known(claim())
            assert known is not None
            assert attrs.asdict(known) == attrs.asdict(row)

    asyncio.run(scenario())


def test_ids_hold_the_owner_and_never_repeat(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """An attempt id is the owner's 31 bits and a counter, whether it comes from a claim or from `next_id`."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            assert 0 < store.owner < 2**31
            ids = [
                store.next_id(),
                await granted(store, claim(b"a")),
                store.next_id(),
                await granted(store, claim(b"b")),
            ]
            assert len(set(ids)) == 4
            assert {number >> 32 for number in ids} == {store.owner}
            assert max(ids) < 2**63

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("outcome", "billed", "age_days", "blocks"),
    [
        (Outcome.HIT, Billed.YES, 89, True),
        (Outcome.HIT, Billed.YES, 91, False),
        (Outcome.REJECTED, Billed.NO, 89, True),
        (Outcome.REJECTED, Billed.NO, 91, False),
        (Outcome.MISS, Billed.NO, 13, True),
        (Outcome.MISS, Billed.YES, 15, False),
        (Outcome.ERROR, Billed.YES, 13, True),
        (Outcome.ERROR, Billed.YES, 15, False),
        (Outcome.ERROR, Billed.UNKNOWN, 13, True),
        (Outcome.ERROR, Billed.UNKNOWN, 15, False),
        (Outcome.ERROR, Billed.NO, 0, False),
        (Outcome.SKIPPED, Billed.NO, 0, False),
    ],
)
def test_freshness_by_outcome(
    new_store: NewStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    outcome: Outcome,
    billed: Billed,
    age_days: int,
    blocks: bool,
) -> None:
    """Hits and rejected answers count for the hits' lifetime, misses and billed errors for the misses', others not."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            at = NOW - age_days * DAY
            await store.settle(settled(await granted(store, claim(now=at)), at=at, outcome=outcome, billed=billed))
            known = await store.known(claim())
            answer = await store.claim(claim())
            assert isinstance(answer, Known) is blocks
            assert (known is not None) is blocks

    asyncio.run(scenario())


@pytest.mark.parametrize(("age_days", "blocks"), [(0.9, True), (1.1, False)])
def test_a_refresh_does_not_buy_again_what_is_in_doubt(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow, age_days: float, blocks: bool
) -> None:
    """An attempt of unknown billing blocks for a day, even when the caller accepts nothing that is stored."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            at = NOW - age_days * DAY
            attempt = await granted(store, claim(now=at))
            await store.settle(settled(attempt, at=at, outcome=Outcome.ERROR, billed=Billed.UNKNOWN))
            answer = await store.claim(claim(hits_since=NOW, misses_since=NOW))
            assert isinstance(answer, Known) is blocks

    asyncio.run(scenario())


def test_the_newest_blocking_answer_is_given(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Of several settled attempts the newest that blocks answers; a later error that was not billed hides nothing."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            for age, outcome, billed in (
                (30, Outcome.HIT, Billed.YES),
                (20, Outcome.HIT, Billed.YES),
                (10, Outcome.ERROR, Billed.NO),
            ):
                at = NOW - age * DAY
                attempt = await granted(store, claim(now=at, hits_since=at))
                await store.settle(settled(attempt, at=at, outcome=outcome, billed=billed))
            answer = await store.claim(claim())
            assert isinstance(answer, Known)
            assert answer.row.settled_at == NOW - 20 * DAY

    asyncio.run(scenario())


def test_a_living_owner_is_waited_for(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """While an intent is open, its own process and others on the same journal are told that it is in flight."""

    async def scenario() -> None:
        async with opened(new_store()) as one, opened(new_store()) as other:
            assert one.owner != other.owner
            attempt = await granted(one, claim())
            for store in (one, other):
                answer = await store.claim(claim(now=NOW + 1))
                assert isinstance(answer, InFlight)
                assert (answer.row.id, answer.row.owner, answer.row.outcome) == (attempt, one.owner, None)

    asyncio.run(scenario())


def test_many_claims_of_one_key_are_one_intent(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """Of a hundred claims at once, over two owners, one is granted."""

    async def scenario() -> None:
        async with opened(new_store()) as one, opened(new_store()) as other:
            stores = [one, other] * 50
            answers: list[ClaimAnswer] = await asyncio.gather(*(store.claim(claim()) for store in stores))
            assert sum(isinstance(answer, Granted) for answer in answers) == 1
            assert sum(isinstance(answer, InFlight) for answer in answers) == 99

    asyncio.run(scenario())


def test_owners_that_open_together_all_live(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """Eight owners open at once, and none of them takes another for dead."""

    async def scenario() -> None:
        stores = [new_store() for _ in range(8)]
        await asyncio.gather(*(store.open(NOW) for store in stores))
        for number, store in enumerate(stores):
            await granted(store, claim(b"%d" % number))
        for number in range(8):
            assert isinstance(await stores[number - 1].claim(claim(b"%d" % number)), InFlight)
        await asyncio.gather(*(store.aclose() for store in stores))

    asyncio.run(scenario())


def test_an_orphan_is_closed_in_doubt(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """An intent whose owner is gone may have been billed: it is settled as unknown and not asked again."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(now=NOW - 60))
        async with opened(new_store()) as store:
            for _ in range(2):
                answer = await store.claim(claim())
                assert isinstance(answer, Known)
                row = answer.row
                assert (row.id, row.outcome, row.reason, row.billed) == (
                    attempt,
                    Outcome.ERROR,
                    "in_doubt",
                    Billed.UNKNOWN,
                )
                assert (row.started_at, row.settled_at, row.cost) == (NOW - 60, NOW, None)
            assert isinstance(await store.claim(claim(now=NOW + 15 * DAY)), Granted)

    asyncio.run(scenario())


def test_a_repeatable_orphan_is_asked_again_as_the_same_attempt(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Where repeats are free an orphan blocks nobody, and to ask again is the same purchase."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(now=NOW - 60))
        async with opened(new_store()) as store, opened(new_store()) as other:
            assert await granted(store, claim(repeats_since=NOW - 60)) == attempt
            answer = await other.claim(claim(repeats_since=0.0))
            assert isinstance(answer, InFlight)
            assert (answer.row.id, answer.row.owner, answer.row.started_at) == (attempt, store.owner, NOW - 60)
            assert await other.in_doubt("default", NOW) == []
            await store.settle(settled(attempt))
            known = await other.claim(claim(repeats_since=0.0))
            assert isinstance(known, Known)
            assert (known.row.id, known.row.outcome, known.row.billed) == (attempt, Outcome.HIT, Billed.YES)
            assert known.row.started_at == NOW - 60
            assert await other.in_doubt("default", NOW) == []
            assert await store.calls_since("acme", 0) == [NOW - 60]

    asyncio.run(scenario())


def test_what_was_asked_before_the_free_time_blocks_like_any_doubt(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """The vendor's window counts from the first call: after it a repeat would be billed."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            await granted(store, claim(b"orphan", now=NOW - 60))
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(now=NOW - 60))
            await store.settle(settled(attempt, at=NOW - 60, outcome=Outcome.ERROR, billed=Billed.UNKNOWN, cost=None))
            for key in (b"orphan", b"question-1"):
                assert isinstance(await store.claim(claim(key, repeats_since=NOW - 59)), Known)
            assert await granted(store, claim(repeats_since=NOW - 60)) == attempt

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.ERROR, (Outcome.ERROR, "refused")),
        (Outcome.SKIPPED, (Outcome.ERROR, IN_DOUBT)),
        (Outcome.MISS, (Outcome.MISS, "refused")),
    ],
)
def test_a_repeat_that_cost_nothing_leaves_the_doubt(
    new_store: NewStore,
    opened: Opened,
    claim: MakeClaim,
    settled: MakeRow,
    outcome: Outcome,
    expected: tuple[Outcome, str],
) -> None:
    """The first call may have been billed: only an answer that is billed, or a person, says what it cost."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(now=NOW - 60))
            doubt = {"outcome": Outcome.ERROR, "billed": Billed.UNKNOWN, "cost": None}
            await store.settle(settled(attempt, at=NOW - 50, **doubt))
            assert await granted(store, claim(repeats_since=0.0)) == attempt
            free = {"billed": Billed.NO, "credits": Decimal(0), "cost": Decimal(0), "reason": "refused"}
            await store.settle(settled(attempt, outcome=outcome, payload=None, **free))
            [row] = await store.in_doubt("default", NOW)
            assert (row.id, row.billed, row.credits, row.cost) == (attempt, Billed.UNKNOWN, 0, None)
            assert (row.outcome, row.reason) == expected
            assert row.settled_at == NOW

    asyncio.run(scenario())


def test_a_repeat_of_a_dead_owner_is_in_doubt_as_before(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """It may be repeated again and again."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(now=NOW - 60))
        for _ in range(3):
            async with opened(new_store()) as store:
                assert [row.id for row in await store.in_doubt("default", NOW)] == [attempt]
                assert await granted(store, claim(repeats_since=0.0)) == attempt
        async with opened(new_store()) as store:
            assert isinstance(await store.claim(claim()), Known)
            assert [row.id for row in await store.in_doubt("default", NOW)] == [attempt]

    asyncio.run(scenario())


def test_a_vendor_job_is_taken_over(new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow) -> None:
    """An orphan with a job is polled by the next owner, even where repeats are free, and settled once."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(now=NOW - 60))
            await store.note_job(attempt, "job-7")
        async with opened(new_store()) as store, opened(new_store()) as other:
            answer = await store.claim(claim(repeats_since=0.0))
            assert isinstance(answer, TakenOver)
            assert (answer.row.id, answer.row.job, answer.row.started_at) == (attempt, "job-7", NOW - 60)
            assert isinstance(await other.claim(claim()), InFlight)
            await store.settle(settled(attempt, job="job-7"))
            known = await other.claim(claim())
            assert isinstance(known, Known)
            assert known.row.job == "job-7"

    asyncio.run(scenario())


def test_a_released_job_goes_to_whoever_asks_next(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """After `release` the very same owner, or another, takes the job over."""

    async def scenario() -> None:
        async with opened(new_store()) as one, opened(new_store()) as other:
            attempt = await granted(one, claim())
            await one.note_job(attempt, "job-7")
            for store in (one, other, one):
                await one.release(attempt)
                assert [row.id for row in await one.in_doubt("default", NOW)] == [attempt]
                answer = await store.claim(claim())
                assert isinstance(answer, TakenOver)
                assert answer.row.owner == store.owner
            assert await one.in_doubt("default", NOW) == []

    asyncio.run(scenario())


def test_the_first_definite_outcome_stands(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """An owner that was thought dead may still bring its answer; it replaces the doubt but not another answer."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim())
        async with opened(new_store()) as store:
            assert isinstance(await store.claim(claim()), Known)
            await store.settle(settled(attempt, payload=b"first"))
            await store.settle(settled(attempt, payload=b"second", outcome=Outcome.MISS))
            known = await store.known(claim())
            assert known is not None
            assert (known.payload, known.outcome) == (b"first", Outcome.HIT)
            assert await store.in_doubt("default", NOW) == []

    asyncio.run(scenario())


def test_a_cancelled_claim_leaves_no_intent(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """Nothing is sent under a claim whose caller was cancelled, so the next caller is not kept waiting."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            for turns in range(6):
                key = b"%d" % turns
                task = asyncio.create_task(store.claim(claim(key)))
                for _ in range(turns):
                    await asyncio.sleep(0)
                if not task.cancel():
                    continue  # it was answered before
                await asyncio.wait([task])
                await store.heartbeat(NOW)  # in line behind it and what it took back
                await store.heartbeat(NOW)
                assert isinstance(await store.claim(claim(key)), Granted)

    asyncio.run(scenario())


def test_a_cancelled_settle_is_still_written(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """What was paid for is kept although the caller has gone."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim())
            task = asyncio.ensure_future(store.settle(settled(attempt)))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert isinstance(await store.claim(claim()), Known)

    asyncio.run(scenario())


def test_recorded_attempts_are_known_at_once(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """A free provider's answer needs no intent and is read before it is committed, and after."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            row = settled(store.next_id(), billed=Billed.NO)
            store.record(row)
            at_once = await store.known(claim())
            await store.heartbeat(NOW)
            later = await store.known(claim())
            assert at_once is not None
            assert later is not None
            assert attrs.asdict(at_once) == attrs.asdict(later) == attrs.asdict(row)
        async with opened(new_store()) as store:
            assert isinstance(await store.claim(claim()), Known)

    asyncio.run(scenario())


def test_a_result_is_never_downgraded(new_store: NewStore, opened: Opened, finished: MakeResult) -> None:
    """An incomplete result is the last one but not the known one; a definite result is both."""

    async def scenario() -> None:
        async with opened(new_store()) as store:

            async def check(known: StoredResult | None, last: StoredResult | None) -> None:
                for _ in range(2):  # queued, then committed
                    loaded = await store.load_result("default", b"record-1")
                    shown = await store.last_result("default", b"record-1")
                    assert (loaded and attrs.asdict(loaded)) == (known and attrs.asdict(known))
                    assert (shown and attrs.asdict(shown)) == (last and attrs.asdict(last))
                    await store.heartbeat(NOW)

            await check(None, None)
            known: StoredResult | None = None
            for number, (status, known_is_new) in enumerate(
                [
                    ("incomplete", True),  # nothing better is known yet
                    ("not_found", True),
                    ("incomplete", False),
                    ("incomplete", False),
                    ("found", True),
                    ("incomplete", False),
                    ("suppressed", False),
                ]
            ):
                new = finished(status, at=NOW + number)
                store.save_result(new)
                known = new if known_is_new else known
                await check(known, new)

    asyncio.run(scenario())


def test_queued_results_keep_their_order(new_store: NewStore, opened: Opened, finished: MakeResult) -> None:
    """Many results of one record, queued in one go: the last definite and the last of all survive a reopening."""

    async def scenario() -> None:
        statuses = ["found", "incomplete", "not_found", "incomplete"] * 40
        async with opened(new_store()) as store:
            for number, status in enumerate(statuses):
                store.save_result(finished(status, at=NOW + number))
            queued = await store.load_result("default", b"record-1"), await store.last_result("default", b"record-1")
        async with opened(new_store()) as store:
            kept = await store.load_result("default", b"record-1"), await store.last_result("default", b"record-1")
            assert [r and r.finished_at for r in queued] == [NOW + 158, NOW + 159]
            assert [r and r.finished_at for r in kept] == [NOW + 158, NOW + 159]

    asyncio.run(scenario())


def test_tenants_do_not_see_each_other(
    new_store: NewStore, opened: Opened, claim: MakeClaim, finished: MakeResult
) -> None:
    """Results and doubts of one tenant are nothing to another."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            await granted(store, claim(tenant="globex"))
            store.save_result(finished(tenant="globex"))
        async with opened(new_store()) as store:
            assert len(await store.in_doubt("globex", NOW)) == 1
            assert await store.in_doubt("default", NOW) == []
            assert await store.load_result("globex", b"record-1") is not None
            assert await store.load_result("default", b"record-1") is None

    asyncio.run(scenario())


def test_what_is_in_doubt_is_listed_oldest_first(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Orphans and settled attempts of unknown billing; not what a living owner holds, not what is certain."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            orphan = await granted(store, claim(b"orphan", now=NOW - 50))
        async with opened(new_store()) as store, opened(new_store()) as other:
            unknown = await granted(store, claim(b"unknown", now=NOW - 90))
            await store.settle(settled(unknown, b"unknown", at=NOW - 90, outcome=Outcome.ERROR, billed=Billed.UNKNOWN))
            await store.settle(settled(await granted(store, claim(b"certain")), b"certain"))
            await granted(other, claim(b"alive"))
            assert [row.id for row in await store.in_doubt("default", NOW)] == [unknown, orphan]

    asyncio.run(scenario())


def test_calls_seed_the_rate_windows(new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow) -> None:
    """Every call of a provider since a moment, open or settled, paid or free; none of another provider."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            for number, at in enumerate((NOW - 5, NOW - 20, NOW - 100)):
                key = b"%d" % number
                await store.settle(settled(await granted(store, claim(key, now=at)), key, at=at))
            await granted(store, claim(b"open", now=NOW - 1))
            await granted(store, claim(b"else", provider="other"))
            store.record(settled(store.next_id(), b"free", at=NOW - 10))
            store.record(settled(store.next_id(), b"skip", at=NOW - 2, outcome=Outcome.SKIPPED))
            await store.heartbeat(NOW)
            assert await store.calls_since("acme", NOW - 20) == [NOW - 20, NOW - 10, NOW - 5, NOW - 1]

    asyncio.run(scenario())


def test_states_outlive_the_owner(new_store: NewStore, opened: Opened) -> None:
    """Parked and suspended accounts are remembered until they are closed."""

    def state(name: str, credential: bytes = b"key-1") -> StoredState:
        return StoredState(
            provider="acme", credential=credential, state=name, since=NOW, until=None, reason="out_of_credits"
        )

    async def scenario() -> None:
        async with opened(new_store()) as store:
            for one in (state("parked"), state("suspended"), state("parked", b"key-2")):
                store.save_state(one)
        async with opened(new_store()) as store:
            states = sorted(await store.load_states(), key=lambda s: s.credential)
            assert states == [state("suspended"), state("parked", b"key-2")]
            store.save_state(state("closed"))
            await store.heartbeat(NOW)
            assert await store.load_states() == [state("parked", b"key-2")]

    asyncio.run(scenario())


def test_a_store_is_opened_once_at_a_time(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """Claiming before opening, or opening twice, is refused; closing twice is not, and opening again is a new owner."""

    async def scenario() -> None:
        store = new_store()
        with pytest.raises(StoreError, match="not open"):
            await store.claim(claim())
        async with opened(store):
            with pytest.raises(StoreError, match="open already"):
                await store.open(NOW)
            first = store.owner
            attempt = await granted(store, claim())
        await store.aclose()
        async with opened(store):
            assert store.owner != first
            answer = await store.claim(claim())
            assert isinstance(answer, Known)
            assert answer.row.id == attempt

    asyncio.run(scenario())


def test_a_number_given_for_too_many_people_is_shared(new_store: NewStore, opened: Opened) -> None:
    """Three people may have it, however often; with the fourth it is shared, which is told once it is durable."""

    async def scenario() -> None:
        told: list[SharedNumber] = []
        listener = told.append
        async with opened(new_store()) as store, opened(new_store()) as other:
            for person in (1, 2, 3, 3, 2, 1):
                store.note_number("default", 7, person, NOW, 3, listener)
            store.note_number("default", 8, 4, NOW, 3, listener)
            await store.heartbeat(NOW)
            assert (told, await other.shared_numbers("default")) == ([], [])
            store.note_number("default", 7, 4, NOW, 3, listener)
            await store.heartbeat(NOW)
            assert [(s.phone, s.people, s.company) for s in told] == [(7, 4, False)]
            assert await other.shared_numbers("default") == told
        async with opened(new_store()) as store:
            assert await store.shared_numbers("default") == told

    asyncio.run(scenario())


def test_people_of_one_group_and_of_several_owners_are_counted_together(new_store: NewStore, opened: Opened) -> None:
    """Sixty numbers of four people each, queued in one go by two owners: all are shared, each of them once."""

    async def scenario() -> None:
        one: dict[int, SharedNumber] = {}
        two: dict[int, SharedNumber] = {}
        hears_one = lambda s: one.setdefault(s.phone, s)  # noqa: E731
        hears_two = lambda s: two.setdefault(s.phone, s)  # noqa: E731
        phones = range(-30, 30)
        async with opened(new_store()) as store, opened(new_store()) as other:
            for phone in phones:
                for person in (1, 2):
                    store.note_number("default", phone, person, NOW, 3, hears_one)
                    other.note_number("default", phone, -person, NOW, 3, hears_two)
            await asyncio.gather(store.heartbeat(NOW), other.heartbeat(NOW))
            shared = await store.shared_numbers("default")
            assert sorted(s.phone for s in shared) == list(phones)
            assert sorted([*one, *two]) == list(phones)  # whoever brought the fourth heard of it
            assert {s.people for s in shared} == {4}

    asyncio.run(scenario())


def test_a_company_line_is_shared_at_once(new_store: NewStore, opened: Opened) -> None:
    """One note is enough, and it is told; what people had it is not forgotten over it."""

    async def scenario() -> None:
        told: list[SharedNumber] = []
        listener = told.append
        async with opened(new_store()) as store:
            store.note_number("default", 7, None, NOW, 3, listener)
            for person in range(4):
                store.note_number("default", 8, person, NOW, 3, listener)
            await store.heartbeat(NOW)
            store.note_number("default", 8, None, NOW, 3, listener)
            store.note_number("default", 7, None, NOW, 3, listener)
            await store.heartbeat(NOW)
            shared = {s.phone: (s.people, s.company) for s in await store.shared_numbers("default")}
            assert shared == {7: (0, True), 8: (4, True)}
            assert {s.phone for s in told if s.company} == {7, 8}

    asyncio.run(scenario())


def test_only_what_is_new_is_read_again(new_store: NewStore, opened: Opened) -> None:
    """Marks grow with every change: a reader that remembers the last one misses nothing and reads nothing twice."""

    async def scenario() -> None:
        told: list[SharedNumber] = []
        listener = told.append
        async with opened(new_store()) as store, opened(new_store()) as other:
            seen: list[tuple[int, bool]] = []
            mark = 0
            for phone, writer in ((1, store), (2, other), (1, store), (3, store), (2, store)):
                writer.note_number("default", phone, None, NOW, 3, listener)
                await writer.heartbeat(NOW)
                for shared in await other.shared_numbers("default", mark):
                    assert shared.mark > mark
                    mark = shared.mark
                    seen.append((shared.phone, shared.company))
            assert seen == [(1, True), (2, True), (3, True)]
            for person in range(4):
                store.note_number("default", 4, person, NOW, 3, listener)
            store.note_number("default", 1, None, NOW, 3, listener)
            await store.heartbeat(NOW)
            for company in (False, True):  # the newest row itself may change
                if company:
                    store.note_number("default", 4, None, NOW, 3, listener)
                    await store.heartbeat(NOW)
                [changed] = await other.shared_numbers("default", mark)
                assert (changed.phone, changed.people, changed.company) == (4, 4, company)
                mark = changed.mark

    asyncio.run(scenario())


def test_each_counts_to_its_own_limit(new_store: NewStore, opened: Opened) -> None:
    """What is shared for one who allows two people is not for one who allows five, and the people count for both."""

    async def scenario() -> None:
        strict: list[SharedNumber] = []
        lenient: list[SharedNumber] = []
        hears_strict, hears_lenient = strict.append, lenient.append
        async with opened(new_store()) as store:
            for person in range(3):
                store.note_number("default", 7, person, NOW, 2, hears_strict)
            store.note_number("default", 7, 3, NOW, 5, hears_lenient)
            await store.heartbeat(NOW)
            assert ([s.people for s in strict], lenient) == ([3], [])
            for person in range(4, 7):
                store.note_number("default", 7, person, NOW, 5, hears_lenient)
                await store.heartbeat(NOW)
            assert [s.people for s in lenient] == [6, 6]
            assert [s.people for s in await store.shared_numbers("default")] == [6]

    asyncio.run(scenario())


def test_tenants_count_for_themselves(new_store: NewStore, opened: Opened) -> None:
    """People of one tenant do not make a number of another tenant shared, even under the same key."""

    async def scenario() -> None:
        told: list[SharedNumber] = []
        listener = told.append
        async with opened(new_store()) as store:
            for person in range(6):
                store.note_number(("default", "globex")[person % 2], 7, person, NOW, 3, listener)
            await store.heartbeat(NOW)
            assert (told, await store.shared_numbers("default"), await store.shared_numbers("globex")) == ([], [], [])
            store.note_number("globex", 7, 6, NOW, 3, listener)
            await store.heartbeat(NOW)
            assert await store.shared_numbers("globex") == told
            assert [s.people for s in told] == [4]
            assert await store.shared_numbers("default") == []

    asyncio.run(scenario())
