"""The plan: which providers take part and in what order, decided once and without I/O.

Two passes, each in the contract's order of methods (name, LinkedIn, email): first the caller's own directories, then
everybody else. The cascade works the list off; what an answer teaches makes earlier skipped steps applicable.
"""

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import attrs

from enrichcore.config import Config, Order, OrderBy, ProviderConfig, suggest
from enrichcore.engine.budgets import worst_case
from enrichcore.engine.hook import Hook, bind
from enrichcore.errors import ConfigError
from enrichcore.model import Acceptance, Attempt, Method, Outcome, Price, Query, SkipReason
from enrichcore.model.attempt import ZERO
from enrichcore.model.money import money_of, nano
from enrichcore.model.price import Per
from enrichcore.plugins.provider import Batch, Provider
from enrichcore.plugins.rate import Rate
from enrichcore.plugins.registry import Lookup, Plugin, Registry

METHODS = (Method.NAME, Method.LINKEDIN, Method.EMAIL)
_NEVER = float("-inf")


@attrs.define(eq=False)
class Member:
    """A provider that takes part, as configured: its key, price and rates, and why it cannot be asked, if so."""

    name: str
    plugin: Plugin | None
    config: ProviderConfig
    key: str | None
    price: Price
    credit_price: Decimal | None
    rates: tuple[str, ...]
    base_url: str | None
    skip: SkipReason | None = None
    detail: str | None = None
    """Why it is skipped, and the fix, as a sentence."""

    worst: Decimal | None = attrs.field(init=False)
    """What one call can cost at most, in money; None when nobody knows."""

    def __attrs_post_init__(self) -> None:
        """Know what a call can cost."""
        self.worst = worst_case(self.price, self.credit_price)

    def money(self, credits: Decimal) -> Decimal | None:
        """What `credits` of this vendor cost; None when a credit has no price."""
        if not credits:
            return ZERO
        return None if self.credit_price is None else money_of(credits, self.credit_price)


@attrs.define(eq=False)
class Step:
    """One provider asked by one method."""

    index: int
    member: Member
    name: str
    method: Method
    by: str
    """The method as plain text, for the journal."""
    lookup: Lookup | None
    hook: Hook | None
    blocking: bool
    """The hook is a plain `def`: it runs in a worker thread."""
    paid: bool
    reserve: int
    """What a call can cost at most, in billionths of the currency."""
    repeats_free: float
    """Seconds for which the vendor makes repeats free; below 0 where it does not."""
    requires: tuple[str, ...]
    countries: frozenset[str] | None
    batch: Batch | None
    """How its queries go together in a bulk run."""
    always: bool
    """Applies to every query of its method."""
    prefix: bytes
    skipped: dict[SkipReason, Attempt]
    """The attempts that say why this step was not taken: the same object for every contact."""

    def lacks(self, query: Query | None) -> SkipReason | None:
        """Why this step does not apply to a query."""
        if query is None:
            return SkipReason.NOT_APPLICABLE
        for field in self.requires:
            if getattr(query, field, None) is None:
                return SkipReason.NOT_APPLICABLE
        if self.countries is not None and query.country is not None and query.country not in self.countries:
            return SkipReason.COUNTRY
        return None


@attrs.define(eq=False)
class Plan:
    """The members and their steps in the order in which the cascade asks."""

    members: dict[str, Member]
    steps: tuple[Step, ...]
    _marks: dict[Step | None, tuple[Acceptance, bytes]] = attrs.field(factory=dict, init=False)
    """The last mark by winner: the policy hardly ever changes."""

    def mark(self, acceptance: Acceptance, winner: Step | None) -> bytes:
        """What decides whether a stored result may be returned as it is: who answered it, and the policy.

        A number stands as long as the provider that gave it would still give the same answer; a miss only as long as
        nobody else could be asked.
        """
        last = self._marks.get(winner)
        if last is not None and last[0] is acceptance:
            return last[1]
        asked = [winner.prefix] if winner is not None else [s.prefix for s in self.steps if s.member.skip is None]
        mark = hashlib.sha256(repr((sorted(asked), policy_mark(acceptance))).encode()).digest()[:16]
        self._marks[winner] = acceptance, mark
        return mark

    def step(self, provider: str | None, method: Method | None) -> Step | None:
        """The step of one provider and method."""
        return next((s for s in self.steps if s.name == provider and s.method is method), None)


