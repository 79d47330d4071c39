"""CardDAV: what a real Radicale says, and who is never guessed."""

import asyncio
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_carddav import MOST, Carddav
from enrichcore_carddav_cases import CARD, CASES, CONTACT, found

from enrichcore import AsyncEngine, Contact
from enrichcore.errors import RequestRefused, Unreadable
from enrichcore.model import Acceptance, Hit, Miss, PhoneResult
from enrichcore.testing import Act, Vendor, check_provider, reply

LookUp = Callable[..., PhoneResult]
MARA = {"first_name": "Mara", "last_name": "Ellsworth", "company": "Northquay"}
GRACE = {"first_name": "Grace", "last_name": "Hopper"}


@pytest.fixture
def look_up(book: Any) -> LookUp:
    """What an engine makes of the address book."""

    def looked(*, key: str = book.key, settings: Mapping[str, Any] | None = None, **fields: Any) -> PhoneResult:
        async def work() -> PhoneResult:
            async with AsyncEngine(
                providers=[Carddav()], settings={"carddav": {"base_url": book.url, **(settings or {})}},
                credentials={"carddav": key}, store="memory", env={}, acceptance=Acceptance(allow_fictional=True),
            ) as engine:  # fmt: skip
                return await engine.enrich_phone(Contact(**fields))

        return asyncio.run(work())

    return looked


