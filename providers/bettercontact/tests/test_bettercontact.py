"""Every answer that BetterContact documents, of a submission and of a poll, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_bettercontact import Bettercontact
from enrichcore_bettercontact_cases import CASES, ID, NOT_FOUND, NOTHING, PENDING, ROW, SUBMITTED, failure, result, rows

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Billed, Credits, Hit, Job, LinkedInQuery, Miss, Number, Outcome, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

SLUG = "mara-ellsworth-0141"
NAMES: dict[str, Any] = {"first_name": "Mara", "last_name": "Ellsworth"}
SAID = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    domain="northquay.example",
    title="Operations Director",
    linkedin_id="https://www.linkedin.com/in/mara-ellsworth-0141/",
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Bettercontact)


def poll(vendor: Vendor) -> Hit | Miss | Job:
    """Ask once for the result of a job."""
    return vendor.collect(ID, LinkedInQuery(linkedin_id=SLUG))


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_bettercontact:")]
    assert entry.name == Bettercontact.name
    assert entry.load() is Bettercontact


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test bettercontact`."""
    check_provider(Bettercontact, CASES).assert_ok()


PROFILE = {"linkedin_url": f"https://www.linkedin.com/in/{SLUG}"}


@pytest.mark.parametrize(
    ("method", "fields", "lead"),
    [
        (
            "name",
            {**NAMES, "company": "Northquay Ltd", "domain": "northquay.example"},
            {**NAMES, "company": "Northquay Ltd", "company_domain": "northquay.example"},
        ),
        ("name", {**NAMES, "company": "Northquay Ltd"}, {**NAMES, "company": "Northquay Ltd"}),
        ("linkedin", {**NAMES, "linkedin_id": SLUG}, {**NAMES, **PROFILE}),
        ("linkedin", {"linkedin_id": SLUG}, PROFILE),
    ],
)
def test_each_method_submits_one_lead_and_polls_its_job(
    vendor: Vendor, method: str, fields: dict[str, Any], lead: dict[str, str]
) -> None:
    """Only a phone is asked for: an email would be charged too."""
    vendor.says(SUBMITTED, NOT_FOUND[0]).ask(method, **fields)
    submitted, polled = vendor.asked
    assert (submitted.method, submitted.url) == ("POST", "https://app.bettercontact.rocks/api/v2/async")
    assert (polled.method, polled.url) == ("GET", f"https://app.bettercontact.rocks/api/v2/async/{ID}")
    assert submitted.headers["x-api-key"] == polled.headers["x-api-key"] == vendor.key
    assert submitted.json() == {"data": [lead], "enrich_email_address": False, "enrich_phone_number": True}


def test_a_number_is_a_hit_and_costs_what_the_answer_says(vendor: Vendor) -> None:
    assert poll(vendor.says(result())) == Hit(
        Number("+12025550123", country="US", do_not_call=False), person=SAID, credits=Decimal(10)
    )


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"do_not_contact": True}, Number("+12025550123", country="US", do_not_call=True)),
        ({"do_not_contact": None}, Number("+12025550123", country="US")),
        ({"do_not_contact": "yes"}, Number("+12025550123", country="US", do_not_call=True)),
        ({"contact_phone_number_cc": "+1"}, Number("+12025550123", do_not_call=False)),
        ({"contact_phone_number_cc": 1}, Number("+12025550123", do_not_call=False)),
        ({"contact_phone_number": "(202) 555.0123"}, Number("(202) 555.0123", country="US", do_not_call=False)),
        ({"enriched": "yes"}, Number("+12025550123", country="US", do_not_call=False)),
    ],
)
def test_what_is_said_beside_a_number_is_passed_on(vendor: Vendor, changes: dict[str, Any], number: Number) -> None:
    assert poll(vendor.says(result(**changes))) == Hit(number, person=SAID, credits=Decimal(10))


@pytest.mark.parametrize(
    "changes",
    [
        NOTHING,
        NOTHING | {"contact_phone_number": ""},
        {"contact_phone_number": "not found"},
        {"contact_phone_number": "+1 202-555-****"},
        {"contact_phone_number": "+1 202 555 xxxx"},
        {"contact_phone_number": False},
        {"contact_phone_number_status": "invalid"},
    ],
)
def test_no_number_and_a_hidden_or_wrong_one_are_a_miss(vendor: Vendor, changes: dict[str, Any]) -> None:
    answer = poll(vendor.says(result(credits=0, **changes)))
    assert isinstance(answer, Miss)
    assert answer.credits == 0


def test_a_word_with_two_x_is_no_hidden_one(vendor: Vendor) -> None:
    """Only in a number do they stand for digits."""
    answer = poll(vendor.says(result(contact_last_name="Foxx", company_name="Foxx & Sons")))
    assert isinstance(answer, Hit)
    assert answer.person is not None
    assert (answer.person.name, answer.person.company) == ("Mara Foxx", "Foxx & Sons")


def test_a_row_that_says_nothing_of_the_person_is_a_miss_without_one(vendor: Vendor) -> None:
    assert poll(vendor.says(rows([{"enriched": False}], credits=0))) == Miss(credits=Decimal(0))


