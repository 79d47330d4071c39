"""Gravatar: numbers that people published in their own profile, by email address.

One call, `GET /profiles/{hash}`. What its answers mean:

| answer | meaning | billed |
|---|---|---|
| 200 with a number in `contact_info` | hit | no |
| 200 without `contact_info`, or without a number in it | miss, with what the profile says of the person | no |
| 404 | no profile: miss | no |
| 401, 403 | key refused | no |
| 429 `rate_limit_exceeded` | rate limited | no |
| 5xx | the vendor failed | no |

Sources: the vendor's OpenAPI description of its REST API v3 in https://github.com/api-evangelist/gravatar and
https://docs.gravatar.com/api/profiles/rest-api/, read on 2026-11-22. `contact_info` comes only with a key, and only
where the owner shows it to all. The address of the profile is the SHA-256 of the email address: that still names a
person, so it is asked only when the configuration names it. Figures of the rate limit are not published: the rate is a
cautious guess.
"""

import hashlib
from typing import Any

from enrichcore.errors import Unreadable
from enrichcore.model import EmailQuery, Hit, Miss, Number, Person, Price
from enrichcore.plugins import Bearer, Http, Provider, hookimpl, text_of

PHONES = {"cell_phone": "mobile", "work_phone": "work", "home_phone": "home"}
"""The best first; our words for their kinds."""


class Gravatar(Provider):
    """https://docs.gravatar.com/api/profiles/rest-api/, read 2026-11-22."""

    name = "gravatar"
    base_url = "https://api.gravatar.com/v3"
    key_env = "GRAVATAR_API_KEY"
    auth = Bearer()
    docs = "https://docs.gravatar.com/api/profiles/rest-api/"
    terms = "https://wordpress.com/tos/"
    price = Price.free()
    rate = ("1/s",)
    miss_statuses = (404,)
    when_named = True

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By the hash of the address."""
        digest = hashlib.sha256(query.email.strip().lower().encode()).hexdigest()
        reply = await http.get(f"/profiles/{digest}")
        profile = reply.json()
        if not isinstance(profile, dict) or not isinstance(profile["hash"], str):
            raise Unreadable("expected an object with 'hash'", status=reply.status_code)
        contact = profile.get("contact_info")
        if contact is not None and not isinstance(contact, dict):
            raise Unreadable("expected an object in 'contact_info'", status=reply.status_code)
        numbers = [
            Number(contact[field], type=kind)
            for field, kind in PHONES.items()
            if contact and contact.get(field) and _is_text(contact[field], field)
        ]
        person = _person(profile)
        return Hit(*numbers, person=person) if numbers else Miss(person)


def _is_text(value: object, field: str) -> bool:
    """Whether a number is shown.

    Raises:
        Unreadable: the field has another shape.
    """
    if not isinstance(value, str):
        raise Unreadable(f"expected text in 'contact_info.{field}', got a {type(value).__name__}")
    return "*" not in value


def _person(profile: dict[str, Any]) -> Person:
    """What the owner says: the first and last name, or what the profile is called where it looks like both."""
    first, last, shown = (text_of(profile.get(field)) for field in ("first_name", "last_name", "display_name"))
    name = f"{first} {last}" if first and last else shown if shown and " " in shown else None
    accounts = profile.get("verified_accounts")
    linked = [
        text_of(account.get("url"))
        for account in (accounts if isinstance(accounts, list) else [])
        if isinstance(account, dict) and account.get("service_type") == "linkedin"
    ]
    return Person(
        name=name,
        company=text_of(profile.get("company")),
        title=text_of(profile.get("job_title")),
        linkedin_id=linked[0] if linked else None,
    )
