"""What a vendor says by itself: who is believed, what it moves the engine to, and what it never does."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest

from enrichcore.config import Config, ServiceConfig
from enrichcore.engine.webhooks import token_of
from enrichcore.model import Billed, Hit, Job, Miss, Number, Outcome, Price
from enrichcore.plugins import Poll, Provider, Signature, Webhook, hookimpl
from enrichcore.store.memory import MemoryStore

if TYPE_CHECKING:
    from tests.service.conftest import Client, House

T = TypeVar("T")
HIT = Hit(Number("+12025550143"))
URL = "https://phones.acme.example/api"
CONFIG = {"config": Config(service=ServiceConfig(public_url=URL))}
KEY = "vendor-key-0001"
DAY = 86400.0


class Slow(Provider):
    """Works half an hour on every question, and says when it is done."""

    name = "slow"
    key_env = "SLOW_KEY"
    typical = 1.0
    price = Price.per_hit(2)
    poll = Poll(first=600.0, factor=1.0, every=600.0, give_up=DAY)
    webhook = Webhook()

    def __init__(self, answer: Any = HIT, **facts: Any) -> None:
        vars(self).update(facts)
        self.answer = answer
        self.done = False
        self.submitted: list[str | None] = []
        self.polled = 0

    @hookimpl
    async def phone_by_email(self, query: Any) -> Job:
        self.submitted.append(self.webhook_url)
        return Job(f"job-{len(self.submitted)}")

    async def collect(self, job: Job, query: Any, http: Any) -> Any:
        self.polled += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if self.done else job

    def jobs_of(self, event: Any) -> list[str]:
        return [event["id"]]


class Signed(Slow):
    webhook = Webhook(signature=Signature("X-Slow-Signature", "sha1"))


def engine_of(**more: Any) -> dict[str, Any]:
    return {"engine": CONFIG | {"credentials": {"slow": KEY}} | more, "max_wait": 7200.0}


async def tell(
    client: "Client",
    event: Any,
    *,
    query: str | None = None,
    headers: dict[str, str] | None = None,
    path: str = "/v1/hooks/slow",
    method: str = "POST",
) -> httpx.Response:
    """The vendor calls: by default at the address that it was given."""
    if query is None:
        query = (client.app.engine.registry.plugins["slow"].provider.webhook_url or "").partition("?")[2]
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return await client.http.request(method, f"{path}?{query}", content=body, headers=headers or {})


def sign(body: bytes, key: str = KEY, header: str = "X-Slow-Signature") -> dict[str, str]:
    return {header: hmac.new(key.encode(), body, hashlib.sha1).hexdigest()}


def play(house: "House", vendor: Provider, work: Callable[["Client"], Coroutine[Any, Any, Any]], **more: Any) -> Any:
    async def run() -> Any:
        async with house.open(vendor, **engine_of(**more)) as client:
            return await work(client)

    return house.play(run)


async def left(client: "Client") -> httpx.Response:
    """A request whose deadline comes before the vendor's answer."""
    answer = await client.post(Prefer="wait=10")
    assert answer.headers["X-Enrichcore-Status"] == "incomplete"
    return answer


async def settled() -> None:
    await asyncio.sleep(2)


# --- what an event brings -----------------------------------------------------------------------------------------


def test_a_late_answer_is_collected_and_the_next_caller_gets_it_without_another_poll(house: "House") -> None:
    vendor = Slow()

    async def work(client: "Client") -> None:
        await left(client)
        vendor.done = True
        assert (await tell(client, {"id": "job-1"})).json() == {"success": True}
        await settled()
        assert vendor.polled == 1
        answer = await client.post()
        assert answer.json()["phone"] == "+12025550143"
        assert (vendor.polled, len(vendor.submitted)) == (1, 1)

    play(house, vendor, work)
    (row,) = house.rows()
    assert (row.outcome, row.billed, row.job, int(row.credits)) == (Outcome.HIT, Billed.YES, "job-1", 2)
    assert [attempt.outcome for attempt in house.told if attempt.outcome is Outcome.HIT and not attempt.cached] == [
        Outcome.HIT
    ]


