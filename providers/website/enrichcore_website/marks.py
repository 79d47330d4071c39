"""Marks: what a page says to machines. schema.org as JSON-LD, microdata and RDFa; hCard and h-card."""

import json
import re
from collections.abc import Iterator
from typing import Any

import attrs

from enrichcore_website.page import Box, Page

_MOST_NODES = 5000
_COMMENT = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*<!\[CDATA\[\*/)|(?:-->|//\s*\]\]>|/\*\]\]>\*/)\s*;?\s*$")
_COMMA = re.compile(r",(\s*[}\]])")
_FAX = frozenset({"fax", "p-tel-fax", "tel-fax"})


@attrs.frozen(kw_only=True)
class Mark:
    """Somebody or something with numbers, as the page declares it."""

    person: bool
    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    title: str | None = None
    country: str | None = None


def marks_of(page: Page) -> list[Mark]:
    """All marks of a page."""
    return [*_json_ld(page.scripts), *_scopes(page), *_cards(page)]


def _texts(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    found = [str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in listed[:50]]
    return tuple(one.strip() for one in found if isinstance(one, str) and one.strip())


def _loads(text: str) -> Any:
    text = _COMMENT.sub("", text)
    for form in (text, _COMMA.sub(r"\1", text)):
        try:
            return json.loads(form, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _json_ld(scripts: list[str]) -> Iterator[Mark]:
    waiting: list[Any] = [_loads(text) for text in scripts[:20]]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node[:200]
        elif isinstance(node, dict):
            waiting += [below for below in node.values() if isinstance(below, dict | list)]
            mark = _node(node)
            if mark.phones or mark.country or (mark.person and mark.names):
                yield mark


def _node(node: dict[str, Any]) -> Mark:
    kinds = [kind.rpartition("/")[2] for kind in _texts(node.get("@type"))]
    names = _texts(node.get("name"))
    given, family = _texts(node.get("givenName")), _texts(node.get("familyName"))
    if given and family:
        names = (*names, f"{given[0]} {family[0]}")
    address = node.get("address")
    country = address.get("addressCountry") if isinstance(address, dict) else None
    country = country.get("name") if isinstance(country, dict) else country
    title = _texts(node.get("jobTitle"))
    return Mark(
        person="Person" in kinds,
        names=names,
        phones=_texts(node.get("telephone")),
        emails=tuple(email.removeprefix("mailto:") for email in _texts(node.get("email"))),
        title=title[0] if title else None,
        country=country if isinstance(country, str) else None,
    )


def _inside(box: Box) -> Iterator[Box]:
    """The boxes in a box, in order."""
    waiting = list(reversed(box.kids))
    count = 0
    while waiting and count < _MOST_NODES:
        count += 1
        one = waiting.pop()
        yield one
        waiting += reversed(one.kids)


def text_of(box: Box) -> str:
    """The text in a box and below, or what it declares instead."""
    for name in ("content", "value"):
        if box.attributes.get(name):
            return box.attributes[name].strip()
    href = box.attributes.get("href", "")
    if href.lower().startswith(("tel:", "mailto:")):
        return href.partition(":")[2].partition("?")[0].strip()
    return " ".join(" ".join(["".join(box.text), *("".join(one.text) for one in _inside(box))]).split())


def _scope(box: Box) -> str | None:
    kind = box.attributes.get("itemtype") if "itemscope" in box.attributes else box.attributes.get("typeof")
    return None if kind is None else kind.rstrip("/#").rpartition("/")[2].rpartition(":")[2]


def _scopes(page: Page) -> Iterator[Mark]:
    held: dict[int, tuple[str, dict[str, list[str]]]] = {}
    for box in page.boxes:
        kind = _scope(box)
        if kind is not None:
            held[id(box)] = (kind, {})
        name = box.attributes.get("itemprop") or box.attributes.get("property")
        if not name:
            continue
        around = next((up for up in box.up() if id(up) in held and (up is not box or kind is None)), None)
        if around is not None and kind is None:
            for one in name.split():
                held[id(around)][1].setdefault(one.rpartition(":")[2], []).append(text_of(box)[:300])
    for kind, said in held.values():
        if kind == "PostalAddress":
            yield Mark(person=False, country=next(iter(said.get("addressCountry", ())), None))
            continue
        names = said.get("name", [])
        if said.get("givenName") and said.get("familyName"):
            names = [*names, f"{said['givenName'][0]} {said['familyName'][0]}"]
        yield Mark(
            person=kind == "Person", names=tuple(names), phones=tuple(said.get("telephone", ())),
            emails=tuple(said.get("email", ())), title=next(iter(said.get("jobTitle", ())), None),
        )  # fmt: skip


def _cards(page: Page) -> Iterator[Mark]:
    for box in page.boxes:
        if not box.classes & {"vcard", "h-card"}:
            continue
        names: list[str] = []
        phones: list[str] = []
        emails: list[str] = []
        title = None
        company = False
        for one in _inside(box):
            classes = one.classes
            if classes & {"fn", "p-name"}:
                names.append(text_of(one))
                company = company or bool(classes & {"org", "p-org"})
            if classes & {"tel", "p-tel", "u-tel"} and not _is_fax(one):
                value = next((text_of(v) for v in _inside(one) if "value" in v.classes), None)
                phones.append(value if value is not None else text_of(one))
            if classes & {"email", "u-email"}:
                emails.append(text_of(one))
            if classes & {"title", "role", "p-job-title"}:
                title = text_of(one)
        yield Mark(person=not company, names=tuple(names), phones=tuple(phones), emails=tuple(emails), title=title)


def _is_fax(box: Box) -> bool:
    kinds = [text_of(one).lower() for one in _inside(box) if "type" in one.classes]
    return bool(box.classes & _FAX) or "fax" in kinds or text_of(box).lower().startswith("fax")
