"""What public clients of Kaspr show, for the contract suite: `enrichcore providers test kaspr`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT: dict[str, Any] = {"first_name": "Mara", "last_name": "Ellsworth", "linkedin_id": "mara-ellsworth-0141"}
PROFILE: dict[str, Any] = {
    "id": "mara-ellsworth-0141",
    "name": "Mara Ellsworth",
    "firstName": "Mara",
    "lastName": "Ellsworth",
    "professionalEmails": ["mara@northquay.example"],
    "starryProfessionalEmail": "mara@northquay.example",
    "personalEmails": [],
    "phones": ["+1 202 555 0123"],
    "starryPhone": "+1 202 555 0123",
    "location": "Portland",
    "title": "Operations Director",
}
NONE: dict[str, Any] = {"phones": [], "starryPhone": None}


def profile(**changes: Any) -> Act:
    """A profile, with some fields changed."""
    return reply(200, {"profile": PROFILE | changes})


NO_CREDITS = {"message": "No credits left", "reason": "in the vendor's words"}
CASES = Cases(
    Case(
        "linkedin",
        profile(),
        [profile(**NONE), reply(200), reply(200, {}), reply(200, {"profile": None}), reply(200, {"message": "none"})],
        fields=CONTACT,
        phones=("+1 202 555 0123",),
        person={"title": "Operations Director", "email": "mara@northquay.example"},
        hints=("first_name", "last_name"),
        masked=[profile(phones=["+1 202***"], starryPhone="+1 202***"), profile(phones=[True], starryPhone=True)],
    ),
    errors={
        "out_of_credits": [reply(402, NO_CREDITS), reply(200, NO_CREDITS)],
        "key_refused": reply(401, {"message": "in the vendor's words"}),
        "server_error": reply(500, {"message": "in the vendor's words"}),
    },
    balance=reply(200, {"workEmailCredits": -1, "phoneCredits": 40}),
)
