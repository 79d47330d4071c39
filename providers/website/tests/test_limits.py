"""Limits: no site makes a visit long, large or slow."""

import asyncio
import gzip
import resource
import sys
import zlib
from typing import Any

import pytest
from enrichcore_website.door import Door
from enrichcore_website.fetch import LARGEST, NotRead, Unpack, Visit
from enrichcore_website.page import MOST_TAGS, MOST_TEXT, read_page
from enrichcore_website.read import Site, Wanted, read_site

from enrichcore.model import Hit, Miss

CARD = "<p>Ada Lovelace: +44 7700 900123</p>"
ADA = Wanted(first="Ada", last="Lovelace", top="GB")
HTML = "Content-Type: text/html\r\n"


def bomb(size: int) -> bytes:
    return gzip.compress(b"<p>0" * (size // 4), 9)


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ("Content-Encoding: gzip\r\n", bomb(50_000_000)),
        ("Content-Encoding: deflate\r\n", zlib.compress(b"0" * 50_000_000, 9)),
        ("Content-Encoding: gzip, gzip\r\n", gzip.compress(gzip.compress(CARD.encode()))),
        ("Content-Encoding: br\r\n", b"x"),
        ("Content-Encoding: zstd\r\n", b"x"),
        ("Content-Encoding: gzip\r\n", b"no gzip at all"),
        ("", b"x" * (LARGEST + 1)),
        ("".join(f"X-{n}: y\r\n" for n in range(101)), CARD.encode()),
        (f"X-Long: {'y' * 33_000}\r\n", CARD.encode()),
    ],
    ids=["gzip", "deflate", "two layers", "br", "zstd", "damaged", "large", "many fields", "long field"],
)
def test_a_page_beyond_the_limits_is_not_read(kit: Any, fields: str, body: bytes) -> None:
    assert kit.ask(kit.Listener({"/": kit.answer(200, body, HTML + fields)})) == Miss()


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/octet-stream", "application/json"])
def test_what_is_no_page_is_not_read(kit: Any, kind: str) -> None:
    site = kit.Listener({"/": kit.answer(200, CARD.encode(), f"Content-Type: {kind}\r\n")})
    assert kit.ask(site) == Miss()


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_one_honest_layer_is_taken_away(kit: Any, coding: str) -> None:
    body = gzip.compress(CARD.encode()) if coding == "gzip" else zlib.compress(CARD.encode())
    site = kit.Listener({"/": kit.answer(200, body, f"{HTML}Content-Encoding: {coding}\r\n")})
    assert isinstance(kit.ask(site), Hit)


def test_unpacking_never_makes_more_than_it_may() -> None:
    made = 0
    unpack = Unpack("gzip", LARGEST)
    body = bomb(20_000_000)
    refused = False
    for at in range(0, len(body), 1000):
        try:
            made += len(unpack(body[at : at + 1000]))
        except NotRead:
            refused = True
            break
    assert refused
    assert made <= LARGEST


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        ("", "<div>"), ("<b>" * 500, "<p>"), ("", '<a href="'), ("", "<"), ("", "<!--"), ("", "<p>Ada Lovelace<br>"),
        ("<p>", "1-2 3."), ("", "<p>020 7946 0123</p>"), ('<script type="application/ld+json">', "["), ("", "<li>"),
        ("", "<div itemscope><i itemprop=name>"), ("<table>", "<tr><td>Ada Lovelace<td>x"), ("", "&amp;"),
    ],
)  # fmt: skip
def test_a_hostile_page_becomes_a_small_tree(start: str, piece: str) -> None:
    """Whatever it nests or repeats, what is kept of a page is bounded."""
    page = read_page(start + piece * (LARGEST // len(piece)))
    read_site(Site(), page, "/", ADA)
    assert sum(len(line.text) for line in page.lines) <= MOST_TEXT
    assert len(page.boxes) <= 2 * MOST_TAGS + 2


@pytest.mark.proof
def test_a_hundred_bombs_at_once_take_less_than_200_mib(kit: Any) -> None:
    """Half of them are compressed, half are two megabytes of plain page."""
    plain = kit.answer(200, b"<p>020 7946 0123" * (LARGEST // 16 - 1), HTML)
    packed = kit.answer(200, bomb(200_000_000), f"{HTML}Content-Encoding: gzip\r\n")
    listeners = [kit.Listener({"/": plain if n % 2 else packed}) for n in range(2)]

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)

    async def visit(site: Any, large: asyncio.Semaphore) -> None:
        async with Visit("engines.example", Door(resolve=kit.resolver(kit.PUBLIC), dial=site.dial), large) as one:
            await one.first()

    async def all_at_once() -> float:
        large = asyncio.Semaphore(8)
        async with listeners[0].open(), listeners[1].open():
            before = peak()
            await asyncio.gather(*(visit(listeners[n % 2], large) for n in range(100)))
            return peak() - before

    assert asyncio.run(all_at_once()) <= 200
