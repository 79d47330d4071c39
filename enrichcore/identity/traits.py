"""Traits of a person, and the verdict of comparing two sets of them."""

import attrs


@attrs.frozen(kw_only=True, repr=False)
class Traits:
    """What is known or claimed about one person. Every field is text as it came, or None."""

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    domain: str | None = None
    email: str | None = None
    linkedin_id: str | None = None
    title: str | None = None
    country: str | None = None

    def __repr__(self) -> str:
        """Which fields are set, never what is in them."""
        return f"Traits({', '.join(a.name for a in attrs.fields(Traits) if getattr(self, a.name) is not None)})"


@attrs.frozen(kw_only=True)
class Match:
    """Whether an answer is about the person who was asked for.

    `score` is 0 to 1. `evidence` and `reason` are stable words that hold nothing about the person.
    """

    accepted: bool
    score: float
    evidence: tuple[str, ...] = ()
    reason: str | None = None
