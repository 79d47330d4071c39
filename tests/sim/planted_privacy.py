"""Bugs on purpose in suppression, erasure and shared rates."""

from collections.abc import Iterator
from typing import Any

import attrs

from enrichcore.engine import admission, leases, listing, runner, tenant
from enrichcore.store import Suppressed, judge, memory, memory_privacy
from enrichcore.store.protocol import Claim
from tests.sim.planting import planted, swap


@planted
def suppression_is_checked_only_at_the_start() -> Iterator[None]:
    """Who is suppressed while a lookup is under way is still paid for: the store does not look."""
    claim = memory.MemoryStore.claim

    async def blind(self: memory.MemoryStore, wanted: Claim) -> Any:
        return await claim(self, attrs.evolve(wanted, suppression=()))

    with swap(memory.MemoryStore, "claim", blind):
        yield


@planted
def suppression_stays_in_its_process() -> Iterator[None]:
    """Other processes never hear of a suppression, and find whoever it is in what is stored."""
    reload = tenant.Tenant.reload

    async def deaf(self: tenant.Tenant) -> None:
        if not self.listing.is_known:
            await reload(self)

    with swap(tenant.Tenant, "reload", deaf):
        yield


@planted
def suppressed_numbers_are_given() -> Iterator[None]:
    """A number on the list is given for whoever it is said to be."""
    with (
        swap(listing.Listing, "has_phone", lambda _self, _phone: False),
        swap(listing.Listing, "has_answer", lambda _self, _answer, _verdict: False),
    ):
        yield


@planted
def suppression_of_another_tenant_counts() -> Iterator[None]:
    """The store answers that somebody is suppressed when anybody is."""
    claim = memory.MemoryStore.claim

    async def wide(self: memory.MemoryStore, wanted: Claim) -> Any:
        return Suppressed() if wanted.suppression and self.tables.suppressed else await claim(self, wanted)

    with swap(memory.MemoryStore, "claim", wide):
        yield


@planted
def memory_is_not_cleared() -> Iterator[None]:
    """A process goes on giving the answers that it has in memory when somebody is forgotten."""
    with swap(runner.Runner, "outdate", lambda _self: None):
        yield


@planted
def forget_misses_open_intents() -> Iterator[None]:
    """What is being asked when somebody is forgotten stays under its key, and its answer comes back."""
    forget = memory_privacy.MemoryErasure.forget

    def blind(self: memory_privacy.MemoryErasure, *parts: Any) -> Any:
        intents, self._tables.open = self._tables.open, {}
        try:
            return forget(self, *parts)
        finally:
            self._tables.open = intents

    with swap(memory_privacy.MemoryErasure, "forget", blind):
        yield


@planted
def forget_misses_answers_of_others() -> Iterator[None]:
    """A record that was answered from what was bought for another is not reached."""
    with swap(memory_privacy, "parts_of", lambda _fingerprint: iter(())):
        yield


@planted
def forgotten_comes_back_with_its_outcome() -> Iterator[None]:
    """The outcome of a call writes down again whom it was about."""

    def charged(self: memory.MemoryStore, row: Any, before: Any) -> Any:
        done = settle(self, row, before)
        return attrs.evolve(done, key=row.key, record=row.record, payload=row.payload)

    settle = memory.MemoryStore._charged
    with swap(memory.MemoryStore, "_charged", charged):
        yield


@planted
def forget_takes_the_amounts_along() -> Iterator[None]:
    """With the person goes what was spent."""
    erased = judge.erased
    with swap(memory_privacy, "erased", lambda row: attrs.evolve(erased(row), charged=0)):
        yield


@planted
def results_from_before_come_back() -> Iterator[None]:
    """A lookup that was under way when somebody was forgotten stores its result as if nothing had been."""
    with swap(memory.MemoryStore, "_erased", lambda _self, _tenant, _names, _started_at: False):
        yield


