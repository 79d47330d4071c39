"""`enrichcore serve`: the HTTP service."""

import contextlib
import functools
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from enrichcore.cli.options import Globals, common, default_store, drive, load, make_engine, note

if TYPE_CHECKING:
    import socket

    from enrichcore.service.operators.app import Seat

_EXTRA: Final = "the service needs more packages: install `enrichcore[service]`"


@click.command(short_help="Answer POST /v1/enrich/phone over HTTP.")
@click.option("--host", metavar="ADDRESS", help="Where to listen; 127.0.0.1 unless configured.")
@click.option("--port", type=click.IntRange(0, 65535), help="8000 unless configured; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes on that port; 1 unless configured.")
@click.option("--operators", metavar="ADDRESS:PORT", help="Where operators find a page and metrics; off by default.")
@click.option("--fd", type=int, hidden=True, help="The listening socket, of which a worker is told.")
@click.option("--operators-fd", type=int, hidden=True, help="Likewise, that of its page for operators.")
@click.option("--seat", type=int, default=0, hidden=True, help="Which of the workers it is.")
@click.option("--ports", default="", hidden=True, help="The ports of all workers' pages for operators.")
@common
@click.pass_context
def command(
    ctx: click.Context,
    *,
    host: str | None,
    port: int | None,
    workers: int | None,
    operators: str | None,
    fd: int | None,
    operators_fd: int | None,
    seat: int,
    ports: str,
) -> None:
    """Answer POST /v1/enrich/phone over HTTP, for whom `enrichcore keys create` has made a key.

    SIGTERM or Ctrl-C lets what is under way finish, for 25 seconds at most; a second one ends it at once. Either way
    nothing is lost that was paid for. Put a proxy that speaks TLS in front of it.

    `--operators 127.0.0.1:9100` adds a page and metrics for those who run it. They have no login: keep them private.
    """
    options = ctx.ensure_object(Globals)
    try:
        from enrichcore.service.operators.app import Seat
        from enrichcore.service.operators.listener import is_loopback, listen_all, url_of
        from enrichcore.service.server import listen
    except ImportError as error:
        from enrichcore.errors import ConfigError

        raise ConfigError(f"{_EXTRA} ({error})") from None

    configured = load(options).service
    host = configured.host if host is None else host
    port = configured.port if port is None else port
    workers = configured.workers if workers is None else workers
    operators = configured.operators if operators is None else operators
    if fd is not None:
        all_ports = [int(one) for one in ports.split(",") if one]
        _work(options, [fd] if operators_fd is None else [fd, operators_fd], workers, Seat(seat, all_ports))
        return
    if (options.store or load(options).store or default_store()[0]) == "memory":
        raise click.UsageError("keys are kept in the store, and one in memory has none: name another with --store", ctx)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(contextlib.closing(listen(host, port)))
        own = [] if operators is None else listen_all(operators, workers)
        for one in own:
            stack.enter_context(contextlib.closing(one))
        said = [f"listening on {url_of(listener)}" + (f" with {workers} workers" if workers > 1 else "")]
        if own:
            said.append(f"the operators' page is on {', '.join(map(url_of, own))}")
        if not all(map(is_loopback, own)):
            said.append("the operators' page has no login: whoever reaches it can look people up and spend money")
        if workers == 1:
            drive(_serve(options, [listener, *own], 1, said=said))
            return
        from enrichcore.service.workers import Workers

        command = functools.partial(_worker, options, listener, own, workers)
        together = Workers(command, [[listener, *own[seat : seat + 1]] for seat in range(workers)])
        ctx.exit(together.run(lambda: note("\n".join(said))))


def _worker(
    options: Globals, listener: "socket.socket", own: "Sequence[socket.socket]", workers: int, seat: int
) -> list[str]:
    """What one of several workers runs."""
    given = [("--config", options.config), ("--store", options.store), ("--log-level", options.log_level)]
    more = [part for name, value in given if value is not None for part in (name, value)]
    debug = ["--debug"] if options.debug else []
    page: list[str] = []
    if own:
        ports = ",".join(str(one.getsockname()[1]) for one in own)
        page = ["--operators-fd", str(own[seat].fileno()), "--seat", str(seat), "--ports", ports]
    serve = ["serve", "--workers", str(workers), "--fd", str(listener.fileno()), *page]
    return [sys.executable, "-m", "enrichcore.cli", *more, *debug, *serve]


def _work(options: Globals, fds: Sequence[int], workers: int, seat: "Seat") -> None:
    """Be one of several workers."""
    import socket

    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(contextlib.closing(socket.socket(fileno=fd))) for fd in fds]
        for one in sockets:
            one.setblocking(False)
        drive(_serve(options, sockets, workers, seat=seat))


async def _serve(
    options: Globals,
    sockets: "Sequence[socket.socket]",
    workers: int,
    *,
    seat: "Seat | None" = None,
    said: Sequence[str] = (),
) -> None:
    """Serve until told to end, on the first socket, with the operators' page on the second one if there is one.

    Where nothing is to be said, somebody else has said it and watches over us.
    """
    import asyncio

    from enrichcore.service.accounts import StoreAccounts
    from enrichcore.service.app import create_app
    from enrichcore.service.operators.listener import watched
    from enrichcore.service.server import Server, closed_in_time, quiet_uvicorn

    quiet_uvicorn()
    listener, *own = sockets
    config = load(options).service
    engine = make_engine(options)
    if config.traces:
        engine.registry.add(_traces())
    service = create_app(engine, StoreAccounts(engine, workers=workers), config=config)
    async with contextlib.AsyncExitStack() as stack:
        app: Any = service
        if own:
            page = watched(service, own[0], names=config.operators_hosts, seat=seat)
            app = await stack.enter_async_context(page)
        server = Server(
            app,
            draining=lambda: setattr(service, "ready", False),
            ready=(lambda: note("\n".join(said))) if said else bool,
            lifespan=False,
        )
        if not said:
            asyncio.get_running_loop().add_reader(0, server.orphaned)
        await stack.enter_async_context(closed_in_time(engine, service.aclose))
        await server.serve(sockets=[listener])


def _traces() -> object:
    """What tells OpenTelemetry of every enrichment."""
    try:
        from enrichcore.service.operators.traces import Traces
    except ImportError as error:
        from enrichcore.errors import ConfigError

        raise ConfigError(f"[service] traces: install `enrichcore[otel]` ({error})") from None
    return Traces()
