"""The report of a run as one page: pictures as inline SVG, tables beside them, no script and nothing from outside."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from enrichcore.cli.ledger_sums import SHOWN
from enrichcore.cli.render import cents, count
from enrichcore.cli.report_facts import PERCENTILES, Called, Facts, largest, share
from enrichcore.cli.report_style import STYLE
from enrichcore.cli.report_svg import Bar, Part, legend, picture, quarters, rounded, text
from enrichcore.cli.report_text import ALL, call_cells, listed, next_step, percentile_name, statuses, when
from enrichcore.model import Outcome, Status
from enrichcore.version import __version__

if TYPE_CHECKING:
    from enrichcore.bulk import Report
    from enrichcore.bulk.stories import Stories

_MANY: Final = 15
_OUTCOMES: Final = tuple((o.value, o.value) for o in SHOWN)
"""Colour and name of each outcome: they are the same."""


def page(facts: Facts) -> str:
    """The whole page."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    title = f"Run of {PurePath(facts.entry.source).name}"
    body = "".join(_body(facts))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><main><h1>{text(title)}</h1>{body}</main></body></html>\n"
    )


def _body(facts: Facts) -> Iterator[str]:
    entry, report = facts.entry, facts.report
    ended = "" if entry.ended is None else f", ended {when(entry.ended)}"
    yield f'<p class="sub">Began {when(entry.began)}{ended}; {text(facts.state)}. Output {text(_name(entry.out))}.</p>'
    yield _tiles(facts)
    if report is None:
        yield "<p>No command of this run was through yet: there is nothing to say of its rows, only of its calls.</p>"
    else:
        yield from _cascade(facts, report.stories)
        yield from _shares("Fill rate by country", "country", report.stories.countries)
        yield from _shares("Fill rate by method", "method", report.stories.methods)
        yield from _added(facts, report.stories)
        yield from _overlap(report.stories)
    yield from _costs(facts)
    yield from _latency(facts)
    for title, field, colour in (
        ("Numbers that were refused, by reason", "rejects", "rejected"),
        ("Errors, by reason", "errors", "error"),
    ):
        yield from _reasons(title, field, colour, facts)
    if report is not None:
        yield from _open_ends(report)
        yield _section("Rows", _table(("", "rows"), [(w, f"{n:,}") for w, n in statuses(facts, report)]))
    yield (
        f"<footer>enrichcore {__version__}. Rows are counted as the last command of the run left them, calls and money "
        "as the journal says. Nobody is named here.</footer>"
    )


def _tiles(facts: Facts) -> str:
    total, report = facts.total, facts.report
    tiles = [("spent", f"{cents(total.sum.cost)} {facts.currency}", _doubt(facts))]
    tiles.append(("cost per number", _each(total, facts.currency), f"{total.hits:,} accepted in {_calls(total)}"))
    if report is not None:
        rate = "-" if report.fill_rate is None else f"{report.fill_rate:.1%}"
        tiles.insert(0, ("rows", f"{report.rows:,}", f"{facts.looked_up:,} looked up"))
        tiles.insert(1, ("found", f"{report.found:,}", f"fill rate {rate}"))
        incomplete = report.status[Status.INCOMPLETE]
        tiles.append(("incomplete", f"{incomplete:,}", "see below" if incomplete else "nothing is open"))
    made = (f"<div><dt>{text(a)}</dt><dd>{text(b)}<small>{text(c)}</small></dd></div>" for a, b, c in tiles)
    return f'<dl class="tiles">{"".join(made)}</dl>'


def _doubt(facts: Facts) -> str:
    total = facts.total.sum
    if total.unpriced:
        return "and credits without a price"
    return f"{cents(total.doubt)} of it in doubt" if total.unknown else "nothing in doubt"


