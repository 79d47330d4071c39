"""Every answer that is known of Datagma, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_datagma import Datagma
from enrichcore_datagma_cases import CASES, CONTACT, MOBILE, URL, failure, full, searched

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL = CONTACT["email"]
NAMES: dict[str, Any] = {"first_name": "Robin", "last_name": "Sample"}
BY_NAME = {**NAMES, "company": "Example Widgets"}
SAID = Person(
    name="Robin Sample",
    company="Example Widgets",
    title="Head of Widgets",
    email=EMAIL,
    linkedin_id=URL,
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Datagma)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_datagma:")]
    assert entry.name == Datagma.name
    assert entry.load() is Datagma


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test datagma`."""
    check_provider(Datagma, CASES).assert_ok()


def test_it_is_experimental() -> None:
    assert Datagma.experimental


@pytest.mark.parametrize(
    ("method", "fields", "path", "sent"),
    [
        (
            "name",
            {**BY_NAME, "domain": "widgets.example"},
            "/v2/full",
            {"fullName": "Robin Sample", "companyName": "Example Widgets", "data": "EMAIL", "phoneFull": "true"},
        ),
        (
            "name",
            {**NAMES, "domain": "widgets.example"},
            "/v2/full",
            {"fullName": "Robin Sample", "domain": "widgets.example", "data": "EMAIL", "phoneFull": "true"},
        ),
        (
            "linkedin",
            {**NAMES, "linkedin_id": "robin-sample-000"},
            "/v1/search",
            {"username": URL, "minimumMatch": "1", "whatsappCheck": "true"},
        ),
        (
            "email",
            {**NAMES, "email": EMAIL},
            "/v1/search",
            {"email": EMAIL, "minimumMatch": "1", "whatsappCheck": "true"},
        ),
    ],
)
def test_each_method_has_its_call_and_the_key_in_the_query(
    vendor: Vendor, method: str, fields: dict[str, Any], path: str, sent: dict[str, str]
) -> None:
    vendor.says(failure(5)).ask(method, **fields)
    [request] = vendor.asked
    assert (request.method, request.path, request.body) == ("GET", f"/api/ingress{path}", b"")
    assert request.query == {**sent, "apiId": vendor.key}


def test_by_email_the_person_of_the_search_is_passed_on(vendor: Vendor) -> None:
    answer = vendor.says(searched()).ask(email=EMAIL)
    assert answer == Hit(Number("+1 202-555-0143", type="mobile"), person=SAID, credits=Decimal(30))


def test_by_name_the_profile_costs_two_credits_more(vendor: Vendor) -> None:
    answer = vendor.says(full([MOBILE], personConfidenceScore=80)).ask("name", **BY_NAME)
    assert isinstance(answer, Hit)
    assert (answer.credits, answer.person and answer.person.country) == (Decimal(32), "US")
    assert answer.person is not None
    assert answer.person.score == 0.8


@pytest.mark.parametrize(
    ("score", "passed"), [(0.5, 0.5), (1, 1.0), (101, None), (-1, None), (True, None), ("80", None)]
)
def test_a_score_is_a_share_or_a_percentage(vendor: Vendor, score: Any, passed: float | None) -> None:
    person = vendor.says(full([MOBILE], personConfidenceScore=score)).ask("name", **BY_NAME).person
    assert person is not None
    assert person.score == passed


@pytest.mark.parametrize(
    ("phone", "raw"),
    [
        (MOBILE, "+1 202-555-0143"),
        (MOBILE | {"displayInternational": None}, "+12025550143"),
        (MOBILE | {"displayInternational": "", "number": 2025550143, "countryCode": "1"}, "+12025550143"),
        (MOBILE | {"displayInternational": None, "countryCode": "+1"}, "+12025550143"),
        (MOBILE | {"displayInternational": None, "countryCode": None}, "2025550143"),
        (MOBILE | {"displayInternational": None, "countryCode": True}, "2025550143"),
        (MOBILE | {"displayInternational": None, "number": "+1 (202) 555-0143"}, "+1 (202) 555-0143"),
        ("+12025550143", "+12025550143"),
    ],
)
def test_a_number_is_the_international_form_or_put_together(vendor: Vendor, phone: Any, raw: str) -> None:
    answer = vendor.says(searched(phones=[phone])).ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert [number.raw for number in answer.numbers] == [raw]


