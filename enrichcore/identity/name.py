"""Names of people: the form that is shown and sent, and the form that is compared."""

import re
import unicodedata

from enrichcore.identity.text import is_placeholder, normalized, tidy

# Marks that spelling may leave out: accents, Hebrew points, Arabic vowel signs. The vowel signs of Thai or Devanagari
# and the voicing marks of kana are marks to Unicode too, but dropping them makes another name, so they stay.
_DROPPED_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Letters with a diacritic that Unicode does not take apart.
_PLAIN_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
    }
)
_ASCII_PUNCTUATION = {code: " " for code in range(128) if not chr(code).isalnum()} | {
    code: None for code in range(128) if not chr(code).isprintable() and not chr(code).isspace()
}


def clean_name(text: object) -> str | None:
    """A name tidied for display and queries; None for a placeholder or for text without a letter."""
    if not isinstance(text, str):
        return None
    if text.isalpha() and text.isascii():  # most names: there is nothing to tidy
        return None if is_placeholder(text) else text
    name = tidy(text)
    if not any(map(str.isalpha, name)) or is_placeholder(name):
        return None
    return name


def name_key(text: str) -> str:
    """The comparison form of a name: no diacritics, no case, punctuation as a space, single spaces.

    Idempotent; canonically equal text has the same key.
    """
    if text.isascii():
        return text.lower() if text.isalpha() else " ".join(text.lower().translate(_ASCII_PUNCTUATION).split())
    plain = normalized("NFKD", normalized("NFKD", text).casefold()).casefold()
    plain = _DROPPED_MARKS.sub("", plain).translate(_PLAIN_LETTERS)
    if plain.isascii():
        return " ".join(plain.translate(_ASCII_PUNCTUATION).split())
    letters = []
    for c in plain:
        kind = unicodedata.category(c)
        if kind[0] in "LNM":
            letters.append(c)
        elif kind[0] != "C" or c.isspace():
            letters.append(" ")
    return normalized("NFC", " ".join("".join(letters).split()))
