"""Acceptance: which numbers the caller wants, as data. It is part of the cascade's stop rule."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from enrichcore.identity import clean_country
from enrichcore.model.query import Method
from enrichcore.phone.line_type import LineType

_OTHER_REGIONS = frozenset({"AC", "TA"})
"""Ascension and Tristan da Cunha: numbering plans of their own, reserved in ISO 3166-1 and not assigned."""


class MinScores(Mapping[str, float]):
    """The least match score by method: a mapping that never changes, and can be hashed."""

    __slots__ = ("_pairs",)

    def __init__(self, scores: Mapping[str, float]) -> None:
        self._pairs = tuple(sorted(scores.items()))

    def __getitem__(self, method: str) -> float:
        """The score for `method`."""
        for name, score in self._pairs:
            if name == method:
                return score
        raise KeyError(method)

    def __iter__(self) -> Iterator[str]:
        """The methods that have a score of their own."""
        return (name for name, _ in self._pairs)

    def __len__(self) -> int:
        """How many they are."""
        return len(self._pairs)

    def __hash__(self) -> int:
        """Equal for equal scores."""
        return hash(self._pairs)

    def __eq__(self, other: object) -> bool:
        """Equal to any mapping of the same scores."""
        return dict(self) == dict(other) if isinstance(other, Mapping) else NotImplemented

    def __repr__(self) -> str:
        """The same text for the same scores: it is part of what marks a stored result."""
        return f"MinScores({dict(self._pairs)})"


_NO_SCORES = MinScores({})


def _items(what: str, expected: str, value: Any) -> Iterable[Any]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise TypeError(f"{what}: expected a list of {expected}, got {value!r}")
    return value


def _line_types(value: Iterable[str] | None) -> frozenset[LineType] | None:
    return None if value is None else frozenset(map(_line_type, _items("line_types", "line types", value)))


def _line_type(item: Any) -> LineType:
    try:
        return LineType(item)
    except ValueError:
        raise ValueError(f"line_types: {item!r} is none of {', '.join(LineType)}") from None


def _country(what: str, item: object) -> str:
    code = clean_country(item)
    if code is None and isinstance(item, str) and item.upper() in _OTHER_REGIONS:
        code = item.upper()
    if code is None:
        raise ValueError(f"{what}: {item!r} is no country (expected ISO codes such as 'US')")
    return code


def _countries(value: Iterable[str] | None) -> frozenset[str] | None:
    if value is None:
        return None
    return frozenset(_country("countries", item) for item in _items("countries", "ISO country codes", value))


def _refused(value: Iterable[str]) -> frozenset[str]:
    items = _items("refused_countries", "ISO country codes", value)
    return frozenset(_country("refused_countries", item) for item in items)


def _score(what: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{what}: expected a number from 0 to 1, got {value!r}")
    if math.isnan(value) or not 0 <= value <= 1:
        raise ValueError(f"{what}: expected a number from 0 to 1, got {value!r}")
    return float(value)


def _min_score(value: Any) -> float:
    return _score("min_score", value)


def _min_scores(value: Mapping[str, float]) -> MinScores:
    if isinstance(value, MinScores):
        return value or _NO_SCORES
    if not isinstance(value, Mapping):
        raise TypeError(f"min_scores: expected a mapping of method to score, got {value!r}")
    methods = [method.value for method in Method]
    for method in value:
        if method not in methods:
            raise ValueError(f"min_scores: there is no method {method!r}; methods are {', '.join(methods)}")
    scores = {str(Method(method).value): _score(f"min_scores[{method}]", score) for method, score in value.items()}
    return MinScores(scores) if scores else _NO_SCORES


def _switch(_: object, attribute: "attrs.Attribute[bool]", value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{attribute.name}: expected True or False, got {value!r}")


@attrs.frozen(kw_only=True)
class Acceptance:
    """Which numbers count as found.

    `line_types`: only these (None: all); a number whose type nobody can tell passes when `unknown` is listed or when
    `mobile` or `landline` is and the numbering plan allows either. `countries`: only numbers of these ISO regions;
    `refused_countries`: none of these. `company_lines`: whether a switchboard counts. `allow_fictional`: accept numbers
    that regulators reserve for fiction (tests and demos). `min_score`: the least match score, 0 to 1; `min_scores`: the
    same by method (`name`, `linkedin`, `email`), which counts instead of `min_score` where it is given.

    Raises:
        TypeError: a value is of another kind, such as one text where a list belongs.
        ValueError: there is no such line type, country or method, a score is not from 0 to 1, or a country is both
            wanted and refused.
    """

    line_types: frozenset[LineType] | None = attrs.field(default=None, converter=_line_types)
    countries: frozenset[str] | None = attrs.field(default=None, converter=_countries)
    company_lines: bool = attrs.field(default=False, validator=_switch)
    allow_fictional: bool = attrs.field(default=False, validator=_switch)
    min_score: float = attrs.field(default=0.0, converter=_min_score)
    refused_countries: frozenset[str] = attrs.field(default=frozenset(), converter=_refused)
    min_scores: Mapping[str, float] = attrs.field(default=_NO_SCORES, converter=_min_scores)

    def __attrs_post_init__(self) -> None:
        """Refuse a country that is wanted and refused at once."""
        both = sorted((self.countries or frozenset()) & self.refused_countries)
        if both:
            raise ValueError(f"countries and refused_countries: {', '.join(both)} cannot be in both")

    def least_score(self, method: Method) -> float:
        """The match score that an answer by `method` must reach."""
        if self.min_scores is _NO_SCORES:  # nearly always, and this is asked for every answer
            return self.min_score
        return self.min_scores.get(method.value, self.min_score)
