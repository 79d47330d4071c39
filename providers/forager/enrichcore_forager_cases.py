"""What is known of Forager's answers, for the contract suite: `enrichcore providers test forager`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT = {
    "first_name": "Robin",
    "last_name": "Sample",
    "company": "Example Widgets",
    "domain": "widgets.example",
    "email": "robin.sample@post.example",
    "linkedin_id": "robin-sample-000",
}
ACCOUNT = 42
PHONES: list[Any] = [{"phone_number": "+12025550143"}, {"phone_number": "+1 202-555-0144"}]
EMPLOYER: dict[str, Any] = {
    "id": 77,
    "name": "Example Widgets",
    "legal_name": "Example Widgets Inc.",
    "domain": "widgets.example",
    "linkedin_info": {"public_identifier": "example-widgets"},
    "addresses": [],
}
PERSON: dict[str, Any] = {
    "id": 1001,
    "full_name": "Robin Sample",
    "first_name": "Robin",
    "skills": [],
    "linkedin_info": {
        "public_identifier": "robin-sample-000",
        "public_profile_url": "https://www.linkedin.com/in/robin-sample-000",
    },
}


def role(person: Any = PERSON, organization: Any = EMPLOYER) -> dict[str, Any]:
    """One row of a search by name."""
    return {"id": 5, "is_current": True, "organization": organization, "person": person}


def roles(*rows: Any) -> Act:
    """The answer to a search by name."""
    return reply(200, {"search_results": list(rows), "total_search_results": len(rows)})


def detail(**changes: Any) -> Act:
    """The answer to an email: a profile with an old and a current role."""
    former = {
        "id": 6,
        "is_current": False,
        "organization": {"id": 78, "name": "Former Widgets", "domain": "old.example"},
    }
    now = {"id": 7, "is_current": True, "organization": EMPLOYER}
    return reply(200, PERSON | {"roles": [former, now]} | changes)


def failure(status: int, text: str = "in the vendor's words") -> Act:
    """The error body of the framework that the vendor seems to use."""
    return reply(status, {"detail": text})


NOBODY = failure(404, "Not found.")
CASES = Cases(
    Case(
        "linkedin",
        reply(200, PHONES),
        [reply(200, []), NOBODY],
        fields=CONTACT,
        phones=("+12025550143", "+1 202-555-0144"),
        masked=[reply(200, [{"phone_number": "+1202555****"}]), reply(200, [{"phone_number": None}])],
    ),
    Case(
        "name",
        roles(role()),
        [roles(), NOBODY],
        fields=CONTACT,
        phones=(),
        person={"company": "Example Widgets", "domain": "widgets.example"},
    ),
    Case("email", detail(), NOBODY, fields=CONTACT, phones=(), person={"company": "Example Widgets"}),
    errors={
        "key_refused": [failure(401), failure(403)],
        "out_of_credits": [failure(402), failure(403, "You have no credits left"), failure(400, "Not enough credits.")],
        "rate_limited": failure(429),
        "request_refused": [failure(400), failure(422)],
        "server_error": failure(500),
    },
    settings={"account_id": ACCOUNT},
)
