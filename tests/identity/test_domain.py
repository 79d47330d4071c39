"""Domains from URLs and hosts."""

import pytest

from enrichcore.identity import clean_domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("http:engines.example", "engines.example"),
        ("https:/engines.example/x", "engines.example"),
        ("http://https://www.engines.example", "engines.example"),
        ("\ufeffengines.example", "engines.example"),
        ("http://engines.example\u200b", "engines.example"),
        ("<https://engines.example>", "engines.example"),
        ("engines.example", "engines.example"),
        ("ENGINES.Example.", "engines.example"),
        (" www.engines.example ", "engines.example"),
        ("https://www.engines.example/a?b#c", "engines.example"),
        ("//engines.example/x", "engines.example"),
        ("http://user:secret@engines.example:8080/", "engines.example"),
        ("engines.example:443", "engines.example"),
        ("engines.example/about", "engines.example"),
        ("engines.example?x=a@b", "engines.example"),
        ("mail.engines.co.uk", "mail.engines.co.uk"),
        ("www.com", "www.com"),
        ("m\u00fcller.example", "xn--mller-kva.example"),
        ("M\u00dcLLER.example", "xn--mller-kva.example"),
        ("mu\u0308ller.example", "xn--mller-kva.example"),
        ("XN--MLLER-KVA.example", "xn--mller-kva.example"),
        ("stra\u00dfe.example", "xn--strae-oqa.example"),
        ("\u4f8b\u3048\u3002example", "xn--r8jz45g.example"),
        ("\uff45\uff4e\uff47ines.example", "engines.example"),
        ("gmail.com", "gmail.com"),
        ("a-b.example", "a-b.example"),
    ],
)
def test_a_domain_is_lower_case_a_labels(text: str, domain: str) -> None:
    """Scheme, login, port, path and www go; what is left is the form that is looked up."""
    assert clean_domain(text) == domain


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "n/a", "localhost", "engines", "192.0.2.1", "http://192.0.2.1/", "http://[2001:db8::1]/", "1.2.3",
        "0x7f.1", "-a.example", "a-.example", "a..example", ".example", "a_b.example", "a b.example",
        "ada@engines.example",
        "mailto:ada@engines.example", "javascript:alert(1).example", "xn--a.example", "xn--.example", "ab--c.example",
        f"{'a' * 64}.example", ".".join(["abcdefgh"] * 40) + ".example", "engines.example:port", "engines.123",
        "\u2603.example", "a\u200db.example", "\u0301a.example", "https://", "x" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_domain_is_refused(text: str) -> None:
    """Address literals, single labels, and labels that cannot be."""
    assert clean_domain(text) is None
