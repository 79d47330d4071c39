"""The strict reply: JSON or an error, bounded decoding, and no URL where people look."""

import gzip
import zlib
from decimal import Decimal
from typing import Any

import pytest

from enrichcore import errors
from enrichcore.engine.reply import LARGEST_RATIO, Ask, Reply, unpack

ADDRESS = "https://api.acme.example/v1/phone?apiId=canary-key-0001"
CAP = 1_000_000


def reply(body: bytes = b"", status: int = 200, content_type: str = "application/json") -> Reply:
    return Reply(
        status, [("Content-Type", content_type)], body, Ask("GET", ADDRESS, [("Host", "api.acme.example")], b"")
    )


def test_a_reply_reads_like_an_httpx_response() -> None:
    answer = reply(b"caf\xe9", content_type="text/plain; charset=latin-1")
    assert answer.text == "café"
    assert b"".join(answer.iter_bytes()) == answer.read() == answer.content == b"caf\xe9"
    assert answer.is_closed
    assert str(answer.url) == ADDRESS
    assert answer.request.headers["host"] == "api.acme.example"
    assert answer.raise_for_status() is answer


def test_numbers_and_text_of_json_arrive_whole() -> None:
    value = reply(b'\xef\xbb\xbf {"id": 123456789012345678901234567890, "n": "Zo\\u00eb"}\n').json()
    assert value == {"id": 123456789012345678901234567890, "n": "Zoë"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xef\xbb\xbf",
        b" ",
        b"NaN",
        b"[-Infinity]",
        b"<html>",
        b"{",
        b"{} {}",
        b'"\xff"',
        b"'a'",
        b"[1,]",
        b"1e999",
    ],
)
def test_what_is_not_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(errors.Unreadable) as caught:
        reply(body).json()
    assert caught.value.status == 200
    assert caught.value.__context__ is None, "the parser's error could show the body"


@pytest.mark.parametrize("options", [{"parse_float": Decimal}, {"strict": False}])
def test_json_takes_no_options(options: Any) -> None:
    """The options of the standard library's parser would be ignored, so they are refused."""
    with pytest.raises(TypeError, match="no options"):
        reply(b"{}").json(**options)


@pytest.mark.parametrize("status", [301, 404, 429, 500])
def test_raise_for_status_shows_no_url(status: int) -> None:
    """The one of httpx would put the URL, key and all, in the message."""
    with pytest.raises(errors.ProviderError) as caught:
        reply(status=status).raise_for_status()
    assert str(status) in str(caught.value)
    assert "acme" not in str(caught.value)
    assert "canary" not in str(caught.value)


def test_neither_side_shows_its_url_in_its_repr() -> None:
    assert repr([reply(), reply().request]) == "[<Reply 200>, <Ask GET>]"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
def test_the_name_of_an_encoding_may_vary(encoding: str) -> None:
    assert unpack(encoding, gzip.compress(b"{}"), CAP) == b"{}"


def test_an_empty_body_has_nothing_to_decode() -> None:
    """A 204 may carry the header all the same."""
    assert unpack("gzip", b"", CAP) == b""


def test_a_small_body_may_grow_more_than_the_ratio_allows_a_large_one() -> None:
    """The ratio is for bombs: below 64 KiB it is not looked at."""
    small = zlib.compress(bytes(60_000))
    assert len(small) * LARGEST_RATIO < 60_000
    assert unpack("deflate", small, CAP) == bytes(60_000)
    with pytest.raises(errors.Unreadable, match="beyond all measure"):
        unpack("deflate", zlib.compress(bytes(500_000)), CAP)


def test_the_cap_holds_after_decoding() -> None:
    import random

    noise = random.Random(7).randbytes(80_000)
    packed = gzip.compress(noise)
    assert unpack("gzip", packed, len(noise)) == noise
    with pytest.raises(errors.Unreadable, match="beyond all measure"):
        unpack("gzip", packed, len(noise) - 1)
