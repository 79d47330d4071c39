"""Every answer that Enrow documents, of a submission and of a poll, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_enrow import Enrow
from enrichcore_enrow_cases import CASES, FOUND, ID, NOT_FOUND, PENDING, SUBMITTED, failure, result

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Billed, Credits, Hit, Job, LinkedInQuery, Miss, Number, Outcome
from enrichcore.testing import Act, Vendor, check_provider, reply

SLUG = "robin-sample-000"
NAMES: dict[str, Any] = {"first_name": "Robin", "last_name": "Sample"}


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Enrow)


def poll(vendor: Vendor) -> Hit | Miss | Job:
    """Ask once for the result of a job."""
    return vendor.collect(ID, LinkedInQuery(linkedin_id=SLUG))


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_enrow:")]
    assert entry.name == Enrow.name
    assert entry.load() is Enrow


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test enrow`."""
    check_provider(Enrow, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "body"),
    [
        (
            "name",
            {"company": "Example Widgets", "domain": "widgets.example"},
            {**NAMES, "company_domain": "widgets.example"},
        ),
        ("name", {"company": "Example Widgets"}, {**NAMES, "company_name": "Example Widgets"}),
        ("linkedin", {"linkedin_id": SLUG}, {"linkedin_url": f"https://www.linkedin.com/in/{SLUG}"}),
    ],
)
def test_each_method_submits_one_search_and_polls_its_job(
    vendor: Vendor, method: str, fields: dict[str, Any], body: dict[str, str]
) -> None:
    """Nothing of ours is kept with the search: no webhook, no label."""
    vendor.says(SUBMITTED, NOT_FOUND).ask(method, **NAMES, **fields)
    submitted, polled = vendor.asked
    assert (submitted.method, submitted.url) == ("POST", "https://api.enrow.io/phone/single")
    assert (polled.method, polled.url) == ("GET", f"https://api.enrow.io/phone/single?id={ID}")
    assert submitted.headers["x-api-key"] == polled.headers["x-api-key"] == vendor.key
    assert submitted.json() == body


def test_a_found_number_is_a_hit_without_a_line_type(vendor: Vendor) -> None:
    """The vendor names none."""
    assert poll(vendor.says(FOUND)) == Hit(Number("+12025550143", country="US"))


@pytest.mark.parametrize("country", [None, "", 1, ["US"]])
def test_a_country_of_another_kind_is_left_out(vendor: Vendor, country: Any) -> None:
    assert poll(vendor.says(result("found", number="+12025550143", country=country))) == Hit(Number("+12025550143"))


@pytest.mark.parametrize(
    "said",
    [
        NOT_FOUND,
        result("not_found", number=None, country=None),
        result("found", number="+1 202-555-****", country="US"),
        result("found", number="+1 202 555 xxxx", country="US"),
    ],
)
def test_not_found_and_a_hidden_number_are_a_miss(vendor: Vendor, said: Act) -> None:
    assert poll(vendor.says(said)) == Miss()


@pytest.mark.parametrize("said", PENDING)
def test_a_search_that_runs_is_given_back(vendor: Vendor, said: Act) -> None:
    assert poll(vendor.says(said)) == Job(ID)


def test_credits_that_are_set_aside_are_not_spent(vendor: Vendor) -> None:
    """`credits_used` of a submission says 50 before anything is found; a search without a number costs nothing."""
    vendor.says(SUBMITTED, *PENDING, NOT_FOUND)
    attempt = vendor.attempt(linkedin_id=SLUG, **NAMES)
    assert (attempt.outcome, attempt.billed, attempt.credits) == (Outcome.MISS, Billed.NO, Decimal(0))
    assert [request.method for request in vendor.asked] == ["POST", "GET", "GET", "GET", "GET"]


