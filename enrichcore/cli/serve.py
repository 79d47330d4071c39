"""`enrichcore serve`: the HTTP service."""

import contextlib
import sys
from typing import TYPE_CHECKING, Final

import click

from enrichcore.cli.options import Globals, common, default_store, drive, load, make_engine, note

if TYPE_CHECKING:
    import socket

_EXTRA: Final = "the service needs more packages: install `enrichcore[service]`"


@click.command(short_help="Answer POST /v1/enrich/phone over HTTP.")
@click.option("--host", metavar="ADDRESS", help="Where to listen; 127.0.0.1 unless configured.")
@click.option("--port", type=click.IntRange(0, 65535), help="8000 unless configured; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes on that port; 1 unless configured.")
@click.option("--fd", type=int, hidden=True, help="The listening socket, of which a worker is told.")
@common
@click.pass_context
def command(ctx: click.Context, *, host: str | None, port: int | None, workers: int | None, fd: int | None) -> None:
    """Answer POST /v1/enrich/phone over HTTP, for whom `enrichcore keys create` has made a key.

    SIGTERM or Ctrl-C lets what is under way finish, for 25 seconds at most; a second one ends it at once. Either way
    nothing is lost that was paid for. Put a proxy that speaks TLS in front of it.
    """
    options = ctx.ensure_object(Globals)
    try:
        from enrichcore.service.server import listen
    except ImportError as error:
        from enrichcore.errors import ConfigError

        raise ConfigError(f"{_EXTRA} ({error})") from None

    configured = load(options).service
    host = configured.host if host is None else host
    port = configured.port if port is None else port
    workers = configured.workers if workers is None else workers
    if fd is not None:
        _work(options, fd, workers)
        return
    if (options.store or load(options).store or default_store()[0]) == "memory":
        raise click.UsageError("keys are kept in the store, and one in memory has none: name another with --store", ctx)
    with contextlib.closing(listen(host, port)) as listener:
        address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        if workers == 1:
            drive(_serve(options, listener, 1, address=address))
            return
        from enrichcore.service.workers import Workers

        together = Workers(_worker(options, workers), listener, workers)
        ctx.exit(together.run(lambda: note(f"listening on {address} with {workers} workers")))


def _worker(options: Globals, workers: int) -> list[str]:
    """What one of several workers runs, but for the descriptor's number."""
    given = [("--config", options.config), ("--store", options.store), ("--log-level", options.log_level)]
    more = [part for name, value in given if value is not None for part in (name, value)]
    debug = ["--debug"] if options.debug else []
    return [sys.executable, "-m", "enrichcore.cli", *more, *debug, "serve", "--workers", str(workers), "--fd"]


def _work(options: Globals, fd: int, workers: int) -> None:
    """Be one of several workers."""
    import socket

    with contextlib.closing(socket.socket(fileno=fd)) as listener:
        listener.setblocking(False)
        drive(_serve(options, listener, workers))


async def _serve(options: Globals, listener: "socket.socket", workers: int, *, address: str | None = None) -> None:
    """Serve until told to end; without an `address` somebody else has told it and watches over us."""
    import asyncio

    from enrichcore.service.accounts import StoreAccounts
    from enrichcore.service.app import create_app
    from enrichcore.service.server import Server, closed_in_time, quiet_uvicorn

    quiet_uvicorn()
    engine = make_engine(options)
    accounts = StoreAccounts(engine, workers=workers)
    app = create_app(engine, accounts, config=load(options).service)
    server = Server(
        app,
        draining=lambda: setattr(app, "ready", False),
        ready=bool if address is None else lambda: note(f"listening on {address}"),
        lifespan=False,
    )
    if address is None:
        asyncio.get_running_loop().add_reader(0, server.orphaned)
    async with closed_in_time(engine, app.aclose):
        await server.serve(sockets=[listener])
