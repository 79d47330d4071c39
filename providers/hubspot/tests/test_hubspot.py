"""Every answer of HubSpot's search, and what becomes of it."""

from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_hubspot import Hubspot
from enrichcore_hubspot_cases import CASES, CONTACT, NONE, failure, found, result

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL = "mara@northquay.example"
SLUG = "mara-ellsworth-0141"
NAMES = {"first_name": "Mara", "last_name": "Ellsworth"}
SAID = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    title="Operations Director",
    country="United States",
    email=EMAIL,
    linkedin_id="https://www.linkedin.com/in/mara-ellsworth-0141/",
)
MOBILE = Number("(202) 555-0123", type="mobile", country="United States")
OTHER = Number("+1 503 555 0142", country="United States")
ADDRESSES = [
    "https://www.linkedin.com/in/mara-ellsworth-0141",
    "https://www.linkedin.com/in/mara-ellsworth-0141/",
    "https://linkedin.com/in/mara-ellsworth-0141",
    "https://linkedin.com/in/mara-ellsworth-0141/",
    "www.linkedin.com/in/mara-ellsworth-0141",
    "www.linkedin.com/in/mara-ellsworth-0141/",
    "linkedin.com/in/mara-ellsworth-0141",
    "linkedin.com/in/mara-ellsworth-0141/",
]


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Hubspot)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_hubspot:")]
    assert entry.name == Hubspot.name
    assert entry.load() is Hubspot


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test hubspot`."""
    check_provider(Hubspot, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "filters"),
    [
        (
            "name",
            {**NAMES, "company": "Northquay Ltd"},
            [
                {"propertyName": "firstname", "operator": "EQ", "value": "Mara"},
                {"propertyName": "lastname", "operator": "EQ", "value": "Ellsworth"},
            ],
        ),
        (
            "linkedin",
            {**NAMES, "linkedin_id": SLUG},
            [{"propertyName": "hs_linkedin_url", "operator": "IN", "values": ADDRESSES}],
        ),
        ("email", {**NAMES, "email": EMAIL}, [{"propertyName": "email", "operator": "EQ", "value": EMAIL}]),
    ],
)
def test_each_method_searches_the_contacts(
    vendor: Vendor, method: str, fields: dict[str, Any], filters: list[dict[str, Any]]
) -> None:
    vendor.says(found()).ask(method, **fields)
    [request] = vendor.asked
    assert (request.method, request.url) == ("POST", "https://api.hubapi.com/crm/v3/objects/contacts/search")
    assert request.headers["authorization"] == f"Bearer {vendor.key}"
    body = request.json()
    assert body["filterGroups"] == [{"filters": filters}]
    assert {"phone", "mobilephone", "hs_linkedin_url"} <= set(body["properties"])


def test_the_property_of_the_profile_can_be_set() -> None:
    vendor = Vendor(Hubspot, found(result(li="linkedin.com/in/x")), settings={"linkedin_property": "li"})
    answer = vendor.ask(linkedin_id=SLUG)
    [request] = vendor.asked
    assert request.json()["filterGroups"][0]["filters"][0]["propertyName"] == "li"
    assert answer.person is not None
    assert answer.person.linkedin_id == "linkedin.com/in/x"


def test_the_mobile_comes_before_the_other_number(vendor: Vendor) -> None:
    assert vendor.says(found(result())).ask(email=EMAIL) == Hit(MOBILE, OTHER, person=SAID)


@pytest.mark.parametrize("changes", [NONE, {"phone": "", "mobilephone": ""}, {"phone": "+1 5***", "mobilephone": None}])
def test_a_contact_without_a_number_is_a_miss_that_says_who(vendor: Vendor, changes: dict[str, Any]) -> None:
    assert vendor.says(found(result(**changes))).ask(email=EMAIL) == Miss(SAID)


def test_nobody_is_a_miss(vendor: Vendor) -> None:
    assert vendor.says(found()).ask(email=EMAIL) == Miss()


NAMESAKE = result(company="Other", email="mara@other.example", hs_linkedin_url=None, mobilephone="(202) 555-0199")
STRANGER = result(firstname="Noor", email="noor@northquay.example", hs_linkedin_url=None, mobilephone="(202) 555-0198")


@pytest.mark.parametrize(
    "fields",
    [
        {"email": EMAIL},
        {"linkedin_id": SLUG},
        {**NAMES, "company": "northquay ltd"},
        {**NAMES, "domain": "northquay.example"},
    ],
)
def test_of_several_contacts_the_one_who_was_asked_about_is_taken(vendor: Vendor, fields: dict[str, Any]) -> None:
    answer = vendor.says(found(NAMESAKE, STRANGER, result())).ask(**fields)
    assert answer == Hit(MOBILE, OTHER, person=SAID)


def test_of_duplicates_the_one_with_a_number_is_taken(vendor: Vendor) -> None:
    answer = vendor.says(found(result(**NONE), result())).ask(email=EMAIL)
    assert answer == Hit(MOBILE, OTHER, person=SAID)


def test_of_several_namesakes_elsewhere_none_is_taken(vendor: Vendor) -> None:
    assert vendor.says(found(NAMESAKE, NAMESAKE)).ask(**dict[str, Any](NAMES, company="Northquay Ltd")) == Miss()


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(400, "VALIDATION_ERROR"), errors.RequestRefused),
    (failure(401, "INVALID_AUTHENTICATION"), errors.KeyRefused),
    (failure(403, "MISSING_SCOPES"), errors.KeyRefused),
    (failure(404, "OBJECT_NOT_FOUND"), errors.RequestRefused),
    (failure(429, "RATE_LIMITS"), errors.RateLimited),
    (failure(500, "ERROR"), errors.ServerError),
    (reply(200, {"results": {}}), errors.Unreadable),
    (found("Mara"), errors.Unreadable),
    (found({"properties": []}), errors.Unreadable),
    (found(result(phone=15035550142)), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask("email", **CONTACT)
    assert type(caught.value) is error
