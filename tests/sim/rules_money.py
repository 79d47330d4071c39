"""Rules of money: what budgets hold at every instant, and that nobody goes without who had room."""

from collections import deque
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import attrs

from enrichcore.model import Attempt, Billed, Budget, SkipReason, Status
from enrichcore.model.money import nano
from enrichcore.store import Claim, Granted, Row, StoredResult
from tests.sim.history import DAY, History, Request
from tests.sim.process import Ledger, Process
from tests.sim.scenario import Scenario
from tests.sim.vendor import Vendor

LOOK: Final = 1.0
"""Seconds after which who waits for room has looked again."""
PATIENCE: Final = 119.0
"""Seconds for which a call waits for what others have reserved, at least."""
EVERY: Final = 24
"""Writes between two audits of all books."""

Limits = dict[str, int]


def limits_of(budget: Budget, provider: str, record: bytes, run: str, wall: float) -> Limits:
    """The budgets that a call counts in, each with its limit in nano, as the documentation has them."""
    now = datetime.fromtimestamp(wall, UTC)
    windows = {"hour": f"{now:%Y-%m-%dT%H}", "day": f"{now:%Y-%m-%d}", "month": f"{now:%Y-%m}"}
    found: dict[str, Decimal | None] = {f"run:{run}": budget.run, f"record:{record.hex()}": budget.record}
    found |= {f"{kind}:{name}": getattr(budget, kind) for kind, name in windows.items()}
    own = budget.providers.get(provider)
    if own is not None:
        found[f"provider:{provider}:run:{run}"] = own.run
        found |= {f"provider:{provider}:{kind}:{name}": getattr(own, kind) for kind, name in windows.items()}
    return {scope: nano(limit) for scope, limit in found.items() if limit is not None}


@attrs.define(eq=False)
class Level:
    """What a budget has held: (from when on, spent, reserved), newest last, as far back as somebody may look."""

    now: tuple[int, int] = (0, 0)
    before: deque[tuple[float, int, int]] = attrs.field(factory=lambda: deque(maxlen=64))


