"""Two companies beside each other: words that may be short, missing or turned, and what names no company."""

import pytest

from enrichcore.identity.compare_companies import CompanyFit, compare_companies


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zambrotti & Neri", "Zambrotti e Neri"),
        ("Lind & Berg", "Lind och Berg AB"),
        ("Garc\u00eda Hermanos y Compa\u00f1\u00eda", "Garcia Hermanos & Cia"),
        ("Fernhill Brothers Ltd", "Fernhill Bros."),
        ("Univ. of Northmere", "University of Northmere"),
        ("St. Brannock's Hospital", "Saint Brannocks Hospital"),
        ("Delta Intl. Mfg. Co.", "Delta International Manufacturing"),
        ("Grupo Almendro", "Almendro S.A."),
        ("Kaasmakerij De Linde", "De Linde Kaasmakerij"),
        ("Kerdroz S.A.S.U.", "Kerdroz"),
        ("AMARO LTDA - ME", "Amaro"),
        ("Nunziata F.lli S.n.c.", "Nunziata Fratelli"),
        ("Brightwater Bank, N.A.", "Brightwater Bank"),
        ("Engines\u2122 Inc", "Engines"),
        ("Ege Tekstil San. ve Tic. A.\u015e.", "Ege Tekstil Sanayi ve Ticaret Anonim \u015eirketi"),
    ],
)
def test_one_company_is_written_in_many_ways(one: str, other: str) -> None:
    assert compare_companies(one, None, other, None) is CompanyFit.NAME
    assert compare_companies(other, None, one, None) is CompanyFit.NAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Delta Energy", "Energy Delta"),
        ("Delta Airways", "Delta Faucets"),
        ("Brothers Foods", "Sisters Foods"),
        ("Gulf Air Cargo", "Gulf Oil Cargo"),
    ],
)
def test_a_word_that_differs_or_two_that_are_turned_make_another_company(one: str, other: str) -> None:
    assert compare_companies(one, None, other, None) is CompanyFit.DIFFERENT


@pytest.mark.parametrize(
    "word",
    [
        "ZZP",
        "Privat",
        "Profession lib\u00e9rale",
        "Freelance",
        "Self-employed",
        "Aut\u00f3nomo",
        "Selbst\u00e4ndig",
        "\u0441\u0430\u043c\u043e\u0437\u0430\u043d\u044f\u0442\u044b\u0439",
        "\u30d5\u30ea\u30fc\u30e9\u30f3\u30b9",
        "Unemployed",
    ],
)
def test_what_names_no_company_agrees_with_nothing(word: str) -> None:
    assert compare_companies(word, None, word, None) is CompanyFit.UNKNOWN
