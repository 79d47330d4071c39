"""The plan: who takes part, in what order, and why somebody is not asked; all of it without a single call."""

from decimal import Decimal
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.config import Config, ProviderConfig
from enrichcore.engine.plan import Member, Plan, choose_members, make_plan
from enrichcore.errors import ConfigError
from enrichcore.model import Acceptance, Contact, Hit, Method, Price, SkipReason, Subject
from enrichcore.plugins import Bearer, Provider, hookimpl
from enrichcore.plugins.registry import Registry

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


def make(name: str, *methods: str, **facts: Any) -> Provider:
    """A provider with these methods (all three by default)."""

    async def hook(self: Any, query: Any) -> Hit:
        return Hit()

    wanted = methods or ("name", "linkedin", "email")
    hooks = {f"phone_by_{method}": hookimpl(hook) for method in wanted}
    return type(name.title(), (Provider,), {"name": name, **hooks, **facts})()  # type: ignore[no-any-return]


def members_of(
    *things: Provider,
    broken: tuple[str, ...] = (),
    config: Config | None = None,
    named: tuple[str, ...] | None = None,
    objects: tuple[str, ...] = (),
    credentials: dict[str, str] | None = None,
    env: dict[str, str] | None = None,
    offline: bool = False,
) -> dict[str, Member]:
    registry = Registry()
    for thing in things:
        registry.add(thing)
    registry.load_installed({}, [EntryPoint(name, "no_such_module_at_all:X", "enrichcore") for name in broken])
    registry.resolve()
    return choose_members(
        registry, config or Config(), providers=named, objects=objects, credentials=credentials or {}, env=env or {},
        offline=offline,
    )  # fmt: skip


def steps_of(members: dict[str, Member], order: Any = None) -> list[str]:
    return [f"{step.name}/{step.method.value}" for step in make_plan(members, order).steps]


# --- who takes part ---------------------------------------------------------------------------------------------------

INSTALLED = (
    make("crm", first_party=True),
    make("acme", key_env="ACME_KEY"),
    make("apex", key_env="APEX_KEY"),
    make("registry"),
    make("echo", when_named=True),
    make("shy", when_named=True, key_env="SHY_KEY"),
)


@pytest.mark.parametrize(
    ("config", "env", "expected"),
    [
        ({}, {}, []),
        ({}, {"ACME_KEY": "k"}, ["acme"]),
        ({}, {"ACME_KEY": ""}, []),
        ({}, {"SHY_KEY": "k"}, []),
        ({"crm": ProviderConfig()}, {"APEX_KEY": "k"}, ["apex", "crm"]),
        ({"registry": ProviderConfig(), "echo": ProviderConfig()}, {}, ["echo", "registry"]),
        ({"acme": ProviderConfig(enabled=False)}, {"ACME_KEY": "k", "APEX_KEY": "k"}, ["apex"]),
        ({"acme": ProviderConfig(api_key="k")}, {}, ["acme"]),
        ({"acme": ProviderConfig(key_env="OTHER")}, {"OTHER": "k"}, ["acme"]),
    ],
)
def test_by_default_configured_directories_and_whoever_has_a_key_take_part(
    config: dict[str, ProviderConfig], env: dict[str, str], expected: list[str]
) -> None:
    """Key-less public sources and echo only when they are named."""
    assert sorted(members_of(*INSTALLED, config=Config(provider=config), env=env)) == expected


def test_a_key_passed_in_code_counts_and_comes_first() -> None:
    members = members_of(*INSTALLED, env={"ACME_KEY": "from env"}, credentials={"acme": "mine", "apex": "mine too"})
    assert {name: member.key for name, member in members.items()} == {"acme": "mine", "apex": "mine too"}


@pytest.mark.parametrize("by", ["argument", "file"])
def test_who_is_named_takes_part_and_nobody_else(by: str) -> None:
    names = ("echo", "registry", "apex")
    config = Config(providers=names if by == "file" else None)
    members = members_of(*INSTALLED, config=config, named=names if by == "argument" else None, env={"ACME_KEY": "k"})
    assert set(members) == set(names)


