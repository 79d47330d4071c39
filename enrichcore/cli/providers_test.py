"""`enrichcore providers test`: the contract suite, on one installed provider."""

import json
import os
import tempfile
from typing import TYPE_CHECKING

import click

from enrichcore.cli import exits
from enrichcore.cli.options import Globals, common, installed, plugins_print_elsewhere

if TYPE_CHECKING:
    from enrichcore.plugins import Provider
    from enrichcore.testing import Report


@click.command(short_help="Run the contract suite on a provider.")
@click.argument("name")
@click.option("--cases", "file", metavar="FILE", help="A Python file with CASES (else those that the provider ships).")
@click.option("--only", multiple=True, metavar="CHECK", help="A check, or the beginning of its name; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common
@click.pass_context
def command(ctx: click.Context, name: str, file: str | None, only: tuple[str, ...], *, as_json: bool) -> None:
    """Check that provider NAME keeps the contract, against the answers that its cases hold.

    Nothing leaves this machine, no key is read and nothing is bought. Exit code 1 when a check fails.
    """
    from enrichcore.cli.logs import configure
    from enrichcore.testing import check_provider
    from enrichcore.testing.cases import cases_of

    configure(ctx.ensure_object(Globals).log_level)
    provider = _find(name)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, plugins_print_elsewhere():
        # Hypothesis, where it is installed, would leave a folder of its own in this one.
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", folder)
        try:
            report = check_provider(provider, cases_of(provider, file), only=only)
        except LookupError as error:
            raise click.UsageError(str(error), ctx) from None
        finally:
            if os.environ.get("HYPOTHESIS_STORAGE_DIRECTORY") == folder:
                del os.environ["HYPOTHESIS_STORAGE_DIRECTORY"]
    click.echo(_as_json(report) if as_json else _as_table(report))
    if not report.ok:
        ctx.exit(exits.FAILED)


def _find(name: str) -> "Provider":
    from enrichcore.config import suggest
    from enrichcore.errors import ConfigError

    registry = installed()
    if name in registry.plugins:
        return registry.plugins[name].provider
    if name in registry.failures:
        failure = registry.failures[name]
        raise ConfigError(f"{name} ({failure.distribution} {failure.version}) is broken: {failure.error}")
    raise ConfigError(f"provider {name!r} is not installed. {suggest(name, registry.plugins)}")


def _as_table(report: "Report") -> str:
    from enrichcore.cli.render import count, table

    rows = [(r.check.name, r.status, r.text or r.check.says) for r in report.results]
    counts = ", ".join(f"{len(report.of(status))} {status}" for status in ("passed", "failed", "skipped"))
    lines = [table(("check", "result", ""), rows), "", f"{report.provider}: {counts} in {report.seconds:.1f} s"]
    if pages := sorted({result.check.see for result in report.of("failed")}):
        lines.append(f"what is expected: {', '.join(pages)} ({count(len(report.of('failed')), 'check')})")
    return "\n".join(lines)


def _as_json(report: "Report") -> str:
    results = [
        {
            "check": result.check.name,
            "status": result.status,
            "text": result.text,
            "says": result.check.says,
            "see": result.check.see,
            "seconds": round(result.seconds, 4),
        }
        for result in report.results
    ]
    return json.dumps({"provider": report.provider, "ok": report.ok, "results": results}, indent=2)
