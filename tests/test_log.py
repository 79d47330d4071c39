"""Events: only what is on the list leaves the process, and a sink that fails harms nobody."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from enrichcore import Acceptance, AsyncEngine, log
from enrichcore.errors import KeyRefused
from enrichcore.log import EVENTS, EventLog
from enrichcore.model import Hit, Number, Person, Price
from enrichcore.testing import FakeProvider

PERSONAL = ("first_name", "last_name", "name", "email", "phone", "record_id", "linkedin_id", "company", "domain", "url")


class Sink:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def debug(self, event: str, **keys: Any) -> None:
        self.lines.append(("debug", event, keys))

    def info(self, event: str, **keys: Any) -> None:
        self.lines.append(("info", event, keys))

    def warning(self, event: str, **keys: Any) -> None:
        self.lines.append(("warning", event, keys))


@pytest.fixture(autouse=True)
def _fresh_structlog() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("event", EVENTS)
def test_a_key_that_is_not_on_the_list_never_leaves_the_process(event: str) -> None:
    sink = Sink()
    allowed = dict.fromkeys(EVENTS[event], 1)
    EventLog(sink).info(event, **allowed, **dict.fromkeys(PERSONAL, "Ada"), secret="s3cret")
    assert sink.lines == [("info", event, allowed)]


@pytest.mark.parametrize("event", EVENTS)
def test_no_list_has_a_key_for_a_person_or_a_secret(event: str) -> None:
    assert EVENTS[event].isdisjoint({*PERSONAL, "key", "secret", "params", "query", "contact", "result", "detail"})
    assert event.startswith("enrichcore.")


def test_events_are_named_after_facts() -> None:
    assert set(EVENTS) == {
        "enrichcore.enrichment_started", "enrichcore.attempt_finished", "enrichcore.enrichment_finished",
        "enrichcore.provider_state_changed", "enrichcore.plugin_loaded", "enrichcore.plugin_failed",
    }  # fmt: skip


def test_an_unknown_event_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        EventLog(Sink()).info("enrichcore.invented", provider="acme")


@pytest.mark.parametrize("error", [OSError("disk full"), ValueError, RuntimeError("x")])
def test_a_sink_that_fails_is_counted_and_ignored(error: Exception) -> None:
    class Broken(Sink):
        def info(self, event: str, **keys: Any) -> None:
            raise error

        debug = warning = info

    events = EventLog(Broken())
    events.info(log.PLUGIN_LOADED, provider="acme")
    events.warning(log.PLUGIN_FAILED, provider="acme")
    events.debug(log.ENRICHMENT_STARTED, enrichment_id=1)
    assert events.failures == 3


def test_a_sink_without_a_level_is_always_on() -> None:
    assert EventLog(Sink()).enabled()


def test_silence_is_asked_for_once_per_record() -> None:
    class Quiet(Sink):
        def is_enabled_for(self, level: int) -> bool:
            return level > logging.INFO

    assert not EventLog(Quiet()).enabled()


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_details_are_told_at_level_debug(level: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(level, logger="enrichcore")
    events = EventLog()
    assert events.detailed() is (level == logging.DEBUG)
    events.debug(log.ENRICHMENT_STARTED, enrichment_id=1, methods=["name"], email="ada@x.example")
    told = [(r.levelname, r.getMessage()) for r in caplog.records]
    assert told == [("DEBUG", "enrichcore.enrichment_started enrichment_id=1 methods=['name']")] * events.detailed()


def test_a_configured_structlog_gets_the_events() -> None:
    structlog.configure(processors=[structlog.processors.JSONRenderer()])
    with capture_logs() as seen:
        EventLog().warning(log.PLUGIN_FAILED, provider="acme", error_class="ValueError", email="ada@x.example")
    assert seen == [
        {"event": log.PLUGIN_FAILED, "log_level": "warning", "provider": "acme", "error_class": "ValueError"}
    ]


def test_without_structlog_events_go_to_the_logger_of_the_standard_library(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO, logger="enrichcore")
    events = EventLog()
    assert events.enabled()
    events.info(log.PLUGIN_LOADED, provider="acme", distribution=None, methods=["email"], email="ada@x.example")
    events.warning(log.PLUGIN_FAILED, provider="bee")
    assert [(r.name, r.levelname, r.getMessage()) for r in caplog.records] == [
        ("enrichcore", "INFO", "enrichcore.plugin_loaded provider=acme methods=['email']"),
        ("enrichcore", "WARNING", "enrichcore.plugin_failed provider=bee"),
    ]
    extra: Any = caplog.records[0]
    assert extra.enrichcore == {
        "event": log.PLUGIN_LOADED, "provider": "acme", "distribution": None, "methods": ["email"],
    }  # fmt: skip
    assert capsys.readouterr().out == ""


def test_a_silent_logger_costs_no_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="enrichcore")
    events = EventLog()
    assert not events.enabled()
    events.warning(log.PLUGIN_FAILED, provider="acme")
    assert caplog.records == []


def test_a_program_that_configured_nothing_sees_nothing_on_standard_output() -> None:
    """An unconfigured structlog prints there."""
    code = (
        "from enrichcore import Engine\n"
        "from enrichcore.testing import FakeProvider\n"
        "with Engine(providers=[FakeProvider({})], store='memory', env={}) as engine:\n"
        "    engine.enrich_phone({'email': 'ada@engines.example'})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_no_event_of_a_whole_run_holds_anything_of_a_person_or_a_key() -> None:
    """With found, not found, refused, rejected and invalid, through both ways of writing."""
    canaries = ("CanaryFirst", "CanaryLast", "CanaryCo", "canary", "2025550143", "202-555", "s3cret")

    def answer(query: Any) -> Any:
        if query.email.startswith("canary0"):
            return Hit(Number("+1 202-555-0143"), person=Person(name="CanaryFirst CanaryLast"))
        if query.email.startswith("canary1"):
            raise KeyRefused("the key s3cret of canary1@engines.example was refused")
        return None

    async def work() -> None:
        provider = FakeProvider(answer, price=Price.per_hit(1), methods=["email"])
        accept = Acceptance(allow_fictional=True)
        keys = {"fake": "s3cret"}
        async with AsyncEngine(
            providers=[provider], store="memory", credentials=keys, acceptance=accept, env={}
        ) as engine:
            for index in range(3):
                contact = {
                    "record_id": f"canary{index}",
                    "first_name": "CanaryFirst",
                    "last_name": "CanaryLast",
                    "company": "CanaryCo",
                    "email": f"canary{index}@engines.example",
                }
                await engine.enrich_phone(contact)
            await engine.enrich_phone({"record_id": "canary9"})

    lines: list[str] = []

    def keep(_logger: object, _name: str, event: Any) -> str:
        lines.append(json.dumps(event))
        return lines[-1]

    structlog.configure(processors=[keep], logger_factory=structlog.ReturnLoggerFactory())
    asyncio.run(work())
    assert {json.loads(line)["event"] for line in lines} >= {log.ENRICHMENT_STARTED, log.ATTEMPT_FINISHED}
    for line in lines:
        for canary in canaries:
            assert canary not in line
