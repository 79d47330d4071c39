"""Many seeds in one process: `python -m tests.sim.campaign FROM TO [--bug NAME] [--first] [--digests]` prints JSON."""

import argparse
import contextlib
import gc
import json
import time
from collections import Counter
from typing import Any

import attrs

from tests.sim import planted
from tests.sim.play import play


@attrs.define(kw_only=True)
class Campaign:
    """What many seeds led to."""

    seeds: int = 0
    seconds: float = 0.0
    steps: int = 0
    calls: int = 0
    requests: int = 0
    virtual: float = 0.0
    violations: dict[str, int] = attrs.field(factory=dict)
    """Seeds that broke each rule."""
    broken: list[tuple[int, str, str]] = attrs.field(factory=list)
    """The first violation of each seed that had any: seed, rule, text."""
    digests: list[str] = attrs.field(factory=list)


def run(
    first: int, last: int, *, bug: str | None = None, until_found: bool = False, on_sqlite: bool = False
) -> Campaign:
    """Play the seeds from `first` up to, but not including, `last`."""
    campaign = Campaign()
    rules: Counter[str] = Counter()
    began = time.perf_counter()
    with contextlib.nullcontext() if bug is None else planted.PLANTED[bug]():
        for seed in range(first, last):
            report = play(seed, on_sqlite=on_sqlite)
            campaign.seeds += 1
            campaign.steps += report.steps
            campaign.calls += report.calls
            campaign.requests += report.requests
            campaign.virtual += report.seconds
            campaign.digests.append(report.digest)
            rules.update({violation.rule for violation in report.violations})
            if report.violations:
                worst = report.violations[0]
                campaign.broken.append((seed, worst.rule, worst.text))
                if until_found:
                    break
            if campaign.seeds % 50 == 0:
                gc.collect()
    campaign.seconds = time.perf_counter() - began
    campaign.violations = dict(rules.most_common())
    return campaign


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--bug", choices=sorted(planted.PLANTED))
    parser.add_argument("--until-found", action="store_true")
    parser.add_argument("--sqlite", action="store_true")
    options = parser.parse_args()
    campaign = run(
        options.first, options.last, bug=options.bug, until_found=options.until_found, on_sqlite=options.sqlite
    )
    plain: dict[str, Any] = attrs.asdict(campaign)
    print(json.dumps(plain))


if __name__ == "__main__":
    main()
