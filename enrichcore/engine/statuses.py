"""What an HTTP status means: the provider's own table first, the general one second.

| status | meaning |
|---|---|
| 2xx | an answer |
| 3xx | `Unreadable`: redirects are not followed |
| 401, 403 | `KeyRefused` |
| 402 | `OutOfCredits` |
| 429 | `RateLimited`, with what Retry-After says |
| 408, 425, 5xx | `ServerError` |
| other 4xx | `RequestRefused` |
"""

from collections.abc import Callable, Collection, Mapping

import httpx

from enrichcore.engine.retry_after import parse_retry_after
from enrichcore.errors import (
    KeyRefused,
    OutOfCredits,
    ProviderError,
    RateLimited,
    RequestRefused,
    ServerError,
    Unreadable,
)
from enrichcore.plugins.provider import Missed, StatusError


class Statuses:
    """The meaning of statuses for one provider."""

    def __init__(self, misses: Collection[int], table: Mapping[int, StatusError], wall: Callable[[], float]) -> None:
        self._misses = frozenset(misses)
        self._table = dict(table)
        self._special = self._misses | self._table.keys()
        self._wall = wall

    def judge(self, response: httpx.Response) -> None:
        """Raise what the status of `response` means; return when it is an answer.

        Raises:
            Missed: the provider calls this status a miss.
            ProviderError: it is an error.
        """
        status = response.status_code
        if status not in self._special:
            if response.is_success:
                return
            error: ProviderError | None = general_error(status)
        elif status in self._misses:
            raise Missed
        else:
            error = self._own(self._table[status], response)
        if error is None:
            return
        if isinstance(error, RateLimited) and error.retry_after is None:
            error.retry_after = parse_retry_after(
                response.headers.get_list("retry-after"), date=response.headers.get("date"), wall=self._wall()
            )
        raise error

    @staticmethod
    def _own(entry: StatusError, response: httpx.Response) -> ProviderError | None:
        """The error that the provider's table says; None for an answer. Its function may raise instead of return."""
        status = response.status_code
        if isinstance(entry, type):
            made: ProviderError = entry(describe(status), status=status)
            return made
        try:
            error = entry(response)
        except ProviderError as raised:
            error = raised
        if error is not None and error.status is None:
            error.status = status
        return error


def general_error(status: int) -> ProviderError:
    """What a status that is no answer means when the provider does not say otherwise."""
    text = describe(status)
    match status:
        case 401 | 403:
            return KeyRefused(text, status=status)
        case 402:
            return OutOfCredits(text, status=status)
        case 429:
            return RateLimited(text, status=status)
        case 408 | 425:
            return ServerError(text, status=status)
    if status >= 500:  # noqa: PLR2004 - the vendor's failures
        return ServerError(text, status=status)
    if status >= 400:  # noqa: PLR2004 - ours
        return RequestRefused(text, status=status)
    return Unreadable(f"{text}; a redirect is not followed", status=status)


def describe(status: int) -> str:
    """A message that holds nothing but the status."""
    return f"the vendor answered with status {status}"