def test_it_is_installed_under_its_own_name() -> None:
    """The entry point is called like the provider and leads to its class."""
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_carddav:")]
    assert entry.name == Carddav.name
    assert entry.load() is Carddav


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test carddav`."""
    check_provider(Carddav, CASES).assert_ok()


@pytest.mark.parametrize(("fields", "phone"), [
    (MARA, "+12025550123"), ({"email": "MARA@northquay.example"}, "+12025550123"),
    ({"email": "vera@northquay.example"}, "+447700900105"), ({"email": "zoe+tag@engines.example"}, "+447700900301"),
    ({"first_name": "Zo\u00eb", "last_name": "O'N\u00e9ill <&> \"X\"", "domain": "engines.example"}, "+447700900301"),
    ({**GRACE, "company": "Engines"}, "+447700900201"), ({**GRACE, "domain": "compilers.example"}, "+447700900202"),
])  # fmt: skip
def test_a_person_is_found(look_up: LookUp, fields: dict[str, str], phone: str) -> None:
    """Cards of version 3 and 4, with marks and letters of all kinds; of two of one name the company decides."""
    result = look_up(**fields)
    assert (result.phone, result.provider) == (phone, "carddav")


@pytest.mark.parametrize("fields", [
    {"email": "office@engines.example"}, {"email": "nobody@engines.example"}, {"email": "sales@engines.example"},
    {**GRACE, "company": "Elsewhere"}, {**GRACE, "domain": "other.example"},
    {"first_name": "Sam", "last_name": "Smith", "domain": "engines.example"}, {**MARA, "last_name": "Ells"},
    {**MARA, "last_name": "Ellsworth</C:text-match>"},
])  # fmt: skip
def test_several_who_fit_and_nobody_are_misses(look_up: LookUp, fields: dict[str, str]) -> None:
    """An address that two share, a group, namesakes at another company, and more people than are asked for."""
    result = look_up(**fields)
    assert (result.status, result.phone) == ("not_found", None)
    assert [a.outcome for a in result.attempts if a.tries] == ["miss"]


@pytest.mark.parametrize(("changed", "reason"), [
    ({"key": "ada:wrong"}, "key_refused"), ({"key": "nobody"}, "key_refused"),
    ({"settings": {"base_url": "http://127.0.0.1:1/ada"}}, "unsent"),
])  # fmt: skip
def test_what_the_server_refuses_is_said(look_up: LookUp, changed: dict[str, Any], reason: str) -> None:
    assert {a.reason for a in look_up(**MARA, **changed).attempts if a.tries} == {reason}


def test_a_wrong_address_is_no_miss(look_up: LookUp, book: Any) -> None:
    result = look_up(**MARA, settings={"base_url": book.url.replace("contacts", "nothing")})
    assert result.status == "incomplete"


def test_without_an_address_it_says_what_is_missing() -> None:
    async def work() -> PhoneResult:
        async with AsyncEngine(
            providers=[Carddav()], credentials={"carddav": "ada:pw"}, store="memory", env={}
        ) as engine:
            return await engine.enrich_phone(Contact(**CONTACT))

    [attempt, *_] = asyncio.run(work()).attempts
    assert attempt.reason == "failed_to_start"
    assert "set base_url in [providers.carddav]" in (attempt.detail or "")


def test_the_doctor_hears_whether_it_is_an_address_book(book: Any) -> None:
    async def ask(url: str) -> str | None:
        from enrichcore.engine.http import ProviderHttp
        from enrichcore.engine.transport import make_transport

        way = make_transport("plain")
        http = ProviderHttp(
            Carddav(), transport=way, base_url=url, key=book.key, user_agent="t", offline=False, wall=lambda: 0.0
        )
        try:
            return (await Carddav().balance(http.attempt())).detail
        finally:
            await way.aclose()

    assert asyncio.run(ask(book.url)) == "an address book"
    with pytest.raises(RequestRefused, match="no address book"):
        asyncio.run(ask(book.url.removesuffix("/contacts")))


def test_one_report_says_what_is_wanted_and_who_asks() -> None:
    vendor = Vendor(Carddav, found(CARD), settings=CASES.settings)  # type: ignore[arg-type]
    vendor.ask("email", **CONTACT)
    [asked] = vendor.asked
    assert (asked.method, asked.url) == ("REPORT", "https://dav.books.example/ada/contacts/")
    assert asked.headers["depth"] == "1"
    assert asked.headers["authorization"] == "Basic Y2FuYXJ5LWtleS0wMDAxOg=="
    assert b'<C:prop-filter name="EMAIL"' in asked.body
    assert f"<C:nresults>{MOST}<".encode() in asked.body
    assert b"Ellsworth" not in asked.body


@pytest.mark.parametrize("answer", [
    reply(207, text="<html></html>"), reply(207, text="nothing"), reply(207, body=b"\xff\xfe<\0m\0"),
    reply(207, text='<!DOCTYPE x [<!ENTITY a "b">]><multistatus xmlns="DAV:">&a;</multistatus>'),
    reply(207, text='<?xml version="1.0"?><!doctype x><multistatus xmlns="DAV:"/>'),
    reply(207, {"cards": []}), found("BEGIN:VCARD\nnothing"), found("no card at all", "nor this"),
])  # fmt: skip
def test_what_is_no_list_of_cards_is_unreadable(answer: Act) -> None:
    with pytest.raises(Unreadable):
        Vendor(Carddav, answer, settings=CASES.settings).ask("email", **CONTACT)  # type: ignore[arg-type]


def test_a_card_that_cannot_be_read_hides_no_other() -> None:
    answer = Vendor(Carddav, found("BEGIN:VCARD\nnothing", CARD), settings=CASES.settings).ask("email", **CONTACT)  # type: ignore[arg-type]
    assert isinstance(answer, Hit)
    assert [number.type for number in answer.numbers] == ["mobile", "work"]


def test_the_main_number_is_the_companys() -> None:
    main = CARD.replace("TYPE=CELL", "TYPE=MAIN")
    answer = Vendor(Carddav, found(main), settings=CASES.settings).ask("email", **CONTACT)  # type: ignore[arg-type]
    assert isinstance(answer, Hit)
    assert [number.company_line for number in answer.numbers] == [True, False]


def test_more_cards_than_were_asked_for_are_nobodys() -> None:
    answer = found(CARD, *([CARD.replace("Mara", "Nora")] * MOST))
    assert Vendor(Carddav, answer, settings=CASES.settings).ask("name", **CONTACT) == Miss()  # type: ignore[arg-type]
