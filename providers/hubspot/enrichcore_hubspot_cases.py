"""What HubSpot documents, for the contract suite: `enrichcore providers test hubspot`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT: dict[str, Any] = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "company": "Northquay Ltd",
    "domain": "northquay.example",
    "email": "mara@northquay.example",
    "linkedin_id": "mara-ellsworth-0141",
}
PROPERTIES: dict[str, Any] = {
    "createdate": "2025-01-01T00:00:00Z",
    "email": "mara@northquay.example",
    "firstname": "Mara",
    "hs_object_id": "430001",
    "lastmodifieddate": "2025-01-02T00:00:00Z",
    "lastname": "Ellsworth",
    "company": "Northquay Ltd",
    "jobtitle": "Operations Director",
    "country": "United States",
    "hs_linkedin_url": "https://www.linkedin.com/in/mara-ellsworth-0141/",
    "phone": "+1 503 555 0142",
    "mobilephone": "(202) 555-0123",
}
NONE: dict[str, Any] = {"phone": None, "mobilephone": None}


def result(**changes: Any) -> dict[str, Any]:
    """One contact, with some properties changed."""
    return {"id": "430001", "properties": PROPERTIES | changes, "archived": False}


def found(*results: Any) -> Act:
    """The answer of the search."""
    return reply(200, {"total": len(results), "results": list(results)})


def failure(status: int, category: str) -> Act:
    """The vendor's error body."""
    return reply(status, {"status": "error", "category": category, "message": "in the vendor's words"})


_ANSWERS: dict[str, Any] = {
    "found": found(result()),
    "not_found": [found(), found(result(**NONE))],
    "fields": CONTACT,
    "phones": ("(202) 555-0123", "+1 503 555 0142"),
    "person": {"title": "Operations Director", "country": "United States"},
    "masked": found(result(phone="+1 503***", mobilephone=None)),
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "request_refused": failure(400, "VALIDATION_ERROR"),
        "key_refused": [failure(401, "INVALID_AUTHENTICATION"), failure(403, "MISSING_SCOPES")],
        "rate_limited": failure(429, "RATE_LIMITS"),
    },
)
