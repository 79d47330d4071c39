"""Every answer of Salesforce's query, and what becomes of it."""

from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_salesforce import Salesforce
from enrichcore_salesforce_cases import CASES, NONE, RECORD, failure, found

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL = "mara@northquay.example"
SAID = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    domain="northquay.example",
    title="Operations Director",
    country="United States",
    email=EMAIL,
)
MOBILE = Number("+1 202 555 0123", type="mobile", country="United States")
WORK = Number("(503) 555-0142", type="work", country="United States")


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Salesforce)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_salesforce:")]
    assert entry.name == Salesforce.name
    assert entry.load() is Salesforce


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test salesforce`."""
    check_provider(Salesforce, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "where"),
    [
        (
            "name",
            {"first_name": "Mara", "last_name": "O'Hare", "company": "Northquay Ltd"},
            "FirstName = 'Mara' AND LastName = 'O\\'Hare'",
        ),
        ("email", {"email": EMAIL}, f"Email = '{EMAIL}'"),
    ],
)
def test_each_method_quotes_what_it_asks_for(vendor: Vendor, method: str, fields: dict[str, Any], where: str) -> None:
    vendor.says(found()).ask(method, **fields)
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/services/data/v59.0/query")
    assert request.headers["authorization"] == f"Bearer {vendor.key}"
    assert dict(request.query)["q"].endswith(f" FROM Contact WHERE {where} LIMIT 10")


def test_the_version_can_be_set() -> None:
    vendor = Vendor(Salesforce, found(), settings={"api_version": "61.0"})
    vendor.ask("email", email=EMAIL)
    assert vendor.asked[0].path == "/services/data/v61.0/query"


def test_the_mobile_comes_before_the_work_number(vendor: Vendor) -> None:
    assert vendor.says(found(RECORD)).ask(email=EMAIL) == Hit(MOBILE, WORK, person=SAID)


def test_the_companys_line_is_never_taken(vendor: Vendor) -> None:
    account = RECORD["Account"] | {"Phone": "(503) 555-0142"}
    assert vendor.says(found(RECORD | {"Account": account})).ask(email=EMAIL) == Hit(MOBILE, person=SAID)


@pytest.mark.parametrize("changes", [NONE, {"Phone": "", "MobilePhone": "+1 202***"}])
def test_a_contact_without_a_number_is_a_miss_that_says_who(vendor: Vendor, changes: dict[str, Any]) -> None:
    assert vendor.says(found(RECORD | changes)).ask(email=EMAIL) == Miss(SAID)


NAMESAKE = RECORD | {"Email": "mara@other.example", "Account": None, "MobilePhone": "+1 202 555 0199"}


@pytest.mark.parametrize(
    "fields",
    [
        {"email": EMAIL},
        {"first_name": "Mara", "last_name": "Ellsworth", "company": "northquay ltd"},
        {"first_name": "Mara", "last_name": "Ellsworth", "domain": "northquay.example"},
    ],
)
def test_of_several_contacts_the_one_who_was_asked_about_is_taken(vendor: Vendor, fields: dict[str, Any]) -> None:
    answer = vendor.says(found(NAMESAKE, RECORD | NONE, RECORD)).ask(**fields)
    assert answer == Hit(MOBILE, WORK, person=SAID)


def test_nobody_and_strangers_are_a_miss(vendor: Vendor) -> None:
    assert vendor.says(found()).ask(email=EMAIL) == Miss()
    assert Vendor(Salesforce, found(NAMESAKE, NAMESAKE)).ask(email=EMAIL) == Miss()


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(400, "MALFORMED_QUERY"), errors.RequestRefused),
    (failure(401, "INVALID_SESSION_ID"), errors.KeyRefused),
    (failure(403, "INSUFFICIENT_ACCESS"), errors.KeyRefused),
    (reply(403, text="<html>no</html>"), errors.KeyRefused),
    (failure(403, "REQUEST_LIMIT_EXCEEDED"), errors.RateLimited),
    (failure(404, "NOT_FOUND"), errors.RequestRefused),
    (failure(500, "UNKNOWN_EXCEPTION"), errors.ServerError),
    (reply(200, {"records": {}}), errors.Unreadable),
    (found("Mara"), errors.Unreadable),
    (found(RECORD | {"Phone": 15035550142}), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask("email", email=EMAIL)
    assert type(caught.value) is error
