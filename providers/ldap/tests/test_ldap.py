"""LDAP: what a real slapd says, and who is never guessed."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Any

import enrichcore_ldap
import pytest
from enrichcore_ldap import Ldap
from enrichcore_ldap_cases import ADA, CASES, Answers, ber, listening, text

from enrichcore import AsyncEngine, Contact
from enrichcore.errors import ConfigError, KeyRefused, MaybeSent, RequestRefused, ServerError, Unreadable, Unsent
from enrichcore.model import Acceptance, Hit, Miss
from enrichcore.testing import check_provider, run

NAMED: dict[str, Any] = {"method": "name", "first_name": "Ada", "last_name": "Lovelace", "domain": "engines.example"}
GRACE: dict[str, Any] = {"method": "name", "first_name": "Grace", "last_name": "Hopper"}
Ask = Callable[..., Hit | Miss]


@pytest.fixture
def plain(directory: Any) -> dict[str, Any]:
    """Settings that reach the directory in clear, which this machine may."""
    return {
        "url": directory.url, "base": directory.base, "user": directory.user, "password": directory.password,
        "start_tls": False,
    }  # fmt: skip


@pytest.fixture
def ask(plain: dict[str, Any]) -> Ask:
    def asking(settings: dict[str, Any] | None = None, **fields: Any) -> Hit | Miss:
        return run(Ldap, settings={**plain, **(settings or {})}, **fields)

    return asking


def raws(answer: Hit | Miss) -> list[str]:
    return [number.raw for number in answer.numbers] if isinstance(answer, Hit) else []


def test_it_is_installed_under_its_own_name() -> None:
    """The entry point is called like the provider and leads to its class."""
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_ldap:")]
    assert entry.name == Ldap.name
    assert entry.load() is Ldap


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test ldap`, against the directory of its cases."""
    check_provider(Ldap, CASES).assert_ok()


def test_it_keeps_the_contract_against_a_real_server(plain: dict[str, Any]) -> None:
    check_provider(Ldap, CASES, settings=plain).assert_ok()


@pytest.mark.parametrize("fields", [NAMED, {"method": "email", "email": "Ada@Engines.example"}])
def test_a_person_is_found_with_what_the_directory_says(ask: Ask, fields: dict[str, str]) -> None:
    answer = ask(**fields)
    assert isinstance(answer, Hit)
    assert [(n.raw, n.type) for n in answer.numbers] == [(ADA["mobile"], "mobile"), (ADA["telephoneNumber"], "work")]
    assert answer.person is not None
    assert (answer.person.name, answer.person.company, answer.person.title) == ("Ada Lovelace", "Engines", "Analyst")


@pytest.mark.parametrize(("phones", "found"), [
    (["homePhone"], ["+44 20 7946 0999"]), (["telephoneNumber"], ["+44 20 7946 0123"]),
    (["homePhone", "MOBILE"], ["+44 20 7946 0999", "+44 7700 900123"]), ("pager", []),
])  # fmt: skip
def test_which_attributes_hold_numbers_is_said_by_the_configuration(ask: Ask, phones: Any, found: list[str]) -> None:
    """The number at home is not read unless it is named, nor is a fax number."""
    assert raws(ask({"phones": phones}, **NAMED)) == found


@pytest.mark.parametrize(("fields", "found"), [
    ({"company": "Engines"}, ["+44 7700 900201"]), ({"domain": "compilers.example"}, ["+44 7700 900202"]),
    ({"company": "Compilers Ltd"}, ["+44 7700 900202"]), ({"domain": "other.example"}, []),
    ({"company": "Elsewhere"}, []),
])  # fmt: skip
def test_of_two_people_of_one_name_the_company_decides(ask: Ask, fields: dict[str, str], found: list[str]) -> None:
    assert raws(ask(**GRACE, **fields)) == found


def test_several_who_fit_are_nobody(ask: Ask) -> None:
    """An address that two share, a name that two have, and more people than the server gives at once."""
    assert isinstance(ask(method="email", email="office@engines.example"), Miss)
    assert isinstance(ask({"companies": ["description"], "emails": ["description"]}, **GRACE, company="Engines"), Miss)
    smith = {"method": "name", "first_name": "Sam", "last_name": "Smith", "company": "Engines"}
    assert isinstance(ask(**smith), Miss)


