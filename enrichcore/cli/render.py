"""How results, attempts and runs are shown to people: plain text, safe for any terminal."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from enrichcore.bulk import Report
    from enrichcore.model import Attempt, PhoneResult
    from enrichcore.store import Row

# Control characters, and the marks that turn the direction of everything after them.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without characters that would drive a terminal; scripts that run right to left stay as they are."""
    return _UNSAFE.sub("\ufffd", text)


def console(file: IO[str] | None = None, *, stderr: bool = False) -> "Console":
    """A console that takes text as text: no markup, no emoji codes, no guessing what to colour."""
    from rich.console import Console

    made = Console(file=file, stderr=stderr, markup=False, emoji=False, highlight=False)
    if not made.is_terminal:
        made.width = 200  # a pipe has no width: tables must not be cut for one
    return made


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, indent: int = 0) -> str:
    """Columns of text, padded; wide characters count as two. The last column is not padded."""
    lines = [[clean(str(cell)).replace("\n", " ") for cell in row] for row in (heads, *rows)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(heads))]
    return "\n".join(
        " " * indent + "  ".join(cell + " " * (widths[i] - _width(cell)) for i, cell in enumerate(line)).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) or c in "\u200d\ufe0f" else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def money(amount: Decimal | None, currency: str) -> str:
    """`0.12 USD`, or a dash where a credit has no price."""
    return "-" if amount is None else f"{_plain(amount)} {currency}"


def cents(amount: Decimal) -> str:
    """An amount with two decimals, or with as many as it needs, so that a column of them can be added up."""
    text = _plain(amount)
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest:0<2}"


def _plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds: float) -> str:
    """Seconds as people say them: `0.4 s`, `3 min 05 s`, `2 h 10 min`."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004 - tenths matter below ten
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def count(number: int, noun: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def headline(result: "PhoneResult") -> str:
    """The answer in one line."""
    if result.found:
        extension = f" ext. {result.extension}" if result.extension else ""
        kind = f" ({result.line_type})" if result.line_type not in (None, "unknown") else ""
        warning = ", on a do-not-call list" if result.do_not_call else ""
        return f"found {result.phone}{extension}{kind} by {result.provider}, method {result.method}{warning}"
    reason = f": {result.reason}" if result.reason else ""
    return f"{result.status.value.replace('_', ' ')}{reason}"


def story(result: "PhoneResult", currency: str) -> str:
    """The answer and every attempt that led to it."""
    lines = [clean(headline(result))]
    facts = [f"record {result.record_id}", f"cost {money(result.cost, currency)}"]
    if result.cached:
        facts.append("answered from the store, nobody was asked")
    if result.found_at is not None:
        facts.append(f"given {result.found_at:%Y-%m-%d %H:%M} UTC")
    if result.retry_at is not None:
        facts.append(f"ask again after {result.retry_at:%Y-%m-%d %H:%M:%S} UTC")
    if result.ignored:
        facts.append(f"ignored, because they cannot be what they claim: {', '.join(result.ignored)}")
    lines.append(clean(" · ".join(facts)))
    lines += [clean(refused(attempt)) for attempt in result.attempts if attempt.refused_phone is not None]
    if result.attempts:
        lines += ["", attempts(result.attempts, currency)]
    return "\n".join(lines)


def refused(attempt: "Attempt") -> str:
    """A number that came and was refused, in one line; it is not an answer."""
    return f"refused {attempt.refused_phone} by {attempt.provider}, method {attempt.method}: {attempt.refused_reason}"


def attempts(made: Sequence["Attempt"], currency: str) -> str:
    """One line for each attempt: who, method, outcome, why, what it cost, how long it took."""
    rows = []
    for attempt in made:
        retry = f"{attempt.retry_at:%Y-%m-%d %H:%M:%S}" if attempt.retry_at is not None else ""
        asked = attempt.outcome.value != "skipped"
        judged = attempt.match_score is not None and attempt.outcome.value in ("hit", "rejected")
        rows.append(
            (
                attempt.provider,
                attempt.method.value,
                attempt.outcome.value + (" (stored)" if attempt.cached and asked else ""),
                attempt.reason or "",
                f"{attempt.match_score:.2f}" if judged else "",
                attempt.billed.value if asked else "",
                money(attempt.cost, currency) if asked else "",
                f"{attempt.duration_ms:.1f}" if asked else "",
                retry,
                attempt.detail or "",
            )
        )
    heads = ("provider", "method", "outcome", "reason", "match", "billed", "cost", "ms", "retry at (UTC)", "detail")
    keep = [i for i in range(len(heads)) if any(row[i] for row in rows)]
    return table([heads[i] for i in keep], [[row[i] for i in keep] for row in rows])


def summary(report: "Report", seconds: float, currency: str) -> str:
    """What a run came to."""
    from enrichcore.model import Status

    counts = [count(report.rows, "row"), f"{report.found:,} found", f"{report.status[Status.NOT_FOUND]:,} not found"]
    counts += [
        f"{report.status[status]:,} {status.value}"
        for status in (Status.INCOMPLETE, Status.SUPPRESSED, Status.INVALID)
        if report.status[status]
    ]
    rate = "-" if report.fill_rate is None else f"{report.fill_rate:.1%}"
    cost = money(report.cost, currency) + (" and credits without a price" if report.unpriced else "")
    lines = [
        " · ".join(counts),
        f"fill rate {rate} · cost {cost} · {duration(seconds)}",
    ]
    if report.blank:
        lines.append(f"{count(report.blank, 'blank line')} passed over")
    if report.providers:
        lines += [
            "",
            table(
                ("provider", "found", "asked", "from the store", "credits", "cost"),
                [
                    (name, f"{t.hits:,}", f"{t.asked:,}", f"{t.known:,}", _plain(t.credits), money(t.cost, currency))
                    for name, t in report.providers.items()
                ],
            ),
        ]
    lines += [
        f"{name} had errors: " + ", ".join(f"{code} {number:,}" for code, number in tally.errors.most_common())
        for name, tally in report.providers.items()
        if tally.errors
    ]
    if report.methods:
        found = sorted(report.methods.items(), key=lambda pair: -pair[1])
        lines += ["", "found by method: " + ", ".join(f"{method.value} {count:,}" for method, count in found)]
    return "\n".join(lines)


def doubts(rows: Sequence["Row"]) -> str:
    """Attempts whose billing is unknown, for a person to compare with the vendor's invoice."""
    from datetime import UTC, datetime

    limit = 10
    calls = count(len(rows), "call")
    lines = [f"{calls} may have been billed without an answer; compare with the vendor's invoice (`ledger --settle`):"]
    lines.append(
        table(
            ("provider", "method", "started (UTC)", "credits"),
            [
                (r.provider, r.method, f"{datetime.fromtimestamp(r.started_at, UTC):%Y-%m-%d %H:%M:%S}", r.credits)
                for r in rows[:limit]
            ],
            indent=2,
        )
    )
    if len(rows) > limit:
        lines.append(f"  and {len(rows) - limit:,} more")
    return "\n".join(lines)
