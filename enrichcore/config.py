"""The configuration file `enrichcore.toml`, validated key by key.

Every key is known here; a key that is not raises `ConfigError` with the nearest one that exists.
"""

import difflib
import tomllib
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

import attrs

from enrichcore.errors import ConfigError
from enrichcore.model import Acceptance, Budget, LineType
from enrichcore.plugins.rate import Rate

DEFAULT_PATH = "enrichcore.toml"
PATH_VARIABLE = "ENRICHCORE_CONFIG"

MAX_PEOPLE = 5

_SECRET = frozenset({"api_key", "key", "secret"})
"""Keys whose values no message may show."""

Order = tuple[str, ...] | Mapping[str, tuple[str, ...]]
OrderBy = Literal["method", "cost"]
OnChanged = Literal["lookup", "reject"]


@attrs.frozen(kw_only=True)
class ProviderConfig:
    """`[providers.<name>]`: what every provider may be told; other keys go to its own `Settings`."""

    api_key: str | None = attrs.field(default=None, repr=False)
    key_env: str | None = None
    base_url: str | None = None
    price: Decimal | None = None
    credit_price: Decimal | None = None
    rate: tuple[str, ...] | None = None
    enabled: bool = True
    own: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class ServiceConfig:
    """`[service]`: what the HTTP service is told. Times are in seconds."""

    deadline: float = 30.0
    """How long one request may take before it is answered with what is known."""
    max_wait: float = 120.0
    """The longest that `Prefer: wait` may ask for, and the deadline of a request that nobody waits for."""
    credits_per_hit: int = 1
    concurrency: int = 256
    """Lookups at the same time, in one process."""
    queue: int = 512
    """Lookups that may wait for a place; more are refused with 429."""
    on_changed_record: OnChanged = "lookup"
    host: str = "127.0.0.1"
    port: int = 8000
    """Where `enrichcore serve` listens; port 0 takes a free one."""
    workers: int = 1
    """Processes that share the port."""
    operators: str | None = None
    """Where the page and the metrics for operators are, as an address with a port; they have no login."""
    operators_hosts: tuple[str, ...] = ()
    """Under which names, beside addresses and `localhost`, that page may be asked for."""
    traces: bool = False
    """Whether enrichments and attempts are told to OpenTelemetry."""
    public_url: str | None = None
    """Where the outside world reaches the service: vendors are told to call there when a job has ended."""


@attrs.frozen(kw_only=True)
class Config:
    """A validated configuration. `deadline` is in seconds; None leaves each face its own default."""

    path: Path | None = None
    providers: tuple[str, ...] | None = None
    order: Order | None = None
    order_by: OrderBy = "method"
    deadline: float | None = None
    on_changed_record: OnChanged = "lookup"
    serve_stale: bool = False
    store: str | None = None
    secret: str | None = attrs.field(default=None, repr=False)
    store_key: str | None = attrs.field(default=None, repr=False)
    acceptance: Acceptance = attrs.field(factory=Acceptance)
    max_people: int | None = MAX_PEOPLE
    """For how many people one number may be given before it is nobody's own; None for any number."""
    budget: Budget = attrs.field(factory=Budget)
    provider: Mapping[str, ProviderConfig] = attrs.field(factory=dict)
    service: ServiceConfig = attrs.field(factory=ServiceConfig)

    @property
    def currency(self) -> str:
        """The currency of every cost and credit price."""
        return self.budget.currency

    def for_provider(self, name: str) -> ProviderConfig:
        """The settings of one provider; empty ones when the file does not mention it."""
        return self.provider.get(name) or ProviderConfig()


class _Table:
    """One table of the file: takes keys out one by one and complains about what is left."""

    def __init__(self, where: str, values: object, source: str) -> None:
        self.where, self.source = where, source
        if not isinstance(values, Mapping):
            raise ConfigError(f"{source}: [{where}] must be a table, got {_kind(values)}")
        self._values = dict(values)
        self._known: list[str] = []

    def take(self, key: str, read: Callable[[Any], Any], expected: str, default: Any = None) -> Any:
        self._known.append(key)
        if key not in self._values:
            return default
        value = self._values.pop(key)
        try:
            return read(value)
        except (TypeError, ValueError, InvalidOperation) as error:
            hint = f" ({error})" if isinstance(error, ValueError) and str(error) else ""
            got = _kind(value) if key in _SECRET else repr(value)
            raise ConfigError(f"{self.source}: [{self.where}] {key}: expected {expected}, got {got}{hint}") from None

    def rest(self) -> dict[str, Any]:
        return self._values

    def done(self) -> None:
        for key in self._values:
            raise ConfigError(f"{self.source}: [{self.where}] has no key {key!r}. {suggest(key, self._known)}")


