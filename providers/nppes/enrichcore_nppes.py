"""NPPES: practice numbers from the public registry of health care providers in the United States, by name and company.

A lookup is two free requests: the organisations of that name, then the people of that name. A person counts only
where the registry ties them to the organisation: as its authorized official, or by an address that both practise at.

| answer | meaning | billed |
|---|---|---|
| an organisation of that name whose authorized official is the person | hit: the official's number | no |
| a person who practises at the address of an organisation of that name | hit: the number of the practice | no |
| `result_count` 0, or nobody whom the registry ties to the organisation | miss | no |
| 200 with `Errors` | our question is wrong | no |
| 429, 5xx | rate limited; the vendor failed | no |

A number that also stands at the organisation's own addresses is its line (`company_line`). Fax numbers and records that
are not active are left alone.

Sources: recorded answers of https://github.com/ropensci/npi, https://andrewallenbruce.github.io/provider and
https://npiregistry.cms.hhs.gov/api-page, read on 2026-11-22. The newest recording is of 2023, so the provider is
experimental. The registry publishes no rate: the one here is a cautious guess. Its data is public under the NPPES Data
Dissemination Notice.
"""

from typing import Any

from enrichcore.errors import RequestRefused, Unreadable
from enrichcore.identity import company_key, name_key
from enrichcore.model import Hit, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Http, Provider, hookimpl

Record = dict[str, Any]
_POSTAL = 5
"""Digits of a postal code that every record has; four more are optional."""


class Nppes(Provider):
    """https://npiregistry.cms.hhs.gov/api-page, read 2026-11-22 in the copies that the module names."""

    name = "nppes"
    base_url = "https://npiregistry.cms.hhs.gov"
    docs = "https://npiregistry.cms.hhs.gov/api-page"
    terms = "https://www.cms.gov/medicare/regulations-guidance/administrative-simplification/data-dissemination"
    price = Price.free()
    rate = ("2/s",)
    requires = {"name": {"company"}}  # noqa: RUF012 - a ClassVar fact
    countries = ("US",)
    when_named = True
    experimental = True

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name, and the organisation."""
        company = query.company or ""
        found = await _search(http, enumeration_type="NPI-2", organization_name=f"{company}*")
        if not found:
            return Miss()
        people = await _search(http, enumeration_type="NPI-1", first_name=query.first_name, last_name=query.last_name)
        organisations = [one for one in found if company_key(_text(one, "organization_name")) == company_key(company)]
        lines = {_digits(phone) for one in organisations for phone, _ in _places(one)}
        numbers: dict[str, Number] = {}
        for one in organisations:
            if _same(query, _text(one, "authorized_official_first_name"), _text(one, "authorized_official_last_name")):
                phone = _text(one, "authorized_official_telephone_number")
                numbers.setdefault(phone, _number(phone, lines))
        shared = {place for one in organisations for _, place in _places(one) if place}
        own = [one for one in people if _same(query, _text(one, "first_name"), _text(one, "last_name"))]
        for one in own:
            for phone, place in _places(one):
                if place in shared:
                    numbers.setdefault(phone, _number(phone, lines))
        numbers.pop("", None)
        if not numbers:
            return Miss()
        return Hit(*numbers.values(), person=Person(name=query.full_name, company=company, country="US"))


async def _search(http: Http, **criteria: str) -> list[Record]:
    """The active records that fit.

    Raises:
        RequestRefused: the registry does not take the criteria.
        Unreadable: the answer has another shape.
    """
    reply = await http.get("/api/", params={"version": "2.1", "limit": "200", **criteria})
    body = reply.json()
    if not isinstance(body, dict):
        raise Unreadable("expected an object", status=reply.status_code)
    if "Errors" in body:
        raise RequestRefused("the registry does not take the search criteria")
    records = body["results"]
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise Unreadable("expected a list of objects in 'results'", status=reply.status_code)
    return [one for one in records if one["basic"]["status"] == "A"]


def _text(record: Record, field: str) -> str:
    """A text of the `basic` part; an empty one where the registry has none."""
    value = record["basic"].get(field)
    return value if isinstance(value, str) else ""


def _same(query: NameQuery, first: str, last: str) -> bool:
    return (name_key(first), name_key(last)) == (name_key(query.first_name), name_key(query.last_name))


def _places(record: Record) -> list[tuple[str, tuple[str, str] | None]]:
    """Number and place of every address; a mailing address is a place where nobody practises."""
    places: list[tuple[str, tuple[str, str] | None]] = []
    for address in [*record["addresses"], *(record.get("practiceLocations") or [])]:
        phone, street, postal = (address.get(field) for field in ("telephone_number", "address_1", "postal_code"))
        if not isinstance(phone, str):
            continue
        place = None
        if address.get("address_purpose") != "MAILING" and isinstance(street, str) and isinstance(postal, str):
            place = (name_key(street), postal[:_POSTAL])
        places.append((phone, place if place and all(place) else None))
    return places


def _number(phone: str, lines: set[str]) -> Number:
    return Number(phone, country="US", company_line=_digits(phone) in lines)


def _digits(phone: str) -> str:
    return "".join(filter(str.isdecimal, phone))
