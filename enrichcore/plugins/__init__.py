"""The plugin door: what a provider is, how it is found, and what it may be told."""

from enrichcore.plugins.auth import Auth, Bearer, Header, Query
from enrichcore.plugins.hookspecs import hookimpl, hookspec
from enrichcore.plugins.provider import Http, Missed, Poll, Provider, StatusError
from enrichcore.plugins.rate import Rate

__all__ = [
    "Auth",
    "Bearer",
    "Header",
    "Http",
    "Missed",
    "Poll",
    "Provider",
    "Query",
    "Rate",
    "StatusError",
    "hookimpl",
    "hookspec",
]