def test_objects_take_part_beside_those_named() -> None:
    assert set(members_of(*INSTALLED, named=("crm",), objects=("echo", "crm"))) == {"crm", "echo"}


@pytest.mark.parametrize(
    ("where", "config", "named"),
    [
        ("providers", Config(), ("crm", "acmee")),
        ("order", Config(order=("acmee",)), ("crm",)),
        ("order by method", Config(order={"email": ("acmee",)}), ("crm",)),
        ("section", Config(provider={"acmee": ProviderConfig()}), ("crm",)),
    ],
)
def test_a_name_that_is_not_installed_is_refused_with_the_nearest_one_and_what_to_install(
    where: str, config: Config, named: tuple[str, ...]
) -> None:
    expected = r"provider 'acmee' is named but not installed. Did you mean 'acme'\?.*pip install enrichcore-acmee"
    with pytest.raises(ConfigError, match=expected):
        members_of(*INSTALLED, config=config, named=named)


def test_a_named_provider_without_a_key_is_reported_with_the_fix_and_skipped() -> None:
    member = members_of(*INSTALLED, named=("acme",))["acme"]
    assert (member.skip, member.detail) == (SkipReason.NO_KEY, "set ACME_KEY, or api_key in [providers.acme]")


def test_a_plugin_that_did_not_load_is_reported_with_its_distribution() -> None:
    member = members_of(broken=("shady",), named=("shady",))["shady"]
    assert member.skip is SkipReason.FAILED_TO_START
    assert "ModuleNotFoundError at import" in str(member.detail)
    assert "Fix or uninstall" in str(member.detail)


def test_a_broken_plugin_that_nobody_asked_for_does_not_take_part() -> None:
    assert members_of(*INSTALLED, broken=("shady",), env={"ACME_KEY": "k"}).keys() == {"acme"}


@pytest.mark.parametrize(
    ("base_url", "key_env", "skip"),
    [
        ("https://api.acme.example", None, SkipReason.OFFLINE),
        ("http://localhost:8080/v1", None, None),
        ("http://127.0.0.1:9", None, None),
        ("http://[::1]:9", None, None),
        ("http://localhost.acme.example", None, SkipReason.OFFLINE),
        ("http://127.acme.example", None, SkipReason.OFFLINE),
        ("http://me@127.0.0.1@acme.example", None, SkipReason.OFFLINE),
        (None, None, None),
        # A key is for somebody else's machine, whatever library asks it.
        (None, "ACME_KEY", SkipReason.OFFLINE),
    ],
)
def test_offline_skips_whoever_would_leave_the_machine(
    base_url: str | None, key_env: str | None, skip: SkipReason | None
) -> None:
    acme = make("acme", base_url=base_url, key_env=key_env)
    env = {"ACME_KEY": "k"}
    assert members_of(acme, objects=("acme",), named=(), env=env, offline=True)["acme"].skip is skip
    assert members_of(acme, objects=("acme",), named=(), env=env, offline=False)["acme"].skip is None


@pytest.mark.parametrize(("reaches_out", "skip"), [(False, None), (True, SkipReason.OFFLINE)])
def test_offline_skips_whoever_declares_that_it_reaches_out_by_itself(
    reaches_out: bool, skip: SkipReason | None
) -> None:
    """A provider that opens sockets of its own has no base_url by which it could be known."""
    acme = make("acme", base_url=None, reaches_out=reaches_out)
    assert members_of(acme, objects=("acme",), named=(), offline=True)["acme"].skip is skip
    assert members_of(acme, objects=("acme",), named=(), offline=False)["acme"].skip is None


def test_a_provider_that_cannot_know_where_it_is_wants_to_be_told() -> None:
    acme = make("acme", base_url=None, key_env="ACME_KEY", auth=Bearer())
    env = {"ACME_KEY": "k"}
    member = members_of(acme, objects=("acme",), named=(), env=env)["acme"]
    assert member.skip is SkipReason.FAILED_TO_START
    assert member.detail is not None
    assert "set base_url in [providers.acme]" in member.detail


# --- the order --------------------------------------------------------------------------------------------------------


def all_of(*things: Provider, config: Config | None = None) -> dict[str, Member]:
    return members_of(*things, named=(), objects=tuple(thing.name for thing in things), config=config)