def test_a_found_number_costs_fifty_credits(vendor: Vendor) -> None:
    attempt = vendor.says(SUBMITTED, FOUND).attempt(linkedin_id=SLUG, **NAMES)
    assert (attempt.outcome, attempt.billed, attempt.credits) == (Outcome.HIT, Billed.YES, Decimal(50))


def test_an_id_of_digits_is_as_good(vendor: Vendor) -> None:
    vendor.says(reply(201, {"id": 7}), FOUND).ask(linkedin_id=SLUG)
    assert vendor.asked[1].query == {"id": "7"}


def test_a_job_id_cannot_lead_elsewhere(vendor: Vendor) -> None:
    """The vendor's id stays one value, whatever is in it."""
    vendor.says(NOT_FOUND).collect("a&b=c#d", LinkedInQuery(linkedin_id=SLUG))
    assert vendor.asked[0].query == {"id": "a&b=c#d"}


SUBMISSIONS: list[tuple[Act, type[ProviderError]]] = [
    (failure(400), errors.RequestRefused),
    (failure(401), errors.KeyRefused),
    (failure(402), errors.OutOfCredits),
    (failure(404), errors.RequestRefused),
    (failure(422), errors.OutOfCredits),
    (failure(429), errors.RateLimited),
    (failure(500), errors.ServerError),
    (failure(502), errors.MaybeSent),
    (failure(504), errors.MaybeSent),
    (reply(201, text="<html>sign in</html>"), errors.Unreadable),
    (reply(201, []), errors.Unreadable),
    (reply(201, {"message": "Single search operating"}), errors.Unreadable),
    (reply(201, {"id": ""}), errors.Unreadable),
    (reply(201, {"id": True}), errors.Unreadable),
    (reply(201, {"id": [ID]}), errors.Unreadable),
]
POLLS: list[tuple[Act, type[ProviderError]]] = [
    (failure(400), errors.RequestRefused),
    (failure(401), errors.KeyRefused),
    (failure(404), errors.JobFailed),
    (failure(422), errors.RequestRefused),
    (failure(429), errors.RateLimited),
    (failure(500), errors.ServerError),
    (failure(504), errors.ServerError),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(202, []), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
    (result("maybe"), errors.Unreadable),
    (reply(200, {"qualification": ["found"]}), errors.Unreadable),
    (result("found"), errors.Unreadable),
    (result("found", number=None), errors.Unreadable),
    (result("found", number=""), errors.Unreadable),
    (result("found", number=True), errors.Unreadable),
    (result("found", number=12025550143), errors.Unreadable),
    (result("found", number=["+12025550143"]), errors.Unreadable),
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


DATE = "Wed, 25 Nov 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"X-RateLimit-Reset": "2"}, 2.0),
        ({"X-RateLimit-Reset": "1795597205", "Date": DATE}, 5.0),
        ({"X-RateLimit-Reset": "1795597205"}, None),
        ({"X-RateLimit-Reset": "1795597205", "Date": "today"}, None),
        ({"X-RateLimit-Reset": "86400"}, None),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Reset": "2", "Retry-After": "9"}, 9.0),
    ],
)
def test_the_wait_is_what_the_header_says(vendor: Vendor, headers: dict[str, str], wait: float | None) -> None:
    """Seconds or a moment: the vendor does not document which."""
    vendor.says(reply(429, {"message": "slow down"}, headers=headers))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert caught.value.retry_after == wait


def test_the_balance_is_asked_for_free(vendor: Vendor) -> None:
    assert vendor.says(reply(200, {"credits": 940})).balance() == Credits(remaining=Decimal(940))
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/account/info")


@pytest.mark.parametrize(
    "said",
    [reply(200, {}), reply(200, []), reply(200, {"credits": "940"}), reply(200, {"credits": True}), failure(404)],
)
def test_a_balance_that_cannot_be_read_is_an_error(vendor: Vendor, said: Act) -> None:
    vendor.says(said)
    with pytest.raises(errors.Unreadable):
        vendor.balance()
