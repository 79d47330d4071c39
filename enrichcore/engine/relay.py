"""Relay: a vendor's word about a job, passed on through the store to whichever process has submitted it.

Of several processes behind one address any may be called. What is stored is a keyed hash, for an hour at most.
"""

from typing import Final

import attrs

from enrichcore.engine.jobs import Jobs
from enrichcore.runtime import Runtime
from enrichcore.store import Store, StoredState

TOLD: Final = "told"
"""Stands among the states of providers that outlive a process."""
_KEPT: Final = 3600.0
"""Seconds after which nobody will come for it: the next caller polls an old job at once."""
_FOR_OTHERS: Final = 5.0
"""Seconds that it stays when one has heard it: the next caller may have come to another."""
_TIDY: Final = 600.0


@attrs.define(eq=False)
class Relay:
    """Passes on, and looks for what others have passed on."""

    _runtime: Runtime
    _store: Store
    _jobs: Jobs
    _tidied: float = float("-inf")
    _heard: dict[bytes, float] = attrs.field(factory=dict)

    def hear(self, provider: str, job: str) -> None:
        """A vendor says that a job has ended."""
        mark = self._jobs.hear(provider, job)
        if mark is not None and self._store.durable:
            now = self._runtime.wall()
            self._store.save_state(
                StoredState(provider=provider, credential=mark, state=TOLD, since=now, until=now + _KEPT, reason=None)
            )

    async def look(self) -> None:
        """Hear what vendors have said to other processes of jobs of this one.

        Raises:
            StoreError: the store cannot be read.
        """
        now = self._runtime.wall()
        tidy = abs(now - self._tidied) >= _TIDY
        if not self._store.durable or not (self._jobs.expected or self._heard or tidy):
            return
        if tidy:
            self._tidied = now
        told = [state for state in await self._store.load_states() if state.state == TOLD]
        for state in told:
            heard = self._heard.get(state.credential)
            if heard is None and self._jobs.told(state.credential):
                self._heard[state.credential] = now
            elif abs(now - state.since) > _KEPT or (heard is not None and abs(now - heard) > _FOR_OTHERS):
                self._store.save_state(attrs.evolve(state, state="closed"))
        if len(self._heard) > len(told):
            marks = {state.credential for state in told}
            self._heard = {mark: heard for mark, heard in self._heard.items() if mark in marks}
