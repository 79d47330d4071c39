"""What Nominatim documents, for the contract suite: `enrichcore providers test osm`."""

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
PLACE: dict[str, Any] = {
    "place_id": 100149,
    "licence": "Data © OpenStreetMap contributors, ODbL 1.0. https://osm.org/copyright",
    "osm_type": "node",
    "osm_id": 999,
    "lat": "51.5",
    "lon": "-0.1",
    "category": "office",
    "type": "company",
    "importance": 0.01,
    "display_name": "Northquay Ltd, Fiction Way, London, United Kingdom",
    "address": {"office": "Northquay Ltd", "city": "London", "country_code": "gb"},
    "extratags": {"website": "https://www.northquay.example/", "phone": "+44 20 7946 0018"},
}


def found(*places: dict[str, Any]) -> Act:
    """The places of an answer."""
    return reply(200, list(places))


CASES = Cases(
    Case(
        "name",
        found=found(PLACE),
        not_found=[found(), found(PLACE | {"extratags": None, "display_name": "Northquay Ltd, London"})],
        fields=CONTACT,
        phones=("+44 20 7946 0018",),
    ),
    errors={"rate_limited": reply(429), "key_refused": reply(403, text="blocked"), "server_error": reply(502)},
    settings=SETTINGS,
    acceptance=Acceptance(allow_fictional=True, company_lines=True),
)
