"""The configuration file: every key, and for everything that is wrong the key, what was expected and what came."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from enrichcore.config import Config, ProviderConfig, load_config, parse_config, provider_config, suggest
from enrichcore.errors import ConfigError
from enrichcore.model import Acceptance, LineType

EVERYTHING = """
[engine]
providers = ["directory", "acme"]
order = { name = ["acme"], email = ["directory", "acme"] }
deadline = 8

[store]
url = "sqlite:///enrich.db"
secret = "sixteen characters"

[acceptance]
line_types = ["mobile", "unknown"]
countries = ["us", "GB"]
refused_countries = ["ca"]
company_lines = true
allow_fictional = true
min_score = 0.5
min_scores = { name = 0.8, email = 1 }
max_people = 7

[budget]
currency = "EUR"

[providers.acme]
api_key = "s3cret"
key_env = "MY_KEY"
base_url = "http://127.0.0.1:8080"
price = 5
credit_price = "0.04"
rate = ["5/s", "5000/day"]
enabled = false
own = "thing"

[providers.directory]
path = "crm.csv"
rate = "9/min"
"""


def test_every_key_is_read() -> None:
    config = parse_config(EVERYTHING, path=Path("x.toml"))
    assert config.path == Path("x.toml")
    assert config.providers == ("directory", "acme")
    assert config.order == {"name": ("acme",), "email": ("directory", "acme")}
    assert config.deadline == 8.0
    assert (config.store, config.secret, config.currency) == ("sqlite:///enrich.db", "sixteen characters", "EUR")
    assert config.acceptance == Acceptance(
        line_types=[LineType.MOBILE, LineType.UNKNOWN],
        countries=["US", "GB"],
        company_lines=True,
        allow_fictional=True,
        min_score=0.5,
        refused_countries=["CA"],
        min_scores={"name": 0.8, "email": 1.0},
    )
    assert config.max_people == 7
    assert config.for_provider("acme") == ProviderConfig(
        api_key="s3cret",
        key_env="MY_KEY",
        base_url="http://127.0.0.1:8080",
        price=Decimal(5),
        credit_price=Decimal("0.04"),
        rate=("5/s", "5000/day"),
        enabled=False,
        own={"own": "thing"},
    )
    assert config.for_provider("directory") == ProviderConfig(rate=("9/min",), own={"path": "crm.csv"})


@pytest.mark.parametrize("text", ["", "[engine]", "[engine]\n[store]\n[acceptance]\n[budget]\n[providers]"])
def test_what_is_left_out_has_its_default(text: str) -> None:
    config = parse_config(text)
    assert config == Config()
    assert (config.providers, config.order, config.deadline, config.store, config.secret) == (None,) * 5
    assert (config.currency, config.acceptance, config.max_people) == ("USD", Acceptance(), 5)
    assert config.for_provider("anybody") == ProviderConfig()
    assert ProviderConfig().enabled


def test_an_order_is_a_list_or_a_list_for_each_method() -> None:
    assert parse_config('[engine]\norder = ["a", "b"]').order == ("a", "b")
    assert parse_config("[engine.order]\nlinkedin = []").order == {"linkedin": ()}


@pytest.mark.parametrize(("word", "by_cost"), [("method", False), ("cost", True)])
def test_the_order_may_go_by_method_or_by_cost(word: str, *, by_cost: bool) -> None:
    assert (parse_config(f'[engine]\norder_by = "{word}"').order_by == "cost") is by_cost


def test_no_limit_of_people_is_written_as_zero() -> None:
    assert parse_config("[acceptance]\nmax_people = 0").max_people is None


@pytest.mark.parametrize("amount", [Decimal("0.04"), "0.04", 0.04])
def test_settings_in_code_take_money_as_a_decimal_too(amount: object) -> None:
    assert provider_config("acme", {"credit_price": amount, "price": 5}).credit_price == Decimal("0.04")


@pytest.mark.parametrize("amount", ["0.04", '"0.04"', "4e-2"])
def test_money_is_exact_however_it_is_written(amount: str) -> None:
    assert parse_config(f"[providers.acme]\ncredit_price = {amount}").for_provider("acme").credit_price == Decimal(
        "0.04"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[engine]\nordre = []", ["[engine] has no key 'ordre'", "Did you mean 'order'?"]),
        ("[engine]\nprovider = []", ["has no key 'provider'", "Did you mean 'providers'?"]),
        (
            "[engine]\nzzz = 1",
            ["has no key 'zzz'", "Known: deadline, on_changed_record, order, order_by, providers, serve_stale."],
        ),
        ("[store]\nuri = 'memory'", ["[store] has no key 'uri'", "Did you mean 'url'?"]),
        ("[acceptance]\nlinetypes = []", ["[acceptance] has no key 'linetypes'", "Did you mean 'line_types'?"]),
        ("[budget]\ncurency = 'USD'", ["[budget] has no key 'curency'", "Did you mean 'currency'?"]),
        ("[engin]", ["there is no section [engin]", "Did you mean 'engine'?"]),
        ("[provider.acme]", ["there is no section [provider]", "Did you mean 'providers'?"]),
        (
            "zzzzzzz = 1",
            ["there is no section [zzzzzzz]", "Known: acceptance, budget, engine, providers, service, store."],
        ),
    ],
)
def test_an_unknown_key_gets_the_nearest_one_that_exists(text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, source="my.toml")
    assert str(caught.value).startswith("my.toml: ")
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[engine]\nproviders = 'acme'", "[engine] providers: expected a list of provider names, got 'acme'"),
        ("[engine]\nproviders = [1]", "[engine] providers: expected a list of provider names, got [1]"),
        ("[engine]\nproviders = ['']", "[engine] providers: expected a list of provider names, got ['']"),
        ("[engine]\norder = 5", "[engine] order: expected a list of provider names, or a table"),
        ("[engine]\norder = { phone = ['a'] }", "(no such method: phone)"),
        ("[engine]\norder_by = 'price'", "[engine] order_by: expected 'method' or 'cost', got 'price'"),
        ("[engine]\ndeadline = 'soon'", "[engine] deadline: expected seconds, got 'soon'"),
        ("[engine]\ndeadline = 0", "[engine] deadline: expected seconds, got 0"),
        ("[engine]\ndeadline = -1", "[engine] deadline: expected seconds, got -1"),
        ("[engine]\ndeadline = true", "[engine] deadline: expected seconds, got True"),
        ("[engine]\ndeadline = inf", "[engine] deadline: expected seconds, got inf"),
        ("[engine]\ndeadline = nan", "[engine] deadline: expected seconds, got nan"),
        ("[store]\nurl = 5", "[store] url: expected memory"),
        ("[acceptance]\nline_types = ['mobil']", "expected a list of mobile, landline, voip, unknown, got ['mobil']"),
        ("[acceptance]\ncountries = 'US'", "[acceptance] countries: expected a list of ISO country codes, got 'US'"),
        ("[acceptance]\ncompany_lines = 1", "[acceptance] company_lines: expected true or false, got 1"),
        ("[acceptance]\nallow_fictional = 'yes'", "[acceptance] allow_fictional: expected true or false, got 'yes'"),
        (
            "[acceptance]\ncountries = ['Atlantis']",
            "(countries: 'Atlantis' is no country (expected ISO codes such as 'US'))",
        ),
        ("[acceptance]\nrefused_countries = ['ZZ']", "(refused_countries: 'ZZ' is no country"),
        ("[acceptance]\nrefused_countries = 'US'", "refused_countries: expected a list of ISO country codes, got 'US'"),
        (
            "[acceptance]\ncountries = ['US', 'GB']\nrefused_countries = ['us']",
            "[acceptance] countries and refused_countries: US cannot be in both",
        ),
        ("[acceptance]\nmin_scores = 0.5", "[acceptance] min_scores: expected a table of one number from 0 to 1 per"),
        ("[acceptance.min_scores]\nname = 1.5", "min_scores: expected a table of one number from 0 to 1 per method"),
        ("[acceptance.min_scores]\nphone = 0.5", "there is no method 'phone'; methods are name, linkedin, email"),
        ("[acceptance]\nmax_people = -1", "[acceptance] max_people: expected a number of people, 0 for any, got -1"),
        ("[acceptance]\nmax_people = true", "[acceptance] max_people: expected a number of people"),
        ("[acceptance]\nmin_score = 2", "[acceptance] min_score: expected a number from 0 to 1, got 2"),
        ("[acceptance]\nmin_score = true", "[acceptance] min_score: expected a number from 0 to 1, got True"),
        ("[budget]\ncurrency = 5", "[budget] currency: expected a code of three letters such as 'USD', got 5"),
        (
            "[providers.acme]\nkey_env = 5",
            "[providers.acme] key_env: expected the name of an environment variable, got 5",
        ),
        ("[providers.acme]\nbase_url = ''", "[providers.acme] base_url: expected a URL, got ''"),
        (
            "[providers.acme]\nprice = -1",
            "[providers.acme] price: expected credits per billed event, as a number, got -1",
        ),
        ("[providers.acme]\nprice = 'much'", "[providers.acme] price: expected credits per billed event"),
        ("[providers.acme]\nprice = nan", "(must be zero or more)"),
        ("[providers.acme]\ncredit_price = true", "credit_price: expected money per credit, such as '0.02', got True"),
        ("[providers.acme]\nrate = 'fast'", "[providers.acme] rate: expected rates such as '5/s'"),
        ("[providers.acme]\nrate = ['5/s', 5]", "[providers.acme] rate: expected rates such as '5/s'"),
        ("[providers.acme]\nenabled = 'no'", "[providers.acme] enabled: expected true or false, got 'no'"),
        ("engine = 5", "[engine] must be a table, got a value of type int"),
        ("acceptance = []", "[acceptance] must be a table, got a value of type list"),
        ("providers = ['acme']", "[providers] must be a table, got a value of type list"),
        ("[providers]\nacme = 'key'", "[providers.acme] must be a table, got a value of type str"),
    ],
)
def test_a_value_of_a_wrong_kind_is_answered_with_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, source="my.toml")
    assert str(caught.value).startswith("my.toml: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["[providers.acme]\napi_key = ['s3cret']", "[store]\nsecret = { it = 's3cret' }"])
def test_a_secret_of_a_wrong_kind_is_not_shown(text: str) -> None:
    with pytest.raises(ConfigError, match="got a value of type") as caught:
        parse_config(text)
    assert "s3cret" not in str(caught.value)


def test_a_repr_shows_no_secret() -> None:
    config = parse_config(EVERYTHING)
    assert "s3cret" not in repr(config)
    assert "sixteen" not in repr(config)


@pytest.mark.parametrize("text", ["[engine", "x = = 1", "[engine]\n[engine]", "a = '\0'"])
def test_what_is_no_toml_says_where(text: str) -> None:
    with pytest.raises(ConfigError, match=r"my\.toml: not valid TOML: .*[(]at "):
        parse_config(text, source="my.toml")


def test_without_a_file_everything_has_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_config(env={}) == Config()


def test_the_file_that_was_asked_for_comes_before_the_variable_and_that_before_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, currency in (("asked", "EUR"), ("variable", "GBP"), ("enrichcore", "CHF")):
        (tmp_path / f"{name}.toml").write_text(f"[budget]\ncurrency = '{currency}'")
    env = {"ENRICHCORE_CONFIG": "variable.toml"}
    assert load_config("asked.toml", env=env).currency == "EUR"
    assert load_config(tmp_path / "asked.toml", env=env).currency == "EUR"
    assert load_config(env=env).currency == "GBP"
    assert load_config(env={}).currency == "CHF"
    assert load_config(env={"ENRICHCORE_CONFIG": ""}).path == Path("enrichcore.toml")


@pytest.mark.parametrize("env", [{}, {"ENRICHCORE_CONFIG": "nowhere.toml"}])
def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path, env: dict[str, str]) -> None:
    asked = None if env else str(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match=r"nowhere\.toml: no such configuration file; `enrichcore init` writes one"):
        load_config(asked, env=env)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes("[budget]\ncurrency = 'é'".encode("latin-1"))
    for path in (tmp_path, tmp_path / "latin.toml"):
        with pytest.raises(ConfigError, match="cannot read the configuration"):
            load_config(path, env={})


def test_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[engine]\nx = 1")
    with pytest.raises(ConfigError) as caught:
        load_config(path, env={})
    assert str(caught.value).startswith(f"{path}: [engine] has no key 'x'")


def test_a_provider_may_be_configured_alone() -> None:
    assert provider_config("acme", {"api_key": "k", "more": 1}) == ProviderConfig(api_key="k", own={"more": 1})
    with pytest.raises(ConfigError, match=r"settings: \[providers.acme\] rate"):
        provider_config("acme", {"rate": "fast"})


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("ordre", ["order", "url"], "Did you mean 'order'?"),
        ("zzz", ["b", "a"], "Known: a, b."),
        ("zzz", [], "Known: none."),
    ],
)
def test_a_suggestion_is_the_nearest_word_or_all_of_them(word: str, known: list[str], said: str) -> None:
    assert suggest(word, known) == said


def test_a_configuration_is_frozen() -> None:
    config: Any = parse_config("[engine]\norder = { name = ['a'] }")
    with pytest.raises(AttributeError):
        config.store = "memory"
    with pytest.raises(TypeError):
        config.order["name"] = ()
