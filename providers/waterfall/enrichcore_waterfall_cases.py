"""What Waterfall.io documents, for the contract suite: `enrichcore providers test waterfall`."""

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
ID = "9a5b7f10-1111-4f6e-8c55-000000000001"
PERSON: dict[str, Any] = {
    "id": "0c3f0f2b-0000-4c6b-9f7a-000000000001",
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "linkedin_id": "mara-ellsworth-0141",
    "linkedin_url": "https://www.linkedin.com/in/mara-ellsworth-0141/",
    "personal_email": None,
    "location": "Portland, Oregon, United States",
    "country": "United States",
    "company_id": None,
    "company_linkedin_id": "northquay",
    "company_name": "Northquay Ltd",
    "company_domain": "northquay.example",
    "professional_email": "mara@northquay.example",
    "mobile_phone": "+12025550123",
    "phone_numbers": ["+12025550123", "+15035550142"],
    "title": "Operations Director",
    "seniority": "Director",
    "department": "Operations",
    "experiences": [],
}
NOTHING: dict[str, Any] = {"mobile_phone": None, "phone_numbers": []}
SUBMITTED = reply(200, {"job_id": ID, "start_date": "2026-03-14T12:00:00.000000+00:00"})


def job(status: str, **fields: Any) -> Act:
    """What a poll says."""
    task = {"linkedin": None, "email": None, "domain": None, "job_id": ID, "context_id": ID}
    return reply(200, {"status": status, "start_date": "2026-03-14T12:00:00Z", "input": {"task": task}, **fields})


def found(**changes: Any) -> Act:
    """The end of a job that succeeded, with some fields of its person changed."""
    return job("SUCCEEDED", stop_date="2026-03-14T12:00:03Z", output={"person": PERSON | changes})


def failure(status: int, code: str) -> Act:
    """The vendor's error body."""
    message = "in the vendor's words"
    return reply(
        status,
        {"status": "error", "message": message, "error": [message], "category": code.partition("_")[0], "code": code},
    )


NOT_FOUND = [
    found(**NOTHING),
    job("SUCCEEDED", output={"person": None}),
    job("SUCCEEDED", output={"person": {}}),
    job("SUCCEEDED", output=None),
]
PENDING = [job("RUNNING"), job("RUNNING", output=None)]
_ANSWERS: dict[str, Any] = {
    "found": (SUBMITTED, found()),
    "not_found": NOT_FOUND,
    "pending": PENDING,
    "fields": CONTACT,
    "phones": ("+12025550123", "+15035550142"),
    "person": {"title": "Operations Director", "domain": "northquay.example", "country": "United States"},
    "masked": found(mobile_phone="+1202*****23", phone_numbers=["+1 202 555 xxxx"]),
    "echoes": ("input",),
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "key_refused": [
            failure(401, "AUTH_MISSING_API_KEY"),
            failure(403, "AUTH_BAD_API_KEY"),
            failure(403, "PERMISSION_FEATURE_NOT_ENABLED"),
        ],
        "out_of_credits": failure(402, "QUOTA_ACCOUNT_OVER_QUOTA"),
        "rate_limited": failure(429, "RATE_LIMIT_RATE_LIMIT_EXCEEDED"),
        "request_refused": [failure(400, "VALIDATION_BAD_REQUEST"), failure(404, "ROUTING_INVALID_PATH_OR_METHOD")],
        "server_error": failure(500, "INTERNAL_UNCLASSIFIED_ERROR"),
        "maybe_sent": reply(504, text="<html>gateway time-out</html>"),
    },
    balance=reply(200, {"key_usage": {}, "account_usage": {}, "balance_remaining_usd": 250.5}),
)