def test_whoever_waits_gets_the_answer_within_a_second(house: "House") -> None:
    vendor = Slow()

    async def work(client: "Client") -> float:
        asking = asyncio.ensure_future(client.post(Prefer="wait=3600"))
        await house.until(lambda: vendor.submitted)
        await asyncio.sleep(30)
        vendor.done, began = True, house.now()
        await tell(client, {"id": "job-1"})
        assert (await asking).json()["phone"] == "+12025550143"
        return house.now() - began

    assert play(house, vendor, work) <= 1.1
    assert vendor.polled == 1


def test_an_event_that_overtakes_the_answer_to_the_submission_is_not_lost(house: "House") -> None:
    class Hasty(Slow):
        @hookimpl
        async def phone_by_email(self, query: Any) -> Job:
            self.submitted.append(self.webhook_url)
            self.done = True
            assert (await tell(self.client, {"id": "job-1"})).status_code == 200
            return Job("job-1")

        client: "Client"

    vendor = Hasty()

    async def work(client: "Client") -> float:
        vendor.client = client
        assert (await client.post(Prefer="wait=3600")).json()["phone"] == "+12025550143"
        return house.now()

    assert play(house, vendor, work) < 5


def test_a_miss_and_a_failed_job_are_settled_as_a_poll_would(house: "House") -> None:
    vendor = Slow(Miss())

    async def work(client: "Client") -> None:
        await left(client)
        vendor.done = True
        await tell(client, {"id": "job-1"})
        await settled()
        assert (await client.post()).headers["X-Enrichcore-Status"] == "not_found"

    play(house, vendor, work)
    assert [(row.outcome, row.billed) for row in house.rows()] == [(Outcome.MISS, Billed.NO)]
    assert vendor.polled == 1


def test_an_event_is_no_answer(house: "House") -> None:
    """What it says of people is not read: a job that the vendor still works on stays open."""
    vendor = Slow()

    async def work(client: "Client") -> None:
        await left(client)
        await tell(client, {"id": "job-1", "status": "FINISHED", "phone": "+12025550155"})
        await settled()
        (row,) = house.rows()
        assert (row.outcome, row.job) == (None, "job-1")
        vendor.done = True
        await tell(client, {"id": "job-1"})
        await settled()

    play(house, vendor, work)
    (row,) = house.rows()
    assert row.outcome is Outcome.HIT
    assert row.payload is not None
    assert b"0155" not in row.payload


def test_events_that_come_again_change_nothing(house: "House") -> None:
    vendor = Slow()

    async def work(client: "Client") -> None:
        await left(client)
        vendor.done = True
        for _ in range(5):
            assert (await tell(client, {"id": "job-1"})).status_code == 200
        await settled()
        await tell(client, {"id": "job-1"})
        await settled()

    play(house, vendor, work)
    assert (vendor.polled, len(house.rows())) == (1, 1)


def test_jobs_that_are_none_of_ours_are_dropped_with_the_same_answer(house: "House") -> None:
    vendor = Slow()

    async def work(client: "Client") -> list[tuple[int, bytes]]:
        await left(client)
        told = [await tell(client, {"id": name}) for name in ("job-1", "job-2", "", 7)]
        await settled()
        return [(answer.status_code, answer.content) for answer in told]

    assert set(play(house, vendor, work)) == {(200, b'{"success":true}')}
    assert vendor.polled == 1


def test_nothing_is_bought_by_an_event(house: "House") -> None:
    """A job that has been settled meanwhile is not bought anew by the word of its vendor."""
    vendor = Slow()

    async def work(client: "Client") -> None:
        await left(client)
        (intent,) = house.rows()
        house.tables.open.clear()
        house.tables.intents.clear()
        await tell(client, {"id": "job-1"})
        await settled()
        assert intent.job == "job-1"

    play(house, vendor, work)
    assert (len(vendor.submitted), vendor.polled) == (1, 0)
    assert [(row.outcome, row.billed) for row in house.rows()] == [(Outcome.SKIPPED, Billed.NO)]


