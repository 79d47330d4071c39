"""Every answer that Hunter documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_hunter import Hunter
from enrichcore_hunter_cases import CASES, CONTACT, NOBODY, failure, finder, person

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL, SLUG = CONTACT["email"], CONTACT["linkedin_id"]
NAMES: dict[str, Any] = {"first_name": "Robin", "last_name": "Sample"}
BY_NAME = {**NAMES, "company": "Example Widgets"}
SAID = Person(
    name="Robin Sample",
    company="Example Widgets",
    domain="widgets.example",
    title="Head of Widgets",
    email=EMAIL,
    linkedin_id=SLUG,
)
FOUND = Person(
    name="Robin Sample",
    company="Example Widgets",
    domain="widgets.example",
    title="Head of Widgets",
    email=EMAIL,
    linkedin_id=f"https://www.linkedin.com/in/{SLUG}",
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Hunter)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_hunter:")]
    assert entry.name == Hunter.name
    assert entry.load() is Hunter


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test hunter`."""
    check_provider(Hunter, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "path", "sent"),
    [
        ("name", BY_NAME, "/v2/email-finder", {**NAMES, "company": "Example Widgets"}),
        (
            "name",
            {**BY_NAME, "domain": "widgets.example"},
            "/v2/email-finder",
            {**NAMES, "company": "Example Widgets", "domain": "widgets.example"},
        ),
        ("linkedin", {**NAMES, "linkedin_id": SLUG}, "/v2/people/find", {"linkedin_handle": SLUG}),
        ("email", {**NAMES, "email": EMAIL}, "/v2/people/find", {"email": EMAIL}),
    ],
)
def test_each_method_has_its_call_and_the_key_in_a_header(
    vendor: Vendor, method: str, fields: dict[str, Any], path: str, sent: dict[str, str]
) -> None:
    """The slug of a profile is sent, not its address; the key is in no address."""
    vendor.says(failure(404)).ask(method, **fields)
    [request] = vendor.asked
    assert (request.method, request.path, request.query) == ("GET", path, sent)
    assert request.headers["x-api-key"] == vendor.key


def test_a_number_beside_the_email_is_a_hit(vendor: Vendor) -> None:
    answer = vendor.says(finder()).ask("name", **BY_NAME)
    assert answer == Hit(Number("+1 202 555 0178"), person=FOUND, credits=Decimal(1))


def test_a_number_of_the_person_is_a_hit(vendor: Vendor) -> None:
    assert vendor.says(person()).ask(email=EMAIL) == Hit(Number("+1 202 555 0178"), person=SAID)


@pytest.mark.parametrize("phone", [None, "", " ", "+1 202 555 ****"])
def test_without_a_number_the_email_and_the_profile_are_passed_on(vendor: Vendor, phone: Any) -> None:
    assert vendor.says(finder(phone_number=phone)).ask("name", **BY_NAME) == Miss(FOUND, credits=Decimal(1))
    assert Vendor(Hunter, person(phone=phone)).ask("linkedin", linkedin_id=SLUG) == Miss(SAID)


def test_a_field_for_a_number_that_is_missing_is_no_number(vendor: Vendor) -> None:
    assert vendor.says(reply(200, {"data": {"email": EMAIL}})).ask(email=EMAIL) == Miss(Person(email=EMAIL))


def test_a_name_without_an_email_is_a_miss_that_costs_nothing(vendor: Vendor) -> None:
    """What the answer says then is our own question."""
    assert vendor.says(finder(**NOBODY)).ask("name", **BY_NAME) == Miss(credits=Decimal(0))


def test_a_number_without_an_email_costs_nothing(vendor: Vendor) -> None:
    answer = vendor.says(finder(email=None)).ask("name", **BY_NAME)
    assert isinstance(answer, Hit)
    assert answer.credits == 0


@pytest.mark.parametrize(
    ("verdict", "email"),
    [({"status": "invalid"}, None), ({"status": "accept_all"}, EMAIL), ({"status": None}, EMAIL), (None, EMAIL)],
)
def test_an_email_that_is_known_to_be_bad_is_not_passed_on(vendor: Vendor, verdict: Any, email: str | None) -> None:
    answer = vendor.says(finder(verification=verdict)).ask("name", **BY_NAME)
    assert answer.person is not None
    assert answer.person.email == email


@pytest.mark.parametrize("status", [404, 451])
@pytest.mark.parametrize(
    ("method", "fields"), [("name", BY_NAME), ("linkedin", {"linkedin_id": SLUG}), ("email", {"email": EMAIL})]
)
def test_nobody_is_a_miss(vendor: Vendor, status: int, method: str, fields: dict[str, Any]) -> None:
    assert vendor.says(failure(status)).ask(method, **fields) == Miss()


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(401), errors.KeyRefused),
    (failure(403), errors.RateLimited),
    (failure(429), errors.OutOfCredits),
    (failure(400), errors.RequestRefused),
    (failure(422), errors.RequestRefused),
    (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
    (reply(404, {"errors": []}), errors.RequestRefused),
    (reply(404, []), errors.RequestRefused),
    (reply(202, {"data": None}), errors.ServerError),
    (failure(500), errors.ServerError),
    (reply(200, []), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
    (reply(200, {"data": None}), errors.Unreadable),
    (reply(200, {"data": []}), errors.Unreadable),
    (reply(200, {"data": {"phone": "+1 202 555 0178"}}), errors.Unreadable),
    (person(phone=True), errors.Unreadable),
    (person(phone=12025550178), errors.Unreadable),
    (person(phone=["+1 202 555 0178"]), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    """403 is the rate and 429 the plan, the other way round than elsewhere."""
    vendor.says(said)
    try:
        vendor.ask(email=EMAIL)
    except ProviderError as caught:
        code = caught.code
    except (LookupError, TypeError, AttributeError):
        code = errors.Unreadable.code  # so the engine reads it
    else:
        code = "no error"
    assert code == error.code


def test_a_search_that_goes_on_is_asked_for_again(vendor: Vendor) -> None:
    attempt = vendor.says(reply(202, {"data": None}), finder()).attempt("name", **BY_NAME)
    assert (attempt.outcome, attempt.tries) == ("hit", 2)


@pytest.mark.parametrize(
    ("requests", "left"),
    [
        ({"credits": {"used": 1.5, "available": 100}}, "98.5"),
        ({"credits": {"used": 120, "available": 100}}, "0"),
        ({"searches": {"used": 1, "available": 25}, "verifications": {"used": 0, "available": 50}}, "24"),
        ({"credits": None, "searches": {"used": 1, "available": 25}}, "24"),
    ],
)
def test_the_balance_is_what_is_available_less_what_is_used(vendor: Vendor, requests: Any, left: str) -> None:
    assert vendor.says(reply(200, {"data": {"requests": requests}})).balance() == Credits(remaining=Decimal(left))
    [request] = vendor.asked
    assert (request.method, request.path, request.query) == ("GET", "/v2/account", {})


@pytest.mark.parametrize("used", [None, True, "1"])
def test_a_balance_that_is_no_number_is_unreadable(vendor: Vendor, used: Any) -> None:
    vendor.says(reply(200, {"data": {"requests": {"credits": {"used": used, "available": 100}}}}))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
