"""What a provider answers: Hit, Miss or Job, and what it learned about the person on the way.

A provider reports; the engine judges. Numbers stay as the vendor wrote them.
"""

from decimal import Decimal
from typing import Any

import attrs

_set = object.__setattr__


@attrs.frozen(repr=False)
class Number:
    """A number as the vendor wrote it, with what the vendor says about it.

    `type` is the vendor's own word (mapped by the engine), `country` its ISO code or name for a national form,
    `score` the vendor's confidence from 0 to 1, `company_line` marks a switchboard, `do_not_call` what the vendor
    reports of a do-not-call list (None: it said nothing).
    """

    raw: Any
    type: str | None = attrs.field(default=None, kw_only=True)
    country: str | None = attrs.field(default=None, kw_only=True)
    score: float | None = attrs.field(default=None, kw_only=True)
    do_not_call: bool | None = attrs.field(default=None, kw_only=True)
    company_line: bool = attrs.field(default=False, kw_only=True)

    def __repr__(self) -> str:
        """The vendor's words about the number, not the number."""
        return f"Number(type={self.type!r}, country={self.country!r})"


@attrs.frozen(kw_only=True, repr=False)
class Person:
    """What the vendor says of the person: evidence for the match, and values that later methods can use.

    `score` is the vendor's own match confidence from 0 to 1.
    """

    name: str | None = None
    company: str | None = None
    domain: str | None = None
    title: str | None = None
    country: str | None = None
    email: str | None = None
    linkedin_id: str | None = None
    score: float | None = None

    def __repr__(self) -> str:
        """Which fields are set, never what is in them."""
        return f"Person({', '.join(a.name for a in attrs.fields(Person) if getattr(self, a.name) is not None)})"


@attrs.frozen(init=False)
class Hit:
    """The provider found at least one number. `credits` is what the vendor said this answer cost, if it did."""

    numbers: tuple[Number, ...]
    person: Person | None
    credits: Decimal | None

    def __init__(self, *numbers: Number, person: Person | None = None, credits: Decimal | None = None) -> None:
        _set(self, "numbers", numbers)
        _set(self, "person", person)
        _set(self, "credits", credits)


@attrs.frozen(init=False)
class Miss:
    """The provider answered and has no number; `person` may still carry what it learned."""

    person: Person | None
    credits: Decimal | None

    def __init__(self, person: Person | None = None, *, credits: Decimal | None = None) -> None:
        _set(self, "person", person)
        _set(self, "credits", credits)


_ROW = "\x1f"
"""Stands between a job's id and its row where the two are one text; no vendor writes it."""


@attrs.frozen
class Job:
    """The vendor accepted the question and will answer later, under this id.

    The engine writes the id into the journal before it asks `Provider.collect` for the answer, so that a crash or a
    deadline resumes the job instead of buying it again. `ready_in` is the vendor's own hint in seconds. Where one job
    answers a whole batch, `row` says which of its answers is meant: the place of the query in the batch, from 0.
    """

    id: str
    ready_in: float | None = attrs.field(default=None, kw_only=True)
    row: int | None = attrs.field(default=None, kw_only=True)

    def written(self) -> str:
        """Id and row as the journal keeps them."""
        if self.row is None and _ROW not in self.id:
            return self.id
        return f"{self.id}{_ROW}{'' if self.row is None else self.row}"

    @classmethod
    def read(cls, text: str) -> "Job":
        """A job from what the journal keeps."""
        name, mark, row = text.rpartition(_ROW)
        return cls(name, row=int(row) if row else None) if mark else cls(text)


Answer = Hit | Miss
"""A definite answer; a `Job` is a promise of one."""
