"""Checks with answers that no documentation has: wrong types everywhere, and JSON made up by chance."""

import importlib.util
import json
from collections.abc import Iterator
from typing import Any, Final

from enrichcore.errors import PluginFault
from enrichcore.runtime import Runtime
from enrichcore.testing.act import Act
from enrichcore.testing.bench import Bench, Told, last
from enrichcore.testing.cases import Case, Exchange
from enrichcore.testing.check_answers import numbers_in, values_of, whole
from enrichcore.testing.checks import check, expect
from enrichcore.testing.mutants import WRONG, Path, get, holds, paths, replaced, without

SEE: Final = "read-strictly"
MOST_PLACES: Final = 250
MADE_UP: Final = 60
"""How many answers are made up by chance for one case; Hypothesis takes more time for each."""
SHAPES: Final[tuple[Any, ...]] = ([], None, 0, "", "none", True, [[]])
LETTERS: Final = "ab1+ \u00e9\u6f22"


def _json_ends(case: Case) -> Iterator[tuple[Exchange, int, Any]]:
    """Every kind of answer of a case that is JSON: its exchange, its place in it, and its value."""
    seen: set[tuple[int, bytes]] = set()
    for exchange in (*case.found, *(whole(case, one) for one in case.not_found[:1])):
        for place, act in enumerate(exchange):
            if act.body.lstrip().startswith((b"{", b"[")) and (place, act.body) not in seen:
                seen.add((place, act.body))
                yield exchange, place, act.json()


def _sane(case: Case, exchange: Exchange, told: Told, what: str) -> None:
    """It is an answer or a typed error, and no number comes from nowhere."""
    expect(not isinstance(told.outcome, PluginFault), f"an answer or a typed error by {case} for {what}",
           str(told.outcome))  # fmt: skip
    numbers = numbers_in(told)
    if numbers:
        values = values_of(exchange)
        for number in numbers:
            text = number.raw if isinstance(number.raw, str) else None
            if text is not None and any(map(str.isdecimal, text)):
                expect(holds(values, text), f"numbers of the answer by {case} for {what}", "one that is not in it")


def _all_sane(bench: Bench, case: Case, mutants: list[tuple[Exchange, str]]) -> None:
    for (exchange, what), told in zip(mutants, bench.tell_all(case, [m[0] for m in mutants]), strict=True):
        _sane(case, exchange, told, what)


def _in_place(exchange: Exchange, place: int, act: Act) -> Exchange:
    return (*exchange[:place], act, *exchange[place + 1 :])


def _shown(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path) or "the whole answer"


def _kind(value: Any) -> str:
    return "a long text" if isinstance(value, str) and len(value) > 40 else f"{value!r}"[:40]  # noqa: PLR2004 - a line


@check("hostile.wrong_types", SEE)
def wrong_types(bench: Bench) -> None:
    """Whatever stands at any place of a good answer, and whatever is missing, ends in an answer or a typed error."""
    for case in bench.http_cases():
        for exchange, place, value in _json_ends(case):
            act = exchange[place]
            mutants = []
            for path in list(paths(value))[:MOST_PLACES]:
                made = [(replaced(value, path, wrong), f"{_kind(wrong)} at {_shown(path)}") for wrong in WRONG]
                if path:
                    made.append((without(value, path), f"nothing at {_shown(path)}"))
                mutants += [(_in_place(exchange, place, act.with_json(body)), what) for body, what in made]
            _all_sane(bench, case, mutants)


@check("hostile.another_shape", SEE)
def another_shape(bench: Bench) -> None:
    """An empty list where an object belongs, a number, a text or null is not read as "not found"."""
    known = {body for case in bench.http_cases() for exchange in case.not_found for body in _bodies(exchange)}
    for case in bench.http_cases():
        for exchange in case.found:
            for place, act in enumerate(exchange):
                if not act.body.lstrip().startswith((b"{", b"[")):
                    continue
                shapes = [shape for shape in SHAPES if json.dumps(shape).encode() not in known]
                ends = [_in_place(exchange[: place + 1], place, act.with_json(shape)) for shape in shapes]
                for shape, told in zip(shapes, bench.tell_all(case, ends), strict=True):
                    fine = told.word in ("unreadable", "request_refused", "job_failed")
                    expect(fine, f"`unreadable` by {case} for {shape!r} in place of answer {place + 1}", told.word)


