"""Whether two written names can be one person's: initials, nicknames, swapped order, double surnames, spellings."""

from enum import IntEnum

import attrs

from enrichcore.identity.name import name_key
from enrichcore.identity.nicknames import same_name


class Fit(IntEnum):
    """How well two names, or parts of names, fit. The order is that of trust."""

    DIFFERENT = 0
    PARTIAL = 1
    SAME = 2


class NameFit(IntEnum):
    """How well two whole names fit, and in which part they differ."""

    UNKNOWN = 0
    OTHER_PERSON = 1
    OTHER_FIRST = 2
    OTHER_LAST = 3
    OTHER_GENERATION = 4
    PARTIAL = 5
    SAME = 6


_TITLES = frozenset({
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "lord", "lady", "rev", "herr", "frau",
    "mme", "mlle", "monsieur", "madame", "sr", "sra", "srta", "ing", "dipl", "mag", "hon", "capt", "col", "maj", "sgt",
})  # fmt: skip
_POST_NOMINALS = frozenset({
    "phd", "md", "mba", "cpa", "cfa", "esq", "pmp", "rn", "dds", "jd", "llm", "msc", "bsc", "ma", "ba", "obe", "mbe",
    "cbe", "pe", "shrm", "cissp", "dphil", "facs",
})  # fmt: skip
_GENERATIONS = {
    "jr": 2, "junior": 2, "jnr": 2, "ii": 2, "2nd": 2, "sr": 1, "senior": 1, "snr": 1, "iii": 3, "3rd": 3, "iv": 4,
    "4th": 4, "v": 5,
}  # fmt: skip
_PARTICLES = frozenset({
    "de", "da", "do", "dos", "das", "du", "del", "della", "di", "la", "le", "las", "los", "el", "al", "van", "von",
    "der", "den", "vander", "ter", "ten", "te", "zu", "zur", "af", "av", "y", "e", "bin", "ibn", "ben", "bint", "abu",
})  # fmt: skip
_SPELLINGS = (
    ("ae", "a"), ("oe", "o"), ("ue", "u"), ("ph", "f"), ("kh", "h"), ("ck", "k"), ("tz", "z"), ("ou", "u"), ("y", "i"),
)  # fmt: skip
_FEWEST_FOR_NAME = 2
_MAX_WORDS = 12
_FIRST_IDEOGRAPH = "\u2e80"


@attrs.frozen
class Written:
    """A name taken apart: its words without titles, and the generation that a suffix states (1 senior, 2 junior)."""

    words: tuple[str, ...]
    generation: int | None


def take_apart(text: str) -> Written:
    """The words of `text` in comparison form, with a generational suffix set apart and titles and degrees dropped."""
    words = name_key(text).split()[:_MAX_WORDS]
    while len(words) > 1 and words[0] in _TITLES:
        del words[0]
    generation: int | None = None
    while len(words) > 1:
        if words[-1] in _POST_NOMINALS and len(words) > _FEWEST_FOR_NAME:
            del words[-1]
        elif generation is None and words[-1] in _GENERATIONS and (words[-1] != "v" or len(words) > _FEWEST_FOR_NAME):
            generation = _GENERATIONS[words.pop()]
        else:
            break
    return Written(tuple(words), generation)


def compare_names(
    sent_first: str | None, sent_last: str | None, said_first: str | None, said_last: str | None, said_name: str | None
) -> NameFit:
    """How the name that was sent fits the name that was said, given as parts or as a whole."""
    if sent_first is None and sent_last is None:
        return NameFit.UNKNOWN
    if said_first is None and said_last is None and said_name is None:
        return NameFit.UNKNOWN
    first, last = take_apart(sent_first or ""), take_apart(sent_last or "")
    if said_first is not None and said_last is not None:
        other_first, other_last = take_apart(said_first), take_apart(said_last)
        said_words = other_first.words + other_last.words
        said_generation = other_last.generation or other_first.generation
        fit = _fit(first.words, last.words, [(other_first.words, other_last.words)])
    else:
        # A part alone is a name of one part.
        whole = take_apart(_in_order(said_name or said_first or said_last or ""))
        said_words = whole.words
        said_generation = whole.generation
        fit = _fit_whole(first.words, last.words, whole.words)
    if fit is NameFit.PARTIAL and (
        all(map(_is_initial, said_words)) or all(map(_is_initial, first.words + last.words))
    ):
        return NameFit.UNKNOWN  # initials alone fit too many people to say anything
    sent_generation = last.generation or first.generation
    if fit >= NameFit.PARTIAL and _other_generation(sent_generation, said_generation):
        return NameFit.OTHER_GENERATION
    return fit


def _in_order(name: str) -> str:
    """`Last, First` as `First Last`; a comma before a suffix stays."""
    before, comma, after = name.partition(",")
    if not comma or not after.strip():
        return name
    first = name_key(after).split()
    if not first or all(word in _GENERATIONS or word in _POST_NOMINALS for word in first):
        return name
    return f"{after} {before}"


