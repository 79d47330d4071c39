"""The real engine in thousands of small worlds where everything goes wrong: no rule is broken, every planted bug is."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import pytest

from tests.sim import campaign, planted, replay
from tests.sim.play import play

ROOT: Final = Path(__file__).parents[2]
SEEDS: Final = 300
ON_SQLITE: Final = 40
MOST_SEEDS: Final = 1000
"""Seeds within which a planted bug is found."""
RARE: Final = {
    "abandoned_intent_stays_open": 4_000,
    "open_breaker_is_deaf_to_429": 8_000,
    "success_is_not_seen_while_paced": 10_000,
}
"""Bugs that need many seeds, and how many; the proof finds them."""
REACHED: Final = frozenset(
    {
        *(f"row {reason}" for reason in (
            "hit", "miss", "unsent", "maybe_sent", "rate_limited", "out_of_credits", "key_refused", "server_error",
            "request_refused", "unreadable", "job_failed", "plugin_fault", "stopped", "other_person",
            "line_type_not_wanted", "suppressed",
        )),
        *(f"skipped {reason}" for reason in (
            "paced", "parked", "suspended", "open", "no_time", "in_flight", "in_doubt", "stopped", "not_reached",
            "not_applicable", "over_budget", "suppressed",
        )),
        *(f"state {state}" for state in ("closed", "paced", "parked", "suspended", "open")),
        *(f"listed {kind}" for kind in ("phone", "email", "linkedin_id", "domain", "name_and_domain")),
        *(f"strike: {kind}" for kind in ("leave", "kill", "close", "force")),
        "error pending", "found", "not_found", "incomplete", "invalid", "suppressed", "forgotten", "left", "killed",
        "decided billed", "decided not billed", "expired", "taken off",
        "jumped", "StoreError", "EngineClosed",
    }
)  # fmt: skip
"""Situations that the scenarios must lead to, or else the rules prove nothing about them."""


def test_no_rule_is_broken_and_every_situation_is_reached() -> None:
    """Hundreds of seeds, no violation; and the scenarios do lead to every state and outcome that there is."""
    seen: set[str] = set()
    for seed in range(SEEDS):
        report = play(seed)
        assert not report.violations, (
            f"{replay.command(seed)}: {report.violations[0].rule}: {report.violations[0].text}"
        )
        seen |= report.seen
    assert seen >= REACHED, f"never reached: {sorted(REACHED - seen)}"


def test_no_rule_is_broken_on_sqlite() -> None:
    """The same with the real journal in a file: its groups, and processes that die in the middle of them."""
    found = campaign.run(0, ON_SQLITE, on_sqlite=True)
    assert not found.broken, f"{replay.command(found.broken[0][0], '--sqlite')}: {found.broken[0][1:]}"
    assert found.calls > ON_SQLITE


@pytest.mark.parametrize("bug", sorted(planted.PLANTED.keys() - RARE.keys()))
def test_every_planted_bug_is_found(bug: str) -> None:
    """One changed thing in the engine breaks a rule within a few hundred seeds, and it is a rule, not a crash."""
    found = campaign.run(0, MOST_SEEDS, bug=bug, until_found=True)
    assert found.broken, f"{bug} is not found in {MOST_SEEDS} seeds"
    _, rule, text = found.broken[0]
    assert rule != "the_loop_hears_no_error", text


def test_a_seed_gives_the_same_trace_every_time() -> None:
    """Twice in this process and in two others with other hash seeds: every event at the same microsecond."""
    here = campaign.run(0, 12)
    assert here.digests == campaign.run(0, 12).digests
    assert len(set(here.digests)) == 12
    for hash_seed in ("1", "2"):
        assert _workers([["0", "12"]], PYTHONHASHSEED=hash_seed)[0]["digests"] == here.digests


def test_a_replay_shows_the_whole_story() -> None:
    """The command that a failure prints shows the scenario, the same trace, and the broken rule."""
    done = _run("tests.sim.replay", "0", "--bug", "double_settle")
    with planted.PLANTED["double_settle"]():
        report = play(0)
    assert "seed 0" in done.splitlines()[0]
    assert "\n".join(report.trace) in done
    assert report.digest in done
    assert "the_journal_agrees_with_the_invoice" in done


@pytest.mark.proof
def test_proof_twenty_thousand_seeds_in_two_minutes() -> None:
    """20,000 seeds in under 120 s on 2 cores, 0 violations."""
    began = time.perf_counter()
    parts = _workers([["0", "10000"], ["10000", "20000"]])
    seconds = time.perf_counter() - began
    seeds, calls, requests, steps, cpu = (
        sum(part[name] for part in parts) for name in ("seeds", "calls", "requests", "steps", "cpu")
    )
    virtual = sum(part["virtual"] for part in parts)
    broken = [violation for part in parts for violation in part["broken"]]
    print(
        f"\n{seeds:,} seeds in {seconds:.1f} s on 2 cores ({seconds * 2000 / seeds:.1f} ms a seed and core, "
        f"{cpu * 1000 / seeds:.1f} ms of CPU, load {os.getloadavg()[0]:.1f}): "
        f"{requests:,} requests, {calls:,} calls, {steps:,} steps, {virtual / 3600:.1f} virtual hours, "
        f"{len(broken)} violations"
    )
    assert not broken, f"{replay.command(broken[0][0])}: {broken[0][1:]}"
    assert seeds == 20_000
    assert seconds < 120


@pytest.mark.proof
def test_proof_a_thousand_seeds_on_sqlite() -> None:
    """The real journal in a file: 1,000 seeds, 0 violations."""
    parts = _workers([["0", "500", "--sqlite"], ["500", "1000", "--sqlite"]])
    broken = [violation for part in parts for violation in part["broken"]]
    calls = sum(part["calls"] for part in parts)
    print(f"\n1,000 seeds on SQLite: {calls:,} calls, {len(broken)} violations")
    assert not broken, f"{replay.command(broken[0][0], '--sqlite')}: {broken[0][1:]}"


@pytest.mark.proof
def test_proof_every_planted_bug_breaks_rules() -> None:
    """How often each planted bug is found, and by which rules; the rare ones among more seeds."""
    print()
    for bug in sorted(planted.PLANTED):
        seeds = RARE.get(bug, MOST_SEEDS)
        halves = ["0", str(seeds // 2)], [str(seeds // 2), str(seeds)]
        parts = _workers([[*half, "--bug", bug] for half in halves])
        broken = [seed for part in parts for seed, _, _ in part["broken"]]
        rules = {rule for part in parts for rule in part["violations"]}
        share = f"{len(broken)} of {seeds:,} seeds"
        print(f"{bug:36} first seed {min(broken, default=-1):4}, {share:20} {', '.join(sorted(rules))}")
        assert broken


def _workers(arguments: list[list[str]], **env: str) -> list[dict[str, Any]]:
    """What campaigns in processes of their own say, all at once."""
    started = [_start("tests.sim.campaign", *part, **env) for part in arguments]
    said = [child.communicate() for child in started]
    for child, (_, error) in zip(started, said, strict=True):
        assert child.returncode == 0, error
    return [json.loads(output) for output, _ in said]


def _run(module: str, *arguments: str) -> str:
    output, error = _start(module, *arguments).communicate()
    assert not error
    return output


def _start(module: str, *arguments: str, **env: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
