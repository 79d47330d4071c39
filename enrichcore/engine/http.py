"""The client that a lookup hook receives: base URL, key, limits and the meaning of statuses are set.

`ProviderHttp` is built once per provider and credential and holds what all requests share; `AttemptHttp` is the client
of one attempt and knows how far its requests came. No message of an error raised here holds a URL, a key or a body.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from enrichcore.engine.reply import Ask, Reply
from enrichcore.engine.statuses import Statuses
from enrichcore.engine.transport import Transport, Watch, Wire
from enrichcore.errors import ConfigError, PluginFault, Unsent
from enrichcore.plugins.provider import Provider

CONNECT_TIMEOUT = 5.0
"""Seconds for name resolution, connection and TLS handshake together."""
MAX_BODY = 2 * 1024 * 1024
"""Bytes of one answer, before and after decoding."""
MOST_BODIES = 4
"""As many times that may be what answers for many at once."""
_KEY = re.compile(r"[\x21-\x7e]+", re.ASCII)
_FIELD_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e]*", re.ASCII)
_METHOD = re.compile(r"[A-Z]{1,20}", re.ASCII)
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._~!$&'()*+,;=:@%?-]*", re.ASCII)
_DOTS = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|\?|$)", re.IGNORECASE)
_OURS = frozenset({"host", "content-length", "transfer-encoding", "accept-encoding", "connection"})
"""Header fields that a hook may not set: they are the transport's business."""
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})


