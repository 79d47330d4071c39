"""Telling the world: everybody hears, nobody can fail the work or keep the news from the others."""

import logging
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from enrichcore import log
from enrichcore.engine.core import AsyncEngine
from enrichcore.errors import RateLimited
from enrichcore.model import Attempt, PhoneResult
from enrichcore.plugins import hookimpl

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


class Sink:
    """A log sink that keeps what it gets, or fails."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.failure = failure
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def info(self, event: str, **keys: Any) -> None:
        self.heard.append((event, keys))
        if self.failure is not None:
            raise self.failure

    debug = warning = info

    def events(self, name: str) -> list[dict[str, Any]]:
        return [keys for event, keys in self.heard if event == name]


@pytest.fixture
def sink() -> Iterator[Callable[[Sink], Sink]]:
    """Makes structlog write to a sink of ours."""

    def install(made: Sink) -> Sink:
        made_for: Any = lambda *_, **__: made  # noqa: E731
        structlog.configure(wrapper_class=made_for)
        return made

    yield install
    structlog.reset_defaults()


def observer(name: str, heard: list[Any], failure: BaseException | None = None) -> ModuleType:
    """A plugin module with both observer hooks."""
    module = ModuleType(name)

    @hookimpl
    def enrichcore_attempt_finished(attempt: Attempt) -> None:
        heard.append(attempt)
        if failure is not None:
            raise failure

    @hookimpl
    def enrichcore_enrichment_finished(result: PhoneResult) -> None:
        heard.append(result)
        if failure is not None:
            raise failure

    vars(module).update(
        enrichcore_attempt_finished=enrichcore_attempt_finished,
        enrichcore_enrichment_finished=enrichcore_enrichment_finished,
    )
    return module


def watched(lab: "Lab", *modules: ModuleType, **options: Any) -> tuple[PhoneResult, AsyncEngine]:
    """A lookup that misses at one provider and hits at the next, in an engine with these observers."""
    missing = lab.free({}, name="a", methods=["email"])
    knowing = lab.paid({lab.EMAIL: lab.PHONE}, name="b", methods=["email"])

    async def work() -> tuple[PhoneResult, AsyncEngine]:
        engine = lab.engine(missing, knowing, *modules, **options)
        async with engine:
            return await engine.enrich_phone(lab.contact(email=lab.EMAIL)), engine

    return lab.play(work)


def hook_module(name: str, heard: list[Any], failure: BaseException | None = None) -> ModuleType:
    module = observer(name, heard, failure)
    vars(module)["enrichcore_providers"] = hookimpl(providers)
    return module


def providers(settings: Any) -> list[Any]:
    return []


FAILURES = [RuntimeError("full"), KeyError("x"), SystemExit(1)]


def test_every_attempt_is_told_to_the_caller_in_order(lab: "Lab") -> None:
    result, _ = watched(lab)
    assert [f"{a.provider} {a.outcome}" for a in lab.told] == ["a miss", "b hit"]
    assert lab.told == list(result.attempts)


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
def test_a_caller_who_fails_to_listen_changes_nothing(lab: "Lab", failure: BaseException) -> None:
    def fail(attempt: Attempt) -> None:
        raise failure

    result, engine = watched(lab, on_attempt=fail)
    assert result.found
    assert engine.observers.failures == 2


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
def test_one_failing_hook_keeps_nothing_from_the_others(lab: "Lab", failure: BaseException) -> None:
    heard: list[Any] = []
    deaf: list[Any] = []
    modules = [
        hook_module("first", heard), hook_module("second", deaf, failure), hook_module("third", heard),
    ]  # fmt: skip
    result, engine = watched(lab, *modules)
    assert result.found
    assert len(heard) == 2 * 3, "two attempts and one result, each told twice"
    assert sum(one is result for one in heard) == 2
    assert len(deaf) == 3
    assert engine.observers.failures == 3
    assert len(lab.told) == 2


@pytest.mark.parametrize("failure", [RuntimeError("disk full"), OSError(28, "No space left"), ValueError()], ids=repr)
def test_a_failing_log_sink_changes_nothing(lab: "Lab", sink: Callable[[Sink], Sink], failure: BaseException) -> None:
    broken = sink(Sink(failure))
    result, engine = watched(lab)
    assert result.found
    assert engine.events.failures == len(broken.heard) > 3


def test_events_of_one_enrichment(lab: "Lab", sink: Callable[[Sink], Sink]) -> None:
    kept = sink(Sink())
    watched(lab)
    assert [event for event, _ in kept.heard] == [
        log.PLUGIN_LOADED, log.PLUGIN_LOADED, log.ENRICHMENT_STARTED, log.ATTEMPT_FINISHED, log.ATTEMPT_FINISHED,
        log.ENRICHMENT_FINISHED,
    ]  # fmt: skip
    first, second = kept.events(log.ATTEMPT_FINISHED)
    assert (first["provider"], first["outcome"], first["billed"]) == ("a", "miss", "no")
    assert (second["provider"], second["outcome"], second["billed"], second["credits"]) == ("b", "hit", "yes", 2.0)
    [finished] = kept.events(log.ENRICHMENT_FINISHED)
    assert (finished["status"], finished["provider"], finished["method"]) == ("found", "b", "email")
    assert finished["attempts"] == 2
    ids = {keys.get("enrichment_id") for event, keys in kept.heard if event != log.PLUGIN_LOADED}
    assert len(ids) == 1


def test_a_reason_in_an_event_is_a_word_and_never_a_sentence_about_the_person(
    lab: "Lab", sink: Callable[[Sink], Sink]
) -> None:
    kept = sink(Sink())
    lab.enrich(lab.free({}), contact={"record_id": "canary-record", "first_name": "Canary"})
    [finished] = kept.events(log.ENRICHMENT_FINISHED)
    assert (finished["status"], finished["reason"]) == ("invalid", "insufficient_data")


def test_no_event_holds_a_person_or_a_key(lab: "Lab", sink: Callable[[Sink], Sink]) -> None:
    kept = sink(Sink())
    person = {
        "record_id": "canary-1", "first_name": "Canaria", "last_name": "Canarias", "company": "Canary Ltd",
        "domain": "canary.example", "email": "canary@canary.example", "linkedin_id": "canary-slug",
    }  # fmt: skip
    vendor = lab.paid(lab.script(RateLimited("canary detail"), lab.PHONE), key_env="K")
    lab.enrich(vendor, contact=person, env={"K": "canary-key"})
    text = repr(kept.heard).lower()
    assert len(kept.heard) > 4
    assert "canar" not in text
    assert lab.PHONE not in text
    for event, keys in kept.heard:
        assert keys.keys() <= log.EVENTS[event]


def test_a_skip_for_want_of_data_or_time_is_no_event_but_one_for_the_providers_state_is(
    lab: "Lab", sink: Callable[[Sink], Sink]
) -> None:
    kept = sink(Sink())
    slow = lab.free({}, rate=["1/h"])

    async def work() -> None:
        async with lab.engine(slow) as engine:
            for record in "12":
                contact = lab.contact(record_id=record, email=f"p{record}@engines.example")
                await engine.enrich_phone(contact, deadline=5)
            await engine.enrich_phone(lab.contact(record_id="3", email="p3@engines.example"), deadline=0)

    lab.play(work)
    told = [(e["outcome"], e["reason"]) for e in kept.events(log.ATTEMPT_FINISHED)]
    assert told == [("miss", None), ("skipped", "paced")]


def test_an_answer_from_the_cache_is_told_as_a_finished_enrichment(lab: "Lab", sink: Callable[[Sink], Sink]) -> None:
    kept = sink(Sink())

    async def work() -> None:
        async with lab.engine(lab.free({lab.EMAIL: lab.PHONE})) as engine:
            for _ in range(3):
                await engine.enrich_phone(lab.contact(email=lab.EMAIL))

    lab.play(work)
    assert [e["cached"] for e in kept.events(log.ENRICHMENT_FINISHED)] == [False, True, True]
    assert len(lab.told) == 1


def test_without_a_configured_structlog_events_go_to_the_standard_library(
    lab: "Lab", caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO, logger="enrichcore"):
        watched(lab)
    assert any("enrichcore.attempt_finished" in record.getMessage() for record in caplog.records)
    assert capsys.readouterr().out == "", "nothing is printed"


def test_a_broken_plugin_is_an_event(lab: "Lab", sink: Callable[[Sink], Sink]) -> None:
    kept = sink(Sink())
    broken = lab.free({}, name="broken")

    async def setup() -> None:
        raise RuntimeError("canary-detail")

    vars(broken)["setup"] = setup
    lab.enrich(broken)
    [failed] = kept.events(log.PLUGIN_FAILED)
    assert (failed["provider"], failed["error_class"]) == ("broken", "RuntimeError")
    assert "canary" not in repr(failed)
