"""Every answer of Nominatim, and what becomes of it."""

from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_osm import Osm
from enrichcore_osm_cases import CASES, CONTACT, PLACE, SETTINGS, found

from enrichcore import errors
from enrichcore.errors import ConfigError, ProviderError
from enrichcore.model import Acceptance, Hit, Miss, Number
from enrichcore.testing import Act, Vendor, check_provider, reply

HIT = Hit(Number("+44 20 7946 0018", country="GB", company_line=True))
SITE = "https://www.northquay.example/"


def vendor(*acts: Act) -> Vendor:
    """The server, with these answers."""
    return Vendor(Osm, *acts, settings=SETTINGS)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_osm:")]
    assert entry.name == Osm.name
    assert entry.load() is Osm


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test osm`."""
    check_provider(Osm, CASES).assert_ok()


def test_it_says_who_asks_and_sends_nothing_of_the_person() -> None:
    server = vendor(found(PLACE))
    assert server.ask("name", **CONTACT) == HIT
    [request] = server.asked
    assert (request.method, request.path) == ("GET", "/search")
    assert request.query == {
        "q": "Northquay Ltd",
        "format": "jsonv2",
        "extratags": "1",
        "addressdetails": "1",
        "limit": "10",
    }
    assert request.headers["user-agent"] == "enrichcore-osm/0.1 (ops@engines.example)"


@pytest.mark.parametrize(
    ("changes", "fields", "same"),
    [
        ({"display_name": "Head Office, London"}, {}, True),
        ({"extratags": {"website": "https://other.example", "phone": "+44 20 7946 0018"}}, {}, False),
        ({"extratags": {"contact:website": "northquay.example", "phone": "+44 20 7946 0018"}}, {}, True),
        ({"extratags": {"website": "http://[", "phone": "+44 20 7946 0018"}}, {}, True),
        ({"extratags": {"phone": "+44 20 7946 0018"}}, {}, True),
        ({"extratags": {"phone": "+44 20 7946 0018"}, "display_name": "Northquay Cafe, London"}, {}, False),
        ({"name": "Northquay Cafe"}, {"domain": None}, False),
        ({"name": "NORTHQUAY"}, {"domain": None}, True),
        ({}, {"country": "US"}, False),
        ({}, {"country": "GB"}, True),
    ],
)
def test_a_place_is_the_company_by_its_website_or_else_its_name(
    changes: dict[str, Any], fields: dict[str, Any], same: bool
) -> None:
    answer = vendor(found(PLACE | changes)).ask("name", **{**CONTACT, **fields})
    assert answer == (HIT if same else Miss())


def test_a_tag_may_hold_several_numbers() -> None:
    tags = {"website": SITE, "phone": "+44 20 7946 0018; +44 20 7946 0019;", "contact:mobile": "+44 20 7946 0018"}
    answer = vendor(found(PLACE | {"extratags": tags})).ask("name", **CONTACT)
    assert isinstance(answer, Hit)
    assert [number.raw for number in answer.numbers] == ["+44 20 7946 0018", "+44 20 7946 0019"]
    assert all(number.company_line for number in answer.numbers)


@pytest.mark.parametrize(("company_lines", "phone"), [(False, None), (True, "+442079460018")])
def test_the_policy_decides_whether_a_company_line_counts(company_lines: bool, phone: str | None) -> None:
    policy = Acceptance(allow_fictional=True, company_lines=company_lines)
    assert vendor(found(PLACE)).enrich(acceptance=policy, **CONTACT).phone == phone


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (reply(403), errors.KeyRefused),
        (reply(429), errors.RateLimited),
        (reply(504), errors.ServerError),
        (reply(200, {}), errors.Unreadable),
        (reply(200, [7]), errors.Unreadable),
        (found(PLACE | {"extratags": "phone"}), errors.Unreadable),
    ],
)
def test_every_other_answer_is_its_error_and_never_a_miss(said: Act, error: type[ProviderError]) -> None:
    with pytest.raises(ProviderError) as caught:
        vendor(said).ask("name", **CONTACT)
    assert type(caught.value) is error


@pytest.mark.parametrize("contact", ["", "nobody", "a b@engines.example", 7])
def test_without_a_contact_nothing_is_asked(contact: Any) -> None:
    with pytest.raises(ConfigError, match="contact"):
        Vendor(Osm, settings={"contact": contact}).enrich(**CONTACT)
