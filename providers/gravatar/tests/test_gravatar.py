"""Every answer that Gravatar documents, and what becomes of it."""

import hashlib
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_gravatar import Gravatar
from enrichcore_gravatar_cases import CASES, CONTACT, INFO, UNKNOWN, found

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

SAID = Person(
    name="Mara Ellsworth",
    company="Northquay Ltd",
    title="Operations Director",
    linkedin_id="https://www.linkedin.com/in/mara-ellsworth-0141",
)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(Gravatar)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_gravatar:")]
    assert entry.name == Gravatar.name
    assert entry.load() is Gravatar


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test gravatar`."""
    check_provider(Gravatar, CASES).assert_ok()


def test_the_address_of_the_profile_is_the_hash_of_the_email(vendor: Vendor) -> None:
    vendor.says(UNKNOWN).ask(email="Mara@Northquay.example")
    [request] = vendor.asked
    digest = hashlib.sha256(b"mara@northquay.example").hexdigest()
    assert (request.method, request.url) == ("GET", f"https://api.gravatar.com/v3/profiles/{digest}")
    assert request.headers["authorization"] == f"Bearer {vendor.key}"


def test_a_number_that_the_owner_shows_is_a_hit_mobiles_first(vendor: Vendor) -> None:
    answer = vendor.says(found({**INFO, "home_phone": "+1-503-555-0143"})).ask(**CONTACT)
    assert answer == Hit(
        Number("+1-503-555-0142", type="mobile"),
        Number("+1-202-555-0123", type="work"),
        Number("+1-503-555-0143", type="home"),
        person=SAID,
    )


@pytest.mark.parametrize("info", [None, {}, {"email": "m@a.example"}, {"cell_phone": ""}, {"work_phone": "+1 50*"}])
def test_a_profile_without_a_number_is_a_miss_that_says_who_it_is(vendor: Vendor, info: Any) -> None:
    assert vendor.says(found(info)).ask(**CONTACT) == Miss(SAID)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"first_name": None}, "Mara Ellsworth"),
        ({"first_name": None, "display_name": "mara77"}, None),
        ({"last_name": "", "display_name": 7}, None),
    ],
)
def test_a_nickname_is_no_name(vendor: Vendor, changes: dict[str, Any], name: str | None) -> None:
    answer = vendor.says(found(**changes)).ask(**CONTACT)
    assert answer.person is not None
    assert answer.person.name == name


@pytest.mark.parametrize("accounts", [None, [], ["linkedin"], [{"service_type": "github", "url": "https://x.example"}]])
def test_other_accounts_say_no_linkedin_profile(vendor: Vendor, accounts: Any) -> None:
    answer = vendor.says(found(verified_accounts=accounts)).ask(**CONTACT)
    assert answer.person is not None
    assert answer.person.linkedin_id is None


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (reply(401), errors.KeyRefused),
        (reply(403), errors.KeyRefused),
        (reply(429), errors.RateLimited),
        (reply(500), errors.ServerError),
        (reply(200, []), errors.Unreadable),
        (reply(200, {"hash": 7}), errors.Unreadable),
        (found([]), errors.Unreadable),
        (found({"cell_phone": 15035550142}), errors.Unreadable),
        (found({"cell_phone": True}), errors.Unreadable),
    ],
)
def test_every_other_answer_is_its_error_and_never_a_miss(
    vendor: Vendor, said: Act, error: type[ProviderError]
) -> None:
    vendor.says(said)
    with pytest.raises(ProviderError) as caught:
        vendor.ask(**CONTACT)
    assert type(caught.value) is error
