"""One lookup for all who ask for the same: joined, paid for once, and carried to its end whoever leaves."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.model import Miss

if TYPE_CHECKING:
    from tests.service.conftest import Client, House

GRACE = {"record_id": "2", "email": "grace@engines.example"}


async def posted(app: Any, body: Any, leave: asyncio.Event, *, key: str = "acme-key") -> list[Any]:
    """What the app sends to a client that leaves when told so."""
    said = iter([{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}])
    sent: list[Any] = []

    async def receive() -> Any:
        try:
            return next(said)
        except StopIteration:
            await leave.wait()
            return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/enrich/phone", "query_string": b"",
        "headers": [(b"authorization", b"Bearer " + key.encode())],
    }  # fmt: skip
    await app(scope, receive, send)
    return sent


def test_a_thousand_identical_requests_are_one_paid_call_and_one_credit(house: "House") -> None:
    """Even with a single credit left."""
    vendor = house.by_email(house.slow(2, house.script(house.PHONE)))
    house.accounts.credits["acme"] = 1

    async def work() -> Any:
        async with house.open(vendor) as client:
            return await asyncio.gather(*(client.post() for _ in range(1000)))

    answers = house.play(work)
    assert {(a.status_code, a.json()["phone"]) for a in answers} == {(200, house.PHONE)}
    assert (len(vendor.calls), house.accounts.spent, house.accounts.credits) == (1, {"acme": 1}, {"acme": 0})


def test_of_a_hundred_requests_for_one_credit_exactly_one_spends(house: "House") -> None:
    """The others are told what it takes and what is left."""
    vendor = house.by_email(house.slow(1, house.script(house.PHONE)))
    house.accounts.credits["acme"] = 1

    async def work() -> Any:
        async with house.open(vendor, max_wait=5.0) as client:
            people = [{"record_id": str(n), "email": f"p{n}@engines.example"} for n in range(100)]
            return await asyncio.gather(*(client.post(person) for person in people))

    answers = house.play(work)
    assert sorted(a.status_code for a in answers) == [200] + [400] * 99
    refused = next(a.json() for a in answers if a.status_code == 400)
    assert refused["details"]["code"] == "insufficient_credits"
    assert (refused["credits_required"], refused["credits_remaining"]) == (1, 0)
    assert (len(vendor.calls), house.accounts.credits, house.accounts.reserved) == (1, {"acme": 0}, 0)


def test_stored_answers_are_given_at_zero_credits(house: "House") -> None:
    """From memory and from the journal, a number or none; whoever is not stored is refused and nothing is bought."""
    vendor = house.by_email({house.EMAIL: house.PHONE})
    house.ask(None, vendor)
    house.ask(GRACE, vendor)
    house.accounts.credits["acme"] = 0
    assert house.ask(None, vendor).json()["phone"] == house.PHONE
    assert house.ask(GRACE, vendor).headers["X-Enrichcore-Status"] == "not_found"
    assert house.ask({"record_id": "3", "email": house.EMAIL}, vendor).json()["phone"] == house.PHONE
    answer = house.ask({"record_id": "4", "email": "new@engines.example"}, vendor)
    assert (answer.status_code, answer.json()["credits_remaining"]) == (400, 0)
    assert house.ask(None, vendor, query="?refresh=true").status_code == 400
    assert (len(vendor.calls), house.accounts.spent) == (2, {"acme": 1})


def test_free_providers_are_not_asked_at_zero_credits_either(house: "House") -> None:
    """A number that they found would cost a credit."""
    free = house.free({house.EMAIL: house.PHONE})
    house.accounts.credits["acme"] = 0
    assert house.ask(None, free).status_code == 400
    assert free.calls == []


def test_a_miss_and_an_incomplete_lookup_cost_nothing(house: "House") -> None:
    house.accounts.credits["acme"] = 3
    house.ask(None, house.by_email(house.script(Miss())))
    house.ask(GRACE, house.by_email(house.slow(99, house.script(Miss())), timeout=99.0))
    assert (house.accounts.credits, house.accounts.reserved) == ({"acme": 3}, 0)


def test_a_hit_costs_what_the_configuration_says(house: "House") -> None:
    house.accounts.credits["acme"] = 7
    house.ask(config={"credits_per_hit": 5})
    assert house.accounts.credits == {"acme": 2}
    answer = house.ask(GRACE, config={"credits_per_hit": 5})
    assert (answer.json()["credits_required"], answer.json()["credits_remaining"]) == (5, 2)


def test_without_a_price_no_credits_are_asked_for(house: "House") -> None:
    house.accounts.credits["acme"] = 0
    assert house.ask(config={"credits_per_hit": 0}).status_code == 200
    assert house.accounts.spent == {}


def test_a_client_that_leaves_wastes_no_paid_call_and_starts_no_other(house: "House") -> None:
    """The number that came is stored, and its credit is spent: the next request gets it."""
    first = house.by_email(house.slow(5, house.script(Miss())), name="first")
    second = house.by_email({house.EMAIL: house.PHONE}, name="second")
    leave = asyncio.Event()

    async def work() -> Any:
        async with house.open(first, second) as client:
            asked = asyncio.create_task(posted(client.app, house.ADA_BODY, leave))
            await house.until(lambda: first.calls)
            leave.set()
            assert await asked == []
            await asyncio.sleep(10)
            assert (len(first.calls), len(second.calls)) == (1, 0)
            return await client.post()

    assert house.play(work).json()["phone"] == house.PHONE
    assert (len(first.calls), len(second.calls), house.accounts.spent) == (1, 1, {"acme": 1})


def test_a_number_that_comes_after_everybody_left_is_stored_and_settled(house: "House") -> None:
    vendor = house.by_email(house.slow(5, house.script(house.PHONE)))
    leave = asyncio.Event()

    async def work() -> Any:
        async with house.open(vendor) as client:
            asked = asyncio.create_task(posted(client.app, house.ADA_BODY, leave))
            await house.until(lambda: vendor.calls)
            leave.set()
            assert await asked == []
            await asyncio.sleep(6)
            assert (house.accounts.spent, house.accounts.reserved) == ({"acme": 1}, 0)
            return await client.post()

    assert house.play(work).headers["X-Enrichcore-Cache"] == "hit"
    assert (len(vendor.calls), house.accounts.spent) == (1, {"acme": 1})


def test_one_who_leaves_takes_nothing_from_the_others(house: "House") -> None:
    vendor = house.by_email(house.slow(5, house.script(Miss())), name="first")
    second = house.by_email({house.EMAIL: house.PHONE}, name="second")
    leave = asyncio.Event()

    async def work() -> Any:
        async with house.open(vendor, second) as client:
            leaver = asyncio.create_task(posted(client.app, house.ADA_BODY, leave))
            stayer = asyncio.create_task(client.post())
            await house.until(lambda: vendor.calls)
            leave.set()
            await leaver
            return await stayer

    assert house.play(work).json()["phone"] == house.PHONE


def test_one_who_joins_keeps_to_a_deadline_of_its_own(house: "House") -> None:
    """A shorter one is answered as incomplete; a longer one goes on after the first lookup was cut short."""
    vendor = house.by_email(house.slow(12, house.script(house.PHONE)), timeout=60.0)

    async def work() -> Any:
        async with house.open(vendor) as client:
            long = asyncio.create_task(client.post())
            await house.until(lambda: vendor.calls)
            return await client.post(Prefer="wait=2"), await long

    short, long = house.play(work)
    assert (short.headers["X-Enrichcore-Status"], short.json()["processing_time_ms"]) == ("incomplete", 2000)
    assert (long.json()["phone"], len(vendor.calls)) == (house.PHONE, 1)


def test_one_who_joins_a_shorter_lookup_goes_on_by_itself(house: "House") -> None:
    vendor = house.free(house.slow(12, house.script(house.PHONE)), timeout=60.0)

    async def work() -> Any:
        async with house.open(vendor) as client:
            short = asyncio.create_task(client.post(Prefer="wait=5"))
            await house.until(lambda: vendor.calls)
            return await client.post(), await short

    long, short = house.play(work)
    assert (short.headers["X-Enrichcore-Status"], long.json()["phone"]) == ("incomplete", house.PHONE)


def test_a_tenant_has_no_more_requests_at_the_same_time_than_it_may(house: "House") -> None:
    vendor = house.by_email(house.slow(3, house.script(Miss())))

    async def work() -> Any:
        async with house.open(vendor) as client:
            people = [{"record_id": str(n), "email": f"p{n}@engines.example"} for n in range(5)]
            answers = await asyncio.gather(*(client.post(person, key="narrow-key") for person in people))
            return [*answers, await client.post(people[4], key="narrow-key")]

    answers = house.play(work)
    assert [a.status_code for a in answers] == [200, 200, 429, 429, 429, 200]
    assert answers[2].json()["details"]["code"] == "concurrency"


def test_closing_finishes_what_is_under_way_and_settles_it(house: "House") -> None:
    vendor = house.by_email(house.slow(5, house.script(house.PHONE)))

    async def work() -> Any:
        async with house.open(vendor) as client:
            asked = asyncio.create_task(posted(client.app, house.ADA_BODY, asyncio.Event()))
            await house.until(lambda: vendor.calls)
        return await asked

    sent = house.play(work)
    assert sent[0]["status"] == 200
    assert json.loads(sent[1]["body"])["phone"] == house.PHONE
    assert (house.accounts.spent, house.accounts.reserved) == ({"acme": 1}, 0)


def test_a_client_that_leaves_before_its_body_is_whole_is_forgotten(house: "House") -> None:
    async def work() -> list[Any]:
        async with house.open() as client:
            sent: list[Any] = []

            async def receive() -> Any:
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                sent.append(message)

            headers = [(b"authorization", b"Bearer acme-key")]
            scope = {
                "type": "http",
                "method": "POST",
                "path": "/v1/enrich/phone",
                "query_string": b"",
                "headers": headers,
            }
            await client.app(scope, receive, send)
            return sent

    assert house.play(work) == []
    assert house.accounts.reserved == 0


async def flood(client: "Client", key: str, count: int) -> Any:
    people = [{"record_id": f"{key}{n}", "email": f"{key}{n}@engines.example"} for n in range(count)]
    return await asyncio.gather(*(client.post(person, key=key) for person in people))


def test_more_than_can_wait_is_refused_at_once(house: "House") -> None:
    """Whoever is refused hears when to come back; the others are answered."""
    vendor = house.by_email(house.slow(3, house.script(Miss())))

    async def work() -> Any:
        async with house.open(vendor, concurrency=4, queue=6) as client:
            return await flood(client, "acme-key", 30)

    answers = house.play(work)
    assert sorted(a.status_code for a in answers) == [200] * 9 + [429] * 21
    for refused in answers:
        if refused.status_code == 429:
            assert refused.json()["details"]["code"] == "overloaded"
            assert int(refused.headers["Retry-After"]) == refused.json()["retry_after"] >= 1


def test_a_flood_of_one_tenant_leaves_another_its_place(house: "House") -> None:
    vendor = house.by_email(house.slow(3, house.script(Miss())))

    async def work() -> Any:
        async with house.open(vendor, concurrency=4, queue=6) as client:
            flooded = asyncio.create_task(flood(client, "acme-key", 200))
            await house.until(lambda: len(vendor.calls) == 3)
            other = await flood(client, "globex-key", 3)
            await flooded
            return other

    answers = house.play(work)
    assert [a.status_code for a in answers] == [200] * 3
    assert min(a.json()["processing_time_ms"] for a in answers) == 3000  # as if nobody else were there


@pytest.mark.parametrize("leaves", [False, True])
def test_one_who_waits_for_a_place_waits_no_longer_than_its_deadline(house: "House", *, leaves: bool) -> None:
    """And one who leaves the queue is not looked up at all."""
    vendor = house.by_email(house.slow(20, house.script(Miss())), timeout=60.0)
    leave = asyncio.Event()

    async def work() -> Any:
        async with house.open(vendor, concurrency=1, queue=6) as client:
            asked = asyncio.create_task(client.post(GRACE))
            await house.until(lambda: vendor.calls)
            if leaves:
                leave.set()
                waited: Any = await posted(client.app, house.ADA_BODY, leave)
            else:
                waited = (await client.post(Prefer="wait=2")).status_code
            await asked
            return waited, client.app.admission.load

    assert house.play(work) == ([] if leaves else 429, (0, 0))
    assert len(vendor.calls) == 1


def test_who_leaves_before_the_lookup_has_begun_is_not_looked_up(
    house: "House", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its credits, which were being set aside, come back."""
    vendor = house.by_email({house.EMAIL: house.PHONE})
    leave = asyncio.Event()
    reserve = house.accounts.reserve

    async def slowly(*asked: Any) -> int | None:
        await asyncio.sleep(5)
        return await reserve(*asked)

    monkeypatch.setattr(house.accounts, "reserve", slowly)

    async def work() -> Any:
        async with house.open(vendor) as client:
            asked = asyncio.create_task(posted(client.app, house.ADA_BODY, leave))
            await asyncio.sleep(1)
            leave.set()
            sent = await asked
            await asyncio.sleep(10)
            return sent, client.app.admission.load

    assert house.play(work) == ([], (0, 0))
    assert (vendor.calls, house.accounts.spent, house.accounts.reserved) == ([], {"acme": 0}, 0)


