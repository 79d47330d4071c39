"""`enrichcore providers resume`: a parked or suspended provider works again."""

import click

from enrichcore.cli.options import Globals, common, drive, make_engine


@click.command(short_help="Say that a stopped provider works again.")
@click.argument("name")
@common
@click.pass_context
def command(ctx: click.Context, name: str) -> None:
    """Say that NAME works again, after its credits were topped up or its key was mended."""
    from enrichcore.errors import ConfigError

    async def resume() -> str:
        async with make_engine(ctx.ensure_object(Globals), providers=[name]) as engine:
            channel = engine.channels.get(name)
            if channel is None:
                member = engine.plan.members.get(name)
                why = "it is disabled in the configuration" if member is None else member.detail or str(member.skip)
                raise ConfigError(f"{name} cannot be asked: {why}")
            state, reason = channel.health.state.value, channel.health.reason
            engine.resume(name)
            if state == "closed":
                return f"{name} was not parked or suspended; nothing to do"
            return f"{name} was {state} ({reason}); it is asked again from now on"

    click.echo(drive(resume()))
