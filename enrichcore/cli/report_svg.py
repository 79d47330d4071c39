"""The pictures of a report: bars as inline SVG, which scale, print and need no script."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import attrs

from enrichcore.cli.render import clean

_WIDTH: Final = 880
_LEFT: Final = 230
_RIGHT: Final = 190
_ROOM: Final = _WIDTH - _LEFT - _RIGHT
_LINE: Final = 34
_THICK: Final = 18
_TOP: Final = 26
_LONGEST: Final = 28
"""Characters of a name that fit beside its bar."""


@attrs.frozen
class Part:
    """A piece of a bar: its colour by name, how much it stands for, and what it says when it is pointed at."""

    colour: str
    amount: float
    said: str


@attrs.frozen
class Bar:
    """One line of a picture. `start` is where the bar begins, `joins` where a thin line leads down from."""

    label: str
    parts: Sequence[Part]
    text: str = ""
    start: float = 0.0
    joins: float | None = None


def text(value: object) -> str:
    """`value` as text that cannot be anything else in a page."""
    return escape(clean(str(value)))


def picture(title: str, bars: Sequence[Bar], whole: float, ticks: Iterable[tuple[float, str]] = ()) -> str:
    """Bars side by side below each other, as wide as they are large in `whole`; `title` says it to those who hear."""
    height = _TOP + _LINE * len(bars) + 8
    size = f"0 0 {_WIDTH} {height}"
    made = [f'<div class="scroll" tabindex="0"><svg viewBox="{size}" role="img" aria-label="{text(title)}">']
    for at, said in ticks:
        x = _x(at, whole)
        made.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{height - 6}"/>')
        made.append(f'<text class="tick" x="{x:.1f}" y="{_TOP - 12}" text-anchor="middle">{text(said)}</text>')
    for line, bar in enumerate(bars):
        y = _TOP + _LINE * line
        made += _bar(bar, y, whole)
        if bar.joins is not None and line + 1 < len(bars):
            x = _x(bar.joins, whole)
            made.append(f'<line class="join" x1="{x:.1f}" x2="{x:.1f}" y1="{y + _THICK + 4}" y2="{y + _LINE + 4}"/>')
    return "".join((*made, "</svg></div>"))


def quarters(whole: float) -> list[tuple[float, str]]:
    """Marks at every quarter, in percent."""
    return [(whole * n / 4, f"{25 * n}%") for n in range(5)] if whole else []


def rounded(whole: float, unit: str) -> list[tuple[float, str]]:
    """Marks at round numbers, four to eight of them."""
    if whole <= 0:
        return []
    step = 1.0
    while step * 8 < whole:
        step *= 10
    while step * 4 > whole:
        step /= 10
    step = next(step * factor for factor in (1, 2, 5, 10) if step * factor * 7 >= whole)
    return [(n * step, f"{n * step:,g} {unit}") for n in range(int(whole / step) + 1)]


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """What the colours mean."""
    marks = (f'<li><span class="mark {colour}"></span>{text(said)}</li>' for colour, said in entries)
    return f'<ul class="legend">{"".join(marks)}</ul>'


def _bar(bar: Bar, y: int, whole: float) -> list[str]:
    middle = y + _THICK - 1
    label = bar.label if len(bar.label) <= _LONGEST else bar.label[: _LONGEST - 1] + "\u2026"
    made = [f'<text class="label" x="{_LEFT - 12}" y="{middle}" text-anchor="end">{text(label)}</text>']
    made.append(f'<rect class="track" x="{_LEFT}" y="{y + 4}" width="{_ROOM}" height="{_THICK}"/>')
    at = bar.start
    for part in bar.parts:
        if part.amount > 0:
            x, end = _x(at, whole), _x(at + part.amount, whole)
            made.append(
                f'<rect class="{part.colour}" x="{x:.2f}" y="{y + 4}" width="{max(end - x, 0.75):.2f}" '
                f'height="{_THICK}"><title>{text(part.said)}</title></rect>'
            )
            at += part.amount
    made.append(f'<text class="figure" x="{_LEFT + _ROOM + 12}" y="{middle}">{text(bar.text)}</text>')
    return made


def _x(amount: float, whole: float) -> float:
    return _LEFT + _ROOM * min(max(amount / whole, 0.0), 1.0) if whole else float(_LEFT)
