"""What LeadMagic documents, for the contract suite: `enrichcore providers test leadmagic`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT = {
    "first_name": "Robin",
    "last_name": "Sample",
    "email": "robin.sample@widgets.example",
    "linkedin_id": "robin-sample-000",
}
URL = "https://www.linkedin.com/in/robin-sample-000"
FOUND: dict[str, Any] = {
    "profile_url": URL,
    "email": "robin.sample@widgets.example",
    "mobile_number": "+12025550143",
    "credits_consumed": 5,
    "message": "Mobile number found.",
}
NOTHING: dict[str, Any] = {"mobile_number": None, "credits_consumed": 0, "message": "mobile not found"}


def found(**changes: Any) -> Act:
    """An answer with a number, with some fields changed."""
    return reply(200, FOUND | changes)


def failure(status: int, code: str, **more: Any) -> Act:
    """The vendor's error body by its documentation."""
    problem = {"type": "about:blank", "title": "in words", "status": status, "code": code, **more}
    body = {"success": False, "errors": [problem], "meta": {"request_id": "1", "timestamp": "2030-01-01T00:00:00Z"}}
    return reply(status, body, headers={"Content-Type": "application/problem+json"})


def flat(status: int, error: str) -> Act:
    """The error body of older copies of the documentation."""
    return reply(status, {"error": error, "message": "in words"})


_ANSWERS: dict[str, Any] = {
    "found": found(),
    "not_found": [
        reply(200, NOTHING),
        reply(200, FOUND | NOTHING),
        failure(404, "profile_not_found"),
        failure(404, "resource_not_found"),
    ],
    "fields": CONTACT,
    "phones": ("+12025550143",),
}
CASES = Cases(
    Case("linkedin", **_ANSWERS, person={"email": CONTACT["email"]}),
    Case("email", **_ANSWERS, person={"linkedin_id": URL}),
    errors={
        "request_refused": failure(400, "validation_error", param="profile_url"),
        "key_refused": [failure(401, "missing_authentication"), failure(401, "invalid_api_key")],
        "out_of_credits": [
            failure(402, "insufficient_credits", context={"credits_required": 5, "credits_available": 0}),
            flat(402, "insufficient_credits"),
            flat(400, "insufficient_credits"),
        ],
        "rate_limited": failure(429, "rate_limit_exceeded", context={"retry_after_seconds": 12}),
        "server_error": failure(500, "INTERNAL_ERROR"),
    },
    balance=reply(200, {"credits": 995, "is_frozen": False, "credits_frozen": 0, "credits_liquid": 995}),
)
