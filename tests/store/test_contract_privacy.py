"""What every store does for people: the suppression list, erasure, and the end of what was kept."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Any

import pytest

from enrichcore.model import Billed, Outcome
from enrichcore.store import (
    Claim,
    Expiry,
    Forgotten,
    Granted,
    InFlight,
    Known,
    Row,
    SharedNumber,
    Store,
    StoredResult,
    Suppressed,
)
from enrichcore.store.budgeting import FORGOTTEN
from enrichcore.store.protocol import QUESTION

NewStore = Callable[[], Store]
Opened = Callable[..., AbstractAsyncContextManager[Any]]
MakeClaim = Callable[..., Claim]
MakeRow = Callable[..., Row]
MakeResult = Callable[..., StoredResult]

NOW = 1_790_000_000.0
DAY = 86_400.0
EMAIL, PHONE = b"e" * 16, b"p" * 16
ADA, BOB = b"record of ada...", b"record of bob..."


def key(question: str, who: str = "acme") -> bytes:
    """The key of a question to somebody."""
    return question.encode().ljust(QUESTION, b".") + who.encode().ljust(8, b".")


def scope(record: bytes) -> str:
    """The budget of a record."""
    return f"record:{record.hex()}"


async def forget(
    store: Store, *records: bytes, questions: Iterable[str] = (), people: Iterable[int] = (), at: float = NOW
) -> Forgotten:
    """Erase in the default tenant."""
    asked = [key(question)[:QUESTION] for question in questions]
    return await store.forget("default", list(records), asked, list(people), at)


async def granted(store: Store, claim: Claim) -> int:
    answer = await store.claim(claim)
    assert isinstance(answer, Granted), answer
    return answer.id


async def attempts(store: Store, tenant: str = "default") -> dict[int, Row]:
    """All attempts by id, as the ledger has them."""
    return {row.id: row async for row in store.ledger(tenant)}


# --- the suppression list -----------------------------------------------------------------------------------------


def test_the_list_is_kept_and_counted(new_store: NewStore, opened: Opened) -> None:
    """What is new is counted once, whoever adds it; the list outlives its owners; tenants have their own."""

    async def scenario() -> None:
        async with opened(new_store()) as store, opened(new_store()) as other:
            assert await store.suppress("default", [(EMAIL, "email"), (PHONE, "phone"), (EMAIL, "email")], NOW) == 2
            assert await other.suppress("default", [(EMAIL, "email"), (b"d" * 16, "domain")], NOW) == 1
            assert await other.suppress("globex", [(EMAIL, "email")], NOW) == 1
            assert await other.suppress("default", [], NOW) == 0
        async with opened(new_store()) as store:
            listed = [(EMAIL, "email"), (PHONE, "phone"), (b"d" * 16, "domain")]
            assert sorted(await store.suppressed("default")) == sorted(listed)
            assert await store.suppressed("globex") == [(EMAIL, "email")]
            assert await store.unsuppress("default", [EMAIL, b"x" * 16, EMAIL]) == 1
            assert await store.unsuppress("default", []) == 0
            assert sorted(await store.suppressed("default")) == sorted(listed[1:])
            assert await store.suppressed("globex") == [(EMAIL, "email")]

    asyncio.run(scenario())


def test_a_long_list_is_read_whole(new_store: NewStore, opened: Opened) -> None:
    """Twelve thousand entries come back, each once."""

    async def scenario() -> None:
        entries = [(number.to_bytes(16, "big"), ("email", "phone")[number % 2]) for number in range(12_000)]
        async with opened(new_store()) as store:
            assert await store.suppress("default", entries, NOW) == len(entries)
            assert sorted(await store.suppressed("default")) == entries

    asyncio.run(scenario())


def test_nobody_is_asked_about_whoever_is_on_the_list(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """One hash of several is enough; taken off the list, the person may be asked about again."""

    async def scenario() -> None:
        async with opened(new_store()) as store, opened(new_store()) as other:
            await store.suppress("default", [(PHONE, "phone")], NOW)
            for asker in (store, other):
                assert await asker.claim(claim(suppression=(EMAIL, PHONE))) == Suppressed()
            assert await store.known(claim(suppression=(PHONE,))) is None
            assert await attempts(store) == {}
            assert isinstance(await store.claim(claim(b"a", suppression=(EMAIL,))), Granted)
            assert isinstance(await store.claim(claim(b"b", suppression=(PHONE,), tenant="globex")), Granted)
            await other.unsuppress("default", [PHONE])
            assert isinstance(await store.claim(claim(suppression=(EMAIL, PHONE))), Granted)

    asyncio.run(scenario())


def test_a_batch_is_measured_claim_by_claim(new_store: NewStore, opened: Opened, claim: MakeClaim) -> None:
    """Of two hundred claims at once, of two tenants, exactly those of listed people are refused."""

    async def scenario() -> None:
        listed = [number.to_bytes(16, "big") for number in range(0, 200, 3)]
        async with opened(new_store()) as store:
            await store.suppress("default", [(hashed, "email") for hashed in listed], NOW)
            answers = await asyncio.gather(
                *(
                    store.claim(
                        claim(
                            b"%d" % number,
                            tenant=("default", "globex")[number % 2],
                            suppression=(b"x" * 16, number.to_bytes(16, "big")),
                        )
                    )
                    for number in range(200)
                )
            )
            assert [n for n, answer in enumerate(answers) if answer == Suppressed()] == list(range(0, 200, 6))

    asyncio.run(scenario())


def test_every_process_can_see_that_something_was_taken_away(new_store: NewStore, opened: Opened) -> None:
    """The epoch grows with each suppression, removal and erasure of whatever owner, and with nothing else."""

    async def scenario() -> None:
        async with opened(new_store()) as store, opened(new_store()) as other:
            seen: list[int] = [await other.epoch()]

            async def grown() -> bool:
                assert await store.epoch() == await other.epoch()
                seen.append(await other.epoch())
                return bool(seen[-1] > seen[-2])

            await store.suppress("default", [(EMAIL, "email")], NOW)
            assert await grown()
            await other.unsuppress("default", [EMAIL])
            assert await grown()
            await forget(store, ADA)
            assert await grown()
            await store.heartbeat(NOW)
            assert not await grown()
        async with opened(new_store()) as store:
            assert await store.epoch() >= seen[-1]

    asyncio.run(scenario())


# --- erasure ------------------------------------------------------------------------------------------------------


def test_a_person_is_erased_and_the_amounts_stay(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> None:
    """Result, answers, jobs and links are gone for every owner; what was asked when and for how much is not."""

    async def scenario() -> None:
        budgets = (("run:1", 10**9), (scope(ADA), 10**9))
        async with opened(new_store()) as store, opened(new_store()) as other:
            hit = await granted(store, claim(key("ada"), record=ADA, reserve=5, budgets=budgets))
            await store.settle(settled(hit, key("ada"), record=ADA, job="job-7", reason="why"))
            free = settled(store.next_id(), key("ada", "b"), record=ADA, provider="blue", billed=Billed.NO)
            skip = settled(store.next_id(), key("ada", "c"), record=ADA, provider="cyan", outcome=Outcome.SKIPPED)
            bobs = settled(store.next_id(), key("bob"), record=BOB, provider="dark", payload=b"[bob]")
            for row in (free, skip, bobs):
                store.record(row)
            for record in (ADA, BOB):
                store.save_result(finished(record=record))
            await store.heartbeat(NOW)
            before = await attempts(store)

            assert await forget(other, ADA) == Forgotten(attempts=3, results=1, recipients=("acme", "blue"))

            for reader in (store, other):
                after = await attempts(reader)
                for number in (hit, free.id, skip.id):
                    was, row = before[number], after[number]
                    for name in (
                        "provider", "method", "tenant", "owner", "started_at", "settled_at", "outcome", "reason",
                        "billed", "credits", "cost", "charged", "duration_ms", "tries",
                    ):  # fmt: skip
                        assert getattr(row, name) == getattr(was, name)
                    assert (row.forgotten, row.job, row.payload) == (True, None, None)
                    assert (len(row.key), len(row.record)) == (len(was.key), len(was.record))
                    assert row.key not in (key("ada"), key("ada", "b"), key("ada", "c"))
                    assert row.record != ADA
                assert len({after[number].record for number in (hit, free.id, skip.id)}) == 3
                assert after[hit].scopes == ("run:1", FORGOTTEN)
                assert (after[bobs.id].record, after[bobs.id].forgotten) == (BOB, False)
                assert await reader.spending("default", ["run:1", scope(ADA), FORGOTTEN]) == {
                    "run:1": (250_000_000, 0),
                    FORGOTTEN: (250_000_000, 0),
                }
                for name in ("acme", "b", "c"):
                    assert await reader.known(claim(key("ada", name))) is None
                known = await reader.known(claim(key("bob")))
                assert known is not None
                assert known.payload == b"[bob]"
                assert await reader.load_result("default", ADA) is None
                assert await reader.last_result("default", ADA) is None
                assert await reader.load_result("default", BOB) is not None
            assert await forget(store, ADA) == Forgotten()
        async with opened(new_store()) as store:
            assert isinstance(await store.claim(claim(key("ada"), now=NOW + 1)), Granted)
            assert isinstance(await store.claim(claim(key("bob"), now=NOW + 1)), Known)

    asyncio.run(scenario())


def test_whoever_was_asked_about_under_another_record_is_found(
    new_store: NewStore, opened: Opened, settled: MakeRow, finished: MakeResult
) -> None:
    """A question leads to the records of its attempts, whoever was asked, and these to all of their attempts."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            other = b"another record.."
            rows = [
                settled(store.next_id(), key("email", "one"), record=ADA),
                settled(store.next_id(), key("email", "two"), record=other, provider="blue"),
                settled(store.next_id(), key("name", "one"), record=other, provider="cyan"),
                settled(store.next_id(), key("emaik", "one"), record=BOB),
                settled(store.next_id(), key("email", "one"), record=b"of globex.......", tenant="globex"),
            ]
            for row in rows:
                store.record(row)
            for record in (ADA, other, BOB):
                store.save_result(finished(record=record))
            told = await forget(store, questions=["email", "nothing"])
            assert told == Forgotten(attempts=3, results=2, recipients=("acme", "blue", "cyan"))
            after = await attempts(store)
            assert [after[row.id].forgotten for row in rows[:4]] == [True, True, True, False]
            assert [row.forgotten for row in (await attempts(store, "globex")).values()] == [False]
            assert await store.load_result("default", BOB) is not None

    asyncio.run(scenario())


