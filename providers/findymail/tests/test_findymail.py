"""Every answer of Findymail that is known, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_findymail import Findymail
from enrichcore_findymail_cases import CASES, NOBODY, PHONE, PROFILE, failure

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

NAMES: dict[str, Any] = {"first_name": "Robin", "last_name": "Sample"}
SLUG = "robin-sample-000"
EMAIL = "robin@widgets.example"


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Findymail)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_findymail:")]
    assert entry.name == Findymail.name
    assert entry.load() is Findymail


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test findymail`."""
    check_provider(Findymail, CASES).assert_ok()


@pytest.mark.parametrize(
    ("fields", "path", "body"),
    [
        ({"linkedin_id": SLUG}, "phone", {"linkedin_url": f"https://www.linkedin.com/in/{SLUG}"}),
        ({"email": EMAIL}, "reverse-email", {"email": EMAIL, "with_profile": True}),
    ],
)
def test_each_method_sends_its_key_and_nothing_else(
    vendor: Vendor, fields: dict[str, Any], path: str, body: dict[str, Any]
) -> None:
    vendor.says(NOBODY).ask("email" if "email" in fields else "linkedin", **NAMES, **fields)
    [request] = vendor.asked
    assert (request.method, request.url) == ("POST", f"https://app.findymail.com/api/search/{path}")
    assert request.headers["authorization"] == f"Bearer {vendor.key}"
    assert request.json() == body


def test_a_phone_is_a_hit_with_the_vendor_s_word_for_its_line(vendor: Vendor) -> None:
    assert vendor.says(reply(200, PHONE)).ask(linkedin_id=SLUG) == Hit(Number("+12025550143", type="Mobile"))


@pytest.mark.parametrize("line_type", [None, "", 7, []])
def test_a_line_type_that_is_not_said_is_not_guessed(vendor: Vendor, line_type: Any) -> None:
    assert vendor.says(reply(200, PHONE | {"line_type": line_type})).ask(linkedin_id=SLUG) == Hit(
        Number("+12025550143")
    )


@pytest.mark.parametrize(
    "said",
    [
        reply(200, {"phone": None, "line_type": None}),
        reply(200, {"phone": ""}),
        reply(200, {"phone": " "}),
        reply(200, {"phone": "+1 202-555-****"}),
        reply(200, {"phone": "+1 202 555 xxxx"}),
        reply(200, {"phone": None, "error": None}),
        NOBODY,
    ],
)
def test_no_number_and_a_hidden_one_are_a_free_miss(vendor: Vendor, said: Act) -> None:
    """The clients of the vendor disagree about null and 404: both are read."""
    assert vendor.says(said).ask(linkedin_id=SLUG) == Miss()


def test_by_email_it_says_whose_profile_it_is_but_never_a_number(vendor: Vendor) -> None:
    """The LinkedIn id is what the cascade goes on with; a number beside it is not documented and not taken."""
    answer = vendor.says(reply(200, PROFILE | {"phone": "+12025550143"})).ask(email=EMAIL)
    assert answer == Miss(
        Person(
            name="Robin Sample",
            company="Example Widgets",
            domain="https://widgets.example",
            title="Head of Widgets",
            country="United States",
            email=EMAIL,
            linkedin_id=f"https://www.linkedin.com/in/{SLUG}",
        ),
        credits=Decimal(2),
    )


def test_a_word_with_two_x_is_no_hidden_one(vendor: Vendor) -> None:
    """Only in a number do they stand for digits."""
    answer = vendor.says(reply(200, PROFILE | {"fullName": "Robin Foxx"})).ask(email=EMAIL)
    assert answer.person is not None
    assert answer.person.name == "Robin Foxx"


@pytest.mark.parametrize("profile", [None, "", "https://www.linkedin.com/in/r****"])
def test_an_email_without_a_profile_is_a_free_miss(vendor: Vendor, profile: str | None) -> None:
    assert vendor.says(reply(200, {"linkedin_url": profile})).ask(email=EMAIL) == Miss()


def test_the_profile_found_by_email_is_what_the_phone_is_asked_with(vendor: Vendor) -> None:
    """Email, then LinkedIn, then phone: one cascade, paid for twice."""
    vendor.says(reply(200, PROFILE), reply(200, PHONE))
    result = vendor.enrich(email=EMAIL, **NAMES)
    assert (result.phone, result.line_type, result.linkedin_id) == ("+12025550143", "mobile", SLUG)
    assert [request.path for request in vendor.asked] == ["/api/search/reverse-email", "/api/search/phone"]
    assert str(result.cost) == "0.60"


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(401), errors.KeyRefused),
    (failure(403), errors.KeyRefused),
    (failure(423), errors.KeyRefused),
    (failure(402), errors.OutOfCredits),
    (reply(200, {"error": "Not enough credits"}), errors.OutOfCredits),
    (reply(200, {"error": "Invalid profile"}), errors.RequestRefused),
    (reply(200, {"error": True}), errors.RequestRefused),
    (failure(422), errors.RequestRefused),
    (failure(404, "The route api/search/phones could not be found."), errors.RequestRefused),
    (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
    (failure(429), errors.RateLimited),
    (failure(500), errors.ServerError),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
@pytest.mark.parametrize("fields", [{"linkedin_id": SLUG}, {"email": EMAIL}])
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError], fields: dict[str, Any]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(**fields)
    assert type(caught.value) is error


@pytest.mark.parametrize("phone", [True, False, 12025550143, ["+12025550143"], {"number": "+12025550143"}])
def test_a_phone_of_another_kind_is_unreadable(vendor: Vendor, phone: Any) -> None:
    """A true says only that there is a number."""
    vendor.says(reply(200, PHONE | {"phone": phone}))
    with pytest.raises(errors.Unreadable):
        vendor.ask(linkedin_id=SLUG)


def test_the_balance_is_that_of_the_finder(vendor: Vendor) -> None:
    assert vendor.says(reply(200, {"credits": 940, "verifier_credits": 12})).balance() == Credits(
        remaining=Decimal(940)
    )
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/api/credits")


@pytest.mark.parametrize("body", [{}, [], {"credits": "940"}, {"credits": True}, {"credits": -1}])
def test_a_balance_that_cannot_be_read_is_an_error(vendor: Vendor, body: Any) -> None:
    vendor.says(reply(200, body))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
