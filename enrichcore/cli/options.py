"""Options that every command takes, before or after its name, and the engine they lead to."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import click

if TYPE_CHECKING:
    from enrichcore.config import Config
    from enrichcore.engine.core import AsyncEngine
    from enrichcore.model import Budget, Contact
    from enrichcore.plugins.registry import Registry

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


@attrs.define
class Globals:
    """The global options as given."""

    config: str | None = None
    store: str | None = None
    log_level: str = "error"
    debug: bool = False
    json_notes: bool = False
    """Whether a program reads standard error, as JSON lines."""


def _remember(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    values = ctx.ensure_object(Globals)
    if value is not None and parameter.name is not None:
        setattr(values, parameter.name, value)


def _option(*names: str, **more: Any) -> Callable[[F], F]:
    return click.option(*names, expose_value=False, callback=_remember, default=None, **more)


def common(function: F) -> F:
    """Add the global options; given twice, the one after the command's name counts."""
    for option in (
        _option("--debug", is_flag=True, help="Show tracebacks."),
        _option(
            "--log-level",
            type=click.Choice(["debug", "info", "warning", "error"]),
            help="Events on standard error, as JSON lines (default: error).",
        ),
        _option("--store", metavar="URL", help="Where answers are kept: sqlite:///path, postgresql://… or memory."),
        _option("--config", metavar="FILE", help="Configuration (else $ENRICHCORE_CONFIG, else ./enrichcore.toml)."),
    ):
        function = option(function)
    return function


def for_tenant(function: F) -> F:
    """Add `--tenant`, whose name goes to `AsyncEngine.for_tenant`."""
    return click.option(
        "--tenant", default="default", show_default=True, metavar="NAME", help="Whose records, answers and budgets."
    )(function)


_FIELDS: Final = (
    ("first_name", None),
    ("last_name", None),
    ("company", "Name or website."),
    ("domain", None),
    ("email", None),
    ("linkedin_id", "Slug or profile URL."),
    ("country", "Hint for numbers in national form: ISO code or English name."),
)


def contact_fields(function: F) -> F:
    """Add an option for each field of a contact but its record_id."""
    for field, said in reversed(_FIELDS):
        function = click.option(f"--{field.replace('_', '-')}", metavar="TEXT", help=said)(function)
    return function


def budget_limits(function: F) -> F:
    """Add the options that limit what may be spent."""
    for option in (
        click.option("--record-budget", metavar="AMOUNT", help='Spend at most this on one record, as "0.60 USD".'),
        click.option("--budget", metavar="AMOUNT", help='Spend at most this in all, as "300 USD".'),
    ):
        function = option(function)
    return function


def limited(options: Globals, run: str | None, record: str | None) -> "Budget | None":
    """The budget with the limits of the command line in place of those of the configuration; None without any.

    Raises:
        ConfigError: an amount is none.
    """
    from enrichcore.model.money import parse_amount

    if run is None and record is None:
        return None
    budget = load(options).budget
    if run is not None:
        budget = attrs.evolve(budget, run=parse_amount(run, budget.currency, what="--budget"))
    if record is not None:
        budget = attrs.evolve(budget, record=parse_amount(record, budget.currency, what="--record-budget"))
    return budget


def given_contact(fields: dict[str, str | None], **more: str | None) -> "Contact | None":
    """The contact in the options that were given; None without any."""
    from enrichcore.model import Contact

    given = {name: value for name, value in {**fields, **more}.items() if value is not None}
    return Contact.from_dict(given) if given else None


def confirmed(ctx: click.Context, question: str, *, yes: bool) -> None:
    """Go on only when a person, or `--yes`, says so."""
    from enrichcore.cli import exits

    if yes:
        return
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        agreed = False
        click.echo(err=True)
    if not agreed:
        note("nothing was done; --yes does it without asking")
        ctx.exit(exits.FAILED)


