"""Every answer that Dropcontact documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_dropcontact import Dropcontact
from enrichcore_dropcontact_cases import CASES, ID, NOBODY, PENDING, ROW, SUBMITTED, detail, failure, result

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, Number, Person, Query
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL = "mara@northquay.example"
BY_EMAIL = EmailQuery(email=EMAIL)
BY_LINKEDIN = LinkedInQuery(linkedin_id="mara-ellsworth-0141")
NAMES = {"first_name": "Mara", "last_name": "Ellsworth"}
SAID = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    domain="www.northquay.example",
    email=EMAIL,
    linkedin_id="www.linkedin.com/in/mara-ellsworth-0141",
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Dropcontact)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_dropcontact:")]
    assert entry.name == Dropcontact.name
    assert entry.load() is Dropcontact


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test dropcontact`."""
    check_provider(Dropcontact, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "who"),
    [
        ("name", {**NAMES, "company": "Northquay Ltd"}, {**NAMES, "company": "Northquay Ltd"}),
        ("name", {**NAMES, "domain": "northquay.example"}, {**NAMES, "website": "northquay.example"}),
        (
            "linkedin",
            {**NAMES, "linkedin_id": "mara-ellsworth-0141"},
            {"linkedin": "https://www.linkedin.com/in/mara-ellsworth-0141"},
        ),
        ("email", {**NAMES, "email": EMAIL}, {"email": EMAIL}),
    ],
)
def test_each_method_sends_its_key_alone(
    vendor: Vendor, method: str, fields: dict[str, Any], who: dict[str, str]
) -> None:
    vendor.says(SUBMITTED, result(NOBODY)).ask(method, **fields)
    submit, poll = vendor.asked
    assert (submit.method, submit.url) == ("POST", "https://api.dropcontact.com/v1/enrich/all")
    assert submit.headers["x-access-token"] == vendor.key
    assert submit.json() == {"data": [who], "siren": False, "language": "en"}
    assert (poll.method, poll.url) == ("GET", f"https://api.dropcontact.com/v1/enrich/all/{ID}")


def test_the_mobile_is_a_hit_and_the_company_line_is_left_alone(vendor: Vendor) -> None:
    answer = vendor.says(result(ROW)).collect(ID, BY_LINKEDIN)
    assert answer == Hit(Number("+1 202-555-0123", type="mobile"), person=SAID, credits=Decimal(1))


def test_not_ready_is_the_job_again(vendor: Vendor) -> None:
    assert vendor.says(PENDING).collect(ID, BY_EMAIL) == Job(ID)


NONE = {"email": None, "mobile_phone": None}


@pytest.mark.parametrize(
    ("row", "query", "spent"),
    [
        (NOBODY, BY_LINKEDIN, 0),
        (NOBODY, BY_EMAIL, 1),
        (ROW | {"mobile_phone": None}, BY_LINKEDIN, 1),
        (ROW | {"mobile_phone": ""}, BY_LINKEDIN, 1),
        (ROW | {"mobile_phone": "+1 202***"}, BY_LINKEDIN, 1),
        (ROW | NONE, BY_LINKEDIN, 0),
        (ROW | NONE | {"email": []}, BY_LINKEDIN, 0),
        (ROW | NONE, BY_EMAIL, 1),
    ],
)
def test_a_miss_costs_a_credit_for_an_email_found_or_verified(
    vendor: Vendor, row: dict[str, Any], query: Query, spent: int
) -> None:
    answer = vendor.says(result(row)).collect(ID, query)
    assert isinstance(answer, Miss)
    assert answer.credits == spent


def test_a_mobile_without_an_email_costs_nothing(vendor: Vendor) -> None:
    answer = vendor.says(result(ROW | {"email": []})).collect(ID, BY_LINKEDIN)
    assert isinstance(answer, Hit)
    assert answer.credits == 0


def test_an_empty_contact_is_a_miss_about_nobody(vendor: Vendor) -> None:
    assert vendor.says(result({})).collect(ID, BY_LINKEDIN) == Miss(credits=Decimal(0))


@pytest.mark.parametrize("qualification", ["generic@pro", "catch_all@pro", None, 7])
def test_an_email_of_a_group_is_not_passed_on(vendor: Vendor, qualification: object) -> None:
    row = ROW | {"email": [{"email": "info@northquay.example", "qualification": qualification}]}
    answer = vendor.says(result(row)).collect(ID, BY_LINKEDIN)
    assert isinstance(answer, Hit)
    assert answer.person is not None
    assert answer.person.email is None


SUBMISSIONS: list[tuple[Act, type[ProviderError]]] = [
    (failure(400), errors.RequestRefused),
    (failure(401), errors.KeyRefused),
    (failure(403), errors.KeyRefused),
    (reply(403, text="<html>no</html>"), errors.KeyRefused),
    (failure(403, "Not enough credits"), errors.OutOfCredits),
    (detail(404), errors.RequestRefused),
    (detail(422), errors.RequestRefused),
    (failure(429), errors.RateLimited),
    (detail(500), errors.ServerError),
    (reply(200, {"data": [{"index": 0, "errors": {"only_contact_data": True}}]}), errors.RequestRefused),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"success": True}), errors.Unreadable),
    (reply(200, {"request_id": 7}), errors.Unreadable),
    (reply(200, {"request_id": ""}), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), SUBMISSIONS)
def test_a_submission_that_is_no_job_is_its_error(vendor: Vendor, said: Act, error: type[ProviderError]) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask("email", email=EMAIL)
    assert type(caught.value) is error


POLLS: list[tuple[Act, type[ProviderError]]] = [
    (failure(200), errors.JobFailed),
    (failure(200, "Request not ready yet"), errors.JobFailed),
    (reply(200, {"success": False, "error": False}), errors.JobFailed),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"success": "yes", "data": [ROW]}), errors.Unreadable),
    (result(), errors.Unreadable),
    (result(ROW, ROW), errors.Unreadable),
    (result("Mara Ellsworth"), errors.Unreadable),
    (result(ROW | {"mobile_phone": 12025550123}), errors.Unreadable),
    (result(ROW | {"mobile_phone": ["+1 202-555-0123"]}), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), POLLS)
def test_a_poll_without_an_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.collect(ID, BY_EMAIL)
    assert type(caught.value) is error


@pytest.mark.parametrize("left", [812, "812"])
def test_the_balance_is_asked_for_free(vendor: Vendor, left: object) -> None:
    assert vendor.says(reply(200, {"credits": left})).balance() == Credits(remaining=Decimal(812))
    [request] = vendor.asked
    assert (request.method, request.url) == ("GET", "https://api.dropcontact.com/v1/account/credits")


@pytest.mark.parametrize("left", [True, None, "many", -1])
def test_a_balance_that_is_no_number_is_unreadable(vendor: Vendor, left: object) -> None:
    vendor.says(reply(200, {"credits": left}))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
