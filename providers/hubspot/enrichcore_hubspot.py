"""HubSpot: the phone numbers of your own CRM's contacts, by name and company, LinkedIn profile or email.

One call, `POST /crm/v3/objects/contacts/search`, answers at once and costs nothing. What its answers mean:

| answer | meaning here | billed |
|---|---|---|
| 200 with a contact that has a number | hit | no |
| 200 with contacts without one, or with none | miss | no |
| 401 | key refused | no |
| 403 | key refused: the scope `crm.objects.contacts.read` is missing | no |
| 429 | rate limited | no |
| 400 | our question is wrong, such as a property that the portal has not | no |
| 5xx | the vendor failed | no |

Sources, as stored copies read on 2026-11-22: the vendor's specification of the search, of 2026-08, at
https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/search (call and bodies), and its
changelog (4 searches a second). From general knowledge, not read again: the words of 429, that `IN` wants lower case,
and that new portals have `hs_linkedin_url`; which property holds the LinkedIn profile can be set.
"""

from typing import Any

import attrs
from attrs.validators import instance_of, matches_re

from enrichcore.errors import Unreadable
from enrichcore.model import EmailQuery, Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Bearer, Http, Provider, hookimpl, text_of

PATH = "/crm/v3/objects/contacts/search"
PROPERTIES = ("phone", "mobilephone", "email", "firstname", "lastname", "company", "jobtitle", "country")
LIMIT = 10


@attrs.frozen(kw_only=True)
class HubspotSettings:
    """The keys of `[providers.hubspot]`: `linkedin_property` is the property that holds the LinkedIn profile."""

    linkedin_property: str = attrs.field(
        default="hs_linkedin_url", validator=[instance_of(str), matches_re(r"[a-z][a-z0-9_]{0,99}")]
    )


class Hubspot(Provider):
    """https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/search, read 2026-11-22.

    Your own CRM: asked first, once it has a key.
    """

    name = "hubspot"
    base_url = "https://api.hubapi.com"
    key_env = "HUBSPOT_API_KEY"
    auth = Bearer()
    docs = "https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/search"
    terms = "https://legal.hubspot.com/terms-of-service"
    price = Price.free()
    rate = ("4/s",)
    timeout = 15.0
    typical = 1.0
    first_party = True
    Settings = HubspotSettings
    settings = HubspotSettings()

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name; of several contacts, those of the company."""
        return await self._search(
            http, query, _equal("firstname", query.first_name), _equal("lastname", query.last_name)
        )

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of the profile, in the ways people write it."""
        slug = query.linkedin_id.lower()  # the search wants lower case for IN
        starts = (
            "https://www.linkedin.com/in/",
            "https://linkedin.com/in/",
            "www.linkedin.com/in/",
            "linkedin.com/in/",
        )
        values = [start + slug + end for start in starts for end in ("", "/")]
        wanted = {"propertyName": self.settings.linkedin_property, "operator": "IN", "values": values}
        return await self._search(http, query, wanted)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By email address."""
        return await self._search(http, query, _equal("email", query.email))

    async def _search(self, http: Http, query: Query, *filters: dict[str, Any]) -> Hit | Miss:
        profile = self.settings.linkedin_property
        reply = await http.post(
            PATH,
            json={
                "filterGroups": [{"filters": list(filters)}],
                "properties": [*PROPERTIES, profile],
                "limit": LIMIT,
            },
        )
        results = reply.json()["results"]
        if not isinstance(results, list):
            raise Unreadable("expected a list in 'results'", status=reply.status_code)
        contacts = [_properties(one) for one in results]
        own = contacts if len(contacts) == 1 else [one for one in contacts if _same(one, query, profile)]
        answers = [_answer(one, profile) for one in own]
        hits = [one for one in answers if isinstance(one, Hit)]
        return next(iter([*hits, *answers]), Miss())


def _equal(name: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": "EQ", "value": value}


def _properties(result: object) -> dict[str, Any]:
    found = result.get("properties") if isinstance(result, dict) else None
    if not isinstance(found, dict):
        raise Unreadable("expected an object in 'results.properties'")
    return found


def _same(contact: dict[str, Any], query: Query, profile: str) -> bool:
    """Whether one of several contacts is who was asked about: a CRM has namesakes and duplicates."""
    email = (text_of(contact.get("email")) or "").casefold()
    if isinstance(query, EmailQuery):
        return email == query.email.casefold()
    if isinstance(query, LinkedInQuery):
        slug = (text_of(contact.get(profile)) or "").rstrip("/").rpartition("/")[2]
        return slug.casefold() == query.linkedin_id.casefold()
    if (_name(contact) or "").casefold() != query.full_name.casefold():
        return False
    company = (text_of(contact.get("company")) or "").casefold()
    same = query.company is not None and company == query.company.casefold()
    return same or (query.domain is not None and email.endswith(f"@{query.domain.casefold()}"))


def _answer(contact: dict[str, Any], profile: str) -> Hit | Miss:
    """The mobile before the other number."""
    country = text_of(contact.get("country"))
    found: dict[str, Number] = {}
    for key, kind in (("mobilephone", "mobile"), ("phone", None)):
        raw = contact.get(key)
        if not isinstance(raw, str | None):
            raise Unreadable(f"expected text in 'results.properties.{key}', got a {type(raw).__name__}")
        if raw and "*" not in raw:
            found.setdefault(raw, Number(raw, type=kind, country=country))
    person = Person(
        name=_name(contact),
        company=text_of(contact.get("company")),
        title=text_of(contact.get("jobtitle")),
        country=country,
        email=text_of(contact.get("email")),
        linkedin_id=text_of(contact.get(profile)),
    )
    known = None if person == Person() else person
    return Hit(*found.values(), person=known) if found else Miss(known)


def _name(contact: dict[str, Any]) -> str | None:
    first, last = text_of(contact.get("firstname")), text_of(contact.get("lastname"))
    return f"{first} {last}" if first and last else None