def policy_mark(acceptance: Acceptance) -> tuple[object, ...]:
    """The policy as plain sorted values, the same on every run."""
    return tuple(sorted(v) if isinstance(v, frozenset) else v for v in attrs.astuple(acceptance, recurse=False))


def choose_members(
    registry: Registry,
    config: Config,
    *,
    providers: Sequence[str] | None,
    objects: Iterable[str],
    credentials: Mapping[str, str],
    env: Mapping[str, str],
    offline: bool,
) -> dict[str, Member]:
    """Who takes part: those named, else the configured directories and every provider that has a key.

    Raises:
        ConfigError: a provider that is named is not installed.
    """
    named = tuple(providers) if providers is not None else config.providers
    wanted = list(named or ())
    known = registry.plugins.keys() | registry.failures.keys()
    for name in [*wanted, *_ordered_names(config.order), *config.provider]:
        if name not in known:
            raise ConfigError(
                f"provider {name!r} is named but not installed. {suggest(name, known)} "
                f"A provider is its own package: pip install enrichcore-{name.replace('_', '-')}"
            )
    if named is None:
        wanted = [name for name in sorted(known) if _takes_part(name, registry, config, credentials, env)]
    wanted += [name for name in objects if name not in wanted]
    members: dict[str, Member] = {}
    for name in dict.fromkeys(wanted):
        settings = config.for_provider(name)
        if settings.enabled:
            members[name] = _member(name, registry, settings, credentials, env, offline=offline)
    return members


def _ordered_names(order: Order | None) -> list[str]:
    if order is None:
        return []
    return [n for names in order.values() for n in names] if isinstance(order, Mapping) else list(order)


def _takes_part(
    name: str, registry: Registry, config: Config, credentials: Mapping[str, str], env: Mapping[str, str]
) -> bool:
    plugin = registry.plugins.get(name)
    if plugin is None:
        return name in config.provider
    provider = plugin.provider
    if name in config.provider:
        return True
    if provider.when_named or provider.first_party:
        return False
    return provider.key_env is not None and _key(name, plugin, ProviderConfig(), credentials, env) is not None


def _key(
    name: str, plugin: Plugin, config: ProviderConfig, credentials: Mapping[str, str], env: Mapping[str, str]
) -> str | None:
    variable = config.key_env or plugin.provider.key_env
    return credentials.get(name) or config.api_key or (env.get(variable) if variable else None) or None


def _member(
    name: str,
    registry: Registry,
    config: ProviderConfig,
    credentials: Mapping[str, str],
    env: Mapping[str, str],
    *,
    offline: bool,
) -> Member:
    plugin = registry.plugins.get(name)
    if plugin is None:
        failure = registry.failures[name]
        return Member(
            name, None, config, None, Price.free(), None, (), None,
            SkipReason.FAILED_TO_START, f"{failure.distribution} {failure.version}: {failure.error}",
        )  # fmt: skip
    provider = plugin.provider
    key = _key(name, plugin, config, credentials, env)
    price = provider.price if config.price is None else attrs.evolve(provider.price, credits=config.price)
    base_url = config.base_url or provider.base_url
    member = Member(
        name, plugin, config, key, price, config.credit_price, config.rate or tuple(provider.rate), base_url
    )
    if provider.key_env is not None and key is None:
        member.skip = SkipReason.NO_KEY
        member.detail = f"set {config.key_env or provider.key_env}, or api_key in [providers.{name}]"
    elif base_url is None and provider.auth is not None:
        member.skip = SkipReason.FAILED_TO_START
        member.detail = f"set base_url in [providers.{name}]: this provider cannot know where it is"
    elif offline and _leaves(provider, base_url):
        member.skip, member.detail = SkipReason.OFFLINE, "ENRICHCORE_OFFLINE is set"
    return member


