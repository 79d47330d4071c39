"""The country that a domain says: its country-code top-level domain, unless the world registers names there.

Source of the generic ones: the country-code domains that Google Search treats as generic,
https://developers.google.com/search/docs/specialty/international/managing-multi-regional-sites (twenty, as
listed by https://tld-list.com/blog/gcctlds-by-google on 2026-05-27, and `.gg`, which the first list of 2013 had). The
others are known to be sold worldwide for what they spell, or were given away to everybody: general knowledge.
"""

from enrichcore.identity.country import clean_country
from enrichcore.identity.text import words

_GOOGLES = words("ad ai as bz cc cd co dj fm gg io la me ms nu sc sr su tk tv ws")
_OTHERS = words("ac ag am cf cm cx eu ga gd gl gq gs im ly ml mu nf pm pw re sh so st sx tc tf to vc vg")
GENERIC = _GOOGLES | _OTHERS
"""Two-letter top-level domains that say nothing of a country."""
_LETTERS = 2


def domain_country(domain: str | None) -> str | None:
    """The alpha-2 code of the country behind a domain, `GB` for `engines.co.uk`; None where it says none.

    `domain` is as `clean_domain` gives it.
    """
    if domain is None:
        return None
    label = domain.rpartition(".")[2]
    if len(label) != _LETTERS or label in GENERIC:
        return None
    return clean_country(label.upper())
