"""run(): one question to one provider, asked as the engine asks."""

import asyncio
import threading
from typing import Any

import attrs
import pytest

from enrichcore.errors import ConfigError, PluginError, PluginFault
from enrichcore.model import EmailQuery, Hit, Miss, NameQuery, Number
from enrichcore.plugins import Http, Missed, Provider, hookimpl
from enrichcore.testing import FakeProvider, run

NAME: dict[str, Any] = {"first_name": " Ada ", "last_name": "Lovelace", "company": "engines.example"}


class Blocking(Provider):
    name = "blocking"
    thread: threading.Thread

    @hookimpl
    def phone_by_email(self, query: EmailQuery) -> Hit:
        self.thread = threading.current_thread()
        return Hit()


@attrs.frozen
class Own:
    greeting: str = "hello"


class Configured(Provider):
    name = "configured"
    Settings = Own
    log: list[str]

    async def setup(self) -> None:
        self.log = ["setup"]

    async def aclose(self) -> None:
        self.log.append("aclose")

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Any:
        self.log.append(self.settings.greeting)
        if query.email.startswith("nobody"):
            raise Missed
        if query.email.startswith("web"):
            await http.get("/phone")
        return None if query.email.startswith("wrong") else Hit(Number("+1 202-555-0143"))


def test_the_query_is_the_normalised_one() -> None:
    fake = FakeProvider({})
    run(fake, method="name", **NAME)
    [query] = fake.calls
    assert isinstance(query, NameQuery)
    assert (query.first_name, query.company, query.domain) == ("Ada", None, "engines.example")
    assert query.key


def test_the_method_must_be_clear() -> None:
    with pytest.raises(LookupError, match=r"allow 2 methods \(name, email\)"):
        run(FakeProvider({}), email="ada@engines.example", **NAME)
    with pytest.raises(LookupError, match="lacks linkedin_id"):
        run(FakeProvider({}), method="linkedin", email="ada@engines.example")
    with pytest.raises(LookupError, match="has the methods email"):
        run(Blocking, method="name", **NAME)


def test_a_plain_function_runs_in_a_thread_and_an_empty_hit_is_a_miss() -> None:
    provider = Blocking()
    assert run(provider, email="ada@engines.example") == Miss()
    assert provider.thread is not threading.main_thread()


def test_settings_are_validated_and_setup_and_aclose_are_called() -> None:
    provider = Configured()
    assert run(provider, email="ada@engines.example", settings={"greeting": "salut"}) == Hit(Number("+1 202-555-0143"))
    assert provider.log == ["setup", "salut", "aclose"]
    with pytest.raises(ConfigError, match="no key 'greting'"):
        run(Configured, email="ada@engines.example", settings={"greting": "x"})


def test_a_missed_status_is_a_miss_and_a_wrong_answer_is_named() -> None:
    assert run(Configured, email="nobody@engines.example") == Miss()
    with pytest.raises(TypeError, match="configured: expected Hit or Miss from the lookup, got a NoneType"):
        run(Configured, email="wrong@engines.example")


def test_without_http_no_request_leaves() -> None:
    with pytest.raises(PluginFault, match="no base_url"):
        run(Configured, email="web@engines.example")


def test_a_broken_plugin_is_refused_as_the_engine_refuses_it() -> None:
    class Nothing(Provider):
        name = "nothing"

    with pytest.raises(PluginError, match="implements none of"):
        run(Nothing, email="ada@engines.example")


def test_inside_a_loop_it_says_so() -> None:
    async def inside() -> None:
        with pytest.raises(RuntimeError, match="running event loop"):
            run(FakeProvider({}), email="ada@engines.example")

    with pytest.warns(RuntimeWarning, match="never awaited"):
        asyncio.run(inside())
