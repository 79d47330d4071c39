"""What Wiza documents, for the contract suite: `enrichcore providers test wiza`."""

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
ID = 900141
MOBILE = {"number": "+12025550123", "pretty_number": "+1 202-555-0123", "type": "mobile"}
DATA: dict[str, Any] = {
    "id": ID,
    "status": "finished",
    "is_complete": True,
    "name": "Mara Ellsworth",
    "company": "Northquay Ltd",
    "company_domain": "northquay.example",
    "enrichment_level": "phone",
    "linkedin_profile_url": "https://www.linkedin.com/in/mara-ellsworth-0141/",
    "title": "Operations Director",
    "location": "Portland, Oregon",
    "email": "mara@northquay.example",
    "email_type": "work",
    "email_status": "valid",
    "emails": [],
    "mobile_phone": "+12025550123",
    "phone_number": None,
    "phone_status": "found",
    "phones": [MOBILE],
    "credits": {"api_credits": 5},
}
NONE: dict[str, Any] = {
    "mobile_phone": None,
    "phone_number": None,
    "phone_status": "unfound",
    "phones": [],
    "credits": None,
}


def reveal(**changes: Any) -> Act:
    """A finished reveal, with some of its data changed."""
    return reply(200, {"status": {"code": 200, "message": "OK"}, "data": DATA | changes})


def running(status: str) -> Act:
    """A reveal that is not complete."""
    data = {"id": ID, "status": status, "is_complete": False}
    return reply(200, {"status": {"code": 200, "message": "OK"}, "data": data})


def failure(status: int) -> Act:
    """The vendor's error body."""
    return reply(status, {"status": {"code": status, "message": "in the vendor's words"}})


SUBMITTED = running("queued")
NOT_FOUND = [reveal(**NONE), reveal(**NONE, name=None, company=None, email=None, linkedin_profile_url=None)]
_ANSWERS: dict[str, Any] = {
    "found": (SUBMITTED, reveal()),
    "not_found": NOT_FOUND,
    "pending": [running("queued"), running("resolving")],
    "fields": CONTACT,
    "phones": ("+12025550123",),
    "person": {"title": "Operations Director", "domain": "northquay.example"},
    "masked": reveal(mobile_phone="+1202555****", phones=[MOBILE | {"number": "+1 202***"}]),
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "out_of_credits": reveal(status="failed", fail_error="billing_issue"),
        "job_failed": reveal(status="failed", fail_error="internal"),
        "key_refused": [failure(401), failure(403)],
        "request_refused": failure(400),
        "rate_limited": failure(429),
    },
    balance=reply(200, {"credits": {"email_credits": "unlimited", "phone_credits": 40, "api_credits": 812}}),
)
