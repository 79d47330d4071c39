"""Measures the engine as ratios and prints one table: `uv run python tests/benchmarks/run.py [name ...]`.

Options: `--pairs N` (9), `--small` (the sizes of a smoke test), `--json` (for other programs), `--list`.
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import engine_cases, keyless_cases, phone_cases, service_cases, start_cases, wire_cases
from tests.benchmarks.pairs import Case, Figure, compare

PAIRS = 9


def all_cases(*, small: bool) -> list[Case]:
    """Every case, in the order of the table."""
    return [
        case
        for part in (engine_cases, keyless_cases, wire_cases, service_cases, phone_cases, start_cases)
        for case in part.cases(small=small)
    ]


def line(figure: Figure) -> str:
    """One line of the table."""
    case = figure.case
    bar = "" if case.bar is None else f"{'>=' if case.least else '<='} {case.bar:g}"
    verdict = {True: "kept", False: "MISSED", None: ""}[figure.kept]
    low, high = figure.quartiles
    spread = f"{low:.3f}..{high:.3f} ({min(figure.ratios):.3f}..{max(figure.ratios):.3f})"
    return (
        f"{case.name:18} {figure.median:8.3f}  {spread:38} {bar:8} {verdict:7}"
        f"{figure.a:9.1f} {figure.b:9.1f} {case.unit:3} {case.about}"
    )


def as_json(figure: Figure) -> dict[str, object]:
    """One line for other programs."""
    return {
        "name": figure.case.name,
        "median": figure.median,
        "ratios": figure.ratios,
        "bar": figure.case.bar,
        "kept": figure.kept,
    }


def main() -> None:
    """Measure what is named, or everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--list", action="store_true")
    asked = parser.parse_args()
    cases = {case.name: case for case in all_cases(small=asked.small)}
    unknown = [name for name in asked.names if name not in cases]
    if unknown:
        parser.error(f"no case {', '.join(unknown)}; there are {', '.join(cases)}")
    if asked.list:
        print("\n".join(f"{case.name:18} {case.about}" for case in cases.values()))
        return
    if not asked.json:
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {asked.pairs} interleaved pairs a line")
        print(f"{'case':18} {'median':>8}  {'quartiles (all)':38} {'bar':15} {'A':>9} {'B':>9}")
    for name in asked.names or cases:
        figure = compare(cases[name], asked.pairs)
        print(json.dumps(as_json(figure)) if asked.json else line(figure), flush=True)


if __name__ == "__main__":
    main()
