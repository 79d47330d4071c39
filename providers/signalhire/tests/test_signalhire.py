"""Every answer that SignalHire documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_signalhire import Signalhire
from enrichcore_signalhire_cases import (
    CANDIDATE,
    CASES,
    EMAIL,
    JOB,
    MOBILE,
    URL,
    WORK,
    element,
    ended,
    failure,
    found,
)

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Billed, Credits, Hit, Miss, Number, Outcome, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

SLUG = "mara-ellsworth-0141"
ADDRESS = "mara@northquay.example"
NAMES: dict[str, Any] = {"first_name": "Mara", "last_name": "Ellsworth"}
SAID = Person(
    name="Mara Ellsworth", company="Northquay Ltd", title="Operations Director", email=ADDRESS, linkedin_id=URL
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Signalhire)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_signalhire:")]
    assert entry.name == Signalhire.name
    assert entry.load() is Signalhire


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test signalhire`."""
    check_provider(Signalhire, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "item"),
    [
        ("linkedin", {"linkedin_id": SLUG}, f"https://www.linkedin.com/in/{SLUG}"),
        ("email", {"email": ADDRESS}, ADDRESS),
    ],
)
def test_each_method_asks_for_one_item_at_once(vendor: Vendor, method: str, fields: dict[str, Any], item: str) -> None:
    """No callback: the vendor refuses one beside `withoutWaterfall`."""
    vendor.says(ended("failed")).ask(method, **NAMES, **fields)
    [request] = vendor.asked
    assert (request.method, request.url) == ("POST", "https://www.signalhire.com/api/v1/candidate/search")
    assert request.headers["apikey"] == vendor.key
    assert request.json() == {"items": [item], "withoutWaterfall": True}


def test_mobiles_come_first_each_with_the_vendor_s_rating(vendor: Vendor) -> None:
    answer = vendor.says(found(contacts=[WORK, EMAIL, MOBILE, MOBILE])).ask(linkedin_id=SLUG)
    assert answer == Hit(
        Number("+1 202-555-0123", type="mobile", score=1.0),
        Number("+1 503-555-0142", type="work_phone", score=0.7),
        person=SAID,
    )


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"subType": None}, Number("+1 202-555-0123", score=1.0)),
        ({"subType": 7}, Number("+1 202-555-0123", score=1.0)),
        ({"rating": None}, Number("+1 202-555-0123", type="mobile")),
        ({"rating": True}, Number("+1 202-555-0123", type="mobile")),
        ({"rating": "100"}, Number("+1 202-555-0123", type="mobile")),
        ({"rating": 101}, Number("+1 202-555-0123", type="mobile")),
        ({"value": "(+1) 202.555.0123"}, Number("(+1) 202.555.0123", type="mobile", score=1.0)),
    ],
)
def test_what_is_not_said_of_a_number_is_not_guessed(vendor: Vendor, changes: dict[str, Any], number: Number) -> None:
    answer = vendor.says(found(contacts=[EMAIL, MOBILE | changes])).ask(linkedin_id=SLUG)
    assert answer == Hit(number, person=SAID)


@pytest.mark.parametrize(
    "contacts",
    [[EMAIL], [], None, [EMAIL, MOBILE | {"value": "+1 202-555-****"}], [EMAIL, MOBILE | {"value": "+1 202 555 xxxx"}]],
)
def test_a_match_without_a_number_is_a_miss_that_was_paid_for(vendor: Vendor, contacts: Any) -> None:
    attempt = vendor.says(found(contacts=contacts)).attempt(linkedin_id=SLUG, **NAMES)
    assert (attempt.outcome, attempt.billed, attempt.credits) == (Outcome.MISS, Billed.YES, Decimal(1))


def test_a_match_without_any_contact_still_says_who_it_is(vendor: Vendor) -> None:
    assert vendor.says(found(contacts=[])).ask(linkedin_id=SLUG) == Miss(
        Person(name="Mara Ellsworth", company="Northquay Ltd", title="Operations Director", linkedin_id=URL)
    )


def test_nobody_is_a_free_miss(vendor: Vendor) -> None:
    attempt = vendor.says(ended("failed")).attempt(linkedin_id=SLUG, **NAMES)
    assert (attempt.outcome, attempt.billed) == (Outcome.MISS, Billed.NO)


PRIVATE = EMAIL | {"value": "mara@post.example", "subType": "personal"}


@pytest.mark.parametrize(
    ("asked", "passed_on"),
    [("mara@post.example", "mara@post.example"), ("MARA@northquay.example", ADDRESS), ("m@other.example", ADDRESS)],
)
def test_the_mailbox_that_was_asked_for_is_the_one_passed_on(vendor: Vendor, asked: str, passed_on: str) -> None:
    answer = vendor.says(found(contacts=[PRIVATE, EMAIL, MOBILE])).ask(email=asked)
    assert answer.person is not None
    assert answer.person.email == passed_on