def suggest(word: str, known: Collection[str]) -> str:
    """`Did you mean …?` when something is near, else the list of what there is."""
    near = difflib.get_close_matches(word, known, 1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(known)) or 'none'}."


def _kind(value: object) -> str:
    return f"a value of type {type(value).__name__}"


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return tuple(_text(item) for item in value)


def _order(value: object) -> Order:
    if isinstance(value, Mapping):
        unknown = value.keys() - {"name", "linkedin", "email"}
        if unknown:
            raise ValueError(f"no such method: {', '.join(sorted(unknown))}")
        return MappingProxyType({str(method): _texts(names) for method, names in value.items()})
    return _texts(value)


def _order_by(value: object) -> OrderBy:
    if value not in get_args(OrderBy):
        raise ValueError(f"expected 'method' or 'cost', got {value!r}")
    return cast("OrderBy", value)


def _on_changed(value: object) -> OnChanged:
    if value not in get_args(OnChanged):
        raise TypeError
    return cast("OnChanged", value)


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:  # noqa: PLR2004 - 30 years
        raise TypeError
    return float(value)


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise TypeError
    return float(value)


def _shares(value: object) -> Mapping[str, float]:
    if not isinstance(value, Mapping):
        raise TypeError
    shares = {str(method): _share(share) for method, share in value.items()}
    return Acceptance(min_scores=shares).min_scores  # says which method there is not


def _countries(value: object) -> frozenset[str] | None:
    return Acceptance(countries=_texts(value)).countries  # says which country there is not


def _refused_countries(value: object) -> frozenset[str]:
    return Acceptance(refused_countries=_texts(value)).refused_countries


