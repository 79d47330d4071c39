"""Every answer that Wiza documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_wiza import Wiza
from enrichcore_wiza_cases import CASES, MOBILE, NONE, SUBMITTED, failure, reveal, running

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, EmailQuery, Hit, Job, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL = "mara@northquay.example"
QUERY = EmailQuery(email=EMAIL)
NAMES = {"first_name": "Mara", "last_name": "Ellsworth"}
SAID = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    domain="northquay.example",
    title="Operations Director",
    email=EMAIL,
    linkedin_id="https://www.linkedin.com/in/mara-ellsworth-0141/",
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Wiza)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_wiza:")]
    assert entry.name == Wiza.name
    assert entry.load() is Wiza


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test wiza`."""
    check_provider(Wiza, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "who"),
    [
        (
            "name",
            {**NAMES, "company": "Northquay Ltd"},
            {"full_name": "Mara Ellsworth", "company": "Northquay Ltd"},
        ),
        (
            "name",
            {**NAMES, "domain": "northquay.example"},
            {"full_name": "Mara Ellsworth", "domain": "northquay.example"},
        ),
        (
            "linkedin",
            {**NAMES, "linkedin_id": "mara-ellsworth-0141"},
            {"profile_url": "https://www.linkedin.com/in/mara-ellsworth-0141"},
        ),
        ("email", {**NAMES, "email": EMAIL}, {"email": EMAIL}),
    ],
)
def test_each_method_asks_for_phones_alone(
    vendor: Vendor, method: str, fields: dict[str, Any], who: dict[str, str]
) -> None:
    vendor.says(SUBMITTED, reveal(**NONE)).ask(method, **fields)
    submit, poll = vendor.asked
    assert (submit.method, submit.url) == ("POST", "https://wiza.co/api/individual_reveals")
    assert submit.headers["authorization"] == f"Bearer {vendor.key}"
    assert submit.json() == {"individual_reveal": who, "enrichment_level": "phone"}
    assert (poll.method, poll.url) == ("GET", "https://wiza.co/api/individual_reveals/900141")


def test_a_finished_reveal_is_a_hit_with_what_it_cost(vendor: Vendor) -> None:
    answer = vendor.says(SUBMITTED, reveal()).ask(email=EMAIL)
    assert answer == Hit(Number("+12025550123", type="mobile"), person=SAID, credits=Decimal(5))


def test_a_reveal_that_is_complete_at_once_is_not_polled(vendor: Vendor) -> None:
    assert isinstance(vendor.says(reveal()).ask(email=EMAIL), Hit)
    assert len(vendor.asked) == 1


def test_a_reveal_without_numbers_is_a_miss_that_says_who(vendor: Vendor) -> None:
    assert vendor.says(SUBMITTED, reveal(**NONE)).ask(email=EMAIL) == Miss(SAID)


@pytest.mark.parametrize("status", ["queued", "resolving"])
def test_a_running_reveal_is_the_job_again(vendor: Vendor, status: str) -> None:
    assert vendor.says(running(status)).collect("900141", QUERY) == Job("900141")


def test_the_mobile_comes_first_and_no_number_twice(vendor: Vendor) -> None:
    direct = {"number": "+442079460018", "type": "direct"}
    answer = vendor.says(reveal(phones=[direct, MOBILE])).ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert [(n.raw, n.type) for n in answer.numbers] == [("+12025550123", "mobile"), ("+442079460018", "direct")]


def test_an_office_line_is_not_taken(vendor: Vendor) -> None:
    assert vendor.says(reveal(**NONE | {"phone_number": "+442079460018"})).ask(email=EMAIL) == Miss(SAID)


@pytest.mark.parametrize("raw", ["+1 202***", ""])
def test_a_preview_is_never_a_number(vendor: Vendor, raw: str) -> None:
    said = reveal(mobile_phone=raw, phones=[MOBILE | {"number": raw}], credits=None)
    assert vendor.says(said).ask(email=EMAIL) == Miss(SAID)


def test_an_email_that_is_not_valid_is_not_passed_on(vendor: Vendor) -> None:
    answer = vendor.says(reveal(email_status="risky")).ask(email=EMAIL)
    assert answer.person is not None
    assert answer.person.email is None


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(400), errors.RequestRefused),
    (failure(401), errors.KeyRefused),
    (failure(403), errors.KeyRefused),
    (failure(404), errors.RequestRefused),
    (failure(429), errors.RateLimited),
    (failure(500), errors.ServerError),
    (reveal(status="failed", fail_error="billing_issue"), errors.OutOfCredits),
    (reveal(status="failed", fail_error=None), errors.JobFailed),
    (reveal(status="paused"), errors.Unreadable),
    (reveal(status=["finished"]), errors.Unreadable),
    (reveal(mobile_phone=12025550123), errors.Unreadable),
    (reveal(phones="+12025550123"), errors.Unreadable),
    (reply(200, {"data": []}), errors.Unreadable),
    (reply(200, {"data": {"status": "finished", "is_complete": True}}), errors.Unreadable),
    (reply(200, {"data": {"status": "queued", "is_complete": False, "id": True}}), errors.Unreadable),
    (reply(200, {"data": {"status": "queued", "is_complete": False, "id": ""}}), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(email=EMAIL)
    assert type(caught.value) is error


def test_a_job_that_the_vendor_does_not_know_has_failed(vendor: Vendor) -> None:
    vendor.says(failure(404))
    with pytest.raises(errors.JobFailed):
        vendor.collect("900141", QUERY)


def test_a_failed_reveal_is_not_billed(vendor: Vendor) -> None:
    vendor.says(reveal(status="failed", fail_error="internal"))
    with pytest.raises(errors.JobFailed) as caught:
        vendor.collect("900141", QUERY)
    assert caught.value.billed is False


@pytest.mark.parametrize(
    ("left", "credits"), [(812, Decimal(812)), ("812", Decimal(812)), (1.5, Decimal("1.5")), ("unlimited", None)]
)
def test_the_balance_is_that_of_the_api(vendor: Vendor, left: object, credits: Decimal | None) -> None:
    assert vendor.says(reply(200, {"credits": {"api_credits": left}})).balance() == Credits(remaining=credits)
    [request] = vendor.asked
    assert (request.method, request.url) == ("GET", "https://wiza.co/api/meta/credits")


@pytest.mark.parametrize("left", [True, None, "many", -1])
def test_a_balance_that_is_no_number_is_unreadable(vendor: Vendor, left: object) -> None:
    vendor.says(reply(200, {"credits": {"api_credits": left}}))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