@pytest.mark.parametrize(
    ("experience", "company", "title"),
    [
        ([JOB], "Northquay Ltd", "Operations Director"),
        ([JOB | {"current": False}], None, "Operations Director at Northquay Ltd"),
        ([JOB, JOB | {"company": "Southquay Ltd"}], None, "Operations Director at Northquay Ltd"),
        (
            [JOB | {"company": {"name": "Northquay Ltd"}, "position": None}],
            None,
            "Operations Director at Northquay Ltd",
        ),
        (None, None, "Operations Director at Northquay Ltd"),
        ([None], None, "Operations Director at Northquay Ltd"),
    ],
)
def test_the_employer_is_that_of_the_one_current_job(
    vendor: Vendor, experience: Any, company: str | None, title: str
) -> None:
    answer = vendor.says(found(experience=experience)).ask(linkedin_id=SLUG)
    assert answer.person is not None
    assert (answer.person.company, answer.person.title) == (company, title)


@pytest.mark.parametrize(
    "social", [None, [], [None], [{"type": "fb", "link": "https://fb.example/m"}], [{"type": "li"}]]
)
def test_only_a_linkedin_address_is_passed_on_as_one(vendor: Vendor, social: Any) -> None:
    answer = vendor.says(found(social=social)).ask(email=ADDRESS)
    assert answer.person is not None
    assert answer.person.linkedin_id is None


def test_a_word_with_two_x_is_no_hidden_one(vendor: Vendor) -> None:
    """Only in a number do they stand for digits."""
    mail = EMAIL | {"value": "m_foxx@northquay.example"}
    answer = vendor.says(found(fullName="Mara Foxx", contacts=[mail, MOBILE])).ask(linkedin_id=SLUG)
    assert answer.person is not None
    assert (answer.person.name, answer.person.email) == ("Mara Foxx", "m_foxx@northquay.example")


def test_of_several_elements_only_the_one_for_our_item_is_read(vendor: Vendor) -> None:
    other = element(item="https://www.linkedin.com/in/somebody-else", contacts=[WORK])
    answer = vendor.says(reply(200, [other, element()])).ask(linkedin_id=SLUG)
    assert isinstance(answer, Hit)
    assert answer.numbers[0].raw == "+1 202-555-0123"


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (failure(400), errors.RequestRefused),
    (failure(401), errors.KeyRefused),
    (failure(402), errors.OutOfCredits),
    (failure(403), errors.KeyRefused),
    (reply(403, text="<html>forbidden</html>"), errors.KeyRefused),
    (failure(403, "You have no credits"), errors.OutOfCredits),
    (failure(404), errors.RequestRefused),
    (failure(406), errors.RequestRefused),
    (failure(429), errors.RateLimited),
    (failure(500), errors.ServerError),
    (ended("credits_are_over"), errors.OutOfCredits),
    (ended("timeout_exceeded"), errors.ServerError),
    (ended("duplicate_query"), errors.RequestRefused),
    (ended("success_soon"), errors.Unreadable),
    (reply(201, {"requestId": 417}), errors.Unreadable),
    (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    (reply(200, {}), errors.Unreadable),
    (reply(200, []), errors.Unreadable),
    (reply(200, [[]]), errors.Unreadable),
    (reply(200, [{}]), errors.Unreadable),
    (reply(200, [element(), element()]), errors.Unreadable),
    (reply(200, [{"item": URL, "status": "success"}]), errors.Unreadable),
    (reply(200, [{"item": URL, "status": "success", "candidate": []}]), errors.Unreadable),
    (reply(200, [{"item": URL, "status": ["success"], "candidate": CANDIDATE}]), errors.Unreadable),
    (reply(200, [{"item": URL, "status": "success", "candidate": {"fullName": "Mara"}}]), errors.Unreadable),
    (found(contacts={"phone": "+12025550123"}), errors.Unreadable),
    (found(contacts=["+12025550123"]), errors.Unreadable),
    (found(contacts=[MOBILE | {"value": True}]), errors.Unreadable),
    (found(contacts=[MOBILE | {"value": 12025550123}]), errors.Unreadable),
    (found(contacts=[MOBILE | {"value": None}]), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert type(caught.value) is error


@pytest.mark.parametrize(("headers", "wait"), [({}, 60.0), ({"retry-after": "5"}, 5.0)])
def test_a_rate_limit_lasts_a_minute(vendor: Vendor, headers: dict[str, str], wait: float) -> None:
    vendor.says(reply(429, {"error": "slow down"}, headers=headers))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(linkedin_id=SLUG)
    assert caught.value.retry_after == wait


def test_the_balance_is_asked_for_free(vendor: Vendor) -> None:
    assert vendor.says(reply(200, {"credits": 243})).balance() == Credits(remaining=Decimal(243))
    [request] = vendor.asked
    assert (request.method, request.url) == ("GET", "https://www.signalhire.com/api/v1/credits")


@pytest.mark.parametrize("body", [{}, [], {"credits": "243"}, {"credits": True}, {"credits": -1}])
def test_a_balance_that_cannot_be_read_is_an_error(vendor: Vendor, body: Any) -> None:
    vendor.says(reply(200, body))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
