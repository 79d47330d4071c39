"""Whether two companies, each given by name, domain or both, can be one."""

from enum import IntEnum

from enrichcore.identity.company import company_key
from enrichcore.identity.domain import clean_domain
from enrichcore.identity.mail_hosts import FREE_MAIL

_ORDINARY = frozenset({"group", "holding", "holdings", "international", "global", "worldwide", "the", "and", "com"})
_SHORTEST_ACRONYM = 3
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne"})


class CompanyFit(IntEnum):
    """How two companies fit, and by what."""

    UNKNOWN = 0
    DIFFERENT = 1
    NAME = 2
    DOMAIN = 3
    BOTH = 4


def compare_companies(
    sent_company: str | None, sent_domain: str | None, said_company: str | None, said_domain: str | None
) -> CompanyFit:
    """How the company that was sent fits the one that was said; a name is also held against a domain."""
    mine = _employer_domain(sent_domain)
    theirs = _employer_domain(said_domain)
    names = _names_fit(sent_company, said_company)
    domains = _domains_fit(mine, theirs)
    if domains:
        return CompanyFit.BOTH if names else CompanyFit.DOMAIN
    if names:
        return CompanyFit.NAME
    crossed = _name_fits_domain(said_company, mine) or _name_fits_domain(sent_company, theirs)
    if crossed:
        return CompanyFit.DOMAIN
    # Two domains that differ say less than two names that fit, and as much as two names that do not.
    if names is False or domains is False:
        return CompanyFit.DIFFERENT
    return CompanyFit.UNKNOWN


def _employer_domain(domain: str | None) -> str | None:
    if domain is None:
        return None
    clean = clean_domain(domain)
    return None if clean in FREE_MAIL else clean


def _domains_fit(one: str | None, other: str | None) -> bool | None:
    """Whether two domains belong together; None where that cannot be said (a company has one in each country)."""
    if one is None or other is None:
        return None
    if one == other or one.endswith("." + other) or other.endswith("." + one):
        return True
    return None if _own_label(one) == _own_label(other) else False


def _own_label(domain: str) -> str:
    """The label that the company chose, as far as one can tell without a list of public suffixes."""
    labels = domain.split(".")
    if len(labels) > 2 and labels[-2] in _SECOND_LEVEL:  # noqa: PLR2004 - a label before `co.uk`
        return labels[-3]
    return labels[-2]


def _names_fit(one: str | None, other: str | None) -> bool | None:
    if one is None or other is None:
        return None
    mine, theirs = company_key(one), company_key(other)
    if not mine or not theirs:
        return None
    if mine == theirs or mine.replace(" ", "") == theirs.replace(" ", ""):
        return True
    words = [w for w in mine.split() if w not in _ORDINARY] or mine.split()
    others = [w for w in theirs.split() if w not in _ORDINARY] or theirs.split()
    if words == others or "".join(words) == "".join(others):
        return True
    if _is_acronym(mine, theirs) or _is_acronym(theirs, mine):
        return True
    # A longer name that begins with the shorter may be a department or another company altogether.
    n = min(len(words), len(others))
    return None if words[:n] == others[:n] else False


def _is_acronym(short: str, full: str) -> bool:
    words = full.split()
    return len(short) >= _SHORTEST_ACRONYM and len(words) >= _SHORTEST_ACRONYM and short == "".join(w[0] for w in words)


def _name_fits_domain(name: str | None, domain: str | None) -> bool:
    if name is None or domain is None:
        return False
    key = company_key(name).replace(" ", "")
    return bool(key) and key == _own_label(domain).replace("-", "")
