"""What Findymail's clients read, for the contract suite: `enrichcore providers test findymail`."""

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
PHONE: dict[str, Any] = {"phone": "+12025550143", "line_type": "Mobile"}
PROFILE: dict[str, Any] = {
    "email": "robin@widgets.example",
    "linkedin_url": "https://www.linkedin.com/in/robin-sample-000",
    "fullName": "Robin Sample",
    "username": "robin-sample-000",
    "headline": "Head of Widgets at Example Widgets",
    "jobTitle": "Head of Widgets",
    "country": "United States",
    "companyName": "Example Widgets",
    "companyWebsite": "https://widgets.example",
}


def failure(status: int, message: str = "in the vendor's words") -> Act:
    """The vendor's error body."""
    return reply(status, {"message": message})


NOBODY = failure(404, "Not found")
CASES = Cases(
    Case(
        "linkedin",
        reply(200, PHONE),
        [reply(200, {"phone": None, "line_type": None}), reply(200, {"phone": ""}), NOBODY],
        fields=CONTACT,
        phones=("+12025550143",),
        masked=[reply(200, PHONE | {"phone": "+1202555****"}), reply(200, PHONE | {"phone": "+1 202 555 xxxx"})],
    ),
    Case(
        "email",
        reply(200, PROFILE),
        [reply(200, {"linkedin_url": None}), NOBODY],
        fields=CONTACT,
        phones=(),
        person={"title": "Head of Widgets", "company": "Example Widgets", "country": "United States"},
    ),
    errors={
        "key_refused": [failure(401), failure(423)],
        "out_of_credits": [failure(402), reply(200, {"error": "Not enough credits"})],
        "rate_limited": failure(429),
        "request_refused": [
            failure(422),
            reply(200, {"error": "Invalid profile"}),
            failure(404, "The route is unknown"),
        ],
        "server_error": failure(500),
    },
    balance=reply(200, {"credits": 940, "verifier_credits": 12}),
)
