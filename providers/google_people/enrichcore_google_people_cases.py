"""What the People API documents, for the contract suite: `enrichcore providers test google_people`."""

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
    "resourceName": "people/100000000000000000000",
    "etag": "%EgMBAj0=",
    "names": [{"displayName": "Mara Ellsworth", "givenName": "Mara", "familyName": "Ellsworth"}],
    "emailAddresses": [{"value": "mara@northquay.example", "type": "work"}],
    "phoneNumbers": [
        {"value": "(202) 555-0123", "canonicalForm": "+12025550123", "type": "workMobile"},
        {"value": "+1 503 555 0142", "type": "work"},
        {"value": "+1 503 555 0199", "type": "workFax"},
    ],
    "organizations": [{"name": "Northquay Ltd", "title": "Operations Director", "current": True}],
}


def found(*people: Any) -> Act:
    """The people of an answer."""
    return reply(200, {"people": list(people), "totalSize": len(people)})


def failure(status: int, word: str) -> Act:
    """The error body."""
    return reply(status, {"error": {"code": status, "message": "See the documentation.", "status": word}})


SILENT = {field: value for field, value in RECORD.items() if field != "phoneNumbers"}
_ANSWERS: dict[str, Any] = {
    "found": found(RECORD),
    "not_found": [reply(200, {}), found(), found(SILENT)],
    "fields": CONTACT,
    "phones": ("+12025550123", "+1 503 555 0142"),
    "person": {"title": "Operations Director", "company": "Northquay Ltd", "domain": "northquay.example"},
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "key_refused": [failure(401, "UNAUTHENTICATED"), failure(403, "PERMISSION_DENIED")],
        "rate_limited": failure(429, "RESOURCE_EXHAUSTED"),
        "request_refused": failure(400, "INVALID_ARGUMENT"),
        "server_error": failure(503, "UNAVAILABLE"),
    },
)
