"""Every answer that Prospeo documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_prospeo import Prospeo
from enrichcore_prospeo_cases import CASES, MASKED, MOBILE, PERSON, failure, found

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

SAID = Person(
    name="Robin Sample",
    company="Example Widgets",
    domain="widgets.example",
    title="Head of Widgets",
    country="US",
    email="robin@widgets.example",
    linkedin_id="https://www.linkedin.com/in/robin-sample-000",
)
EMAIL = "robin@widgets.example"


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Prospeo)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_prospeo:")]
    assert entry.name == Prospeo.name
    assert entry.load() is Prospeo


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test prospeo`."""
    check_provider(Prospeo, CASES).assert_ok()


NAMES = {"first_name": "Robin", "last_name": "Sample"}


@pytest.mark.parametrize(
    ("method", "fields", "data"),
    [
        ("name", {**NAMES, "company": "Example Widgets"}, {**NAMES, "company_name": "Example Widgets"}),
        (
            "name",
            {**NAMES, "company": "Example Widgets", "domain": "widgets.example"},
            {**NAMES, "company_name": "Example Widgets", "company_website": "widgets.example"},
        ),
        (
            "linkedin",
            {**NAMES, "linkedin_id": "robin-sample-000"},
            {"linkedin_url": "https://www.linkedin.com/in/robin-sample-000"},
        ),
        ("email", {**NAMES, "email": EMAIL}, {"email": EMAIL}),
    ],
)
def test_each_method_sends_its_key_and_wants_verified_mobiles_only(
    vendor: Vendor, method: str, fields: dict[str, Any], data: dict[str, str]
) -> None:
    """A match without a mobile is then no match and costs nothing; nothing else of the contact is sent."""
    vendor.says(failure("NO_MATCH")).ask(method, **fields)
    [request] = vendor.asked
    assert (request.method, request.url) == ("POST", "https://api.prospeo.io/enrich-person")
    assert request.headers["x-key"] == vendor.key
    assert request.json() == {"data": data, "enrich_mobile": True, "only_verified_mobile": True}


def test_a_revealed_mobile_is_a_hit_and_the_switchboard_is_left_alone(vendor: Vendor) -> None:
    answer = vendor.says(found()).ask(email=EMAIL)
    assert answer == Hit(Number("+12025550143", type="mobile", country="US"), person=SAID)


def test_a_repeated_enrichment_is_free(vendor: Vendor) -> None:
    answer = vendor.says(found(free=True)).ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert answer.credits == 0


@pytest.mark.parametrize(
    "mobile",
    [MASKED, MASKED | {"revealed": True}, MOBILE | {"revealed": "yes"}, MOBILE | {"mobile": ""}, None],
)
@pytest.mark.parametrize("free", [False, True])
def test_a_masked_preview_is_never_a_number(vendor: Vendor, mobile: Any, free: bool) -> None:
    """The match itself costs one credit, unless it was bought before."""
    answer = vendor.says(found(free=free, mobile=mobile)).ask(email=EMAIL)
    assert answer == Miss(SAID, credits=Decimal(0 if free else 1))


def test_a_hidden_email_and_a_missing_company_are_not_passed_on(vendor: Vendor) -> None:
    hidden = {"status": "VERIFIED", "revealed": False, "email": "r****@widgets.example"}
    answer = vendor.says(found(company=None, email=hidden, location=None)).ask(email=EMAIL)
    assert answer.person is not None
    assert (answer.person.email, answer.person.company, answer.person.country) == (None, None, None)


@pytest.mark.parametrize(
    "said",
    [
        failure("NO_MATCH"),
        failure("NO_MATCH", 200),
        reply(200, {"error": False, "person": None, "company": None}),
        reply(200, {"error": False}),
    ],
)
def test_no_match_is_a_miss_that_costs_nothing(vendor: Vendor, said: Act) -> None:
    assert vendor.says(said).ask(email=EMAIL) == Miss()


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure("INSUFFICIENT_CREDITS"), errors.OutOfCredits),
    (failure("INSUFFICIENT_CREDITS", 200), errors.OutOfCredits),
    (failure("INVALID_API_KEY", 401), errors.KeyRefused),
    (failure("ACCOUNT_RESTRICTED"), errors.KeyRefused),
    (failure("RATE_LIMITED", 429), errors.RateLimited),
    (failure("RATE_LIMITED"), errors.RateLimited),
    (failure("INVALID_DATAPOINTS"), errors.RequestRefused),
    (failure("INVALID_REQUEST"), errors.RequestRefused),
    (failure("A_NEW_WORD"), errors.RequestRefused),
    (reply(400, {"error": True, "error_code": 7}), errors.RequestRefused),
    (reply(400, text="<html>bad request</html>"), errors.RequestRefused),
    (failure("INTERNAL_ERROR"), errors.ServerError),
    (reply(500), errors.ServerError),
    (reply(503, text="<html>busy</html>"), errors.ServerError),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"person": PERSON}), errors.Unreadable),
    (reply(200, {"error": False, "person": "Robin Sample"}), errors.Unreadable),
    (found(mobile="+12025550143"), errors.Unreadable),
    (found(mobile=MOBILE | {"mobile": 12025550143}), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(email=EMAIL)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-minute-request-left": "0", "x-minute-reset-seconds": "22"}, 22.0),
        ({"x-minute-request-left": "3", "x-minute-reset-seconds": "22"}, None),
        (
            {
                "x-daily-request-left": "0",
                "x-daily-reset-seconds": "50000",
                "x-minute-request-left": "0",
                "x-minute-reset-seconds": "22",
            },
            3600.0,
        ),
        ({"retry-after": "5", "x-minute-request-left": "0", "x-minute-reset-seconds": "22"}, 5.0),
        ({"x-minute-request-left": "0", "x-minute-reset-seconds": "soon"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_that_of_the_window_that_is_used_up(
    vendor: Vendor, headers: dict[str, str], wait: float | None
) -> None:
    vendor.says(reply(429, {"error": True, "error_code": "RATE_LIMITED"}, headers=headers))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(email=EMAIL)
    assert caught.value.retry_after == wait


def test_the_balance_is_asked_for_free(vendor: Vendor) -> None:
    body = {"error": False, "response": {"current_plan": "STARTER", "remaining_credits": 99, "used_credits": 1}}
    assert vendor.says(reply(200, body)).balance() == Credits(remaining=Decimal(99))
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/account-information")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (failure("INVALID_API_KEY", 401), errors.KeyRefused),
        (failure("INTERNAL_ERROR"), errors.ServerError),
        (reply(200, {"error": False, "response": {}}), errors.Unreadable),
        (reply(200, {"error": False, "response": {"remaining_credits": True}}), errors.Unreadable),
    ],
)
def test_a_balance_that_cannot_be_read_is_an_error(vendor: Vendor, said: Act, error: type[ProviderError]) -> None:
    vendor.says(said)
    with pytest.raises(error):
        vendor.balance()
