"""The report of a run as text."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from enrichcore.cli.ledger_sums import SHOWN
from enrichcore.cli.render import cents, clean, count, money, table
from enrichcore.cli.report_facts import PERCENTILES, Called, Facts, largest, share
from enrichcore.model import Outcome, Status

if TYPE_CHECKING:
    from enrichcore.bulk import Report

_MANY: Final = 12
"""Countries and reasons that are worth a line."""
_BAR: Final = 24
ALL: Final = "all"


def told(facts: Facts) -> str:
    """The whole report."""
    parts = [_head(facts)]
    if facts.report is not None:
        parts += _rows(facts, facts.report)
    parts += _calls(facts)
    if facts.report is not None:
        parts += _open_ends(facts.report)
    return clean("\n\n".join(parts))


def when(moment: float) -> str:
    """A time as people in all places read it."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"


def _head(facts: Facts) -> str:
    entry = facts.entry
    ended = "" if entry.ended is None else f", ended {when(entry.ended)}"
    lines = [f"{entry.source} -> {entry.out}", f"began {when(entry.began)}{ended}; {facts.state}"]
    if facts.report is None:
        lines.append("No command of this run was through yet: there is nothing to say of its rows, only of its calls.")
    return "\n".join(lines)


def statuses(facts: Facts, report: "Report") -> Iterator[tuple[str, int]]:
    """What the rows are, largest group first: all, those that were not looked up by reason, the others by status."""
    yield "rows", report.rows
    for reason, rows in largest(report.left_out.items(), _MANY):
        yield f"not looked up: {reason}", rows
    yield "looked up", facts.looked_up
    for status in Status:
        if report.status[status]:
            yield status.value.replace("_", " "), report.status[status]


def _rows(facts: Facts, report: "Report") -> Iterator[str]:
    rate = "-" if report.fill_rate is None else f"{report.fill_rate:.1%}"
    yield table(("rows", ""), [(what, f"{rows:,}") for what, rows in statuses(facts, report)]) + f"\nfill rate  {rate}"
    stories = report.stories
    if stories.reached:
        yield "The cascade: rows that came to each provider\n" + table(
            ("provider", "rows", *(o.value for o in SHOWN), "", "never came to it"),
            [
                (
                    name,
                    f"{outcomes.total():,}",
                    *(f"{outcomes[o.value]:,}" for o in SHOWN),
                    _drawn(outcomes[Outcome.HIT.value], outcomes.total(), facts.looked_up),
                    listed(stories.skipped[name].items()),
                )
                for name, outcomes in stories.reached.items()
            ],
            indent=2,
        )
    for what, shares in (("country", stories.countries), ("method", stories.methods)):
        order = largest(((key, n["tried"]) for key, n in shares.items()), _MANY)
        if order:
            lines = [
                (key, f"{tried:,}", f"{shares[key]['found']:,}", share(shares[key]["found"], tried))
                for key, tried in order
            ]
            more = len(shares) - len(lines)
            rest = f"\n  and {more} more" if more > 0 else ""
            yield f"Fill rate by {what}\n" + table((what, "tried", "found", "fill rate"), lines, indent=2) + rest
    if stories.accepted:
        yield "What each provider added: rows with its number\n" + table(
            ("provider", "rows", "others had nothing", "nobody else was asked"),
            [
                (name, f"{stories.accepted[name]:,}", f"{stories.rescued[name]:,}", f"{stories.first[name]:,}")
                for name in stories.reached
            ],
            indent=2,
        )
    pairs = [
        (a, b, f"{rows:,}", f"{stories.after[a][b]:,}", share(stories.after[a][b], rows))
        for a, later in stories.both.items()
        for b, rows in later.items()
    ]
    if pairs:
        heads = ("first", "then", "rows asked of both", "only the second had it", "")
        yield "Overlap, where two providers were asked about one row\n" + table(heads, pairs, indent=2)


def _calls(facts: Facts) -> Iterator[str]:
    parts = [*((name, facts.calls[name]) for name in facts.providers if name in facts.calls), (ALL, facts.total)]
    yield f"Calls of this run, as the journal has them (money in {facts.currency})\n" + table(
        ("provider", "calls", *(f"{o.value}" for o in SHOWN), "cost", "of it in doubt", "an accepted number cost"),
        [(name, *call_cells(facts, called)) for name, called in parts],
        indent=2,
    )
    if facts.total.sum.open:
        yield f"{count(facts.total.sum.open, 'call')} under way or left behind by a crash: not in the cost"
    timed = [(name, called.percentiles()) for name, called in parts if called.took and name != ALL]
    if timed:
        yield "How long an answer took, in ms\n" + table(
            ("provider", *(percentile_name(p) for p in PERCENTILES)),
            [(name, *(f"{p[each]:,.1f}" for each in PERCENTILES)) for name, p in timed],
            indent=2,
        )
    for what, field in (("Numbers that were refused", "rejects"), ("Errors", "errors")):
        lines = [
            (name, reason, f"{n:,}")
            for name, called in parts
            if name != ALL
            for reason, n in largest(getattr(called, field).items(), _MANY)
        ]
        if lines:
            yield f"{what}, by reason\n" + table(("provider", "reason", "calls"), lines, indent=2)


def call_cells(facts: Facts, called: Called) -> tuple[str, ...]:
    """The calls of one provider in columns."""
    made = called.sum
    cost = cents(made.cost) + " and credits without a price" * made.unpriced
    each = "-" if called.each is None else money(round(called.each, 4), facts.currency)
    return (
        f"{made.attempts:,}",
        *(f"{made.outcomes[o]:,}" for o in SHOWN),
        cost,
        cents(made.doubt) if made.unknown else "",
        each,
    )


def percentile_name(percent: int) -> str:
    """What a percentile is called."""
    return {50: "median", 100: "longest"}.get(percent, f"{percent}%")


def listed(counted: Iterable[tuple[str, int]]) -> str:
    """Reasons with their numbers, the largest first."""
    return ", ".join(f"{reason} {n:,}" for reason, n in largest(counted, _MANY))


def _open_ends(report: "Report") -> Iterator[str]:
    lines = [
        (name, reason, f"{rows:,}")
        for name, reasons in report.stories.ends.items()
        for reason, rows in largest(reasons.items(), _MANY)
    ]
    if lines:
        yield "Incomplete rows, and what is open in them\n" + table(("provider", "reason", "rows"), lines, indent=2)
    yield next_step(report)


def next_step(report: "Report") -> str:
    """What a person can do about what is incomplete."""
    if not report.status[Status.INCOMPLETE]:
        return "Nothing is incomplete."
    lines = []
    if report.unfinished:
        at = "" if report.retry_at is None else f", after {report.retry_at:%Y-%m-%d %H:%M} UTC"
        lines.append(f"{count(report.unfinished, 'row')} can be finished: run the same command again{at}.")
    if report.unresolved:
        lines.append(
            f"{count(report.unresolved, 'row')} will not change by that: a call may have been billed and its answer "
            "was lost (`enrichcore ledger --in-doubt`)."
        )
    return "\n".join(lines)


def _drawn(hits: int, rows: int, whole: int) -> str:
    """How many of all rows came so far, and how many of them were found here, as blocks."""
    if not whole:
        return ""
    came = round(_BAR * rows / whole)
    found = min(round(_BAR * hits / whole), came)
    return "#" * found + "-" * (came - found)