@pytest.mark.parametrize(
    ("status", "email"),
    [
        ("deliverable", "mara@northquay.example"),
        ("catch_all_safe", "mara@northquay.example"),
        ("catch_all_not_safe", None),
        ("undeliverable", None),
        (None, None),
        (["deliverable"], None),
    ],
)
def test_only_an_email_that_can_be_delivered_is_passed_on(vendor: Vendor, status: Any, email: str | None) -> None:
    said = result(contact_email_address="mara@northquay.example", contact_email_address_status=status)
    answer = poll(vendor.says(said))
    assert isinstance(answer, Hit)
    assert answer.person is not None
    assert answer.person.email == email


@pytest.mark.parametrize(
    ("credits", "spent"),
    [("10", Decimal(10)), (0.5, Decimal("0.5")), (None, None), (True, None), (-1, None), ("ten", None), ([], None)],
)
def test_what_it_cost_is_read_as_number_and_as_text(vendor: Vendor, credits: Any, spent: Decimal | None) -> None:
    answer = poll(vendor.says(result(credits=credits)))
    assert isinstance(answer, Hit)
    assert answer.credits == spent


@pytest.mark.parametrize("said", PENDING)
def test_a_search_that_runs_is_given_back(vendor: Vendor, said: Act) -> None:
    """Also one that waits for credits: it goes on by itself, and a new one would be paid for as well."""
    assert poll(vendor.says(said)) == Job(ID)


def test_a_search_is_polled_until_it_answers(vendor: Vendor) -> None:
    """One submission, however many polls."""
    attempt = vendor.says(SUBMITTED, *PENDING, result()).attempt(linkedin_id=SLUG, **NAMES, deadline=600.0)
    assert (attempt.outcome, attempt.billed, attempt.credits) == (Outcome.HIT, Billed.YES, Decimal(10))
    assert [request.method for request in vendor.asked] == ["POST", *["GET"] * (len(PENDING) + 1)]


def test_an_id_of_digits_is_as_good(vendor: Vendor) -> None:
    vendor.says(reply(201, {"id": 7}), result()).ask(linkedin_id=SLUG)
    assert vendor.asked[1].path == "/api/v2/async/7"


def test_a_job_id_cannot_lead_elsewhere(vendor: Vendor) -> None:
    """The vendor's id becomes one segment of the path, whatever is in it."""
    vendor.says(result()).collect("a/b?c=d", LinkedInQuery(linkedin_id=SLUG))
    assert vendor.asked[0].path == "/api/v2/async/a%2Fb%3Fc%3Dd"


SUBMISSIONS: list[tuple[Act, type[ProviderError]]] = [
    (failure(400), errors.RequestRefused),
    (failure(401), errors.KeyRefused),
    (failure(402), errors.OutOfCredits),
    (reply(403, text="<html>error code: 1010</html>"), errors.KeyRefused),
    (failure(404), errors.RequestRefused),
    (failure(406), errors.RequestRefused),
    (failure(422), errors.RequestRefused),
    (failure(429), errors.RateLimited),
    (failure(500), errors.ServerError),
    (failure(502), errors.MaybeSent),
    (failure(504), errors.MaybeSent),
    (reply(201, text="<html>sign in</html>"), errors.Unreadable),
    (reply(201, []), errors.Unreadable),
    (reply(201, {"success": False}), errors.Unreadable),
    (reply(201, {"id": ""}), errors.Unreadable),
    (reply(201, {"id": True}), errors.Unreadable),
]
POLLS: list[tuple[Act, type[ProviderError]]] = [
    (failure(400), errors.RequestRefused),
    (failure(401), errors.KeyRefused),
    (failure(402), errors.OutOfCredits),
    (failure(404), errors.JobFailed),
    (failure(406), errors.JobFailed),
    (failure(429), errors.RateLimited),
    (failure(500), errors.ServerError),
    (failure(502), errors.ServerError),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(202, []), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
    (reply(200, {"status": "done"}), errors.Unreadable),
    (reply(200, {"status": ["terminated"]}), errors.Unreadable),
    (reply(200, {"status": "terminated"}), errors.Unreadable),
    (rows([]), errors.Unreadable),
    (rows(ROW), errors.Unreadable),
    (rows([ROW, ROW]), errors.Unreadable),
    (rows([None]), errors.Unreadable),
    (rows([{}]), errors.Unreadable),
    (result(contact_phone_number=True), errors.Unreadable),
    (result(contact_phone_number=12025550123), errors.Unreadable),
    (result(contact_phone_number=["+12025550123"]), errors.Unreadable),
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


@pytest.mark.parametrize(("headers", "wait"), [({}, 60.0), ({"retry-after": "5"}, 5.0)])
def test_a_rate_limit_lasts_a_minute(vendor: Vendor, headers: dict[str, str], wait: float) -> None:
    vendor.says(reply(429, {"message": "slow down"}, headers=headers))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert caught.value.retry_after == wait


def test_the_balance_is_asked_for_free(vendor: Vendor) -> None:
    body = {"success": True, "credits_left": 32377, "email": "owner@northquay.example"}
    assert vendor.says(reply(200, body)).balance() == Credits(remaining=Decimal(32377))
    [request] = vendor.asked
    assert (request.method, request.url) == ("GET", "https://app.bettercontact.rocks/api/v2/account")


@pytest.mark.parametrize(
    "said",
    [
        reply(200, {}),
        reply(200, []),
        reply(200, {"credits_left": True}),
        reply(200, {"credits_left": "many"}),
        failure(404),
    ],
)
def test_a_balance_that_cannot_be_read_is_an_error(vendor: Vendor, said: Act) -> None:
    vendor.says(said)
    with pytest.raises(errors.Unreadable):
        vendor.balance()
