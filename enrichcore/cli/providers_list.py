"""`enrichcore providers list`: every installed provider and whether it can be asked."""

import json
import os
from typing import TYPE_CHECKING, Any

import click

from enrichcore.cli.options import Globals, common, load, plugins_print_elsewhere

if TYPE_CHECKING:
    from enrichcore.engine.plan import Member
    from enrichcore.model import Price
    from enrichcore.plugins.registry import Failure, Plugin


@click.command(short_help="List installed providers and what is missing.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], *, as_json: bool) -> None:
    """List installed providers: methods, price, rate, key, and what is missing. Nothing is asked or opened.

    Without NAME all of them.
    """
    from enrichcore.cli.logs import configure
    from enrichcore.cli.render import clean, table
    from enrichcore.engine.core import AsyncEngine

    options = ctx.ensure_object(Globals)
    configure(options.log_level)
    config = load(options)
    with plugins_print_elsewhere():
        engine = AsyncEngine(config=config, store="memory")
    members = engine._members  # noqa: SLF001 - who takes part is decided before the engine opens
    plugins, broken = engine.registry.plugins, engine.registry.failures
    unknown = [name for name in names if name not in plugins and name not in broken]
    if unknown:
        there = ", ".join(sorted(plugins)) or "none"
        raise click.UsageError(f"no provider {unknown[0]!r} is installed; installed are: {there}")
    rows = [
        _describe(p, members.get(name), config) for name, p in sorted(plugins.items()) if not names or name in names
    ]
    failures = [_failure(failure) for name, failure in broken.items() if not names or name in names]
    if as_json:
        click.echo(json.dumps({"providers": rows, "failures": failures}, indent=2))
        return
    if rows:
        heads = ("provider", "methods", "price", "rate", "state", "package", "")
        click.echo(
            table(
                heads,
                [
                    (
                        row["name"],
                        ", ".join(row["methods"]),
                        row["price"],
                        ", ".join(row["rate"]) or "-",
                        row["state"] + (f": {row['missing']}" if row["missing"] else ""),
                        f"{row['distribution']} {row['version']}",
                        "experimental" if row["experimental"] else "",
                    )
                    for row in rows
                ],
            )
        )
    else:
        click.echo("no provider is installed; `pip install 'enrichcore[demo]'` brings two to try")
    for failure in failures:
        click.echo(
            clean(f"{failure['name']} ({failure['distribution']} {failure['version']}) is broken: {failure['error']}"),
            err=True,
        )


def _describe(plugin: "Plugin", member: "Member | None", config: Any) -> dict[str, Any]:
    provider = plugin.provider
    settings = config.for_provider(plugin.name)
    variable = settings.key_env or provider.key_env
    state, missing = "ready", None
    if member is not None and member.skip is not None:
        state, missing = member.skip.value.replace("_", " "), member.detail
    elif member is None:
        state = "not used"
        if not settings.enabled:
            missing = f"enabled = false in [providers.{plugin.name}]"
        elif provider.first_party:
            missing = f"configure it in [providers.{plugin.name}]"
        elif provider.when_named:
            missing = "it takes part only when it is named"
        elif variable and not (settings.api_key or os.environ.get(variable)):
            missing = f"set {variable}, or api_key in [providers.{plugin.name}]"
        else:
            missing = "[engine] providers does not name it"
    needs_key = provider.key_env is not None
    has_key = bool(settings.api_key or (variable and os.environ.get(variable)))
    return {
        "name": plugin.name,
        "methods": [method.value for method in plugin.lookups],
        "price": price(provider.price if member is None else member.price),
        "rate": list(provider.rate if member is None else member.rates),
        "key": "none needed" if not needs_key else "set" if has_key else "missing",
        "key_env": variable if needs_key else None,
        "state": state,
        "missing": missing,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "experimental": provider.experimental,
        "docs": provider.docs,
        "terms": provider.terms,
    }


def price(price_: "Price") -> str:
    """`5 credits per hit`, or `free`."""
    if not price_.paid:
        return "free"
    count = format(price_.credits.normalize(), "f")
    return f"{count} credit{'' if count == '1' else 's'} per {price_.per.value}"


def _failure(failure: "Failure") -> dict[str, str]:
    return {
        "name": failure.name,
        "distribution": failure.distribution,
        "version": failure.version,
        "error": failure.error,
    }
