"""Queries: what a provider is shown, one class per method.

A query has a key, which identifies the person for that method, and hints. Only the key is part of a cache key, so the
same person is not bought twice because a hint arrived later.
"""

from enum import StrEnum

import attrs

from enrichcore.draft import draft_of


class Method(StrEnum):
    """What a lookup is keyed by, in the order of the contract."""

    NAME = "name"
    LINKEDIN = "linkedin"
    EMAIL = "email"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class NameQuery:
    """Keyed by first name, last name and company (or domain where no company was sent); hints: the other, country."""

    method = Method.NAME
    first_name: str
    last_name: str
    company: str | None = None
    domain: str | None = None
    country: str | None = None
    key: bytes = attrs.field(default=b"", eq=False)

    @property
    def full_name(self) -> str:
        """First and last name with a space between."""
        return f"{self.first_name} {self.last_name}"

    def __repr__(self) -> str:
        """The class only: what is in a query is a person."""
        return "NameQuery(…)"


NameQueryDraft = draft_of(NameQuery)


@attrs.frozen(kw_only=True, repr=False)
class LinkedInQuery:
    """Keyed by the LinkedIn slug; hints: names and country."""

    method = Method.LINKEDIN
    linkedin_id: str
    first_name: str | None = None
    last_name: str | None = None
    country: str | None = None
    key: bytes = attrs.field(default=b"", eq=False)

    @property
    def url(self) -> str:
        """The profile as a full URL."""
        return f"https://www.linkedin.com/in/{self.linkedin_id}"

    def __repr__(self) -> str:
        """The class only."""
        return "LinkedInQuery(…)"


@attrs.frozen(kw_only=True, repr=False)
class EmailQuery:
    """Keyed by the email address; hints: names and country."""

    method = Method.EMAIL
    email: str
    first_name: str | None = None
    last_name: str | None = None
    country: str | None = None
    key: bytes = attrs.field(default=b"", eq=False)

    def __repr__(self) -> str:
        """The class only."""
        return "EmailQuery(…)"


Query = NameQuery | LinkedInQuery | EmailQuery
"""What a provider's lookup hook receives."""
