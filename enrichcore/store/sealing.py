"""What a store encrypts on its way to the tables and decrypts on its way back: payloads and jobs, each in its place."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from enrichcore.store.cipher import PLAIN, Cipher, place
from enrichcore.store.protocol import Row, StoredResult

PAYLOAD: Final = "attempts.payload"
JOB: Final = "attempts.job"
RESULT: Final = "results.payload"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str]).decode


class Sealing:
    """Applies a cipher to rows and results; without one everything stays as it is, and what is sealed is refused.

    Every method that opens raises `StoreError` for what does not open.
    """

    __slots__ = ("_cipher", "plain")

    def __init__(self, cipher: Cipher | None) -> None:
        self.plain = cipher is None
        self._cipher = PLAIN if cipher is None else cipher

    def payload(self, row: Row) -> bytes | None:
        """The payload of an attempt as it is stored."""
        if self.plain or row.payload is None:
            return row.payload
        return self._cipher.seal(row.payload, place(PAYLOAD, row.tenant, attempt(row.id)))

    def job(self, tenant: str, attempt_id: int, job: str | None) -> str | bytes | None:
        """A vendor's job id as it is stored."""
        if self.plain or job is None:
            return job
        return self._cipher.seal(_encode((job,)), place(JOB, tenant, attempt(attempt_id)))

    def result(self, result: StoredResult) -> bytes:
        """The payload of a result as it is stored."""
        payload = result.written()
        return payload if self.plain else self._cipher.seal(payload, place(RESULT, result.tenant, result.record))

    def opened(self, row: Row) -> Row:
        """`row`, whose payload and job are as they are stored, with both of them opened."""
        if row.payload is not None:
            row.payload = self._cipher.open(row.payload, place(PAYLOAD, row.tenant, attempt(row.id)))
        if row.job is not None:
            row.job = self.open_job(row.tenant, row.id, row.job)
        return row

    def open_job(self, tenant: str, attempt_id: int, stored: Any) -> str:
        """A vendor's job id; one that is stored as text was written without a key."""
        if isinstance(stored, str):
            if self.plain:
                return stored
            stored = _encode((stored,))
        return _decode(self._cipher.open(stored, place(JOB, tenant, attempt(attempt_id))))[0]

    def opened_result(self, result: StoredResult) -> StoredResult:
        """`result`, whose payload is as it is stored, with its payload opened."""
        assert result.payload is not None
        result.payload = self._cipher.open(result.payload, place(RESULT, result.tenant, result.record))
        return result

    def opened_rows(self, rows: Sequence[Row]) -> list[Row]:
        """All of `rows` opened."""
        return [self.opened(row) for row in rows]


def attempt(attempt_id: int) -> bytes:
    """What identifies an attempt in its table."""
    return attempt_id.to_bytes(8, "big", signed=True)
