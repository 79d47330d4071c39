"""What the query service answers, for the contract suite: `enrichcore providers test wikidata`."""

from typing import Any

from enrichcore.model import Acceptance
from enrichcore.testing import Act, Case, Cases, reply

CONTACT: dict[str, Any] = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "company": "Northquay Ltd",
    "domain": "northquay.example",
}
SETTINGS = {"contact": "ops@engines.example"}
PHONE: dict[str, Any] = {"type": "literal", "value": "+44 20 7946 0018"}


def found(*phones: Any) -> Act:
    """A table with one column."""
    return reply(200, {"head": {"vars": ["phone"]}, "results": {"bindings": [{"phone": phone} for phone in phones]}})


CASES = Cases(
    Case(
        "name",
        found=found(PHONE),
        not_found=[found(), found({"type": "bnode", "value": "t1"})],
        fields=CONTACT,
        phones=("+44 20 7946 0018",),
    ),
    errors={
        "rate_limited": reply(429, text="slow down", headers={"retry-after": "30"}),
        "key_refused": reply(403, text="blocked"),
        "request_refused": reply(400, text="malformed query"),
        "server_error": reply(500, text="timeout"),
    },
    settings=SETTINGS,
    acceptance=Acceptance(allow_fictional=True, company_lines=True),
)
