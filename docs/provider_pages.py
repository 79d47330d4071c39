"""What the documentation says of every provider of this repository: its facts, and what each event comes to."""

import importlib
import logging
import tomllib
from collections.abc import Iterator
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
        ("usual time, time-out", f"{kind.typical:g} s, {kind.timeout:g} s"),
        ("answers may be kept", f"{kind.retention} days" if kind.retention is not None else "no limit is known"),
        ("countries", ", ".join(sorted(kind.countries)) if kind.countries is not None else "no limit is known"),
        ("evidence", "thin: experimental" if kind.experimental else "documented by the vendor"),
        ("takes part", _when(kind)),
        ("documentation", f"<{kind.docs}>" if kind.docs else ""),
        ("terms", f"<{kind.terms}>" if kind.terms else ""),
    ]
    return [(what, which) for what, which in said if which]


def _when(kind: type[Provider]) -> str:
    if kind.when_named:
        return "only when the configuration names it"
    if kind.first_party:
        return "first, once it is configured"
    return "with a key" if kind.key_env else "always"


def matrix() -> list[tuple[str, ...]]:
    """For every provider whose vendor can be scripted what each of `EVENTS` comes to, by its first case."""
    rows: list[tuple[str, ...]] = []
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        rows += _rows()
    finally:
        structlog.reset_defaults()
    return rows


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
