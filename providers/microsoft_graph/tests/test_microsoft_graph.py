"""Every answer that Microsoft Graph documents, and what becomes of it."""

from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_microsoft_graph import FIELDS, MicrosoftGraph
from enrichcore_microsoft_graph_cases import CASES, CONTACT, USER, failure, found

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
    email=EMAIL,
)
HIT = Hit(Number("+1 202 555 0123", type="mobile"), Number("+1 503 555 0142", type="work"), person=SAID)
NAMED = {name: value for name, value in CONTACT.items() if name != "email"}


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(MicrosoftGraph)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_microsoft_graph:")]
    assert entry.name == MicrosoftGraph.name
    assert entry.load() is MicrosoftGraph


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test microsoft_graph`."""
    check_provider(MicrosoftGraph, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "asked"),
    [
        ("email", {"email": EMAIL}, f"mail eq '{EMAIL}' or userPrincipalName eq '{EMAIL}'"),
        ("name", NAMED, "givenName eq 'Mara' and surname eq 'Ellsworth'"),
        ("name", {**NAMED, "last_name": "O'Neill"}, "givenName eq 'Mara' and surname eq 'O''Neill'"),
    ],
)
def test_each_method_sends_its_filter_and_the_token(
    vendor: Vendor, method: str, fields: dict[str, Any], asked: str
) -> None:
    assert vendor.says(found()).ask(method, **fields) == Miss()
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/v1.0/users")
    assert request.query == {"$filter": asked, "$select": FIELDS, "$top": "20"}
    assert request.headers["authorization"] == f"Bearer {vendor.key}"


@pytest.mark.parametrize("method", ["name", "email"])
def test_the_mobile_comes_before_the_number_at_work(vendor: Vendor, method: str) -> None:
    assert vendor.says(found(USER)).ask(method, **CONTACT) == HIT


@pytest.mark.parametrize(
    "changes",
    [
        {"mail": None, "userPrincipalName": "other@northquay.example"},
        {"mail": "other@northquay.example", "userPrincipalName": None},
    ],
)
def test_by_email_another_mailbox_is_a_miss(vendor: Vendor, changes: dict[str, Any]) -> None:
    assert vendor.says(found(USER | changes)).ask(email=EMAIL) == Miss()


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"companyName": "Other Brewing", "mail": "mara@other.example"}, False),
        ({"companyName": "Other Brewing"}, True),
        ({"companyName": None}, True),
        ({"surname": "Elsewhere"}, False),
        ({"givenName": None, "surname": None}, True),
        ({"givenName": None, "displayName": "Jon Fable"}, False),
    ],
)
def test_by_name_the_company_must_not_be_another(vendor: Vendor, changes: dict[str, Any], same: bool) -> None:
    answer = vendor.says(found(USER | changes)).ask("name", **NAMED)
    assert isinstance(answer, Hit) is same


def test_of_two_namesakes_none_is_taken(vendor: Vendor) -> None:
    other = USER | {"mail": "mara2@northquay.example", "mobilePhone": "+1 202 555 0199"}
    assert vendor.says(found(USER, other)).ask("name", **NAMED) == Miss()


@pytest.mark.parametrize(("mobile", "work"), [(None, []), ("", [None]), ("+1 202 555 ****", [])])
def test_somebody_without_a_number_is_a_miss_that_says_who_it_is(vendor: Vendor, mobile: Any, work: Any) -> None:
    user = USER | {"mobilePhone": mobile, "businessPhones": work}
    assert vendor.says(found(user)).ask(email=EMAIL) == Miss(SAID)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (failure(401, "InvalidAuthenticationToken"), errors.KeyRefused),
        (failure(403, "Authorization_RequestDenied"), errors.KeyRefused),
        (failure(429, "TooManyRequests"), errors.RateLimited),
        (failure(400, "Request_BadRequest"), errors.RequestRefused),
        (failure(404, "ResourceNotFound"), errors.RequestRefused),
        (failure(503, "serviceNotAvailable"), errors.ServerError),
        (reply(200, {"value": {}}), errors.Unreadable),
        (found(7), errors.Unreadable),
        (found(USER | {"mobilePhone": 12025550123}), errors.Unreadable),
        (found(USER | {"businessPhones": [True]}), errors.Unreadable),
        (found(USER | {"businessPhones": "+1 503 555 0142"}), errors.Unreadable),
    ],
)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(email=EMAIL)
    assert type(caught.value) is error


def test_the_wait_that_is_asked_for_is_passed_on(vendor: Vendor) -> None:
    vendor.says(reply(429, {"error": {}}, headers={"retry-after": "17"}))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(email=EMAIL)
    assert caught.value.retry_after == 17.0
