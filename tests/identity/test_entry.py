"""Who of a directory is meant by a name: where somebody works has to agree in one thing, if it is known."""

import pytest

from enrichcore.identity import is_entry_of

ADA = ("Ada Lovelace", "Engines", "engines.example")


@pytest.mark.parametrize(("names", "emails", "companies", "fits"), [
    (["Ada Lovelace"], [], [], True),
    (["LOVELACE", "ada  lovelace"], [], [], True),
    ([], ["ada@engines.example"], ["Engines"], False),
    (["Augusta Lovelace"], ["ada@engines.example"], ["Engines"], False),
    (["Ada Lovelace"], ["ada@engines.example"], ["Other Ltd"], True),
    (["Ada Lovelace"], ["ada@mail.engines.example"], [], True),
    (["Ada Lovelace"], ["ada@other.example"], ["Engines Ltd"], True),
    (["Ada Lovelace"], ["ada@other.example"], [], False),
    (["Ada Lovelace"], [], ["Other Ltd"], False),
    (["Ada Lovelace"], ["ada@other.example"], ["Other Ltd"], False),
    (["Ada Lovelace"], ["no address"], [], True),
])  # fmt: skip
def test_an_entry_fits(names: list[str], emails: list[str], companies: list[str], fits: bool) -> None:
    assert is_entry_of(*ADA, names=names, emails=emails, companies=companies) is fits


@pytest.mark.parametrize(("company", "domain", "fits"), [
    (None, "engines.example", True), ("Engines", None, True), (None, "other.example", False), ("Other", None, False),
])  # fmt: skip
def test_what_is_not_asked_about_is_not_compared(company: str | None, domain: str | None, fits: bool) -> None:
    entry = {"names": ["Ada Lovelace"], "emails": ["ada@engines.example"], "companies": ["Engines"]}
    assert is_entry_of("Ada Lovelace", company, domain, **entry) is fits
