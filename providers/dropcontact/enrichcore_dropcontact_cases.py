"""What Dropcontact documents, for the contract suite: `enrichcore providers test dropcontact`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "company": "Northquay Ltd",
    "domain": "northquay.example",
    "email": "mara@northquay.example",
    "linkedin_id": "mara-ellsworth-0141",
}
ID = "qzmxkpvlrtdnhwb"
ROW: dict[str, Any] = {
    "civility": "Mrs",
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "full_name": "Mara Ellsworth",
    "email": [{"email": "mara@northquay.example", "qualification": "nominative@pro"}],
    "phone": "+44 20 7946 0018",
    "mobile_phone": "+1 202-555-0123",
    "company": "Northquay Ltd",
    "website": "www.northquay.example",
    "linkedin": "www.linkedin.com/in/mara-ellsworth-0141",
}
NOBODY: dict[str, Any] = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "full_name": "Mara Ellsworth",
    "company": "Northquay Ltd",
}
SUBMITTED = reply(200, {"credits_left": 812, "request_id": ID, "error": False, "success": True})
PENDING = reply(
    200,
    {"error": False, "success": False, "reason": "Request not ready yet, try again in 30 seconds"},
)


def result(*rows: Any) -> Act:
    """The result of a job."""
    return reply(200, {"error": False, "success": True, "data": list(rows)})


def failure(status: int, reason: str = "in the vendor's words") -> Act:
    """The vendor's error body."""
    return reply(status, {"error": True, "success": False, "reason": reason})


def detail(status: int) -> Act:
    """The vendor's other error body."""
    return reply(status, {"detail": "in the vendor's words"})


_ANSWERS: dict[str, Any] = {
    "found": (SUBMITTED, result(ROW)),
    "not_found": [result(NOBODY), result({}), result(NOBODY | {"phone": "+44 20 7946 0018"})],
    "pending": PENDING,
    "fields": CONTACT,
    "phones": ("+1 202-555-0123",),
    "person": {"domain": "www.northquay.example", "email": "mara@northquay.example"},
    "masked": result(ROW | {"mobile_phone": "+1 202***"}),
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "key_refused": [failure(401), failure(403, "Unknown account")],
        "out_of_credits": failure(403, "Not enough credits"),
        "request_refused": [
            failure(400),
            detail(404),
            detail(422),
            reply(200, {"success": True, "data": [{"index": 0, "errors": {"only_contact_data": True}}]}),
        ],
        "rate_limited": failure(429),
        "server_error": detail(500),
    },
    balance=reply(200, {"credits": 812}),
)
