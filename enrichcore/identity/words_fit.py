"""How well two words of names fit: the same, one spelling of the other, a short form, an initial, a slip of the pen."""

import re
from enum import IntEnum

from enrichcore.identity.nicknames import is_given_name, one_origin
from enrichcore.identity.spellings import CZECH, GREEK, SLAVIC, one_spelling, skeleton
from enrichcore.identity.text import words
from enrichcore.identity.two_names import two_names

_FIRST_IDEOGRAPH = "\u2e80"
_SHORTEST_SLIP = 5
_SHORTEST_SHORT = 4
_ABBREVIATIONS = words("""
th ch chr ph sh zh kh yu ya st fr gy ny wm
""")
_ENDINGS_OF_WOMEN = words("""
a e i o s ie le la lle lla na ne ina ine ette etta elle ella ia ea us ta te ika ica isa issa ka ja y nne nna anne anna
ana iana ella elle ina inha ita itta ola oula
""")
"""What makes of a man's name a woman's, or the other way about: never a slip of the pen."""


class Fit(IntEnum):
    """How well two words fit. The order is that of trust."""

    NONE = 0
    CLOSE = 1
    INITIAL = 2
    NICKNAME = 3
    SPELLED = 4
    SAME = 5


def fit(one: str, other: str, *, given: bool, languages: frozenset[str], strong: bool) -> Fit:
    """How two different words fit as given names or as surnames."""
    if is_initial(one) or is_initial(other):
        return Fit.INITIAL if one[0] == other[0] else Fit.NONE
    if len(one) > len(other):
        one, other = other, one
    if given:
        if two_names(one, other):
            return Fit.CLOSE if strong and one_origin(one, other) else Fit.NONE
        if one_origin(one, other):
            return Fit.NICKNAME
        if other.startswith(one):
            if one in _ABBREVIATIONS:
                return Fit.INITIAL
            if _is_shortened(one, other[len(one) :]) and not is_given_name(one):
                return Fit.NICKNAME
    elif one[:_SHORTEST_STEM] == other[:_SHORTEST_STEM] and not _base_forms(one, languages).isdisjoint(
        _base_forms(other, languages)
    ):
        return Fit.SPELLED
    if languages and one_spelling(one, other, languages):
        return Fit.SPELLED
    if strong and _is_slip(one, other, given=given):
        return Fit.CLOSE
    return Fit.NONE


def _is_shortened(one: str, rest: str) -> bool:
    if len(one) < _SHORTEST_SHORT or len(rest) < _SHORTEST_STEM or rest in _ENDINGS_OF_WOMEN:
        return False
    # Xiao and Xiaoming, Seung and Seunghoon: a name of one syllable and one of two, and nothing is short for anything.
    return _SYLLABLE.fullmatch(one) is None or _SYLLABLE.fullmatch(rest) is None


def is_initial(word: str) -> bool:
    """Whether a word is one letter of an alphabet. One Han character or Hangul syllable is a whole name."""
    return len(word) == 1 and word < _FIRST_IDEOGRAPH


def _is_slip(one: str, other: str, *, given: bool) -> bool:
    """Whether two words, the shorter first, are one typed twice."""
    if given:
        if is_given_name(one) and is_given_name(other):
            return False  # two names and no slip: Marta and Maria
        if one[-1] != other[-1] and (other[:-1] == one or other[:-1] == one[:-1] or other.startswith(one)):
            return other.startswith(one) and len(one) > 2 and other[len(one) :] not in _ENDINGS_OF_WOMEN  # noqa: PLR2004
        if other.startswith(one) and other[len(one) :] in _ENDINGS_OF_WOMEN:
            return False
    if len(one) >= _SHORTEST_SLIP - 1 and len(other) >= _SHORTEST_SLIP and one_edit(one, other):
        return True
    bones = skeleton(one)
    return len(bones) > 2 and one[0] == other[0] and one[-1] == other[-1] and bones == skeleton(other)  # noqa: PLR2004


def one_edit(one: str, other: str) -> bool:
    """Whether one letter added, left out, changed or exchanged with its neighbour makes one word of the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or one == other:
        return one == other
    i = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[i:] == other[i + 1 :]
    rest, others = one[i:], other[i:]
    return rest[1:] == others[1:] or (rest[:2] == others[1::-1] and rest[2:] == others[2:])


_SYLLABLE = re.compile(r"[^aeiouy]+y?[aeiou]+[^aeiouy]*")
_BY_GENDER: tuple[tuple[str | None, str, tuple[str, ...]], ...] = (
    (None, "ova", ("ov", "", "a", "o", "e", "ek")), (None, "eva", ("ev",)), (None, "ska", ("ski", "sky")),
    (None, "cka", ("cki", "cky")), (None, "dzka", ("dzki",)), (None, "skaya", ("sky", "ski", "skiy", "skii", "skoy")),
    (None, "skaia", ("skii", "ski")), (None, "iene", ("as", "is", "us", "a", "ys")), (None, "aite", ("as", "a")),
    (None, "yte", ("is", "ys")), (None, "ute", ("us",)), (None, "poulou", ("poulos",)),
    (None, "idou", ("idis", "ides")),
    (None, "iadou", ("iadis",)), (None, "aki", ("akis",)), (SLAVIC, "aya", ("y", "iy", "oy", "yy")),
    (SLAVIC, "ina", ("in",)),
    (SLAVIC, "yna", ("yn",)), (CZECH, "a", ("y",)), (CZECH, "ova", ("ec",)), (GREEK, "ou", ("os", "as", "is")),
    (GREEK, "adou", ("adis", "ades")), (GREEK, "i", ("is",)), (GREEK, "a", ("as",)),
)  # fmt: skip
"""The language (None where the form itself tells it), the ending of a woman's surname, and those of a man's."""
_SHORTEST_STEM = 3


def woman_and_man(one: str, other: str, languages: frozenset[str]) -> bool:
    """Whether two surnames are the two forms of one that a woman and a man of a family have: Petrova and Petrov."""
    return one != other and (one in _base_forms(other, languages) or other in _base_forms(one, languages))


def _base_forms(word: str, languages: frozenset[str]) -> set[str]:
    """A surname with the forms that its men have."""
    forms = {word}
    for language, woman, men in _BY_GENDER:
        if (
            word.endswith(woman)
            and len(word) - len(woman) >= _SHORTEST_STEM
            and (language is None or language in languages)
        ):
            stem = word[: -len(woman)]
            forms.update(stem + man for man in men)
    return forms
