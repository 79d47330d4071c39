"""CardDAV: the numbers of your own address book, as of Nextcloud, Radicale or iCloud, by name or email address.

One `REPORT addressbook-query` to the address of an address book, which `base_url` names.

| answer | meaning | billed |
|---|---|---|
| 207 with one card that fits and has a number | hit | no |
| 207 with no card, several that fit, more than the server gives, or no number | miss | no |
| 401, 403 | user or password are refused, or may not read it | no |
| 404, 405 and other 4xx | there is no address book at `base_url` | no |
| 429, 5xx | rate limited; the server failed | no |
| something else than a multistatus, or cards of which none can be read | unreadable | no |

Nobody is guessed: of several cards that fit none is taken. Numbers of faxes and pagers are left alone; the main number
is the company's.

Sources: RFC 6352 (the report, its limits), RFC 4918 (multistatus), RFC 2426 and RFC 6350 (cards), RFC 7617 (Basic), at
https://www.rfc-editor.org, read on 2026-11-25, and the answers of Radicale 3.9, Nextcloud's and Apple's address books
name the same properties. The cards are read by vobject, in which Radicale trusts too.
"""

import importlib
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

import attrs
import httpx

from enrichcore.errors import RequestRefused, Unreadable
from enrichcore.identity import clean_linkedin, is_entry_of
from enrichcore.model import Credits, EmailQuery, Hit, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Basic, Http, Provider, hookimpl

MOST = 50
"""Cards of one answer: whoever has more namesakes is not found anyway."""
TRUNCATED = "507"
DAV, CARDDAV = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}"
PROPERTIES = ("VERSION", "KIND", "N", "FN", "ORG", "TITLE", "EMAIL", "TEL", "ADR", "URL", "X-SOCIALPROFILE")
XML = {"Content-Type": "application/xml; charset=utf-8", "Accept": "application/xml"}
WHAT_IS_IT = b'<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/></D:prop></D:propfind>'
MOBILE, NO_VOICE = frozenset({"cell", "mobile", "iphone"}), frozenset({"fax", "pager", "modem", "video", "bbs"})
NOBODY = frozenset({"group", "org", "location"})
"""Kinds of cards that are no person."""


@attrs.frozen(repr=False, kw_only=True)
class Card:
    """What is read of one card."""

    names: tuple[str, ...]
    emails: tuple[str, ...]
    company: str | None
    title: str | None
    country: str | None
    linkedin_id: str | None
    numbers: tuple[Number, ...]


class Carddav(Provider):
    """https://www.rfc-editor.org/rfc/rfc6352, read 2026-11-25.

    Your own address book: asked first, once the configuration names it with its `base_url`.
    """

    name = "carddav"
    key_env = "CARDDAV_LOGIN"
    auth = Basic()
    docs = "https://www.rfc-editor.org/rfc/rfc6352"
    price = Price.free()
    rate = ("5/s",)  # a server of your own: a cautious guess
    timeout = 20.0
    typical = 0.5
    first_party = True

    async def balance(self, http: Http) -> Credits:
        """Nothing is ever used up; the detail says whether it is an address book that lets us in."""
        reply = await http.request("PROPFIND", "/", headers={"Depth": "0", **XML}, content=WHAT_IS_IT)
        if next(_multistatus(reply).iter(f"{CARDDAV}addressbook"), None) is None:
            raise RequestRefused("there is no address book at base_url", status=reply.status_code)
        return Credits(remaining=None, detail="an address book")

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name; company and domain are compared here."""
        cards = await _search(http, "FN", "contains", query.first_name, query.last_name)
        return _answer(
            card
            for card in cards
            if is_entry_of(
                query.full_name, query.company, query.domain,
                names=card.names, emails=card.emails, companies=[card.company] if card.company else (),
            )
        )  # fmt: skip

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By email address."""
        wanted = query.email.casefold()
        cards = await _search(http, "EMAIL", "equals", query.email)
        return _answer((card for card in cards if wanted in map(str.casefold, card.emails)), query.email)


async def _search(http: Http, field: str, how: str, *words: str) -> list[Card]:
    """The cards in which all words stand in one field; none where there are more than the server gives at once."""
    match = f'<C:text-match collation="i;unicode-casemap" match-type={quoteattr(how)}>'
    wanted = "".join(f"{match}{escape(word)}</C:text-match>" for word in words)
    properties = "".join(f"<C:prop name={quoteattr(name)}/>" for name in PROPERTIES)
    reply = await http.request(
        "REPORT",
        "/",
        headers={"Depth": "1", **XML},
        content=(
            '<?xml version="1.0" encoding="utf-8"?>'
            '<C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
            f"<D:prop><C:address-data>{properties}</C:address-data></D:prop>"
            f'<C:filter><C:prop-filter name="{field}" test="allof">{wanted}</C:prop-filter></C:filter>'
            f"<C:limit><C:nresults>{MOST}</C:nresults></C:limit></C:addressbook-query>"
        ).encode(),
    )
    return _cards(reply)


