"""Every answer that Apollo documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_apollo import Apollo, ApolloSettings
from enrichcore_apollo_cases import (
    CASES,
    CONTACT,
    NOBODY,
    PENDING,
    PHONE,
    REQUEST,
    SAVED,
    WEBHOOK,
    lost,
    matched,
    polled,
    result,
)

from enrichcore import errors
from enrichcore.errors import ConfigError, ProviderError
from enrichcore.model import Contact, Credits, Hit, Job, Miss, Number, Person
from enrichcore.model.subject import Subject
from enrichcore.testing import Act, Vendor, check_provider, reply, run

SAID = Person(
    name="Robin Sample",
    company="Example Widgets",
    domain="widgets.example",
    title="Head of Widgets",
    email="robin.sample@widgets.example",
    linkedin_id="http://www.linkedin.com/in/robin-sample-000",
)
EMAIL = CONTACT["email"]
SETTINGS = {"webhook_url": WEBHOOK}


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Apollo, settings=SETTINGS)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_apollo:")]
    assert entry.name == Apollo.name
    assert entry.load() is Apollo


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test apollo`."""
    check_provider(Apollo, CASES).assert_ok()


NAMES = {"first_name": "Robin", "last_name": "Sample"}


@pytest.mark.parametrize(
    ("method", "fields", "sent"),
    [
        ("name", {**NAMES, "company": "Example Widgets"}, {**NAMES, "organization_name": "Example Widgets"}),
        (
            "name",
            {**NAMES, "company": "Example Widgets", "domain": "widgets.example"},
            {**NAMES, "organization_name": "Example Widgets", "domain": "widgets.example"},
        ),
        (
            "linkedin",
            {**NAMES, "linkedin_id": "robin-sample-000"},
            {"linkedin_url": "https://www.linkedin.com/in/robin-sample-000"},
        ),
        ("email", {**NAMES, "email": EMAIL}, {"email": EMAIL}),
    ],
)
def test_each_method_asks_for_numbers_and_names_the_webhook(
    vendor: Vendor, method: str, fields: dict[str, Any], sent: dict[str, str]
) -> None:
    """Everything is in the query, and the body is empty; nothing else of the contact is sent."""
    vendor.says(NOBODY).ask(method, **fields)
    [request] = vendor.asked
    assert (request.method, request.path, request.body) == ("POST", "/api/v1/people/match", b"")
    assert request.headers["x-api-key"] == vendor.key
    assert request.query == {**sent, "reveal_phone_number": "true", "webhook_url": WEBHOOK}


def test_the_numbers_are_fetched_and_the_person_is_the_one_of_the_match(vendor: Vendor) -> None:
    """The poll says nothing of the person; the switchboard of the match is left alone."""
    answer = vendor.says(matched(), *PENDING, polled(PHONE)).ask(email=EMAIL)
    assert answer == Hit(Number("+12025550143", type="other", do_not_call=False), person=SAID, credits=Decimal(8))
    assert [one.path for one in vendor.asked[1:]] == [f"/api/v1/webhook_result/{REQUEST}"] * 3
    assert {one.method for one in vendor.asked[1:]} == {"GET"}


@pytest.mark.parametrize("request_id", [-7, 2**63 - 1, "-9007199254740993"])
def test_an_id_of_a_job_may_be_negative_and_large(vendor: Vendor, request_id: Any) -> None:
    vendor.says(matched(request_id), polled(PHONE)).ask(email=EMAIL)
    assert vendor.asked[1].path == f"/api/v1/webhook_result/{request_id}"


def test_the_vendors_hint_says_when_to_ask_again(vendor: Vendor) -> None:
    query = next(iter(Subject.of(Contact(email=EMAIL)).queries.values()))
    assert vendor.says(PENDING[0]).collect("7", query) == Job("7", ready_in=30.0)


def test_a_job_that_another_program_submitted_is_collected_without_a_person(vendor: Vendor) -> None:
    query = next(iter(Subject.of(Contact(email=EMAIL)).queries.values()))
    assert vendor.says(polled(PHONE)).collect("7", query).person is None  # type: ignore[union-attr]


def test_an_id_that_is_not_apollos_is_not_asked_for(vendor: Vendor) -> None:
    query = next(iter(Subject.of(Contact(email=EMAIL)).queries.values()))
    with pytest.raises(errors.JobFailed):
        vendor.says(polled(PHONE)).collect("../account", query)
    assert vendor.asked == []


def test_somebody_else_is_refused_though_the_poll_names_nobody(vendor: Vendor) -> None:
    other = matched(name="Nora Quill", linkedin_url=None, email=None)
    attempt = vendor.says(other, polled(PHONE)).attempt("email", email=EMAIL, **NAMES)
    assert (attempt.outcome, attempt.reason) == ("rejected", "other_person")


def test_a_contact_that_the_team_has_saved_may_be_answered_at_once(vendor: Vendor) -> None:
    answer = vendor.says(matched(None, contact=SAVED)).ask(email=EMAIL)
    assert answer == Hit(Number("+12025550178"), person=SAID, credits=Decimal(1))


@pytest.mark.parametrize("contact", [None, {"phone_numbers": None}, {"phone_numbers": []}, []])
def test_a_match_without_a_job_costs_its_credit(vendor: Vendor, contact: Any) -> None:
    assert vendor.says(matched(None, contact=contact)).ask(email=EMAIL) == Miss(SAID, credits=Decimal(1))


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"type_cd": "work_hq"}, Number("+12025550143", type="work_hq", company_line=True, do_not_call=False)),
        ({"type_cd": None}, Number("+12025550143", do_not_call=False)),
        ({"sanitized_number": None}, Number("+1 202-555-0143", type="other", do_not_call=False)),
        ({"dnc_status_cd": "listed"}, Number("+12025550143", type="other", do_not_call=True)),
        ({"dnc_status_cd": None}, Number("+12025550143", type="other")),
        ({"dnc_status_cd": "no_status"}, Number("+12025550143", type="other")),
    ],
)
def test_what_is_said_of_a_number_is_passed_on(vendor: Vendor, changes: dict[str, Any], number: Number) -> None:
    answer = vendor.says(matched(), polled(PHONE | changes)).ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert answer.numbers == (number,)