class ProviderHttp:
    """What all requests of one provider share.

    Raises:
        ConfigError: the key or the base URL cannot be used.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        transport: Transport,
        base_url: str | None,
        key: str | None,
        user_agent: str,
        offline: bool,
        wall: Callable[[], float],
        connect_timeout: float = CONNECT_TIMEOUT,
        max_body: int = MAX_BODY,
    ) -> None:
        self.name = provider.name
        self.transport = transport
        self.connect_timeout, self.max_body = connect_timeout, max_body
        self.statuses = Statuses(provider.miss_statuses, provider.status_errors, wall)
        fields = {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "identity"}
        self.key_query = ""
        if key is not None and provider.auth is not None:
            if not _KEY.fullmatch(key):
                raise ConfigError(
                    f"provider {self.name!r}: the key must be printable ASCII without spaces or line breaks; "
                    f"look for what was copied along with it{f' in {provider.key_env}' if provider.key_env else ''}"
                )
            fields |= provider.auth.headers(key)
            self.key_query = encode_params(provider.auth.params(key))
        self.base = self.origin = ""
        self.offline = False
        base_url = base_url if base_url is not None else provider.base_url
        if base_url is not None:
            url = _base(base_url, self.name)
            self.origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
            self.base = self.origin + url.raw_path.decode("ascii").rstrip("/")
            self.offline = offline and not _loopback(url.host)
            fields = {"Host": url.netloc.decode("ascii"), **fields}
        self.fields = list(fields.items())

    def attempt(self, answers: int = 1) -> "AttemptHttp":
        """The client for one attempt, or for a request that brings so many answers at once."""
        return AttemptHttp(self, self.max_body * min(answers, MOST_BODIES))

    def ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        json: Any,
        content: bytes | None,
    ) -> Ask:
        """The request to send.

        Raises:
            PluginFault: the provider's code asks for something that cannot be sent.
        """
        if not _METHOD.fullmatch(method):
            raise PluginFault(f"expected an HTTP method such as 'GET', got {method!r}")
        address = self._address(path)
        query = encode_params(params) if params else ""
        if self.key_query:
            query = f"{query}&{self.key_query}" if query else self.key_query
        if query:
            address = f"{address}{'&' if '?' in address else '?'}{query}"
        fields = self.fields
        if headers:
            fields = _merge(fields, headers)
        body = content or b""
        if json is not None:
            if content is not None:
                raise PluginFault("expected json or content, got both")
            body = msgspec.json.encode(json)
            fields = [*fields, ("Content-Type", "application/json")]
        if body or method in _WITH_LENGTH:
            fields = [*fields, ("Content-Length", str(len(body)))]
        return Ask(method, address, fields, body)

    def _address(self, path: str) -> str:
        """The URL of `path` below the base URL; it can never lead to another host."""
        if not self.base:
            raise PluginFault(f"provider {self.name!r} has no base_url, so it cannot make requests")
        if "://" in path.partition("?")[0] or path.startswith("//"):
            rest = path.removeprefix(self.origin)
            if rest is path or not (rest == "" or rest[0] in "/?"):
                raise PluginFault("expected a path below the base URL, got a URL of another host")
            start = self.origin
        else:
            start, rest = self.base, path if path[:1] in ("", "/", "?") else f"/{path}"
        if not _PLAIN_PATH.fullmatch(rest):
            rest = quote(rest, safe="/._~!$&'()*+,;=:@%?-")
        if ("." in rest or "%2" in rest) and _DOTS.search(rest.partition("?")[0]):
            raise PluginFault("expected a path without '.' and '..' segments: quote what is put into it")
        return start + rest


class AttemptHttp:
    """Implements `plugins.Http` for one attempt. It may be used by several tasks of one hook at once."""

    __slots__ = ("_home", "_max_body", "_watches", "last_status")

    def __init__(self, home: ProviderHttp, max_body: int) -> None:
        self._home = home
        self._max_body = max_body
        self._watches: list[Watch] = []
        self.last_status: int | None = None

    @property
    def requests(self) -> int:
        """How many requests were handed to the transport."""
        return len(self._watches)

    @property
    def wire(self) -> Wire:
        """The verdict on the whole attempt, true at any moment.

        Unsent: no request left. Answered: the last one was answered and none before it is in doubt. Otherwise maybe
        sent, which includes a last request that did not leave after an earlier one was answered.
        """
        verdict = Wire.UNSENT
        for watch in self._watches:
            if watch.wire is Wire.MAYBE_SENT:
                return Wire.MAYBE_SENT
            if watch.wire is Wire.ANSWERED:
                verdict = Wire.ANSWERED
        return Wire.MAYBE_SENT if verdict is Wire.ANSWERED and self._watches[-1].wire is Wire.UNSENT else verdict

    async def get(
        self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """See `plugins.Http.get`."""
        return await self.request("GET", path, params=params, headers=headers)

    async def post(
        self,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """See `plugins.Http.post`."""
        return await self.request("POST", path, params=params, headers=headers, json=json, content=content)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """See `plugins.Http.request`.

        Raises:
            Missed: the provider calls the status a miss.
            ProviderError: no answer came, or it is an error.
        """
        home = self._home
        ask = home.ask(method, path, params, headers, json, content)
        if home.offline:
            raise Unsent("ENRICHCORE_OFFLINE forbids calls that leave this machine")
        watch = Watch()
        self._watches.append(watch)
        answer = await home.transport.send(ask, watch, connect_timeout=home.connect_timeout, max_body=self._max_body)
        reply = Reply.of(answer, ask)
        self.last_status = reply.status_code
        home.statuses.judge(reply)
        return reply

    def __repr__(self) -> str:
        return f"<AttemptHttp {self._home.name}: {self.requests} requests, {self.wire}>"


def encode_params(params: Mapping[str, Any]) -> str:
    """`params` as a query string: true and false for booleans, a list as repeated names, None left out."""
    parts: list[str] = []
    for name, value in params.items():
        if value is None:
            continue
        several: Iterable[Any] = value if isinstance(value, list | tuple) else (value,)
        for one in several:
            text = ("true" if one else "false") if isinstance(one, bool) else str(one)
            parts.append(f"{quote(name, safe='')}={quote(text, safe='')}")
    return "&".join(parts)


def _merge(fields: list[tuple[str, str]], headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """`fields` with those of `headers` put in their place.

    Raises:
        PluginFault: a field that a request may not carry; its value is not shown.
    """
    named = {name.lower() for name in headers}
    if named & _OURS:
        raise PluginFault(f"header fields that a provider may not set: {', '.join(sorted(named & _OURS))}")
    for name, value in headers.items():
        if not _FIELD_NAME.fullmatch(name) or not _FIELD_VALUE.fullmatch(value):
            raise PluginFault("expected header fields of printable ASCII, got something else in one of them")
    return [pair for pair in fields if pair[0].lower() not in named] + list(headers.items())


def _base(base_url: str, name: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, UnicodeError, TypeError):
        url = httpx.URL("")
    port = url.port is None or 0 < url.port < 1 << 16
    if url.scheme not in ("http", "https") or not url.host or not port or url.userinfo or url.query or url.fragment:
        raise ConfigError(
            f"provider {name!r}: base_url must be an http or https URL with a host and without user, query and "
            "fragment, such as 'https://api.acme.example/v1'"
        )
    return url


def _loopback(host: str) -> bool:
    """Whether `host` is this machine by name or address, without asking a resolver."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
