"""What SignalHire documents, for the contract suite: `enrichcore providers test signalhire`."""

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
URL = "https://www.linkedin.com/in/mara-ellsworth-0141/"
EMAIL: dict[str, Any] = {"type": "email", "value": "mara@northquay.example", "rating": 100, "subType": "work"}
MOBILE: dict[str, Any] = {"type": "phone", "value": "+1 202-555-0123", "rating": 100, "subType": "mobile"}
WORK: dict[str, Any] = {"type": "phone", "value": "+1 503-555-0142", "rating": 70, "subType": "work_phone"}
JOB: dict[str, Any] = {"position": "Operations Director", "company": "Northquay Ltd", "current": True}
CANDIDATE: dict[str, Any] = {
    "uid": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
    "fullName": "Mara Ellsworth",
    "gender": None,
    "headLine": "Operations Director at Northquay Ltd",
    "summary": None,
    "photo": None,
    "locations": [{"name": "Portland, Oregon, United States"}],
    "skills": [],
    "contacts": [EMAIL, MOBILE, WORK],
    "social": [{"type": "li", "link": URL, "rating": 100}],
    "experience": [JOB],
}


def element(status: str = "success", *, item: str = URL, **changes: Any) -> dict[str, Any]:
    """The answer to one item, with some fields of its candidate changed."""
    said: dict[str, Any] = {"item": item, "status": status}
    return said | {"candidate": CANDIDATE | changes} if status == "success" else said


def found(**changes: Any) -> Act:
    """A candidate."""
    return reply(200, [element(**changes)], headers={"X-Credits-Left": "243"})


def ended(status: str) -> Act:
    """An element without a candidate."""
    return reply(200, [element(status)])


def failure(status: int, text: str = "in the vendor's words") -> Act:
    """The vendor's error body."""
    return reply(status, {"error": text})


_ANSWERS: dict[str, Any] = {
    "found": found(),
    "not_found": [ended("failed"), found(contacts=[EMAIL]), found(contacts=[])],
    "fields": CONTACT,
    "phones": ("+1 202-555-0123", "+1 503-555-0142"),
    "person": {"title": "Operations Director", "company": "Northquay Ltd"},
    "masked": found(contacts=[EMAIL, MOBILE | {"value": "+1 202-555-****"}]),
    "echoes": ("item",),
}
CASES = Cases(
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "key_refused": [failure(401), failure(403)],
        "out_of_credits": [failure(402), failure(403, "You have no credits"), ended("credits_are_over")],
        "rate_limited": failure(429),
        "request_refused": [failure(406), ended("duplicate_query")],
        "server_error": [failure(500), ended("timeout_exceeded")],
        "unreadable": reply(201, {"requestId": 417}),
    },
    balance=reply(200, {"credits": 243}),
)
