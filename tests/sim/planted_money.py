"""Bugs on purpose in the budgets."""

from collections.abc import Iterator
from typing import Any

import attrs

from enrichcore.engine import budgets, cascade, claiming, enricher
from enrichcore.model import Billed
from enrichcore.model.attempt import TEMPORARY_SKIPS, SkipReason
from enrichcore.store import OverBudget, budgeting, judge, memory
from enrichcore.store.budgeting import over_budget
from tests.sim.planting import planted, swap


@planted
def reservation_is_not_released() -> Iterator[None]:
    """What an intent had reserved stays reserved when its outcome is known."""

    def settle(self: memory.MemoryStore, row: Any, intent: Any) -> None:
        self._keep(self._charged(row, intent))

    with swap(memory.MemoryStore, "_settle", settle):
        yield


@planted
def reservation_is_released_twice() -> Iterator[None]:
    """A second outcome of the same attempt releases its reservation once more."""
    charged = memory.MemoryStore._charged

    def again(self: memory.MemoryStore, row: Any, before: Any) -> Any:
        if before.outcome is not None and before.reserved:
            self._spend(before.tenant, before.scopes, reserved=-before.reserved)
        return charged(self, row, before)

    with swap(memory.MemoryStore, "_charged", again):
        yield


@planted
def free_repeat_clears_the_doubt() -> Iterator[None]:
    """The vendor's word on a repeat, which cost nothing, covers the call that it repeats."""
    with swap(memory, "after_repeat", lambda row: row):
        yield


@planted
def free_repeat_counts_beside_the_doubt() -> Iterator[None]:
    """To ask again for what is in doubt is another purchase, which reserves and spends once more."""
    with swap(memory, "doubt_to_repeat", lambda _claim, _rows: None):
        yield


@planted
def doubt_is_not_charged() -> Iterator[None]:
    """What may have been billed counts as free."""
    charge = budgeting.charge
    with swap(memory, "charge", lambda row, reserved: 0 if row.billed is Billed.UNKNOWN else charge(row, reserved)):
        yield


@planted
def everything_is_charged_twice() -> Iterator[None]:
    """The budgets are charged twice what the attempt says."""
    spend = memory.MemoryStore._spend

    def double(self: memory.MemoryStore, tenant: str, scopes: Any, *, spent: int = 0, reserved: int = 0) -> None:
        spend(self, tenant, scopes, spent=2 * spent, reserved=reserved)

    with swap(memory.MemoryStore, "_spend", double):
        yield


@planted
def worst_case_is_charged() -> Iterator[None]:
    """An answer costs what was reserved, whatever was billed."""
    charge = budgeting.charge
    with swap(memory, "charge", lambda row, reserved: reserved if row.billed is Billed.YES else charge(row, reserved)):
        yield


@planted
def limit_is_off_by_one() -> Iterator[None]:
    """There is room for a call as long as there is any room."""

    def one_more(claim: Any, spending: Any) -> Any:
        return over_budget(attrs.evolve(claim, reserve=1), spending)

    with swap(memory, "over_budget", one_more):
        yield


@planted
def reservations_do_not_count() -> Iterator[None]:
    """Only what is spent counts against a limit, so that calls at once pass it together."""

    def spent_only(claim: Any, spending: Any) -> Any:
        return over_budget(claim, {scope: (spent, 0) for scope, (spent, _) in spending.items()})

    with swap(memory, "over_budget", spent_only):
        yield


@planted
def reservations_exhaust() -> Iterator[None]:
    """What others have only reserved is taken for spent: nobody waits for it."""

    def hasty(claim: Any, spending: Any) -> Any:
        over = over_budget(claim, spending)
        return over and OverBudget(over.scope, exhausted=True)

    with swap(memory, "over_budget", hasty):
        yield


@planted
def exhausted_is_remembered_after_replace() -> Iterator[None]:
    """A new limit changes nothing for what was exhausted under the old one."""
    look = budgets.Budgets.blocked

    def blocked(self: budgets.Budgets, *parts: Any) -> str | None:
        known = self._exhausted | self._exhausted_records
        return next(iter(known), None) if known and not self.budget.limited else look(self, *parts)

    with swap(budgets.Budgets, "ask_again", lambda _self: None), swap(budgets.Budgets, "blocked", blocked):
        yield


@planted
def exhausted_for_one_is_exhausted_for_all() -> Iterator[None]:
    """One exhausted budget stops calls that do not count in it."""

    def blocked(self: budgets.Budgets, *_parts: Any) -> str | None:
        return next(iter(self._exhausted | self._exhausted_records), None)

    with swap(budgets.Budgets, "blocked", blocked):
        yield


