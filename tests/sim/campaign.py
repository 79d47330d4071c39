"""Many seeds in one process: `python -m tests.sim.campaign FROM TO [--bug NAME] [--first] [--digests]` prints JSON."""

import argparse
import contextlib
import gc
import json
import multiprocessing
import time
from collections import Counter
from typing import Any, Final

import attrs

from tests.sim import planted
from tests.sim.play import play

BATCH: Final = 500
"""Seeds that one child plays: what they leave behind ends with it, at no cost."""


@attrs.define(kw_only=True)
class Campaign:
    """What many seeds led to."""

    seeds: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    """Seconds of one core that the play itself took."""
    steps: int = 0
    calls: int = 0
    requests: int = 0
    virtual: float = 0.0
    violations: dict[str, int] = attrs.field(factory=dict)
    """Seeds that broke each rule."""
    broken: list[tuple[int, str, str]] = attrs.field(factory=list)
    """The first violation of each seed that had any: seed, rule, text."""
    digests: list[str] = attrs.field(factory=list)

    def add(self, part: "Campaign") -> None:
        """Count what other seeds led to, too."""
        for name in ("seeds", "seconds", "cpu", "steps", "calls", "requests", "virtual"):
            setattr(self, name, getattr(self, name) + getattr(part, name))
        for rule, seeds in part.violations.items():
            self.violations[rule] = self.violations.get(rule, 0) + seeds
        self.broken += part.broken
        self.digests += part.digests


def run(
    first: int, last: int, *, bug: str | None = None, until_found: bool = False, on_sqlite: bool = False
) -> Campaign:
    """Play the seeds from `first` up to, but not including, `last`."""
    campaign = Campaign()
    rules: Counter[str] = Counter()
    began, worked = time.perf_counter(), time.process_time()
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
    campaign.seconds, campaign.cpu = time.perf_counter() - began, time.process_time() - worked
    campaign.violations = dict(rules.most_common())
    return campaign


def run_in_children(first: int, last: int, **options: Any) -> Campaign:
    """The same, a batch of seeds in each of a row of children, where the system has `fork`; else in this process."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return run(first, last, **options)
    play(0)  # what is loaded once is there in every child
    gc.collect()
    gc.freeze()
    gc.disable()
    began = time.perf_counter()
    whole = Campaign()
    context = multiprocessing.get_context("fork")
    for start in range(first, last, BATCH):
        ours, theirs = context.Pipe(duplex=False)
        end = min(start + BATCH, last)
        child = context.Process(target=_report, args=(theirs, start, end, options))
        child.start()
        theirs.close()
        whole.add(ours.recv())
        child.join()
        if whole.broken and options.get("until_found"):
            break
    whole.seconds = time.perf_counter() - began
    return whole


def _report(connection: Any, first: int, last: int, options: dict[str, Any]) -> None:
    connection.send(run(first, last, **options))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--bug", choices=sorted(planted.PLANTED))
    parser.add_argument("--until-found", action="store_true")
    parser.add_argument("--sqlite", action="store_true")
    options = parser.parse_args()
    campaign = run_in_children(
        options.first, options.last, bug=options.bug, until_found=options.until_found, on_sqlite=options.sqlite
    )
    plain: dict[str, Any] = attrs.asdict(campaign)
    print(json.dumps(plain))


if __name__ == "__main__":
    main()
