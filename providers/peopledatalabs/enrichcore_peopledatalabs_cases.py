"""What People Data Labs documents, for the contract suite: `enrichcore providers test peopledatalabs`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

PERSON = {
    "first_name": "Robin",
    "last_name": "Sample",
    "company": "Example Widgets",
    "domain": "widgets.example",
    "email": "robin@widgets.example",
    "linkedin_id": "robin-sample-000",
}
DATA: dict[str, Any] = {
    "full_name": "robin sample",
    "mobile_phone": "+12025550143",
    "phone_numbers": ["+12025550143", "+12025550178"],
    "work_email": "robin@widgets.example",
    "linkedin_username": "robin-sample-000",
    "linkedin_url": "linkedin.com/in/robin-sample-000",
    "job_title": "head of widgets",
    "job_company_name": "example widgets",
    "job_company_website": "widgets.example",
    "location_country": "united states",
}
HEADERS = {"x-call-credits-spent": "1", "x-totallimit-remaining": "341"}


def found(**changes: Any) -> Act:
    """A match, with some fields of its data changed."""
    return reply(200, {"status": 200, "likelihood": 9, "data": DATA | changes}, headers=HEADERS)


def failure(status: int, kind: str) -> Act:
    """The vendor's error envelope."""
    return reply(status, {"status": status, "error": {"type": kind, "message": "in the vendor's words"}})


BATCH = reply(
    200,
    [
        {"status": 200, "likelihood": 9, "data": DATA},
        {"status": 404, "error": {"type": "not_found", "message": "in the vendor's words"}},
    ],
    headers=HEADERS,
)
_ANSWERS: dict[str, Any] = {
    "found": found(),
    "not_found": failure(404, "not_found"),
    "batch": BATCH,
    "fields": PERSON,
    "phones": ("+12025550143", "+12025550178"),
    "person": {"score": 0.9, "title": "head of widgets", "domain": "widgets.example"},
    "masked": [found(mobile_phone=True, phone_numbers=True), found(mobile_phone=False, phone_numbers=False)],
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "request_refused": [failure(400, "invalid_request_error"), failure(405, "invalid_request_error")],
        "key_refused": failure(401, "authentication_error"),
        "out_of_credits": failure(402, "payment_required"),
        "rate_limited": failure(429, "rate_limit_error"),
        "server_error": failure(500, "api_error"),
    },
    balance=reply(400, headers={"x-totallimit-remaining": "341"}),
)
