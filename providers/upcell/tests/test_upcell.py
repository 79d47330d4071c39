"""Every answer that Upcell documents, and what becomes of it."""

from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_upcell import Upcell
from enrichcore_upcell_cases import CASES, failure, found

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

SLUG = "mara-ellsworth-0141"
NAMES = {"first_name": "Mara", "last_name": "Ellsworth"}
SAID = Person(linkedin_id="https://www.linkedin.com/in/mara-ellsworth-0141/")


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Upcell)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_upcell:")]
    assert entry.name == Upcell.name
    assert entry.load() is Upcell


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test upcell`."""
    check_provider(Upcell, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "who"),
    [
        (
            "name",
            {**NAMES, "company": "Northquay Ltd", "domain": "northquay.example"},
            {"firstName": "Mara", "lastName": "Ellsworth", "companyDomain": "northquay.example"},
        ),
        ("linkedin", {**NAMES, "linkedin_id": SLUG}, {"linkedinUrl": f"https://www.linkedin.com/in/{SLUG}"}),
    ],
)
def test_each_method_sends_its_key_bare_and_asks_for_the_mobile(
    vendor: Vendor, method: str, fields: dict[str, Any], who: dict[str, str]
) -> None:
    vendor.says(failure(404)).ask(method, **fields)
    [request] = vendor.asked
    assert (request.method, request.url) == ("POST", "https://api.upcell.io/v1/enrich/contact")
    assert request.headers["authorization"] == vendor.key
    assert request.json() == {**who, "fields": ["mobile"]}


def test_by_name_without_a_domain_nobody_is_asked(vendor: Vendor) -> None:
    assert vendor.says(found()).enrich(first_name="Mara", last_name="Ellsworth", company="Northquay Ltd").phone is None
    assert vendor.asked == []


def test_a_mobile_is_a_hit(vendor: Vendor) -> None:
    answer = vendor.says(found()).ask(linkedin_id=SLUG)
    assert answer == Hit(Number("+12025550123", type="mobile"), person=SAID)


def test_what_else_it_may_say_of_the_person_is_passed_on(vendor: Vendor) -> None:
    said = found(firstName="Mara", lastName="Ellsworth", companyName="Northquay Ltd", linkedinUrl=None)
    answer = vendor.says(said).ask(linkedin_id=SLUG)
    assert answer.person == Person(name="Mara Ellsworth", company="Northquay Ltd")


@pytest.mark.parametrize(
    ("said", "person"),
    [
        (found(mobilePhone=None), SAID),
        (found(mobilePhone=""), SAID),
        (found(mobilePhone="+1 202***"), SAID),
        (found(mobilePhone=True), SAID),
        (reply(200, {"contact": {}}), None),
        (reply(200, {"contact": None}), None),
        (failure(404), None),
    ],
)
def test_no_mobile_is_a_miss(vendor: Vendor, said: Act, person: Person | None) -> None:
    assert vendor.says(said).ask(linkedin_id=SLUG) == Miss(person)


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(400), errors.RequestRefused),
    (failure(401), errors.KeyRefused),
    (failure(402), errors.OutOfCredits),
    (failure(429), errors.RateLimited),
    (failure(500), errors.ServerError),
    (reply(404), errors.RequestRefused),
    (reply(404, {"error": "no such page"}), errors.RequestRefused),
    (reply(404, {"error": {"code": None}}), errors.RequestRefused),
    (reply(200, []), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
    (reply(200, {"contact": []}), errors.Unreadable),
    (found(mobilePhone=12025550123), errors.Unreadable),
    (found(mobilePhone=["+12025550123"]), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert type(caught.value) is error
