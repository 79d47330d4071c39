"""Every answer that FullEnrich documents, of a submission and of a poll, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_fullenrich import FullEnrich
from enrichcore_fullenrich_cases import CASES, FOUND, ID, PENDING, PROFILE, SUBMITTED, failure, result

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, EmailQuery, Hit, Job, LinkedInQuery, Miss, Number, Person, Query
from enrichcore.testing import Act, Vendor, check_provider, reply

PERSON = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    domain="northquay.example",
    title="Operations Director",
    country="US",
    email="mara@northquay.example",
    linkedin_id="https://www.linkedin.com/in/mara-ellsworth-0141/",
)
SLUG = "mara-ellsworth-0141"
NAMES = {"first_name": "Mara", "last_name": "Ellsworth"}


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(FullEnrich)


def poll(vendor: Vendor, query: Query | None = None) -> Hit | Miss | Job:
    """Ask once for the result of a job."""
    return vendor.collect(ID, query or LinkedInQuery(linkedin_id=SLUG))


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_fullenrich:")]
    assert entry.name == FullEnrich.name
    assert entry.load() is FullEnrich


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test fullenrich`."""
    check_provider(FullEnrich, CASES).assert_ok()


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
    vendor: Vendor, method: str, fields: dict[str, Any], path: str, contact: dict[str, Any]
) -> None:
    """Only phones are asked for, and the label in the vendor's dashboard names nobody."""
    vendor.says(SUBMITTED).says(result("FINISHED", profile=None, credits=0)).ask(method, **fields)
    submitted, polled = vendor.asked
    base = f"https://app.fullenrich.com/api/v2/{path}/bulk"
    assert (submitted.method, submitted.url) == ("POST", base)
    assert (polled.method, polled.url) == ("GET", f"{base}/{ID}")
    assert submitted.headers["authorization"] == polled.headers["authorization"] == f"Bearer {vendor.key}"
    assert submitted.json() == {"name": "enrichcore", "data": [contact]}


def test_a_finished_job_is_a_hit_with_the_most_probable_number_first(vendor: Vendor) -> None:
    numbers = [
        Number("+1 202-555-0123", type="MOBILE", country="US"),
        Number("+44 20 7946 0018", type="LANDLINE", country="GB"),
    ]
    answer = vendor.says(SUBMITTED).says(result("FINISHED", FOUND)).ask(linkedin_id=SLUG)
    assert answer == Hit(*numbers, person=PERSON, credits=Decimal(10))


