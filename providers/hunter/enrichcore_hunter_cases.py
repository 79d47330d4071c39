"""What Hunter documents, for the contract suite: `enrichcore providers test hunter`."""

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
FINDER: dict[str, Any] = {
    "first_name": "Robin",
    "last_name": "Sample",
    "email": "robin.sample@widgets.example",
    "score": 97,
    "domain": "widgets.example",
    "accept_all": False,
    "position": "Head of Widgets",
    "twitter": None,
    "linkedin_url": "https://www.linkedin.com/in/robin-sample-000",
    "phone_number": "+1 202 555 0178",
    "company": "Example Widgets",
    "sources": [],
    "verification": {"date": "2030-01-01", "status": "valid"},
}
META: dict[str, Any] = {"params": {"first_name": "Robin", "last_name": "Sample", "domain": "widgets.example"}}
PERSON: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-000000000006",
    "name": {"fullName": "Robin Sample", "givenName": "Robin", "familyName": "Sample"},
    "email": "robin.sample@widgets.example",
    "location": "Springfield",
    "employment": {
        "domain": "widgets.example",
        "name": "Example Widgets",
        "title": "Head of Widgets",
        "role": None,
        "seniority": None,
    },
    "linkedin": {"handle": "robin-sample-000"},
    "phone": "+1 202 555 0178",
}
NOBODY: dict[str, Any] = {"email": None, "score": None, "linkedin_url": None, "phone_number": None, "position": None}


def finder(**changes: Any) -> Act:
    """The answer of `/email-finder`, with some fields changed."""
    return reply(200, {"data": FINDER | changes, "meta": META})


def person(**changes: Any) -> Act:
    """The answer of `/people/find`, with some fields changed."""
    return reply(200, {"data": PERSON | changes})


def failure(status: int) -> Act:
    """The vendor's error body."""
    return reply(status, {"errors": [{"id": "an_id", "code": status, "details": "in words"}]})


_PEOPLE: dict[str, Any] = {
    "found": person(),
    "not_found": [failure(404), failure(451), person(phone=None)],
    "fields": CONTACT,
    "phones": ("+1 202 555 0178",),
    "person": {"title": "Head of Widgets", "domain": "widgets.example", "company": "Example Widgets"},
}
CASES = Cases(
    Case(
        "name",
        found=finder(),
        not_found=[finder(**NOBODY), finder(phone_number=None), failure(404), failure(451)],
        fields=CONTACT,
        phones=("+1 202 555 0178",),
        person={"title": "Head of Widgets"},
        echoes=("meta",),
    ),
    Case("linkedin", **_PEOPLE),
    Case("email", **_PEOPLE),
    errors={
        "key_refused": failure(401),
        "rate_limited": failure(403),
        "out_of_credits": failure(429),
        "request_refused": [failure(400), failure(422)],
        "server_error": [failure(500), reply(202, {"data": None})],
    },
    balance=reply(200, {"data": {"requests": {"credits": {"used": 1.5, "available": 100}}}}),
)