def test_own_directories_come_first_then_everybody_each_pass_by_method() -> None:
    members = all_of(make("acme"), make("crm", first_party=True))
    assert steps_of(members) == [
        "crm/name", "crm/linkedin", "crm/email", "acme/name", "acme/linkedin", "acme/email",
    ]  # fmt: skip


def test_only_implemented_methods_are_steps() -> None:
    members = all_of(make("a", "email"), make("b", "linkedin", "name"))
    assert steps_of(members) == ["b/name", "b/linkedin", "a/email"]


def test_free_ones_come_first_then_the_cheaper_ones() -> None:
    members = all_of(
        make("dear", "email", price=Price.per_hit(10)),
        make("zero", "email"),
        make("cheap", "email", price=Price.per_attempt(1)),
        make("also_free", "email"),
    )
    assert steps_of(members) == ["also_free/email", "zero/email", "cheap/email", "dear/email"]


def test_money_compares_where_credits_cannot() -> None:
    """Ten credits of one vendor may be cheaper than one of another; a price that nobody stated comes last."""
    config = Config(
        provider={
            "many": ProviderConfig(credit_price=Decimal("0.01")),
            "one": ProviderConfig(credit_price=Decimal("0.50")),
        }
    )
    members = all_of(
        make("untold", "email", price=Price.per_hit("0.1")),
        make("one", "email", price=Price.per_hit(1)),
        make("many", "email", price=Price.per_hit(10)),
        config=config,
    )
    assert steps_of(members) == ["many/email", "one/email", "untold/email"]


def test_a_configured_price_replaces_the_declared_one() -> None:
    config = Config(provider={"a": ProviderConfig(price=Decimal(9))})
    members = all_of(
        make("a", "email", price=Price.per_hit(1)), make("b", "email", price=Price.per_hit(2)), config=config
    )
    assert steps_of(members) == ["b/email", "a/email"]
    assert members["a"].price == Price.per_hit(9)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (("c", "a"), ["c/linkedin", "a/linkedin", "b/linkedin", "c/email", "a/email", "b/email"]),
        ({"email": ("b",)}, ["a/linkedin", "b/linkedin", "c/linkedin", "b/email", "a/email", "c/email"]),
    ],
)
def test_an_order_ranks_within_a_method_and_the_others_follow(order: Any, expected: list[str]) -> None:
    members = all_of(*(make(name, "linkedin", "email") for name in "abc"))
    assert steps_of(members, order) == expected


def test_an_order_does_not_put_a_vendor_before_an_own_directory() -> None:
    members = all_of(make("crm", "email", first_party=True), make("a", "email"))
    assert steps_of(members, ("a",)) == ["crm/email", "a/email"]


def test_by_cost_the_cheapest_answer_is_asked_first_whatever_the_method() -> None:
    members = all_of(
        make("crm", "email", first_party=True),
        make("dear", "name", price=Price.per_hit(10)),
        make("cheap", "email", price=Price.per_hit(1)),
        make("free", "linkedin"),
    )
    plan = make_plan(members, None, "cost")
    assert [step.name for step in plan.steps] == ["crm", "free", "cheap", "dear"]
    assert [step.index for step in plan.steps] == [0, 1, 2, 3]


# --- what applies -----------------------------------------------------------------------------------------------------


def lacks(provider: Provider, **fields: Any) -> SkipReason | None:
    [step] = make_plan(all_of(provider), None).steps
    return step.lacks(Subject.of(Contact(**fields)).queries.get(step.method))