def test_nobody_and_somebody_without_a_number_are_misses(ask: Ask) -> None:
    assert ask(method="email", email="nobody@engines.example") == Miss()
    answer = ask(method="name", first_name="Alan", last_name="Turing", company="Engines")
    assert isinstance(answer, Miss)
    assert answer.person is not None
    assert answer.person.email == "alan@engines.example"


@pytest.mark.parametrize("last", ["L*", "Lov*", "Lovelace)(cn=*", "Lovelace\\2a", "Lovelace)(|(cn=*"])
def test_nothing_of_a_name_is_read_as_a_filter(ask: Ask, last: str) -> None:
    assert ask(**{**NAMED, "last_name": last}) == Miss()


def test_what_means_something_in_a_filter_is_found_as_it_is_written(ask: Ask) -> None:
    found = ["+44 7700 900301"]
    assert raws(ask(method="email", email="o'neill+tag@engines.example")) == found
    assert raws(ask(method="name", first_name="Zo\u00eb", last_name="O\\Neill (Z*)", company="Engines")) == found


def test_a_reference_to_another_server_is_never_followed(ask: Ask, directory: Any) -> None:
    """Neither beside entries nor in place of an answer: the password would go along."""
    assert raws(ask(**NAMED))
    with pytest.raises(RequestRefused, match="not followed"):
        ask({"base": "dc=elsewhere,dc=example"}, **NAMED)
    assert directory.trap == []


@pytest.mark.parametrize("way", ["ldaps", "start_tls"])
def test_it_is_encrypted_and_the_certificate_verified(ask: Ask, directory: Any, way: str) -> None:
    url = directory.sealed if way == "ldaps" else directory.url
    trusted = {"url": url, "start_tls": True, "ca_file": directory.ca_file}
    assert raws(ask(trusted, **NAMED))
    with pytest.raises(Unsent):
        ask({**trusted, "ca_file": None}, **NAMED)
    with pytest.raises(Unsent):
        ask({**trusted, "url": url.replace("localhost", "127.0.0.1")}, **NAMED)


