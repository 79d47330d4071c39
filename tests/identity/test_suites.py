"""Public test suites and a list of our own: registrable domains, addresses, LinkedIn ids. What deviates is listed."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from enrichcore.identity import (
    clean_domain,
    clean_email,
    clean_linkedin,
    linkedin_alias,
    linkedin_refusal,
    registrable_domain,
)
from enrichcore.identity.linkedin import REFUSALS

SUITES = Path(__file__).parent / "suites"


# --- the public suffix list: tests/test_psl.txt of publicsuffix/list, public domain (CC0) --------------------------

PSL = [
    tuple(None if word == "null" else word[1:-1] for word in found.groups())
    for found in re.finditer(
        r"^checkPublicSuffix\((null|'[^']*'), (null|'[^']*')\);",
        (SUITES / "test_psl.txt").read_text("utf-8"),
        re.MULTILINE,
    )
]


def test_the_public_suffix_suite_is_whole() -> None:
    assert len(PSL) == 78


@pytest.mark.parametrize(("text", "registered"), PSL)
def test_what_was_registered_is_found_below_the_public_suffix(text: str | None, registered: str | None) -> None:
    """All 78 cases, no deviation; the answer is in A-labels, as everywhere here."""
    domain = clean_domain(text)
    assert (None if domain is None else registrable_domain(domain)) == clean_domain(registered)


@pytest.mark.parametrize(
    ("domain", "registered"),
    [
        ("ada.github.io", "ada.github.io"),
        ("x.ada.github.io", "ada.github.io"),
        ("github.io", None),
        ("mail.engines.co.uk", "engines.co.uk"),
        ("engines.example", "engines.example"),
        ("a.xn--mller-kva.example", "xn--mller-kva.example"),
    ],
)
def test_private_suffixes_part_owners(domain: str, registered: str | None) -> None:
    """Two people's pages on one host are not one company's."""
    assert registrable_domain(domain) == registered


# --- addresses: test/tests.xml of dominicsayers/isemail 3.05, BSD 3-Clause -------------------------------------------

ADDRESSES = [
    (
        int(case.attrib["id"]),
        # Control characters are written as their pictures.
        re.sub("[\u2400-\u2421]", lambda c: chr(ord(c[0]) - 0x2400), case.findtext("address") or ""),
        case.findtext("category") in {"ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN"},
    )
    for case in ET.parse(SUITES / "isemail_tests.xml").getroot().iter("test")
]
REFUSED_ANYWAY = {
    5: "a top-level domain has no mailboxes that anyone sells data about",
    13: "no top-level domain has one letter",
    33: "no top-level domain has a hyphen, but for A-labels",
    37: "no top-level domain has one letter",
}
TAKEN_ANYWAY = dict.fromkeys(
    (88, 89, 99, 127, 128, *range(132, 133), *range(141, 159)),
    "blanks and line ends around a value are the file's and not the address's",
) | {35: "a final dot is the root of the domain"}  # fmt: skip


def test_the_address_suite_is_whole() -> None:
    assert len(ADDRESSES) == 164
    assert REFUSED_ANYWAY.keys().isdisjoint(TAKEN_ANYWAY)


@pytest.mark.parametrize(
    ("number", "text", "plain"), ADDRESSES, ids=lambda value: str(value) if type(value) is int else ""
)
def test_addresses_that_a_vendor_takes_are_taken(number: int, text: str, plain: bool) -> None:
    """Valid without quotes, comments, literals or obsolete forms: taken. All else is not, but for the deviations."""
    expected = (plain or number in TAKEN_ANYWAY) and number not in REFUSED_ANYWAY
    assert (clean_email(text) is not None) is expected
    if number in REFUSED_ANYWAY | TAKEN_ANYWAY:
        assert plain is (number in REFUSED_ANYWAY), "no deviation, so not to be listed"


# --- LinkedIn: our own forms ---------------------------------------------------------------------------

FORMS = [
    tuple(line.split("\t"))
    for line in (SUITES / "linkedin_forms.tsv").read_text("utf-8").removesuffix("\n").split("\n")[1:]
]


def test_the_list_of_linkedin_forms_is_long_and_says_every_reason() -> None:
    assert len({text for text, _, _ in FORMS}) == len(FORMS) >= 150
    assert {reason for _, _, reason in FORMS if reason} == REFUSALS.keys() - {"too_long"}
    assert linkedin_refusal("x" * 5000) == "too_long"


@pytest.mark.parametrize(("text", "slug", "refusal"), FORMS)
def test_every_linkedin_form_is_a_slug_or_refused_with_its_reason(text: str, slug: str, refusal: str) -> None:
    assert (clean_linkedin(text) or "", linkedin_refusal(text) or "") == (slug, refusal)
    if slug:
        assert clean_linkedin(slug) == slug


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        ("https://uk.linkedin.com/pub/ada-lovelace/12/345/678", "ada-lovelace-67834512"),
        ("linkedin.com/pub/Ada-Lovelace/1/2/3/en", "ada-lovelace-321"),
        ("/pub/ada-lovelace/a/b12/3c4", "ada-lovelace-3c4b12a"),
        ("https://www.linkedin.com/pub/dir/Ada/Lovelace", None),
        ("ada-lovelace", None),
        (None, None),
    ],
)
def test_an_old_public_address_is_kept_as_an_alias(text: str | None, alias: str | None) -> None:
    """`/pub/name/a/b/c` became `name-cba`; it is no id, because many have changed theirs since."""
    assert linkedin_alias(text) == alias
    assert text is None or "pub" not in text or clean_linkedin(text) is None
