"""LinkedIn ids from slugs and URLs."""

import pytest

from enrichcore.identity import clean_linkedin


@pytest.mark.parametrize(
    "text",
    [
        "ada-lovelace-1815", "Ada-Lovelace-1815", " ada-lovelace-1815 ", "ada-lovelace-1815/", "in/ada-lovelace-1815",
        "/in/ada-lovelace-1815/", "linkedin.com/in/ada-lovelace-1815", "www.linkedin.com/in/ada-lovelace-1815",
        "https://www.linkedin.com/in/ada-lovelace-1815", "http://linkedin.com/in/ada-lovelace-1815/",
        "https://uk.linkedin.com/in/ada-lovelace-1815", "https://m.linkedin.com/in/ada-lovelace-1815",
        "https://touch.www.linkedin.com/in/ada-lovelace-1815", "HTTPS://WWW.LINKEDIN.COM/IN/ADA-LOVELACE-1815",
        "https://www.linkedin.com/in/ada-lovelace-1815/en", "https://www.linkedin.com/in/ada-lovelace-1815/de-de/",
        "https://www.linkedin.com/in/ada-lovelace-1815?trk=x&y=/z", "https://www.linkedin.com/in/ada-lovelace-1815#about",
        "https://www.linkedin.com/in/ada-lovelace-1815/detail/contact-info/",
        "https://www.linkedin.com/in/ada-lovelace-1815/overlay/photo/", "//www.linkedin.com/in/ada-lovelace-1815",
        "https://www.linkedin.com:443/in/ada-lovelace-1815", "https://www.linkedin.com/mwlite/in/ada-lovelace-1815",
        "https://www.linkedin.com/comm/in/ada-lovelace-1815?x", "https://www.linkedin.com/in/ada%2Dlovelace%2D1815",
        "https://www.linkedin.com//in//ada-lovelace-1815",
    ],
)  # fmt: skip
def test_every_form_of_a_profile_gives_its_slug(text: str) -> None:
    """Scheme, subdomain, tail and case do not matter."""
    assert clean_linkedin(text) == "ada-lovelace-1815"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("https://www.linkedin.com/in/jos%C3%A9-garc%C3%ADa", "jos\u00e9-garc\u00eda"),
        ("jose%CC%81-x", "jos\u00e9-x"),
        ("JOS\u00c9-x", "jos\u00e9-x"),
        ("https://de.linkedin.com/in/gro%C3%9F-1", "gro\u00df-1"),
        ("\u738b\u4f1f-123", "\u738b\u4f1f-123"),
        ("ada-%F0%9F%9A%80", "ada-\U0001f680"),
        ("ada_lovelace", "ada_lovelace"),
        ("ACoAAABcDeFgHiJkLmNoPqRsTuVwXyZ0123", "ACoAAABcDeFgHiJkLmNoPqRsTuVwXyZ0123"),
        ("Null-123", "null-123"),
    ],
)
def test_a_slug_keeps_its_letters(text: str, slug: str) -> None:
    """Decoded once, NFC, lower case; a member id is base64 and keeps its case."""
    assert clean_linkedin(text) == slug


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "n/a", "-", "---", "null", "none", "unknown", "https://www.linkedin.com/company/engines",
        "linkedin.com/company/engines/", "https://www.linkedin.com/school/x-y", "https://www.linkedin.com/sales/lead/ACwAA1,x",
        "https://www.linkedin.com/sales/people/ACwAA1", "https://www.linkedin.com/talent/profile/ACwAA1",
        "https://www.linkedin.com/pub/ada/1/2/3", "https://lnkd.in/abcdef", "https://www.linkedin.com/",
        "https://www.linkedin.com/in/", "https://linkedin.com.evil.example/in/ada-x", "https://notlinkedin.com/in/ada-x",
        "https://evil.example/linkedin.com/in/ada-x", "https://evil.example/?u=linkedin.com/in/ada-x",
        "https://user@linkedin.com/in/ada-x", "ada lovelace", "ada@engines.example", "ada%2520x", "ada%2Fx", "ada%3Fx",
        "ada%ff", "ada%00x", "ada.x", "ada,x", "ada!x", "a", "ab", "x" * 101, "x" * 10_000, "ada\u200bx", "ada\u202ex",
    ],
)  # fmt: skip
def test_what_is_no_profile_is_refused(text: str) -> None:
    """Company, Sales Navigator and Recruiter pages, short links, look-alike hosts and impossible slugs."""
    assert clean_linkedin(text) is None
