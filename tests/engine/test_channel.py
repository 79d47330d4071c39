"""What the engine holds of a provider, and what a provider without a base URL gets instead of a client."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from enrichcore.engine.cache import DAY
from enrichcore.engine.channel import NO_HTTP, Channel, moment
from enrichcore.engine.transport import Wire
from enrichcore.errors import PluginFault
from enrichcore.testing import FakeProvider


@pytest.mark.parametrize(
    ("retention", "hits", "misses"),
    [(None, 90, 14), (365, 90, 14), (30, 30, 14), (7, 7, 7), (0, 0, 0)],
)
def test_lifetimes_are_90_and_14_days_capped_by_what_the_terms_allow(
    retention: int | None, hits: int, misses: int
) -> None:
    provider = FakeProvider({}, retention=retention)
    assert Channel.lifetimes(provider) == (hits * DAY, misses * DAY)


@pytest.mark.parametrize("verb", ["get", "post", "request"])
def test_a_provider_without_a_base_url_cannot_make_requests(verb: str) -> None:
    arguments: Any = ("PUT", "/phone") if verb == "request" else ("/phone",)
    with pytest.raises(PluginFault, match=r"no base_url, so it cannot .* /phone"):
        asyncio.run(getattr(NO_HTTP, verb)(*arguments))


def test_what_a_sdk_of_its_own_has_sent_nobody_knows() -> None:
    """So a timeout of such a call counts as maybe sent, never as unsent."""
    assert (NO_HTTP.wire, NO_HTTP.requests) == (Wire.MAYBE_SENT, 0)


def test_moments_are_in_utc() -> None:
    assert moment(1_790_000_000.0) == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
