"""Whose number is it? What a page declares counts first, then which number stands beside the person's name."""

import re
from typing import Final

import attrs

from enrichcore.identity import clean_country, name_key
from enrichcore_website.marks import Mark, marks_of
from enrichcore_website.numbers import Found, numbers_of, same
from enrichcore_website.page import Box, Line, Page
from enrichcore_website.words import IMPRINT, PHONE, like_a_name

_ZONES = frozenset({"footer", "header", "nav"})
_PLACES = frozenset({"html", "body", "main", "footer", "header", "nav"})
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_REGION = re.compile(r"[a-z]{2,3}[-_](?:[A-Za-z]{4}[-_])?([A-Za-z]{2})$")
_FAR: Final = 8
_BETWEEN: Final = 2
_WORDS_BESIDE: Final = 7
_SMALL: Final = 300
_MOST_LINES: Final = 20_000
_MOST_NUMBERS: Final = 1000
_MOST_NAMES: Final = 30


@attrs.frozen(kw_only=True)
class Wanted:
    """Who is looked for: names, or an email address, and what the company is called."""

    first: str = ""
    last: str = ""
    email: str = ""
    company: frozenset[str] = frozenset()
    country: str | None = None
    top: str | None = None
    """The country that the domain says."""

    def end_in(self, text: str) -> int:
        """Where the person's name or email address ends in a line; -1 if it is not there."""
        if self.email and (at := text.casefold().find(self.email)) >= 0:
            return at + len(self.email)
        if not (self.first and self.last):
            return -1
        for match in self._pattern().finditer(text):
            return match.end()
        plain = name_key(text)
        for first, last in {(self.first, self.last), (self.first.translate(_UMLAUTS), self.last.translate(_UMLAUTS))}:
            forms = {plain, name_key(text.translate(_UMLAUTS))}
            given, family = name_key(first).split(), name_key(last).split()
            if any(_stand_together(form.split(), given, family) for form in forms):
                return min(len(text), len(first) + len(last) + 1)
        return -1

    def _pattern(self) -> re.Pattern[str]:
        first, last = re.escape(self.first), re.escape(self.last)
        middle = r"(?:\s+[^\s\d,;:]{1,20}){0,2}\s+"
        return re.compile(rf"(?<!\w)(?:{first}{middle}{last}|{last},?\s+{first})(?!\w)", re.IGNORECASE)

    def is_named(self, names: tuple[str, ...], emails: tuple[str, ...]) -> bool:
        """Whether one of the names or addresses is the person's."""
        return any(self.end_in(text) >= 0 for text in (*names, *emails))


def _stand_together(words: list[str], given: list[str], family: list[str]) -> bool:
    if not given or not family:
        return False
    if words == ["".join(family + given)]:
        return True
    for place in range(len(words)):
        if words[place : place + len(given)] == given:
            after = place + len(given)
            if any(words[start : start + len(family)] == family for start in range(after, after + 3)):
                return True
        if words[place : place + len(family) + len(given)] == family + given:
            return True
    return False


@attrs.define
class Site:
    """What the pages of a site say: spellings by number, in the order in which they were found."""

    person: dict[str, tuple[Found, str | None]] = attrs.field(factory=dict)
    company: dict[str, tuple[Found, str | None]] = attrs.field(factory=dict)
    others: set[str] = attrs.field(factory=set)
    """Numbers that stand beside somebody else."""
    named: bool = False
    email: str | None = None
    title: str | None = None


def region_of(page: Page, marks: list[Mark], wanted: Wanted) -> str | None:
    """The country in whose form numbers are written: of the address, the domain, the language, the question."""
    said = next((mark.country for mark in marks if mark.country), None)
    language = _REGION.search(page.root.attributes.get("lang", ""))
    return (clean_country(said) if said else None) or wanted.top or (
        language[1].upper() if language else None
    ) or wanted.country  # fmt: skip


def read_site(site: Site, page: Page, path: str, wanted: Wanted) -> None:
    """Add to `site` what a page says."""
    marks = marks_of(page)
    region = region_of(page, marks, wanted)
    for mark in marks:
        mine = mark.person and wanted.is_named(mark.names, mark.emails)
        if mine:
            site.named = True
            site.title = site.title or mark.title
            site.email = site.email or next(iter(mark.emails), None)
        for raw in mark.phones:
            known = same(raw, region)
            if known is None:
                continue
            if mark.person and not mine:
                site.others.add(known)
            else:
                (site.person if mine else site.company).setdefault(known, (Found(raw, known, 0), region))
    lines = page.lines[:_MOST_LINES]
    found: list[list[Found]] = []
    left = _MOST_NUMBERS
    for place, line in enumerate(lines):
        some = numbers_of(line, lines[place - 1].text if place else "", region) if left > 0 else []
        left -= len(some)
        found.append(some)
    loud = frozenset(wanted.company)
    taken: set[int] = set()
    names = _MOST_NAMES
    for place, line in enumerate(lines):
        if names <= 0:
            break
        end = wanted.end_in(line.text)
        if end < 0 and not (wanted.email and any(wanted.email in href.casefold() for href, _ in line.links)):
            continue
        names -= 1
        site.named = True
        chosen = _beside(lines, found, place, end, path, loud)
        for spot, one in chosen:
            taken.add(spot)
            site.person.setdefault(one.same, (one, region))
    for place, some in enumerate(found):
        if not some or place in taken:
            continue
        stranger = _after_somebody(lines, found, place, loud, wanted)
        for one in some:
            if stranger:
                site.others.add(one.same)
            elif not one.fax:
                site.company.setdefault(one.same, (one, region))