def note(text: str) -> None:
    """A line for the person, on standard error; for a program, as JSON."""
    from enrichcore.cli.render import clean

    context = click.get_current_context(silent=True)
    options = None if context is None else context.find_object(Globals)
    if options is None or not options.json_notes:
        click.echo(clean(text), err=True)
    elif text.strip():
        tell("note", {"text": clean(text.strip())})


def tell(event: str, values: Mapping[str, Any]) -> None:
    """A line for a program, on standard error."""
    click.echo(json.dumps({"event": event, **values}), err=True)


def load(options: Globals) -> "Config":
    """The configuration that the options ask for."""
    from enrichcore.config import load_config

    return load_config(options.config, env=os.environ)


def default_store() -> tuple[str, Path]:
    """The URL and path of the store that is used when nothing else is asked for."""
    import platformdirs

    path = platformdirs.user_data_path("enrichcore", appauthor=False) / "enrichcore.db"
    return f"sqlite:///{path.as_posix()}", path


def make_engine(
    options: Globals, *, providers: Sequence[str] = (), say_store: bool = False, **more: Any
) -> "AsyncEngine":
    """The engine that the options and the configuration describe; `providers` narrows it to those named.

    Where answers go is said when the user did not choose it and it is new, or with `say_store`.
    """
    config = _prepare(options)
    store, path = _choose_store(options, config)
    engine = _engine(config, store, providers=list(providers) or None, **more)
    if path is not None:
        if say_store or not path.exists():
            note(f"answers are kept in {path} (choose another place with --store or [store] url)")
        _make_folder(path.parent)
    return engine


def make_reader(options: Globals) -> "AsyncEngine":
    """An engine that only looks back: no provider is loaded, so a broken plugin cannot get in the way."""
    from enrichcore.model import Budget

    config = _prepare(options)
    store, path = _choose_store(options, config)
    if path is not None:
        _make_folder(path.parent)
    budget = Budget(currency=config.currency)  # nothing is bought, and limits may be for providers that are not loaded
    return _engine(attrs.evolve(config, providers=None, order=None, provider={}, budget=budget), store, providers=[])


def store_of(options: Globals) -> str:
    """The URL of the store that the options and the configuration name, else of the one in the data folder."""
    return _choose_store(options, _prepare(options))[0]


def installed() -> "Registry":
    """The plugins that are installed, whoever takes part: what their vendors' terms and prices say."""
    from enrichcore.plugins.registry import Registry

    registry = Registry()
    with plugins_print_elsewhere():
        registry.load_installed({})
        registry.resolve()
    return registry


def _prepare(options: Globals) -> "Config":
    from enrichcore.cli.logs import configure

    configure(options.log_level)
    return load(options)


def _engine(config: "Config", store: str, **more: Any) -> "AsyncEngine":
    from enrichcore.engine.core import AsyncEngine

    with plugins_print_elsewhere():
        return AsyncEngine(config=config, store=store, **more)


def plugins_print_elsewhere() -> contextlib.AbstractContextManager[Any]:
    """Inside, what a plugin prints goes to standard error: standard output is for the answer."""
    return contextlib.redirect_stdout(sys.stderr)


def drive(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, run to its end."""
    import asyncio

    with plugins_print_elsewhere():
        return asyncio.run(work)


def say_broken(engine: "AsyncEngine", options: Globals, providers: Sequence[str]) -> None:
    """Name every plugin that could not be loaded, where nobody said who takes part: it might have been one of them."""
    if providers or load(options).providers is not None:
        return
    for failure in engine.registry.failures.values():
        if failure.name not in engine.plan.members:
            note(f"{failure.name} is left out: {failure.error} ({failure.distribution} {failure.version})")


def _choose_store(options: Globals, config: "Config") -> tuple[str, Path | None]:
    """The store as asked for or configured, else the one in the user's data folder and its path."""
    asked = options.store or config.store
    return (asked, None) if asked is not None else default_store()


def _make_folder(folder: Path) -> None:
    from enrichcore.errors import StoreError

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make {folder}: {error.strerror}; choose another place with --store") from None


def is_terminal() -> bool:
    """Whether a person watches standard error."""
    return sys.stderr.isatty()
