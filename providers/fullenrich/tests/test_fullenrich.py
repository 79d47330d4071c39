"""Every answer that FullEnrich documents, of a submission and of a poll, and what becomes of it."""

import asyncio
from decimal import Decimal
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from enrichcore_fullenrich import FullEnrich

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, Number, Person, Query

if TYPE_CHECKING:
    from tests.conftest import Vendor

ID = "5b0c6a1e-3f77-4c2b-9d11-7a2e0c9f4410"
SUBMITTED = {"enrichment_id": ID}
PROFILE: dict[str, Any] = {
    "full_name": "Mara Ellsworth",
    "location": {"country": "United States", "country_code": "US"},
    "social_profiles": {
        "professional_network": {
            "id": 141,
            "url": "https://www.linkedin.com/in/mara-ellsworth-0141/",
            "handle": "mara-ellsworth-0141",
        }
    },
    "employment": {
        "current": {
            "title": "Operations Director",
            "company": {"name": "Northquay Ltd", "domain": "northquay.example"},
        }
    },
}
MOBILE = {"number": "+1 202-555-0123", "region": "US", "line_type": "MOBILE"}
LANDLINE = {"number": "+44 20 7946 0018", "region": "GB", "line_type": "LANDLINE"}
FOUND: dict[str, Any] = {
    "most_probable_phone": MOBILE,
    "most_probable_work_email": {"email": "mara@northquay.example", "status": "DELIVERABLE"},
    "phones": [MOBILE, LANDLINE],
}
PERSON = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    domain="northquay.example",
    title="Operations Director",
    country="US",
    email="mara@northquay.example",
    linkedin_id="https://www.linkedin.com/in/mara-ellsworth-0141/",
)
INPUT = {"first_name": "Mara", "last_name": "Ellsworth", "company_domain": "northquay.example"}
SLUG = "mara-ellsworth-0141"
NAMES = {"first_name": "Mara", "last_name": "Ellsworth"}


def result(status: str, found: Any = None, *, credits: Any = 10, profile: Any = PROFILE) -> dict[str, Any]:
    record = {"input": INPUT, "custom": {}, "contact_info": found, "profile": profile}
    return {"id": ID, "name": "enrichcore", "status": status, "cost": {"credits": credits}, "data": [record]}


def failure(code: str) -> dict[str, Any]:
    return {"code": code, "message": "in the vendor's words"}


def poll(vendor: "Vendor", query: Query | None = None) -> Hit | Miss | Job:
    """Ask once for the result of a job."""
    query = query or LinkedInQuery(linkedin_id=SLUG)
    return asyncio.run(FullEnrich().collect(Job(ID), query, vendor.http()))


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_fullenrich:")]
    assert entry.name == FullEnrich.name
    assert entry.load() is FullEnrich


@pytest.mark.parametrize(
    ("method", "fields", "path", "contact"),
    [
        (
            "name",
            {**NAMES, "company": "Northquay Ltd", "domain": "northquay.example"},
            "contact/enrich",
            {
                **NAMES,
                "company_name": "Northquay Ltd",
                "domain": "northquay.example",
                "enrich_fields": ["contact.phones"],
            },
        ),
        (
            "name",
            {**NAMES, "domain": "northquay.example"},
            "contact/enrich",
            {**NAMES, "domain": "northquay.example", "enrich_fields": ["contact.phones"]},
        ),
        (
            "linkedin",
            {**NAMES, "linkedin_id": SLUG},
            "contact/enrich",
            {"linkedin_url": f"https://www.linkedin.com/in/{SLUG}", "enrich_fields": ["contact.phones"]},
        ),
        (
            "email",
            {**NAMES, "email": "mara@northquay.example"},
            "contact/reverse/email",
            {"email": "mara@northquay.example"},
        ),
    ],
)
def test_each_method_submits_one_contact_and_polls_its_job(
    vendor: "Vendor", method: str, fields: dict[str, Any], path: str, contact: dict[str, Any]
) -> None:
    """Only phones are asked for, and the label in the vendor's dashboard names nobody."""
    vendor.says(200, SUBMITTED).says(200, result("FINISHED", profile=None, credits=0)).ask(method, **fields)
    submitted, polled = vendor.asked
    base = f"https://app.fullenrich.com/api/v2/{path}/bulk"
    assert (submitted.method, str(submitted.url)) == ("POST", base)
    assert (polled.method, str(polled.url)) == ("GET", f"{base}/{ID}")
    assert submitted.headers["authorization"] == polled.headers["authorization"] == "Bearer a-key"
    assert msgspec.json.decode(submitted.content) == {"name": "enrichcore", "data": [contact]}


