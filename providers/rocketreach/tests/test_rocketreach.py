"""Every answer that RocketReach documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_rocketreach import Rocketreach
from enrichcore_rocketreach_cases import (
    CASES,
    CONTACT,
    EXTENSION,
    FAILED,
    ID,
    MOBILE,
    NOBODY,
    PENDING,
    PROFILE,
    SUBMITTED,
    checked,
    failure,
    looked_up,
)

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL = CONTACT["email"]
NAMES: dict[str, Any] = {"first_name": "Robin", "last_name": "Sample"}
SAID = Person(
    name="Robin Sample",
    company="Example Widgets",
    domain="widgets.example",
    title="Head of Widgets",
    email=EMAIL,
    linkedin_id="https://www.linkedin.com/in/robin-sample-000",
)
NUMBERS = (Number("+12025550143", type="mobile"), Number("+12025550178", type="direct dial", company_line=True))


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Rocketreach)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_rocketreach:")]
    assert entry.name == Rocketreach.name
    assert entry.load() is Rocketreach


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test rocketreach`."""
    check_provider(Rocketreach, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "sent"),
    [
        (
            "name",
            {**NAMES, "company": "Example Widgets", "domain": "widgets.example"},
            {"name": "Robin Sample", "current_employer": "Example Widgets"},
        ),
        (
            "linkedin",
            {**NAMES, "linkedin_id": "robin-sample-000"},
            {"linkedin_url": "https://www.linkedin.com/in/robin-sample-000"},
        ),
        ("email", {**NAMES, "email": EMAIL}, {"email": EMAIL}),
    ],
)
def test_each_method_sends_its_key_and_asks_for_phones(
    vendor: Vendor, method: str, fields: dict[str, Any], sent: dict[str, str]
) -> None:
    vendor.says(NOBODY).ask(method, **fields)
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/api/v2/person/lookup")
    assert request.headers["api-key"] == vendor.key
    assert request.query == {**sent, "lookup_type": "phone"}


def test_without_a_company_nobody_is_asked_by_name(vendor: Vendor) -> None:
    """The vendor takes no domain."""
    result = vendor.says(NOBODY).enrich(**NAMES, domain="widgets.example")
    assert [attempt.tries for attempt in result.attempts] == [0] * len(result.attempts)
    assert vendor.asked == []


def test_a_fresh_profile_is_answered_at_once(vendor: Vendor) -> None:
    assert vendor.says(looked_up()).ask(email=EMAIL) == Hit(*NUMBERS, person=SAID)
    assert len(vendor.asked) == 1


def test_a_search_is_polled_until_it_is_complete(vendor: Vendor) -> None:
    assert vendor.says(SUBMITTED, *PENDING, checked()).ask(email=EMAIL) == Hit(*NUMBERS, person=SAID)
    polls = vendor.asked[1:]
    assert {(one.method, one.path) for one in polls} == {("GET", "/api/v2/person/checkStatus")}
    assert [one.query for one in polls] == [{"ids": str(ID)}] * (len(PENDING) + 1)


def test_an_id_may_come_as_text(vendor: Vendor) -> None:
    answer = vendor.says(looked_up(id="77", status="queued"), checked(id="77")).ask(email=EMAIL)
    assert isinstance(answer, Hit)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (NOBODY, Miss()),
        (reply(404, {"detail": "Not found."}), Miss()),
        (reply(404, {"error": "no such profile"}), Miss()),
        (looked_up(phones=[]), Miss(SAID)),
        (looked_up(status="failed"), Miss(SAID)),
        (reply(200, {"id": ID, "status": "failed"}), Miss()),
    ],
)
def test_nobody_and_nothing_are_misses(vendor: Vendor, said: Act, answer: Miss) -> None:
    assert vendor.says(said).ask(email=EMAIL) == answer


def test_a_search_that_found_nothing_is_a_miss(vendor: Vendor) -> None:
    assert vendor.says(SUBMITTED, FAILED).ask(email=EMAIL) == Miss()