def test_an_open_attempt_of_an_erased_person_brings_nothing_back(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Its outcome is written without the answer, its cost counts; meanwhile the question is free to be asked anew."""

    async def scenario() -> None:
        budgets = ((scope(ADA), 100), ("run:1", 100))
        async with opened(new_store()) as store, opened(new_store()) as other:
            first = await granted(store, claim(key("ada"), record=ADA, reserve=40, budgets=budgets))
            await store.note_job(first, "job-7")
            assert await forget(other, ADA) == Forgotten(attempts=1, recipients=("acme",))
            spending = await store.spending("default", [scope(ADA), "run:1", FORGOTTEN])
            assert spending == {"run:1": (0, 40), FORGOTTEN: (0, 40)}
            await store.note_job(first, "job-8")
            assert (await attempts(store))[first].job is None
            again = await granted(other, claim(key("ada"), record=ADA, now=NOW + 1, reserve=40, budgets=budgets))
            await store.settle(settled(first, key("ada"), record=ADA, job="job-8", cost=Decimal("0.00000003")))
            row = (await attempts(other))[first]
            assert (row.outcome, row.forgotten, row.job, row.charged) == (Outcome.HIT, True, None, 30)
            assert row.record != ADA
            answer = await store.claim(claim(key("ada"), now=NOW + 2))
            assert isinstance(answer, InFlight)
            assert answer.row.id == again
            assert await store.spending("default", [scope(ADA), "run:1", FORGOTTEN]) == {
                scope(ADA): (0, 40),
                "run:1": (30, 40),
                FORGOTTEN: (30, 0),
            }
            await other.settle(settled(again, key("ada"), record=ADA, at=NOW + 1, payload=b"[new]"))
            known = await store.known(claim(key("ada"), now=NOW + 2))
            assert known is not None
            assert (known.id, known.payload, known.forgotten) == (again, b"[new]", False)

    asyncio.run(scenario())


def test_what_a_dead_owner_left_open_of_an_erased_person_is_given_up(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Nobody can ask that question again and find it, so its reservation would stay: it is charged like any doubt."""

    async def scenario() -> None:
        budgets = ((scope(ADA), 100), ("run:1", 100))
        scopes = [scope(ADA), "run:1", FORGOTTEN]
        async with opened(new_store()) as living:
            async with opened(new_store()) as dead:
                lost = await granted(dead, claim(key("ada"), record=ADA, reserve=40, budgets=budgets))
                free = await granted(dead, claim(key("bob"), record=ADA, reserve=7))
                other = await granted(dead, claim(key("eve"), record=BOB, reserve=20, budgets=(("run:1", 100),)))
            held = await granted(living, claim(key("dan"), record=ADA, reserve=5, budgets=budgets))
            await forget(living, ADA)
            assert await living.expire("globex", [], NOW + 1) == 0
            assert await living.spending("default", scopes) == {"run:1": (0, 65), FORGOTTEN: (0, 45)}
            for _ in range(2):
                assert await living.expire("default", [], NOW + 1) == 0
                assert await living.spending("default", scopes) == {"run:1": (40, 25), FORGOTTEN: (40, 5)}
            rows = await attempts(living)
            assert [rows[n].outcome for n in (lost, free, other, held)] == [Outcome.ERROR, Outcome.ERROR, None, None]
            assert [rows[n].charged for n in (lost, free)] == [40, 0]
            for row in (rows[lost], rows[free]):
                assert (row.billed, row.reason, row.settled_at, row.forgotten) == (
                    Billed.UNKNOWN, "in_doubt", NOW + 1, True,
                )  # fmt: skip
            assert {row.id for row in await living.in_doubt("default", NOW)} == {lost, free, other}
            await living.settle(settled(lost, key("ada"), record=ADA, billed=Billed.NO, cost=Decimal(0)))
            assert await living.spending("default", scopes) == {"run:1": (0, 25), FORGOTTEN: (0, 5)}

    asyncio.run(scenario())


@pytest.mark.parametrize("billed", [Billed.YES, Billed.NO])
def test_a_doubt_about_an_erased_person_is_settled_without_them(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow, billed: Billed
) -> None:
    """Who settles it may still hold the row as it was: the amounts come to be true, and the person stays erased."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            attempt = await granted(store, claim(key("ada"), record=ADA, reserve=40, budgets=(("run:1", 100),)))
            doubt = settled(attempt, key("ada"), record=ADA, outcome=Outcome.ERROR, billed=Billed.UNKNOWN, cost=None)
            await store.settle(doubt)
            await forget(store, ADA)
            assert await store.spending("default", ["run:1"]) == {"run:1": (40, 0)}
            await store.settle(settled(attempt, key("ada"), record=ADA, billed=billed, cost=Decimal("0.00000003")))
            rows = await attempts(store)
            assert list(rows) == [attempt]
            spent = 30 if billed is Billed.YES else 0
            assert (rows[attempt].billed, rows[attempt].charged, rows[attempt].forgotten) == (billed, spent, True)
            assert rows[attempt].record != ADA
            assert await store.spending("default", ["run:1"]) == {"run:1": (spent, 0)}
            assert await store.known(claim(key("ada"))) is None
            assert await store.in_doubt("default", NOW) == []

    asyncio.run(scenario())


def test_what_began_before_an_erasure_brings_nothing_back(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> None:
    """Results and free answers of runs that began before are dropped or emptied, whoever writes; later ones stay."""

    async def scenario() -> None:
        async with opened(new_store()) as store, opened(new_store()) as other:
            await forget(store, ADA, at=NOW + 10)
            for late, writer in enumerate((store, other)):
                writer.save_result(finished(record=ADA, started_at=NOW + 10, at=NOW + 20))
                writer.record(settled(writer.next_id(), key("ada", str(late)), record=ADA, at=NOW + 10, job="job-7"))
                await writer.heartbeat(NOW)
            for row in (await attempts(store)).values():
                assert (row.forgotten, row.job, row.payload) == (True, None, None)
            assert await store.last_result("default", ADA) is None
            store.save_result(finished(record=ADA, tenant="globex", started_at=NOW))
            store.save_result(finished(record=BOB, started_at=NOW))
            new = finished(record=ADA, started_at=NOW + 11, at=NOW + 20)
            store.save_result(new)
            store.record(settled(store.next_id(), key("ada", "new"), record=ADA, at=NOW + 11))
            await store.heartbeat(NOW)
            for tenant, record in (("globex", ADA), ("default", BOB), ("default", ADA)):
                assert await other.load_result(tenant, record) is not None
            known = await other.known(claim(key("ada", "new"), now=NOW + 20))
            assert known is not None
            assert known.payload == b"\x00answer"

    asyncio.run(scenario())


def test_what_is_queued_is_erased_too(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> None:
    """What was queued a moment before the erasure is not forgotten by it."""

    async def scenario() -> None:
        async with opened(new_store()) as store:
            store.record(settled(store.next_id(), key("ada"), record=ADA))
            store.save_result(finished(record=ADA))
            assert await forget(store, questions=["ada"]) == Forgotten(attempts=1, results=1, recipients=("acme",))
            assert await store.known(claim(key("ada"))) is None
            assert await store.load_result("default", ADA) is None

    asyncio.run(scenario())


def test_for_whom_a_number_was_given_is_erased(new_store: NewStore, opened: Opened) -> None:
    """The notes about a person are gone and no longer counted; that a number is shared is about nobody, and stays."""

    async def scenario() -> None:
        told: list[SharedNumber] = []
        listener = told.append
        async with opened(new_store()) as store:
            for phone, people in ((7, (1, 2, 3, 4)), (8, (1, 2, 3)), (-9, (-1, 1))):
                for person in people:
                    store.note_number("default", phone, person, NOW, 3, listener)
            store.note_number("globex", 7, 1, NOW, 3, listener)
            assert await forget(store, people=[1, -1, 99]) == Forgotten(numbers=4)
            assert await forget(store, people=[1]) == Forgotten()
            assert [s.phone for s in await store.shared_numbers("default")] == [7]
            store.note_number("default", 8, 5, NOW, 3, listener)
            await store.heartbeat(NOW)
            assert [s.phone for s in await store.shared_numbers("default")] == [7]
            assert (await store.forget("globex", [], [], [1], NOW)).numbers == 1

    asyncio.run(scenario())


def test_many_records_are_erased_at_once(
    new_store: NewStore, opened: Opened, settled: MakeRow, finished: MakeResult
) -> None:
    """A hundred and fifty people in one call."""

    async def scenario() -> None:
        records = [b"%016d" % number for number in range(200)]
        async with opened(new_store()) as store:
            for number, record in enumerate(records):
                store.record(settled(store.next_id(), key(str(number)), record=record))
                store.save_result(finished(record=record))
            told = await forget(store, *records[:75], questions=[str(number) for number in range(75, 150)])
            assert told == Forgotten(attempts=150, results=150, recipients=("acme",))
            assert sum(not row.forgotten for row in (await attempts(store)).values()) == 50

    asyncio.run(scenario())


def test_a_result_without_an_attempt_of_its_own_is_found(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow, finished: MakeResult
) -> None:
    """What a record was told from what was bought for another goes too, by the questions of its identity."""

    async def scenario() -> None:
        email, name, other = (key(question)[:QUESTION] for question in ("email", "name", "other"))
        async with opened(new_store()) as store:
            for record, fingerprint in ((ADA, name + email), (BOB, other), (b"third", other + email), (b"fourth", b"")):
                store.save_result(finished(record=record, fingerprint=fingerprint))
            store.save_result(finished("incomplete", record=b"fourth", fingerprint=email))
            store.save_result(finished(record=ADA, fingerprint=email, tenant="globex"))
            await store.heartbeat(NOW)
            assert await forget(store, questions=["email"], at=NOW + 10) == Forgotten(results=3)
            assert await store.last_result("default", BOB) is not None
            assert await store.last_result("globex", ADA) is not None
            # Runs that began before are told apart by their questions, too, whatever the record.
            store.save_result(finished(record=b"fifth", fingerprint=name + email, started_at=NOW + 10))
            store.save_result(finished(record=b"sixth", fingerprint=name + email, started_at=NOW + 11))
            store.record(settled(store.next_id(), key("email", "late"), record=b"fifth", at=NOW + 10))
            store.record(settled(store.next_id(), key("email", "new"), record=b"sixth", at=NOW + 11))
            await store.heartbeat(NOW)
            assert await store.last_result("default", b"fifth") is None
            assert await store.last_result("default", b"sixth") is not None
            assert await store.known(claim(key("email", "late"), now=NOW + 20)) is None
            assert await store.known(claim(key("email", "new"), now=NOW + 20)) is not None

    asyncio.run(scenario())


# --- the end of what was kept -------------------------------------------------------------------------------------


def test_answers_expire_by_provider_and_outcome(
    new_store: NewStore, opened: Opened, claim: MakeClaim, settled: MakeRow
) -> None:
    """Payloads and jobs older than a provider's rule are deleted, each once; the attempts themselves stay."""

    async def scenario() -> None:
        rules = [
            Expiry(provider="acme", hits_before=NOW - 90 * DAY, misses_before=NOW - 14 * DAY),
            Expiry(provider="blue", hits_before=NOW - 30 * DAY, misses_before=NOW - 7 * DAY),
        ]
        cases: list[tuple[str, Outcome, float, str, bool]] = [
            ("acme", Outcome.HIT, 91, "default", False),
            ("acme", Outcome.HIT, 90, "default", True),
            ("acme", Outcome.REJECTED, 91, "default", False),
            ("acme", Outcome.REJECTED, 20, "default", True),
            ("acme", Outcome.MISS, 15, "default", False),
            ("acme", Outcome.MISS, 13, "default", True),
            ("blue", Outcome.HIT, 31, "default", False),
            ("blue", Outcome.MISS, 8, "default", False),
            ("blue", Outcome.MISS, 6, "default", True),
            ("cyan", Outcome.HIT, 400, "default", True),
            ("acme", Outcome.HIT, 91, "globex", True),
        ]
        everything: dict[str, Any] = {"hits_since": 0, "misses_since": 0}
        async with opened(new_store()) as store:
            for number, (provider, outcome, age, tenant, _) in enumerate(cases):
                row = settled(store.next_id(), b"%d" % number, at=NOW - age * DAY, provider=provider, outcome=outcome)
                row.tenant, row.job = tenant, "job-7"
                store.record(row)
            open_ = await granted(store, claim(b"open", now=NOW - 400 * DAY))
            await store.note_job(open_, "job-7")
            await store.heartbeat(NOW)
            assert await store.expire("default", [], NOW) == 0
            assert await store.expire("default", rules, NOW) == 5
            assert await store.expire("default", rules, NOW) == 0
            for number, (_, _, _, tenant, kept) in enumerate(cases):
                row = await store.known(claim(b"%d" % number, tenant=tenant, **everything))
                assert row is not None
                assert (row.payload is not None, row.job is not None) == (kept, kept), number
                assert (row.cost, row.forgotten) == (Decimal("0.25"), False)
        async with opened(new_store()) as store:
            answer = await store.claim(claim(b"open", **everything))
            assert not isinstance(answer, Granted)
            assert getattr(answer, "row", None) is not None
            assert answer.row.job == "job-7"

    asyncio.run(scenario())


def test_results_expire_a_week_after_they_were_fresh(new_store: NewStore, opened: Opened, finished: MakeResult) -> None:
    """Both halves of a result have to be stale; results of other tenants are left alone."""

    async def scenario() -> None:
        stale, fresh = NOW - 7 * DAY - 1, NOW - 7 * DAY + 1
        async with opened(new_store()) as store:
            for record, halves, tenant in (
                (b"stale", [("found", stale)], "default"),
                (b"fresh", [("found", fresh)], "default"),
                (b"known", [("found", fresh), ("incomplete", stale)], "default"),
                (b"asked", [("found", stale), ("incomplete", fresh)], "default"),
                (b"both", [("found", stale), ("incomplete", stale)], "default"),
                (b"never", [("incomplete", stale)], "default"),
                (b"stale", [("found", stale)], "globex"),
            ):
                for status, until in halves:
                    store.save_result(finished(status, record=record, tenant=tenant, fresh_until=until))
            await store.heartbeat(NOW)
            assert await store.expire("default", [], NOW) == 3
            assert await store.expire("default", [], NOW) == 0
            every = (b"stale", b"fresh", b"known", b"asked", b"both", b"never")
            kept = [record for record in every if await store.load_result("default", record)]
            assert kept == [b"fresh", b"known", b"asked"]
            assert await store.load_result("globex", b"stale") is not None

    asyncio.run(scenario())


def test_much_expires_in_parts(new_store: NewStore, opened: Opened, settled: MakeRow, finished: MakeResult) -> None:
    """Of 6,000 attempts and 1,200 results every other one is too old; others work on meanwhile."""

    async def scenario() -> None:
        rules = [Expiry(provider="acme", hits_before=NOW - 90 * DAY, misses_before=NOW)]
        async with opened(new_store()) as store:
            for number in range(6000):
                store.record(
                    settled(store.next_id(), b"%d" % number, at=NOW - (number % 2) * 100 * DAY - number // 600)
                )
            for number in range(1200):
                until = NOW - (number % 2) * 100 * DAY
                store.save_result(finished(record=b"%d" % number, fresh_until=until))
            await store.heartbeat(NOW)
            done, _ = await asyncio.gather(store.expire("default", rules, NOW), store.heartbeat(NOW))
            assert done == 3600

    asyncio.run(scenario())