def test_nothing_is_kept_of_a_person_who_was_forgotten(house: "House") -> None:
    vendor = Slow()

    async def work(client: "Client") -> None:
        await left(client)
        await client.app.engine.for_tenant("acme").forget("1")
        vendor.done = True
        await tell(client, {"id": "job-1"})
        await settled()

    play(house, vendor, work)
    assert vendor.polled == 0
    assert all(row.payload is None for row in house.rows())


def test_an_old_job_is_polled_at_once_by_the_next_caller_without_any_event(house: "House") -> None:
    """As it is where the event came to another process, or to none."""
    vendor = Slow()
    play(house, vendor, left)
    vendor.done = True

    async def work(client: "Client") -> float:
        await asyncio.sleep(700)
        began = house.now()
        assert (await client.post()).json()["phone"] == "+12025550143"
        return house.now() - began

    assert play(house, vendor, work) < 1
    assert (vendor.polled, len(vendor.submitted)) == (1, 1)


# --- several processes --------------------------------------------------------------------------------------------


class Shared(MemoryStore):
    """A store that outlives a process: a second one over the same tables is a second process."""

    durable = True


def two(house: "House", work: Callable[[Slow, "Client", "Client"], Coroutine[Any, Any, T]]) -> T:
    """Two processes over one store, who ask one vendor; the vendor's events reach the second."""
    vendor = Slow()

    async def run() -> T:
        one, other = (engine_of(store=Shared(tables=house.tables)) for _ in range(2))
        async with house.open(vendor, **one) as asks, house.open(vendor, **other) as hears:
            return await work(vendor, asks, hears)

    return house.play(run)


def test_an_event_that_comes_to_another_process_reaches_whoever_waits(house: "House") -> None:
    async def work(vendor: Slow, asks: "Client", hears: "Client") -> float:
        asking = asyncio.ensure_future(asks.post(Prefer="wait=3600"))
        await house.until(lambda: vendor.submitted)
        await asyncio.sleep(30)
        vendor.done, began = True, house.now()
        assert (await tell(hears, {"id": "job-1"})).status_code == 200
        assert (await asking).json()["phone"] == "+12025550143"
        assert vendor.polled == 1
        took = house.now() - began
        await asyncio.sleep(10)
        return took

    assert two(house, work) <= 3
    assert house.tables.states == {}


def test_an_event_that_comes_to_another_process_brings_a_late_answer(house: "House") -> None:
    """And to whichever process the next caller comes, it is there."""

    async def work(vendor: Slow, asks: "Client", hears: "Client") -> None:
        await left(asks)
        vendor.done = True
        await tell(hears, {"id": "job-1"})
        await asyncio.sleep(10)
        assert (await hears.post()).json()["phone"] == "+12025550143"
        assert (vendor.polled, len(vendor.submitted)) == (1, 1)

    two(house, work)
    assert house.tables.states == {}


def test_a_word_that_nobody_comes_for_is_kept_for_an_hour(house: "House") -> None:
    """As a keyed hash, in which the vendor's id cannot be read."""

    async def work(vendor: Slow, asks: "Client", hears: "Client") -> None:
        await tell(hears, {"id": "job-of-nobody"})
        ((provider, mark),) = house.tables.states
        assert (provider, len(mark)) == ("slow", 16)
        await asyncio.sleep(3000)
        assert len(house.tables.states) == 1
        await asyncio.sleep(1300)

    two(house, work)
    assert house.tables.states == {}


# --- who is believed ----------------------------------------------------------------------------------------------


def test_the_vendor_is_told_an_address_with_a_secret_in_it(house: "House") -> None:
    vendor = Slow()
    play(house, vendor, left)
    (url,) = vendor.submitted
    assert url is not None
    assert url.startswith(f"{URL}/v1/hooks/slow?token=")
    assert len(url.partition("token=")[2]) == 48


