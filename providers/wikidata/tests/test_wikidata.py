"""Every answer of the query service, and what becomes of it."""

from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_wikidata import Wikidata
from enrichcore_wikidata_cases import CASES, CONTACT, PHONE, SETTINGS, found

from enrichcore import errors
from enrichcore.errors import ConfigError, ProviderError
from enrichcore.model import Acceptance, Hit, Miss, Number
from enrichcore.testing import Act, Vendor, check_provider, reply

LINE = Number("+44 20 7946 0018", company_line=True)


def vendor(*acts: Act) -> Vendor:
    """The service, with these answers."""
    return Vendor(Wikidata, *acts, settings=SETTINGS)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_wikidata:")]
    assert entry.name == Wikidata.name
    assert entry.load() is Wikidata


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test wikidata`."""
    check_provider(Wikidata, CASES).assert_ok()


def test_it_says_who_asks_and_sends_nothing_but_the_domain() -> None:
    service = vendor(found(PHONE))
    assert service.ask("name", **CONTACT) == Hit(LINE)
    [request] = service.asked
    assert (request.method, request.path) == ("GET", "/sparql")
    assert request.headers["user-agent"] == "enrichcore-wikidata/0.1 (ops@engines.example)"
    assert request.headers["accept"] == "application/sparql-results+json"
    assert request.query == {
        "format": "json",
        "query": (
            "SELECT DISTINCT ?phone WHERE { VALUES ?site { <https://northquay.example> <https://northquay.example/> "
            "<https://www.northquay.example> <https://www.northquay.example/> <http://northquay.example> "
            "<http://northquay.example/> <http://www.northquay.example> <http://www.northquay.example/> } "
            "?item wdt:P856 ?site; wdt:P1329 ?phone } LIMIT 20"
        ),
    }


@pytest.mark.parametrize(
    ("phones", "answer"),
    [
        ((PHONE, PHONE | {"value": " +44 20 7946 0018 "}), Hit(LINE)),
        (({"type": "uri", "value": "http://www.wikidata.org/.well-known/genid/1"}, PHONE), Hit(LINE)),
        ((PHONE | {"value": " "},), Miss()),
        ((), Miss()),
    ],
)
def test_only_known_values_are_numbers_each_once(phones: tuple[Any, ...], answer: Hit | Miss) -> None:
    assert vendor(found(*phones)).ask("name", **CONTACT) == answer


@pytest.mark.parametrize(("company_lines", "phone"), [(False, None), (True, "+442079460018")])
def test_the_policy_decides_whether_a_company_line_counts(company_lines: bool, phone: str | None) -> None:
    policy = Acceptance(allow_fictional=True, company_lines=company_lines)
    assert vendor(found(PHONE)).enrich(acceptance=policy, **CONTACT).phone == phone


@pytest.mark.parametrize(
    ("said", "error", "reason"),
    [
        (reply(403), errors.KeyRefused, "key_refused"),
        (reply(429), errors.RateLimited, "rate_limited"),
        (reply(500), errors.ServerError, "server_error"),
        (reply(400), errors.RequestRefused, "request_refused"),
        (reply(200, {"results": {"bindings": {}}}), errors.Unreadable, "unreadable"),
        (found(PHONE | {"value": 442079460018}), errors.Unreadable, "unreadable"),
    ],
)
def test_every_other_answer_is_its_error_and_never_a_miss(said: Act, error: type[ProviderError], reason: str) -> None:
    with pytest.raises(ProviderError) as caught:
        vendor(said).ask("name", **CONTACT)
    assert (type(caught.value), caught.value.code) == (error, reason)


@pytest.mark.parametrize("contact", ["", "nobody", "a b@engines.example", 7])
def test_without_a_contact_nothing_is_asked(contact: Any) -> None:
    with pytest.raises(ConfigError, match="contact"):
        Vendor(Wikidata, settings={"contact": contact}).enrich(**CONTACT)
