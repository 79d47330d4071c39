"""What ContactOut documents, for the contract suite: `enrichcore providers test contactout`."""

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
URL = "https://www.linkedin.com/in/robin-sample-000"
PROFILE: dict[str, Any] = {
    "url": URL,
    "email": ["robin.sample@widgets.example", "robin.sample@mail.example"],
    "work_email": ["robin.sample@widgets.example"],
    "personal_email": ["robin.sample@mail.example"],
    "phone": ["+12025550143"],
    "github": [],
    "twitter": [],
    "full_name": "Robin Sample",
    "headline": "Head of Widgets at Example Widgets",
    "company": {
        "name": "Example Widgets",
        "url": "https://www.linkedin.com/company/example-widgets-000",
        "domain": "widgets.example",
        "email_domain": "widgets.example",
    },
    "location": "Springfield",
    "country": "United States",
    "seniority": "Manager",
    "updated_at": "2030-01-01 00:00:00",
}
CONTACT_DATA: dict[str, Any] = {
    "url": URL,
    "email": [],
    "work_email": [],
    "personal_email": [],
    "phone": ["+12025550143"],
    "github": [],
}
CAMEL: dict[str, Any] = {
    "email": "robin.sample@mail.example",
    "workEmail": "robin.sample@widgets.example",
    "workEmailStatus": "Verified",
    "fullName": "Robin Sample",
    "headline": "Head of Widgets",
    "linkedinUrl": URL,
    "confidenceLevel": "",
    "altMatches": [],
    "phone": " +1.2025550143",
    "company": {"name": "Example Widgets", "domain": "widgets.example"},
    "updatedAt": "2030-01-01 00:00:00",
}
"""The same as single values, which the vendor writes in other places."""


def found(profile: Any = PROFILE, **changes: Any) -> Act:
    """An answer with status 200, with some fields of its profile changed."""
    return reply(200, {"status_code": 200, "profile": profile | changes if changes else profile})


def failure(status: int, message: str) -> Act:
    """The vendor's error body."""
    return reply(status, {"status_code": status, "message": message})


NOT_FOUND = [failure(404, "Not Found"), found([])]
CASES = Cases(
    Case(
        "name",
        found=[found(), found(CAMEL)],
        not_found=[*NOT_FOUND, found(phone=[]), found(CAMEL, phone="")],
        fields=CONTACT,
        person={"domain": "widgets.example"},
    ),
    Case(
        "linkedin",
        found=found(CONTACT_DATA),
        not_found=[*NOT_FOUND, found(CONTACT_DATA, phone=[])],
        fields=CONTACT,
        phones=("+12025550143",),
        person={"linkedin_id": URL},
    ),
    Case(
        "email",
        found=[found(), found(CAMEL)],
        not_found=[*NOT_FOUND, found(phone=[])],
        fields=CONTACT,
        person={"company": "Example Widgets"},
    ),
    errors={
        "key_refused": [failure(400, "Bad credentials"), failure(403, "No access to this endpoint")],
        "request_refused": failure(401, "Bad input"),
        "out_of_credits": failure(403, "You have run out of credits"),
        "rate_limited": reply(429, {"message": "Too many requests"}, headers={"retry-after": "30"}),
    },
    balance=reply(200, {"status_code": 200, "usage": {"phone_count": 1, "phone_quota": 100, "phone_remaining": 99}}),
)