ADA = {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd"}


@pytest.mark.parametrize(
    ("facts", "fields", "expected"),
    [
        ({}, ADA, None),
        ({}, {"email": "ada@engines.example"}, SkipReason.NOT_APPLICABLE),
        ({"requires": {"name": {"domain"}}}, ADA, SkipReason.NOT_APPLICABLE),
        ({"requires": {"name": {"domain"}}}, {**ADA, "domain": "engines.example"}, None),
        ({"requires": {"email": {"first_name"}}}, ADA, None),
        ({"countries": {"GB"}}, {**ADA, "country": "United Kingdom"}, None),
        ({"countries": {"GB"}}, {**ADA, "country": "US"}, SkipReason.COUNTRY),
        ({"countries": {"GB"}}, ADA, None),
    ],
)
def test_a_step_applies_when_its_data_is_there_and_the_country_is_covered(
    facts: dict[str, Any], fields: dict[str, str], expected: SkipReason | None
) -> None:
    assert lacks(make("acme", "name", **facts), **fields) is expected


def test_what_is_required_and_missing_makes_no_intent_and_no_call(lab: "Lab") -> None:
    vendor = lab.paid({"Ada Lovelace": lab.PHONE}, requires={"name": {"domain"}}, methods=["name"])
    result = lab.enrich(vendor, contact=lab.contact(**ADA))
    assert lab.story(result) == ["paid/name skipped not_applicable"]
    assert (result.status, result.reason) == ("not_found", "no_applicable_provider")
    assert (vendor.calls, lab.rows()) == ([], [])


# --- what a stored result stands on -----------------------------------------------------------------------------------


def plan_of(*things: Provider) -> Plan:
    return make_plan(all_of(*things), None)


def test_a_number_stands_as_long_as_its_provider_would_answer_the_same() -> None:
    policy = Acceptance()
    alone, joined, newer = plan_of(make("a")), plan_of(make("a"), make("b")), plan_of(make("a", answer_version="2"))
    winner = [plan.step("a", Method.EMAIL) for plan in (alone, joined, newer)]
    marks = [plan.mark(policy, step) for plan, step in zip((alone, joined, newer), winner, strict=True)]
    assert marks[0] == marks[1] != marks[2]
    assert alone.mark(Acceptance(countries=["US"]), winner[0]) != marks[0]


def test_every_part_of_the_policy_marks_a_result_and_its_order_does_not() -> None:
    plan = plan_of(make("a"))
    policies = [
        Acceptance(), Acceptance(countries=["US"]), Acceptance(refused_countries=["US"]), Acceptance(min_score=0.8),
        Acceptance(min_scores={"name": 0.8}), Acceptance(min_scores={"email": 0.8}),
        Acceptance(min_scores={"email": 0.9}), Acceptance(line_types=["mobile"]), Acceptance(company_lines=True),
        Acceptance(allow_fictional=True),
    ]  # fmt: skip
    assert len({plan.mark(policy, None) for policy in policies}) == len(policies)
    one = Acceptance(refused_countries=["US", "GB"], min_scores={"name": 0.8, "email": 0.9})
    same = Acceptance(refused_countries=["GB", "US"], min_scores={"email": 0.9, "name": 0.8})
    assert plan.mark(one, None) == plan.mark(same, None)


def test_a_miss_stands_only_as_long_as_nobody_else_could_be_asked() -> None:
    policy = Acceptance()
    mark = plan_of(make("a"), make("b")).mark(policy, None)
    assert plan_of(make("b"), make("a")).mark(policy, None) == mark
    assert plan_of(make("a")).mark(policy, None) != mark
    assert plan_of(make("a"), make("b"), make("c")).mark(policy, None) != mark
    keyless = make("c", key_env="NO_SUCH_KEY")
    assert plan_of(make("a"), make("b"), keyless).mark(policy, None) == mark, "who cannot be asked changes nothing"


def test_the_mark_of_a_policy_does_not_depend_on_the_order_of_its_parts() -> None:
    plan = plan_of(make("a"))
    one, two = Acceptance(countries=["US", "GB", "FR"]), Acceptance(countries=["FR", "US", "GB"])
    assert plan.mark(one, None) == plan.mark(two, None)


def test_every_configured_provider_appears_in_every_result(lab: "Lab") -> None:
    providers = [
        lab.free({lab.EMAIL: lab.PHONE}, name="a"),
        lab.paid({}, name="keyless", key_env="NO_SUCH_KEY"),
        lab.paid({}, name="later"),
    ]
    for contact in (lab.contact(), lab.contact(email=lab.EMAIL), lab.contact(linkedin_id="ada-l")):
        result = lab.enrich(*providers, contact=contact)
        assert {a.provider for a in result.attempts} == {"a", "keyless", "later"}
        assert len(result.attempts) == 9
