"""What BetterContact documents, for the contract suite: `enrichcore providers test bettercontact`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "company": "Northquay Ltd",
    "domain": "northquay.example",
    "linkedin_id": "mara-ellsworth-0141",
}
ID = "bc-req-0001"
ROW: dict[str, Any] = {
    "enriched": True,
    "contact_first_name": "Mara",
    "contact_last_name": "Ellsworth",
    "contact_phone_number": "+12025550123",
    "contact_phone_number_provider": "vendor-x",
    "contact_phone_number_cc": "US",
    "contact_phone_number_status": "not_validated",
    "contact_email_address": None,
    "contact_email_address_status": None,
    "contact_linkedin_profile_url": "https://www.linkedin.com/in/mara-ellsworth-0141/",
    "contact_job_title": "Operations Director",
    "company_name": "Northquay Ltd",
    "company_domain": "northquay.example",
    "do_not_contact": False,
}
NOTHING: dict[str, Any] = {
    "enriched": False,
    "contact_phone_number": None,
    "contact_phone_number_provider": None,
    "contact_linkedin_profile_url": None,
}
SUBMITTED = reply(201, {"success": True, "id": ID, "message": "Processing..."})


def result(*, credits: Any = 10, **changes: Any) -> Act:
    """The end of a job, with some fields of its row changed."""
    return rows([ROW | changes], credits=credits)


def rows(data: Any, *, credits: Any = 10) -> Act:
    """The end of a job."""
    summary = {"total": 1, "valid": 1}
    body = {"id": ID, "status": "terminated", "credits_consumed": credits, "credits_left": 940, "summary": summary}
    return reply(200, {**body, "data": data})


def failure(status: int, key: str = "message") -> Act:
    """The vendor's error body: its text is in `message` or in `error`."""
    return reply(status, {"success": False, key: "in the vendor's words"})


PENDING = [
    reply(202, {"status": "processing", "message": "still processing"}),
    reply(202, {"message": "still processing"}),
    reply(200, {"id": ID, "status": "processing"}),
    reply(200, {"id": ID, "status": "on_hold"}),
]
NOT_FOUND = [
    result(credits=0, **NOTHING),
    result(credits=0, **NOTHING | {"contact_phone_number": ""}),
    rows([{"enriched": False}], credits=0),
]
BATCH = rows([NOTHING | {"custom_fields": {"uuid": "1"}}, ROW | {"custom_fields": {"uuid": "0"}}])
_ANSWERS: dict[str, Any] = {
    "found": (SUBMITTED, result()),
    "not_found": NOT_FOUND,
    "batch": (SUBMITTED, BATCH),
    "pending": PENDING,
    "fields": CONTACT,
    "phones": ("+12025550123",),
    "person": {"title": "Operations Director", "company": "Northquay Ltd", "domain": "northquay.example"},
    "masked": [result(credits=0, contact_phone_number="+1 202*****23"), result(credits=0, contact_phone_number=False)],
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("linkedin", **_ANSWERS, hints=("first_name", "last_name")),
    errors={
        "key_refused": failure(401),
        "out_of_credits": failure(402),
        "rate_limited": failure(429),
        "request_refused": [failure(400, "error"), failure(422, "error"), failure(404)],
        "server_error": failure(500),
        "maybe_sent": failure(504),
    },
    balance=[
        reply(200, {"success": True, "credits_left": 32377, "email": "owner@northquay.example"}),
        reply(200, {"success": True, "credits_left": "32377"}),
    ],
)
