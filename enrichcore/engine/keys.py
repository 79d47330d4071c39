"""Keyed hashes: how records, questions and credentials are named in the journal without being in it."""

import hashlib
import hmac
from collections.abc import Callable

SIZE = 16
"""Bytes of each key: 128 bits."""


def keyed(key: bytes) -> Callable[[bytes], bytes]:
    """BLAKE2b as a MAC under `key` (RFC 7693, section 2.9; at most 64 bytes): the key is hashed once, not each time."""
    started = hashlib.blake2b(key=key, digest_size=SIZE)

    def digest(message: bytes) -> bytes:
        mac = started.copy()
        mac.update(message)
        return mac.digest()

    return digest


class Keyer:
    """Derives the journal's keys from one secret. Losing the secret makes every stored answer unfindable."""

    def __init__(self, secret: bytes, tenant: str) -> None:
        self._tenant = tenant.encode()
        self._record = keyed(hmac.digest(secret, b"record\0" + self._tenant, "sha256"))
        self._question = keyed(hmac.digest(secret, b"question\0" + self._tenant, "sha256"))
        self._credential = keyed(hmac.digest(secret, b"credential\0" + self._tenant, "sha256"))

    def record(self, record_id: str) -> bytes:
        """The key of a record."""
        return self._record(record_id.encode())

    def identity(self, fingerprint: bytes) -> bytes:
        """The key of a normalised identity."""
        return self._record(b"\0identity\0" + fingerprint)

    def question(self, prefix: bytes, query_key: bytes) -> bytes:
        """The key of one provider's answer to one query; `prefix` names provider, answer version and method."""
        return self._question(prefix + query_key)

    def credential(self, provider: str, key: str | None) -> bytes:
        """The key of a vendor credential."""
        return self._credential(f"{provider}\0{key or ''}".encode())
