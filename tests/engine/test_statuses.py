"""What an HTTP status means: the provider's own table first, the general one second."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from enrichcore import errors
from enrichcore.engine.statuses import Statuses, general_error
from enrichcore.plugins import Missed

GENERAL: dict[int, type[errors.ProviderError] | None] = {
    200: None, 201: None, 202: None, 204: None, 206: None,
    301: errors.Unreadable, 302: errors.Unreadable, 304: errors.Unreadable, 307: errors.Unreadable,
    400: errors.RequestRefused, 404: errors.RequestRefused, 405: errors.RequestRefused, 409: errors.RequestRefused,
    410: errors.RequestRefused, 413: errors.RequestRefused, 422: errors.RequestRefused, 451: errors.RequestRefused,
    401: errors.KeyRefused, 403: errors.KeyRefused,
    402: errors.OutOfCredits,
    429: errors.RateLimited,
    408: errors.ServerError, 425: errors.ServerError,
    500: errors.ServerError, 502: errors.ServerError, 503: errors.ServerError, 504: errors.ServerError,
    529: errors.ServerError,
}  # fmt: skip


def meaning(
    status: int, *, table: Mapping[int, Any] | None = None, misses: tuple[int, ...] = (), headers: Any = None
) -> Exception | None:
    try:
        Statuses(misses, table or {}, lambda: 0.0).judge(httpx.Response(status, headers=headers, json={"left": 0}))
    except (errors.ProviderError, Missed) as error:
        return error
    return None


@pytest.mark.parametrize("status", GENERAL)
def test_the_general_table(status: int) -> None:
    error = meaning(status)
    assert (type(error) if error is not None else None) is GENERAL[status]
    assert error is None or error.status == status  # type: ignore[attr-defined]


def test_a_404_is_a_miss_only_where_the_provider_says_so() -> None:
    assert isinstance(meaning(404), errors.RequestRefused)
    assert isinstance(meaning(404, misses=(404,)), Missed)


def out_of_credits_or_answer(response: httpx.Response) -> errors.ProviderError | None:
    return errors.OutOfCredits() if response.json()["left"] == 0 else None


def raises(response: httpx.Response) -> errors.ProviderError | None:
    raise errors.KeyRefused("revoked")


@pytest.mark.parametrize(
    ("status", "entry", "expected"),
    [
        (400, errors.OutOfCredits, errors.OutOfCredits),
        (200, out_of_credits_or_answer, errors.OutOfCredits),
        (403, errors.RateLimited, errors.RateLimited),
        (400, raises, errors.KeyRefused),
        (500, lambda _: None, None),
    ],
)
def test_the_providers_own_table_comes_first(
    status: int,
    entry: type[errors.ProviderError] | Callable[[httpx.Response], errors.ProviderError | None],
    expected: type[errors.ProviderError] | None,
) -> None:
    error = meaning(status, table={status: entry})
    assert (type(error) if error is not None else None) is expected
    assert error is None or error.status == status  # type: ignore[attr-defined]


def test_a_miss_wins_over_the_table() -> None:
    assert isinstance(meaning(404, table={404: errors.KeyRefused}, misses=(404,)), Missed)


@pytest.mark.parametrize(
    ("status", "table"), [(429, {}), (403, {403: errors.RateLimited}), (503, {503: lambda _: errors.RateLimited()})]
)
def test_retry_after_is_read_wherever_the_answer_means_slow_down(status: int, table: Mapping[int, Any]) -> None:
    error = meaning(status, table=table, headers={"Retry-After": "17"})
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after == 17


def test_what_the_provider_read_from_the_body_wins_over_the_header() -> None:
    error = meaning(429, table={429: lambda _: errors.RateLimited(retry_after=3)}, headers={"Retry-After": "17"})
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after == 3


@pytest.mark.parametrize("status", [status for status, kind in GENERAL.items() if kind is not None])
def test_the_message_holds_the_status_and_nothing_of_the_answer(status: int) -> None:
    text = str(general_error(status))
    assert str(status) in text
    assert "left" not in str(meaning(status))
