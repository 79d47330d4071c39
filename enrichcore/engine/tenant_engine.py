"""TenantEngine: an engine as one of its tenants sees it."""

from collections.abc import Awaitable, Callable

from enrichcore.engine.enricher import Enricher
from enrichcore.engine.tenant import Tenant
from enrichcore.errors import ConfigError
from enrichcore.model import Acceptance

MAX_NAME = 200
"""Characters of a tenant's name."""


def checked_name(name: str) -> str:
    """The name of a tenant as it was given.

    Raises:
        ConfigError: it is not text of 1 to 200 printable characters without spaces around.
    """
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name != name.strip():
        raise ConfigError(f"a tenant's name is text of 1 to {MAX_NAME} printable characters, got {name!r:.60}")
    return name


class TenantEngine(Enricher):
    """What `AsyncEngine.for_tenant` gives. It lives as long as its engine and needs no closing."""

    def __init__(
        self,
        name: str,
        acceptance: Acceptance,
        deadline: float | None,
        run_id: str,
        opened: Callable[[], Awaitable[Tenant]],
    ) -> None:
        self.name = name
        self.acceptance = acceptance
        self.deadline = deadline
        self.run_id = run_id
        self._opened = opened

    async def resume(self, provider: str) -> None:
        """Say that a provider which was parked or suspended for this tenant's account works again.

        Where the tenant uses the engine's key, it is the engine's account, for all who use it.

        Raises:
            ConfigError: no such provider takes part.
        """
        tenant = await self._ready()
        tenant.resume(provider)

    async def _ready(self) -> Tenant:
        self._tenant = await self._opened()
        return self._tenant
