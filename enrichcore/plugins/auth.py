"""How a vendor wants its key: in a header, as a bearer token, as user and password, or in the query string."""

from base64 import b64encode
from typing import Protocol

import attrs


class Auth(Protocol):
    """Turns a key into what a request carries."""

    def headers(self, key: str) -> dict[str, str]:
        """Headers to add to every request."""
        ...

    def params(self, key: str) -> dict[str, str]:
        """Query parameters to add to every request (scrubbed wherever a URL is shown)."""
        ...


@attrs.frozen
class Header:
    """The key in the header `name`, after `prefix`."""

    name: str
    prefix: str = ""

    def headers(self, key: str) -> dict[str, str]:
        """`{name: prefix + key}`."""
        return {self.name: self.prefix + key}

    def params(self, key: str) -> dict[str, str]:  # noqa: ARG002 - a header scheme has no parameters
        """Nothing."""
        return {}


class Bearer(Header):
    """The key as `Authorization: Bearer <key>`."""

    def __init__(self) -> None:
        super().__init__("Authorization", "Bearer ")


@attrs.frozen
class Basic:
    """The key is `user:password`, sent as `Authorization: Basic <base64>`; without a colon it is a user alone."""

    def headers(self, key: str) -> dict[str, str]:
        """The header of RFC 7617."""
        login = key if ":" in key else f"{key}:"
        return {"Authorization": f"Basic {b64encode(login.encode()).decode('ascii')}"}

    def params(self, key: str) -> dict[str, str]:  # noqa: ARG002 - a header scheme has no parameters
        """Nothing."""
        return {}


@attrs.frozen
class Query:
    """The key in the query parameter `name`."""

    name: str

    def headers(self, key: str) -> dict[str, str]:  # noqa: ARG002 - a query scheme has no headers
        """Nothing."""
        return {}

    def params(self, key: str) -> dict[str, str]:
        """`{name: key}`."""
        return {self.name: key}
