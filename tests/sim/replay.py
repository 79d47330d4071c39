"""Shows what one seed does: `uv run python -m tests.sim.replay SEED [--bug NAME]`, from the root of the repository."""

import argparse
import contextlib

from tests.sim import making, planted, scenario
from tests.sim.play import Report, play


def describe(plan: scenario.Scenario) -> list[str]:
    """The scenario in a few lines."""
    lines = [f"seed {plan.seed}: {len(plan.tenants)} processes for {', '.join(plan.tenants)}"]
    lines.append(f"  store: {'direct' if plan.latency is None else f'group commit of {plan.latency:g} s'}")
    lines += [f"  trouble of the store: {trouble}" for trouble in plan.troubles if trouble is not None]
    for vendor in plan.vendors:
        price = f"{vendor.price.credits} per {vendor.price.per}" if vendor.price.paid else "free"
        lines.append(
            f"  {vendor.name}: {price}, timeout {vendor.timeout:g} s, rates {', '.join(vendor.rates) or 'none'}"
        )
        if vendor.faults:
            lines.append(f"    {vendor.faults:.0%} of requests: {', '.join(vendor.kinds)}")
        lines += [
            f"    from {o.start:.1f} s to {o.end:.1f} s, {o.share:.0%}: {', '.join(o.faults)}" for o in vendor.outages
        ]
    return lines


def show(report: Report) -> list[str]:
    """What happened, and which rules were broken."""
    lines = [*report.trace, f"{report.steps} steps, {report.calls} calls, {report.seconds:.3f} virtual seconds"]
    lines.append(f"trace {report.digest}")
    lines += [f"broken at {v.at:.6f}: {v.rule}: {v.text}" for v in report.violations]
    return lines


def command(seed: int, *options: str) -> str:
    """The command that shows a seed."""
    return " ".join(["uv run python -m tests.sim.replay", str(seed), *options])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--bug", choices=sorted(planted.PLANTED))
    parser.add_argument("--sqlite", action="store_true")
    options = parser.parse_args()
    print(*describe(making.make(options.seed)), sep="\n")
    with contextlib.nullcontext() if options.bug is None else planted.PLANTED[options.bug]():
        report = play(options.seed, on_sqlite=options.sqlite)
    print(*show(report), sep="\n")


if __name__ == "__main__":
    main()
