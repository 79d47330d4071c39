"""Every answer that Lusha documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_lusha import Lusha
from enrichcore_lusha_cases import (
    CASES,
    CONTACT,
    DIRECT,
    MOBILE,
    RESULT,
    answered,
    failure,
    found,
    no_result,
)

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL = CONTACT["email"]
NAMES: dict[str, Any] = {"first_name": "Robin", "last_name": "Sample"}
SAID = Person(
    name="Robin Sample",
    company="Example Widgets",
    domain="www.widgets.example",
    title="Head of Widgets",
    country="US",
    linkedin_id="https://www.linkedin.com/in/robin-sample-000",
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Lusha)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_lusha:")]
    assert entry.name == Lusha.name
    assert entry.load() is Lusha


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test lusha`."""
    check_provider(Lusha, CASES).assert_ok()


SENT = {"firstName": "Robin", "lastName": "Sample"}


@pytest.mark.parametrize(
    ("method", "fields", "sent"),
    [
        ("name", {**NAMES, "company": "Example Widgets"}, {**SENT, "companyName": "Example Widgets"}),
        ("name", {**NAMES, "domain": "widgets.example"}, {**SENT, "companyDomain": "widgets.example"}),
        (
            "linkedin",
            {**NAMES, "linkedin_id": "robin-sample-000"},
            {"linkedinUrl": "https://www.linkedin.com/in/robin-sample-000"},
        ),
        ("email", {**NAMES, "email": EMAIL}, {"email": EMAIL}),
    ],
)
def test_each_method_sends_its_key_and_reveals_phones_only(
    vendor: Vendor, method: str, fields: dict[str, Any], sent: dict[str, str]
) -> None:
    vendor.says(no_result("NOT_FOUND")).ask(method, **fields)
    [request] = vendor.asked
    assert (request.method, request.url) == ("POST", "https://api.lusha.com/v3/contacts/search-and-enrich")
    assert request.headers["api_key"] == vendor.key
    assert request.json() == {"contacts": [{"clientReferenceId": "1", **sent}], "reveal": ["phones"]}


def test_all_numbers_are_a_hit_with_their_do_not_call_flag(vendor: Vendor) -> None:
    assert vendor.says(found()).ask(email=EMAIL) == Hit(
        Number("+12025550143", type="mobile", do_not_call=False),
        Number("+1-202-555-0178", type="direct", do_not_call=True),
        person=SAID,
        credits=Decimal(6),
    )


def test_what_is_charged_is_what_the_answer_says(vendor: Vendor) -> None:
    """What was revealed before is free but for the search."""
    assert vendor.says(found(credits=1)).ask(email=EMAIL).credits == 1


@pytest.mark.parametrize("credits", [None, "6", True, -1])
def test_a_charge_that_is_no_number_counts_as_not_said(vendor: Vendor, credits: Any) -> None:
    assert vendor.says(found(credits=credits)).ask(email=EMAIL).credits is None


def test_a_revealed_email_is_passed_on(vendor: Vendor) -> None:
    emails = ["x", {"email": "r***@widgets.example"}, {"email": EMAIL, "type": "work", "confidence": "A+"}]
    answer = vendor.says(found(emails=emails)).ask("name", **NAMES, company="Example Widgets")
    assert answer.person is not None
    assert answer.person.email == EMAIL


@pytest.mark.parametrize("code", ["NOT_FOUND", "COMPLIANCE_RESTRICTED"])
def test_nobody_is_a_miss_with_status_200(vendor: Vendor, code: str) -> None:
    assert vendor.says(no_result(code)).ask(email=EMAIL) == Miss(credits=Decimal(0))


def test_a_block_by_law_is_a_miss(vendor: Vendor) -> None:
    assert vendor.says(failure(451)).ask(email=EMAIL) == Miss()


