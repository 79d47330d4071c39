"""Every answer that Surfe documents, and what becomes of it."""

from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_surfe import Surfe
from enrichcore_surfe_cases import CASES, ID, NOBODY, PERSON, SUBMITTED, failure, found, result, running

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Hit, Job, LinkedInQuery, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

SLUG = "mara-ellsworth-0141"
QUERY = LinkedInQuery(linkedin_id=SLUG)
NAMES = {"first_name": "Mara", "last_name": "Ellsworth"}
SAID = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    domain="northquay.example",
    title="Operations Director",
    country="United States",
    email="mara@northquay.example",
    linkedin_id="https://www.linkedin.com/in/mara-ellsworth-0141/",
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Surfe)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_surfe:")]
    assert entry.name == Surfe.name
    assert entry.load() is Surfe


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test surfe`."""
    check_provider(Surfe, CASES).assert_ok()


NAMED = {"firstName": "Mara", "lastName": "Ellsworth"}


@pytest.mark.parametrize(
    ("method", "fields", "who"),
    [
        ("name", {**NAMES, "company": "Northquay Ltd"}, {**NAMED, "companyName": "Northquay Ltd"}),
        (
            "name",
            {**NAMES, "company": "Northquay Ltd", "domain": "northquay.example"},
            {**NAMED, "companyName": "Northquay Ltd", "companyDomain": "northquay.example"},
        ),
        (
            "linkedin",
            {**NAMES, "linkedin_id": SLUG},
            {"linkedinUrl": "https://www.linkedin.com/in/mara-ellsworth-0141"},
        ),
    ],
)
def test_each_method_asks_for_mobiles_alone(
    vendor: Vendor, method: str, fields: dict[str, Any], who: dict[str, str]
) -> None:
    vendor.says(SUBMITTED, result(NOBODY)).ask(method, **fields)
    submit, poll = vendor.asked
    assert (submit.method, submit.url) == ("POST", "https://api.surfe.com/v2/people/enrich")
    assert submit.headers["authorization"] == f"Bearer {vendor.key}"
    assert submit.json() == {"include": {"mobile": True}, "people": [{**who, "externalID": "1"}]}
    assert (poll.method, poll.url) == ("GET", f"https://api.surfe.com/v2/people/enrich/{ID}")


def test_mobiles_come_in_the_vendors_order_with_their_scores(vendor: Vendor) -> None:
    answer = vendor.says(found()).collect(ID, QUERY)
    assert answer == Hit(
        Number("+1 202 555 0123", type="mobile", score=0.8),
        Number("+1 503 555 0142", type="mobile", score=0.4),
        person=SAID,
    )


@pytest.mark.parametrize("status", ["IN_PROGRESS", "PENDING"])
def test_a_running_job_is_the_job_again(vendor: Vendor, status: str) -> None:
    assert vendor.says(running(status)).collect(ID, QUERY) == Job(ID)


@pytest.mark.parametrize(
    ("said", "person"),
    [
        (result(NOBODY), Person(name="Mara Ellsworth")),
        (result({"externalID": "1", "status": "NOT_FOUND"}), None),
        (found(mobilePhones=[]), SAID),
        (found(mobilePhones=None), SAID),
        (found(mobilePhones=[{"mobilePhone": "+1 202***"}, {"mobilePhone": ""}]), SAID),
    ],
)
def test_no_mobile_is_a_miss(vendor: Vendor, said: Act, person: Person | None) -> None:
    assert vendor.says(said).collect(ID, QUERY) == Miss(person)


def test_only_the_person_with_our_reference_is_read(vendor: Vendor) -> None:
    stranger = PERSON | {"externalID": "2", "mobilePhones": [{"mobilePhone": "+1 202 555 0199"}]}
    answer = vendor.says(result(stranger, PERSON)).collect(ID, QUERY)
    assert isinstance(answer, Hit)
    assert [number.raw for number in answer.numbers] == ["+1 202 555 0123", "+1 503 555 0142"]


@pytest.mark.parametrize("score", [None, "0.8", True, 7, -1])
def test_a_score_outside_the_scale_is_none(vendor: Vendor, score: object) -> None:
    said = found(mobilePhones=[{"confidenceScore": score, "mobilePhone": "+1 202 555 0123"}])
    assert vendor.says(said).collect(ID, QUERY) == Hit(Number("+1 202 555 0123", type="mobile"), person=SAID)


@pytest.mark.parametrize(
    "emails", [None, [], [7], [{"email": "mara@northquay.example", "validationStatus": "INVALID"}]]
)
def test_an_email_that_is_not_valid_is_not_passed_on(vendor: Vendor, emails: object) -> None:
    answer = vendor.says(found(emails=emails)).collect(ID, QUERY)
    assert isinstance(answer, Hit)
    assert answer.person is not None
    assert answer.person.email is None


SUBMISSIONS: list[tuple[Act, type[ProviderError]]] = [
    (failure(400), errors.RequestRefused),
    (failure(401), errors.KeyRefused),
    (failure(402), errors.OutOfCredits),
    (failure(403), errors.KeyRefused),
    (failure(404), errors.RequestRefused),
    (failure(429), errors.RateLimited),
    (failure(500), errors.ServerError),
    (failure(503), errors.MaybeSent),
    (reply(202, {"enrichmentID": None}), errors.Unreadable),
    (reply(202, {"enrichmentID": 7}), errors.Unreadable),
    (reply(202, {"enrichmentID": ""}), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), SUBMISSIONS)
def test_a_submission_that_is_no_job_is_its_error(vendor: Vendor, said: Act, error: type[ProviderError]) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask("linkedin", linkedin_id=SLUG)
    assert type(caught.value) is error


POLLS: list[tuple[Act, type[ProviderError]]] = [
    (failure(404), errors.JobFailed),
    (result(PERSON, status="FAILED"), errors.JobFailed),
    (failure(402), errors.OutOfCredits),
    (failure(503), errors.ServerError),
    (result(PERSON, status="PAUSED"), errors.Unreadable),
    (result(), errors.Unreadable),
    (result(PERSON, PERSON), errors.Unreadable),
    (result("Mara Ellsworth"), errors.Unreadable),
    (result({"externalID": "1", "status": "COMPLETED"}), errors.Unreadable),
    (found(mobilePhones="+1 202 555 0123"), errors.Unreadable),
    (found(mobilePhones=[{"mobilePhone": 12025550123}]), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), POLLS)
def test_a_poll_without_an_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.collect(ID, QUERY)
    assert type(caught.value) is error
