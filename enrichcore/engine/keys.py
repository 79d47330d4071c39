"""Keyed hashes: how records, questions and credentials are named in the journal without being in it."""

import hashlib
import hmac
from collections.abc import Callable

from enrichcore.store.protocol import QUESTION

SIZE = QUESTION
"""Bytes of each key: 128 bits."""
TAG = 8
"""Bytes behind the key of a question that say who is asked."""
SHORT = 8
"""Bytes of the key of a number or a person, which are counted and not bought by: 64 bits."""


def keyed(key: bytes) -> Callable[[bytes], bytes]:
    """BLAKE2b as a MAC under `key` (RFC 7693, section 2.9; at most 64 bytes): the key is hashed once, not each time."""
    copy = hashlib.blake2b(key=key, digest_size=SIZE).copy

    def digest(message: bytes) -> bytes:
        mac = copy()
        mac.update(message)
        return mac.digest()

    return digest


def counted(key: bytes) -> Callable[[str], bytes]:
    """As `keyed`, short and of a text: for what is looked up for every number that comes back."""
    copy = hashlib.blake2b(key=key, digest_size=SHORT).copy

    def digest(text: str) -> bytes:
        mac = copy()
        mac.update(text.encode())
        return mac.digest()

    return digest


class Keyer:
    """Derives the journal's keys from one secret. Losing the secret makes every stored answer unfindable."""

    def __init__(self, secret: bytes, tenant: str) -> None:
        self._tenant = tenant.encode()
        self._record = keyed(hmac.digest(secret, b"record\0" + self._tenant, "sha256"))
        self._question = keyed(hmac.digest(secret, b"question\0" + self._tenant, "sha256"))
        self._credential = keyed(hmac.digest(secret, b"credential\0" + self._tenant, "sha256"))
        self._listed = keyed(hmac.digest(secret, b"suppression\0" + self._tenant, "sha256"))
        self._api_key = hmac.digest(secret, b"api key\0" + self._tenant, "sha256")
        self.number = counted(hmac.digest(secret, b"number\0" + self._tenant, "sha256"))
        """The key of a phone number in E.164, of `SHORT` bytes."""
        self.person = counted(hmac.digest(secret, b"person\0" + self._tenant, "sha256"))
        """The key of a person, whoever is asked and however, of `SHORT` bytes."""

    def record(self, record_id: str) -> bytes:
        """The key of a record."""
        return self._record(record_id.encode())

    def query(self, query_key: bytes) -> bytes:
        """What is asked, whoever is asked it: the first part of the key of a question.

        It comes first so that all that is known of a person lies together in the journal's index.
        """
        return self._question(query_key)

    def asked(self, prefix: bytes) -> bytes:
        """Who is asked: the second part of the key of a question. `prefix` names provider, answer version and method.

        It is short: it has to tell a handful of providers apart, under a secret that none of them knows.
        """
        return self._question(b"\0asked\0" + prefix)[:TAG]

    def question(self, prefix: bytes, query_key: bytes) -> bytes:
        """The key of one provider's answer to one query."""
        return self.query(query_key) + self.asked(prefix)

    def credential(self, provider: str, key: str | None) -> bytes:
        """The key of a vendor credential."""
        return self._credential(f"{provider}\0{key or ''}".encode())

    def job(self, provider: str, job: str) -> bytes:
        """The key of a vendor's job."""
        return self._credential(f"{provider}\0\0job\0{job}".encode("utf-8", "surrogatepass"))

    def listed(self, kind: str, value: str) -> bytes:
        """The key of a value on the suppression list; `kind` holds no NUL, `value` is in comparison form."""
        return self._listed(f"{kind}\0{value}".encode("utf-8", "surrogatepass"))

    def api_key(self, key: str) -> bytes:
        """By what a key of the service is known again: its HMAC-SHA-256. It is random, so no slower hash is needed."""
        return hmac.digest(self._api_key, key.encode("utf-8", "surrogatepass"), "sha256")
