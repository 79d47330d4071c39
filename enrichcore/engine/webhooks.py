"""Webhooks: where vendors are to say that a job has ended, and what is believed of what is said there.

Whoever calls, and whatever it says, an event moves the engine to one thing only: to ask the vendor for the answer of a
job that it has submitted itself. What an event says of people and numbers is not read.
"""

import hmac
import itertools
import json
from collections.abc import Iterable
from typing import Any, Final

import attrs

from enrichcore.engine.channel import Channel
from enrichcore.engine.relay import Relay
from enrichcore.plugins import Provider

PATH: Final = "/v1/hooks/"
"""Behind it comes the provider's name."""
_TOKEN: Final = 24
"""Bytes of the secret in an address."""
_MOST: Final = 1000
"""Jobs that one event may be about."""


@attrs.frozen(eq=False)
class Door:
    """Where the events of one provider come in."""

    _provider: Provider
    _token: str = attrs.field(repr=False)
    _keys: frozenset[str] = attrs.field(repr=False)
    _relay: Relay

    def opens(self, token: str | None) -> bool:
        """Whether the secret of the address is right, where there is one; nothing else need be read of a wrong one."""
        assert self._provider.webhook is not None
        if self._provider.webhook.signature is not None:
            return True
        return hmac.compare_digest((token or "").encode("utf-8", "replace"), self._token.encode())

    def believes(self, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
        """Whether the vendor has signed this, where it signs: with a key of ours, once."""
        assert self._provider.webhook is not None
        signature = self._provider.webhook.signature
        if signature is None:
            return True
        name = signature.header.lower().encode()
        sent = [value.strip() for header, value in headers if header.lower() == name]
        secrets = self._keys if self._provider.webhook_secret is None else {self._provider.webhook_secret}
        return len(sent) == 1 and any([signature.fits(body, sent[0], secret) for secret in secrets])  # noqa: C419 - all

    def take(self, body: bytes) -> bool:
        """Have the jobs collected that an event is about; False for what cannot be read. Unknown ones are dropped."""
        try:
            told = self._provider.jobs_of(json.loads(body))
            jobs: list[object] = list(itertools.islice(told, _MOST))
        except (Exception, SystemExit):  # noqa: BLE001 - a plugin may raise anything
            return False
        for job in jobs:
            if isinstance(job, str | int):
                self._relay.hear(self._provider.name, str(job))
        return True


@attrs.frozen(eq=False)
class Webhooks:
    """The doors of one engine. `base` is the address at which the outside world reaches its service."""

    _secret: bytes = attrs.field(repr=False)
    _base: str | None
    _relay: Relay

    def address(self, provider: Provider) -> str | None:
        """Where the vendor of a provider is to tell of its jobs; None where it cannot, or nobody could hear it."""
        if self._base is None or provider.webhook is None:
            return None
        secret = "" if provider.webhook.signature is not None else f"?token={self._token(provider.name)}"
        return f"{self._base}{PATH}{provider.name}{secret}"

    def door(self, name: str, channels: Iterable[Channel]) -> Door | None:
        """Where the events of the provider `name` come in, which takes part by these channels."""
        own = [channel for channel in channels if channel.member.name == name]
        if not own or own[0].provider.webhook is None or own[0].provider.webhook_url is None:
            return None
        keys = frozenset(channel.member.key for channel in own if channel.member.key)
        return Door(own[0].provider, self._token(name), keys, self._relay)

    def _token(self, name: str) -> str:
        return hmac.digest(self._secret, f"webhook\0{name}".encode(), "sha256")[:_TOKEN].hex()


def token_of(query: Any) -> str | None:
    """The `token` of a query string's pairs; None without exactly one."""
    found = [value for name, value in query if name == "token"]
    return found[0] if len(found) == 1 else None
