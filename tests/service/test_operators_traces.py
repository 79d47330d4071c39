"""Traces: one span for an enrichment, one in it for every attempt that was made, and nothing of anybody in them."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from enrichcore import log
from enrichcore.errors import KeyRefused, ServerError
from enrichcore.model import Hit, Number, Person, PhoneResult, Price
from enrichcore.service.operators.traces import ATTEMPT, ENRICHMENT, Traces
from enrichcore.testing import FakeProvider
from tests.service.stage import EMAIL, desk

if TYPE_CHECKING:
    from tests.service.conftest import House


class Recorder:
    """A tracer provider, the plugin that tells it, and what it was told."""

    def __init__(self, house: "House") -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.plugin = Traces(self.provider, wall=house.runtime.wall)

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        """The spans of one name, by their beginning."""
        return sorted((one for one in self.spans if one.name == name), key=lambda one: one.start_time or 0)


@pytest.fixture
def recorder(house: "House") -> Iterator[Recorder]:
    made = Recorder(house)
    yield made
    made.provider.shutdown()


def facts(span: ReadableSpan) -> dict[str, Any]:
    """The attributes without their prefix."""
    assert span.attributes is not None
    assert all(name.startswith("enrichcore.") for name in span.attributes)
    return {name.removeprefix("enrichcore."): value for name, value in span.attributes.items()}


def lasted(span: ReadableSpan) -> float:
    """Seconds, to the millisecond."""
    assert span.start_time is not None
    assert span.end_time is not None
    return round((span.end_time - span.start_time) / 1e9, 3)


def looked_up(house: "House", recorder: Recorder, *made: Any, contact: Any = None, **engine: Any) -> PhoneResult:
    """The result of one lookup that is traced."""

    async def work() -> PhoneResult:
        core = house.engine(*made, **engine)
        core.registry.add(recorder.plugin)
        async with core:
            return await core.enrich_phone(contact or {"email": EMAIL})

    return house.play(work)


def test_an_enrichment_is_a_span_with_its_attempts_in_it(house: "House", recorder: Recorder) -> None:
    """In order, one after the other, each as long as it took; who was not asked has none."""
    made = [
        FakeProvider(house.slow(0.5), name="first", methods=["email"]),
        FakeProvider(house.slow(1.0, KeyRefused("no")), name="second", methods=["email"]),
        FakeProvider(
            house.slow(2.0, Hit(Number(house.PHONE))), name="third", methods=["email"], price=Price.per_hit(2)
        ),
        FakeProvider({}, name="fourth"),
    ]
    order = ["first", "second", "third", "fourth"]
    looked_up(house, recorder, *made, order=order, settings={"third": {"credit_price": "0.05"}})
    [whole], parts = recorder.named(ENRICHMENT), recorder.named(ATTEMPT)
    assert [facts(one)["provider"] for one in parts] == order[:3]
    assert [facts(one)["outcome"] for one in parts] == ["miss", "error", "hit"]
    assert [lasted(one) for one in (*parts, whole)] == [0.5, 1.0, 2.0, 3.5]
    assert (parts[0].start_time, parts[-1].end_time) == (whole.start_time, whole.end_time)
    assert parts[0].end_time == parts[1].start_time
    assert {one.parent.span_id for one in parts if one.parent} == {whole.context.span_id}
    assert {one.context.trace_id for one in recorder.spans} == {whole.context.trace_id}
    assert [one.status.status_code for one in parts] == [StatusCode.UNSET, StatusCode.ERROR, StatusCode.UNSET]
    assert parts[1].status.description == "key_refused"
    assert {one.kind for one in parts} == {SpanKind.CLIENT}
    assert facts(whole) == {
        "status": "found", "provider": "third", "method": "email", "duration_ms": 3500.0, "attempts": 3, "cost": 0.1,
        "cached": False,
    }  # fmt: skip
    third = facts(parts[2])
    assert (third["billed"], third["credits"], third["cost"], third["tries"]) == ("yes", 2.0, 0.1, 1)


def test_a_retried_attempt_is_one_span_over_all_its_tries(house: "House", recorder: Recorder) -> None:
    """It begins with the first try, whose intent is not the one that the attempt is known by."""
    answers = house.script(house.slow(1.0, ServerError("503")), house.slow(1.0, Hit(Number(house.PHONE))))
    looked_up(house, recorder, FakeProvider(answers, name="flaky", methods=["email"], price=Price.per_hit(1)))
    [whole], [part] = recorder.named(ENRICHMENT), recorder.named(ATTEMPT)
    assert facts(part)["tries"] == 2
    assert lasted(part) == lasted(whole) > 2
    assert part.start_time == whole.start_time


def test_an_answer_that_was_stored_is_no_call(house: "House", recorder: Recorder) -> None:
    """A second enrichment, whether from memory or from the journal, is a span without one in it."""

    async def work() -> None:
        core = house.engine(house.by_email({EMAIL: house.PHONE}))
        core.registry.add(recorder.plugin)
        async with core:
            for record in ("1", "1", "2"):
                await core.enrich_phone({"record_id": record, "email": EMAIL})

    house.play(work)
    assert len(recorder.named(ATTEMPT)) == 1
    assert [facts(one)["cached"] for one in recorder.named(ENRICHMENT)] == [False, True, True]
    assert [lasted(one) for one in recorder.named(ENRICHMENT)] == [0.0, 0.0, 0.0]


def test_it_is_part_of_the_span_of_whoever_asks(house: "House", recorder: Recorder) -> None:
    """For one lookup and for a bulk run alike."""

    async def work() -> None:
        core = house.engine(house.by_email({EMAIL: house.PHONE}))
        core.registry.add(recorder.plugin)
        async with core:
            tracer = recorder.provider.get_tracer("host")
            with tracer.start_as_current_span("request"):
                await core.enrich_phone({"email": EMAIL})
            with tracer.start_as_current_span("run"):
                rows = [{"email": f"p{i}@engines.example"} for i in range(20)]
                assert len([one async for one in core.enrich_phones(rows, concurrency=3)]) == 20

    house.play(work)
    [request], [run] = ([one for one in recorder.spans if one.name == name] for name in ("request", "run"))
    parents = [one.parent.span_id for one in recorder.named(ENRICHMENT) if one.parent]
    assert sorted(parents) == sorted([request.context.span_id, *[run.context.span_id] * 20])
    assert len(recorder.named(ATTEMPT)) == 21


def test_enrichments_at_the_same_time_do_not_mix(house: "House", recorder: Recorder) -> None:
    """Each attempt is in the span of its own enrichment, with its own times."""
    seconds = {f"p{i}@engines.example": i / 10 for i in range(1, 21)}

    def say(query: Any) -> Any:
        return house.slow(seconds[query.email])(query)

    made = FakeProvider(say, name="slow", methods=["email"])

    async def work() -> None:
        core = house.engine(made)
        core.registry.add(recorder.plugin)
        async with core:
            await asyncio.gather(*(core.enrich_phone({"email": email}) for email in seconds))

    house.play(work)
    wholes = {one.context.span_id: one for one in recorder.named(ENRICHMENT)}
    assert sorted(map(lasted, wholes.values())) == sorted(seconds.values())
    for part in recorder.named(ATTEMPT):
        assert part.parent is not None
        whole = wholes.pop(part.parent.span_id)
        assert (part.start_time, part.end_time) == (whole.start_time, whole.end_time)
    assert wholes == {}


def test_a_plugin_that_hangs_has_a_span_that_ends(house: "House", recorder: Recorder) -> None:
    """One that ignores its timeout is told of by somebody else, in another task."""

    async def ignores(query: Any) -> Any:
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue

    made = FakeProvider(ignores, name="stuck", methods=["email"], timeout=1.0)
    looked_up(house, recorder, made)
    [whole], [part] = recorder.named(ENRICHMENT), recorder.named(ATTEMPT)
    assert facts(part)["reason"] == "plugin_fault"
    assert part.end_time == whole.end_time
    assert lasted(whole) > 1


CANARIES = ("canar", "birdsong", "555019", "example", "record-7", "globex")


def test_nothing_of_a_person_a_tenant_or_a_key_is_in_a_span(house: "House", recorder: Recorder) -> None:
    """Not in a name, an attribute, an event or a status, however the lookup ends and whatever a vendor says."""
    number = "+12025550199"
    person = Person(name="Canarina Birdsong", company="Canary Works", email="canarina@canary.example")
    made = [
        FakeProvider(lambda _: ServerError(f"no {number} for canarina@canary.example"), name="one"),
        FakeProvider(lambda _: Hit(Number(number), person=Person(name="Other Canary")), name="two"),
        FakeProvider(lambda _: ValueError("canarina@canary.example"), name="three"),
        FakeProvider(lambda _: Hit(Number(number), person=person), name="four"),
    ]
    fields = {
        "record_id": "canary-record-7", "first_name": "Canarina", "last_name": "Birdsong", "company": "Canary Works",
        "email": "canarina@canary.example", "linkedin_id": "canarina-birdsong",
    }  # fmt: skip

    async def work() -> str:
        order = {"order": [one.name for one in made]}
        async with desk(house, *made, engine=order, plugins=(recorder.plugin,)) as ours:
            headers = {"Authorization": "Bearer globex-key"}
            answer = await ours.api.post("/v1/enrich/phone", json=fields, headers=headers)
            phone: str = answer.json()["phone"]
            return phone

    assert house.play(work) == number
    assert len(recorder.named(ATTEMPT)) >= 4
    told = " ".join(one.to_json() for one in recorder.spans).lower()
    assert [canary for canary in CANARIES if canary in told] == []
    allowed = {ENRICHMENT: log.EVENTS[log.ENRICHMENT_FINISHED], ATTEMPT: log.EVENTS[log.ATTEMPT_FINISHED]}
    for span in recorder.spans:
        assert facts(span).keys() <= allowed[span.name]
        assert (span.events, span.links) == ((), ())


def test_without_an_sdk_nothing_happens(house: "House") -> None:
    """The API alone makes spans that nobody records."""
    recorded = Traces(wall=house.runtime.wall)

    async def work() -> PhoneResult:
        core = house.engine(house.by_email({EMAIL: house.PHONE}))
        core.registry.add(recorded)
        async with core:
            result = await core.enrich_phone({"email": EMAIL})
            assert core.observers.failures == 0
            return result

    assert house.play(work).found


def test_it_loads_the_api_and_no_sdk_and_no_web_framework() -> None:
    """Whoever uses it as a library needs the extra `otel` alone."""
    code = (
        "import sys, enrichcore.service.operators.traces\n"
        "print(sorted({'opentelemetry.trace', 'opentelemetry.sdk', 'starlette', 'prometheus_client'} & {*sys.modules}))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert said.strip() == "['opentelemetry.trace']"
