"""What a registry's RDAP server answers, for the contract suite: `enrichcore providers test rdap`."""

from typing import Any

from enrichcore.model import Acceptance
from enrichcore.testing import Act, Case, Cases, reply

CONTACT: dict[str, Any] = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "company": "Northquay Ltd",
    "domain": "northquay.example",
}
SETTINGS = {"suffixes": ["example"]}
TEL: list[Any] = ["tel", {}, "text", "+44.2079460018"]
FAX: list[Any] = ["tel", {"type": "fax"}, "text", "+44.2079460019"]


def entity(*roles: str, tels: list[Any], inside: list[Any] | None = None) -> dict[str, Any]:
    """Somebody with these roles and numbers."""
    card = [["version", {}, "text", "4.0"], ["fn", {}, "text", "Northquay Ltd"], *tels]
    return {"objectClassName": "entity", "roles": list(roles), "vcardArray": ["vcard", card], "entities": inside or []}


ABUSE = entity("abuse", tels=[["tel", {"type": "voice"}, "uri", "tel:+1.2025550199"]])
REGISTRAR = entity("registrar", tels=[["tel", {}, "text", "+1.2025550198"]], inside=[ABUSE])
REDACTED = {
    "objectClassName": "entity",
    "roles": ["registrant"],
    "remarks": [{"title": "REDACTED FOR PRIVACY", "description": ["Some of the data has been removed."]}],
    "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", ""]]],
}


def found(*entities: Any) -> Act:
    """A domain with these entities."""
    body = {"objectClassName": "domain", "ldhName": "northquay.example", "entities": list(entities)}
    return reply(200, body, headers={"content-type": "application/rdap+json"})


UNKNOWN = reply(404, {"errorCode": 404, "title": "Not Found"})
CASES = Cases(
    Case(
        "name",
        found=found(REGISTRAR, entity("registrant", tels=[TEL, FAX])),
        not_found=[UNKNOWN, found(REGISTRAR, REDACTED), found()],
        fields=CONTACT,
        phones=("+44.2079460018",),
    ),
    errors={"rate_limited": reply(429), "key_refused": reply(403), "server_error": reply(503)},
    settings=SETTINGS,
    acceptance=Acceptance(allow_fictional=True, company_lines=True),
)