def _other_generation(sent: int | None, said: int | None) -> bool:
    # A missing suffix says nothing: people drop it. Senior and III are as different as senior and junior.
    return sent is not None and said is not None and sent != said


def _fit_whole(first: tuple[str, ...], last: tuple[str, ...], words: tuple[str, ...]) -> NameFit:
    if not words:
        return NameFit.UNKNOWN
    if words == first + last:
        return NameFit.SAME if first and last else NameFit.PARTIAL
    if "".join(words) in {"".join(first + last), "".join(last + first)}:
        return NameFit.SAME if first and last else NameFit.PARTIAL
    if not first or not last:
        return _fit_one_part(first or last, words)
    if len(words) == 1:
        fits = given_fit(first, words) or family_fit(last, words)
        return NameFit.PARTIAL if fits else NameFit.OTHER_PERSON
    splits = [(words[:i], words[i:]) for i in range(1, len(words))]
    return _fit(first, last, splits)


def _fit_one_part(part: tuple[str, ...], words: tuple[str, ...]) -> NameFit:
    if not part:
        return NameFit.UNKNOWN
    known = any(given_fit(part, (word,)) or family_fit(part, (word,)) for word in words) or bool(
        family_fit(part, words)
    )
    return NameFit.PARTIAL if known else NameFit.OTHER_PERSON


def _fit(
    first: tuple[str, ...], last: tuple[str, ...], splits: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> NameFit:
    if not first or not last:
        return _fit_one_part(first or last, splits[0][0] + splits[0][1])
    best = NameFit.OTHER_PERSON
    for one, two in splits:
        if not one or not two:
            continue
        for given, family in ((one, two), (two, one)):
            g, f = given_fit(first, given), family_fit(last, family)
            if g is Fit.SAME and f is Fit.SAME:
                return NameFit.SAME
            if g and f:
                best = max(best, NameFit.PARTIAL)
            elif g:
                best = max(best, NameFit.OTHER_LAST)
            elif f:
                best = max(best, NameFit.OTHER_FIRST)
    return best


def given_fit(one: tuple[str, ...], other: tuple[str, ...]) -> Fit:
    """How two given names fit: equal, or the same person's by initial, nickname, middle name or spelling."""
    if one == other or "".join(one) == "".join(other):
        return Fit.SAME
    if not one or not other:
        return Fit.DIFFERENT
    if one[0] == other[0] and not _is_initial(one[0]):
        same = _is_prefix(one, other)
        return Fit.SAME if same else Fit.PARTIAL
    if _given_words_fit(one[0], other[0]):
        return Fit.PARTIAL
    # Someone who goes by the middle name.
    if any(word in other for word in one if not _is_initial(word)):
        return Fit.PARTIAL
    return Fit.DIFFERENT


def _is_initial(word: str) -> bool:
    # One letter of an alphabet. One Han character or Hangul syllable is a whole name.
    return len(word) == 1 and word < _FIRST_IDEOGRAPH


def _is_prefix(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    n = min(len(one), len(other))
    return one[:n] == other[:n]


def _given_words_fit(one: str, other: str) -> bool:
    if _is_initial(one) or _is_initial(other):
        return one[0] == other[0]
    return same_name(one, other) or spelling(one) == spelling(other)


def family_fit(one: tuple[str, ...], other: tuple[str, ...]) -> Fit:
    """How two family names fit: equal but for particles, or one of a double surname, an initial, a spelling."""
    if one == other or "".join(one) == "".join(other):
        return Fit.SAME
    if not one or not other:
        return Fit.DIFFERENT
    mine, theirs = _without_particles(one), _without_particles(other)
    if mine == theirs or "".join(mine) == "".join(theirs):
        return Fit.SAME
    if len(mine) == 1 and len(theirs) == 1:
        a, b = mine[0], theirs[0]
        if _is_initial(a) or _is_initial(b):
            return Fit.PARTIAL if a[0] == b[0] else Fit.DIFFERENT
        return Fit.PARTIAL if _family_spelling(a) == _family_spelling(b) else Fit.DIFFERENT
    # One of a double surname is the same person; two that share one surname are cousins.
    ours, yours = {_family_spelling(w) for w in mine}, {_family_spelling(w) for w in theirs}
    return Fit.PARTIAL if ours <= yours or yours <= ours else Fit.DIFFERENT


def _without_particles(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _PARTICLES) or words


def spelling(word: str) -> str:
    """A word with the spellings of one sound made equal: `mueller` and `muller`, `sergey` and `sergei`."""
    for written, plain in _SPELLINGS:
        word = word.replace(written, plain)
    return "".join(c for i, c in enumerate(word) if i == 0 or c != word[i - 1])


def _family_spelling(word: str) -> str:
    plain = spelling(word)
    for woman, man in (("skaia", "ski"), ("ska", "ski"), ("ova", "ov"), ("eva", "ev")):
        if plain.endswith(woman) and len(plain) > len(woman) + 1:
            return plain.removesuffix(woman) + man
    return plain