def test_a_line_type_that_is_not_said_is_not_guessed(vendor: Vendor) -> None:
    found = {"most_probable_phone": {"number": "+1 202-555-0123", "region": "US"}}
    assert poll(vendor.says(result("FINISHED", found, profile=None))) == Hit(
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
def test_a_finished_job_without_a_number_is_a_miss(vendor: Vendor, found: Any) -> None:
    """Our own input comes back with it and is no evidence of anything."""
    assert poll(vendor.says(result("FINISHED", found, credits=0, profile=None))) == Miss(credits=Decimal(0))


def test_an_email_of_doubtful_status_is_not_passed_on(vendor: Vendor) -> None:
    found = FOUND | {"most_probable_work_email": {"email": "mara@northquay.example", "status": "CATCH_ALL"}}
    answer = poll(vendor.says(result("FINISHED", found)))
    assert isinstance(answer, Hit)
    assert answer.person is not None
    assert answer.person.email is None


def test_by_email_it_says_who_the_person_is_but_never_a_number(vendor: Vendor) -> None:
    """The LinkedIn id is what the cascade goes on with; the match costs one credit."""
    reverse = {
        "status": "FINISHED",
        "cost": {"credits": 1},
        "data": [{"input": {"email": "m@x.example"}, "profile": PROFILE}],
    }
    answer = vendor.says(SUBMITTED).says(reply(200, reverse)).ask(email="mara@northquay.example")
    assert isinstance(answer, Miss)
    assert answer.credits == 1
    assert answer.person is not None
    assert answer.person.linkedin_id == "https://www.linkedin.com/in/mara-ellsworth-0141/"
    assert answer.person.email is None


@pytest.mark.parametrize("said", PENDING)
def test_a_job_that_runs_is_given_back(vendor: Vendor, said: Act) -> None:
    assert poll(vendor.says(said)) == Job(ID)


def test_a_running_job_is_polled_until_it_answers(vendor: Vendor) -> None:
    """One submission, however many polls."""
    answer = vendor.says(SUBMITTED, *PENDING, result("FINISHED", FOUND)).ask(linkedin_id=SLUG)
    assert isinstance(answer, Hit)
    assert [request.method for request in vendor.asked] == ["POST", *["GET"] * (len(PENDING) + 1)]


@pytest.mark.parametrize(
    "said",
    [result("CREDITS_INSUFFICIENT", FOUND, code=402), result("CANCELED", FOUND)],
)
def test_a_number_found_before_the_job_ended_early_is_taken(vendor: Vendor, said: Act) -> None:
    """It was paid for."""
    answer = poll(vendor.says(said))
    assert isinstance(answer, Hit)
    assert answer.credits == 10


SUBMISSIONS: list[tuple[Act, type[ProviderError]]] = [
    (failure(400, "error.enrichment.data.empty"), errors.RequestRefused),
    (failure(400, "error.enrichment.domain.empty"), errors.RequestRefused),
    (failure(400, "error.enrichment.in_progress"), errors.RequestRefused),
    (reply(400, text="<html>bad request</html>"), errors.RequestRefused),
    (failure(401, "error.api.key"), errors.KeyRefused),
    (failure(401, "error.authorization.not_set"), errors.KeyRefused),
    (result("CREDITS_INSUFFICIENT", code=402), errors.OutOfCredits),
    (reply(404, text="<html>nginx</html>"), errors.RequestRefused),
    (failure(429, "error.rate.limit"), errors.RateLimited),
    (reply(500), errors.ServerError),
    (reply(503, text="<html>busy</html>"), errors.ServerError),
    (reply(502, text="<html>bad gateway</html>"), errors.MaybeSent),
    (reply(504, text="<html>gateway time-out</html>"), errors.MaybeSent),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
    (reply(200, {"enrichment_id": 7}), errors.Unreadable),
]
POLLS: list[tuple[Act, type[ProviderError]]] = [
    (failure(400, "error.something.else"), errors.RequestRefused),
    (failure(401, "error.api.key"), errors.KeyRefused),
    (result("CREDITS_INSUFFICIENT", {"most_probable_phone": None}, credits=0, code=402), errors.OutOfCredits),
    (reply(402, {"id": ID, "status": "CREDITS_INSUFFICIENT"}), errors.OutOfCredits),
    (result("CREDITS_INSUFFICIENT", credits=0), errors.OutOfCredits),
    (result("CANCELED", credits=0), errors.JobFailed),
    (failure(404, "error.enrichment.not_found"), errors.JobFailed),
    (failure(429, "error.rate.limit"), errors.RateLimited),
    (reply(500), errors.ServerError),
    (reply(504, text="<html>gateway time-out</html>"), errors.ServerError),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"status": "DONE"}), errors.Unreadable),
    (reply(200, {"status": ["FINISHED"]}), errors.Unreadable),
    (reply(200, {"status": "FINISHED"}), errors.Unreadable),
    (reply(200, {"status": "FINISHED", "data": []}), errors.Unreadable),
    (result("FINISHED", "+1 202-555-0123"), errors.Unreadable),
    (result("FINISHED", {"most_probable_phone": "+1 202-555-0123"}), errors.Unreadable),
    (result("FINISHED", {"phones": [{"value": "+1 202-555-0123"}]}), errors.Unreadable),
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


@pytest.mark.parametrize(("credits", "billed"), [(0, False), (3, True), (None, None), (True, None)])
def test_a_canceled_job_was_billed_as_its_cost_says(vendor: Vendor, credits: Any, billed: bool | None) -> None:
    vendor.says(result("CANCELED", credits=credits))
    with pytest.raises(errors.JobFailed) as caught:
        poll(vendor)
    assert caught.value.billed is billed


@pytest.mark.parametrize(("headers", "wait"), [({}, 60.0), ({"retry-after": "5"}, 5.0)])
def test_a_rate_limit_lasts_the_minute_that_the_text_names(
    vendor: Vendor, headers: dict[str, str], wait: float
) -> None:
    vendor.says(reply(429, {"code": "error.rate.limit"}, headers=headers))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert caught.value.retry_after == wait


def test_a_job_id_cannot_lead_elsewhere(vendor: Vendor) -> None:
    """The vendor's id becomes one segment of the path, whatever is in it."""
    vendor.says(result("FINISHED", credits=0, profile=None))
    vendor.collect("a/b?c=d", EmailQuery(email="mara@northquay.example"))
    assert vendor.asked[0].path == "/api/v2/contact/reverse/email/bulk/a%2Fb%3Fc%3Dd"


def test_the_balance_is_asked_for_free(vendor: Vendor) -> None:
    assert vendor.says(reply(200, {"balance": 5000})).balance() == Credits(remaining=Decimal(5000))
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/api/v2/account/credits")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (failure(401, "error.api.key"), errors.KeyRefused),
        (reply(404), errors.KeyRefused),
        (reply(200, {}), errors.Unreadable),
        (reply(200, {"balance": "5000"}), errors.Unreadable),
    ],
)
def test_a_balance_that_cannot_be_read_is_an_error(vendor: Vendor, said: Act, error: type[ProviderError]) -> None:
    vendor.says(said)
    with pytest.raises(error):
        vendor.balance()