@pytest.mark.parametrize(
    "phones",
    [
        [],
        [PHONE | {"sanitized_number": None, "raw_number": None}],
        [PHONE | {"sanitized_number": "+1 202-555-****", "raw_number": "+1 202-555-****"}],
    ],
)
def test_nothing_or_a_masked_preview_is_a_miss_that_says_who_it_is(vendor: Vendor, phones: list[Any]) -> None:
    assert vendor.says(matched(), polled(*phones, credits=0)).ask(email=EMAIL) == Miss(SAID, credits=Decimal(0))


def test_nobody_is_a_miss_that_costs_nothing(vendor: Vendor) -> None:
    assert vendor.says(NOBODY).ask(email=EMAIL) == Miss()


def test_the_id_of_a_record_may_be_a_number_here_and_text_there(vendor: Vendor) -> None:
    assert isinstance(vendor.says(matched(id=7), polled(PHONE, person="7")).ask(email=EMAIL), Hit)


def test_the_number_of_another_record_is_not_taken(vendor: Vendor) -> None:
    vendor.says(matched(), polled(PHONE, person="000000000000000000000009"))
    with pytest.raises(errors.Unreadable):
        vendor.ask(email=EMAIL)


AT_ONCE: list[tuple[Act, type[ProviderError]]] = [
    (reply(401, text="Invalid access credentials."), errors.KeyRefused),
    (reply(403, {"error_code": "API_INACCESSIBLE"}), errors.KeyRefused),
    (reply(402), errors.OutOfCredits),
    (reply(422, {"error": "Insufficient credits. Please upgrade your plan."}), errors.OutOfCredits),
    (reply(400, {"message": "Out of credits for this cycle"}), errors.OutOfCredits),
    (reply(422, {"error": ["webhook_url is invalid"]}), errors.RequestRefused),
    (reply(422, text="<html>no</html>"), errors.RequestRefused),
    (reply(404, {"error_code": "result_pending"}), errors.RequestRefused),
    (reply(429, {"message": "slow down"}), errors.RateLimited),
    (reply(500), errors.ServerError),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"request_id": REQUEST}), errors.Unreadable),
    (reply(200, {"person": "Robin Sample", "request_id": REQUEST}), errors.Unreadable),
    (matched(True), errors.Unreadable),
    (matched(1.5), errors.Unreadable),
    (matched("../account"), errors.Unreadable),
    (matched(None, contact={"phone_numbers": "+12025550178"}), errors.Unreadable),
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


@pytest.mark.parametrize(("said", "error"), AT_ONCE)
def test_every_other_answer_to_the_question_is_its_error(vendor: Vendor, said: Act, error: type[ProviderError]) -> None:
    assert word(vendor.says(said)) == error.code


LATER: list[tuple[Act, type[ProviderError]]] = [
    (lost("request_id_unknown"), errors.JobFailed),
    (lost("request_id_expired", 410), errors.JobFailed),
    (lost("invalid_request_id", 400), errors.JobFailed),
    (lost("a_new_word"), errors.RequestRefused),
    (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
    (result("failed"), errors.JobFailed),
    (result("a new word"), errors.Unreadable),
    (result("success", None), errors.Unreadable),
    (result("success", {"people": None}), errors.Unreadable),
    (result("success", {"people": ["Robin"]}), errors.Unreadable),
    (polled({"sanitized_number": True}), errors.Unreadable),
    (polled("+12025550143"), errors.Unreadable),
    (polled({"raw_number": "+12025550143"}), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), LATER)
def test_every_other_answer_to_a_poll_is_its_error(vendor: Vendor, said: Act, error: type[ProviderError]) -> None:
    assert word(vendor.says(matched(), said)) == error.code


def test_a_job_that_failed_is_not_billed(vendor: Vendor) -> None:
    assert vendor.says(matched(), result("failed")).attempt("email", email=EMAIL).billed == "no"


def test_without_a_webhook_it_does_not_start_and_says_why() -> None:
    with pytest.raises(ConfigError, match="needs webhook_url"):
        run(Apollo, email=EMAIL)


@pytest.mark.parametrize("value", ["http://hooks.widgets.example/", "https://localhost/x", "hooks.widgets.example", 7])
def test_a_webhook_must_be_public_and_https(value: Any) -> None:
    with pytest.raises(ValueError, match="public https address"):
        ApolloSettings(webhook_url=value)


def test_the_balance_is_that_of_the_direct_dials(vendor: Vendor) -> None:
    body = {"credit_usage_stats": {"lead_credit": {"left_over": 7}, "direct_dial_credit": {"left_over": 99}}}
    assert vendor.says(reply(200, body)).balance() == Credits(remaining=Decimal(99))
    [request] = vendor.asked
    assert (request.method, request.path) == ("POST", "/api/v1/usage_stats/credit_usage_stats")


@pytest.mark.parametrize("left", [None, True, "99", -1])
def test_a_balance_that_is_no_number_is_unreadable(vendor: Vendor, left: Any) -> None:
    vendor.says(reply(200, {"credit_usage_stats": {"direct_dial_credit": {"left_over": left}}}))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
