"""Visit: the pages of one site for one lookup, through the door, within limits of time and size."""

import asyncio
import codecs
import contextvars
import logging
import re
import socket
import ssl
import zlib
from functools import cache
from typing import Final, Self
from urllib.parse import quote, urljoin, urlsplit

import attrs
import httpcore
import httpx

from enrichcore.errors import MaybeSent, ProviderError, RequestRefused, Unsent
from enrichcore.identity import registrable_domain
from enrichcore_website.door import Door, Shut, is_host
from enrichcore_website.robots import TOKEN, Robots

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of a page, before and after decoding."""
RATIO: Final = 100
HOPS: Final = 3
PAGE_TIME: Final = 8.0
AGENT: Final = f"{TOKEN}/0.1 (+https://pypi.org/project/enrichcore-website/)"
_MOST_FIELDS, _FIELD_BYTES = 100, 32 * 1024
_ROBOTS_BYTES: Final = 512 * 1024
_CALM: Final = 64 * 1024
_CHARSET = re.compile(rb"""charset\s{0,4}=\s{0,4}["']?([\w-]{2,20})""", re.IGNORECASE)
_CODECS = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|us-ascii|iso-?8859-\d+|latin-?1|windows-125\d|cp125\d|shift_jis|euc-(jp|kr)|gb2312|gbk|"
    r"gb18030|big5|koi8-[ru]",
    re.IGNORECASE,
)
_OURS: contextvars.ContextVar[bool] = contextvars.ContextVar("enrichcore_website", default=False)


