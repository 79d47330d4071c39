"""Every answer of Forager that is known, and what becomes of it."""

import asyncio
from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_forager import Forager
from enrichcore_forager_cases import ACCOUNT, CASES, EMPLOYER, NOBODY, PERSON, PHONES, detail, failure, role, roles

from enrichcore import errors
from enrichcore.errors import ConfigError, ProviderError
from enrichcore.model import Billed, Hit, Miss, Number, Outcome, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

SLUG = "robin-sample-000"
EMAIL = "robin.sample@post.example"
NAMES: dict[str, Any] = {"first_name": "Robin", "last_name": "Sample"}
NAMED: dict[str, Any] = {**NAMES, "company": "Example Widgets", "domain": "widgets.example"}
SAID = Person(name="Robin Sample", company="Example Widgets", domain="widgets.example", linkedin_id=SLUG)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Forager, settings={"account_id": ACCOUNT})


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_forager:")]
    assert entry.name == Forager.name
    assert entry.load() is Forager


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test forager`."""
    check_provider(Forager, CASES).assert_ok()


def test_without_an_account_it_does_not_start_and_says_what_to_set() -> None:
    with pytest.raises(ConfigError, match=r"\[providers.forager\]: set account_id"):
        asyncio.run(Forager().setup())


@pytest.mark.parametrize("account_id", ["42", 0, -1, True, 4.5])
def test_an_account_is_a_number_above_zero(account_id: Any) -> None:
    with pytest.raises(ConfigError):
        Vendor(Forager, reply(200, []), settings={"account_id": account_id}).ask(linkedin_id=SLUG)


@pytest.mark.parametrize(
    ("method", "fields", "path", "body"),
    [
        (
            "linkedin",
            {"linkedin_id": SLUG},
            "person_contacts_lookup/phone_numbers",
            {"linkedin_public_identifier": SLUG},
        ),
        (
            "name",
            {"company": "Example Widgets", "domain": "widgets.example"},
            "person_role_search",
            {"person_name": "Robin Sample", "organization_domains": ["widgets.example"], "role_is_current": True},
        ),
        ("email", {"email": EMAIL}, "person_detail_reverse_lookup/by_email", {"email": EMAIL}),
    ],
)
def test_each_method_sends_its_key_to_the_address_of_the_account(
    vendor: Vendor, method: str, fields: dict[str, Any], path: str, body: dict[str, Any]
) -> None:
    vendor.says(NOBODY).ask(method, **NAMES, **fields)
    [request] = vendor.asked
    assert (request.method, request.url) == ("POST", f"https://api-v2.forager.ai/api/42/datastorage/{path}/")
    assert request.headers["x-api-key"] == vendor.key
    assert request.json() == body


def test_the_numbers_of_a_profile_are_a_hit_each_once(vendor: Vendor) -> None:
    """No type, country or score is documented: none is passed on."""
    answer = vendor.says(reply(200, [*PHONES, PHONES[0] | {"type": "work"}])).ask(linkedin_id=SLUG)
    assert answer == Hit(Number("+12025550143"), Number("+1 202-555-0144"))


@pytest.mark.parametrize(
    "said",
    [
        reply(200, []),
        reply(200, [{"phone_number": None}]),
        reply(200, [{"phone_number": ""}]),
        reply(200, [{"phone_number": "+1 202-555-****"}]),
        reply(200, [{"phone_number": "+1 202 555 xxxx"}]),
        NOBODY,
    ],
)
def test_no_number_and_a_hidden_one_are_a_miss_that_counts_as_paid(vendor: Vendor, said: Act) -> None:
    attempt = vendor.says(said).attempt("linkedin", linkedin_id=SLUG, **NAMES)
    assert (attempt.outcome, attempt.billed, attempt.credits) == (Outcome.MISS, Billed.YES, Decimal(15))


def test_by_name_it_says_who_it_is_for_one_credit(vendor: Vendor) -> None:
    """A switchboard of the employer is no number of the person."""
    answer = vendor.says(roles(role(organization=EMPLOYER | {"phone": "+12025550199"}))).ask("name", **NAMED)
    assert answer == Miss(SAID, credits=Decimal(1))


def test_a_word_with_two_x_is_no_hidden_one(vendor: Vendor) -> None:
    """Only in a number do they stand for digits."""
    answer = vendor.says(roles(role(PERSON | {"full_name": "Robin Foxx"}))).ask("name", **NAMED)
    assert answer.person is not None
    assert answer.person.name == "Robin Foxx"


def test_a_profile_address_is_as_good_as_a_slug(vendor: Vendor) -> None:
    url = "https://www.linkedin.com/in/robin-sample-000"
    link = {"public_identifier": None, "public_profile_url": url}
    answer = vendor.says(roles(role(PERSON | {"linkedin_info": link}))).ask("name", **NAMED)
    assert answer.person is not None
    assert answer.person.linkedin_id == url


OTHER = PERSON | {"id": 1002, "full_name": "Robin Sampleton", "linkedin_info": {"public_identifier": "sampleton-1"}}
NAMESAKE = PERSON | {"id": 1003, "linkedin_info": {"public_identifier": "robin-sample-2"}}


@pytest.mark.parametrize(
    ("said", "person"),
    [
        (roles(), None),
        (NOBODY, None),
        (roles(role(), role()), SAID),
        (roles(role(OTHER), role()), SAID),
        (roles(role(), role(NAMESAKE)), None),
        (roles(role(OTHER), role(OTHER | {"linkedin_info": {"public_identifier": "sampleton-2"}})), None),
    ],
)
def test_of_several_people_only_the_one_of_this_name_is_taken(vendor: Vendor, said: Act, person: Person | None) -> None:
    """Two roles of one person are one person; of two namesakes nobody knows which."""
    assert vendor.says(said).ask("name", **NAMED) == Miss(person, credits=Decimal(1))


def test_without_a_domain_nobody_is_asked_by_name(vendor: Vendor) -> None:
    result = vendor.says(roles()).enrich(**NAMES, company="Example Widgets")
    assert vendor.asked == []
    assert result.phone is None


def test_by_email_it_says_who_it_is_with_the_current_employer(vendor: Vendor) -> None:
    assert vendor.says(detail()).ask(email=EMAIL) == Miss(SAID, credits=Decimal(5))


@pytest.mark.parametrize("former", [[], None, "none", [None], [{"is_current": False, "organization": EMPLOYER}]])
def test_a_former_employer_is_not_passed_on(vendor: Vendor, former: Any) -> None:
    answer = vendor.says(detail(roles=former)).ask(email=EMAIL)
    assert answer.person == Person(name="Robin Sample", linkedin_id=SLUG)


def test_the_profile_found_by_name_is_what_the_phone_is_asked_with(vendor: Vendor) -> None:
    """Name, then LinkedIn, then phone: one cascade of 16 credits."""
    result = vendor.says(roles(role()), reply(200, PHONES)).enrich(**NAMED)
    assert (result.phone, result.linkedin_id) == ("+12025550143", SLUG)
    assert [request.path.split("/")[4] for request in vendor.asked] == ["person_role_search", "person_contacts_lookup"]
    assert str(result.cost) == "0.80"


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(400), errors.RequestRefused),
    (failure(400, "Not enough credits."), errors.OutOfCredits),
    (failure(401), errors.KeyRefused),
    (failure(402), errors.OutOfCredits),
    (failure(403), errors.KeyRefused),
    (reply(403, text="<html>forbidden</html>"), errors.KeyRefused),
    (failure(403, "You have no credits left"), errors.OutOfCredits),
    (reply(404, text="<html>no such page</html>"), errors.RequestRefused),
    (failure(422), errors.RequestRefused),
    (failure(429), errors.RateLimited),
    (failure(500), errors.ServerError),
    (reply(200), errors.Unreadable),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
    (reply(200, "none"), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
@pytest.mark.parametrize("method", ["linkedin", "name", "email"])
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError], method: str
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(method, **NAMED, email=EMAIL, linkedin_id=SLUG)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("linkedin", ["+12025550143"]),
        ("linkedin", [{"phone": "+12025550143"}]),
        ("linkedin", [{"phone_number": True}]),
        ("linkedin", [{"phone_number": 12025550143}]),
        ("linkedin", {"phone_numbers": PHONES}),
        ("name", {"search_results": {}}),
        ("name", {"search_results": None}),
        ("name", {"search_results": ["Robin Sample"]}),
        ("name", {"search_results": [{"person": None}]}),
        ("email", [PERSON]),
        ("email", {"full_name": None}),
    ],
)
def test_an_answer_of_another_shape_is_unreadable(vendor: Vendor, method: str, body: Any) -> None:
    vendor.says(reply(200, body))
    with pytest.raises(errors.Unreadable):
        vendor.ask(method, **NAMED, email=EMAIL, linkedin_id=SLUG)


def test_a_retry_after_is_kept(vendor: Vendor) -> None:
    vendor.says(reply(429, {"detail": "slow down"}, headers={"Retry-After": "7"}))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert caught.value.retry_after == 7.0
