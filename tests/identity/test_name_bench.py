"""Names on the public name bench of nomenklatura (contrib/name_bench/cases.csv, MIT): better than plain metrics."""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import attrs
import pytest
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from enrichcore.identity.name_score import name_score

CASES = Path(__file__).parent / "suites" / "name_bench_cases.csv"
Metric = Callable[[str, str], float]

PLAIN: dict[str, Metric] = {
    "token_sort": fuzz.token_sort_ratio,
    "token_set": fuzz.token_set_ratio,
    "WRatio": fuzz.WRatio,
    "Jaro-Winkler": JaroWinkler.similarity,
    "Levenshtein": Levenshtein.normalized_similarity,
}


@attrs.frozen
class Figures:
    """At the threshold with the best F1; and the best precision at a threshold that finds half."""

    f1: float
    precision: float
    recall: float
    precision_at_half: float


@cache
def rows(schema: str | None) -> tuple[tuple[str, str, bool], ...]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return tuple(
            (row["name1"], row["name2"], row["is_match"] == "true")
            for row in csv.DictReader(file)
            if schema is None or row["schema"] == schema
        )


def figures(metric: Metric, cases: tuple[tuple[str, str, bool], ...]) -> Figures:
    scored = sorted(((metric(one, other), same) for one, other, same in cases), reverse=True)
    all_same = sum(same for _, same in scored)
    best, at_half, found = Figures(0, 0, 0, 0), 0.0, 0
    for i, (score, same) in enumerate(scored, 1):
        found += same
        if i < len(scored) and scored[i][0] == score:
            continue  # a threshold takes all of one score
        precision, recall = found / i, found / all_same
        f1 = 2 * precision * recall / (precision + recall) if found else 0.0
        if f1 > best.f1:
            best = Figures(f1, precision, recall, 0)
        if recall >= 0.5:
            at_half = max(at_half, precision)
    return attrs.evolve(best, precision_at_half=at_half)


def folded(metric: Metric) -> Metric:
    return lambda one, other: metric(one.casefold(), other.casefold())


def test_the_bench_is_whole() -> None:
    assert (len(rows(None)), len(rows("Person"))) == (826, 548)


@pytest.mark.parametrize("schema", ["Person", None], ids=["people", "all"])
def test_names_are_told_apart_better_than_by_the_best_plain_metric(
    schema: str | None, show: Callable[[str], None]
) -> None:
    """Each at the threshold that suits it best, by F1 and by precision at half of the recall."""
    ours = figures(name_score, rows(schema))
    others = {name: figures(folded(metric), rows(schema)) for name, metric in PLAIN.items()}
    show(
        "\n".join(
            f"{schema or 'all':7}{name:13} F1 {f.f1:.3f}  precision {f.precision:.3f}  recall {f.recall:.3f}  "
            f"precision at recall 0.5 {f.precision_at_half:.3f}"
            for name, f in {**others, "name_score": ours}.items()
        )
    )
    assert ours.f1 > max(f.f1 for f in others.values())
    assert ours.precision_at_half > max(f.precision_at_half for f in others.values())


def test_a_score_is_symmetric_and_between_zero_and_one() -> None:
    for one, other, _ in rows("Person")[::5]:
        score = name_score(one, other)
        assert 0.0 <= score <= 1.0
        assert abs(score - name_score(other, one)) < 0.15
        assert name_score(one, one) == 1.0


@pytest.mark.parametrize("value", [None, 7, True, ["Ada"], "", "   ", "\u0301" * 10_000, "a" * 1_000_000])
def test_no_value_is_too_odd_to_score(value: object) -> None:
    assert 0.0 <= name_score(value, "Ada Lovelace") < 0.5
