"""What Prospeo documents, for the contract suite: `enrichcore providers test prospeo`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT = {
    "first_name": "Robin",
    "last_name": "Sample",
    "company": "Example Widgets",
    "domain": "widgets.example",
    "email": "robin@widgets.example",
    "linkedin_id": "robin-sample-000",
}
MOBILE: dict[str, Any] = {
    "status": "VERIFIED",
    "revealed": True,
    "mobile": "+12025550143",
    "mobile_national": "(202) 555-0143",
    "mobile_international": "+1 202-555-0143",
    "mobile_country": "United States",
    "mobile_country_code": "US",
}
MASKED = MOBILE | {
    "revealed": False,
    "mobile": "+1 202-555-****",
    "mobile_national": None,
    "mobile_international": None,
}
PERSON: dict[str, Any] = {
    "person_id": "aaaaaaaaaaaaaaaaaaaaaaaa",
    "full_name": "Robin Sample",
    "linkedin_url": "https://www.linkedin.com/in/robin-sample-000",
    "current_job_title": "Head of Widgets",
    "mobile": MOBILE,
    "email": {"status": "VERIFIED", "revealed": True, "email": "robin@widgets.example"},
    "location": {"city": "Springfield", "country": "United States", "country_code": "US"},
}
COMPANY: dict[str, Any] = {
    "name": "Example Widgets",
    "domain": "widgets.example",
    "phone_hq": {"phone_hq": "+12025550199", "phone_hq_country_code": "US"},
}


def found(*, free: bool = False, company: Any = COMPANY, **changes: Any) -> Act:
    """A match, with some fields of its person changed."""
    return reply(200, {"error": False, "free_enrichment": free, "person": PERSON | changes, "company": company})


def failure(code: str, status: int = 400) -> Act:
    """The vendor's error body."""
    return reply(status, {"error": True, "error_code": code})


_ANSWERS: dict[str, Any] = {
    "found": found(),
    "not_found": [
        failure("NO_MATCH"),
        failure("NO_MATCH", 200),
        reply(200, {"error": False, "person": None, "company": None}),
    ],
    "fields": CONTACT,
    "phones": ("+12025550143",),
    "person": {"title": "Head of Widgets", "domain": "widgets.example", "country": "US"},
    "masked": [found(mobile=MASKED), found(mobile=MASKED | {"revealed": True}), found(mobile=None)],
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "out_of_credits": [failure("INSUFFICIENT_CREDITS"), failure("INSUFFICIENT_CREDITS", 200)],
        "key_refused": [failure("INVALID_API_KEY", 401), failure("ACCOUNT_RESTRICTED")],
        "rate_limited": [failure("RATE_LIMITED", 429), failure("RATE_LIMITED")],
        "request_refused": [failure("INVALID_DATAPOINTS"), failure("INVALID_REQUEST"), failure("A_NEW_WORD")],
        "server_error": failure("INTERNAL_ERROR"),
    },
    balance=reply(200, {"error": False, "response": {"remaining_credits": 99}}),
)
