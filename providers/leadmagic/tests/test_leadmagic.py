"""Every answer that LeadMagic documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_leadmagic import Leadmagic
from enrichcore_leadmagic_cases import CASES, CONTACT, NOTHING, URL, failure, flat, found

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL, SLUG = CONTACT["email"], CONTACT["linkedin_id"]
NAMES: dict[str, Any] = {"first_name": "Robin", "last_name": "Sample"}


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Leadmagic)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_leadmagic:")]
    assert entry.name == Leadmagic.name
    assert entry.load() is Leadmagic


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test leadmagic`."""
    check_provider(Leadmagic, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "sent"),
    [
        ("linkedin", {"linkedin_id": SLUG}, {"profile_url": URL}),
        ("email", {"email": EMAIL}, {"work_email": EMAIL}),
        ("email", {"email": "robin.sample@gmail.com"}, {"personal_email": "robin.sample@gmail.com"}),
    ],
)
def test_each_method_sends_its_key_and_nothing_else(
    vendor: Vendor, method: str, fields: dict[str, Any], sent: dict[str, str]
) -> None:
    vendor.says(reply(200, NOTHING)).ask(method, **NAMES, **fields)
    [request] = vendor.asked
    assert (request.method, request.url) == ("POST", "https://api.leadmagic.io/v1/people/mobile-finder")
    assert request.headers["x-api-key"] == vendor.key
    assert request.json() == sent


@pytest.mark.parametrize(
    ("method", "key", "person"),
    [("linkedin", {"linkedin_id": SLUG}, Person(email=EMAIL)), ("email", {"email": EMAIL}, Person(linkedin_id=URL))],
)
def test_a_mobile_is_a_hit_and_the_question_is_no_evidence(
    vendor: Vendor, method: str, key: dict[str, Any], person: Person
) -> None:
    """Of profile and email only the one that was not asked with is passed on."""
    answer = vendor.says(found()).ask(method, **key)
    assert answer == Hit(Number("+12025550143", type="mobile"), person=person, credits=Decimal(5))


@pytest.mark.parametrize("profile", [SLUG, URL + "/", URL.upper(), None, 7, ""])
def test_the_question_is_recognised_in_any_form(vendor: Vendor, profile: Any) -> None:
    assert vendor.says(found(profile_url=profile)).ask("linkedin", linkedin_id=SLUG).person == Person(email=EMAIL)


def test_another_profile_than_the_one_that_was_asked_for_is_refused(vendor: Vendor) -> None:
    other = found(profile_url="https://www.linkedin.com/in/nora-quill-7", email="nora@quill.example")
    assert vendor.says(other).attempt("linkedin", linkedin_id=SLUG).outcome == "rejected"


def test_a_number_with_dashes_is_accepted_by_the_engine(vendor: Vendor) -> None:
    assert vendor.says(found(mobile_number="+1-202-555-0143")).enrich(email=EMAIL).phone == "+12025550143"


@pytest.mark.parametrize(
    "said",
    [
        reply(200, NOTHING),
        failure(404, "profile_not_found"),
        failure(404, "resource_not_found"),
        flat(404, "profile_not_found"),
    ],
)
def test_nothing_found_is_a_miss_that_costs_nothing(vendor: Vendor, said: Act) -> None:
    answer = vendor.says(said).ask(email=EMAIL)
    assert isinstance(answer, Miss)
    assert answer.credits in (None, Decimal(0))


@pytest.mark.parametrize("raw", ["", " ", "+1202555****"])
def test_a_masked_or_empty_number_is_a_miss(vendor: Vendor, raw: str) -> None:
    answer = vendor.says(found(mobile_number=raw, credits_consumed=0)).ask(email=EMAIL)
    assert answer == Miss(Person(linkedin_id=URL), credits=Decimal(0))


@pytest.mark.parametrize("credits", [None, "5", True])
def test_a_charge_that_is_no_number_counts_as_not_said(vendor: Vendor, credits: Any) -> None:
    assert vendor.says(found(credits_consumed=credits)).ask(email=EMAIL).credits is None


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(400, "validation_error"), errors.RequestRefused),
    (failure(422, "validation_error"), errors.RequestRefused),
    (failure(401, "invalid_api_key"), errors.KeyRefused),
    (failure(402, "insufficient_credits"), errors.OutOfCredits),
    (flat(402, "insufficient_credits"), errors.OutOfCredits),
    (flat(400, "insufficient_credits"), errors.OutOfCredits),
    (failure(404, "route_not_found"), errors.RequestRefused),
    (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
    (reply(404, []), errors.RequestRefused),
    (reply(404, {"errors": []}), errors.RequestRefused),
    (failure(429, "rate_limit_exceeded"), errors.RateLimited),
    (failure(500, "INTERNAL_ERROR"), errors.ServerError),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"message": "Mobile number found."}), errors.Unreadable),
    (found(mobile_number=True), errors.Unreadable),
    (found(mobile_number=12025550143), errors.Unreadable),
    (found(mobile_number=["+12025550143"]), errors.Unreadable),
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


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    assert word(vendor.says(said)) == error.code


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        (failure(429, "rate_limit_exceeded", context={"retry_after_seconds": 12}), 12.0),
        (failure(429, "rate_limit_exceeded", context={"retry_after_seconds": 10**6}), 3600.0),
        (failure(429, "rate_limit_exceeded", context={"retry_after_seconds": "soon"}), None),
        (failure(429, "rate_limit_exceeded", context=None), None),
        (reply(429, headers={"Retry-After": "7"}), 7.0),
        (flat(429, "rate_limit_exceeded"), None),
    ],
)
def test_the_wait_is_that_of_the_header_or_the_body(vendor: Vendor, said: Act, wait: float | None) -> None:
    vendor.says(said)
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(email=EMAIL)
    assert caught.value.retry_after == wait


def test_the_balance_is_asked_for_free(vendor: Vendor) -> None:
    assert vendor.says(reply(200, {"credits": 995.5})).balance() == Credits(remaining=Decimal("995.5"))
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/v1/credits")


@pytest.mark.parametrize("left", [None, True, "99"])
def test_a_balance_that_is_no_number_is_unreadable(vendor: Vendor, left: Any) -> None:
    vendor.says(reply(200, {"credits": left}))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
