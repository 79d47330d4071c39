"""Provider: the form a vendor fills in to become part of the cascade.

Class facts say what it costs, how fast it may be asked and what it needs; the lookup hooks it implements say which
methods it has. A provider does not retry, sleep, cache, log, parse phones or read keys.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol

import attrs
import httpx

from enrichcore.errors import ProviderError
from enrichcore.model import Answer, Credits, Job, Price, Query
from enrichcore.plugins.auth import Auth
from enrichcore.plugins.webhook import Webhook

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


@attrs.frozen(kw_only=True)
class Batch:
    """How many queries of one method the vendor takes in one request: up to `size`.

    In a bulk run the first query waits up to `wait` seconds for others. `counts` says what the vendor's rate limits
    count: requests, or each record in them. `methods`: those that it is for; None for all.
    """

    size: int
    wait: float = 0.05
    counts: Literal["requests", "records"] = "requests"
    methods: Collection[str] | None = None


class Provider:
    """The base class of every provider. Override the facts, implement one to three lookup hooks."""

    name: ClassVar[str] = ""
    """Lower-case letters, digits and underscores; equal to the entry point's name."""
    base_url: str | None = None
    """Where relative paths go. None: it makes no HTTP call or, with an `auth`, the configuration says where."""
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
    batch: ClassVar[Batch | None] = None
    """How many queries go into one request in a bulk run. None: the vendor takes one at a time."""
    webhook: ClassVar[Webhook | None] = None
    """The vendor can call an address when a job has ended, and is told which. None: it is only polled."""
    webhook_url: str | None = None
    """That address, set before `setup`: to be sent along with a submission. None: nobody would hear."""
    webhook_secret: str | None = None
    """What the vendor signs its events with, where that is not the key."""
    Settings: ClassVar[type | None] = None
    """An attrs class with the provider's own keys of `[providers.<name>]`; validated at start-up."""
    settings: Any = None
    """The validated instance of `Settings`."""

    @property
    def reaches_out(self) -> bool:
        """Whether it leaves this machine by another way than `http`, which offline forbids: `reaches_out = True`."""
        return False

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

    async def ask_batch(self, queries: Sequence[Query], http: Http) -> Sequence[Answer | Job | ProviderError]:  # noqa: ARG002 - the signature to override
        """Look several people up with one request: as many answers as queries, in their order.

        The queries are of one method. What one record alone met with is an error among the answers; what is raised
        happened to all of them. A vendor that answers later gives every record the same `Job` with a `row` of its own.
        """
        raise TypeError(f"provider {self.name!r} declares a batch but does not implement ask_batch()")

    async def collect_batch(
        self,
        jobs: Sequence[Job],  # noqa: ARG002 - the signature to override
        queries: Sequence[Query],  # noqa: ARG002
        http: Http,  # noqa: ARG002
    ) -> Sequence[Answer | Job | ProviderError]:
        """Ask once for the answers of one job that `ask_batch` submitted: the jobs differ only in their `row`.

        As many answers as jobs, in their order; a job that is returned is still running.
        """
        raise TypeError(f"provider {self.name!r} returned a Job with a row but does not implement collect_batch()")

    def jobs_of(self, event: Any) -> Iterable[str]:  # noqa: ARG002 - the signature to override
        """The vendor's ids of the jobs that an event is about, a JSON value that the vendor has sent.

        Nothing else of it is used: the engine asks the vendor itself. What is raised says that it cannot be read.
        """
        raise TypeError(f"provider {self.name!r} has a webhook but does not implement jobs_of()")

    def vendor_job(self, job: Job) -> str:
        """What the vendor calls a job, where `Job.id` holds more than that."""
        return job.id

    async def balance(self, http: Http) -> Credits | None:  # noqa: ARG002 - the signature to override
        """What is left on the account, asked for free; None when the vendor has no free way to say."""
        return None
