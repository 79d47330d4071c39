"""`enrichcore providers doctor`: checks keys and balances, for free."""

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import click

from enrichcore.cli import exits
from enrichcore.cli.options import Globals, common, drive, make_engine

if TYPE_CHECKING:
    from enrichcore.engine.channel import Channel
    from enrichcore.engine.core import AsyncEngine

Verdict = tuple[str, bool, str]
"""A provider, whether it is fine, and a sentence."""


@click.command(short_help="Check keys and balances, for free.")
@click.argument("name", required=False)
@common
@click.pass_context
def command(ctx: click.Context, name: str | None) -> None:
    """Check keys and balances for free; NAME checks that provider alone. Exit code 1 when one is broken."""
    from enrichcore.cli.render import table

    async def check() -> list[Verdict]:
        async with make_engine(ctx.ensure_object(Globals), providers=[name] if name else []) as engine:
            return await examine(engine, name)

    verdicts = drive(check())
    if not verdicts:
        click.echo("no provider takes part; `enrichcore providers list` shows what is missing")
        return
    click.echo(table(("provider", "", ""), [(n, "ok" if fine else "BROKEN", text) for n, fine, text in verdicts]))
    if not all(fine for _, fine, _ in verdicts):
        ctx.exit(exits.FAILED)


async def examine(engine: "AsyncEngine", name: str | None = None) -> list[Verdict]:
    """One verdict for each provider that takes part, and for each plugin that could not be loaded."""
    verdicts: list[Verdict] = []
    for member in engine.plan.members.values():
        channel = engine.channels.get(member.name)
        if member.skip is not None or channel is None:
            verdicts.append((member.name, False, member.detail or str(member.skip)))
        else:
            verdicts.append(await _ask(channel))
    seen = {verdict[0] for verdict in verdicts}
    for failure in engine.registry.failures.values():
        if failure.name not in seen and name in (None, failure.name):
            text = f"could not be loaded: {failure.error} ({failure.distribution} {failure.version})"
            verdicts.append((failure.name, False, text))
    return verdicts


async def _ask(channel: "Channel") -> Verdict:
    found = await probe(channel)
    return channel.member.name, found.fine, found.text


@attrs.frozen
class Probe:
    """What a free question to a vendor says of an account. `credits` is None where it does not say or sets no limit."""

    fine: bool
    text: str
    credits: Decimal | None = None


async def probe(channel: "Channel") -> Probe:
    """Ask a vendor for the balance, for free, and say in what state the provider is."""
    from enrichcore.engine.breaker import State
    from enrichcore.engine.channel import NO_HTTP
    from enrichcore.errors import ProviderError
    from enrichcore.model import Credits

    provider, name, health = channel.provider, channel.member.name, channel.health
    stopped = health.state in (State.PARKED, State.SUSPENDED)
    advice = f"; it is {health.state} ({health.reason}): `enrichcore providers resume {name}` when that is mended"
    advice = advice if stopped else ""
    try:
        async with asyncio.timeout(provider.timeout):
            left: Any = await provider.balance(channel.http.attempt() if channel.http is not None else NO_HTTP)
    except ProviderError as error:
        return Probe(fine=False, text=f"{error.code}: {error}{advice}")
    except TimeoutError:
        return Probe(fine=False, text=f"no answer within {provider.timeout:g} s{advice}")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
        return Probe(fine=False, text=f"the plugin failed: {type(error).__name__}: {error}")
    if left is not None and not (isinstance(left, Credits) and isinstance(left.remaining, Decimal | None)):
        return Probe(
            fine=False, text="the plugin failed: balance() returned something else than Credits with a Decimal, or None"
        )
    remaining = None if left is None else left.remaining
    if provider.key_env is None and remaining is None:
        text, fine = "ready, needs no key", True
    elif left is None:
        text, fine = "a key is set; this vendor has no free way to check it", True
    elif remaining is None:
        text, fine = "the key works, unlimited credits", True
    else:
        text, fine = f"the key works, {remaining:f} credits left", remaining > 0
    if left is not None and left.detail:
        text += f" ({left.detail})"
    return Probe(fine and not stopped, text + advice, remaining)
