"""Channel: what the engine holds of one provider at run time: health, rate limits, retry budget, HTTP client."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx

from enrichcore.engine.breaker import Health
from enrichcore.engine.cache import DAY
from enrichcore.engine.http import ProviderHttp
from enrichcore.engine.leases import Leases
from enrichcore.engine.limits import Limiter
from enrichcore.engine.plan import Member
from enrichcore.engine.retry import RetryBudget
from enrichcore.engine.transport import Wire
from enrichcore.errors import PluginFault
from enrichcore.plugins import Provider

HIT_LIFETIME, MISS_LIFETIME = 90 * DAY, 14 * DAY


class NoHttp:
    """What a provider without a base URL gets: nothing to call, and no verdict on what its own SDK sent."""

    wire = Wire.MAYBE_SENT
    requests = 0
    last_status = None

    async def get(
        self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Refuse."""
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
        """Refuse."""
        return await self.request("POST", path, params=params, headers=headers, json=json, content=content)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,  # noqa: ARG002 - the protocol's signature
        headers: Mapping[str, str] | None = None,  # noqa: ARG002
        json: Any = None,  # noqa: ARG002
        content: bytes | None = None,  # noqa: ARG002
    ) -> httpx.Response:
        """Refuse."""
        raise PluginFault(f"this provider has no base_url, so it cannot {method} {path}")


NO_HTTP = NoHttp()


@attrs.define(eq=False)
class Channel:
    """One provider at run time."""

    member: Member
    provider: Provider
    health: Health
    limiter: Limiter
    leases: Leases | None
    http: ProviderHttp | None
    credential: bytes
    retries: RetryBudget = attrs.field(factory=RetryBudget)
    hit_lifetime: float = HIT_LIFETIME
    miss_lifetime: float = MISS_LIFETIME

    @classmethod
    def lifetimes(cls, provider: Provider) -> tuple[float, float]:
        """How long hits and misses are kept, in seconds, capped by what the vendor's terms allow."""
        cap = float("inf") if provider.retention is None else provider.retention * DAY
        return min(HIT_LIFETIME, cap), min(MISS_LIFETIME, cap)


def moment(wall: float) -> datetime:
    """Wall seconds as an aware datetime in UTC."""
    return datetime.fromtimestamp(wall, UTC)
