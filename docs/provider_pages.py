"""What the documentation says of every provider of this repository: its facts, and what each event comes to."""

import importlib
import inspect
import logging
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import structlog

from enrichcore.cli.providers_list import price
from enrichcore.plugins import Provider
from enrichcore.plugins.registry import HOOKS
from enrichcore.testing import fault, reply
from enrichcore.testing.act import Act
from enrichcore.testing.bench import Bench
from enrichcore.testing.cases import Case, Cases, Exchange, cases_of
from enrichcore.testing.check_answers import whole

ROOT: Final = Path(__file__).parent.parent
EVENTS: Final = (
    "found", "not found", "pending", "out of credits", "bad key", "429", "5xx", "malformed", "hang",
)  # fmt: skip
_OF_CODE: Final[dict[str, tuple[str, Act | None]]] = {
    "out of credits": ("out_of_credits", None),
    "bad key": ("key_refused", reply(401, {"message": "no such key"})),
    "429": ("rate_limited", reply(429, {"message": "slow down"})),
    "5xx": ("server_error", reply(503, text="busy")),
}
"""The error of an event, and what the vendor says where its documentation names no answer of its own."""
_READ_ON: Final = re.compile(r"read\s+(?:on\s+)?((?:20\d\d-\d\d-\d\d(?:\s+and\s+)?)+)")
_THIN: Final = "thin: written down by clients, or not confirmed; answers are read leniently (`experimental`)"


@cache
def classes() -> dict[str, tuple[Path, type[Provider]]]:
    """The providers of this repository by name, each with its folder and its class."""
    found = {}
    for folder in sorted((ROOT / "providers").iterdir()):
        file = folder / "pyproject.toml"
        if file.exists():
            points = tomllib.loads(file.read_text("utf-8"))["project"]["entry-points"]["enrichcore"]
            for name, target in points.items():
                module, _, attribute = target.partition(":")
                found[name] = folder, getattr(importlib.import_module(module), attribute)
    return found


def facts(name: str) -> list[tuple[str, str]]:
    """What the class of a provider declares, as pairs of what and which."""
    _, kind = classes()[name]
    methods = [method for method, hook in HOOKS.items() if hasattr(kind, hook)]
    needs = [f"{method}: {', '.join(sorted(fields))}" for method, fields in kind.requires.items()]
    again = kind.price.repeats_free_days
    said = [
        ("methods", ", ".join(method.value for method in methods)),
        ("needs beside a method's key", "; ".join(needs)),
        ("key", f"`{kind.key_env}`" if kind.key_env else "none"),
        ("price", price(kind.price) + (f", repeats free for {again} days" if again else "")),
        ("rate", ", ".join(kind.rate) or "no limit is declared"),
        ("in one request of a bulk run", _batch(kind)),
        ("usual time, time-out", f"{kind.typical:g} s, {kind.timeout:g} s"),
        ("answers may be kept", f"{kind.retention} days" if kind.retention is not None else "no limit is known"),
        ("countries", ", ".join(sorted(kind.countries)) if kind.countries is not None else "no limit is known"),
        ("evidence", _grade(kind)),
        ("facts read on", ", ".join(dates(kind))),
        ("takes part", _when(kind)),
        ("documentation", f"<{kind.docs}>" if kind.docs else ""),
        ("terms", f"<{kind.terms}>" if kind.terms else ""),
    ]
    return [(what, which) for what, which in said if which]


def docstring(kind: type[Provider]) -> str:
    """What the module of a provider says of itself."""
    return inspect.getdoc(importlib.import_module(kind.__module__.partition(".")[0])) or ""


def dates(kind: type[Provider]) -> list[str]:
    """The days on which the sources of a provider were read, as its docstrings name them."""
    said = f"{docstring(kind)}\n{inspect.getdoc(importlib.import_module(kind.__module__))}\n{inspect.getdoc(kind)}"
    return sorted({day for found in _READ_ON.findall(said) for day in re.findall(r"[\d-]{10}", found)})


def summary(kind: type[Provider]) -> str:
    """The first sentence of what a provider says of itself."""
    return " ".join(docstring(kind).partition("\n\n")[0].split())


def page(name: str) -> str:
    """The page of one provider, made from its class and its docstring alone."""
    folder, kind = classes()[name]
    first, *rest = docstring(kind).split("\n\n")
    answers = [part for part in rest if not _is_source(part)]
    sources = [part for part in rest if _is_source(part)]
    row = next((cells for cells in matrix() if cells[0] == name), None)
    parts = [
        f"# {name}",
        " ".join(first.split()),
        f"To set it up: [its README](../../../providers/{folder.name}/README.md). [All providers](../providers.md).",
        "## What it declares",
        table(("", ""), facts(name)),
    ]
    if answers:
        parts += ["## What its answers mean", *answers]
    if row is not None:
        parts += ["## What each event comes to", table(EVENTS, [row[1:]])]
    if sources:
        parts += ["## Sources", *sources]
    return "\n\n".join(parts).rstrip() + "\n"


def _is_source(part: str) -> bool:
    return part.startswith("Sources")


def table(heads: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    """A table in Markdown."""
    return "\n".join([_cells(heads), _cells(["---"] * len(heads)), *map(_cells, rows)])


def _cells(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _grade(kind: type[Provider]) -> str:
    if kind.experimental:
        return _THIN
    return "documented: by the vendor, or by a standard" if kind.docs else "its own: no vendor's facts are in it"


def _batch(kind: type[Provider]) -> str:
    batch = kind.batch
    if batch is None:
        return ""
    return f"up to {batch.size} people" + (f", by {' or '.join(batch.methods)}" if batch.methods is not None else "")


def _when(kind: type[Provider]) -> str:
    if kind.when_named:
        return "only when the configuration names it"
    if kind.first_party:
        return "first, once it is configured"
    return "with a key" if kind.key_env else "always"


@cache
def matrix() -> tuple[tuple[str, ...], ...]:
    """For every provider whose vendor can be scripted what each of `EVENTS` comes to, by its first case."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        return tuple(_rows())
    finally:
        structlog.reset_defaults()


def _rows() -> Iterator[tuple[str, ...]]:
    for name, (_, kind) in classes().items():
        cases = cases_of(kind)
        with cases.prepared() as settings:
            bench = Bench(kind, cases, settings)
            if bench.speaks_http and any(case.found for case in cases.cases):
                case = next((case for case in cases.cases if case.phones != ()), cases.cases[0])
                yield (name, *(_cell(bench, case, event) for event in EVENTS))


def _cell(bench: Bench, case: Case, event: str) -> str:
    exchange = _exchange(bench.cases, case, event)
    if exchange is None:
        return "-"
    [looked] = bench.look_up(case, exchange)
    return f"{looked.word}, {looked.attempt.billed.value}"


def _exchange(cases: Cases, case: Case, event: str) -> Exchange | None:
    if event == "found":
        return case.found[0]
    if event == "not found":
        return whole(case, case.not_found[0]) if case.not_found else None
    if event == "pending":
        return (*case.found[0][:-1], *case.pending[0]) if case.pending else None
    if event == "malformed":
        return (reply(200, text="<html>a page of somebody's proxy</html>"),)
    if event == "hang":
        return (fault("never"),)
    code, otherwise = _OF_CODE[event]
    acts = cases.errors.get(code, ())
    act = acts[0] if acts else otherwise
    return None if act is None else (act,)
