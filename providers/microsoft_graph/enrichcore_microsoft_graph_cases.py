"""What Microsoft Graph documents, for the contract suite: `enrichcore providers test microsoft_graph`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT: dict[str, Any] = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "company": "Northquay Ltd",
    "domain": "northquay.example",
    "email": "mara@northquay.example",
}
USER: dict[str, Any] = {
    "displayName": "Mara Ellsworth",
    "givenName": "Mara",
    "surname": "Ellsworth",
    "mail": "mara@northquay.example",
    "userPrincipalName": "mara@northquay.example",
    "businessPhones": ["+1 503 555 0142"],
    "mobilePhone": "+1 202 555 0123",
    "companyName": "Northquay Ltd",
    "jobTitle": "Operations Director",
    "country": None,
}


def found(*users: Any) -> Act:
    """The users of an answer."""
    return reply(200, {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users", "value": list(users)})


def failure(status: int, code: str) -> Act:
    """The error body."""
    return reply(status, {"error": {"code": code, "message": "See the documentation."}})


_ANSWERS: dict[str, Any] = {
    "found": found(USER),
    "not_found": [found(), found(USER | {"mobilePhone": None, "businessPhones": []})],
    "fields": CONTACT,
    "phones": ("+1 202 555 0123", "+1 503 555 0142"),
    "person": {"title": "Operations Director", "company": "Northquay Ltd", "domain": "northquay.example"},
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "key_refused": [
            failure(401, "InvalidAuthenticationToken"),
            failure(403, "Authorization_RequestDenied"),
        ],
        "rate_limited": failure(429, "TooManyRequests"),
        "request_refused": failure(400, "Request_BadRequest"),
        "server_error": failure(503, "serviceNotAvailable"),
    },
)
