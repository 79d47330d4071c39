"""The country that a domain says, and those that say none."""

import pytest

from enrichcore.identity.domain_country import GENERIC, domain_country


@pytest.mark.parametrize(
    ("domain", "country"),
    [
        ("engines.co.uk", "GB"),
        ("engines.uk", "GB"),
        ("engines.de", "DE"),
        ("mail.engines.com.br", "BR"),
        ("engines.us", "US"),
        ("engines.com", None),
        ("engines.example", None),
        ("engines.usa", None),
        ("engines.zz", None),
        ("engines.eu", None),
        ("de.com", None),
        ("localhost", None),
        ("", None),
        (None, None),
    ],
)
def test_a_country_code_domain_says_its_country(domain: str | None, country: str | None) -> None:
    assert domain_country(domain) == country


def test_domains_that_the_world_registers_names_under_say_nothing() -> None:
    """Those that search engines call generic, and others that are sold for what they spell."""
    named = "io co ai me tv ly gg fm so sh to cc ws eu la vc ad as bz cd dj ms nu sc sr su tk"
    assert set(named.split()) <= GENERIC
    assert [label for label in GENERIC if domain_country(f"engines.{label}") is not None] == []
    assert all(len(label) == 2 for label in GENERIC)
