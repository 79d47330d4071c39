"""Every error that enrichcore raises, drawn as one tree: whose fault it is and what to do next.

```
EnrichcoreError
├── ConfigError          the configuration asks for something that cannot be
├── InvalidContact       a contact that cannot be one (also a ValueError)
├── PluginError          a plugin that could not be loaded or breaks its contract
├── StoreError           the journal cannot be trusted or written: spending stops
│   └── StoreUnavailable it cannot be reached for now; the same engine goes on once it can
├── RecordChanged        a record_id now stands for somebody else, and the configuration refuses that
├── EngineClosed         the engine was used before it was opened or after it was closed
├── ResultErrors         raised by PhoneResult.raise_for_errors(): the attempts that failed
└── ProviderError        one call to one provider failed; the cascade decides what happens next
    ├── Unsent           nothing left this machine (DNS, refused, TLS, connect timeout)
    ├── MaybeSent        the request may have arrived, the answer did not (read timeout, reset, cut body)
    ├── RateLimited      the vendor asks us to slow down
    ├── OutOfCredits     the account is empty
    ├── KeyRefused       the key is wrong, revoked or not entitled
    ├── ServerError      the vendor failed (5xx)
    ├── RequestRefused   the vendor calls our question wrong (another 4xx)
    ├── Unreadable       an answer came that is not in the documented shape
    ├── JobFailed        the vendor's job ended without an answer
    └── PluginFault      the provider's own code failed
```
Which of them is retried, billed or counted against a provider's health is one table: `engine/retry.py`.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from enrichcore.model import Attempt


class Fault(StrEnum):
    """Whose fault a provider error is."""

    NETWORK = "network"
    VENDOR = "vendor"
    ACCOUNT = "account"
    QUESTION = "question"
    PLUGIN = "plugin"


class EnrichcoreError(Exception):
    """The root of all errors that enrichcore raises on purpose."""


class ConfigError(EnrichcoreError):
    """The configuration asks for something that cannot be; the message names the key and the way out."""


class InvalidContact(EnrichcoreError, ValueError):
    """A contact that cannot be one: a wrong type, NUL, a record_id of 0 or more than 1,024 characters."""

    def __init__(self, field: str, expected: str, got: str) -> None:
        super().__init__(f"{field}: expected {expected}, got {got}")
        self.field = field
        self.expected = expected
        self.got = got


class PluginError(EnrichcoreError):
    """A plugin that could not be loaded or breaks the provider contract; names plugin, distribution and fix."""


class StoreError(EnrichcoreError):
    """The journal cannot be read, written or trusted, so nothing more is bought; names file, cause and way out."""


class StoreUnavailable(StoreError):
    """The journal cannot be reached for now: nobody is asked meanwhile, and the engine goes on once it can be."""


class RecordChanged(EnrichcoreError):
    """A record_id stands for somebody else than before, and `on_changed_record` is "reject"."""


class EngineClosed(EnrichcoreError):
    """The engine was used before it was opened or after it was closed."""


class ResultErrors(EnrichcoreError):
    """The failed attempts of one result, raised only on request."""

    def __init__(self, attempts: "tuple[Attempt, ...]") -> None:
        super().__init__("; ".join(f"{a.provider}/{a.method}: {a.reason}" for a in attempts))
        self.attempts = attempts


class ProviderError(EnrichcoreError):
    """One call to one provider failed. The message may be shown to people and must not hold a person or a key."""

    code: ClassVar[str]
    fault: ClassVar[Fault]

    def __init__(self, message: str = "", *, status: int | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")
        self.status = status


class Unsent(ProviderError):
    """Nothing left this machine."""

    code, fault = "unsent", Fault.NETWORK


class MaybeSent(ProviderError):
    """The request may have arrived, but no whole answer came back."""

    code, fault = "maybe_sent", Fault.NETWORK


class RateLimited(ProviderError):
    """The vendor asks us to slow down; `retry_after` is in seconds, None when the vendor did not say."""

    code, fault = "rate_limited", Fault.VENDOR

    def __init__(self, message: str = "", *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class OutOfCredits(ProviderError):
    """The vendor account has no credits left."""

    code, fault = "out_of_credits", Fault.ACCOUNT


class KeyRefused(ProviderError):
    """The vendor refused the key."""

    code, fault = "key_refused", Fault.ACCOUNT


class ServerError(ProviderError):
    """The vendor's server failed."""

    code, fault = "server_error", Fault.VENDOR


class RequestRefused(ProviderError):
    """The vendor calls our question wrong."""

    code, fault = "request_refused", Fault.QUESTION


class Unreadable(ProviderError):
    """The vendor's answer is not in its documented shape."""

    code, fault = "unreadable", Fault.VENDOR


class JobFailed(ProviderError):
    """The vendor's job ended without an answer; `billed` says what the vendor says it cost, None when unsaid."""

    code, fault = "job_failed", Fault.VENDOR

    def __init__(self, message: str = "", *, status: int | None = None, billed: bool | None = None) -> None:
        super().__init__(message, status=status)
        self.billed = billed


class PluginFault(ProviderError):
    """The provider's own code failed."""

    code, fault = "plugin_fault", Fault.PLUGIN


PROVIDER_ERRORS: tuple[type[ProviderError], ...] = (
    Unsent,
    MaybeSent,
    RateLimited,
    OutOfCredits,
    KeyRefused,
    ServerError,
    RequestRefused,
    Unreadable,
    JobFailed,
    PluginFault,
)
