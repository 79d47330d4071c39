"""What Lusha documents, for the contract suite: `enrichcore providers test lusha`."""

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
MOBILE: dict[str, Any] = {
    "number": "+12025550143",
    "type": "mobile",
    "doNotCall": False,
    "updateDate": "2030-01-01",
}
DIRECT: dict[str, Any] = {"number": "+1-202-555-0178", "type": "direct", "doNotCall": True, "updateDate": "2030-01-01"}
RESULT: dict[str, Any] = {
    "clientReferenceId": "1",
    "id": "100001",
    "firstName": "Robin",
    "lastName": "Sample",
    "fullName": "Robin Sample",
    "jobTitle": {"title": "Head of Widgets", "departments": ["Operations"], "seniority": "Manager"},
    "location": {"country": "United States", "countryIso2": "US", "isEuContact": False},
    "tags": [],
    "phones": [MOBILE, DIRECT],
    "company": {"id": "200001", "name": "Example Widgets", "domain": "www.widgets.example", "industry": "Widgets"},
    "socialLinks": {"linkedin": "https://www.linkedin.com/in/robin-sample-000"},
    "previousEmployment": [],
    "updateDate": "2030-01-01",
}


def answered(*results: Any, credits: Any = 6) -> Act:
    """An answer with status 200."""
    return reply(
        200,
        {
            "requestId": "00000000-0000-0000-0000-000000000001",
            "results": list(results),
            "billing": {"creditsCharged": credits, "resultsReturned": len(results)},
        },
    )


def found(*, credits: Any = 6, **changes: Any) -> Act:
    """A match, with some fields of its result changed."""
    return answered(RESULT | changes, credits=credits)


def no_result(code: Any, credits: Any = 0) -> Act:
    """A result that is an error."""
    return answered({"clientReferenceId": "1", "error": {"code": code, "message": "in words"}}, credits=credits)


def failure(status: int, message: str = "in words") -> Act:
    """The vendor's error body."""
    return reply(status, {"statusCode": status, "message": message})


_ANSWERS: dict[str, Any] = {
    "found": found(),
    "not_found": [
        no_result("NOT_FOUND"),
        no_result("COMPLIANCE_RESTRICTED"),
        found(phones=[], credits=1),
        failure(451),
    ],
    "fields": CONTACT,
    "phones": ("+12025550143", "+1-202-555-0178"),
    "person": {"title": "Head of Widgets", "country": "US", "company": "Example Widgets"},
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "key_refused": [failure(401), failure(403, "Your account is not active.")],
        "out_of_credits": failure(402, "Insufficient credits for this operation"),
        "rate_limited": failure(429, "Too many requests."),
        "request_refused": [failure(400), failure(412)],
        "server_error": [failure(500), failure(499), no_result("ENRICH_FAILED")],
    },
    balance=reply(200, {"credits": {"total": 10000, "used": 1500, "remaining": 8500}, "plan": {"category": "pro"}}),
)
