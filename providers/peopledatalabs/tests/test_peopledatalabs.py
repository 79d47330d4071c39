"""Every answer that People Data Labs documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_peopledatalabs import PeopleDataLabs
from enrichcore_peopledatalabs_cases import CASES, DATA, failure, found

from enrichcore import errors
from enrichcore.errors import ConfigError, ProviderError
from enrichcore.model import Credits, Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

NAME = {"first_name": "Robin", "last_name": "Sample", "company": "Example Widgets", "domain": "widgets.example"}
PERSON = Person(
    name="robin sample",
    company="example widgets",
    domain="widgets.example",
    title="head of widgets",
    country="united states",
    email="robin@widgets.example",
    linkedin_id="robin-sample-000",
    score=0.9,
)
HEADERS = {
    "x-call-credits-spent": "1",
    "x-call-credits-type": "enrich",
    "x-totallimit-remaining": "341",
    "x-ratelimit-remaining": "{'minute': 999, 'day': None, 'month': None}",
}


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(PeopleDataLabs)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_peopledatalabs:")]
    assert entry.name == PeopleDataLabs.name
    assert entry.load() is PeopleDataLabs


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test peopledatalabs`."""
    check_provider(PeopleDataLabs, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "who"),
    [
        ("name", NAME, {"first_name": "Robin", "last_name": "Sample", "company": "Example Widgets"}),
        (
            "name",
            {"first_name": "Robin", "last_name": "Sample", "domain": "widgets.example"},
            {"first_name": "Robin", "last_name": "Sample", "company": "widgets.example"},
        ),
        ("linkedin", {**NAME, "linkedin_id": "robin-sample-000"}, {"profile": "linkedin.com/in/robin-sample-000"}),
        ("email", {**NAME, "email": "robin@widgets.example"}, {"email": "robin@widgets.example"}),
    ],
)
def test_each_method_sends_its_key_and_asks_for_numbers_only(
    vendor: Vendor, method: str, fields: dict[str, Any], who: dict[str, str]
) -> None:
    """A person without a number is then no match and costs nothing; nothing else of the contact is sent."""
    vendor.says(failure(404, "not_found")).ask(method, **fields)
    [request] = vendor.asked
    sent = request.query
    assert request.method == "GET"
    assert request.url.startswith("https://api.peopledatalabs.com/v5/person/enrich?")
    assert request.headers["x-api-key"] == vendor.key
    assert sent.pop("required") == "mobile_phone OR phone_numbers"
    assert sent.pop("min_likelihood") == "6"
    assert set(sent.pop("data_include").split(",")) == DATA.keys()
    assert sent == who


def test_a_match_is_a_hit_with_the_validated_mobile_first(vendor: Vendor) -> None:
    """The list has no types, so only the mobile has one; what was billed is in the headers."""
    answer = vendor.says(found()).ask(email="robin@widgets.example")
    numbers = [
        Number("+12025550143", type="mobile", country="united states"),
        Number("+12025550178", country="united states"),
    ]
    assert answer == Hit(*numbers, person=PERSON, credits=Decimal(1))


def test_a_match_without_a_mobile_gives_the_list(vendor: Vendor) -> None:
    answer = vendor.says(found(mobile_phone=None)).ask(email="robin@widgets.example")
    assert isinstance(answer, Hit)
    assert [(number.raw, number.type) for number in answer.numbers] == [("+12025550143", None), ("+12025550178", None)]
    assert answer.credits == 1


@pytest.mark.parametrize(("mobile", "numbers"), [(True, True), (False, True), (None, None), (None, [])])
def test_a_boolean_is_never_a_number(vendor: Vendor, mobile: object, numbers: object) -> None:
    """The Free plan says only whether there is one; the match was billed and tells who it is."""
    body = found(mobile_phone=mobile, phone_numbers=numbers, work_email=True)
    answer = vendor.says(body).ask(email="robin@widgets.example")
    assert isinstance(answer, Miss)
    assert answer.credits == 1
    assert answer.person is not None
    assert (answer.person.name, answer.person.email) == ("robin sample", None)


