"""Every answer of a registry, and what becomes of it."""

from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_rdap import Rdap
from enrichcore_rdap_cases import ABUSE, CASES, CONTACT, FAX, REDACTED, REGISTRAR, SETTINGS, TEL, UNKNOWN, entity, found

from enrichcore import errors
from enrichcore.errors import ConfigError, ProviderError
from enrichcore.model import Acceptance, Hit, Miss, Number
from enrichcore.testing import Act, Vendor, check_provider, reply

LINE = Number("+44.2079460018", company_line=True)
OTHER: list[Any] = ["tel", {"type": ["work", "voice"]}, "uri", "tel:+44.2079460017;ext=9"]
OTHER_LINE = Number("+44.2079460017", company_line=True)


def vendor(*acts: Act) -> Vendor:
    """The registry of `.example`, with these answers."""
    return Vendor(Rdap, *acts, settings=SETTINGS)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_rdap:")]
    assert entry.name == Rdap.name
    assert entry.load() is Rdap


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test rdap`."""
    check_provider(Rdap, CASES).assert_ok()


@pytest.mark.parametrize("domain", ["northquay.example", "mail.northquay.example"])
def test_it_asks_for_the_registered_domain_and_nothing_else(domain: str) -> None:
    registry = vendor(UNKNOWN)
    assert registry.enrich(**{**CONTACT, "domain": domain}).phone is None
    [request] = registry.asked
    assert (request.method, request.url) == ("GET", "https://rdap.nominet.uk/uk/domain/northquay.example")
    assert request.headers["accept"] == "application/rdap+json"


def test_a_domain_of_another_registry_is_a_miss_and_not_sent() -> None:
    registry = Vendor(Rdap, settings={"suffixes": ["uk"]})
    assert registry.ask("name", **CONTACT) == Miss()
    assert registry.asked == []


@pytest.mark.parametrize(
    ("entities", "answer"),
    [
        ([REGISTRAR, entity("registrant", tels=[TEL])], Hit(LINE)),
        ([entity("technical", tels=[OTHER]), entity("registrant", tels=[TEL])], Hit(LINE, OTHER_LINE)),
        ([entity("registrant", "administrative", tels=[TEL])], Hit(LINE)),
        ([entity("registrant", tels=[FAX])], Miss()),
        ([entity("registrant", "registrar", tels=[TEL])], Miss()),
        ([entity("reseller", tels=[TEL])], Miss()),
        ([entity("registrant", tels=[], inside=[ABUSE])], Miss()),
        ([REGISTRAR], Miss()),
        ([ABUSE], Miss()),
        ([REDACTED], Miss()),
        ([{"roles": ["registrant"]}], Miss()),
        ([], Miss()),
    ],
)
def test_only_the_owner_s_numbers_are_taken_and_never_the_registrar_s(entities: list[Any], answer: Hit | Miss) -> None:
    assert vendor(found(*entities)).ask("name", **CONTACT) == answer


@pytest.mark.parametrize(("company_lines", "phone"), [(False, None), (True, "+442079460018")])
def test_the_policy_decides_whether_a_company_line_counts(company_lines: bool, phone: str | None) -> None:
    policy = Acceptance(allow_fictional=True, company_lines=company_lines)
    answer = vendor(found(entity("registrant", tels=[TEL]))).enrich(acceptance=policy, **CONTACT)
    assert answer.phone == phone


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (reply(403), errors.KeyRefused),
        (reply(429), errors.RateLimited),
        (reply(503), errors.ServerError),
        (reply(200, []), errors.Unreadable),
        (reply(200, {"objectClassName": "entity"}), errors.Unreadable),
        (found("registrant"), errors.Unreadable),
        (found({"roles": "registrant"}), errors.Unreadable),
        (found({"roles": ["registrant"], "vcardArray": {}}), errors.Unreadable),
    ],
)
def test_every_other_answer_is_its_error_and_never_a_miss(said: Act, error: type[ProviderError]) -> None:
    with pytest.raises(ProviderError) as caught:
        vendor(said).ask("name", **CONTACT)
    assert type(caught.value) is error


@pytest.mark.parametrize("suffixes", [[], "uk", [7], [""]])
def test_suffixes_are_a_list_of_texts(suffixes: Any) -> None:
    with pytest.raises(ConfigError, match="suffixes"):
        Vendor(Rdap, settings={"suffixes": suffixes}).enrich(**CONTACT)