@pytest.mark.parametrize(
    "body",
    [
        {"person": {"phones": [MOBILE]}},
        {"phoneFull": {"phones": [MOBILE]}},
        {"phones": [MOBILE]},
        {"phone": "+1 202-555-0143"},
        {"person": {"phones": [MOBILE]}, "phoneFull": {"phones": [MOBILE]}, "phones": [MOBILE]},
    ],
)
def test_numbers_are_found_wherever_a_client_has_seen_them_and_each_once(vendor: Vendor, body: Any) -> None:
    answer = vendor.says(reply(200, body)).ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert [number.raw for number in answer.numbers] == ["+1 202-555-0143"]


def test_landlines_are_free(vendor: Vendor) -> None:
    assert vendor.says(searched(phones=[MOBILE | {"type": "landline"}])).ask(email=EMAIL).credits == 0


@pytest.mark.parametrize(
    "phones",
    [[], None, [""], [MOBILE | {"displayInternational": "+1 202-555-****"}], [{"number": None}], "+1202555****"],
)
def test_nothing_or_a_masked_preview_is_a_miss_that_says_who_it_is(vendor: Vendor, phones: Any) -> None:
    assert vendor.says(searched(phones=phones)).ask(email=EMAIL) == Miss(SAID, credits=Decimal(0))


def test_several_possible_people_are_nobody(vendor: Vendor) -> None:
    body = {"person": None, "possiblePersons": [{"match": 90, "phones": [MOBILE]}, {"match": 80, "phones": [MOBILE]}]}
    assert vendor.says(reply(200, body)).ask(email=EMAIL) == Miss(credits=Decimal(0))


def test_a_message_about_the_credits_of_an_answer_is_no_error(vendor: Vendor) -> None:
    body = {"message": "30 credits used", "person": {"phones": [MOBILE]}}
    assert isinstance(vendor.says(reply(200, body)).ask(email=EMAIL), Hit)


@pytest.mark.parametrize("said", [failure(5), failure("5"), failure(5, 404), failure(5, 400)])
def test_not_found_is_a_code_in_the_body(vendor: Vendor, said: Act) -> None:
    assert vendor.says(said).ask(email=EMAIL) == Miss()


def test_nobody_is_a_miss_that_costs_nothing(vendor: Vendor) -> None:
    assert vendor.says(reply(200, {"person": None, "phoneFull": None})).ask("name", **BY_NAME) == Miss(
        credits=Decimal(0)
    )


def test_the_address_that_was_asked_for_is_passed_on(vendor: Vendor) -> None:
    emails = [{"address": "old@widgets.example"}, "x", {"address": "Robin@mail.example"}]
    answer = vendor.says(searched(emails=emails)).ask(email="robin@mail.example")
    assert answer.person is not None
    assert answer.person.email == "Robin@mail.example"


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(13), errors.OutOfCredits),
    (failure("13"), errors.OutOfCredits),
    (failure(13, 500), errors.OutOfCredits),
    (failure(2, 200, "Can't get credit"), errors.OutOfCredits),
    (reply(403, {"message": "can't get credit"}), errors.OutOfCredits),
    (failure(3), errors.RequestRefused),
    (failure(3, 400), errors.RequestRefused),
    (failure(16), errors.KeyRefused),
    (failure(7, 403), errors.KeyRefused),
    (failure(99), errors.Unreadable),
    (reply(401, text="unauthorized"), errors.KeyRefused),
    (reply(402), errors.OutOfCredits),
    (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
    (reply(404, []), errors.RequestRefused),
    (failure(0, 404), errors.RequestRefused),
    (reply(429), errors.RateLimited),
    (reply(500, text="<html>busy</html>"), errors.ServerError),
    (reply(200, []), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
    (reply(200, {"code": True}), errors.Unreadable),
    (reply(200, {"person": []}), errors.Unreadable),
    (reply(200, {"phoneFull": "none"}), errors.Unreadable),
    (searched(phones=True), errors.Unreadable),
    (searched(phones=[12025550143]), errors.Unreadable),
    (searched(phones=[{"displayInternational": True}]), errors.Unreadable),
    (searched(phones=[{"number": [1]}]), errors.Unreadable),
    (searched(phones=[{"countryCode": 1}]), errors.Unreadable),
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


@pytest.mark.parametrize("field", ["credit", "credits"])
def test_the_balance_is_asked_for_free(vendor: Vendor, field: str) -> None:
    assert vendor.says(reply(200, {field: 99})).balance() == Credits(remaining=Decimal(99))
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/api/ingress/v1/mine")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (reply(200, {"credits": True}), errors.Unreadable),
        (reply(200, {"credit": "99"}), errors.Unreadable),
        (failure(16), errors.KeyRefused),
    ],
)
def test_a_balance_that_cannot_be_read_is_an_error(vendor: Vendor, said: Act, error: type[ProviderError]) -> None:
    vendor.says(said)
    with pytest.raises(error):
        vendor.balance()
