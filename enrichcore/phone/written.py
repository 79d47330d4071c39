"""Written forms: what stands in a cell or an answer, made ready to be parsed."""

import re
import unicodedata

MAX_TEXT = 250
"""Longer text is not a number, whatever it holds, and reading it would cost in proportion."""

# A hidden digit. One x may start an extension, two never do.
_MASK = re.compile(r"[*\u2022\u25cf\u25cb\u25a0\u2588\u2026\u2217\u204e]|[xX]{2,}|\u00b7{2,}|#{2,}|\?{2,}|_{2,}|\.{3,}")
# A semicolon parts a list unless a parameter of RFC 3966 follows it.
_PARTS = re.compile(r"[|\r\n]+|;(?!\s*(?:ext|phone-context|isub|postd)\s*=)", re.IGNORECASE)
_FINER_PARTS = re.compile(r"\s*[,/]\s*|\s+(?:or|and|oder|ou|et|und)\s+", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 18
_MOST_PARTS = 16
_FEWEST_SPELT = 3
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_EXTENSION = re.compile(r"\s*(?:e?xt|xten|int\b|anexo|доб|[x#~])", re.IGNORECASE)
_URI = re.compile(r"(?:^|\W)tel:|;\s*[a-z-]+=.*", re.IGNORECASE | re.DOTALL)
_DATE = re.compile(
    r"(?:[0-3]?\d/[0-3]?\d/(?:[12]\d)?\d\d|(?:19|20)\d\d([-/.])[01]?\d\1[0-3]?\d(?:[ T]+[0-2]?\d:[0-5]\d.*)?)"
)
_X_BETWEEN_DIGITS = re.compile(r"\d\s*[x\u00d7]\s*\d", re.IGNORECASE)


def to_ascii(text: str) -> str:
    """`text` with digits of every script, full-width signs, dashes and spaces as ASCII, and without hidden marks."""
    letters = []
    for c in unicodedata.normalize("NFKC", text):
        if c.isascii():
            letters.append(c)
        elif c.isdecimal():
            letters.append(str(unicodedata.decimal(c)))
        else:
            kind = unicodedata.category(c)
            if kind == "Pd" or c == "\u2212":
                letters.append("-")
            elif kind == "Zs" or c == "\u00b7":
                letters.append(" ")
            elif kind not in {"Cf", "Mn", "Me"}:
                letters.append(c)
    return "".join(letters)


def is_masked(text: str) -> bool:
    """Whether digits are hidden behind stars, bullets or x's."""
    return _MASK.search(text) is not None


def parts(text: str) -> list[str]:
    """The numbers of a list, in order; one part where the text is no list."""
    found = []
    for coarse in _PARTS.split(text):
        part = coarse.strip()
        if not part:
            continue
        finer = _FINER_PARTS.split(part)
        # `089/1234567` is one number and `+1…/+44…` are two: a part must be long enough to be one.
        if len(finer) > 1 and all(map(_may_be_a_number, finer)):
            found += finer
        else:
            found.append(part)
    return found[:_MOST_PARTS]


def _may_be_a_number(piece: str) -> bool:
    return _FEWEST_DIGITS <= len(_DIGIT.findall(piece)) <= _MOST_DIGITS and _EXTENSION.match(piece) is None


def is_date(text: str) -> bool:
    """Whether `text` is nothing but a date, with or without a time: what a shifted column puts in a phone's place."""
    return _DATE.fullmatch(text.strip()) is not None


def has_stray_x(text: str) -> bool:
    """Whether an x stands between digits, where only an extension could explain it."""
    return _X_BETWEEN_DIGITS.search(text) is not None


def is_spelt(text: str, national: str) -> bool:
    """Whether digits of `national` come from letters of `text`: a word as in 1-800-FLOWERS, or a mask as in NNNN."""
    text = _URI.sub(" ", text)
    if sum(map(str.isalpha, text)) < _FEWEST_SPELT:
        return False
    return national not in "".join(_DIGIT.findall(text))


def without_trunk_zero(text: str) -> str | None:
    """`text` without the `(0)` that is dialled inside a country only; None where there is none."""
    shorter = _TRUNK_ZERO.sub("", text, count=1)
    return None if shorter == text else shorter
