"""What FullEnrich documents, for the contract suite: `enrichcore providers test fullenrich`."""

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
ID = "5b0c6a1e-3f77-4c2b-9d11-7a2e0c9f4410"
PROFILE: dict[str, Any] = {
    "full_name": "Mara Ellsworth",
    "location": {"country": "United States", "country_code": "US"},
    "social_profiles": {
        "professional_network": {
            "id": 141,
            "url": "https://www.linkedin.com/in/mara-ellsworth-0141/",
            "handle": "mara-ellsworth-0141",
        }
    },
    "employment": {
        "current": {
            "title": "Operations Director",
            "company": {"name": "Northquay Ltd", "domain": "northquay.example"},
        }
    },
}
MOBILE = {"number": "+1 202-555-0123", "region": "US", "line_type": "MOBILE"}
LANDLINE = {"number": "+44 20 7946 0018", "region": "GB", "line_type": "LANDLINE"}
FOUND: dict[str, Any] = {
    "most_probable_phone": MOBILE,
    "most_probable_work_email": {"email": "mara@northquay.example", "status": "DELIVERABLE"},
    "phones": [MOBILE, LANDLINE],
}
INPUT = {"first_name": "Mara", "last_name": "Ellsworth", "company_domain": "northquay.example"}
SUBMITTED = reply(200, {"enrichment_id": ID})


def result(status: str, found: Any = None, *, credits: Any = 10, profile: Any = PROFILE, code: int = 200) -> Act:
    """The result object of a job."""
    record = {"input": INPUT, "custom": {}, "contact_info": found, "profile": profile}
    body = {"id": ID, "name": "enrichcore", "status": status, "cost": {"credits": credits}, "data": [record]}
    return reply(code, body)


def failure(status: int, code: str) -> Act:
    """The vendor's error body."""
    return reply(status, {"code": code, "message": "in the vendor's words"})


PENDING = [
    failure(400, "error.enrichment.in_progress"),
    reply(200, {"id": ID, "status": "CREATED"}),
    reply(200, {"id": ID, "status": "IN_PROGRESS", "cost": {"credits": 0}}),
    result("RATE_LIMIT"),
    result("UNKNOWN"),
]
NOT_FOUND = [
    result("FINISHED", {"most_probable_phone": None}, credits=0, profile=None),
    result("FINISHED", {"most_probable_phone": None, "phones": []}, credits=0, profile=None),
    result("FINISHED", None, credits=0, profile=None),
]
NOTHING: dict[str, Any] = {"most_probable_phone": None, "phones": []}
BATCH = reply(
    200,
    {
        "id": ID,
        "status": "FINISHED",
        "cost": {"credits": 10},
        "data": [
            {"input": {}, "custom": {"place": "1"}, "contact_info": NOTHING, "profile": None},
            {"input": INPUT, "custom": {"place": "0"}, "contact_info": FOUND, "profile": PROFILE},
        ],
    },
)
_PHONE: dict[str, Any] = {
    "found": (SUBMITTED, result("FINISHED", FOUND)),
    "not_found": NOT_FOUND,
    "batch": (SUBMITTED, BATCH),
    "pending": PENDING,
    "fields": CONTACT,
    "phones": ("+1 202-555-0123", "+44 20 7946 0018"),
    "person": {"title": "Operations Director", "domain": "northquay.example", "country": "US"},
}
CASES = Cases(
    Case("name", **_PHONE),
    Case("linkedin", **_PHONE),
    Case("email", **_PHONE | {"found": (SUBMITTED, result("FINISHED", credits=1)), "phones": ()}),
    errors={
        "request_refused": failure(400, "error.enrichment.data.empty"),
        "key_refused": [failure(401, "error.api.key"), failure(401, "error.authorization.not_set")],
        "out_of_credits": result("CREDITS_INSUFFICIENT", code=402),
        "rate_limited": failure(429, "error.rate.limit"),
        "server_error": failure(500, "error.internal"),
    },
    balance=reply(200, {"balance": 5000}),
)
