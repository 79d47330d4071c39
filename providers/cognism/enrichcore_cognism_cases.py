"""What Cognism documents, for the contract suite: `enrichcore providers test cognism`."""

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
ACCOUNT: dict[str, Any] = {
    "name": "Northquay Ltd",
    "website": "northquay.example",
    "officePhoneNumbers": [{"number": "+44 20 7946 0099"}],
}
PREVIEW: dict[str, Any] = {
    "id": "c-0141",
    "redeemId": "r-0141",
    "fullName": "Mara Ellsworth",
    "jobTitle": "Operations Director",
    "linkedinUrl": "https://www.linkedin.com/in/mara-ellsworth-0141",
    "hasEmail": True,
    "hasMobilePhoneNumbers": True,
    "hasDirectPhoneNumbers": True,
    "account": {"name": "Northquay Ltd", "website": "northquay.example"},
}
RECORD: dict[str, Any] = {
    "id": "c-0141",
    "fullName": "Mara Ellsworth",
    "jobTitle": "Operations Director",
    "linkedinUrl": "https://www.linkedin.com/in/mara-ellsworth-0141",
    "email": {"address": "mara@northquay.example", "quality": "HIGH"},
    "mobilePhoneNumbers": [{"number": "+1 202-555-0123", "score": 90}],
    "directPhoneNumbers": [{"number": "+44 20 7946 0018"}],
    "account": ACCOUNT,
}
NOBODY = reply(200, {"matchScore": 0, "results": []})


def known(*others: Any, **changes: Any) -> Act:
    """The first answer, with some fields of its contact changed and others behind it."""
    return reply(200, {"matchScore": 80, "results": [PREVIEW | changes, *others]})


def redeemed(**changes: Any) -> Act:
    """The second answer, with some fields of its record changed."""
    return reply(200, {"total": 1, "results": [RECORD | changes]})


def failure(status: int, code: int = 1) -> Act:
    """The vendor's error body."""
    return reply(status, {"errors": [{"code": code, "message": "in the vendor's words"}]})


NO_NUMBERS: dict[str, Any] = {"mobilePhoneNumbers": [], "directPhoneNumbers": []}
NO_MOBILE = known(hasMobilePhoneNumbers=False)
_ANSWERS: dict[str, Any] = {
    "found": (known(), redeemed()),
    "not_found": [
        (NOBODY, NOBODY),  # the second is never asked for
        (NO_MOBILE, NO_MOBILE),
        (known(), redeemed(**NO_NUMBERS)),
    ],
    "fields": CONTACT,
    "phones": ("+1 202-555-0123", "+44 20 7946 0018"),
    "person": {"title": "Operations Director", "domain": "northquay.example", "score": 0.8},
    "masked": [
        (known(), redeemed(**NO_NUMBERS | {"mobilePhoneNumbers": [{"number": "+1 202***"}]})),
        (known(), redeemed(**NO_NUMBERS, hasMobilePhoneNumbers=True)),
    ],
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "request_refused": failure(400),
        "key_refused": failure(401),
        "rate_limited": failure(429, 88),
    },
)
