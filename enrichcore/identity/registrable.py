"""Registrable domains: what someone registered, below a public suffix (Mozilla's list, bundled with a library)."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - reading the list takes 30 ms, and few need it

    # The list that came with the package: nothing is fetched. With A-labels, as `clean_domain` gives them.
    return PublicSuffixList()


def registrable_domain(domain: str) -> str | None:
    """The domain that was registered: `engines.co.uk` of `mail.engines.co.uk`, `ada.github.io` of itself.

    None for a public suffix, of which nobody is the owner. `domain` is as `clean_domain` gives it.
    """
    found: str | None = _suffixes().privatesuffix(domain)
    return found


def own_label(domain: str) -> str:
    """The label that its owner chose, in lower-case Unicode: `engines` of `mail.engines.co.uk`."""
    label = (registrable_domain(domain) or domain).partition(".")[0]
    if label.startswith("xn--"):
        try:
            return label[4:].encode("ascii").decode("punycode")
        except (UnicodeError, ValueError):
            return label
    return label