def _bodies(exchange: Exchange) -> Iterator[bytes]:
    for act in exchange:
        try:
            yield json.dumps(act.json()).encode()
        except ValueError:
            yield act.body


@check("hostile.deep", SEE)
def deep(bench: Bench) -> None:
    """JSON that is nested a hundred thousand deep is unreadable, and harms nobody."""
    for case in bench.http_cases():
        for exchange in case.found:
            for body in (b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000):
                told = bench.tell(case, last(exchange, exchange[-1].with_body(body)))
                expect(told.word in ("unreadable", "request_refused"), f"`unreadable` by {case}", told.word)


@check("hostile.made_up", SEE)
def made_up(bench: Bench) -> None:
    """JSON made up by chance (by Hypothesis where it is installed) ends in an answer or a typed error."""
    make = by_chance if importlib.util.find_spec("hypothesis") is None else by_hypothesis
    for case in bench.http_cases():
        ends = list(_json_ends(case))
        for exchange, place, value in ends:
            make(bench, case, exchange, place, value, max(MADE_UP // len(ends), 10))


def by_chance(bench: Bench, case: Case, exchange: Exchange, place: int, value: Any, times: int) -> None:
    """Three places of the answer hold something made up, many times over; the same ones in every run."""
    rng = Runtime(seed=4).rng

    def make(depth: int = 0) -> Any:
        kind = rng.randrange(9 if depth < 3 else 7)  # noqa: PLR2004 - the last two are containers
        if kind >= 7:  # noqa: PLR2004 - likewise
            several = [make(depth + 1) for _ in range(rng.randrange(4))]
            return several if kind == 7 else {rng.choice(["a", "phone", "error", ""]): one for one in several}  # noqa: PLR2004
        return (None, True, False, rng.randrange(-9, 10**12), rng.random(), "".join(rng.choices(LETTERS, k=5)), "")[
            kind
        ]

    mutants = []
    for _ in range(times):
        body = value
        for _ in range(rng.randrange(1, 4)):
            body = replaced(body, rng.choice(list(paths(body))), make())
        mutants.append((_in_place(exchange, place, exchange[place].with_json(body)), f"{_kind(body)} by chance"))
    _all_sane(bench, case, mutants)


def by_hypothesis(bench: Bench, case: Case, exchange: Exchange, place: int, value: Any, times: int) -> None:
    """The same, made up by Hypothesis, which also looks for the smallest that breaks it."""
    from hypothesis import HealthCheck, given, settings  # noqa: PLC0415 - optional
    from hypothesis import strategies as st  # noqa: PLC0415

    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
                       st.text(LETTERS, max_size=8))  # fmt: skip
    anything = st.recursive(
        leaves, lambda s: st.lists(s, max_size=3) | st.dictionaries(st.text(LETTERS), s, max_size=3)
    )
    places = list(paths(value))[1:]  # in place of the whole, `another_shape` has tried everything
    if not places:
        return
    Runtime(seed=4).rng.shuffle(places)  # what is looked at first is not always the top
    changes = st.lists(st.tuples(st.sampled_from(places), anything), min_size=1, max_size=3)

    @settings(max_examples=times, database=None, deadline=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(changes)
    def try_one(made: list[tuple[Path, Any]]) -> None:
        body = value
        for path, wrong in made:
            if _is_there(body, path):
                body = replaced(body, path, wrong)
        mutant = _in_place(exchange, place, exchange[place].with_json(body))
        _sane(case, mutant, bench.tell(case, mutant), f"{_kind(body)} by chance")

    try_one()


def _is_there(body: Any, path: Path) -> bool:
    try:
        get(body, path)
        return isinstance(get(body, path[:-1]), dict | list)
    except (LookupError, TypeError):
        return False
