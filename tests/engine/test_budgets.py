"""Budgets: which scopes a call counts in, what it reserves, what is known to be exhausted, and what stops the start."""

import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal, Inexact, Rounded, localcontext
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichcore.config import parse_config
from enrichcore.engine.budgets import Budgets, Priced, check_prices, expected, free_at, worst_case
from enrichcore.engine.plan import Member
from enrichcore.errors import ConfigError
from enrichcore.model import Price, SkipReason
from enrichcore.model.budget import Budget
from enrichcore.model.money import MOST, NANO, nano
from enrichcore.model.price import Per

quick = settings(max_examples=150, deadline=None)

RECORD = bytes(range(16))
HEX = RECORD.hex()
WORST = Decimal("0.50")
EVERY = Budget(
    run=1, record=2, hour=3, day=4, month=5, providers={"lusha": {"run": 6, "hour": 7, "day": 8, "month": 9}}
)  # fmt: skip


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOON = at("2026-11-25T12:34:56")


def names(budgets: Budgets, wall: float, provider: str = "lusha") -> list[str]:
    return [scope for scope, _ in budgets.for_call(provider, RECORD, "ab12", WORST, wall)[1]]


def test_a_call_counts_in_every_scope_that_is_limited() -> None:
    """The order is always the same, from the run to the provider's month, and limits are in nano."""
    reserve, scopes = Budgets(EVERY).for_call("lusha", RECORD, "ab12", WORST, NOON)
    assert reserve == NANO // 2
    assert scopes == (
        ("run:ab12", 1 * NANO),
        (f"record:{HEX}", 2 * NANO),
        ("hour:2026-11-25T12", 3 * NANO),
        ("day:2026-11-25", 4 * NANO),
        ("month:2026-11", 5 * NANO),
        ("provider:lusha:run:ab12", 6 * NANO),
        ("provider:lusha:hour:2026-11-25T12", 7 * NANO),
        ("provider:lusha:day:2026-11-25", 8 * NANO),
        ("provider:lusha:month:2026-11", 9 * NANO),
    )


@pytest.mark.parametrize(
    ("limits", "scopes"),
    [
        ({}, ()),
        ({"run": "0"}, (("run:ab12", 0),)),
        ({"record": "0.6"}, ((f"record:{HEX}", 600_000_000),)),
        ({"hour": "1"}, (("hour:2026-11-25T12", NANO),)),
        ({"day": "1"}, (("day:2026-11-25", NANO),)),
        ({"month": "1"}, (("month:2026-11", NANO),)),
        ({"record": 1, "day": 2}, ((f"record:{HEX}", NANO), ("day:2026-11-25", 2 * NANO))),
        ({"run": 1, "record": 2}, (("run:ab12", NANO), (f"record:{HEX}", 2 * NANO))),
        ({"providers": {"lusha": 5}}, (("provider:lusha:run:ab12", 5 * NANO),)),
        ({"providers": {"lusha": {"day": 5}}}, (("provider:lusha:day:2026-11-25", 5 * NANO),)),
        ({"providers": {"other": 5}}, ()),
    ],
)
def test_what_is_not_limited_is_not_counted(limits: dict[str, Any], scopes: tuple[tuple[str, int], ...]) -> None:
    """The reservation is told all the same: it is what an attempt in doubt is worth."""
    assert Budgets(Budget(**limits)).for_call("lusha", RECORD, "ab12", WORST, NOON) == (500_000_000, scopes)


