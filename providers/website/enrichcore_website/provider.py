"""The provider: which pages are read, and what is said of them."""

import asyncio
import re
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

from enrichcore.errors import ProviderError, RateLimited, RequestRefused, ServerError
from enrichcore.identity import EmailClass, clean_domain, email_class, name_key, registrable_domain
from enrichcore.model import EmailQuery, Hit, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Provider, hookimpl
from enrichcore_website.door import Door, is_host
from enrichcore_website.fetch import LARGEST, Got, Visit, same_site, target
from enrichcore_website.page import Page, read_page
from enrichcore_website.read import Site, Wanted, read_site
from enrichcore_website.settings import WebsiteSettings

TOTAL: Final = 18.0
"""Seconds for all pages of a site together."""
_LARGE_PAGES: Final = 8
_TOO_MANY, _SERVER = 429, 500
_WORTH = (
    (
        4,
        re.compile(
            r"team|people|staff|leadership|equipe|équipe|equipo|ansprechpartner|mitarbeiter|who-we-are", re.IGNORECASE
        ),
    ),
    (3, re.compile(r"contact|kontakt|contatt|contato|yhteys|お問い合わせ", re.IGNORECASE)),
    (2, re.compile(r"impressum|imprint|mentions-legales|aviso-legal|note-legali", re.IGNORECASE)),
    (1, re.compile(r"about|über|ueber|a-propos|qui-sommes|sobre|chi-siamo|company|unternehmen", re.IGNORECASE)),
)
_USUAL = ("/contact", "/team", "/about", "/impressum")
_GENERIC_TOP = re.compile(r"\.([a-z]{2})$")
_NO_COUNTRY = frozenset(["io", "co", "ai", "me", "tv", "eu", "cc", "ws", "fm", "ly", "to", "gg", "vc"])


class Source(Protocol):
    """Where pages come from."""

    async def first(self) -> Got:
        """The first page."""
        ...

    async def get(self, path: str) -> Got:
        """Another page of the same site."""
        ...


class Saved:
    """Pages that were saved before, in a folder for each site."""

    def __init__(self, folder: str, domain: str) -> None:
        self._root = (Path(folder) / domain).resolve()

    async def first(self) -> Got:
        """`index.html`."""
        return await self.get("/")

    async def get(self, path: str) -> Got:
        """The file of a path: `/contact` is `contact.html` or `contact/index.html`."""
        name = path.partition("?")[0].strip("/")
        for form in [f"{name}.html", f"{name}/index.html", name] if name else ["index.html"]:
            file = (self._root / form).resolve()
            if file.is_relative_to(self._root) and file.is_file():
                with file.open("rb") as opened:
                    return Got(200, opened.read(LARGEST).decode("utf-8", "replace"), path)
        return Got(404, None, path)


