"""Webhook: how a vendor says by itself that a job has ended, and by what it is known that the vendor said so."""

import base64
import hmac
from typing import Literal

import attrs


@attrs.frozen
class Signature:
    """The vendor's HMAC of the body as it was sent, in the header `header`."""

    header: str
    digest: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"

    def fits(self, body: bytes, sent: bytes, secret: str) -> bool:
        """Whether `sent` is the signature of `body` under `secret`. It takes as long for a wrong one."""
        made = hmac.digest(secret.encode(), body, self.digest)
        return hmac.compare_digest(made.hex().encode() if self.encoding == "hex" else base64.b64encode(made), sent)


@attrs.frozen(kw_only=True)
class Webhook:
    """That a vendor calls an address when a job has ended.

    Without a `signature` the vendor signs nothing: then the address itself holds a secret. With one, events are signed
    with the key, unless the provider has a `webhook_secret`.
    """

    signature: Signature | None = None
