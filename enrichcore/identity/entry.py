"""Whether an entry of a person's own directory is the one who is looked for by name; pure."""

from collections.abc import Iterable

from enrichcore.identity.company import company_key
from enrichcore.identity.name import name_key
from enrichcore.identity.registrable import registrable_domain


def is_entry_of(
    full_name: str,
    company: str | None,
    domain: str | None,
    *,
    names: Iterable[str],
    emails: Iterable[str] = (),
    companies: Iterable[str] = (),
) -> bool:
    """Whether one of the names is this one, and what the entry says of where they work agrees in one thing.

    An entry that says nothing of it agrees; one whose company and mail domain both are others does not.
    """
    wanted = name_key(full_name)
    if not any(wanted == name_key(name) for name in names):
        return False
    domains = {_registered(mail.rpartition("@")[2]) for mail in emails if "@" in mail}
    keys = {company_key(name) for name in companies}
    if domain is not None and _registered(domain) in domains:
        return True
    if company is not None and company_key(company) in keys:
        return True
    return not (domain is not None and domains) and not (company is not None and keys)


def _registered(host: str) -> str:
    host = host.lower()
    return registrable_domain(host) or host
