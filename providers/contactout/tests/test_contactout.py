"""Every answer that ContactOut documents, and what becomes of it."""

import re
from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_contactout import Contactout
from enrichcore_contactout_cases import CAMEL, CASES, CONTACT, CONTACT_DATA, URL, failure, found

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL = CONTACT["email"]
NAMES: dict[str, Any] = {"first_name": "Robin", "last_name": "Sample"}
SAID = Person(
    name="Robin Sample",
    company="Example Widgets",
    domain="widgets.example",
    title="Head of Widgets at Example Widgets",
    country="United States",
    email=EMAIL,
    linkedin_id=URL,
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Contactout)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_contactout:")]
    assert entry.name == Contactout.name
    assert entry.load() is Contactout


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test contactout`."""
    check_provider(Contactout, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "body"),
    [
        ("name", {**NAMES, "company": "Example Widgets"}, {**NAMES, "company": ["Example Widgets"]}),
        ("name", {**NAMES, "domain": "widgets.example"}, {**NAMES, "company_domain": ["widgets.example"]}),
        ("email", {**NAMES, "email": EMAIL}, {"email": EMAIL}),
    ],
)
def test_by_name_and_email_the_person_is_enriched_with_a_phone(
    vendor: Vendor, method: str, fields: dict[str, Any], body: dict[str, Any]
) -> None:
    vendor.says(failure(404, "Not Found")).ask(method, **fields)
    [request] = vendor.asked
    assert (request.method, request.url) == ("POST", "https://api.contactout.com/v1/people/enrich")
    assert request.headers["token"] == vendor.key
    assert request.json() == {**body, "include": ["phone"]}


def test_by_linkedin_only_the_phone_is_asked_for(vendor: Vendor) -> None:
    """The full address is sent, and no email is paid for."""
    vendor.says(failure(404, "Not Found")).ask("linkedin", **NAMES, linkedin_id="robin-sample-000")
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/v1/people/linkedin")
    assert request.headers["token"] == vendor.key
    assert request.query == {"profile": URL, "include_phone": "true", "email_type": "none"}


def test_a_profile_with_a_phone_is_a_hit(vendor: Vendor) -> None:
    assert vendor.says(found()).ask(email=EMAIL) == Hit(Number("+12025550143"), person=SAID)


def test_single_values_in_camel_case_are_read_as_well(vendor: Vendor) -> None:
    """The number has a space before it and a dot in it: it stays as the vendor wrote it."""
    answer = vendor.says(found(CAMEL)).ask("name", **NAMES, company="Example Widgets")
    assert isinstance(answer, Hit)
    assert [number.raw for number in answer.numbers] == [" +1.2025550143"]
    assert answer.person == Person(
        name="Robin Sample",
        company="Example Widgets",
        domain="widgets.example",
        title="Head of Widgets",
        email=EMAIL,
        linkedin_id=URL,
    )


def test_a_number_with_odd_punctuation_is_accepted_by_the_engine(vendor: Vendor) -> None:
    assert vendor.says(found(CAMEL)).enrich(email=EMAIL).phone == "+12025550143"


@pytest.mark.parametrize(
    ("changes", "asked", "email"),
    [
        ({}, "robin.sample@mail.example", "robin.sample@mail.example"),
        ({}, "Robin.Sample@MAIL.example", "robin.sample@mail.example"),
        ({}, "old@widgets.example", EMAIL),
        ({"work_email_status": {EMAIL: "Unverified"}}, "old@widgets.example", "robin.sample@mail.example"),
        ({"work_email_status": {EMAIL: "Verified"}}, "old@widgets.example", EMAIL),
        ({"work_email": ["r***@widgets.example"], "email": None, "personal_email": 7}, "old@widgets.example", None),
    ],
)
def test_the_email_that_is_passed_on(vendor: Vendor, changes: dict[str, Any], asked: str, email: str | None) -> None:
    """The one that was asked for, else one of work that is not known to be bad."""
    answer = vendor.says(found(**changes)).ask(email=asked)
    assert answer.person is not None
    assert answer.person.email == email


@pytest.mark.parametrize(
    "said",
    [
        failure(404, "Not Found"),
        reply(404, {"status_code": 404}),
        found([]),
    ],
)
def test_nobody_is_a_miss(vendor: Vendor, said: Act) -> None:
    assert vendor.says(said).ask(email=EMAIL) == Miss()


@pytest.mark.parametrize("phone", [[], None, "", " ", [""], ["+1 202-555-****"]])
def test_a_profile_without_a_number_is_a_miss_that_says_who_it_is(vendor: Vendor, phone: Any) -> None:
    assert vendor.says(found(phone=phone)).ask(email=EMAIL) == Miss(SAID)


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(400, "Bad credentials"), errors.KeyRefused),
    (failure(401, "Bad input"), errors.RequestRefused),
    (failure(403, "You have run out of credits"), errors.OutOfCredits),
    (failure(403, "Phone quota exceeded"), errors.OutOfCredits),
    (failure(403, "You have no access to this endpoint"), errors.KeyRefused),
    (reply(403, {"message": ["credits"]}), errors.KeyRefused),
    (reply(403, text="<html>forbidden</html>"), errors.KeyRefused),
    (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
    (reply(404, {"message": "no route"}), errors.RequestRefused),
    (reply(429), errors.RateLimited),
    (reply(500), errors.ServerError),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"status_code": 200}), errors.Unreadable),
    (found("robin"), errors.Unreadable),
    (found([CONTACT_DATA]), errors.Unreadable),
    (found(phone=True), errors.Unreadable),
    (found(phone=[12025550143]), errors.Unreadable),
    (found(phone={"number": "+12025550143"}), errors.Unreadable),
    (found({"url": URL}), errors.Unreadable),
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
    """The vendor's 400 is a bad key and its 401 a bad question, the other way round than elsewhere."""
    assert word(vendor.says(said)) == error.code


@pytest.mark.parametrize(
    ("usage", "left"),
    [
        ({"phone_quota": 100, "phone_remaining": 99}, 99),
        ({"phone_quota": 100}, 100),
    ],
)
def test_the_balance_is_that_of_the_phone_credits_of_this_month(
    vendor: Vendor, usage: dict[str, int], left: int
) -> None:
    """A prepaid account has no remainder: its quota is what is left."""
    answer = vendor.says(reply(200, {"usage": usage})).balance()
    assert answer == Credits(remaining=Decimal(left), detail="phone credits")
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/v1/stats")
    assert re.fullmatch(r"20\d\d-[01]\d", request.query["period"])


@pytest.mark.parametrize("left", [None, True, "99"])
def test_a_balance_that_is_no_number_is_unreadable(vendor: Vendor, left: Any) -> None:
    vendor.says(reply(200, {"usage": {"phone_remaining": left}}))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
