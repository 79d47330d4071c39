"""Tenants: records, answers and vendor accounts of their own; everything else is the engine's."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.model import PhoneResult, SkipReason, Status
from enrichcore.plugins import Bearer

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


def keyed(lab: "Lab", **facts: Any) -> Any:
    """A provider that takes a key."""
    return lab.Remote(key_env="REMOTE_KEY", auth=Bearer(), **facts)


def hit(lab: "Lab") -> tuple[int, bytes]:
    return 200, json.dumps({"number": lab.PHONE}).encode()


def test_each_tenant_buys_and_remembers_for_itself(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})

    async def work() -> list[PhoneResult | None]:
        async with lab.engine(vendor) as engine:
            globex, initech = engine.for_tenant("globex"), engine.for_tenant("initech")
            return [
                await engine.enrich_phone(lab.contact()),
                await globex.enrich_phone(lab.contact()),
                await globex.enrich_phone(lab.contact()),
                await initech.explain("1"),
                await globex.explain("1"),
            ]

    own, bought, again, nothing, told = lab.play(work)
    assert own is not None
    assert bought is not None
    assert again is not None
    assert (own.cached, bought.cached, again.cached) == (False, False, True)
    assert nothing is None
    assert told is not None
    assert told.phone == lab.PHONE
    assert len(vendor.calls) == 2
    rows = lab.rows()
    assert {row.tenant for row in rows} == {"default", "globex"}
    assert len({row.key for row in rows}) == len({row.record for row in rows}) == 2


def test_two_records_of_one_person_share_the_answer_inside_a_tenant(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor) as engine:
            globex = engine.for_tenant("globex")
            return [await globex.enrich_phone(lab.contact(record_id=name, email=lab.EMAIL)) for name in ("1", "2")]

    assert [result.phone for result in lab.play(work)] == [lab.PHONE, lab.PHONE]
    assert len(vendor.calls) == 1


def test_the_same_name_is_the_same_tenant_whoever_asks_for_it(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(5, lab.script(lab.PHONE)))

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor) as engine:
            asked = (engine.for_tenant("globex").enrich_phone(lab.contact()) for _ in range(10))
            return list(await asyncio.gather(*asked))

    assert {result.status for result in lab.play(work)} == {Status.FOUND}
    assert len(vendor.calls) == 1


def test_a_tenants_own_key_is_what_its_vendor_sees_and_nobody_elses(lab: "Lab") -> None:
    wires = lab.Wires(hit(lab))

    async def work() -> list[PhoneResult]:
        async with lab.engine(keyed(lab), transport=wires, credentials={"remote": "house-key"}) as engine:
            own = engine.for_tenant("globex", credentials={"remote": "globex-key"})
            return [await e.enrich_phone(lab.contact()) for e in (engine, own, engine.for_tenant("initech"))]

    assert all(result.found for result in lab.play(work))
    assert [request.headers["authorization"] for request in wires.sent] == [
        "Bearer house-key", "Bearer globex-key", "Bearer house-key",
    ]  # fmt: skip


def test_a_provider_without_a_key_is_asked_for_the_tenant_that_has_one(lab: "Lab") -> None:
    wires = lab.Wires(hit(lab))

    async def work() -> list[PhoneResult]:
        async with lab.engine(keyed(lab), transport=wires) as engine:
            own = engine.for_tenant("globex", credentials={"remote": "globex-key"})
            return [await engine.enrich_phone(lab.contact()), await own.enrich_phone(lab.contact())]

    without, with_key = lab.play(work)
    assert {a.reason for a in without.attempts} == {SkipReason.NO_KEY}
    assert with_key.phone == lab.PHONE


def test_a_refused_key_stops_those_who_use_it_and_nobody_else(lab: "Lab") -> None:
    wires = lab.Wires((401, b"{}"), hit(lab))

    async def work() -> list[PhoneResult]:
        async with lab.engine(keyed(lab), transport=wires, credentials={"remote": "house-key"}) as engine:
            own = engine.for_tenant("globex", credentials={"remote": "globex-key"})
            asked = (engine, engine.for_tenant("initech"), own)
            return [await e.enrich_phone(lab.contact()) for e in asked]

    refused, shares_it, other = lab.play(work)
    assert [a.reason for a in refused.attempts if a.outcome == "error"] == ["key_refused"]
    assert SkipReason.SUSPENDED in {a.reason for a in shares_it.attempts}
    assert other.found
    assert len(wires.sent) == 2


def test_a_tenant_says_that_its_own_account_works_again(lab: "Lab") -> None:
    """The engine's account is another one; and nobody can resume who does not take part."""
    wires = lab.Wires((401, b"{}"), (401, b"{}"), hit(lab))

    async def work() -> list[PhoneResult]:
        async with lab.engine(keyed(lab), transport=wires, credentials={"remote": "house-key"}) as engine:
            own = engine.for_tenant("globex", credentials={"remote": "globex-key"})
            await engine.enrich_phone(lab.contact())
            await own.enrich_phone(lab.contact())
            await engine.for_tenant("globex", credentials={"remote": "globex-key"}).resume("remote")
            with pytest.raises(errors.ConfigError, match="no provider 'remot' takes part; there are remote"):
                await own.resume("remot")
            return [await engine.enrich_phone(lab.contact()), await own.enrich_phone(lab.contact())]

    house, mended = lab.play(work)
    assert SkipReason.SUSPENDED in {a.reason for a in house.attempts}
    assert mended.phone == lab.PHONE


def test_closing_the_engine_waits_for_the_calls_of_every_tenant(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(5, lab.script(lab.PHONE)))

    async def work() -> PhoneResult:
        async with lab.engine(vendor) as engine:
            asked = asyncio.ensure_future(engine.for_tenant("globex").enrich_phone(lab.contact()))
            await lab.until(lambda: vendor.calls)
        return await asked

    assert lab.play(work).phone == lab.PHONE


@pytest.mark.parametrize("name", ["", " globex", "a\nb", "x" * 201])
def test_a_tenant_needs_a_plain_name(lab: "Lab", name: str) -> None:
    async def work() -> None:
        async with lab.engine(lab.free({})) as engine:
            with pytest.raises(errors.ConfigError, match="printable characters"):
                engine.for_tenant(name)

    lab.play(work)


def test_credentials_of_an_unknown_provider_are_refused(lab: "Lab") -> None:
    async def work() -> None:
        async with lab.engine(keyed(lab)) as engine:
            with pytest.raises(errors.ConfigError, match=r"'remot' that is not installed. Did you mean 'remote'"):
                engine.for_tenant("globex", credentials={"remot": "k"})

    lab.play(work)


def test_a_tenant_ends_with_its_engine(lab: "Lab") -> None:
    async def work() -> None:
        async with lab.engine(lab.free({})) as engine:
            globex = engine.for_tenant("globex")
            await globex.enrich_phone(lab.contact())
        with pytest.raises(errors.EngineClosed):
            await globex.enrich_phone(lab.contact())
        with pytest.raises(errors.EngineClosed):
            engine.for_tenant("initech")

    lab.play(work)
