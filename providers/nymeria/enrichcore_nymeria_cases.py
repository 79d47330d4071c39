"""What Nymeria documents, for the contract suite: `enrichcore providers test nymeria`."""

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
PERSON: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-000000000009",
    "first_name": "robin",
    "last_name": "sample",
    "full_name": "robin sample",
    "work_email": "robin.sample@widgets.example",
    "personal_emails": ["robin.sample@post.example"],
    "emails": [
        {
            "type": "professional",
            "name": "robin.sample",
            "domain": "widgets.example",
            "address": "robin.sample@widgets.example",
        }
    ],
    "mobile_phone": "+12025550143",
    "phone_numbers": ["+12025550143", "+1 (202) 555-0144"],
    "linkedin_username": "robin-sample-000",
    "linkedin_url": "linkedin.com/in/robin-sample-000",
    "job_title": "head of widgets",
    "job_company_name": "example widgets",
    "job_company_website": "widgets.example",
    "location_country": "united states",
}
NOTHING: dict[str, Any] = {"mobile_phone": None, "phone_numbers": []}
HEADERS = {"x-call-credits-spent": "1", "x-total-limit-remaining": "9895"}


def found(**changes: Any) -> Act:
    """A person, with some fields changed."""
    return reply(200, {"status": 200, "data": PERSON | changes}, headers=HEADERS)


def failure(status: int, kind: str) -> Act:
    """The vendor's error body."""
    error = {"type": kind, "message": "in the vendor's words"}
    return reply(status, {"metadata": {}, "params": {}, "status": status, "error": error})


_ANSWERS: dict[str, Any] = {
    "found": found(),
    "not_found": [failure(404, "not_found"), found(**NOTHING)],
    "fields": CONTACT,
    "phones": ("+12025550143", "+1 (202) 555-0144"),
    "person": {"title": "head of widgets", "domain": "widgets.example", "country": "united states"},
    "masked": [
        found(mobile_phone=True, phone_numbers=True),
        found(mobile_phone="+1202555****", phone_numbers=["+1 202 555 xxxx"]),
    ],
}
CASES = Cases(
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "key_refused": failure(401, "invalid_request_error"),
        "out_of_credits": failure(402, "account_error"),
        "rate_limited": [failure(503, "server_error"), failure(429, "invalid_request_error")],
        "request_refused": [failure(400, "invalid_request_error"), failure(404, "invalid_request_error")],
        "server_error": [failure(500, "server_error"), reply(503, text="<html>busy</html>")],
    },
)
