"""Ask and Reply: one HTTP request and one whole answer, in the shape of httpx and without its costs or its chatter.

An `Ask` holds the parts of a request as they go out and parses its URL only when somebody reads it; a `Reply` holds a
body that is already read, bounded and decoded. Neither shows a URL in its repr, because a key may be in it.
"""

import zlib
from collections.abc import Sequence
from typing import Any, Self

import httpx
import msgspec

from enrichcore.engine.statuses import general_error
from enrichcore.errors import Unreadable

LARGEST_RATIO = 200
"""A body may grow so many times by decoding; JSON rarely grows more than 30 times, a bomb 1,000 times."""
_RATIO_FREE = 64 * 1024
"""Bytes up to which the ratio is not looked at."""
_BOM = b"\xef\xbb\xbf"
_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_ZLIB_METHOD = 8


class Ask(httpx.Request):
    """A request whose parts are ready to send: the whole URL as text, header fields in order, the body's bytes.

    The parent's constructor is not called: it parses the URL, normalises the headers and guesses the body (20 µs, a
    tenth of what the fast transport needs for the whole request).
    """

    def __init__(self, method: str, address: str, fields: Sequence[tuple[str, str]], content: bytes) -> None:
        self.method = method
        self.address = address
        self.fields = fields
        self.extensions = {}
        self.stream = httpx.ByteStream(content)
        self._content = content
        self._url: httpx.URL | None = None
        self._headers: httpx.Headers | None = None

    @property
    def url(self) -> httpx.URL:  # type: ignore[override]  # httpx has a plain attribute here
        """The parsed address."""
        if self._url is None:
            self._url = httpx.URL(self.address)
        return self._url

    @property
    def headers(self) -> httpx.Headers:  # type: ignore[override]  # likewise
        """The header fields."""
        if self._headers is None:
            self._headers = httpx.Headers(list(self.fields))
        return self._headers

    def __repr__(self) -> str:
        return f"<Ask {self.method}>"


class Reply(httpx.Response):
    """A whole answer. `json()` is strict: what is not JSON raises `Unreadable`, whatever the status says."""

    def __init__(
        self, status: int, headers: Sequence[tuple[str, str]] | httpx.Headers, body: bytes, request: httpx.Request
    ) -> None:
        # A `stream` keeps the parent from decoding the body a second time.
        super().__init__(
            status,
            headers=headers if isinstance(headers, httpx.Headers) else list(headers),
            stream=httpx.ByteStream(body),
            request=request,
        )
        self._content = body
        self.is_closed = self.is_stream_consumed = True

    @classmethod
    def of(cls, response: httpx.Response, request: httpx.Request) -> Self:
        """`response`, whose body has been read, as a `Reply`."""
        return (
            response
            if isinstance(response, cls)
            else cls(response.status_code, response.headers, response.content, request)
        )

    def json(self, **kwargs: Any) -> Any:
        """The body read as JSON.

        Raises:
            Unreadable: the body is empty or not JSON (NaN, Infinity and trailing text are not JSON either).
        """
        if kwargs:
            raise TypeError("Reply.json() takes no options: read `content` with a decoder of your own")
        body = self._content.removeprefix(_BOM)
        if not body:
            raise Unreadable("the answer is empty, expected JSON", status=self.status_code)
        try:
            return msgspec.json.decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass  # raised outside, so that the text of the body is in no exception chain
        raise Unreadable("the answer is not JSON", status=self.status_code)

    def raise_for_status(self) -> Self:
        """The reply itself when its status is 2xx; unlike the parent's, the error shows no URL.

        Raises:
            ProviderError: another status, read by the general table.
        """
        if self.is_success:
            return self
        raise general_error(self.status_code)

    def __repr__(self) -> str:
        return f"<Reply {self.status_code}>"


def unpack(encoding: str, body: bytes, limit: int) -> bytes:
    """`body` without its one layer of gzip or deflate, at most `limit` bytes.

    Raises:
        Unreadable: another encoding, several layers, damaged data, or more than the limit or the ratio allows.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity") or not body:
        return body
    if encoding in ("gzip", "x-gzip"):
        window = _GZIP
    elif encoding == "deflate":
        window = _ZLIB if body[0] & 0x0F == _ZLIB_METHOD and int.from_bytes(body[:2]) % 31 == 0 else _RAW
    else:
        raise Unreadable("the answer has a content encoding that was not asked for")
    limit = min(limit, max(_RATIO_FREE, LARGEST_RATIO * len(body)))
    decoder = zlib.decompressobj(window)
    try:
        plain: bytes | None = decoder.decompress(body, limit + 1)
    except zlib.error:
        plain = None
    if plain is None:
        raise Unreadable("the answer's compressed body is damaged")
    if len(plain) > limit:
        raise Unreadable("the answer's compressed body grows beyond all measure")
    if not decoder.eof or decoder.unused_data:
        raise Unreadable("the answer's compressed body is cut short or has something behind it")
    return plain
