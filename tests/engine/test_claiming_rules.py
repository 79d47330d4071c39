"""What a paid call asks the journal, and what each answer of the journal means for it."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from enrichcore.engine.budgets import Budgets
from enrichcore.engine.claiming import Claiming, Go
from enrichcore.engine.run import Anew, Options, Run
from enrichcore.model import Acceptance, Billed, Budget, Contact, Job, Outcome, SkipReason, Subject
from enrichcore.store import Granted, InFlight, Known, OverBudget, Row, Suppressed, TakenOver

WALL, CLOCK = 1_790_000_000.0, 500.0
DAY = 86_400.0
HITS, MISSES = 90 * DAY, 14 * DAY
OURS, THEIRS = 7, 8


@attrs.define(eq=False)
class Stage:
    """A clock, a journal that answers by script, and a gate whose pauses let the clock go on."""

    answers: list[Any] = attrs.Factory(list)
    now: float = 0.0
    stops_at: float = float("inf")
    took: float = 0.0
    """Seconds that the journal takes for each answer."""
    claims: list[Any] = attrs.Factory(list)
    settled: list[Row] = attrs.Factory(list)
    pauses: list[float] = attrs.Factory(list)
    owner: int = OURS

    def wall(self) -> float:
        return WALL + self.now

    def monotonic(self) -> float:
        return CLOCK + self.now

    async def claim(self, claim: Any) -> Any:
        self.claims.append(claim)
        self.now += self.took
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def settle(self, row: Row) -> None:
        self.settled.append(row)

    def ended(self, run: Any) -> bool:
        return bool(run.stop) or self.now >= self.stops_at

    async def pause(self, _run: Any, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def row(attempt: int = 3, **facts: Any) -> Row:
    plain: dict[str, Any] = {
        "key": b"k", "tenant": "globex", "record": b"r", "provider": "acme", "method": "email", "owner": THEIRS,
        "started_at": WALL - 9.0,
    }  # fmt: skip
    return Row(id=attempt, **{**plain, **facts})


STEP: Any = SimpleNamespace(
    name="acme", by="email", repeats_free=30 * DAY, reserve=5 * 10**8, member=SimpleNamespace(worst=Decimal("0.5"))
)
CHANNEL: Any = SimpleNamespace(hit_lifetime=HITS, miss_lifetime=MISSES, provider=SimpleNamespace(typical=2.0))
LISTED = (b"hash",)


def claiming(stage: Any, budget: Budget | None = None) -> Claiming:
    listing: Any = SimpleNamespace(hashes=lambda _run: LISTED)
    return Claiming(stage, stage, "globex", stage, Budgets(budget or Budget(run="1.00")), listing)


def run_of(**options: Any) -> Run:
    subject = Subject.of(Contact(email="ada@engines.example"))
    return Run(1, subject, b"r", {}, Options(acceptance=Acceptance(), run_id="x", **options), CLOCK, None)


def purchase(stage: Stage, *, budget: Budget | None = None, **options: Any) -> Any:
    return asyncio.run(claiming(stage, budget).purchase(run_of(**options), STEP, b"k", CHANNEL))


# --- what is asked ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "hits", "misses", "errors"),
    [
        ({}, WALL + 10 - HITS, WALL + 10 - MISSES, WALL + 10 - MISSES),
        ({"max_age": 60.0}, WALL - 50, WALL - 50, WALL - 50),
        ({"max_age": 0.0}, WALL + 10, WALL + 10, WALL + 10),
        ({"max_age": 30 * DAY}, WALL + 10 - 30 * DAY, WALL + 10 - MISSES, WALL + 10 - MISSES),
        ({"max_age": 900 * DAY}, WALL + 10 - HITS, WALL + 10 - MISSES, WALL + 10 - MISSES),
        ({"refresh": True}, WALL, WALL, WALL),
        ({"refresh": True, "max_age": 900 * DAY}, WALL, WALL, WALL),
        ({"anew": Anew(misses=WALL)}, WALL + 10 - HITS, WALL, WALL + 10 - MISSES),
        ({"anew": Anew(hits=WALL, misses=WALL - 1, errors=WALL - 2)}, WALL, WALL - 1, WALL - 2),
        ({"anew": Anew(hits=1.0, misses=1.0, errors=1.0)}, WALL + 10 - HITS, WALL + 10 - MISSES, WALL + 10 - MISSES),
    ],
)
def test_what_is_fresh_enough(options: dict[str, Any], hits: float, misses: float, errors: float) -> None:
    """Lifetimes count back from now, an age too; a refresh from the beginning of the run, ten seconds ago."""
    stage = Stage(now=10.0)
    claim = claiming(stage).claim(run_of(**options), STEP, b"k", CHANNEL)
    assert (claim.hits_since, claim.misses_since) == (hits, misses)
    assert errors == (claim.misses_since if claim.errors_since is None else claim.errors_since)
    assert (claim.now, claim.repeats_since) == (WALL + 10, WALL + 10 - 30 * DAY)


def test_only_a_claim_that_pays_names_budgets_and_the_person() -> None:
    """A look costs nothing, so nothing is reserved for it."""
    stage = Stage()
    look = claiming(stage).claim(run_of(), STEP, b"k", CHANNEL)
    assert (look.reserve, look.budgets, look.suppression) == (0, (), ())
    paid = claiming(stage).claim(run_of(), STEP, b"k", CHANNEL, paying=True)
    assert (paid.reserve, paid.budgets, paid.suppression) == (5 * 10**8, (("run:x", 10**9),), LISTED)
    assert (paid.key, paid.tenant, paid.record, paid.provider, paid.method) == (b"k", "globex", b"r", "acme", "email")


# --- what the answers mean --------------------------------------------------------------------------------------------


def test_what_is_granted_may_be_asked() -> None:
    bought = purchase(Stage([Granted(5)]))
    assert (bought.attempt, bought.started, bought.job) == (5, WALL, None)


def test_what_is_known_is_handed_on() -> None:
    known = row()
    assert purchase(Stage([Known(known)])) is known


def test_a_job_that_was_left_is_only_collected() -> None:
    """Under the attempt and from the moment at which it was submitted."""
    bought = purchase(Stage([TakenOver(row(job="job-7"))]))
    assert (bought.attempt, bought.started, bought.job) == (3, WALL - 9, Job("job-7"))


def test_who_is_suppressed_is_not_asked_about() -> None:
    assert purchase(Stage([Suppressed()])) is SkipReason.SUPPRESSED


def test_an_exhausted_budget_is_remembered_for_all_that_cost_as_much() -> None:
    """The journal is asked once; what reserves less may still fit and asks for itself."""
    stage = Stage([OverBudget("run:x", exhausted=True)])
    one = claiming(stage)
    again = [asyncio.run(one.purchase(run_of(), STEP, b"k", CHANNEL)) for _ in range(3)]
    assert again == [SkipReason.OVER_BUDGET] * 3
    assert len(stage.claims) == 1
    assert not stage.pauses
    cheaper: Any = SimpleNamespace(**{**vars(STEP), "reserve": 5 * 10**8 - 1})
    stage.answers = [Granted(5)]
    assert isinstance(asyncio.run(one.purchase(run_of(), cheaper, b"k", CHANNEL)), Go)


# --- waiting ----------------------------------------------------------------------------------------------------------

RESERVED = OverBudget("run:x", exhausted=False)
FLYING = InFlight(row())
TWICE = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0)


def test_our_own_attempt_on_which_nobody_works_is_not_waited_for() -> None:
    stage = Stage([InFlight(row(owner=OURS))])
    assert purchase(stage) is SkipReason.IN_FLIGHT
    assert not stage.pauses


@pytest.mark.parametrize("obstacle", [FLYING, RESERVED])
def test_an_obstacle_is_looked_at_again_more_and_more_seldom(obstacle: Any) -> None:
    """From a twentieth of a second to one second; then the gate is asked anew, and the intent is taken back."""
    stage = Stage([obstacle] * 8 + [Granted(5)])
    assert purchase(stage) is None
    assert tuple(stage.pauses[:7]) == TWICE
    [back] = stage.settled
    assert (back.id, back.outcome, back.reason, back.billed) == (5, Outcome.SKIPPED, "stopped", Billed.NO)
    assert (back.key, back.tenant, back.record, back.provider, back.method) == (b"k", "globex", b"r", "acme", "email")
    assert (back.owner, back.started_at, back.settled_at) == (OURS, stage.wall(), stage.wall())
    assert all(claim.budgets and claim.suppression for claim in stage.claims)
    assert stage.claims[-1].now == stage.wall()


@pytest.mark.parametrize(("obstacle", "reason"), [(FLYING, "in_flight"), (RESERVED, "over_budget")])
def test_nobody_waits_longer_than_there_is_time_for_a_call(obstacle: Any, reason: str) -> None:
    """A call usually takes two seconds, so that with ten in all the last look is before the eighth."""
    stage = Stage([obstacle])
    assert purchase(stage, deadline=10.0) == reason
    assert 6.0 < stage.now < 8.0
    assert not stage.settled


def test_room_is_waited_for_for_two_minutes_and_an_attempt_as_long_as_it_flies() -> None:
    """What others have reserved for longer is in doubt; who asks may be dead only where the journal says so."""
    stage = Stage([RESERVED])
    assert purchase(stage) is SkipReason.OVER_BUDGET
    assert 120.0 <= stage.now < 121.0
    flying = Stage([FLYING] * 400 + [Known(row(4))])
    assert purchase(flying).id == 4
    assert flying.now > 390


@pytest.mark.parametrize(("obstacle", "reason"), [(FLYING, "in_flight"), (RESERVED, "over_budget")])
def test_who_is_left_does_not_wait(obstacle: Any, reason: str) -> None:
    """Neither before a pause nor after one."""
    stage = Stage([obstacle], stops_at=0.0)
    assert purchase(stage) == reason
    assert (len(stage.claims), stage.pauses) == (1, [])
    later = Stage([obstacle], stops_at=0.01)
    assert purchase(later) == reason
    assert (len(later.claims), later.pauses) == (1, [0.05])


def test_one_obstacle_may_be_behind_another() -> None:
    """Room that was waited for may lead to a question in flight, that to an exhausted budget; each is looked at."""
    stage = Stage([RESERVED, FLYING, FLYING, RESERVED, OverBudget("run:x", exhausted=True)])
    assert purchase(stage) is SkipReason.OVER_BUDGET
    assert len(stage.claims) == 5
    assert stage.pauses == [0.05, 0.05, 0.1, 0.05]


# --- when time has passed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "options", "reason"),
    [
        ({"took": 5.0}, {"deadline": 5.0}, SkipReason.NO_TIME),
        ({"stops_at": 0.0}, {}, SkipReason.STOPPED),
        ({"took": 5.0, "stops_at": 0.0}, {"deadline": 5.0}, SkipReason.NO_TIME),
    ],
)
def test_an_intent_that_came_too_late_is_taken_back(
    facts: dict[str, Any], options: dict[str, Any], reason: SkipReason
) -> None:
    """Nothing was sent under it, and it is in the journal as it was asked for."""
    stage = Stage([Granted(5)], **facts)
    assert purchase(stage, **options) is reason
    assert [(back.id, back.started_at, back.settled_at) for back in stage.settled] == [(5, WALL, stage.wall())]


def test_an_intent_that_came_in_time_stays() -> None:
    stage = Stage([Granted(5)], took=4.9)
    assert purchase(stage, deadline=5.0).started == WALL
    assert not stage.settled