def test_not_found_is_a_miss_that_costs_nothing(vendor: Vendor) -> None:
    assert vendor.says(failure(404, "not_found")).ask(email="robin@widgets.example") == Miss()


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(400, "invalid_request_error"), errors.RequestRefused),
    (failure(401, "authentication_error"), errors.KeyRefused),
    (failure(402, "payment_required"), errors.OutOfCredits),
    (failure(405, "invalid_request_error"), errors.RequestRefused),
    (failure(429, "rate_limit_error"), errors.RateLimited),
    (failure(500, "api_error"), errors.ServerError),
    (reply(503, text="<html>busy</html>"), errors.ServerError),
    (reply(404, text="<html>nginx</html>"), errors.RequestRefused),
    (failure(404, "no_such_route"), errors.RequestRefused),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"status": 200}), errors.Unreadable),
    (reply(200, {"status": 200, "data": {}}), errors.Unreadable),
    (found(mobile_phone=12025550143), errors.Unreadable),
    (found(phone_numbers=[{"number": "+12025550143"}]), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(email="robin@widgets.example")
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-ratelimit-reset": "2026-11-24T10:00:40Z", "date": "Tue, 24 Nov 2026 10:00:05 GMT"}, 35.0),
        ({"retry-after": "7", "x-ratelimit-reset": "2026-11-24T10:00:40Z"}, 7.0),
        ({"x-ratelimit-reset": "2026-11-24T10:00:40Z"}, None),
        ({"x-ratelimit-reset": "2030-01-01T00:00:00Z", "date": "Tue, 24 Nov 2026 10:00:05 GMT"}, None),
        ({"x-ratelimit-reset": "soon", "date": "Tue, 24 Nov 2026 10:00:05 GMT"}, None),
        ({}, None),
    ],
)
def test_the_end_of_the_rate_window_is_read(vendor: Vendor, headers: dict[str, str], wait: float | None) -> None:
    vendor.says(reply(429, {"error": {"type": "rate_limit_error"}}, headers=headers))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(email="robin@widgets.example")
    assert caught.value.retry_after == wait


@pytest.mark.parametrize("status", [200, 400, 404, 405])
def test_the_balance_is_in_the_headers_of_a_head_that_names_nobody(vendor: Vendor, status: int) -> None:
    """It can match nobody, so it is free; whatever the vendor thinks of the question, the headers are the answer."""
    assert vendor.says(reply(status, headers=HEADERS)).balance() == Credits(remaining=Decimal(341))
    [request] = vendor.asked
    assert (request.method, request.path, request.query) == ("HEAD", "/v5/person/enrich", {})


def test_a_balance_that_is_not_said_is_none(vendor: Vendor) -> None:
    assert vendor.says(reply(400)).balance() is None


@pytest.mark.parametrize(("status", "error"), [(401, errors.KeyRefused), (402, errors.OutOfCredits)])
def test_asking_for_the_balance_shows_a_bad_key(vendor: Vendor, status: int, error: type[ProviderError]) -> None:
    vendor.says(reply(status))
    with pytest.raises(error):
        vendor.balance()


def test_the_least_likelihood_can_be_set(vendor: Vendor) -> None:
    vendor.says(found())
    vendor.ask(email="robin@widgets.example", settings={"min_likelihood": 8})
    assert vendor.asked[0].query["min_likelihood"] == "8"


@pytest.mark.parametrize("value", [0, 11, "6", 6.5])
def test_a_likelihood_off_the_scale_is_refused(vendor: Vendor, value: object) -> None:
    with pytest.raises(ConfigError, match="min_likelihood"):
        vendor.ask(email="robin@widgets.example", settings={"min_likelihood": value})
