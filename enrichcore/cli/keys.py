"""`enrichcore keys`: who may use the HTTP service, and with how many credits."""

import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

import click

from enrichcore.cli.options import Globals, common, confirmed, drive, make_reader, note

if TYPE_CHECKING:
    from datetime import datetime

    from enrichcore.service.keys import Desk, NewKey
    from enrichcore.store.accounts import StoredAccount, StoredKey

T = TypeVar("T")

_HOUR: Final = 3600.0
_DATES: Final = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
_CREDITS: Final = click.IntRange(0, 10**15)


def _finite(_ctx: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    """A number that can be compared: NaN passes every range."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("expected a number")
    return value


@click.group(short_help="Say who may use the HTTP service.")
@common
def command() -> None:
    """Keep the keys of the HTTP service and the credits of its tenants.

    A key is shown once, when it is made; the store keeps a keyed hash of it. All keys of a tenant share its records,
    its credits and its limits. Every process that serves the same store agrees, within a second.
    """


def _at_the_desk(ctx: click.Context, work: "Callable[[Desk, float], Awaitable[T]]") -> T:
    async def run() -> T:
        from enrichcore.service.keys import Desk

        async with make_reader(ctx.ensure_object(Globals)) as engine:
            now = (await engine._ready()).runner.wall()  # noqa: SLF001 - the engine's clock
            return await work(await Desk.of(engine), now)

    return drive(run())


def _until(ctx: click.Context, expires: "datetime | None", now: float) -> float | None:
    """When a key is to end, in wall seconds."""
    from datetime import UTC

    until = None if expires is None else expires.replace(tzinfo=UTC).timestamp()
    if until is not None and until <= now:
        raise click.UsageError("--expires lies in the past", ctx)
    return until


def _shown(new: "NewKey", *, as_json: bool) -> None:
    """Print a key that was just made, alone on standard output."""
    import json

    key = new.stored
    if as_json:
        facts = {"key": new.key, "key_id": key.id, "tenant": key.tenant, "expires": _moment(key.expires_at)}
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(new.key)
    note(
        f"this is the only time that the key {key.id} of {key.tenant} is shown: keep it where only its user can read it"
    )


def _moment(seconds: float | None) -> str | None:
    from datetime import UTC, datetime

    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


@command.command(short_help="Make a key.")
@click.option("--tenant", required=True, metavar="NAME", help="Whose key: its records and credits are its own.")
@click.option(
    "--credits", "credits_", type=_CREDITS, metavar="N", help="Add N credits. Default for a new tenant: no limit."
)
@click.option(
    "--rate", callback=_finite, type=click.FloatRange(0.001, 1e6), metavar="N", help="Requests a second, of the tenant."
)
@click.option("--concurrency", type=click.IntRange(1, 10**6), metavar="N", help="Requests at once, of the tenant.")
@click.option("--allow", type=click.Choice(["attempts"]), multiple=True, help="Let it see providers and their costs.")
@click.option("--expires", type=click.DateTime(_DATES), metavar="DATE", help="Until when it lives, in UTC.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common
@click.pass_context
def create(
    ctx: click.Context,
    *,
    tenant: str,
    credits_: int | None,
    rate: float | None,
    concurrency: int | None,
    allow: tuple[str, ...],
    expires: "datetime | None",
    as_json: bool,
) -> None:
    """Make a key of a tenant, and the tenant with its first key.

    A tenant has two live keys at most: one in use and one that takes over. Limits that are given take the place of
    those that the tenant had.
    """

    async def work(desk: "Desk", now: float) -> "NewKey":
        return await desk.create(
            tenant,
            now,
            credits=credits_,
            rate=rate,
            concurrency=concurrency,
            allow_attempts="attempts" in allow,
            expires_at=_until(ctx, expires, now),
        )

    _shown(_at_the_desk(ctx, work), as_json=as_json)


@command.command(short_help="Let a new key take over from another one.")
@click.argument("key_id", metavar="KEY_ID")
@click.option(
    "--keep-hours",
    callback=_finite,
    type=click.FloatRange(0, 8760),
    default=24.0,
    show_default=True,
    metavar="N",
    help="How long the old key still lives; 0 ends it now.",
)
@click.option("--expires", type=click.DateTime(_DATES), metavar="DATE", help="Until when the new one lives, in UTC.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common
@click.pass_context
def rotate(ctx: click.Context, key_id: str, *, keep_hours: float, expires: "datetime | None", as_json: bool) -> None:
    """Make a key with the same rights; the old one lives on for a while, so that nobody is locked out meanwhile."""

    async def work(desk: "Desk", now: float) -> "NewKey":
        return await desk.rotate(key_id, now, keep_hours * _HOUR, expires_at=_until(ctx, expires, now))

    _shown(_at_the_desk(ctx, work), as_json=as_json)


@command.command(short_help="End a key for good.")
@click.argument("key_id", metavar="KEY_ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@click.pass_context
def revoke(ctx: click.Context, key_id: str, *, yes: bool) -> None:
    """End a key for good. Servers that run let it in for a second more at most."""
    confirmed(ctx, f"End the key {key_id} for good?", yes=yes)

    async def work(desk: "Desk", now: float) -> "StoredKey":
        return await desk.revoke(key_id, now)

    key = _at_the_desk(ctx, work)
    click.echo(
        f"the key {key.id} of {key.tenant} " + ("is revoked" if key.revoked_at is None else "was revoked before")
    )


@command.command(short_help="Add credits to a tenant.")
@click.argument("tenant", metavar="TENANT")
@click.argument("credits_", metavar="N", type=click.IntRange(1, 10**15))
@common
@click.pass_context
def topup(ctx: click.Context, tenant: str, credits_: int) -> None:
    """Add N credits to what a tenant has. One without a limit has these and no more from then on."""

    async def work(desk: "Desk", _now: float) -> int:
        return await desk.topup(tenant, credits_)

    click.echo(f"{tenant} has {_at_the_desk(ctx, work):,} credits")


@command.command("list", short_help="Show keys, credits and limits.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """Show every key by its id, and what its tenant has and may. Keys themselves cannot be shown."""
    import json

    from enrichcore.cli.render import table

    async def work(desk: "Desk", now: float) -> "tuple[float, list[tuple[StoredKey, StoredAccount, int | None]]]":
        return now, await desk.all()

    now, found = _at_the_desk(ctx, work)
    if as_json:
        rows = [
            {
                "key_id": key.id,
                "tenant": key.tenant,
                "state": _state(key, now),
                "created": _moment(key.created_at),
                "expires": _moment(key.expires_at),
                "allow": ["attempts"] if key.allow_attempts else [],
                "credits_remaining": left,
                "rate": account.rate,
                "concurrency": account.concurrency,
            }
            for key, account, left in found
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    if not found:
        click.echo("no keys; `enrichcore keys create --tenant NAME` makes one")
        return
    columns = ("key", "tenant", "state", "expires", "credits left", "requests/s", "at once")
    lines = [
        (
            key.id,
            key.tenant,
            _state(key, now),
            _moment(key.expires_at) or "never",
            "no limit" if left is None else f"{left:,}",
            "no limit" if account.rate is None else f"{account.rate:g}",
            "no limit" if account.concurrency is None else f"{account.concurrency:,}",
        )
        for key, account, left in found
    ]
    click.echo(table(columns, lines))


def _state(key: "StoredKey", now: float) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "live" if key.lives(now) else "expired"
