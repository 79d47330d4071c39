"""Reading what comes around the body: the key, the headers that matter, the query and the body's bytes."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import attrs

from enrichcore.service.body import MAX_BODY
from enrichcore.service.refusal import Refusal, invalid_request

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_KEY = 512
"""Characters of a key; a longer one is nobody's."""
MAX_QUERY = 4096
_WAIT = re.compile(r'wait\s*=\s*"?(\d{1,9})"?')
_JSON = re.compile(rb'application/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?;?\s*', re.IGNORECASE)


class Gone(Exception):
    """The client has left before it had said everything."""


@attrs.define
class Head:
    """What the headers of a request say. `key` is None without one; `given` whether there was any attempt at one."""

    key: str | None = None
    given: bool = False
    media: bytes | None = None
    encoding: bytes | None = None
    length: bytes | None = None
    prefer: bytes = b""


def read_head(scope: Scope) -> Head:
    """The headers that matter, in one pass."""
    head = Head()
    for name, value in scope["headers"]:
        if name == b"authorization":
            head.key = None if head.given else _key(value)
            head.given = True
        elif name == b"content-type":
            head.media = value if head.media is None else b","  # two are none that could be meant
        elif name == b"content-length":
            head.length = value
        elif name == b"content-encoding":
            head.encoding = value
        elif name == b"prefer":
            head.prefer = head.prefer + b"," + value if head.prefer else value
    return head


def _key(value: bytes) -> str | None:
    scheme, _, key = value.partition(b" ")
    if scheme.lower() != b"bearer":
        return None
    key = key.strip(b" ")
    if not 0 < len(key) <= MAX_KEY or not key.isascii() or any(byte < 33 or byte == 127 for byte in key):  # noqa: PLR2004
        return None
    return key.decode("ascii")


def check_media(head: Head) -> None:
    """Refuse what is not plain JSON, or is said to be too large, before a byte of it is read.

    Raises:
        Refusal: another media type, a content encoding, or a length over the limit.
    """
    if head.media is not None and head.media != b"application/json" and _JSON.fullmatch(head.media) is None:
        raise invalid_request("The body must be application/json in UTF-8.")
    if head.encoding is not None and head.encoding.strip().lower() not in (b"", b"identity"):
        raise invalid_request("The body must come without a content encoding.")
    if head.length is not None:
        if not head.length.isdigit():
            raise invalid_request("The length of the body is not a number.")
        if len(head.length) > 9 or int(head.length) > MAX_BODY:  # noqa: PLR2004 - digits, before they are read
            raise _too_large(MAX_BODY)


async def read_body(receive: Receive, limit: int = MAX_BODY) -> bytes:
    """The whole body.

    Raises:
        Refusal: it is larger than `limit` bytes.
        Gone: the client left.
    """
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return body


def _too_large(limit: int) -> Refusal:
    return invalid_request(f"The body must be at most {limit // 1024} KiB.", limit=limit)


def read_query(query: bytes, *, may_include: bool) -> tuple[bool, bool]:
    """Whether the story is asked for, and whether a fresh lookup; parameters that are not known are ignored.

    Raises:
        Refusal: a parameter has another value than it can have, or the key may not ask for the story.
    """
    include = refresh = False
    if not query:
        return include, refresh
    if len(query) > MAX_QUERY:
        raise invalid_request("The query string is too long.", limit=MAX_QUERY)
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name == "include":
            if value != "attempts":
                raise invalid_request("include can only be 'attempts'.", parameter="include")
            if not may_include:
                raise invalid_request("This key may not see attempts.", parameter="include")
            include = True
        elif name == "refresh":
            if value not in ("true", "false"):
                raise invalid_request("refresh must be 'true' or 'false'.", parameter="refresh")
            refresh = value == "true"
    return include, refresh


def read_prefer(prefer: bytes) -> tuple[float | None, bool]:
    """How many seconds the caller wants to wait, and whether it wants not to wait at all (RFC 7240)."""
    wait: float | None = None
    at_once = False
    for part in prefer.decode("latin-1").lower().split(","):
        word = part.partition(";")[0].strip()
        if word == "respond-async":
            at_once = True
        elif wait is None and (found := _WAIT.fullmatch(word)) is not None:
            wait = float(found[1])
    return wait, at_once
