"""The whole extension surface: three module hooks and three lookup hooks.

A plugin implements what it needs and names only the arguments it wants; pluggy checks both at start-up.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from enrichcore.model import Answer, Attempt, EmailQuery, Job, LinkedInQuery, NameQuery, PhoneResult
    from enrichcore.plugins.provider import Http, Provider

PROJECT = "enrichcore"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def enrichcore_providers(settings: Mapping[str, Any]) -> "Iterable[Provider]":  # type: ignore[empty-body]
    """The providers that a plugin module offers; `settings` is the `[providers]` table of the configuration."""


@hookspec
def enrichcore_attempt_finished(attempt: "Attempt") -> None:
    """Called after every attempt. An observer: what it raises is counted and ignored."""


@hookspec
def enrichcore_enrichment_finished(result: "PhoneResult") -> None:
    """Called after every enrichment. An observer: what it raises is counted and ignored."""


@hookspec
async def phone_by_name(query: "NameQuery", http: "Http") -> "Answer | Job":  # type: ignore[empty-body]
    """Look a person up by first name, last name and company or domain."""


@hookspec
async def phone_by_linkedin(query: "LinkedInQuery", http: "Http") -> "Answer | Job":  # type: ignore[empty-body]
    """Look a person up by LinkedIn slug."""


@hookspec
async def phone_by_email(query: "EmailQuery", http: "Http") -> "Answer | Job":  # type: ignore[empty-body]
    """Look a person up by email address."""
