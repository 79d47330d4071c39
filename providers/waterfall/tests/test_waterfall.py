"""Every answer that Waterfall.io documents, of a submission and of a poll, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_waterfall import Waterfall
from enrichcore_waterfall_cases import CASES, ID, NOT_FOUND, NOTHING, PENDING, PERSON, SUBMITTED, failure, found, job

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Billed, Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, Number, Outcome, Person, Query
from enrichcore.testing import Act, Vendor, check_provider, reply

SLUG = "mara-ellsworth-0141"
EMAIL = "mara@northquay.example"
NAMES: dict[str, Any] = {"first_name": "Mara", "last_name": "Ellsworth"}
SAID = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    domain="northquay.example",
    title="Operations Director",
    country="United States",
    email=EMAIL,
    linkedin_id="https://www.linkedin.com/in/mara-ellsworth-0141/",
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Waterfall)


def poll(vendor: Vendor, query: Query | None = None) -> Hit | Miss | Job:
    """Ask once for the result of a job."""
    return vendor.collect(ID, query or LinkedInQuery(linkedin_id=SLUG))


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_waterfall:")]
    assert entry.name == Waterfall.name
    assert entry.load() is Waterfall


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test waterfall`."""
    check_provider(Waterfall, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "body"),
    [
        (
            "name",
            {"company": "Northquay Ltd", "domain": "northquay.example"},
            {**NAMES, "domain": "northquay.example"},
        ),
        ("linkedin", {"linkedin_id": SLUG}, {"linkedin": f"https://www.linkedin.com/in/{SLUG}"}),
        ("email", {"email": EMAIL}, {"email": EMAIL}),
    ],
)
def test_each_method_submits_one_question_and_polls_its_job(
    vendor: Vendor, method: str, fields: dict[str, Any], body: dict[str, str]
) -> None:
    """The vendor takes exactly one way to name a person."""
    vendor.says(SUBMITTED, NOT_FOUND[0]).ask(method, **NAMES, **fields)
    submitted, polled = vendor.asked
    base = "https://api.waterfall.io/v1/enrichment/phone"
    assert (submitted.method, submitted.url) == ("POST", base)
    assert (polled.method, polled.url) == ("GET", f"{base}?job_id={ID}")
    assert submitted.headers["x-api-key"] == polled.headers["x-api-key"] == vendor.key
    assert submitted.json() == body


def test_without_a_domain_nobody_is_asked_by_name(vendor: Vendor) -> None:
    result = vendor.says(SUBMITTED).enrich(**NAMES, company="Northquay Ltd")
    assert vendor.asked == []
    assert result.phone is None


def test_the_mobile_comes_first_and_each_number_once(vendor: Vendor) -> None:
    """Only the mobile has a type."""
    assert poll(vendor.says(found())) == Hit(
        Number("+12025550123", type="mobile", country="United States"),
        Number("+15035550142", country="United States"),
        person=SAID,
    )


@pytest.mark.parametrize(
    ("changes", "raws"),
    [
        ({"mobile_phone": None}, ["+12025550123", "+15035550142"]),
        ({"phone_numbers": None}, ["+12025550123"]),
        ({"phone_numbers": "+1 503.555.0142"}, ["+12025550123", "+1 503.555.0142"]),
        ({"mobile_phone": "+1202*****23", "phone_numbers": ["", None, "+15035550142"]}, ["+15035550142"]),
        ({"phone_numbers": ["+1 503 555 xxxx"]}, ["+12025550123"]),
    ],
)
def test_what_is_not_said_leaves_the_other_numbers(vendor: Vendor, changes: dict[str, Any], raws: list[str]) -> None:
    answer = poll(vendor.says(found(**changes)))
    assert isinstance(answer, Hit)
    assert [number.raw for number in answer.numbers] == raws


