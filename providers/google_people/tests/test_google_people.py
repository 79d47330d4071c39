"""Every answer that the People API documents, and what becomes of it."""

from importlib.metadata import entry_points
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from enrichcore_google_people import MASK, SOURCES, GooglePeople
from enrichcore_google_people_cases import CASES, CONTACT, RECORD, SILENT, failure, found

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
HIT = Hit(Number("+12025550123", type="mobile"), Number("+1 503 555 0142", type="work"), person=SAID)
NAMED = {name: value for name, value in CONTACT.items() if name != "email"}


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(GooglePeople)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_google_people:")]
    assert entry.name == GooglePeople.name
    assert entry.load() is GooglePeople


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test google_people`."""
    check_provider(GooglePeople, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "words"), [("email", {"email": EMAIL}, EMAIL), ("name", NAMED, "Mara Ellsworth")]
)
def test_each_method_searches_both_sources_with_the_token(
    vendor: Vendor, method: str, fields: dict[str, Any], words: str
) -> None:
    assert vendor.says(reply(200, {})).ask(method, **fields) == Miss()
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/v1/people:searchDirectoryPeople")
    assert parse_qs(urlsplit(request.url).query) == {
        "query": [words],
        "readMask": [MASK],
        "sources": list(SOURCES),
        "pageSize": ["50"],
    }
    assert request.headers["authorization"] == f"Bearer {vendor.key}"


@pytest.mark.parametrize("method", ["name", "email"])
def test_a_number_is_taken_in_its_canonical_form_and_a_fax_is_none(vendor: Vendor, method: str) -> None:
    assert vendor.says(found(RECORD)).ask(method, **CONTACT) == HIT


def test_the_main_number_is_the_company_s(vendor: Vendor) -> None:
    phones = [{"value": "+1 503 555 0100", "type": "main"}, {"value": "+1 503 555 0101"}, {"value": "+1 503*"}]
    answer = vendor.says(found(RECORD | {"phoneNumbers": phones})).ask(email=EMAIL)
    assert answer == Hit(
        Number("+1 503 555 0100", type="main", company_line=True), Number("+1 503 555 0101"), person=SAID
    )


def test_the_search_is_by_prefix_so_another_mailbox_is_a_miss(vendor: Vendor) -> None:
    other = RECORD | {"emailAddresses": [{"value": "mara@northquay.example.invalid"}]}
    assert vendor.says(found(other)).ask(email=EMAIL) == Miss()


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"organizations": [{"name": "Other Brewing"}], "emailAddresses": []}, False),
        ({"organizations": [{"name": "Other Brewing"}]}, True),
        ({"organizations": []}, True),
        ({"names": [{"displayName": "Mara Ellsworthy"}]}, False),
        ({"names": []}, False),
    ],
)
def test_by_name_the_company_must_not_be_another(vendor: Vendor, changes: dict[str, Any], same: bool) -> None:
    answer = vendor.says(found(RECORD | changes)).ask("name", **NAMED)
    assert isinstance(answer, Hit) is same


def test_of_two_namesakes_none_is_taken(vendor: Vendor) -> None:
    other = RECORD | {"emailAddresses": [{"value": "mara2@northquay.example"}]}
    assert vendor.says(found(RECORD, other)).ask("name", **NAMED) == Miss()


@pytest.mark.parametrize("record", [SILENT, RECORD | {"phoneNumbers": []}])
def test_somebody_without_a_number_is_a_miss_that_says_who_it_is(vendor: Vendor, record: dict[str, Any]) -> None:
    assert vendor.says(found(record)).ask(email=EMAIL) == Miss(SAID)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (failure(401, "UNAUTHENTICATED"), errors.KeyRefused),
        (failure(403, "PERMISSION_DENIED"), errors.KeyRefused),
        (failure(429, "RESOURCE_EXHAUSTED"), errors.RateLimited),
        (failure(400, "INVALID_ARGUMENT"), errors.RequestRefused),
        (failure(404, "NOT_FOUND"), errors.RequestRefused),
        (failure(503, "UNAVAILABLE"), errors.ServerError),
        (reply(200, []), errors.Unreadable),
        (reply(200, {"people": {}}), errors.Unreadable),
        (reply(200, {"results": []}), errors.Unreadable),
        (found(7), errors.Unreadable),
        (found(RECORD | {"phoneNumbers": {"value": "+12025550123"}}), errors.Unreadable),
        (found(RECORD | {"phoneNumbers": [{"value": 12025550123}]}), errors.Unreadable),
        (found(RECORD | {"phoneNumbers": [{"value": True}]}), errors.Unreadable),
    ],
)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(email=EMAIL)
    assert type(caught.value) is error