def test_the_address_is_the_same_in_every_process_and_another_for_each_provider(house: "House") -> None:
    one, two, other = Slow(), Slow(), Slow(name="other")
    for vendor in (one, two):
        play(house, vendor, left)
    house.again()

    async def work() -> None:
        async with house.open(other, **engine_of()):
            pass

    house.play(work)
    tokens = [(vendor.webhook_url or "").partition("token=")[2] for vendor in (one, two, other)]
    assert "" != tokens[0] == tokens[1] != tokens[2] != ""


def test_who_signs_gets_an_address_without_a_secret(house: "House") -> None:
    vendor = Signed()
    play(house, vendor, left)
    assert vendor.submitted == [f"{URL}/v1/hooks/slow"]


@pytest.mark.parametrize(
    "query", ["", "token=", "token=0", "token={0}&token={0}", "tok={0}", "token={0}0", "token=%ff"]
)
def test_a_wrong_token_is_401_before_the_body_is_read(house: "House", query: str) -> None:
    vendor = Slow()
    read: list[str] = []

    async def work(client: "Client") -> int:
        await left(client)
        vendor.done = True
        token = (vendor.webhook_url or "").partition("token=")[2]

        async def body() -> Any:
            read.append("body")
            yield b"{}"

        address = "/v1/hooks/slow?" + query.format(token)
        answer = await client.http.post(address, content=body())
        assert answer.json()["details"] == {"code": "unauthorized"}
        await settled()
        return answer.status_code

    assert play(house, vendor, work) == 401
    assert (vendor.polled, read) == (0, [])


BODY = json.dumps({"id": "job-1"}).encode()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (sign(BODY), 200),
        ({k.lower(): v for k, v in sign(BODY).items()}, 200),
        ({}, 401),
        (sign(BODY, "another-key"), 401),
        (sign(BODY + b" "), 401),
        ({k: v.upper() for k, v in sign(BODY).items()}, 401),
        ({k: v[:-1] for k, v in sign(BODY).items()}, 401),
        (dict.fromkeys(sign(BODY), ""), 401),
        (dict.fromkeys(sign(BODY), "ÿ"), 401),
    ],
)
def test_a_signature_is_of_this_body_under_our_key(house: "House", headers: dict[str, str], status: int) -> None:
    vendor = Signed()

    async def work(client: "Client") -> int:
        await left(client)
        vendor.done = True
        pairs = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
        answer = await client.http.post("/v1/hooks/slow", content=BODY, headers=pairs)
        await settled()
        return answer.status_code

    assert play(house, vendor, work) == status
    assert vendor.polled == (status == 200)


def test_two_signatures_are_none(house: "House") -> None:
    vendor = Signed()

    async def work(client: "Client") -> int:
        twice = list(sign(BODY).items()) * 2
        return (await client.http.post("/v1/hooks/slow", content=BODY, headers=twice)).status_code

    assert play(house, vendor, work) == 401


def test_a_tenants_own_key_signs_too(house: "House") -> None:
    vendor = Signed()

    async def work(client: "Client") -> list[int]:
        seen = []
        for own in (None, "globex-vendor-key"):
            if own is not None:
                globex = client.app.engine.for_tenant("globex", credentials={"slow": own})
                await globex.enrich_phone(house.contact(email=house.EMAIL), deadline=10)
            answer = await tell(client, BODY, headers=sign(BODY, "globex-vendor-key"), query="")
            seen.append(answer.status_code)
        return seen

    assert play(house, vendor, work) == [401, 200]


def test_a_secret_of_its_own_signs_instead_of_the_key(house: "House") -> None:
    vendor = Signed(webhook_secret="shared-secret")

    async def work(client: "Client") -> list[int]:
        answers = [await tell(client, BODY, headers=sign(BODY, key), query="") for key in (KEY, "shared-secret")]
        return [answer.status_code for answer in answers]

    assert play(house, vendor, work) == [401, 200]


