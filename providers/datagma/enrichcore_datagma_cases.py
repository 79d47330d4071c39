"""What is known of Datagma's answers, for the contract suite: `enrichcore providers test datagma`."""

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
MOBILE: dict[str, Any] = {
    "number": "2025550143",
    "countryCode": 1,
    "displayInternational": "+1 202-555-0143",
    "type": "mobile",
    "linkedWhatsapp": True,
    "whatsapp": {"isIn": True},
}
PERSON: dict[str, Any] = {
    "names": [{"first": "Robin", "last": "Sample"}],
    "jobs": [{"title": "Head of Widgets", "company": "Example Widgets"}],
    "emails": [{"address": "robin.sample@widgets.example"}],
    "phones": [MOBILE],
    "addresses": [{"display": "Springfield, US"}],
    "urls": [{"domain": "linkedin.com", "url": URL}],
    "images": [],
}
BASIC: dict[str, Any] = {
    "name": "Robin Sample",
    "firstName": "Robin",
    "lastName": "Sample",
    "jobTitle": "Head of Widgets",
    "company": "Example Widgets",
    "linkedInUrl": URL,
    "city": "Springfield",
    "region": None,
    "country": "US",
    "legacyEmail": None,
}


def searched(**changes: Any) -> Act:
    """The answer of `/v1/search`, with some fields of its person changed."""
    return reply(200, {"person": PERSON | changes})


def full(phones: Any, **changes: Any) -> Act:
    """The answer of `/v2/full`, with some fields changed."""
    body = {"email": CONTACT["email"], "emailV2": None, "person": {"basic": BASIC}, "phoneFull": {"phones": phones}}
    return reply(200, body | changes)


def failure(code: Any, status: int = 200, message: str = "in words") -> Act:
    """The vendor's error body; which status stands beside it is not known."""
    return reply(status, {"code": code, "message": message})


NOT_FOUND = [failure(5), failure(5, 404)]
_SEARCH: dict[str, Any] = {
    "found": searched(),
    "not_found": [*NOT_FOUND, searched(phones=[]), reply(200, {"person": None})],
    "fields": CONTACT,
    "phones": ("+1 202-555-0143",),
    "person": {"title": "Head of Widgets", "company": "Example Widgets"},
}
CASES = Cases(
    Case(
        "name",
        found=full([MOBILE]),
        not_found=[*NOT_FOUND, full([]), full(None), full([], phoneFull=None)],
        fields=CONTACT,
        phones=("+1 202-555-0143",),
        person={"title": "Head of Widgets", "country": "US"},
    ),
    Case("linkedin", **_SEARCH),
    Case("email", **_SEARCH),
    errors={
        "out_of_credits": [failure(13), failure(13, 500), reply(200, {"message": "can't get credit"})],
        "request_refused": [failure(3), failure(3, 400)],
        "key_refused": [failure(16), failure(16, 401), failure(7, 403)],
        "unreadable": failure(99),
    },
    balance=[reply(200, {"credits": 99}), reply(200, {"credit": 99})],
)
