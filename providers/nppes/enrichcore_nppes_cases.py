"""What the registry answers, for the contract suite: `enrichcore providers test nppes`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT: dict[str, Any] = {"first_name": "Mara", "last_name": "Ellsworth", "company": "Northquay Clinic"}
STREET: dict[str, Any] = {
    "country_code": "US",
    "address_purpose": "LOCATION",
    "address_type": "DOM",
    "address_1": "100 FICTION AVE",
    "address_2": "STE 4",
    "city": "PORTLAND",
    "state": "OR",
    "postal_code": "972010000",
    "telephone_number": "503-555-0142",
    "fax_number": "503-555-0199",
}
MAILING = STREET | {"address_purpose": "MAILING", "address_1": "PO BOX 1", "telephone_number": "503-555-0100"}
PERSON: dict[str, Any] = {
    "enumeration_type": "NPI-1",
    "number": 1999999984,
    "basic": {"first_name": "MARA", "last_name": "ELLSWORTH", "credential": "MD", "status": "A"},
    "other_names": [],
    "addresses": [STREET, MAILING],
    "taxonomies": [{"code": "207Q00000X", "desc": "Family Medicine", "primary": True, "state": "OR"}],
    "identifiers": [],
    "practiceLocations": [],
}
OFFICIAL = {
    "authorized_official_first_name": "MARA",
    "authorized_official_last_name": "ELLSWORTH",
    "authorized_official_title_or_position": "Medical Director",
    "authorized_official_telephone_number": "503-555-0143",
}
OTHER_OFFICIAL = OFFICIAL | {"authorized_official_first_name": "JON", "authorized_official_last_name": "FABLE"}
CLINIC: dict[str, Any] = {
    "enumeration_type": "NPI-2",
    "number": 1999999976,
    "basic": {"organization_name": "NORTHQUAY CLINIC LLC", "status": "A", **OTHER_OFFICIAL},
    "addresses": [STREET | {"telephone_number": "503-555-0101"}],
    "practiceLocations": [],
}
LED = CLINIC | {"basic": CLINIC["basic"] | OFFICIAL}
REFUSED = reply(200, {"Errors": [{"description": "No valid search criteria", "field": "", "number": "04"}]})


def found(*records: dict[str, Any]) -> Act:
    """A page of records."""
    return reply(200, {"result_count": len(records), "results": list(records)})


CASES = Cases(
    Case(
        "name",
        found=(found(CLINIC), found(PERSON)),
        not_found=[found(), (found(CLINIC), found())],
        fields=CONTACT,
        phones=("503-555-0142",),
        person={"country": "US"},
    ),
    Case("name", found=(found(LED), found()), not_found=found(), fields=CONTACT, phones=("503-555-0143",)),
    errors={"request_refused": REFUSED, "rate_limited": reply(429), "server_error": reply(503, text="busy")},
)
