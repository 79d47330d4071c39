"""What Gravatar documents, for the contract suite: `enrichcore providers test gravatar`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT: dict[str, Any] = {"first_name": "Mara", "last_name": "Ellsworth", "email": "mara@northquay.example"}
INFO = {
    "work_phone": "+1-202-555-0123",
    "cell_phone": "+1-503-555-0142",
    "email": "mara@northquay.example",
}
PROFILE: dict[str, Any] = {
    "hash": "0000000000000000000000000000000000000000000000000000000000000000",
    "display_name": "Mara Ellsworth",
    "profile_url": "https://gravatar.com/maraellsworth",
    "location": "Portland, OR",
    "job_title": "Operations Director",
    "company": "Northquay Ltd",
    "verified_accounts": [
        {"service_type": "linkedin", "url": "https://www.linkedin.com/in/mara-ellsworth-0141", "is_hidden": False}
    ],
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "contact_info": INFO,
}


def found(info: Any = INFO, **changes: Any) -> Act:
    """A profile with this `contact_info`, and some other fields changed."""
    return reply(200, PROFILE | {"contact_info": info} | changes)


UNKNOWN = reply(404, {"error": "Profile not found", "code": "not_found"})
CASES = Cases(
    Case(
        "email",
        found=found(),
        not_found=[UNKNOWN, found({}), found(None)],
        fields=CONTACT,
        phones=("+1-503-555-0142", "+1-202-555-0123"),
        person={"company": "Northquay Ltd", "title": "Operations Director"},
    ),
    errors={
        "key_refused": reply(401, {"error": "invalid key", "code": "unauthorized"}),
        "rate_limited": reply(429, {"error": "slow down", "code": "rate_limit_exceeded"}),
        "server_error": reply(500, {"error": "internal", "code": "internal"}),
    },
)
