"""Life: whether an engine still works, as all its parts see it."""

import attrs

from enrichcore.errors import StoreError


@attrs.define(eq=False)
class Life:
    """Set once and for all tenants: an engine that closes, or whose journal failed, starts nothing more."""

    closing: bool = False
    failure: StoreError | None = None
    """Why nothing may be bought any more, once the journal has failed."""

    def ended(self) -> bool:
        """Whether nothing may be started any more."""
        return self.closing or self.failure is not None
