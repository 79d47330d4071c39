"""Checks of what a provider declares: complete, and of one piece."""

import importlib
import re
from urllib.parse import urlsplit

import attrs

from enrichcore.errors import ConfigError, PluginError
from enrichcore.model import EmailQuery, LinkedInQuery, Method, NameQuery
from enrichcore.model.price import Per
from enrichcore.plugins import Provider, Rate
from enrichcore.plugins.registry import Registry
from enrichcore.testing.bench import Bench
from enrichcore.testing.checks import check, expect, skip
from enrichcore.testing.transport import ScriptedTransport
from enrichcore.testing.vendor import engine_of, own_settings

_ENV = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")
_REGION = re.compile(r"[A-Z]{2}", re.ASCII)
_QUERIES = {Method.NAME: NameQuery, Method.LINKEDIN: LinkedInQuery, Method.EMAIL: EmailQuery}
_LONGEST_TIMEOUT = 300.0
_MOST_DAYS = 3660


def _web(url: str | None) -> bool:
    return url is not None and urlsplit(url).scheme == "https" and "." in urlsplit(url).netloc


@check("facts.loads", "the-module")
def loads(bench: Bench) -> None:
    """It loads as a plugin: its name, its hooks and their arguments are those of the contract."""
    try:
        [plugin] = Registry().add(bench.fresh())
    except PluginError as error:
        expect(fine=False, expected="a provider that the registry takes", came=str(error))
    expect(plugin.name == bench.provider.name, "one name", f"{plugin.name!r} and {bench.provider.name!r}")


@check("facts.methods", "cases")
def methods(bench: Bench) -> None:
    """Every method that it implements has a case, and every case has its method."""
    has, told = set(bench.plugin.lookups), {case.method for case in bench.cases.cases}
    names = ", ".join(sorted(has))
    expect(has == told, f"a case for each of {names}", f"cases for {', '.join(sorted(told)) or 'none'}")


@check("facts.documentation", "the-module")
def documentation(bench: Bench) -> None:
    """`docs` and `terms` are addresses where a person can read what is declared."""
    provider = bench.provider
    if provider.base_url is None:
        skip("the provider has no base_url: there is no vendor whose pages could be named")
    for fact in ("docs", "terms"):
        value = getattr(provider, fact)
        expect(_web(value), f"an https address in `{fact}`", repr(value))


@check("facts.sources", "before-you-publish")
def sources(bench: Bench) -> None:
    """The docstring of the module or the class names the pages the facts come from, and the day they were read."""
    if bench.provider.base_url is None:
        skip("the provider has no base_url: it has no vendor whose facts could go stale")
    kind = type(bench.provider)
    module = importlib.import_module(kind.__module__)
    top = importlib.import_module(kind.__module__.partition(".")[0])
    said = "\n".join(part.__doc__ or "" for part in (kind, module, top))
    expect("https://" in said, "an https address in the docstring", "none")
    expect(_DATE.search(said), "the day the pages were read, as 2026-11-25, in the docstring", "none")


@check("facts.base_url", "the-module")
def base_url(bench: Bench) -> None:
    """`base_url` is an https address without user, query and fragment."""
    url = bench.provider.base_url
    if url is None:
        skip("the provider makes no HTTP request: it has no base_url")
    parts = urlsplit(url)
    plain = not (parts.query or parts.fragment or parts.username)
    expect(parts.scheme == "https" and parts.netloc and plain, "an https address such as https://api.acme.example/v1",
           repr(url))  # fmt: skip


@check("facts.key", "the-module")
def key(bench: Bench) -> None:
    """`key_env` and `auth` go together: a vendor with a key says where it is kept and where it is sent."""
    provider = bench.provider
    if provider.key_env is None:
        expect(provider.auth is None, "a `key_env` beside `auth`", "none")
        return
    expect(_ENV.fullmatch(provider.key_env), "a `key_env` of capitals, digits and underscores", repr(provider.key_env))
    if provider.base_url is not None:
        expect(provider.auth is not None, "an `auth` (Bearer, Header or Query) beside `key_env`", "none")


@check("facts.price", "the-module")
def price(bench: Bench) -> None:
    """`price` says what is billed and how many credits it takes; what is free takes none."""
    said = bench.provider.price
    if said.per is Per.FREE:
        expect(said.credits == 0, "no credits where the price is free", f"{said.credits}")
        expect(not said.repeats_free_days, "no `repeats_free_days` where the price is free", "some")
        return
    expect(said.credits > 0, "more than 0 credits where the price is not free", f"{said.credits}")
    expect(0 <= said.repeats_free_days <= _MOST_DAYS, "days in `repeats_free_days`", f"{said.repeats_free_days}")


