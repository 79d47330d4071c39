"""The form that a vendor fills in: defaults that are safe, and the two hooks' signatures."""

import asyncio
import inspect
from typing import Any

import pytest

from enrichcore.model import EmailQuery, Job, Price
from enrichcore.plugins import Poll, Provider, hookspecs
from enrichcore.plugins.registry import _MODULE_HOOKS, HOOKS


def test_the_defaults_are_those_of_a_careful_vendor() -> None:
    it = Provider()
    assert it.price == Price.free()
    assert (it.base_url, it.key_env, it.auth, it.rate, it.requires) == (None, None, None, (), {})
    assert (it.retention, it.countries, it.status_errors, it.miss_statuses) == (None, None, {}, ())
    assert (it.first_party, it.when_named, it.experimental) == (False, False, False)
    assert it.timeout > it.typical > 0
    assert it.poll == Poll()


def test_it_starts_and_closes_without_a_word_and_has_no_balance() -> None:
    async def life() -> Any:
        it = Provider()
        await it.setup()
        left = await it.balance(None)  # type: ignore[arg-type]
        await it.aclose()
        return left

    assert asyncio.run(life()) is None


def test_a_job_without_collect_is_a_fault_that_names_the_provider() -> None:
    class Half(Provider):
        name = "half"

    async def collect() -> None:
        await Half().collect(Job("1"), EmailQuery(email="a@x.example"), None)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match=r"'half' returned a Job but does not implement collect\(\)"):
        asyncio.run(collect())


@pytest.mark.parametrize(
    ("hook", "arguments", "is_async"),
    [
        ("enrichcore_providers", ["settings"], False),
        ("enrichcore_attempt_finished", ["attempt"], False),
        ("enrichcore_enrichment_finished", ["result"], False),
        ("phone_by_name", ["query", "http"], True),
        ("phone_by_linkedin", ["query", "http"], True),
        ("phone_by_email", ["query", "http"], True),
    ],
)
def test_the_surface_is_six_hooks_with_these_arguments(hook: str, arguments: list[str], *, is_async: bool) -> None:
    spec = getattr(hookspecs, hook)
    assert list(inspect.signature(spec).parameters) == arguments
    assert inspect.iscoroutinefunction(spec) is is_async
    assert spec.__doc__


def test_there_is_no_seventh_hook() -> None:
    marked = {name for name, thing in vars(hookspecs).items() if hasattr(thing, f"{hookspecs.PROJECT}_spec")}
    assert marked == {*HOOKS.values(), *_MODULE_HOOKS}
