"""The registry: each plugin alone, what is wrong with it said with the fix, and the others untouched."""

import asyncio
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from enrichcore.errors import PluginError
from enrichcore.model import EmailQuery, Hit, Method, Miss, NameQuery, Number
from enrichcore.plugins import Provider, hookimpl
from enrichcore.plugins.registry import Registry

Load = Callable[..., Registry]
GOOD = """
class Good(Provider):
    name = "good"
    @hookimpl
    async def phone_by_email(self, query): return Miss()
"""
FINE = ("good", (GOOD, "Good"))


def provider(name: str, body: str = "", hook: str = "async def phone_by_email(self, query): return Miss()") -> str:
    return f"class It(Provider):\n    name = {name!r}\n    {body}\n    @hookimpl\n    {hook}\n"


def test_a_class_is_enough(load: Load) -> None:
    registry = load(dict([FINE]))
    plugin = registry.plugins["good"]
    assert (plugin.name, plugin.distribution, plugin.version) == ("good", "some-plugins", "1.2")
    assert list(plugin.lookups) == [Method.EMAIL]
    assert registry.failures == {}


def test_an_object_is_fine_too(load: Load) -> None:
    registry = load({"good": (GOOD + "it = Good()", "it")})
    assert list(registry.plugins) == ["good"]


def test_a_module_with_hooks_offers_providers_and_sees_the_settings(load: Load) -> None:
    code = GOOD + (
        "seen = []\n@hookimpl\ndef enrichcore_providers(settings):\n    seen.append(dict(settings))\n"
        "    class Second(Good):\n        name = 'second'\n    return [Good, Second()]\n"
    )
    registry = load({"anything": (code, None)}, settings={"good": {"a": 1}})
    assert list(registry.plugins) == ["good", "second"]
    assert registry.plugins["second"].distribution == "some-plugins"
    module = sys.modules[type(registry.plugins["good"].provider).__module__]
    assert module.seen == [{"good": {"a": 1}}]


def test_a_module_that_only_observes_is_a_plugin(load: Load) -> None:
    code = "told = []\n@hookimpl\ndef enrichcore_attempt_finished(attempt): told.append(attempt)\n"
    registry = load({"watcher": (code, None)})
    assert registry.failures == {}
    assert registry.plugins == {}
    assert len(registry.manager.hook.enrichcore_attempt_finished.get_hookimpls()) == 1


def test_two_modules_do_not_see_each_others_providers(load: Load) -> None:
    def offer(name: str) -> tuple[str, None]:
        return provider(name) + "@hookimpl\ndef enrichcore_providers(settings): return [It]\n", None

    registry = load({"one": offer("one"), "two": offer("two")})
    assert list(registry.plugins) == ["one", "two"]
    assert registry.failures == {}


