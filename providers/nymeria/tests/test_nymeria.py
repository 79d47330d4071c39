"""Every answer that Nymeria documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_nymeria import Nymeria
from enrichcore_nymeria_cases import CASES, NOTHING, PERSON, failure, found

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL = "robin.sample@widgets.example"
SLUG = "robin-sample-000"
NAMES: dict[str, Any] = {"first_name": "Robin", "last_name": "Sample"}
SAID = Person(
    name="robin sample",
    company="example widgets",
    domain="widgets.example",
    title="head of widgets",
    country="united states",
    email=EMAIL,
    linkedin_id=SLUG,
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Nymeria)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_nymeria:")]
    assert entry.name == Nymeria.name
    assert entry.load() is Nymeria


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test nymeria`."""
    check_provider(Nymeria, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "query"),
    [
        ("linkedin", {"linkedin_id": SLUG}, {"profile": f"linkedin.com/in/{SLUG}"}),
        ("email", {"email": EMAIL}, {"email": EMAIL}),
    ],
)
def test_each_method_sends_its_key_and_wants_people_with_a_phone_only(
    vendor: Vendor, method: str, fields: dict[str, Any], query: dict[str, str]
) -> None:
    """A person without one is then a 404 and costs nothing; nothing else of the contact is sent."""
    vendor.says(failure(404, "not_found")).ask(method, **NAMES, **fields)
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/api/v4/person/enrich")
    assert request.url.startswith("https://www.nymeria.io/api/v4/person/enrich?")
    assert request.headers["x-api-key"] == vendor.key
    assert request.query == {**query, "require": "phone"}


def test_the_mobile_comes_first_and_each_number_once(vendor: Vendor) -> None:
    """Only the mobile has a type; the headers say what the answer cost."""
    assert vendor.says(found()).ask(email=EMAIL) == Hit(
        Number("+12025550143", type="mobile", country="united states"),
        Number("+1 (202) 555-0144", country="united states"),
        person=SAID,
        credits=Decimal(1),
    )


@pytest.mark.parametrize(
    ("changes", "raws"),
    [
        ({"mobile_phone": None}, ["+12025550143", "+1 (202) 555-0144"]),
        ({"phone_numbers": []}, ["+12025550143"]),
        ({"phone_numbers": None}, ["+12025550143"]),
        ({"phone_numbers": False}, ["+12025550143"]),
        ({"phone_numbers": "+1 202.555.0144"}, ["+12025550143", "+1 202.555.0144"]),
        ({"mobile_phone": True, "phone_numbers": [True, "+1 202 555 0144"]}, ["+1 202 555 0144"]),
        ({"phone_numbers": ["", None, "+1202555****"]}, ["+12025550143"]),
    ],
)
def test_what_is_not_said_leaves_the_other_numbers(vendor: Vendor, changes: dict[str, Any], raws: list[str]) -> None:
    answer = vendor.says(found(**changes)).ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert [number.raw for number in answer.numbers] == raws


@pytest.mark.parametrize(
    "changes",
    [
        NOTHING,
        {"mobile_phone": True, "phone_numbers": True},
        {"mobile_phone": False, "phone_numbers": None},
        {"mobile_phone": "+1 202-555-****", "phone_numbers": ["+1 202 555 xxxx"]},
        {"mobile_phone": "", "phone_numbers": [""]},
    ],
)
def test_a_person_without_a_number_is_a_miss_that_was_paid_for(vendor: Vendor, changes: dict[str, Any]) -> None:
    """A true says only that there is one, and stars hide it."""
    assert vendor.says(found(**changes)).ask(email=EMAIL) == Miss(SAID, credits=Decimal(1))


@pytest.mark.parametrize(
    ("header", "credits"), [("0", Decimal(0)), ("2.5", Decimal("2.5")), ("one", None), ("-1", None), ("", None)]
)
def test_what_it_cost_is_read_only_where_it_is_a_number(vendor: Vendor, header: str, credits: Decimal | None) -> None:
    vendor.says(reply(200, {"status": 200, "data": PERSON}, headers={"x-call-credits-spent": header}))
    assert vendor.ask(email=EMAIL).credits == credits


@pytest.mark.parametrize(
    ("asked", "passed_on"),
    [
        ("robin.sample@post.example", "robin.sample@post.example"),
        ("ROBIN.SAMPLE@widgets.example", EMAIL),
        ("robin@other.example", EMAIL),
    ],
)
def test_the_mailbox_that_was_asked_for_is_the_one_passed_on(vendor: Vendor, asked: str, passed_on: str) -> None:
    """A private address that the vendor lists is no other mailbox; one that it does not list is."""
    answer = vendor.says(found()).ask(email=asked)
    assert answer.person is not None
    assert answer.person.email == passed_on


@pytest.mark.parametrize("changes", [{"full_name": None}, {"emails": None, "personal_emails": "none"}])
def test_a_field_that_is_missing_is_made_up_for_where_it_can_be(vendor: Vendor, changes: dict[str, Any]) -> None:
    assert vendor.says(found(**changes)).ask(email=EMAIL).person == SAID


def test_a_word_with_two_x_is_no_hidden_one(vendor: Vendor) -> None:
    """Only in a number do they stand for digits."""
    answer = vendor.says(found(full_name="robin foxx", work_email="r_foxx@widgets.example")).ask(linkedin_id=SLUG)
    assert answer.person is not None
    assert (answer.person.name, answer.person.email) == ("robin foxx", "r_foxx@widgets.example")


@pytest.mark.parametrize("said", [failure(404, "not_found"), failure(200, "not_found")])
def test_nobody_is_a_free_miss(vendor: Vendor, said: Act) -> None:
    assert vendor.says(said).ask(linkedin_id=SLUG) == Miss()


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(400, "invalid_request_error"), errors.RequestRefused),
    (failure(401, "invalid_request_error"), errors.KeyRefused),
    (failure(402, "account_error"), errors.OutOfCredits),
    (failure(404, "invalid_request_error"), errors.RequestRefused),
    (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
    (reply(404, []), errors.RequestRefused),
    (failure(429, "invalid_request_error"), errors.RateLimited),
    (failure(503, "server_error"), errors.RateLimited),
    (reply(503, text="<html>busy</html>"), errors.ServerError),
    (failure(500, "server_error"), errors.ServerError),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"status": 200}), errors.Unreadable),
    (reply(200, {"status": 200, "data": []}), errors.Unreadable),
    (reply(200, {"status": 200, "data": [PERSON]}), errors.Unreadable),
    (reply(200, {"status": 200, "data": {"full_name": "robin sample"}}), errors.Unreadable),
    (failure(200, "server_error"), errors.Unreadable),
    (found(mobile_phone=12025550143), errors.Unreadable),
    (found(phone_numbers=[{"number": "+12025550143"}]), errors.Unreadable),
    (found(phone_numbers={"mobile": "+12025550143"}), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(email=EMAIL)
    assert type(caught.value) is error
