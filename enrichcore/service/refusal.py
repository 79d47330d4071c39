"""Refusal: an answer that is not a result, in the one shape that 400, 401, 404, 405, 429 and 500 share."""

from collections.abc import Sequence
from typing import Any

import attrs
import msgspec

Headers = Sequence[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")
encode = msgspec.json.Encoder().encode


@attrs.define(eq=False)
class Refusal(Exception):
    """A request that is refused. `code` is the stable word, `error` a sentence for people."""

    status: int
    code: str
    error: str
    facts: dict[str, Any] = attrs.field(factory=dict)
    credits_required: int | None = None
    credits_remaining: int | None = None
    retry_after: int | None = None
    headers: Headers = ()

    def answer(self, request_id: str) -> tuple[int, Headers, bytes]:
        """Status, headers and body."""
        body = {
            "success": False,
            "error": self.error,
            "details": {"code": self.code, **self.facts},
            "request_id": request_id,
            "credits_required": self.credits_required,
            "credits_remaining": self.credits_remaining,
            "retry_after": self.retry_after,
        }
        headers = [JSON, *self.headers]
        if self.retry_after is not None:
            headers.append((b"retry-after", b"%d" % self.retry_after))
        return self.status, headers, encode(body)


@attrs.define(eq=False)
class Faulty(Exception):
    """A body that cannot be a request: 422, with every fault of it at once."""

    faults: list[dict[str, Any]]

    def answer(self, request_id: str) -> tuple[int, Headers, bytes]:  # noqa: ARG002 - the shape has no place for it
        """Status, headers and body."""
        return 422, [JSON], encode({"detail": self.faults})


def invalid_request(error: str, **facts: Any) -> Refusal:
    """A request that breaks the rules of the wire, whatever its body says."""
    return Refusal(400, "invalid_request", error, facts)


def unauthorized(*, given: bool) -> Refusal:
    """One answer for a key that is missing, malformed, unknown, revoked or expired."""
    challenge = b'Bearer error="invalid_token"' if given else b"Bearer"
    return Refusal(
        401,
        "unauthorized",
        "A valid key is needed: send it as 'Authorization: Bearer <key>'.",
        headers=((b"www-authenticate", challenge),),
    )


def too_many(code: str, error: str, retry_after: float) -> Refusal:
    """Come back later; the time is rounded up to whole seconds, 1 at least."""
    return Refusal(429, code, error, retry_after=whole_seconds(retry_after))


def internal_error() -> Refusal:
    """What nobody expected: nothing of it is told."""
    return Refusal(500, "internal_error", "Something went wrong on our side.")


def whole_seconds(seconds: float) -> int:
    """Rounded up, 1 at least."""
    return max(1, -int(-seconds // 1))
