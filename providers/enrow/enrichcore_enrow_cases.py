"""What Enrow documents, for the contract suite: `enrichcore providers test enrow`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

CONTACT = {
    "first_name": "Robin",
    "last_name": "Sample",
    "company": "Example Widgets",
    "domain": "widgets.example",
    "linkedin_id": "robin-sample-000",
}
ID = "00000000-0000-0000-0000-000000000007"
NAMED = {"first_name": "Robin", "last_name": "Sample", "company_domain": "widgets.example"}
SUBMITTED = reply(
    201,
    {
        "message": "Single search operating",
        "id": ID,
        "credits_used": 50,
        "credits": {"amount": 50, "source": "sub", "split": {"fromPaygo": 0, "fromSub": 50}},
    },
)


def result(word: str, *, status: int = 200, params: Any = None, **fields: Any) -> Act:
    """What a poll says; `params` is our own question."""
    params = params or {"linkedin_url": "https://www.linkedin.com/in/robin-sample-000"}
    return reply(status, {"params": params, "custom": "r1", **fields, "qualification": word})


FOUND = result("found", number="+12025550143", country="US")
NOT_FOUND = result("not_found")
PENDING = [result("ongoing", status=202), result("ongoing"), reply(202, {"message": "still searching"})]


def failure(status: int) -> Act:
    """The vendor's error body."""
    return reply(status, {"message": "in the vendor's words"})


_ANSWERS: dict[str, Any] = {
    "found": (SUBMITTED, FOUND),
    "not_found": NOT_FOUND,
    "pending": PENDING,
    "fields": CONTACT,
    "phones": ("+12025550143",),
    "masked": result("found", number="+1202555****", country="US"),
    "echoes": ("params", "custom"),
}
CASES = Cases(
    Case(
        "name", **_ANSWERS | {"found": (SUBMITTED, result("found", params=NAMED, number="+12025550143", country="US"))}
    ),
    Case("linkedin", **_ANSWERS),
    errors={
        "key_refused": failure(401),
        "out_of_credits": [failure(422), failure(402)],
        "rate_limited": failure(429),
        "request_refused": failure(400),
        "server_error": failure(500),
        "maybe_sent": failure(504),
    },
    balance=reply(200, {"credits": 940}),
)