@pytest.mark.parametrize(
    "changes", [NOTHING, {"mobile_phone": "", "phone_numbers": None}, {"mobile_phone": "***", "phone_numbers": ["*"]}]
)
def test_a_person_without_a_number_is_a_miss_that_says_who_it_is(vendor: Vendor, changes: dict[str, Any]) -> None:
    assert poll(vendor.says(found(**changes))) == Miss(SAID)


def test_a_word_with_two_x_is_no_hidden_one(vendor: Vendor) -> None:
    """Only in a number do they stand for digits."""
    answer = poll(vendor.says(found(last_name="Foxx", professional_email="m_foxx@northquay.example")))
    assert isinstance(answer, Hit)
    assert answer.person is not None
    assert (answer.person.name, answer.person.email) == ("Mara Foxx", "m_foxx@northquay.example")


@pytest.mark.parametrize("said", NOT_FOUND[1:])
def test_nobody_is_a_miss(vendor: Vendor, said: Act) -> None:
    assert poll(vendor.says(said)) == Miss()


@pytest.mark.parametrize(
    ("asked", "passed_on"),
    [("mara@post.example", "mara@post.example"), ("MARA@northquay.example", EMAIL), ("m@x.example", EMAIL)],
)
def test_the_mailbox_that_was_asked_for_is_the_one_passed_on(vendor: Vendor, asked: str, passed_on: str) -> None:
    answer = poll(vendor.says(found(personal_email="mara@post.example")), EmailQuery(email=asked))
    assert isinstance(answer, Hit)
    assert answer.person is not None
    assert answer.person.email == passed_on


@pytest.mark.parametrize("said", PENDING)
def test_a_job_that_runs_is_given_back(vendor: Vendor, said: Act) -> None:
    assert poll(vendor.says(said)) == Job(ID)


