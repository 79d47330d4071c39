"""The labelled pairs: how often an accepted answer is about the right person, and how many of the right are accepted.

The development half and the fresh pairs may be looked at. The evaluation half is only measured: nothing here names its
cases.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from enrichcore.identity import Traits, match_person

PAIRS = Path(__file__).parent / "pairs"


def measured(half: str) -> tuple[int, float, float]:
    """Cases, precision and recall of one half."""
    accepted = right = same = cases = 0
    for line in (PAIRS / f"{half}.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        match = match_person(method=case["method"], sent=Traits(**case["sent"]), said=Traits(**case["said"]))
        cases += 1
        accepted += match.accepted
        same += case["same"]
        right += match.accepted and case["same"]
    return cases, right / accepted, right / same


@pytest.mark.parametrize(
    ("half", "least_precision", "least_recall"),
    [("development", 1.0, 0.97), ("evaluation", 0.99, 0.85), ("fresh", 0.99, 0.85)],
)
def test_who_is_accepted_is_the_right_person(
    half: str, least_precision: float, least_recall: float, show: Callable[[str], None]
) -> None:
    """At least 0.99 of those accepted on unseen pairs are right, and at least 0.85 of the right are accepted."""
    cases, precision, recall = measured(half)
    show(f"{half}: {cases} pairs, precision {precision:.4f}, recall {recall:.4f}")
    assert precision >= least_precision
    assert recall >= least_recall


def test_the_files_are_whole() -> None:
    """At least 600 pairs in the halves and 250 fresh ones, right and wrong, each with an id of its own."""
    ids: dict[str, list[str]] = {}
    for half in ("development", "evaluation", "fresh"):
        rows = [json.loads(line) for line in (PAIRS / f"{half}.jsonl").read_text("utf-8").splitlines()]
        ids[half] = [row["id"] for row in rows]
        assert {row["same"] for row in rows} == {True, False}
    every = [one for half in ids.values() for one in half]
    assert len(every) == len(set(every))
    assert len(ids["development"]) + len(ids["evaluation"]) >= 600
    assert len(ids["fresh"]) >= 250
