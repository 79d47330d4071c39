"""Numbers that are nobody's own: given for too many people, or a company's switchboard."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichcore.engine.acceptance import Verdict
from enrichcore.engine.keys import Keyer
from enrichcore.engine.numbers import Numbers
from enrichcore.model import Acceptance, Contact, Hit, Method, Number, Person, Subject
from enrichcore.store import SharedNumber, Store
from enrichcore.store.memory import MemoryStore, Tables
from enrichcore.store.sqlite import SqliteStore

SECRET = b"s" * 32
NOW = 1_790_000_000.0
# Not from the ranges for fiction: those are given to many people.
PHONE, OTHER, MOBILE, TOLL_FREE = "+16502530143", "+16502530155", "+447400739182", "+18002530143"
LAST = ["Lovelace", "Hopper", "Noether", "Curie", "Meitner", "Franklin"]


@pytest.fixture(params=["memory", "sqlite"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    """Makes stores over one journal, as several processes have them."""
    if request.param == "memory":
        tables = Tables()
        return lambda: MemoryStore(tables=tables)
    return lambda: SqliteStore(tmp_path / "journal.db")


@asynccontextmanager
async def process(store: Store, max_people: int | None = 3, **options: Any) -> Any:
    """A process that has opened the journal and heard what is known."""
    await store.open(NOW)
    try:
        numbers = numbers_of(store, max_people, **options)
        await numbers.refresh()
        yield numbers
    finally:
        await store.aclose()


def numbers_of(store: Store, max_people: int | None = 3, *, secret: bytes = SECRET, **options: Any) -> Numbers:
    return Numbers(store, Keyer(secret, "default"), "default", lambda: NOW, max_people=max_people, **options)


def subject(last: str = "Lovelace", first: str = "Ada", **fields: Any) -> Subject:
    return Subject.of(Contact(record_id="r", first_name=first, last_name=last, company="Engines Ltd", **fields))


def judged(numbers: Numbers, who: Subject, *phones: str | Number, **policy: Any) -> Verdict:
    answer = Hit(*(p if isinstance(p, Number) else Number(p) for p in phones))
    return numbers.judge(answer, who, who.queries[Method.NAME], Acceptance(allow_fictional=True, **policy))


def test_the_first_three_people_get_it_and_from_the_fourth_on_nobody() -> None:
    numbers = numbers_of(MemoryStore())
    first_three = [judged(numbers, subject(last), PHONE) for last in LAST[:3]]
    assert [v.phone for v in first_three] == [PHONE] * 3
    assert numbers.refuses(PHONE) is None
    fourth = judged(numbers, subject(LAST[3]), PHONE)
    assert (fourth.phone, fourth.reason, fourth.refused_phone) == (None, "shared_number", PHONE)
    assert numbers.refuses(PHONE) == "shared_number"
    again = judged(numbers, subject(LAST[0]), PHONE)
    assert (again.phone, again.reason) == (None, "shared_number")
    assert judged(numbers, subject(LAST[0]), OTHER).phone == OTHER


def test_a_thousand_rows_of_one_group_commit_do_not_all_pass(new_store: Callable[[], Store]) -> None:
    """Nothing is durable yet when the fourth is refused, and the store comes to the same."""

    async def scenario() -> None:
        async with process(new_store()) as numbers:
            verdicts = [judged(numbers, subject(f"Person{n}"), PHONE).phone for n in range(1000)]
            assert verdicts == [PHONE] * 3 + [None] * 997
        async with process(new_store()) as numbers:
            assert numbers.refuses(PHONE) == "shared_number"

    asyncio.run(scenario())


def test_the_next_number_of_the_answer_is_taken_instead() -> None:
    numbers = numbers_of(MemoryStore())
    for last in LAST[:3]:
        judged(numbers, subject(last), PHONE)
    assert judged(numbers, subject(LAST[3]), PHONE, OTHER).phone == OTHER
    assert judged(numbers, subject(LAST[4]), PHONE, OTHER).phone == OTHER


def test_several_numbers_of_one_answer_may_go_beyond_at_once() -> None:
    """Two switchboards, both given for three people: an answer that brings both is judged until none is left."""
    numbers = numbers_of(MemoryStore())
    for phone in (PHONE, OTHER):
        for last in LAST[:3]:
            assert judged(numbers, subject(last), phone).phone == phone
    verdict = judged(numbers, subject(LAST[3]), PHONE, OTHER)
    assert (verdict.phone, verdict.reason) == (None, "shared_number")
    assert numbers.refuses(PHONE) == numbers.refuses(OTHER) == "shared_number"


@pytest.mark.parametrize(
    "spellings",
    [
        [subject(), subject("LOVELACE", "ada"), subject("Lovelacé", "Ädä"), subject("Ada", "Lovelace")],
        [subject(), subject(email="ada@engines.example"), subject(linkedin_id="ada-l"), subject(country="GB")],
        [subject("von Neumann", "John"), subject("Neumann", "John von"), subject("John", "von Neumann")],
    ],
    ids=["spelling", "what else is known", "order"],
)
def test_one_person_counts_once(spellings: list[Subject]) -> None:
    """However the name is written and whatever else the record holds."""
    numbers = numbers_of(MemoryStore(), 1)
    assert [judged(numbers, who, PHONE).phone for who in spellings] == [PHONE] * len(spellings)
    assert judged(numbers, subject("Hopper"), PHONE).reason == "shared_number"


def test_people_without_both_names_are_told_apart_by_what_was_sent() -> None:
    numbers = numbers_of(MemoryStore(), 1)

    def by_email(email: str) -> bool:
        return numbers.seen(PHONE, Subject.of(Contact(record_id="r", first_name="Ada", email=email)))

    assert [by_email("ada@engines.example"), by_email("Ada@Engines.example"), by_email("bob@engines.example")] == [
        False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("off", [None, 0])
def test_the_limit_can_be_switched_off(new_store: Callable[[], Store], off: int | None) -> None:
    """Then nobody is counted, in the store neither; what others found to be shared does not matter."""

    async def scenario() -> None:
        async with process(new_store(), off) as numbers:
            assert {judged(numbers, subject(last), PHONE).phone for last in LAST} == {PHONE}
        async with process(new_store(), 3) as numbers:
            assert [judged(numbers, subject(last), PHONE).phone for last in LAST[:4]] == [PHONE, PHONE, PHONE, None]
        async with process(new_store(), off) as numbers:
            assert numbers.refuses(PHONE) is None
            judged(numbers, subject(), Number(OTHER, company_line=True))
            assert numbers.refuses(OTHER) == "company_line"

    asyncio.run(scenario())


def test_a_higher_limit_takes_what_a_lower_one_refused(new_store: Callable[[], Store]) -> None:
    async def scenario() -> None:
        async with process(new_store(), 2) as numbers:
            assert [judged(numbers, subject(last), PHONE).phone for last in LAST[:3]] == [PHONE, PHONE, None]
        async with process(new_store(), 4) as numbers:
            assert numbers.refuses(PHONE) is None
            assert judged(numbers, subject(LAST[3]), PHONE).phone == PHONE
        async with process(new_store(), 2) as numbers:
            assert numbers.refuses(PHONE) == "shared_number"

    asyncio.run(scenario())


def test_another_limit_marks_stored_results() -> None:
    """What was stored under one limit is not taken for an answer under another; the usual one needs no mark."""
    marks = [numbers_of(MemoryStore(), limit).mark for limit in (5, 4, None, 0)]
    assert marks[0] == b""
    assert marks[2] == marks[3]
    assert len(set(marks)) == 3


def test_a_switchboard_is_refused_whoever_calls_it_a_persons(new_store: Callable[[], Store]) -> None:
    """One vendor marks it as the company's; from then on no other vendor's word makes it somebody's own."""

    async def scenario() -> None:
        async with process(new_store()) as numbers:
            assert judged(numbers, subject(LAST[0]), PHONE).phone == PHONE
            marked = judged(numbers, subject(LAST[1]), Number(PHONE, company_line=True), MOBILE)
            assert marked.phone == MOBILE
            assert numbers.refuses(PHONE) == "company_line"
            assert judged(numbers, subject(LAST[0]), PHONE).reason == "company_line"
        async with process(new_store()) as numbers:
            assert numbers.refuses(PHONE) == "company_line"
            assert numbers.refuses(MOBILE) is None

    asyncio.run(scenario())


