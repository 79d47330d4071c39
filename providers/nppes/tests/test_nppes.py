"""Every answer of the registry, and what becomes of it."""

from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_nppes import Nppes
from enrichcore_nppes_cases import CASES, CLINIC, CONTACT, LED, MAILING, PERSON, REFUSED, STREET, found

from enrichcore import errors
from enrichcore.errors import ProviderError
from enrichcore.model import Hit, Miss, Number, Person
from enrichcore.testing import Act, Vendor, check_provider, reply

SAID = Person(name="Mara Ellsworth", company="Northquay Clinic", country="US")


def ask(*acts: Act) -> Hit | Miss:
    """What becomes of a question about Mara Ellsworth."""
    return Vendor(Nppes, *acts).ask("name", **CONTACT)


def test_it_is_installed_under_its_own_name() -> None:
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_nppes:")]
    assert entry.name == Nppes.name
    assert entry.load() is Nppes


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test nppes`."""
    check_provider(Nppes, CASES).assert_ok()


def test_it_asks_for_the_organisation_first_and_then_for_the_person() -> None:
    vendor = Vendor(Nppes, found(CLINIC), found(PERSON))
    vendor.ask("name", **CONTACT)
    assert [one.path for one in vendor.asked] == ["/api/", "/api/"]
    common = {"version": "2.1", "limit": "200"}
    assert [one.query for one in vendor.asked] == [
        {**common, "enumeration_type": "NPI-2", "organization_name": "Northquay Clinic*"},
        {**common, "enumeration_type": "NPI-1", "first_name": "Mara", "last_name": "Ellsworth"},
    ]


def test_a_person_at_the_address_of_the_organisation_is_a_hit() -> None:
    assert ask(found(CLINIC), found(PERSON)) == Hit(Number("503-555-0142", country="US"), person=SAID)


def test_the_authorized_official_is_a_hit() -> None:
    assert ask(found(LED), found()) == Hit(Number("503-555-0143", country="US"), person=SAID)


def test_the_number_of_the_organisation_itself_is_its_line() -> None:
    answer = ask(found(CLINIC | {"addresses": [STREET]}), found(PERSON))
    assert answer == Hit(Number("503-555-0142", country="US", company_line=True), person=SAID)


@pytest.mark.parametrize(
    ("clinic", "person"),
    [
        (CLINIC | {"basic": CLINIC["basic"] | {"organization_name": "NORTHQUAY CLINIC OF OHIO"}}, PERSON),
        (LED | {"basic": LED["basic"] | {"status": "D"}}, PERSON),
        (CLINIC, PERSON | {"basic": PERSON["basic"] | {"first_name": "MARTA"}}),
        (CLINIC, PERSON | {"basic": PERSON["basic"] | {"status": "D"}}),
        (CLINIC, PERSON | {"addresses": [STREET | {"address_1": "7 OTHER ST"}]}),
        (CLINIC | {"addresses": [MAILING]}, PERSON | {"addresses": [MAILING]}),
        (CLINIC, PERSON | {"addresses": [STREET | {"telephone_number": None}]}),
        (CLINIC, PERSON | {"addresses": []}),
    ],
)
def test_a_person_whom_nothing_ties_to_the_organisation_is_a_miss(
    clinic: dict[str, Any], person: dict[str, Any]
) -> None:
    """Many people share a name: the name alone, or a shared post box, proves nothing."""
    assert ask(found(clinic), found(person)) == Miss()


def test_an_unknown_organisation_costs_one_request() -> None:
    vendor = Vendor(Nppes, found())
    assert vendor.ask("name", **CONTACT) == Miss()
    assert len(vendor.asked) == 1


def test_a_practice_location_is_a_place_too() -> None:
    answer = ask(found(CLINIC), found(PERSON | {"addresses": [MAILING], "practiceLocations": [STREET]}))
    assert answer == Hit(Number("503-555-0142", country="US"), person=SAID)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (REFUSED, errors.RequestRefused),
        (reply(429), errors.RateLimited),
        (reply(503), errors.ServerError),
        (reply(200, []), errors.Unreadable),
        (reply(200, {"result_count": 1, "results": {}}), errors.Unreadable),
        (reply(200, {"result_count": 1, "results": [7]}), errors.Unreadable),
        (reply(200, text="<html>sign in</html>"), errors.Unreadable),
    ],
)
def test_every_other_answer_is_its_error_and_never_a_miss(said: Act, error: type[ProviderError]) -> None:
    with pytest.raises(ProviderError) as caught:
        ask(said)
    assert type(caught.value) is error
