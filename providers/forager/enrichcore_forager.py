"""Forager: phone numbers by LinkedIn profile; by name and domain, or by private email, who the person is.

All calls answer at once. What their answers mean:

| answer | meaning here | billed |
|---|---|---|
| phone: 200 with a list of `phone_number` | hit | 15 credits |
| phone: 200 `[]`, or a JSON 404 | miss | 15 credits: the price list says per lookup |
| name: 200 with one person in `search_results` | miss that says who it is | 1 credit |
| name: 200 with nobody, or with namesakes | miss | 1 credit |
| email: 200 with a person | miss that says who it is | 5 credits |
| email: a JSON 404 | miss | 5 credits: as above |
| 401, 403 | key refused, or an account that is not the key's | no |
| 402, or 400 and 403 whose `detail` speaks of credits | out of credits | no |
| 429 | rate limited, for what Retry-After says | no |
| other 4xx | our question is wrong | counted as billed |
| 5xx | the vendor failed | counted as billed |

A number is only found by LinkedIn profile. By name and by email the answer is a miss that brings a LinkedIn id, with
which the cascade then asks by LinkedIn.

Sources: a stored copy of https://docs.forager.ai read on 2026-11-22 (phone call, account in the path, prices) and
https://github.com/simstudioai/sim read on 2026-11-25 (`apps/sim/tools/forager`: bodies written down from the vendor's
OpenAPI file, prices checked on 2026-08-26). Not documented anywhere: what an error looks like, what an empty account
answers, whether an empty answer is billed, the rate, how long a lookup takes. So the provider is experimental, and
where nothing is known, money counts as spent.
"""

from decimal import Decimal
from typing import Any

import attrs
import httpx
from attrs.validators import and_, ge, instance_of, not_, optional

from enrichcore.errors import ConfigError, KeyRefused, OutOfCredits, ProviderError, RequestRefused, Unreadable
from enrichcore.model import EmailQuery, Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Header, Http, Provider, hookimpl, is_masked, shown_text

NOT_FOUND = 404
SEARCH_CREDITS, REVERSE_CREDITS = Decimal(1), Decimal(5)


@attrs.frozen(kw_only=True)
class ForagerSettings:
    """The keys of `[providers.forager]`: `account_id` is the number that the dashboard shows beside the key."""

    account_id: int | None = attrs.field(
        default=None, validator=optional(and_(instance_of(int), not_(instance_of(bool)), ge(1)))
    )


def _detail(response: httpx.Response) -> str | None:
    """What a JSON object says in `detail`, in small letters; None where the body is no object."""
    try:
        body = response.json()
    except ProviderError:
        return None
    return str(body.get("detail", "")).casefold() if isinstance(body, dict) else None


def _refused(response: httpx.Response) -> ProviderError:
    if "credit" in (_detail(response) or ""):
        return OutOfCredits("the vendor account has no credits left")
    if response.status_code == 403:  # noqa: PLR2004 - the status of a wrong key
        return KeyRefused("the vendor does not know the key, or it is not of this account_id")
    return RequestRefused("the vendor calls the request invalid")


def _not_found(response: httpx.Response) -> ProviderError | None:
    """A page, unlike an object, says that the address does not exist."""
    return RequestRefused("the vendor answered 404 in HTML; is base_url right?") if _detail(response) is None else None


