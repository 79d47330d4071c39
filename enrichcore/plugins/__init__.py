"""The plugin door: what a provider is, how it is found, and what it may be told."""

from enrichcore.plugins.auth import Auth, Basic, Bearer, Header, Query
from enrichcore.plugins.batches import by_place, each, shares
from enrichcore.plugins.contact import ContactSettings
from enrichcore.plugins.hookspecs import hookimpl, hookspec
from enrichcore.plugins.provider import Batch, Http, Missed, Poll, Provider, StatusError
from enrichcore.plugins.rate import Rate
from enrichcore.plugins.reading import amount_of, is_masked, job_of, object_of, shown_text, text_of
from enrichcore.plugins.statuses import blocked, is_poll, job_gateway, job_unknown, paced
from enrichcore.plugins.webhook import Signature, Webhook

__all__ = [
    "Auth",
    "Basic",
    "Batch",
    "Bearer",
    "ContactSettings",
    "Header",
    "Http",
    "Missed",
    "Poll",
    "Provider",
    "Query",
    "Rate",
    "Signature",
    "StatusError",
    "Webhook",
    "amount_of",
    "blocked",
    "by_place",
    "each",
    "hookimpl",
    "hookspec",
    "is_masked",
    "is_poll",
    "job_gateway",
    "job_of",
    "job_unknown",
    "object_of",
    "paced",
    "shares",
    "shown_text",
    "text_of",
]