@pytest.mark.parametrize("word", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_job_that_failed_is_no_miss_and_costs_nothing(vendor: Vendor, word: str) -> None:
    """Only a number is charged."""
    attempt = vendor.says(SUBMITTED, job(word, output=None)).attempt(linkedin_id=SLUG, **NAMES)
    assert (attempt.outcome, attempt.reason, attempt.billed) == (Outcome.ERROR, "job_failed", Billed.NO)


def test_a_running_job_is_polled_until_it_answers(vendor: Vendor) -> None:
    """One submission, however many polls; a number costs one phone."""
    attempt = vendor.says(SUBMITTED, *PENDING, found()).attempt(linkedin_id=SLUG, **NAMES)
    assert (attempt.outcome, attempt.billed, attempt.credits) == (Outcome.HIT, Billed.YES, Decimal(1))
    assert [request.method for request in vendor.asked] == ["POST", *["GET"] * (len(PENDING) + 1)]


def test_an_id_of_digits_is_as_good(vendor: Vendor) -> None:
    vendor.says(reply(200, {"job_id": 7}), found()).ask(linkedin_id=SLUG)
    assert vendor.asked[1].query == {"job_id": "7"}


def test_a_job_id_cannot_lead_elsewhere(vendor: Vendor) -> None:
    """The vendor's id stays one value, whatever is in it."""
    vendor.says(found()).collect("a&b=c#d", LinkedInQuery(linkedin_id=SLUG))
    assert vendor.asked[0].query == {"job_id": "a&b=c#d"}


SUBMISSIONS: list[tuple[Act, type[ProviderError]]] = [
    (failure(400, "VALIDATION_BAD_EMAIL_ROLE"), errors.RequestRefused),
    (failure(401, "AUTH_MISSING_API_KEY"), errors.KeyRefused),
    (failure(402, "QUOTA_ACCOUNT_OVER_QUOTA"), errors.OutOfCredits),
    (failure(403, "AUTH_BAD_API_KEY"), errors.KeyRefused),
    (failure(403, "PERMISSION_FEATURE_NOT_ENABLED"), errors.KeyRefused),
    (failure(404, "ROUTING_INVALID_PATH_OR_METHOD"), errors.RequestRefused),
    (failure(404, "NOT_FOUND_NOT_FOUND"), errors.RequestRefused),
    (failure(429, "RATE_LIMIT_RATE_LIMIT_EXCEEDED"), errors.RateLimited),
    (failure(500, "INTERNAL_UNCLASSIFIED_ERROR"), errors.ServerError),
    (reply(502, text="<html>bad gateway</html>"), errors.MaybeSent),
    (reply(504, text="<html>gateway time-out</html>"), errors.MaybeSent),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
    (reply(200, {"job_id": ""}), errors.Unreadable),
    (reply(200, {"job_id": True}), errors.Unreadable),
    (reply(200, {"job_id": [ID]}), errors.Unreadable),
]
POLLS: list[tuple[Act, type[ProviderError]]] = [
    (failure(400, "VALIDATION_BAD_JOB_ID"), errors.RequestRefused),
    (failure(403, "AUTH_BAD_API_KEY"), errors.KeyRefused),
    (failure(404, "NOT_FOUND_JOB_NOT_FOUND"), errors.JobFailed),
    (failure(404, "ROUTING_INVALID_PATH_OR_METHOD"), errors.RequestRefused),
    (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
    (failure(429, "RATE_LIMIT_RATE_LIMIT_EXCEEDED"), errors.RateLimited),
    (failure(500, "INTERNAL_UNCLASSIFIED_ERROR"), errors.ServerError),
    (reply(504, text="<html>gateway time-out</html>"), errors.ServerError),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
    (job("DONE"), errors.Unreadable),
    (reply(200, {"status": ["SUCCEEDED"]}), errors.Unreadable),
    (job("SUCCEEDED"), errors.Unreadable),
    (job("SUCCEEDED", output=[]), errors.Unreadable),
    (job("SUCCEEDED", output={}), errors.Unreadable),
    (job("SUCCEEDED", output={"person": []}), errors.Unreadable),
    (job("SUCCEEDED", output={"person": [PERSON]}), errors.Unreadable),
    (job("SUCCEEDED", output={"person": {"first_name": "Mara"}}), errors.Unreadable),
    (found(mobile_phone=True), errors.Unreadable),
    (found(mobile_phone=12025550123), errors.Unreadable),
    (found(phone_numbers=[{"number": "+12025550123"}]), errors.Unreadable),
    (found(phone_numbers={"mobile": "+12025550123"}), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), SUBMISSIONS)
def test_every_other_answer_to_a_submission_is_its_error(vendor: Vendor, said: Act, error: type[ProviderError]) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert type(caught.value) is error


@pytest.mark.parametrize(("said", "error"), POLLS)
def test_every_other_answer_to_a_poll_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        poll(vendor)
    assert type(caught.value) is error


def test_a_retry_after_is_kept(vendor: Vendor) -> None:
    vendor.says(reply(429, {"code": "RATE_LIMIT_RATE_LIMIT_EXCEEDED"}, headers={"Retry-After": "12"}))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert caught.value.retry_after == 12.0


def test_the_balance_is_money_and_asked_for_free(vendor: Vendor) -> None:
    said = reply(200, {"account_usage": {"enrichment_phone_phones": 3}, "balance_remaining_usd": 250.5})
    assert vendor.says(said).balance() == Credits(remaining=Decimal("250.5"), detail="US dollars")
    [request] = vendor.asked
    assert (request.method, request.url) == ("GET", "https://api.waterfall.io/v2/account")


@pytest.mark.parametrize(
    "said",
    [
        reply(200, {}),
        reply(200, []),
        reply(200, {"balance_remaining_usd": "250"}),
        reply(200, {"balance_remaining_usd": True}),
        failure(404, "NOT_FOUND_ACCOUNT_OR_KEY_NOT_FOUND"),
    ],
)
def test_a_balance_that_cannot_be_read_is_an_error(vendor: Vendor, said: Act) -> None:
    vendor.says(said)
    with pytest.raises(errors.Unreadable):
        vendor.balance()