WRONG: dict[str, tuple[str, str | None, str]] = {
    "raises at import": ("raise RuntimeError('no luck')", "It", "RuntimeError at import: no luck. Fix or uninstall"),
    "raises without a word": ("raise RuntimeError", "It", "RuntimeError at import: RuntimeError"),
    "leaves at import": ("import sys; sys.exit(3)", "It", "SystemExit at import: 3"),
    "is no Python": ("def (", "It", "SyntaxError at import"),
    "needs a module": ("import enrichcore_nowhere", "It", "ModuleNotFoundError at import: No module named"),
    "lacks what it names": ("", "It", "AttributeError at import"),
    "cannot be made": (provider("bad", "def __init__(self): raise ValueError('x')"), "It", "ValueError at import: x"),
    "has another name": (provider("other"), "It", "the entry point is called 'bad' but the provider's name is 'other'"),
    "has no name": (provider(""), "It", "the provider's name is ''"),
    "has no method": (
        "class It(Provider):\n    name = 'bad'",
        "It",
        "provider 'bad' implements none of phone_by_name, phone_by_linkedin, phone_by_email (mark it @hookimpl)",
    ),
    "forgot the mark": (
        "class It(Provider):\n    name = 'bad'\n    async def phone_by_email(self, query): return Miss()",
        "It",
        "(mark it @hookimpl)",
    ),
    "misspelt a hook": (
        provider("bad", hook="async def phone_by_mail(self, query): return Miss()"),
        "It",
        "unknown hook 'phone_by_mail' in plugin <provider bad>. Did you mean 'phone_by_email'?",
    ),
    "invented a hook": (
        provider("bad", hook="async def zzz(self, query): return Miss()"),
        "It",
        "unknown hook 'zzz' in plugin <provider bad>. The hooks and their arguments are in",
    ),
    "misspelt an argument": (
        provider("bad", hook="async def phone_by_email(self, question): return Miss()"),
        "It",
        "phone_by_email(question) Argument(s) {'question'} are declared in the hookimpl but can not be found",
    ),
    "wraps a lookup": (
        provider("bad", hook="def phone_by_email(self, query): return (yield)").replace(
            "@hookimpl", "@hookimpl(wrapper=True)"
        ),
        "It",
        "phone_by_email: wrappers on lookup hooks are refused: the engine owns the call",
    ),
    "wraps a lookup in the old way": (
        provider("bad", hook="def phone_by_email(self, query): yield").replace(
            "@hookimpl", "@hookimpl(hookwrapper=True)"
        ),
        "It",
        "wrappers on lookup hooks are refused",
    ),
    "cannot be hashed": (
        "import attrs\n@attrs.define(repr=False)\n" + provider("bad"),
        "It",
        "It cannot be hashed: make the class compare by identity (eq=False)",
    ),
    "has a rate that is none": (provider("bad", "rate = ['fast']"), "It", "provider 'bad': expected a rate such as"),
    "requires for a method that is none": (
        provider("bad", "requires = {'phone': {'domain'}}"),
        "It",
        "provider 'bad': `requires` names no method: phone",
    ),
    "offers what is no provider": ("@hookimpl\ndef enrichcore_providers(settings): return ['x']", None, "got a str"),
    "fails to offer": ("@hookimpl\ndef enrichcore_providers(settings): return 1 / 0", None, "ZeroDivisionError"),
    "offers nothing that can be walked": ("@hookimpl\ndef enrichcore_providers(settings): return 5", None, "TypeError"),
    "misspelt a module hook": (
        "@hookimpl\ndef enrichcore_provider(settings): return []",
        None,
        "Did you mean 'enrichcore_providers'?",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_plugin_that_cannot_work_is_reported_and_stops_nobody(load: Load, case: str) -> None:
    """By name, distribution and version, with what is wrong and what to do."""
    code, thing, needle = WRONG[case]
    registry = load({"bad": (code, thing), "good": (GOOD, "Good"), "zed": (provider("zed"), "It")})
    assert list(registry.plugins) == ["good", "zed"]
    failure = registry.failures["bad"]
    assert (failure.name, failure.distribution, failure.version) == ("bad", "some-plugins", "1.2")
    assert needle in failure.error
    assert "\n" not in failure.error
    assert " at 0x" not in failure.error
    assert failure.error_class
    for name in ("good", "zed"):
        lookup = registry.plugins[name].lookups[Method.EMAIL]
        assert asyncio.run(lookup.call(query=EmailQuery(email="a@x.example"), http=None)[0]) == Miss()


def test_a_person_who_stops_the_program_is_obeyed(load: Load) -> None:
    """Ctrl-C during a slow import is no fault of the plugin."""
    with pytest.raises(KeyboardInterrupt):
        load({"bad": ("raise KeyboardInterrupt", "It")})


def test_of_two_providers_with_one_name_the_second_is_reported(load: Load) -> None:
    offer = "@hookimpl\ndef enrichcore_providers(settings): return [It]\n"
    registry = load({"a": (provider("same") + offer, None), "b": (provider("same") + offer, None)})
    assert list(registry.plugins) == ["same"]
    assert registry.failures["b"].error == "another provider is called 'same' (some-plugins): rename one"


def test_a_module_that_fails_half_way_leaves_no_observer_behind(load: Load) -> None:
    code = (
        "@hookimpl\ndef enrichcore_providers(settings): raise ValueError('x')\n"
        "@hookimpl\ndef enrichcore_attempt_finished(attempt): pass\n"
    )
    registry = load({"bad": (code, None)})
    assert "ValueError" in registry.failures["bad"].error
    assert registry.manager.hook.enrichcore_attempt_finished.get_hookimpls() == []


@pytest.mark.parametrize("name", ["Acme", "acme-x", "1acme", "", "a b", "ä", "x" * 64, 5, None])
def test_a_name_is_lower_case_letters_digits_and_underscores(name: Any) -> None:
    class It(Provider):
        @hookimpl
        async def phone_by_email(self, query: EmailQuery) -> Miss:
            return Miss()

    It.name = name
    with pytest.raises(PluginError, match="lower-case letters, digits and underscores, got"):
        Registry().add(It)


class Both(Provider):
    name = "both"

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: object) -> Hit:
        return Hit(Number(query.full_name))

    @hookimpl
    def phone_by_email(self, query: EmailQuery) -> Hit:
        return Hit(Number(query.email))


class Other(Both):
    name = "other"

    @hookimpl
    async def phone_by_name(self) -> Miss:  # type: ignore[override]
        return Miss()


def test_the_hooks_that_are_implemented_are_the_methods_that_there_are() -> None:
    [plugin] = Registry().add(Both)
    assert list(plugin.lookups) == [Method.NAME, Method.EMAIL]
    assert [lookup.blocking for lookup in plugin.lookups.values()] == [False, True]


def test_a_lookup_reaches_its_own_provider_alone_and_gets_the_arguments_it_names() -> None:
    registry = Registry()
    for thing in (Both, Other()):
        registry.add(thing)
    registry.resolve()
    query = NameQuery(first_name="Ada", last_name="Lovelace")

    def ask(name: str) -> list[Any]:
        return [asyncio.run(c) for c in registry.plugins[name].lookups[Method.NAME].call(query=query, http=None)]

    assert ask("both") == [Hit(Number("Ada Lovelace"))]
    assert ask("other") == [Miss()]
    email = registry.plugins["both"].lookups[Method.EMAIL].call(query=EmailQuery(email="a@x.example"), http=None)
    assert email == [Hit(Number("a@x.example"))]


def test_a_lookup_before_everybody_is_in_is_refused() -> None:
    [plugin] = Registry().add(Both)
    with pytest.raises(PluginError, match=r"resolve\(\) was not called"):
        plugin.lookups[Method.NAME].call(query=None, http=None)


def test_objects_are_added_with_where_they_come_from() -> None:
    registry = Registry()
    [plugin] = registry.add(Both())
    assert (plugin.distribution, plugin.version) == (Both.__module__, "0")
    with pytest.raises(PluginError, match="another provider is called 'both'"):
        registry.add(Both)


def test_a_module_with_hooks_can_be_added_too() -> None:
    offered = ModuleType("mine")
    vars(offered)["enrichcore_providers"] = hookimpl(lambda settings: [Both, Other])
    registry = Registry()
    assert [p.name for p in registry.add(offered, settings={})] == ["both", "other"]
    assert registry.plugins["both"].distribution == "mine"


def test_the_installed_plugins_of_this_project_all_load() -> None:
    registry = Registry()
    registry.load_installed({})
    ours = {"directory", "echo", "fullenrich", "peopledatalabs", "prospeo"}
    assert ours <= registry.plugins.keys()
    assert not ours & registry.failures.keys()
    assert all(registry.plugins[name].distribution == f"enrichcore-{name}" for name in ours)


def test_a_provider_shows_its_name_and_nothing_that_it_holds() -> None:
    it = Both()
    it.settings = {"key": "secret"}
    assert repr(it) == "<provider both>"