def _multistatus(reply: httpx.Response) -> ET.Element:
    """The answer as XML.

    Raises:
        Unreadable: it is another document.
    """
    try:
        text = reply.content.decode("utf-8")
        if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
            raise Unreadable("expected XML without a document type", status=reply.status_code)
        root = ET.fromstring(text)  # noqa: S314 - without a document type nothing can be expanded or fetched
    except (ET.ParseError, UnicodeDecodeError, RecursionError):
        raise Unreadable("expected XML", status=reply.status_code) from None
    if root.tag != f"{DAV}multistatus":
        raise Unreadable("expected a multistatus", status=reply.status_code)
    return root


def _cards(reply: httpx.Response) -> list[Card]:
    """The cards of a multistatus.

    Raises:
        Unreadable: it is another document, or has cards of which none can be read.
    """
    root = _multistatus(reply)
    texts: list[str] = []
    for response in root.iter(f"{DAV}response"):
        if f" {TRUNCATED} " in f" {response.findtext(f'{DAV}status', '')} ":
            return []
        texts += [data.text for data in response.iter(f"{CARDDAV}address-data") if data.text and data.text.strip()]
    vobject = importlib.import_module("vobject")
    cards = [card for text in texts[: MOST + 1] if (card := _card(vobject, text)) is not None]
    if texts and not cards:
        raise Unreadable("expected cards that can be read", status=reply.status_code)
    return [] if len(texts) > MOST else cards


def _card(vobject: Any, text: str) -> Card | None:
    """One card; None for one that cannot be read."""
    lines = text.replace("VERSION:4.0", "VERSION:3.0", 1)  # vobject knows no 4.0; what differs does not matter here
    try:
        contents = vobject.readOne(lines, allowQP="quoted-printable" in text.lower()).contents
        return _read(contents)
    except Exception:  # noqa: BLE001 - vobject lets errors of many kinds out
        return None


def _read(contents: dict[str, list[Any]]) -> Card:
    names = [_words(part.value) for part in contents.get("fn", [])]
    names += [f"{_words(part.value.given)} {_words(part.value.family)}".strip() for part in contents.get("n", [])]
    kind = _first(contents, "kind") or _first(contents, "x-addressbookserver-kind")
    if kind is not None and kind.lower() in NOBODY:
        names = []
    country = next((_words(part.value.country) for part in contents.get("adr", [])), "") or None
    links = [_words(part.value) for part in [*contents.get("url", []), *contents.get("x-socialprofile", [])]]
    slugs = [clean_linkedin(link) for link in links if "linkedin." in link.lower()]
    return Card(
        names=tuple(filter(None, names)),
        emails=tuple(_words(part.value).strip() for part in contents.get("email", [])) if names else (),
        company=_company(contents),
        title=_first(contents, "title"),
        country=country,
        linkedin_id=next(filter(None, slugs), None),
        numbers=tuple(_numbers(contents, country)),
    )


def _company(contents: dict[str, list[Any]]) -> str | None:
    """The organisation, without its units."""
    for part in contents.get("org", []):
        words = _words(part.value[0] if isinstance(part.value, list) and part.value else part.value).strip()
        if words:
            return words
    return None


def _numbers(contents: dict[str, list[Any]], country: str | None) -> Iterator[Number]:
    for part in contents.get("tel", []):
        kinds = {kind.lower() for text in part.params.get("TYPE", []) for kind in text.split(",")}
        kinds |= {kind.lower() for kind in part.singletonparams}
        raw = _words(part.value).removeprefix("tel:").strip()
        if (kinds & NO_VOICE and "voice" not in kinds) or not any(map(str.isdecimal, raw)):
            continue
        kind = "mobile" if kinds & MOBILE else next((word for word in ("work", "home") if word in kinds), None)
        yield Number(raw, type=kind, country=country, company_line="main" in kinds)


def _first(contents: dict[str, list[Any]], name: str) -> str | None:
    return next((words for part in contents.get(name, []) if (words := _words(part.value).strip())), None)


def _words(value: Any) -> str:
    return " ".join(str(item) for item in value) if isinstance(value, list) else str(value or "")


def _answer(found: Iterator[Card], email: str | None = None) -> Hit | Miss:
    """The numbers of the only one; of several none is known to be meant."""
    cards = list(found)
    if len(cards) != 1:
        return Miss()
    [card] = cards
    mail = email or next(iter(card.emails), None)
    person = Person(
        name=next(iter(card.names), None),
        company=card.company,
        domain=mail.rpartition("@")[2].lower() if mail and "@" in mail else None,
        title=card.title,
        country=card.country,
        email=mail,
        linkedin_id=card.linkedin_id,
    )
    numbers = {number.raw: number for number in card.numbers}
    return Hit(*numbers.values(), person=person) if numbers else Miss(person)
