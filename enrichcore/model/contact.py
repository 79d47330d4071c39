"""Contact: one person to find a number for, as the caller sent it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import attrs

from enrichcore.errors import InvalidContact

FIELDS = ("record_id", "first_name", "last_name", "company", "domain", "email", "linkedin_id", "country")
"""The fields of a contact, in the order of the HTTP contract; `country` is an extension of it."""

MAX_RECORD_ID = 1024
MAX_FIELD = 10_000

_EMPTY: Mapping[str, Any] = MappingProxyType({})


def _checked(field: str, value: object, limit: int) -> str | None:
    """`value` as text or None; blank counts as absent."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidContact(field, "text or None", f"a value of type {type(value).__name__}")
    if len(value) > limit:
        raise InvalidContact(field, f"at most {limit:,} characters", f"{len(value):,}")
    if "\0" in value:
        raise InvalidContact(field, "text without NUL characters", "text with one")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidContact(field, "valid Unicode", "a lone surrogate") from None
    return value if value and not value.isspace() else None


@attrs.frozen(kw_only=True, repr=False)
class Contact:
    """One person to find a number for.

    Give at least one of: first_name + last_name + (company or domain); linkedin_id; email. `company` may be a name or
    a website; `linkedin_id` a slug or a profile URL; `country` (ISO code or English name) helps to read numbers in
    national form. Blank text counts as absent. Without a `record_id` one is derived from the identity.

    Raises:
        InvalidContact: a field has the wrong type, NUL, a lone surrogate, or is too long (record_id over 1,024
            characters, any other field over 10,000).
    """

    record_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    domain: str | None = None
    email: str | None = None
    linkedin_id: str | None = None
    country: str | None = None
    sent: Mapping[str, Any] = attrs.field(default=_EMPTY, eq=False)
    """What the caller sent, byte for byte, when the contact came through `from_dict`."""

    def __attrs_post_init__(self) -> None:
        """Check every field once, here, so that nothing behind has to."""
        fields = (
            self.record_id, self.first_name, self.last_name, self.company, self.domain, self.email, self.linkedin_id,
            self.country,
        )  # fmt: skip
        given = [value for value in fields if value is not None]
        try:
            text = "".join(given)
        except TypeError:
            text = "\0"
        # Most contacts pass as a whole: short, plain text, and no field that is blank.
        plain = len(text) <= MAX_RECORD_ID and text.isascii() and text.isprintable()
        if not plain or min(given, default="!") < "!":
            self._check()

    def _check(self) -> None:
        for field in FIELDS:
            value = getattr(self, field)
            if value is not None:
                checked = _checked(field, value, MAX_RECORD_ID if field == "record_id" else MAX_FIELD)
                if checked is not value:
                    object.__setattr__(self, field, checked)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """A contact from a mapping; unknown keys are ignored, what was sent is kept for the echo."""
        if not isinstance(values, Mapping):
            raise InvalidContact("contact", "a mapping of field names to text", f"a {type(values).__name__}")
        sent = {field: values[field] for field in FIELDS if field in values}
        return cls(**sent, sent=MappingProxyType(sent))

    def __repr__(self) -> str:
        """Which fields are set, never what is in them: a repr ends up in logs and tracebacks."""
        return f"Contact({', '.join(field for field in FIELDS if getattr(self, field) is not None)})"