def test_a_journal_that_fails_is_500_and_costs_nothing(house: "House") -> None:
    """And from then on the service is not ready."""
    store = house.store()

    async def work() -> Any:
        async with house.open(engine={"store": store}) as client:
            store.fail_at = "claim"
            failed = await client.post()
            return failed, await client.get("/readyz")

    failed, ready = house.play(work)
    assert (failed.status_code, failed.json()["details"]) == (500, {"code": "internal_error"})
    assert ready.status_code == 503
    assert (house.accounts.spent, house.accounts.reserved) == ({"acme": 0}, 0)


def test_after_closing_nobody_is_asked_any_more(house: "House") -> None:
    """What is stored is still given."""
    vendor = house.by_email({house.EMAIL: house.PHONE})

    async def work() -> Any:
        async with house.open(vendor) as client:
            await client.post()
            await client.app.aclose()
            return await client.post(), await client.post(GRACE)

    stored, new = house.play(work)
    assert stored.json()["phone"] == house.PHONE
    assert (new.status_code, new.headers["X-Enrichcore-Status"]) == (200, "incomplete")
    assert len(vendor.calls) == 1


def test_a_request_that_was_refused_for_want_of_credits_leaves_no_trace(house: "House") -> None:
    """Its record stands for nobody yet, so whoever it is sent for later has not moved, and is not billed as such."""
    other = "eve@firm.example"

    async def work() -> Any:
        async with house.open(house.by_email({house.EMAIL: house.PHONE})) as client:
            house.accounts.credits["acme"] = 1
            assert (await client.post()).json()["phone"] == house.PHONE
            refused = await client.post({"record_id": "2", "email": other})
            house.accounts.credits["acme"] = 5
            return refused.status_code, await client.post({"record_id": "2", "email": house.EMAIL})

    status, answer = house.play(work)
    assert (status, answer.json()["phone"]) == (400, house.PHONE)
    assert "X-Enrichcore-Record" not in answer.headers
    assert house.accounts.credits["acme"] == 5
