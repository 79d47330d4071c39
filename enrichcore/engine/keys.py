"""Keyed hashes: how records, questions and credentials are named in the journal without being in it."""

import hmac

SIZE = 16
"""Bytes kept of each HMAC-SHA-256: 128 bits."""


class Keyer:
    """Derives the journal's keys from one secret. Losing the secret makes every stored answer unfindable."""

    def __init__(self, secret: bytes, tenant: str) -> None:
        self._tenant = tenant.encode()
        self._record = hmac.digest(secret, b"record\0" + self._tenant, "sha256")
        self._question = hmac.digest(secret, b"question\0" + self._tenant, "sha256")
        self._credential = hmac.digest(secret, b"credential\0" + self._tenant, "sha256")

    def record(self, record_id: str) -> bytes:
        """The key of a record."""
        return hmac.digest(self._record, record_id.encode(), "sha256")[:SIZE]

    def identity(self, fingerprint: bytes) -> bytes:
        """The key of a normalised identity."""
        return hmac.digest(self._record, b"\0identity\0" + fingerprint, "sha256")[:SIZE]

    def question(self, prefix: bytes, query_key: bytes) -> bytes:
        """The key of one provider's answer to one query; `prefix` names provider, answer version and method."""
        return hmac.digest(self._question, prefix + query_key, "sha256")[:SIZE]

    def credential(self, provider: str, key: str | None) -> bytes:
        """The key of a vendor credential."""
        return hmac.digest(self._credential, f"{provider}\0{key or ''}".encode(), "sha256")[:SIZE]
