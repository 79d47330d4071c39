"""From a configuration to the parts of an engine: settings merged and validated, providers told their own keys."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from enrichcore import log
from enrichcore.config import Config, Order, ProviderConfig, load_config, provider_config
from enrichcore.engine.breaker import Health
from enrichcore.engine.channel import Channel
from enrichcore.engine.http import ProviderHttp
from enrichcore.engine.keys import Keyer
from enrichcore.engine.leases import Leases
from enrichcore.engine.limits import Limiter
from enrichcore.engine.plan import Member
from enrichcore.engine.states import States
from enrichcore.engine.transport import Transport
from enrichcore.errors import ConfigError, EnrichcoreError
from enrichcore.model import SkipReason
from enrichcore.plugins import Provider, Rate
from enrichcore.runtime import Runtime
from enrichcore.store import Store
from enrichcore.version import __version__


def merged_config(
    config: Config | str | None, settings: Mapping[str, Mapping[str, Any]] | None, env: Mapping[str, str]
) -> Config:
    """The configuration with the caller's settings put over it."""
    loaded = config if isinstance(config, Config) else Config() if config is None else load_config(config, env=env)
    if not settings:
        return loaded
    merged = dict(loaded.provider)
    for name, values in settings.items():
        merged[name] = provider_config(name, values)
    return attrs.evolve(loaded, provider=merged)


def frozen_order(order: Sequence[str] | Mapping[str, Sequence[str]]) -> Order:
    """An order that nobody changes behind our back."""
    if isinstance(order, Mapping):
        return {method: tuple(names) for method, names in order.items()}
    return tuple(order)


def apply_settings(provider: Provider, config: ProviderConfig, *, required: bool) -> None:
    """Validate the provider's own keys of its configuration table."""
    own = dict(config.own)
    if provider.Settings is None:
        for key in own:
            raise ConfigError(
                f"[providers.{provider.name}] has no key {key!r}; this provider knows api_key, key_env, base_url, "
                "price, credit_price, rate and enabled"
            )
        return
    if required and provider.settings is not None and not own:
        return
    known = [a.name for a in attrs.fields(provider.Settings)]
    for key in own:
        if key not in known:
            raise ConfigError(f"[providers.{provider.name}] has no key {key!r}; its own are {', '.join(known)}")
    try:
        provider.settings = provider.Settings(**own)
    except ConfigError:
        raise
    except (TypeError, ValueError) as error:
        raise ConfigError(f"[providers.{provider.name}]: {error}") from None


async def start_provider(member: Member, events: log.EventLog) -> bool:
    """Set a provider up; one that cannot start is marked and reported, and stops nobody else."""
    plugin = member.plugin
    if plugin is None or member.skip is not None:
        return False
    try:
        await plugin.provider.setup()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
        member.skip = SkipReason.FAILED_TO_START
        known = isinstance(error, EnrichcoreError)  # what we or a careful provider raise is a sentence for people
        member.detail = str(error) if known else f"setup() raised {type(error).__name__}: {error}"
        events.warning(
            log.PLUGIN_FAILED,
            provider=member.name,
            distribution=plugin.distribution,
            version=plugin.version,
            error_class=type(error).__name__,
        )
        return False
    events.info(
        log.PLUGIN_LOADED,
        provider=member.name,
        distribution=plugin.distribution,
        version=plugin.version,
        methods=[method.value for method in plugin.lookups],
    )
    return True


def open_channel(
    member: Member,
    provider: Provider,
    *,
    transport: Transport,
    keyer: Keyer,
    states: States,
    runtime: Runtime,
    store: Store,
    offline: bool,
) -> Channel:
    """What the engine holds of one provider at run time."""
    http = None
    if member.base_url is not None:
        http = ProviderHttp(
            provider,
            transport=transport,
            base_url=member.base_url,
            key=member.key,
            user_agent=f"enrichcore/{__version__}",
            offline=offline,
            wall=runtime.wall,
        )
    hits, misses = Channel.lifetimes(provider)
    rates = [Rate.parse(text) for text in member.rates]
    credential = keyer.credential(member.name, member.key)
    return Channel(
        member=member,
        provider=provider,
        health=Health(states.listener(member.name, credential)),
        limiter=Limiter(rates),
        leases=Leases(store, member.name, credential, rates) if rates and store.durable else None,
        http=http,
        credential=credential,
        hit_lifetime=hits,
        miss_lifetime=misses,
    )