def test_a_signature_may_be_in_base64() -> None:
    made = base64.b64encode(hmac.digest(b"k", b"body", "sha256"))
    signature = Signature("X", "sha256", "base64")
    assert signature.fits(b"body", made, "k")
    assert not signature.fits(b"body", made[:-1], "k")
    assert not signature.fits(b"bodY", made, "k")


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The event cannot be read."),
        (b"{", "The event cannot be read."),
        (b"[]", "The event cannot be read."),
        (b'"job-1"', "The event cannot be read."),
        (b"\xff", "The event cannot be read."),
        (b"[" * 100_000, "The event cannot be read."),
        (b"9" * 10_000, "The event cannot be read."),
        (b" " * (1024 * 1024 + 1), "The body must be at most 1024 KiB."),
    ],
)
def test_what_cannot_be_an_event_is_400(house: "House", body: bytes, said: str) -> None:
    async def work(client: "Client") -> tuple[int, str]:
        answer = await tell(client, body)
        return answer.status_code, answer.json()["error"]

    assert play(house, Slow(), work) == (400, said)


@pytest.mark.parametrize("path", ["/v1/hooks/", "/v1/hooks/other", "/v1/hooks/slow/x", "/v1/hooks/SLOW", "/v1/hooks"])
def test_a_provider_that_nobody_knows_is_404(house: "House", path: str) -> None:
    async def work(client: "Client") -> int:
        return (await tell(client, {"id": "job-1"}, path=path)).status_code

    assert play(house, Slow(), work) == 404


def test_without_a_public_address_nobody_is_told_and_nobody_is_heard(house: "House") -> None:
    vendor = Slow()

    async def work(client: "Client") -> int:
        await left(client)
        return (await tell(client, {"id": "job-1"})).status_code

    assert play(house, vendor, work, config=Config()) == 404
    assert vendor.submitted == [None]


def test_a_provider_without_a_webhook_is_404(house: "House") -> None:
    vendor = Slow(webhook=None)

    async def work(client: "Client") -> int:
        return (await tell(client, {"id": "job-1"})).status_code

    assert play(house, vendor, work) == 404
    assert vendor.webhook_url is None


def test_another_method_is_405(house: "House") -> None:
    async def work(client: "Client") -> tuple[int, str]:
        answer = await tell(client, b"", method="PUT")
        return answer.status_code, answer.headers["Allow"]

    assert play(house, Slow(), work) == (405, "POST")


def test_nothing_of_an_event_is_logged(house: "House", caplog: pytest.LogCaptureFixture) -> None:
    """Neither of one that is taken nor of one that is refused: only the attempt that comes of it."""
    canaries = ["canary@engines.example", "+12025550155", "canary-signature", "canary-token"]
    caplog.set_level(logging.DEBUG)
    vendor = Slow()

    async def work(client: "Client") -> None:
        await left(client)
        vendor.done = True
        event = {"id": "job-1", "email": canaries[0], "phone": canaries[1]}
        await tell(client, event, headers={"X-Slow-Signature": canaries[2]})
        await tell(client, event, query="token=" + canaries[3])
        await tell(client, b"{" + canaries[0].encode())
        await settled()

    play(house, vendor, work)
    own = [record for record in caplog.records if record.name != "httpx"]  # the vendor's own log
    said = "".join(str(vars(record)) for record in own)
    assert "attempt_finished" in said
    assert [canary for canary in (*canaries, "job-1", KEY) if canary in said] == []


def test_closing_waits_for_what_an_event_has_begun(house: "House") -> None:
    """And is not held up by it: a poll under way is seen through, and nothing is left behind."""
    vendor = Slow()

    async def work(client: "Client") -> None:
        await left(client)
        vendor.done = True
        await tell(client, {"id": "job-1"})

    play(house, vendor, work)
    (row,) = house.rows()
    assert (row.outcome, row.job) in ((None, "job-1"), (Outcome.HIT, "job-1"))


def test_one_token_is_one() -> None:
    assert token_of([("token", "a"), ("b", "c")]) == "a"
    assert token_of([("token", "a"), ("token", "a")]) is None
    assert token_of([]) is None
