"""RDAP: the number that the owner of a domain left with its registry, by the company's domain.

One call, `GET /domain/{domain}`. What its answers mean:

| answer | meaning | billed |
|---|---|---|
| 200 with a registrant (or an administrative or technical contact) that has a number | hit: the company's line | no |
| 200 without one, as where it is redacted | miss | no |
| 404 | the registry does not know the domain: miss | no |
| 429 | rate limited, for as long as `Retry-After` says | no |
| 403 | the registry refuses us | no |
| 5xx | the vendor failed | no |

Each registry has a server of its own, listed at https://data.iana.org/rdap/dns.json; `base_url` and `suffixes` say
which one is asked. Domains with another suffix are a miss and nothing is sent. All numbers are marked as company lines.

Sources: https://www.rfc-editor.org/rfc/rfc9083 (answers), https://www.rfc-editor.org/rfc/rfc9082 (paths) and
https://www.rfc-editor.org/rfc/rfc7095 (jCard), read on 2026-11-22; https://registrars.nominet.uk/rdap/ and public
clients (the address of the server for `.uk`), read on 2026-11-25. Registries forbid to use what they say for bulk
marketing; rates are not published, the one here is a cautious guess.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import attrs

from enrichcore.errors import ConfigError, Unreadable
from enrichcore.identity import registrable_domain
from enrichcore.model import Hit, Miss, NameQuery, Number, Price
from enrichcore.plugins import Http, Provider, hookimpl

ROLES = ("registrant", "administrative", "technical")
"""The best first. `registrar` and `abuse` are others than the company."""


def _suffixes(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, str) and one for one in value):
        raise ConfigError(f"[providers.rdap] suffixes: expected a list of suffixes such as ['uk'], got {value!r}")
    return tuple(one.lower().strip(".") for one in value)


@attrs.frozen(kw_only=True)
class RdapSettings:
    """`suffixes`: the ends of the domains that the server at `base_url` knows."""

    suffixes: tuple[str, ...] = attrs.field(default=("uk",), converter=_suffixes)


class Rdap(Provider):
    """https://www.rfc-editor.org/rfc/rfc9083, read 2026-11-22."""

    name = "rdap"
    base_url = "https://rdap.nominet.uk/uk"
    docs = "https://www.rfc-editor.org/rfc/rfc9083"
    terms = "https://www.icann.org/rdap"
    price = Price.free()
    rate = ("1/s",)
    requires = {"name": {"domain"}}  # noqa: RUF012 - a ClassVar fact
    miss_statuses = (404,)
    when_named = True
    experimental = True
    Settings = RdapSettings
    settings = RdapSettings()

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By the domain of the company; nothing of the person is sent."""
        domain = query.domain or ""
        if not any(domain.endswith(f".{suffix}") for suffix in self.settings.suffixes):
            return Miss()
        domain = registrable_domain(domain) or domain
        reply = await http.get(f"/domain/{quote(domain, safe='')}", headers={"Accept": "application/rdap+json"})
        body = reply.json()
        if not isinstance(body, dict) or body["objectClassName"] != "domain":
            raise Unreadable("expected an object of the class 'domain'", status=reply.status_code)
        numbers: dict[str, Number] = {}
        found = list(_contacts(body))
        for role in ROLES:
            for entity in found:
                if role in entity["roles"]:
                    for raw in _numbers(entity):
                        numbers.setdefault(raw, Number(raw, company_line=True))
        return Hit(*numbers.values()) if numbers else Miss()


def _contacts(domain: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The entities of a domain. Those inside another one belong to it: an abuse desk is the registrar's."""
    for entity in _list(domain, "entities"):
        if not isinstance(entity, dict):
            raise Unreadable(f"expected an object in 'entities', got a {type(entity).__name__}")
        if not {"registrar", "abuse"} & {role for role in _list(entity, "roles") if isinstance(role, str)}:
            yield {**entity, "roles": _list(entity, "roles")}


def _list(record: dict[str, Any], field: str) -> list[Any]:
    """A list that may be left out."""
    value = record.get(field, [])
    if not isinstance(value, list):
        raise Unreadable(f"expected a list in '{field}', got a {type(value).__name__}")
    return value


def _numbers(entity: dict[str, Any]) -> Iterator[str]:
    """The numbers of a jCard: `[name, parameters, type, value]`; not those of a fax or a pager."""
    card = _list(entity, "vcardArray")
    if not card:
        return
    for name, parameters, _, value, *_ in card[1]:
        if name != "tel" or not isinstance(value, str):
            continue
        kind = parameters.get("type", [])
        kinds = {kind} if isinstance(kind, str) else set(map(str, kind))
        raw = value.removeprefix("tel:").partition(";")[0].strip()
        if raw and not {"fax", "pager"} & {one.lower() for one in kinds}:
            yield raw