@pytest.mark.parametrize(
    ("wall", "windows"),
    [
        (at("2026-12-31T23:59:59.999999"), ("2026-12-31T23", "2026-12-31", "2026-12")),
        (at("2027-01-01T00:00:00"), ("2027-01-01T00", "2027-01-01", "2027-01")),
        (at("2028-02-29T23:59:59"), ("2028-02-29T23", "2028-02-29", "2028-02")),
        (at("2028-03-01T00:00:00"), ("2028-03-01T00", "2028-03-01", "2028-03")),
        (at("2026-10-25T01:30:00"), ("2026-10-25T01", "2026-10-25", "2026-10")),  # clocks go back somewhere
        (1483228799.0, ("2016-12-31T23", "2016-12-31", "2016-12")),  # the leap second after it has no number
        (1483228799.9999998, ("2016-12-31T23", "2016-12-31", "2016-12")),
        (1483228800.0, ("2017-01-01T00", "2017-01-01", "2017-01")),
        (0.0, ("1970-01-01T00", "1970-01-01", "1970-01")),
        (-0.5, ("1969-12-31T23", "1969-12-31", "1969-12")),
    ],
)
def test_windows_turn_at_utc_boundaries(wall: float, windows: tuple[str, str, str]) -> None:
    hour, day, month = windows
    own = "provider:lusha:"
    assert names(Budgets(EVERY), wall) == [
        "run:ab12", f"record:{HEX}", f"hour:{hour}", f"day:{day}", f"month:{month}",
        f"{own}run:ab12", f"{own}hour:{hour}", f"{own}day:{day}", f"{own}month:{month}",
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["XXX-5:30", "XXX+9", "UTC"])
def test_windows_are_the_same_everywhere(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time zone of the machine moves no window (where a program can change its zone)."""
    moved: Callable[[], None] = getattr(time, "tzset", lambda: None)
    monkeypatch.setenv("TZ", zone)
    moved()
    try:
        assert names(Budgets(EVERY), 1795609800.0)[2:5] == ["hour:2026-11-25T12", "day:2026-11-25", "month:2026-11"]
        assert free_at("hour:2026-11-25T12") == 1795611600.0
        assert free_at("day:2026-11-25") == 1795651200.0
        assert free_at("month:2026-11") == 1796083200.0
    finally:
        monkeypatch.undo()
        moved()


@pytest.mark.parametrize("wall", [NOON, at("2026-11-25T12:00:00")])
def test_a_call_costs_no_new_scopes(wall: float) -> None:
    """Within an hour and a run they are the same object, so that asking for them costs next to nothing."""
    budgets = Budgets(Budget(run=1, day=2))
    first = budgets.for_call("lusha", RECORD, "r", WORST, wall)[1]
    assert budgets.for_call("lusha", RECORD, "r", WORST, wall)[1] is first
    assert budgets.for_call("lusha", b"other", "r", WORST, wall + 60)[1] is first


walls = st.floats(0, 4e9) | st.integers(0, 1_000_000).map(lambda hours: hours * 3600.0)


@quick
@given(st.lists(st.tuples(walls, st.sampled_from(["lusha", "acme"]), st.sampled_from(["ab12", "cd34"])), max_size=20))
def test_what_is_remembered_changes_no_answer(calls: list[tuple[float, str, str]]) -> None:
    """Whatever was asked before, with the clock going either way, the answer is that of fresh budgets."""
    budgets = Budgets(EVERY)
    for wall, provider, run in calls:
        answer = budgets.for_call(provider, RECORD, run, WORST, wall)
        assert answer == Budgets(EVERY).for_call(provider, RECORD, run, WORST, wall)
        assert budgets.blocked(provider, RECORD, run, wall) is None


@quick
@given(walls)
def test_a_scope_is_free_when_its_name_changes(wall: float) -> None:
    """`free_at` is the first moment of the next window, and every moment before it is in this one."""
    budgets = Budgets(EVERY)
    for place, scope in enumerate(names(budgets, wall)):
        until = free_at(scope)
        if until is None:
            assert "run:" in scope or "record:" in scope
            continue
        assert wall < until
        assert names(budgets, until)[place] != scope
        assert names(budgets, until - 1)[place] == scope


@pytest.mark.parametrize(
    ("scope", "until"),
    [
        ("run:ab12", None),
        ("run:hour:2026", None),
        (f"record:{HEX}", None),
        ("provider:lusha:run:ab12", None),
        ("hour:2026-12-31T23", at("2027-01-01T00:00")),
        ("day:2028-02-28", at("2028-02-29T00:00")),
        ("month:2026-11", at("2026-12-01T00:00")),
        ("month:2026-12", at("2027-01-01T00:00")),
        ("provider:run:day:2026-11-25", at("2026-11-26T00:00")),
        ("provider:lusha:hour:2026-11-25T09", at("2026-11-25T10:00")),
        ("provider:lusha:month:2026-01", at("2026-02-01T00:00")),
    ],
)
def test_when_a_scope_is_free_again(scope: str, until: float | None) -> None:
    assert free_at(scope) == until


def test_the_most_that_a_call_can_cost_is_read_once() -> None:
    """Another price of the same provider reserves another amount, and so does none at all."""
    budgets = Budgets(Budget())
    reserves = [budgets.for_call("lusha", RECORD, "r", worst, NOON)[0] for worst in (WORST, Decimal(2), None, WORST)]
    assert reserves == [NANO // 2, 2 * NANO, 0, NANO // 2]


def test_a_call_of_unknown_cost_is_never_counted_as_free() -> None:
    """Should one get past the start, no claim is made of it."""
    budgets = Budgets(Budget(providers={"lusha": 5}, currency="EUR"))
    with pytest.raises(ConfigError, match=r"nobody knows what a credit of lusha costs.*0\.05 EUR"):
        budgets.for_call("lusha", RECORD, "r", None, NOON)
    assert budgets.for_call("acme", RECORD, "r", None, NOON) == (0, ())


def test_many_runs_leave_nothing_behind() -> None:
    """A service that gives each request a run of its own keeps a bounded number of them."""
    budgets = Budgets(Budget(run=1, day=2))
    for run in range(5000):
        assert budgets.for_call("lusha", RECORD, str(run), WORST, NOON)[1][0] == (f"run:{run}", NANO)
    assert len(budgets._known) == 5000 - 4096
    budgets.for_call("lusha", RECORD, "4999", WORST, NOON + 3600)
    assert len(budgets._known) == 1


@pytest.mark.parametrize("place", range(9))
def test_an_exhausted_scope_stands_against_every_call_that_counts_in_it(place: int) -> None:
    budgets = Budgets(EVERY)
    scope = names(budgets, NOON)[place]
    assert budgets.blocked("lusha", RECORD, "ab12", NOON) is None
    budgets.note_exhausted(scope)
    assert budgets.blocked("lusha", RECORD, "ab12", NOON) == scope
    # Another provider, record, run or time is blocked just where it counts in the same scope.
    others = (
        ("acme", RECORD, "ab12", NOON), ("lusha", b"other", "ab12", NOON), ("lusha", RECORD, "cd34", NOON),
        ("lusha", RECORD, "ab12", NOON + 3600), ("lusha", RECORD, "ab12", NOON + 86400),
        ("lusha", RECORD, "ab12", NOON + 31 * 86400), ("lusha", RECORD, "ab12", NOON - 3600),
    )  # fmt: skip
    for provider, record, run, wall in others:
        counted = dict(Budgets(EVERY).for_call(provider, record, run, WORST, wall)[1])
        assert budgets.blocked(provider, record, run, wall) == (scope if scope in counted else None)
    assert budgets.blocked("lusha", RECORD, "ab12", NOON) == scope


def test_a_cheaper_call_may_still_fit() -> None:
    """What was refused room blocks what wants as much or more, and the least of what was refused counts."""
    budgets = Budgets(Budget(run=1, record=1))
    for scope in ("run:r", f"record:{HEX}"):
        budgets.note_exhausted(scope, 500)
        assert budgets.blocked("lusha", RECORD, "r", NOON, 499) is None
        assert budgets.blocked("lusha", RECORD, "r", NOON, 500) == scope
        assert budgets.blocked("lusha", RECORD, "r", NOON, 501) == scope
        assert budgets.blocked("lusha", RECORD, "r", NOON) == scope
        budgets.note_exhausted(scope, 700)
        assert budgets.blocked("lusha", RECORD, "r", NOON, 500) == scope
        budgets.note_exhausted(scope, 300)
        assert budgets.blocked("lusha", RECORD, "r", NOON, 300) == scope
        assert budgets.blocked("lusha", RECORD, "r", NOON, 299) is None
        budgets.note_exhausted(scope)
        assert budgets.blocked("lusha", RECORD, "r", NOON, 0) == scope
        budgets.ask_again()
        assert budgets.blocked("lusha", RECORD, "r", NOON) is None


def test_other_limits_count_at_once_and_are_asked_anew() -> None:
    budgets = Budgets(Budget(run=1, record=1))
    assert names(budgets, NOON) == ["run:ab12", f"record:{HEX}"]
    budgets.note_exhausted("run:ab12")
    budgets.note_exhausted(f"record:{HEX}")
    more = Budget(run=5, day=1)
    budgets.replace(more)
    assert budgets.budget is more
    assert budgets.blocked("lusha", RECORD, "ab12", NOON) is None
    assert budgets.for_call("lusha", RECORD, "ab12", WORST, NOON)[1] == (
        ("run:ab12", 5 * NANO),
        ("day:2026-11-25", NANO),
    )
    budgets.note_exhausted(f"record:{HEX}")  # from a claim that was under way
    assert budgets.blocked("lusha", RECORD, "ab12", NOON) is None


def test_records_that_spent_everything_do_not_push_out_the_run() -> None:
    """The memory is bounded, and what goes is the oldest record."""
    budgets = Budgets(EVERY)
    budgets.note_exhausted("run:ab12")
    records = [number.to_bytes(16) for number in range(4097)]
    for record in records:
        budgets.note_exhausted(f"record:{record.hex()}")
    assert budgets.blocked("acme", records[0], "cd34", NOON) is None
    assert budgets.blocked("acme", records[1], "cd34", NOON) == f"record:{records[1].hex()}"
    assert budgets.blocked("acme", records[4096], "cd34", NOON) == f"record:{records[4096].hex()}"
    assert budgets.blocked("acme", records[0], "ab12", NOON) == "run:ab12"
    assert len(budgets._exhausted_records) == 4096


def test_a_scope_that_is_noted_again_is_the_youngest() -> None:
    budgets = Budgets(Budget(run=1))
    for run in range(4096):
        budgets.note_exhausted(f"run:{run}")
    budgets.note_exhausted("run:0")
    budgets.note_exhausted("run:new")
    assert budgets.blocked("lusha", RECORD, "0", NOON) == "run:0"
    assert budgets.blocked("lusha", RECORD, "1", NOON) is None


def test_all_limits_can_be_listed() -> None:
    """Each once, those of single records apart."""
    budgets = Budgets(attrs.evolve(EVERY, providers={"lusha": {"month": 9}, "acme": 7}))
    assert budgets.limits("ab12", NOON) == (
        ("run:ab12", 1 * NANO),
        ("hour:2026-11-25T12", 3 * NANO),
        ("day:2026-11-25", 4 * NANO),
        ("month:2026-11", 5 * NANO),
        ("provider:acme:run:ab12", 7 * NANO),
        ("provider:lusha:month:2026-11", 9 * NANO),
    )
    assert Budgets(Budget()).limits("ab12", NOON) == ()


PAID = {Per.ATTEMPT: Price.per_attempt, Per.MATCH: Price.per_match, Per.HIT: Price.per_hit}


@pytest.mark.parametrize("per", PAID)
def test_the_worst_case_is_the_whole_price_whatever_is_billed(per: Per) -> None:
    assert worst_case(PAID[per]("2.5"), Decimal("0.05")) == Decimal("0.125")
    assert worst_case(PAID[per]("2.5"), Decimal(0)) == 0
    assert worst_case(PAID[per]("2.5"), None) is None


def test_a_free_call_costs_nothing_whether_a_credit_has_a_price_or_not() -> None:
    assert worst_case(Price.free(), None) == worst_case(Price.free(), Decimal(5)) == 0


SHARES = (Decimal("0.2"), Decimal("0.4"))


@pytest.mark.parametrize(
    ("price", "matches", "cost"),
    [
        (Price.free(), None, ("0", "0")),
        (Price.per_attempt(10), None, ("0.5", "0.5")),
        (Price.per_hit(10), None, ("0.1", "0.2")),
        (Price.per_hit(10), ("0.9", "1"), ("0.1", "0.2")),
        (Price.per_match(10), None, ("0.1", "0.5")),
        (Price.per_match(10), ("0.5", "0.7"), ("0.25", "0.35")),
        (Price.per_match(10), ("0.1", "0.3"), ("0.1", "0.2")),
    ],
)
def test_what_an_attempt_costs_on_average(price: Price, matches: tuple[str, str] | None, cost: tuple[str, str]) -> None:
    """By the share of hits, or of matches, of which every hit is one."""
    extra = () if matches is None else ((Decimal(matches[0]), Decimal(matches[1])),)
    assert expected(price, Decimal("0.05"), SHARES, *extra) == (Decimal(cost[0]), Decimal(cost[1]))
    assert expected(price, None, SHARES, *extra) == (None if price.paid else (Decimal(0), Decimal(0)))


@pytest.mark.parametrize(
    "wrong",
    [
        ("0.5", "0.4"),
        ("-0.1", "0.5"),
        ("0.5", "1.1"),
        ("NaN", "0.5"),
        ("0.5", "NaN"),
        ("0", "Infinity"),
        ("-Infinity", "1"),
    ],
)
def test_shares_are_from_0_to_1(wrong: tuple[str, str]) -> None:
    pair = Decimal(wrong[0]), Decimal(wrong[1])
    words = rf"^expected two shares from 0 to 1, the lower one first, got {wrong[0]} and {wrong[1]}$"
    with pytest.raises(ValueError, match=words):
        expected(Price.per_hit(1), Decimal(1), pair)
    with pytest.raises(ValueError, match=words):
        expected(Price.per_match(1), None, SHARES, pair)


shares = st.lists(st.decimals(0, 1, places=5), min_size=2, max_size=2).map(lambda two: (min(two), max(two)))


@quick
@given(st.sampled_from(list(PAID)), st.decimals(0, 100, places=3), st.decimals(0, 10, places=9), shares, shares)
def test_an_expected_cost_is_an_interval_below_the_worst_case(
    per: Per, credits_: Decimal, each: Decimal, hits: tuple[Decimal, Decimal], matches: tuple[Decimal, Decimal]
) -> None:
    price = PAID[per](credits_)
    interval = expected(price, each, hits, matches)
    worst = worst_case(price, each)
    assert interval is not None
    assert worst is not None
    low, high = interval
    assert 0 <= low <= high <= worst
    assert expected(price, each, (Decimal(1), Decimal(1))) == (worst, worst)
    if per is Per.HIT:
        assert low <= worst * hits[0] <= low + Decimal("1e-9")
        assert high - Decimal("1e-9") <= worst * hits[1] <= high


def test_the_context_of_the_host_changes_no_budget() -> None:
    with localcontext(Context(prec=3, rounding=ROUND_DOWN, traps=[Inexact, Rounded])):
        assert expected(Price.per_hit("1234.5678"), Decimal("0.1234567"), (Decimal("0.12345"), Decimal("0.54321"))) == (
            Decimal("18.815714031"), Decimal("82.793714208"),
        )  # fmt: skip
        check_prices([member("lusha", Price.per_hit("1234.5678"), "0.1234567")], EVERY)


@attrs.define
class Stub:
    """A member of the plan, as far as money goes."""

    name: str
    price: Price
    credit_price: Decimal | None
    skip: SkipReason | None = None


def member(name: str, price: Price, credit_price: str | None = None, skip: SkipReason | None = None) -> Stub:
    return Stub(name, price, None if credit_price is None else Decimal(credit_price), skip)


def of_the_plan(member: Member) -> Priced:
    """Checked by mypy: a member of the plan can be asked about money."""
    return member


def test_a_paid_provider_without_a_price_stops_the_start_with_the_lines_to_add() -> None:
    members = [
        member("lusha", Price.per_hit(5)), member("acme", Price.per_attempt(1)),
        member("priced", Price.per_match(1), "0.2"), member("free", Price.free()),
    ]  # fmt: skip
    with pytest.raises(ConfigError) as caught:
        check_prices(members, Budget(run="300 EUR", currency="EUR"))
    assert str(caught.value) == (
        "there is a budget in money, and nobody knows what a credit of acme, lusha costs. Say it, here with 0.05 EUR "
        'as the example ("0" if you pay nothing per credit), in enrichcore.toml or the file that ENRICHCORE_CONFIG '
        "names:\n"
        "\n"
        "[providers.acme]\n"
        'credit_price = "0.05"\n'
        "\n"
        "[providers.lusha]\n"
        'credit_price = "0.05"\n'
        "\n"
        'or in the program: settings={"acme": {"credit_price": "0.05"}, "lusha": {"credit_price": "0.05"}}'
    )


def test_the_lines_to_add_are_what_it_takes() -> None:
    """Pasted into the file as they are printed, they let the same start go through."""
    unpriced = [member("lusha", Price.per_hit(5)), member("acme", Price.per_hit(1))]
    with pytest.raises(ConfigError) as caught:
        check_prices(unpriced, EVERY, ["acme"])
    _, *tables, _ = str(caught.value).split("\n\n")
    text = "\n\n".join(tables)
    assert tomllib.loads(text).keys() == {"providers"}
    config = parse_config(text)
    check_prices([attrs.evolve(m, credit_price=config.for_provider(m.name).credit_price) for m in unpriced], EVERY)


@pytest.mark.parametrize(
    ("one", "budget"),
    [
        (member("lusha", Price.per_hit(5)), Budget()),
        (member("lusha", Price.per_hit(5), "0"), Budget(run=5)),
        (member("lusha", Price.per_hit(0), "0"), Budget(run=5)),
        (member("lusha", Price.free()), Budget(run=5)),
        (member("lusha", Price.per_hit(5), None, SkipReason.NO_KEY), Budget(run=5)),
        (member("lusha", Price.per_hit("NaN"), None, SkipReason.FAILED_TO_START), Budget(run=5)),
        (member("lusha", Price.per_hit(5)), Budget(providers={"acme": 5})),
        (member("lusha", Price.per_hit(1), "9000000"), Budget(run=5)),
        (member("lusha", Price.per_hit(5), "0.1"), Budget(run=5, providers={"lusha": 5})),
    ],
)
def test_what_cannot_spend_uncounted_money_starts(one: Stub, budget: Budget) -> None:
    check_prices([one], budget, ["acme"])


@pytest.mark.parametrize("field", ["run", "record", "hour", "day", "month", "providers"])
def test_any_limit_that_counts_a_provider_wants_its_price(field: str) -> None:
    """A free provider before it, or one that takes no part, does not hide it."""
    limits: dict[str, Any] = {field: {"lusha": 5} if field == "providers" else 5}
    members = [member("a", Price.free()), member("b", Price.per_hit(1), None, SkipReason.NO_KEY)]
    with pytest.raises(ConfigError, match="what a credit of lusha costs"):
        check_prices([*members, member("lusha", Price.per_hit(0))], Budget(**limits))


@pytest.mark.parametrize(
    ("credits_", "each", "got"),
    [
        ("NaN", "1", "NaN credits at 1 each"),
        ("Infinity", None, "Infinity credits at None each"),
        ("-1", None, "-1 credits at None each"),
        ("-1", "0", "-1 credits at 0 each"),
        ("1", "-0.01", "1 credits at -0.01 each"),
        ("1", "NaN", "1 credits at NaN each"),
        ("1", "9000000.01", "1 credits at 9000000.01 each"),
        ("1E+30", "1", "1E+30 credits at 1 each"),
    ],
)
@pytest.mark.parametrize("budget", [Budget(), EVERY])
def test_a_price_that_is_none_stops_the_start_with_a_budget_and_without(
    credits_: str, each: str | None, got: str, budget: Budget
) -> None:
    with pytest.raises(ConfigError) as caught:
        check_prices([member("lusha", Price.per_hit(credits_), each)], budget)
    assert str(caught.value) == (
        f"[providers.lusha]: expected a call to cost from 0 to 9,000,000, got a price of {got}; "
        "set price and credit_price"
    )


def test_a_limit_for_nobody_stops_the_start() -> None:
    """A name that is misspelt would leave the provider that is meant without a limit."""
    budget = Budget(providers={"lusah": 5})
    with pytest.raises(ConfigError) as caught:
        check_prices([member("lusha", Price.per_hit(1), "0.1")], budget, ["acme"])
    assert str(caught.value) == ("[budget.providers] limits 'lusah', which is no provider here. Did you mean 'lusha'?")
    with pytest.raises(ConfigError, match=r"limits 'zz', which is no provider here\. Known: acme, lusha\.$"):
        check_prices([member("lusha", Price.free())], Budget(providers={"zz": 5}), ["acme"])
    check_prices([], budget, ["lusah"])
    check_prices([member("lusah", Price.per_hit(1), None, SkipReason.NO_KEY)], budget)


def test_one_call_more_than_a_full_budget_fits_into_64_bits() -> None:
    """So no sum that the store makes while it decides can overflow."""
    assert nano(MOST) + nano(Decimal(9_000_000)) < 2**63


def test_the_hours_of_a_year_have_names_of_their_own() -> None:
    """8,760 hours, 365 days, 12 months."""
    budgets = Budgets(EVERY)
    start = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    seen = {tuple(names(budgets, (start + timedelta(hours=h)).timestamp(), "acme")[2:]) for h in range(8760)}
    assert [len({windows[place] for windows in seen}) for place in range(3)] == [8760, 365, 12]
