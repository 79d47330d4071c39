"""Extraction: pages of many layouts and languages, and whose each number is."""

import itertools
from typing import Any

import pytest
from enrichcore_website.page import read_page
from enrichcore_website.read import Site, Wanted, read_site

NAMES = {"en": ("Ada", "Lovelace"), "de": ("Jürgen", "Müller"), "fr": ("Zoé", "Lefèvre"), "us": ("Joan", "O'Neil")}
OTHER = {"en": "Grace Hopper", "de": "Petra Schulze", "fr": "Luc Bernard", "us": "Alan Turing"}
MINE = {"en": "020 7946 0123", "de": "030 23125 101", "fr": "01 99 00 12 34", "us": "(202) 555-0143"}
THEIRS = {"en": "020 7946 0456", "de": "030 23125 102", "fr": "01 99 00 12 35", "us": "(202) 555-0144"}
HOUSE = {"en": "020 7946 0001", "de": "030 23125 100", "fr": "01 99 00 12 00", "us": "(202) 555-0100"}
TOP = {"en": "GB", "de": "DE", "fr": "FR", "us": "US"}
WORDS = {
    "en": ("Phone", "Fax", "Analyst", "Sales Manager"), "de": ("Telefon", "Telefax", "Leiterin", "Vertrieb"),
    "fr": ("Tél.", "Télécopie", "Directrice", "Responsable"), "us": ("Tel", "Fax", "Director", "Sales Manager"),
}  # fmt: skip

LAYOUTS = {
    "list of cards": "<ul><li><h3>{name}</h3><p>{job}</p><p>{phone}: {mine}</p></li>"
    "<li><h3>{other}</h3><p>{job2}</p><p>{phone}: {theirs}</p></li></ul><footer>{phone}: {house}</footer>",
    "table": "<table><tr><th>Name</th><th>{phone}</th></tr><tr><td>{other}</td><td>{theirs}</td></tr>"
    "<tr><td>{name}</td><td>{mine}</td></tr></table><footer>{phone} {house}</footer>",
    "lines": "<p>{other}<br>{job2}<br>{phone} {theirs}</p><p>{name}<br>{job}<br>{phone} {mine}<br>{fax} {house}9</p>",
    "one paragraph": "<p>{other}<br>{phone} {theirs}<br>{name}<br>{phone} {mine}</p><footer>{phone} {house}</footer>",
    "definitions": "<dl><dt>{name}</dt><dd>{job}</dd><dd>{phone}: {mine}</dd><dt>{other}</dt><dd>{phone}: {theirs}</dd>"
    "</dl><footer>{phone} {house}</footer>",
    "boxes": "<div class=team><div class=one><div class=n>{name}</div><div class=j>{job}</div><div class=t>{mine}</div>"
    "</div><div class=one><div class=n>{other}</div><div class=j>{job2}</div><div class=t>{theirs}</div></div></div>",
    "links": '<section><article><h4>{name}</h4><a href="tel:{mine}">call</a></article><article><h4>{other}</h4>'
    '<a href="tel:{theirs}">call</a></article></section><header><a href="tel:{house}">{house}</a></header>',
    "json-ld": '<script type="application/ld+json">{{"@graph":[{{"@type":"Organization","telephone":"{house}"}},'
    '{{"@type":"Person","name":"{name}","telephone":["{mine}"]}},{{"@type":"Person","name":"{other}",'
    '"telephone":"{theirs}"}},]}}</script>',
    "microdata": '<div itemscope itemtype="https://schema.org/Person"><span itemprop=name>{name}</span>'
    '<span itemprop=telephone>{mine}</span></div><div itemscope itemtype="https://schema.org/Organization">'
    '<span itemprop=name>Engines</span><span itemprop=telephone>{house}</span></div>',
    "hcard": '<div class=vcard><span class=fn>{name}</span><span class=tel><span class=type>work</span>'
    '<span class=value>{mine}</span></span></div><div class=vcard><span class=fn>{other}</span>'
    '<span class=tel>{theirs}</span></div><div class="vcard"><span class="fn org">Engines</span>'
    '<span class=tel>{house}</span></div>',
    "prose": "<p>Ask {name} on {mine} or {other} on {theirs}.</p><footer>Engines, {phone} {house}</footer>",
    "no number of hers": "<ul><li><h3>{name}</h3><p>{job}</p></li>"
    "<li><h3>{other}</h3><p>{phone}: {theirs}</p></li></ul>"
    "<footer>{phone}: {house}</footer>",
}  # fmt: skip
CORPUS = list(itertools.product(LAYOUTS, NAMES))


def read(layout: str, language: str) -> tuple[set[str], set[str], str, str]:
    """The numbers of the person and of the company, as digits, and the true ones."""
    phone, fax, job, job2 = WORDS[language]
    text = LAYOUTS[layout].format(
        name=" ".join(NAMES[language]), other=OTHER[language], mine=MINE[language], theirs=THEIRS[language],
        house=HOUSE[language], phone=phone, fax=fax, job=job, job2=job2,
    )  # fmt: skip
    first, last = NAMES[language]
    site = Site()
    wanted = Wanted(first=first, last=last, company=frozenset({"engines"}), top=TOP[language])
    read_site(site, read_page(f"<html><body>{text}"), "/team", wanted)
    mine = "" if layout == "no number of hers" else MINE[language]
    house = HOUSE[language] if "{house}" in LAYOUTS[layout].replace("{house}9", "") else ""
    person, company = ({digits(one.raw) for one, _ in found.values()} for found in (site.person, site.company))
    return person, company, digits(mine), digits(house)


def digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def test_precision_and_recall_over_all_pages() -> None:
    """At least 0.95 of what is found is right, and at least 0.85 of what is there is found: person and company each."""
    assert len(CORPUS) >= 40
    for which in (0, 1):
        right = found = there = 0
        for layout, language in CORPUS:
            answer = read(layout, language)
            truth = {answer[2 + which]} - {""}
            found += len(answer[which])
            there += len(truth)
            right += len(truth.intersection(answer[which]))
        assert right / found >= 0.95, (which, right, found, there)
        assert right / there >= 0.85, (which, right, found, there)


@pytest.mark.parametrize(("layout", "language"), CORPUS)
def test_nobody_elses_number_is_taken_for_the_persons(layout: str, language: str) -> None:
    assert digits(THEIRS[language]) not in read(layout, language)[0]


@pytest.mark.parametrize(
    "text",
    [
        "<p>VAT No. 020 7946 0123</p>", "<p>Fax: 020 7946 0123</p>", "<p>Order 2026-11-25 12:30</p>",
        "<p>+44 20 79XX XXXX</p>", "<input placeholder='020 7946 0123'>", "<script>var t='020 7946 0123'</script>",
        "<style>/* 020 7946 0123 */</style>", "<!-- 020 7946 0123 -->",
    ],
)  # fmt: skip
def test_what_is_no_telephone_number_is_not_taken(text: str) -> None:
    site = Site()
    read_site(site, read_page(text), "/", Wanted(first="Ada", last="Lovelace", top="GB"))
    assert (site.person, site.company) == ({}, {})


@pytest.mark.parametrize("name", ["Lovelace, Ada", "ADA LOVELACE", "Dr. Ada King Lovelace", "Ada  Lovelace"])
def test_a_name_is_found_as_people_write_it(name: str) -> None:
    site: Any = Site()
    read_site(site, read_page(f"<p>{name}<br>020 7946 0123</p>"), "/", Wanted(first="Ada", last="Lovelace", top="GB"))
    assert list(site.person) == ["+442079460123"]
