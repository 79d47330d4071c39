"""What every kind of value shares: tidy text, and the words people type where they have nothing to say."""

import re
import unicodedata
from typing import Literal

# Emoji and other pictographs, with what modifies them: variation selectors, the keycap, tags. Written out rather than
# taken from a Unicode category, so that the answer is the same in every Python.
_PICTOGRAPHS = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u20dd-\u20e4\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\ufe00-\ufe0f\U0001f000-\U0001fbff\U000e0000-\U000e0fff]"
)

ANY_CASE = frozenset({
    "n/a", "n.a.", "n.a", "#n/a", "n\\a", "(n/a)", "unknown", "(unknown)", "undefined", "(none)", "[none]", "(null)",
    "[null]", "<null>", "(blank)", "blank", "not available", "not applicable", "not provided", "not specified",
    "not given", "no name", "noname", "no data", "tbd", "tba", "tbc", "anonymous", "redacted", "[redacted]",
    "first name", "last name", "firstname", "lastname", "first_name", "last_name", "asdf", "asdfgh", "qwerty", "xxx",
    "xxxx", "xxxxx",
})  # fmt: skip
"""Placeholders in whatever case they are typed."""

EXACT = frozenset({"null", "NULL", "none", "NONE", "nan", "NaN", "NAN", "nil", "test", "TEST"})
"""Placeholders as programs write them. `Null`, `None`, `Nan` and `Test` with a capital are names of people."""

_LONGEST = max(map(len, ANY_CASE))
_CALM = 512


def normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """`unicodedata.normalize` in linear time.

    Python sorts a run of marks by insertion, so 20,000 marks of two kinds on one letter take a second and a megabyte
    of them hours. Text that is long enough to hurt is put in canonical order first; the result is the same.
    """
    return unicodedata.normalize(form, text if len(text) <= _CALM else _ordered(text))


def _ordered(text: str) -> str:
    """`text` decomposed, each run of marks in canonical order: what NFD gives."""
    apart: dict[str, str] = {}
    done: list[str] = []
    run: list[str] = []
    for c in text:
        parts = apart.get(c)
        if parts is None:
            parts = apart[c] = unicodedata.normalize("NFD", c)
        for part in parts:
            if unicodedata.combining(part):
                run.append(part)
                continue
            if run:
                done += sorted(run, key=unicodedata.combining)  # stable, as canonical order is
                run.clear()
            done.append(part)
    done += sorted(run, key=unicodedata.combining)
    return "".join(done)


def words(table: str) -> frozenset[str]:
    """The words of a table that is written as text."""
    return frozenset(table.split())


def phrases(table: str) -> frozenset[str]:
    """The entries of a table that is written as text with bars between them."""
    return frozenset(" ".join(entry.split()) for entry in table.split("|"))


def is_placeholder(text: str) -> bool:
    """Whether tidy `text` only says that there is no value."""
    return len(text) <= _LONGEST and (text in EXACT or text.lower() in ANY_CASE)


def tidy(text: str) -> str:
    """`text` in NFC without controls, zero-width and direction marks or emoji, with single spaces and none outside.

    Idempotent, and equal for canonically equal text. Right-to-left letters stay as they are.
    """
    if text.isascii():
        if not text.isprintable():
            text = "".join(filter(str.isprintable, " ".join(text.split())))
        return " ".join(text.split())
    # NFC first: canonically equal text must meet the same filters. NFC again: a filter may have parted a pair.
    text = " ".join(normalized("NFC", text).split())
    text = _PICTOGRAPHS.sub("", text)
    if not text.isprintable():
        text = "".join(filter(str.isprintable, text))
    return " ".join(normalized("NFC", text).split())
