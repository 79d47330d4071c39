"""Every answer that Cognism documents, and what becomes of it."""

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_cognism import Cognism
from enrichcore_cognism_cases import CASES, NO_MOBILE, NO_NUMBERS, NOBODY, PREVIEW, failure, known, redeemed

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

EMAIL = "mara@northquay.example"
NAMES = {"first_name": "Mara", "last_name": "Ellsworth"}
NAMED = {"firstName": "Mara", "lastName": "Ellsworth"}
SLUG = "mara-ellsworth-0141"
SAID = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    domain="northquay.example",
    title="Operations Director",
    email=EMAIL,
    linkedin_id="https://www.linkedin.com/in/mara-ellsworth-0141",
    score=0.8,
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Cognism)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_cognism:")]
    assert entry.name == Cognism.name
    assert entry.load() is Cognism


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test cognism`."""
    check_provider(Cognism, CASES).assert_ok()


@pytest.mark.parametrize(
    ("method", "fields", "who"),
    [
        ("name", {**NAMES, "company": "Northquay Ltd"}, {**NAMED, "accountName": "Northquay Ltd"}),
        ("name", {**NAMES, "domain": "northquay.example"}, {**NAMED, "accountWebsite": "northquay.example"}),
        ("linkedin", {**NAMES, "linkedin_id": SLUG}, {"linkedinUrl": f"https://www.linkedin.com/in/{SLUG}"}),
        ("email", {**NAMES, "email": EMAIL}, {"email": EMAIL}),
    ],
)
def test_each_method_looks_first_and_redeems_what_has_a_mobile(
    vendor: Vendor, method: str, fields: dict[str, Any], who: dict[str, str]
) -> None:
    vendor.says(known(), redeemed()).ask(method, **fields)
    look, redeem = vendor.asked
    assert (look.method, look.url) == ("POST", "https://app.cognism.com/api/search/contact/enrich")
    assert look.headers["authorization"] == f"Bearer {vendor.key}"
    assert look.json() == who
    assert (redeem.method, redeem.path) == ("POST", "/api/search/contact/redeem")
    assert dict(redeem.query) == {"mergePhonesAndLocations": "false"}
    assert redeem.json() == {"redeemIds": ["r-0141"]}


def test_mobiles_come_before_direct_lines_and_the_office_is_left_alone(vendor: Vendor) -> None:
    assert vendor.says(known(), redeemed()).ask(email=EMAIL) == Hit(
        Number("+1 202-555-0123", type="mobile", score=0.9), Number("+44 20 7946 0018", type="direct"), person=SAID
    )


def test_records_under_result_are_read_too(vendor: Vendor) -> None:
    record = {"fullName": "Mara Ellsworth", "mobilePhoneNumbers": [{"number": "+1 202-555-0123", "dnc": True}]}
    answer = vendor.says(known(), reply(200, {"result": [record], "total": 1})).ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert answer.numbers == (Number("+1 202-555-0123", type="mobile", do_not_call=True),)


@pytest.mark.parametrize("said", [NOBODY, NO_MOBILE, known(hasMobilePhoneNumbers="yes")])
def test_without_a_mobile_nothing_is_redeemed_and_nothing_is_paid(vendor: Vendor, said: Act) -> None:
    answer = vendor.says(said).ask(email=EMAIL)
    assert isinstance(answer, Miss)
    assert answer.credits == 0
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(
    "changes",
    [
        NO_NUMBERS,
        {"mobilePhoneNumbers": None, "directPhoneNumbers": None},
        {"mobilePhoneNumbers": [{"number": "+1 202***"}, {"number": ""}], "directPhoneNumbers": []},
    ],
)
def test_a_redeemed_contact_without_a_number_is_a_miss_that_costs_a_credit(
    vendor: Vendor, changes: dict[str, Any]
) -> None:
    assert vendor.says(known(), redeemed(**changes)).ask(email=EMAIL) == Miss(SAID, credits=Decimal(1))


STRANGER = PREVIEW | {"fullName": "Noor Aldous", "linkedinUrl": "https://www.linkedin.com/in/noor", "redeemId": "r-9"}


@pytest.mark.parametrize(
    "fields",
    [
        {"linkedin_id": SLUG},
        {**NAMES, "company": "Northquay Ltd"},
        {"email": EMAIL},
    ],
)
def test_of_several_contacts_the_one_that_was_asked_about_is_redeemed(vendor: Vendor, fields: dict[str, str]) -> None:
    own = PREVIEW | {"email": {"address": EMAIL}}
    both = reply(200, {"matchScore": 80, "results": [STRANGER, own]})
    vendor.says(both, redeemed()).ask(**dict[str, Any](fields))
    assert vendor.asked[1].json() == {"redeemIds": ["r-0141"]}


def test_of_several_strangers_none_is_redeemed(vendor: Vendor) -> None:
    both = reply(200, {"matchScore": 80, "results": [STRANGER, STRANGER | {"redeemId": "r-8"}]})
    assert vendor.says(both).ask(email=EMAIL) == Miss(credits=Decimal(0))
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("score", [None, True, "80", 700, -1])
def test_a_score_outside_the_scale_is_none(vendor: Vendor, score: object) -> None:
    said = reply(200, {"matchScore": score, "results": [PREVIEW]})
    answer = vendor.says(said, redeemed()).ask(email=EMAIL)
    assert answer.person is not None
    assert answer.person.score is None


FAILURES: list[tuple[tuple[Act, ...], type[ProviderError]]] = [
    ((failure(400),), errors.RequestRefused),
    ((failure(401),), errors.KeyRefused),
    ((failure(402),), errors.OutOfCredits),
    ((failure(403),), errors.KeyRefused),
    ((failure(404),), errors.RequestRefused),
    ((failure(429, 88),), errors.RateLimited),
    ((failure(500),), errors.ServerError),
    ((reply(200, []),), errors.Unreadable),
    ((reply(200, {"results": {}}),), errors.Unreadable),
    ((reply(200, {"results": ["Mara Ellsworth"]}),), errors.Unreadable),
    ((known(redeemId=None),), errors.Unreadable),
    ((known(redeemId=True),), errors.Unreadable),
    ((known(), failure(402)), errors.OutOfCredits),
    ((known(), reply(200, {"results": []})), errors.Unreadable),
    ((known(), reply(200, {"results": [{"fullName": "Mara Ellsworth"}]})), errors.Unreadable),
    ((known(), redeemed(mobilePhoneNumbers="+1 202-555-0123")), errors.Unreadable),
    ((known(), redeemed(mobilePhoneNumbers=[{"number": 12025550123}])), errors.Unreadable),
]


@pytest.mark.parametrize(("said", "error"), FAILURES)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: tuple[Act, ...], error: type[ProviderError]
) -> None:
    vendor.says(*said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(email=EMAIL)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-rate-limit-reset": "22"}, 22.0),
        ({"x-rate-limit-reset": "22", "retry-after": "5"}, 5.0),
        ({"x-rate-limit-reset": "99999"}, None),
        ({"x-rate-limit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_that_of_the_reset_header(vendor: Vendor, headers: dict[str, str], wait: float | None) -> None:
    vendor.says(reply(429, {"errors": [{"code": 88}]}, headers=headers))
    with pytest.raises(errors.RateLimited) as caught:
        vendor.ask(email=EMAIL)
    assert caught.value.retry_after == wait