class Website(Provider):
    """Reads the company's own pages: home, team, contact, imprint."""

    name = "website"
    docs = "https://schema.org/telephone"
    terms = "https://www.rfc-editor.org/rfc/rfc9309"
    price = Price.free()
    rate = ("5/s",)
    requires = {"name": {"domain"}}  # noqa: RUF012 - a fact of the class
    timeout = 20.0
    typical = 4.0
    when_named = True
    Settings = WebsiteSettings
    settings = WebsiteSettings()
    door = Door()
    """Where sockets open. No setting leads here."""

    @property
    def reaches_out(self) -> bool:
        """Unless the pages were saved before."""
        return self.settings.saved is None

    @hookimpl
    async def phone_by_name(self, query: NameQuery) -> Hit | Miss:
        """On the pages of the company's domain."""
        return await self._look_up(
            query.domain or "", first=query.first_name, last=query.last_name, country=query.country,
            company=query.company or "",
        )  # fmt: skip

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit | Miss:
        """On the pages of the address's domain, unless that is a host of personal mail."""
        if email_class(query.email) not in (EmailClass.WORK, EmailClass.ROLE):
            return Miss()
        return await self._look_up(
            query.email.rpartition("@")[2], first=query.first_name or "", last=query.last_name or "",
            country=query.country, email=query.email,
        )  # fmt: skip

    async def _look_up(
        self, domain: str, *, first: str, last: str, country: str | None, company: str = "", email: str = ""
    ) -> Hit | Miss:
        host = clean_domain(domain)
        if host is None or not is_host(host) or registrable_domain(host) is None:
            raise RequestRefused("that is no domain of a company")
        top = _GENERIC_TOP.search(host)
        words = {registrable_domain(host) or host, *name_key(company).split()}
        wanted = Wanted(
            first=first, last=last, email=email.casefold(), country=country,
            company=frozenset({host.partition(".")[0], (registrable_domain(host) or host).partition(".")[0], *words}),
            top=_region(top[1]) if top else None,
        )  # fmt: skip
        if self.settings.saved is not None:
            return _answer(await self._read(Saved(self.settings.saved, host), wanted, host), wanted, host)
        async with Visit(host, self.door, self._large()) as visit:
            return _answer(await self._read(visit, wanted, host), wanted, host)

    def _large(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        held: tuple[object, asyncio.Semaphore] | None = getattr(self, "_slots", None)
        if held is None or held[0] is not loop:
            held = self._slots = (loop, asyncio.Semaphore(_LARGE_PAGES))
        return held[1]

    async def _read(self, source: Source, wanted: Wanted, domain: str) -> Site:
        site = Site()
        try:
            async with asyncio.timeout(TOTAL):
                await self._pages(source, wanted, domain, site)
        except TimeoutError:
            if not (site.person or site.company):
                raise
        return site

    async def _pages(self, source: Source, wanted: Wanted, domain: str, site: Site) -> None:
        got = await source.first()
        if got.status == _TOO_MANY:
            raise RateLimited("the site asks us to slow down", status=got.status)
        if got.status >= _SERVER:
            raise ServerError("the site failed", status=got.status)
        waiting: dict[str, int] = {}
        seen = {"/", got.path}
        for _ in range(self.settings.pages):
            if got.text is not None:
                page = await self._digested(site, got.text, got.path, wanted)
                for path, worth in _links(page, got.path, domain, wanted).items():
                    waiting[path] = max(worth, waiting.get(path, 0))
            if site.person:
                return
            if not waiting and len(seen) <= len(_USUAL):
                waiting.update(dict.fromkeys(_USUAL, 0))
            waiting = {path: worth for path, worth in waiting.items() if path not in seen}
            if not waiting:
                return
            best = max(waiting, key=lambda path: waiting[path])
            seen.add(best)
            try:
                got = await source.get(best)
            except ProviderError:
                got = Got(0)
            if got.status == _TOO_MANY:
                return

    async def _digested(self, site: Site, text: str, path: str, wanted: Wanted) -> Page:
        async with self._large():
            return await asyncio.to_thread(_digest, site, text, path, wanted)


def _digest(site: Site, text: str, path: str, wanted: Wanted) -> Page:
    page = read_page(text)
    read_site(site, page, path, wanted)
    return page


def _region(top: str) -> str | None:
    return None if top in _NO_COUNTRY else {"uk": "GB"}.get(top, top.upper())


def _links(page: Page, path: str, domain: str, wanted: Wanted) -> dict[str, int]:
    """The pages of the same site that are worth reading, and how much."""
    found: dict[str, int] = {}
    for line in page.lines:
        for href, text in line.links:
            if not href.isprintable() or len(href) > 500:  # noqa: PLR2004 - nobody's contact page
                continue
            try:
                parts = urlsplit(urljoin(f"https://{domain}{path}", href))
            except ValueError:
                continue
            if parts.scheme not in ("http", "https") or not same_site(parts.hostname or "", domain):
                continue
            worth = 5 if wanted.end_in(text) >= 0 else 0
            worth = worth or next((points for points, words in _WORTH if words.search(f"{parts.path} {text}")), 0)
            if worth:
                place = target(parts.path, parts.query)
                found[place] = max(worth, found.get(place, 0))
    return found


def _answer(site: Site, wanted: Wanted, domain: str) -> Hit | Miss:
    name = f"{wanted.first} {wanted.last}".strip() or None
    numbers = []
    for same, (found, region) in site.person.items():
        numbers.append(
            Number(
                found.raw, country=region, type="mobile" if found.mobile else None, company_line=same in site.company
            )
        )
    for same, (found, region) in site.company.items():
        if same not in site.person and same not in site.others:
            numbers.append(Number(found.raw, country=region, company_line=True))
    person = Person(
        name=name if site.named else None, domain=domain, title=site.title if site.named else None,
        email=(wanted.email or site.email) if site.named else None,
    )  # fmt: skip
    return Hit(*numbers, person=person) if numbers else Miss(person if site.named else None)