class MoneyRules:
    """Listens to a history and audits the budgets. `slack` is the time between a look at a budget and its answer."""

    def __init__(self, history: History, ledger: Ledger, scenario: Scenario, slack: float) -> None:
        self._history = history
        self._ledger = ledger
        self._budget = scenario.budget
        self._slack = slack
        self._worst = {plan.name: nano(plan.price.credits * plan.credit_price) for plan in scenario.vendors}
        self._prices = {plan.name: plan.credit_price for plan in scenario.vendors}
        self._levels: dict[tuple[str, str], Level] = {}
        self._scopes: dict[int, tuple[str, ...]] = {}
        self._limits: Limits = {}
        self._writes = 0
        if self._budget.limited:
            history.on_write.append(self.after_a_write)
            history.on_attempt.append(self.nobody_goes_without_who_had_room)

    # --- at every instant ---------------------------------------------------------------------------------------------

    def after_a_write(self, process: Process, verb: str, what: Any, answer: Any) -> None:
        """No limit is passed, and now and then: every book is the sum of its attempts."""
        if verb == "claim":
            touched: Any = [scope for scope, _ in what.budgets]
            if isinstance(answer, Granted):
                self._scopes[answer.id] = tuple(dict.fromkeys((*self._scopes.get(answer.id, ()), *touched)))
                self.a_call_counts_in_every_budget(process, what)
        elif verb in ("settle", "withdraw"):
            touched = self._scopes.get(what.id if verb == "settle" else what, ())
        elif verb == "forget":
            touched = [scope for _, scope in self._levels]
        else:
            return
        tenant = process.tenant
        for scope in touched:
            self._look(tenant, scope)
        self._writes += 1
        if not self._writes % EVERY:
            self.the_books_balance()

    def _look(self, tenant: str, scope: str) -> None:
        now = self._ledger.budget(tenant, scope)
        level = self._levels.setdefault((tenant, scope), Level())
        if now == level.now:
            return
        level.before.append((self._history.now, *level.now))
        level.now = now
        limit = self._limits.get(scope)
        if limit is not None and sum(now) > limit:
            text = f"{scope} of {tenant} has {now[0]} spent and {now[1]} reserved of {limit}"
            self._history.broken("no_limit_is_passed", text)
        if min(now) < 0:
            self._history.broken("no_limit_is_passed", f"{scope} of {tenant} has {now}")

    def a_call_counts_in_every_budget(self, process: Process, claim: Claim) -> None:
        """A paid call reserves the most that it can cost, in every budget that there is for it."""
        history, budget, given = self._history, self._budget, dict(claim.budgets)
        if history.lifted is not None and (not given or history.now > history.lifted + self._slack + LOOK):
            possible: list[Limits] = [{}]
        else:
            asked = {r.run_id for r in history.requests if r.process is process and r.record == claim.record}
            possible = [limits_of(budget, claim.provider, claim.record, run, claim.now) for run in asked]
            self._limits |= given if given in possible else {}
        if given not in possible or (given and claim.reserve != self._worst[claim.provider]):
            text = f"a call of {claim.provider} by {process} reserves {claim.reserve} in {given}, not in {possible}"
            history.broken("a_call_counts_in_every_budget", text)

    def the_books_balance(self) -> None:
        """In each budget, spent is the sum of what attempts were charged, reserved the sum of what open ones hold."""
        sums: dict[tuple[str, str], list[int]] = {}
        for row in self._ledger.settled():
            for scope in row.scopes:
                sums.setdefault((row.tenant, scope), [0, 0])[0] += row.charged
        for row in self._ledger.open_rows():
            for scope in row.scopes:
                sums.setdefault((row.tenant, scope), [0, 0])[1] += row.reserved
        books = {key: both for key, both in self._ledger.budgets().items() if both != (0, 0)}
        expected = {key: (spent, reserved) for key, (spent, reserved) in sums.items() if spent or reserved}
        for key in books.keys() | expected.keys():
            if books.get(key) != expected.get(key):
                text = f"{key[1]} of {key[0]} says {books.get(key)}, its attempts {expected.get(key)}"
                self._history.broken("the_books_balance", text)
                return

    # --- who goes without ---------------------------------------------------------------------------------------------

    def nobody_goes_without_who_had_room(self, request: Request, attempt: Attempt) -> None:
        """Over budget is who found no room a moment ago; and who found it only reserved has waited for it."""
        if attempt.reason != SkipReason.OVER_BUDGET:
            return
        history, process = self._history, request.process
        since = history.now - LOOK - self._slack
        if any(at >= since - LOOK for at, _ in history.jumps):
            return
        if history.lifted is not None and since > history.lifted:
            history.broken("nobody_goes_without_who_had_room", f"{request} is over a budget that is gone")
            return
        worst = self._worst[attempt.provider]
        spent_most = all_most = -1
        wall = process.runtime.wall()
        for at in (wall, wall - LOOK - self._slack):
            for scope, limit in limits_of(self._budget, attempt.provider, request.record, request.run_id, at).items():
                for spent, reserved in self._since(process.tenant, scope, since):
                    spent_most = max(spent_most, spent + worst - limit)
                    all_most = max(all_most, spent + reserved + worst - limit)
        if all_most <= 0:
            text = f"{request} goes without {attempt.provider} though all its budgets had room"
            history.broken("nobody_goes_without_who_had_room", text)
        elif spent_most <= 0 and not self._could_not_wait(request):
            text = f"{request} goes without {attempt.provider} though others had only reserved what it needs"
            history.broken("nobody_goes_without_who_had_room", text)

    def _since(self, tenant: str, scope: str, since: float) -> list[tuple[int, int]]:
        """What a budget has held since then."""
        level = self._levels.get((tenant, scope))
        if level is None:
            return [(0, 0)]
        return [level.now, *((spent, reserved) for until, spent, reserved in level.before if until >= since)]

    def _could_not_wait(self, request: Request) -> bool:
        process, now = request.process, self._history.now
        if process.closing is not None or request.left or process.store.mishap.failed_at is not None:
            return True
        bulk = request.bulk
        if bulk is not None and (
            bulk.closed is not None or len(bulk.answered) > (10**6 if bulk.stop_after is None else bulk.stop_after)
        ):
            return True
        left = None if request.deadline is None else request.asked + request.deadline - now
        if left is not None and left <= LOOK + process.build.typical + self._slack:
            return True
        return now - request.asked >= PATIENCE

    # --- in the end ---------------------------------------------------------------------------------------------------

    def the_money_agrees_with_the_invoice(self, vendors: dict[str, Vendor]) -> None:
        """Attempt by attempt: what is known is charged to the nano, what is in doubt as the most that it can be."""
        if self._budget.limited:
            self.the_books_balance()
        self.a_free_repeat_counts_once(vendors)
        bills: dict[int, Decimal] = {}
        for vendor in vendors.values():
            for account in vendor.accounts.values():
                for _, call, credits_ in account.invoice:
                    if call.attempt is not None:
                        bills[call.attempt] = bills.get(call.attempt, Decimal(0)) + credits_
        for row in self._ledger.settled():
            if row.provider in self._prices:
                why = self._wrong(row, bills.get(row.id, Decimal(0)), vendors[row.provider])
                if why is not None:
                    text = f"attempt {row.id & 0xFFFF:x} at {row.provider} {why}"
                    self._history.broken("the_money_agrees_with_the_invoice", text)

    def a_free_repeat_counts_once(self, vendors: dict[str, Vendor]) -> None:
        """Within the vendor's free time nothing is charged for a question beside an earlier doubt about it."""
        sums: dict[tuple[str, bytes], list[Row]] = {}
        for row in (*self._ledger.settled(), *self._ledger.open_rows()):
            vendor = vendors.get(row.provider)
            if vendor is not None and vendor.price.repeats_free_days and not row.forgotten:
                sums.setdefault((row.provider, row.key), []).append(row)
        for (name, _), rows in sums.items():
            days = vendors[name].price.repeats_free_days * DAY
            for doubt in (row for row in rows if row.billed is Billed.UNKNOWN):
                for row in rows:
                    held = row.charged if row.outcome else row.reserved
                    if held and doubt.started_at < row.started_at < doubt.started_at + days:
                        text = f"a question to {name} is in doubt, and {held} is counted for its repeat"
                        self._history.broken("a_free_repeat_counts_once", text)

    def _wrong(self, row: Row, credits_: Decimal, vendor: Vendor) -> str | None:
        billed = nano(credits_ * self._prices[row.provider])
        expected = billed
        if row.billed is Billed.UNKNOWN:
            expected = self._worst[row.provider]
        elif row.billed is Billed.YES and vendor.price.repeats_free_days and not billed:
            expected = nano(row.cost or Decimal(0))
        if row.billed is Billed.YES and nano(row.cost or Decimal(0)) != expected:
            return f"costs {row.cost}, the invoice says {expected}"
        if row.scopes and row.charged != expected:
            return f"was charged {row.charged}, the invoice says {expected}"
        return None


def over_budget_is_never_a_miss(history: History, request: Request) -> None:
    """Who was not asked for want of money may have an answer: the result has an open end, and is not kept."""
    result = request.result
    if result is None or result.status not in (Status.NOT_FOUND, Status.INVALID):
        return
    if any(attempt.reason == SkipReason.OVER_BUDGET for attempt in result.attempts):
        history.broken("over_budget_is_never_a_miss", f"{request} is {result.status} although the money was out")


def nothing_over_budget_is_kept(history: History, ledger: Ledger) -> None:
    """No attempt in the journal is over budget, and no definite result depends on one."""
    for row in ledger.settled():
        if row.reason == SkipReason.OVER_BUDGET:
            history.broken("over_budget_is_never_a_miss", f"attempt {row.id & 0xFFFF:x} is in the journal")
    kept: StoredResult
    for kept in ledger.results():
        if kept.status == Status.NOT_FOUND and any(a.reason == SkipReason.OVER_BUDGET for a in kept.read().attempts):
            history.broken("over_budget_is_never_a_miss", "a result over budget is kept as a miss")