class _Quiet(logging.Filter):
    """Drops what httpcore logs of our requests."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - it is about who logs
        return not _OURS.get()


_QUIET = _Quiet()


@attrs.frozen
class Got:
    """One answer: its status, and the text of a page that can be read."""

    status: int
    text: str | None = None
    path: str = "/"


_CERTIFICATE: Final = "CERTIFICATE_VERIFY_FAILED"


class NotRead(Exception):
    """This page cannot be read: too large, in a strange coding, or behind a redirect that is not followed."""


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class Visit:
    """Asks one site. One connection pool for each lookup: nothing is shared between records."""

    def __init__(self, domain: str, door: Door, large: asyncio.Semaphore, tls: ssl.SSLContext | None = None) -> None:
        self.domain, self._large = domain, large
        self._robots: dict[str, Robots] = {}
        self._origin: tuple[str, str] | None = None
        self._sent = self._mistrusted = False
        for name in ("httpcore.http11", "httpcore.connection"):
            logging.getLogger(name).addFilter(_QUIET)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or _tls(), max_connections=4, keepalive_expiry=5.0, network_backend=door
        )

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def first(self) -> Got:
        """The first page, from wherever the site answers.

        Raises:
            ProviderError: nobody answers there.
        """
        failure: ProviderError = RequestRefused("the site cannot be reached")
        hosts = [self.domain] if self.domain.startswith("www.") else [self.domain, f"www.{self.domain}"]
        for scheme, host in (("https", hosts[0]), ("https", hosts[-1]), ("http", hosts[0])):
            if scheme == "http" and self._mistrusted:  # somebody may sit between: nothing is read in clear then
                break
            self._origin = (scheme, host)
            try:
                return await self.get("/")
            except RequestRefused as refused:
                failure = refused
        raise failure

    async def get(self, path: str) -> Got:
        """A page of the site; without text where there is none to read.

        Raises:
            ProviderError: the site did not answer.
        """
        if self._origin is None:
            raise RequestRefused("the site cannot be reached")
        token = _OURS.set(True)
        self._sent = False
        failure: ProviderError
        try:
            async with asyncio.timeout(PAGE_TIME):
                return await self._follow(*self._origin, path)
        except NotRead:
            return Got(0)
        except Exception as error:  # noqa: BLE001 - sorted in one place, and without its text: a URL may be in it
            failure = self._failure(error)
        finally:
            _OURS.reset(token)
        raise failure

    def _failure(self, error: BaseException) -> ProviderError:
        seen: BaseException | None = error
        while seen is not None:
            if isinstance(seen, Shut):
                return RequestRefused(str(seen))
            if isinstance(seen, socket.gaierror):
                if seen.errno == socket.EAI_AGAIN:
                    return Unsent("the name server did not answer")
                return RequestRefused("no site has that name")
            if _CERTIFICATE in str(seen):  # httpcore keeps the words of ssl's error, not the error
                self._mistrusted = True
                return RequestRefused("the site's certificate is wrong")
            if isinstance(seen, ssl.SSLError | ConnectionRefusedError):
                return RequestRefused("the site refused the connection")
            seen = seen.__cause__ or seen.__context__
        if self._sent:
            return MaybeSent("the site did not answer in time, or the connection was lost")
        return Unsent("no connection to the site came about in time")

    async def _follow(self, scheme: str, host: str, path: str) -> Got:
        for _ in range(HOPS + 1):
            robots = await self._robots_of(scheme, host)
            if not robots.allow(path):
                return Got(0)
            status, fields, body = await self._ask(scheme, host, path, LARGEST)
            if status not in (301, 302, 303, 307, 308):
                self._origin = (scheme, host)
                return Got(status, _text(fields, body) if status == 200 else None, path)  # noqa: PLR2004 - OK
            scheme, host, path = self._next(scheme, host, path, fields.get("location", ""))
        raise NotRead

    def _next(self, scheme: str, host: str, path: str, location: str) -> tuple[str, str, str]:
        """Where a redirect leads, built anew from parts that were looked at."""
        if not location or not location.isprintable() or "\\" in location:
            raise NotRead
        try:
            parts = urlsplit(urljoin(f"{scheme}://{host}{path}", location))
            port = parts.port
        except ValueError:
            raise NotRead from None
        name = parts.hostname or ""
        if parts.username is not None or parts.password is not None or parts.scheme not in ("http", "https"):
            raise NotRead
        if port not in (None, {"http": 80, "https": 443}[parts.scheme]) or (scheme, parts.scheme) == ("https", "http"):
            raise NotRead
        if not is_host(name) or not same_site(name, self.domain):
            raise NotRead
        return parts.scheme, name, target(parts.path, parts.query)

    async def _robots_of(self, scheme: str, host: str) -> Robots:
        known = self._robots.get(f"{scheme}://{host}")
        if known is not None:
            return known
        robots = Robots()
        at = (scheme, host, "/robots.txt")
        for _ in range(HOPS):
            status, fields, body = await self._ask(*at, _ROBOTS_BYTES)
            if status in (301, 302, 303, 307, 308):
                at = self._next(*at, fields.get("location", ""))
                continue
            if status == 200:  # noqa: PLR2004 - OK
                robots = Robots(body.decode("utf-8", "replace"))
            elif status >= 500 or status == 429:  # noqa: PLR2004 - RFC 9309, 2.3.1.4
                robots = Robots.closed()
            break
        self._robots[f"{scheme}://{host}"] = robots
        return robots

    async def _ask(self, scheme: str, host: str, path: str, limit: int) -> tuple[int, dict[str, str], bytes]:
        url = httpcore.URL(scheme=scheme.encode(), host=host.encode(), port=None, target=path.encode("ascii"))
        fields: dict[bytes | str, bytes | str] = {
            "Host": host, "User-Agent": AGENT, "Accept": "text/html,application/xhtml+xml,text/plain;q=0.5",
            "Accept-Encoding": "identity",
        }  # fmt: skip
        times = {"connect": 4.0, "read": 6.0, "write": 6.0, "pool": 6.0}
        async with self._pool.stream("GET", url, headers=fields, extensions={"timeout": times}) as response:
            self._sent = True
            said = response.headers
            if len(said) > _MOST_FIELDS or sum(len(name) + len(value) for name, value in said) > _FIELD_BYTES:
                raise NotRead
            named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in said}
            kind = named.get("content-type", "text/html").partition(";")[0].strip().lower()
            if response.status != 200 or kind not in ("text/html", "application/xhtml+xml", "text/plain", ""):  # noqa: PLR2004 - OK
                return (response.status if response.status != 200 else 0), named, b""  # noqa: PLR2004 - OK
            return response.status, named, await self._body(response, named.get("content-encoding", ""), limit)

    async def _body(self, response: httpcore.Response, coding: str, limit: int) -> bytes:
        unpack = Unpack(coding, limit)
        parts: list[bytes] = []
        size, held = 0, False
        try:
            async for part in response.aiter_stream():
                plain = unpack(part)
                size += len(plain)
                if size > limit:
                    raise NotRead
                if size > _CALM and not held:  # few large pages at once are in memory, however many sites send them
                    await self._large.acquire()
                    held = True
                parts.append(plain)
            return b"".join(parts)
        finally:
            if held:
                self._large.release()


class Unpack:
    """Takes one layer of gzip or deflate away, piece by piece, and never makes more than it may."""

    def __init__(self, coding: str, limit: int) -> None:
        coding = coding.strip().lower()
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise NotRead
        self._decoder = None if coding in ("", "identity") else zlib.decompressobj(
            zlib.MAX_WBITS | 16 if "gzip" in coding else zlib.MAX_WBITS
        )  # fmt: skip
        self._limit = limit
        self._came = self._made = 0

    def __call__(self, part: bytes) -> bytes:
        """What a piece holds.

        Raises:
            NotRead: it grows beyond all measure, or is damaged.
        """
        self._came += len(part)
        if self._came > self._limit:
            raise NotRead
        if self._decoder is None:
            return part
        most = min(self._limit, max(_CALM, RATIO * self._came)) - self._made
        try:
            plain = self._decoder.decompress(part, most + 1)
        except zlib.error:
            raise NotRead from None
        if len(plain) > most:
            raise NotRead
        self._made += len(plain)
        return plain


def _text(fields: dict[str, str], body: bytes) -> str:
    """The text of a page: by its mark, the header, the page itself, else UTF-8 or Windows-1252."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if body.startswith(mark):
            return body.decode(name, "replace")
    said = _CHARSET.search(fields.get("content-type", "").encode("latin-1", "replace")) or _CHARSET.search(body[:2048])
    name = said[1].decode("ascii", "replace") if said else ""
    if _CODECS.fullmatch(name):
        try:
            return body.decode(name, "replace")
        except LookupError:
            pass
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def target(path: str, query: str) -> str:
    """A path and query as they may be sent: ASCII, nothing that could end the request line."""
    sent = quote(path or "/", safe="/%:@!$&'()*+,;=~-._")
    return f"{sent}?{quote(query, safe='/%:@!$&()*+,;=~-._?')}" if query else sent


def same_site(host: str, domain: str) -> bool:
    """Whether a host is of the same owner: one registrable domain, or the same word under another suffix."""
    ours, theirs = registrable_domain(domain), registrable_domain(host)
    if ours is None or theirs is None:
        return False
    return ours == theirs or ours.partition(".")[0] == theirs.partition(".")[0]