def _leaves(provider: Provider, base_url: str | None) -> bool:
    """Whether asking it leaves this machine; a key is for somebody else's, whatever library asks it."""
    if base_url is not None:
        return not _loopback(base_url)
    return provider.reaches_out or provider.key_env is not None


def _loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def make_plan(members: dict[str, Member], order: Order | None, order_by: OrderBy = "method") -> Plan:
    """The steps in order: own directories first, then everybody, each pass by method, free before paid.

    With `order_by="cost"` the second pass asks by what a billed answer costs, whatever the method.
    """
    ranked = sorted(members.values(), key=_by_cost)
    steps: list[Step] = []
    for first_party in (True, False):
        for method in METHODS:
            of_method: list[Member] = []
            for member in _rank(ranked, order, method):
                directory = member.plugin is not None and member.plugin.provider.first_party
                lookup = member.plugin.lookups.get(method) if member.plugin is not None else None
                if directory is first_party and (lookup is not None or member.plugin is None):
                    of_method.append(member)
            steps += [_step(member, method) for member in of_method]
        if order_by == "cost" and not first_party:
            steps.sort(key=_step_by_cost)
    for index, step in enumerate(steps):
        step.index = index
    return Plan(members, tuple(steps))


def _step_by_cost(step: Step) -> tuple[Any, ...]:
    """Own directories stay first; of equal prices the one that bills only for an answer comes before the other."""
    plugin = step.member.plugin
    directory = plugin is not None and plugin.provider.first_party
    *cost, name = _by_cost(step.member)
    return (not directory, *cost, step.member.price.per is Per.ATTEMPT, METHODS.index(step.method), name)


def _by_cost(member: Member) -> tuple[Any, ...]:
    credits_ = member.price.credits if member.price.paid else Decimal(0)
    money = member.money(credits_)
    return (member.price.paid, money is None, money if money is not None else credits_, member.name)


def _rank(members: list[Member], order: Order | None, method: Method) -> list[Member]:
    names = order.get(method.value, ()) if isinstance(order, Mapping) else order or ()
    place = {name: index for index, name in enumerate(names)}
    return sorted(members, key=lambda m: place.get(m.name, len(place)))


def _batch(member: Member, provider: Provider | None, method: Method) -> Batch | None:
    """The provider's batch for a method, no larger than what its rates let start at once."""
    batch = provider.batch if provider is not None else None
    if batch is None or (batch.methods is not None and method.value not in batch.methods):
        return None
    if batch.counts == "requests":
        return batch
    most = min((Rate.parse(text).calls for text in member.rates), default=batch.size)
    return attrs.evolve(batch, size=min(batch.size, most))


def _step(member: Member, method: Method) -> Step:
    plugin = member.plugin
    provider = plugin.provider if plugin is not None else None
    version = provider.answer_version if provider is not None else ""
    countries = provider.countries if provider is not None else None
    lookup = plugin.lookups[method] if plugin is not None else None
    return Step(
        index=0,
        member=member,
        name=member.name,
        method=method,
        by=method.value,
        lookup=lookup,
        hook=bind(lookup) if lookup is not None else None,
        blocking=lookup is not None and lookup.blocking,
        paid=member.price.paid,
        reserve=0 if member.worst is None else nano(member.worst),
        repeats_free=(member.price.repeats_free_days or _NEVER) * 86_400.0,
        batch=_batch(member, provider, method),
        always=not (provider is not None and (provider.requires.get(method.value) or countries is not None)),
        requires=tuple(provider.requires.get(method.value, ())) if provider is not None else (),
        countries=frozenset(countries) if countries is not None else None,
        prefix=f"{member.name}\0{version}\0{method.value}\0".encode(),
        skipped={
            reason: Attempt(
                provider=member.name,
                method=method,
                outcome=Outcome.SKIPPED,
                reason=reason.value,
                detail=member.detail if reason is member.skip else None,
            )
            for reason in SkipReason
        },
    )
