"""Values that no one should send and someone will: no exception, and no time that grows faster than the text."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from enrichcore.identity import (
    Traits,
    clean_company,
    clean_country,
    clean_domain,
    clean_email,
    clean_linkedin,
    clean_name,
    company_key,
    email_class,
    email_key,
    linkedin_alias,
    linkedin_refusal,
    match_person,
    name_key,
)

CLEANERS = (
    clean_name,
    clean_company,
    clean_domain,
    clean_email,
    clean_linkedin,
    clean_country,
    email_class,
    linkedin_alias,
)
KEYS = (name_key, company_key, email_key)

UNITS = {
    "letters": "ab",
    "blanks": "a   ",
    "marks of two kinds": "\u0301\u0316",
    "composed": "\u00e9b ",
    "brackets": "(a",
    "dots": "a.",
    "quotes": '"a ',
    "legal forms": "GmbH ",
    "joined legal forms": "\u682a\u5f0f\u4f1a\u793e",
    "mixed scripts": "a\u0431\u0634\u738b\u1100",
    "trade names": "d/b/a x ",
    "commas": "a, ",
    "slashes": "a/",
    "hyphens": " - -",
    "dotted words": "ab.cd.ef.",
    "one letter that is eighteen": "\ufdfa",
    "apostrophes": "\u2019a",
    "schemes": "https:/",
}


@pytest.mark.parametrize("value", [None, 7, 1.5, True, False, b"ada", ["Ada"], {"a": 1}, object], ids=repr)
def test_what_is_no_text_is_no_value(value: Any) -> None:
    """A vendor's JSON has numbers, lists and booleans in any place."""
    for clean in CLEANERS:
        assert clean(value) is None
    assert linkedin_refusal(value) == "empty"
    said = Traits(name=value, company=value, email=value, linkedin_id=value, country=value, domain=value)
    sent = Traits(first_name="Ada", last_name="Lovelace", company="Engines")
    match = match_person(method="name", sent=sent, said=said)
    assert match.evidence == ("keyed_by_name",)
    assert match_person(method="email", sent=said, said=Traits(name="Ada Lovelace")).accepted


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
def test_a_megabyte_raises_nothing(unit: str) -> None:
    """Cleaners refuse or tidy it, and a match of it is a refusal or a match like any other."""
    text = "Ada" + unit * (1_000_000 // len(unit))
    for clean in (clean_domain, clean_email, clean_linkedin, clean_country):
        assert clean(text) is None
    sent = Traits(first_name="Ada", last_name="Lovelace", company="Engines", email="ada@engines.example")
    said = Traits(name=text, company=text, domain=text, email=text, linkedin_id=text, title=text, country=text)
    assert not match_person(method="name", sent=sent, said=said).accepted
    assert not match_person(method="name", sent=said, said=sent).accepted


def test_ten_thousand_marks_leave_the_name() -> None:
    """Text that someone buried under accents is what it was."""
    buried = "A" + "\u0301\u0316" * 5_000 + "da"
    assert name_key(buried) == "ada"
    assert name_key(buried) == name_key("A" + "\u0316\u0301" * 5_000 + "da")
    assert clean_name(buried) is not None


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
def test_time_grows_no_faster_than_the_text(unit: str) -> None:
    """Eight times the text takes at most some eight times as long; quadratic work would take sixty-four times."""

    def work(text: str) -> None:
        for f in (*CLEANERS, *KEYS):
            f(text)
        match_person(method="name", sent=Traits(first_name=text, last_name=text), said=Traits(name=text, company=text))

    small = _least_time(work, unit * (6_000 // len(unit)))
    large = _least_time(work, unit * (48_000 // len(unit)))
    assert large <= 24 * small


def _least_time(work: Callable[[str], None], text: str) -> float:
    times = []
    for _ in range(5):
        started = time.process_time()
        work(text)
        times.append(time.process_time() - started)
    return max(min(times), 1e-4)


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        (clean_domain, "engines.example", "\u0435ngines.example"),
        (clean_linkedin, "ada-lovelace", "ad\u0430-lovelace"),
        (email_key, "ada@engines.example", "\u0430da@engines.example"),
        (name_key, "Ada", "\u0410da"),
        (company_key, "Engines", "\u0415ngines"),
    ],
)
def test_letters_that_only_look_alike_make_another_key(key: Callable[[str], str | None], one: str, other: str) -> None:
    """A Cyrillic letter in a Latin word is another id, domain and key."""
    assert key(one) != key(other)


def test_a_domain_that_only_looks_alike_is_another_company() -> None:
    sent = Traits(first_name="Ada", last_name="Lovelace", domain="engines.example")
    said = Traits(name="Ada Lovelace", domain="\u0435ngines.example")
    assert match_person(method="name", sent=sent, said=said).reason == "other_company"
