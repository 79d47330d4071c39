"""What RocketReach documents, for the contract suite: `enrichcore providers test rocketreach`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT = {
    "first_name": "Robin",
    "last_name": "Sample",
    "company": "Example Widgets",
    "domain": "widgets.example",
    "email": "robin.sample@widgets.example",
    "linkedin_id": "robin-sample-000",
}
ID = 100001
MOBILE: dict[str, Any] = {
    "number": "+1 202-555-0143",
    "e164": "+12025550143",
    "country_code": "1",
    "extension": None,
    "type": "mobile",
    "grade": "A",
    "validity": "valid",
    "recommended": True,
    "premium": False,
    "last_checked": "2030-01-01T12:00:00Z",
}
EXTENSION: dict[str, Any] = MOBILE | {
    "number": "+1 202-555-0178",
    "e164": "+12025550178",
    "extension": "12",
    "type": "direct dial",
    "grade": "B",
    "validity": "unknown",
    "recommended": False,
}
PROFILE: dict[str, Any] = {
    "id": ID,
    "status": "complete",
    "name": "Robin Sample",
    "linkedin_url": "https://www.linkedin.com/in/robin-sample-000",
    "location": "Springfield, United States",
    "current_title": "Head of Widgets",
    "current_employer": "Example Widgets",
    "current_employer_domain": "widgets.example",
    "recommended_email": "robin.sample@widgets.example",
    "recommended_professional_email": "robin.sample@widgets.example",
    "recommended_personal_email": None,
    "current_work_email": "robin.sample@widgets.example",
    "current_personal_email": None,
    "emails": [
        {
            "email": "robin.sample@widgets.example",
            "smtp_valid": "valid",
            "type": "professional",
            "last_validation_check": "2030-01-01T12:00:00Z",
            "grade": "A",
        }
    ],
    "phones": [MOBILE, EXTENSION],
    "profile_list": {"id": 1000, "name": "Example list"},
}


def looked_up(**changes: Any) -> Act:
    """The answer to a lookup: a profile, with some fields changed."""
    return reply(200, PROFILE | changes)


def checked(**changes: Any) -> Act:
    """The answer to a poll: a list of one profile."""
    return reply(200, [PROFILE | changes])


def failure(status: int, message: str) -> Act:
    """The vendor's error body by its documentation."""
    return reply(status, {"status": status, "message": message})


SUBMITTED = looked_up(status="searching", emails=[], phones=[])
NOBODY = failure(404, "not found")
PENDING = [checked(status=word, phones=[]) for word in ("progress", "searching", "queued", "not queued")]
FAILED = reply(200, [{"id": ID, "status": "failed", "emails": [], "phones": []}])
_ANSWERS: dict[str, Any] = {
    "found": (SUBMITTED, checked()),
    "not_found": [(NOBODY, NOBODY), FAILED, checked(phones=[])],
    "pending": PENDING,
    "fields": CONTACT,
    "phones": ("+12025550143", "+12025550178"),
    "person": {"title": "Head of Widgets", "domain": "widgets.example"},
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "key_refused": [
            reply(401, {"detail": "Invalid API key", "error_code": "authentication_failed"}),
            failure(403, "not allowed"),
        ],
        "out_of_credits": [
            reply(402, {"detail": "no credits", "error_code": "insufficient_credits"}),
            failure(403, "You have run out of lookup credits"),
        ],
        "request_refused": [failure(400, "bad request"), reply(400, {"name": ["This field is required."]})],
        "rate_limited": reply(429, {"message": "Too Many Requests"}, headers={"Retry-After": "20"}),
        "server_error": failure(500, "internal"),
    },
    balance=reply(
        200,
        {
            "id": 1,
            "credit_usage": [
                {"credit_type": "standard_lookup", "allocated": 100, "used": 1, "remaining": 99},
                {"credit_type": "premium_lookup", "allocated": 10, "used": 1, "remaining": 9},
            ],
        },
    ),
)