def test_a_finished_job_is_a_hit_with_the_most_probable_number_first(vendor: "Vendor") -> None:
    numbers = [
        Number("+1 202-555-0123", type="MOBILE", country="US"),
        Number("+44 20 7946 0018", type="LANDLINE", country="GB"),
    ]
    answer = vendor.says(200, SUBMITTED).says(200, result("FINISHED", FOUND)).ask(linkedin_id=SLUG)
    assert answer == Hit(*numbers, person=PERSON, credits=Decimal(10))


def test_a_line_type_that_is_not_said_is_not_guessed(vendor: "Vendor") -> None:
    found = {"most_probable_phone": {"number": "+1 202-555-0123", "region": "US"}}
    assert poll(vendor.says(200, result("FINISHED", found, profile=None))) == Hit(
        Number("+1 202-555-0123", country="US"), credits=Decimal(10)
    )


@pytest.mark.parametrize(
    "found",
    [
        {"most_probable_phone": None},
        {"most_probable_phone": None, "phones": []},
        {},
        {"most_probable_phone": "", "phones": []},
        None,
    ],
)
def test_a_finished_job_without_a_number_is_a_miss(vendor: "Vendor", found: Any) -> None:
    """Our own input comes back with it and is no evidence of anything."""
    assert poll(vendor.says(200, result("FINISHED", found, credits=0, profile=None))) == Miss(credits=Decimal(0))


def test_an_email_of_doubtful_status_is_not_passed_on(vendor: "Vendor") -> None:
    found = FOUND | {"most_probable_work_email": {"email": "mara@northquay.example", "status": "CATCH_ALL"}}
    answer = poll(vendor.says(200, result("FINISHED", found)))
    assert isinstance(answer, Hit)
    assert answer.person is not None
    assert answer.person.email is None


def test_by_email_it_says_who_the_person_is_but_never_a_number(vendor: "Vendor") -> None:
    """The LinkedIn id is what the cascade goes on with; the match costs one credit."""
    reverse = {
        "status": "FINISHED",
        "cost": {"credits": 1},
        "data": [{"input": {"email": "m@x.example"}, "profile": PROFILE}],
    }
    answer = vendor.says(200, SUBMITTED).says(200, reverse).ask(email="mara@northquay.example")
    assert isinstance(answer, Miss)
    assert answer.credits == 1
    assert answer.person is not None
    assert answer.person.linkedin_id == "https://www.linkedin.com/in/mara-ellsworth-0141/"
    assert answer.person.email is None


PENDING: list[tuple[int, Any]] = [
    (400, failure("error.enrichment.in_progress")),
    (200, {"id": ID, "status": "CREATED"}),
    (200, {"id": ID, "status": "IN_PROGRESS", "cost": {"credits": 0}}),
    (200, result("RATE_LIMIT")),
    (200, result("UNKNOWN")),
]


@pytest.mark.parametrize(("status", "body"), PENDING)
def test_a_job_that_runs_is_given_back(vendor: "Vendor", status: int, body: Any) -> None:
    assert poll(vendor.says(status, body)) == Job(ID)


def test_a_running_job_is_polled_until_it_answers(vendor: "Vendor") -> None:
    """One submission, however many polls."""
    vendor.says(200, SUBMITTED)
    for status, body in PENDING:
        vendor.says(status, body)
    answer = vendor.says(200, result("FINISHED", FOUND)).ask(linkedin_id=SLUG)
    assert isinstance(answer, Hit)
    assert [request.method for request in vendor.asked] == ["POST", *["GET"] * (len(PENDING) + 1)]


@pytest.mark.parametrize(
    ("status", "body"),
    [(402, result("CREDITS_INSUFFICIENT", FOUND)), (200, result("CANCELED", FOUND))],
)
def test_a_number_found_before_the_job_ended_early_is_taken(vendor: "Vendor", status: int, body: Any) -> None:
    """It was paid for."""
    answer = poll(vendor.says(status, body))
    assert isinstance(answer, Hit)
    assert answer.credits == 10


