"""Requests that nobody waits for: how each is named, and what it came to."""

import asyncio
import re
from collections import OrderedDict

import attrs

from enrichcore.engine.serving import Serving
from enrichcore.model import Contact, PhoneResult

_KEPT = 10_000
"""Outcomes that a process remembers; the journal remembers the definite ones of every process."""
_NAME = re.compile(r"([0-9a-f]{12})[0-9a-f]{16}-([ar])([0-9a-f]{32})([0-9a-f]{16})")


@attrs.frozen(eq=False)
class Later:
    """One request that was answered 202. `until` is its deadline on the clock that never jumps."""

    tenant: str
    contact: Contact
    began: float
    until: float
    task: asyncio.Task[PhoneResult | None]


class Laters:
    """What has become of them."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Later] = OrderedDict()

    async def name(self, request_id: str, serving: Serving, contact: Contact, *, refresh: bool) -> str:
        """A request id by which another process finds the outcome, too: it names record and person by keyed hashes."""
        record, identity = await serving.key(contact)
        return f"{request_id}-{'r' if refresh else 'a'}{record.hex()}{identity.hex()}"

    def add(self, name: str, later: Later) -> None:
        """Remember one; the oldest that is over is forgotten beyond the limit."""
        self._known[name] = later
        if len(self._known) > _KEPT:
            over = next((known for known, old in self._known.items() if old.task.done()), None)
            if over is not None:
                del self._known[over]

    def get(self, name: str, tenant: str) -> Later | None:
        """One of this process and this tenant."""
        later = self._known.get(name)
        return later if later is not None and later.tenant == tenant else None

    async def elsewhere(self, name: str, serving: Serving) -> tuple[PhoneResult | None, float] | None:
        """What another process has written down of a request, and when that began; None for what is no name."""
        parts = _NAME.fullmatch(name)
        if parts is None:
            return None
        began = int(parts[1], 16) / 1000
        stored = await serving.last(bytes.fromhex(parts[3]), bytes.fromhex(parts[4]))
        if stored is None or (parts[2] == "r" and stored[1] < began):
            return None, began
        return stored[0], began