@check("facts.rate", "the-module")
def rate(bench: Bench) -> None:
    """`rate` says how often the vendor may be asked; a cautious guess where it publishes nothing."""
    said = bench.provider.rate
    expect(not isinstance(said, str), "a list such as ('5/s', '5000/day') in `rate`", "a text")
    for text in said:
        try:
            Rate.parse(text)
        except ValueError as error:
            expect(fine=False, expected="a rate", came=str(error))
    if bench.provider.base_url is not None:
        expect(said, "at least one `rate` for a vendor on the network", "none")


@check("facts.time", "the-module")
def time(bench: Bench) -> None:
    """`typical` and `timeout` are seconds, and a lookup that takes its usual time is not cut off."""
    provider = bench.provider
    expect(0 < provider.timeout <= _LONGEST_TIMEOUT, f"a timeout up to {_LONGEST_TIMEOUT:g} s", f"{provider.timeout}")
    expect(0 < provider.typical <= provider.timeout, "a `typical` above 0 and up to `timeout`", f"{provider.typical}")


@check("facts.retention", "the-module")
def retention(bench: Bench) -> None:
    """`retention` is a number of days, or None where the terms set no limit."""
    days: object = bench.provider.retention
    fine = days is None or (isinstance(days, int) and not isinstance(days, bool) and 0 < days <= _MOST_DAYS)
    expect(fine, "None or whole days above 0 in `retention`", repr(days))


@check("facts.countries", "the-module")
def countries(bench: Bench) -> None:
    """`countries` holds ISO regions in capitals, or is None where no limit is known."""
    said = bench.provider.countries
    if said is None:
        skip("no limit is declared")
    expect(not isinstance(said, str) and len(said) > 0, "a collection of regions in `countries`", repr(said))
    wrong = sorted(str(region) for region in said if not _REGION.fullmatch(str(region)))
    expect(not wrong, "ISO regions such as 'US'", ", ".join(wrong))


@check("facts.requires", "the-module")
def requires(bench: Bench) -> None:
    """`requires` names methods that it has, and fields that their queries have."""
    said = bench.provider.requires
    if not said:
        skip("no method needs more than its key")
    for method, names in said.items():
        expect(method in bench.plugin.lookups, "methods that it implements in `requires`", repr(method))
        expect(not isinstance(names, str), f"a set of fields in requires[{method!r}]", "a text")
        known = {field.name for field in attrs.fields(_QUERIES[Method(method)])} - {"key"}
        expect(set(names) <= known, f"fields of the query ({', '.join(sorted(known))})", ", ".join(sorted(names)))


@check("facts.settings", "keys-of-your-own")
def settings(bench: Bench) -> None:
    """Every key of its own is validated, and a wrong value or an unknown key is refused in words."""
    kind = bench.provider.Settings
    if kind is None:
        skip("it has no keys of its own")
    expect(attrs.has(kind), "an attrs class in `Settings`", f"{kind!r}")
    for key, value in [(field.name, object()) for field in attrs.fields(kind)] + [("no_such_key", "")]:
        came = "neither"
        try:
            own_settings(bench.fresh(), {**bench.settings, key: value})
        except ConfigError:
            continue
        except Exception as error:  # noqa: BLE001 - what it raises is what is checked
            came = type(error).__name__
        expect(fine=False, expected=f"a validator for the key {key!r} that refuses what it cannot be", came=came)
    required = any(field.default is attrs.NOTHING for field in attrs.fields(kind))
    declared = isinstance(type(bench.provider).settings, kind)
    expect(required or declared, f"`settings = {kind.__name__}()` in the class, as every key has a default", "none")


@check("facts.poll", "when-the-answer-comes-later")
def poll(bench: Bench) -> None:
    """What answers later says how to poll, and implements `collect`."""
    bench.job_cases()
    said = bench.provider.poll
    expect(said.first > 0 and said.factor >= 1 and said.first <= said.every < said.give_up,
           "0 < first <= every < give_up and factor >= 1 in `poll`", repr(said))  # fmt: skip
    own = type(bench.provider).collect is not Provider.collect
    expect(own, "a method `collect` beside a hook that returns a Job", "none")


@check("key.refused", "what-goes-wrong-and-who-notices")
def key_refused(bench: Bench) -> None:
    """A key with a space or a line break is refused before anything is sent, in a sentence that does not show it."""
    if bench.provider.key_env is None or not bench.speaks_http:
        skip("it needs no key")
    transport = ScriptedTransport()
    for word in ("canary key", "canary-key\n", "canary-key\r\nX-Evil: 1", "cl\u00e9-canary"):

        async def start(word: str = word) -> None:
            engine = engine_of(bench.fresh(), transport, bench.clock, bench.settings, key=word)
            async with engine:
                pass

        came = "a start without complaint"
        try:
            bench.clock.run(start())
        except ConfigError as error:
            came = str(error)
            expect("canary" not in came, "a message without the key", came)
            expect(bench.provider.key_env in came, f"a message that names {bench.provider.key_env}", came)
            continue
        expect(fine=False, expected=f"a ConfigError for the key {word!r}", came=came)
    expect(not transport.asked, "no request", f"{len(transport.asked)}")