@pytest.mark.parametrize(("settings", "error"), [
    ({"password": "wrong"}, KeyRefused), ({"user": "cn=nobody,dc=engines,dc=example"}, KeyRefused),
    ({"user": "not a name"}, RequestRefused), ({"base": "ou=nowhere,dc=engines,dc=example"}, RequestRefused),
    ({"user": None}, RequestRefused),
    ({"filter": "(objectClass)"}, RequestRefused),
])  # fmt: skip
def test_what_the_server_refuses_is_said(ask: Ask, settings: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        ask(settings, **NAMED)


def test_a_refused_password_suspends_and_an_unreachable_server_does_not(plain: dict[str, Any]) -> None:
    async def look_up(**changed: Any) -> tuple[str | None, str]:
        async with AsyncEngine(
            providers=[Ldap()], settings={"ldap": {**plain, **changed}}, store="memory", env={},
            acceptance=Acceptance(allow_fictional=True),
        ) as engine:  # fmt: skip
            result = await engine.enrich_phone(Contact(email="ada@engines.example"))
            return result.attempts[0].reason, engine.channels["ldap"].health.state.value

    assert asyncio.run(look_up(password="wrong")) == ("key_refused", "suspended")
    reason, state = asyncio.run(look_up(url="ldap://127.0.0.1:1"))
    assert reason == "unsent"
    assert state != "suspended"


def test_a_connection_is_used_again_and_a_dead_one_replaced(plain: dict[str, Any]) -> None:
    provider = Ldap()
    provider.settings = Ldap.Settings(**plain)

    async def work() -> None:
        await provider.setup()
        assert (await provider.balance(None)).detail == f"bound as {plain['user']}"  # type: ignore[arg-type]
        [first] = provider._idle.queue
        query = _query(**NAMED)
        assert raws(await asyncio.to_thread(provider.phone_by_name, query))
        assert list(provider._idle.queue) == [first]
        first.socket.shutdown(socket.SHUT_RDWR)
        assert raws(await asyncio.to_thread(provider.phone_by_name, query))
        [second] = provider._idle.queue
        assert second is not first
        await provider.aclose()
        assert second.closed

    asyncio.run(work())


def _query(**fields: Any) -> Any:
    from enrichcore.model import Method, Subject

    return Subject.of(Contact(**{k: v for k, v in fields.items() if k != "method"})).queries[Method.NAME]


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        held: list[socket.socket] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(door.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(door.getsockname()[1])
        door.shutdown(socket.SHUT_RDWR)
        thread.join()
        for one in held:
            one.close()


def test_a_server_that_says_nothing_is_left_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrichcore_ldap, "ANSWER", 1)
    with silent() as port:
        settings = {"url": f"ldap://127.0.0.1:{port}", "base": "dc=engines,dc=example", "start_tls": False}
        with pytest.raises(Unsent):
            run(Ldap, settings=settings, **NAMED)


DONE = ber(0x0A, b"\0") + text("") + text("")
BROKEN: dict[str, tuple[Callable[[bytes], bytes | None], type[Exception]]] = {
    "it closes": (lambda number: None, MaybeSent),
    "half an answer": (lambda number: ber(0x30, number, ber(0x65, DONE))[:5], MaybeSent),
    "another number": (lambda number: ber(0x30, ber(0x02, b"\x7f"), ber(0x65, DONE)), MaybeSent),
    "an answer to a bind": (lambda number: ber(0x30, number, ber(0x61, DONE)), Unreadable),
}


@pytest.mark.parametrize("how", BROKEN)
def test_an_answer_that_breaks_off_or_is_another_is_no_miss(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bind that went well."""
    monkeypatch.setattr(enrichcore_ldap, "ANSWER", 1)
    said, error = BROKEN[how]

    class Breaking(Answers):
        def search(self, number: bytes, words: bytes) -> bytes | None:
            return said(number)

    with listening(Breaking) as address, pytest.raises(error):
        run(Ldap, settings={"url": address, "base": "dc=engines,dc=example", "start_tls": False}, **NAMED)


@pytest.mark.parametrize(("code", "error"), [(3, ServerError), (51, ServerError), (50, KeyRefused), (1, KeyRefused),
                                             (10, RequestRefused), (32, RequestRefused)])  # fmt: skip
def test_a_code_of_the_protocol_is_its_error(code: int, error: type[Exception]) -> None:
    assert type(enrichcore_ldap._error(code)) is error


@pytest.mark.parametrize("settings", [
    {"url": "http://ldap.engines.example"}, {"url": "ldap://"}, {"url": "ldap://u:p@ldap.engines.example"}, {"url": 7},
    {"url": "ldap://ldap.engines.example/dc=x"}, {"base": ""}, {"base": 7}, {"user": ""}, {"password": 7},
    {"phones": []}, {"phones": ["a b"]}, {"phones": 7}, {"filter": "person"}, {"filter": "((x=y)"}, {"start_tls": 1},
    {"ca_file": "no/such/file.pem"}, {"user": "cn=reader", "password": None}, {"nothing": 1},
    {"user": "cn=reader", "password": "x", "start_tls": False},
])  # fmt: skip
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Among them a password that is missing, which a server would take for anonymous, and one sent in clear."""
    monkeypatch.delenv("LDAP_PASSWORD", raising=False)
    given = {"url": "ldap://ldap.engines.example", "base": "dc=engines,dc=example", **settings}
    with pytest.raises(ConfigError) as caught:
        run(Ldap, settings=given, **NAMED)
    assert "ldap" in str(caught.value)


def test_the_password_comes_from_the_environment_and_is_not_shown(
    plain: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PEOPLE_PASSWORD", plain.pop("password"))
    caplog.set_level(logging.DEBUG)
    assert raws(run(Ldap, settings={**plain, "password_env": "PEOPLE_PASSWORD"}, **NAMED))
    assert "canary-password" not in caplog.text
    assert "canary-password" not in repr(Ldap.Settings(**plain, password="canary-password-0001"))


@pytest.mark.parametrize(("url", "offline"), [("ldap://127.0.0.1:9", False), ("ldaps://ldap.engines.example", True)])
def test_offline_only_this_machine_is_asked(url: str, offline: bool) -> None:
    async def look_up() -> set[str | None]:
        settings = {"ldap": {"url": url, "base": "dc=engines,dc=example", "start_tls": False}}
        async with AsyncEngine(providers=[Ldap()], settings=settings, store="memory", env={}, offline=True) as engine:
            result = await engine.enrich_phone(Contact(email="ada@engines.example"))
            return {attempt.reason for attempt in result.attempts}

    assert ("offline" in asyncio.run(look_up())) is offline
