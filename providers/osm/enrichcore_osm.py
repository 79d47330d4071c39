"""OpenStreetMap: the number of a company's office, by its name, from a Nominatim server.

| answer | meaning | billed |
|---|---|---|
| places of which one is the company and has a number | hit: the company's line | no |
| `[]`, other places, or no number | miss | no |
| 403 | the service has blocked the application | no |
| 429, 5xx | rate limited; the vendor failed | no |

A place is the company if its `website` has the domain asked for; where one of the two is not known, if its name is the
company's. All numbers are marked as company lines, so the policy decides whether they count.

Sources: https://nominatim.org/release-docs/latest/api/Search/,
https://operations.osmfoundation.org/policies/nominatim/ and https://wiki.openstreetmap.org/wiki/Key:phone, read on
2026-11-22. The policy: one request a second for the whole application, a way to identify it, attribution, no bulk
lists; another server can be named with `base_url`.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from enrichcore.errors import Unreadable
from enrichcore.identity import clean_domain, company_key, registrable_domain
from enrichcore.model import Hit, Miss, NameQuery, Number, Price
from enrichcore.plugins import ContactSettings, Http, Provider, blocked, hookimpl

PHONES = ("phone", "contact:phone", "contact:mobile", "mobile")
WEBSITES = ("website", "contact:website", "url")


class Osm(Provider):
    """https://nominatim.org/release-docs/latest/api/Search/, read 2026-11-22."""

    name = "osm"
    base_url = "https://nominatim.openstreetmap.org"
    docs = "https://nominatim.org/release-docs/latest/api/Search/"
    terms = "https://operations.osmfoundation.org/policies/nominatim/"
    price = Price.free()
    rate = ("1/s",)
    requires = {"name": {"company"}}  # noqa: RUF012 - a ClassVar fact
    when_named = True
    status_errors = {403: blocked("the service has blocked this application; see its usage policy")}  # noqa: RUF012 - a ClassVar fact
    Settings = ContactSettings

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By the company; nothing of the person is sent."""
        reply = await http.get(
            "/search",
            params={"q": query.company, "format": "jsonv2", "extratags": "1", "addressdetails": "1", "limit": "10"},
            headers=self.settings.agent(self.name),
        )
        places = reply.json()
        if not isinstance(places, list) or not all(isinstance(place, dict) for place in places):
            raise Unreadable("expected a list of objects", status=reply.status_code)
        numbers = {number.raw: number for place in places if _is(place, query) for number in _numbers(place)}
        return Hit(*numbers.values()) if numbers else Miss()


def _tags(place: dict[str, Any]) -> dict[str, Any]:
    """The tags of a place; null where it has none."""
    tags = place["extratags"]
    if tags is None:
        return {}
    if not isinstance(tags, dict):
        raise Unreadable("expected an object in 'extratags'")
    return tags


def _is(place: dict[str, Any], query: NameQuery) -> bool:
    """Whether a place is the company, in its country where both are known."""
    country = _country(place)
    if query.country and country and query.country != country:
        return False
    tags = _tags(place)
    sites = {_domain(site) for site in map(tags.get, WEBSITES) if isinstance(site, str)} - {None}
    if query.domain and sites:
        return (registrable_domain(query.domain) or query.domain) in sites
    name = place.get("name") or str(place["display_name"]).partition(",")[0]
    return isinstance(name, str) and company_key(name) == company_key(query.company or "")


def _domain(site: str) -> str | None:
    """The registered domain of a website."""
    try:
        host = urlsplit(site if "://" in site else f"//{site}").hostname
    except ValueError:
        return None
    domain = clean_domain(host) if host else None
    return (registrable_domain(domain) or domain) if domain else None


def _country(place: dict[str, Any]) -> str | None:
    address = place.get("address")
    code = address.get("country_code") if isinstance(address, dict) else None
    return code.upper() if isinstance(code, str) else None


def _numbers(place: dict[str, Any]) -> Iterator[Number]:
    """A tag may hold several numbers, with a semicolon between."""
    tags = _tags(place)
    for value in map(tags.get, PHONES):
        for raw in value.split(";") if isinstance(value, str) else ():
            if raw.strip():
                yield Number(raw.strip(), country=_country(place), company_line=True)
