"""Suppression and erasure in the engine: before spending, on every answer, on every cached one, in every process."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.engine.suppression import Entry
from enrichcore.model import Hit, Number, Person, PhoneResult, SkipReason, Status
from enrichcore.store import StoredResult

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


def listed(lab: "Lab", *entries: tuple[str, str]) -> None:
    """Put these on the list, in a process of their own."""

    async def work() -> None:
        async with lab.engine(lab.free({})) as engine:
            await engine.suppress([Entry(kind, value) for kind, value in entries])

    lab.play(work)


@pytest.mark.parametrize(
    "entry",
    [("email", "Ada@Engines.example"), ("domain", "engines.example"),
     ("name_and_domain", "Lovelace Ada, engines.example"), ("linkedin_id", "https://linkedin.com/in/ada-lovelace/")],
)  # fmt: skip
def test_who_is_listed_is_never_asked_about(lab: "Lab", entry: tuple[str, str]) -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    listed(lab, entry)
    contact = lab.contact(
        first_name="Ada", last_name="Lovelace", company="Engines", domain="engines.example",
        email="ada@engines.example", linkedin_id="ada-lovelace",
    )  # fmt: skip
    result = lab.enrich(vendor, contact=contact)
    assert (result.status, result.reason, result.phone) == (Status.SUPPRESSED, "suppressed", None)
    assert {a.reason for a in result.attempts if a.method == "email"} == {SkipReason.SUPPRESSED}
    assert not vendor.calls
    assert not lab.rows()
    assert not lab.tables.results


def test_an_answer_with_a_listed_number_is_not_given_nor_kept(lab: "Lab") -> None:
    """It was paid for; the money is in the journal, the number is not."""
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    listed(lab, ("phone", lab.PHONE))
    for _ in range(2):
        result = lab.enrich(vendor)
        assert (result.status, result.phone) == (Status.SUPPRESSED, None)
        assert all(a.phone is None and a.refused_phone is None for a in result.attempts)
    [row] = lab.rows()
    assert (row.reason, row.payload) == ("suppressed", None)
    assert row.credits
    assert len(vendor.calls) == 1


def test_an_answer_that_shows_a_listed_person_stops_the_cascade(lab: "Lab") -> None:
    """The first vendor knows her address, which is listed; the second is never asked."""
    person = Person(name="Ada Lovelace", email="ada@engines.example")
    first = lab.free({"ada-lovelace": Hit(Number("+44 20 79"), person=person)}, name="a", methods=["linkedin"])
    second = lab.by_email({"ada@engines.example": lab.PHONE}, name="b")
    listed(lab, ("email", "ada@engines.example"))
    result = lab.enrich(first, second, contact=lab.contact(linkedin_id="ada-lovelace"))
    assert result.status is Status.SUPPRESSED
    assert result.email is None
    assert not second.calls


def test_what_was_found_before_is_no_longer_given(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    assert lab.enrich(vendor).found
    listed(lab, ("phone", lab.PHONE))
    assert lab.enrich(vendor).status is Status.SUPPRESSED
    assert len(vendor.calls) == 1


def test_every_process_hears_within_a_second(lab: "Lab") -> None:
    """The one that holds the result in its cache, too."""
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})

    async def work() -> list[Status]:
        async with lab.engine(vendor, store=lab.store()) as here, lab.engine(vendor, store=lab.store()) as there:
            told = [(await there.enrich_phone(lab.contact())).status for _ in range(2)]
            await here.suppress([Entry("email", lab.EMAIL)])
            await asyncio.sleep(1.5)
            told.append((await there.enrich_phone(lab.contact())).status)
            await here.unsuppress([Entry("email", lab.EMAIL)])
            await asyncio.sleep(1.5)
            return [*told, (await there.enrich_phone(lab.contact())).status]

    assert lab.play(work) == [Status.FOUND, Status.FOUND, Status.SUPPRESSED, Status.FOUND]
    assert len(vendor.calls) == 1


def test_no_paid_call_starts_after_the_suppression_even_before_a_process_has_heard(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})

    async def work() -> PhoneResult:
        async with lab.engine(vendor, store=lab.store()) as here, lab.engine(vendor, store=lab.store()) as there:
            await here.suppress([Entry("email", lab.EMAIL)])
            return await there.enrich_phone(lab.contact())

    result = lab.play(work)
    assert result.status is Status.SUPPRESSED
    assert not vendor.calls


def test_a_list_that_cannot_be_read_lets_nobody_through(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    store: Any = lab.store()

    async def fails(*_: Any) -> Any:
        raise errors.StoreError("the disk is gone")

    async def work() -> None:
        async with lab.engine(vendor, store=store) as engine:
            store.epoch = fails
            await asyncio.sleep(2)
            with pytest.raises(errors.StoreError, match="suppression list"):
                await engine.enrich_phone(lab.contact())
            del store.epoch

    lab.play(work)
    assert not vendor.calls


def test_lists_belong_to_tenants(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})

    async def work() -> list[Status]:
        async with lab.engine(vendor) as engine:
            globex = engine.for_tenant("globex")
            assert await globex.suppress([Entry("email", lab.EMAIL)]) == 1
            assert await globex.suppression() == {"email": 1}
            assert await engine.suppression() == {}
            return [(await e.enrich_phone(lab.contact())).status for e in (engine, globex)]

    assert lab.play(work) == [Status.FOUND, Status.SUPPRESSED]


# --- forgetting -------------------------------------------------------------------------------------------------------


def test_who_is_forgotten_is_looked_up_as_new_and_the_amounts_stay(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    lab.enrich(vendor)
    [bought] = lab.rows()

    async def work() -> tuple[Any, PhoneResult | None]:
        async with lab.engine(vendor) as engine:
            await engine.enrich_phone(lab.contact())
            return await engine.forget("1"), await engine.explain("1")

    forgotten, told = lab.play(work)
    assert (forgotten.attempts, forgotten.results, forgotten.recipients) == (1, 1, ("paid",))
    assert told is None
    [row] = lab.rows()
    assert (row.credits, row.provider, row.payload) == (bought.credits, "paid", None)
    assert row.key != bought.key
    assert row.record != bought.record
    assert not lab.enrich(vendor).cached
    assert len(vendor.calls) == 2


def test_a_contact_is_forgotten_under_all_its_records(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    for record in ("1", "2"):
        lab.enrich(vendor, contact=lab.contact(record_id=record, email=lab.EMAIL))

    async def work() -> Any:
        async with lab.engine(vendor) as engine:
            return await engine.forget(lab.contact(record_id="1", email=lab.EMAIL))

    assert lab.play(work).attempts == 1
    assert not [row for row in lab.rows() if row.payload is not None]


def test_a_call_under_way_brings_nothing_back(lab: "Lab") -> None:
    """The vendor answers after the erasure: the caller gets the answer, and nobody keeps it."""
    vendor = lab.by_email(lab.slow(5, lab.script(lab.PHONE)))

    async def work() -> PhoneResult:
        async with lab.engine(vendor, store=lab.store()) as here, lab.engine(vendor, store=lab.store()) as there:
            asked = asyncio.ensure_future(there.enrich_phone(lab.contact()))
            await lab.until(lambda: vendor.calls)
            await here.forget(lab.contact())
            result = await asked
            assert await there.explain("1") is None
            return result

    assert lab.play(work).phone == lab.PHONE
    [row] = lab.rows()
    assert (row.payload, row.forgotten) == (None, True)
    assert row.credits
    assert lab.tables.results == {}


def test_a_suppression_survives_the_erasure(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    listed(lab, ("email", lab.EMAIL))

    async def work() -> PhoneResult:
        async with lab.engine(vendor) as engine:
            await engine.forget(lab.contact())
            return await engine.enrich_phone(lab.contact())

    assert lab.play(work).status is Status.SUPPRESSED


def test_nobody_can_be_forgotten_by_nothing(lab: "Lab") -> None:
    async def work() -> None:
        async with lab.engine(lab.free({})) as engine:
            with pytest.raises(errors.InvalidContact):
                await engine.forget(" ")

    lab.play(work)


def test_answers_go_when_their_time_is_over(lab: "Lab") -> None:
    """A vendor whose terms allow a day: after it the answer is deleted, not only ignored."""
    vendor = lab.by_email({lab.EMAIL: lab.PHONE}, retention=1)
    lab.enrich(vendor)
    lab.runtime.skew += 10 * 86_400

    async def work() -> int:
        async with lab.engine(vendor) as engine:
            return await engine.expire()

    assert lab.play(work) == 2
    assert [row.payload for row in lab.rows()] == [None]
    results: dict[Any, tuple[StoredResult | None, StoredResult]] = lab.tables.results
    assert not results
