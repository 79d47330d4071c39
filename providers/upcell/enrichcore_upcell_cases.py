"""What Upcell documents, for the contract suite: `enrichcore providers test upcell`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT: dict[str, Any] = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "domain": "northquay.example",
    "linkedin_id": "mara-ellsworth-0141",
}
FOUND: dict[str, Any] = {
    "linkedinUrl": "https://www.linkedin.com/in/mara-ellsworth-0141/",
    "mobilePhone": "+12025550123",
}


def found(**changes: Any) -> Act:
    """A contact, with some fields changed."""
    return reply(200, {"contact": FOUND | changes})


def failure(status: int) -> Act:
    """The vendor's error body."""
    return reply(status, {"error": {"code": "CODE", "message": "in the vendor's words"}})


_ANSWERS: dict[str, Any] = {
    "found": found(),
    "not_found": [
        reply(200, {"contact": {"linkedinUrl": "https://www.linkedin.com/in/mara-ellsworth-0141/"}}),
        found(mobilePhone=None),
        reply(200, {"contact": None}),
        failure(404),
    ],
    "fields": CONTACT,
    "phones": ("+12025550123",),
    "person": {"linkedin_id": "https://www.linkedin.com/in/mara-ellsworth-0141/"},
    "masked": [found(mobilePhone="+1 202***"), found(mobilePhone=True)],
}
CASES = Cases(
    # The documented answer is to a profile's address; one to a name may not say who it is about.
    Case("name", **_ANSWERS | {"found": reply(200, {"contact": {"mobilePhone": "+12025550123"}}), "person": {}}),
    Case("linkedin", **_ANSWERS),
    errors={"request_refused": failure(400), "key_refused": failure(401), "server_error": failure(500)},
)