def _amount(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise TypeError
    amount = Decimal(str(value))
    if not amount.is_finite() or amount < 0:
        raise ValueError("must be zero or more")
    return amount


def _rates(value: object) -> tuple[str, ...]:
    texts = (_text(value),) if isinstance(value, str) else _texts(value)
    for text in texts:
        Rate.parse(text)
    return texts


def _people(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError
    return value or None


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError
    return value


def _at_least_one(value: object) -> int:
    if _whole(value) == 0:
        raise TypeError
    return cast("int", value)


def _port(value: object) -> int:
    if _whole(value) > 65535:  # noqa: PLR2004 - the last one
        raise TypeError
    return cast("int", value)


def _public_url(value: object) -> str:
    parts = urlsplit(_text(value).strip())
    named = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    if not named or parts.query or parts.fragment:
        raise ValueError("without a query and without a user")
    return parts.geturl().rstrip("/")


def _service(table: _Table) -> ServiceConfig:
    standard = ServiceConfig()
    return ServiceConfig(
        deadline=table.take("deadline", _seconds, "seconds", standard.deadline),
        max_wait=table.take("max_wait", _seconds, "seconds", standard.max_wait),
        credits_per_hit=table.take("credits_per_hit", _whole, "a number of credits", standard.credits_per_hit),
        concurrency=table.take("concurrency", _at_least_one, "a number of lookups", standard.concurrency),
        queue=table.take("queue", _whole, "a number of lookups", standard.queue),
        on_changed_record=table.take(
            "on_changed_record", _on_changed, "'lookup' or 'reject'", standard.on_changed_record
        ),
        host=table.take("host", _text, "an address", standard.host),
        port=table.take("port", _port, "a number from 0 to 65535", standard.port),
        workers=table.take("workers", _at_least_one, "a number of processes", standard.workers),
        operators=table.take("operators", _text, "an address with a port such as '127.0.0.1:9100'"),
        operators_hosts=table.take("operators_hosts", _texts, "a list of host names", standard.operators_hosts),
        traces=table.take("traces", _switch, "true or false", standard.traces),
        public_url=table.take("public_url", _public_url, "an address such as 'https://phones.acme.example'"),
    )


def _acceptance(table: _Table) -> Acceptance:
    values = {
        "line_types": table.take(
            "line_types", lambda v: [LineType(x) for x in _texts(v)], "a list of mobile, landline, voip, unknown"
        ),
        "countries": table.take("countries", _countries, "a list of ISO country codes"),
        "refused_countries": table.take("refused_countries", _refused_countries, "a list of ISO country codes", ()),
        "company_lines": table.take("company_lines", _switch, "true or false", False),
        "allow_fictional": table.take("allow_fictional", _switch, "true or false", False),
        "min_score": table.take("min_score", _share, "a number from 0 to 1", 0.0),
        "min_scores": table.take("min_scores", _shares, "a table of one number from 0 to 1 per method", {}),
    }
    try:
        return Acceptance(**values)
    except ValueError as error:
        raise ConfigError(f"{table.source}: [{table.where}] {error}") from None


def provider_config(name: str, values: Mapping[str, Any], source: str = "settings") -> ProviderConfig:
    """Read one `[providers.<name>]` table.

    Raises:
        ConfigError: a value has the wrong form.
    """
    table = _Table(f"providers.{name}", values, source)
    return ProviderConfig(
        api_key=table.take("api_key", _text, "text"),
        key_env=table.take("key_env", _text, "the name of an environment variable"),
        base_url=table.take("base_url", _text, "a URL"),
        price=table.take("price", _amount, "credits per billed event, as a number"),
        credit_price=table.take("credit_price", _amount, "money per credit, such as '0.02'"),
        rate=table.take("rate", _rates, "rates such as '5/s' or ['5/s', '5000/day']"),
        enabled=table.take("enabled", _switch, "true or false", True),
        own=table.rest(),
    )


def parse_config(text: str, *, source: str = DEFAULT_PATH, path: Path | None = None) -> Config:
    """Read a configuration from TOML text.

    Raises:
        ConfigError: it is not TOML, or a key is unknown, or a value has the wrong form.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not valid TOML: {error}") from None
    root = _Table("", values, source)
    engine = _Table("engine", root.take("engine", lambda v: v, "a table", {}), source)
    store = _Table("store", root.take("store", lambda v: v, "a table", {}), source)
    budget = root.take("budget", lambda v: v, "a table", {})
    acceptance = _Table("acceptance", root.take("acceptance", lambda v: v, "a table", {}), source)
    providers = root.take("providers", lambda v: v, "a table", {})
    service = _Table("service", root.take("service", lambda v: v, "a table", {}), source)
    if not isinstance(providers, Mapping):
        raise ConfigError(f"{source}: [providers] must be a table, got {_kind(providers)}")
    for key in root.rest():
        raise ConfigError(
            f"{source}: there is no section [{key}]. "
            + suggest(key, ["engine", "store", "budget", "acceptance", "providers", "service"])
        )
    config = Config(
        path=path,
        providers=engine.take("providers", _texts, "a list of provider names"),
        order=engine.take("order", _order, "a list of provider names, or a table of one list per method"),
        order_by=engine.take("order_by", _order_by, "'method' or 'cost'", "method"),
        deadline=engine.take("deadline", _seconds, "seconds"),
        on_changed_record=engine.take("on_changed_record", _on_changed, "'lookup' or 'reject'", "lookup"),
        serve_stale=engine.take("serve_stale", _switch, "true or false", False),
        store=store.take("url", _text, "memory or sqlite:///path"),
        secret=store.take("secret", _text, "text of 16 characters or more"),
        store_key=store.take("key", _text, "a key as `openssl rand -base64 32` prints it, or several, newest first"),
        budget=Budget.parse(budget, source=source),
        acceptance=_acceptance(acceptance),
        max_people=acceptance.take("max_people", _people, "a number of people, 0 for any", MAX_PEOPLE),
        provider={name: provider_config(name, values, source) for name, values in providers.items()},
        service=_service(service),
    )
    for table in (engine, store, acceptance, service):
        table.done()
    return config


def load_config(path: str | Path | None = None, *, env: Mapping[str, str]) -> Config:
    """The configuration at `path`, else at `ENRICHCORE_CONFIG`, else `./enrichcore.toml`, else an empty one.

    Raises:
        ConfigError: the file that was asked for is missing, unreadable or wrong.
    """
    asked = path or env.get(PATH_VARIABLE)
    file = Path(asked or DEFAULT_PATH)
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        if asked:
            raise ConfigError(f"{file}: no such configuration file; `enrichcore init` writes one") from None
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot read the configuration: {error}") from None
    return parse_config(text, source=str(file), path=file)