@pytest.mark.parametrize("line", [Number(PHONE, company_line=True), Number(TOLL_FREE)], ids=["marked", "toll-free"])
def test_who_takes_company_lines_gets_them_for_everybody(line: Number) -> None:
    """A switchboard is there for many people, so they are not counted; an unmarked number still is nobody's own."""
    store = MemoryStore()
    numbers = numbers_of(store)
    assert {judged(numbers, subject(last), line, company_lines=True).phone for last in LAST} == {line.raw}
    assert judged(numbers, subject(), line).reason == "company_line"
    unmarked = [judged(numbers, subject(last), OTHER, company_lines=True).phone for last in LAST]
    assert unmarked == [OTHER] * 3 + [None] * 3
    assert [len(people) for people in store.tables.numbers.people.values()] == [4]


def test_another_persons_number_is_not_counted() -> None:
    """What is refused for another reason was given to nobody."""
    numbers = numbers_of(MemoryStore(), 1)
    who = subject()
    answer = Hit(Number(PHONE), person=Person(name="Grace Hopper", company="Navy"))
    for _ in range(3):
        verdict = numbers.judge(answer, who, who.queries[Method.NAME], Acceptance(allow_fictional=True))
        assert verdict.same_person is False
    assert judged(numbers, subject("Hopper", "Grace"), PHONE).phone == PHONE