@planted
def a_block_is_leased_twice() -> Iterator[None]:
    """Two processes get the same calls of a window."""
    lease_rate = memory.MemoryStore.lease_rate

    async def generous(self: memory.MemoryStore, *parts: Any) -> Any:
        before = dict(self.tables.rates)
        answer = await lease_rate(self, *parts)
        began, used = self.tables.rates[parts[0], parts[1], parts[3]]
        old = before.get((parts[0], parts[1], parts[3]))
        if old is not None and old[0] == began:
            self.tables.rates[parts[0], parts[1], parts[3]] = began, max(old[1], used - 1)
        return answer

    with swap(memory.MemoryStore, "lease_rate", generous):
        yield


@planted
def rates_are_not_shared() -> Iterator[None]:
    """Every process starts as many calls as if it were the only one."""

    async def alone(_self: leases.Leases, _wall: float) -> float:
        return 0.0

    with swap(leases.Leases, "take", alone):
        yield


@planted
def clocks_that_differ_begin_new_windows() -> Iterator[None]:
    """A process whose clock is behind takes the window of another for one of the future, and begins its own."""

    async def lease_rate(
        self: memory.MemoryStore, provider: str, credential: bytes, calls: int, seconds: float, want: int, now: float
    ) -> tuple[int, float]:
        began, used = self.tables.rates.get((provider, credential, seconds), (now, 0))
        if not began <= now < began + seconds:
            began, used = now, 0
        granted = min(want, calls - used)
        self.tables.rates[provider, credential, seconds] = began, used + granted
        return granted, began + seconds - now

    with swap(memory.MemoryStore, "lease_rate", lease_rate):
        yield


@planted
def calls_start_after_the_lease_whoever_waits() -> Iterator[None]:
    """While the store was asked for a lease the last caller may have left: nobody looks."""
    lease = admission.Admission.lease

    async def blind(self: admission.Admission, run: Any, channel: Any, latest: float | None) -> Any:
        stop = run.stop
        reason = await lease(self, run, channel, latest)
        return reason if stop or not run.stop else None

    with swap(admission.Admission, "lease", blind):
        yield


@planted
def taken_off_stays_listed() -> Iterator[None]:
    """Who is taken off the list stays on it in the memory of every process."""
    load = listing.Listing.load

    def hoard(self: Any, entries: Any) -> None:
        entries = list(entries)
        kept = vars(listing).setdefault("_hoard", {}).setdefault(id(self), [])
        kept += entries
        load(self, kept)

    with swap(listing.Listing, "load", hoard):
        yield
    vars(listing).pop("_hoard", None)


@planted
def answers_expire_too_early() -> Iterator[None]:
    """What is to be deleted is chosen by another lifetime than what still counts."""
    expire = memory_privacy.MemoryErasure.expire

    def hasty(self: Any, rules: Any) -> int:
        return expire(self, [attrs.evolve(rule, hits_before=self._now - 60.0) for rule in rules])

    with swap(memory_privacy.MemoryErasure, "expire", hasty):
        yield


@planted
def misses_never_expire() -> Iterator[None]:
    """Only hits are deleted when their time is over."""
    expire = memory_privacy.MemoryErasure.expire

    def partly(self: Any, rules: Any) -> int:
        return expire(self, [attrs.evolve(rule, misses_before=0.0) for rule in rules])

    with swap(memory_privacy.MemoryErasure, "expire", partly):
        yield


@planted
def erased_orphans_keep_their_money() -> Iterator[None]:
    """What a dead process was asking about somebody who was forgotten is never settled."""
    with swap(memory_privacy.MemoryErasure, "orphans", lambda _self: []):
        yield


@planted
def a_decision_is_not_written_down() -> Iterator[None]:
    """What a person says of a doubt is answered, and forgotten."""
    settle = memory.MemoryStore.settle

    async def deaf(self: memory.MemoryStore, row: Any) -> None:
        if row.reason != judge.BY_HAND:
            await settle(self, row)

    with swap(memory.MemoryStore, "settle", deaf):
        yield


@planted
def a_decision_does_not_reach_the_budgets() -> Iterator[None]:
    """What a person has said was not billed stays charged."""
    charged = memory.MemoryStore._charged

    def blind(self: memory.MemoryStore, row: Any, before: Any) -> Any:
        if row.reason == judge.BY_HAND:
            return attrs.evolve(row, reserved=before.reserved, charged=before.charged, scopes=before.scopes)
        return charged(self, row, before)

    with swap(memory.MemoryStore, "_charged", blind):
        yield
