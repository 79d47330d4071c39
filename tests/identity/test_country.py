"""Countries from codes and names."""

import phonenumbers
import pytest

from enrichcore.identity import clean_country
from enrichcore.identity.country import _CODES


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"), ("us", "US"), ("USA", "US"), ("U.S.A.", "US"), ("United States", "US"),
        (" united  states ", "US"),
        ("United States of America", "US"), ("the United States", "US"), ("UK", "GB"), ("U.K.", "GB"), ("GBR", "GB"),
        ("England", "GB"), ("Great Britain", "GB"), ("South Korea", "KR"), ("Korea, Republic of", "KR"),
        ("Republic of Korea", "KR"), ("Democratic People's Republic of Korea", "KP"), ("Deutschland", "DE"),
        ("Federal Republic of Germany", "DE"), ("C\u00f4te d\u2019Ivoire", "CI"), ("Ivory Coast", "CI"),
        ("Turkey", "TR"),
        ("T\u00fcrkiye", "TR"), ("Czech Republic", "CZ"), ("Russia", "RU"), ("Vietnam", "VN"), ("Viet Nam", "VN"),
        ("Iran, Islamic Republic of", "IR"), ("Congo, The Democratic Republic of the", "CD"), ("Congo", "CG"),
        ("Republic of the Congo", "CG"), ("DR Congo", "CD"), ("Bosnia & Herzegovina", "BA"), ("St. Lucia", "LC"),
        ("Trinidad and Tobago", "TT"), ("Hong Kong SAR", "HK"), ("Taiwan, Province of China", "TW"), ("Macau", "MO"),
        ("The Netherlands", "NL"), ("Holland", "NL"), ("UAE", "AE"), ("Kosovo", "XK"), ("REUNION", "RE"),
        ("Kingdom of Denmark", "DK"), ("Republic of Ireland", "IE"), ("Swaziland", "SZ"), ("EL", "GR"),
    ],
)  # fmt: skip
def test_a_country_is_known_by_code_and_name(text: str, code: str) -> None:
    """Alpha-2, alpha-3, English names, and the other names in use."""
    assert clean_country(text) == code


@pytest.mark.parametrize(
    "text", ["", "-", "n/a", "XX", "ZZZ", "Atlantis", "Europe", "EU", "001", "United", "x" * 10_000]
)
def test_what_is_no_country_is_refused(text: str) -> None:
    """No guess from a part of a name."""
    assert clean_country(text) is None


def test_the_table_is_the_whole_of_iso_3166() -> None:
    """249 countries and Kosovo, each with one alpha-2 and one alpha-3 code."""
    assert len(set(_CODES.values())) == 250
    assert sum(len(code) == 2 for code in _CODES) == sum(len(code) == 3 for code in _CODES) == 250
    assert all(len(code) != 2 or code == alpha2 for code, alpha2 in _CODES.items())


def test_every_region_with_a_numbering_plan_is_in_the_table() -> None:
    """What a phone number's country can be, a contact's country can be (Ascension and Tristan da Cunha aside)."""
    assert phonenumbers.SUPPORTED_REGIONS - {"AC", "TA"} <= set(_CODES.values())