@pytest.mark.parametrize("phones", [[], None, [MOBILE | {"number": "+1202555****"}], [MOBILE | {"number": ""}]])
def test_a_contact_without_a_number_is_a_miss_that_says_who_it_is(vendor: Vendor, phones: Any) -> None:
    assert vendor.says(found(phones=phones, credits=1)).ask(email=EMAIL) == Miss(SAID, credits=Decimal(1))


@pytest.mark.parametrize("flag", [None, "no", 0])
def test_a_do_not_call_flag_that_is_none_says_nothing(vendor: Vendor, flag: Any) -> None:
    answer = vendor.says(found(phones=[MOBILE | {"doNotCall": flag}])).ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert answer.numbers == (Number("+12025550143", type="mobile"),)


def test_the_result_of_another_contact_is_left_alone(vendor: Vendor) -> None:
    other = RESULT | {"clientReferenceId": "2", "phones": [DIRECT]}
    answer = vendor.says(answered(other, RESULT | {"phones": [MOBILE]})).ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert [number.raw for number in answer.numbers] == [MOBILE["number"]]


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(401), errors.KeyRefused),
    (failure(402), errors.OutOfCredits),
    (failure(403), errors.KeyRefused),
    (failure(400), errors.RequestRefused),
    (failure(404), errors.RequestRefused),
    (failure(412), errors.RequestRefused),
    (failure(429), errors.RateLimited),
    (failure(499), errors.ServerError),
    (failure(500), errors.ServerError),
    (no_result("ENRICH_FAILED"), errors.ServerError),
    (no_result("A_NEW_WORD"), errors.Unreadable),
    (no_result(None), errors.Unreadable),
    (no_result(["NOT_FOUND"]), errors.Unreadable),
    (answered({"error": "NOT_FOUND"}), errors.Unreadable),
    (answered(), errors.Unreadable),
    (answered(RESULT, RESULT), errors.Unreadable),
    (answered("Robin Sample"), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"results": None}), errors.Unreadable),
    (answered({"clientReferenceId": "1", "id": "7"}), errors.Unreadable),
    (found(phones={"number": "+12025550143"}), errors.Unreadable),
    (found(phones=["+12025550143"]), errors.Unreadable),
    (found(phones=[MOBILE | {"number": 12025550143}]), errors.Unreadable),
    (found(phones=[MOBILE | {"number": True}]), errors.Unreadable),
]


def word(vendor: Vendor) -> str:
    """The code of the error, with the engine's reading of what a strict reader raises."""
    try:
        vendor.ask(email=EMAIL)
    except ProviderError as error:
        return error.code
    except (LookupError, TypeError, AttributeError):
        return errors.Unreadable.code
    return "no error"


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    assert word(vendor.says(said)) == error.code


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-minute-requests-left": "0"}, 60.0),
        ({"x-hourly-requests-left": "0", "x-minute-requests-left": "0"}, 600.0),
        ({"x-daily-requests-left": "0", "x-minute-requests-left": "4"}, 3600.0),
        ({"x-minute-requests-left": "4"}, None),
        ({"x-daily-requests-left": "0", "retry-after": "5"}, 5.0),
        ({}, None),
    ],
)
def test_the_wait_is_that_of_the_window_that_is_used_up(
    vendor: Vendor, headers: dict[str, str], wait: float | None
) -> None:
    vendor.says(reply(429, {"statusCode": 429}, headers=headers))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(email=EMAIL)
    assert caught.value.retry_after == wait


def test_the_balance_is_asked_for_free(vendor: Vendor) -> None:
    body = {"credits": {"total": 10000, "used": 1500, "remaining": 8500}}
    assert vendor.says(reply(200, body)).balance() == Credits(remaining=Decimal(8500))
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/v3/account/usage")


@pytest.mark.parametrize("left", [None, True, "99"])
def test_a_balance_that_is_no_number_is_unreadable(vendor: Vendor, left: Any) -> None:
    vendor.says(reply(200, {"credits": {"remaining": left}}))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