@pytest.mark.parametrize(
    ("phones", "numbers"),
    [
        ([EXTENSION, MOBILE], NUMBERS),
        ([MOBILE | {"e164": None}], (Number("+1 202-555-0143", type="mobile"),)),
        ([MOBILE | {"type": "office"}], (Number("+12025550143", type="office", company_line=True),)),
        ([MOBILE | {"type": None}], (Number("+12025550143"),)),
        ([MOBILE | {"validity": "invalid"}, EXTENSION], NUMBERS[1:]),
        ([MOBILE | {"e164": "+1202555****"}, EXTENSION], NUMBERS[1:]),
        ([MOBILE | {"e164": "", "number": ""}, EXTENSION], NUMBERS[1:]),
    ],
)
def test_the_recommended_number_comes_first_and_a_companys_is_marked(
    vendor: Vendor, phones: list[Any], numbers: tuple[Number, ...]
) -> None:
    answer = vendor.says(looked_up(phones=phones)).ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert answer.numbers == numbers


def test_the_address_that_was_asked_for_is_passed_on(vendor: Vendor) -> None:
    emails = [*PROFILE["emails"], "x", {"email": "robin@mail.example", "type": "personal"}]
    answer = vendor.says(looked_up(emails=emails)).ask(email="robin@mail.example")
    assert answer.person is not None
    assert answer.person.email == "robin@mail.example"


def word(vendor: Vendor) -> str:
    """The code of the error, with the engine's reading of what a strict reader raises."""
    try:
        vendor.ask(email=EMAIL)
    except ProviderError as error:
        return error.code
    except (LookupError, TypeError, AttributeError):
        return errors.Unreadable.code
    return "no error"


AT_ONCE: list[tuple[Act, type[ProviderError]]] = [
    (reply(401, {"detail": "Invalid API key", "error_code": "authentication_failed"}), errors.KeyRefused),
    (failure(402, "no credits"), errors.OutOfCredits),
    (failure(403, "not allowed"), errors.KeyRefused),
    (failure(403, "Insufficient credits"), errors.OutOfCredits),
    (failure(400, "bad request"), errors.RequestRefused),
    (reply(400, {"name": ["This field is required."]}), errors.RequestRefused),
    (reply(400, {"detail": "You have no credits left"}), errors.OutOfCredits),
    (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
    (reply(404, []), errors.RequestRefused),
    (reply(429), errors.RateLimited),
    (reply(500), errors.ServerError),
    (reply(200, [PROFILE]), errors.Unreadable),
    (reply(200, {"id": ID}), errors.Unreadable),
    (looked_up(status=None), errors.Unreadable),
    (looked_up(status=""), errors.Unreadable),
    (looked_up(status="searching", id=None), errors.Unreadable),
    (looked_up(status="searching", id=True), errors.Unreadable),
    (looked_up(status="searching", id="../account"), errors.Unreadable),
    (looked_up(phones=None), errors.Unreadable),
    (looked_up(phones={"e164": "+12025550143"}), errors.Unreadable),
    (looked_up(phones=["+12025550143"]), errors.Unreadable),
    (looked_up(phones=[{"e164": 12025550143}]), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), AT_ONCE)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    assert word(vendor.says(said)) == error.code


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (NOBODY, errors.JobFailed),
        (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
        (reply(200, []), errors.Unreadable),
        (reply(200, PROFILE), errors.Unreadable),
        (reply(200, ["complete"]), errors.Unreadable),
        (reply(200, [PROFILE, PROFILE]), errors.Unreadable),
        (checked(id=7), errors.Unreadable),
    ],
)
def test_a_poll_that_does_not_show_the_profile_of_the_job_is_an_error(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    assert word(vendor.says(SUBMITTED, said)) == error.code


@pytest.mark.parametrize(
    ("pools", "credits"),
    [
        ([("standard", 5), ("premium_lookup", 9)], Credits(remaining=Decimal(9), detail="premium_lookup")),
        ([("premium", 9), ("phone_lookup", 3)], Credits(remaining=Decimal(3), detail="phone_lookup")),
        ([("standard", "inf")], Credits(remaining=None, detail="standard")),
        ([], None),
    ],
)
def test_the_balance_is_that_of_the_pool_for_phones(
    vendor: Vendor, pools: list[tuple[str, Any]], credits: Credits | None
) -> None:
    usage = [{"credit_type": kind, "remaining": left} for kind, left in pools]
    assert vendor.says(reply(200, {"credit_usage": usage})).balance() == credits
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/api/v2/account/")


@pytest.mark.parametrize("left", [None, True, "99"])
def test_a_balance_that_is_no_number_is_unreadable(vendor: Vendor, left: Any) -> None:
    vendor.says(reply(200, {"credit_usage": [{"credit_type": "premium", "remaining": left}]}))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
