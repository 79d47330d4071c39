"""Every answer of Kaspr that public clients show, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_kaspr import Kaspr
from enrichcore_kaspr_cases import CASES, CONTACT, NO_CREDITS, NONE, profile

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Credits, Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

SAID = Person(
    name="Mara Ellsworth",
    title="Operations Director",
    email="mara@northquay.example",
    linkedin_id="mara-ellsworth-0141",
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Kaspr)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_kaspr:")]
    assert entry.name == Kaspr.name
    assert entry.load() is Kaspr


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test kaspr`."""
    check_provider(Kaspr, CASES).assert_ok()


def test_it_sends_the_bare_slug_and_pays_for_phones_only(vendor: Vendor) -> None:
    vendor.says(reply(200)).ask(**CONTACT)
    [request] = vendor.asked
    assert (request.method, request.url) == ("POST", "https://api.developers.kaspr.io/profile/linkedin")
    assert request.headers["authorization"] == f"Bearer {vendor.key}"
    assert request.headers["accept-version"] == "v2.0"
    assert request.json() == {
        "id": "mara-ellsworth-0141",
        "name": "Mara Ellsworth",
        "dataToGet": ["phone"],
        "requiredData": ["phone"],
    }


def test_without_a_name_nobody_is_asked(vendor: Vendor) -> None:
    result = vendor.says(profile()).enrich(linkedin_id="mara-ellsworth-0141")
    assert result.phone is None
    assert vendor.asked == []


def test_the_favourite_number_comes_first_and_none_twice(vendor: Vendor) -> None:
    said = profile(phones=["+44 20 7946 0018", "+1 202 555 0123"])
    assert vendor.says(said).ask(**CONTACT) == Hit(Number("+1 202 555 0123"), Number("+44 20 7946 0018"), person=SAID)


@pytest.mark.parametrize(
    ("said", "person"),
    [
        (profile(**NONE), SAID),
        (profile(phones=None, starryPhone=None), SAID),
        (profile(phones=["+1 202***"], starryPhone=True), SAID),
        (reply(200), None),
        (reply(200, {}), None),
        (reply(200, {"profile": None}), None),
        (reply(200, {"profile": {}}), None),
        (reply(200, {"message": "nothing was found"}), None),
    ],
)
def test_no_number_is_a_miss(vendor: Vendor, said: Act, person: Person | None) -> None:
    assert vendor.says(said).ask(**CONTACT) == Miss(person)


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"name": None}, "name", "Mara Ellsworth"),
        ({"name": None, "firstName": 7}, "name", None),
        ({"company": {"name": "Northquay Ltd"}}, "company", "Northquay Ltd"),
        ({"company": "Northquay Ltd"}, "company", "Northquay Ltd"),
        ({"starryProfessionalEmail": None}, "email", "mara@northquay.example"),
        ({"starryProfessionalEmail": None, "professionalEmails": None}, "email", None),
    ],
)
def test_what_it_says_of_the_person_is_passed_on(
    vendor: Vendor, changes: dict[str, Any], field: str, value: str | None
) -> None:
    answer = vendor.says(profile(**changes)).ask(**CONTACT)
    assert getattr(answer.person, field) == value


FAILURES: list[tuple[Act, type[ProviderError]]] = [
    (reply(402, NO_CREDITS), errors.OutOfCredits),
    (reply(200, NO_CREDITS), errors.OutOfCredits),
    (reply(401, {"message": "no"}), errors.KeyRefused),
    (reply(403), errors.KeyRefused),
    (reply(404), errors.RequestRefused),
    (reply(429), errors.RateLimited),
    (reply(500), errors.ServerError),
    (reply(200, []), errors.Unreadable),
    (reply(200, {"profile": []}), errors.Unreadable),
    (profile(phones="+1 202 555 0123"), errors.Unreadable),
    (profile(phones=[12025550123]), errors.Unreadable),
    (profile(starryPhone={"number": "+1 202 555 0123"}), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(**CONTACT)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("left", "credits"), [(40, Decimal(40)), ("40", Decimal(40)), (-1, None), ("-1", None), (0, Decimal(0))]
)
def test_the_balance_is_that_of_the_phone_credits(vendor: Vendor, left: object, credits: Decimal | None) -> None:
    assert vendor.says(reply(200, {"phoneCredits": left})).balance() == Credits(remaining=credits)
    [request] = vendor.asked
    assert (request.method, request.path) == ("GET", "/keys/remainingCredits")


@pytest.mark.parametrize("left", [True, None, "many", -2, [40]])
def test_a_balance_that_is_no_number_is_unreadable(vendor: Vendor, left: object) -> None:
    vendor.says(reply(200, {"phoneCredits": left}))
    with pytest.raises(errors.Unreadable):
        vendor.balance()
