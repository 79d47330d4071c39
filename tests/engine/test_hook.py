"""The hook behind a step: the provider's own method, called with what it names."""

import asyncio
from typing import Any

import pytest

from enrichcore.engine.hook import bind
from enrichcore.model import Method, Miss
from enrichcore.plugins import Provider, hookimpl
from enrichcore.plugins.registry import Lookup, Registry


class Both(Provider):
    name = "both"

    @hookimpl
    async def phone_by_email(self, query: Any, http: Any) -> Any:
        return query, http


class Swapped(Provider):
    name = "swapped"

    @hookimpl
    async def phone_by_email(self, http: Any, query: Any) -> Any:
        return query, http


class QueryOnly(Provider):
    name = "query_only"

    @hookimpl
    async def phone_by_email(self, query: Any) -> Any:
        return query, "not asked for"


def lookup_of(kind: type[Provider]) -> Lookup:
    registry = Registry()
    registry.add(kind)
    registry.add(type("Other", (Both,), {"name": "other"}))
    registry.resolve()
    return registry.plugins[kind.name].lookups[Method.EMAIL]


@pytest.mark.parametrize(
    ("kind", "expected"), [(Both, ("q", "h")), (Swapped, ("q", "h")), (QueryOnly, ("q", "not asked for"))]
)
def test_a_hook_gets_the_arguments_that_it_names_whatever_their_order(kind: type[Provider], expected: Any) -> None:
    assert asyncio.run(bind(lookup_of(kind))("q", "h")) == expected


def test_the_bound_hook_says_what_pluggy_would_have_said() -> None:
    lookup = lookup_of(Both)
    [through_pluggy] = lookup.call(query="q", http="h")
    assert asyncio.run(bind(lookup)("q", "h")) == asyncio.run(through_pluggy)


def test_a_lookup_that_is_no_hook_of_pluggy_is_called_as_it_is() -> None:
    answer = Miss()
    lookup = Lookup(Method.EMAIL, lambda **_: [answer], blocking=True)
    assert bind(lookup)("q", "h") is answer