class Forager(Provider):
    """https://docs.forager.ai, read 2026-11-22 in the copies that the module names."""

    name = "forager"
    base_url = "https://api-v2.forager.ai"
    key_env = "FORAGER_API_KEY"
    auth = Header("X-API-KEY")
    docs = "https://docs.forager.ai"
    terms = "https://forager.ai/terms-conditions"
    price = Price.per_attempt(15)
    rate = ("2/s",)  # our caution: no number is published
    requires = {"name": {"domain"}}  # noqa: RUF012 - a ClassVar fact
    timeout = 45.0
    typical = 5.0
    status_errors = {400: _refused, 403: _refused, 404: _not_found}  # noqa: RUF012 - a ClassVar fact
    experimental = True
    Settings = ForagerSettings
    settings = ForagerSettings()

    async def setup(self) -> None:
        """The account is part of every address.

        Raises:
            ConfigError: it is not configured.
        """
        if self.settings.account_id is None:
            raise ConfigError("[providers.forager]: set account_id to the number beside the key in Forager's dashboard")

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the profile's slug."""
        reply = await self._post(
            http, "person_contacts_lookup/phone_numbers", {"linkedin_public_identifier": query.linkedin_id}
        )
        if reply.status_code == NOT_FOUND:
            return Miss()
        body = reply.json()
        if not isinstance(body, list):
            raise Unreadable(f"expected a list, got a {type(body).__name__}", status=reply.status_code)
        raws = [_phone(one) for one in body]
        numbers = [Number(raw) for raw in dict.fromkeys(raws) if raw]
        return Hit(*numbers) if numbers else Miss()

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Miss:
        """Who has this name and works at this domain now; never a number."""
        reply = await self._post(
            http,
            "person_role_search",
            {"person_name": query.full_name, "organization_domains": [query.domain], "role_is_current": True},
        )
        body = {"search_results": []} if reply.status_code == NOT_FOUND else reply.json()
        rows = body.get("search_results") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Unreadable("expected a list of objects in 'search_results'", status=reply.status_code)
        found = [_person(_object(row, "person"), row.get("organization")) for row in rows]
        return Miss(_only(found, query.full_name), credits=SEARCH_CREDITS)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Miss:
        """Who the person behind a private address is; never a number."""
        reply = await self._post(http, "person_detail_reverse_lookup/by_email", {"email": query.email})
        if reply.status_code == NOT_FOUND:
            return Miss(credits=REVERSE_CREDITS)
        body = reply.json()
        if not isinstance(body, dict) or not isinstance(body.get("full_name"), str):
            raise Unreadable("expected an object with text in 'full_name'", status=reply.status_code)
        roles = body.get("roles")
        now = [role for role in roles if isinstance(role, dict)] if isinstance(roles, list) else []
        current = next((role.get("organization") for role in now if role.get("is_current") is True), None)
        return Miss(_person(body, current), credits=REVERSE_CREDITS)

    async def _post(self, http: Http, path: str, question: dict[str, Any]) -> httpx.Response:
        return await http.post(f"/api/{self.settings.account_id}/datastorage/{path}/", json=question)


def _phone(one: object) -> str | None:
    """The number of one entry; None where it is empty or hidden.

    Raises:
        Unreadable: it has another shape.
    """
    raw = one.get("phone_number", False) if isinstance(one, dict) else False
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise Unreadable("expected objects with text in 'phone_number'")
    return raw if raw.strip() and not is_masked(raw) else None


def _only(found: list[Person], name: str) -> Person | None:
    """The one person of an answer, who may have several roles; of several people the one with this very name."""
    people = {person.linkedin_id or person.name: person for person in found}
    if len(people) > 1:
        same = name.casefold()
        people = {key: person for key, person in people.items() if (person.name or "").casefold() == same}
    return next(iter(people.values())) if len(people) == 1 else None


def _person(person: dict[str, Any], organization: object) -> Person:
    employer = organization if isinstance(organization, dict) else {}
    link = person.get("linkedin_info")
    profile = link if isinstance(link, dict) else {}
    return Person(
        name=shown_text(person.get("full_name")),
        company=shown_text(employer.get("name")),
        domain=shown_text(employer.get("domain")),
        linkedin_id=shown_text(profile.get("public_identifier")) or shown_text(profile.get("public_profile_url")),
    )


def _object(row: dict[str, Any], name: str) -> dict[str, Any]:
    value = row.get(name)
    if not isinstance(value, dict):
        raise Unreadable(f"expected an object in {name!r}, got a {type(value).__name__}")
    return value
