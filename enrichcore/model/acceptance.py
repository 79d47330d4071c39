"""Acceptance: which numbers the caller wants, as data. It is part of the cascade's stop rule."""

from collections.abc import Iterable

import attrs

from enrichcore.phone.line_type import LineType


def _line_types(value: Iterable[str] | None) -> frozenset[LineType] | None:
    return None if value is None else frozenset(LineType(item) for item in value)


def _countries(value: Iterable[str] | None) -> frozenset[str] | None:
    return None if value is None else frozenset(item.upper() for item in value)


@attrs.frozen(kw_only=True)
class Acceptance:
    """Which numbers count as found.

    `line_types`: only these (None: all); a number whose type nobody can tell passes when `unknown` is listed or when
    `mobile` or `landline` is and the numbering plan allows either. `countries`: only numbers of these ISO regions.
    `company_lines`: whether a switchboard counts. `allow_fictional`: accept numbers that regulators reserve for
    fiction (tests and demos). `min_score`: the least person-match score, 0 to 1.
    """

    line_types: frozenset[LineType] | None = attrs.field(default=None, converter=_line_types)
    countries: frozenset[str] | None = attrs.field(default=None, converter=_countries)
    company_lines: bool = False
    allow_fictional: bool = False
    min_score: float = 0.0
