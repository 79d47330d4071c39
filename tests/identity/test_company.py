"""Companies: what is shown and what is compared."""

import pytest

from enrichcore.identity import clean_company, company_key


@pytest.mark.parametrize(
    "name", ["Engines", "3M", "1&1", "Engines Ltd.", "J.Crew", "S.A.", "St.Gobain", "A/B Engines", "24/7", "Yahoo!"]
)
def test_a_name_stays_a_name(name: str) -> None:
    """Digits, dots and slashes do not make a website."""
    assert clean_company(name) == name


@pytest.mark.parametrize(
    "text",
    [
        "engines.example",
        "www.engines.example",
        "https://engines.example",
        "HTTPS://Engines.Example/about?x=1",
        "engines.example/about",
        "ENGINES.COM",
        "Engines.com",
        "sub.engines.example",
        "m\u00fcller.example",
        "n/a",
        "-",
        "Unknown",
        "",
        "ada@engines.example",
        "\U0001f680",
    ],
)
def test_a_website_or_placeholder_is_no_name(text: str) -> None:
    """A website in the company field is a domain, not a name."""
    assert clean_company(text) is None


@pytest.mark.parametrize(
    "form",
    [
        "Inc", "Inc.", ", Inc.", "LLC", "L.L.C.", "Ltd", "Ltd.", "LIMITED", "PLC", "Corp.", "Co.", "& Co.", "GmbH",
        "GmbH & Co. KG", "GMBH + CO KG", "AG", "KGaA", "SE", "e.V.", "S.A.", "SA", "S.A.S.", "SARL", "S.p.A.", "S.r.l.",
        "S.L.U.", "S.A. de C.V.", "Ltda.", "S/A", "B.V.", "N.V.", "AB", "AB (publ)", "A/S", "ApS", "Oyj", "Pty. Ltd.",
        "Pvt. Ltd.", "Sdn. Bhd.", "Pte Ltd", "Sp. z o.o.", "s.r.o.", "d.o.o.", "Kft.", "A.\u015e.",
        "\u041e\u041e\u041e",
        "\u041f\u0410\u041e", "\u0391.\u0395.", '\u05d1\u05e2"\u05de', "\u0634.\u0645.\u0645",
        "\u0e08\u0e33\u0e01\u0e31\u0e14", "\u682a\u5f0f\u4f1a\u793e", "\u80a1\u4efd\u6709\u9650\u516c\u53f8",
        "\uc8fc\uc2dd\ud68c\uc0ac", "(\uc8fc)", "\u3231",
    ],
)  # fmt: skip
def test_a_legal_form_at_the_end_is_not_compared(form: str) -> None:
    """A company is the same with and without its legal form, in any script."""
    if form == "GMBH + CO KG":  # a plus sign is punctuation; what is left is a chain of forms
        assert company_key(f"Engines {form}") == "engines"
        return
    assert company_key(f"Engines {form}") == company_key("Engines") == "engines"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("\u041e\u041e\u041e \u00ab\u041c\u0438\u0440\u00bb", "\u043c\u0438\u0440"),
        ("\u682a\u5f0f\u4f1a\u793e\u30a8\u30f3\u30b8\u30f3", "\u30a8\u30f3\u30b8\u30f3"),
        ("\u30a8\u30f3\u30b8\u30f3\u682a\u5f0f\u4f1a\u793e", "\u30a8\u30f3\u30b8\u30f3"),
        ("\u3231\u30a8\u30f3\u30b8\u30f3", "\u30a8\u30f3\u30b8\u30f3"),
        ("SIA Partners", "sia partners"),
        ("S. Coop. Engines", "s coop engines"),
        ("Engines S. Coop.", "engines"),
        ("Engines K.K.", "engines"),
        ("C\u00f4ng ty TNHH Engines", "engines"),
        ("Smith & Daughters, Inc.", "smith and daughters"),
        ("Bar (Holdings) Limited", "bar holdings"),
    ],
)  # fmt: skip
def test_known_names_have_known_keys(written: str, key: str) -> None:
    """Forms before the name, brackets and ampersands."""
    assert company_key(written) == key


@pytest.mark.parametrize("name", ["AG", "Limited", "The Limited", "Co", "\u682a\u5f0f\u4f1a\u793e", "Inc. & Co."])
def test_a_name_made_of_legal_forms_is_kept(name: str) -> None:
    """A name is never stripped to nothing."""
    assert company_key(name)


def test_a_legal_form_inside_a_name_is_part_of_it() -> None:
    """Only the end counts, so that different names stay different."""
    assert company_key("Limited Editions") == "limited editions"
    assert company_key("Inc Magazine") != company_key("Magazine")