@planted
def withdrawal_keeps_the_reservation() -> Iterator[None]:
    """A call that was not made after all holds its money for ever."""
    settle = memory.MemoryStore._settle

    def keep(self: memory.MemoryStore, row: Any, intent: Any) -> None:
        settle(self, row, attrs.evolve(intent, reserved=0) if row.reason == SkipReason.STOPPED else intent)

    with swap(memory.MemoryStore, "_settle", keep):
        yield


@planted
def orphan_frees_its_money() -> Iterator[None]:
    """What a dead process was asking is given up as if it had cost nothing."""
    given_up = judge.given_up
    with swap(memory, "given_up", lambda row, now: attrs.evolve(given_up(row, now), billed=Billed.NO)):
        yield


@planted
def knowledge_is_charged_on_top() -> Iterator[None]:
    """What comes to be known of a doubt is charged beside the doubt."""
    charged = memory.MemoryStore._charged

    def on_top(self: memory.MemoryStore, row: Any, before: Any) -> Any:
        return charged(self, row, attrs.evolve(before, charged=0))

    with swap(memory.MemoryStore, "_charged", on_top):
        yield


@planted
def reserves_what_is_expected() -> Iterator[None]:
    """A call reserves half of what it can cost."""
    for_call = budgets.Budgets.for_call

    def half(self: budgets.Budgets, *parts: Any) -> Any:
        reserve, scopes = for_call(self, *parts)
        return reserve // 2, scopes

    with swap(budgets.Budgets, "for_call", half):
        yield


@planted
def over_budget_is_a_miss() -> Iterator[None]:
    """A provider for which the money was out is not missed."""
    with swap(cascade, "TEMPORARY_SKIPS", TEMPORARY_SKIPS - {SkipReason.OVER_BUDGET}):
        yield


@planted
def budgets_are_per_process() -> Iterator[None]:
    """Every process has the whole budget for itself."""
    spending = memory.MemoryStore._spending

    def own(self: memory.MemoryStore, tenant: str, scopes: Any) -> Any:
        mine = [i for i in self.tables.open.values() if i.owner == self.owner]
        kept = [row for row in self.tables.settled if row.owner == self.owner]
        return {
            scope: (
                sum(row.charged for row in kept if scope in row.scopes),
                sum(i.claim.reserve for i in mine if scope in dict(i.claim.budgets)),
            )
            for scope in spending(self, tenant, scopes)
        }

    with swap(memory.MemoryStore, "_spending", own):
        yield


@planted
def a_resumed_run_starts_at_zero() -> Iterator[None]:
    """A run that goes on in another process does not count what it has spent."""
    enrich = enricher.Enricher.enrich_phones

    def anew(self: enricher.Enricher, contacts: Any, **options: Any) -> Any:
        return enrich(self, contacts, **{**options, "run_id": None})

    with swap(enricher.Enricher, "enrich_phones", anew):
        yield


@planted
def record_does_not_count() -> Iterator[None]:
    """What is spent on one record has no limit where another limit counts it too."""
    for_call = budgets.Budgets.for_call

    def without(self: budgets.Budgets, *parts: Any) -> Any:
        reserve, scopes = for_call(self, *parts)
        return reserve, tuple(s for s in scopes if not s[0].startswith("record:")) or scopes

    with swap(budgets.Budgets, "for_call", without):
        yield


@planted
def nobody_waits_for_room() -> Iterator[None]:
    """A call that finds everything reserved gives up at once."""
    wait = claiming.Claiming._wait

    async def hurry(self: claiming.Claiming, *parts: Any, **options: Any) -> Any:
        return None if parts[-1] is OverBudget else await wait(self, *parts, **options)

    with swap(claiming.Claiming, "_wait", hurry):
        yield


@planted
def who_waits_for_room_is_forgotten() -> Iterator[None]:
    """A call that waits for room does not look again."""
    wait = claiming.Claiming._wait

    async def sleepy(self: claiming.Claiming, run: Any, *parts: Any, **options: Any) -> Any:
        if parts[-1] is not OverBudget:
            return await wait(self, run, *parts, **options)
        await self._admission.pause(run, 15.0)
        return None

    with swap(claiming.Claiming, "_wait", sleepy):
        yield


@planted
def window_is_that_of_yesterday() -> Iterator[None]:
    """The window that a call counts in is kept from its first call on."""
    with swap(budgets, "_HOUR", 3600 * 24 * 10_000):
        yield
