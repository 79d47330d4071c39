"""`Prefer: respond-async`: answered at once, collected later, by whoever may."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.errors import ServerError
from enrichcore.model import Miss

if TYPE_CHECKING:
    from tests.service.conftest import House

ASYNC = {"Prefer": "respond-async"}


def test_a_request_that_nobody_waits_for_is_collected_by_its_location(house: "House") -> None:
    """202 until there is an outcome, then what the request itself would have been answered."""
    vendor = house.by_email(house.slow(50, house.script(house.PHONE)), timeout=100.0)

    async def work() -> Any:
        async with house.open(vendor) as client:
            accepted = await client.post(**ASYNC)
            where = accepted.headers["Location"]
            early = await client.get(where, key="acme-key")
            await asyncio.sleep(51)
            return accepted, early, await client.get(where, key="acme-key")

    accepted, early, done = house.play(work)
    assert (accepted.status_code, early.status_code, done.status_code) == (202, 202, 200)
    assert accepted.headers["Location"] == early.headers["Location"]
    assert accepted.json()["request_id"] == accepted.headers["X-Request-ID"]
    assert accepted.headers["Location"] == f"/v1/enrich/phone/{accepted.headers['X-Request-ID']}"
    assert (list(done.json()), done.json()["phone"]) == (house.NINE, house.PHONE)
    assert (len(vendor.calls), house.accounts.spent) == (1, {"acme": 1})


def test_a_location_belongs_to_its_tenant(house: "House") -> None:
    """Another tenant is told that there is nothing, and without a key nobody is told anything."""

    async def work() -> Any:
        async with house.open(house.by_email(house.slow(5, house.script(house.PHONE)))) as client:
            where = (await client.post(**ASYNC)).headers["Location"]
            early = await client.get(where, key="globex-key")
            await asyncio.sleep(200)
            return [early, await client.get(where, key="globex-key"), await client.get(where)]

    early, late, nobody = house.play(work)
    assert (late.status_code, nobody.status_code) == (404, 401)
    assert house.PHONE not in early.text + late.text + nobody.text
    assert early.json().get("record_id") is None


def test_another_process_finds_the_outcome_in_the_journal(house: "House") -> None:
    """While it may still be under way 202, then the stored answer; what came to nothing is gone after its time."""
    vendor = house.by_email({house.EMAIL: house.PHONE})

    async def accept(body: Any, *providers: Any) -> Any:
        async with house.open(*providers) as client:
            where = (await client.post(body, **ASYNC)).headers["Location"]
            await asyncio.sleep(5)
            return where

    async def collect(where: str) -> Any:
        async with house.open(vendor) as client:
            return await client.get(where, key="acme-key")

    found = house.play(lambda: accept(None, vendor))
    failed = house.play(
        lambda: accept({"record_id": "2", "email": "x@engines.example"}, house.by_email(house.script(ServerError())))
    )
    assert house.play(lambda: collect(found)).json()["phone"] == house.PHONE
    assert house.play(lambda: collect(failed)).status_code == 202
    house.runtime.skew += 600
    assert house.play(lambda: collect(failed)).status_code == 404


def test_an_earlier_answer_about_somebody_else_is_never_an_outcome(house: "House") -> None:
    vendor = house.by_email({house.EMAIL: house.PHONE})
    down = house.by_email(house.script(ServerError()))

    async def accept() -> Any:
        async with house.open(down) as client:
            return (await client.post({"record_id": "1", "email": "moved@engines.example"}, **ASYNC)).headers[
                "Location"
            ]

    async def collect(where: str) -> Any:
        async with house.open(vendor) as client:
            return await client.get(where, key="acme-key")

    house.ask(None, vendor)
    where = house.play(accept)
    answer = house.play(lambda: collect(where))
    assert answer.status_code == 202
    assert house.PHONE not in answer.text


def test_what_is_known_is_answered_at_once(house: "House") -> None:
    async def work() -> Any:
        async with house.open() as client:
            await client.post()
            return await client.post(**ASYNC)

    assert house.play(work).status_code == 200


def test_a_refusal_is_the_outcome_of_a_request_that_is_refused_later(house: "House") -> None:
    """Too few credits, or every provider down: as the request itself would have been answered."""
    down = house.by_email(house.slow(2, house.script(ServerError())))

    async def work() -> Any:
        async with house.open(down) as client:
            where = (await client.post(**ASYNC)).headers["Location"]
            await asyncio.sleep(20)
            first = await client.get(where, key="acme-key")
            house.accounts.credits["acme"] = 0
            poor = await client.post({"record_id": "2", "email": "x@engines.example"}, **ASYNC)
            await asyncio.sleep(1)
            if poor.status_code == 202:
                poor = await client.get(poor.headers["Location"], key="acme-key")
            return first, poor

    first, poor = house.play(work)
    assert (first.status_code, first.json()["details"]["code"]) == (500, "providers_unavailable")
    assert (poor.status_code, poor.json()["details"]["code"]) == (400, "insufficient_credits")


def test_it_may_ask_for_a_deadline_within_the_limit(house: "House") -> None:
    vendor = house.by_email(house.slow(500, house.script(Miss())), timeout=900.0)

    async def work() -> Any:
        async with house.open(vendor, max_wait=60.0) as client:
            short = (await client.post(Prefer="respond-async, wait=5")).headers["Location"]
            long = (await client.post({"record_id": "2", "email": "x@engines.example"}, **ASYNC)).headers["Location"]
            seen = []
            for seconds in (6, 55):
                await asyncio.sleep(seconds)
                seen.append([(await client.get(where, key="acme-key")).status_code for where in (short, long)])
            return seen

    assert house.play(work) == [[200, 202], [200, 200]]


def test_the_story_and_the_rate_hold_for_a_location_too(house: "House") -> None:
    async def work() -> Any:
        async with house.open() as client:
            where = (await client.post(**ASYNC)).headers["Location"]
            await asyncio.sleep(1)
            story = await client.get(where + "?include=attempts", key="acme-wide")
            refused = await client.get(where + "?include=attempts", key="acme-key")
            house.accounts.wait = 3.0
            return story, refused, await client.get(where, key="acme-key")

    story, refused, limited = house.play(work)
    assert story.json()["provider"] == "paid"
    assert (refused.status_code, limited.status_code) == (400, 429)


def test_names_that_nobody_was_given_are_404(house: "House") -> None:
    async def work() -> Any:
        async with house.open() as client:
            names = ["x", "0" * 28, "../../healthz", "0" * 28 + "-a" + "0" * 48, "%00"]
            return [(await client.get("/v1/enrich/phone/" + name, key="acme-key")).status_code for name in names]

    assert set(house.play(work)) == {404}


def test_a_request_that_is_refused_at_once_is_not_accepted(house: "House") -> None:
    vendor = house.by_email(house.slow(5, house.script(Miss())))

    async def work() -> Any:
        async with house.open(vendor) as client:
            people = [{"record_id": str(n), "email": f"p{n}@engines.example"} for n in range(3)]
            return [(await client.post(person, key="narrow-key", **ASYNC)).status_code for person in people]

    assert house.play(work) == [202, 202, 429]


def test_the_oldest_outcomes_are_forgotten_and_none_that_is_under_way(
    house: "House", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here two are kept: the one under way, and the last one."""
    monkeypatch.setattr("enrichcore.service.later._KEPT", 2)
    slow = house.slow(50, house.script(Miss()))

    def say(query: Any) -> Any:
        return slow(query) if query.email == house.EMAIL else ServerError()

    async def work() -> Any:
        async with house.open(house.by_email(say, timeout=99.0)) as client:
            where = [(await client.post(**ASYNC)).headers["Location"]]
            for number in range(3):
                await asyncio.sleep(1)
                body = {"record_id": f"x{number}", "email": f"x{number}@engines.example"}
                where.append((await client.post(body, **ASYNC)).headers["Location"])
            await asyncio.sleep(8)
            house.runtime.skew += 600
            return [(await client.get(one, key="acme-key")).status_code for one in where]

    assert house.play(work) == [202, 404, 404, 500]