SUBMISSIONS: list[tuple[int, Any, type[ProviderError]]] = [
    (400, failure("error.enrichment.data.empty"), errors.RequestRefused),
    (400, failure("error.enrichment.domain.empty"), errors.RequestRefused),
    (400, failure("error.enrichment.in_progress"), errors.RequestRefused),
    (400, b"<html>bad request</html>", errors.RequestRefused),
    (401, failure("error.api.key"), errors.KeyRefused),
    (401, failure("error.authorization.not_set"), errors.KeyRefused),
    (402, result("CREDITS_INSUFFICIENT"), errors.OutOfCredits),
    (404, b"<html>nginx</html>", errors.RequestRefused),
    (429, failure("error.rate.limit"), errors.RateLimited),
    (500, b"", errors.ServerError),
    (503, b"<html>busy</html>", errors.ServerError),
    (502, b"<html>bad gateway</html>", errors.MaybeSent),
    (504, b"<html>gateway time-out</html>", errors.MaybeSent),
    (200, b"<html>sign in</html>", errors.Unreadable),
    (200, [], errors.Unreadable),
    (200, {}, errors.Unreadable),
    (200, {"enrichment_id": 7}, errors.Unreadable),
]
POLLS: list[tuple[int, Any, type[ProviderError]]] = [
    (400, failure("error.something.else"), errors.RequestRefused),
    (401, failure("error.api.key"), errors.KeyRefused),
    (402, result("CREDITS_INSUFFICIENT", {"most_probable_phone": None}, credits=0), errors.OutOfCredits),
    (402, {"id": ID, "status": "CREDITS_INSUFFICIENT"}, errors.OutOfCredits),
    (200, result("CREDITS_INSUFFICIENT", credits=0), errors.OutOfCredits),
    (200, result("CANCELED", credits=0), errors.JobFailed),
    (404, failure("error.enrichment.not_found"), errors.JobFailed),
    (429, failure("error.rate.limit"), errors.RateLimited),
    (500, b"", errors.ServerError),
    (504, b"<html>gateway time-out</html>", errors.ServerError),
    (200, b"<html>sign in</html>", errors.Unreadable),
    (200, [], errors.Unreadable),
    (200, {"status": "DONE"}, errors.Unreadable),
    (200, {"status": ["FINISHED"]}, errors.Unreadable),
    (200, {"status": "FINISHED"}, errors.Unreadable),
    (200, {"status": "FINISHED", "data": []}, errors.Unreadable),
    (200, result("FINISHED", "+1 202-555-0123"), errors.Unreadable),
    (200, result("FINISHED", {"most_probable_phone": "+1 202-555-0123"}), errors.Unreadable),
    (200, result("FINISHED", {"phones": [{"value": "+1 202-555-0123"}]}), errors.Unreadable),
]


@pytest.mark.parametrize(("status", "body", "error"), SUBMISSIONS)
def test_every_other_answer_to_a_submission_is_its_error(
    vendor: "Vendor", status: int, body: Any, error: type[ProviderError]
) -> None:
    vendor.says(status, body)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert type(caught.value) is error


@pytest.mark.parametrize(("status", "body", "error"), POLLS)
def test_every_other_answer_to_a_poll_is_its_error_and_never_a_miss(
    vendor: "Vendor", status: int, body: Any, error: type[ProviderError]
) -> None:
    vendor.says(status, body)
    with pytest.raises(ProviderError) as caught:
        poll(vendor)
    assert type(caught.value) is error


@pytest.mark.parametrize(("credits", "billed"), [(0, False), (3, True), (None, None), (True, None)])
def test_a_canceled_job_was_billed_as_its_cost_says(vendor: "Vendor", credits: Any, billed: bool | None) -> None:
    vendor.says(200, result("CANCELED", credits=credits))
    with pytest.raises(errors.JobFailed) as caught:
        poll(vendor)
    assert caught.value.billed is billed


@pytest.mark.parametrize(("headers", "wait"), [({}, 60.0), ({"retry-after": "5"}, 5.0)])
def test_a_rate_limit_lasts_the_minute_that_the_text_names(
    vendor: "Vendor", headers: dict[str, str], wait: float
) -> None:
    vendor.says(429, failure("error.rate.limit"), headers)
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert caught.value.retry_after == wait


def test_a_job_id_cannot_lead_elsewhere(vendor: "Vendor") -> None:
    """The vendor's id becomes one segment of the path, whatever is in it."""
    vendor.says(200, result("FINISHED", credits=0, profile=None))
    query = EmailQuery(email="mara@northquay.example")
    asyncio.run(FullEnrich().collect(Job("a/b?c=d"), query, vendor.http()))
    assert vendor.asked[0].url.raw_path == b"/api/v2/contact/reverse/email/bulk/a%2Fb%3Fc%3Dd"


def test_the_balance_is_asked_for_free(vendor: "Vendor") -> None:
    assert vendor.says(200, {"balance": 5000}).balance() == Credits(remaining=Decimal(5000))
    [request] = vendor.asked
    assert (request.method, request.url.path) == ("GET", "/api/v2/account/credits")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, failure("error.api.key"), errors.KeyRefused),
        (404, b"", errors.KeyRefused),
        (200, {}, errors.Unreadable),
        (200, {"balance": "5000"}, errors.Unreadable),
    ],
)
def test_a_balance_that_cannot_be_read_is_an_error(
    vendor: "Vendor", status: int, body: Any, error: type[ProviderError]
) -> None:
    vendor.says(status, body)
    with pytest.raises(error):
        vendor.balance()
