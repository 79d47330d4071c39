"""Provider: the form a vendor fills in to become part of the cascade.

Class facts say what it costs, how fast it may be asked and what it needs; the lookup hooks it implements say which
methods it has. A provider does not retry, sleep, cache, log, parse phones or read keys.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, Protocol

import attrs
import httpx

from enrichcore.errors import ProviderError
from enrichcore.model import Answer, Credits, Job, Price, Query
from enrichcore.plugins.auth import Auth

StatusError = type[ProviderError] | Callable[[httpx.Response], ProviderError | None]
"""What an HTTP status means: an error class, or a function that looks at the response (None: it is an answer)."""


class Http(Protocol):
    """The client a lookup hook receives: base URL, key, timeout and size cap are set; redirects are not followed.

    A response comes back only for an answer; every other status raises the typed error for it, by the provider's
    `status_errors` and `miss_statuses` first and the general table second.
    """

    async def get(
        self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """GET `path`, relative to the base URL."""
        ...

    async def post(
        self,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """POST `json` (or raw `content`) to `path`, relative to the base URL."""
        ...

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
        """Any other HTTP method."""
        ...


class Missed(Exception):
    """Raised by `Http` for a status in `miss_statuses`; the engine reads it as `Miss()`. Let it pass."""


@attrs.frozen(kw_only=True)
class Poll:
    """How a vendor's job is asked for: first after `first` s, then each time `factor` later, at most every `every` s.

    After `give_up` seconds the job counts as lost.
    """

    first: float = 2.0
    factor: float = 1.5
    every: float = 15.0
    give_up: float = 3600.0


class Provider:
    """The base class of every provider. Override the facts, implement one to three lookup hooks."""

    name: ClassVar[str] = ""
    """Lower-case letters, digits and underscores; equal to the entry point's name."""
    base_url: str | None = None
    """Where relative paths go. None: the provider makes no HTTP call."""
    key_env: ClassVar[str | None] = None
    """The environment variable that holds the key by default. None: the provider needs no key."""
    auth: ClassVar[Auth | None] = None
    docs: ClassVar[str | None] = None
    terms: ClassVar[str | None] = None
    price: Price = Price.free()
    rate: Sequence[str] = ()
    requires: ClassVar[Mapping[str, Collection[str]]] = {}
    """Query fields that a method needs beyond its key, such as `{"name": {"domain"}}`."""
    timeout: ClassVar[float] = 20.0
    """Seconds one lookup may take, all its requests together."""
    typical: ClassVar[float] = 2.0
    """Seconds a lookup usually takes (a job: to submit it); no paid call starts with less time left."""
    retention: ClassVar[int | None] = None
    """Days that the vendor's terms allow an answer to be kept. None: they set no limit."""
    countries: ClassVar[Collection[str] | None] = None
    """ISO regions it covers. None: no limit is known."""
    status_errors: ClassVar[Mapping[int, StatusError]] = {}
    miss_statuses: ClassVar[Collection[int]] = ()
    answer_version: str = "1"
    """Part of every cache key: change it when the same question would now be answered differently."""
    first_party: ClassVar[bool] = False
    """The caller's own directory: asked first, once it is configured."""
    when_named: ClassVar[bool] = False
    """Takes part only when the configuration names it."""
    experimental: ClassVar[bool] = False
    """The vendor's documentation is thin: answers are read leniently and facts may be wrong."""
    poll: ClassVar[Poll] = Poll()
    Settings: ClassVar[type | None] = None
    """An attrs class with the provider's own keys of `[providers.<name>]`; validated at start-up."""
    settings: Any = None
    """The validated instance of `Settings`."""

    def __repr__(self) -> str:
        """The name: the rest may hold a key."""
        return f"<provider {self.name}>"

    async def setup(self) -> None:
        """Called once when the engine opens: the place to index a file. Whatever it raises disables the provider."""

    async def aclose(self) -> None:
        """Called once when the engine closes."""

    async def collect(self, job: Job, query: Query, http: Http) -> Answer | Job:  # noqa: ARG002 - the signature to override
        """Ask for the answer of a job that a lookup hook submitted; return the job again while it is running."""
        raise TypeError(f"provider {self.name!r} returned a Job but does not implement collect()")

    async def balance(self, http: Http) -> Credits | None:  # noqa: ARG002 - the signature to override
        """What is left on the account, asked for free; None when the vendor has no free way to say."""
        return None
