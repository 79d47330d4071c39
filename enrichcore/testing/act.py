"""Act: what a scripted vendor does with one request. `reply()` answers, `fault()` does what vendors do on bad days."""

import gzip
import json as jsonlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import attrs

_UNSAID: Final[Any] = object()
_MEGABYTE: Final = 1024 * 1024
ELSEWHERE: Final = "https://elsewhere.example/login"
"""Where the redirect of `fault("redirect")` leads; nobody is there."""


@attrs.frozen(kw_only=True)
class Act:
    """What the vendor does with one request: it answers after `after` seconds, or breaks off as `fault` says."""

    status: int = 200
    body: bytes = attrs.field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    after: float = 0.0
    fault: str | None = None

    def json(self) -> Any:
        """The body read as JSON.

        Raises:
            ValueError: it is no JSON.
        """
        return jsonlib.loads(self.body)

    def with_status(self, status: int) -> "Act":
        """The same answer with another status."""
        return attrs.evolve(self, status=status)

    def with_json(self, value: Any) -> "Act":
        """The same answer with another body."""
        return attrs.evolve(self, body=_encode(value))

    def with_body(self, body: bytes) -> "Act":
        """The same answer with other bytes as its body."""
        return attrs.evolve(self, body=body)


def reply(
    status: int = 200,
    json: Any = _UNSAID,
    *,
    text: str | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    after: float = 0.0,
) -> Act:
    """An answer: `json` as JSON, `text` as HTML or plain text, or `body` as it is; empty without any of them.

    `after` is how many seconds it takes. A `Content-Type` in `headers` replaces the one that fits the body.

    Raises:
        TypeError: there is more than one body.
    """
    if sum((json is not _UNSAID, text is not None, body is not None)) > 1:
        raise TypeError("expected one of json, text and body, got several")
    content, kind = body or b"", "application/octet-stream" if body else ""
    if json is not _UNSAID:
        content, kind = _encode(json), "application/json"
    elif text is not None:
        html = text.lstrip().startswith("<")
        content, kind = text.encode(), f"text/{'html' if html else 'plain'}; charset=utf-8"
    given = dict(headers or {})
    if kind and not any(name.lower() == "content-type" for name in given):
        given = {"Content-Type": kind, **given}
    return Act(status=status, body=content, headers=tuple(given.items()), after=after)


def _encode(value: Any) -> bytes:
    return jsonlib.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


@cache
def _large() -> bytes:
    return b'["' + b"a" * 30 * _MEGABYTE + b'"]'


@cache
def _bomb() -> bytes:
    return gzip.compress(_large())


_JSON: Final = {"Content-Type": "application/json"}
_BROKEN_OFF: Final[Mapping[str, str]] = {
    "refused": "nobody listens: no connection comes about",
    "closed": "the request is read, then the connection is closed",
    "reset": "the request is read, then the connection is reset",
    "closed after headers": "the answer ends after its headers",
    "half a body": "the answer ends in the middle of its body",
    "never": "the request is read and never answered",
    "stalls": "half of the answer comes, and then nothing for ever",
}
_ANSWERED: Final[Mapping[str, tuple[str, Callable[[], Act]]]] = {
    "truncated": (
        "a whole answer whose JSON stops in the middle",
        lambda: reply(200, body=b'{"data": [{"pho', headers=_JSON),
    ),
    "html": ("a page to sign in, with status 200", lambda: reply(200, text="<!doctype html><title>Sign in</title>")),
    "empty": ("status 200 and nothing else", lambda: reply(200)),
    "30 MB": ("an answer of 30 megabytes", lambda: reply(200, body=_large(), headers=_JSON)),
    "gzip bomb": (
        "a small body that unpacks to 30 megabytes, though no compression was asked for",
        lambda: reply(200, body=_bomb(), headers={**_JSON, "Content-Encoding": "gzip"}),
    ),
    "redirect": ("a redirect to another host", lambda: reply(302, headers={"Location": ELSEWHERE})),
    "busy": ("status 503 from a gateway", lambda: reply(503, text="<html>busy</html>")),
}
FAULTS: Final[Mapping[str, str]] = {**_BROKEN_OFF, **{name: said for name, (said, _) in _ANSWERED.items()}}
"""What `fault()` can do, each with what the caller meets."""


def fault(name: str) -> Act:
    """What goes wrong instead of an answer: one of `FAULTS`.

    Raises:
        ValueError: there is no such fault.
    """
    if name in _BROKEN_OFF:
        return Act(fault=name)
    if name in _ANSWERED:
        return _ANSWERED[name][1]()
    raise ValueError(f"expected one of {', '.join(map(repr, FAULTS))}, got {name!r}")
