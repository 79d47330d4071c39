"""What Surfe documents, for the contract suite: `enrichcore providers test surfe`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "company": "Northquay Ltd",
    "domain": "northquay.example",
    "linkedin_id": "mara-ellsworth-0141",
}
ID = "0195be44-0000-7000-8000-000000000001"
PHONES: list[dict[str, Any]] = [
    {"confidenceScore": 0.8, "mobilePhone": "+1 202 555 0123"},
    {"confidenceScore": 0.4, "mobilePhone": "+1 503 555 0142"},
]
PERSON: dict[str, Any] = {
    "companyDomain": "northquay.example",
    "companyName": "Northquay Ltd",
    "country": "United States",
    "departments": ["Operations"],
    "emails": [{"email": "mara@northquay.example", "validationStatus": "VALID"}],
    "externalID": "1",
    "firstName": "Mara",
    "lastName": "Ellsworth",
    "jobHistory": [],
    "jobTitle": "Operations Director",
    "linkedInUrl": "https://www.linkedin.com/in/mara-ellsworth-0141/",
    "location": "Portland",
    "mobilePhones": PHONES,
    "seniorities": ["Director"],
    "status": "COMPLETED",
}
NOBODY: dict[str, Any] = {
    "externalID": "1",
    "firstName": "Mara",
    "lastName": "Ellsworth",
    "emails": [],
    "mobilePhones": [],
    "status": "NOT_FOUND",
}
SUBMITTED = reply(202, {"enrichmentID": ID, "enrichmentCallbackURL": f"https://api.surfe.com/v2/people/enrich/{ID}"})


def result(*people: Any, status: str = "COMPLETED") -> Act:
    """The result of a job."""
    return reply(200, {"enrichmentID": ID, "status": status, "percentCompleted": 100, "people": list(people)})


def found(**changes: Any) -> Act:
    """A finished job, with some fields of its person changed."""
    return result(PERSON | changes)


def running(status: str) -> Act:
    """A job that is not finished."""
    return reply(200, {"enrichmentID": ID, "status": status, "percentCompleted": 0, "people": []})


def failure(status: int) -> Act:
    """The vendor's error body."""
    return reply(status, {"message": "in the vendor's words"})


_ANSWERS: dict[str, Any] = {
    "found": (SUBMITTED, found()),
    "not_found": [result(NOBODY), found(mobilePhones=[])],
    "pending": [running("IN_PROGRESS"), running("PENDING")],
    "fields": CONTACT,
    "phones": ("+1 202 555 0123", "+1 503 555 0142"),
    "person": {"title": "Operations Director", "domain": "northquay.example", "country": "United States"},
    "masked": found(mobilePhones=[{"confidenceScore": 0.8, "mobilePhone": "+1 202***"}]),
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    errors={
        "out_of_credits": failure(402),
        "key_refused": [failure(401), failure(403)],
        "request_refused": failure(400),
        "server_error": failure(500),
        "maybe_sent": failure(503),
    },
)