def _cascade(facts: Facts, stories: "Stories") -> Iterator[str]:
    whole = facts.looked_up
    if not stories.reached or not whole:
        return
    bars = [Bar("looked up", [Part("all", whole, f"{whole:,} rows")], f"{whole:,} rows")]
    before = 0
    for name, outcomes in stories.reached.items():
        came, hits = outcomes.total(), outcomes[Outcome.HIT.value]
        parts = [Part(c, outcomes[o], f"{name}: {outcomes[o]:,} {o}") for c, o in _OUTCOMES]
        start = min(before, max(whole - came, 0))
        said = f"{came:,} rows, {share(hits, came)} hit" if came else "no row came so far"
        bars.append(Bar(name, parts, said, start, start + hits if hits else None))
        before += stories.accepted[name]
    found = stories.accepted.total()
    rest = whole - found
    bars.append(
        Bar(
            "outcome",
            [Part("hit", found, f"{found:,} with a number"), Part("none", rest, f"{rest:,} without")],
            f"{found:,} found",
        )
    )
    drawn = picture("Rows that came to each provider, with what it answered", bars, whole, quarters(whole))
    lines = [
        (name, f"{o.total():,}", *(f"{o[each.value]:,}" for each in SHOWN), listed(stories.skipped[name].items()))
        for name, o in stories.reached.items()
    ]
    heads = ("provider", "rows", *(o.value for o in SHOWN), "rows that never came to it, and why")
    said = "<p>Each bar begins where the numbers of those before it end: what is found is not asked about again.</p>"
    yield _section("The cascade", said, legend(_OUTCOMES), drawn, _details(_table(heads, lines)))