def test_processes_hear_of_each_other(new_store: Callable[[], Store]) -> None:
    """The process whose note is of the fourth person hears with the commit, the other one with its next look."""

    async def scenario() -> None:
        store, other = new_store(), new_store()
        async with process(store) as here, process(other) as there:
            for numbers, last in ((here, LAST[0]), (here, LAST[1]), (there, LAST[2]), (there, LAST[3])):
                assert judged(numbers, subject(last), PHONE).phone == PHONE
                await store.heartbeat(NOW)
                await other.heartbeat(NOW)
            assert there.refuses(PHONE) == "shared_number"
            assert here.refuses(PHONE) is None
            await here.refresh()
            assert here.refuses(PHONE) == "shared_number"
            judged(there, subject(), Number(OTHER, company_line=True))
            await other.heartbeat(NOW)
            await here.refresh()
            assert here.refuses(OTHER) == "company_line"

    asyncio.run(scenario())


def test_a_second_look_reads_only_what_is_new() -> None:
    class Spied(MemoryStore):
        looks: ClassVar[list[int]] = []

        async def shared_numbers(self, tenant: str, after: int = 0) -> list[SharedNumber]:
            self.looks.append(after)
            return await super().shared_numbers(tenant, after)

    async def scenario() -> None:
        store = Spied()
        async with process(store) as numbers:
            for phone in (PHONE, OTHER):
                judged(numbers, subject(), Number(phone, company_line=True))
                await numbers.refresh()
        assert store.looks == [0, 0, 1]

    asyncio.run(scenario())


def test_what_a_process_no_longer_holds_the_store_has_counted() -> None:
    """With room for ten numbers, the people of a number that was dropped still count."""

    async def scenario() -> None:
        async with process(MemoryStore(), size=10) as numbers:
            for last in LAST[:3]:
                assert judged(numbers, subject(last), PHONE).phone == PHONE
            for n in range(20):
                judged(numbers, subject(), f"+165025301{n:02}")
            assert len(numbers._people) <= 10
            judged(numbers, subject(LAST[3]), PHONE)
            assert numbers.refuses(PHONE) == "shared_number"

    asyncio.run(scenario())


def test_a_known_sighting_is_not_written_again(opened_sqlite: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
    async def scenario() -> None:
        async with opened_sqlite() as store:
            numbers = numbers_of(store)
            judged(numbers, subject(), PHONE)
            await store.heartbeat(NOW)
            assert store._queued._notes == []
            judged(numbers, subject(), PHONE)
            judged(numbers, subject(), Number(OTHER, company_line=True))
            await store.heartbeat(NOW)
            judged(numbers, subject(), Number(OTHER, company_line=True))
            assert store._queued._notes == []

    asyncio.run(scenario())


@pytest.fixture
def opened_sqlite(tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Any]]:
    @asynccontextmanager
    async def block() -> Any:
        store = SqliteStore(tmp_path / "journal.db")
        await store.open(NOW)
        try:
            yield store
        finally:
            await store.aclose()

    return block


def test_no_number_and_no_name_reaches_the_disk(
    tmp_path: Path, opened_sqlite: Callable[[], AbstractAsyncContextManager[Any]]
) -> None:
    async def scenario() -> None:
        async with opened_sqlite() as store:
            numbers = numbers_of(store, 1)
            for last in LAST:
                judged(numbers, subject(last), PHONE)
            judged(numbers, subject(), Number(OTHER, company_line=True))

    asyncio.run(scenario())
    files = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
    assert b"default" in files
    for text in (PHONE, OTHER, *LAST):
        assert text.removeprefix("+").lower().encode() not in files


def test_keys_of_numbers_and_people_are_their_own() -> None:
    """They depend on secret, tenant and kind, and never on the process."""
    keyers = [Keyer(SECRET, "a"), Keyer(SECRET, "b"), Keyer(SECRET[::-1] + b"x", "a")]
    keys = [key for k in keyers for key in (k.number(PHONE), k.person(PHONE), k.number(OTHER))]
    assert len(set(keys)) == len(keys)
    assert Keyer(SECRET, "a").number(PHONE) == keys[0]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_a_short_key_is_a_keyed_blake2b(text: str) -> None:
    for kind, key in ((b"number", Keyer(SECRET, "a").number(text)), (b"person", Keyer(SECRET, "a").person(text))):
        inner = hmac.digest(SECRET, kind + b"\0a", "sha256")
        assert key == hashlib.blake2b(text.encode(), key=inner, digest_size=8).digest()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=40), st.integers(1, 4))
def test_it_is_refused_exactly_from_the_first_person_too_many(sightings: list[tuple[int, int]], limit: int) -> None:
    """Against a model: whatever the order of people and numbers."""
    numbers = numbers_of(MemoryStore(), limit)
    phones = [PHONE, OTHER, MOBILE, "+442076318250"]
    people: dict[str, set[int]] = {}
    for person, number in sightings:
        given_for = people.setdefault(phones[number], set())
        given_for.add(person)
        taken = judged(numbers, subject(LAST[person]), phones[number]).phone is not None
        assert taken is (len(given_for) <= limit)
