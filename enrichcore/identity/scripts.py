"""Names in other scripts: written in Latin letters where that tells something, compared by consonants where it may."""

import re

from enrichcore.identity.spellings import GREEK, JAPANESE, KOREAN, SLAVIC, folded, skeleton
from enrichcore.identity.written import Written, take_apart

_LAST_LATIN = "\u024f"
_PLAIN = {
    ("\u0370", "\u03ff"): GREEK,
    ("\u1f00", "\u1fff"): GREEK,
    ("\u0400", "\u052f"): SLAVIC,
    ("\u1c80", "\u1c8f"): SLAVIC,
    ("\u0530", "\u058f"): SLAVIC,
    ("\u10a0", "\u10ff"): SLAVIC,
    ("\u3040", "\u30ff"): JAPANESE,
}
"""Greek, Cyrillic, Armenian, Georgian and kana: letters that Latin letters render one by one, and how those vary."""
_PINYIN = re.compile("zh|x|q|[aeiou]ng|ian|uan|iao|uo")
_HANGUL = ("\uac00", "\ud7a3")
_HAN = ("\u3400", "\u9fff")
_LIKE, _UNLIKE = 0.6, 0.34


def is_latin(words: tuple[str, ...]) -> bool:
    """Whether all the words are in Latin letters."""
    return all(word.isascii() or max(word) <= _LAST_LATIN for word in words)


def in_latin(first: Written, last: Written, said: Written) -> tuple[Written, Written, Written, str] | bool | None:
    """Two names made comparable where one or both are in another script.

    Both in Latin letters with the language of the script, where that renders them; else whether they fit; None where
    nobody could tell.
    """
    sent = first.words + last.words
    foreign = said.words if not is_latin(said.words) else sent
    script = _script(foreign)
    if not is_latin(sent) and not is_latin(said.words):
        joined = "".join(said.words)
        if joined in {"".join(sent), "".join(last.words + first.words)}:
            return True
        if script == _script(sent) == _HAN:
            return False
    mine = (_rendered(first), _rendered(last), _rendered(said))
    if script in _PLAIN:
        return (*mine, _PLAIN[script])
    one, two, other = ("".join(written.words) for written in mine)
    if script == _HAN:
        if other in {one + two, two + one}:
            return True
        # A name in pinyin can be held against the characters; the reading of a Japanese one cannot be known.
        return False if _PINYIN.search(one + two) and likely(one + two, other, two + one) is False else None
    if script == _HANGUL and folded(other, KOREAN) in {folded(one + two, KOREAN), folded(two + one, KOREAN)}:
        return True
    return likely(one + two, other, two + one)


def likely(one: str, other: str, turned: str | None = None, least: float = _LIKE) -> bool | None:
    """Whether two words have the consonants of one name; None where that cannot be said."""
    bones = skeleton(other)
    likeness = max(_likeness(skeleton(word), bones) for word in (one, turned) if word is not None)
    return True if likeness >= least else False if likeness < _UNLIKE else None


def _script(words: tuple[str, ...]) -> tuple[str, str] | None:
    """The range of letters that the first foreign letter is from."""
    letter = next(c for word in words for c in word if c > _LAST_LATIN)
    for script in (*_PLAIN, _HANGUL, _HAN):
        if script[0] <= letter <= script[1]:
            return script
    return None


def _rendered(written: Written) -> Written:
    if is_latin(written.words):
        return written
    return take_apart(romanised(" ".join(written.words))) if written.words else written


def romanised(text: str) -> str:
    """`text` in Latin letters, as far as letters alone tell."""
    from anyascii import anyascii  # noqa: PLC0415 - most names never need its tables

    return anyascii(text[:_MOST]).replace("'", "").replace("`", "").lower()


_MOST = 1000


def _likeness(one: str, other: str) -> float:
    """The share of letters that two words have in common in the same order. At most a few dozen letters count."""
    one, other = one[:_LETTERS], other[:_LETTERS]
    if not one or not other:
        return 0.0
    row = [0] * (len(other) + 1)
    for a in one:
        before = 0
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], before + 1 if a == b else max(row[j], row[j - 1])
    return 2 * row[-1] / (len(one) + len(other))


_LETTERS = 40
