"""What Apollo documents, for the contract suite: `enrichcore providers test apollo`."""

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
WEBHOOK = "https://hooks.widgets.example/apollo?team=1"
REQUEST = 1000000000000000001
SAVED: dict[str, Any] = {
    "id": "000000000000000000000003",
    "sanitized_phone": "+12025550178",
    "phone_numbers": [
        {
            "raw_number": "(202) 555-0178",
            "sanitized_number": "+12025550178",
            "type": None,
            "position": 0,
            "status": "valid_number",
            "dnc_status": None,
        }
    ],
}
PERSON: dict[str, Any] = {
    "id": "000000000000000000000001",
    "first_name": "Robin",
    "last_name": "Sample",
    "name": "Robin Sample",
    "linkedin_url": "http://www.linkedin.com/in/robin-sample-000",
    "title": "Head of Widgets",
    "email": "robin.sample@widgets.example",
    "email_status": "verified",
    "extrapolated_email_confidence": None,
    "organization_id": "000000000000000000000002",
    "organization": {
        "id": "000000000000000000000002",
        "name": "Example Widgets",
        "primary_domain": "widgets.example",
        "phone": "+12025550199",
    },
}
PHONE: dict[str, Any] = {
    "confidence_cd": "high",
    "direct_dial_source_cd": "contact_trusted",
    "dnc_other_info": {"country": "United States"},
    "dnc_status_cd": "not_found",
    "position": 0,
    "raw_number": "+1 202-555-0143",
    "sanitized_number": "+12025550143",
    "status_cd": "valid_number",
    "type_cd": "other",
    "id": "00000000000000000000000a",
}


def matched(request: Any = REQUEST, **changes: Any) -> Act:
    """The answer to the question, with some fields of its person changed."""
    return reply(200, {"person": PERSON | changes, "request_id": request})


def polled(*phones: Any, credits: Any = 8, person: Any = PERSON["id"]) -> Act:
    """The poll of a job that has ended well."""
    people = [{"id": person, "status": "success", "phone_numbers": list(phones)}]
    return result("success", {"status": "success", "credits_consumed": credits, "people": people})


def result(status: Any, found: Any = None) -> Act:
    """The poll of a job."""
    said = {"request_id": str(REQUEST), "request_type": "phone", "failure_reason": None}
    return reply(200, {**said, "webhook_status": status, "webhook_result": found})


def lost(code: str, status: int = 404) -> Act:
    """The poll of a job that the vendor does not have."""
    return reply(status, {"error_code": code})


NOBODY = reply(200, {"person": None})
PENDING = [
    reply(404, {"error_code": "result_pending", "retry_after_seconds": 30}),
    result("in_progress"),
]
_ANSWERS: dict[str, Any] = {
    "found": (matched(), polled(PHONE)),
    "not_found": [
        (NOBODY, NOBODY),  # a miss at once: the second is never asked for
        (matched(), polled(credits=0)),
        (matched(), result("success", {"credits_consumed": 0, "people": []})),
    ],
    "pending": PENDING,
    "fields": CONTACT,
    "phones": ("+12025550143",),
    "person": {"title": "Head of Widgets", "domain": "widgets.example"},
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "key_refused": [
            reply(401, text="Invalid access credentials."),
            reply(403, {"error": "not accessible with this api_key", "error_code": "API_INACCESSIBLE"}),
        ],
        "request_refused": reply(422, {"error": "webhook_url is invalid"}),
        "out_of_credits": reply(422, {"error": "Insufficient credits. Please upgrade your plan."}),
        "rate_limited": reply(429, {"message": "The maximum number of api calls"}, headers={"retry-after": "60"}),
    },
    balance=reply(200, {"credit_usage_stats": {"direct_dial_credit": {"limit": 100, "consumed": 1, "left_over": 99}}}),
    settings={"webhook_url": WEBHOOK},
)