def _shares(title: str, what: str, counted: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    order = largest(((key, n["tried"]) for key, n in counted.items()), _MANY)
    if not order:
        return
    bars = []
    for key, tried in order:
        found = counted[key]["found"]
        part = Part("hit", found / tried if tried else 0, f"{key}: {found:,} of {tried:,}")
        bars.append(Bar(key, [part], f"{share(found, tried)} of {tried:,}"))
    lines = [
        (key, f"{tried:,}", f"{counted[key]['found']:,}", share(counted[key]["found"], tried))
        for key, tried in largest(((key, n["tried"]) for key, n in counted.items()), len(counted))
    ]
    table = _details(_table((what, "tried", "found", "fill rate"), lines))
    said = "<p>The country that a row names, else the one behind its domain or email.</p>" if what == "country" else ""
    yield _section(title, said, picture(title, bars, 1, quarters(1)), table)


def _added(facts: Facts, stories: "Stories") -> Iterator[str]:
    if not stories.accepted:
        return
    whole = max(stories.accepted.values())
    bars, lines = [], []
    for name in stories.reached:
        rows, rescued, first = stories.accepted[name], stories.rescued[name], stories.first[name]
        other = rows - rescued - first
        parts = [
            Part("rescued", rescued, f"{name}: {rescued:,} that the others did not have"),
            Part("first", first, f"{name}: {first:,} about which nobody else was asked"),
            Part("both", other, f"{name}: {other:,} that another one had too"),
        ]
        bars.append(Bar(name, parts, f"{rows:,} rows, {share(rows, facts.looked_up)}"))
        lines.append((name, f"{rows:,}", f"{rescued:,}", f"{first:,}", f"{other:,}"))
    marks = [
        ("rescued", "everybody else who was asked had nothing"),
        ("first", "nobody else was asked"),
        ("both", "another one had a number too"),
    ]
    heads = ("provider", "rows with its number", *(said for _, said in marks))
    drawn = picture("Rows with a number of each provider", bars, whole, rounded(whole, "rows"))
    yield _section("What each provider added", legend(marks), drawn, _details(_table(heads, lines)))


def _overlap(stories: "Stories") -> Iterator[str]:
    if not any(stories.both.values()):
        return
    names = list(stories.reached)
    rows = []
    for first in names[:-1]:
        cells = [f'<th scope="row">{text(first)}</th>']
        for then in names[1:]:
            asked, had = stories.both[first][then], stories.after[first][then]
            level = f' class="heat{round(10 * had / asked)}"' if asked else ""
            said = f"{share(had, asked)}<small>{had:,} of {asked:,}</small>" if asked else ""
            cells.append(f"<td{level}>{said}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in names[1:])
    said = (
        "<p>Of the rows for which both were asked: how often the one on top had the number when the one on the left "
        "had nothing. A cascade stops at the first number, so what two providers both have is seen only where both "
        "were asked.</p>"
    )
    corner = '<th scope="col">had nothing \u2193 found it \u2192</th>'
    table = f'<div class="scroll" tabindex="0"><table class="heat"><tr>{corner}{head}</tr>{"".join(rows)}</table></div>'
    yield _section("Overlap", said, table)


def _costs(facts: Facts) -> Iterator[str]:
    parts = [*_ordered(facts), (ALL, facts.total)]
    each = [(name, called.each, _each(called, facts.currency)) for name, called in parts if called.each is not None]
    drawn = ""
    if whole := float(max((amount for _, amount, _ in each), default=0)):
        bars = [Bar(name, [Part("cost", float(amount), f"{name}: {said}")], said) for name, amount, said in each]
        drawn = picture("What an accepted number cost", bars, whole, rounded(whole, facts.currency))
    heads = ("provider", "calls", *(o.value for o in SHOWN), "cost", "of it in doubt", "an accepted number")
    lines = [(name, *call_cells(facts, called)) for name, called in parts]
    under_way = facts.total.sum.open
    note = f"<p>{count(under_way, 'call')} under way or left behind by a crash: not in the cost.</p>"
    yield _section(
        "Calls and what an accepted number cost",
        "<p>What was paid for misses, refused numbers and lost answers is in it.</p>",
        drawn,
        _table(heads, lines),
        note if under_way else "",
    )


def _latency(facts: Facts) -> Iterator[str]:
    timed = [(name, called.percentiles()) for name, called in _ordered(facts) if called.took]
    if not timed:
        return
    whole = max(p[99] for _, p in timed)
    bars = []
    for name, p in timed:
        steps = [(50, "p50"), (90, "p90"), (99, "p99")]
        parts, before = [], 0.0
        for percent, colour in steps:
            parts.append(Part(colour, p[percent] - before, f"{name}: {percent}% within {p[percent]:,.1f} ms"))
            before = p[percent]
        bars.append(Bar(name, parts, f"{p[50]:,.0f} / {p[90]:,.0f} / {p[99]:,.0f} ms"))
    marks = [("p50", "half of the answers"), ("p90", "90%"), ("p99", "99%")]
    heads = ("provider", *(percentile_name(p) for p in PERCENTILES))
    lines = [(name, *(f"{p[each]:,.1f}" for each in PERCENTILES)) for name, p in timed]
    drawn = picture("How long answers took", bars, whole, rounded(whole, "ms"))
    yield _section("How long an answer took, in ms", legend(marks), drawn, _details(_table(heads, lines)))


def _reasons(title: str, field: str, colour: str, facts: Facts) -> Iterator[str]:
    found = [
        (f"{name}: {reason}", n) for name, called in _ordered(facts) for reason, n in getattr(called, field).items()
    ]
    if found:
        whole = max(n for _, n in found)
        bars = [Bar(said, [Part(colour, n, f"{said} {n:,}")], count(n, "call")) for said, n in largest(found, _MANY)]
        drawn = picture(title, bars, whole, rounded(whole, "calls"))
        yield _section(title, drawn, _details(_table(("", "calls"), [(s, f"{n:,}") for s, n in largest(found, 1000)])))


def _open_ends(report: "Report") -> Iterator[str]:
    found = [(f"{name}: {reason}", n) for name, ends in report.stories.ends.items() for reason, n in ends.items()]
    drawn = ""
    if found:
        whole = report.status[Status.INCOMPLETE]
        bars = [Bar(said, [Part("open", n, f"{said} {n:,}")], count(n, "row")) for said, n in largest(found, _MANY)]
        drawn = picture("Incomplete rows by what is open", bars, whole, quarters(whole))
    yield _section("What is incomplete, and why", f"<p>{text(next_step(report))}</p>", drawn)


def _ordered(facts: Facts) -> list[tuple[str, Called]]:
    return [(name, facts.calls[name]) for name in facts.providers if name in facts.calls]


def _each(called: Called, currency: str) -> str:
    return "-" if called.each is None else f"{cents(round(called.each, 4))} {currency}"


def _calls(called: Called) -> str:
    return count(called.sum.attempts, "call")


def _name(path: str) -> str:
    return PurePath(path).name


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{text(title)}</h2>{''.join(parts)}</section>"


def _details(table: str) -> str:
    return f"<details><summary>The figures</summary>{table}</details>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in heads)
    lines = (
        f'<tr><th scope="row">{text(first)}</th>{"".join(f"<td>{text(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return f'<div class="scroll" tabindex="0"><table><tr>{head}</tr>{"".join(lines)}</table></div>'