def _beside(
    lines: list[Line], found: list[list[Found]], place: int, end: int, path: str, company: frozenset[str]
) -> list[tuple[int, Found]]:
    """The numbers that belong to the name in one line."""
    line = lines[place]
    own = [one for one in found[place] if not one.fax]
    if own:
        after = [one for one in own if one.at >= end]
        if not after:
            return [(place, one) for one in own] if len(line.text) <= _SMALL and end >= 0 else []
        kept = [after[0]]
        for one in after[1:]:
            gap = line.text[kept[-1].at + len(kept[-1].raw) : one.at]
            if any(like_a_name(" ".join(pair), company) for pair in _pairs(gap)):
                break
            kept.append(one)
        return [(place, one) for one in kept]
    if IMPRINT.search(path) or len(line.text.split()) > _WORDS_BESIDE + 4:
        return []
    box = _card(line.box, found)
    if box is None:
        return []
    chosen: list[tuple[int, Found]] = []
    for spot in range(place + 1, min(box.last, place + 1 + _FAR, len(found))):
        if found[spot]:
            chosen += [(spot, one) for one in found[spot] if not one.fax]
        elif (chosen and not _is_detail(lines[spot])) or like_a_name(lines[spot].text, company):
            break
    if not chosen and not any(
        like_a_name(lines[spot].text, company) for spot in range(box.first, box.last) if spot != place
    ):
        size = sum(len(lines[spot].text) for spot in range(box.first, box.last))
        if size <= _SMALL:
            chosen = [(spot, one) for spot in range(box.first, place) for one in found[spot] if not one.fax]
    return chosen


def _pairs(text: str) -> list[list[str]]:
    words = text.split()
    return [words[place : place + 2] for place in range(len(words) - 1)]


def _is_detail(line: Line) -> bool:
    return bool(PHONE.search(line.text) or _EMAIL.search(line.text)) or len(line.text) <= 12  # noqa: PLR2004 - a label


def _card(box: Box, found: list[list[Found]]) -> Box | None:
    """The smallest box around a name that has numbers, unless it is a list of people or a part of the page."""
    for up in box.up():
        if up.tag in _PLACES:
            return up if up.tag in ("main", "body", "html") and any(found[up.first : up.last]) else None
        if any(found[up.first : up.last]):
            return up
        if up.parent is not None and _one_of_many(up):
            return None
    return None


def _one_of_many(box: Box) -> bool:
    """Whether a box is an item among others of its kind."""
    if box.tag in ("li", "tr", "article"):
        return any(other is not box and other.tag == box.tag for other in box.parent.kids) if box.parent else False
    if box.parent is None or len(box.kids) < _BETWEEN:
        return False
    return any(
        other is not box and other.tag == box.tag and other.classes == box.classes and len(other.kids) >= _BETWEEN
        for other in box.parent.kids
    )


def _after_somebody(
    lines: list[Line], found: list[list[Found]], place: int, company: frozenset[str], wanted: Wanted
) -> bool:
    """Whether the number in a line stands beside a name that is not the company's."""
    line = lines[place]
    if any(up.tag in _ZONES for up in line.box.up()):
        return False
    if like_a_name(
        re.split(r"[,:|\u2013\u2014(\d+]|\s-\s|tel|phone", line.text, maxsplit=1, flags=re.IGNORECASE)[0], company
    ):
        return True
    passed = False
    for spot in range(place - 1, max(-1, place - _FAR), -1):
        text = lines[spot].text
        if like_a_name(text, company) and wanted.end_in(text) < 0:
            return _share_a_card(lines[spot].box, line.box)
        if found[spot]:
            passed = True
        elif passed and not _is_detail(lines[spot]):
            return False
    return False


def _share_a_card(name: Box, number: Box) -> bool:
    around = {id(up) for up in name.up()}
    for up in number.up():
        if id(up) in around:
            return True
        if _one_of_many(up):
            return False
    return False
