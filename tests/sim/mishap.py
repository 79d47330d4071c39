"""What befalls a journal: it fails at its n-th operation, or its process dies there."""

from typing import TYPE_CHECKING

import attrs

from enrichcore.errors import StoreError
from tests.sim.history import History

if TYPE_CHECKING:
    from tests.sim.process import Process


@attrs.frozen(kw_only=True)
class Trouble:
    """What happens at the n-th operation: it is to `fail`, or the process dies `before` or `after` it is durable."""

    at: int
    kind: str


@attrs.define(eq=False)
class Mishap:
    """Counts the operations of one process's journal until its trouble comes. `latency`: half of a commit, at most."""

    history: History
    process: "Process"
    trouble: Trouble | None
    latency: float
    failed_at: float | None = None
    count: int = 0

    def next(self) -> str | None:
        """Count one operation; the death that it brings, if any.

        Raises:
            StoreError: this is the operation that fails, or the process is dead already.
        """
        if self.process.dead:
            raise StoreError("this process is dead")
        if not self.process.up:  # who is still opening its journal has nothing to lose
            return None
        self.count += 1
        trouble = self.trouble
        if trouble is None or self.count != trouble.at:
            return None
        if trouble.kind == "fail":
            self.failed_at = self.history.now
            self.history.note(f"{self.process}: the store fails")
            self.process.on_failure()
            raise StoreError("the disk is full")
        return trouble.kind

    async def die(self, where: str) -> None:
        """The end of the process; nothing comes back from here."""
        self.history.note(f"{self.process} dies in {where}")
        self.process.kill()
        await self.history.loop.create_future()

    async def wait(self) -> None:
        """Half of the time that a commit takes."""
        await self.process.runtime.sleep(self.latency * self.process.rng.random())
