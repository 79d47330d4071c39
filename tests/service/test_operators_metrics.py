"""Metrics: what is counted is right, says nothing of anybody, and stays small whatever comes in."""

import asyncio
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from enrichcore.errors import PROVIDER_ERRORS, KeyRefused, ProviderError, ServerError
from enrichcore.model import (
    Attempt,
    Billed,
    Hit,
    Method,
    Number,
    Outcome,
    Person,
    PhoneResult,
    Price,
    SkipReason,
    Status,
)
from enrichcore.service.operators.buckets import BOUNDS, Buckets
from enrichcore.service.operators.standing import STATES
from enrichcore.service.operators.tally import Tally
from enrichcore.testing import FakeProvider
from tests.service.stage import EMAIL, desk

if TYPE_CHECKING:
    from tests.service.conftest import House

Values = dict[tuple[str, ...], float]


def values(text: str, name: str) -> Values:
    """The samples of one name, by the values of their labels in the order of the labels' names."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == f"enrichcore_{name}"
    }


def read(house: "House", *made: Any, posts: list[dict[str, str]], **facts: Any) -> str:
    """The metrics after these requests to the service."""

    async def work() -> str:
        async with desk(house, *made, **facts) as ours:
            for fields in posts:
                await ours.post(**fields)
            return await ours.metrics()

    return house.play(work)


def test_requests_are_counted_by_status_and_timed(house: "House") -> None:
    """Every answer counts once; only those of the endpoint are timed."""

    async def work() -> str:
        async with desk(house, FakeProvider(house.slow(0.3, house.PHONE), name="slow")) as ours:
            await ours.post(email=EMAIL)
            await ours.post(email=EMAIL)
            await ours.post()
            await ours.api.post("/v1/enrich/phone", json={})
            for path in ("/healthz", "/readyz", "/docs", "/x", "/v1/enrich/phone/abc"):
                await ours.api.get(path)
            return await ours.metrics()

    text = house.play(work)
    assert values(text, "requests_total") == {
        ("enrich", "200"): 2, ("enrich", "400"): 1, ("enrich", "401"): 1, ("page", "200"): 3, ("other", "404"): 1,
        ("outcome", "401"): 1,
    }  # fmt: skip
    assert values(text, "request_seconds_count") == {(): 4}
    buckets = values(text, "request_seconds_bucket")
    assert (buckets["0.25",], buckets["0.5",], buckets["+Inf",]) == (3, 4, 4)


def test_attempts_credits_and_money_are_counted_by_provider(house: "House") -> None:
    made = [
        FakeProvider({}, name="first", methods=["email"], price=Price.per_attempt(1)),
        FakeProvider(lambda _: ServerError("503"), name="second", methods=["email"]),
        house.by_email({EMAIL: house.PHONE}, name="third"),
        FakeProvider({}, name="fourth", price=Price.per_hit(1), methods=["email"]),
    ]
    prices = {"first": "0.05", "third": "0.5"}
    engine = {"order": ["first", "second", "third"], "settings": {n: {"credit_price": p} for n, p in prices.items()}}
    posts = [{"email": EMAIL}, {"email": EMAIL}, {"email": "bob@engines.example", "record_id": "2"}]
    text = read(house, *made, posts=posts, engine=engine)
    counted = values(text, "attempts_total")
    assert counted["yes", "email", "miss", "first"] == 2
    assert counted["no", "email", "error", "second"] == 2
    assert counted["yes", "email", "hit", "third"] == 1
    assert counted["no", "email", "miss", "third"] == 1
    assert values(text, "attempt_errors_total") == {("second", "server_error"): 2}
    assert values(text, "credits_total") == {("first",): 2, ("third",): 2}
    assert values(text, "cost_total") == {("USD", "first"): 0.1, ("USD", "third"): 1.0}
    assert values(text, "enrichments_total") == {
        ("false", "found"): 1,
        ("true", "found"): 1,
        ("false", "incomplete"): 1,
    }
    assert values(text, "attempt_seconds_count")["third",] == 2
    assert values(text, "provider_state")["first", "closed"] == 1


def test_credits_without_a_price_are_told_apart(house: "House") -> None:
    text = read(house, house.by_email({EMAIL: house.PHONE}, name="acme"), posts=[{"email": EMAIL}])
    assert values(text, "credits_total") == {("acme",): 2}
    assert (values(text, "cost_total"), values(text, "unpriced_attempts_total")) == ({}, {("acme",): 1})


def test_the_state_of_every_provider_is_one_of_five(house: "House") -> None:
    text = read(house, FakeProvider(lambda _: KeyRefused("no"), name="acme"), posts=[{"email": EMAIL}])
    assert values(text, "provider_state") == {("acme", state): float(state == "suspended") for state in STATES}
    assert values(text, "skips_total") == {}
    again = read(house, FakeProvider({}, name="acme"), posts=[{"email": EMAIL, "record_id": "2"}])
    assert values(again, "skips_total") == {("acme", "suspended"): 1}


def test_who_runs_who_waits_and_who_is_refused_is_told(house: "House") -> None:
    """While lookups are under way: in flight, running, waiting, and shed."""

    async def work() -> list[str]:
        async with desk(house, FakeProvider(house.slow(5, house.PHONE), name="slow"), concurrency=1, queue=1) as ours:
            asking = [
                asyncio.ensure_future(ours.post(email=f"p{i}@engines.example", record_id=str(i))) for i in range(4)
            ]
            await asyncio.sleep(1)
            during = await ours.metrics()
            await asyncio.gather(*asking)
            return [during, await ours.metrics()]

    during, after = house.play(work)
    names = ("requests_in_flight", "lookups_running", "lookups_waiting", "lookups_shed_total")
    assert [values(during, name)[()] for name in names] == [2, 1, 1, 2]
    assert [values(after, name)[()] for name in names] == [0, 0, 0, 2]


def test_the_queue_of_the_journal_is_told(house: "House", tmp_path: Any) -> None:
    """A store that commits in groups says how much waits; one in memory has no queue."""

    async def work() -> list[float]:
        seen = []
        url = f"sqlite:///{tmp_path / 'e.db'}"
        async with desk(house, engine={"store": url}) as ours:
            seen.append(values(await ours.metrics(), "journal_writes_waiting")[()])
            store: Any = ours.service.engine._store
            store._open.group._ops.extend([None] * 3)
            seen.append(values(await ours.metrics(), "journal_writes_waiting")[()])
            store._open.group._ops.clear()
        async with desk(house) as ours:
            return [*seen, values(await ours.metrics(), "journal_writes_waiting")[()]]

    assert asyncio.run(work()) == [0, 3, 0]


def test_a_client_that_left_has_no_status(house: "House") -> None:
    """It is counted all the same, and is in flight no more."""
    from enrichcore.service.operators.traffic import Traffic

    async def leaves(scope: Any, receive: Any, send: Any) -> None:
        return

    async def work() -> Traffic:
        traffic = Traffic(leaves, clock=house.runtime.monotonic)
        await traffic({"type": "http", "path": "/v1/enrich/phone"}, None, None)  # type: ignore[arg-type]
        await traffic({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
        return traffic

    traffic = house.play(work)
    assert (dict(traffic.requests), traffic.inside) == ({("enrich", "none"): 1}, 0)


@pytest.mark.parametrize("accept", ["", "text/plain", "application/openmetrics-text; version=1.0.0"])
def test_the_form_is_the_one_that_was_asked_for(house: "House", accept: str) -> None:
    async def work() -> str:
        async with desk(house) as ours:
            answer = await ours.page.get("/metrics", headers={"Accept": accept})
            return answer.headers["Content-Type"] + answer.text[-6:]

    said = house.play(work)
    assert said.startswith("application/openmetrics-text" if "openmetrics" in accept else "text/plain; version=")
    assert said.endswith("# EOF\n") == ("openmetrics" in accept)


CANARIES = {
    "record_id": "canary-record-7",
    "first_name": "Canarina",
    "last_name": "Birdsong",
    "company": "Canary Works",
    "email": "canarina.birdsong@canary.example",
    "linkedin_id": "canarina-birdsong",
    "tenant": "globex",
    "phone": "2025550199",
    "key": "globex-key",
}


def test_nothing_of_a_person_a_tenant_or_a_key_is_in_the_metrics(house: "House") -> None:
    """Whatever way a lookup ends, and whatever a vendor says in its errors, no label and no text holds it."""
    number = f"+1{CANARIES['phone']}"
    person = Person(name="Canarina Birdsong", company="Canary Works", email=CANARIES["email"])

    class Chatty(ProviderError):
        code = f"no phone for {CANARIES['email']}"

    made = [
        FakeProvider(lambda _: Chatty(CANARIES["email"]), name="one"),
        FakeProvider(lambda _: ServerError(number), name="two"),
        FakeProvider(lambda _: Hit(Number(number), person=Person(name="Other Body")), name="three"),
        FakeProvider(lambda _: ValueError(CANARIES["email"]), name="four"),
        FakeProvider(lambda _: Hit(Number(number), person=person), name="five"),
    ]
    fields = {
        name: CANARIES[name] for name in ("record_id", "first_name", "last_name", "company", "email", "linkedin_id")
    }

    async def work() -> str:
        async with desk(house, *made, engine={"order": [one.name for one in made]}) as ours:
            headers = {"Authorization": f"Bearer {CANARIES['key']}"}
            answer = await ours.api.post("/v1/enrich/phone", json=fields, headers=headers)
            assert answer.json()["phone"] == number
            await ours.api.get(f"/v1/enrich/phone/{CANARIES['record_id']}", headers=headers)
            await ours.api.get(f"/{CANARIES['email']}?email={CANARIES['email']}")
            await ours.send(**{name: value for name, value in fields.items() if name != "record_id"})
            return await ours.metrics() + await ours.look()

    text = house.play(work).lower()
    assert "enrichcore_attempts_total" in text
    assert [canary for canary in CANARIES.values() if canary.lower() in text] == []
    for part in ("canari", "birdsong", "555019", "example"):
        assert part not in text


def attempt(provider: str, reason: str | None, outcome: Outcome) -> Attempt:
    return Attempt(provider=provider, method=Method.NAME, outcome=outcome, reason=reason, billed=Billed.YES)


def test_the_number_of_series_is_bounded() -> None:
    """Odd words of a plugin, and more providers than anybody has, are counted as one."""
    tally = Tally()
    for i in range(3000):
        for outcome in Outcome:
            tally.enrichcore_attempt_finished(attempt(f"p{i}", f"reason {i}", outcome))
        tally.enrichcore_attempt_finished(attempt("p0", SkipReason.PACED, Outcome.SKIPPED))
        tally.enrichcore_attempt_finished(attempt("p0", PROVIDER_ERRORS[i % len(PROVIDER_ERRORS)].code, Outcome.ERROR))
    assert len(tally.seconds) == 1001
    assert len(tally.errors) <= 1001 + len(PROVIDER_ERRORS)
    assert dict(tally.skips) == {("p0", "paced"): 3000}
    assert sum(tally.attempts.values()) == 3000 * 5


def test_results_are_counted_by_status() -> None:
    tally = Tally()
    for status in Status:
        for cached in (False, True, True):
            tally.enrichcore_enrichment_finished(PhoneResult(record_id="1", status=status, cached=cached))
    assert dict(tally.enrichments) == {(s.value, c): 1 + c for s in Status for c in (False, True)}


def test_money_is_added_up_exactly() -> None:
    """A thousand times a tenth of a cent is a dollar."""
    tally = Tally()
    cent = Attempt(
        provider="acme", method=Method.NAME, outcome=Outcome.HIT, credits=Decimal("0.1"), cost=Decimal("0.001")
    )
    for _ in range(1000):
        tally.enrichcore_attempt_finished(cent)
    assert (tally.credits["acme"], tally.cost["acme"]) == (Decimal(100), Decimal(1))


@pytest.mark.parametrize(
    ("seconds", "first"), [(0.0, 0.001), (0.001, 0.001), (0.0011, 0.0025), (120.0, 120.0), (500.0, None)]
)
def test_a_duration_is_in_every_bucket_that_holds_it(seconds: float, first: float | None) -> None:
    """A bound belongs to its bucket, and all are in the last."""
    buckets = Buckets()
    buckets.add(seconds)
    assert buckets.upto() == [
        *((str(bound), float(first is not None and bound >= first)) for bound in BOUNDS), ("+Inf", 1.0),
    ]  # fmt: skip
    assert buckets.seconds == seconds


def test_the_page_and_the_metrics_agree(house: "House") -> None:
    """One count is read twice."""

    async def work() -> tuple[str, str]:
        async with desk(house, engine={"settings": {"paid": {"credit_price": "0.05"}}}) as ours:
            for i in range(3):
                await ours.post(email=EMAIL, record_id=str(i))
            return await ours.metrics(), await ours.look()

    metrics, page = house.play(work)
    assert f"<dt>Found</dt><dd>{sum(values(metrics, 'enrichments_total').values()):.0f}</dd>" in page
    assert f"<dt>Spent</dt><dd>{sum(values(metrics, 'cost_total').values()):.2f} USD</dd>" in page


def test_the_library_loads_nothing_of_it() -> None:
    """Neither enrichcore, nor its engine, nor its command line loads what only operators need."""
    code = (
        "import sys, enrichcore, enrichcore.engine.core, enrichcore.cli.app, enrichcore.service.accounts\n"
        "print({'starlette', 'uvicorn', 'prometheus_client', 'opentelemetry'} & {*sys.modules})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"set()"
