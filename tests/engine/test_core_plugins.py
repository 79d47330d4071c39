"""Plugins that cannot be loaded, lack their settings or misbehave: a word about them, and the rest goes on."""

import threading
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from enrichcore.config import Config, ProviderConfig
from enrichcore.errors import ConfigError
from enrichcore.model import Billed, Hit, Miss, Number, Price
from enrichcore.plugins import Provider, hookimpl

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


# --- plugins ----------------------------------------------------------------------------------------------------------


@attrs.frozen
class NeedsPath:
    path: str


class Needy(Provider):
    name = "needy"
    Settings = NeedsPath

    @hookimpl
    async def phone_by_email(self, query: Any) -> Miss:
        return Miss()


def install(monkeypatch: pytest.MonkeyPatch, **entries: str) -> None:
    """Make these the installed entry points; a value is what one loads."""

    def entry_points(*, group: str) -> list[EntryPoint]:
        return [EntryPoint(name, value, group) for name, value in entries.items()]

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)


def plugin_file(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    (folder / f"{name}.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(folder)


GOOD = """
from enrichcore.model import Hit, Number
from enrichcore.plugins import Provider, hookimpl

class Good(Provider):
    name = "good"
    @hookimpl
    async def phone_by_email(self, query):
        return Hit(Number("+12025550143"))
"""
BAD = {
    "raises": "raise RuntimeError('boom')",
    "exits": "raise SystemExit(3)",
    "imports": "import no_such_module_at_all",
    "syntax": "def (:",
    "no_hook": "from enrichcore.plugins import Provider\nclass Bad(Provider):\n    name = 'bad'",
    "misspelt": "from enrichcore.plugins import Provider, hookimpl\nclass Bad(Provider):\n    name = 'bad'\n"
    "    @hookimpl\n    async def phone_by_mail(self, query): ...",
    "other_name": "from enrichcore.plugins import Provider, hookimpl\nclass Bad(Provider):\n    name = 'worse'\n"
    "    @hookimpl\n    async def phone_by_email(self, query): ...",
    "garbage": "Bad = 7",
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_broken_plugin_is_reported_and_never_stops_the_others(
    lab: "Lab", kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin_file(tmp_path, monkeypatch, f"enginetest_bad_{kind}", BAD[kind])
    plugin_file(tmp_path, monkeypatch, f"enginetest_good_{kind}", GOOD)
    install(monkeypatch, bad=f"enginetest_bad_{kind}:Bad", good=f"enginetest_good_{kind}:Good")
    engine = lab.engine("bad", "good")
    assert engine.registry.failures["bad"].error
    result = lab.enrich("bad", "good", contact=lab.contact(email=lab.EMAIL))
    assert (result.found, result.provider) == (True, "good")
    [failed] = [attempt for attempt in result.attempts if attempt.provider == "bad" and attempt.method == "email"]
    assert failed.reason == "failed_to_start"
    assert failed.detail


def test_a_plugin_that_lacks_its_settings_stops_only_those_who_ask_for_it(
    lab: "Lab", monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed plugin that nobody configured must not keep every engine from starting."""
    install(monkeypatch, needy=f"{__name__}:Needy")
    monkeypatch.setattr(EntryPoint, "load", lambda self: Needy)
    assert lab.engine(providers=None).plan.steps == ()
    with pytest.raises(ConfigError, match=r"\[providers.needy\]: .*path"):
        lab.engine("needy")
    assert (
        lab.engine("needy", settings={"needy": {"path": "x"}}).registry.plugins["needy"].provider.settings.path == "x"
    )
    disabled = Config(provider={"needy": ProviderConfig(enabled=False)})
    assert lab.engine(providers=None, config=disabled).plan.steps == ()


def test_nobody_to_ask_is_said_and_raises_nothing(lab: "Lab") -> None:
    result = lab.enrich(contact=lab.contact(email=lab.EMAIL))
    assert (result.status, result.reason, result.attempts) == ("not_found", "no_applicable_provider", ())


GARBAGE: list[Any] = [None, 7, "text", [], object(), Hit("x"), RuntimeError("bug"), SystemExit(1), {}]  # type: ignore[arg-type]


@pytest.mark.parametrize("garbage", GARBAGE, ids=[repr(one)[:12] for one in GARBAGE])
def test_a_plugin_that_misbehaves_is_a_status_on_its_row_and_the_rest_goes_on(lab: "Lab", garbage: Any) -> None:
    class Odd(Provider):
        name = "odd"

        @hookimpl
        async def phone_by_email(self, query: Any) -> Any:
            if query.email.startswith("p1@"):
                if isinstance(garbage, BaseException):
                    raise garbage
                return garbage
            return Miss()

    results = lab.bulk(Odd(), rows=lab.people(3), ordered=True)
    assert [result.status for result in results] == ["not_found", "incomplete", "not_found"]
    assert results[1].reason == "plugin_fault"
    assert results[1].attempts[0].detail


def test_a_blocking_hook_is_a_hook_like_any_other(lab: "Lab") -> None:
    """A plain `def` runs in a worker thread; what it needs of the loop, it does not get."""

    class Sdk(Provider):
        name = "sdk"
        price = Price.per_hit(1)
        typical = 0.1

        @hookimpl
        def phone_by_email(self, query: Any) -> Hit:
            assert threading.current_thread() is not threading.main_thread()
            return Hit(Number("+12025550143"))

    result = lab.enrich(Sdk(), contact=lab.contact(email=lab.EMAIL))
    assert (result.status, result.attempts[0].billed) == ("found", Billed.YES)


def test_a_module_offers_providers_by_its_settings(lab: "Lab") -> None:
    given: list[Any] = []
    module = ModuleType("offering")

    @hookimpl
    def enrichcore_providers(settings: Any) -> list[Any]:
        given.append(settings)
        return [lab.free({lab.EMAIL: lab.PHONE}, name="offered")]

    vars(module)["enrichcore_providers"] = enrichcore_providers
    assert lab.enrich(module, contact=lab.contact(email=lab.EMAIL)).provider == "offered"
    assert len(given) == 1


def test_hooks_may_leave_out_or_turn_round_their_arguments(lab: "Lab") -> None:
    class Turned(Provider):
        name = "turned"

        @hookimpl
        async def phone_by_email(self, http: Any, query: Any) -> Hit | Miss:
            return Hit(Number("+12025550143")) if query.email == lab.EMAIL and hasattr(http, "get") else Miss()

        @hookimpl
        async def phone_by_linkedin(self) -> Miss:
            return Miss()

    contact = lab.contact(email=lab.EMAIL, linkedin_id="ada-l")
    assert lab.story(lab.enrich(Turned(), contact=contact)) == ["turned/linkedin miss", "turned/email hit"]
