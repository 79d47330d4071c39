"""What public clients of Salesforce show, for the contract suite: `enrichcore providers test salesforce`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT: dict[str, Any] = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "company": "Northquay Ltd",
    "domain": "northquay.example",
    "email": "mara@northquay.example",
}
RECORD: dict[str, Any] = {
    "attributes": {"type": "Contact", "url": "/services/data/v59.0/sobjects/Contact/003000000000001"},
    "FirstName": "Mara",
    "LastName": "Ellsworth",
    "Email": "mara@northquay.example",
    "Title": "Operations Director",
    "Phone": "(503) 555-0142",
    "MobilePhone": "+1 202 555 0123",
    "HomePhone": None,
    "OtherPhone": None,
    "MailingCountry": "United States",
    "Account": {"Name": "Northquay Ltd", "Website": "northquay.example", "Phone": None},
}
NONE: dict[str, Any] = {"Phone": None, "MobilePhone": None}


def found(*records: Any) -> Act:
    """The answer of the query."""
    return reply(200, {"totalSize": len(records), "done": True, "records": list(records)})


def failure(status: int, code: str) -> Act:
    """The vendor's error body."""
    return reply(status, [{"message": "in the vendor's words", "errorCode": code}])


_ANSWERS: dict[str, Any] = {
    "found": found(RECORD),
    "not_found": [found(), found(RECORD | NONE)],
    "fields": CONTACT,
    "phones": ("+1 202 555 0123", "(503) 555-0142"),
    "person": {"title": "Operations Director", "domain": "northquay.example", "country": "United States"},
    "masked": found(RECORD | NONE | {"MobilePhone": "+1 202***"}),
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "request_refused": failure(400, "MALFORMED_QUERY"),
        "key_refused": [failure(401, "INVALID_SESSION_ID"), failure(403, "INSUFFICIENT_ACCESS")],
        "rate_limited": failure(403, "REQUEST_LIMIT_EXCEEDED"),
    },
)
