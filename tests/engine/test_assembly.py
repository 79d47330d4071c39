"""From a configuration to the parts of an engine: what is merged, what is refused, and what a provider is told."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from enrichcore.config import Config, ProviderConfig
from enrichcore.engine.assembly import apply_settings, frozen_order, merged_config, start_provider
from enrichcore.engine.plan import Member
from enrichcore.errors import ConfigError
from enrichcore.log import EventLog
from enrichcore.model import Price, SkipReason
from enrichcore.plugins import Bearer, Provider
from enrichcore.plugins.registry import Registry

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


def small(value: Any) -> int:
    number = int(value)
    if number > 9:
        raise ValueError("must be at most 9")
    return number


@attrs.frozen(kw_only=True)
class Own:
    path: str
    size: int = attrs.field(default=3, converter=small)


class Plain(Provider):
    name = "plain"


class Choosy(Provider):
    name = "choosy"
    Settings = Own


def told(provider: Provider, *, required: bool = False, **own: Any) -> Any:
    apply_settings(provider, ProviderConfig(own=own), required=required)
    return provider.settings


def test_own_keys_become_the_providers_settings() -> None:
    assert told(Choosy(), path="crm.csv", size="4") == Own(path="crm.csv", size=4)


@pytest.mark.parametrize(
    ("provider", "own", "message"),
    [
        (Plain(), {"colour": "red"}, r"\[providers.plain\] has no key 'colour'; this provider knows api_key"),
        (Choosy(), {"path": "x", "colour": "red"}, r"\[providers.choosy\] has no key 'colour'; its own are path, size"),
        (Choosy(), {}, r"\[providers.choosy\]: .*path"),
        (Choosy(), {"path": "x", "size": 12}, r"\[providers.choosy\]: must be at most 9"),
        (Choosy(), {"path": "x", "size": "many"}, r"\[providers.choosy\]: invalid literal"),
    ],
)
def test_a_wrong_key_or_value_names_the_table_and_the_way_out(
    provider: Provider, own: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        told(provider, **own)


def test_an_object_that_was_made_with_settings_keeps_them() -> None:
    provider = Choosy()
    provider.settings = Own(path="mine.csv")
    assert told(provider, required=True) == Own(path="mine.csv")
    assert told(provider, required=True, path="theirs.csv") == Own(path="theirs.csv")


def test_the_callers_settings_stand_over_those_of_the_file() -> None:
    file = Config(provider={"acme": ProviderConfig(api_key="old"), "apex": ProviderConfig(api_key="kept")})
    merged = merged_config(file, {"acme": {"api_key": "new", "rate": "5/s"}}, {})
    assert (merged.for_provider("acme").api_key, merged.for_provider("acme").rate) == ("new", ("5/s",))
    assert merged.for_provider("apex").api_key == "kept"
    assert file.for_provider("acme").api_key == "old", "what the caller gave is not changed"


def test_a_path_names_the_file_to_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[engine]\ndeadline = 5\n", "utf-8")
    assert merged_config(str(path), None, {}).deadline == 5
    with pytest.raises(ConfigError, match="no such configuration file"):
        merged_config(str(tmp_path / "other.toml"), None, {})


def test_without_a_config_no_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "enrichcore.toml").write_text("nonsense", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert merged_config(None, None, {"ENRICHCORE_CONFIG": "enrichcore.toml"}) == Config()


def test_an_order_is_not_changed_behind_our_back() -> None:
    names, by_method = ["a", "b"], {"email": ["a"]}
    orders = frozen_order(names), frozen_order(by_method)
    names.append("c")
    by_method["email"].append("c")
    assert orders == (("a", "b"), {"email": ("a",)})


class Told(EventLog):
    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def info(self, event: str, **keys: Any) -> None:
        self.heard.append((event, keys))

    debug = warning = info


@pytest.mark.parametrize("failure", [RuntimeError("no such file"), SystemExit(3), KeyError("x")])
def test_a_provider_that_cannot_start_is_marked_and_reported(lab: "Lab", failure: BaseException) -> None:
    provider = lab.free({})

    async def setup() -> None:
        raise failure

    vars(provider)["setup"] = setup
    registry = Registry()
    [plugin] = registry.add(provider)
    member = Member("free", plugin, ProviderConfig(), None, Price.free(), None, (), None)
    events = Told()
    assert asyncio.run(start_provider(member, events)) is False
    assert member.skip is SkipReason.FAILED_TO_START
    assert type(failure).__name__ in str(member.detail)
    [(event, keys)] = events.heard
    assert event == "enrichcore.plugin_failed"
    assert (keys["provider"], keys["error_class"]) == ("free", type(failure).__name__)


def test_the_others_go_on_without_a_provider_that_cannot_start(lab: "Lab") -> None:
    broken = lab.free({}, name="broken", methods=["email"])
    good = lab.free({lab.EMAIL: lab.PHONE}, name="good", methods=["email"])

    async def setup() -> None:
        raise RuntimeError("the file is not there")

    vars(broken)["setup"] = setup
    result = lab.enrich(broken, good, contact=lab.contact(email=lab.EMAIL))
    assert lab.story(result) == ["good/email hit", "broken/email skipped failed_to_start"]
    detail = result.attempts[1].detail
    assert detail is not None
    assert "the file is not there" in detail


def test_a_provider_that_nobody_could_ask_is_not_set_up(lab: "Lab") -> None:
    made: list[str] = []
    keyless = lab.paid({}, name="keyless", key_env="NO_SUCH_KEY")

    async def setup() -> None:
        made.append("keyless")

    vars(keyless)["setup"] = setup
    lab.enrich(keyless)
    assert made == []


@pytest.mark.parametrize(
    ("facts", "settings", "rates"),
    [
        ({"rate": ["2/min"]}, {}, 2),
        ({"rate": ["2/min"]}, {"rate": ["5/min", "100/day"]}, 5),
        ({}, {"rate": "3/min"}, 3),
    ],
)
def test_configured_rates_replace_the_declared_ones(
    lab: "Lab", facts: dict[str, Any], settings: dict[str, Any], rates: int
) -> None:
    async def work() -> int:
        async with lab.engine(lab.free({}, **facts), settings={"free": settings}) as engine:
            limiter = engine.channels["free"].limiter
            return sum(limiter.take(0.0) == 0.0 for _ in range(20))

    assert lab.play(work) == rates


def test_a_key_reaches_the_client_and_never_the_plan(lab: "Lab") -> None:
    remote = lab.Remote(key_env="REMOTE_KEY", auth=Bearer())
    wires = lab.Wires((200, b"null"))
    result = lab.enrich(remote, store="memory", env={"REMOTE_KEY": "canary-key"}, transport=wires)
    assert wires.sent[0].headers["authorization"] == "Bearer canary-key"
    assert "canary-key" not in repr(result.to_dict())


def test_a_base_url_of_the_configuration_replaces_the_vendors(lab: "Lab") -> None:
    wires = lab.Wires((200, b"null"))
    settings = {"remote": {"base_url": "http://127.0.0.1:9/other"}}
    lab.enrich(lab.Remote(), settings=settings, transport=wires)
    assert str(wires.sent[0].url).startswith("http://127.0.0.1:9/other/phone?")


@pytest.mark.parametrize("bad", ["ftp://x.example", "not a url", "https://user:pw@x.example"])
def test_a_base_url_that_cannot_be_used_stops_the_start_and_names_the_provider(lab: "Lab", bad: str) -> None:
    with pytest.raises(ConfigError, match="provider 'remote': base_url must be"):
        lab.enrich(lab.Remote(), settings={"remote": {"base_url": bad}})


def test_a_key_with_a_line_break_stops_the_start_without_showing_it(lab: "Lab") -> None:
    remote = lab.Remote(key_env="REMOTE_KEY", auth=Bearer())
    with pytest.raises(ConfigError, match="must be printable ASCII") as caught:
        lab.enrich(remote, env={"REMOTE_KEY": "canary\n"})
    assert "canary" not in str(caught.value)
